"""Ghost text in a real VS Code, from the real server, through the packaged extension."""

import itertools

import pytest

from tests.editors.neovim import wait_until
from tests.editors.picture import draws_pictures
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.install import EXTENSION
from tests.editors.vscode.surroundings import QUICK_SUGGESTIONS
from tests.fim_endpoint import Endpoint

pytestmark = pytest.mark.vscode

PICTURE = EXTENSION / "ghost-text.png"

# The server remembers answers: each test has a text of its own.


def test_ghost_text_is_shown_and_accepted(edit: Edit, endpoint: Endpoint) -> None:
    """The model's text appears behind what was typed, and Tab makes it the user's."""
    vscode = edit("def plus(a, b):\n    |\n", "return a + b")
    vscode.enter("re")
    vscode.wait_for_ghost("turn a + b")
    assert "def plus(a, b):\n    r" in endpoint.completions[-1].body["prompt"]
    vscode.accept()
    assert vscode.text() == "def plus(a, b):\n    return a + b\n"


def test_typing_through_does_not_flicker(edit: Edit) -> None:
    """After each key of the ghost text the rest of it stands there."""
    vscode = edit("def total(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    seen = vscode.ghosts_while(lambda: vscode.enter("eturn a +"))
    assert seen[0] == "eturn a + b"
    assert seen[-1] == " b"
    assert all(after and before.endswith(after) for before, after in itertools.pairwise(seen))
    vscode.accept()
    assert vscode.text() == "def total(a, b):\n    return a + b\n"


def test_several_lines(edit: Edit) -> None:
    """A block is shown and accepted as a whole."""
    answer = "for order in orders:\n        if order.is_paid:\n            yield order.price"
    vscode = edit("def prices(orders):\n    |\n", answer, name="orders.py")
    vscode.enter("for")
    vscode.wait_for_ghost(answer.removeprefix("for"))
    if draws_pictures():
        vscode.photograph(PICTURE, ".editor-group-container.active", height=190)
    vscode.accept()
    assert vscode.text() == f"def prices(orders):\n    {answer}\n"


def test_line_ends_of_the_file_are_kept(edit: Edit) -> None:
    """Ghost text with LF becomes CRLF in a file that has CRLF."""
    vscode = edit("def first(a, b):\r\n    |\r\n", "if a:\n        return b")
    vscode.enter("i")
    vscode.wait_for_ghost("f a:\n        return b")
    vscode.accept()
    assert vscode.text() == "def first(a, b):\r\n    if a:\r\n        return b\r\n"


def test_characters_of_two_units(edit: Edit) -> None:
    """Emoji before the caret, behind it and in the ghost text move nothing."""
    vscode = edit('a = "😀"; b = | # 😀\n', '"x 😀 y"')
    vscode.enter('"')
    wait_until(vscode.ghost, "ghost text", vscode.text)
    vscode.accept()
    assert vscode.text() == 'a = "😀"; b = "x 😀 y" # 😀\n'


@pytest.mark.parametrize(
    ("name", "answer"),
    [("größe", "'😀 é' + 😀 b"), ("länge", "'😀😀'  # 😀")],
    ids=["text", "last"],
)
def test_the_caret_behind_characters_of_two_units(edit: Edit, name: str, answer: str) -> None:
    """It stands behind what was accepted, where VS Code alone leaves it short."""
    vscode = edit(f"{name}|\n", f"{name} = {answer}")
    vscode.enter(" = ")
    vscode.wait_for_ghost(answer)
    vscode.accept()
    # The page's own word: extensions see the caret they have set before the page has moved it.
    end = f"Ln 1, Col {8 + len(answer) + 1}"
    wait_until(lambda: end in _labels(vscode), f"the caret at {end}", lambda: str(_labels(vscode)))
    vscode.enter(".")
    assert vscode.text() == f"{name} = {answer}.\n"


def _labels(vscode: VSCode) -> list[str]:
    """The words of the status bar."""
    return [item["label"] for item in vscode.look()["status"]]


def test_with_the_editors_own_list_of_words(edit: Edit) -> None:
    """Under VS Code's default, whose list would open at each word, ghost text still comes."""
    vscode = edit("written_before = 1\ndef usual(a, b):\n    |\n", "return written_before + a")
    vscode.configure(QUICK_SUGGESTIONS, value=None)
    vscode.enter("return wri")
    vscode.wait_for_ghost("tten_before + a")
    assert vscode.look()["menu"] == []
    vscode.accept()
    assert vscode.text().endswith("    return written_before + a\n")
    vscode.configure(QUICK_SUGGESTIONS, value=False)


def test_automatic_brackets_are_not_doubled(edit: Edit) -> None:
    """The bracket that VS Code has closed already is taken into account."""
    vscode = edit("total = |\n", "add(a, b)")
    vscode.enter("add(")
    wait_until(vscode.ghost, "ghost text", vscode.text)
    vscode.accept()
    assert vscode.text() == "total = add(a, b)\n"
