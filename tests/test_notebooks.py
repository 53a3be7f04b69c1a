"""Notebooks: cells that come, go and move, and what the model is shown around the cursor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from codestral_ls.model import Prompt
from tests.lsp_client import (
    CANCELLED,
    GHOST,
    Session,
    code,
    ghost_params,
    session,
    turns,
    within,
)
from tests.lsp_model import Model
from tests.notebook import (
    MARKUP,
    NOTEBOOK,
    WITH_NOTEBOOKS,
    cell,
    cell_of,
    change_notebook,
    close_notebook,
    open_notebook,
    rearrange,
    text_of,
    type_in,
)

CELLS = {"a": "import pandas as pd\n", "b": "frame = pd.", "c": "frame.plot()\n\n"}


@asynccontextmanager
async def in_notebook(**settings: Any) -> AsyncIterator[Session]:
    """A session of a client that knows notebooks."""
    async with session(Model("read_csv()"), context="file", **settings) as client:
        await client.initialize(capabilities=WITH_NOTEBOOKS)
        yield client


async def prompt_in(client: Session, name: str, line: int, character: int) -> Prompt:
    """What the model is asked at a place in a cell."""
    before = len(client.model.prompts)
    await client.server.view.denial(cell(name))
    assert await client.ghost(line, character, uri=cell(name))
    assert len(client.model.prompts) == before + 1
    return client.model.prompts[-1]


async def test_notebooks_are_asked_for_where_they_are_known() -> None:
    """All of their cells; other clients hear nothing of it."""
    async with session() as client:
        able = (await client.initialize(capabilities=WITH_NOTEBOOKS))["capabilities"]
        assert able["notebookDocumentSync"] == {
            "notebookSelector": [{"notebook": "*"}],
            "save": True,
        }
    async with session() as client:
        able = (await client.initialize(capabilities=GHOST))["capabilities"]
        assert "notebookDocumentSync" not in able


async def test_a_cell_is_completed_with_the_cells_around_it() -> None:
    """As one program with a blank line between two; the range is in the cell."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        prompt = await prompt_in(client, "b", 0, 11)
        assert prompt.prefix == "import pandas as pd\n\nframe = pd."
        assert prompt.suffix == "\n\nframe.plot()"
        assert prompt.language == "python"
        (item,) = await client.ghost(0, 11, uri=cell("b"))
        place = {"line": 0, "character": 11}
        assert item["range"] == {"start": place, "end": place}
        assert item["command"]["arguments"][0] == cell("b")


async def test_text_between_cells_stands_above_as_comments() -> None:
    """It says what the code is for; below the cursor it would only lead there."""
    async with in_notebook() as client:
        picture = f"![](data:image/png;base64,{'A' * 900})"
        cells = {"t": f"# Sales\n\nby month\n{picture}", "b": "sales = ", "u": "# Costs"}
        open_notebook(client, cells, prose=("t", "u"))
        prompt = await prompt_in(client, "b", 0, 8)
        assert prompt.prefix == "# # Sales\n#\n# by month\n\nsales = "
        assert prompt.suffix == ""


async def test_a_text_is_completed_with_the_texts_around_it() -> None:
    """Code is none."""
    async with in_notebook() as client:
        open_notebook(client, {"t": "# Sales", "b": "x = 1", "u": "These are "}, prose=("t", "u"))
        prompt = await prompt_in(client, "u", 0, 10)
        assert prompt.prefix == "# Sales\n\nThese are "


async def test_cells_of_another_language_are_left_out() -> None:
    """Be it by their language or by a magic word; one that measures Python is Python."""
    async with in_notebook() as client:
        cells = {"s": "%%bash\nls", "m": "%%time\nx = 1", "b": "y = "}
        open_notebook(client, cells)
        rearrange(client, 0, 0, cell_of("q"), opened=[text_of("q", "select 1", "sql")])
        assert (await prompt_in(client, "b", 0, 4)).prefix == "%%time\nx = 1\n\ny = "


async def test_edits_in_every_cell_count() -> None:
    """In the cell itself and in those around it, with any line ends."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        type_in(client, "a", "import os\r\n", 0, 0)
        type_in(client, "b", "x\n", 0, 0)
        prompt = await prompt_in(client, "b", 1, 11)
        assert prompt.prefix == "import os\nimport pandas as pd\n\nx\nframe = pd."


async def test_cells_come_go_and_move() -> None:
    """What counts is how they stand in the end."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        rearrange(client, 1, 0, cell_of("n"), opened=[text_of("n", "new = 1")])
        assert (await prompt_in(client, "b", 0, 11)).prefix.endswith("new = 1\n\nframe = pd.")
        rearrange(client, 0, 1, closed=["a"])
        assert (await prompt_in(client, "b", 0, 11)).prefix == "new = 1\n\nframe = pd."
        rearrange(client, 0, 3, cell_of("c"), cell_of("b"), cell_of("n"))  # moved: nothing opens
        moved = await prompt_in(client, "b", 0, 11)
        assert (moved.prefix, moved.suffix) == ("frame.plot()\n\nframe = pd.", "\n\nnew = 1")
        assert cell("a") not in client.server.documents


async def test_a_cell_that_becomes_text_is_code_no_more() -> None:
    """Told as a new kind, with its text opened anew in another language."""
    async with in_notebook() as client:
        open_notebook(client, {"a": "x = 1", "b": "y = "})
        opened = [text_of("a", "said", "markdown")]
        rearrange(client, 0, 1, cell_of("a", MARKUP), opened=opened, closed=["a"])
        assert (await prompt_in(client, "b", 0, 4)).prefix == "# said\n\ny = "
        rearrange(client, 0, 1, cell_of("a"), opened=[text_of("a", "x = 2")], closed=["a"])
        assert (await prompt_in(client, "b", 0, 4)).prefix == "x = 2\n\ny = "
        change_notebook(client, data=[cell_of("b", MARKUP)])
        client.notify("textDocument/didOpen", {"textDocument": text_of("b", "y = ", "markdown")})
        assert (await prompt_in(client, "b", 0, 4)).prefix == "y = "


