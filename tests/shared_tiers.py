"""What two servers share, with time in a test's hands; and prompts to share by it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from codestral_ls.model import Chunk, Parameters, Prompt, Snippet, Usage
from codestral_ls.provider import Provider
from codestral_ls.reuse.sharing import Shared, share
from codestral_ls.reuse.tier import Charge, Denial
from tests.scripted import HandFed
from tests.virtual_clock import VirtualTime, settle

SECRET = b"a secret of the tests"
HOUR = 3600.0
USAGE = Usage(prompt_tokens=7, completion_tokens=3)


class Board:
    """What stands in the middle: values, and whose claim lasts until when."""

    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.values: dict[str, tuple[bytes, float]] = {}
        self.claims: dict[str, tuple[object, float]] = {}


class ServerTier:
    """How one server sees the board; `is_well` is in a test's hands."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.is_well = True
        self.looks = 0
        self.released: list[str] = []

    async def recall(self, key: str) -> bytes | None:
        self.looks += 1
        value, until = self.board.values.get(key, (None, 0.0))
        return value if until > self._now() else None

    async def keep(self, key: str, value: bytes, seconds: float) -> None:
        self.board.values[key] = (value, self._now() + seconds)
        self._let_go(key)

    async def claim(self, key: str, seconds: float) -> bool:
        holder, until = self.board.claims.get(key, (self, 0.0))
        if holder is not self and until > self._now():
            return False
        self.board.claims[key] = (self, self._now() + seconds)
        return True

    async def release(self, key: str) -> None:
        self.released.append(key)
        self._let_go(key)

    async def charge(self, charges: Sequence[Charge]) -> Denial | None:
        del charges
        return None

    async def settle(self, charges: Sequence[Charge]) -> None:
        """Nothing is counted."""

    async def close(self) -> None:
        """Nothing is held."""

    def _let_go(self, key: str) -> None:
        if self.board.claims.get(key, (None, 0.0))[0] is self:
            del self.board.claims[key]

    def _now(self) -> float:
        return self.board.time.clock.now()


def prompt_of(prefix: str = "x = ", **changes: Any) -> Prompt:
    """A prompt with something in each of its fields."""
    fields: dict[str, Any] = {
        "uri": "file:///w/a.py",
        "language": "python",
        "prefix": prefix,
        "suffix": "\n",
        "path": "a.py",
        "snippets": (Snippet(path="b.py", text="y = 1"),),
        "parameters": Parameters(max_tokens=96, temperature=0.2),
    }
    return Prompt(**{**fields, **changes})


class Heard:
    """What came of a call; `enough` says of all the text so far whether it is."""

    def __init__(self, enough: Callable[[str], bool] = lambda _: False) -> None:
        self.chunks: list[Chunk] = []
        self._enough = enough

    def more(self, chunk: Chunk) -> bool:
        self.chunks.append(chunk)
        return not self._enough(self.text)

    @property
    def text(self) -> str:
        return "".join(each.text for each in self.chunks)

    @property
    def sources(self) -> list[str]:
        return [each.source.value for each in self.chunks if each.source is not None]

    @property
    def finish_reason(self) -> str:
        return "".join(each.finish_reason for each in self.chunks)


def until(text: str) -> Callable[[str], bool]:
    """That so much is enough."""
    return lambda so_far: text in so_far


def saying(*chunks: Chunk) -> Provider:
    """A provider that always says the same, piece by piece."""

    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        await asyncio.sleep(0)
        all(more(each) for each in chunks)

    return replace(HandFed().provider(), ask=ask)


class Server:
    """One server's share of a provider whose calls a test feeds."""

    def __init__(self, board: Board) -> None:
        self.model = HandFed()
        self.tier = ServerTier(board)
        self.shared: Shared = share(
            self.model.provider(), self.tier, SECRET, seconds=HOUR, clock=board.time.clock
        )

    async def ask(
        self, heard: Heard, prompt: Prompt | None = None, *, whole: bool = False
    ) -> "asyncio.Task[None]":
        """A call that has gone as far as it can."""
        door = self.shared.whole if whole else self.shared.provider
        task = asyncio.ensure_future(door.ask(prompt or prompt_of(), heard.more))
        await settle()
        return task

    async def recall(self, prompt: Prompt | None = None, *, whole: bool = False) -> Heard:
        """What is known without asking."""
        door, heard = self.shared.whole if whole else self.shared.provider, Heard()
        assert door.recall is not None
        heard.chunks += await door.recall(prompt or prompt_of())
        return heard

    @property
    def call(self) -> str:
        """How the latest call stands."""
        return self.model.calls[-1].state

    async def feed(self, text: str) -> None:
        self.model.calls[-1].feed(text)
        await settle()

    async def finish(self) -> None:
        self.model.calls[-1].finish(USAGE)
        await settle()


@asynccontextmanager
async def servers(count: int = 1) -> AsyncIterator[tuple[VirtualTime, list[Server]]]:
    """Servers with a board in their middle, and no call left behind."""
    time = VirtualTime()
    board = Board(time)
    there = [Server(board) for _ in range(count)]
    yield time, there
    for each in there:
        await each.shared.provider.close()
        await each.shared.whole.close()
        assert all(call.state != "under way" for call in each.model.calls)
    await settle()
    assert board.claims == {}
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []
