"""The trace: what was sent and answered, word for word, and only if it is asked for."""

import json
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from codestral_ls.errors import FimError
from codestral_ls.fim.connect import connect
from codestral_ls.fim.trace import Trace, why_unwritable
from codestral_ls.model import Prompt, Snippet
from codestral_ls.settings import Settings
from tests.fim_client import KEY, PROMPT, Reader
from tests.fim_endpoint import Behaviour, Endpoint, serve


async def nobody(_prompt: Prompt) -> str:
    return ""


async def call(endpoint: Endpoint, file: Path, prompt: Prompt) -> Reader:
    provider = connect(Settings(endpoint=endpoint.url, api_key=KEY, trace_file=str(file)), nobody)
    reader = Reader()
    try:
        await provider.ask(prompt, reader)
    finally:
        await provider.close()
    return reader


async def test_a_trace_holds_what_was_sent_and_what_came_back(tmp_path: Path) -> None:
    """The body of the request as the endpoint got it; the key is in none of it."""
    file = tmp_path / "trace.jsonl"
    shown = replace(PROMPT, path="a.py", snippets=(Snippet(path="b.py", text="B = 1"),))
    async with serve(Behaviour(text="return a + b")) as endpoint:
        await call(endpoint, file, shown)
        await call(endpoint, file, shown)
    first, _second = map(json.loads, file.read_text("utf-8").splitlines())
    assert first["sent"] == endpoint.completions[0].body
    assert first["answer"] == "return a + b"
    assert first["error"] == ""
    assert KEY.reveal() not in file.read_text("utf-8")


async def test_a_failed_call_is_traced_as_well(tmp_path: Path) -> None:
    """That is when one looks."""
    file = tmp_path / "trace.jsonl"
    async with serve(Behaviour(models=frozenset())) as endpoint:
        with pytest.raises(FimError):
            await call(endpoint, file, PROMPT)
    assert json.loads(file.read_text("utf-8"))["error"]


async def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """It holds their code."""
    file = tmp_path / "trace.jsonl"
    async with serve(Behaviour(text="x")) as endpoint:
        await call(endpoint, file, PROMPT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_stops_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told in the log."""
    async with serve(Behaviour(text="x")) as endpoint:
        reader = await call(endpoint, tmp_path / "none" / "trace.jsonl", PROMPT)
    assert reader.text == "x"
    assert "No such file or directory" in caplog.text


def test_each_record_says_what_it_is_and_when_it_was(tmp_path: Path) -> None:
    """Calls and outcomes stand in one file, in the order in which they happened."""
    trace = Trace(str(tmp_path / "trace.jsonl"))
    for number, kind in enumerate(("call", "outcome", "call")):
        trace.write(kind, {"number": number})
        trace.close()  # it may be shared by several who close it
    records = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert [(it["kind"], it["number"]) for it in records] == [
        *(("call", 0), ("outcome", 1), ("call", 2)),
    ]
    assert all(datetime.fromisoformat(it["time"]).tzinfo for it in records)


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    """Not even a file."""
    trace = Trace()
    trace.write("call", {"url": "http://h"})
    trace.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """It may have been there before; what is no file, such as a pipe, is left as it is."""
    file = tmp_path / "trace.jsonl"
    file.touch(0o644)
    file.chmod(0o644)
    trace = Trace(str(file))
    trace.write("call", {})
    trace.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_a_home_that_is_nowhere_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The path is taken as it is written, and the file is told to be missing."""
    path = "~nobody-of-this-name/x"
    monkeypatch.chdir(tmp_path)
    assert why_unwritable(path) == "No such file or directory"
    trace = Trace(path)
    trace.write("call", {})
    trace.close()
    assert "No such file or directory" in caplog.text
