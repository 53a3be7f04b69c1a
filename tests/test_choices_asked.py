"""What asking for several texts may take: time, calls and the rate limit."""

from codestral_ls.engine.choices import SLOW_SECONDS
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import RateLimited, Unavailable
from codestral_ls.fim.offline import offline_provider
from codestral_ls.model import Nothing, Prompt, Reason
from codestral_ls.reuse.flights import DIVERGED_SECONDS, GRACE_SECONDS
from codestral_ls.settings import Settings
from tests.marked import request
from tests.test_choices import INVOKED, invoke, say, states, texts
from tests.test_reuse import bench
from tests.virtual_clock import settle

URI = "file:///w/a.py"


async def test_a_slow_one_is_not_waited_for() -> None:
    """Once there is something to show; it ends when nobody has asked for it for a while."""
    async with bench() as b:
        asked = await invoke(b)
        await b.time.pass_time(3)
        assert not asked.done()
        await say(b, "one", "two")
        await b.time.pass_time(SLOW_SECONDS - 0.1)
        assert not asked.done()
        await b.time.pass_time(0.2)
        assert sorted(texts(await asked)) == ["one", "two"]
        await b.time.pass_time(GRACE_SECONDS)
        assert states(b) == ["finished", "finished", "cancelled"]


async def test_a_slow_first_one_is_not_waited_for_either() -> None:
    """Who asks by hand sees the others soon."""
    async with bench() as b:
        asked = await invoke(b)
        await say(b, "two", calls=[1])
        await b.time.pass_time(SLOW_SECONDS + 0.1)
        assert texts(await asked) == ["two"]


async def test_the_failure_of_a_further_one_is_silent() -> None:
    """The breaker hears nothing of it either."""
    async with bench() as b:
        asked = await invoke(b)
        b.model.calls[1].fail(Unavailable("down"))
        await say(b, "one", "three", calls=[0, 2])
        assert sorted(texts(await asked)) == ["one", "three"]
        key = await b.ask("y = ‸\n")
        await say(b, "four", calls=[3])
        assert texts(await key) == ["four"]


async def test_a_further_one_that_runs_into_the_rate_limit_ends_the_asking() -> None:
    """The next call would run into it as well."""
    async with bench(Settings(debounce_ms=0, offline_fallback=False)) as b:
        asked = await invoke(b)
        await say(b, "one", "two")
        b.model.calls[2].fail(RateLimited("slow down", retry_after=5))
        assert len(texts(await asked)) == 2
        paused = await (await b.ask("y = ‸\n"))
        assert isinstance(paused, Nothing)
        assert paused.reason is Reason.PAUSED


async def test_when_the_first_fails_the_others_are_shown() -> None:
    """Its failure is told only if there is nothing else."""
    for others, expected in ((["two", "three"], 2), ([], 0)):
        async with bench() as b:
            asked = await invoke(b)
            b.model.calls[0].fail(Unavailable("down"))
            await say(b, *others, calls=[1, 2])
            if not expected:
                b.model.calls[1].fail(Unavailable("down"))
                b.model.calls[2].fail(Unavailable("down"))
            outcome = await asked
            if expected:
                assert sorted(texts(outcome)) == sorted(others)
            else:
                assert isinstance(outcome, Nothing)
                assert (outcome.reason, outcome.detail) == (Reason.UNAVAILABLE, "down")


async def test_the_rate_limit_is_not_used_up_for_them() -> None:
    """One slot stays for the next key, and nobody waits for a further text."""
    async with bench(Settings(debounce_ms=0, candidates=5, requests_per_minute=6)) as b:
        asked = await invoke(b)
        assert len(b.model.calls) == 1
        await say(b, "one")
        assert texts(await asked) == ["one"]


async def test_after_a_failure_there_is_one_call_to_see_if_it_is_over() -> None:
    """Not three."""
    async with bench(Settings(debounce_ms=0, offline_fallback=False)) as b:
        failing = await b.ask("y = ‸\n")
        b.model.calls[0].fail(Unavailable("down"))
        await failing
        asked = await invoke(b)
        assert len(b.model.calls) == 2
        await say(b, "one", calls=[1])
        assert texts(await asked) == ["one"]


async def own_words(_prompt: Prompt) -> str:
    return "ce * count"


async def test_offline_there_is_what_the_files_say() -> None:
    """Asking twice would bring the same."""
    engine = Engine(
        Settings(debounce_ms=0, provider="offline"),
        lambda _: offline_provider(own_words),
    )
    repeated = "total = price * count\n"
    marked = f"{repeated * 3}total = pri‸\n"
    outcome = await engine.complete(request(marked, trigger=INVOKED))
    assert texts(outcome) == ["ce * count"]
    await engine.close()


async def test_a_cancelled_request_leaves_no_call_behind() -> None:
    """Whether it is cancelled, superseded by other text, or its document closed."""
    async with bench() as b:
        asked = await invoke(b)
        asked.cancel()
        await b.time.pass_time(GRACE_SECONDS + 0.1)
        assert states(b) == ["cancelled"] * 3
    async with bench() as b:
        asked = await invoke(b)
        await b.feed("one", 0)
        await b.feed("two", 1)
        await b.feed("three", 2)
        newer = await b.ask("x = q‸\n")
        await b.time.pass_time(DIVERGED_SECONDS + 0.1)
        assert await asked == Nothing(reason=Reason.SUPERSEDED)
        assert states(b) == [*["cancelled"] * 3, "under way"]
        newer.cancel()
    async with bench() as b:
        asked = await invoke(b)
        b.engine.abandon(URI)
        await settle()
        assert await asked == Nothing(reason=Reason.SUPERSEDED)
        assert states(b) == ["cancelled"] * 3


async def test_nothing_from_a_further_one_does_not_silence_the_first() -> None:
    """That it has nothing to say is not remembered as an answer."""
    async with bench() as b:
        asked = await invoke(b)
        await say(b, "", "", calls=[1, 2])
        asked.cancel()
        await b.feed("one", 0)
        key = await b.ask("x = ‸\n")
        await say(b, "")
        assert texts(await key) == ["one"]
