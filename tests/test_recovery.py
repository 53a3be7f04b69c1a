"""After a failure, a slip or an ending: what is asked again, and what is not shown any more."""

from dataclasses import replace

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import TimedOut, Unavailable
from codestral_ls.lsp.documents import Document, Point
from codestral_ls.model import Answer, Edit, Outcome, RateLimits, Source
from codestral_ls.reuse.flights import DIVERGED_SECONDS
from codestral_ls.reuse.limits import Allowance
from codestral_ls.settings import Settings
from tests.marked import BUDGET, request
from tests.scripted import ScriptedProvider
from tests.test_reuse import Bench, bench
from tests.virtual_clock import settle


def source(outcome: Outcome) -> Source:
    assert isinstance(outcome, Answer), outcome
    return outcome.source


async def test_a_call_that_failed_does_not_stand_for_an_empty_answer() -> None:
    """The place is asked about again as soon as the pause is over."""
    async with bench() as b:
        first = await b.ask("x = ‸\n")
        b.model.calls[0].fail(TimedOut("slow"))
        await first
        again = await b.ask("x = ‸\n")
        assert len(b.model.calls) == 2
        await b.feed("1\n")
        assert source(await again) is Source.MODEL


async def test_a_call_that_was_broken_off_early_does_not_either() -> None:
    """After a slip the place is as new."""
    async with bench() as b:
        await b.ask("x = ‸\n")
        await b.feed("foo")
        await b.ask("x = b‸\n")
        await b.time.pass_time(DIVERGED_SECONDS + 0.01)
        await b.ask("x = ‸\n")
        await b.time.pass_time(DIVERGED_SECONDS + 0.01)
        assert [call.prompt.prefix for call in b.model.calls] == ["x = ", "x = b", "x = "]


def with_stand_in() -> Bench:
    """A bench with an offline provider."""
    b = Bench()
    offline = replace(ScriptedProvider("from my files").provider(), source=Source.OFFLINE)
    b.engine = Engine(
        Settings(debounce_ms=0), lambda _: b.model.provider(), offline=offline, clock=b.time.clock
    )
    return b


async def test_the_stand_in_serves_during_an_outage_and_not_after_it() -> None:
    """What it said is no answer once the model is back."""
    b = with_stand_in()
    failing = await b.ask("y = ‸\n")
    b.model.calls[0].fail(Unavailable("down"))
    await failing
    assert source(await (await b.ask("z = ‸\n"))) is Source.OFFLINE
    assert source(await (await b.ask("z = ‸\n"))) is Source.CACHE
    await b.time.pass_time(5)
    assert source(await (await b.ask("w = ‸\n"))) is Source.OFFLINE
    await b.feed("1\n")  # to the call beside
    asked = await b.ask("z = ‸\n")
    await b.feed("2\n")
    assert source(await asked) is Source.MODEL
    await b.engine.close()
    await settle()


async def test_a_document_that_closes_in_the_last_moment_is_not_asked_about() -> None:
    """Its request has slept through its pause and is about to send the text."""
    async with bench(Settings(debounce_ms=100)) as b:
        await b.ask("x = ‸\n")
        b.time.wake(0.2)  # the sleeper runs on only when tasks do
        b.engine.abandon("file:///w/a.py")
        await settle()
        assert b.model.calls == []


async def test_a_pause_ends_in_joining_what_was_set_off_ahead() -> None:
    """Accepting has asked already."""
    async with bench(Settings(debounce_ms=250)) as b:
        asked = await b.ask("x = foo()‸\n")
        b.engine.ask_ahead(request("x = foo()‸\n"))
        await b.time.pass_time(0.26)
        await b.feed(".bar\n")
        assert source(await asked) is Source.JOINED
        assert len(b.model.calls) == 1


def test_a_new_text_for_the_whole_document_is_no_deletion() -> None:
    """Editors that send everything say nothing of what was done."""
    document = Document("file:///a.py", "python", "one\ntwo\n")
    document.edit(Point(0, 0), Point(0, 1), "", "utf-16")
    kinds = [document.last_edit]
    document.replace("three\n")
    assert [*kinds, document.last_edit] == [Edit.DELETED, Edit.TYPED]


def test_a_line_end_that_joins_the_one_above_leaves_the_caret_in_the_document() -> None:
    """CR and LF have become one."""
    document = Document("file:///a.py", "python", "a\rb")
    document.edit(Point(1, 0), Point(1, 0), "\n", "utf-16")
    assert document.caret is not None
    assert document.snapshot(document.caret, BUDGET).prefix.startswith("a\n")


def test_a_limit_that_is_learned_late_does_not_count_what_came_before() -> None:
    """The endpoint knows what is left."""
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    for _ in range(100):
        now[0] += 3
        allowance.spend(500)
    allowance.learn(RateLimits(requests=30, requests_left=25))
    assert allowance.wait_seconds(500) == 0
    allowance.learn(RateLimits(requests=600, requests_left=599))
    now[0] += 60
    assert allowance.has_room()


def test_nothing_left_of_the_tokens_means_waiting_too() -> None:
    """Whatever of the two limits is used up."""
    allowance = Allowance(lambda: 0.0)
    allowance.learn(RateLimits(tokens=50_000, tokens_left=0))
    assert allowance.wait_seconds(100) > 0
    assert not allowance.has_room()
