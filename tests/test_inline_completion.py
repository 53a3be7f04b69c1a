"""Ghost text on the wire: ranges, line ends, the popup's selection, and what nothing looks like."""

from typing import Any

import pytest

from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from tests.lsp_client import GHOST, URI, Session, editing, session, turns
from tests.lsp_model import Model

ACCEPTED = {
    "title": "Accepted",
    "command": "codestral.accepted",
    "arguments": [URI, 1],
}
"""Of the first answer of a session."""
UNITS = ("utf-8", "utf-16", "utf-32")


def place(line: int, character: int) -> dict[str, int]:
    """A position on the wire."""
    return {"line": line, "character": character}


def at(line: int, character: int) -> dict[str, Any]:
    """An empty range."""
    return {"start": place(line, character), "end": place(line, character)}


async def opened(client: Session, unit: str, text: str) -> None:
    """A document in a session with this encoding."""
    capabilities = {**GHOST, "general": {"positionEncodings": [unit]}}
    result = await client.initialize(capabilities=capabilities)
    assert result["capabilities"]["positionEncoding"] == unit
    client.open(text)


async def test_capabilities_offer_ghost_text() -> None:
    """An empty object, static; edits are followed incrementally; no menu beside it."""
    async with session() as client:
        result = await client.initialize()
    capabilities = result["capabilities"]
    assert capabilities["inlineCompletionProvider"] == {}
    assert capabilities["positionEncoding"] == "utf-16"
    assert capabilities["textDocumentSync"]["openClose"] is True
    assert capabilities["textDocumentSync"]["change"] == 2
    assert "completionProvider" not in capabilities
    assert result["serverInfo"]["name"] == "codestral-ls"


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8"], "utf-32"),
        (["utf-7", "utf-16"], "utf-16"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
    ],
)
async def test_first_known_encoding_is_agreed(offered: list[str], agreed: str) -> None:
    """The client's order counts; without any that we know it is UTF-16."""
    async with session() as client:
        capabilities = {**GHOST, "general": {"positionEncodings": offered}}
        result = await client.initialize(capabilities=capabilities)
        assert result["capabilities"]["positionEncoding"] == agreed
        assert client.server.client.unit == agreed


# Line 1 of the text, and where in it the cursor is in UTF-8, UTF-16 and UTF-32.
CURSORS = [
    pytest.param('s = "é" + ', (11, 10, 10), id="accent"),
    pytest.param('s = "😀" + ', (13, 11, 10), id="emoji"),
    pytest.param("\tx\t= ", (5, 5, 5), id="tabs"),
    pytest.param("a\f\u2028b = ", (9, 7, 7), id="separators"),
    pytest.param("", (0, 0, 0), id="empty line"),
]


