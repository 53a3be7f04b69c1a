"""Bounds of a gateway, kept in memory by a clock that a test puts forward."""

import asyncio
from collections.abc import Sequence

import pytest

from codestral_ls.gateway.admission import Admission
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.happenings import Labels
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.tier import Charge, Denial
from tests.counted import call
from tests.virtual_clock import settle

NOON = 1_795_521_600.0
"""2026-11-24 at 12:00 UTC, which is a whole minute of the other clock too."""
NO_BOUNDS = Bounds()
ANN, BOB = User(name="ann"), User(name="bob")


class Wall:
    """Both clocks, which a test puts forward."""

    def __init__(self) -> None:
        self.epoch = NOON
        self.clock = Clock(now=lambda: self.epoch, sleep=_never, epoch=lambda: self.epoch)


async def _never(_seconds: float) -> None:
    raise AssertionError("nobody waits here")


class SlowTier(MemoryTier):
    """Notes what it is asked; what it has done at once it says when a test opens the gate."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.asked: list[Sequence[Charge]] = []
        self.settled: list[Sequence[Charge]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def charge(self, charges: Sequence[Charge]) -> Denial | None:
        self.asked.append(charges)
        denial = await super().charge(charges)
        await self.gate.wait()
        return denial

    async def settle(self, charges: Sequence[Charge]) -> None:
        self.settled.append(charges)
        await self.gate.wait()
        await super().settle(charges)


async def ask(admission: Admission, user: User = ANN, tokens: int = 0, cost: float = 0.0) -> None:
    """A request that is over at once."""
    async with admission.admit(user, tokens=tokens, cost=cost):
        pass
    await settle()


async def refused(admission: Admission, user: User = ANN, **wanted: float) -> Refusal:
    """Why a request is not let in."""
    with pytest.raises(Refusal) as caught:
        async with admission.admit(user, **wanted):  # type: ignore[arg-type] # tokens or cost
            pass
    await settle()
    assert caught.value.status == 429
    return caught.value


async def tell(admission: Admission, owner: str, tokens: int = 0, cost: float = 0.0) -> None:
    labels = Labels(language="python", provider="codestral", model="m", owner=owner)
    admission.tell(call(labels=labels, prompt_tokens=tokens, completion_tokens=0, cost=cost))
    await settle()


class Bounded:
    """An admission with some bounds of each user and of all, its tier and its clock."""

    def __init__(self, user: Bounds = NO_BOUNDS, everybody: Bounds = NO_BOUNDS) -> None:
        self.wall = Wall()
        self.tier = SlowTier(self.wall.clock)
        own = GatewaySettings(user=user, all=everybody)
        self.admission = Admission(own, self.tier, self.wall.clock)
