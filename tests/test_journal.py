"""What the journal keeps of a request, and how it is described: everything but code."""

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from codestral_ls.context.prompt import Sources
from codestral_ls.context.view import NoView
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import KEPT, describe, record_of
from codestral_ls.errors import TimedOut
from codestral_ls.model import Answer, Budget, Snapshot, Snippet, Step, Trigger, Usage
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request, snapshot
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle


class Beside(NoView):
    """A view with lines of another file."""

    def sources(self, _snapshot: Snapshot) -> Sources:
        return Sources(path="a.py", snippets=(Snippet(path="lib/b.py", text="b = 1"),))


BLANKS = partial(Step, "without_trailing_blanks")
BUDGET = Budget(prefix_chars=6000, suffix_chars=2000, snippet_chars=1000)


def described(engine: Engine) -> dict[str, Any]:
    """The latest record as JSON."""
    entry = describe(engine.journal.latest(1)[0])
    assert json.loads(json.dumps(entry)) == entry
    return entry


async def test_a_record_says_when_and_where() -> None:
    """Places count code points from 0, also behind lines that a snapshot leaves out."""
    time = VirtualTime()
    clock = replace(time.clock, epoch=lambda: 1_790_000_000.25)
    engine = Engine(AT_ONCE, lambda _: ScriptedProvider("one").provider(), clock=clock)
    await engine.complete(request("a = 1\nb = '🙂' + ‸\n", trigger=Trigger.INVOKED))
    entry = described(engine)
    assert entry["time"] == 1_790_000_000.25
    assert (entry["uri"], entry["line"], entry["character"]) == ("file:///w/a.py", 1, 10)
    assert (entry["trigger"], entry["language"]) == ("invoked", "python")
    there = replace(snapshot("b = ‸\n"), lines_above=400)
    asked = replace(request("x‸"), snapshot=there)
    assert record_of(asked, engine.journal.latest(1)[0].outcome, 0.0).line == 400


async def test_what_was_sent_is_told_by_name_and_size() -> None:
    """Also with answers from memory and from a call that was joined: it is their call's."""
    model = HandFed()
    engine = engine_over(model.provider(budget=BUDGET), view=Beside())
    older = asyncio.create_task(engine.complete(request("key = 'x'\nx = ‸\n")))
    await settle()
    newer = asyncio.create_task(engine.complete(request("key = 'x'\nx = o‸\n")))
    await settle()
    model.calls[0].feed("one\n")
    await newer
    await older
    await engine.complete(request("key = 'x'\nx = ‸\n"))
    sent = {
        "provider": "scripted",
        "model": "script-1",
        "prefix": 14,
        "suffix": 1,
        "snippets": [{"path": "lib/b.py", "characters": 5}],
        "redacted": False,
    }
    for record, outcome in zip(engine.journal.latest(2), ("joined", "cache"), strict=True):
        assert (describe(record)["source"], describe(record)["sent"]) == (outcome, sent)
    await engine.close()


async def test_it_is_told_that_secrets_were_replaced() -> None:
    """Not which."""
    engine = engine_over(ScriptedProvider("one").provider())
    await engine.complete(request('token = "ghp_1234567890abcdefghijABCDEFGHIJ123456"\nx = ‸\n'))
    assert described(engine)["sent"]["redacted"] is True
    assert "ghp_" not in json.dumps(described(engine))


async def test_nothing_says_whom_it_cost_what() -> None:
    """A failure, an empty text and one that was shaped away have made a call."""
    for reply, outcome, steps in (
        (TimedOut("slow"), "timed out", []),
        ("", "empty", []),
        (",", "shaped away", [{"rule": "not_too_short", "before": 1, "after": 0}]),
    ):
        script = ScriptedProvider(reply)
        script.usage = Usage(prompt_tokens=20, completion_tokens=1)
        engine = engine_over(script.provider())
        await engine.complete(request("x = f(1‸)\n"))
        entry = described(engine)
        assert (entry["outcome"], entry["provider"], entry["model"]) == (
            outcome,
            "scripted",
            "script-1",
        )
        assert entry["sent"]["prefix"] == 7
        assert entry["steps"] == steps
        counted = None if isinstance(reply, TimedOut) else 20
        assert (entry["tokens"] and entry["tokens"]["prompt"]) == counted


