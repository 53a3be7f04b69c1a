"""What real editors have sent, told to a real server; and what their documents hold by then."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.lsp_process import FORKED, ServerProcess

FOLDER = Path(__file__).parent / "wire" / "editors"
TRANSCRIPTS = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
URI = "file:///project/t.py"
GHOST = "(\n    one\n)"
"""What the model says to everything."""
CANCELLED = -32800
_BYTES = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")

Message = dict[str, Any]


def transcript(name: str) -> list[Message]:
    """All that an editor has sent in a session."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").strip().split("\n")
    return [json.loads(line) for line in lines]


def is_request(message: Mapping[str, Any]) -> bool:
    return "id" in message and "method" in message


class Texts:
    """The documents as the editor has them: the plainest way there is to keep them."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding if encoding == "utf-8" else f"{encoding}-le"
        self.texts: dict[str, str] = {}

    def follow(self, message: Mapping[str, Any]) -> None:
        """Takes over what a message says of a text."""
        params = message.get("params") or {}
        if message["method"] == "textDocument/didOpen":
            document = params["textDocument"]
            self.texts[document["uri"]] = document["text"]
        elif message["method"] == "textDocument/didChange":
            uri = params["textDocument"]["uri"]
            for change in params["contentChanges"]:
                text, place = self.texts[uri], change.get("range")
                start, end = (self.offset(text, place[each]) for each in ("start", "end"))
                self.texts[uri] = text[:start] + change["text"] + text[end:]

    def offset(self, text: str, place: Mapping[str, int]) -> int:
        """Characters from the beginning of a text to a place in it."""
        lines = [*_LINE.findall(text), ""]
        line = lines[place["line"]]
        units, at = 0, 0
        while units < place["character"]:
            units += len(line[at].encode(self.encoding)) // _BYTES[self.encoding]
            at += 1
        return sum(map(len, lines[: place["line"]])) + at

    def around(self, uri: str, place: Mapping[str, int]) -> tuple[str, str]:
        """What stands before and behind a place, with the line ends that models are sent."""
        text = self.texts[uri]
        at = self.offset(text, place)
        before, behind = (part.replace("\r\n", "\n") for part in (text[:at], text[at:]))
        return before, behind


class Editor:
    """The client's end: sends what is to be sent, and answers what it is asked."""

    def __init__(self, server: ServerProcess, answer: Mapping[str, Any]) -> None:
        self.server = server
        self.answer = answer
        self.texts = Texts("utf-16")

    def send(self, *messages: Mapping[str, Any]) -> None:
        for message in messages:
            self.texts.follow(message)
        self.server.send(*messages)

    def reply(self, request_id: int) -> Message:
        """The reply to a request; the server's own requests are answered meanwhile."""
        while True:
            for message in list(self.server.inbox):
                if is_request(message):
                    self.server.inbox.remove(message)
                    self.server.send({"jsonrpc": "2.0", "id": message["id"], **self.answer})
            found = [
                each
                for each in self.server.inbox
                if each.get("id") == request_id and "method" not in each
            ]
            if found:
                return found[0]
            self.server.read(self.server.deadline())

    def initialize(self, message: Mapping[str, Any]) -> Message:
        """Begins the session; brings what the server can do."""
        self.send(message)
        able: Message = self.reply(message["id"])["result"]["capabilities"]
        self.texts = Texts(able["positionEncoding"])
        return able

    def replies(self) -> dict[Any, list[Message]]:
        """All replies so far, by the ids of their requests."""
        found: dict[Any, list[Message]] = {}
        for body in self.server.bodies:
            message = json.loads(body)
            if "id" in message and "method" not in message:
                found.setdefault(message["id"], []).append(message)
        return found

    def notified(self, method: str) -> list[Any]:
        """The parameters of all notifications of a kind so far."""
        bodies = map(json.loads, self.server.bodies)
        return [each["params"] for each in bodies if each.get("method") == method]


@contextmanager
def an_editor(
    answer: Mapping[str, Any] | None = None, behaviour: Behaviour | None = None, **settings: str
) -> Iterator[tuple[Editor, Endpoint]]:
    """A client of a real server, and the endpoint that this asks."""
    with serve_in_thread(behaviour or Behaviour(text=GHOST)) as endpoint:
        asked = {"provider": "mistral", "api_key": "test-key-0000", "endpoint": endpoint.url}
        quick = {"debounce_ms": "0", "context": "file", **settings}
        with ServerProcess("serve", command=FORKED, **asked, **quick) as server:
            yield Editor(server, answer or {"result": None}), endpoint


def items_of(result: Any) -> Sequence[Message]:
    """The items of either question."""
    assert result is not None, "Neovim 0.12 keeps stale ghost text on null"
    found: Sequence[Message] = result["items"] if isinstance(result, dict) else result
    return found
