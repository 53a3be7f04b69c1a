"""VS Code 1.139's manner of asking, with vscode-languageclient 11."""

import asyncio
import re

from .draft import Json
from .editor import Editor, items_of, text_of
from .screen import Ghost
from .tally import Tally
from .wire import Wire

ASKS_AFTER = 0.05
"""Seconds after each key."""
GIVES_UP_AFTER = 0.75
"""With nothing on the screen: the popup of words takes over until the next key."""


class VSCode(Editor):
    """One request at a time; the older one is cancelled before the text changes."""

    name = "Visual Studio Code"
    version = "1.139.1"
    encodings = ("utf-16",)
    closes = True
    capabilities = {  # noqa: RUF012 - what the editor sends, as far as it can matter
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "executeCommand": {"dynamicRegistration": True},
        },
        "textDocument": {
            "inlineCompletion": {"dynamicRegistration": True},
            "synchronization": {
                "dynamicRegistration": True,
                "willSave": True,
                "willSaveWaitUntil": True,
                "didSave": True,
            },
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    }

    def __init__(self, wire: Wire, tally: Tally) -> None:
        super().__init__(wire, tally)
        self._asked: int | None = None
        self._patience: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        self.ask_in(ASKS_AFTER)

    def leave(self) -> None:
        self._withdraw()

    def edited(self, change: Json, eaten: int) -> None:
        self._change(change, eaten)
        self.ask_in(ASKS_AFTER)

    def moved(self) -> None:
        self._withdraw()
        self._disarm()
        self.screen.show(None, self.draft, self.now())

    def accepted(self, change: Json, ghost: Ghost, *, whole: bool) -> None:
        self._change(change, 0)
        if whole:
            self.screen.show(None, self.draft, self.now())
            self.run_command(ghost)
        self.ask()

    def ask(self) -> int:
        self._asked = super().ask()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(GIVES_UP_AFTER, self._give_up, self._asked)
        return self._asked

    def replied(self, number: int, reply: Json, keyed: float) -> None:
        if number != self._asked:
            return  # cancelled: whatever comes is dropped
        self._forget()
        items = items_of(reply)
        self.draw(self._ghost(items[0]) if items else None, keyed)

    def _ghost(self, item: Json) -> Ghost | None:
        """The suggestion, if this editor would draw it."""
        draft, text = self.draft, text_of(item)
        word = re.search(r"\w*$", draft.before)
        start, end = word.start() if word else draft.at, draft.at
        if "range" in item:  # without one it is taken to replace the word at the cursor
            start, end = (draft.offset(item["range"][side]) for side in ("start", "end"))
        ghost = Ghost(start, end - draft.at, text, item.get("command"), current=True)
        if ghost.covers >= 0 and ghost.rest(draft):
            return ghost
        self.tally.stale += 1
        return None

    def _change(self, change: Json, eaten: int) -> None:
        """Tells of a change; the ghost stays where it still fits."""
        self._withdraw()
        self.send_changes([change])
        ghost = self.screen.ghost
        kept = ghost is not None and 0 <= eaten <= ghost.covers and bool(ghost.rest(self.draft))
        if ghost is not None and kept and not self.draft.slipped and change["text"]:
            ghost.covers -= eaten
            self.screen.look(self.draft, self.now())
        else:
            self.screen.show(None, self.draft, self.now())

    def _withdraw(self) -> None:
        if self._asked is not None:
            self.cancel(self._asked)
        self._forget()

    def _forget(self) -> None:
        self._asked = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self, number: int) -> None:
        if number == self._asked and self.screen.ghost is None:
            self._withdraw()
