"""A team of users who share an engine, and through it a provider whose calls a test feeds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from codestral_ls.engine.engine import Engine
from codestral_ls.happenings import CallEnded, Happening, RequestEnded
from codestral_ls.model import Answer, Outcome, Request, Source, Usage
from codestral_ls.provider import Provider
from codestral_ls.reuse.sharing import share
from codestral_ls.settings import Settings
from codestral_ls.vendors import Prices
from codestral_ls.wishes import Scope
from tests.marked import request
from tests.scripted import HandFed
from tests.shared_tiers import HOUR, SECRET, Board, ServerTier
from tests.virtual_clock import VirtualTime, settle

SETTINGS = Settings(candidates=1, offline_fallback=False)
USAGE = Usage(prompt_tokens=1000, completion_tokens=10)


class Team:
    """An engine that several users share, over calls that a test feeds."""

    def __init__(self, settings: Settings = SETTINGS, **changes: Any) -> None:
        self.time, self.model = VirtualTime(), HandFed()
        self.second = HandFed()
        self.noted: list[Happening] = []
        tier = ServerTier(Board(self.time))

        def connect(_: Settings) -> Provider:
            behind = self.second.provider(name="second") if changes.pop("two", False) else None
            prices = Prices(prompt=1.0, completion=1.0)
            first = self.model.provider(then=behind, prices=prices, **changes)
            clock = self.time.clock
            return share(first, tier, SECRET, seconds=HOUR, clock=clock).provider

        self.engine = Engine(
            settings, connect, clock=self.time.clock, tell=self.noted.append, today=lambda: 739_000
        )

    async def ask(self, owner: str, marked: str = "x = ‸\n") -> "asyncio.Task[Outcome]":
        """A request that has gone as far as it can."""
        task = asyncio.create_task(self.engine.complete(asked_by(owner, marked)))
        await settle()
        return task

    async def finish(self, text: str) -> None:
        self.model.calls[-1].feed(text)
        self.model.calls[-1].finish(USAGE)
        await settle()

    @property
    def calls(self) -> list[CallEnded]:
        """The calls that were counted."""
        return [each for each in self.noted if isinstance(each, CallEnded)]

    @property
    def outcomes(self) -> list[str]:
        """How requests have ended."""
        return [each.outcome for each in self.noted if isinstance(each, RequestEnded)]


@asynccontextmanager
async def team(settings: Settings = SETTINGS, **changes: Any) -> AsyncIterator[Team]:
    """A team behind which nothing is left under way."""
    there = Team(settings, **changes)
    yield there
    await there.engine.close()
    await settle()
    assert there.engine.under_way == 0
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []


def asked_by(owner: str, marked: str = "x = ‸\n") -> Request:
    """A request of somebody, in a document of the same name."""
    usual = request(marked)
    snapshot = replace(usual.snapshot, scope=Scope(owner=owner), uri=f"gateway:///{owner}")
    return replace(usual, snapshot=snapshot, patient=True, lane=owner)


def said(outcome: Outcome) -> tuple[str, Source]:
    """An answer, and where it is from."""
    assert isinstance(outcome, Answer), outcome
    return outcome.text, outcome.source
