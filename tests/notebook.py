"""A notebook in a session, as VS Code's client tells of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.lsp_client import GHOST, Session

NOTEBOOK = "file:///project/study.ipynb"
CODE, MARKUP = 2, 1
WITH_NOTEBOOKS = {
    **GHOST,
    "notebookDocument": {"synchronization": {"dynamicRegistration": True}},
}
"""Capabilities of a client that draws ghost text and knows notebooks."""


def cell(name: str, notebook: str = NOTEBOOK) -> str:
    """The URI of a cell, as VS Code makes them up."""
    return f"{notebook.replace('file:', 'vscode-notebook-cell:')}#{name}"


def cell_of(name: str, kind: int = CODE, notebook: str = NOTEBOOK) -> dict[str, Any]:
    """A cell as it stands in its notebook."""
    return {"kind": kind, "document": cell(name, notebook), "metadata": {"tags": []}}


def text_of(
    name: str, text: str, language: str = "python", notebook: str = NOTEBOOK
) -> dict[str, Any]:
    """A cell's text."""
    uri = cell(name, notebook)
    return {"uri": uri, "languageId": language, "version": 1, "text": text}


def open_notebook(
    client: Session, cells: Mapping[str, str], *, prose: Sequence[str] = (), uri: str = NOTEBOOK
) -> None:
    """Opens a notebook with cells of Python, or of text where they are named in `prose`."""
    kinds = {name: MARKUP if name in prose else CODE for name in cells}
    notebook = {
        "uri": uri,
        "notebookType": "jupyter-notebook",
        "version": 0,
        "metadata": {"language_info": {"name": "python"}},
        "cells": [cell_of(name, kind, uri) for name, kind in kinds.items()],
    }
    texts = [
        text_of(name, text, "markdown" if name in prose else "python", uri)
        for name, text in cells.items()
    ]
    params = {"notebookDocument": notebook, "cellTextDocuments": texts}
    client.notify("notebookDocument/didOpen", params)


def change_notebook(client: Session, uri: str = NOTEBOOK, **cells: object) -> None:
    """Tells of a change: `structure`, `data`, `textContent`."""
    document = {"uri": uri, "version": 1}
    params = {"notebookDocument": document, "change": {"cells": cells}}
    client.notify("notebookDocument/didChange", params)


def type_in(client: Session, name: str, text: str, line: int, character: int) -> None:
    """Inserts text into a cell."""
    place = {"line": line, "character": character}
    change = {"range": {"start": place, "end": place}, "text": text}
    document = {"uri": cell(name), "version": 2}
    change_notebook(client, textContent=[{"document": document, "changes": [change]}])


def rearrange(
    client: Session,
    start: int,
    delete: int,
    *cells: Mapping[str, Any],
    opened: Sequence[Mapping[str, Any]] = (),
    closed: Sequence[str] = (),
) -> None:
    """Puts cells in the place of others; `opened` are texts, `closed` names."""
    array = {"start": start, "deleteCount": delete, "cells": list(cells)}
    gone = [{"uri": cell(name)} for name in closed]
    structure = {"array": array, "didOpen": list(opened), "didClose": gone}
    change_notebook(client, structure=structure)


def close_notebook(client: Session, names: Sequence[str], uri: str = NOTEBOOK) -> None:
    """Closes a notebook."""
    cells = [{"uri": cell(name, uri)} for name in names]
    params = {"notebookDocument": {"uri": uri}, "cellTextDocuments": cells}
    client.notify("notebookDocument/didClose", params)
