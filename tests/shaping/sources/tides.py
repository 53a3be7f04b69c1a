"""Tide tables of a harbour: read, interpolated and printed."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from sys import stdout

HARBOURS = {
    "cux": ("Cuxhaven", 53.87, 8.72),
    "hel": ("Helgoland", 54.18, 7.89),
    "emd": ("Emden", 53.34, 7.19),
}


class TideError(Exception):
    """A table that cannot be used."""


@dataclass(frozen=True, order=True)
class Turn:
    """The moment at which the tide turns, and the water's height in metres."""

    at: datetime
    height: float
    kind: str = field(compare=False, default="high")

    def __str__(self) -> str:
        return f"{self.at:%H:%M} {self.kind:<4} {self.height:5.2f} m"


def read_turns(path: Path) -> Iterator[Turn]:
    """Yields the turns of a CSV file; rows that begin with `#` are skipped.

    Raises TideError for a row that has too few columns.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            if not row or row[0].startswith("#"):
                continue
            try:
                at, height, kind = row
                yield Turn(datetime.fromisoformat(at), float(height), kind.strip())
            except ValueError as error:
                raise TideError(f"{path.name}, line {number}: {error}") from error


@lru_cache(maxsize=64)
def height_at(moment: datetime, before: Turn, after: Turn) -> float:
    """The height between two turns, by the cosine rule that pilots use."""
    span = (after.at - before.at).total_seconds()
    if span <= 0:
        raise TideError("turns are not in order")
    passed = (moment - before.at).total_seconds() / span
    middle = (before.height + after.height) / 2
    swing = (before.height - after.height) / 2
    return middle + swing * math.cos(math.pi * passed)


class Almanac:
    """Turns of one harbour, sorted, with gaps reported."""

    def __init__(self, code: str, turns: list[Turn]) -> None:
        name, latitude, longitude = HARBOURS[code]
        self.name = name
        self.place = (latitude, longitude)
        self.turns = sorted(turns)

    @property
    def gaps(self) -> list[tuple[Turn, Turn]]:
        """Neighbours that lie more than eight hours apart."""
        limit = timedelta(hours=8)
        pairs = zip(self.turns, self.turns[1:], strict=False)
        return [(a, b) for a, b in pairs if b.at - a.at > limit]

    def next_high(self, moment: datetime) -> Turn | None:
        """The next high water, or None behind the end of the table."""
        for turn in self.turns:
            if turn.at >= moment and turn.kind == "high":
                return turn
        return None

    def report(self, day: datetime, *, width: int = 40) -> str:
        """A small table for a notice board."""
        title = f"{self.name} ({self.place[0]:.1f}, {self.place[1]:.1f})"
        lines = [title.center(width), "-" * width]
        lines += [str(turn) for turn in self.turns if turn.at.date() == day.date()]
        if len(lines) == 2:
            lines.append("no turns on this day :(")
        return "\n".join(lines)


def main(arguments: list[str]) -> int:
    # The first argument is the harbour, all others are files.
    code, *files = arguments
    match code.lower():
        case "list":
            stdout.write(", ".join(sorted(HARBOURS)))
            return 0
        case code if code not in HARBOURS:
            stdout.write(f"unknown harbour {code!r}")
            return 2
        case _:
            turns = [turn for name in files for turn in read_turns(Path(name))]
    almanac = Almanac(code, turns)
    stdout.write(almanac.report(datetime.now(UTC), width=60))
    return 0 if not almanac.gaps else 1
