"""Never ask twice, never too late: memory, joining, and the life of a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import Unavailable
from codestral_ls.model import Answer, Edit, Nothing, Outcome, Reason, Request, Source, Trigger
from codestral_ls.reuse.flights import DIVERGED_SECONDS, GRACE_SECONDS
from codestral_ls.settings import Settings
from tests.marked import request
from tests.scripted import HandFed, engine_for
from tests.virtual_clock import VirtualTime, settle


class Bench:
    """An engine with hand-fed calls and time in a test's hands."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.time = VirtualTime()
        self.model = HandFed()
        self.engine: Engine = engine_for(
            self.model, settings or Settings(debounce_ms=0), self.time.clock
        )

    async def ask(self, marked: str | Request) -> asyncio.Task[Outcome]:
        """A request that has gone as far as it can."""
        asked = request(marked) if isinstance(marked, str) else marked
        task = asyncio.create_task(self.engine.complete(asked))
        await settle()
        return task

    async def feed(self, text: str, call: int = -1) -> None:
        """Text for a call."""
        self.model.calls[call].feed(text)
        await settle()


@asynccontextmanager
async def bench(settings: Settings | None = None) -> AsyncIterator[Bench]:
    """A bench behind which no call is left."""
    each = Bench(settings)
    yield each
    await each.engine.close()
    await settle()
    assert each.engine.under_way == 0
    assert all(call.state != "under way" for call in each.model.calls)


def text(outcome: Outcome, source: Source) -> str:
    assert isinstance(outcome, Answer), outcome
    assert outcome.source is source
    return outcome.text


async def test_a_request_is_answered_as_soon_as_its_line_is_complete() -> None:
    """The stream goes on for a while into memory."""
    async with bench() as b:
        asked = await b.ask("x = ‸\n")
        await b.feed("one(a,")
        assert not asked.done()
        await b.feed(" b)\nprint(x)")
        assert text(await asked, Source.MODEL) == "one(a, b)"
        assert b.model.calls[0].state == "under way"


async def test_the_rest_of_a_stream_is_the_next_answer() -> None:
    """After accepting a line, the following lines are there without another call."""
    async with bench() as b:
        asked = await b.ask("x = ‸\n")
        await b.feed("1\ny = 2\nz = 3\n\nw = 4\nv")
        await asked
        again = await b.ask("x = 1‸\n")
        assert text(await again, Source.TYPED_THROUGH) == "\ny = 2\nz = 3"
        again = await b.ask("x = 1\ny = 2‸\n")
        assert text(await again, Source.TYPED_THROUGH) == "\nz = 3"
        assert len(b.model.calls) == 1


async def test_what_is_shown_does_not_grow_while_it_is_typed() -> None:
    """The same item, less what was typed of it: nothing flickers."""
    async with bench(Settings(debounce_ms=0, max_lines=2)) as b:
        asked = await b.ask("‸\n")
        await b.feed("one = 1\ntwo = 2\nthree = 3\n")
        assert text(await asked, Source.MODEL) == "one = 1\ntwo = 2"
        again = await b.ask("one = 1\nt‸\n")
        assert text(await again, Source.TYPED_THROUGH) == "wo = 2"


async def test_a_stream_ends_when_there_is_enough_behind_what_is_shown() -> None:
    """Tokens that nobody will see are not paid for."""
    async with bench(Settings(debounce_ms=0, rest_lines=2)) as b:
        asked = await b.ask("x = ‸\n")
        await b.feed("1\ntwo\nthree\n")
        assert (await asked, b.model.calls[0].state)[1] == "enough"


async def test_typing_on_joins_the_call_that_is_under_way() -> None:
    """One call serves both requests, and the newer one is shown the remainder."""
    async with bench() as b:
        older = await b.ask("x = ‸\n")
        newer = await b.ask("x = fo‸\n")
        await b.feed("foo(bar)\n")
        assert (await older) == Nothing(reason=Reason.SUPERSEDED)
        assert text(await newer, Source.JOINED) == "o(bar)"
        assert len(b.model.calls) == 1


async def test_a_cancelled_request_leaves_its_call_to_the_next_one() -> None:
    """VS Code cancels at every key; the call is still the right one."""
    async with bench() as b:
        older = await b.ask("x = ‸\n")
        older.cancel()
        await b.time.pass_time(0.05)
        newer = await b.ask("x = f‸\n")
        await b.feed("foo\n")
        assert text(await newer, Source.JOINED) == "oo"
        assert len(b.model.calls) == 1


async def test_a_call_that_nobody_joins_ends_after_the_grace() -> None:
    """Closing its connection is what stops the bill."""
    async with bench() as b:
        asked = await b.ask("x = ‸\n")
        asked.cancel()
        await b.time.pass_time(GRACE_SECONDS - 0.1)
        assert b.model.calls[0].state == "under way"
        await b.time.pass_time(0.2)
        assert b.model.calls[0].state == "cancelled"


