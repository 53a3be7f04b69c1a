"""What a user of Emacs sees of the server, and does with it by commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import emacs_session
from tests.editors.emacs import Emacs, lisp
from tests.editors.emacs_session import ADD, Edit, body
from tests.editors.neovim import wait_until

pytestmark = pytest.mark.emacs

endpoint, emacs, edit = emacs_session.endpoint, emacs_session.emacs, emacs_session.edit

STATES = """\
(vconcat (mapcar (lambda (each) (or (plist-get (codestral-ls-client-status each) :state) ""))
                 (codestral-ls-client-all)))
"""
OpenProject = Callable[[str], None]


@pytest.fixture
def open_project(emacs: Emacs, tmp_path: Path) -> Iterator[OpenProject]:
    """Opens a file with a text in a project of its own, which gets a server of its own."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)

    def open_file(text: str) -> None:
        (project / "example.py").write_text(text, "utf-8")
        emacs.open(project / "example.py")

    yield open_file
    emacs.run("(codestral-ls-client-stop codestral-ls-client-current) (kill-buffer)")


def test_the_mode_line_says_how_it_stands(edit: Edit) -> None:
    """Pausing is seen there at once, and so is going on."""
    emacs = edit(ADD, "")
    wait_until(lambda: emacs.state() == "ready", "the server to be ready", emacs.story)
    emacs.wait_for_screen("Python Codestral ElDoc")
    emacs.terminal.press("<C-u>5<M-x>codestral-ls-pause<Enter>")
    emacs.wait_for_screen("Codestral:paused")
    emacs.wait_for_screen("codestral-ls: paused for 5 more minutes")
    emacs.terminal.press("<C-u>0<M-x>codestral-ls-pause<Enter>")
    emacs.wait_for_screen("Python Codestral ElDoc")
    emacs.terminal.press("<M-x>codestral-ls-toggle<Enter>")
    emacs.wait_for_screen("codestral-ls: switched off")
    emacs.terminal.press("<M-x>codestral-ls-status<Enter>")
    emacs.wait_for_screen("Switch ghost text on?")
    emacs.terminal.press("y")
    emacs.wait_for_screen("Python Codestral ElDoc")


def test_pausing_holds_in_all_projects(edit: Edit, open_project: OpenProject) -> None:
    """Each has a server; one that is switched off already is not switched on with the others."""
    emacs = edit(ADD, "")
    open_project("")

    def wait_for(*states: str) -> None:
        wait_until(lambda: emacs.ask(STATES) == list(states), str(states), emacs.story)

    wait_for("ready", "ready")
    emacs.run("(codestral-ls-pause 5)")
    wait_for("paused", "paused")
    emacs.run("(codestral-ls-pause 0)")
    wait_for("ready", "ready")
    first = "(codestral-ls-client-current (car (codestral-ls-client-all)))"
    emacs.run(f'(let ({first}) (codestral-ls-client-execute "codestral.toggle" []))')
    wait_for("paused", "ready")
    emacs.run(
        "(let ((codestral-ls-client-current (cadr (codestral-ls-client-all))))"
        " (codestral-ls-toggle))"
    )
    wait_for("paused", "paused")
    emacs.run("(codestral-ls-toggle)")
    wait_for("ready", "ready")


def test_what_it_did_and_what_it_cost_is_shown(edit: Edit) -> None:
    """Explanation and statistics come into a window of their own, in plain words."""
    emacs = edit(ADD, "turn a + b")
    emacs.enter("re")
    emacs.wait_for_ghost("turn a + b")
    emacs.terminal.press("<M-x>codestral-ls-explain<Enter>")
    emacs.wait_for_screen("10 characters from the model")
    emacs.terminal.press("<M-x>codestral-ls-statistics<Enter>")
    emacs.wait_for_screen("*codestral-ls statistics*")
    assert emacs.holds('(get-buffer-window "*codestral-ls statistics*")')
    emacs.run("(delete-other-windows)")


def test_a_file_cannot_choose_the_program(
    emacs: Emacs, open_project: OpenProject, tmp_path: Path
) -> None:
    """What runs, and where code goes, is the user's alone: local values do not count."""
    emacs.run("(setq enable-local-variables :all)")
    marker = tmp_path / "ran"
    open_project(f'# -*- codestral-ls-program: ("touch" {lisp(marker)}); -*-\n')
    emacs.run("(setq enable-local-variables t)")
    assert not marker.exists()
    for name in ("codestral-ls-program", "codestral-ls-settings", "codestral-ls-key-host"):
        assert emacs.holds(f"(risky-local-variable-p '{name})")


def test_a_server_that_dies_can_be_started_anew(edit: Edit) -> None:
    """It is said once, typing goes on, and the command for it brings ghost text back."""
    emacs = edit(ADD, "turn a + b")
    emacs.run("(kill-process (jsonrpc--process codestral-ls-client-current))")
    emacs.wait_for_screen("codestral-ls-restart")
    emacs.enter("re")
    assert body(emacs) == "def add(a, b):\n    re\n"
    emacs.terminal.press("<M-x>codestral-ls-restart<Enter>")
    emacs.wait_for_ghost("turn a + b")
