"""The walk of a request, at the boundary where it matters: `Engine.complete`."""

import asyncio

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Source, Trigger
from codestral_ls.reuse.pace import REFUSED_SECONDS
from codestral_ls.settings import Settings
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for
from tests.virtual_clock import VirtualTime, settle

INVOKED = Trigger.INVOKED


def text(outcome: Outcome) -> str:
    assert isinstance(outcome, Answer), outcome
    return outcome.text


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Nothing), outcome
    return outcome.reason


async def test_an_answer_is_what_the_model_wrote_for_this_place() -> None:
    """Prefix and suffix meet at the cursor, and the answer names where it came from."""
    script = ScriptedProvider("a + b")
    outcome = await engine_for(script).complete(request("def add(a, b):\n    return ‸\n"))
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.source, outcome.model) == ("a + b", Source.MODEL, "script-1")
    assert script.prompts[0].prefix == "def add(a, b):\n    return "
    assert script.prompts[0].suffix == "\n"


async def test_what_is_off_is_not_asked() -> None:
    """Switched off, another language, or manual only: each with its own reason and no call."""
    script = ScriptedProvider("x")
    for settings, expected in (
        (Settings(enabled=False), Reason.DISABLED),
        (Settings(languages=("go",)), Reason.LANGUAGE_OFF),
        (Settings(languages=("*", "!python")), Reason.LANGUAGE_OFF),
        (Settings(trigger="manual"), Reason.MANUAL_ONLY),
    ):
        assert reason(await engine_for(script, settings).complete(request("a = ‸"))) is expected
    assert script.prompts == []


async def test_manual_mode_answers_an_explicit_trigger() -> None:
    """`trigger = manual` is for keys, not for commands."""
    engine = engine_for(ScriptedProvider("1"), Settings(trigger="manual"))
    assert text(await engine.complete(request("a = ‸", trigger=INVOKED))) == "1"


async def test_typing_waits_and_an_explicit_trigger_does_not() -> None:
    """The debounce is for automatic requests alone."""
    time, script = VirtualTime(), ScriptedProvider("1")
    engine = engine_for(script, Settings(debounce_ms=150), time.clock)
    waiting = asyncio.create_task(engine.complete(request("a = ‸")))
    await time.pass_time(0.149)
    assert not script.prompts
    await time.pass_time(0.001)
    outcome = await waiting
    assert isinstance(outcome, Answer)
    assert outcome.timings.waited == pytest.approx(0.15)
    await engine.complete(request("b = ‸", trigger=INVOKED))
    assert time.sleeping == 0


async def test_a_newer_request_supersedes_one_that_waits() -> None:
    """During the debounce the older request ends without a call."""
    time, script = VirtualTime(), ScriptedProvider("1")
    engine = engine_for(script, Settings(debounce_ms=150), time.clock)
    older = asyncio.create_task(engine.complete(request("a‸")))
    await settle()
    newer = asyncio.create_task(engine.complete(request("ab‸")))
    await time.pass_time(0.2)
    assert reason(await older) is Reason.SUPERSEDED
    assert text(await newer) == "1"
    assert len(script.prompts) == 1


async def test_lanes_do_not_supersede_each_other() -> None:
    """Two documents are completed side by side."""
    script = ScriptedProvider("1")
    script.gate.clear()
    engine = engine_for(script)
    first, second = request("a = ‸"), request("b = ‸", language="go")
    second = type(second)(snapshot=second.snapshot, trigger=second.trigger, lane="other")
    both = [asyncio.create_task(engine.complete(each)) for each in (first, second)]
    await settle()
    script.gate.set()
    assert [text(await each) for each in both] == ["1", "1"]


async def test_an_abandoned_lane_ends_its_request() -> None:
    """Closing a document ends what is under way for it."""
    script = ScriptedProvider("1")
    script.gate.clear()
    engine = engine_for(script)
    waiting = asyncio.create_task(engine.complete(request("a = ‸")))
    await settle()
    engine.abandon("file:///w/a.py")
    assert reason(await waiting) is Reason.SUPERSEDED


async def test_cancellation_is_the_one_thing_that_is_raised() -> None:
    """It is counted like every other end."""
    script = ScriptedProvider("1")
    script.gate.clear()
    engine = engine_for(script)
    waiting = asyncio.create_task(engine.complete(request("a = ‸")))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert dict(engine.journal.counts) == {"cancelled": 1}
    await engine.close()


async def test_typing_through_an_answer_asks_nobody() -> None:
    """The remainder comes from memory, as does the whole text at the same place."""
    script = ScriptedProvider("value * 2")
    engine = engine_for(script, Settings(debounce_ms=0))
    await engine.complete(request("x = ‸\n"))
    again = await engine.complete(request("x = ‸\n"))
    further = await engine.complete(request("x = val‸\n"))
    assert isinstance(again, Answer)
    assert isinstance(further, Answer)
    assert (again.text, again.source) == ("value * 2", Source.CACHE)
    assert (further.text, further.source) == ("ue * 2", Source.TYPED_THROUGH)
    assert len(script.prompts) == 1


