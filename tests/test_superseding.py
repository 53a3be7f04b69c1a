"""One answer that counts: cancelled, superseded and outdated requests, and what they leave."""

import asyncio
import random

import pytest

from tests.lsp_client import (
    CANCELLED,
    URI,
    Session,
    code,
    editing,
    result_of,
    session,
    turns,
    within,
)

MENU = "textDocument/completion"
OTHER = "file:///project/other.py"


async def test_cancelled_request_is_answered_once() -> None:
    """As cancelled, at once, and not again when the model is done."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting(request_id="c1")
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
        reply = await client.ask_waiting(request_id=77)
        before = len(client.sent)
        client.cancel(request_id)
        await turns()
        assert client.sent[before:] == []
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_text_and_number_are_different_ids() -> None:
    """Cancelling "7" leaves 7 alone."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting(request_id=7)
        client.cancel("7")
        client.model.gate.set()
        assert result_of(await within(reply))


async def test_300_requests_with_150_cancellations_leave_nothing() -> None:
    """Each is answered once, whenever its cancellation comes, and the tables are empty."""
    chance = random.Random(5)  # noqa: S311 - the same moments every time
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
        older = await client.ask_waiting()
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
        older = await client.ask_waiting(request_id="older")
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
        reply = await client.ask_waiting(request_id="older")
        client.model.gate.set()
        await turns(turn)
        came = len(client.sent)
        client.type("x", 0, 5)
        answered_before = any(each.get("id") == "older" for each in client.sent[:came])
        assert (code(await within(reply)) == 0) == answered_before


async def test_turns_of_the_loop_are_all_tried() -> None:
    """The two tests above come both before and after the answer."""
    async with editing("a = 1\n") as client:
        reply = await client.ask_waiting()
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
        first = await client.ask_waiting()
        second = client.ask(0, 5, uri=OTHER)
        await turns()
        client.model.gate.set()
        assert [code(await within(first)), code(await within(second))] == [0, 0]


async def test_menu_and_ghost_do_not_supersede_each_other() -> None:
    """A client that has both asks for both."""
    async with editing("a = 1\n", completion="always") as client:
        ghost = await client.ask_waiting()
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 5}}
        menu = client.send(MENU, place)
        await turns()
        client.model.gate.set()
        assert [code(await within(ghost)), code(await within(menu))] == [0, 0]
