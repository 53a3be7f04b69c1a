"""The ten lines of the README that need no plug-in: safe, whatever was typed since."""

from collections.abc import Iterator

import pytest

from tests.editors.neovim import SNIPPET, snippet, wait_until
from tests.editors.neovim_desk import SERVER, Desk, desk_in
from tests.fim_endpoint import Behaviour

pytestmark = pytest.mark.neovim

ADD = "def add(a, b):\n    \n"
MOST_LINES = 10
APPLIED = "vim.g.applied == true"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One Neovim for all tests here."""
    with desk_in(tmp_path_factory.mktemp("neovim"), snippet(SERVER)) as desk:
        yield desk


def accept(desk: Desk) -> None:
    """Presses Tab, and waits for what Neovim does a moment later."""
    desk.neovim.accept()
    desk.neovim.press("")


def test_they_are_ten() -> None:
    """Whoever copies them sees all of them at a glance."""
    assert len(SNIPPET.read_text("utf-8").splitlines()) <= MOST_LINES


def test_ghost_text_is_accepted(desk: Desk) -> None:
    """Tab makes what is shown the user's, several lines too."""
    neovim = desk.edit(ADD, "total = a + b\n    return total")
    neovim.press("jA")
    neovim.wait_for_ghost("total = a + b\n    return total")
    accept(desk)
    assert desk.text() == "def add(a, b):\n    total = a + b\n    return total"


def test_tab_without_ghost_text_is_a_tab(desk: Desk) -> None:
    """The mapping gets in nobody's way."""
    neovim = desk.edit("text\n", "")
    neovim.press("A")
    accept(desk)
    assert desk.text() == "text    "


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ("ret", "add(ret)"),
        ("other", "add(other)"),
        ("<BS>", "add)"),
        ("<Left><Left>", "add()"),
        ("<BS>[", "add[)"),
        ("<CR>", "add(\n)"),
    ],
)
def test_what_was_typed_since_is_never_corrupted(desk: Desk, keys: str, left: str) -> None:
    """Nothing is inserted, even if the cursor is back where the text came."""
    neovim = desk.edit("add()\n", "return value")
    neovim.press("$i")
    neovim.wait_for_ghost("return value")
    desk.endpoint.behaviour = Behaviour(text="")
    neovim.press(keys)
    accept(desk)
    assert desk.text().replace("\n        ", "\n").replace("\n    ", "\n") == left


def test_the_next_reply_makes_it_acceptable_again(desk: Desk) -> None:
    """200 ms after the last key, as Neovim has it."""
    neovim = desk.edit(ADD, "return a + b")
    neovim.press("jA")
    neovim.wait_for_ghost("return a + b")
    neovim.enter("ret", pause=0)
    accept(desk)
    assert desk.text() == "def add(a, b):\n    ret"
    neovim.press("u")
    wait_until(lambda: neovim.ghost() == "rn a + b", "the rest", neovim.story)
    accept(desk)
    assert desk.text() == "def add(a, b):\n    return a + b"
