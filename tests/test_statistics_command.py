"""`codestral-ls stats`, as a user runs it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codestral_ls.happenings import Accepted, Labels
from tests.command import run
from tests.counted import LABELS, call, counted, request

LONG = "a-model-with-a-name-that-is-as-long-as-a-name-may-ever-be-01"
KINDS = (
    *(request(), request("cache"), request("empty", answered=False)),
    *(call(cost=0.5, first_token=0.2), call("timed out"), Accepted(labels=LABELS, chars=40)),
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"CODESTRAL_LS_STATE": str(tmp_path), "CODESTRAL_LS_STATS": "true"}


def count(environ: dict[str, str]) -> Path:
    path = Path(environ["CODESTRAL_LS_STATE"]) / "statistics.sqlite3"
    counted(path, *KINDS, call(labels=Labels(language="go", provider="ollama", model=LONG)))
    return path


def test_without_data_there_is_a_friendly_word(environ: dict[str, str]) -> None:
    """It is nobody's mistake, and no file is made."""
    done = run("stats", environ=environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing was counted")
    assert os.listdir(environ["CODESTRAL_LS_STATE"]) == []  # noqa: PTH208 - a text is what is there


def test_a_pipe_gets_plain_text_that_is_not_cut(environ: dict[str, str]) -> None:
    """No escape codes, no line that ends at a width nobody asked for, no spaces behind lines."""
    count(environ)
    done = run("stats", environ={**environ, "COLUMNS": "40"})
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert any(line.startswith(LONG) and line.endswith("0.00") for line in lines)
    assert "Requests           3, 2 answered (67%)" in lines
    assert any(line.startswith("Calls") and "1 failed: timed out 1" in line for line in lines)


def test_ascii_is_enough(environ: dict[str, str]) -> None:
    """Where a terminal is for nothing else."""
    count(environ)
    done = run("stats", environ={**environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "###" in done.stdout
    assert "?" not in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
@pytest.mark.parametrize(
    ("variables", "has_codes", "has_colour"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_a_terminal_of_eighty_columns_is_enough(
    environ: dict[str, str], variables: dict[str, str], *, has_codes: bool, has_colour: bool
) -> None:
    """Colours where it has some and the user wants them; long names go on in the next line."""
    count(environ)
    text = on_terminal({**environ, **variables, "COLUMNS": "80"})
    assert ("\x1b[" in text) == has_codes
    assert ("\x1b[36m" in text) == has_colour
    plain = text.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[36m", "")
    assert all(len(line) <= 80 for line in plain.splitlines())
    assert "Cost" in plain
    assert "".join(line.split(" ")[0] for line in plain.splitlines()[-5:]).find(LONG[-8:]) >= 0


def on_terminal(environ: dict[str, str]) -> str:
    """What the command writes to a terminal."""
    import pty  # noqa: PLC0415 - POSIX alone has it

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "codestral_ls", "stats"]
    clean = {"PATH": os.environ["PATH"], "CODESTRAL_LS_CONFIG": os.devnull, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, env={**clean, **environ}, stdout=theirs) as process:
        os.close(theirs)
        written = b""
        try:
            while data := os.read(ours, 65536):
                written += data
        except OSError:  # how Linux says that a terminal has nobody left
            pass
    os.close(ours)
    assert process.returncode == 0
    return written.decode("utf-8").replace("\r\n", "\n")


def test_json_is_all_there_is(environ: dict[str, str]) -> None:
    """One object, also without data."""
    empty = json.loads(run("stats", "--json", environ=environ).stdout)
    assert (empty["total"]["requests"], empty["days"]) == (0, [])
    count(environ)
    told = json.loads(run("stats", "--json", "--days", "1", environ=environ).stdout)
    assert told["total"]["outcomes"] == {"cache": 1, "empty": 1, "model": 1}
    assert told["from"] == told["to"] == told["days"][0]["day"]


def test_csv_has_a_row_for_each_outcome(environ: dict[str, str]) -> None:
    """And a header, also without data."""
    header = run("stats", "--csv", environ=environ).stdout
    count(environ)
    text = run("stats", "--csv", environ=environ).stdout
    assert text.startswith(header)
    assert header.startswith("day,language,provider,model,user,kind,outcome,count,")
    rows = list(csv.DictReader(io.StringIO(text)))
    (costly,) = [each for each in rows if each["kind"] == "call" and each["cost"] == "0.5"]
    assert (costly["provider"], costly["count"], costly["prompt_tokens"]) == (
        "codestral",
        "1",
        "1000",
    )
    assert len(rows) == 7


def test_csv_leaves_out_a_cost_that_nobody_knows(environ: dict[str, str]) -> None:
    """It is not 0."""
    counted(
        Path(environ["CODESTRAL_LS_STATE"]) / "statistics.sqlite3", call(priced=False), call("x")
    )
    rows = csv.DictReader(io.StringIO(run("stats", "--csv", environ=environ).stdout))
    assert {each["outcome"]: (each["unpriced_tokens"], each["cost"]) for each in rows} == {
        "": ("1050", ""),
        "x": ("0", "0"),
    }


def test_a_setting_that_stops_counting_is_told(environ: dict[str, str]) -> None:
    """What was counted before is shown all the same."""
    count(environ)
    done = run("stats", "--json", environ={**environ, "CODESTRAL_LS_STATS": "false"})
    assert done.returncode == 0
    assert "`stats` is false" in done.stderr
    assert json.loads(done.stdout)["total"]["requests"] == 3
    done = run("stats", environ={**environ, "CODESTRAL_LS_STATS": "false"})
    assert (
        done.stderr
        == "codestral-ls stats: Nothing is counted at present: the setting `stats` is false.\n"
    )
    assert "Requests" in done.stdout


def test_nothing_is_counted_where_counting_is_off(environ: dict[str, str]) -> None:
    """One sentence, which does not ask for what would bring nothing."""
    done = run("stats", environ={**environ, "CODESTRAL_LS_STATS": "false"})
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert "`stats` is false" in done.stdout
    assert "look again" not in done.stdout


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_a_file_that_cannot_be_read_is_told(environ: dict[str, str], form: tuple[str, ...]) -> None:
    """In one line, with status 1."""
    path = count(environ)
    path.write_bytes(b"no database\n" * 500)
    done = run("stats", *form, environ=environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"{path} cannot be read" in done.stderr


@pytest.mark.parametrize("days", ["0", "-1", "many"])
def test_days_are_a_number(environ: dict[str, str], days: str) -> None:
    """As every other mistake on the command line: status 2."""
    assert run("stats", "--days", days, environ=environ).returncode == 2
