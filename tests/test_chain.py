"""Several providers in an order: who serves, when the next one does, and who takes over again."""

import asyncio
from dataclasses import replace

from codestral_ls.engine.call import AT_ONCE_SECONDS
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import TooLong, Unauthorized, Unavailable
from codestral_ls.model import Answer, Budget, Nothing, Outcome, Reason, Source, Trigger
from codestral_ls.reuse.pace import REFUSED_SECONDS
from codestral_ls.reuse.place import PLACE_AFTER
from codestral_ls.reuse.rhythm import FIRST_WAIT
from codestral_ls.settings import Settings
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

INVOKED = Trigger.INVOKED
ONE = replace(AT_ONCE, candidates=1)


def said(outcome: Outcome) -> tuple[str, str]:
    """Who has answered, and what."""
    assert isinstance(outcome, Answer), outcome
    return outcome.provider, outcome.text


def reason(outcome: Outcome) -> tuple[Reason, str]:
    assert isinstance(outcome, Nothing), outcome
    return outcome.reason, outcome.detail


async def ask(engine: Engine, marked: str, trigger: Trigger = Trigger.AUTOMATIC) -> Outcome:
    return await engine.complete(request(marked, trigger=trigger))


async def test_the_next_one_answers_the_request_that_meets_a_failure_at_once() -> None:
    """A refused connection takes 1 ms; nobody has to press another key for it."""
    first, second = ScriptedProvider(Unavailable("down")), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"))
    outcome = await ask(engine, "x = ‸")
    assert said(outcome) == ("second", "two")
    assert outcome.sent is not None
    assert outcome.sent.provider == "second"
    assert len(first.prompts) == 1
    await ask(engine, "y = ‸")
    assert (len(first.prompts), len(second.prompts)) == (1, 2)


async def test_a_failure_that_took_its_time_is_told_and_the_next_request_goes_on() -> None:
    """Late ghost text is worthless, unless somebody waits for it by hand."""
    for trigger, answered in ((Trigger.AUTOMATIC, False), (INVOKED, True)):
        time, first, second = VirtualTime(), HandFed(), ScriptedProvider("two")
        engine = engine_over(
            first.provider(name="first"), second.provider(name="second"), time=time, settings=ONE
        )
        asked = asyncio.create_task(ask(engine, "x = ‸", trigger))
        await time.pass_time(AT_ONCE_SECONDS + 0.01)
        first.calls[0].fail(Unavailable("down"))
        outcome = await asked
        assert isinstance(outcome, Answer) is answered
        assert said(outcome) == ("second", "two") if answered else reason(outcome)
        assert said(await ask(engine, "y = ‸")) == ("second", "two")


async def test_a_failure_behind_a_text_is_not_begun_anew() -> None:
    """What the first one wrote is there already, if only as whole lines."""
    first, second = HandFed(), ScriptedProvider("two")
    engine = engine_over(first.provider(), second.provider(name="second"))
    asked = asyncio.create_task(ask(engine, "x = ‸"))
    await settle()
    first.calls[0].feed("o")
    first.calls[0].fail(Unavailable("down"))
    assert reason(await asked) == (Reason.UNAVAILABLE, "down")
    assert second.prompts == []


async def test_when_all_fail_the_first_failure_is_told() -> None:
    """The preferred one is what the user wants to mend; then the files serve."""
    engine = engine_over(
        ScriptedProvider(Unauthorized("no key")).provider(name="first"),
        ScriptedProvider(Unavailable("not started")).provider(name="second"),
        ScriptedProvider(Unavailable("neither")).provider(name="third"),
        offline=files("from files"),
    )
    outcome = await ask(engine, "x = ‸")
    assert reason(outcome) == (Reason.UNAUTHORIZED, "no key")
    assert outcome.provider == "first"
    assert outcome.sent is not None
    assert outcome.sent.provider == "first"
    assert said(await ask(engine, "y = ‸")) == ("offline", "from files")


async def test_without_anybody_left_the_pause_is_that_of_the_first() -> None:
    """Its words say what to mend."""
    engine = engine_over(
        ScriptedProvider(Unauthorized("no key")).provider(),
        ScriptedProvider(Unavailable("not started")).provider(name="second"),
        settings=replace(AT_ONCE, offline_fallback=False),
        offline=files("from files"),
    )
    await ask(engine, "x = ‸")
    assert reason(await ask(engine, "y = ‸")) == (Reason.PAUSED, "no key")