async def test_what_is_near_fits_first() -> None:
    """In whole lines; the imports of the first cell are known all the same."""
    async with in_notebook() as client:
        above = {f"a{n}": f"above_{n} = {'1' * 90}" for n in range(99)}
        below = {f"b{n}": f"below_{n} = {'1' * 90}" for n in range(99)}
        open_notebook(client, {"a": "import pandas as pd", **above, "b": "y = ", **below})
        prompt, budget = await prompt_in(client, "b", 0, 4), client.server.engine.budget
        first, _, rest = prompt.prefix.partition("\n")
        assert first == "import pandas as pd"
        assert "above_9 " not in rest
        assert rest.endswith(f"above_98 = {'1' * 90}\n\ny = ")
        assert prompt.suffix.startswith(f"\n\nbelow_0 = {'1' * 90}\n\nbelow_1")
        assert prompt.suffix.endswith("\n")
        assert len(prompt.prefix) <= budget.prefix_chars
        assert len(prompt.suffix) <= budget.suffix_chars


async def test_a_request_is_answered_as_of_a_file() -> None:
    """A newer one in the same cell ends it, and the end of the notebook does."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        await client.server.view.denial(cell("b"))
        client.model.gate.clear()
        first = client.ask(0, 11, uri=cell("b"))
        await turns()
        second = client.ask(0, 11, uri=cell("b"))
        assert code(await within(first)) == CANCELLED
        close_notebook(client, list(CELLS))
        assert code(await within(second)) == CANCELLED
        assert client.server.documents == {}
        assert await client.ghost(0, 11, uri=cell("b")) == []


async def test_what_is_asked_is_told_by_its_place_in_the_cell() -> None:
    """The line that the user sees, below the name of the notebook."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        await prompt_in(client, "b", 0, 11)
        (told,) = await client.request("codestral/explain")
        assert (told["path"], told["line"], told["character"]) == ("study.ipynb", 0, 11)


async def test_a_client_may_tell_of_cells_in_both_ways() -> None:
    """Then they are cells still, and closed with their notebook."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        client.open("frame = pd.", uri=cell("b"))
        client.notify("textDocument/didClose", {"textDocument": {"uri": cell("a")}})
        prompt = await prompt_in(client, "b", 0, 11)
        assert prompt.prefix == "import pandas as pd\n\nframe = pd."


async def test_a_cell_without_a_notebook_stands_alone() -> None:
    """As of clients that tell of documents only."""
    async with in_notebook() as client:
        client.open("x = 1", uri=cell("a"))
        client.open("y = ", uri=cell("b"))
        assert (await prompt_in(client, "b", 0, 4)).prefix == "y = "


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"structure": {"array": {"start": 9, "deleteCount": 9}}},
        {"structure": {"array": {"start": 0, "deleteCount": 0, "cells": [cell_of("ghost")]}}},
        {"structure": {"array": {"start": 3, "deleteCount": 0}, "didClose": [{"uri": "x:y"}]}},
        {"textContent": [{"document": {"uri": "x:y", "version": 1}, "changes": [{"text": ""}]}]},
        {"data": [cell_of("elsewhere", MARKUP)]},
    ],
)
async def test_odd_changes_leave_the_rest_as_it_is(cells: dict[str, Any]) -> None:
    """Whatever a client gets wrong, nobody is shown an error."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        change_notebook(client, **cells)
        change_notebook(client, uri="file:///nowhere.ipynb", **cells)
        close_notebook(client, [], uri="file:///nowhere.ipynb")
        prompt = await prompt_in(client, "b", 0, 11)
        assert prompt.prefix == "import pandas as pd\n\nframe = pd."
        assert client.popups == []


async def test_a_whole_text_may_come_with_a_range_of_null() -> None:
    """As in documents."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        document, change = {"uri": cell("a"), "version": 2}, {"range": None, "text": "import re"}
        change_notebook(client, textContent=[{"document": document, "changes": [change]}])
        assert client.server.documents[cell("a")].text == "import re"


async def test_a_notebook_opened_twice_has_its_later_cells() -> None:
    """Those of before are gone."""
    async with in_notebook() as client:
        open_notebook(client, CELLS)
        open_notebook(client, {"b": "x = "})
        assert set(client.server.documents) == {cell("b")}
        assert (await prompt_in(client, "b", 0, 4)).prefix == "x = "


async def test_saving_a_notebook_is_saving_a_file() -> None:
    """Which may be one that somebody watches."""
    async with in_notebook() as client:
        heard: list[list[str]] = []
        client.server.view.files_changed = lambda uris: heard.append(list(uris))  # type: ignore[method-assign] # a spy
        client.notify("notebookDocument/didSave", {"notebookDocument": {"uri": NOTEBOOK}})
        assert heard == [[NOTEBOOK]]


async def test_menus_have_cells_too() -> None:
    """For clients without ghost text."""
    async with in_notebook(completion="always") as client:
        open_notebook(client, CELLS)
        await client.server.view.denial(cell("b"))
        place = ghost_params(0, 11, uri=cell("b")) | {"context": {"triggerKind": 1}}
        (entry,) = (await client.request("textDocument/completion", place))["items"]
        assert entry["textEdit"]["range"]["start"]["line"] == 0
        assert client.model.prompts[-1].prefix.startswith("import pandas")
