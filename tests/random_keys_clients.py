"""Editors without an editor: how Neovim, VS Code, Emacs and Helix ask, draw and put in.

They talk to a server in this process, under a clock that only goes on when the typist waits. What
they do was seen of the real ones; with the plug-ins of this repository where those mend something.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.lsp_client import URI, Session
from tests.random_keys_model import Writer
from tests.random_keys_play import Look
from tests.random_keys_script import BACKSPACE, DISMISS, ENTER, NEXT, UNDO, Abilities
from tests.random_keys_time import Alarm, Timeline
from tests.random_keys_wire import UNITS, Wire, offset_in

Json = dict[str, Any]
STOPS = (0.35, 0.6, 1.0, 2.0)
"""Seconds, which nobody waits for here: slow answers come, and pauses after failures end."""

SOON = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """A suggestion: it takes the place of what stands from `start` to `covers` behind the cursor.

    It belongs behind and in front of what stood around it when it was drawn; anywhere else it is
    not shown. That is what editors and plug-ins owe: the server cannot know what is on the screen.
    """

    start: int
    covers: int
    text: str
    command: Json | None
    before: str
    behind: str


class Client:
    """A document, a cursor, and what is drawn there; subclasses ask as their editors do."""

    name = ""
    client_name = ""
    unit = "utf-16"
    plain = True
    types_instead = ""
    able = Abilities(parts=("whole", "word", "line"), stops=STOPS)
    capabilities: Json = {"textDocument": {"inlineCompletion": {"dynamicRegistration": True}}}  # noqa: RUF012 - never written to

    def __init__(
        self, session: Session, writer: Writer, run: Callable[[Any], Any], time: Timeline
    ) -> None:
        self.session, self.time = session, time
        self.wire = Wire(session, writer, self.unit)
        self.text, self.at = "", 0
        self.items: list[Item] = []
        self.chosen = 0
        self._run = run
        self._undo: list[tuple[str, int]] = []
        self._next_id = 1000
        self._ask_later: Alarm | None = None
        run(self._begin())

    async def _begin(self) -> None:
        general = {"positionEncodings": [self.unit]}
        await self.session.initialize(
            capabilities={"general": general, **self.capabilities},
            clientInfo={"name": self.client_name},
        )
        self.session.open("")
        await self.session.server.view.denial(URI)  # read in a thread

    # --- what a typist sees and does

    def look(self) -> Look:
        return Look(self.text, self.at, self._rest() or "", wrong=self.wire.wrong)

    def wait(self, seconds: float) -> None:
        self._run(self.time.let_pass(seconds))

    def press(self, key: str) -> None:
        self._run(self._press_in_haste(key) if self.time.is_hasty() else self._press(key))

    def accept(self, part: str) -> None:
        self._run(self._accept(part))

    async def _press_in_haste(self, key: str) -> None:
        """The same when an answer has just been found and is not sent yet, if one is due soon."""
        if self.wire.is_busy():
            await self.time.pass_until(self.wire.is_answering, SOON)
        await self._press(key)

    async def _press(self, key: str) -> None:
        if key == UNDO:
            if self._undo:
                text, at = self._undo.pop()
                self._replace(0, len(self.text), text)
                self._undo.pop()
                self.at = at
        elif key == NEXT:
            self.next()
        elif key == DISMISS:
            self.dismiss()
        elif key == BACKSPACE:
            if self.at:
                self._replace(self.at - 1, self.at, "")
        elif len(key) == 1 or key == ENTER:
            self._replace(self.at, self.at, "\n" if key == ENTER else key)
        else:
            self.at = moved(self.text, self.at, key)
            self.after_move()

    async def _accept(self, part: str) -> None:
        rest = self._rest()
        if not rest:
            return
        item = self.items[self.chosen]
        taken = head_of(rest, part)
        whole = taken == rest
        self.before_accept()
        if whole:
            self._replace(item.start, self.at + item.covers, item.text)
            self.items = []
            self._execute(item)
        else:
            self._replace(self.at, self.at, taken)

    def _replace(self, start: int, end: int, text: str) -> None:
        self._undo.append((self.text, self.at))
        places = {"start": self.position(start), "end": self.position(end)}
        typed_over = end - self.at if end > self.at else 0
        self.text = self.text[:start] + text + self.text[end:]
        self.at = start + len(text)
        self.after_edit({"range": places, "text": text}, typed_over)

    def _rest(self) -> str | None:
        """What is drawn behind the cursor, if the text before it is the head of the item."""
        if not self.items:
            return None
        item = self.items[self.chosen]
        typed = self.text[item.start : self.at]
        around = (self.text[: item.start], self.text[self.at :])
        if item.start > self.at or around != (item.before, item.behind):
            return None
        return item.text[len(typed) :] if item.text.startswith(typed) else None

    # --- what subclasses say

    def after_edit(self, change: Json, typed_over: int) -> None:
        """The text has changed."""
        raise NotImplementedError

    def after_move(self) -> None:
        """The cursor has moved."""
        raise NotImplementedError

    def before_accept(self) -> None:
        """Something is about to be accepted."""

    def replied(self, number: int, reply: Json) -> None:
        """A reply has come."""
        raise NotImplementedError

    def next(self) -> None:
        """The key for another candidate."""
        if self.items:
            self.chosen = (self.chosen + 1) % len(self.items)

    def dismiss(self) -> None:
        """The key that clears the ghost text."""
        self.items = []

    # --- on the wire

    def change(self, *changes: Json) -> None:
        self.wire.told(self.text)
        self.session.change(*changes)

    def ask(self, kind: int = 2) -> int:
        self._disarm()
        self._next_id += 1
        self.wire.asked(self._next_id)
        place = self.position(self.at)
        reply = self.session.ask(
            place["line"], place["character"], kind=kind, request_id=self._next_id
        )
        return self.expect(reply)

    def expect(self, reply: "asyncio.Future[Json]") -> int:
        number = self._next_id
        reply.add_done_callback(lambda done: self.replied(number, done.result()))
        return number

    def ask_in(self, seconds: float) -> None:
        self._disarm()
        self._ask_later = self.time.set_alarm(seconds, partial(self._ask_alone))

    def _ask_alone(self) -> None:
        self.ask()

    def _disarm(self) -> None:
        if self._ask_later is not None:
            self._ask_later.cancel()
            self._ask_later = None

    def _execute(self, item: Item) -> None:
        if item.command is not None:
            params = {"command": item.command["command"], "arguments": item.command["arguments"]}
            self.session.send("workspace/executeCommand", params)

    def draw(self, reply: Json) -> None:
        """Takes in the items of a reply, their places read in the text of now."""
        result = reply["result"]
        found = result.get("items") if isinstance(result, dict) else result
        self.items = [self._item(each) for each in found or ()]
        self.chosen = 0

    def _item(self, item: Json) -> Item:
        start, end = (self.offset(item["range"][side]) for side in ("start", "end"))
        at = max(start, self.at)  # the cursor may have gone back since
        around = self.text[:start], self.text[at:]
        return Item(start, max(0, end - at), item["insertText"], item.get("command"), *around)

    def position(self, offset: int) -> Json:
        """A place as the protocol counts."""
        encoding, size = UNITS[self.unit]
        start = self.text.rfind("\n", 0, offset) + 1
        units = len(self.text[start:offset].encode(encoding)) // size
        return {"line": self.text.count("\n", 0, start), "character": units}

    def offset(self, position: Json) -> int:
        """The place that the protocol's place means, in the text of now."""
        return offset_in(self.text, position, self.unit)


def moved(text: str, at: int, key: str) -> int:
    """Where a cursor key leads."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    if key == "Up":
        above = text.rfind("\n", 0, start - 1) + 1 if start else 0
        return min(above + at - start, max(start - 1, 0))
    if key == "Down":
        below = text.find("\n", end + 1)
        return min(end + 1 + at - start, len(text) if below < 0 else below, len(text))
    places = {"Left": max(0, at - 1), "Right": min(len(text), at + 1), "Home": start, "End": end}
    return places[key]


def head_of(text: str, part: str) -> str:
    """The part of a text that a key takes."""
    if part == "whole":
        return text
    if part == "line":
        first = len(text) - len(text.lstrip("\n"))
        end = text.find("\n", first)
        return text if end < 0 else text[:end]
    blanks = len(text) - len(text.lstrip())
    size = blanks + 1
    while size < len(text) and text[size].isalnum() and text[blanks].isalnum():
        size += 1
    return text[:size]
