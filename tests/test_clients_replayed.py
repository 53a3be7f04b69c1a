"""Whole sessions of real editors against the real process: one right reply each, texts in step.

The transcripts are of Neovim 0.12.4, VS Code 1.139 (code-server), Helix 25.07 and Emacs 30.2 with
eglot, once as they are and once with an inline completion client.
"""

from itertools import cycle
from typing import Any

import pytest

from tests.editor_wire import (
    CANCELLED,
    TRANSCRIPTS,
    URI,
    Editor,
    an_editor,
    is_request,
    items_of,
    transcript,
)
from tests.fim_endpoint import Endpoint

ANSWERS: dict[str, dict[str, Any]] = {
    "null": {"result": None},
    "empty": {"result": []},
    "error": {"error": {"code": -32601, "message": "no such method"}},
}
"""What editors answer to what they do not know, or have nothing for."""
LAST = 100_000


def check_reply(reply: dict[str, Any], method: str) -> None:
    """A reply that the editor can do something with."""
    if "error" in reply:
        assert reply["error"]["code"] == CANCELLED
        return
    if not method.startswith("textDocument/"):
        return
    assert method != "textDocument/completion" or isinstance(reply["result"], dict)
    for item in items_of(reply["result"]):
        edit = item.get("textEdit", item)
        text = edit.get("newText", edit.get("insertText"))
        assert "\r" not in text
        place = edit["range"]
        assert place["start"]["line"] == place["end"]["line"]
        assert place["start"]["character"] <= place["end"]["character"]
        assert item["command"]["arguments"][0] == URI


def check_texts(editor: Editor, endpoint: Endpoint) -> None:
    """Asks at the end of each line in turn until the model is asked; that prompt is the text."""
    before = len(endpoint.completions)
    text = editor.texts.texts[URI].replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n")):
        encoded = line.encode(editor.texts.encoding)
        units = len(encoded) // {"utf-8": 1, "utf-16-le": 2}.get(editor.texts.encoding, 4)
        place = {"line": number, "character": units}
        params = {"textDocument": {"uri": URI}, "position": place, "context": {"triggerKind": 1}}
        request = LAST + number
        method = "textDocument/inlineCompletion"
        editor.send({"jsonrpc": "2.0", "id": request, "method": method, "params": params})
        assert "result" in editor.reply(request)
        if len(endpoint.completions) > before:
            body = endpoint.completions[-1].body
            assert (body["prompt"], body["suffix"]) == editor.texts.around(URI, place)
            return
    raise AssertionError("the model was never asked")


def end(editor: Editor) -> int:
    """Ends the session as the transcript does, or at once; brings the exit status."""
    editor.server.stdin.close()
    return editor.server.wait()


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_each_request_has_one_reply_when_its_turn_comes(name: str) -> None:
    """Step by step; what the editor will cancel is not waited for."""
    first, *rest = transcript(name)
    cancelled = {each["params"]["id"] for each in rest if each["method"] == "$/cancelRequest"}
    with an_editor() as (editor, endpoint):
        editor.initialize(first)
        methods = {}
        for message in rest:
            if message["method"] == "shutdown":
                check_texts(editor, endpoint)
            editor.send(message)
            if is_request(message):
                methods[message["id"]] = message["method"]
                if message["id"] not in cancelled:
                    editor.reply(message["id"])
        if "shutdown" not in methods.values():
            check_texts(editor, endpoint)
        assert end(editor) == (0 if "shutdown" in methods.values() else 1)
        editor.server.drain()
        replies = editor.replies()
        for request, method in methods.items():
            (reply,) = replies[request]
            check_reply(reply, method)
        answered = [each for each in methods if "result" in replies[each][0]]
        assert {each for each in methods if each not in cancelled} <= set(answered)
        assert editor.notified("window/showMessage") == []
        assert editor.notified("codestral/status")[0]["state"] == "ready"


@pytest.mark.parametrize(
    ("name", "answer"), list(zip(TRANSCRIPTS, cycle(ANSWERS), strict=False)), ids=str
)
def test_each_request_has_one_reply_in_a_burst(name: str, answer: str) -> None:
    """All at once, as after a stall; whatever the editor says to the server's own questions."""
    first, *rest = transcript(name)
    rest = [each for each in rest if each["method"] not in {"shutdown", "exit"}]
    asked = {each["id"]: each["method"] for each in rest if is_request(each)}
    with an_editor(ANSWERS[answer]) as (editor, endpoint):
        editor.initialize(first)
        editor.send(*rest)
        for request in asked:
            editor.reply(request)
        check_texts(editor, endpoint)
        replies = editor.replies()
        for request, method in asked.items():
            (reply,) = replies[request]
            check_reply(reply, method)
        assert editor.notified("window/showMessage") == []
