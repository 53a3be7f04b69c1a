"""The values that pass between rooms, and the error tree.

Errors, raised by providers and turned into reasons by the engine alone:

    FimError
    ├── Unavailable     no connection, 5xx, or the model has no capacity
    ├── TimedOut        no complete answer before the deadline
    ├── RateLimited     429; `retry_after` in seconds if the endpoint said so
    ├── BrokenReply     a reply that is not what the API documents
    └── Refused         the request itself is wrong: model, parameters, path, length
        └── Unauthorized    the key is missing, unknown here, or not allowed to use the model
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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
    the document has. `language` is an LSP language identifier.
    """

    uri: str
    language: str
    prefix: str
    suffix: str

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
    """One question of an editor. Within a `lane` a newer request supersedes the older ones.

    `patient` says that the editor has waited for a pause itself before it asked.
    """

    snapshot: Snapshot
    trigger: Trigger
    lane: str
    edit: Edit = Edit.TYPED
    patient: bool = False


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
class Prompt:
    """What a provider is asked to fill in: the text that goes between `prefix` and `suffix`."""

    uri: str
    language: str
    prefix: str
    suffix: str
    parameters: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the endpoint counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """What an endpoint says of its limits per minute; 0 where it says nothing."""

    requests: int = 0
    requests_left: int = 0
    tokens: int = 0
    tokens_left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a stream. `finish_reason` and `usage` come with the last one, if at all.

    `limits` comes with the head of the reply, before any text.
    """

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    limits: RateLimits | None = None


Ask = Callable[[Prompt, Callable[[Chunk], bool]], Awaitable[None]]
"""How a provider is called: each chunk is handed over as it comes; `False` ends the call there.

Raises FimError. A native cancellation of the caller is allowed.
"""


class Source(StrEnum):
    """Where an answer came from."""

    MODEL = "model"
    OFFLINE = "offline"
    CACHE = "cache"
    TYPED_THROUGH = "typed through"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many characters of the document a prompt may hold before and after the cursor."""

    prefix_chars: int
    suffix_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """The text of another file, LF line ends, from which an answer may be drawn."""

    uri: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Somebody who can fill in the middle.

    `source` is what its answers are marked with; a `local` one costs nothing per call. `warm`
    prepares the first call, `close` gives everything back.
    """

    name: str
    model: str
    source: Source
    budget: Budget
    local: bool
    ask: Ask
    warm: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds: in the debounce, until the model's first token, and altogether."""

    waited: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Ghost text for the cursor of the request's snapshot; LF line ends, never blank.

    It takes the place of the first `replaces` characters behind the cursor, all in its line:
    closers that the text brings itself. `shaped` names the rules that changed what the model
    wrote. `others` are further candidates, the likeliest first.
    """

    text: str
    replaces: int = 0
    source: Source
    provider: str
    model: str
    finish_reason: str = ""
    usage: Usage | None = None
    shaped: tuple[str, ...] = ()
    others: tuple["Answer", ...] = ()
    timings: Timings = field(default_factory=Timings)


class Reason(StrEnum):
    """Every way in which a request can end without ghost text."""

    DISABLED = "disabled"
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
    INTERNAL_ERROR = "internal error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No ghost text, why, and (in `detail`) what the user can do about it."""

    reason: Reason
    detail: str = ""
    timings: Timings = field(default_factory=Timings)


Outcome = Answer | Nothing


class FimError(Exception):
    """A provider could not answer. The message is for the user and holds no secret and no code."""


class Unavailable(FimError):
    """No connection, a failing server, or a model without capacity."""


class TimedOut(FimError):
    """No complete answer before the deadline."""


class RateLimited(FimError):
    """Too many requests; `retry_after` in seconds, 0 if the endpoint did not say."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BrokenReply(FimError):
    """A reply that is not what the API documents."""


class Refused(FimError):
    """The request itself is wrong and will be so again: model, parameters, path or length."""


class Unauthorized(Refused):
    """The key is missing, unknown to this host, or not allowed to use the model."""
