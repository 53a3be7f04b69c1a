"""What a day may cost: counted for calls that cost something, and kept by hand as well."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import TooLong, Unavailable
from codestral_ls.model import Answer, Nothing, Reason, Source, Trigger, Usage
from codestral_ls.settings import Settings
from codestral_ls.vendors import Prices
from tests.chained import AT_ONCE, engine_over, files
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import settle

PRICES = Prices(prompt=1.0, completion=10.0)
STRICT = replace(AT_ONCE, offline_fallback=False, candidates=1)


class Calendar:
    """A day in a test's hands."""

    def __init__(self) -> None:
        self.day = 739_000

    def today(self) -> int:
        return self.day


def cause(engine: Engine) -> Reason | None:
    return engine.condition.cause


def paid(*replies: str, prompt: int = 0, completion: int = 0) -> ScriptedProvider:
    """A script whose endpoint counts tokens."""
    script = ScriptedProvider(*replies)
    script.usage = Usage(prompt_tokens=prompt, completion_tokens=completion)
    return script


async def test_so_many_requests_a_day_and_no_more() -> None:
    """By hand as well; the words say what to change."""
    script, calendar = ScriptedProvider("one"), Calendar()
    settings = replace(STRICT, daily_requests=2)
    engine = engine_over(script.provider(), settings=settings, today=calendar.today)
    for marked in ("a = ‸", "b = ‸"):
        assert isinstance(await engine.complete(request(marked)), Answer)
    for trigger in Trigger:
        outcome = await engine.complete(request("c = ‸", trigger=trigger))
        assert isinstance(outcome, Nothing)
        assert outcome.reason is Reason.SPENT
        assert "2 of 2 requests" in outcome.detail
        assert "`daily_requests`" in outcome.detail
    assert len(script.prompts) == 2
    calendar.day += 1
    assert isinstance(await engine.complete(request("c = ‸")), Answer)


async def test_candidates_and_what_is_asked_ahead_stay_within_the_bound() -> None:
    """Three at once for the last one would be two too many."""
    script = ScriptedProvider("one", "two", "three")
    settings = replace(AT_ONCE, daily_requests=2, offline_fallback=False)
    engine = engine_over(script.provider(), settings=settings)
    await engine.complete(request("a = ‸", trigger=Trigger.INVOKED))
    engine.ask_ahead(request("b = ‸"))
    await settle()
    assert len(script.prompts) == 2


async def test_half_of_what_was_too_long_is_a_request_as_well() -> None:
    """For which there may be none left."""
    script = ScriptedProvider(TooLong("too long"), "one")
    settings = replace(STRICT, daily_requests=1)
    outcome = await engine_over(script.provider(), settings=settings).complete(request("a = ‸"))
    assert isinstance(outcome, Nothing)
    assert (outcome.reason, len(script.prompts)) == (Reason.REFUSED, 1)


async def test_money_is_counted_by_the_tokens_of_the_endpoint() -> None:
    """1000 and 10 tokens at these prices are 0.0011 of the currency."""
    script = paid("one", prompt=1000, completion=10)
    settings = replace(STRICT, daily_budget=0.0021)
    engine = engine_over(script.provider(prices=PRICES), settings=settings)
    await engine.complete(request("a = ‸"))
    assert engine.condition.spent == pytest.approx(0.0011 / 0.0021)
    assert isinstance(await engine.complete(request("b = ‸")), Answer)
    outcome = await engine.complete(request("c = ‸"))
    assert isinstance(outcome, Nothing)
    assert (outcome.reason, "`daily_budget`" in outcome.detail) == (Reason.SPENT, True)


async def test_a_call_that_was_broken_off_is_paid_by_its_size() -> None:
    """Nobody has counted it, and it costs all the same."""
    model = HandFed()
    settings = replace(STRICT, daily_budget=1.0)
    engine = engine_over(model.provider(prices=Prices(prompt=300_000, completion=0)),
                         settings=settings)  # fmt: skip
    asked = asyncio.create_task(engine.complete(request("# 0123456\nx = ‸")))
    await settle()
    engine.abandon("file:///w/a.py")
    await settle()
    assert engine.condition.spent == pytest.approx(0.3 * 5)  # 14 bytes are five tokens
    assert isinstance(await asked, Nothing)


