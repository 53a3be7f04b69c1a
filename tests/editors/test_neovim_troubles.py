"""What the plug-in says when something is wrong, and that it takes no keys for it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.editors.neovim import (
    NO_PROVIDER,
    REPOSITORY,
    RUNTIME,
    Neovim,
    find_neovim,
    plugin,
    spell,
    wait_until,
)
from tests.editors.neovim_desk import KEY, SERVER
from tests.editors.neovim_scripted import scripted
from tests.editors.terminal import Terminal, find_tmux
from tests.parts import require

pytestmark = pytest.mark.neovim

NOBODY = "http://127.0.0.1:9"
PROMPT = "Press ENTER"
NO_PROGRAM = "/nowhere/codestral-ls"
TEXT = "def total(orders):\n    result = 0\n    for order in orders:\n        \n"
TOLD_AGAIN = (
    "Nothing listens there. (again in 2 s, the offline provider completes meanwhile)",
    "Nothing listens there. (the offline provider completes meanwhile)",
    "Nothing listens there.",
    "Nothing listens there. (again in 1 s)",
)


@contextmanager
def neovim_in_terminal(folder: Path, configuration: str, columns: int) -> Iterator[Terminal]:
    """A Neovim on a screen, whose server finds nobody to ask."""
    binary = require(find_neovim)
    require(find_tmux)
    (folder / "orders.py").write_text(TEXT, "utf-8")
    (folder / "init.lua").write_text(f"{NO_PROVIDER}\n{configuration}", "utf-8")
    environment = {
        "CODESTRAL_LS_ENDPOINT": NOBODY,
        "CODESTRAL_LS_STATE": str(folder / "counted"),
        "HOME": str(folder),
        "MISTRAL_API_KEY": KEY,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": str(REPOSITORY),
        **{f"XDG_{kind}_HOME": str(folder) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    command = (binary, "--clean", "-u", "init.lua", "-n", "+4", "orders.py")
    with Terminal(command, folder, environment, columns=columns, lines=16) as terminal:
        yield terminal


def wait_for(terminal: Terminal, text: str) -> None:
    """Waits until a text stands on the screen, whatever line its words are in."""
    words = "".join(text.split())
    wait_until(lambda: words in "".join(seen(terminal).split()), text, lambda: seen(terminal))


def seen(terminal: Terminal) -> str:
    """The screen, for a failure's message."""
    return "\n".join(terminal.lines())


@pytest.mark.parametrize(("columns", "before"), [(100, ""), (30, ""), (60, "vim.o.cmdheight = 0")])
def test_a_dead_endpoint_takes_no_keys(tmp_path: Path, columns: int, before: str) -> None:
    """In any width one line says it; what is typed goes into the text, and `:messages` has all."""
    mode = "vim.o.statusline = \"%{v:lua.require'codestral_ls'.status()}\""
    configuration = plugin(SERVER, "icons = { ready = 'fine' }", f"{before} {mode}")
    with neovim_in_terminal(tmp_path, configuration, columns) as terminal:
        wait_for(terminal, "fine")
        terminal.press("Aresult +=")
        wait_for(terminal, "codestral-ls: No")
        assert PROMPT not in seen(terminal)
        assert terminal.lines()[-1].endswith("…")
        terminal.press(" abc")
        wait_for(terminal, "        result += abc")
        terminal.press("<Esc>:set showmode?<Enter>")
        wait_for(terminal, "  showmode")
        terminal.press(":messages<Enter>")
        wait_for(terminal, "correct its address in `endpoint`.")
        assert seen(terminal).count("codestral-ls: Nothing") == 1


def test_an_outage_is_said_once(tmp_path: Path) -> None:
    """However its countdown moves and ends; and anew once all was well in between."""
    with scripted(tmp_path) as desk:

        def tell(state: str, message: str) -> None:
            status = {"state": state, "message": message}
            desk.neovim.lua("require('codestral_ls.status').receive(..., 999)", status)

        def count() -> int:
            return desk.neovim.run("messages").count("Nothing listens")

        for message in TOLD_AGAIN * 2:
            tell("error", message)
        assert count() == 1
        tell("error", "The key is wrong.")
        tell("error", TOLD_AGAIN[0])
        assert count() == 1
        assert "The key is wrong." in desk.neovim.run("messages")
        tell("ready", "fine")
        tell("error", TOLD_AGAIN[0])
        assert count() == 2


def test_a_command_line_is_left_alone(tmp_path: Path) -> None:
    """What comes while a command is typed is said behind it."""
    with scripted(tmp_path) as desk:
        desk.neovim.lua("vim.api.nvim_input(':let x = 1')")
        desk.neovim.wait_for("vim.fn.getcmdline() == 'let x = 1'")
        desk.neovim.lua("require('codestral_ls.message').say('so it is')")
        assert "so it is" not in desk.neovim.run("messages")
        desk.neovim.lua("vim.api.nvim_input('<CR>')")
        wait_until(lambda: "so it is" in desk.neovim.run("messages"), "it", desk.neovim.story)
        assert desk.neovim.lua("return vim.g.x") == 1


