"""How it stands: the status bar, its menu, and that nothing pops up over the typing."""

from dataclasses import replace

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.surroundings import BEHAVIOUR, QUICK_SUGGESTIONS, continuing
from tests.fim_endpoint import Behaviour, Endpoint, sample

pytestmark = pytest.mark.vscode


def _wait_for_status(vscode: VSCode, *words: str) -> None:
    wait_until(
        lambda: all(word in vscode.status()["about"] for word in words),
        f"{words} in the status bar",
        lambda: str(vscode.status()),
    )


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        (replace(BEHAVIOUR, reply=sample("errors/401-gateway.json")), "does not accept"),
        (replace(BEHAVIOUR, reply=sample("errors/500.json")), "500 "),
    ],
    ids=["401", "500"],
)
def test_failures_stand_in_the_status_bar_alone(
    edit: Edit, endpoint: Endpoint, behaviour: Behaviour, word: str
) -> None:
    """No message pops up; when the model is well again, so is the status."""
    vscode = edit(f"def failing(a, b):  # {word}\n    |\n")
    endpoint.behaviour = behaviour
    vscode.enter("r")
    _wait_for_status(vscode, "error", word)
    assert vscode.look()["toasts"] == []
    endpoint.behaviour = replace(BEHAVIOUR, text="turn a + b")
    vscode.execute("codestral.retry")
    vscode.enter("e")
    vscode.wait_for_ghost("turn a + b")
    _wait_for_status(vscode, "ready")
    assert vscode.look()["toasts"] == []


def test_a_model_that_hangs(edit: Edit, endpoint: Endpoint) -> None:
    """Two answers in a row that do not come within the time are told in the status bar."""
    vscode = edit("def hanging(a, b):\n    |\n")
    endpoint.behaviour = replace(BEHAVIOUR, head_after=20.0)
    for number, key in enumerate("re"):
        vscode.enter(key)
        _wait_for_end(endpoint, number)
    _wait_for_status(vscode, "error", "has not answered within 1.5 s")
    assert vscode.look()["toasts"] == []


def _wait_for_end(endpoint: Endpoint, number: int) -> None:
    endpoint.wait_until(
        lambda: (
            len(endpoint.completions) > number
            and endpoint.completions[number].hung_up_at is not None
        )
    )


def test_an_answer_that_vscode_does_not_wait_for(edit: Edit, endpoint: Endpoint) -> None:
    """VS Code drops what takes longer than 750 ms; a message says so and helps."""
    vscode = edit("def waiting(a, b):\n    |\n")
    vscode.configure(QUICK_SUGGESTIONS, value=None)
    slow = replace(BEHAVIOUR, head_after=1.2)
    endpoint.behaviour = replace(slow, text=continuing("return a + b"))
    vscode.enter("r")
    wait_until(lambda: vscode.look()["toasts"], "a message", lambda: str(vscode.look()))
    assert "750 ms" in vscode.look()["toasts"][0]
    vscode.click(".notification-toast .monaco-button:has-text('Let it wait longer')")
    read = 'return vscode.workspace.getConfiguration("editor").get("quickSuggestions").other'
    wait_until(lambda: vscode.run(read) == "on", "the setting", lambda: str(vscode.run(read)))
    vscode = edit("def patient(a, b):\n    |\n")
    endpoint.behaviour = replace(slow, text=continuing("yield a + b"))
    vscode.enter("y")
    vscode.wait_for_ghost("ield a + b")
    assert vscode.look()["toasts"] == []
    vscode.configure(QUICK_SUGGESTIONS, value=False)


def test_pausing_from_the_menu(edit: Edit, endpoint: Endpoint) -> None:
    """A click on the status bar opens a menu, in which it is paused and resumed; typing goes on."""
    vscode = edit("def paused(a, b):\n    |\n", "return a + b")
    vscode.click(".statusbar-item[id*='codestral-ls.status']")
    vscode.pick("Pause for 5 minutes")
    _wait_for_status(vscode, "paused")
    vscode.enter("ret")
    assert vscode.ghost() == ""
    vscode.click(".statusbar-item[id*='codestral-ls.status']")
    vscode.pick("Resume")
    _wait_for_status(vscode, "ready")
    vscode.enter("u")
    vscode.wait_for_ghost("rn a + b")
    assert len(endpoint.completions) == 1


def test_switching_a_language_off(edit: Edit, endpoint: Endpoint) -> None:
    """No ghost text in that language any more, which the status bar says, until it is on again."""
    vscode = edit("fn silent(a: u8, b: u8) {\n  |\n}\n", "return a + b;", name="file.rs")
    vscode.choose("Codestral: Switch This Language On or Off")
    _wait_for_status(vscode, "rust")
    vscode.enter("ret")
    assert endpoint.completions == []
    vscode.choose("Codestral: Switch This Language On or Off")
    wait_until(lambda: "rust" not in vscode.status()["about"], "the language to be on")
    vscode.enter("u")
    vscode.wait_for_ghost("rn a + b;")
    vscode.configure("codestral.languages", value=None)


def test_explanation_and_statistics(edit: Edit) -> None:
    """Both open in a tab: what became of the last requests, and the figures."""
    vscode = edit("def explained(a, b):\n    |\n", "return a + b")
    vscode.enter("re")
    vscode.wait_for_ghost("turn a + b")
    vscode.choose("Codestral: Explain the Last Completions")
    wait_until(lambda: "characters from the model" in vscode.text(), "it", vscode.text)
    vscode.choose("Codestral: Show Statistics")
    wait_until(lambda: "accepted" in vscode.read_frames(), "the figures", vscode.read_frames)
