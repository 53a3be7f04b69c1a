"""`codestral-ls explain`: the last outcomes of a trace, from its end, whatever else is in it."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.commands import explain as command
from codestral_ls.commands.explain import lines_from_end, run_explain
from codestral_ls.explaining import explain, lines_of
from tests.command import run
from tests.lsp_client import editing, turns
from tests.lsp_model import Model

OUTCOME: dict[str, Any] = {
    "time": "2026-03-01T12:00:00.000+00:00",
    "kind": "outcome",
    "at": 1_772_366_400.0,
    "path": "shop/orders.py",
    "line": 38,
    "character": 23,
    "trigger": "automatic",
    "language": "python",
    "outcome": "answer",
    "source": "model",
    "characters": 35,
    "provider": "codestral",
    "model": "codestral-2508",
    "tokens": {"prompt": 812, "completion": 11, "cached": 640},
    "steps": [{"rule": "overlap", "before": 40, "after": 35}],
    "sent": {
        "prefix": 2000,
        "suffix": 800,
        "snippets": [{"path": "shop/models.py", "characters": 420}],
        "redacted": True,
    },
    "timings": {"waited_ms": 40.2, "first_token_ms": 180.0, "total_ms": 1260.0},
}
CALL: dict[str, Any] = {
    "time": "2026-03-01T12:00:01.000+00:00",
    "kind": "call",
    "url": "https://codestral.mistral.ai/v1/fim/completions",
    "sent": {"model": "codestral-2508", "prompt": "def f():\n    ", "suffix": "\n"},
    "answer": "return 1",
    "error": "",
}


def trace(path: Path, *records: object) -> str:
    """A trace with these records, or lines."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return str(path)


def explained(path: str, **options: Any) -> int:
    """Runs the command here."""
    given = {"count": 20, "with_text": False, "as_json": False, **options}
    return run_explain(path, environ={"CODESTRAL_LS_CONFIG": os.devnull}, **given)


def test_an_outcome_is_told_in_lines() -> None:
    """When, where, what; then what it took and what made it so."""
    assert [line for line in lines_of(OUTCOME)[0].split("  ") if ":" not in line] == [
        "35 characters from the model, codestral-2508 at codestral"
    ]
    assert lines_of(OUTCOME)[0].split("  ")[1] == "shop/orders.py:39:24"
    assert lines_of(OUTCOME)[1:] == [
        "    waited 40 ms, first token after 180 ms, took 1.3 s",
        "    tokens: 812 sent (640 of them cached), 11 generated",
        "    shaped by: overlap (40 → 35 characters)",
        (
            "    sent: 2000 characters before the cursor, 800 behind"
            "; of other files: shop/models.py (420); secrets replaced"
        ),
    ]


def test_why_there_was_nothing_is_told() -> None:
    """With what can be done about it, and whether it was asked for by hand."""
    nothing = {
        "path": "a.txt",
        "line": 0,
        "character": 0,
        "trigger": "invoked",
        "outcome": "language off",
        "detail": 'set `languages` to ["*"]',
    }
    assert lines_of(nothing) == [
        "a.txt:1:1  nothing: language off (asked by hand)",
        '    set `languages` to ["*"]',
    ]


def test_why_somebody_else_has_answered_is_told() -> None:
    """Once: the detail of an outcome without a text holds it already."""
    because = {"because": "3 of 3 requests of today are used up"}
    assert lines_of({"outcome": "answer", **because})[1:] == [
        "    because 3 of 3 requests of today are used up"
    ]
    nothing = {"outcome": "empty", "detail": "from the offline provider", **because}
    assert lines_of(nothing)[1:] == ["    from the offline provider"]


HUGE = st.sampled_from([10**400, -(10**400), 10**308])
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | HUGE | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


INNER = ["waited_ms", "total_ms", "prompt", "cached", "prefix", "rule", "before", "snippets"]


@given(st.dictionaries(st.sampled_from(sorted(OUTCOME)), ODD), st.sampled_from(INNER), ODD)
def test_entries_of_another_version_are_survived(
    odd: dict[str, Any], name: str, value: object
) -> None:
    """Whatever is in them."""
    parts = {each: {name: value} for each in ("timings", "tokens", "sent")}
    assert explain([{**OUTCOME, **odd}, {**OUTCOME, **parts, "steps": [{name: value}]}])


def test_the_latest_stand_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So many as are wanted, in the order in which they came; calls are left out."""
    records = [{**OUTCOME, "path": f"{number}.py"} for number in range(50)]
    path = trace(tmp_path / "trace", *records, CALL)
    assert explained(path, count=3) == 0
    out, err = capsys.readouterr()
    heads = [line.split("  ") for line in out.splitlines() if line[:1].isdecimal()]
    assert [head[1] for head in heads] == ["47.py:39:24", "48.py:39:24", "49.py:39:24"]
    assert err == ""
    assert "def f" not in out


def test_the_code_is_shown_if_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was sent and answered, beside the outcomes; nothing that a terminal would obey."""
    failed = {**CALL, "answer": "", "error": "no connection \x1b[31m"}
    path = trace(tmp_path / "trace", OUTCOME, CALL, failed)
    assert explained(path, with_text=True) == 0
    out = capsys.readouterr().out
    assert "call to https://codestral.mistral.ai/v1/fim/completions" in out
    assert "    prompt:\n    | def f():\n    |     \n" in out
    assert "    answer:\n    | return 1\n" in out
    assert 'with {"model": "codestral-2508"}' in out
    assert "failed: no connection \ufffd[31m" in out


