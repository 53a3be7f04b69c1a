"""Figures in words and a chart in letters, as a terminal shows them. Pure."""

from calendar import month_name
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from codestral_ls.statistics.figures import Figures, Latency, known_cost, share_of
from codestral_ls.statistics.report import Month, Report

NO_NAME = "(none)"
"""For requests that ended before anybody had a part in them."""
NO_MODEL = "(as loaded)"
"""For calls that name no model: the server has one."""
NO_USER = "(no name)"
"""For what was asked by an editor's own server, or without a token."""
NO_DATA = "Nothing was counted in this time: use your editor, then look again."
OFF = "Nothing is counted at present: the setting `stats` is false."
NO_DATA_AND_OFF = "Nothing was counted, and nothing is now: the setting `stats` is false."
NAME = 12
"""Columns of a name in a table, at least; then it goes on in the next line."""
UNTOLD = "unknown: no editor has told of it"
UNKNOWN = "unknown"
CURRENCY = "that of the prices: US dollars for list prices"
COLUMNS = 60
"""Of the chart, with its scale no more than 80 characters."""
HEIGHT = 5
"""Of a chart of several columns; one alone tells nothing by its height."""
FAILURES = 3
"""The most frequent ones that are named."""
BLOCKS, ASCII = " ▁▂▃▄▅▆▇█", " #"
MINUTE = 60
TWO_DIGITS = 99.5
CENTS = 0.1
LEAST_MONEY = 0.0001
ROUNDED_UP = 0.9995
"""From this part of a unit on, three digits make it a whole one."""
SHORT = ((1e9, "G"), (1e6, "M"), (1e3, "k"))

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: the first column is a name, all others are numbers."""

    header: Row
    rows: tuple[Row, ...]


def summary(report: Report) -> Iterator[tuple[str, str]]:
    """What a user asks first: each a label and a sentence."""
    total = report.total
    yield "Requests", f"{number(total.requests)}, {_answered(total)}"
    if total.reused:
        yield "Reused", f"{total.reuse_share:.0%} of the model's answers took no call of their own"
    yield "Shown", number(total.shown) + ("" if total.displayed else " (answers given)")
    yield from _of_acceptances(total)
    if total.still:
        kept = (f"{each.share:.0%} after {span(each.after)}" for each in total.still)
        yield "Still there", ", ".join(kept)
    if total.answer_latency.count:
        yield "Answer after", latency(total.answer_latency)
        yield "Of it waited", f"{millis(total.waited)} on average, in case you type on"
    yield from _of_calls(total)
    if report.month is not None and report.month.cost:
        yield "This month", _of_month(report.month, report.last)
    if total.cost or (report.month is not None and report.month.cost):
        yield "Currency", CURRENCY


def _answered(total: Figures) -> str:
    """How many of those that should have been."""
    without = f" without {number(total.unwanted)} while paused or off"
    share = percent(total.answers, total.wanted)
    return f"{number(total.answers)} answered ({share}{without if total.unwanted else ''})"


def _of_acceptances(total: Figures) -> Iterator[tuple[str, str]]:
    if not total.is_told:
        yield "Accepted", UNTOLD
        return
    parts = f"; {number(total.partly)} times a part of one" if total.partly else ""
    yield "Accepted", f"{number(total.accepted)} ({total.acceptance:.0%} of those shown){parts}"
    yield "Characters saved", number(total.saved)


def _of_calls(total: Figures) -> Iterator[tuple[str, str]]:
    if not total.calls:
        return
    failed = sum(total.failures.values())
    named = ", ".join(f"{name} {number(n)}" for name, n in list(total.failures.items())[:FAILURES])
    yield "Calls", number(total.calls) + (f", {number(failed)} failed: {named}" if failed else "")
    if total.first_token_latency.count:
        yield "First token after", latency(total.first_token_latency)
    if total.call_latency.count:
        yield "Call over after", latency(total.call_latency)
    tokens = total.prompt_tokens + total.completion_tokens
    cached = percent(total.cached_tokens, total.prompt_tokens)
    sent = short(total.prompt_tokens) + (f" ({cached} cached)" if total.cached_tokens else "")
    guessed = percent(total.estimated_tokens, tokens)
    estimated = f"; {guessed} are estimated" if total.estimated_tokens else ""
    yield "Tokens", f"{sent} sent, {short(total.completion_tokens)} generated{estimated}"
    if total.wasted_tokens:
        share = percent(total.wasted_tokens, tokens)
        yield "Wasted", f"{share} of the tokens: candidates and other calls not shown"
    yield "Cost", _cost(total)


def _cost(total: Figures) -> str:
    if total.known_cost is None:
        return f"{UNKNOWN}: set `price_prompt` and `price_completion`"
    told = bill(total.cost, total.unpriced_tokens)
    unpriced = f"; the price of {short(total.unpriced_tokens)} tokens is unknown"
    return told + (unpriced if total.unpriced_tokens else "")


def _of_month(month: Month, last: date) -> str:
    now, then = (bill(each, month.unpriced_tokens) for each in (month.cost, month.projected))
    about = "" if month.unpriced_tokens else "about "
    return f"{now}; {about}{then} by the end of {month_name[last.month]}, at this pace"


def sheets(report: Report) -> list[Sheet]:
    """The tables that have something in them, in their order."""
    each = (
        *(outcomes(report), uses(report)),
        *(asked("Provider", report.providers), asked("Model", report.models, nameless=NO_MODEL)),
        users(report),
    )
    return [sheet for sheet in each if sheet.rows]


def fitting(sheet: Sheet, width: int, beside: int) -> Sheet:
    """As many columns as there is room for, the first ones, with `beside` spaces between two."""
    ends = accumulate(
        (
            beside + max(len(number), *(len(row[place]) for row in sheet.rows))
            for place, number in enumerate(sheet.header[1:], start=1)
        ),
        initial=NAME,
    )
    count = sum(end <= width for end in ends) or 1
    return Sheet(header=sheet.header[:count], rows=tuple(row[:count] for row in sheet.rows))


def outcomes(report: Report) -> Sheet:
    """What became of all requests."""
    total = report.total
    rows = ((name, number(n), percent(n, total.requests)) for name, n in total.outcomes.items())
    return Sheet(header=("Outcome", "Requests", "Share"), rows=tuple(rows))


def uses(report: Report) -> Sheet:
    """What it was good for, by language."""
    header = ("Language", "Requests", "Answers", "Accepted", "Rate", "Saved", "p50", "p95")
    return Sheet(header=header, rows=tuple(_use(name, each) for name, each in report.languages))


def _use(name: str, figures: Figures) -> Row:
    times = figures.answer_latency
    return (
        name or NO_NAME,
        number(figures.requests),
        number(figures.answers),
        number(figures.accepted),
        f"{figures.acceptance:.0%}" if figures.is_told else "",
        short(figures.saved),
        *((millis(times.p50), millis(times.p95)) if times.count else ("", "")),
    )


def asked(title: str, rows: Sequence[tuple[str, Figures]], *, nameless: str = NO_NAME) -> Sheet:
    """Who was called, by a name: providers, or models."""
    header = (title, "Calls", "Failed", "First", "p95", "Sent", "Gen.", "Cost")
    found = (_asked(name or nameless, each) for name, each in rows if each.calls)
    return Sheet(header=header, rows=tuple(found))


def _asked(name: str, figures: Figures) -> Row:
    times = figures.first_token_latency
    return (
        name,
        number(figures.calls),
        number(sum(figures.failures.values())),
        *((millis(times.p50), millis(times.p95)) if times.count else ("", "")),
        short(figures.prompt_tokens),
        short(figures.completion_tokens),
        bill(figures.cost, figures.unpriced_tokens),
    )


def users(report: Report) -> Sheet:
    """What everybody who shares a gateway has asked for, and what it came to."""
    header = ("User", "Requests", "Answers", "Reused", "Calls", "Sent", "Gen.", "Cost")
    return Sheet(header=header, rows=tuple(_user(name, each) for name, each in report.users))


def _user(name: str, figures: Figures) -> Row:
    return (
        name or NO_USER,
        number(figures.requests),
        number(figures.answers),
        f"{figures.reuse_share:.0%}",
        number(figures.calls),
        short(figures.prompt_tokens),
        short(figures.completion_tokens),
        bill(figures.cost, figures.unpriced_tokens),
    )


def chart(report: Report, *, ascii_only: bool) -> tuple[str, ...]:
    """Answers over time, as columns of a day each, or of so many days that they fit."""
    answers = {day: figures.answers for day, figures in report.days}
    if not any(answers.values()):
        return ()
    # Days before the first one with data would be most of a chart for those who have just begun.
    first = min(day for day, count in answers.items() if count)
    days = (report.last - first).days + 1
    each = -(-days // COLUMNS)
    columns = [
        sum(answers.get(report.last - timedelta(days=back + day), 0) for day in range(each))
        for back in reversed(range(0, days, each))  # the last column is a full one
    ]
    title = "Answers a day" if each == 1 else f"Answers every {each} days"
    wide = max(1, min(3, COLUMNS // len(columns)))
    marks = ASCII if ascii_only else BLOCKS
    until = "" if first == report.last else f" to {report.last.isoformat()}"
    return (title, *_bars(columns, wide, marks), f"{'':6} {first.isoformat()}{until}")


def _bars(columns: Sequence[int], wide: int, marks: str) -> Iterator[str]:
    most, steps, tall = max(columns), len(marks) - 1, HEIGHT if len(columns) > 1 else 1
    # Whatever is not zero can be seen.
    heights = [-(-n * tall * steps // most) for n in columns]
    for line in reversed(range(tall)):
        marked = (marks[min(max(height - line * steps, 0), steps)] * wide for height in heights)
        label = short(most) if line == tall - 1 else ""
        yield f"{label:>6} {''.join(marked)}".rstrip()


def latency(times: Latency) -> str:
    """What half of all, and 19 of 20, did not exceed."""
    return f"{millis(times.p50)} (half of all), {millis(times.p95)} (19 of 20)"


def number(n: int) -> str:
    """A count in full."""
    return f"{n:,}"


def short(n: int) -> str:
    """A count with three digits."""
    for least, letter in SHORT:
        if n >= least * ROUNDED_UP:
            return f"{n / least:.3g}{letter}"
    return str(n)


def percent(part: int, whole: int) -> str:
    """A share in whole percent."""
    return f"{share_of(part, whole):.0%}"


def millis(seconds: float) -> str:
    """A time, short enough for a column."""
    if seconds >= 1:
        return f"{seconds:.2g} s" if seconds < TWO_DIGITS else f"{seconds:.0f} s"
    count = round(seconds * 1000)
    return f"{count} ms" if count else "< 1 ms"


def span(seconds: int) -> str:
    """A time after which somebody has looked."""
    return f"{seconds} s" if seconds < MINUTE else f"{seconds / MINUTE:.3g} min"


def bill(cost: float, unpriced_tokens: int) -> str:
    """A cost, as far as it is known; it is more where some tokens have no price."""
    known = known_cost(cost, unpriced_tokens)
    if known is None:
        return UNKNOWN
    return f"> {money(known)}" if unpriced_tokens else money(known)


def money(amount: float) -> str:
    """A sum of money; small ones with the digits that tell them from nothing."""
    if amount and amount < LEAST_MONEY:
        return f"< {LEAST_MONEY}"
    return f"{amount:.2g}" if 0 < amount < CENTS else f"{amount:,.2f}"
