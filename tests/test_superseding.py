"""One answer that counts: cancelled, superseded and outdated requests, and what they leave."""

import asyncio
import random
from typing import Any

import pytest

from tests.lsp_client import (
    URI,
    Model,
    RequestFailed,
    Session,
    editing,
    result_of,
    session,
    turns,
    within,
)

CANCELLED = -32800
MENU = "textDocument/completion"
OTHER = "file:///work/other.py"


def code(reply: dict[str, Any]) -> int:
    """The error code of a reply; 0 for a success."""
    return int(reply["error"]["code"]) if "error" in reply else 0


async def ask_waiting(client: Session, **more: Any) -> asyncio.Future[dict[str, Any]]:  # noqa: ANN401
    """A request that has reached the model, which keeps it."""
    client.model.gate.clear()
    before = len(client.model.prompts)
    reply = client.ask(0, 5, **more)
    await turns()
    assert len(client.model.prompts) == before + 1
    return reply


async def test_cancelled_request_is_answered_once() -> None:
    """As cancelled, at once, and not again when the model is done."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client, request_id="c1")
        client.cancel("c1")
        assert code(await within(reply)) == CANCELLED
        client.model.gate.set()
        client.cancel("c1")
        await turns()
        assert len(client.replies("c1")) == 1
        assert "data" not in client.replies("c1")[0]["error"]


async def test_cancellation_in_the_same_breath_is_heeded() -> None:
    """Before the request has begun."""
    async with editing("a = 1\n") as client:
        reply = client.ask(0, 5, request_id=9)
        client.cancel(9)
        assert code(await within(reply)) == CANCELLED
        assert len(client.replies(9)) == 1
        assert await client.ghost(0, 5)


@pytest.mark.parametrize("request_id", [12345, "no such", 0, "", True])
async def test_unknown_cancellation_is_ignored(request_id: object) -> None:
    """Nothing is sent, and what is under way goes on."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client, request_id=77)
        before = len(client.sent)
        client.cancel(request_id)
        await turns()
        assert client.sent[before:] == []
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_text_and_number_are_different_ids() -> None:
    """Cancelling "7" leaves 7 alone."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client, request_id=7)
        client.cancel("7")
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_300_requests_with_150_cancellations_leave_nothing() -> None:
    """Each is answered once, whenever its cancellation comes, and the tables are empty."""
    chance = random.Random(5)
    cancelled = set(chance.sample(range(300), 150))
    async with session() as client:
        await client.initialize()
        client.model.say = lambda prompt: f"{prompt.prefix} more"
        replies = []
        for number in range(300):  # each in a document of its own, so that none supersedes another
            uri = f"file:///{number}.py"
            client.open(f"value_{number} =", uri=uri)
            client.model.gate.clear()
            replies.append(client.ask(0, 99, uri=uri, request_id=f"r{number}"))
            await turns(chance.randrange(4))
            if number in cancelled:
                client.cancel(f"r{number}")
            await turns(chance.randrange(4))
            client.model.gate.set()
        codes = [code(reply) for reply in await within(asyncio.gather(*replies))]
        assert codes == [CANCELLED if number in cancelled else 0 for number in range(300)]
        assert all(len(client.replies(f"r{number}")) == 1 for number in range(300))
        assert tables(client) == (0, 0)


def tables(client: Session) -> tuple[int, int]:
    """How much pygls keeps of messages."""
    protocol = client.server.protocol
    return len(protocol._request_futures), len(protocol._result_types)  # noqa: SLF001


async def test_5000_keys_leave_nothing_behind() -> None:
    """Notifications of every kind are let go when they are done."""
    async with editing("") as client:
        before = tables(client)
        for _ in range(5000):
            client.type("x", 0, 0)
        for number in range(50):
            client.open("", uri=f"file:///{number}.py")
            client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
            client.notify("textDocument/didClose", {"textDocument": {"uri": f"file:///{number}"}})
            client.notify("$/setTrace", {"value": "off"})
            client.notify("workspace/didChangeConfiguration", {"settings": {"codestral": {}}})
        await turns()
        assert tables(client) == before == (0, 0)
        assert client.server.documents[URI].text == "x" * 5000


# --- a newer request for the same document


async def test_newer_request_supersedes_the_older() -> None:
    """Neovim never cancels, and would draw a late answer over a newer one."""
    async with editing("a = 1\nb = 2\n") as client:
        older = await ask_waiting(client)
        newer = client.ask(1, 5)
        assert code(await within(older)) == CANCELLED
        client.model.gate.set()
        assert result_of(await within(newer))


async def test_requests_in_one_breath_leave_the_last() -> None:
    """Of twenty in one chunk, one is asked for."""
    async with editing("a = 1\n" * 20) as client:
        replies = [client.ask(line, 5) for line in range(20)]
        codes = [code(reply) for reply in await within(asyncio.gather(*replies))]
        assert codes == [CANCELLED] * 19 + [0]


@pytest.mark.parametrize("turn", range(12))
async def test_no_success_goes_out_after_a_newer_request_came(turn: int) -> None:
    """At whichever turn of the loop it comes, the answer ready or not."""
    async with editing("a = 1\nb = 2\n") as client:
        older = await ask_waiting(client, request_id="older")
        client.model.gate.set()
        await turns(turn)
        client.model.gate.clear()
        came = len(client.sent)
        newer = client.ask(1, 5)
        answered_before = any(each.get("id") == "older" for each in client.sent[:came])
        assert (code(await within(older)) == 0) == answered_before
        client.model.gate.set()
        assert code(await within(newer)) == 0


@pytest.mark.parametrize("turn", range(12))
async def test_no_success_goes_out_after_an_edit_came(turn: int) -> None:
    """The same for an edit: the answer was made for another text."""
    async with editing("a = 1\nb = 2\n") as client:
        reply = await ask_waiting(client, request_id="older")
        client.model.gate.set()
        await turns(turn)
        came = len(client.sent)
        client.type("x", 0, 5)
        answered_before = any(each.get("id") == "older" for each in client.sent[:came])
        assert (code(await within(reply)) == 0) == answered_before


async def test_turns_of_the_loop_are_all_tried() -> None:
    """The two tests above come both before and after the answer."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client)
        client.model.gate.set()
        assert not reply.done()
        await turns(11)
        assert reply.done()


