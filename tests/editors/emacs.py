"""A real Emacs in a terminal, driven as a person drives it; how it stands it is asked aside."""

import json
import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from tests.editors.neovim import wait_until
from tests.editors.terminal import LINES, Terminal
from tests.parts import MissingPartError, find_program

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "editors" / "emacs"
OLDEST = (29, 1)
SECONDS = 30
"""After which Emacs has not answered. It is idle, but the machine may not be."""
README = f"""\
(add-to-list 'load-path "{PACKAGE}")
(require 'codestral-ls)
(global-codestral-ls-mode)
"""
"""The README's lines for ghost text."""

INIT = """\
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil
      inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      kill-buffer-query-functions nil initial-scratch-message nil
      server-socket-dir {sockets} server-name "test")
(defvar test-settled 0)
(defun test-settle ()
  (interactive)
  (setq this-command last-command
        test-settled (1+ test-settled))
  (write-region (format "%d." test-settled) nil {settled} nil 'silent))
(keymap-global-set "<f12>" #'test-settle)
{configuration}
;; Last of all: what is asked while Emacs is starting would be undone by what it still sets up.
(add-hook 'window-setup-hook #'server-start 100)
"""
ANSWER = """\
(with-current-buffer (window-buffer (selected-window))
  (let ((coding-system-for-write 'utf-8-unix))
    (write-region (json-serialize {form} :false-object :false :null-object nil)
                  nil {file} nil 'silent)))
"""
GHOST = """\
(let ((overlay (and codestral-ls-ghost-visible codestral-ls-ghost--overlay)))
  (if (not overlay)
      ""
    (substring-no-properties
     (or (overlay-get overlay 'after-string) (overlay-get overlay 'display)))))
"""
STATE = '(or (plist-get (codestral-ls-client-status codestral-ls-client-current) :state) "")'
MESSAGES = "(with-current-buffer (messages-buffer) (buffer-substring-no-properties 1 (point-max)))"


def find_emacs() -> str:
    """The path of an Emacs that is new enough: EMACS_BIN, or emacs on PATH."""
    remedy = "set EMACS_BIN to an Emacs 29.1 or newer; `.ci/fetch-emacs DEST` gets one"
    path = find_program("EMACS_BIN", "emacs", remedy)
    reply = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"GNU Emacs (\d+)\.(\d+)", reply)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        raise MissingPartError(f"{path} is {reply.partition(chr(10))[0]}: {remedy}")
    return path


def find_packages() -> Path:
    """The folder of Lisp packages that belongs to Emacs: ../elpa, or EMACS_PACKAGES."""
    beside = Path(find_emacs()).parents[1] / "elpa"
    folder = Path(os.environ.get("EMACS_PACKAGES") or beside)
    if not folder.is_dir():
        raise MissingPartError(f"no {folder}: `.ci/fetch-emacs DEST` gets Emacs with its packages")
    return folder