async def test_an_offline_provider_in_the_chain_is_not_there_twice() -> None:
    """The last one of a chain stands in for those before it, and the engine's own is not asked."""
    own = ScriptedProvider("never")
    engine = engine_over(
        ScriptedProvider(Unavailable("down")).provider(),
        files("from the chain"),
        offline=own.provider(source=Source.OFFLINE),
    )
    assert reason(await ask(engine, "x = ‸")) == (Reason.UNAVAILABLE, "down")
    assert said(await ask(engine, "y = ‸")) == ("offline", "from the chain")
    assert own.prompts == []


async def test_the_first_one_takes_over_when_it_is_back() -> None:
    """A call beside finds out, and what the second wrote meanwhile is still an answer."""
    time = VirtualTime()
    first, second = ScriptedProvider(Unavailable("down"), "one"), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"), time=time)
    assert said(await ask(engine, "x = ‸")) == ("second", "two")
    await time.pass_time(5)
    assert said(await ask(engine, "y = ‸")) == ("second", "two")
    await settle()
    assert said(await ask(engine, "z = ‸")) == ("first", "one")
    assert said(await ask(engine, "x = ‸")) == ("second", "two")
    assert engine.condition.provider == "first"


async def test_by_hand_a_model_that_works_comes_before_one_that_fails() -> None:
    """Nobody waits for the deadline of the first again; without another it is tried."""
    first, second = ScriptedProvider(Unauthorized("no key")), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"), settings=ONE)
    await ask(engine, "x = ‸")
    assert said(await ask(engine, "y = ‸", INVOKED)) == ("second", "two")
    assert len(first.prompts) == 1
    second.replies = [Unavailable("down too")]
    await ask(engine, "z = ‸")
    assert reason(await ask(engine, "w = ‸", INVOKED)) == (Reason.UNAUTHORIZED, "no key")
    assert len(first.prompts) == 2


async def test_trying_again_closes_all_circuits() -> None:
    """The user has mended something, and whoever watches hears of it."""
    first, second = ScriptedProvider(Unauthorized("no key"), "one"), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"))
    await ask(engine, "x = ‸")
    assert engine.condition.retry_in == REFUSED_SECONDS
    heard: list[str] = []
    engine.on_change = lambda: heard.append(engine.condition.provider)
    engine.retry()
    assert heard == ["first"]
    assert engine.condition.failure is None
    assert said(await ask(engine, "y = ‸")) == ("first", "one")


async def test_whoever_watches_hears_who_serves_while_the_call_goes_on() -> None:
    """Of the first one's failure, and of its first word when it is back."""
    time, first, second = VirtualTime(), HandFed(), HandFed()
    engine = engine_over(first.provider(name="first"), second.provider(name="second"), time=time)
    heard: list[str] = []
    asked = asyncio.create_task(ask(engine, "x = ‸\n"))
    await settle()
    engine.on_change = lambda: heard.append(engine.condition.provider)
    first.calls[0].fail(Unavailable("down"))
    await settle()
    assert heard == ["second"]
    second.calls[0].feed("one\n\n\n\n\n\n\n\n\n")
    await asked
    await time.pass_time(2)
    asked = asyncio.create_task(ask(engine, "y = ‸\n"))
    await settle()
    failures: list[bool] = []
    engine.on_change = lambda: failures.append(engine.condition.failure is None)
    first.calls[1].feed("o")
    await settle()
    assert failures == [True]
    await engine.close()
    await asked


async def test_one_that_joins_is_answered_by_the_next_provider_too() -> None:
    """There is one call, whoever it goes to."""
    first, second = HandFed(), HandFed()
    engine = engine_over(first.provider(), second.provider(name="second"))
    older = asyncio.create_task(ask(engine, "x = ‸\n"))
    await settle()
    newer = asyncio.create_task(ask(engine, "x = f‸\n"))
    await settle()
    first.calls[0].fail(Unavailable("down"))
    await settle()
    second.calls[0].feed("foo(bar)\n")
    outcome = await newer
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.source) == ("oo(bar)", Source.JOINED)
    assert outcome.provider == "second"
    await older
    await engine.close()


