"""The commands that an editor has executed: what they do, bring, and refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.errors import Unauthorized
from tests.lsp_client import URI, RequestFailed, Session, editing, session, turns
from tests.lsp_model import Model

INVALID_PARAMS, REQUEST_FAILED = -32602, -32803
COMMANDS = {
    *("codestral.accepted", "codestral.explain", "codestral.toggle", "codestral.pause"),
    *("codestral.retry", "codestral.statistics", "codestral.status"),
}


async def refused(client: Session, command: str, *arguments: object) -> RequestFailed:
    """The error for a command."""
    with pytest.raises(RequestFailed) as caught:
        await client.run(command, *arguments)
    return caught.value


async def test_commands_are_advertised() -> None:
    """Clients execute no others."""
    async with session() as client:
        result = await client.initialize()
        assert set(result["capabilities"]["executeCommandProvider"]["commands"]) == COMMANDS


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("codestral.accepted", [], "takes the document's URI first"),
        ("codestral.accepted", [5, 5], "takes the document's URI first"),
        ("codestral.explain", [0], "how many requests, a whole number from 1 to 200"),
        ("codestral.explain", [201], "from 1 to 200"),
        ("codestral.explain", [1.5], "from 1 to 200"),
        ("codestral.explain", ["five"], "from 1 to 200"),
        ("codestral.explain", [10**400], "from 1 to 200"),
        ("codestral.explain", [True], "from 1 to 200"),
        ("codestral.explain", [5, 5], "too many positional arguments"),
        ("codestral.pause", [-1], "the minutes, a number from 0 to 10080"),
        ("codestral.pause", [float("nan")], "from 0 to 10080"),
        ("codestral.pause", [float("inf")], "from 0 to 10080"),
        ("codestral.pause", [None], "from 0 to 10080"),
        ("codestral.statistics", [0], "the days, a whole number from 1"),
        ("codestral.statistics", [[]], "the days, a whole number from 1"),
        ("codestral.toggle", [1], "too many positional arguments"),
        ("codestral.nothing", [], "no command 'codestral.nothing'"),
    ],
)
async def test_wrong_arguments_are_refused_in_words(
    command: str, arguments: list[Any], words: str
) -> None:
    """Whoever has written them into a configuration learns what is wanted."""
    async with editing("a\n") as client:
        error = await refused(client, command, *arguments)
        assert error.code == INVALID_PARAMS
        assert words in str(error)
        assert client.popups == []


@pytest.mark.parametrize("arguments", [(), (None,)])
async def test_arguments_may_be_left_out(arguments: tuple[object, ...]) -> None:
    """Or null, as some clients send none."""
    async with editing("a\n") as client:
        params = {"command": "codestral.status", **({"arguments": None} if arguments else {})}
        result = await client.request("workspace/executeCommand", params)
        assert result["state"] == "ready"


async def test_toggle_switches_off_and_on() -> None:
    """Also what is asked for by hand; what it is now comes back."""
    async with editing("a = \n") as client:
        assert (await client.run("codestral.toggle"))["message"] == "switched off"
        assert await client.ghost(0, 4, kind=1) == []
        assert (await client.run("codestral.toggle"))["state"] == "ready"
        assert await client.ghost(0, 4)


async def test_pause_ends_by_itself_or_with_no_minutes() -> None:
    """Typing gets nothing meanwhile."""
    async with editing("a = \n") as client:
        assert "more minutes" in (await client.run("codestral.pause"))["message"]
        assert client.server.engine.snoozed_for > 59 * 60
        assert await client.ghost(0, 4) == []
        assert (await client.run("codestral.pause", 0.5))["message"] == "paused for 30 more s"
        assert (await client.run("codestral.pause", 0))["state"] == "ready"
        assert await client.ghost(0, 4)


async def test_retry_asks_again_what_has_failed() -> None:
    """A key that was refused is not asked about at each key."""
    model = Model(error=Unauthorized("the key is not known"))
    async with editing("a = \n", model, offline_fallback=False) as client:
        await client.ghost(0, 4)
        model.error = None
        assert await client.ghost(0, 4) == []
        assert (await client.run("codestral.retry"))["state"] == "ready"
        assert await client.ghost(0, 4)


async def test_explain_says_what_became_of_the_latest_requests() -> None:
    """The latest first, for a list and for reading; never the text itself."""
    async with editing("import os\nx = \n", Model("secret()")) as client:
        none_yet = await client.run("codestral.explain")
        assert none_yet["entries"] == []
        assert none_yet["text"].startswith("Nothing has been asked for")
        await client.ghost(1, 4)
        await client.ghost(1, 4)
        told = await client.run("codestral.explain")
        assert [each["source"] for each in told["entries"]] == ["cache", "model"]
        first = told["entries"][1]
        assert (first["path"], first["line"], first["character"]) == ("sample.py", 1, 4)
        assert first["sent"]["prefix"] == len("import os\nx = ")
        assert "sample.py:2:5  8 characters from memory" in told["text"]
        assert "8 characters from the model, script-1 at scripted" in told["text"]
        assert "sent: 14 characters before the cursor, 1 behind" in told["text"]
        assert "secret" not in json.dumps(told)
        assert len((await client.run("codestral.explain", 1))["entries"]) == 1


async def test_paths_are_told_from_the_folder_that_is_open(tmp_path: Path) -> None:
    """As the model is told of them."""
    uri = (tmp_path / "inner" / "a.py").as_uri()
    async with session(context="file") as client:
        await client.initialize(rootUri=tmp_path.as_uri())
        client.open("a = \n", uri=uri)
        await client.ghost(0, 4, uri=uri)
        (told,) = await client.request("codestral/explain")
        assert told["path"] == "inner/a.py"


async def test_accepted_asks_ahead() -> None:
    """Whether or not it says which answer it was."""
    async with editing("\n", Model("value = 1")) as client:
        (item,) = await client.ghost(0, 0)
        client.type(item["insertText"] + "\nnext = ", 0, 0)
        client.model.text = "2"
        await client.run("codestral.accepted", URI)
        await turns()
        assert len(client.model.prompts) == 2
        assert client.model.prompts[-1].prefix == "value = 1\nnext = "


async def test_statistics_without_a_file_are_refused() -> None:
    """A server that counts nothing says so."""
    async with editing("a\n") as client:
        error = await refused(client, "codestral.statistics")
        assert (error.code, str(error)) == (REQUEST_FAILED, "Nothing is counted here.")


async def test_statistics_come_as_figures_and_in_words(tmp_path: Path) -> None:
    """The words for a window: also where nothing is there to tell, or nothing is counted."""
    path = tmp_path / "statistics.sqlite3"
    async with editing("a = \n", statistics=path) as client:
        assert (await client.run("codestral.statistics"))["text"].startswith("Nothing was counted")
        await client.ghost(0, 4)
        told = await client.run("codestral.statistics", 7)
        assert told["total"]["requests"] == 1
        assert "Requests           1, 1 answered (100%)" in told["text"].splitlines()
    async with editing("a = \n", statistics=path, stats=False) as client:
        text = (await client.run("codestral.statistics"))["text"]
        assert "Nothing is counted at present" in text
        assert "1 answered" in text


async def test_a_cancelled_command_leaves_nothing_behind(tmp_path: Path) -> None:
    """It is answered once, as cancelled."""
    async with editing("a\n", statistics=tmp_path / "statistics.sqlite3") as client:
        params = {"command": "codestral.statistics"}
        reply = client.send("workspace/executeCommand", params, request_id="s")
        await turns(2)
        client.cancel("s")
        assert (await reply)["error"]["code"] == -32800
        await turns()
        assert not any(client.server.protocol._request_futures)  # noqa: SLF001 - what pygls waits for
