"""The manners of four editors, as they were seen on the wire."""

from typing import Any

from tests.lsp_client import URI
from tests.random_keys_clients import STOPS, Client, Item, Json
from tests.random_keys_script import ENTER, Abilities
from tests.random_keys_time import Alarm

PAIRS = {"(": ")", "[": "]", "{": "}"}


class Neovim(Client):
    """Asks in a pause, cancels nothing while typing, and draws late replies.

    As the plug-in has it, it shows only what still fits, and of replies only the newest one's, if
    nothing was done since but typing on: didChange is held back, so the server may not know.
    """

    name, client_name, unit = "like-neovim", "Neovim", "utf-8"
    asks_after = 0.2
    changes_every = 0.15

    def __init__(self, *parts: Any) -> None:
        self._changes: list[Json] = []
        self._changed_at = -1.0
        self._send_later: Alarm | None = None
        self._asked: set[int] = set()
        self._asked_for = ("", 0)
        super().__init__(*parts)

    def after_edit(self, change: Json, typed_over: int) -> None:
        del typed_over
        self._changes.append(change)
        if self._send_later is None:
            wait = max(0.0, self._changed_at + self.changes_every - self.time.now)
            if wait:
                self._send_later = self.time.set_alarm(wait, self._flush)
            else:
                self._flush()
        self.ask_in(self.asks_after)

    def after_move(self) -> None:
        self.ask_in(self.asks_after)

    def before_accept(self) -> None:
        for number in sorted(self._asked):
            self.session.cancel(number)
        self._asked.clear()

    def _execute(self, item: Item) -> None:
        self._flush()
        super()._execute(item)

    def ask(self, kind: int = 2) -> int:
        self._flush()
        self._asked_for = (self.text, self.at)
        number = super().ask(kind)
        self._asked.add(number)
        return number

    def replied(self, number: int, reply: Json) -> None:
        if number not in self._asked:
            return
        self._asked.remove(number)
        text, at = self._asked_for
        went_on = self.text == text[:at] + self.text[at : self.at] + text[at:]
        if reply.get("result") is not None and went_on and number == self._next_id:
            self.draw(reply)

    def _flush(self) -> None:
        if self._send_later is not None:
            self._send_later.cancel()
            self._send_later = None
        if self._changes:
            self.change(*self._changes)
            self._changes = []
            self._changed_at = self.time.now


class VSCode(Client):
    """Asks after each key, cancels before each change, and gives up after a while."""

    name, client_name, unit = "like-vscode", "Visual Studio Code", "utf-16"
    asks_after = 0.05
    gives_up_after = 0.75

    def __init__(self, *parts: Any) -> None:
        self._asked: int | None = None
        self._patience: Alarm | None = None
        super().__init__(*parts)

    def after_edit(self, change: Json, typed_over: int) -> None:
        self._withdraw()
        self.change(change)
        if not self._rest() or typed_over:
            self.items = []
        self.ask_in(self.asks_after)

    def after_move(self) -> None:
        self._withdraw()
        self._disarm()
        self.items = []

    def next(self) -> None:
        if self.items:
            self._withdraw()
            self.ask(kind=1)

    def ask(self, kind: int = 2) -> int:
        self._asked = super().ask(kind)
        number = self._asked
        self._patience = self.time.set_alarm(self.gives_up_after, lambda: self._give_up(number))
        return number

    def replied(self, number: int, reply: Json) -> None:
        if number == self._asked:
            self._forget()
            if "result" in reply:
                self.draw(reply)
            else:
                self.items = []

    def _withdraw(self) -> None:
        if self._asked is not None:
            self.session.cancel(self._asked)
        self._forget()

    def _forget(self) -> None:
        self._asked = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self, number: int) -> None:
        if number == self._asked and not self.items:
            self._withdraw()


