"""What an item takes the place of, and several items to choose from."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from codestral_ls.lsp.documents import unit_length
from codestral_ls.model import Answer, Outcome, Prompt, Request, Source
from tests.lsp_client import GHOST, URI, Session, editing, session, turns, within
from tests.lsp_model import Model

UNITS = ("utf-8", "utf-16", "utf-32")


def answer(text: str, replaces: int = 0, *others: Answer) -> Answer:
    return Answer(
        text=text, replaces=replaces, source=Source.MODEL, provider="p", model="m", others=others
    )


def always(outcome: Outcome) -> Callable[[Request], Awaitable[Outcome]]:
    """An engine that says the same to everybody."""

    async def complete(_request: Request) -> Outcome:
        return outcome

    return complete


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


async def opened(client: Session, unit: str, text: str) -> None:
    """A document in a session with this encoding, and the menu beside ghost text."""
    await client.initialize(
        capabilities={**GHOST, "general": {"positionEncodings": [unit]}},
        initializationOptions={"completion": "always"},
    )
    client.open(text)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("replaced", ["", ")", '😀é");', "\u2028'"])
async def test_range_reaches_over_what_is_replaced(
    monkeypatch: pytest.MonkeyPatch, unit: Any, end: str, replaced: str
) -> None:
    """From the cursor, in the agreed units and never beyond its line; the menu's from its word."""
    head, text = "é😀 = na", f"ïve{replaced}"
    async with session() as client:
        await opened(client, unit, f"first\n{head}{replaced} # 😀{end}")
        outcome = answer(text, len(replaced))
        monkeypatch.setattr(client.server.engine, "complete", always(outcome))
        cursor = unit_length(head, unit)
        last = cursor + unit_length(replaced, unit)
        (item,) = await client.ghost(1, cursor)
        assert (item["insertText"], item["range"]) == (text, span(1, cursor, last))
        params = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": cursor}}
        (entry,) = (await client.request("textDocument/completion", params))["items"]
        assert entry["textEdit"] == {"range": span(1, cursor - 2, last), "newText": f"na{text}"}


async def test_range_over_a_selected_entry_reaches_behind_the_cursor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """VS Code draws it, for it begins with the entry's range and text."""
    async with editing("😀.pr()\n") as client:
        monkeypatch.setattr(client.server.engine, "complete", always(answer("(1)", 2)))
        chosen = {"range": span(0, 3, 5), "text": "print"}
        (item,) = await client.ghost(0, 5, selectedCompletionInfo=chosen)
        assert (item["insertText"], item["range"]) == ("print(1)", span(0, 3, 7))


async def test_late_answer_replaces_what_stands_there_now() -> None:
    """The document has moved on while the model was thinking."""
    async with editing("é😀 = foo()\n", Model("a).bar()")) as client:
        client.model.gate.clear()
        reply = client.ask(0, 10)
        await turns()
        client.type("a", 0, 10)
        client.model.gate.set()
        (item,) = (await within(reply))["result"]
        assert (item["insertText"], item["range"]) == (").bar()", span(0, 11, 12))


async def test_several_items_each_with_its_own_range_and_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first is the answer."""
    async with editing("x = foo()\n") as client:
        outcome = answer("a", 0, answer("a).bar()", 1), answer("b"))
        monkeypatch.setattr(client.server.engine, "complete", always(outcome))
        items = await client.ghost(0, 8, kind=1)
        assert [(item["insertText"], item["range"]) for item in items] == [
            ("a", span(0, 8, 8)),
            ("a).bar()", span(0, 8, 9)),
            ("b", span(0, 8, 8)),
        ]
        assert {item["command"]["command"] for item in items} == {"codestral.accepted"}


def by_seed(prompt: Prompt) -> str:
    """Another text for each seed."""
    return f"value_{prompt.parameters.random_seed or 0}"


async def test_cycling_keeps_the_item_that_is_shown() -> None:
    """Alt+] of VS Code asks again by hand where ghost text stands."""
    async with editing("x = \n", completion="always") as client:
        client.model.say = by_seed
        (shown,) = await client.ghost(0, 4, kind=2)
        items = await client.ghost(0, 4, kind=1)
        assert [item["insertText"] for item in items] == ["value_0", "value_1", "value_2"]
        assert items[0] == shown
        assert await client.ghost(0, 4, kind=1) == items
        assert await client.ghost(0, 4, kind=2) == [shown]
        assert len(client.model.prompts) == 3
        params = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 4}}
        entries = (await client.request("textDocument/completion", params))["items"]
        assert [entry["label"] for entry in entries] == ["value_0"]


async def test_late_answer_to_a_request_by_hand_is_the_first_one() -> None:
    """Who has typed on goes on with what fits."""
    async with editing("x = \n") as client:
        client.model.say = by_seed
        client.model.gate.clear()
        reply = client.ask(0, 4, kind=1)
        await turns()
        assert len(client.model.prompts) == 3
        client.type("val", 0, 4)
        client.model.gate.set()
        (item,) = (await within(reply))["result"]
        assert (item["insertText"], item["range"]) == ("ue_0", span(0, 7, 7))


async def test_one_candidate_is_asked_for_with_one_call() -> None:
    """As it was chosen."""
    async with editing("x = \n", candidates=1) as client:
        client.model.say = by_seed
        assert len(await client.ghost(0, 4, kind=1)) == 1
        assert len(client.model.prompts) == 1