def test_what_a_plug_in_shows_is_not_cut(tmp_path: Path) -> None:
    """Another `vim.notify` has a window, in which there is room."""
    before = "vim.notify = function(text) vim.g.notified = text end\n"
    with scripted(tmp_path, before=before) as desk:
        desk.neovim.lua("require('codestral_ls.message').say(('word '):rep(99) .. 'end')")
        assert desk.neovim.lua("return vim.g.notified") == "word " * 99 + "end"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ((), "codestral-ls is not installed: pipx install '.[syntax]' in a copy of its repository"),
        ((NO_PROGRAM, "serve"), f"`cmd` names {NO_PROGRAM}, which is no program: mend `cmd`"),
    ],
)
def test_a_server_that_is_not_there_is_told(
    tmp_path: Path, server: tuple[str, ...], words: str
) -> None:
    """Once, when a file is opened; and by every command that would need it."""
    environment = {"PATH": "/usr/bin:/bin"}
    (tmp_path / "one.py").write_text("", "utf-8")
    (tmp_path / "two.py").write_text("", "utf-8")
    binary = require(find_neovim)
    with Neovim(binary, tmp_path, server, environment) as neovim:
        assert words not in neovim.run("messages")
        neovim.run(f"edit {tmp_path / 'one.py'}")
        wait_until(lambda: words in neovim.run("messages"), "the words", neovim.story)
        neovim.run(f"edit {tmp_path / 'two.py'}")
        neovim.press("ix<Esc>")
        assert neovim.run("messages").count(words) == 1
        for command in ("status", "doctor", "stats", "explain", "restart"):
            said = neovim.run(f"Codestral {command}")
            assert words in said, command
            assert "ENOENT" not in said


def test_it_is_told_on_a_screen_without_taking_keys(tmp_path: Path) -> None:
    """Of a file that Neovim is started with, too."""
    configuration = plugin((NO_PROGRAM,))
    with neovim_in_terminal(tmp_path, configuration, 60) as terminal:
        wait_for(terminal, f"codestral-ls: `cmd` names {NO_PROGRAM}")
        assert PROMPT not in seen(terminal)


def test_the_manual_is_found_without_a_plug_in_manager(tmp_path: Path) -> None:
    """`setup()` makes its tags, also anew for a newer text; where it may not, it says nothing."""
    copy = tmp_path / "plug in"
    for path in [*RUNTIME.rglob("*.lua"), *RUNTIME.rglob("*.txt")]:
        target = copy / path.relative_to(RUNTIME)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    configuration = plugin(()).replace(spell(str(RUNTIME)), spell(str(copy)))
    with scripted(tmp_path, configuration=configuration) as desk:
        neovim = desk.neovim
        assert neovim.run("help codestral_ls-options | echo expand('%:t')") == "codestral_ls.txt"
        tags = copy / "doc" / "tags"
        tags.write_text("", "utf-8")
        os.utime(tags, (1, 1))
        neovim.lua("require('codestral_ls').setup()")
        assert "codestral_ls-options" in tags.read_text("utf-8")
        tags.unlink()
        tags.mkdir()  # nothing can be written there
        os.utime(tags, (1, 1))
        neovim.run("messages clear")
        neovim.lua("require('codestral_ls').setup()")
        assert neovim.run("messages") == ""


def test_the_working_directory_is_the_folder_where_nothing_marks_one(tmp_path: Path) -> None:
    """For files in it, unless it is home, above that, or changes with every file."""
    home, work, other = tmp_path / "home", tmp_path / "home" / "work", tmp_path / "home" / "other"
    for folder in (work / "below", other):
        folder.mkdir(parents=True)
        (folder / "file.py").write_text("", "utf-8")
    with scripted(home) as desk:
        root = "return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir"

        def folder_of(path: Path) -> object:
            desk.neovim.run("silent! %bwipeout!")
            desk.neovim.open(path)
            return desk.neovim.lua(root)

        inside = work / "below" / "file.py"
        desk.neovim.run(f"cd {work}")
        assert folder_of(inside) == str(work)
        assert folder_of(other / "file.py") is None
        for far in (home, tmp_path, Path("/")):
            desk.neovim.run(f"cd {far}")
            assert folder_of(inside) is None
        desk.neovim.run(f"cd {work} | set autochdir")
        assert folder_of(inside) is None
        desk.neovim.run(f"set noautochdir | cd {work}")
        desk.neovim.lua("vim.lsp.config('codestral_ls', { root_markers = { 'file.py' } })")
        assert folder_of(inside) == str(inside.parent)


def test_ghost_text_for_a_text_that_became_fixed(tmp_path: Path) -> None:
    """Is not accepted: the key does what it did before, and Lua does not fail."""
    with scripted(tmp_path) as desk:
        number = desk.edit("x = \n", "A")
        desk.answer(number, "one")
        desk.neovim.run("setlocal nomodifiable")
        assert desk.neovim.lua("return require('codestral_ls').accept()") is False
        desk.neovim.press("<Tab>")
        assert desk.neovim.text() == "x = "
        assert "E5108" not in desk.neovim.run("messages")
