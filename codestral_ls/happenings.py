"""What happens and may be counted: never code, never paths. Pure; times are in seconds."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """By what everything is counted; provider and model are "" where none had a part in it.

    `owner` is who asked, where several people share a server.
    """

    language: str
    provider: str = ""
    model: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnded:
    """A request has its outcome: where the answer came from, or the reason why there is none."""

    labels: Labels
    outcome: str
    answered: bool
    waited: float
    total: float
    chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """A call to a provider is over. Tokens that nobody has counted are `estimated`.

    `failure` is the reason if it failed. `shown` says that something of it was on a screen by then,
    `priced` that it is known what its tokens cost, be it nothing.
    """

    labels: Labels
    failure: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    first_token: float = 0.0
    total: float = 0.0
    cost: float = 0.0
    priced: bool = True
    local: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUsed:
    """Something of a call that had ended without being shown is shown after all."""

    labels: Labels
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Displayed:
    """The editor says that it has drawn an answer."""

    labels: Labels
    chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The user has taken an answer, or a part of it; `chars` is how much came with this step.

    A part that is a `further` one is of an answer that was counted with its first.
    """

    labels: Labels
    chars: int
    partly: bool = False
    further: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """How much of an accepted text is still there a while after: `share` from 0 to 1."""

    labels: Labels
    after: int
    share: float
    chars: int


Happening = RequestEnded | CallEnded | CallUsed | Displayed | Accepted | Retained
Tell = Callable[[Happening], None]
"""Takes note of what happened, at once and without waiting for anything."""