def test_json_brings_the_records_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For other programs; with the calls if wanted."""
    path = trace(tmp_path / "trace", OUTCOME, CALL)
    assert explained(path, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == [OUTCOME]
    assert explained(path, as_json=True, with_text=True) == 0
    assert json.loads(capsys.readouterr().out) == [OUTCOME, CALL]


@pytest.mark.parametrize("number", ["1" + "0" * 400, "9" * 4300, "Infinity", "-1e999", "NaN"])
def test_numbers_that_nobody_can_have_measured_are_none(
    tmp_path: Path, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and no JSON that others cannot read."""
    line = '{"kind": "outcome", "path": "a", "line": N, "timings": {"total_ms": N}}'
    path = trace(tmp_path / "trace", line.replace("N", number))
    assert explained(path) == 0
    assert capsys.readouterr().out == "a  nothing: ?\n\n"
    assert explained(path, as_json=True) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["line"], record["timings"]) == (None, {"total_ms": None})


def test_a_file_of_short_lines_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There may be millions of them; nor is a line read that is longer than any record."""
    monkeypatch.setattr(command, "MOST_LINES", 10)
    monkeypatch.setattr(command, "MOST_LINE", 1000)
    assert explained(trace(tmp_path / "short", OUTCOME, *["x"] * 9)) == 0
    assert capsys.readouterr().err.startswith("9 lines")
    assert explained(trace(tmp_path / "short", OUTCOME, *["x"] * 10)) == 1
    assert explained(trace(tmp_path / "long", {**OUTCOME, "detail": "x" * 1000})) == 1


def test_bad_lines_are_left_out_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that was killed leaves half a line; other files may have been mixed in."""
    half = json.dumps(OUTCOME)[:40]
    path = trace(tmp_path / "trace", OUTCOME, half, "", "[1]", "[" * 100_000, '{"a": 1}', OUTCOME)
    assert explained(path) == 0
    out, err = capsys.readouterr()
    assert out.count("shop/orders.py") == 2
    assert err == "4 lines are left out: no records of a trace\n"


@pytest.mark.parametrize("name", ["missing", "folder", "~nobody/trace"])
def test_a_trace_that_cannot_be_read_is_told(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its name; no traceback."""
    (tmp_path / "folder").mkdir()
    path = name if name.startswith("~") else str(tmp_path / name)
    assert explained(path) == 1
    assert f"{path} cannot be read: " in capsys.readouterr().err


def test_a_file_without_outcomes_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be another one than the server's; what is in it is shown if it is wanted."""
    path = trace(tmp_path / "trace", "half a line", CALL)
    assert explained(path) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert explained(path, with_text=True) == 0
    out, err = capsys.readouterr()
    assert "| return 1" in out
    assert "holds no outcome" in err
    assert explained(trace(tmp_path / "empty")) == 1
    assert "holds no outcome" in capsys.readouterr().err


def test_a_file_that_is_no_trace_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it is."""
    path = trace(tmp_path / "app.py", "import os", "", "print(os.name)")
    assert explained(path) == 1
    assert capsys.readouterr() == ("", f"{path} is no trace.\n")


def test_without_a_trace_it_says_how_to_have_one(capsys: pytest.CaptureFixture[str]) -> None:
    """By the setting; and what else there is."""
    assert explained("") == 1
    err = capsys.readouterr().err
    assert "trace_file" in err
    assert "codestral.explain" in err


def test_a_huge_trace_is_read_from_its_end(tmp_path: Path) -> None:
    """In a process that may have little memory; here a gigabyte of nothing before one line."""
    path = tmp_path / "trace"
    with path.open("wb") as file:
        file.seek(1 << 30)
        file.write(b"\n" + json.dumps(OUTCOME).encode() + b"\n")
    done = run("explain", str(path), "--count", "1")
    assert done.returncode == 0
    assert "shop/orders.py:39:24" in done.stdout


@given(st.text("ab \n", max_size=60), st.integers(1, 9), st.integers(1, 80))
def test_lines_come_from_the_end(text: str, block: int, most: int) -> None:
    """The same as from the beginning, reversed, as far as they are whole within the bound."""
    whole = text.encode()
    tail = whole[-most:] if len(whole) > most else b"\n" + whole
    expected = [line for line in tail.split(b"\n")[1:] if line.strip()]
    assert list(lines_from_end(io.BytesIO(whole), most, block)) == expected[::-1]


async def test_the_trace_of_a_server_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the server writes is what the command takes, from the setting as well."""
    path = tmp_path / "trace.jsonl"
    async with editing("x = \n", Model("value"), trace_file=str(path)) as client:
        await client.ghost(0, 4)
        await turns()
    environ = {"CODESTRAL_LS_CONFIG": os.devnull, "CODESTRAL_LS_TRACE_FILE": str(path)}
    assert run_explain("", count=5, with_text=False, as_json=False, environ=environ) == 0
    out = capsys.readouterr().out
    assert "sample.py:1:5  5 characters from the model, script-1 at scripted" in out