async def test_further_candidates_do_not_go_on() -> None:
    """A failure brings one text of the next provider, not three."""
    first, second = ScriptedProvider(Unavailable("down")), ScriptedProvider("two")
    engine = engine_over(first.provider(), second.provider(name="second"))
    assert said(await ask(engine, "x = ‸", INVOKED)) == ("second", "two")
    assert len(second.prompts) == 1


async def test_one_without_room_is_not_waited_for() -> None:
    """Its rate limit is used up: the failure is told instead of half a minute later."""
    first, second = ScriptedProvider(Unavailable("down")), ScriptedProvider("two")
    engine = engine_over(first.provider(), second.provider(name="second", requests_per_minute=1))
    assert said(await ask(engine, "x = ‸")) == ("second", "two")
    engine.retry()
    assert reason(await ask(engine, "y = ‸")) == (Reason.UNAVAILABLE, "down")


async def test_the_limits_of_who_serves_in_the_end_are_kept() -> None:
    """The one that was waited for has failed meanwhile."""
    time, first, second = VirtualTime(), HandFed(), ScriptedProvider("two")
    engine = engine_over(
        first.provider(name="first"),
        second.provider(name="second", requests_per_minute=1),
        time=time,
    )
    other = replace(request("x = ‸"), lane="other")
    asked = asyncio.create_task(engine.complete(other))
    await settle()
    first.calls[0].fail(Unavailable("down"))
    await asked  # the second has used up its minute
    engine.retry()
    asked = asyncio.create_task(ask(engine, "y = ‸\n"))
    await settle()
    waiting = asyncio.create_task(ask(engine, "z = ‸\n"))
    await settle()
    await time.pass_time(AT_ONCE_SECONDS)
    first.calls[1].fail(Unavailable("down"))
    await settle()
    assert not waiting.done()
    await time.pass_time(120)
    assert said(await waiting) == ("second", "two")
    await asked


async def test_known_limits_of_a_provider_are_kept() -> None:
    """By waiting for a slot."""
    for known, waits in ((1, True), (600, False), (0, False)):
        limited = ScriptedProvider("one").provider(requests_per_minute=known)
        engine = engine_over(limited)
        await ask(engine, "x = ‸")
        waiting = asyncio.create_task(ask(engine, "y = ‸"))
        await settle()
        assert waiting.done() is not waits, known
        await engine.close()
        await waiting


async def test_each_provider_is_shown_its_own_budget() -> None:
    """What is too long for one is not for the next; a snapshot holds as much as any is shown."""
    first, second = ScriptedProvider(TooLong("long"), Unavailable("down")), ScriptedProvider("two")
    engine = engine_over(
        first.provider(budget=Budget(prefix_chars=500, suffix_chars=10)),
        second.provider(name="second", budget=Budget(prefix_chars=9000, suffix_chars=0)),
    )
    assert engine.budget == Budget(prefix_chars=9000, suffix_chars=PLACE_AFTER)
    await ask(engine, "# line\n" * 200 + "x = ‸")
    engine.retry()
    await ask(engine, "# line\n" * 200 + "y = ‸")
    assert [len(each.prefix) > 250 for each in first.prompts] == [True, False, False]
    assert all(len(each.prefix) <= 500 for each in first.prompts)
    assert all(len(each.prefix) > 1000 for each in second.prompts)


async def test_the_pause_is_that_of_whoever_serves() -> None:
    """While a paid one fails, the files that are there are asked at once."""
    time, first = VirtualTime(), ScriptedProvider(Unavailable("down"))
    engine = engine_over(
        first.provider(), time=time, settings=Settings(), offline=files("from files")
    )
    waiting = asyncio.create_task(ask(engine, "x = fo‸"))
    await time.pass_time(FIRST_WAIT)
    await waiting
    assert said(await ask(engine, "y = fo‸")) == ("offline", "from files")


async def test_closing_and_new_settings_close_the_whole_chain() -> None:
    """Every one of them holds connections."""
    scripts = [ScriptedProvider("x") for _ in range(3)]
    engine = engine_over(*(each.provider() for each in scripts))
    await engine.configure(AT_ONCE).close()
    assert [each.closed for each in scripts] == [True] * 3
    for each in scripts:
        each.closed = False
    await engine.close()
    assert [each.closed for each in scripts] == [True] * 3
