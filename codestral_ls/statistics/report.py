"""What the file says of the last days: values for a terminal, for JSON and for CSV."""

import sqlite3
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from codestral_ls.statistics.figures import Figures, Latency, Sum, figures, known_cost
from codestral_ls.statistics.opening import reading
from codestral_ls.statistics.tally import NANOS, Measure

_PERIOD = """
    WITH summed AS (
        SELECT series, bucket, sum(n) AS n FROM amounts WHERE day BETWEEN ? AND ?
        GROUP BY series, bucket
    )
    SELECT language, provider, model, owner, kind, outcome, measure, bucket, n
    FROM summed JOIN labels ON labels.id = summed.series
"""
_DAYS = """
    SELECT day, kind, outcome, measure, bucket, sum(n)
    FROM amounts JOIN labels ON labels.id = amounts.series
    WHERE day BETWEEN ? AND ? AND bucket = 0
    GROUP BY day, kind, outcome, measure ORDER BY day
"""
"""Without times: those of each day of a busy year alone would take half a second."""
_ROWS = """
    SELECT day, language, provider, model, owner, kind, outcome, measure, n
    FROM amounts JOIN labels ON labels.id = amounts.series WHERE day BETWEEN ? AND ? AND bucket = 0
    ORDER BY day, language, provider, model, owner, kind, outcome
"""
_MONTH = """
    SELECT
        min(day), coalesce(sum(n) FILTER (WHERE measure = ?), 0),
        coalesce(sum(n) FILTER (WHERE measure = ?), 0)
    FROM amounts JOIN labels ON labels.id = amounts.series WHERE day BETWEEN ? AND ? AND bucket = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What the current month has cost, and what it will if it goes on like that.

    `projected` is `cost` for the days from `since`, the month's first one with data, to today, and
    as much a day until the month ends. Neither holds what the `unpriced_tokens` cost.
    """

    since: date
    cost: float
    projected: float
    unpriced_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures from `first` to `last`; days and names without any are left out.

    Those of `days` say nothing of latency. There are `users` where somebody has asked through a
    gateway by a name; the one without a name is whoever has not.
    """

    first: date
    last: date
    total: Figures
    month: Month | None = None
    days: tuple[tuple[date, Figures], ...] = ()
    languages: tuple[tuple[str, Figures], ...] = ()
    providers: tuple[tuple[str, Figures], ...] = ()
    models: tuple[tuple[str, Figures], ...] = ()
    users: tuple[tuple[str, Figures], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Everything counted of one outcome; `amounts` are by the names of measures."""

    day: date
    language: str
    provider: str
    model: str
    user: str
    kind: str
    outcome: str
    amounts: dict[str, int]


def read(path: Path, days: int, today: date | None = None) -> Report:
    """The figures of the last days, today among them.

    Raises:
        Unreadable: there is a file, but it cannot be read.
    """
    last = today or datetime.now().astimezone().date()
    first = _first(last, days)
    with reading(path) as connection:
        if connection is None:
            return Report(first=first, last=last, total=figures(()))
        span = (first.toordinal(), last.toordinal())
        period = connection.execute(_PERIOD, span).fetchall()
        by_day = connection.execute(_DAYS, span).fetchall()
        month = _month(connection, last)
    return Report(
        first=first,
        last=last,
        total=figures(Sum(*row[4:]) for row in period),
        month=month,
        days=tuple(
            (date.fromordinal(day), figures(Sum(*row[1:]) for row in rows))
            for day, rows in groupby(by_day, itemgetter(0))
        ),
        languages=_by(period, itemgetter(0)),
        providers=_by(period, itemgetter(1)),
        models=_by(period, itemgetter(2)),
        users=_by(period, itemgetter(3)) if any(row[3] for row in period) else (),
    )


def read_rows(path: Path, days: int, today: date | None = None) -> list[Row]:
    """What was counted, one row for each outcome of each day; raises as `read` does."""
    last = today or datetime.now().astimezone().date()
    with reading(path) as connection:
        if connection is None:
            return []
        span = (_first(last, days).toordinal(), last.toordinal())
        found = connection.execute(_ROWS, span).fetchall()
    return [
        Row(
            day=date.fromordinal(key[0]),
            language=key[1],
            provider=key[2],
            model=key[3],
            user=key[4],
            kind=key[5],
            outcome=key[6],
            amounts={measure: n for *_, measure, n in rows},
        )
        for key, rows in groupby(found, itemgetter(0, 1, 2, 3, 4, 5, 6))
    ]


