"""What became of the answers, as editors tell it, and how much stays in the text."""

from typing import Any, TypeVar

import pytest

from codestral_ls.happenings import Accepted, Displayed, Happening, Labels, Retained
from codestral_ls.lsp.feedback import AFTER, MOST_OFFERS
from tests.lsp_client import URI, Session, editing, turns
from tests.lsp_model import Model
from tests.virtual_clock import VirtualTime

T = TypeVar("T")
LABELS = Labels(language="python", provider="scripted", model="script-1")
SHOWN, PARTLY = "textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion"
GHOST = "value = 1"


class Told:
    """What a session tells of its answers."""

    def __init__(self, client: Session) -> None:
        self.all: list[Happening] = []
        client.server.feedback._tell = self.all.append  # noqa: SLF001 - in the recorder's place

    def of(self, kind: type[T]) -> list[T]:
        return [each for each in self.all if isinstance(each, kind)]


async def accept(client: Session, item: dict[str, Any]) -> None:
    """What VS Code and Neovim do: the edit, then the item's command."""
    client.change({"range": item["range"], "text": item["insertText"]})
    await client.run(item["command"]["command"], *item["command"]["arguments"])


async def test_an_answer_is_displayed_once() -> None:
    """Also if the client says so again, or asks again and gets the same."""
    async with editing("x\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 1)
        client.notify(SHOWN, {"item": item})
        client.notify(SHOWN, {"item": item})
        (again,) = await client.ghost(0, 1)
        assert again == item
        client.notify(SHOWN, {"item": again})
        assert told.all == [Displayed(labels=LABELS, chars=len(GHOST))]


async def test_the_rest_of_what_was_typed_through_is_not_displayed_anew() -> None:
    """It is the same text to whoever looks at it; another text is another one."""
    async with editing("", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        client.notify(SHOWN, {"item": item})
        client.type("va", 0, 0)
        (rest,) = await client.ghost(0, 2)
        assert rest["insertText"] == GHOST[2:]
        client.notify(SHOWN, {"item": rest})
        assert len(told.of(Displayed)) == 1
        client.model.text = "other"
        client.type("\n", 0, 2)
        (other,) = await client.ghost(1, 0)
        client.notify(SHOWN, {"item": other})
        assert len(told.of(Displayed)) == 2


async def test_an_answer_is_accepted_once() -> None:
    """By the command that its item carries; what an older item had is no answer's number."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        await client.run("codestral.accepted", URI)
        assert told.of(Accepted) == []
        await accept(client, item)
        await client.run("codestral.accepted", URI, item["command"]["arguments"][1])
        assert told.of(Accepted) == [Accepted(labels=LABELS, chars=len(GHOST))]


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        {"item": None},
        {"item": {"command": {"command": "codestral.accepted"}}},
        {"item": {"command": {"command": "codestral.accepted", "arguments": [URI]}}},
        {"item": {"command": {"command": "codestral.accepted", "arguments": [URI, 99]}}},
        {"item": {"command": {"command": "other", "arguments": [URI, 1]}}},
        {"item": {"command": {"command": "codestral.accepted", "arguments": [URI, True]}}},
        {"item": {"command": {"command": "codestral.accepted", "arguments": [URI, "1"]}}},
    ],
)
async def test_odd_notifications_are_survived(params: Any) -> None:
    """Items of other servers, of an earlier session, and nonsense."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        await client.ghost(0, 0)
        client.notify(SHOWN, params)
        client.notify(PARTLY, {**params, "acceptedLength": 1} if params else params)
        assert told.all == []
        assert client.popups == []


@pytest.mark.parametrize("length", [None, "x", -1, 1.5, True, 0])
async def test_odd_lengths_are_survived(length: object) -> None:
    """Nothing is accepted then."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        client.notify(PARTLY, {"item": item, "acceptedLength": length})
        client.notify(PARTLY, {"item": item})
        assert told.all == []
        assert client.popups == []


async def test_old_answers_are_forgotten() -> None:
    """A bounded number is kept; the latest can still be told of."""
    async with editing("", Model()) as client:
        told = Told(client)
        client.model.say = lambda prompt: f"v{len(prompt.prefix)}"
        items = []
        for character in range(MOST_OFFERS + 1):
            items += await client.ghost(0, character)
            client.type(".", 0, character)
        client.notify(SHOWN, {"item": items[0]})
        assert told.of(Displayed) == []
        client.notify(SHOWN, {"item": items[-1]})
        assert len(told.of(Displayed)) == 1


# --- what stays


async def kept(client: Session) -> Told:
    """A session in which an answer was accepted in line 1."""
    told = Told(client)
    (item,) = await client.ghost(1, 0)
    await accept(client, item)
    await turns()
    return told


def shares(told: Told) -> list[tuple[int, float]]:
    """What was told of how much is left, and when."""
    return [(each.after, round(each.share, 2)) for each in told.of(Retained)]


async def test_what_stays_is_looked_for_three_times() -> None:
    """Also where the text has moved since; then the mark is given up."""
    time = VirtualTime()
    async with editing("a\n\n", Model(GHOST), clock=time.clock) as client:
        told = await kept(client)
        client.type("new\nlines\n", 0, 0)
        await time.pass_time(AFTER[0] - 1)
        assert shares(told) == []
        await time.pass_time(1)
        assert shares(told) == [(30, 1.0)]
        assert told.of(Retained)[0] == Retained(
            labels=LABELS, after=30, share=1.0, chars=len(GHOST)
        )
        client.change({"range": span(3, 8, 3, 9), "text": "200"})
        await time.pass_time(AFTER[1] - AFTER[0])
        assert shares(told) == [(30, 1.0), (120, 0.86)]
        client.change({"range": span(0, 0, 9, 0), "text": ""})
        await time.pass_time(AFTER[2] - AFTER[1])
        assert shares(told) == [(30, 1.0), (120, 0.86), (600, 0.0)]
        assert client.server.documents[URI].marks == []
        assert time.sleeping == 0


def span(top: int, first: int, bottom: int, last: int) -> dict[str, Any]:
    """A range on the wire."""
    return {
        "start": {"line": top, "character": first},
        "end": {"line": bottom, "character": last},
    }


async def test_a_document_that_is_closed_is_looked_at_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once, in the place of what would have been next; and nothing after that."""
    time = VirtualTime()
    async with editing("a\n\n", Model(GHOST), clock=time.clock) as client:
        told = await kept(client)
        await time.pass_time(AFTER[0])
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert shares(told) == [(30, 1.0), (120, 1.0)]
        for _ in AFTER:
            await time.pass_time(1000)
        assert len(told.of(Retained)) == 2
        assert caplog.records == []


async def test_the_end_of_the_session_is_the_end_of_all_documents() -> None:
    """Most editors close none of them before they leave."""
    async with editing("a\n\n", Model(GHOST)) as client:
        told = await kept(client)
    assert shares(told) == [(30, 1.0)]


async def test_a_document_that_is_opened_anew_is_another_one() -> None:
    """What was accepted in the old one was looked at when that came to its end."""
    time = VirtualTime()
    async with editing("a\n\n", Model(GHOST), clock=time.clock) as client:
        told = await kept(client)
        client.open("other\n")
        assert shares(told) == [(30, 1.0)]
        await time.pass_time(1000)
        assert len(told.of(Retained)) == 1


async def test_what_is_not_in_the_text_is_not_looked_for() -> None:
    """A client that tells of an acceptance but has inserted something else."""
    time = VirtualTime()
    async with editing("a\n\n", Model(GHOST), clock=time.clock) as client:
        told = Told(client)
        (item,) = await client.ghost(1, 0)
        await client.run("codestral.accepted", *item["command"]["arguments"])
        await time.pass_time(1000)
        assert len(told.of(Accepted)) == 1
        assert told.of(Retained) == []


async def test_parts_that_were_accepted_are_looked_for_one_by_one() -> None:
    """Each from its own beginning on."""
    time = VirtualTime()
    async with editing("a\n\n", Model(GHOST), clock=time.clock) as client:
        told = Told(client)
        (item,) = await client.ghost(1, 0)
        client.type(GHOST[:5], 1, 0)
        client.notify(PARTLY, {"item": item, "acceptedLength": 5})
        client.type(GHOST[5:], 1, 5)
        await client.run("codestral.accepted", *item["command"]["arguments"])
        await time.pass_time(AFTER[0])
        chars = [(each.chars, each.share) for each in told.of(Retained)]
        assert sorted(chars) == [(4, 1.0), (5, 1.0)]
