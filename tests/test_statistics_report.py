"""What the report says of what was counted."""

import csv
import io
import json
import sqlite3
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.happenings import (
    Accepted,
    CallUsed,
    Displayed,
    Happening,
    Labels,
    Retained,
)
from codestral_ls.statistics.database import Database
from codestral_ls.statistics.figures import Sum, figures
from codestral_ls.statistics.opening import reading
from codestral_ls.statistics.report import Report, as_json, read, read_rows
from codestral_ls.statistics.tally import tally
from codestral_ls.statistics.telling import chart, millis, money, short, span, summary
from tests.counted import LABELS, call, request

TODAY = date(2026, 11, 21)
LOCAL = Labels(language="go", provider="ollama", model="qwen2.5-coder:1.5b")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "statistics.sqlite3"


def put(path: Path, *happenings: Happening, on: date = TODAY) -> None:
    database = Database(path)
    database.add(tally(happenings, on.toordinal()).items(), TODAY.toordinal())
    database.close()


def reported(path: Path, *happenings: Happening) -> Report:
    put(path, *happenings)
    return read(path, 30, TODAY)


def said(report: Report) -> Mapping[str, str]:
    return dict(summary(report))


def test_there_is_no_report_of_nothing(path: Path) -> None:
    """No file, an empty one, or nothing in these days: all of it is 0, and no file is made."""
    assert read(path, 30, TODAY).days == ()
    assert not path.exists()
    path.touch()
    assert read(path, 30, TODAY).total.requests == 0
    put(path, request(), on=date(2026, 1, 1))
    assert read(path, 30, TODAY).days == ()
    assert as_json(read(path, 30, TODAY))["month"] is None


def test_the_days_end_with_today(path: Path) -> None:
    """One day is today alone."""
    for day in (19, 20, 21, 22):
        put(path, request(), on=date(2026, 11, day))
    assert [day.day for day, _ in read(path, 1, TODAY).days] == [21]
    assert [day.day for day, _ in read(path, 2, TODAY).days] == [20, 21]
    assert read(path, 10**9, TODAY).total.requests == 3


def test_answers_without_a_call_are_a_share_of_the_models(path: Path) -> None:
    """The offline provider's take no call either, but save none."""
    reused = [request(each) for each in ("cache", "typed through", "joined")]
    report = reported(path, request("model"), *reused, request("offline"))
    assert report.total.reuse_share == 0.75
    assert report.total.answers == 5


def test_shown_is_what_the_editor_says(path: Path) -> None:
    """Of an editor that says nothing, every answer counts as shown."""
    answers = [request()] * 4
    assert reported(path, *answers).total.shown == 4
    assert said(read(path, 1, TODAY))["Shown"] == "4 (answers given)"
    report = reported(path, Displayed(labels=LABELS, chars=40), Accepted(labels=LABELS, chars=40))
    assert report.total.shown == 1
    assert report.total.acceptance == 1.0


def test_accepted_parts_count_as_characters_alone(path: Path) -> None:
    """The rate is of whole answers."""
    parts = [Accepted(labels=LABELS, chars=5, partly=True)] * 2
    total = reported(path, *[request()] * 4, *parts, Accepted(labels=LABELS, chars=10)).total
    assert (total.accepted, total.partly, total.saved, total.acceptance) == (1, 2, 20, 0.25)


def test_what_is_still_there_is_told_by_when_it_was_looked_at(path: Path) -> None:
    """In the order of time, in seconds and minutes."""
    for after, share in ((600, 0.5), (30, 1.0), (120, 0.75)):
        put(path, Retained(labels=LABELS, after=after, share=share, chars=40))
    report = read(path, 1, TODAY)
    assert said(report)["Still there"] == "100% after 30 s, 75% after 2 min, 50% after 10 min"


def test_tokens_of_what_nobody_saw_are_wasted(path: Path) -> None:
    """Unless something of it was shown later."""
    unseen, seen = call(shown=False), call(shown=True)
    used = CallUsed(labels=LABELS, prompt_tokens=1000, completion_tokens=50)
    assert reported(path, unseen, unseen, seen).total.wasted_tokens == 2100
    assert reported(path, used).total.wasted_tokens == 1050
    assert reported(path, used, used).total.wasted_tokens == 0


def test_times_are_those_of_answers_and_of_calls(path: Path) -> None:
    """Calls that failed have none to their end."""
    timed = call(first_token=0.2, total=0.4)
    failed = call("timed out", total=5.0)
    empty = request("empty", answered=False, total=9.0)
    total = reported(path, request(total=0.1), empty, timed, failed).total
    assert total.answer_latency.p95 == pytest.approx(0.1, rel=0.05)
    assert total.first_token_latency.p50 == pytest.approx(0.2, rel=0.05)
    assert total.call_latency.p95 == pytest.approx(0.4, rel=0.05)
    assert total.failures == {"timed out": 1}


