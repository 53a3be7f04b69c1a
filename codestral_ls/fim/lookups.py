"""Reading a key from where it is kept: a program, a file, the keyring. Blocks.

What is raised never has the key in it: neither its message, nor the exceptions before it.
"""

import codecs
import os
import shlex
import signal
import stat
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from codestral_ls.errors import Unauthorized
from codestral_ls.kinds import Secret, unfit_for_key
from codestral_ls.settings import environment_name
from codestral_ls.vendors import KEY_VARIABLES

MOST_READ = 8 * 1024
"""Bytes; the longest keys are tokens of two or three kilobytes."""
REST_SECONDS = 0.5
"""What a program wrote before it ended has been read by then; who still holds the pipe is ended."""
LONGEST_NAME = 24
"""Of a program, in messages: somebody may have put the key itself where its command belongs."""
NOT_PASSED_ON = frozenset({*KEY_VARIABLES, environment_name("api_key"), "GPG_TTY"})
"""Keys are no business of the program. With the last one gpg would ask for its passphrase on the
terminal in which the editor draws."""


class Program:
    """Starts a program without a shell and takes the first line that it prints.

    It gets no input and no terminal, and runs in a session of its own, so that its children end
    with it. `end` may be called from any thread.
    """

    def __init__(self, command: str, environ: Mapping[str, str]) -> None:
        """Starts it in the home folder: relative names must not mean files of a workspace."""
        self._words = [os.path.expanduser(word) for word in words_of(command)]  # noqa: PTH111 - words need not be paths
        if not self._words:
            raise _advice("command", "it is no command. Check its quotes")
        self._head = bytearray()
        self._pipe, self._process = self._start(environ)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def name(self) -> str:
        """How messages call it."""
        return program_name(self._words[0])

    def first_line(self, seconds: float) -> bytes:
        """What it has printed, once it has ended well.

        Raises:
            Unauthorized: it has not, or not in time.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        status = self._process.returncode
        if status is None:
            self.end()
            self._process.wait()
            raise _advice(
                "command", f"{self.name} has not ended within {seconds:g} s. Try it in a terminal"
            )
        self._reader.join(REST_SECONDS)
        if self._reader.is_alive():
            self._end_group()
        if status:
            how = f"exit status {status}" if status > 0 else f"signal {-status}"
            raise _advice("command", f"{self.name} has failed ({how}). Try it in a terminal")
        return bytes(self._head).partition(b"\n")[0]

    def end(self) -> None:
        """Ends it with its children, if it still runs."""
        if self._process.poll() is None:
            self._end_group()
            self._process.kill()

    def _start(self, environ: Mapping[str, str]) -> tuple[IO[bytes], subprocess.Popen[bytes]]:
        home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path's own raises without a home
        problem = ""
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command, never an editor's
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may hold the key, and nobody would see it here
                cwd=home if home.is_dir() else os.sep,
                env={name: text for name, text in environ.items() if name not in NOT_PASSED_ON},
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except FileNotFoundError:
            problem = "is not on the PATH that the editor has given. Write its whole path"
        except (OSError, ValueError) as error:
            problem = f"cannot be run: {getattr(error, 'strerror', '') or 'its name is no name'}"
        else:
            if process.stdout is not None:
                return process.stdout, process
        raise _advice("command", f"{self.name} {problem}")

    def _read(self) -> None:
        """Reads to the end, so that nobody blocks on a full pipe; keeps only the beginning."""
        with suppress(OSError), self._pipe as pipe:
            while data := os.read(pipe.fileno(), 64 * 1024):
                self._head += data[: MOST_READ + 1 - len(self._head)]

    def _end_group(self) -> None:
        if os.name == "posix":
            with suppress(OSError):  # all of it has ended
                os.killpg(self._process.pid, signal.SIGKILL)


def program_name(word: str) -> str:
    """The name of a program, without its folders."""
    name = Path(word).name
    return name if name and len(name) <= LONGEST_NAME else "the program"


def read_file(path: str) -> bytes:
    """The first line of a file that only the user, or root, can read.

    Raises:
        Unauthorized: there is none, or others can read it.
    """
    file = Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises without a home
    if not file.is_absolute():
        raise _advice("file", 'its path does not begin with "/" or "~"')
    shown = shlex.quote(str(file))
    problem, head = "", b""
    try:
        # Without waiting: a pipe may have no writer. Links are followed; what they lead to counts.
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        with open(os.open(file, os.O_RDONLY | flags), "rb") as opened:  # noqa: PTH123 - opened by its number
            problem = _why_not(os.fstat(opened.fileno()), shown)
            head = b"" if problem else opened.read(MOST_READ + 1)
    except (OSError, ValueError) as error:
        problem = f"{shown} cannot be read: {getattr(error, 'strerror', '') or 'no such path'}"
    if problem:
        raise _advice("file", problem)
    return head.partition(b"\n")[0]


def _why_not(state: os.stat_result, shown: str) -> str:
    if not stat.S_ISREG(state.st_mode):
        return f"{shown} is no regular file"
    if os.name != "posix":  # access is not in the mode there
        return ""
    if state.st_uid not in {os.geteuid(), 0}:
        return f"{shown} belongs to another user"
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"others can get at {shown}. Run `chmod 600 {shown}`"
    return ""


def read_keyring(entry: str) -> bytes:
    """A password of the system's keyring, by SERVICE/USER.

    Raises:
        Unauthorized: there is none, or no keyring.
    """
    service, _, user = entry.rpartition("/")
    if not service or not user:
        raise _advice("keyring", "it is not of the form SERVICE/USER")
    problem, password = "", None
    try:
        from keyring import get_password  # noqa: PLC0415 - an extra that few have, and slow

        password = get_password(service, user)
        if password is None:
            problem = f"there is no entry. Run `keyring set {shlex.join([service, user])}`"
    except ImportError:
        problem = (
            "the package `keyring` is missing. Install it into the environment of codestral-ls"
        )
    except Exception as error:  # noqa: BLE001 - every system's keyring raises its own kinds
        problem = f"the system's keyring has failed ({type(error).__name__})"
    if password is None:
        raise _advice("keyring", problem)
    return str(password).encode("utf-8", "replace").partition(b"\n")[0]


def secret_in(line: bytes, way: str) -> Secret:
    """The key in a line.

    Raises:
        Unauthorized: it holds none.
    """
    text = line.removeprefix(codecs.BOM_UTF8).strip()  # the mark comes from editors on Windows
    if not text:
        raise _advice(way, "it brings nothing")
    if len(text) > MOST_READ:
        raise _advice(way, "what it brings is too long for a key")
    key = text.decode("ascii", "replace")
    if why := unfit_for_key(key):
        raise _advice(way, f"what it brings is no key: {why}")
    return Secret(key)


def words_of(command: str) -> list[str]:
    """The words of a command, the program first; none if it is not well-formed."""
    with suppress(ValueError):  # a quote without its partner
        words = shlex.split(command)
        return words if words and words[0] else []
    return []


def _advice(way: str, problem: str) -> Unauthorized:
    """The error for a problem; one that is more than a sentence says itself what to do."""
    setting = f"`api_key_{way}`"
    to_do = "" if ". " in problem else f" Correct {setting}."
    return Unauthorized(f"There is no key from {setting}: {problem}.{to_do}")
