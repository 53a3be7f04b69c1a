"""Documents in a session: edited, closed and missing ones, while a request waits and before."""

import asyncio
from typing import Any

import pytest

from codestral_ls.lsp.transport import Inbox
from tests.lsp_client import (
    CANCELLED,
    URI,
    RequestFailed,
    Session,
    code,
    editing,
    result_of,
    turns,
    within,
)

MENU = "textDocument/completion"
OTHER = "file:///project/other.py"


async def test_late_answer_moves_with_what_was_typed() -> None:
    """The remainder, at the present cursor: Neovim would draw the whole text at the old one."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting()
        client.type("gh", 0, 5)
        client.model.gate.set()
        (item,) = result_of(await within(reply))
        assert item["insertText"] == "ost"
        assert item["range"]["start"] == item["range"]["end"] == {"line": 0, "character": 7}
        assert [item["insertText"] for item in await client.ghost(0, 7)] == ["ost"]


async def test_late_answer_that_fits_no_more_is_withheld() -> None:
    """The editor asks again in any case."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting()
        client.type("x", 0, 5)
        client.model.gate.set()
        assert code(await within(reply)) == CANCELLED


async def test_edit_in_the_same_breath_comes_after_the_request() -> None:
    """Its place belongs to the text before, of which it takes a snapshot."""
    async with editing("a = 1\n") as client:
        replies: list[asyncio.Future[dict[str, Any]]] = []
        inbox = Inbox()
        inbox.put(
            [lambda: replies.append(client.ask(0, 5)), lambda: client.type("x\ny", 0, 0)],
        )
        await turns()
        assert client.model.prompts[0].prefix == "a = 1"
        assert code(await within(replies[0])) == CANCELLED


async def test_empty_edit_outdates_nothing() -> None:
    """A new version of the same text is the same text."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting()
        client.change()
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_edit_elsewhere_outdates_nothing() -> None:
    """Another document's edits are its own."""
    async with editing("a = 1\n") as client:
        client.open("c = 3\n", uri=OTHER)
        reply = await client.ask_waiting()
        client.type("x", 0, 0, uri=OTHER)
        client.model.gate.set()
        assert result_of(await within(reply))


@pytest.mark.parametrize("again", [False, True])
async def test_closing_ends_what_is_under_way(again: bool) -> None:  # noqa: FBT001
    """Nobody will look at it; the same for a document that is opened once more."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting()
        leave(client, again=again)
        assert code(await within(reply)) == CANCELLED


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("turn", range(10))
async def test_no_success_goes_out_after_closing(turn: int, again: bool) -> None:  # noqa: FBT001
    """At whichever turn of the loop it comes, the answer ready or not."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting(request_id="late")
        client.model.gate.set()
        await turns(turn)
        answered_before = client.replies("late") != []
        leave(client, again=again)
        assert (code(await within(reply)) == 0) == answered_before


def leave(client: Session, *, again: bool) -> None:
    """Closes the document, or opens another text in its place."""
    if again:
        client.open("b = 2\n")
    else:
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})


async def test_menu_survives_lines_that_go_meanwhile() -> None:
    """Its range is that of the text for which it was asked, as the client has it."""
    async with editing("a = 1\nb = 2\nvalue\n", completion="always") as client:
        client.model.gate.clear()
        place = {"textDocument": {"uri": URI}, "position": {"line": 2, "character": 5}}
        menu = client.send(MENU, place)
        await turns()
        client.change({"text": ""})
        client.model.gate.set()
        (entry,) = result_of(await within(menu))["items"]
        assert entry["textEdit"]["range"] == {
            "start": {"line": 2, "character": 0},
            "end": {"line": 2, "character": 5},
        }


# --- documents that are not there


async def test_unknown_document_has_no_ghost_text() -> None:
    """Neither has a closed one; an empty list, because Neovim keeps a stale ghost on null."""
    async with editing("a = 1\n", completion="always") as client:
        assert await client.ghost(0, 0, uri=OTHER) == []
        client.type("x", 0, 0, uri=OTHER)
        client.notify("textDocument/didClose", {"textDocument": {"uri": OTHER}})
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert await client.ghost(0, 0) == []
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
        assert await client.request(MENU, place) == {"isIncomplete": False, "items": []}
        assert client.popups == []


async def test_edit_of_an_unopened_document_is_ignored() -> None:
    """It does not open it."""
    async with editing("a = 1\n") as client:
        client.type("x", 0, 0, uri=OTHER)
        assert set(client.server.documents) == {URI}


async def test_opened_twice_counts_the_later_text() -> None:
    """Versions may go backwards."""
    async with editing("a = 1\n") as client:
        client.open("b = 2\n", version=-3)
        assert client.server.documents[URI].text == "b = 2\n"


async def test_menu_is_unknown_when_it_is_not_offered() -> None:
    """A client with ghost text has no need of it."""
    async with editing("a = 1\n") as client:
        with pytest.raises(RequestFailed) as caught:
            await client.request(MENU, {"textDocument": {"uri": URI}, "position": {}})
        assert caught.value.code in {-32601, -32602}
