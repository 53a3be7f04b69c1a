"""Off and on by hand, for a while or until further notice, and who hears of it."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import Unavailable
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Trigger
from codestral_ls.settings import Settings
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle


def reason(outcome: Outcome) -> tuple[Reason, str]:
    assert isinstance(outcome, Nothing), outcome
    return outcome.reason, outcome.detail


def is_on(engine: Engine) -> bool:
    return engine.condition.enabled


def watched(engine: Engine) -> list[str]:
    """A list that grows with each change."""
    heard: list[str] = []
    engine.on_change = lambda: heard.append("changed")
    return heard


async def test_a_pause_is_for_typing_and_ends_by_itself() -> None:
    """By hand there is ghost text all the same, and the end is told."""
    time = VirtualTime()
    engine = engine_over(ScriptedProvider("one").provider(), time=time)
    heard = watched(engine)
    engine.pause(600)
    assert len(heard) == 1
    assert reason(await engine.complete(request("a = ‸"))) == (Reason.SNOOZED, "for another 10 min")
    assert isinstance(await engine.complete(request("a = ‸", trigger=Trigger.INVOKED)), Answer)
    heard.clear()
    await time.pass_time(599)
    assert (engine.snoozed_for, engine.condition.snoozed_seconds, heard) == (1, 1, [])
    await time.pass_time(1)
    assert (engine.snoozed_for, heard) == (0, ["changed"])
    assert isinstance(await engine.complete(request("b = ‸")), Answer)


async def test_a_pause_can_be_ended_and_made_longer() -> None:
    """What was said last counts; ending none is no news."""
    time = VirtualTime()
    engine = engine_over(ScriptedProvider("one").provider(), time=time)
    engine.pause(10)
    engine.pause(100)
    await time.pass_time(50)
    assert engine.snoozed_for == 50
    engine.configure(replace(AT_ONCE, max_lines=2))
    assert engine.snoozed_for == 50
    engine.resume()
    assert engine.snoozed_for == 0
    heard = watched(engine)
    engine.resume()
    assert heard == []
    await engine.close()
    await settle()
    assert time.sleeping == 0


async def test_nothing_is_asked_ahead_in_a_pause() -> None:
    """Nobody would look at it."""
    time, script = VirtualTime(), ScriptedProvider("one")
    engine = engine_over(script.provider(), time=time)
    engine.pause(10)
    engine.ask_ahead(request("a = ‸"))
    await settle()
    assert (script.prompts, time.sleeping) == ([], 1)
    await engine.close()
    await settle()
    assert time.sleeping == 0


async def test_the_switch_is_for_everything_until_the_settings_change() -> None:
    """It switches on what the settings have switched off as well."""
    engine = engine_over(ScriptedProvider("one").provider())
    heard = watched(engine)
    assert engine.toggle() is False
    off = "switched off by hand, until it is switched on again"
    for trigger in Trigger:
        outcome = await engine.complete(request("a = ‸", trigger=trigger))
        assert reason(outcome) == (Reason.DISABLED, off)
    assert not is_on(engine)
    assert heard == ["changed"]
    assert engine.toggle() is True
    assert isinstance(await engine.complete(request("a = ‸")), Answer)
    engine.toggle()
    engine.configure(replace(AT_ONCE, max_lines=2))
    assert is_on(engine)
    engine.configure(replace(AT_ONCE, enabled=False))
    assert reason(await engine.complete(request("b = ‸"))) == (Reason.DISABLED, "")
    assert engine.toggle() is True
    assert isinstance(await engine.complete(request("b = ‸")), Answer)


async def test_whoever_watches_hears_when_calls_begin_and_end() -> None:
    """A symbol turns for as long as something is under way."""
    model = HandFed()
    engine = engine_over(model.provider())
    busy: list[bool] = []
    engine.on_change = lambda: busy.append(engine.condition.busy)
    asked = asyncio.create_task(engine.complete(request("a = ‸\n")))
    await settle()
    assert busy == [True]
    model.calls[0].feed("one")
    model.calls[0].finish()
    await asked
    await settle()
    assert busy == [True, False]


async def test_the_condition_says_who_serves_and_what_fails() -> None:
    """The words are those of the preferred provider's failure."""
    time, first = VirtualTime(), ScriptedProvider(Unavailable("down"))
    second = ScriptedProvider("two").provider(name="second", model="m2", local=True)
    engine = engine_over(first.provider(name="first"), second, time=time, offline=files("x"))
    before = engine.condition
    assert (before.provider, before.model, before.failure) == ("first", "script-1", None)
    assert (before.enabled, before.busy, before.offline, before.retry_in) == (True, False, False, 0)
    await engine.complete(request("a = ‸"))
    after = engine.condition
    assert (after.provider, after.model, str(after.failure)) == ("second", "m2", "down")
    assert (before.number, after.number) == (0, 1)
    assert 1 <= after.retry_in <= 1.25
    await time.pass_time(2)
    assert engine.condition.retry_in == 0
    assert (engine.condition.provider, engine.condition.serves) == ("second", True)


