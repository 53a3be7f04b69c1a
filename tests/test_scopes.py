"""What was generated for one is not shown to another: neither another user, nor another wish."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.happenings import CallEnded, CallUsed, Happening, RequestEnded
from codestral_ls.model import Answer, Outcome, Request, Source, Trigger
from codestral_ls.settings import Settings
from codestral_ls.wishes import Scope, Wishes
from tests.chained import AT_ONCE, engine_over
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider, engine_for
from tests.virtual_clock import VirtualTime, settle

ANN, BOB = Scope(owner="ann"), Scope(owner="bob")


def asked_by(scope: Scope, marked: str, lane: str = "") -> Request:
    """A request of somebody, in a lane of its own."""
    usual = request(marked)
    snapshot = replace(usual.snapshot, scope=scope)
    return replace(usual, snapshot=snapshot, patient=True, lane=lane or str(scope))


def said(outcome: Outcome) -> tuple[str, Source]:
    assert isinstance(outcome, Answer), outcome
    return outcome.text, outcome.source


@pytest.mark.parametrize(
    "other", [BOB, Scope(), Scope(owner="ann", wishes=Wishes(max_tokens=5)), Scope(owner="an")]
)
async def test_nobody_types_through_the_text_of_another_scope(other: Scope) -> None:
    """Each has a memory of its own, also for requests at the very same place."""
    script = ScriptedProvider("first(text)", "second(text)")
    engine = engine_for(script)
    assert said(await engine.complete(asked_by(ANN, "x = ‸"))) == ("first(text)", Source.MODEL)
    assert engine.recall(asked_by(other, "x = ‸")) is None
    assert engine.recall(asked_by(other, "x = fi‸")) is None
    assert said(await engine.complete(asked_by(other, "x = ‸"))) == ("second(text)", Source.MODEL)
    typed = await engine.complete(asked_by(ANN, "x = fi‸"))
    assert said(typed) == ("rst(text)", Source.TYPED_THROUGH)
    assert said(await engine.complete(asked_by(other, "x = ‸"))) == ("second(text)", Source.CACHE)
    assert len(script.prompts) == 2
    await engine.close()


async def test_nobody_joins_a_call_of_another_scope_by_its_place() -> None:
    """Not even if a lane were used by two."""
    model = HandFed()
    engine = engine_for(model, AT_ONCE, VirtualTime().clock)
    tasks = []
    for scope, marked in ((ANN, "x = ‸\n"), (BOB, "x = o‸\n")):
        tasks.append(asyncio.create_task(engine.complete(asked_by(scope, marked, lane="one"))))
        await settle()
    model.calls[0].feed("one\n")
    await settle()
    assert not tasks[1].done()
    await engine.close()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_happens_is_counted_for_the_one_who_asked() -> None:
    """Requests, calls, and calls that are used after all; the journal knows as well."""
    noted: list[Happening] = []
    script = ScriptedProvider("first(text)")
    engine = engine_over(script.provider(), tell=noted.append)
    await engine.complete(asked_by(ANN, "x = ‸"))
    await engine.complete(asked_by(BOB, "x = ‸"))
    await settle()
    kinds = (RequestEnded, CallEnded, CallUsed)
    for kind in kinds[:2]:
        owners = [each.labels.owner for each in noted if isinstance(each, kind)]
        assert sorted(owners) == ["ann", "bob"], kind
    assert {each.labels.owner for each in noted} == {"ann", "bob"}
    assert [each.owner for each in engine.journal.latest(2)] == ["ann", "bob"]
    assert [each.owner for each in script.prompts] == ["ann", "bob"]
    await engine.close()


async def test_a_store_of_a_gateway_holds_more_texts() -> None:
    """As many as it is told to; the oldest goes first."""
    script = ScriptedProvider("first(text)")
    engine = engine_over(script.provider(), most_streams=2)
    for name in ("a", "b", "c"):
        await engine.complete(asked_by(ANN, f"{name} = ‸"))
    known = [engine.recall(asked_by(ANN, f"{name} = ‸")) is not None for name in ("a", "b", "c")]
    assert known == [False, True, True]
    await engine.close()


async def test_hundreds_of_users_at_the_same_place_each_find_their_own() -> None:
    """However many have asked there since."""
    script = ScriptedProvider(*(f"text_{number}" for number in range(200)))
    engine = engine_over(script.provider(), most_streams=1000)
    scopes = [Scope(owner=f"user {number}") for number in range(200)]
    for scope in scopes:
        await engine.complete(asked_by(scope, "x = ‸"))
    for number, scope in enumerate(scopes):
        known = engine.recall(asked_by(scope, "x = ‸"))
        assert known is not None
        assert said(known) == (f"text_{number}", Source.CACHE)
    await engine.close()


async def test_two_requests_of_a_user_at_once_do_not_disturb_each_other() -> None:
    """Each has a lane; the second is not superseded, and neither is the first."""
    model = HandFed()
    engine = engine_for(model, Settings(candidates=1), VirtualTime().clock)
    tasks = []
    for number, marked in enumerate(("x = ‸\n", "y = ‸\n")):
        asked = replace(asked_by(ANN, marked, lane=str(number)), trigger=Trigger.INVOKED)
        tasks.append(asyncio.create_task(engine.complete(asked)))
        await settle()
    for number, call in enumerate(model.calls):
        call.feed(f"text_{number}")
        call.finish()
    assert [said(await each)[0] for each in tasks] == ["text_0", "text_1"]
    await engine.close()