class VSCodeWithPairs(VSCode):
    """The same as its users have it: closers come by themselves, Enter keeps the indentation."""

    name = "like-vscode-pairs"
    plain = False
    _closers = ""

    async def _press(self, key: str) -> None:
        if key in PAIRS:
            await super()._press(key)
            self._insert_behind(PAIRS[key])
        elif self._closers and key == self._closers[0] == self.text[self.at : self.at + 1]:
            self._closers = self._closers[1:]
            self._replace(self.at, self.at + 1, key)
        elif key == ENTER:
            head = self.text[self.text.rfind("\n", 0, self.at) + 1 : self.at]
            deeper = "    " if head.rstrip().endswith(":") else ""
            blanks = head[: len(head) - len(head.lstrip())]
            self._replace(self.at, self.at, f"\n{blanks}{deeper}")
        else:
            if len(key) > 1:
                self._closers = ""
            await super()._press(key)

    def _insert_behind(self, closer: str) -> None:
        at = self.at
        self._replace(at, at, closer)
        self._undo.pop()
        self.at = at
        self._closers = closer + self._closers


class Emacs(Client):
    """Asks when idle, cancels with the next command, and drops what is for another text."""

    name, client_name, unit = "like-emacs", "Eglot", "utf-32"
    asks_after = 0.15

    def __init__(self, *parts: Any) -> None:
        self._asked: int | None = None
        super().__init__(*parts)

    def after_edit(self, change: Json, typed_over: int) -> None:
        del typed_over
        self._withdraw()
        self.change(change)
        if not self._rest():
            self.items = []
        self.ask_in(self.asks_after)

    def after_move(self) -> None:
        self._withdraw()
        self.items = []
        self.ask_in(self.asks_after)

    def ask(self, kind: int = 2) -> int:
        self._asked = super().ask(kind)
        return self._asked

    def replied(self, number: int, reply: Json) -> None:
        if number == self._asked:
            self._asked = None
            if "result" in reply:
                self.draw(reply)

    def _withdraw(self) -> None:
        if self._asked is not None:
            self.session.cancel(self._asked)
        self._asked = None


class Helix(Client):
    """Draws a menu; one question at a time behind two letters, never cancelled.

    What is accepted goes into the text for which it was asked: what was typed since makes room.
    """

    name, client_name, unit = "like-helix", "helix", "utf-8"
    asks_after = 0.25
    able = Abilities(chooses=False, stops=STOPS)
    capabilities: Json = {"textDocument": {"completion": {"completionItem": {}}}}  # noqa: RUF012 - never written to

    def __init__(self, *parts: Any) -> None:
        self._asked: int | None = None
        self._asked_for = ("", 0)
        super().__init__(*parts)

    def after_edit(self, change: Json, typed_over: int) -> None:
        del typed_over
        self.change(change)
        if not self._rest():
            self.items = []
        last = self.text[max(0, self.at - 2) : self.at]
        if len(last) == 2 and last.isalnum() and change["text"]:
            self.ask_in(self.asks_after)
        else:
            self._disarm()

    def after_move(self) -> None:
        self._disarm()
        self._asked = None
        self.items = []

    def ask(self, kind: int = 2) -> int:
        if self._asked is not None:
            return self._asked
        self._disarm()
        self._asked_for = (self.text, self.at)
        self._next_id += 1
        self.wire.asked(self._next_id, menu=True)
        place = self.position(self.at)
        params = {
            "textDocument": {"uri": URI},
            "position": place,
            "context": {"triggerKind": kind - 1},
        }
        reply = self.session.send("textDocument/completion", params, request_id=self._next_id)
        self._asked = self.expect(reply)
        return self._asked

    def _rest(self) -> str | None:
        # Its menu goes when the cursor goes back behind where it was opened.
        return super()._rest() if self.at >= self._asked_for[1] else None

    def replied(self, number: int, reply: Json) -> None:
        if number != self._asked:
            return
        self._asked = None
        text, at = self._asked_for
        typed = self.text[at : self.at]
        goes_on = self.text == text[:at] + typed + text[at:]
        if "result" not in reply or not goes_on or not (typed.isalnum() or not typed):
            return
        self.draw(reply)
        if not self._rest():
            self.items = []

    def _item(self, item: Json) -> Item:
        edit = item["textEdit"]
        text, at = self.text, self.at
        self.text, self.at = self._asked_for  # the range is one of the text that was asked for
        start, end = (self.offset(edit["range"][side]) for side in ("start", "end"))
        covers = max(0, end - self.at)
        self.text, self.at = text, at
        return Item(start, covers, edit["newText"], item.get("command"), text[:start], text[at:])


MANNERS: dict[str, type[Client]] = {
    each.name: each for each in (Neovim, VSCode, VSCodeWithPairs, Emacs, Helix)
}
