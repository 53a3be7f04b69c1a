"""What helps to get along: first steps and the doctor."""

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode

pytestmark = pytest.mark.vscode


def test_first_steps_are_ticked(edit: Edit) -> None:
    """What is done already is ticked when they are opened, and a setting when it is made."""
    vscode = edit("def stepped(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    vscode.choose("Codestral: First Steps")
    _wait_for_steps(vscode, "install", "try")
    vscode.configure("codestral.provider", value="mistral")
    _wait_for_steps(vscode, "install", "model", "try")
    vscode.configure("codestral.provider", value=None)


def _wait_for_steps(vscode: VSCode, *names: str) -> None:
    def ticked() -> list[str]:
        return vscode.look()["steps"]

    wait_until(lambda: ticked() == [*names], f"{names} to be ticked", lambda: str(ticked()))


def test_the_doctor(edit: Edit) -> None:
    """It tells in a terminal what it has looked at, with the settings of the editor."""
    vscode = edit("def healed(a, b):\n    |\n")
    vscode.configure("terminal.integrated.gpuAcceleration", value="off")
    vscode.configure("codestral.debounce_ms", value=4999)
    vscode.choose("Codestral: Run Doctor")

    def told() -> str:
        return vscode.look()["terminal"]

    wait_until(lambda: "Press a key to close" in told(), "its end", told)
    vscode.press("x")
    wait_until(lambda: told() == "", "the terminal to be closed", told)
    vscode.configure("codestral.debounce_ms", value=None)
