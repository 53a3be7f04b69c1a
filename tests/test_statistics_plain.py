"""The report in a window of an editor: plain words, aligned columns, short lines."""

from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from codestral_ls.happenings import Happening, Labels
from codestral_ls.statistics.plain import COLUMNS, plain
from codestral_ls.statistics.report import Report, read
from tests.counted import HAPPENINGS, LABELS, call, counted, request

TODAY = date.today()  # noqa: DTZ011 - what a user calls today
LONG = "a-model-with-a-name-that-is-as-long-as-a-name-may-ever-be-01"


def report(folder: Path, *happenings: Happening) -> Report:
    path = folder / "statistics.sqlite3"
    path.unlink(missing_ok=True)
    counted(path, *happenings)
    return read(path, 30)


def test_columns_are_aligned_and_long_names_go_on(tmp_path: Path) -> None:
    """Names to the left, numbers to the right, and a name takes what the numbers leave."""
    unpriced = call(labels=Labels(language="go", provider="ollama", model=LONG), priced=False)
    text = plain(report(tmp_path, request(), call(cost=0.5), unpriced), is_on=True)
    parts = text.split("\n\n")
    models = next(part for part in parts if part.startswith("Model")).splitlines()
    assert models[0].endswith("Sent  Gen.     Cost")
    assert {len(line) for line in models[:3]} == {COLUMNS}
    assert models[1].startswith(LABELS.model)
    assert "".join(line.split()[0] for line in models[2:]) == LONG


def test_a_sentence_that_is_too_long_goes_on_under_itself(tmp_path: Path) -> None:
    """Behind the column of the labels."""
    failures = [call(f"a failure of a kind with a long name {number}") for number in range(3)]
    text = plain(report(tmp_path, request(), *failures), is_on=True)
    at = text.splitlines().index(next(x for x in text.splitlines() if x.startswith("Calls")))
    first, second = text.splitlines()[at : at + 2]
    assert first[: first.index("3,")].strip() == "Calls"
    assert second[: first.index("3,")].isspace()


def test_without_figures_there_is_a_friendly_word() -> None:
    """And it is said where counting is off."""
    empty = read(Path("/nowhere/at/all"), 30)
    assert plain(empty, is_on=True).startswith("Nothing was counted in this time")
    assert plain(empty, is_on=False).endswith("the setting `stats` is false.\n")


def test_it_is_said_that_nothing_is_counted_any_more(tmp_path: Path) -> None:
    """With what was counted before."""
    text = plain(report(tmp_path, request()), is_on=False)
    assert "Nothing is counted at present" in text
    assert "1 answered" in text


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HAPPENINGS)
def test_no_line_is_too_long(tmp_path: Path, happenings: list[Happening]) -> None:
    """Whatever was counted; and there are no codes and no spaces at the ends."""
    lines = plain(report(tmp_path, *happenings), is_on=True).splitlines()
    assert all(len(line) <= COLUMNS and line == line.rstrip() for line in lines)
    assert not any("\x1b" in line for line in lines)
