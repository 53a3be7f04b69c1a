"""More than one answer, and less than the whole of one."""

from dataclasses import replace

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.surroundings import BEHAVIOUR
from tests.fim_endpoint import Endpoint

pytestmark = pytest.mark.vscode


def test_other_answers_can_be_looked_at(edit: Edit, endpoint: Endpoint) -> None:
    """Alt+] shows the next answer and Alt+[ the one before; the first one stays the first."""
    vscode = edit("def cycled(a, b):\n    |\n", "return a + b")
    vscode.enter("return ")
    vscode.wait_for_ghost("a + b")
    answers = iter(["a - b", "a * b", "a / b", "a % b", "a @ b"])
    endpoint.behaviour = replace(BEHAVIOUR, text=lambda _prompt, _suffix: next(answers, "b"))
    vscode.press("Alt+]")
    wait_until(lambda: vscode.ghost() not in ("", "a + b"), "another answer", vscode.ghost)
    other = vscode.ghost()
    vscode.press("Alt+[")
    vscode.wait_for_ghost("a + b")
    vscode.press("Alt+]")
    vscode.wait_for_ghost(other)
    vscode.accept()
    assert vscode.text() == f"def cycled(a, b):\n    return {other}\n"


def test_word_by_word(edit: Edit) -> None:
    """Ctrl+Right takes a word; the rest stays, and the statistics know of the part."""
    vscode = edit("def worded(alpha, beta):\n    |\n", "return alpha + beta")
    parts = _counted(vscode, "partly_accepted")
    vscode.enter("re")
    vscode.wait_for_ghost("turn alpha + beta")
    vscode.press("Control+ArrowRight")
    vscode.wait_for_ghost(" alpha + beta")
    vscode.press("Control+ArrowRight")
    vscode.wait_for_ghost("alpha + beta")
    vscode.press("Control+ArrowRight")
    vscode.wait_for_ghost(" + beta")
    assert vscode.text() == "def worded(alpha, beta):\n    return alpha\n"
    wait_until(lambda: _counted(vscode, "partly_accepted") > parts, "the statistics")


def test_words_of_two_units(edit: Edit) -> None:
    """An accepted emoji stands there once, with the rest behind it."""
    vscode = edit("smile|\n", "smile = '😀 b'")
    vscode.enter(" = '")
    wait_until(lambda: vscode.ghost().startswith("😀"), "ghost text", vscode.ghost)
    vscode.press("Control+ArrowRight")
    wait_until(lambda: vscode.caret() == (0, 11), "the caret", lambda: str(vscode.caret()))
    # VS Code asks anew where the caret is put; without ghost text the keys would move it.
    wait_until(lambda: vscode.ghost().startswith(" b"), "the rest", lambda: str(vscode.look()))
    vscode.press("Control+ArrowRight")
    wait_until(lambda: vscode.ghost().startswith("b"), "the other word", vscode.ghost)
    vscode.press("Control+ArrowRight")
    wait_until(lambda: "😀 b" in vscode.text(), "the other word", vscode.text)
    assert vscode.text().count("😀") == 1


def test_line_by_line(edit: Edit) -> None:
    """Our command takes a line, also from the palette, which hides ghost text; the others stay."""
    vscode = edit("def lined(alpha):\n    |\n", "for each in alpha:\n        print(each)")
    vscode.enter("for")
    vscode.wait_for_ghost(" each in alpha:\n        print(each)")
    vscode.choose("Codestral: Accept Next Line of Ghost Text")
    wait_until(lambda: "in alpha:" in vscode.text(), "the line", vscode.text)
    wait_until(lambda: "print(each)" in vscode.ghost(), "the other one", vscode.ghost)
    assert "print(each)" not in vscode.text()


def test_what_is_accepted_is_counted(edit: Edit) -> None:
    """The statistics know of what was shown and of what was accepted."""
    vscode = edit("def counted(a, b):\n    |\n", "return a + b")
    shown, accepted = _counted(vscode, "shown"), _counted(vscode, "accepted")
    vscode.enter("re")
    vscode.wait_for_ghost("turn a + b")
    wait_until(lambda: _counted(vscode, "shown") > shown, "it to be told as shown")
    vscode.accept()
    wait_until(lambda: _counted(vscode, "accepted") == accepted + 1, "it to be told as accepted")


def _counted(vscode: VSCode, what: str) -> int:
    count: int = vscode.execute("codestral.statistics", 1)["total"][what]
    return count


def test_the_list_of_words_and_ghost_text(edit: Edit) -> None:
    """While the list is open, ghost text begins with its selected entry, and goes on behind it."""
    vscode = edit("connection_pool = 1\n|\n", "connection_pool.get()")
    vscode.enter("conn")
    vscode.wait_for_ghost("ection_pool.get()")
    vscode.press("Control+Space")
    wait_until(lambda: vscode.look()["menu"], "the list of words", vscode.text)
    assert vscode.look()["menu"] == ["connection_pool"]
    vscode.wait_for_ghost("ection_pool.get()")
    vscode.accept()
    vscode.wait_for_ghost(".get()")
    assert vscode.text() == "connection_pool = 1\nconnection_pool\n"
    vscode.accept()
    assert vscode.text() == "connection_pool = 1\nconnection_pool.get()\n"
