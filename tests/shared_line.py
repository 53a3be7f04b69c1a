"""A tier whose way to a shared store a test blocks, breaks and listens to."""

import asyncio
from collections.abc import Sequence

from codestral_ls.reuse.absence import LONGEST_PAUSE
from codestral_ls.reuse.batches import Command, Gone
from codestral_ls.reuse.shared_tier import CLAIMING, TAKING, SharedTier
from tests.virtual_clock import VirtualTime, settle


class FakeLine:
    """Answers each command as an empty store would, after `open` is set; `trouble` breaks it."""

    place = "store:1"

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.trouble = ""
        self.answers: dict[str, object] = {}
        self.batches: list[Sequence[Command]] = []
        self.closed = False

    async def exchange(self, commands: Sequence[Command]) -> list[object]:
        self.batches.append(commands)
        await self.open.wait()
        if self.trouble:
            raise Gone(self.trouble)
        return [self._answer(command) for command in commands]

    async def close(self) -> None:
        self.closed = True

    def taken(self) -> dict[str, int]:
        """Amounts that were sent, by the bound; whether they were asked for or settled."""
        sums: dict[str, int] = {}
        for batch in self.batches:
            for command in batch:
                if command[1] == TAKING.sha:
                    count = int(command[2])
                    for at, key in enumerate(command[3 : 3 + count]):
                        name = str(key).rpartition(":")[2]
                        sums[name] = sums.get(name, 0) + int(command[4 + count + 4 * at])
        return sums

    def _answer(self, command: Command) -> object:
        if command[0] == "GET":
            return self.answers.get("GET")
        if command[1] == TAKING.sha:
            return self.answers.get("TAKE", [0, *(0 for _ in range(int(command[2])))])
        return self.answers.get("CLAIM", 1) if command[1] == CLAIMING.sha else b"OK"


class Stage:
    """A tier, its line, and the time of its pauses."""

    def __init__(self) -> None:
        self.line = FakeLine()
        self.time = VirtualTime()
        self.tier = SharedTier(self.line, self.time.clock, "ns")

    async def lose(self, trouble: str = "it is full") -> None:
        """What is shared goes away."""
        self.line.trouble = trouble
        await self.tier.recall("a")
        await settle()
        assert not self.tier.is_well

    async def find(self) -> None:
        """It is there again, and was looked at."""
        self.line.trouble = ""
        await self.time.pass_time(LONGEST_PAUSE)

    async def be_late(self) -> None:
        """One batch is answered after its box."""
        self.line.open.clear()
        await self.tier.recall("a")
        self.line.open.set()
        await settle()
