"""The values that pass between rooms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from codestral_ls.wishes import EVERYBODY, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a document: both counts start at 0; `character` counts code points."""

    line: int
    character: int


class Trigger(StrEnum):
    """What made the editor ask."""

    AUTOMATIC = "automatic"
    INVOKED = "invoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A document around the cursor, as it stood when the request came in.

    `prefix` and `suffix` are bounded excerpts that meet at the cursor, with LF line ends whatever
    the document has; `lines_above` and `lines_below` count what is left out. `head` is how the
    document begins, if lines are left out there. `language` is an LSP language identifier.
    `lines_before` of all above are other documents': cells of the same notebook. `scope` is who
    asks, and with which wishes.
    """

    uri: str
    language: str
    prefix: str
    suffix: str
    head: str = ""
    lines_above: int = 0
    lines_below: int = 0
    lines_before: int = 0
    scope: Scope = EVERYBODY

    @property
    def line_head(self) -> str:
        """What stands before the cursor in its line."""
        return self.prefix[self.prefix.rfind("\n") + 1 :]

    @property
    def line_tail(self) -> str:
        """What stands after the cursor in its line."""
        return self.suffix.partition("\n")[0]


class Edit(StrEnum):
    """How the text before the cursor came about."""

    TYPED = "typed"
    INSERTED = "inserted"  # several characters at once: accepted, pasted, completed
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An editor's question; a newer one in its `lane` supersedes it. `patient`: it waits itself.

    `watch` is told the head of what will be shown each time that it has grown. In one of some
    hundred texts what comes later takes it back: what counts is the outcome.
    """

    snapshot: Snapshot
    trigger: Trigger
    lane: str
    edit: Edit = Edit.TYPED
    patient: bool = False
    watch: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How to sample. What is `None` or empty is left to the endpoint's own default."""

    max_tokens: int
    temperature: float
    top_p: float | None = None
    min_tokens: int | None = None
    random_seed: int | None = None
    stop: tuple[str, ...] = ()
    prompt_cache_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Lines of another file, without the last line end; `path` is relative and has slashes."""

    path: str
    text: str

    @property
    def chars(self) -> int:
        """Characters in a prompt, with a header as Codestral's and the gap behind it."""
        return len("+++++ ") + len(self.path) + len(" \n") + len(self.text) + len("\n\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a provider is asked to fill in: the text that goes between `prefix` and `suffix`.

    `snippets` come from other files, the most useful last, and `path` names the document as their
    paths name these. `redacted` says that placeholders stand in it in the place of secrets,
    `by_hand` that somebody asked for it, `owner` who. Of one that `probes` only matters whether
    an answer comes, not what it says.
    """

    uri: str
    language: str
    prefix: str
    suffix: str
    parameters: Parameters
    path: str = ""
    snippets: tuple[Snippet, ...] = ()
    redacted: bool = False
    by_hand: bool = False
    owner: str = ""
    probes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the endpoint counted them; characters as it read them, 0 if it does not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    prompt_chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """What an endpoint says of its limits per minute; 0 where it says nothing."""

    requests: int = 0
    requests_left: int = 0
    tokens: int = 0
    tokens_left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a stream: first the `limits`, last `finish_reason` and `usage`, if at all.

    `source` comes first, if nothing is generated for this call: the text was there, or is
    generated for another one that asks the same.
    """

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    limits: RateLimits | None = None
    source: "Source | None" = None


class Source(StrEnum):
    """Where an answer came from."""

    MODEL = "model"
    OFFLINE = "offline"
    CACHE = "cache"
    TYPED_THROUGH = "typed through"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many characters a prompt may hold; `tokens` with its answer, 0 if they do not matter."""

    prefix_chars: int
    suffix_chars: int
    snippet_chars: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds: in the debounce, until the model's first token, and altogether."""

    waited: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


class Step(NamedTuple):
    """What a rule did to a text: how many characters there were before it and after it."""

    rule: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What left for a provider: sizes in characters, and which other files lines are from."""

    provider: str
    model: str
    prefix_chars: int
    suffix_chars: int
    snippets: tuple[tuple[str, int], ...] = ()
    redacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Ghost text for the cursor of the request's snapshot; LF line ends, never blank.

    It takes the place of the first `replaces` characters behind the cursor, all in its line:
    closers that the text brings itself. `steps` changed what the model wrote, `sent` is what its
    call was told, `because` why not the preferred one; `others` follow, the likeliest first.
    """

    text: str
    replaces: int = 0
    source: Source
    provider: str
    model: str
    finish_reason: str = ""
    usage: Usage | None = None
    steps: tuple[Step, ...] = ()
    sent: Sent | None = None
    because: str = ""
    others: tuple["Answer", ...] = ()
    timings: Timings = field(default_factory=Timings)


class Reason(StrEnum):
    """Every way in which a request can end without ghost text."""

    DISABLED = "disabled"
    DENIED = "denied"
    LANGUAGE_OFF = "language off"
    MANUAL_ONLY = "manual only"
    IN_WORD = "inside of a word"
    IN_COMMENT = "inside of a comment"
    IN_STRING = "inside of a string"
    FINISHED = "behind a finished statement"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    OUTDATED = "outdated"
    TAKEN_BACK = "taken back"
    EMPTY = "empty"
    SHAPED_AWAY = "shaped away"
    UNAUTHORIZED = "unauthorized"
    REFUSED = "refused"
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed out"
    BROKEN_REPLY = "broken reply"
    PAUSED = "paused after an error"
    SNOOZED = "paused by hand"
    SPENT = "daily budget spent"
    INTERNAL_ERROR = "internal error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No ghost text, why, and (in `detail`) what can be done; the rest is as in `Answer`.

    `retry_after` are seconds, if an endpoint or its limit says them.
    """

    reason: Reason
    detail: str = ""
    retry_after: float = 0.0
    provider: str = ""
    model: str = ""
    usage: Usage | None = None
    steps: tuple[Step, ...] = ()
    sent: Sent | None = None
    because: str = ""
    timings: Timings = field(default_factory=Timings)


Outcome = Answer | Nothing