async def test_nothing_from_memory_has_cost_nothing() -> None:
    """The tokens are those of the request that asked."""
    script = ScriptedProvider("")
    script.usage = Usage(prompt_tokens=20, completion_tokens=1)
    engine = engine_over(script.provider())
    for tokens in (20, None):
        await engine.complete(request("x = ‸\n"))
        entry = described(engine)
        assert (entry["outcome"], entry["sent"]["prefix"]) == ("empty", 4)
        assert (entry["tokens"] and entry["tokens"]["prompt"]) == tokens


async def test_files_are_sent_nowhere() -> None:
    """The offline provider is named, and nothing left."""
    engine = engine_over(files("from files"))
    await engine.complete(request("x = ‸\n"))
    entry = described(engine)
    assert (entry["source"], entry["provider"], entry["sent"]) == ("offline", "offline", None)


async def test_who_waited_and_was_given_up_says_for_how_long() -> None:
    """Superseded in the debounce, and cancelled while the call was under way."""
    time, model = VirtualTime(), HandFed()
    settings = replace(AT_ONCE, debounce_ms=100)
    engine = engine_over(model.provider(), time=time, settings=settings)
    older = asyncio.create_task(engine.complete(request("x‸\n")))
    await time.pass_time(0.06)
    newer = asyncio.create_task(engine.complete(request("xy = ‸\n")))
    await time.pass_time(0.1)
    await time.pass_time(0.5)
    newer.cancel()
    await asyncio.gather(older, newer, return_exceptions=True)
    first, second = (describe(each) for each in engine.journal.latest(2))
    assert (first["outcome"], second["outcome"]) == ("superseded", "cancelled")
    assert first["timings"] == {"waited_ms": 60, "first_token_ms": 0, "total_ms": 60}
    assert second["timings"] == {"waited_ms": 100, "first_token_ms": 0, "total_ms": 600}
    await engine.close()


@pytest.mark.parametrize(
    ("written", "marked", "expected"),
    [
        ("a = 1\r\n", "‸\n", [Step("with_line_feeds", 7, 6), BLANKS(6, 5)]),
        ("```python\na\n", "‸\n", [Step("unfenced", 12, 2), BLANKS(2, 1)]),
        ("a, b)", "f(‸)\n", [Step("without_tail_twice", 5, 4)]),
        (
            "a\nb\nc\nd\ne\n",
            "x = 1\n‸\n",
            [Step("to_max_lines", 10, 5)],
        ),
        ("    x = 1\n    y = 2\n", "def f():\n\tif a:\n\t\tpass\n\tb = 1\n‸\n",
         [Step("with_document_indentation", 20, 14), BLANKS(14, 13)]),
        ("one\n<|endoftext|>x", "‸\n", [Step("without_markers", 18, 3)]),
    ],
)  # fmt: skip
async def test_each_rule_says_how_much_it_left(
    written: str, marked: str, expected: list[Step]
) -> None:
    """Characters before and after it."""
    engine = engine_over(ScriptedProvider(written).provider())
    outcome = await engine.complete(request(marked))
    assert isinstance(outcome, Answer)
    assert list(outcome.steps) == expected
    assert len(outcome.text) == expected[-1].after
    entry = described(engine)
    assert entry["shaped"] == [each.rule for each in expected]
    assert entry["steps"] == [each._asdict() for each in expected]


async def test_the_latest_requests_are_kept_and_all_are_counted() -> None:
    """A session may last for days."""
    engine = engine_over(ScriptedProvider("one").provider())
    for number in range(KEPT + 5):
        await engine.complete(request(f"a{number} = ‸\n"))
    assert engine.journal.counts["model"] == KEPT + 5
    assert len(engine.journal.latest(1000)) == KEPT
    assert engine.journal.latest(0) == []


async def test_no_code_is_in_a_description() -> None:
    """Neither of the document nor of the answer."""
    engine = engine_over(ScriptedProvider("generated(word)").provider(), view=Beside())
    outcome = await engine.complete(request("document = ‸ # behind\n"))
    for told in (describe(outcome), described(engine)):
        words = json.dumps(told)
        assert not [
            each for each in ("generated", "document =", "behind", "b = 1") if each in words
        ]