def _first(last: date, days: int) -> date:
    """The first of so many days; there is none before the year 1."""
    return last - timedelta(days=min(max(1, days), last.toordinal()) - 1)


_Found = tuple[str, str, str, str, str, str, str, int, int]
"""Four labels, and a `Sum`."""


def _by(period: list[_Found], name_of: Callable[[_Found], str]) -> tuple[tuple[str, Figures], ...]:
    """The figures for each name, those with most requests first."""
    ordered = sorted(period, key=name_of)
    found = [
        (name, figures(Sum(*row[4:]) for row in rows)) for name, rows in groupby(ordered, name_of)
    ]
    return tuple(sorted(found, key=lambda each: (-each[1].requests, -each[1].calls, each[0])))


def _month(connection: sqlite3.Connection, last: date) -> Month | None:
    span = (last.replace(day=1).toordinal(), last.toordinal())
    measures = (Measure.MONEY.value, Measure.UNPRICED.value)
    first, nanos, unpriced = connection.execute(_MONTH, (*measures, *span)).fetchone()
    if first is None:
        return None
    since, cost = date.fromordinal(first), nanos / NANOS
    left = monthrange(last.year, last.month)[1] - last.day
    passed = (last - since).days + 1
    projected = cost + cost / passed * left
    return Month(since=since, cost=cost, projected=projected, unpriced_tokens=unpriced)


def as_json(report: Report) -> dict[str, Any]:
    """A report as JSON: times in milliseconds, shares from 0 to 1, money in that of the prices.

    Null is a cost of which nothing is known, and a rate of acceptance that no editor has told of.
    """
    return {
        "from": report.first.isoformat(),
        "to": report.last.isoformat(),
        "total": _as_json(report.total),
        "month": report.month and _of_month(report.month),
        "days": [{"day": day.isoformat(), **_counts(figures)} for day, figures in report.days],
        "languages": _named("language", report.languages),
        "providers": _named("provider", report.providers),
        "models": _named("model", report.models),
        "users": _named("user", report.users),
    }


def _of_month(month: Month) -> dict[str, Any]:
    unpriced = month.unpriced_tokens
    return {
        "since": month.since.isoformat(),
        "cost": _money(known_cost(month.cost, unpriced)),
        "projected_cost": _money(known_cost(month.projected, unpriced)),
        "unpriced_tokens": unpriced,
    }


def _money(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 6)


def _named(key: str, rows: tuple[tuple[str, Figures], ...]) -> list[dict[str, Any]]:
    return [{key: name, **_as_json(figures)} for name, figures in rows]


def _as_json(figures: Figures) -> dict[str, Any]:
    times = {
        "waited_on_purpose": round(figures.waited * 1000, 2),
        "answer": _times(figures.answer_latency),
        "first_token": _times(figures.first_token_latency),
        "call": _times(figures.call_latency),
    }
    return {**_counts(figures), "latency_ms": times}


def _counts(figures: Figures) -> dict[str, Any]:
    return {
        "requests": figures.requests,
        "unwanted": figures.unwanted,
        "outcomes": dict(figures.outcomes),
        "answers": figures.answers,
        "answered_without_request": round(figures.reuse_share, 4),
        "shown": figures.shown,
        "shown_as_told_by_editor": figures.displayed > 0,
        "accepted": figures.accepted,
        "partly_accepted": figures.partly,
        "acceptance": round(figures.acceptance, 4) if figures.is_told else None,
        "characters_saved": figures.saved,
        "still_there": [
            {"after_seconds": each.after, "characters": each.chars, "share": round(each.share, 4)}
            for each in figures.still
        ],
        "calls": figures.calls,
        "local_calls": figures.local_calls,
        "failures": dict(figures.failures),
        "tokens": {
            "prompt": figures.prompt_tokens,
            "completion": figures.completion_tokens,
            "cached": figures.cached_tokens,
            "wasted": figures.wasted_tokens,
            "estimated": figures.estimated_tokens,
            "unpriced": figures.unpriced_tokens,
        },
        "cost": _money(figures.known_cost),
    }


def _times(latency: Latency) -> dict[str, float]:
    return {
        "count": latency.count,
        "p50": round(latency.p50 * 1000, 2),
        "p95": round(latency.p95 * 1000, 2),
    }
