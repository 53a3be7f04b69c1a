"""A real Helix in a terminal, driven as a person drives it: type, look at the menu, accept."""

import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from rich.cells import cell_len

from tests.editors.neovim import wait_until
from tests.editors.terminal import Terminal
from tests.parts import find_program

REPOSITORY = Path(__file__).parents[2]
SNIPPET = REPOSITORY / "codestral_ls" / "commands" / "doctor" / "snippets" / "helix.toml"
SYSTEM_PATH = "/usr/bin:/bin"
"""Where no other language server is expected."""
CONFIG = 'theme = "dark_plus"\n'
COLUMNS, LINES = 126, 14
"""Wide enough for the documentation beside the menu."""
MENU, SELECTED = "\x1b[48;2;37;37;38m", "\x1b[48;2;9;71;113m"
"""Backgrounds of the menu in this theme; the documentation beside it has the first one."""
ENTRY = re.compile(r" (\S.*?) +text *")
"""One of ours: its label and its kind."""


def find_helix() -> str:
    """The path of Helix: HELIX_BIN, or hx on PATH."""
    return find_program("HELIX_BIN", "hx", "set HELIX_BIN; `.ci/fetch-helix DEST` gets one")


def put_command(path: Path, words: Sequence[str]) -> None:
    """Makes a command of a name for a longer one."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', "utf-8")
    path.chmod(0o755)


def menu_of(lines: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
    """The rows of the menu on a screen of painted lines, without the documentation beside it."""
    rows: list[tuple[int, str]] = []
    width = None  # of a row, as the selected one has it; without that there is no documentation
    for parts in lines:
        at = next((at for at, part in enumerate(parts) if part[0] in {MENU, SELECTED}), len(parts))
        column = cell_len("".join(text for _, text in parts[:at]))
        chosen = "".join(text for background, text in parts[at:] if background == SELECTED)
        width = len(chosen) if chosen else width
        row = "".join(text for background, text in parts[at:] if background in {MENU, SELECTED})
        if row and (not rows or column == rows[0][0]):
            rows.append((column, row))
    return [row[:width] for _, row in rows]


class Helix:
    """A Helix with the lines of the README as its whole `languages.toml`.

    It sees nothing of the caller's environment, and keeps its files in `home`. Other language
    servers may stand in `home`/bin, and a configuration of its own in `home`/.config/helix.
    """

    def __init__(
        self,
        binary: str,
        home: Path,
        server: Sequence[str],
        environment: Mapping[str, str],
        path: Path,
    ) -> None:
        self.home = home
        self._path = path
        self._log = home / ".cache" / "helix" / "helix.log"
        settings = home / ".config" / "helix"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "languages.toml").write_bytes(SNIPPET.read_bytes())
        own = settings / "config.toml"
        own.write_text(CONFIG + (own.read_text("utf-8") if own.exists() else ""), "utf-8")
        put_command(home / "bin" / "codestral-ls", server)
        everything = {
            "PATH": f"{home / 'bin'}:{SYSTEM_PATH}",
            "HOME": str(home),
            "PYTHONPATH": str(REPOSITORY),
            **environment,
        }
        with ExitStack() as stack:
            terminal = Terminal([binary, str(path)], home, everything, columns=COLUMNS, lines=LINES)
            self._terminal = stack.enter_context(terminal)
            stack.callback(self._quit)
            wait_until(lambda: "NOR" in self.screen(), "Helix to start", self.screen)
            self._exit = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: Path) -> None:
        """Goes on in another file, in the same folder."""
        self._command(f"open {path.name}")
        status = re.compile(rf"^ NOR .*{re.escape(path.name)}", re.MULTILINE)
        wait_until(lambda: status.search(self.screen()), f"{path.name} to be open", self._story)
        self._path = path

    def leave(self) -> None:
        """Closes the file without saving."""
        self._command("buffer-close!")
        name = self._path.name
        wait_until(lambda: name not in self.screen(), f"{name} to be closed", self._story)

    def press(self, keys: str) -> None:
        """Presses keys, see `Terminal.press`."""
        self._terminal.press(keys)

    def screen(self) -> str:
        """What stands on the screen."""
        return "\n".join(self._terminal.lines())

    def entries(self) -> list[str]:
        """The labels of our entries in the menu, empty if there is none."""
        found = map(ENTRY.fullmatch, menu_of(self._terminal.painted()))
        return [each[1] for each in found if each]

    def wait_for_entries(self, *expected: str) -> None:
        """Waits until the menu has these very entries of ours."""
        wait_until(
            lambda: self.entries() == list(expected),
            f"the entries {expected!r}",
            lambda: f"there are {self.entries()}\n{self._story()}",
        )

    def wait_for_line(self, number: int, text: str) -> None:
        """Waits until a line of the file, from 1, shows a text, blanks at its ends left out."""
        line = re.compile(rf"^ *{number} +{re.escape(text)}$", re.MULTILINE)
        wait_until(lambda: line.search(self.screen()), f"{text!r} in {number}", self._story)

    def accept(self) -> None:
        """Selects the first entry and goes on behind it."""
        self.press("<Tab><Enter>")

    def saved(self) -> str:
        """Leaves insert mode, saves, and reads what is in the file, line ends as they are."""
        self._command("write")
        wait_until(lambda: "written" in self.screen(), "the file to be saved", self._story)
        return self._path.read_bytes().decode()

    def pid(self) -> int:
        """Its process."""
        return self._terminal.pid()

    def as_svg(self, title: str) -> str:
        """A picture of the screen."""
        return self._terminal.as_svg(title)

    def close(self) -> None:
        """Quits without saving."""
        self._exit.close()

    def _quit(self) -> None:
        pid = Path(f"/proc/{self.pid()}")
        self._command("quit!")
        wait_until(lambda: not pid.exists(), "Helix to end", timeout=10)

    def _command(self, words: str) -> None:
        # A key that comes with an Escape in one read would be taken for one with Alt.
        if "NOR" not in self.screen():
            self.press("<Esc>")
            wait_until(lambda: "NOR" in self.screen(), "normal mode", self._story)
        self.press(f":{words}<Enter>")

    def _story(self) -> str:
        log = self._log.read_text("utf-8") if self._log.exists() else ""
        return f"{self.screen()}\n{log[-2000:]}"
