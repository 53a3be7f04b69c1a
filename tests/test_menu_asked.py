"""How clients ask for a completion menu, what each of them gets, and what they tell of it."""

import asyncio
from typing import Any

import pytest

from codestral_ls.happenings import Accepted
from codestral_ls.model import Nothing, Outcome, Prompt, Reason, Request, Trigger
from tests.lsp_client import URI, Session, editing, session, turns, within
from tests.lsp_model import Model
from tests.test_feedback import LABELS, Told
from tests.test_menu import PLAIN, menu

BY_HAND, BY_CHARACTER, ANEW = 1, 2, 3
"""Kinds of triggers. Helix and VS Code send the first when a word is typed, too."""


async def introduced(client: Session, text: str, name: str = "other") -> Session:
    """A client without ghost text that says its name, with an open document."""
    await client.initialize(capabilities=PLAIN, clientInfo={"name": name, "version": "1"})
    client.open(text)
    return client


def by_seed(prompt: Prompt) -> str:
    """Another text for each seed."""
    return f"value_{prompt.parameters.random_seed or 0}"


# --- the list


@pytest.mark.parametrize("kind", [BY_HAND, BY_CHARACTER, ANEW, None])
async def test_one_entry_is_asked_for_anew(kind: int | None) -> None:
    """At the next key, when there may be a better one."""
    async with editing("y = va\n", completion="always") as client:
        listed = await menu(client, 0, 6, **({"triggerKind": kind} if kind else {}))
        assert (len(listed["items"]), listed["isIncomplete"]) == (1, True)


@pytest.mark.parametrize(
    ("kind", "incomplete"), [(BY_HAND, False), (BY_CHARACTER, False), (ANEW, True)]
)
async def test_empty_list_is_complete_unless_a_menu_is_open(kind: int, *, incomplete: bool) -> None:
    """Or Helix 25.07 would drop what other servers have to say after it."""
    async with editing("y = \n", Model(""), completion="always") as client:
        listed = await menu(client, 0, 4, triggerKind=kind)
        assert listed == {"isIncomplete": incomplete, "items": []}
        unknown = {
            "textDocument": {"uri": "file:///unknown"},
            "position": {"line": 0, "character": 0},
            "context": {"triggerKind": kind},
        }
        assert await client.request("textDocument/completion", unknown) == listed


async def test_several_entries_by_hand() -> None:
    """Where nothing is typed that Helix would send the same kind for; they stay as they are."""
    async with editing("y = \n", completion="always") as client:
        client.model.say = by_seed
        listed = await menu(client, 0, 4, triggerKind=BY_HAND)
        items = listed["items"]
        assert [item["label"] for item in items] == ["value_0", "value_1", "value_2"]
        assert sorted(items, key=lambda item: item["sortText"]) == items
        assert len({item["command"]["arguments"][1] for item in items}) == 3
        assert listed["isIncomplete"] is False
        limit = client.server.engine.settings.max_tokens_invoked
        assert client.model.prompts[-1].parameters.max_tokens == limit


@pytest.mark.parametrize(
    ("text", "kind"),
    [("y = \n", BY_CHARACTER), ("y = \n", ANEW), ("y = \n", None), ("yes\n", BY_HAND)],
)
async def test_typing_asks_for_one_entry(text: str, kind: int | None) -> None:
    """Behind a trigger character, in a word, with an open menu, or who does not say why."""
    async with editing(text, completion="always") as client:
        client.model.say = by_seed
        context = {"triggerKind": kind} if kind else {}
        assert len((await menu(client, 0, len(text) - 1, **context))["items"]) == 1
        assert len(client.model.prompts) == 1
        limit = client.server.engine.settings.max_tokens
        assert client.model.prompts[-1].parameters.max_tokens == limit


@pytest.mark.parametrize(
    ("name", "kind", "patient"),
    [
        ("Helix", BY_HAND, True),
        ("helix", BY_CHARACTER, True),
        ("helix", ANEW, False),
        ("other", BY_HAND, False),
    ],
)
async def test_open_menu_is_asked_for_without_a_pause(
    monkeypatch: pytest.MonkeyPatch, name: str, kind: int, *, patient: bool
) -> None:
    """Helix waits before it opens one, and then asks after each key, so the server waits."""
    requests: list[Request] = []

    async def complete(request: Request) -> Outcome:
        requests.append(request)
        return Nothing(reason=Reason.EMPTY)

    async with session() as client:
        await introduced(client, "y = va\n", name)
        monkeypatch.setattr(client.server.engine, "complete", complete)
        await menu(client, 0, 6, triggerKind=kind)
    (request,) = requests
    assert (request.patient, request.trigger) == (patient, Trigger.AUTOMATIC)


