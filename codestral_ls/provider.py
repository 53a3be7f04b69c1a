"""Somebody who can fill in the middle, as a value."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from codestral_ls.model import Budget, Chunk, Prompt, Source
from codestral_ls.vendors import Prices

Ask = Callable[[Prompt, Callable[[Chunk], bool]], Awaitable[None]]
"""How a provider is called: each chunk is handed over as it comes; `False` ends the call there.
Raises FimError. A native cancellation of the caller is allowed."""

Recall = Callable[[Prompt], Awaitable[tuple[Chunk, ...]]]
"""What is known of a prompt without asking: the chunks that a call would bring, none if nothing."""

Propose = Callable[[Prompt], Awaitable[str | None]]
"""How code goes on at a cursor, found in code that is there; "" where nothing is likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Somebody who can fill in the middle.

    `source` is what its answers are marked with; a `local` one costs nothing per call. `warm`
    prepares the first call, `prime` lets a server read a prompt that will be asked soon, `recall`
    is looked at before it is asked, and `joins` says whether a call would only follow one that is
    under way. `close` gives everything back. `then` serves while this one fails; a limit per minute
    of 0 is unknown.
    """

    name: str
    model: str
    source: Source
    budget: Budget
    local: bool
    ask: Ask
    warm: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Coroutine[Any, Any, None]]
    prime: Callable[[Prompt], Coroutine[Any, Any, None]] | None = None
    recall: Recall | None = None
    joins: Callable[[Prompt], bool] | None = None
    prices: Prices | None = None
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    then: "Provider | None" = None
