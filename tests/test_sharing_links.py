"""What a call that somebody else has made says of a provider, and what it does not."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from codestral_ls.errors import Unavailable
from codestral_ls.happenings import CallEnded, Happening
from codestral_ls.model import Answer, Chunk, Prompt, Source, Trigger
from codestral_ls.provider import Provider
from codestral_ls.settings import Settings
from tests.chained import engine_over
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

SETTINGS = Settings(debounce_ms=0, candidates=1, offline_fallback=False)
INVOKED = Trigger.INVOKED


def doing(*turns: Chunk | Exception | None, name: str = "first") -> Provider:
    """A provider that says or raises one after the other, or waits for ever at None."""

    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        for each in turns:
            if each is None:
                await asyncio.Event().wait()
            elif isinstance(each, Exception):
                raise each
            elif not more(each):
                return

    return replace(HandFed().provider(), ask=ask, name=name)


async def test_a_failure_that_was_joined_is_not_counted_here() -> None:
    """It is counted where the call was made; the next provider is asked on one's own account."""
    noted: list[Happening] = []
    first = doing(Chunk(source=Source.JOINED), Unavailable("down"))
    second = ScriptedProvider("two").provider(name="second")
    engine = engine_over(first, second, settings=SETTINGS, tell=noted.append)
    outcome = await engine.complete(request("x = ‸"))
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.source) == ("two", Source.MODEL)
    await settle()
    calls = [each for each in noted if isinstance(each, CallEnded)]
    assert [each.labels.provider for each in calls] == ["second"]
    assert engine.condition.failures == ()
    await engine.close()


async def test_silence_of_a_call_that_was_joined_does_not_speak_against_the_provider() -> None:
    """Whoever made it knows for how long there was silence."""
    time = VirtualTime()
    engine = engine_over(doing(Chunk(source=Source.JOINED), None), settings=SETTINGS, time=time)
    for marked in ("x = ‸", "y = ‸"):  # a first missed deadline would only be bad luck
        asked = asyncio.create_task(engine.complete(request(marked)))
        await time.pass_time(20.0)
        engine.leave(request(marked).lane)
        await asked
        await settle()
    assert engine.condition.failures == ()
    await engine.close()


@pytest.mark.parametrize(("source", "is_back"), [(Source.CACHE, False), (Source.JOINED, True)])
async def test_only_a_call_says_that_a_provider_is_back(source: Source, *, is_back: bool) -> None:
    """That its text was there already does not."""
    said = (Chunk(source=source), Chunk(text="one"), Chunk(finish_reason="stop"))
    turns = [doing(Unavailable("down")).ask, doing(*said).ask]

    async def ask(prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        await turns.pop(0)(prompt, more)

    provider = replace(HandFed().provider(), ask=ask)
    engine = engine_over(provider, settings=SETTINGS)
    await engine.complete(request("x = ‸", trigger=INVOKED))
    outcome = await engine.complete(request("x = ‸", trigger=INVOKED))
    assert isinstance(outcome, Answer)
    assert outcome.source is source
    assert (engine.condition.failures == ()) is is_back
    await engine.close()