async def test_where_nobody_serves_the_preferred_one_is_named() -> None:
    """It is what the user would mend."""
    settings = Settings(debounce_ms=0, offline_fallback=False)
    script = ScriptedProvider(Unavailable("down"))
    engine = engine_over(script.provider(name="first"), settings=settings, offline=files("x"))
    await engine.complete(request("a = ‸"))
    assert (engine.condition.provider, engine.condition.offline) == ("first", False)
    assert engine.condition.cause is Reason.PAUSED


async def test_a_watcher_that_fails_costs_nobody_an_answer() -> None:
    """It is logged, and that is all."""
    engine = engine_over(ScriptedProvider("one").provider())

    def fail() -> None:
        raise KeyError("watching")

    engine.on_change = fail
    assert isinstance(await engine.complete(request("a = ‸")), Answer)


@pytest.mark.parametrize("asked_by", list(Trigger))
async def test_what_is_under_way_is_broken_off(asked_by: Trigger) -> None:
    """By the switch whatever it is, by a pause unless somebody waits for it by hand."""
    for pauses in (False, True):
        model = HandFed()
        engine = engine_over(model.provider(), settings=replace(AT_ONCE, candidates=1))
        asked = asyncio.create_task(engine.complete(request("a = ‸\n", trigger=asked_by)))
        await settle()
        if pauses:
            engine.pause(10)
        else:
            engine.toggle()
        await settle()
        spared = pauses and asked_by is Trigger.INVOKED
        assert model.calls[0].state == ("under way" if spared else "cancelled")
        assert engine.under_way == spared
        if spared:
            model.calls[0].feed("one\n\n")
            model.calls[0].finish()
            assert isinstance(await asked, Answer)
        else:
            assert reason(await asked)[0] is (Reason.SNOOZED if pauses else Reason.DISABLED)
        await engine.close()


async def test_a_call_that_nobody_follows_is_broken_off_too() -> None:
    """It was asked ahead, and a pause is no time to pay for it."""
    model = HandFed()
    engine = engine_over(model.provider())
    engine.ask_ahead(request("a = ‸\n"))
    await settle()
    engine.pause(10)
    await settle()
    assert model.calls[0].state == "cancelled"
    await engine.close()


async def test_what_is_known_is_not_shown_while_it_is_off() -> None:
    """Also to who asks for it without a walk."""
    engine = engine_over(ScriptedProvider("one").provider())
    await engine.complete(request("a = ‸"))
    assert isinstance(engine.recall(request("a = ‸")), Answer)
    engine.toggle()
    assert engine.recall(request("a = ‸")) is None


async def test_who_is_tried_beside_is_tried_again_after_the_switch() -> None:
    """Switching off ends the call beside."""
    time, first = VirtualTime(), ScriptedProvider(Unavailable("down"))
    second = ScriptedProvider("two").provider(name="second")
    engine = engine_over(first.provider(), second, time=time)
    await engine.complete(request("a = ‸"))
    first.gate.clear()
    for number in range(1, 4):
        await time.pass_time(5)
        await engine.complete(request(f"b{number} = ‸"))
        await settle()
        assert (len(first.prompts), first.cancelled) == (1 + number, number - 1)
        engine.toggle()
        engine.toggle()
    await settle()
    assert first.cancelled == 3
    await engine.close()