async def test_text_that_differs_from_the_answer_is_asked_about() -> None:
    """A key that is not the next one of the ghost text makes a new request."""
    script = ScriptedProvider("value", "other")
    engine = engine_for(script)
    await engine.complete(request("x = ‸\n"))
    assert text(await engine.complete(request("x = o‸\n"))) == "other"


async def test_that_there_was_nothing_to_say_is_remembered_for_a_while() -> None:
    """An empty answer is no reason to ask again at once, unless the user asks."""
    time, script = VirtualTime(), ScriptedProvider("")
    engine = engine_for(script, Settings(debounce_ms=0, candidates=1), time.clock)
    for _ in range(3):
        assert reason(await engine.complete(request("x = ‸\n"))) is Reason.EMPTY
    assert len(script.prompts) == 1
    await engine.complete(request("x = ‸\n", trigger=INVOKED))
    assert len(script.prompts) == 2
    await time.pass_time(31)
    await engine.complete(request("x = ‸\n"))
    assert len(script.prompts) == 3


async def test_crlf_of_the_model_becomes_lf() -> None:
    """Rules, stops and memory compare with a document that has LF."""
    engine = engine_for(ScriptedProvider("a = 1\r\nb = 2\r\n\r\nc = 3"))
    assert text(await engine.complete(request("‸\n"))) == "a = 1\nb = 2"
    assert text(await engine.complete(request("a = 1\nb‸\n"))) == " = 2"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unauthorized("key"), Reason.UNAUTHORIZED),
        (Refused("model"), Reason.REFUSED),
        (RateLimited("slow down"), Reason.RATE_LIMITED),
        (Unavailable("down"), Reason.UNAVAILABLE),
        (TimedOut("late"), Reason.TIMED_OUT),
        (BrokenReply("html"), Reason.BROKEN_REPLY),
    ],
)
async def test_each_failure_has_its_reason(error: FimError, expected: Reason) -> None:
    """What a provider raises becomes a reason, with the words for the user."""
    outcome = await engine_for(ScriptedProvider(error)).complete(request("a = ‸"))
    assert isinstance(outcome, Nothing)
    assert (outcome.reason, outcome.detail) == (expected, str(error))


async def test_an_unforeseen_error_ends_in_nothing_and_logs_no_code(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A bug costs one answer; its message, which may hold code, stays out of the log."""
    engine = engine_for(ScriptedProvider(KeyError("secret_code")))
    assert reason(await engine.complete(request("a = ‸"))) is Reason.INTERNAL_ERROR
    assert "KeyError" in caplog.text
    assert "secret_code" not in caplog.text


async def test_a_refused_key_is_not_tried_at_every_keystroke() -> None:
    """One call, then silence, until the pause is over or the settings change."""
    time, script = VirtualTime(), ScriptedProvider(Unauthorized("wrong key"))
    engine = engine_for(script, clock=time.clock)
    await engine.complete(request("a‸"))
    for word in ("ab‸", "abc‸", "abcd‸"):
        paused = await engine.complete(request(word))
        assert isinstance(paused, Nothing)
        assert (paused.reason, paused.detail) == (Reason.PAUSED, "wrong key")
    assert len(script.prompts) == 1
    await time.pass_time(REFUSED_SECONDS + 1)
    await engine.complete(request("e‸"))
    await engine.complete(request("f‸"))
    assert len(script.prompts) == 2
    engine.configure(Settings(debounce_ms=0, model="another"))
    await engine.complete(request("g‸"))
    assert len(script.prompts) == 3


async def test_new_settings_bring_a_new_provider_and_forget_old_answers() -> None:
    """Nothing of another model is shown, and the old provider is handed over to be closed."""
    first, second = ScriptedProvider("one"), ScriptedProvider("two")
    scripts = {"a": first, "b": second}
    engine = Engine(
        Settings(model="a", debounce_ms=0), lambda chosen: scripts[chosen.model].provider()
    )
    assert text(await engine.complete(request("x = ‸"))) == "one"
    await engine.configure(Settings(model="b", debounce_ms=0)).close()
    assert text(await engine.complete(request("x = ‸"))) == "two"
    assert (first.closed, second.closed) == (True, False)


async def test_every_outcome_is_counted() -> None:
    """The journal holds one record for each request that ended."""
    engine = engine_for(ScriptedProvider("one" * 9, Unavailable("down")))
    await engine.complete(request("x = ‸"))
    await engine.complete(request("x = ‸"))
    await engine.complete(request("y = ‸"))
    assert dict(engine.journal.counts) == {"model": 1, "cache": 1, "unavailable": 1}
    assert [each.language for each in engine.journal.latest(2)] == ["python", "python"]
