"""A terminal with a program in it: keys go in, and what stands on the screen can be read.

It is tmux, which answers what editors ask a terminal and keeps the screen as text.
"""

import io
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.parts import find_program

COLUMNS, LINES = 80, 24
TMUX_NAMES: Mapping[str, str] = {
    "<BS>": "BSpace",
    "<Esc>": "Escape",
    "<S-Tab>": "BTab",
    "<lt>": "<",
}
"""Keys that tmux calls otherwise; the others are called the same."""
STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
BACKGROUND, PLAIN = "\x1b[48;", "\x1b[0m"
KEY = re.compile(r"<(?:[CMS]-)*[^<>\s]+>")


def find_tmux() -> str:
    """The path of tmux: TMUX_BIN, or tmux on PATH."""
    return find_program("TMUX_BIN", "tmux", "install Debian's package tmux, or set TMUX_BIN")


class Terminal:
    """A program in a terminal of its own, with this environment and no other.

    It gets the hang-up signal when the terminal is closed.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        columns: int = COLUMNS,
        lines: int = LINES,
    ) -> None:
        self._columns = columns
        with ExitStack() as stack:
            # A socket's path must be short, which a test's own directory is not.
            run_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="tmux"))
            self._tmux = [find_tmux(), "-S", f"{run_dir}/socket", "-f", "/dev/null", "-u"]
            size = ["-x", str(columns), "-y", str(lines)]
            # A key after Escape is a key of its own, however soon it comes.
            options = ["set", "-g", "status", "off", ";", "set", "-s", "escape-time", "0", ";"]
            session = ["new-session", "-d", *size, "-c", str(folder), "--", *command]
            subprocess.run(
                [*self._tmux, *options, *session],
                check=True,
                env={"LANG": "C.UTF-8", "COLORTERM": "truecolor", **environment},
                stdin=subprocess.DEVNULL,
            )
            # Fails if the program has ended by itself, and tmux with it.
            stack.callback(subprocess.run, [*self._tmux, "kill-server"], capture_output=True)
            self._exit = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def press(self, keys: str) -> None:
        """Presses keys: characters, and names such as `<Esc>`, `<C-x>`, `<M-f>`, `<lt>`."""
        at = 0
        for found in KEY.finditer(keys):
            self._write(keys[at : found.start()])
            name = TMUX_NAMES.get(found.group(), found.group()[1:-1])
            self._ask("send-keys", "-l" if name == "<" else "--", name)
            at = found.end()
        self._write(keys[at:])

    def lines(self) -> list[str]:
        """What stands on the screen, without blanks at line ends."""
        return self._ask("capture-pane", "-p").splitlines()

    def painted(self) -> list[list[tuple[str, str]]]:
        """The lines in parts, each with what the terminal was told of its background."""
        background, found = "", []
        for line in self._ask("capture-pane", "-p", "-e").splitlines():
            parts = []
            for piece in STYLE.split(line):
                if STYLE.fullmatch(piece):
                    sets = piece.startswith(BACKGROUND) or piece == PLAIN
                    background = piece if sets else background
                elif piece:
                    parts.append((background, piece))
            found.append(parts)
        return found

    def cursor(self) -> tuple[int, int]:
        """Line and column of the cursor on the screen, from 0."""
        line, column = self._ask("display-message", "-p", "#{cursor_y} #{cursor_x}").split()
        return int(line), int(column)

    def pid(self) -> int:
        """The program's process."""
        return int(self._ask("display-message", "-p", "#{pane_pid}"))

    def as_svg(self, title: str) -> str:
        """A picture of the screen with its colours."""
        console = Console(record=True, width=self._columns, file=io.StringIO(), force_terminal=True)
        # With the blanks at line ends, which have the background's colour.
        screen = self._ask("capture-pane", "-p", "-e", "-N")
        console.print(Text.from_ansi(screen.rstrip("\n")), no_wrap=True, crop=True)
        return console.export_svg(title=title, theme=MONOKAI)

    def close(self) -> None:
        """Ends the program."""
        self._exit.close()

    def _write(self, text: str) -> None:
        if text:
            self._ask("send-keys", "-l", "--", text)

    def _ask(self, *words: str) -> str:
        reply = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True)
        return reply.stdout
