"""What somebody orders of a model in Mistral's wire format, and the ways to fill it."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from codestral_ls.gateway.asking import Body
from codestral_ls.gateway.fim_wire import FimRequest
from codestral_ls.gateway.gateway import Gateway, Model
from codestral_ls.gateway.users import User
from codestral_ls.model import Chunk

MOST_NOTED = 100
"""Characters of a name in the metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One request: by whom, to which model, and what its body says; `id` is that of its reply."""

    gateway: Gateway
    model: Model
    user: User
    body: FimRequest
    id: str

    @property
    def place(self) -> Body:
        """Where the text is wanted, in the words of `/complete`; the metadata may say more."""
        body = self.body
        return Body.model_construct(
            prefix=body.prompt,
            suffix=body.suffix or "",
            language=body.note("language")[:MOST_NOTED],
            path=body.note("path")[:MOST_NOTED],
        )


Take = Callable[[Chunk], bool]


@dataclass(frozen=True, slots=True)
class Way:
    """How an order is filled.

    `recall` brings the chunks that are known without asking, none if nothing is; `fill` asks and
    hands them on as they come, until it gets `False`. Both raise FimError and Refusal, and count
    what happened. The last `usage` and the last `finish_reason` count.
    """

    recall: Callable[[Order], Awaitable[tuple[Chunk, ...]]]
    fill: Callable[[Order, Take], Coroutine[Any, Any, None]]