class Emacs:
    """An Emacs with a configuration; it keeps its files in `home`.

    It sees nothing of the caller's environment but PATH.
    """

    def __init__(
        self,
        binary: str,
        home: Path,
        configuration: str,
        environment: Mapping[str, str],
        *,
        lines: int = LINES,
    ) -> None:
        with ExitStack() as stack:
            # A socket's path must be short, which a test's own directory is not.
            sockets = stack.enter_context(tempfile.TemporaryDirectory(prefix="emacs"))
            self._socket, self._reply = f"{sockets}/test", Path(sockets, "reply")
            self._settled = Path(sockets, "settled")
            self._settled.touch()
            init = home / ".emacs.d" / "init.el"
            init.parent.mkdir(parents=True, exist_ok=True)
            values = {
                "sockets": lisp(sockets),
                "settled": lisp(self._settled),
                "configuration": configuration,
            }
            init.write_text(INIT.format(**values), "utf-8")
            variables = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(REPOSITORY),
                "HOME": str(home),
                "CODESTRAL_LS_STATE": str(home / "state"),
                **{f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in XDG_KINDS},
                **environment,
            }
            self.terminal = Terminal([binary, "--no-window-system"], home, variables, lines=lines)
            stack.callback(self.terminal.close)
            self._pid = self.terminal.pid()
            stack.callback(self._quit)
            wait_until(self._listens, "Emacs to start", self._screen, timeout=60)
            self._exit = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, form: str) -> Any:
        """The value of a Lisp form in the buffer that is shown, through JSON."""
        # Through a file, which keeps any text as it is.
        self._evaluate(ANSWER.format(form=form, file=lisp(self._reply)))
        return json.loads(self._reply.read_bytes())

    def holds(self, form: str) -> bool:
        """Whether a Lisp form is true in the buffer that is shown."""
        return bool(self.ask(f"(if {form} t :false)"))

    def run(self, form: str) -> None:
        """Evaluates a Lisp form in the buffer that is shown."""
        self._evaluate(f"(with-current-buffer (window-buffer (selected-window)) {form} nil)")

    def open(self, path: Path) -> None:
        """Visits a file and waits until the server knows it."""
        self.run(f"(find-file {lisp(path)})")
        ready = f'(and codestral-ls--uri (not (equal "" {STATE})))'
        wait_until(lambda: self.holds(ready), "the server to be ready", self.story, timeout=30)

    def press(self, keys: str) -> None:
        """Presses keys, see `Terminal.press`; returns when they have taken effect."""
        before = self._settled.read_text("utf-8")
        self.terminal.press(f"{keys}<F12>")

        def is_settled() -> bool:
            # Emacs is not asked: C-g would end the answer then, and nothing else.
            now = self._settled.read_text("utf-8")
            return now.endswith(".") and now != before

        wait_until(is_settled, f"{keys} to be dealt with", self.story)

    def enter(self, text: str) -> None:
        """Types text one key after the other."""
        self.press("".join({"\n": "<Enter>", "<": "<lt>"}.get(each, each) for each in text))

    def go_to(self, text: str) -> None:
        """Puts the cursor where ‸ would stand in this part of the buffer."""
        before, _, after = text.partition("‸")
        found = f"(search-forward {lisp(before + after)})"
        # A command, so that the mode sees where the cursor is.
        self.run(f"(goto-char (point-min)) {found} (backward-char {len(after)})")
        self.press("")

    def ghost(self) -> str:
        """The ghost text, "" if there is none."""
        return str(self.ask(GHOST))

    def wait_for_ghost(self, expected: str) -> None:
        """Waits until this very ghost text is shown."""
        wait_until(
            lambda: self.ghost() == expected,
            f"ghost text {expected!r}",
            lambda: f"there is {self.ghost()!r}\n{self.story()}",
        )

    def wait_for_screen(self, expected: str) -> None:
        """Waits until a text stands on the screen."""
        wait_until(lambda: expected in self._screen(), f"{expected!r} on the screen", self.story)

    def text(self) -> str:
        """The buffer's text."""
        return str(
            self.ask("(save-restriction (widen) (buffer-substring-no-properties 1 (point-max)))")
        )

    def cursor(self) -> str:
        """The line with the cursor in it."""
        before = self.ask("(buffer-substring-no-properties (pos-bol) (point))")
        return f"{before}‸{self.ask('(buffer-substring-no-properties (point) (pos-eol))')}"

    def cursor_on_screen(self) -> tuple[str, int]:
        """The line of the screen with the cursor, and its column."""
        line, column = self.terminal.cursor()
        return self.terminal.lines()[line], column

    def state(self) -> str:
        """What the server says of how it stands."""
        return str(self.ask(STATE))

    def messages(self) -> str:
        """All that was said in the echo area."""
        return str(self.ask(MESSAGES))

    def save(self) -> None:
        """Writes the file."""
        self.press("<C-x><C-s>")

    def descendants(self) -> list[int]:
        """The processes that Emacs has started, and those that they have."""
        return list(_descendants(self._pid))

    def story(self) -> str:
        """What a failed test shows."""
        lines = [self._screen()]
        with suppress(OSError, ValueError):
            lines.append(self.messages())
        return "\n".join(lines)

    def close(self) -> None:
        """Quits without saving."""
        self._exit.close()

    def _quit(self) -> None:
        with suppress(OSError, ValueError):  # it may not get round to answer
            self._evaluate("(run-with-timer 0 nil (lambda () (kill-emacs)))")
        stat = Path(f"/proc/{self._pid}/stat")
        wait_until(lambda: not stat.exists(), "Emacs to end", self.story, timeout=10)

    def _listens(self) -> bool:
        with suppress(OSError):
            self._evaluate("t")
            return True
        return False

    def _evaluate(self, form: str) -> None:
        """Has Emacs' server evaluate a form, in the words that emacsclient uses."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(SECONDS)
            client.connect(self._socket)
            client.sendall(f"-eval {quote(form)} \n".encode())
            reply = b"".join(iter(lambda: client.recv(4096), b"")).decode()
        if "-error " in reply:
            raise ValueError(f"{form}\n{reply}")

    def _screen(self) -> str:
        return "\n".join(self.terminal.lines())


def quote(argument: str) -> str:
    """An argument as Emacs' server reads it."""
    marks = {"&": "&&", " ": "&_", "\n": "&n"}
    return "".join(marks.get(each, each) for each in argument)


XDG_KINDS = ("config", "data", "state", "cache")


def lisp(value: object) -> str:
    """A text as Lisp reads it, or a list of texts."""
    if isinstance(value, str | Path):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    assert isinstance(value, Sequence)
    return f"({' '.join(map(lisp, value))})"


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    with suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text("utf-8").split())
    return children + [each for child in children for each in _descendants(child)]
