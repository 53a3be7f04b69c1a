"""Ghost text as it stands on a real screen, and the picture of it for the README."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.neovim import NO_PROVIDER, REPOSITORY, find_neovim, plugin, wait_until
from tests.editors.neovim_desk import KEY, SERVER
from tests.editors.picture import draw, draws_pictures
from tests.editors.terminal import Terminal, find_tmux
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.parts import require

pytestmark = pytest.mark.neovim

PICTURE = REPOSITORY / "editors" / "neovim" / "ghost-text.png"
CART = """def total_open(orders: list[Order]) -> float:
    \"\"\"What is still to be paid.\"\"\"
    result = 0.0
    for order in orders:
        if not order.paid:
            {}
    return result
""".format("")
ANSWER = "result += order.price * order.count\n            order.reminded = True"
LOOKS = """
vim.o.termguicolors = true
vim.cmd.colorscheme('habamax')
vim.o.laststatus = 2
local wanted = "{'highlight':v:true,'message':v:true}"
vim.o.statusline = " %f %= %{%v:lua.require'codestral_ls'.status(" .. wanted .. ")%} "
vim.api.nvim_set_hl(0, 'CodestralGhost', { fg = '#8a8a8a', italic = true })
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Neovim in a terminal, with a file open and the cursor in the line to fill in."""
    binary = require(find_neovim)
    require(find_tmux)
    (tmp_path / "cart.py").write_text(CART, "utf-8")
    (tmp_path / "init.lua").write_text(NO_PROVIDER + plugin(SERVER, before=LOOKS), "utf-8")
    with serve_in_thread(Behaviour(text=ANSWER)) as endpoint:
        environment = {
            "CODESTRAL_LS_ENDPOINT": endpoint.url,
            "CODESTRAL_LS_STATE": str(tmp_path / "counted"),
            "HOME": str(tmp_path),
            "MISTRAL_API_KEY": KEY,
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "PYTHONPATH": str(REPOSITORY),
            **{f"XDG_{kind}_HOME": str(tmp_path) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
        }
        command = (binary, "--clean", "-u", "init.lua", "-n", "+6", "cart.py")
        with Terminal(command, tmp_path, environment) as terminal:
            yield terminal


def shows(terminal: Terminal, text: str) -> bool:
    """Whether a text stands on the screen."""
    return any(text in line for line in terminal.lines())


def test_several_lines_are_drawn_where_they_will_stand(terminal: Terminal) -> None:
    """The rest of the line behind the cursor, the others below, and what follows below them."""
    wait_until(lambda: shows(terminal, "codestral-2508"), "the server", lambda: seen(terminal))
    terminal.press("A")
    wait_until(lambda: shows(terminal, "reminded"), "ghost text", lambda: seen(terminal))
    lines = terminal.lines()
    assert lines[5:8] == [
        "            result += order.price * order.count",
        "            order.reminded = True",
        "    return result",
    ]
    terminal.press("res")
    wait_until(lambda: terminal.cursor() == (5, 15), "the keys", lambda: seen(terminal))
    assert terminal.lines()[5:8] == lines[5:8]
    if draws_pictures():
        draw(terminal.as_svg("Neovim"), PICTURE)
    terminal.press("<Tab>")
    wait_until(lambda: terminal.cursor() == (6, 33), "the end", lambda: seen(terminal))
    assert terminal.lines()[5:8] == lines[5:8]


def seen(terminal: Terminal) -> str:
    """The screen, for a failure's message."""
    return "\n".join(terminal.lines())
