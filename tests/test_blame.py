"""Where several ask, what is refused of one of them speaks of his request, not of the host."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.errors import FimError, Refused, TooLong, Unauthorized
from codestral_ls.model import Answer, Nothing, Reason, Request
from codestral_ls.wishes import EVERYBODY, Scope, Wishes
from tests.chained import engine_over
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for
from tests.virtual_clock import VirtualTime, settle

ANN, BOB = Scope(owner="ann"), Scope(owner="bob")
WISHED = Scope(owner="ann", wishes=Wishes(max_tokens=4096))


def asked_by(scope: Scope, marked: str = "x = ‸") -> Request:
    """A request of somebody, in a lane of its own."""
    usual = request(marked)
    snapshot = replace(usual.snapshot, scope=scope)
    return replace(usual, snapshot=snapshot, patient=True, lane=str(scope))


@pytest.mark.parametrize(
    ("scope", "error", "goes_on"),
    [
        (ANN, Refused("top_p must be 1"), True),
        (Scope(wishes=Wishes(temperature=1.5)), Refused("too hot"), True),
        (ANN, Unauthorized("no such key"), False),
        (EVERYBODY, Refused("no such model"), False),
    ],
)
async def test_a_request_that_is_refused_keeps_nobody_else_waiting(
    scope: Scope, error: FimError, *, goes_on: bool
) -> None:
    """But a key is everybody's, and who is alone has settings that are wrong."""
    script = ScriptedProvider(error, "text()")
    engine = engine_for(script)
    assert isinstance(await engine.complete(asked_by(scope)), Nothing)
    outcome = await engine.complete(asked_by(BOB))
    if goes_on:
        assert isinstance(outcome, Answer)
    else:
        assert isinstance(outcome, Nothing)
        assert outcome.reason is Reason.PAUSED
    await engine.close()


@pytest.mark.parametrize(("scope", "is_cut"), [(WISHED, False), (ANN, True)])
async def test_who_wants_a_long_answer_shortens_nobody_elses_prompt(
    scope: Scope, *, is_cut: bool
) -> None:
    """He is asked for with half of his own; a prompt that is too long by itself is so for all."""
    script = ScriptedProvider(TooLong("too many tokens"), "text()")
    engine = engine_for(script)
    long = "# some words of a comment\n" * 400 + "x = ‸"
    assert isinstance(await engine.complete(asked_by(scope, long)), Answer)
    assert isinstance(await engine.complete(asked_by(BOB, long)), Answer)
    first, halved, others = (len(each.prefix) for each in script.prompts)
    assert halved < first * 0.7
    assert (others < first * 0.7) == is_cut
    await engine.close()


@pytest.mark.parametrize(("scope", "opens"), [(ANN, False), (EVERYBODY, True)])
async def test_who_gives_up_keeps_nobody_else_from_a_slow_host(
    scope: Scope, *, opens: bool
) -> None:
    """For who is alone, a host that says nothing until he gives up might as well be gone."""
    time, script = VirtualTime(), ScriptedProvider("text()")
    engine = engine_over(script.provider(), time=time)
    script.gate.clear()
    for _ in range(2):
        impatient = asyncio.create_task(engine.complete(asked_by(scope)))
        await time.pass_time(1.5)
        impatient.cancel()
        engine.leave(str(scope))
        await settle()
    script.gate.set()
    assert isinstance(await engine.complete(asked_by(BOB)), Nothing if opens else Answer)
    await engine.close()


async def test_somebody_else_answers_for_a_host_at_which_others_have_given_up() -> None:
    """Then nobody loses anything by it."""
    time, silent, well = VirtualTime(), ScriptedProvider("late()"), ScriptedProvider("text()")
    engine = engine_over(silent.provider(), well.provider(name="second"), time=time)
    silent.gate.clear()
    for _ in range(2):
        impatient = asyncio.create_task(engine.complete(asked_by(ANN)))
        await time.pass_time(1.5)
        impatient.cancel()
        engine.leave(str(ANN))
        await settle()
    outcome = await engine.complete(asked_by(BOB))
    assert isinstance(outcome, Answer)
    assert outcome.provider == "second"
    await engine.close()
