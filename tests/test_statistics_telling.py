"""How the figures are told: what is not known is not told as a number."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from codestral_ls.happenings import Accepted, Displayed, Happening, Labels
from codestral_ls.statistics.figures import Figures, Sum, figures
from codestral_ls.statistics.report import Month, Report, as_json
from codestral_ls.statistics.tally import tally
from codestral_ls.statistics.telling import NO_MODEL, asked, chart, summary, uses
from codestral_ls.vendors import Prices
from tests.chained import engine_over
from tests.counted import LABELS, call, request
from tests.marked import request as asked_at
from tests.scripted import ScriptedProvider

TODAY = date(2026, 11, 21)
UNPRICED = call(priced=False)


def of(*happenings: Happening) -> Figures:
    """The figures of what happened."""
    places = tally(happenings, TODAY.toordinal()).items()
    return figures(Sum(*place.series[3:6], place.bucket, n) for place, n in places)


def report(*happenings: Happening, month: Month | None = None) -> Report:
    """A report of today alone."""
    total = of(*happenings)
    return Report(first=TODAY, last=TODAY, total=total, month=month, days=((TODAY, total),))


def said(*happenings: Happening, month: Month | None = None) -> Mapping[str, str]:
    return dict(summary(report(*happenings, month=month)))


@pytest.mark.parametrize(
    "reason", ["disabled", "paused by hand", "manual only", "language off", "denied"]
)
def test_what_nobody_wanted_does_not_lower_the_share(reason: str) -> None:
    """Of four requests two had to be answered, and one was."""
    nothings = [request(each, answered=False) for each in ("empty", reason, reason)]
    told = said(request(), *nothings)["Requests"]
    assert told == "4, 1 answered (50% without 2 while paused or off)"
    assert as_json(report(request(), *nothings))["total"]["unwanted"] == 2


def test_every_other_nothing_is_one_that_was_wanted() -> None:
    """A budget that is spent among them: who is to answer then is a matter of settings."""
    nothings = [request(each, answered=False) for each in ("daily budget spent", "timed out")]
    assert said(*nothings, *[request()] * 2)["Requests"] == "4, 2 answered (50%)"


def test_an_editor_that_tells_nothing_is_not_one_that_accepts_nothing() -> None:
    """Neither in words nor in a table nor as JSON."""
    silent = report(request())
    assert dict(summary(silent))["Accepted"].startswith("unknown")
    assert "Characters saved" not in dict(summary(silent))
    assert uses(replace(silent, languages=(("go", silent.total),))).rows[0][4] == ""
    assert as_json(silent)["total"]["acceptance"] is None
    shown = Displayed(labels=LABELS, chars=40)
    assert said(request(), shown)["Accepted"] == "0 (0% of those shown)"
    assert as_json(report(request(), shown))["total"]["acceptance"] == 0.0
    assert said(request(), Accepted(labels=LABELS, chars=40))["Characters saved"] == "40"


def test_a_cost_that_nobody_knows_is_not_nothing() -> None:
    """And which settings would make it known is said."""
    assert said(UNPRICED)["Cost"] == "unknown: set `price_prompt` and `price_completion`"
    assert asked("Model", [("x", of(UNPRICED))]).rows[0][-1] == "unknown"
    assert as_json(report(UNPRICED))["total"]["cost"] is None
    assert said(call(cost=0.0))["Cost"] == "0.00"
    assert said(call(local=True))["Cost"] == "0.00"


def test_a_cost_that_is_known_in_part_is_the_least() -> None:
    """It says of how many tokens nothing is known."""
    both = (UNPRICED, call(cost=0.5))
    assert said(*both)["Cost"] == "> 0.50; the price of 1.05k tokens is unknown"
    assert asked("Model", [("x", of(*both))]).rows[0][-1] == "> 0.50"
    assert as_json(report(*both))["total"]["cost"] == 0.5
    assert as_json(report(*both))["total"]["tokens"]["unpriced"] == 1050


@pytest.mark.parametrize(
    ("local", "prices", "unknown"),
    [
        (False, None, True),
        (False, Prices(prompt=0.0, completion=0.0), False),
        (True, None, False),
    ],
)
async def test_the_engine_says_which_tokens_have_a_price(
    *, local: bool, prices: Prices | None, unknown: bool
) -> None:
    """A price of nothing is one, and what runs on this machine has no bill."""
    heard: list[Happening] = []
    provider = ScriptedProvider("value").provider(local=local, prices=prices)
    await engine_over(provider, tell=heard.append).complete(asked_at("x = ‸"))
    assert (of(*heard).known_cost is None) is unknown


@pytest.mark.parametrize(
    ("unpriced", "expected"),
    [
        (0, "2.00; about 6.50 by the end of November, at this pace"),
        (7, "> 2.00; > 6.50 by the end of November, at this pace"),
    ],
)
def test_a_month_is_told_with_its_name(unpriced: int, expected: str) -> None:
    """As is the currency, once, where there is a sum at all."""
    since = date(2026, 11, 18)
    month = Month(since=since, cost=2.0, projected=6.5, unpriced_tokens=unpriced)
    told = said(call(), month=month)
    assert told["This month"] == expected
    assert told["Currency"] == "that of the prices: US dollars for list prices"
    assert "Currency" not in said(call())


def test_a_month_of_which_nothing_is_known_has_no_cost() -> None:
    """As in the other figures of the JSON."""
    month = Month(since=TODAY, cost=0.0, projected=0.0, unpriced_tokens=7)
    told = as_json(report(UNPRICED, month=month))["month"]
    assert (told["cost"], told["projected_cost"], told["unpriced_tokens"]) == (None, None, 7)


def test_calls_without_a_model_are_of_the_one_that_is_loaded() -> None:
    """A server of one model needs no name for it."""
    called = of(call(labels=Labels(language="go", provider="llama.cpp"), local=True))
    assert asked("Model", [("", called)], nameless=NO_MODEL).rows[0][0] == "(as loaded)"


def test_a_single_day_takes_a_single_row() -> None:
    """Its height would tell nothing."""
    assert chart(report(*[request()] * 8), ascii_only=True) == (
        "Answers a day",
        "     8 ###",
        "       2026-11-21",
    )


def test_lines_of_large_figures_fit_on_a_terminal() -> None:
    """Eighty columns are enough for a label, a gap and what it is about."""
    nothings = [request("disabled", answered=False)] * 999
    calls = [call(cost=99.0, prompt_tokens=10**6)] * 50 + [call(priced=False)] * 99
    month = Month(since=TODAY, cost=1234.5, projected=4321.0, unpriced_tokens=7)
    lines = said(*[request()] * 9999, *nothings, *calls, month=month)
    widest = max(map(len, lines))
    assert {label for label, line in lines.items() if widest + 2 + len(line) > 80} == set()
