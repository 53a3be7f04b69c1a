"""Keys and settings, and a server that ends."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.neovim import wait_until
from tests.editors.vscode.conftest import Edit
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.surroundings import KEY, OTHER_KEY
from tests.fim_endpoint import Endpoint

pytestmark = pytest.mark.vscode


def test_settings_of_the_environment_and_the_file_hold(edit: Edit, endpoint: Endpoint) -> None:
    """What is not set in VS Code is left to them; what is set there arrives at once."""
    vscode = edit("def settled(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    body = endpoint.completions[-1].body
    assert (body["max_tokens"], body["temperature"], body.get("top_p", 1)) == (77, 0.55, 1)
    vscode.configure("codestral.top_p", value=0.25)
    _enter_until(vscode, endpoint, lambda: _top_p_of_last(endpoint) == 0.25)
    assert endpoint.completions[-1].body["temperature"] == 0.55
    vscode.configure("codestral.top_p", value=None)


def test_a_key_is_set_and_cleared(edit: Edit, endpoint: Endpoint) -> None:
    """The key from the command wins over that of the environment, until it is deleted."""
    vscode = edit("def unlocked(a, b):\n    |\n")
    _set_key(vscode)
    _enter_until(vscode, endpoint, lambda: _key_of_last(endpoint) == OTHER_KEY)
    assert not _is_written(OTHER_KEY, vscode.home / "data")
    _clear_key(vscode)
    _enter_until(vscode, endpoint, lambda: _key_of_last(endpoint) == KEY)
    assert OTHER_KEY not in str(vscode.look()["toasts"])


def test_what_a_server_began_with_is_taken_back(edit: Edit, endpoint: Endpoint) -> None:
    """A setting, and then the key, count no longer, and the same server runs on."""
    vscode = edit("def retracted(a, b):\n    |\n")
    vscode.configure("codestral.top_p", value=0.25)
    _set_key(vscode)
    _enter_until(vscode, endpoint, lambda: _key_of_last(endpoint) == OTHER_KEY)
    _restart(vscode)
    servers = vscode.servers()
    _enter_until(vscode, endpoint, lambda: _top_p_of_last(endpoint) == 0.25)
    assert _key_of_last(endpoint) == OTHER_KEY
    vscode.configure("codestral.top_p", value=None)
    _enter_until(vscode, endpoint, lambda: _top_p_of_last(endpoint) == 1)
    assert _key_of_last(endpoint) == OTHER_KEY
    _clear_key(vscode)
    _enter_until(vscode, endpoint, lambda: _key_of_last(endpoint) == KEY)
    assert vscode.servers() == servers


def test_a_killed_server_is_started_again(edit: Edit) -> None:
    """What is typed meanwhile gets ghost text once it runs, without a message."""
    vscode = edit("def revived(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    vscode.press("Escape")  # or else VS Code shows the rest of it, server or not
    killed = vscode.servers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "starting" in vscode.status()["about"], "its end to be noticed")
    vscode.enter("et")
    vscode.wait_for_ghost("urn a + b")
    assert set(vscode.servers()).isdisjoint(killed)
    assert vscode.look()["toasts"] == []


def test_a_server_is_started_anew_on_demand(edit: Edit) -> None:
    """The old one ends, and the new one gives ghost text."""
    vscode = edit("def renewed(a, b):\n    |\n", "return a + b")
    vscode.enter("r")
    vscode.wait_for_ghost("eturn a + b")
    _restart(vscode)
    vscode.enter("et")
    vscode.wait_for_ghost("urn a + b")


def _restart(vscode: VSCode) -> None:
    former = set(vscode.servers())
    vscode.choose("Codestral: Restart Server")
    wait_until(
        lambda: former and vscode.servers() and former.isdisjoint(vscode.servers()),
        "another server, and the old one to be gone",
        lambda: f"{former} and {vscode.servers()}",
    )


def _set_key(vscode: VSCode) -> None:
    vscode.choose("Codestral: Set API Key")
    wait_until(lambda: vscode.look()["question"], "the question", lambda: str(vscode.look()))
    assert "It is sent to" in vscode.look()["question"]
    vscode.enter(OTHER_KEY, pause=0)
    vscode.press("Enter")
    vscode.focus()


def _clear_key(vscode: VSCode) -> None:
    vscode.choose("Codestral: Clear API Key")
    wait_until(lambda: vscode.look()["toasts"], "a word about it", lambda: str(vscode.look()))
    vscode.focus()


def _is_written(text: str, folder: Path) -> bool:
    """Whether a text stands in a file, such as a log or the settings."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any("Codestral" in path.name for path in files), "the log of the extension"
    return any(text.encode() in path.read_bytes() for path in files)


def _key_of_last(endpoint: Endpoint) -> str:
    return endpoint.completions[-1].header("authorization").removeprefix("Bearer ")


def _top_p_of_last(endpoint: Endpoint) -> float:
    top_p: float = endpoint.completions[-1].body.get("top_p", 1)
    return top_p


def _enter_until(vscode: VSCode, endpoint: Endpoint, condition: Callable[[], bool]) -> None:
    """Types new lines until a request is as it should be: a change takes a moment to arrive."""

    def enter() -> bool:
        asked = len(endpoint.completions)
        vscode.enter("\nx = ")
        wait_until(lambda: len(endpoint.completions) > asked, "a request", vscode.text)
        return condition()

    wait_until(enter, "another request", lambda: str(endpoint.completions[-1]))
