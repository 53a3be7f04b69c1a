"""A real Neovim, driven as a person drives it: open a file, press keys, look, accept."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import pynvim

REPOSITORY = Path(__file__).parents[2]
SNIPPET = REPOSITORY / "editors" / "neovim.lua"
OLDEST = (0, 12)
XDG_KINDS = ("config", "data", "state", "cache")

GHOST = """
local texts = {}
local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
  for _, line in ipairs({ mark[4].virt_text or {}, unpack(mark[4].virt_lines or {}) }) do
    table.insert(texts, vim.iter(line):map(function(chunk) return chunk[1] end):join(''))
  end
end
return table.concat(texts, '\\n')
"""
READY = """
local method = 'textDocument/inlineCompletion'
return #vim.lsp.get_clients({ bufnr = 0, method = method }) > 0
"""
DESCENDANTS = """
local found = {}
local function collect(pid)
  for _, child in ipairs(vim.api.nvim_get_proc_children(pid)) do
    table.insert(found, child)
    collect(child)
  end
end
collect(vim.fn.getpid())
return found
"""


class NoNeovimError(Exception):
    """There is none here that can show ghost text; the message says what to do."""


def find_neovim() -> str:
    """The path of a Neovim that is new enough: NVIM_BIN, or nvim on PATH."""
    name = os.environ.get("NVIM_BIN") or "nvim"
    path = shutil.which(name)
    remedy = "set NVIM_BIN to a Neovim 0.12 or newer; `.ci/fetch-neovim DEST` gets one"
    if path is None:
        raise NoNeovimError(f"no {name} here: {remedy}")
    reply = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", reply)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        raise NoNeovimError(f"{path} is {reply.partition(chr(10))[0]}: {remedy}")
    return path


class Neovim:
    """A Neovim with the snippet of the README as its whole configuration.

    It sees nothing of the caller's environment but PATH, and keeps its files in `home`.
    """

    def __init__(
        self, binary: str, home: Path, server: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        init = home / "init.lua"
        command = ", ".join(json.dumps(word, ensure_ascii=False) for word in server)
        init.write_text(
            f"dofile({json.dumps(str(SNIPPET), ensure_ascii=False)})\n"
            f"vim.lsp.config('codestral_ls', {{ cmd = {{ {command} }} }})\n",
            "utf-8",
        )
        self._log = home / "state" / "nvim" / "lsp.log"
        with ExitStack() as stack:
            # A socket's path must be short, which a test's own directory is not.
            run_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="nvim"))
            address = f"{run_dir}/socket"
            # Not pynvim's own child process: that one cannot be given an environment, and starts
            # through asyncio's child watchers, which are deprecated.
            self._process = subprocess.Popen(
                [binary, "--clean", "-u", init, "--headless", "-n", "--listen", address],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=home,
                env={
                    "PATH": os.environ["PATH"],
                    "LANG": "C.UTF-8",
                    "PYTHONPATH": str(REPOSITORY),
                    "HOME": str(home),
                    "TMPDIR": run_dir,
                    **{f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in XDG_KINDS},
                    **environment,
                },
            )
            stack.callback(self._process.wait)
            stack.callback(self._process.kill)
            wait_until(lambda: _is_listening(address), "Neovim to listen")
            self._nvim = pynvim.attach("socket", path=address)
            stack.callback(self._nvim.close)
            stack.callback(self._quit)
            self._exit = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: Path) -> None:
        """Edits a file and waits until the server offers inline completion for it."""
        self._nvim.command(f"edit {path}")
        wait_until(lambda: self._nvim.exec_lua(READY), "the server to attach", self._story)

    def press(self, keys: str) -> None:
        """Presses keys in Vim's notation, such as `<Esc>`; returns when they have taken effect."""
        self._nvim.vars["settled"] = False
        self._nvim.input(f"{keys}<Cmd>lua vim.schedule(function() vim.g.settled = true end)<CR>")
        wait_until(lambda: self._nvim.vars["settled"], f"{keys} to be dealt with", self._story)

    def enter(self, text: str, *, pause: float = 0.03) -> None:
        """Types text one key after the other."""
        for character in text:
            self.press({"\n": "<CR>", "<": "<lt>"}.get(character, character))
            time.sleep(pause)

    def ghost(self) -> str:
        """The ghost text on the screen, "" if there is none."""
        return str(self._nvim.exec_lua(GHOST))

    def wait_for_ghost(self, expected: str) -> None:
        """Waits until this very ghost text is shown."""
        wait_until(
            lambda: self.ghost() == expected,
            f"ghost text {expected!r}",
            lambda: f"there is {self.ghost()!r}\n{self._story()}",
        )

    def accept(self) -> None:
        """Presses Tab, as the snippet has it."""
        self.press("<Tab>")

    def text(self) -> str:
        """The buffer's lines, joined by LF."""
        return "\n".join(self._nvim.current.buffer[:])

    def save(self) -> None:
        """Leaves insert mode and writes the file."""
        self._nvim.command("stopinsert | write")

    def descendants(self) -> list[int]:
        """The processes that Neovim has started, and those that they have."""
        return [int(pid) for pid in self._nvim.exec_lua(DESCENDANTS)]

    def close(self) -> None:
        """Quits without saving."""
        self._exit.close()

    def _quit(self) -> None:
        # No reply comes. Having seen the connection's end, pynvim can close its socket properly.
        with suppress(EOFError, OSError):
            self._nvim.command("qall!")
        self._process.wait(timeout=10)

    def _story(self) -> str:
        messages = self._nvim.command_output("messages")
        log = self._log.read_text("utf-8") if self._log.exists() else ""
        return f"{messages}\n{log[-4000:]}"


def _is_listening(address: str) -> bool:
    # That the file is there is not enough: it appears a moment before anybody listens.
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(address) == 0


def wait_until(
    condition: Callable[[], object],
    what: str,
    detail: Callable[[], str] = str,
    *,
    timeout: float = 15,
) -> None:
    """Asks again and again until the condition holds; fails with `detail` if it never does."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s for {what}: {detail()}")
        time.sleep(0.01)
