"""Emacs beside and with other clients, and what it says when something is wrong."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.editors.emacs import README, Emacs, find_emacs, find_packages, lisp
from tests.editors.neovim import wait_until
from tests.editors.picture import draw, draws_pictures
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.parts import require

pytestmark = pytest.mark.emacs

SERVER = [sys.executable, "-m", "codestral_ls"]
PROGRAM = f"(setq codestral-ls-program '{lisp(SERVER)})"
EGLOT = f"""
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(prog-mode . {lisp(SERVER)})))
"""
ADD = "def add(a, b):\n    ‸\n"
SAMPLE = '''\
from shop import Order


def total_open(orders: list[Order]) -> float:
    """What is still to be paid."""
    result = 0.0
    for order in orders:
        if not order.paid:
            ‸
    return result
'''
PICTURE = Path(__file__).parents[2] / "editors" / "emacs" / "ghost-text.png"

LSP_MODE = """\
(add-to-list 'package-directory-list {packages})
(package-initialize)
(with-eval-after-load 'lsp-mode
  (setq lsp-inline-completion-idle-delay 0.1)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '{server})
                    :activation-fn (lambda (&rest _) (derived-mode-p 'prog-mode))
                    :add-on? t
                    :server-id 'codestral-ls)))
(setq lsp-auto-guess-root t)
(require 'lsp-mode)
(add-hook 'python-mode-hook #'lsp)
"""

Start = Callable[..., Emacs]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model to talk to."""
    with serve_in_thread(Behaviour(text="turn a + b")) as endpoint:
        yield endpoint


@pytest.fixture
def start(tmp_path: Path, endpoint: Endpoint) -> Iterator[Start]:
    """Starts an Emacs of its own with a configuration."""
    with ExitStack() as stack:

        def start_emacs(configuration: str, *, lines: int = 24, **environment: str) -> Emacs:
            variables = {
                "CODESTRAL_LS_ENDPOINT": endpoint.url,
                "MISTRAL_API_KEY": "test-key-0000",
                "CODESTRAL_LS_DEBOUNCE_MS": "0",
                **environment,
            }
            emacs = Emacs(require(find_emacs), tmp_path, configuration, variables, lines=lines)
            return stack.enter_context(emacs)

        yield start_emacs


def visit(emacs: Emacs, path: Path) -> None:
    """Opens a file with a function to complete, and puts the cursor into it."""
    path.write_text(ADD.replace("‸", ""), "utf-8")
    emacs.run(f"(find-file {lisp(path)})")
    emacs.run("(goto-char (point-min)) (forward-line) (end-of-line)")
    emacs.press("")


def wait_for_server(emacs: Emacs) -> None:
    """Waits until ghost text can be asked for."""
    ready = "(and codestral-ls--uri (codestral-ls-client-live-p))"
    wait_until(lambda: emacs.holds(ready), "the server", emacs.story, timeout=30)


def test_it_looks_as_in_the_picture(start: Start, tmp_path: Path, endpoint: Endpoint) -> None:
    """Several lines of a shade of their own, behind the cursor and in front of what follows."""
    endpoint.behaviour = Behaviour(text="sult += order.price * order.count")
    emacs = start(f"{README}{PROGRAM}(menu-bar-mode -1)", lines=14)
    path = tmp_path / "orders.py"
    path.write_text(SAMPLE.replace("‸", ""), "utf-8")
    emacs.open(path)
    emacs.go_to("order.paid:\n            ‸")
    emacs.enter("re")
    emacs.wait_for_screen("            result += order.price * order.count\n    return result")
    assert emacs.text() == SAMPLE.replace("‸", "re")
    if draws_pictures():
        draw(emacs.terminal.as_svg("Emacs"), PICTURE)


def test_beside_the_server_that_eglot_has(start: Start, tmp_path: Path) -> None:
    """Eglot goes on with its server; ghost text comes from ours, and both know the text."""
    ruff = [str(Path(sys.executable).with_name("ruff")), "server"]
    emacs = start(
        f"{README}{PROGRAM}(require 'eglot)"
        f"(setq eglot-server-programs '((python-mode . {lisp(ruff)})))"
        "(add-hook 'python-mode-hook #'eglot-ensure)"
    )
    visit(emacs, tmp_path / "example.py")
    wait_for_server(emacs)
    wait_until(lambda: emacs.holds("(eglot-managed-p)"), "Eglot", emacs.story)
    emacs.enter("re")
    emacs.wait_for_ghost("turn a + b")
    emacs.press("<Tab>")
    emacs.enter("\nimport os")
    assert "    return a + b\n" in emacs.text()
    # Eglot's own server sees the same text: ruff finds what is not used in it.
    found = "(vconcat (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))"
    wait_until(
        lambda: any("os" in each for each in emacs.ask(found)), "Eglot's diagnostics", emacs.story
    )


def test_the_plain_entry_of_eglot_completes(start: Start, tmp_path: Path) -> None:
    """With the README's lines for Eglot alone, completion at point inserts the model's text."""
    emacs = start(f"{EGLOT}(add-hook 'python-mode-hook #'eglot-ensure)")
    visit(emacs, tmp_path / "example.py")
    managed = "(and (fboundp 'eglot-managed-p) (eglot-managed-p))"
    wait_until(lambda: emacs.holds(managed), "Eglot", emacs.story, timeout=30)
    emacs.enter("re")
    emacs.terminal.press("<M-C-i>")  # any key after it would cancel the request
    wait_until(lambda: "a + b" in emacs.text(), "the completion", emacs.story)
    assert emacs.text() == "def add(a, b):\n    return a + b\n"


def test_lsp_mode_shows_and_accepts_it(start: Start, tmp_path: Path) -> None:
    """lsp-mode 10 has ghost text itself; the README's lines are all it takes."""
    packages = lisp(require(lambda: str(find_packages())))
    emacs = start(LSP_MODE.format(packages=packages, server=lisp(SERVER)))
    visit(emacs, tmp_path / "example.py")
    wait_until(
        lambda: emacs.holds('(lsp-feature? "textDocument/inlineCompletion")'),
        "lsp-mode",
        emacs.story,
        timeout=40,
    )
    emacs.enter("re")
    emacs.wait_for_screen("    return a + b")
    assert emacs.text() == "def add(a, b):\n    re\n"
    emacs.run("(lsp-inline-completion-accept)")
    assert emacs.text() == "def add(a, b):\n    return a + b\n"


def test_a_failing_endpoint_is_told_once(start: Start, tmp_path: Path, endpoint: Endpoint) -> None:
    """The echo area says what to do, not with every key; the mode line goes on saying it."""
    endpoint.behaviour = Behaviour(keys=frozenset({"another"}))
    emacs = start(f"{README}{PROGRAM}")
    visit(emacs, tmp_path / "example.py")
    wait_for_server(emacs)
    emacs.enter("x")
    emacs.wait_for_screen("Codestral:error")
    for key in "y = 1\nz(":
        emacs.enter(key)
    said = [line for line in emacs.messages().split("\n") if "codestral-ls" in line]
    assert len(said) == 1
    assert "does not accept the API key" in said[0]
    assert emacs.state() == "error"


def test_a_missing_program_is_told_once(start: Start, tmp_path: Path) -> None:
    """Opening files works as ever; the echo area says what to set."""
    emacs = start(f'{README}(setq codestral-ls-program \'("no-such-program"))')
    visit(emacs, tmp_path / "one.py")
    visit(emacs, tmp_path / "two.py")
    emacs.enter("x")
    assert emacs.text().endswith("x\n")
    assert len(re.findall("No program no-such-program", emacs.messages())) == 1


def test_settings_and_the_key_reach_the_server(
    start: Start, tmp_path: Path, endpoint: Endpoint
) -> None:
    """As initialization options, and anew when they change; the key comes from auth-source."""
    (tmp_path / ".authinfo").write_text("machine api.mistral.ai password test-key-0000\n", "utf-8")
    settings = f'(setq codestral-ls-settings \'(:max-tokens 7 :endpoint "{endpoint.url}"))'
    key = '(setq codestral-ls-key-host "api.mistral.ai" auth-sources (list "~/.authinfo"))'
    emacs = start(f"{README}{PROGRAM}{settings}{key}", MISTRAL_API_KEY="", CODESTRAL_LS_ENDPOINT="")
    visit(emacs, tmp_path / "example.py")
    wait_for_server(emacs)
    emacs.enter("re")
    emacs.wait_for_ghost("turn a + b")
    assert endpoint.completions[-1].body["max_tokens"] >= 7
    emacs.run('(setopt codestral-ls-settings \'(:provider "offline" :languages ("python")))')
    wait_until(lambda: emacs.state() == "offline", "the new settings", emacs.story)
    everything = (
        "(mapconcat (lambda (each) (with-current-buffer each (buffer-string))) (buffer-list))"
    )
    assert "test-key-0000" not in emacs.ask(everything)


def test_quitting_during_a_call_leaves_no_process(
    start: Start, tmp_path: Path, endpoint: Endpoint
) -> None:
    """The server and what it has started end with Emacs, though the model is still busy."""
    emacs = start(f"{README}{PROGRAM}")
    visit(emacs, tmp_path / "example.py")
    wait_for_server(emacs)
    endpoint.behaviour = Behaviour(text="return a + b", head_after=60)
    emacs.enter("r")
    endpoint.wait_until(lambda: endpoint.completions != [], timeout=15)
    processes = emacs.descendants()
    assert processes
    emacs.close()
    wait_until(lambda: not any(map(_is_running, processes)), "the server to end", timeout=5)


def test_a_terminal_that_is_closed_ends_emacs_and_the_server(start: Start, tmp_path: Path) -> None:
    """As with a window of a terminal, or a connection that is lost."""
    emacs = start(f"{README}{PROGRAM}")
    visit(emacs, tmp_path / "example.py")
    wait_for_server(emacs)
    processes = [emacs.terminal.pid(), *emacs.descendants()]
    assert len(processes) > 1
    emacs.terminal.close()
    wait_until(lambda: not any(map(_is_running, processes)), "Emacs to end", timeout=10)


def _is_running(pid: int) -> bool:
    # A dead process may stay listed until somebody collects it, in a container for ever.
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False
