"""Every way in which a request can end is reached by walking there, and is named in the journal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from codestral_ls.context.view import NoView
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import describe
from codestral_ls.errors import (
    BrokenReply,
    RateLimited,
    Refused,
    TimedOut,
    TooLong,
    Unauthorized,
    Unavailable,
)
from codestral_ls.model import Edit, Reason, Request, Source, Trigger
from codestral_ls.settings import Settings
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, Reply, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

Walk = Callable[[], Awaitable[Engine]]
HERE = "x = ‸\n"


class Guarded(NoView):
    """A view that lets nothing out."""

    async def denial(self, _uri: str) -> str:
        return ".codestralignore"


async def asked(
    reply: Reply, *requests: Request, settings: Settings = AT_ONCE, view: NoView | None = None
) -> Engine:
    """An engine that was asked, one request after the other."""
    engine = engine_over(ScriptedProvider(reply).provider(), settings=settings, view=view)
    for each in requests:
        await engine.complete(each)
    return engine


def replied(reply: Reply, marked: str = HERE) -> Walk:
    return lambda: asked(reply, request(marked))


def with_settings(marked: str = HERE, **changes: object) -> Walk:
    return lambda: asked("one", request(marked), settings=replace(AT_ONCE, **changes))  # type: ignore[arg-type]


@asynccontextmanager
async def under_way(
    *marked: str,
) -> AsyncIterator[tuple[Engine, HandFed, list[asyncio.Task[object]]]]:
    """Requests that wait for a call that waits for a test."""
    time, model = VirtualTime(), HandFed()
    engine = engine_over(model.provider(), time=time)
    tasks: list[asyncio.Task[object]] = []
    for each in marked:
        tasks.append(asyncio.create_task(engine.complete(request(each))))
        await settle()
    yield engine, model, tasks
    await asyncio.gather(*tasks, return_exceptions=True)
    await engine.close()


async def cancelled() -> Engine:
    async with under_way(HERE) as (engine, _, (task,)):
        task.cancel()
    return engine


async def superseded() -> Engine:
    async with under_way(HERE, "x = o‸\n") as (engine, _, (_, newer)):
        newer.cancel()
    return engine


async def joined() -> Engine:
    async with under_way(HERE, "x = o‸\n") as (engine, model, _):
        model.calls[0].feed("one\n")
    return engine


async def outdated() -> Engine:
    time = VirtualTime()
    script = ScriptedProvider("one")
    engine = engine_over(script.provider(), time=time, settings=Settings(debounce_ms=100))
    task = asyncio.create_task(engine.complete(request(HERE)))
    await time.pass_time(0.05)
    engine.edited("file:///w/a.py")
    await time.pass_time(0.1)
    await task
    return engine


async def snoozed() -> Engine:
    engine = engine_over(ScriptedProvider("one").provider())
    engine.pause(60)
    await engine.complete(request(HERE))
    await engine.close()
    return engine


async def from_files() -> Engine:
    script = ScriptedProvider(Unavailable("down"))
    engine = engine_over(script.provider(), offline=files("from files"))
    await engine.complete(request("y = ‸\n"))
    await engine.complete(request(HERE))
    return engine


NOTHING: dict[Reason, Walk] = {
    Reason.DISABLED: with_settings(enabled=False),
    Reason.DENIED: lambda: asked("one", request(HERE), view=Guarded()),
    Reason.LANGUAGE_OFF: with_settings(languages=("go",)),
    Reason.MANUAL_ONLY: with_settings(trigger="manual"),
    Reason.IN_WORD: replied("one", "x = on‸ce\n"),
    Reason.IN_COMMENT: with_settings("# to ‸\n", comments=False),
    Reason.IN_STRING: with_settings("x = 'to ‸'\n", strings=False),
    Reason.FINISHED: replied("one", "for x in y:\n    pass‸\n"),
    Reason.CANCELLED: cancelled,
    Reason.SUPERSEDED: superseded,
    Reason.OUTDATED: outdated,
    Reason.TAKEN_BACK: lambda: asked("one", replace(request(HERE), edit=Edit.DELETED)),
    Reason.EMPTY: replied(""),
    Reason.SHAPED_AWAY: replied(",", "x = f(1‸)\n"),
    Reason.UNAUTHORIZED: replied(Unauthorized("no key")),
    Reason.REFUSED: replied(Refused("no such model")),
    Reason.RATE_LIMITED: replied(RateLimited("slow down")),
    Reason.UNAVAILABLE: replied(Unavailable("down")),
    Reason.TIMED_OUT: replied(TimedOut("slow")),
    Reason.BROKEN_REPLY: replied(BrokenReply("html")),
    Reason.PAUSED: lambda: asked(Unauthorized("no key"), request(HERE), request("y = ‸\n")),
    Reason.SNOOZED: snoozed,
    Reason.SPENT: lambda: asked(
        "one", request(HERE), request("y = ‸\n"), settings=replace(AT_ONCE, daily_requests=1)
    ),
    Reason.INTERNAL_ERROR: replied(KeyError("bug")),
}
ANSWERS: dict[Source, Walk] = {
    Source.MODEL: replied("one"),
    Source.OFFLINE: from_files,
    Source.CACHE: lambda: asked("one", request(HERE), request(HERE)),
    Source.TYPED_THROUGH: lambda: asked("one", request(HERE), request("x = o‸\n")),
    Source.JOINED: joined,
}


def entries(engine: Engine, name: str, key: str) -> list[dict[str, Any]]:
    """What the journal says of the requests that ended in this way, as often as it counted them."""
    told = [describe(each) for each in engine.journal.latest(10)]
    found = [each for each in told if each.get(key) == name]
    assert len(found) == engine.journal.counts[name]
    return found


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_is_reached_and_named(reason: Reason) -> None:
    """None is a name for what never happens, and each request ends with its own."""
    (entry,) = entries(await NOTHING[reason](), reason.value, "outcome")
    assert not entry["shaped"] or reason is Reason.SHAPED_AWAY


@pytest.mark.parametrize("source", Source)
async def test_every_source_is_reached_and_named(source: Source) -> None:
    """The same for answers."""
    (entry,) = entries(await ANSWERS[source](), source.value, "source")
    assert entry["outcome"] == "answer"


async def test_too_long_is_refused_once_half_of_it_is_too_long_as_well() -> None:
    """The one failure without a reason of its own, since it ends as its parent."""
    engine = await asked(TooLong("too long"), request(HERE, trigger=Trigger.INVOKED))
    assert describe(engine.journal.latest(1)[0])["outcome"] == "refused"
