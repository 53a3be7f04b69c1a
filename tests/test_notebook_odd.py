"""Notebooks whose clients do what is seldom done: twins, moves under way, thousands of cells."""

from collections.abc import Callable

import pytest

from codestral_ls.lsp import cells
from codestral_ls.lsp.cells import Cell
from codestral_ls.model import Budget, Position
from tests.lsp_client import CANCELLED, Session, code, turns, within
from tests.notebook import (
    CODE,
    NOTEBOOK,
    cell,
    cell_of,
    change_notebook,
    close_notebook,
    open_notebook,
    rearrange,
    text_of,
    type_in,
)
from tests.test_notebook_index import notebook_of
from tests.test_notebooks import CELLS, in_notebook, prompt_in
from tests.test_workspace_view import Index

OTHER = "file:///project/other.ipynb"


def indexed(client: Session) -> Callable[[], str | None]:
    """What the index knows of the file of the notebook, once it is told."""
    index = Index()
    client.server.view.index = index  # type: ignore[assignment] # which needs no process

    def known() -> str | None:
        client.server.view._tell()  # noqa: SLF001 - or 50 ms would have to pass
        told = [each for each in index.told if each[0] != "files" and each[1] == NOTEBOOK]
        return None if not told or told[-1][0] == "close" else told[-1][2]

    return known


async def test_a_move_under_way_leaves_the_answer_to_its_cell() -> None:
    """The text around its cursor is the same, wherever the cell stands by now."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        await client.server.view.denial(cell("b"))
        client.model.gate.clear()
        asked = client.ask(0, 11, uri=cell("b"))
        await turns()
        rearrange(client, 0, 2, cell_of("b"), cell_of("a"))
        client.model.gate.set()
        (item,) = (await within(asked))["result"]
        assert item["insertText"] == "read_csv()"
        assert (await prompt_in(client, "a", 0, 0)).prefix == "frame = pd.\n\n"


async def test_a_cell_that_goes_under_way_takes_its_request_along() -> None:
    """Also if another one of its name comes at once."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        await client.server.view.denial(cell("b"))
        client.model.gate.clear()
        asked = client.ask(0, 11, uri=cell("b"))
        await turns()
        rearrange(client, 1, 1, cell_of("b"), opened=[text_of("b", "new = ")], closed=["b"])
        client.model.gate.set()
        assert code(await within(asked)) == CANCELLED
        assert (await prompt_in(client, "b", 0, 6)).prefix == "import pandas as pd\n\nnew = "


async def test_the_index_knows_the_cells_that_are_left() -> None:
    """Also where one goes that had been changed, so that there are fewer changes than before."""
    async with in_notebook() as client:
        known = indexed(client)
        open_notebook(client, CELLS)
        assert known() == "import pandas as pd\n\nframe = pd.\n\nframe.plot()"
        type_in(client, "c", "# ", 0, 0)
        assert known() == "import pandas as pd\n\nframe = pd.\n\n# frame.plot()"
        rearrange(client, 2, 1, closed=["c"])
        assert known() == "import pandas as pd\n\nframe = pd."
        change_notebook(client, data=[cell_of("a", CODE)])  # it was run
        assert known() == "import pandas as pd\n\nframe = pd."
        close_notebook(client, ["a", "b"])
        assert known() is None


async def test_a_file_may_be_open_as_a_notebook_and_as_a_text() -> None:
    """In either order; the index knows its code as long as it is a notebook."""
    async with in_notebook() as client:
        known = indexed(client)
        open_notebook(client, {"a": "x = 1"})
        client.open('{"cells": []}', uri=NOTEBOOK, language="json")
        assert known() == "x = 1"
        client.notify("textDocument/didClose", {"textDocument": {"uri": NOTEBOOK}})
        assert known() == "x = 1"
        client.open('{"cells": []}', uri=NOTEBOOK, language="json")
        close_notebook(client, ["a"])
        assert known() == '{"cells": []}'
        open_notebook(client, {"a": "x = 2"})
        assert known() == "x = 2"
        assert set(client.server.documents) == {NOTEBOOK, cell("a")}


async def test_two_notebooks_may_name_the_same_cell() -> None:
    """It is that of the later one, and stays with it."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        open_notebook(client, {}, uri=OTHER)
        array = {"start": 0, "deleteCount": 0, "cells": [cell_of("b")]}
        structure = {"array": array, "didOpen": [text_of("b", "y = ")]}
        change_notebook(client, uri=OTHER, structure=structure)
        close_notebook(client, list(CELLS))
        assert set(client.server.documents) == {cell("b")}
        assert (await prompt_in(client, "b", 0, 4)).prefix == "y = "
        close_notebook(client, ["b"], uri=OTHER)
        assert client.server.documents == {}


async def test_a_cell_that_is_named_twice_is_not_beside_itself() -> None:
    """Nor does anything else go wrong, and once it goes it is gone."""
    async with in_notebook() as client:
        open_notebook(client, {"a": "x = 1", "b": "y = "})
        rearrange(client, 2, 0, cell_of("b"), cell_of("b"))
        prompt = await prompt_in(client, "b", 0, 4)
        assert (prompt.prefix, prompt.suffix) == ("x = 1\n\ny = ", "")
        rearrange(client, 1, 3)
        assert set(client.server.documents) == {cell("a")}


async def test_a_cell_that_was_a_document_first_is_one_of_its_notebook_only() -> None:
    """The index would know its text twice, and one of them for ever."""
    async with in_notebook() as client:
        known = indexed(client)
        client.open("old = 1", uri=cell("a"))
        open_notebook(client, {"a": "x = 1"})
        assert known() == "x = 1"
        assert list(client.server.view._documents) == [NOTEBOOK]  # noqa: SLF001 - what it tells of
        client.notify("textDocument/didClose", {"textDocument": {"uri": cell("a")}})
        assert isinstance(client.server.documents[cell("a")], Cell)


def test_a_key_in_one_cell_reads_no_other_cell_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook of thousands the whole text would take longer than the key."""
    notebook = notebook_of([f"# {number}\nx = 1\n" * 20 for number in range(3000)])
    last = notebook.documents["cell:2999"]
    place, budget = Position(line=0, character=0), Budget(prefix_chars=6000, suffix_chars=2000)
    assert last.snapshot(place, budget).lines_before == 2999 * 41
    read: list[str] = []

    def spied(text: str) -> str:
        read.append(text)
        return text

    monkeypatch.setattr(cells, "lf", spied)
    last.replace("y")
    assert last.snapshot(place, budget).lines_before == 2999 * 41
    assert read == ["y"]
