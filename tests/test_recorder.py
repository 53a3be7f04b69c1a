"""What the session counts and traces, and that a disk is never waited for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from codestral_ls.lsp.recorder import UNHEARD_SECONDS
from codestral_ls.statistics.report import as_json, read
from tests.lsp_client import Session, editing, session, turns
from tests.lsp_model import Model
from tests.virtual_clock import VirtualTime

CHANGED = "workspace/didChangeConfiguration"


def set_to(client: Session, **settings: object) -> None:
    """Sends settings as an editor does."""
    client.notify(CHANGED, {"settings": {"codestral": settings}})


def counted(path: Path) -> dict[str, Any]:
    """Today's figures."""
    total: dict[str, Any] = as_json(read(path, 1))["total"]
    return total


async def test_requests_and_acceptances_are_counted(tmp_path: Path) -> None:
    """From the engine and from the editor; all is written when the session is over."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("\n", Model("value"), statistics=path) as client:
        (item,) = await client.ghost(0, 0)
        client.notify("textDocument/didShowCompletion", {"item": item})
        client.type("value", 0, 0)
        await client.run("codestral.accepted", *item["command"]["arguments"])
    total = counted(path)
    assert (total["requests"], total["answers"], total["accepted"]) == (1, 1, 1)
    assert total["still_there"][0]["share"] == 1


async def test_statistics_can_be_switched_off_and_on(tmp_path: Path) -> None:
    """At once; while they are off there is not even a file."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", Model("x"), statistics=path, stats=False) as client:
        await client.ghost(0, 4)
        assert not path.exists()
        set_to(client, stats=True)
        await client.ghost(0, 4)
        set_to(client, stats=False)
        await client.ghost(0, 4)
    assert counted(path)["requests"] == 1


async def test_nothing_is_counted_before_the_editor_has_had_its_say(tmp_path: Path) -> None:
    """Its first settings come with `initialize`."""
    path = tmp_path / "statistics.sqlite3"
    async with session(statistics=path) as client:
        await client.initialize(initializationOptions={"stats": False})
        client.open("a = \n")
        await client.ghost(0, 4)
    assert not path.exists()


async def test_statistics_are_read_by_a_command(tmp_path: Path) -> None:
    """As `codestral-ls stats --json` prints them, and the same in words."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", Model("x"), statistics=path) as client:
        await client.ghost(0, 4)
    async with editing("a = \n", statistics=path) as client:
        told = await client.run("codestral.statistics", 7)
        assert told["total"]["requests"] == 1
        assert "Requests           1, 1 answered" in told.pop("text")
        assert told == as_json(read(path, 7))


async def test_figures_are_up_to_date(tmp_path: Path) -> None:
    """What has just happened is in them, though it would be written a second later."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", Model("x"), statistics=path) as client:
        for count in (1, 2):
            await client.ghost(0, 4)
            told = await client.run("codestral.statistics")
            assert told["total"]["requests"] == count


async def test_a_file_that_is_none_is_told_by_the_command(tmp_path: Path) -> None:
    """And spoils nothing else."""
    path = tmp_path / "statistics.sqlite3"
    path.mkdir()
    async with editing("a = \n", statistics=path) as client:
        assert await client.ghost(0, 4)
        params = {"command": "codestral.statistics"}
        reply = await client.send("workspace/executeCommand", params)
        assert reply["error"]["code"] == -32803
        assert client.popups == []


async def test_totals_of_all_servers_bound_the_day(tmp_path: Path) -> None:
    """What one has spent, the other may not spend again."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", Model("x"), statistics=path) as client:
        await client.ghost(0, 4)
    options: dict[str, Any] = {"statistics": path, "daily_requests": 1, "stats": False}
    async with editing("b = \n", Model("y"), **options) as client:
        set_to(client, stats=True)
        while client.server.engine.condition.spent < 1:
            await turns()
        assert await client.ghost(0, 4) == []
        assert client.model.prompts == []


async def test_bounds_without_statistics_hold_for_the_session_and_that_is_told(
    tmp_path: Path,
) -> None:
    """Once, to whoever has set one."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", statistics=path, stats=False) as client:
        assert client.popups == []
        set_to(client, daily_requests=100)
        set_to(client, daily_requests=200)
        await turns()
        (told,) = client.popups
        assert "for this session alone, since `stats` is off" in told


async def test_bounds_whose_file_cannot_be_written_are_told(tmp_path: Path) -> None:
    """After a while: that of a file that can be is heard of before."""
    good, bad = tmp_path / "statistics.sqlite3", tmp_path / "folder"
    bad.mkdir()
    for path, told in ((good, []), (bad, [str(bad)])):
        time = VirtualTime()
        options: dict[str, Any] = {"statistics": path, "clock": time.clock}
        async with editing("a = \n", daily_requests=100, **options) as client:
            await client.ghost(0, 4)
            if not told:  # the totals come from a thread
                await client.run("codestral.statistics")
                await turns()
            await time.pass_time(UNHEARD_SECONDS + 1)
            await turns()
            assert [word for text in client.popups for word in text.split() if word in told] == told
            assert len(client.popups) == len(told)


async def test_the_workspace_is_read_as_soon_as_files_have_to_serve(tmp_path: Path) -> None:
    """Also if nothing has failed here: the bound was reached by another session."""
    options: dict[str, Any] = {"statistics": tmp_path / "statistics.sqlite3", "stats": False}
    async with editing("a = \n", Model("x"), daily_requests=1, **options) as client:
        read: list[bool] = []
        client.server.prepare_fallback = lambda: read.append(True)  # type: ignore[method-assign]
        await client.ghost(0, 4, kind=2)
        read.clear()
        client.type("\n", 0, 4)
        await client.ghost(1, 0)
        assert read


# --- the trace


def records(path: Path) -> list[dict[str, Any]]:
    """What was traced, but for the calls."""
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [each for each in found if each["kind"] == "outcome"]


async def test_outcomes_are_traced_where_a_trace_is_wanted(tmp_path: Path) -> None:
    """Each once, in order, with when and where; all is written when the session is over."""
    path = tmp_path / "trace.jsonl"
    async with editing("a = \n", Model("x"), trace_file=str(path)) as client:
        await client.ghost(0, 4)
        await client.ghost(0, 4)
        await turns()
        set_to(client, enabled=False)
        await client.ghost(0, 4)
    told = [(each["path"], each["line"], each["outcome"]) for each in records(path)]
    assert told == [
        ("sample.py", 0, "answer"),
        ("sample.py", 0, "answer"),
        ("sample.py", 0, "disabled"),
    ]
    assert all(isinstance(each["at"], float) for each in records(path))


async def test_the_trace_follows_the_settings(tmp_path: Path) -> None:
    """From one file to another, and to none."""
    first, second = tmp_path / "first", tmp_path / "second"
    async with editing("a = \n", Model("x"), trace_file=str(first)) as client:
        await client.ghost(0, 4)
        settings = client.server.engine.settings
        client.server.recorder.configure(replace(settings, trace_file=str(second)))
        await client.ghost(0, 4)
        await client.ghost(0, 4)
        client.server.recorder.configure(replace(settings, trace_file=""))
        await client.ghost(0, 4)
        await turns()
    assert (len(records(first)), len(records(second))) == (1, 2)