async def test_what_is_free_is_not_counted_and_serves_when_all_is_spent() -> None:
    """A local model behind the paid one; then the files; and calls that were refused cost none."""
    script, local = paid("one", prompt=1000), ScriptedProvider("local")
    settings = replace(AT_ONCE, daily_budget=0.001)
    engine = engine_over(
        script.provider(prices=PRICES),
        local.provider(name="near", local=True),
        settings=settings,
        offline=files("from files"),
    )
    await engine.complete(request("a = ‸"))
    spent = engine.condition.spent
    for marked in ("b = ‸", "c = ‸"):
        outcome = await engine.complete(request(marked))
        assert isinstance(outcome, Answer)
        assert outcome.provider == "near"
    assert engine.condition.spent == spent == pytest.approx(1)
    assert cause(engine) is None
    local.replies = [Unavailable("down")]
    assert isinstance(await engine.complete(request("d = ‸")), Nothing)
    outcome = await engine.complete(request("e = ‸"))
    assert isinstance(outcome, Answer)
    assert outcome.source is Source.OFFLINE
    assert engine.condition.offline
    assert cause(engine) is Reason.SPENT


async def test_what_others_spend_does_not_concern_who_pays_nothing() -> None:
    """A local model alone has no bound."""
    settings = replace(AT_ONCE, daily_requests=1)
    engine = engine_over(
        ScriptedProvider("one").provider(local=True), settings=settings, today=lambda: 740_000
    )
    engine.daily_limit.learn(740_000, 100, 0.0)
    assert (engine.condition.spent, engine.condition.warning) == (0, "")
    assert isinstance(await engine.complete(request("a = ‸")), Answer)


async def test_the_condition_warns_before_it_is_too_late() -> None:
    """At 80 %, and whoever watches hears of it."""
    heard: list[float] = []
    settings = replace(STRICT, daily_requests=5)
    engine = engine_over(ScriptedProvider("one").provider(), settings=settings)
    engine.on_change = lambda: heard.append(engine.condition.spent)
    for number in range(4):
        assert engine.condition.warning == ""
        await engine.complete(request(f"a{number} = ‸"))
    assert "4 of 5 requests" in engine.condition.warning
    assert 0.8 in heard


async def test_what_others_have_spent_counts_too() -> None:
    """The statistics of this machine say how much it was."""
    calendar, settings = Calendar(), replace(STRICT, daily_requests=100)
    script = ScriptedProvider("one")
    engine = engine_over(script.provider(), settings=settings, today=calendar.today)
    engine.daily_limit.learn(calendar.day, 100, 0.0)
    outcome = await engine.complete(request("a = ‸"))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is Reason.SPENT
    engine.configure(replace(settings, daily_requests=101))
    assert isinstance(await engine.complete(request("a = ‸")), Answer)


def test_a_budget_without_prices_says_what_to_set() -> None:
    """It cannot be kept."""
    settings = Settings(daily_budget=1.0)
    script = ScriptedProvider("one")
    for prices, local, words in (
        (None, False, "`price_prompt` and `price_completion`"),
        (None, True, ""),
        (PRICES, False, ""),
    ):
        engine = engine_over(script.provider(prices=prices, local=local), settings=settings)
        assert words in engine.condition.warning
        assert bool(words) is bool(engine.condition.warning)
    engine = engine_over(
        script.provider(prices=PRICES), script.provider(name="other"), settings=settings
    )
    assert "leaves out other" in engine.condition.warning
    assert "price_prompt" not in engine.condition.warning


async def test_money_is_held_back_for_calls_under_way() -> None:
    """Many that begin at once would all be within the bound."""
    model = HandFed()
    settings = replace(STRICT, daily_budget=1.0)
    prices = Prices(prompt=100_000, completion=0)
    engine = engine_over(model.provider(prices=prices), settings=settings)
    lanes = [replace(request("# 0123456\nx = ‸"), lane=f"lane {number}") for number in range(4)]
    asked = [asyncio.create_task(engine.complete(each)) for each in lanes]
    await settle()
    assert len(model.calls) == 2  # of five tokens each
    for call in model.calls:
        call.finish(Usage(prompt_tokens=1))
    await asyncio.gather(*asked)
    assert engine.condition.spent == pytest.approx(0.2)


async def test_a_call_that_never_began_is_neither_counted_nor_paid() -> None:
    """The document was closed in the same breath."""
    script = ScriptedProvider("one")
    settings = replace(STRICT, daily_requests=10, daily_budget=1.0)
    engine = engine_over(script.provider(prices=PRICES), settings=settings)
    engine.ask_ahead(request("a = ‸"))
    assert engine.condition.spent == pytest.approx(0.1)
    engine.abandon("file:///w/a.py")
    await settle()
    assert (engine.condition.spent, script.prompts) == (0, [])


async def test_what_is_said_of_the_money_is_for_the_rest_of_the_day() -> None:
    """Whoever shows it has to look again then."""
    engine = engine_over(
        ScriptedProvider("one").provider(), settings=replace(STRICT, daily_requests=1)
    )
    assert engine.condition.day_left == 0
    await engine.complete(request("a = ‸"))
    assert 0 < engine.condition.day_left <= 25 * 3600