async def test_document_may_shrink_while_an_entry_is_waited_for() -> None:
    """The entry is for the text as it was; the client knows what was typed since."""
    async with editing("one\ntwo\n    x = na", completion="always") as client:
        client.model.gate.clear()
        position = {"line": 2, "character": 10}
        params = {"textDocument": {"uri": URI}, "position": position}
        reply = client.send("textDocument/completion", params)
        await turns()
        client.change({"text": ""})
        client.model.gate.set()
        (item,) = (await within(reply))["result"]["items"]
        assert item["textEdit"]["range"]["end"] == position


# --- what only some of them need


def writing(*, normalizes: bool | None) -> dict[str, Any]:
    """Capabilities of a client that says so of line ends."""
    edits = {} if normalizes is None else {"normalizesLineEndings": normalizes}
    return {**PLAIN, "workspace": {"workspaceEdit": edits}}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("normalizes", "own"), [(False, True), (True, False), (None, False)])
@pytest.mark.parametrize("last", [True, False])
async def test_line_ends_are_the_documents_for_who_inserts_them_as_they_come(
    end: str, *, normalizes: bool | None, own: bool, last: bool
) -> None:
    """As Helix does, and says; others turn LF into the document's."""
    async with session(Model("a()\n    b()")) as client:
        await client.initialize(capabilities=writing(normalizes=normalizes))
        client.open(f"if x:{end}    {'' if last else end}")
        (item,) = (await menu(client, 1, 4))["items"]
        assert item["textEdit"]["newText"] == f"a(){end if own else chr(10)}    b()"
        assert item["label"] == "a() …"
        assert "\r" not in item["documentation"]["value"]


async def test_document_of_one_line_has_line_feeds() -> None:
    """Nothing says otherwise."""
    async with session(Model("\n    b()")) as client:
        await client.initialize(capabilities=writing(normalizes=False))
        client.open("if x:")
        (item,) = (await menu(client, 0, 5))["items"]
        assert item["textEdit"]["newText"] == "\n    b()"


@pytest.mark.parametrize(("name", "kind"), [("helix", "markdown"), ("other", "plaintext")])
async def test_helix_reads_all_documentation_as_markdown(name: str, kind: str) -> None:
    """Though it does not say so."""
    async with session(Model("a * b * c")) as client:
        await introduced(client, "y = \n", name)
        (item,) = (await menu(client, 0, 4))["items"]
        assert item["documentation"]["kind"] == kind


# --- acceptance


async def accept(client: Session, item: dict[str, Any]) -> None:
    """What clients do that run the commands of items: the edit, then the command."""
    edit = item["textEdit"]
    client.change({"range": edit["range"], "text": edit["newText"]})
    await client.run(item["command"]["command"], *item["command"]["arguments"])


async def test_acceptance_is_told_without_the_word_that_was_there() -> None:
    """The user has typed that."""
    async with session(Model("ue + 1")) as client:
        await introduced(client, "y = val\n")
        told = Told(client)
        (item,) = (await menu(client, 0, 7))["items"]
        await accept(client, item)
        assert told.of(Accepted) == [Accepted(labels=LABELS, chars=len("ue + 1"))]


async def test_what_comes_next_is_asked_for_at_acceptance() -> None:
    """Before the client does, which then gets that answer."""
    async with session(Model("value")) as client:
        await introduced(client, "y = \n")
        (item,) = (await menu(client, 0, 4))["items"]
        client.model.text = " + 1"
        client.model.gate.clear()
        await accept(client, item)
        await turns()
        assert [prompt.prefix for prompt in client.model.prompts] == ["y = ", "y = value"]
        asked = asyncio.ensure_future(menu(client, 0, 9, triggerKind=BY_HAND))
        await turns()
        client.model.gate.set()
        (item,) = (await within(asked))["items"]
        assert item["textEdit"]["newText"] == "value + 1"
        assert len(client.model.prompts) == 2
