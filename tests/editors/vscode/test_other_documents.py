"""What is no file of code: cells of notebooks get ghost text, views of something do not."""

import json
from pathlib import Path

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.surroundings import COMMITTED, continuing
from tests.fim_endpoint import Behaviour, Endpoint

pytestmark = pytest.mark.vscode

SHOW_NOTEBOOK = """
// Not waited for: the notebook editor takes half a minute on a busy machine when it is new.
vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(args.path), "jupyter-notebook");
"""
SHOW_OLD = """
const query = JSON.stringify({ path: args.path, ref: "HEAD" });
const old = vscode.Uri.file(args.path).with({ scheme: "git", query });
await vscode.window.showTextDocument(old, { preview: false });
return vscode.window.activeTextEditor.document.uri.scheme;
"""


def test_a_cell_of_a_notebook(vscode: VSCode, endpoint: Endpoint) -> None:
    """Ghost text in a cell knows of the cell before."""
    path = vscode.folder / "notebook.ipynb"
    path.write_text(json.dumps(_notebook("import math_tools\n", "value = ")), "utf-8")
    endpoint.behaviour = Behaviour(text=continuing("math_tools.solve(1)"))
    vscode.run(SHOW_NOTEBOOK, path=str(path))
    vscode.click(".notebookOverlay .view-line:has-text('value')")
    wait_until(lambda: vscode.text() == "value = ", "the cell", vscode.text)
    vscode.press("End")
    vscode.enter("m")
    vscode.wait_for_ghost("ath_tools.solve(1)")
    assert "import math_tools" in endpoint.completions[-1].body["prompt"]
    vscode.accept()
    assert vscode.text() == "value = math_tools.solve(1)"


def test_views_of_something(edit: Edit, endpoint: Endpoint) -> None:
    """Nobody is asked in an old version, in a log and in the message of a commit."""
    vscode = edit("def written(a, b):\n    |\n", "return a + b")
    path = vscode.folder / COMMITTED
    wait_until(lambda: _shows_old(vscode, path), "the old version", vscode.text)
    vscode.execute("editor.action.inlineSuggest.trigger")
    vscode.execute("codestral-ls.showLog")
    vscode.execute("editor.action.inlineSuggest.trigger")
    vscode.execute("workbench.scm.focus")
    vscode.enter("ret")
    vscode.execute("workbench.action.closePanel")
    # What was asked before would have come before this.
    vscode.execute("workbench.view.explorer")
    vscode = edit("def real(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    assert ["def real" in call.body["prompt"] for call in endpoint.completions] == [True]


def _shows_old(vscode: VSCode, path: Path) -> bool:
    scheme: str = vscode.run(SHOW_OLD, path=str(path))
    return scheme == "git"


def _notebook(*cells: str) -> dict[str, object]:
    return {
        "cells": [
            {"cell_type": "code", "source": [cell], "metadata": {}, "outputs": []}
            | {"execution_count": None}
            for cell in cells
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
