"""While the preferred provider fails: others say why they answer, and nobody waits for it."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import describe
from codestral_ls.errors import RateLimited, TimedOut, Unavailable
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Trigger
from codestral_ls.settings import Settings
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

PAUSE = 1.3
"""Seconds: longer than the first pause of a provider that fails, shorter than the next one."""


async def ask(engine: Engine, marked: str, trigger: Trigger = Trigger.AUTOMATIC) -> Outcome:
    return await engine.complete(request(marked, trigger=trigger))


async def name(engine: Engine, marked: str, trigger: Trigger = Trigger.AUTOMATIC) -> str:
    """Who answers; it has to be there at once."""
    asked = asyncio.create_task(ask(engine, marked, trigger))
    await settle()
    assert asked.done(), "somebody is waited for"
    return asked.result().provider


class Outage:
    """A first provider that has failed and may be tried again, and who stands in for it."""

    def __init__(self, *, by_files: bool = False, settings: Settings = AT_ONCE) -> None:
        self.time, self.first, self.second = VirtualTime(), HandFed(), ScriptedProvider("two")
        others = [] if by_files else [self.second.provider(name="second")]
        self.engine = engine_over(
            self.first.provider(name="first"),
            *others,
            time=self.time,
            settings=settings,
            offline=files("from files"),
        )

    async def begin(self, error: Exception | None = None) -> None:
        asked = asyncio.create_task(ask(self.engine, "x = ‸"))
        await settle()
        self.first.calls[0].fail(error or Unavailable("down"))  # type: ignore[arg-type]
        await asked
        await self.time.pass_time(PAUSE)


@pytest.mark.parametrize(
    ("stand_in", "trigger"),
    [
        ("second", Trigger.AUTOMATIC),
        ("second", Trigger.INVOKED),
        ("offline", Trigger.AUTOMATIC),  # by hand a model is tried rather than none
    ],
)
async def test_a_host_that_swallows_everything_keeps_nobody_waiting(
    stand_in: str, trigger: Trigger
) -> None:
    """It is tried beside, once at a time and until its deadline, then ever more rarely."""
    by_files = stand_in == "offline"
    outage = Outage(by_files=by_files, settings=replace(AT_ONCE, candidates=1))
    await outage.begin()
    for number in range(5):
        assert await name(outage.engine, f"a{number} = ‸", trigger) == stand_in
        await outage.time.pass_time(1)
        assert len(outage.first.calls) == 2
    assert outage.engine.condition.serves is not by_files
    outage.first.calls[1].fail(TimedOut("late"))
    await settle()
    for number in range(3):
        assert await name(outage.engine, f"b{number} = ‸", trigger) == stand_in
        assert len(outage.first.calls) == 2
    await outage.time.pass_time(2 * PAUSE)
    assert await name(outage.engine, "c = ‸", trigger) == stand_in
    assert len(outage.first.calls) == 3
    await outage.engine.close()


async def test_its_first_word_ends_the_outage() -> None:
    """One token is enough to know; nobody is shown it, and no status speaks of the call."""
    outage = Outage()
    await outage.begin()
    assert await name(outage.engine, "y = ‸") == "second"
    assert not outage.engine.condition.busy
    outage.first.calls[1].feed("o")
    await settle()
    assert outage.first.calls[1].state == "enough"
    assert outage.engine.condition.failure is None
    asked = asyncio.create_task(ask(outage.engine, "z = ‸"))
    await settle()
    outage.first.calls[2].feed("one")
    outage.first.calls[2].finish()
    outcome = await asked
    assert (outcome.provider, outcome.because) == ("first", "")
    again = await ask(outage.engine, "y = ‸")
    assert isinstance(again, Answer)
    assert again.text == "two"


async def test_it_is_told_the_same_as_who_stands_in() -> None:
    """A failure may be of the size of a prompt, or of a place."""
    outage = Outage()
    await outage.begin()
    await name(outage.engine, "# above\ny = ‸\n# below")
    beside, own = outage.first.calls[1].prompt, outage.second.prompts[-1]
    assert (beside.prefix, beside.suffix) == (own.prefix, own.suffix)


async def test_a_call_beside_goes_to_one_provider_only() -> None:
    """That it fails again is no reason to ask the next one, which has answered already."""
    outage = Outage()
    await outage.begin()
    await name(outage.engine, "y = ‸")
    outage.first.calls[1].fail(Unavailable("down"))
    await settle()
    assert [each.prefix for each in outage.second.prompts] == ["x = ", "y = "]


async def test_a_rate_limit_is_over_when_its_time_is() -> None:
    """The request itself goes there: a call beside it would use up what is free again."""
    outage = Outage()
    await outage.begin(RateLimited("slow", retry_after=1))
    condition = outage.engine.condition  # the same until it is known
    assert (condition.provider, condition.serves) == ("second", True)
    asked = asyncio.create_task(ask(outage.engine, "y = ‸"))
    await settle()
    assert [each.prompt.prefix for each in outage.first.calls] == ["x = ", "y = "]
    outage.first.calls[1].feed("one")
    outage.first.calls[1].finish()
    assert (await asked).provider == "first"


async def test_trying_again_is_paid_like_any_call() -> None:
    """It counts among the requests of the day, of which there may be none left."""
    for most, calls in ((3, 1), (4, 2)):
        outage = Outage(settings=replace(AT_ONCE, daily_requests=most))
        await outage.begin()
        await name(outage.engine, "y = ‸")
        assert len(outage.first.calls) == calls, most
        assert outage.engine.condition.spent == 1
        await outage.engine.close()


async def test_it_ends_with_the_settings_and_with_the_session() -> None:
    """Nobody is there to be told."""
    for by_settings in (False, True):
        outage = Outage()
        await outage.begin()
        await name(outage.engine, "y = ‸")
        if by_settings:
            outage.engine.configure(AT_ONCE)
        else:
            await outage.engine.close()
        await settle()
        assert outage.first.calls[1].state == "cancelled"


async def test_without_anybody_else_the_request_itself_tries() -> None:
    """There is nothing to lose."""
    script = ScriptedProvider(Unavailable("down"), "one")
    time = VirtualTime()
    engine = engine_over(script.provider(name="first"), time=time)
    await ask(engine, "x = ‸")
    await time.pass_time(PAUSE)
    assert await name(engine, "y = ‸") == "first"
    assert len(script.prompts) == 2


# --- why it is not the preferred one


async def test_whoever_stands_in_says_why() -> None:
    """Of the request that met the failure, of later ones, and of what memory holds."""
    first, second = ScriptedProvider(Unavailable("down")), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"))
    for marked in ("x = ‸", "y = ‸", "y = t‸"):
        await ask(engine, marked)
    told = [describe(each) for each in engine.journal.latest(3)]
    assert [each["because"] for each in told] == ["down"] * 3
    assert [each["provider"] for each in told] == ["second"] * 3


async def test_nothing_from_files_says_that_they_were_asked_and_why() -> None:
    """The words of the failure, or of the bound; the preferred one has no such words."""
    settings = replace(AT_ONCE, daily_requests=1)
    spent = engine_over(ScriptedProvider("").provider(), settings=settings, offline=files(""))
    down = engine_over(ScriptedProvider(Unavailable("down")).provider(), offline=files(""))
    own = await ask(spent, "x = ‸")
    assert isinstance(own, Nothing)
    assert (own.reason, own.detail, own.because) == (Reason.EMPTY, "", "")
    await ask(down, "x = ‸")
    for engine, words in ((spent, "1 of 1 requests of today are used up"), (down, "down")):
        outcome = await ask(engine, "y = ‸")
        assert isinstance(outcome, Nothing)
        assert outcome.reason is Reason.EMPTY
        assert outcome.detail.startswith(f"from the offline provider, because {words}")
        assert outcome.because.startswith(words)


async def test_what_a_rule_has_left_out_is_told_before_it() -> None:
    """Both matter to whoever looks."""
    engine = engine_over(ScriptedProvider(Unavailable("down")).provider(), offline=files(","))
    await ask(engine, "x = ‸")
    outcome = await ask(engine, "x = f(1‸)\n")
    assert isinstance(outcome, Nothing)
    rule, _, because = outcome.detail.partition("; ")
    assert rule
    assert because == "from the offline provider, because down"


async def test_a_mistake_of_ours_is_no_reason_that_is_told_in_its_own_words() -> None:
    """They could hold code; the type is enough to find it in the log."""
    first, second = ScriptedProvider(ValueError("secret()")), ScriptedProvider("two")
    engine = engine_over(first.provider(name="first"), second.provider(name="second"))
    outcome = await ask(engine, "x = ‸")
    assert outcome.provider == "second"
    assert "ValueError" in outcome.because
    assert "secret" not in outcome.because
