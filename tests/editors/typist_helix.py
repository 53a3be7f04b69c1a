"""Random keys in a real Helix: menu entries instead of ghost text.

Helix tells nobody what is in its buffer. What was typed is folded here; behind each key of which
more than that may come (Enter, brackets and taking them back, accepting), it is saved and read.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.helix import Helix, find_helix
from tests.editors.neovim import wait_until
from tests.editors.typist import SERVER, environment, new_file, until
from tests.parts import require
from tests.random_keys_play import Look
from tests.random_keys_script import BACKSPACE, ENTER, Abilities

KEYS = {ENTER: "<Enter>", BACKSPACE: "<BS>", "<": "<lt>"} | {
    name: f"<{name}>" for name in ("Left", "Right", "Home", "End")
}
PLACE = re.compile(r"^ (?:NOR|INS) .* (\d+):(\d+)\s*$", re.MULTILINE)
"""Line and column in the status line, from 1."""
BELOW = "\n\n# the end\n"
"""What stands below all the time: Helix ends a file with a line end, be there one or not."""
MORE = " …"
"""What a label ends with that does not say all."""


class TypedHelix:
    """A Helix in a terminal, in insert mode."""

    name = "helix"
    able = Abilities(
        moves=("Left", "Home"),
        undoes=False,
        dismisses=False,
        chooses=False,
        chooses_by_letters=True,
    )
    types_instead = ""
    plain = False  # it indents by itself, which cannot be switched off

    def __init__(self, helix: Helix) -> None:
        self._helix = helix
        self._text, self._at = "", 0
        self._read_text()

    def press(self, key: str) -> None:
        self._helix.press(KEYS.get(key, key))
        if len(key) == 1 and (key.isalnum() or key in " _"):
            self._text = self._text[: self._at] + key + self._text[self._at :]
            self._at += 1
        elif key == BACKSPACE and self._text[max(0, self._at - 1) : self._at].isalnum():
            start = max(0, self._at - 1)
            self._text = self._text[:start] + self._text[self._at :]
            self._at = start
        else:
            self._read_text()

    def accept(self, part: str) -> None:
        del part  # there is only the whole
        if self._ghost():
            self._helix.accept()
        self._read_text()

    def look(self) -> Look:
        return Look(self._text, self._at, self._ghost())

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _ghost(self) -> str:
        """The entry's label, less the word that it begins with."""
        # Lines of the file with the word "text" look like entries of that kind.
        own = [line.strip() for line in self._text.split("\n") if "text" in line]
        entries = [
            each
            for each in self._helix.entries()
            if not each.isdigit() and not any(line.startswith(f"{each} text") for line in own)
        ]
        if not entries:
            return ""
        word = re.search(r"\w*$", self._text[: self._at])
        label = entries[0].removesuffix(MORE)
        return label.removeprefix(word.group() if word else "")

    def _read_text(self) -> None:
        self._text = self._helix.saved()
        self._at = self._offset()
        self._helix.press("i")
        wait_until(lambda: "INS" in self._helix.screen(), "insert mode", self._helix.screen)

    def _offset(self) -> int:
        found = until(lambda: PLACE.search(self._helix.screen()), 1.0)
        lines = self._text.split("\n")[: int(found[1]) - 1]
        return min(len(self._text), sum(len(each) + 1 for each in lines) + int(found[2]) - 1)


@contextmanager
def typing(home: Path, url: str, *, plain: bool) -> Iterator[TypedHelix]:
    """A Helix with an empty file; plain, or not, it is as its users have it."""
    binary = require(find_helix)
    del plain
    with (
        new_file(home, BELOW) as path,
        Helix(binary, home, SERVER, environment(url), path) as helix,
    ):
        yield TypedHelix(helix)
