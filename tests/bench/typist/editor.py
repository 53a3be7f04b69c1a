"""What the editors have in common: a document, a screen, requests for ghost text."""

import asyncio
import os
import time
from typing import Any

from .draft import Draft, Json
from .samples import Hole
from .screen import Ghost, Screen, first_line
from .tally import TAIL, Shown, Tally
from .wire import Wire

INLINE = "textDocument/inlineCompletion"


class Editor:
    """Types into a server. What differs between editors is said by the subclasses."""

    name = ""
    version = ""
    encodings: tuple[str, ...] = ()
    closes = False
    """Closes brackets and quotes by itself."""
    capabilities: Json

    def __init__(self, wire: Wire, tally: Tally) -> None:
        self.screen = Screen()
        self.draft: Draft
        self.wire, self.tally = wire, tally
        self.key_at = 0.0
        self._unit = "utf-16"
        self._uri = ""
        self._ask_later: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Initializes the server."""
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": self.name, "version": self.version},
            "rootUri": None,
            "workspaceFolders": None,
            "capabilities": {
                "general": {"positionEncodings": list(self.encodings)},
                **self.capabilities,
            },
        }
        reply = await self.wire.ask("initialize", params)
        offered = reply["result"]["capabilities"]
        self._unit = offered.get("positionEncoding") or "utf-16"
        if not offered.get("inlineCompletionProvider") and "inlineCompletionProvider" not in (
            offered
        ):
            raise SystemExit("the server offers no inline completion")
        self.wire.notify("initialized", {})

    def open(self, hole: Hole) -> None:
        """Opens a document with the cursor where text is missing."""
        self.draft = Draft(hole, closes=self.closes)
        self.draft.unit = self._unit
        self._uri = f"file:///bench/{hole.number}/{hole.name}"
        document = {
            "uri": self._uri,
            "languageId": hole.language,
            "version": 0,
            "text": self.draft.text,
        }
        self.wire.notify("textDocument/didOpen", {"textDocument": document})
        self.screen.show(None, self.draft, self.now())
        self._keyed()
        self.opened()

    def close(self) -> None:
        """Closes the document."""
        self._disarm()
        self.leave()
        self.wire.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})

    def type_next(self) -> None:
        """Hits the next right key."""
        behind = len(self.draft.after)
        change = self.draft.type_next()
        self._keyed()
        if change is None:
            self.moved()
        else:
            self.edited(change, behind - len(self.draft.after))

    def type_wrong(self, character: str) -> None:
        change = self.draft.type_wrong(character)
        self._keyed()
        self.edited(change, 0)

    def take_back(self) -> None:
        change = self.draft.take_back()
        self._keyed()
        self.edited(change, 0)

    def accept(self) -> None:
        """Puts in what is right of the ghost."""
        ghost, right, draft = self.screen.ghost, self.screen.right, self.draft
        assert ghost is not None
        assert right is not None
        before = draft.at
        if right.whole:
            change = draft.accept(ghost.start, ghost.covers, ghost.text)
        else:
            change = draft.accept(before, 0, first_line(ghost.rest(draft) or ""))
        self._keyed()
        self.tally.accepts += 1
        self.tally.accepted_chars += draft.at - before
        self.accepted(change, ghost, whole=right.whole)

    # What the subclasses say.

    def opened(self) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        raise NotImplementedError

    def edited(self, change: Json, eaten: int) -> None:
        """The text has changed; so many characters behind the cursor are gone."""
        raise NotImplementedError

    def moved(self) -> None:
        """The cursor moved, the text did not."""
        raise NotImplementedError

    def accepted(self, change: Json, ghost: Ghost, *, whole: bool) -> None:
        raise NotImplementedError

    def replied(self, number: int, reply: Json, keyed: float) -> None:
        """A reply to a request that was made for the key hit at a time."""
        raise NotImplementedError

    def ask(self) -> int:
        """Asks for ghost text at the cursor."""
        self._disarm()
        draft, keyed, asked = self.draft, self.key_at, self.now()
        numbers: list[int] = []

        def take(reply: Json) -> None:
            if items_of(reply):
                self.tally.items.append((asked, self.now()))
            if draft is self.draft:
                self.replied(numbers[0], reply, keyed)

        params = {
            "textDocument": {"uri": self._uri},
            "position": draft.position(draft.at),
            "context": {"triggerKind": 2},
        }
        self.tally.requests += 1
        numbers.append(self.wire.request(INLINE, params, take))
        return numbers[0]

    def ask_in(self, seconds: float) -> None:
        """Asks later, unless something comes between."""
        self._disarm()
        self._ask_later = asyncio.get_running_loop().call_later(seconds, self.ask)

    def draw(self, ghost: Ghost | None, keyed: float) -> None:
        """Puts a suggestion on the screen."""
        now = self.now()
        rest = ghost.rest(self.draft) if ghost else None
        if ghost and rest != "":
            if self.screen.ghost is None:
                self.tally.empty_screen.append(now - keyed)
            hole = self.draft.hole.number
            self.tally.shown.append(Shown(now, hole, self.draft.at, rest or ghost.text))
            self.screen.show(ghost, self.draft, now)
        else:
            self.screen.show(None, self.draft, now)

    def send_changes(self, changes: list[Json]) -> None:
        self.draft.version += 1
        document = {"uri": self._uri, "version": self.draft.version}
        params = {"textDocument": document, "contentChanges": changes}
        self.wire.notify("textDocument/didChange", params)

    def run_command(self, ghost: Ghost) -> None:
        """Runs what the server has attached to a suggestion."""
        if not ghost.command:
            return
        params = {
            key: ghost.command[key] for key in ("command", "arguments") if key in ghost.command
        }
        self.wire.request("workspace/executeCommand", params, lambda _reply: None)

    def cancel(self, number: int) -> None:
        self.wire.notify("$/cancelRequest", {"id": number})

    @staticmethod
    def now() -> float:
        return time.monotonic()

    def _keyed(self) -> None:
        self.key_at = self.now()
        self.tally.texts.add(self.draft.before[-TAIL:])

    def _disarm(self) -> None:
        if self._ask_later is not None:
            self._ask_later.cancel()
            self._ask_later = None


def items_of(reply: Json) -> list[Json]:
    """The suggestions of a reply."""
    result = reply.get("result")
    items = result.get("items") if isinstance(result, dict) else result
    return list(items or [])


def text_of(item: Json) -> str:
    """A suggestion's text, be it plain or a snippet's."""
    text: Any = item["insertText"]
    return str(text["value"] if isinstance(text, dict) else text)