def test_figures_are_told_by_language_provider_and_model(path: Path) -> None:
    """The one with most requests first."""
    local = (request(labels=LOCAL), call(labels=LOCAL, local=True))
    report = reported(path, request(), request(), call(), *local)
    assert [(name, each.requests) for name, each in report.languages] == [("python", 2), ("go", 1)]
    assert [name for name, _ in report.providers] == ["codestral", "ollama"]
    assert [name for name, _ in report.models] == ["codestral-2508", "qwen2.5-coder:1.5b"]
    assert (report.total.calls, report.total.local_calls) == (2, 1)


def test_a_month_goes_on_as_since_its_first_day_with_data(path: Path) -> None:
    """Two units in four days, and nine days are left; the last month does not count."""
    put(path, call(cost=9.0), on=date(2026, 10, 31))
    put(path, call(cost=1.0), on=date(2026, 11, 18))
    month = reported(path, call(cost=1.0)).month
    assert month is not None
    assert (month.since, month.cost, month.projected) == (date(2026, 11, 18), 2.0, 6.5)
    assert read(path, 1, TODAY).month == month


def test_json_is_complete(path: Path) -> None:
    """It can be written, and says what the report says."""
    report = reported(path, request(), call(cost=0.5), Accepted(labels=LABELS, chars=7))
    told: dict[str, Any] = json.loads(json.dumps(as_json(report)))
    assert told["total"]["requests"] == told["days"][0]["requests"] == 1
    assert told["total"]["cost"] == told["month"]["cost"] == told["providers"][0]["cost"] == 0.5
    assert told["languages"][0]["characters_saved"] == 7
    assert told["total"]["latency_ms"]["answer"]["count"] == 1


def test_rows_are_of_one_outcome_of_one_day(path: Path) -> None:
    """With everything that was counted of it."""
    put(path, request(), request(), request("empty", answered=False), on=date(2026, 11, 20))
    put(path, request(labels=LOCAL))
    rows = read_rows(path, 30, TODAY)
    assert [(each.day.day, each.language, each.outcome) for each in rows] == [
        (20, "python", "model"),
        (20, "python", "empty"),
        (21, "go", "model"),
    ]
    assert rows[0].amounts == {"events": 2, "characters": 80, "waited microseconds": 100_000}


def test_reading_writes_nothing(path: Path) -> None:
    """And leaves no files beside it."""
    put(path, request())
    before = path.read_bytes()
    read(path, 30, TODAY)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_report_is_of_one_moment(path: Path) -> None:
    """What is written between two questions belongs to the next report."""
    put(path, request())
    with reading(path) as connection:
        assert connection
        (before,) = connection.execute("SELECT count(*) FROM counts").fetchone()
        put(path, call())
        assert connection.execute("SELECT count(*) FROM counts").fetchone() == (before,)


def test_it_can_be_read_while_somebody_writes(path: Path) -> None:
    """What is not written to its end is not seen."""
    put(path, request())
    writing = sqlite3.connect(path, isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("DELETE FROM counts")
    assert read(path, 30, TODAY).total.requests == 1
    writing.execute("ROLLBACK")
    writing.close()


@given(st.dictionaries(st.dates(date(2026, 1, 1), TODAY), st.integers(1, 10**6), max_size=20))
def test_a_chart_fits_into_eighty_columns(answers: dict[date, int]) -> None:
    """However many days there are, and in any of the two sets of marks."""
    days = tuple(
        (day, figures([Sum("answer", "model", "events", 0, count)]))
        for day, count in sorted(answers.items())
    )
    report = Report(first=date(2026, 1, 1), last=TODAY, total=figures([]), days=days)
    for ascii_only in (False, True):
        lines = chart(report, ascii_only=ascii_only)
        assert bool(lines) == bool(answers)
        assert all(len(line) <= 80 for line in lines)
        assert not ascii_only or all(line.isascii() for line in lines)


def test_the_highest_column_is_full_and_the_least_can_be_seen(path: Path) -> None:
    """A day without anything is empty."""
    put(path, request(), on=date(2026, 11, 19))
    report = reported(path, *[request()] * 500)
    _, top, *_, bottom, days = chart(report, ascii_only=True)
    assert top == "   500       ###"
    assert bottom == "       ###   ###"
    assert days.strip() == "2026-11-19 to 2026-11-21"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (millis(0.0004), "< 1 ms"),
        (millis(0.2344), "234 ms"),
        (millis(1.26), "1.3 s"),
        (millis(75.0), "75 s"),
        (short(999), "999"),
        (short(1234), "1.23k"),
        (short(999_999), "1M"),
        (short(12_345_678), "12.3M"),
        (span(30), "30 s"),
        (span(90), "1.5 min"),
        (money(0.0), "0.00"),
        (money(0.00001), "< 0.0001"),
        (money(0.00123), "0.0012"),
        (money(0.5), "0.50"),
        (money(1234.5), "1,234.50"),
    ],
)
def test_figures_are_short(told: str, expected: str) -> None:
    """With as many digits as tell something."""
    assert told == expected


def test_csv_reads_back(path: Path) -> None:
    """Names are such that no quoting is needed, and none is broken."""
    put(path, request(labels=Labels(language='a,"b"\n')))
    (row,) = read_rows(path, 1, TODAY)
    text = io.StringIO()
    csv.writer(text).writerow([row.language])
    assert text.getvalue().strip() == row.language == "a--b--"
