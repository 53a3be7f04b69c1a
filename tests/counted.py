"""Happenings to be counted, and a few words to make them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from codestral_ls.happenings import (
    Accepted,
    CallEnded,
    CallUsed,
    Displayed,
    Happening,
    Labels,
    RequestEnded,
    Retained,
)
from codestral_ls.statistics.report import Report
from codestral_ls.statistics.store import Statistics

LABELS = Labels(language="python", provider="codestral", model="codestral-2508")

PROCESS = """\
import json, sys, time
from pathlib import Path
from codestral_ls.statistics import store
from tests.counted import happening_of

store.CLOSE_SECONDS = store.LAST_TRY_SECONDS = 30.0  # a machine may have a lot to do
path, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
statistics = store.Statistics(path, lambda *_: None)
noted = [happening_of(seed + number) for number in range(count)]
sys.stdin.readline()
longest = 0.0
for happening in noted:
    begun = time.perf_counter()
    statistics.note(happening)
    longest = max(longest, time.perf_counter() - begun)
statistics.close()
json.dump({"longest_note": longest}, sys.stdout)
"""
"""A server, as far as its statistics are concerned."""

LOCK = """\
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
"""Holds the file until its standard input ends."""


def request(outcome: str = "model", *, answered: bool = True, **changed: Any) -> RequestEnded:
    values = {"labels": LABELS, "waited": 0.05, "total": 0.4, "chars": 40, **changed}
    return RequestEnded(outcome=outcome, answered=answered, **values)


def call(failure: str = "", **changed: Any) -> CallEnded:
    values = {"labels": LABELS, "prompt_tokens": 1000, "completion_tokens": 50, **changed}
    return CallEnded(failure=failure, **values)


def happening_of(number: int) -> Happening:
    """One of several kinds and labels, always the same for a number."""
    labels = Labels(language=f"language {number % 3}", provider="codestral", model="m")
    kinds: tuple[Happening, ...] = (
        request(labels=labels, total=number % 7 / 10, chars=number % 50),
        request("empty", answered=False, labels=labels),
        call(labels=labels, cost=0.00033, prompt_tokens=number % 1000),
        Accepted(labels=labels, chars=number % 30),
    )
    return kinds[number % len(kinds)]


def counted(path: Path, *happenings: Happening) -> None:
    """Notes happenings and closes the file."""
    statistics = Statistics(path, lambda *_: None)
    for each in happenings:
        statistics.note(each)
    statistics.close()


def events(report: Report) -> int:
    """How much was counted, of all kinds that `happening_of` makes."""
    return report.total.requests + report.total.calls + report.total.accepted


def count_at_once(path: Path, processes: int, count: int) -> list[dict[str, float]]:
    """Has several processes count to the same file at the same time; what each says of itself."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(path), str(number * count), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for each in started:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate()[0] for each in started]
    assert [each.returncode for each in started] == [0] * processes
    return [json.loads(each) for each in said]


_LABELS = st.builds(
    Labels,
    language=st.sampled_from(["python", "go", ""]),
    provider=st.sampled_from(["codestral", ""]),
    model=st.sampled_from(["codestral-2508", "/models/x.gguf", ""]),
)
_COUNT = st.integers(0, 100_000)
_SECONDS = st.floats(0, 100)
HAPPENINGS = st.lists(
    st.one_of(
        st.builds(
            RequestEnded,
            labels=_LABELS,
            outcome=st.sampled_from(["model", "cache", "empty"]),
            answered=st.booleans(),
            waited=_SECONDS,
            total=_SECONDS,
            chars=_COUNT,
        ),
        st.builds(
            CallEnded,
            labels=_LABELS,
            failure=st.sampled_from(["", "timed out"]),
            prompt_tokens=_COUNT,
            completion_tokens=_COUNT,
            cached_tokens=_COUNT,
            estimated=st.booleans(),
            first_token=_SECONDS,
            total=_SECONDS,
            cost=_SECONDS,
            priced=st.booleans(),
            local=st.booleans(),
            shown=st.booleans(),
        ),
        st.builds(CallUsed, labels=_LABELS, prompt_tokens=_COUNT, completion_tokens=_COUNT),
        st.builds(Displayed, labels=_LABELS, chars=_COUNT),
        st.builds(Accepted, labels=_LABELS, chars=_COUNT, partly=st.booleans()),
        st.builds(
            Retained,
            labels=_LABELS,
            after=st.sampled_from([30, 120]),
            share=st.floats(0, 1),
            chars=_COUNT,
        ),
    )
)
