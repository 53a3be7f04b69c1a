"""Neovim 0.12's manner of asking."""

import asyncio

from .draft import Json
from .editor import Editor, items_of, text_of
from .screen import Ghost
from .tally import Tally
from .wire import Wire

ASKS_AFTER = 0.2
"""Seconds after the last key."""
CHANGES_EVERY = 0.15
"""Seconds between two didChange, unless a request needs the text."""


class Neovim(Editor):
    """Cancels nothing while typing, draws whatever comes, and does not move it with the text."""

    name = "Neovim"
    version = "0.12.4"
    encodings = ("utf-8", "utf-16", "utf-32")
    capabilities = {  # noqa: RUF012 - what the editor sends, as far as it can matter
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": False},
        },
        "textDocument": {
            "inlineCompletion": {"dynamicRegistration": False},
            "synchronization": {
                "dynamicRegistration": False,
                "willSave": True,
                "willSaveWaitUntil": True,
                "didSave": True,
            },
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    }

    def __init__(self, wire: Wire, tally: Tally, *, safe_accept: bool = False) -> None:
        super().__init__(wire, tally)
        # With the mapping of `editors/neovim.lua`, which mends the range before it accepts.
        self._safe_accept = safe_accept
        self._changes: list[Json] = []
        self._changed_at = 0.0
        self._send_later: asyncio.TimerHandle | None = None
        self._asked: set[int] = set()

    def opened(self) -> None:
        self.ask_in(ASKS_AFTER)

    def leave(self) -> None:
        self._withdraw()
        self._flush()

    def edited(self, change: Json, eaten: int) -> None:  # noqa: ARG002 - no brackets are closed
        self._queue(change)
        ghost = self.screen.ghost
        if ghost is not None:
            ghost.current = self._safe_accept
            if ghost.rest(self.draft) == "":
                self.screen.ghost = None  # typed out: nothing is left to draw
        self.screen.look(self.draft, self.now())
        self.ask_in(ASKS_AFTER)

    def moved(self) -> None:
        self.ask_in(ASKS_AFTER)

    def accepted(self, change: Json, ghost: Ghost, *, whole: bool) -> None:  # noqa: ARG002
        self._withdraw()
        self._queue(change)
        self.screen.show(None, self.draft, self.now())
        if ghost.command:
            self._flush()
            self.run_command(ghost)
        self.ask_in(ASKS_AFTER)

    def ask(self) -> int:
        self._flush()
        number = super().ask()
        self._asked.add(number)
        return number

    def replied(self, number: int, reply: Json, keyed: float) -> None:
        if number not in self._asked:
            return  # cancelled when something was accepted
        self._asked.remove(number)
        if reply.get("result") is None:
            return  # null and errors change nothing on the screen
        items = items_of(reply)
        self.draw(self._ghost(items[0]) if items else None, keyed)

    def _ghost(self, item: Json) -> Ghost:
        draft, text = self.draft, text_of(item)
        start = end = draft.at
        if "range" in item:  # read in the text of now, whatever it was made for
            start, end = (draft.offset(item["range"][side]) for side in ("start", "end"))
        ghost = Ghost(start, max(0, end - draft.at), text, item.get("command"), current=True)
        rest = ghost.rest(draft)
        late = rest is None or (end < draft.at and rest != "")
        self.tally.stale += late
        ghost.current = not late or self._safe_accept
        return ghost

    def _queue(self, change: Json) -> None:
        self._changes.append(change)
        if self._send_later is None:
            wait = max(0.0, self._changed_at + CHANGES_EVERY - self.now())
            if wait:
                self._send_later = asyncio.get_running_loop().call_later(wait, self._flush)
            else:
                self._flush()

    def _flush(self) -> None:
        if self._send_later is not None:
            self._send_later.cancel()
            self._send_later = None
        if self._changes:
            self.send_changes(self._changes)
            self._changes = []
            self._changed_at = self.now()

    def _withdraw(self) -> None:
        for number in sorted(self._asked):
            self.cancel(number)
        self._asked.clear()
