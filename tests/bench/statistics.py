"""Measure the statistics: servers that count at once, a year of happenings, a year's file.

    python -m tests.bench.statistics [--processes 8] [--events 5000] [--rate 500] [--total 1000000]

The servers note so many a second, ten times as many as anybody makes happen (or with 0 as quickly
as they can, which leaves them to one second for all when they close): what is lost, how long the
first note took, which starts a thread, and the others beside that thread, how long a transaction,
and how long one server waited for the others.
Then a year is made of the total: how large the file is, and how long a report takes (should be
below 1 s).
"""

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from codestral_ls.happenings import (
    Accepted,
    CallEnded,
    Displayed,
    Happening,
    Labels,
    RequestEnded,
    Retained,
)
from codestral_ls.statistics import database
from codestral_ls.statistics.database import Database
from codestral_ls.statistics.report import as_json, read
from codestral_ls.statistics.schema import writing
from codestral_ls.statistics.store import Statistics
from codestral_ls.statistics.tally import tally

DAYS = 365
LANGUAGES = ("python", "typescript", "rust", "go")
PROVIDERS = (("codestral", "codestral-2508"), ("ollama", "qwen2.5-coder:7b"))
OFTEN = (9, 1)
OUTCOMES = {
    "typed through": 20,
    "model": 10,
    "cache": 5,
    "joined": 5,
    "offline": 2,
    "superseded": 20,
    "inside of a word": 10,
    "empty": 5,
    "timed out": 1,
}
ANSWERS = {"typed through", "model", "cache", "joined", "offline"}


def happenings(count: int, seed: int) -> Iterator[Happening]:
    """Return what a user of several languages and of two providers makes happen."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    outcomes, parts = list(OUTCOMES), list(OUTCOMES.values())
    for number in range(count):
        ((provider, model),) = chance.choices(PROVIDERS, OFTEN)
        labels = Labels(language=chance.choice(LANGUAGES), provider=provider, model=model)
        if number % 2:
            (outcome,) = chance.choices(outcomes, parts)
            seconds = chance.lognormvariate(-1.2, 0.6) if outcome == "model" else 0.0005
            yield RequestEnded(
                labels=labels,
                outcome=outcome,
                answered=outcome in ANSWERS,
                waited=0.03,
                total=seconds,
                chars=chance.randrange(80),
            )
        elif number % 4:
            yield CallEnded(
                labels=labels,
                failure="" if chance.random() < 0.98 else "timed out",
                prompt_tokens=chance.randrange(2_500),
                completion_tokens=chance.randrange(60),
                first_token=chance.lognormvariate(-1.5, 0.5),
                total=chance.lognormvariate(-1, 0.5),
                cost=0.0006,
                local=provider == "ollama",
            )
        else:
            yield chance.choice(
                (
                    Displayed(labels=labels, chars=40),
                    Accepted(labels=labels, chars=40),
                    Retained(labels=labels, after=30, share=chance.random(), chars=40),
                )
            )


def count_as_a_server(path: Path, seed: int, count: int, rate: float) -> dict[str, Any]:
    """Note happenings beside the thread that writes them; return what was measured."""
    transactions: list[float] = []
    waits: list[float] = []

    @contextmanager
    def timed(connection: sqlite3.Connection) -> Iterator[None]:
        """Hold the right to write, with a watch on waiting for it and on having it."""
        asked = time.perf_counter()
        with writing(connection):
            begun = time.perf_counter()
            yield
        waits.append(begun - asked)
        transactions.append(time.perf_counter() - begun)

    noted = list(happenings(count, seed))
    notes = []
    with mock.patch.object(database, "writing", timed):
        statistics = Statistics(path, lambda *_: None)
        sys.stdin.readline()
        for number, each in enumerate(noted):
            begun = time.perf_counter()
            statistics.note(each)
            notes.append(time.perf_counter() - begun)
            if rate and number % 10 == 9:
                time.sleep(10 / rate)
        begun = time.perf_counter()
        statistics.close()
    first, *notes = notes
    notes.sort()
    return {
        "first_note": first,
        "note": median(notes),
        "note_999": notes[len(notes) * 999 // 1000],
        "longest_note": notes[-1],
        "close": time.perf_counter() - begun,
        "transaction": max(transactions, default=0),
        "wait": max(waits, default=0),
    }


def many_servers(folder: Path, processes: int, count: int, rate: float) -> None:
    """Have servers count to one file at once, and print what they saw and what is missing."""
    path = folder / "shared.sqlite3"
    command = [sys.executable, "-m", "tests.bench.statistics", "--server", str(path)]
    options = ["--events", str(count), "--rate", str(rate)]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, "--seed", str(seed), *options],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for seed in range(processes)
        ]
        for each in started:
            if each.stdin:
                each.stdin.write("go\n")
                each.stdin.flush()
        said = [json.loads(each.communicate()[0]) for each in started]
    total = read(path, 2).total
    counted = total.requests + total.calls + total.displayed + total.accepted
    noted = [each for seed in range(processes) for each in happenings(count, seed)]
    expected = sum(not isinstance(each, Retained) for each in noted)
    print(f"{processes} servers, {count} events each, {rate or 'as many as can be'} a second")
    print(f"  lost: {expected - counted} of {expected}")
    for name in ("first_note", "note", "note_999", "longest_note", "transaction", "wait", "close"):
        print(f"  {name:13} {max(each[name] for each in said) * 1000:8.4f} ms at most of a server")


def a_year(folder: Path, count: int) -> None:
    """Print how large a year's file is, and how long a report of it takes."""
    path, today = folder / "year.sqlite3", datetime.now().astimezone().date()
    store, each = Database(path), count // DAYS
    for day in range(today.toordinal() - DAYS + 1, today.toordinal() + 1):
        store.add(tally(happenings(each, day), day).items(), today.toordinal())
    store.close()
    print(f"{each * DAYS} events in {DAYS} days: {path.stat().st_size / 1e6:.1f} MB")
    for days in (30, DAYS):
        begun = time.perf_counter()
        as_json(read(path, days, date.fromordinal(today.toordinal())))
        print(f"  report of {days} days: {time.perf_counter() - begun:.3f} s")


def main() -> None:
    """Measure everything, or be one of the servers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.statistics")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--events", type=int, default=5_000, help="of each server")
    parser.add_argument("--rate", type=float, default=500, help="of a server a second; 0: no bound")
    parser.add_argument("--total", type=int, default=1_000_000, help="events of a year")
    parser.add_argument("--server", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.server:
        said = count_as_a_server(options.server, options.seed, options.events, options.rate)
        print(json.dumps(said))
        return
    with tempfile.TemporaryDirectory() as folder:
        many_servers(Path(folder), options.processes, options.events, options.rate)
        if options.total:
            a_year(Path(folder), options.total)


if __name__ == "__main__":
    main()
