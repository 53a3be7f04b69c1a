"""Notebooks and the code around them: what is in one is shown beside others, as of a file."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.context.workspace import WorkspaceView
from codestral_ls.lsp.cells import Cell, Notebook, comment
from codestral_ls.lsp.documents import Document
from codestral_ls.model import Request, Snapshot, Trigger
from codestral_ls.settings import Settings
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.lsp_process import COMMAND, ServerProcess, call, note
from tests.notebook import WITH_NOTEBOOKS
from tests.test_workspace_view import Index

CODE = "def total_of_orders(orders):\n    return sum(order.price for order in orders)\n"


def notebook_of(texts: Sequence[str], uri: str = "file:///w/study.ipynb") -> Notebook:
    """A notebook with cells of Python."""
    documents: dict[str, Document] = {}
    notebook = Notebook(uri=uri, documents=documents)
    for number, text in enumerate(texts):
        cell = f"cell:{number}"
        documents[cell] = Cell(cell, "python", text, notebook)
    notebook.arrange(list(documents))
    return notebook


def test_a_notebook_is_one_document_to_the_index() -> None:
    """Of the language of most cells; whatever changes in it is an edit of it."""
    notebook = notebook_of(["import os\n", "%%bash\nls", "x = 1"])
    notebook.prose.add("cell:9")
    assert (notebook.language, notebook.text) == ("python", "import os\n\nx = 1")
    assert notebook.line_count == 5
    before = notebook.edits
    notebook.documents["cell:0"].replace("import re")
    notebook.arrange(["cell:2", "cell:0"])
    assert (notebook.edits, notebook.prose) == (before + 1, set())
    assert notebook.text == "x = 1\n\nimport re"
    assert notebook_of([]).language == ""


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("# A\n\nb ", "python", "# # A\n#\n# b"),
        ("A", "rust", "// A"),
        ("A", "html", ""),
        ("\n\n", "python", ""),
        ("x" * 301, "python", ""),
        ("line\n" * 200, "python", "# line\n" * 119 + "# line"),
    ],
)
def test_a_text_becomes_comments(text: str, language: str, expected: str) -> None:
    """Where a language has some; not too many, and no pictures."""
    assert comment(text, language) == expected


async def test_a_cell_is_asked_about_as_a_place_in_its_notebook(tmp_path: Path) -> None:
    """By the path of the file, which is no other file that is open."""
    index, uri = Index(), (tmp_path / "study.ipynb").as_uri()
    view = WorkspaceView(index)  # type: ignore[arg-type]
    view.configure(Settings(), [tmp_path], "snippets")
    view.opened(notebook_of(["x = 1", "y = "], uri))
    view.adopt(uri, ["cell:0", "cell:1"])
    await view.denial("cell:1")
    snapshot = Snapshot(uri="cell:1", language="python", prefix="x = 1\n\ny = ", suffix="")
    await view.ready(Request(snapshot=snapshot, trigger=Trigger.INVOKED, lane="cell:1"))
    (question,) = index.questions
    assert question.path == f"{tmp_path}/study.ipynb"
    assert question.open == ()
    assert index.told[1:] == [("open", uri, "x = 1\n\ny =")]
    view.closed(uri)
    assert index.told[-1] == ("close", uri)
    await view.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serve_in_thread(Behaviour(text="orders)")) as running:
        yield running


def test_code_of_a_notebook_is_shown_beside_a_file(endpoint: Endpoint, tmp_path: Path) -> None:
    """Unless its notebook may not be sent; in a real process, with a real index."""
    (tmp_path / ".codestralignore").write_text("secret.ipynb\n")
    (tmp_path / "other.py").write_text("def other(): ...\n" * 3)
    settings = {"provider": "mistral", "api_key": "test-key-0000", "endpoint": endpoint.url}
    with ServerProcess("serve", command=COMMAND, **settings, debounce_ms="0") as server:
        first = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": WITH_NOTEBOOKS}
        server.send(call(1, "initialize", first))
        server.reply(1)
        server.send(note("initialized", {}))
        secret = CODE.replace("total_of", "hidden_of")
        open_in(server, (tmp_path / "secret.ipynb").as_uri(), secret)
        open_in(server, (tmp_path / "study.ipynb").as_uri(), CODE)
        file = (tmp_path / "main.py").as_uri()
        text = "all = hidden_of_orders(total_of_orders(\n" * 400
        document = {"uri": file, "languageId": "python", "version": 0, "text": text}
        server.send(note("textDocument/didOpen", {"textDocument": document}))
        prompt: Any = ""
        for number in count(2):
            place = {"position": {"line": number * 5, "character": 39}}
            params = {"textDocument": {"uri": file}, **place, "context": {"triggerKind": 1}}
            server.send(call(number, "textDocument/inlineCompletion", params))
            server.reply(number)
            prompt = endpoint.completions[-1].body["prompt"] if endpoint.completions else ""
            if "study.ipynb" in prompt:
                break
        assert "def total_of_orders(orders):" in prompt
        assert not any("def hidden" in str(each.body) for each in endpoint.completions)


def open_in(server: ServerProcess, uri: str, code: str) -> None:
    """Opens a notebook with one cell."""
    cell = f"{uri}#one"
    whole = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1}
    cells = [{"kind": 2, "document": cell}]
    text = {"uri": cell, "languageId": "python", "version": 1, "text": code}
    params = {"notebookDocument": {**whole, "cells": cells}, "cellTextDocuments": [text]}
    server.send(note("notebookDocument/didOpen", params))
