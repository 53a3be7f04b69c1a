"""The report of `codestral-ls stats` on a terminal. The only module that knows rich."""

import os
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from codestral_ls.statistics.report import Report
from codestral_ls.statistics.telling import NAME, Sheet, chart, fitting, sheets, summary

WIDE = 400
"""Columns of what is no terminal: a line of a file has no end at which to cut it."""
BESIDE = 2
"""Spaces between two columns."""


def print_report(report: Report) -> None:
    """Prints everything, with colours and as wide as the terminal is, if it is one."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDE)
    first, last = report.first.isoformat(), report.last.isoformat()
    _say(console, Text(f"codestral-ls, {first} to {last}", "bold"))
    _say(console, _facts(report))
    # Of dumb terminals nobody knows what their font has.
    ascii_only = console.options.ascii_only or os.environ.get("TERM") == "dumb"
    title, *lines = chart(report, ascii_only=ascii_only) or ("",)
    if lines:
        drawn = Text("\n".join(lines), "cyan")
        _say(console, Text.assemble((title, "bold"), "\n", drawn, no_wrap=True, overflow="crop"))
    for sheet in sheets(report):
        _say(console, _table(fitting(sheet, console.width, BESIDE)))


def _say(console: Console, part: Text | Table) -> None:
    """Prints a part and a blank line, without the spaces that fill a line up."""
    with console.capture() as captured:
        console.print(part)
    lines = (line.rstrip() for line in captured.get().splitlines())
    sys.stdout.write("\n".join(lines) + "\n\n")


def _facts(report: Report) -> Table:
    grid = Table.grid(padding=(0, BESIDE))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, fact in summary(report):
        grid.add_row(label, Text(fact))
    return grid


def _table(sheet: Sheet) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, BESIDE, 0, 0), header_style="bold")
    name, *numbers = sheet.header
    table.add_column(name, overflow="fold", min_width=NAME)
    for each in numbers:
        table.add_column(each, justify="right", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*map(Text, row))
    return table
