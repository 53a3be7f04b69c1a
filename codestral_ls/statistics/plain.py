"""The report in plain words and columns, for a window of an editor. Pure."""

from collections.abc import Iterator
from textwrap import wrap

from codestral_ls.statistics.report import Report
from codestral_ls.statistics.telling import (
    NO_DATA,
    NO_DATA_AND_OFF,
    OFF,
    Sheet,
    chart,
    fitting,
    sheets,
    summary,
)

COLUMNS = 78
"""Of a line: what a window beside code has room for."""
BESIDE = 2
"""Spaces between two columns."""


def plain(report: Report, *, is_on: bool) -> str:
    """Everything there is to say, with a blank line between its parts."""
    if not report.days:
        return (NO_DATA if is_on else NO_DATA_AND_OFF) + "\n"
    head = f"codestral-ls, {report.first.isoformat()} to {report.last.isoformat()}"
    drawn = chart(report, ascii_only=False)
    tables = (_table(sheet) for sheet in sheets(report))
    parts = ([head], [] if is_on else [OFF], list(_facts(report)), list(drawn), *map(list, tables))
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _facts(report: Report) -> Iterator[str]:
    facts = list(summary(report))
    label_columns = max(len(label) for label, _ in facts) + BESIDE
    for label, fact in facts:
        yield from wrap(
            fact,
            COLUMNS,
            initial_indent=f"{label:{label_columns}}",
            subsequent_indent=" " * label_columns,
        )


def _table(sheet: Sheet) -> Iterator[str]:
    sheet = fitting(sheet, COLUMNS, BESIDE)
    columns = zip(sheet.header, *sheet.rows, strict=True)
    name_width, *widths = (max(map(len, column)) for column in columns)
    name_width = min(name_width, COLUMNS - sum(widths) - BESIDE * len(widths))
    for name, *cells in (sheet.header, *sheet.rows):
        starts = range(0, max(1, len(name)), name_width)
        first, *more = (name[start : start + name_width] for start in starts)
        numbers = (f"{cell:>{width + BESIDE}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{first:{name_width}}{''.join(numbers)}".rstrip()
        yield from more
