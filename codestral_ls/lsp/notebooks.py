"""Notebooks of a session: which cells there are, and in which order.

Cells are documents among all others; what is asked about one goes the same way as for a file.
Notebooks are heard of from clients that synchronize them. Elsewhere cells are mere documents, each
on its own.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from codestral_ls.languages import identifier_of
from codestral_ls.lsp.cells import Cell, Notebook

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=True
)
"""All cells of all kinds of notebooks: texts between the code say what it is for."""


class Notebooks:
    """The notebooks that are open. `documents` of the server hold the texts of their cells."""

    def __init__(self, server: "CodestralServer") -> None:
        self._server = server
        self._open: dict[str, Notebook] = {}
        self._of_cell: dict[str, Notebook] = {}

    def of_cell(self, uri: str) -> Notebook | None:
        """The notebook that a document is a cell of."""
        return self._of_cell.get(uri)

    def at(self, uri: str) -> Notebook | None:
        """The notebook of this name; its file may be open as a text besides."""
        return self._open.get(uri)

    def did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Takes in a notebook with its cells; opened twice, the later one counts."""
        whole = params.notebook_document
        self._close(whole.uri)
        notebook = Notebook(uri=whole.uri, documents=self._server.documents)
        self._open[whole.uri] = notebook
        self._arrange(notebook, [cell.document for cell in whole.cells], whole.cells)
        self._take_in(notebook, params.cell_text_documents)
        self._server.start(self._server.view.learn_denial(whole.uri))

    def did_change(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Follows cells that come, go and move, and edits in them, in this order."""
        notebook, cells = self._open.get(params.notebook_document.uri), params.change.cells
        if notebook is None or cells is None:
            return
        if cells.structure is not None:
            self._restructure(notebook, cells.structure)
        for cell in cells.data or ():
            _note_kind(notebook, cell)
        for each in cells.text_content or ():
            self._server.follow(each.document.uri, each.changes)

    def did_save(self, params: types.DidSaveNotebookDocumentParams) -> None:
        """As a file that was saved."""
        self._server.view.files_changed([params.notebook_document.uri])

    def did_close(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Forgets a notebook and its cells, and ends what is under way for them."""
        self._close(params.notebook_document.uri)

    def _restructure(
        self, notebook: Notebook, structure: types.NotebookDocumentCellChangeStructure
    ) -> None:
        cells, array = list(notebook.cells), structure.array
        new = array.cells or ()
        cells[array.start : array.start + array.delete_count] = [cell.document for cell in new]
        self._arrange(notebook, cells, new)
        for gone in structure.did_close or ():
            self._server.forget(gone.uri)
        self._take_in(notebook, structure.did_open or ())

    def _arrange(
        self, notebook: Notebook, cells: list[str], told: Iterable[types.NotebookCell]
    ) -> None:
        for uri in {*notebook.cells} - {*cells}:
            if self._of_cell.get(uri) is notebook:  # and not one that has the same cell by now
                self._server.forget(uri)
                del self._of_cell[uri]
        notebook.arrange(cells)
        for cell in told:
            _note_kind(notebook, cell)
        self._of_cell.update(dict.fromkeys(cells, notebook))
        self._server.view.adopt(notebook.uri, cells)

    def _take_in(self, notebook: Notebook, texts: Iterable[types.TextDocumentItem]) -> None:
        for each in texts:
            if each.uri in self._server.documents:  # of a client that tells of cells in both ways
                self._server.forget(each.uri)
            language = identifier_of(each.language_id)
            self._server.take_in(Cell(each.uri, language, each.text, notebook))
        self._server.view.opened(notebook)
        self._server.start(self._server.engine.prepare(notebook.language))

    def _close(self, uri: str) -> None:
        notebook = self._open.pop(uri, None)
        if notebook is not None:
            self._arrange(notebook, [], ())
            self._server.view.closed(uri)
            if text := self._server.documents.get(uri):
                self._server.view.opened(text)


def _note_kind(notebook: Notebook, cell: types.NotebookCell) -> None:
    if cell.kind is types.NotebookCellKind.Markup:
        notebook.prose.add(cell.document)
    else:
        notebook.prose.discard(cell.document)
