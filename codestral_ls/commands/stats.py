"""`codestral-ls stats`: what was counted on this machine, for a terminal, as JSON or as CSV."""

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from codestral_ls.configuration import machine_layers, statistics_file
from codestral_ls.layers import resolve
from codestral_ls.statistics.figures import known_cost
from codestral_ls.statistics.tally import NANOS, Measure

AMOUNTS: Mapping[str, Measure] = {
    "count": Measure.EVENTS,
    "characters": Measure.CHARS,
    "kept_characters": Measure.KEPT,
    "prompt_tokens": Measure.PROMPT,
    "completion_tokens": Measure.COMPLETION,
    "cached_tokens": Measure.CACHED,
    "estimated_tokens": Measure.ESTIMATED,
    "unpriced_tokens": Measure.UNPRICED,
}
KEYS = ("day", "language", "provider", "model", "user", "kind", "outcome")


def run_stats(*, days: int, as_json: bool, as_csv: bool, environ: Mapping[str, str]) -> int:
    """Prints the figures of the last days; status 1 if there are some that cannot be read."""
    settings, _ = resolve(machine_layers(environ))
    path = statistics_file(environ)
    try:
        from codestral_ls.statistics.opening import Unreadable  # noqa: PLC0415 - Python may lack SQLite
        from codestral_ls.statistics.telling import OFF  # noqa: PLC0415 - it needs SQLite too
    except ImportError as error:
        _tell(error)
        return 1
    try:
        if as_csv:
            _write_csv(path, days)
        elif as_json:
            _write_json(path, days)
        else:
            _write_report(path, days, is_on=settings.stats)
    except Unreadable as error:
        _tell(error)
        return 1
    if not settings.stats and (as_csv or as_json):
        _tell(OFF)
    return 0


def _write_csv(path: Path, days: int) -> None:
    from codestral_ls.statistics.report import read_rows  # noqa: PLC0415 - needs SQLite

    rows = read_rows(path, days)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*KEYS, *AMOUNTS, "cost"))
    for row in rows:
        amounts = (row.amounts.get(measure, 0) for measure in AMOUNTS.values())
        keys = (row.day.isoformat(), *(getattr(row, key) for key in KEYS[1:]))
        writer.writerow((*keys, *amounts, _cost(row.amounts)))


def _cost(amounts: Mapping[str, int]) -> str:
    """In full; nothing where nothing is known of it."""
    cost = known_cost(amounts.get(Measure.MONEY, 0) / NANOS, amounts.get(Measure.UNPRICED, 0))
    return "" if cost is None else f"{cost:.9f}".rstrip("0").rstrip(".")


def _write_json(path: Path, days: int) -> None:
    from codestral_ls.statistics.report import as_json, read  # noqa: PLC0415 - needs SQLite

    sys.stdout.write(json.dumps(as_json(read(path, days)), indent=2) + "\n")


def _write_report(path: Path, days: int, *, is_on: bool) -> None:
    from codestral_ls.statistics.report import read  # noqa: PLC0415 - needs SQLite
    from codestral_ls.statistics.telling import NO_DATA, NO_DATA_AND_OFF, OFF  # noqa: PLC0415 - needs SQLite

    report = read(path, days)
    if not report.days:
        sys.stdout.write((NO_DATA if is_on else NO_DATA_AND_OFF) + "\n")
        return
    from codestral_ls.commands.sheets import print_report  # noqa: PLC0415 - rich

    if not is_on:
        _tell(OFF)
    print_report(report)


def _tell(what: object) -> None:
    sys.stderr.write(f"codestral-ls stats: {what}\n")
