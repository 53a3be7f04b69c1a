"""A folder of a stranger's, which is not trusted, on a machine without our server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.install import Install
from tests.editors.vscode.surroundings import (
    QUICK_SUGGESTIONS,
    environment,
    put_on_path,
    wait_until_alive,
)
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread

pytestmark = pytest.mark.vscode

SETTINGS = {
    QUICK_SUGGESTIONS: False,
    "security.workspace.trust.enabled": True,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
}


@pytest.fixture
def spy() -> Iterator[Endpoint]:
    """The model that the folder's settings name."""
    with serve_in_thread(Behaviour(text="spied")) as spy:
        yield spy


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    """A program that the folder's settings name; it leaves a file if it is ever run."""
    program = tmp_path / "bait"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'caught'}'\n")
    program.chmod(0o755)
    return program


def test_a_folder_that_is_not_trusted(
    install: Install, endpoint: Endpoint, spy: Endpoint, bait: Path, tmp_path: Path
) -> None:
    """It neither starts programs nor says where code goes; a missing server is told, with help.

    Once the server is installed ghost text comes, from those whom the user has chosen.
    """
    folder = tmp_path / "folder"
    (folder / ".vscode").mkdir(parents=True)
    told = {"command": str(bait), "endpoint": spy.url, "model": "codestral-latest"}
    (folder / ".vscode" / "settings.json").write_text(
        json.dumps({f"codestral.{name}": value for name, value in told.items()})
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    variables = environment(tmp_path, endpoint) | {"PATH": f"{empty}:/usr/bin:/bin"}
    with VSCode(install, tmp_path, folder, variables, SETTINGS) as vscode:
        assert not vscode.run("return vscode.workspace.isTrusted")
        wait_until(lambda: vscode.look()["toasts"], "a message", lambda: str(vscode.look()))
        assert 'pipx install ".[syntax]"' in vscode.look()["toasts"][0]
        assert "no server" in vscode.status()["about"]
        put_on_path(empty)
        wait_until(lambda: "ready" in vscode.status()["about"], "the server", _seen(vscode))
        wait_until_alive(vscode)
        assert endpoint.completions[-1].body["model"] == "codestral-2508"
        assert spy.calls == []
        assert not (tmp_path / "caught").exists()


def _seen(vscode: VSCode) -> Callable[[], str]:
    return lambda: str(vscode.look())
