"""A provider that says nothing, of whom editors and typing make an end long before its deadline."""

import asyncio

import pytest

from codestral_ls.engine.chain import SILENT_SECONDS
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import TimedOut
from codestral_ls.happenings import CallEnded, Happening
from codestral_ls.model import Answer, Outcome
from codestral_ls.reuse.flights import DIVERGED_SECONDS, GRACE_SECONDS
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

GIVES_UP = 0.75
"""Seconds: VS Code."""
SHORT = 0.1


class Silence:
    """A first provider that swallows everything, and who stands behind it."""

    def __init__(self, *, by_files: bool = False) -> None:
        self.time, self.first, self.second = VirtualTime(), HandFed(), ScriptedProvider("two")
        self.heard: list[Happening] = []
        self.number = 0
        self.engine: Engine = engine_over(
            self.first.provider(name="first"),
            *([] if by_files else [self.second.provider(name="second")]),
            time=self.time,
            tell=self.heard.append,
            settings=AT_ONCE,
            offline=files("from files"),
        )

    async def ask(self) -> "asyncio.Task[Outcome]":
        """Asks at a new place."""
        self.number += 1
        asked = asyncio.create_task(self.engine.complete(request(f"a{self.number} = ‸\n")))
        await settle()
        return asked

    async def given_up(self) -> Outcome | None:
        """A request of an editor that does not wait; None if it had no answer by then."""
        asked = await self.ask()
        await self.time.pass_time(GIVES_UP)
        if asked.done():
            return asked.result()
        asked.cancel()
        await self.time.pass_time(GRACE_SECONDS + SHORT)
        return None

    @property
    def failures(self) -> list[str]:
        """How the calls to the first one are counted."""
        calls = [each for each in self.heard if isinstance(each, CallEnded)]
        return [each.failure for each in calls if each.labels.provider == "first"]


@pytest.mark.parametrize(("by_files", "stand_in"), [(False, "second"), (True, "offline")])
async def test_it_is_found_out_although_the_editor_gives_up_first(
    *, by_files: bool, stand_in: str
) -> None:
    """Once is bad luck; after the second time somebody else serves, and it is tried beside."""
    silence = Silence(by_files=by_files)
    for _ in range(2):
        assert silence.engine.condition.failure is None
        assert await silence.given_up() is None
    assert isinstance(silence.engine.condition.failure, TimedOut)
    assert silence.engine.condition.provider == stand_in
    for _ in range(5):
        outcome = await silence.given_up()
        assert isinstance(outcome, Answer)
        assert outcome.provider == stand_in
        assert "No answer has begun within 1.9 s" in outcome.because
    assert len(silence.first.calls) == 3
    assert silence.failures == ["timed out"] * 2
    await silence.engine.close()


async def test_it_is_found_out_by_who_goes_on_elsewhere() -> None:
    """A call for a text that is no longer there ends soon; the next one waits for that."""
    silence = Silence()
    for _ in range(3):
        await silence.ask()
        await silence.time.pass_time(DIVERGED_SECONDS + SHORT)
        await silence.time.pass_time(SILENT_SECONDS)
    asked = await silence.ask()
    await silence.time.pass_time(DIVERGED_SECONDS + SHORT)
    assert isinstance(silence.engine.condition.failure, TimedOut)
    assert asked.done()
    assert asked.result().provider == "second"
    await silence.engine.close()


async def test_what_was_quickly_broken_off_says_nothing() -> None:
    """Neither a failure nor a success: nobody knows what would have come."""
    silence = Silence()
    for _ in range(5):
        await silence.ask()
        await silence.time.pass_time(SILENT_SECONDS - SHORT)
        silence.engine.abandon("file:///w/a.py")
        await settle()
    assert silence.engine.condition.failure is None
    assert silence.failures == ["cancelled"] * 5
    await silence.engine.close()


async def test_who_has_said_something_has_not_been_silent() -> None:
    """What it said is there, and between two silences it means that all is well."""
    silence = Silence()
    for number in range(4):
        await silence.ask()
        if number % 2:
            silence.first.calls[-1].feed("foo")
        await silence.time.pass_time(2 * SILENT_SECONDS)
        silence.engine.abandon("file:///w/a.py")
        await settle()
    assert silence.engine.condition.failure is None
    assert silence.failures == ["timed out", "", "timed out", ""]
    await silence.engine.close()


async def test_a_slow_machine_is_given_its_time() -> None:
    """Twice of what its latest first token took; small machines read a prompt for seconds."""
    silence = Silence()
    await silence.ask()
    await silence.time.pass_time(0.9)
    silence.first.calls[0].feed("foo\n")
    silence.first.calls[0].finish()
    await settle()
    for patience, failed in ((1.7, []), (1.9, ["timed out"])):
        before = len(silence.failures)
        asked = await silence.ask()
        await silence.time.pass_time(patience)
        asked.cancel()
        silence.engine.abandon("file:///w/a.py")
        await settle()
        assert [each for each in silence.failures[before:] if each != "cancelled"] == failed
    await silence.engine.close()
