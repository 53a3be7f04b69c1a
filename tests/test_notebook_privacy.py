"""What may be sent of notebooks, and of documents that are no files."""

from pathlib import Path

import pytest

from codestral_ls.context.privacy import UNSENT_SCHEMES, scheme_denial
from tests.lsp_client import Session, editing, session, turns
from tests.lsp_model import Model
from tests.notebook import (
    NOTEBOOK,
    WITH_NOTEBOOKS,
    cell,
    open_notebook,
    rearrange,
)


async def asked(client: Session, uri: str) -> tuple[bool, str]:
    """Whether there is ghost text for a document, and why not."""
    await client.server.view.denial(uri)
    found = await client.ghost(0, 4, uri=uri)
    told = (await client.request("codestral/explain"))[-1]
    assert bool(found) == bool(client.model.prompts)
    return bool(found), told["outcome"] if found else told["detail"]


@pytest.mark.parametrize("synchronized", [True, False])
@pytest.mark.parametrize(
    ("name", "rule", "why"),
    [
        ("study.ipynb", "", ""),
        ("study.ipynb", "*.ipynb\n", "listed in .codestralignore"),
        ("notes/study.ipynb", "notes/\n", "listed in .codestralignore"),
        ("id_rsa", "", "secret file: id_rsa"),
    ],
)
async def test_rules_speak_of_the_notebooks_file(
    tmp_path: Path, name: str, rule: str, why: str, *, synchronized: bool
) -> None:
    """Whether or not the client tells of notebooks as such."""
    (tmp_path / ".codestralignore").write_text(rule)
    uri = (tmp_path / name).as_uri()
    async with session(Model(), context="file") as client:
        await client.initialize(rootUri=tmp_path.as_uri(), capabilities=WITH_NOTEBOOKS)
        if synchronized:
            open_notebook(client, {"a": "x = 1", "b": "y = "}, uri=uri)
        else:
            client.open("y = ", uri=cell("b", uri))
        found, told = await asked(client, cell("b", uri))
        assert (found, told) == ((False, why) if why else (True, "answer"))


async def test_disabled_paths_speak_of_the_notebooks_file(tmp_path: Path) -> None:
    """As of any file."""
    uri = (tmp_path / "study.ipynb").as_uri()
    async with session(Model(), disabled_paths=["*.ipynb"]) as client:
        await client.initialize(rootUri=tmp_path.as_uri(), capabilities=WITH_NOTEBOOKS)
        open_notebook(client, {"b": "y = "}, uri=uri)
        assert await asked(client, cell("b", uri)) == (False, "listed in disabled_paths")


async def test_a_cells_own_name_counts_too(tmp_path: Path) -> None:
    """What clients call their cells is up to them; both names must be allowed."""
    (tmp_path / ".codestralignore").write_text("*.ipynb\n")
    async with session(Model()) as client:
        await client.initialize(rootUri=tmp_path.as_uri(), capabilities=WITH_NOTEBOOKS)
        for notebook, name in (
            ((tmp_path / "a.ipynb").as_uri(), "cells:one"),
            ((tmp_path / "a.py").as_uri(), "cells:/w/id_rsa"),
        ):
            document = {"uri": name, "languageId": "python", "version": 1, "text": "y = "}
            whole = {
                "uri": notebook,
                "notebookType": "other",
                "version": 1,
                "cells": [{"kind": 2, "document": name}],
            }
            params = {"notebookDocument": whole, "cellTextDocuments": [document]}
            client.notify("notebookDocument/didOpen", params)
            found, why = await asked(client, name)
            assert not found
            assert why in {"listed in .codestralignore", "secret file: id_rsa"}
            client.server.view.adopt(notebook, [])


async def test_one_look_is_enough_for_all_cells(tmp_path: Path) -> None:
    """A hundred of them have the same file."""
    uri = (tmp_path / "study.ipynb").as_uri()
    async with session(Model()) as client:
        await client.initialize(rootUri=tmp_path.as_uri(), capabilities=WITH_NOTEBOOKS)
        open_notebook(client, {f"n{n}": "x = 1" for n in range(100)}, uri=uri)
        await client.server.view.denial(uri)
        assert not any(client.server.view.known_denial(cell(f"n{n}", uri)) for n in range(100))


@pytest.mark.parametrize("scheme", sorted(UNSENT_SCHEMES))
async def test_what_nobody_writes_is_not_sent(scheme: str) -> None:
    """Output, settings and old versions: the reason says which."""
    uri = f"{scheme}:/project/sample.py"
    async with editing("", Model()) as client:
        client.open("y = ", uri=uri)
        found, why = await asked(client, uri)
        assert not found
        assert why.startswith(f"{scheme}: names ")
        await turns()
        assert any(why in each for each in client.said("window/logMessage"))


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "untitled:/project/new.py",
        "vscode-remote://ssh-remote%2Bhost/project/a.py",
        "vscode-vfs://github/owner/name/a.py",
        "memfs:/a.py",
        "vscode-interactive-input:/InteractiveInput-1",
        "inmemory://model/1",
        "buffer://3",
        NOTEBOOK,
    ],
)
async def test_documents_of_all_other_schemes_are_completed(uri: str) -> None:
    """Files of other machines, and what is not saved yet."""
    async with editing("", Model(), context="file") as client:
        client.open("y = ", uri=uri)
        assert await asked(client, uri) == (True, "answer")
        assert scheme_denial(uri) == ""


async def test_cells_that_leave_their_notebook_are_gone() -> None:
    """Also where the client does not say that their texts are closed."""
    async with session(Model(), context="file") as client:
        await client.initialize(capabilities=WITH_NOTEBOOKS)
        open_notebook(client, {"a": "x = 1", "b": "y = "})
        rearrange(client, 0, 1)
        assert set(client.server.documents) == {cell("b")}