async def test_answer_from_memory_is_superseded_as_well() -> None:
    """It is ready at once, and still too late if a newer request stands right behind it."""
    async with editing("a = 1\nb = 2\n") as client:
        await client.ghost(0, 5)
        older, newer = client.ask(0, 5), client.ask(1, 5)
        assert [code(await within(older)), code(await within(newer))] == [CANCELLED, 0]


async def test_documents_do_not_supersede_each_other() -> None:
    """Two windows, two answers."""
    async with editing("a = 1\n") as client:
        client.open("c = 3\n", uri=OTHER)
        first = await ask_waiting(client)
        second = client.ask(0, 5, uri=OTHER)
        await turns()
        client.model.gate.set()
        assert [code(await within(first)), code(await within(second))] == [0, 0]


async def test_menu_and_ghost_do_not_supersede_each_other() -> None:
    """A client that has both asks for both."""
    async with editing("a = 1\n", completion="always") as client:
        ghost = await ask_waiting(client)
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 5}}
        menu = client.send(MENU, place)
        await turns()
        client.model.gate.set()
        assert [code(await within(ghost)), code(await within(menu))] == [0, 0]


# --- a document that changes meanwhile


async def test_edit_meanwhile_outdates_the_answer() -> None:
    """It is answered as cancelled when the model is done, and remembered for what is typed next."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client)
        client.type("gh", 0, 5)
        client.model.gate.set()
        assert code(await within(reply)) == CANCELLED
        assert [item["insertText"] for item in await client.ghost(0, 7)] == ["ost"]
        assert len(client.model.prompts) == 1


async def test_edit_in_the_same_breath_outdates_the_request() -> None:
    """Its place belongs to the text before."""
    async with editing("a = 1\n") as client:
        reply = client.ask(0, 5)
        client.type("x\ny", 0, 0)
        assert code(await within(reply)) == CANCELLED


async def test_empty_edit_outdates_nothing() -> None:
    """A new version of the same text is the same text."""
    async with editing("a = 1\n") as client:
        reply = await ask_waiting(client)
        client.change()
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_edit_elsewhere_outdates_nothing() -> None:
    """Another document's edits are its own."""
    async with editing("a = 1\n") as client:
        client.open("c = 3\n", uri=OTHER)
        reply = await ask_waiting(client)
        client.type("x", 0, 0, uri=OTHER)
        client.model.gate.set()
        assert result_of(await within(reply))


@pytest.mark.parametrize("ready", [False, True])
async def test_closing_ends_what_is_under_way(ready: bool) -> None:  # noqa: FBT001
    """Nobody will look at it; the same for a document that is opened once more."""
    for again in (False, True):
        async with editing("a = 1\n") as client:
            reply = await ask_waiting(client)
            if ready:
                client.model.gate.set()
            if again:
                client.open("b = 2\n")
            else:
                client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
            assert code(await within(reply)) == CANCELLED


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
        assert await client.request(MENU, place) == {"isIncomplete": True, "items": []}
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
        document = client.server.documents[URI]
        assert (document.text, document.version) == ("b = 2\n", -3)


async def test_menu_is_unknown_when_it_is_not_offered() -> None:
    """A client with ghost text has no need of it."""
    async with editing("a = 1\n") as client:
        with pytest.raises(RequestFailed) as caught:
            await client.request(MENU, {"textDocument": {"uri": URI}, "position": {}})
        assert caught.value.code in {-32601, -32602}
