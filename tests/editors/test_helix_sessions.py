"""A real Helix with other servers, with a configuration, in trouble, and at its end."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.helix import REPOSITORY, put_command
from tests.editors.helix_session import started
from tests.editors.neovim import wait_until
from tests.fim_endpoint import Behaviour, Endpoint, Reply, serve_in_thread

pytestmark = pytest.mark.helix

OTHER_SERVER = Path(__file__).with_name("slow_server.py")
OTHER_ENTRY = "from_another_server"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model to talk to."""
    with serve_in_thread() as endpoint:
        yield endpoint


def test_enter_can_be_made_to_ask_too(endpoint: Endpoint, tmp_path: Path) -> None:
    """With the lines for it, and still ends a line where no entry is selected."""
    settings = tmp_path / ".config" / "helix"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_bytes((REPOSITORY / "editors/helix/config.toml").read_bytes())
    endpoint.behaviour = Behaviour(text="print(x)")
    with started(tmp_path, endpoint, "x = 1\n") as helix:
        helix.press("A<Enter>")
        helix.wait_for_entries("print(x)")
        helix.press("<Enter>")
        wait_until(lambda: "sel  3:1" in helix.screen(), "the third line", helix.screen)
        helix.wait_for_entries("print(x)")
        helix.accept()
        assert helix.saved() == "x = 1\n\nprint(x)\n"


def test_other_servers_are_heard(endpoint: Endpoint, tmp_path: Path) -> None:
    """A slow one's entries come below ours, and also if there is none of ours."""
    put_command(tmp_path / "bin" / "pylsp", [sys.executable, str(OTHER_SERVER)])
    endpoint.behaviour = Behaviour(text="print(a)")
    with started(tmp_path, endpoint) as helix:
        helix.press("i(")
        wait_until(lambda: OTHER_ENTRY in helix.screen(), "its entry", helix.screen)
        assert helix.entries() == ["print(a)"]
        assert helix.screen().index("print(a)") < helix.screen().index(OTHER_ENTRY)
        helix.accept()
        assert helix.saved() == "(print(a))\n"
        endpoint.behaviour = Behaviour(text="")
        helix.press("ggOlen(")
        wait_until(lambda: OTHER_ENTRY in helix.screen(), "its entry", helix.screen)
        assert helix.entries() == []


def test_others_are_left_alone_behind_a_blank_that_is_no_trigger(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """As the setting says; without it one blank asks them all."""
    put_command(tmp_path / "bin" / "pylsp", [sys.executable, str(OTHER_SERVER)])
    endpoint.behaviour = Behaviour(text="1")
    with started(tmp_path, endpoint, CODESTRAL_LS_MENU_TRIGGERS=json.dumps(["="])) as helix:
        helix.press("ix =")
        wait_until(lambda: OTHER_ENTRY in helix.screen(), "its entry", helix.screen)
        helix.press(" ")
        helix.wait_for_line(1, "x =")
        wait_until(lambda: OTHER_ENTRY not in helix.screen(), "the menu to close", helix.screen)
        helix.press("<C-x>")
        helix.wait_for_entries("1")


def test_failing_endpoint_gets_in_nobodys_way(endpoint: Endpoint, tmp_path: Path) -> None:
    """Typing goes on, and there is neither a menu nor a word after the first."""
    endpoint.behaviour = Behaviour(reply=Reply(status=500, body=b"{}"))
    with started(tmp_path, endpoint) as helix:
        helix.press("iif ")
        wait_until(lambda: "500" in helix.screen(), "what failed", helix.screen)
        helix.press("add (a, b): total = 1 + 1")
        helix.wait_for_line(1, "if add (a, b): total = 1 + 1")
        assert helix.entries() == []
        assert "500" not in helix.screen()
        assert helix.saved() == "if add (a, b): total = 1 + 1\n"


def test_quitting_during_a_call_leaves_no_process(endpoint: Endpoint, tmp_path: Path) -> None:
    """The server and what it has started end with the editor, though the model is still busy."""
    endpoint.behaviour = Behaviour(text="return a + b", head_after=60)
    with started(tmp_path, endpoint, "def add(a, b):\n    \n") as helix:
        helix.press("jA")
        endpoint.wait_until(lambda: endpoint.completions != [], timeout=15)
        processes = descendants(helix.pid())
        assert processes
        helix.close()
        wait_until(lambda: not any(map(is_running, processes)), "the server to end", timeout=5)


def descendants(pid: int) -> list[int]:
    """The processes that one has started, and those that they have."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text("utf-8").split()]
    return [each for child in children for each in (child, *descendants(child))]


def is_running(pid: int) -> bool:
    """Whether a process has not ended; a dead one may stay listed until somebody collects it."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False
