"""What each editor is offered and given, by what it says of itself when it begins.

With the parameters of `initialize` as Neovim 0.12.4, VS Code 1.139, Helix 25.07 and Emacs 30.2 have
sent them; real processes on both ends.
"""

from typing import NamedTuple

import pytest

from tests.editor_wire import (
    CANCELLED,
    GHOST,
    URI,
    Editor,
    Message,
    an_editor,
    items_of,
    transcript,
)
from tests.fim_endpoint import Behaviour

TEXT = "name = '😀' + \n"
INLINE, MENU = "textDocument/inlineCompletion", "textDocument/completion"


class Client(NamedTuple):
    """An editor: the transcript that begins as it does, and what it needs.

    `units` are those of its encoding up to the end of `TEXT`'s first line.
    """

    transcript: str
    encoding: str
    units: int
    has_ghost: bool
    patient: bool


CLIENTS = {
    "neovim": Client("neovim-accept", "utf-8", 16, has_ghost=True, patient=True),
    "vscode": Client("vscode-typing", "utf-16", 14, has_ghost=True, patient=False),
    "helix": Client("helix-menu", "utf-8", 16, has_ghost=False, patient=True),
    "emacs with ghost text": Client("emacs-inline", "utf-32", 13, has_ghost=True, patient=False),
    "emacs": Client("emacs-menu", "utf-32", 13, has_ghost=False, patient=False),
}
each_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)


def begin(editor: Editor, client: Client, first: Message | None = None) -> Message:
    """Initializes as an editor does and opens a document; brings what the server can do."""
    able = editor.initialize(first or transcript(client.transcript)[0])
    editor.send(note("initialized", {}))
    document = {"uri": URI, "languageId": "python", "version": 0, "text": TEXT}
    editor.send(note("textDocument/didOpen", {"textDocument": document}))
    return able


def note(method: str, params: object) -> Message:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def call(request_id: int, method: str, params: object) -> Message:
    return {"id": request_id, **note(method, params)}


def asking(request_id: int, client: Client, kind: int = 2) -> Message:
    """The question that this editor asks at the end of the first line."""
    place = {"line": 0, "character": client.units}
    params: Message = {"textDocument": {"uri": URI}, "position": place}
    params["context"] = {"triggerKind": kind if client.has_ghost else 1}
    return call(request_id, INLINE if client.has_ghost else MENU, params)


@each_client
def test_each_editor_is_offered_and_given_what_it_can_use(client: Client) -> None:
    """Its encoding, ghost text, a menu where it has no other; texts that it can place and report.

    Ghost text is offered to all: some ask for it by plug-ins, and say nothing of it.
    """
    with an_editor() as (editor, endpoint):
        able = begin(editor, client)
        assert able["positionEncoding"] == client.encoding
        assert able["inlineCompletionProvider"] == {}
        assert ("completionProvider" in able) is not client.has_ghost
        assert able["textDocumentSync"]["change"] == 2
        assert "codestral.accepted" in able["executeCommandProvider"]["commands"]
        assert "notebookDocumentSync" not in able
        editor.send(asking(2, client))
        items = items_of(editor.reply(2)["result"])
        item = items[0]
        edit = item.get("textEdit", item)
        place = {"line": 0, "character": client.units}
        assert edit["range"] == {"start": place, "end": place}
        assert edit.get("newText", edit.get("insertText")) == GHOST
        assert endpoint.completions[-1].body["prompt"] == TEXT.rstrip("\n")
        run = {"command": item["command"]["command"], "arguments": item["command"]["arguments"]}
        inserted = {"range": edit["range"], "text": GHOST}
        changed = {"textDocument": {"uri": URI, "version": 1}, "contentChanges": [inserted]}
        editor.send(note("textDocument/didChange", changed), call(3, COMMAND, run))
        assert editor.reply(3)["result"] is None
        editor.send(call(4, "shutdown", None))
        assert editor.reply(4)["result"] is None
        editor.send(note("exit", None))
        assert editor.server.wait() == 0


COMMAND = "workspace/executeCommand"


@each_client
def test_each_editor_gets_a_list_where_there_is_nothing(client: Client) -> None:
    """Null would leave stale text on Neovim's screen, and an error pops up in VS Code."""
    with an_editor(behaviour=Behaviour(requests_per_minute=0), offline_fallback="false") as (
        editor,
        _,
    ):
        begin(editor, client)
        editor.send(asking(2, client))
        assert list(items_of(editor.reply(2)["result"])) == []


@each_client
def test_what_is_cancelled_or_superseded_ends_in_silence(client: Client) -> None:
    """By the one code that no editor shows; Neovim cancels nothing by itself."""
    with an_editor(behaviour=Behaviour(text=GHOST, head_after=5.0)) as (editor, endpoint):
        begin(editor, client)
        editor.send(asking(2, client))
        endpoint.wait_until(lambda: len(endpoint.completions) >= 1)
        editor.send(asking(3, client))
        assert editor.reply(2)["error"]["code"] == CANCELLED
        editor.send(note("$/cancelRequest", {"id": 3}))
        assert editor.reply(3)["error"]["code"] == CANCELLED
        assert [len(editor.replies()[each]) for each in (2, 3)] == [1, 1]


@each_client
def test_an_editor_with_a_symbol_has_no_popup(client: Client) -> None:
    """What its symbol tells is in its log, once."""
    with an_editor(behaviour=Behaviour(keys=frozenset()), offline_fallback="false") as (editor, _):
        first = transcript(client.transcript)[0]
        first["params"]["capabilities"]["experimental"] = {"codestral": {"status": True}}
        begin(editor, client, first)
        for number in (2, 3):
            editor.send(asking(number, client))
            assert list(items_of(editor.reply(number)["result"])) == []
        editor.send(call(4, "codestral/status", None))
        assert editor.reply(4)["result"]["state"] == "error"
        assert editor.notified("codestral/status")[-1]["state"] == "error"
        (logged,) = editor.notified("window/logMessage")
        assert "API key" in logged["message"]
        assert editor.notified("window/showMessage") == []


@each_client
def test_who_waits_itself_is_not_kept_waiting(client: Client) -> None:
    """Neovim and Helix wait for 200 ms and more before they ask; the others ask at each key."""
    with an_editor(debounce_ms="1000") as (editor, _):
        begin(editor, client)
        key = {"range": {"start": PLACE, "end": PLACE}, "text": "n"}
        changed = {"textDocument": {"uri": URI, "version": 1}, "contentChanges": [key]}
        editor.send(note("textDocument/didChange", changed))
        ask = asking(2, client)
        ask["params"]["position"]["character"] += 1
        ask["params"]["context"]["triggerKind"] = 2
        editor.send(ask)
        assert items_of(editor.reply(2)["result"])
        editor.send(call(3, "codestral/explain", None))
        (told,) = editor.reply(3)["result"]
        assert (told["timings"]["waited_ms"] < 500) is client.patient


PLACE = {"line": 0, "character": 0}