async def test_a_call_that_was_broken_off_gives_whole_lines_only() -> None:
    """Half a word is no answer."""
    async with bench() as b:
        asked = await b.ask("‸\n")
        await b.feed("one = 1\ntwo = tw")
        asked.cancel()
        await b.time.pass_time(GRACE_SECONDS + 0.1)
        again = await b.ask("‸\n")
        assert text(await again, Source.CACHE) == "one = 1"


async def test_a_request_that_diverges_asks_when_the_call_has_had_its_time() -> None:
    """One call for a document; a slip that is taken back within half a second loses nothing."""
    async with bench() as b:
        await b.ask("x = ‸\n")
        await b.feed("foo")
        diverged = await b.ask("x = b‸\n")
        assert len(b.model.calls) == 1
        await b.time.pass_time(DIVERGED_SECONDS + 0.01)
        assert [call.state for call in b.model.calls] == ["cancelled", "under way"]
        await b.feed("ar\n")
        assert text(await diverged, Source.MODEL) == "ar"


async def test_a_slip_that_is_taken_back_finds_its_call_again() -> None:
    """The call has gone on meanwhile."""
    async with bench() as b:
        await b.ask("x = ‸\n")
        await b.feed("foo")
        await b.ask("x = b‸\n")
        await b.time.pass_time(DIVERGED_SECONDS / 2)
        back = await b.ask(replace(request("x = ‸\n"), edit=Edit.DELETED))
        await b.time.pass_time(DIVERGED_SECONDS)
        await b.feed("(bar)\n")
        assert text(await back, Source.JOINED) == "foo(bar)"
        assert len(b.model.calls) == 1


async def test_taking_back_is_no_reason_to_ask() -> None:
    """A deletion by itself makes no call, unless the user asks for one."""
    async with bench() as b:
        deleted = replace(request("x = ‸\n"), edit=Edit.DELETED)
        assert await (await b.ask(deleted)) == Nothing(reason=Reason.TAKEN_BACK)
        assert b.model.calls == []
        await b.ask(replace(deleted, trigger=Trigger.INVOKED))
        assert b.model.calls


async def test_the_failure_of_a_call_is_told_to_whoever_follows_it() -> None:
    """Also to one that has joined."""
    async with bench() as b:
        await b.ask("x = ‸\n")
        joined = await b.ask("x = f‸\n")
        b.model.calls[0].fail(Unavailable("down"))
        outcome = await joined
        assert isinstance(outcome, Nothing)
        assert (outcome.reason, outcome.detail) == (Reason.UNAVAILABLE, "down")


async def test_closing_the_document_ends_its_call() -> None:
    """Nobody will look at it."""
    async with bench() as b:
        asked = await b.ask("x = ‸\n")
        b.engine.abandon("file:///w/a.py")
        await settle()
        assert b.model.calls[0].state == "cancelled"
        assert await asked == Nothing(reason=Reason.SUPERSEDED)


async def test_other_settings_end_all_calls() -> None:
    """What they bring is no answer any more."""
    async with bench() as b:
        asked = await b.ask("x = ‸\n")
        await b.feed("half a wo")
        b.engine.configure(Settings(debounce_ms=0, model="other"))
        await settle()
        assert await asked == Nothing(reason=Reason.SUPERSEDED)
        await b.ask("x = ‸\n")
        assert len(b.model.calls) == 2


async def test_a_text_that_is_no_longer_the_newest_is_not_asked_about() -> None:
    """Neovim cancels nothing: during the wait the document has moved on."""
    async with bench(Settings(debounce_ms=100)) as b:
        asked = await b.ask("x = ‸\n")
        b.engine.edited("file:///w/a.py")
        await b.time.pass_time(0.2)
        outcome = await asked
        assert isinstance(outcome, Nothing)
        assert outcome.reason is Reason.OUTDATED
        assert b.model.calls == []


async def test_accepting_asks_for_what_comes_next() -> None:
    """Before the editor does, if nothing is known yet; its own request then joins."""
    async with bench() as b:
        b.engine.ask_ahead(request("x = foo()‸\n"))
        await settle()
        b.engine.ask_ahead(request("x = foo()‸\n"))
        asked = await b.ask("x = foo()‸\n")
        await b.feed(".bar\n")
        assert text(await asked, Source.JOINED) == ".bar"
        assert len(b.model.calls) == 1


async def test_memory_answers_while_the_circuit_is_open() -> None:
    """What is known needs no endpoint."""
    async with bench(Settings(debounce_ms=0, offline_fallback=False)) as b:
        asked = await b.ask("x = ‸\n")
        await b.feed("foo(bar)\n")
        b.model.calls[0].finish()
        await asked
        failing = await b.ask("y = ‸\n")
        b.model.calls[1].fail(Unavailable("down"))
        await failing
        assert text(await (await b.ask("x = f‸\n")), Source.TYPED_THROUGH) == "oo(bar)"
        paused = await (await b.ask("z = ‸\n"))
        assert isinstance(paused, Nothing)
        assert (paused.reason, paused.detail) == (Reason.PAUSED, "down")
        assert len(b.model.calls) == 2