@pytest.mark.parametrize(("head", "units"), CURSORS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
async def test_range_is_empty_at_the_cursor(
    head: str, units: tuple[int, int, int], unit: str, end: str
) -> None:
    """In the negotiated units, whatever stands before, also in a last line without an end."""
    async with session() as client:
        rest = "" if not end else f"{end}after{end}"
        await opened(client, unit, f"first{end or chr(10)}{head}{rest}")
        character = units[UNITS.index(unit)]
        assert await client.ghost(1, character) == [
            {"insertText": "ghost", "range": at(1, character), "command": ACCEPTED}
        ]
        assert client.model.prompts[-1].prefix == f"first\n{head}"
        assert client.model.prompts[-1].suffix == rest.replace(end, "\n") if end else True


@pytest.mark.parametrize("unit", UNITS)
async def test_range_is_clamped_to_the_line(unit: str) -> None:
    """A cursor beyond the line's end, or beyond the document, is told back as it was taken."""
    async with session() as client:
        await opened(client, unit, "é = 1\r\nlast")
        width = 6 if unit == "utf-8" else 5
        assert (await client.ghost(0, 500))[0]["range"] == at(0, width)
        assert (await client.ghost(500, 500))[0]["range"] == at(1, 4)


async def test_edits_are_followed_in_the_agreed_units() -> None:
    """Several changes in one notification, each on what the one before has left."""
    async with session() as client:
        await opened(client, "utf-8", "é\n")
        client.change(
            {"range": at(0, 2), "text": "😀"},
            {"range": at(0, 6), "text": " = "},
            {"range": {"start": place(0, 0), "end": place(0, 2)}, "text": "a"},
        )
        assert (await client.ghost(0, 8))[0]["range"] == at(0, 8)
        assert client.model.prompts[-1].prefix == "a😀 = "


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n  \n", "\t"])
async def test_nothing_is_an_empty_list(text: str) -> None:
    """Not null: Neovim would keep showing what it shows."""
    async with editing("a = \n", Model(text)) as client:
        assert await client.ghost(0, 4) == []


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
async def test_text_has_line_feeds_only(end: str) -> None:
    """Neovim would draw and insert any other line end as a character."""
    written = end.join(["", "    one()", "    two()"])
    async with editing(f"def f():{end}", Model(written)) as client:
        (item,) = await client.ghost(0, 8)
        assert "\r" not in item["insertText"]
        assert item["insertText"].startswith("\n    one()")


async def test_explicit_trigger_asks_for_more() -> None:
    """And is answered where typing is not, if so chosen."""
    async with editing("a = \n", trigger="manual") as client:
        assert await client.ghost(0, 4, kind=2) == []
        assert await client.ghost(0, 4, kind=1)
        settings = client.server.engine.settings
        assert client.model.prompts[-1].parameters.max_tokens == settings.max_tokens_invoked


# --- the entry that is selected in the popup


def chosen(start: int, end: int, text: str, lines: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """What VS Code says about it."""
    selected = {"start": place(lines[0], start), "end": place(lines[1], end)}
    return {"selectedCompletionInfo": {"range": selected, "text": text}}


@pytest.mark.parametrize("text", ["print", "prïnt", "other", "p😀"])
async def test_ghost_text_extends_the_selected_entry(text: str) -> None:
    """Over the entry's range, as if it stood there already."""
    async with editing("x = pr\n", Model("(1)")) as client:
        (item,) = await client.ghost(0, 6, **chosen(4, 6, text))
        assert item["insertText"] == f"{text}(1)"
        assert item["range"] == {"start": place(0, 4), "end": place(0, 6)}
        assert client.model.prompts[-1].prefix == f"x = {text}"


async def test_selected_entry_with_other_line_ends_has_line_feeds() -> None:
    """The text comes from another server, and may have any."""
    async with editing("x = pr\n", Model("more")) as client:
        (item,) = await client.ghost(0, 6, **chosen(4, 6, "if a:\r\n  b\rc"))
        assert item["insertText"] == "if a:\n  b\ncmore"
        assert client.model.prompts[-1].prefix == "x = if a:\n  b\nc"


@pytest.mark.parametrize(
    "info",
    [
        chosen(4, 5, "print"),
        chosen(4, 8, "print"),
        chosen(8, 6, "print"),
        chosen(0, 6, "print", lines=(1, 0)),
        chosen(0, 6, "print", lines=(0, 1)),
        chosen(0, 0, "print", lines=(1, 1)),
    ],
)
async def test_selection_of_another_place_has_no_ghost_text(info: dict[str, Any]) -> None:
    """VS Code would not draw it, so nobody is asked."""
    async with editing("x = pr   \nsecond line\n") as client:
        assert await client.ghost(0, 6, **info) == []
        assert client.model.prompts == []


async def test_no_selection_may_be_said_as_null() -> None:
    """Some clients send the key in any case."""
    async with editing("x = \n") as client:
        assert await client.ghost(0, 4, selectedCompletionInfo=None)


# --- failures


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (Unauthorized("the key is not known"), 1),
        (Refused("no such model"), 1),
        (Unavailable("no connection"), 1),
        (BrokenReply("not a stream"), 1),
        (RateLimited("too many requests"), 0),
        (TimedOut("too slow"), 1),
    ],
)
async def test_failure_is_told_once_over_many_keys(error: FimError, shown: int) -> None:
    """Typing gets empty lists; the user hears of the cause once, if they can mend it."""
    async with editing("", Model(error=error)) as client:
        for character in range(20):
            client.type("x", 0, character)
            assert await client.ghost(0, character + 1, kind=1 + character % 2) == []
        said = [f"codestral-ls: {error}"]
        assert client.popups == said * shown
        once_late = isinstance(error, TimedOut)  # the first time it may have been chance
        assert client.said("window/logMessage") == said * (not shown or once_late)


async def test_failure_is_told_again_under_other_settings() -> None:
    """What was mended wrongly is worth a word."""
    async with editing("a = \n", Model(error=Unauthorized("the key is not known"))) as client:
        await client.ghost(0, 4)
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"codestral": {"model": "m"}}}
        )
        await turns()
        await client.ghost(0, 4)
        assert len(client.popups) == 2


async def test_sessions_in_one_process_know_nothing_of_each_other() -> None:
    """Documents, settings and messages are the session's own."""
    failing = Model(error=Unauthorized("the key is not known"))
    async with editing("a = \n", failing, model="m-1") as one, editing("b = \n") as two:
        assert await one.ghost(0, 4) == []
        assert await two.ghost(0, 4)
        assert (len(one.popups), len(two.popups)) == (1, 0)
        assert one.server.engine.settings.model != two.server.engine.settings.model
        one.notify("textDocument/didClose", {"textDocument": {"uri": "file:///project/sample.py"}})
        assert len(two.server.documents) == 1
