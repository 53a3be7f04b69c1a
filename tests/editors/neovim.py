"""A real Neovim, driven as a person drives it: open a file, press keys, look, accept."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import pynvim

from tests.parts import MissingPartError, find_program

REPOSITORY = Path(__file__).parents[2]
SNIPPET = REPOSITORY / "codestral_ls" / "commands" / "doctor" / "snippets" / "neovim.lua"
RUNTIME = REPOSITORY / "editors" / "neovim"
OLDEST = (0, 12)
XDG_KINDS = ("config", "data", "state", "cache")

NO_PROVIDER = "vim.g.loaded_python3_provider = 0"
"""Neovim's file type plug-in for Python looks for `pynvim` for four seconds otherwise."""

GHOST = """
local inline, below = '', {}
local function text(chunks)
  return vim.iter(chunks):map(function(chunk) return chunk[1] end):join('')
end
local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
  -- Blanks over a closer only hide it: it comes in a line below.
  inline = inline .. text(mark[4].virt_text or {}):gsub('^ +$', '')
  vim.list_extend(below, vim.tbl_map(text, mark[4].virt_lines or {}))
end
return table.concat({ inline, unpack(below) }, '\\n')
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


def find_neovim() -> str:
    """The path of a Neovim that is new enough: NVIM_BIN, or nvim on PATH."""
    remedy = "set NVIM_BIN to a Neovim 0.12 or newer; `.ci/fetch-neovim DEST` gets one"
    path = find_program("NVIM_BIN", "nvim", remedy)
    reply = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", reply)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        raise MissingPartError(f"{path} is {reply.partition(chr(10))[0]}: {remedy}")
    return path


def spell(value: str) -> str:
    """A text as Lua spells it."""
    return json.dumps(value, ensure_ascii=False)


def snippet(server: Sequence[str]) -> str:
    """A configuration: the lines of the README that need no plug-in, with this server."""
    return f"dofile({spell(str(SNIPPET))})\nvim.lsp.config('codestral_ls', {{ {cmd(server)} }})\n"


def plugin(server: Sequence[str], options: str = "", before: str = "") -> str:
    """A configuration: the runtime directory, set up with these options after other Lua."""
    return (
        f"{before}\nvim.opt.runtimepath:prepend({spell(str(RUNTIME))})\n"
        f"require('codestral_ls').setup({{ {cmd(server) + ',' if server else ''} {options} }})\n"
    )


def cmd(server: Sequence[str]) -> str:
    """The server's command as a field of a Lua table."""
    return f"cmd = {{ {', '.join(map(spell, server))} }}"


class Neovim:
    """A Neovim with an `init.lua` of a test, or else with the runtime directory set up.

    It sees nothing of the caller's environment but PATH, and keeps its files in `home`.
    """

    def __init__(
        self,
        binary: str,
        home: Path,
        server: Sequence[str],
        environment: Mapping[str, str],
        configuration: str = "",
    ) -> None:
        init = home / "init.lua"
        init.write_text(f"{NO_PROVIDER}\n{configuration or plugin(server)}", "utf-8")
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
        self.run(f"stopinsert | edit! {path}")
        wait_until(lambda: self._nvim.exec_lua(READY), "the server to attach", self.story)

    def press(self, keys: str) -> None:
        """Presses keys in Vim's notation, such as `<Esc>`; returns when they have taken effect."""
        self._nvim.vars["settled"] = False
        self._nvim.input(f"{keys}<Cmd>lua vim.schedule(function() vim.g.settled = true end)<CR>")
        wait_until(lambda: self._nvim.vars["settled"], f"{keys} to be dealt with", self.story)

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
            lambda: f"there is {self.ghost()!r}\n{self.story()}",
        )

    def accept(self) -> None:
        """Presses Tab, as the snippet has it."""
        self.press("<Tab>")

    def run(self, command: str) -> str:
        """Runs an Ex command; returns what it prints."""
        return str(self._nvim.command_output(command))

    def lua(self, code: str, *arguments: object) -> Any:
        """Runs Lua, which may return something."""
        return self._nvim.exec_lua(code, *arguments)

    def wait_for(self, condition: str, *arguments: object) -> None:
        """Waits until an expression of Lua is true."""
        code = f"return ({condition}) and true or false"
        wait_until(lambda: self.lua(code, *arguments), condition, self.story)

    def text(self, start: int = 0) -> str:
        """The buffer's lines from this one on, joined by LF."""
        return "\n".join(self._nvim.current.buffer[start:])

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

    def story(self) -> str:
        """What Neovim has said, and the end of its log."""
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
