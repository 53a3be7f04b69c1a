"""What is told of a text that is still coming, and that a request can be left."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.model import Answer, Nothing, Reason, Request, Trigger
from codestral_ls.settings import Settings
from tests.marked import request
from tests.scripted import HandFed, engine_for
from tests.virtual_clock import VirtualTime, settle

PATIENT = Settings(candidates=1, offline_fallback=False)
TEXTS = [
    ("x = ‸\n", "one(a, b)\nprint(x)\n"),
    ("x = ‸\n", "[\n    1,\n    2,\n]\nprint(x)\n"),
    ("print(‸)\n", "first, second)\nprint(x)"),
    ("print(‸)\n", "self.first(a[0]), second)"),
    (
        "def f(a):\n    ‸\n",
        "if a:\n        return [1, 2]\n    return None\n\n\ndef g():\n    pass\n",
    ),
    (
        "def f(a):‸\n",
        "\n    for each in a:\n        print(each)\n        print(a)\n    return a\n\n\n",
    ),
    ("‸\n", "".join(f"line_{number} = {number}\n" for number in range(20))),
    ("x = '‸'\n", "a text'\ny = 1"),
    ("# ‸\nx = 1\n", "what x is\nx = 1\n"),
    ("f(‸ + b)\n", "a + b)"),
    ("print(‸)\n", "first, [second])\n"),
    ("‸\n", "def g(a):\n" + "".join(f"    line_{number} = {number}\n" for number in range(20))),
    ("‸\n", '"""What is wrong with it; "" if nothing is."""\nx = 1\n'),
    ("‸\n", "changed.fire(self.uri());\nx = 1\n"),
    ("self.‸\n", "work = create_task(work(self.grow(a[0]), b))\n"),
]


async def watched(marked: str, text: str, trigger: Trigger) -> tuple[list[str], str]:
    """What is told of a text that comes in small pieces, and what is shown at last."""
    told: list[str] = []
    model, time = HandFed(), VirtualTime()
    engine = engine_for(model, PATIENT, time.clock)
    asked = replace(request(marked, trigger=trigger), patient=True, watch=told.append)
    task = asyncio.create_task(engine.complete(asked))
    await settle()
    for start in range(0, len(text), 3):
        model.calls[0].feed(text[start : start + 3])
        await settle()
    model.calls[0].finish()
    outcome = await task
    await engine.close()
    return told, outcome.text if isinstance(outcome, Answer) else ""


@pytest.mark.parametrize(("marked", "text"), TEXTS)
@pytest.mark.parametrize("trigger", Trigger)
async def test_what_is_told_grows_and_is_the_head_of_the_answer(
    marked: str, text: str, trigger: Trigger
) -> None:
    """Nothing that was told is taken back."""
    told, shown = await watched(marked, text, trigger)
    assert told
    for before, after in zip(told, [*told[1:], shown], strict=True):
        assert after.startswith(before)
        assert len(after) >= len(before)
    assert len(set(told)) == len(told)


async def test_a_line_is_told_while_it_is_written() -> None:
    """Long before the answer is there."""
    told, shown = await watched("total = ‸\n", "first + second + third\n", Trigger.INVOKED)
    assert (told[0], shown) == ("fir", "first + second + third")
    assert len(told) >= 6


async def test_what_may_repeat_the_line_below_is_not_told() -> None:
    """It will be dropped, and would have flickered."""
    told, shown = await watched("def f():\n    ‸\n    return x\n", "return x", Trigger.INVOKED)
    assert (told, shown) == ([], "")


async def test_nobody_is_told_of_what_is_known_already() -> None:
    """The answer says it all."""
    model = HandFed()
    engine = engine_for(model, PATIENT, VirtualTime().clock)
    told: list[str] = []
    asked = replace(request("x = ‸\n"), patient=True, watch=told.append)
    for _ in range(2):
        task = asyncio.create_task(engine.complete(asked))
        await settle()
        if len(model.calls) == 1 and not told:
            model.calls[0].feed("one")
            await settle()
            model.calls[0].finish()
        assert isinstance(await task, Answer)
    assert (len(model.calls), told) == (1, ["one"])
    await engine.close()


def alone(marked: str, lane: str) -> Request:
    """A request with a lane of its own."""
    return replace(request(marked), lane=lane, patient=True)


async def test_leaving_ends_the_call_at_once() -> None:
    """Whoever has closed the connection is not generated for; others are."""
    model, time = HandFed(), VirtualTime()
    engine = engine_for(model, PATIENT, time.clock)
    tasks = [
        asyncio.create_task(engine.complete(alone(marked, lane)))
        for marked, lane in (("x = ‸\n", "one"), ("y = ‸\n", "two"))
    ]
    await settle()
    engine.leave("one")
    await settle()
    assert [call.state for call in model.calls] == ["cancelled", "under way"]
    assert await tasks[0] == Nothing(reason=Reason.SUPERSEDED, timings=(await tasks[0]).timings)
    model.calls[1].finish()
    await tasks[1]
    assert engine.under_way == 0
    await engine.close()


async def test_a_request_that_is_cancelled_and_left_leaves_no_call() -> None:
    """The shell does both; otherwise the call would go on for the grace."""
    model, time = HandFed(), VirtualTime()
    engine = engine_for(model, PATIENT, time.clock)
    task = asyncio.create_task(engine.complete(alone("x = ‸\n", "one")))
    await settle()
    task.cancel()
    engine.leave("one")
    await settle()
    assert task.cancelled()
    assert (model.calls[0].state, engine.under_way) == ("cancelled", 0)
    engine.leave("nobody")
    await engine.close()
