"""Random keys in a real Emacs with the package of this repository."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.emacs import GHOST, README, Emacs, find_emacs, lisp
from tests.editors.typist import environment, new_file
from tests.parts import require
from tests.random_keys_play import Look
from tests.random_keys_script import BACKSPACE, DISMISS, ENTER, MOVES, NEXT, UNDO, Abilities

PROGRAM = f"(setq codestral-ls-program '{lisp([sys.executable, '-m', 'codestral_ls'])})"
# All of one moment; `settled` counts the keys that have been dealt with.
LOOK = f"""\
(list :settled test-settled
      :text (buffer-substring-no-properties (point-min) (point-max))
      :before (buffer-substring-no-properties (point-min) (point))
      :ghost {GHOST})
"""
KEYS = {
    ENTER: "<Enter>",
    BACKSPACE: "<BS>",
    UNDO: "<C-_>",
    DISMISS: "<C-g>",
    NEXT: "<M-n>",
    "<": "<lt>",
    **{name: f"<{name}>" for name in MOVES},
}
ACCEPTS = {"whole": "<Tab>", "word": "<M-f>", "line": "<M-e>"}
"""Without ghost text the last two move the cursor."""
PLAIN = """\
(progn
  (electric-indent-mode -1)
  (local-set-key (kbd "DEL") #'delete-backward-char)
  (local-set-key (kbd "TAB") #'ignore))
"""
CONVENIENT = "(electric-pair-mode 1)"
SECONDS = 15.0
LOST_AFTER = 0.5
"""Seconds. A command that fails, such as a step too far up, makes Emacs forget all keys behind."""


class TypedEmacs:
    """An Emacs in a terminal; keys are followed by one that is counted."""

    name = "emacs"
    able = Abilities(parts=("whole", "word", "line"))

    def __init__(self, emacs: Emacs, *, plain: bool) -> None:
        self.plain = plain
        self.types_instead = "" if plain else "    "
        self._emacs = emacs
        self._typed = ""
        self._pressed = int(emacs.ask("test-settled"))

    def press(self, key: str) -> None:
        if key == DISMISS:
            # C-g interrupts: the terminal throws away what Emacs has not read yet.
            self.look()
        self._typed += KEYS.get(key, key)
        if key in KEYS:
            self.look()

    def accept(self, part: str) -> None:
        self._typed += ACCEPTS[part]
        self.look()

    def look(self) -> Look:
        self._type()
        end = time.monotonic() + SECONDS
        again = time.monotonic() + LOST_AFTER
        while (seen := self._emacs.ask(LOOK))["settled"] < self._pressed:
            assert time.monotonic() < end, self._emacs.story()
            if time.monotonic() > again:
                again = end
                self._emacs.terminal.press("<F12>")
        return Look(seen["text"], len(seen["before"]), seen["ghost"])

    def _press(self, keys: str) -> None:
        self._emacs.terminal.press(f"{keys}<F12>")
        self._pressed += 1

    def wait(self, seconds: float) -> None:
        self._type()
        time.sleep(seconds)

    def _type(self) -> None:
        """Hits what has gathered, in one go: a terminal takes some milliseconds for each."""
        if self._typed:
            self._emacs.terminal.press(f"{self._typed}<F12>")
            self._typed = ""
            self._pressed += 1


@contextmanager
def typing(home: Path, url: str, *, plain: bool) -> Iterator[TypedEmacs]:
    """An Emacs with an empty file; plain, it indents nothing; otherwise it closes pairs as well."""
    binary = require(find_emacs)
    with (
        new_file(home) as path,
        Emacs(binary, home, f"{README}{PROGRAM}", environment(url)) as emacs,
    ):
        emacs.open(path)
        emacs.run(PLAIN if plain else CONVENIENT)
        yield TypedEmacs(emacs, plain=plain)
