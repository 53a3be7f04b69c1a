"""What is told to who counts: each request and each call once, with the tokens of the endpoint."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import FimError, TimedOut, TooLong, Unauthorized, Unavailable
from codestral_ls.happenings import CallEnded, CallUsed, Happening, Labels, RequestEnded
from codestral_ls.model import Budget, Trigger, Usage
from codestral_ls.reuse.flights import GRACE_SECONDS
from codestral_ls.settings import Settings
from codestral_ls.vendors import Prices
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

LABELS = Labels(language="python", provider="scripted", model="script-1")
ONE = replace(AT_ONCE, candidates=1)
INVOKED = Trigger.INVOKED


class Ear:
    """Everything that was told, by its kind."""

    def __init__(self) -> None:
        self.heard: list[Happening] = []

    def tell(self, happening: Happening) -> None:
        self.heard.append(happening)

    @property
    def requests(self) -> list[RequestEnded]:
        return [each for each in self.heard if isinstance(each, RequestEnded)]

    @property
    def calls(self) -> list[CallEnded]:
        return [each for each in self.heard if isinstance(each, CallEnded)]

    @property
    def used(self) -> list[CallUsed]:
        return [each for each in self.heard if isinstance(each, CallUsed)]


async def finish(model: HandFed, text: str, usage: Usage | None = None, call: int = -1) -> None:
    """A call brings its text and ends."""
    model.calls[call].feed(text)
    model.calls[call].finish(usage)
    await settle()


async def ask(engine: Engine, marked: str) -> None:
    await engine.complete(request(marked))


async def test_what_is_told_of_tokens_is_what_the_endpoint_has_counted() -> None:
    """Of all calls, for keys, candidates, calls ahead and those from memory; nothing twice."""
    ear, script = Ear(), ScriptedProvider("one(a)", "two(b)", "three(c)", "four")
    script.usage = Usage(prompt_tokens=100, completion_tokens=7, cached_tokens=64)
    engine = engine_over(script.provider(), tell=ear.tell)
    for marked in ("x = ‸\n", "x = on‸\n", "x = ‸\n", "y = ‸\n"):
        await engine.complete(request(marked))
    await engine.complete(request("z = ‸\n", trigger=INVOKED))
    await engine.complete(request("z = ‸\n", trigger=INVOKED))
    engine.ask_ahead(request("w = ‸\n"))
    await settle()
    await engine.complete(request("w = ‸\n"))
    await engine.close()
    made = len(script.prompts)
    assert made == len(ear.calls) == 6
    assert sum(each.prompt_tokens for each in ear.calls) == 100 * made
    assert sum(each.completion_tokens for each in ear.calls) == 7 * made
    assert sum(each.cached_tokens for each in ear.calls) == 64 * made
    assert not any(each.estimated or each.failure for each in ear.calls)
    outcomes = [each.outcome for each in ear.requests]
    assert outcomes == ["model", "typed through", "cache", "model", "model", "cache", "cache"]
    unshown = [each for each in ear.calls if not each.shown]
    assert sum(each.prompt_tokens for each in ear.used) <= 100 * len(unshown)


async def test_a_request_is_told_with_whoever_had_a_part_in_it() -> None:
    """Without anybody, the labels are empty."""
    ear, time, model = Ear(), VirtualTime(), HandFed()
    engine = engine_over(model.provider(), time=time, settings=Settings(debounce_ms=100),
                         tell=ear.tell)  # fmt: skip
    asked = asyncio.create_task(ask(engine, "x = ‸\n"))
    await time.pass_time(0.1)
    await time.pass_time(0.2)
    await finish(model, "one")
    await asked
    engine.toggle()
    await ask(engine, "y = ‸\n")
    first, second = ear.requests
    assert first.labels == LABELS
    assert (first.outcome, first.answered, first.chars) == ("model", True, 3)
    assert first.waited == pytest.approx(0.1)
    assert first.total == pytest.approx(0.3)
    assert second.labels == Labels(language="python")
    assert (second.outcome, second.answered, second.chars) == ("disabled", False, 0)


async def test_a_call_that_is_broken_off_is_told_with_an_estimate() -> None:
    """By the bytes that were sent, and those that came."""
    ear, time, model = Ear(), VirtualTime(), HandFed()
    prices = Prices(prompt=1_000_000, completion=2_000_000)
    engine = engine_over(model.provider(prices=prices), time=time, tell=ear.tell)
    asked = asyncio.create_task(ask(engine, "# 01234567\nx = ‸"))  # 15 bytes, 3 a token
    await settle()
    model.calls[0].feed("abc(defgh")
    await settle()
    asked.cancel()
    await time.pass_time(GRACE_SECONDS)
    (call,) = ear.calls
    assert (call.prompt_tokens, call.completion_tokens, call.estimated) == (5, 3, True)
    assert (call.failure, call.cost, call.total) == ("", 11.0, GRACE_SECONDS)
    assert [each.outcome for each in ear.requests] == ["cancelled"]


async def test_what_was_cancelled_before_it_was_sent_is_no_call() -> None:
    """During the debounce, and in the turn of the loop in which it was set off."""
    ear, time, script = Ear(), VirtualTime(), ScriptedProvider("one")
    engine = engine_over(
        script.provider(), time=time, settings=Settings(debounce_ms=100), tell=ear.tell
    )
    asked = asyncio.create_task(ask(engine, "x = ‸\n"))
    await time.pass_time(0.05)
    asked.cancel()
    await time.pass_time(0.1)
    engine.ask_ahead(request("y = ‸\n"))
    engine.abandon("file:///w/a.py")
    await settle()
    assert (ear.calls, script.prompts) == ([], [])


async def test_a_failed_call_is_told_with_its_reason() -> None:
    """What was refused has cost nothing; of what came too late nobody knows."""
    for error, failure, tokens in (
        (Unauthorized("key"), "unauthorized", 0),
        (Unavailable("down"), "unavailable", 0),
        (TimedOut("slow"), "timed out", 5),
        (KeyError("bug"), "internal error", 5),
    ):
        ear = Ear()
        engine = engine_over(ScriptedProvider(error).provider(), tell=ear.tell)
        await ask(engine, "# 01234567\nx = ‸")
        (call,), (ended,) = ear.calls, ear.requests
        assert (call.failure, call.prompt_tokens, call.labels) == (failure, tokens, LABELS)
        assert call.estimated is bool(tokens)
        assert (ended.outcome, ended.labels) == (failure, LABELS)


async def test_what_was_written_before_a_failure_has_to_be_paid() -> None:
    """Unless the server is this machine, which has no bill."""
    for local, cost in ((False, 5 + 3 * 2.0), (True, 0.0)):
        ear, model = Ear(), HandFed()
        prices = Prices(prompt=1_000_000, completion=2_000_000)
        engine = engine_over(model.provider(prices=prices, local=local), tell=ear.tell)
        asked = asyncio.create_task(ask(engine, "# 01234567\nx = ‸"))
        await settle()
        model.calls[0].feed("abc(defgh")
        model.calls[0].fail(Unavailable("down"))
        await asked
        (call,) = ear.calls
        told = (call.prompt_tokens, call.completion_tokens, call.estimated, call.cost, call.local)
        assert told == (5, 3, True, cost, local)


async def test_each_attempt_is_a_call_of_its_own() -> None:
    """At the next provider, and with half of a prompt that was too long."""
    ear = Ear()
    errors: list[FimError] = [TooLong("too long"), Unavailable("down")]
    first = ScriptedProvider(*errors).provider(budget=Budget(prefix_chars=200, suffix_chars=50))
    second = ScriptedProvider("two").provider(name="second", model="m2", local=True)
    await ask(engine_over(first, second, tell=ear.tell), "x = 1\n" * 40 + "x = ‸\n")
    told = [(each.labels.provider, each.failure, each.local) for each in ear.calls]
    assert told == [
        ("scripted", "refused", False),
        ("scripted", "unavailable", False),
        ("second", "", True),
    ]
    (ended,) = ear.requests
    assert ended.labels == Labels(language="python", provider="second", model="m2")


async def test_what_the_files_say_is_no_call() -> None:
    """The request is told all the same."""
    ear = Ear()
    await ask(engine_over(files("from files"), tell=ear.tell), "x = ‸\n")
    assert ear.calls == []
    assert [(each.outcome, each.labels.provider) for each in ear.requests] == [
        ("offline", "offline")
    ]


async def test_a_call_is_told_as_shown_if_something_was_by_then() -> None:
    """The first line is on the screen while the rest still comes."""
    ear, model = Ear(), HandFed()
    engine = engine_over(model.provider(), tell=ear.tell)
    asked = asyncio.create_task(ask(engine, "x = ‸\n"))
    await settle()
    model.calls[0].feed("one\nprint(x)\n")
    await asked
    await finish(model, "more", Usage(prompt_tokens=10, completion_tokens=5))
    (call,) = ear.calls
    assert call.shown
    await ask(engine, "x = o‸\n")
    assert ear.used == []


async def test_a_call_that_ended_unseen_is_told_as_used_once() -> None:
    """When the first of it is shown, with the tokens that it took."""
    ear, model = Ear(), HandFed()
    engine = engine_over(model.provider(), tell=ear.tell)
    engine.ask_ahead(request("x = ‸\n"))
    await settle()
    await finish(model, "one", Usage(prompt_tokens=10, completion_tokens=5))
    engine.ask_ahead(request("x = ‸\n"))  # which looks whether something is there
    (call,) = ear.calls
    assert (call.shown, ear.used) == (False, [])
    for marked in ("x = ‸\n", "x = o‸\n"):
        await ask(engine, marked)
    assert ear.used == [CallUsed(labels=LABELS, prompt_tokens=10, completion_tokens=5)]
    assert len(ear.calls) == 1


async def test_of_candidates_only_those_that_are_offered_are_used() -> None:
    """One that says the same as another is not."""
    ear, script = Ear(), ScriptedProvider("f(a, b)", "f(a,b)", "g()")
    script.usage = Usage(prompt_tokens=10, completion_tokens=5)
    engine = engine_over(script.provider(), tell=ear.tell)
    await engine.complete(request("x = ‸\n", trigger=INVOKED))
    shown = sum(each.shown for each in ear.calls) + len(ear.used)
    assert (len(ear.calls), shown) == (3, 2)


async def test_whoever_fails_to_count_costs_nobody_an_answer() -> None:
    """Statistics are not worth a completion."""

    def fail(_happening: Happening) -> None:
        raise OSError("no disk")

    engine = engine_over(ScriptedProvider("one").provider(), tell=fail)
    await ask(engine, "x = ‸\n")
    assert dict(engine.journal.counts) == {"model": 1}
