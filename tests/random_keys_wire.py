"""What a server sends, judged by what it has been told so far, whatever the client makes of it.

Clients guard themselves against late replies and never show them, so that on a screen nobody would
see that the server sends some.
"""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from codestral_ls.lsp.framing import Framer
from tests.lsp_client import Session
from tests.random_keys_judge import is_rest, upsets_brackets
from tests.random_keys_model import Writer

Json = dict[str, Any]
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Wire:
    """Stands between a server and its client; `wrong` is the first thing that was not right."""

    def __init__(self, session: Session, writer: Writer, unit: str) -> None:
        self.wrong = ""
        self._session, self._writer, self._unit = session, writer, unit
        self._text = ""
        self._newest = 0
        self._ghost: set[int] = set()
        self._framer = Framer()
        session.server.protocol.set_writer(self)

    def told(self, text: str) -> None:
        """The server is about to be told this text."""
        self._text = text

    def asked(self, number: int, *, menu: bool = False) -> None:
        """A request is about to go out."""
        self._newest = number
        if not menu:
            self._ghost.add(number)

    def is_busy(self) -> bool:
        """Whether a request is under way."""
        return bool(self._requests())

    def is_answering(self) -> bool:
        """Whether one has its answer, which is not sent yet."""
        return any(each.done() for each in self._requests())

    def _requests(self) -> list["asyncio.Task[Any]"]:
        under_way: Iterable[object] = self._session.server.protocol._request_futures.values()  # noqa: SLF001 - nobody else knows
        return [each for each in under_way if isinstance(each, asyncio.Task)]

    def write(self, data: bytes) -> None:
        """Takes what the server sends, and hands it on."""
        for body in self._framer.feed(data):
            self._judge(json.loads(body))
        self._session.write(data)

    def close(self) -> None:
        """There is nothing to close."""

    def _judge(self, message: Json) -> None:
        number, result = message.get("id"), message.get("result")
        found = result.get("items") if isinstance(result, dict) else result
        if not isinstance(found, list) or not found or number is None or self.wrong:
            return
        if number in self._ghost and number != self._newest:
            self.wrong = f"request {number} was answered although {self._newest} had come"
        for item in found if number in self._ghost else ():
            start, end = (
                offset_in(self._text, item["range"][side], self._unit) for side in ("start", "end")
            )
            text, before, after = item["insertText"], self._text[:start], self._text[start:]
            if not is_rest(text, before, after, self._writer.given):
                self.wrong = f"the server sent {text!r} for another text"
            elif upsets_brackets(self._text, start, before + text + self._text[end:]):
                self.wrong = f"the server sent {text!r}, which leaves brackets that do not match"


def offset_in(text: str, position: Json, unit: str) -> int:
    """The place that the protocol's place means; both numbers are clamped."""
    lines = text.split("\n")
    line = min(int(position["line"]), len(lines) - 1)
    encoding, size = UNITS[unit]
    head = lines[line].encode(encoding)[: position["character"] * size].decode(encoding)
    return sum(len(each) + 1 for each in lines[:line]) + len(head)
