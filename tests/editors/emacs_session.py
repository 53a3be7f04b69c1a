"""One Emacs with the README's lines for many tests: fixtures, and questions about it."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.emacs import README, Emacs, find_emacs, lisp
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.parts import require

PROGRAM = f"(setq codestral-ls-program '{lisp([sys.executable, '-m', 'codestral_ls'])})"
ADD = "def add(a, b):\n    ‸\n"
LINES = "total = a + b\n    return total"

RECORDING = """\
(defvar test-sent nil)
(defvar test-hidden 0)
(define-advice jsonrpc-connection-send (:before (_connection &rest message) test)
  (push message test-sent))
(define-advice codestral-ls-ghost-hide (:before () test)
  (when codestral-ls-ghost-visible (setq test-hidden (1+ test-hidden))))
"""
"""Takes down what is sent, and how often ghost text is taken away."""

Edit = Callable[..., Emacs]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """A model to talk to."""
    with serve_in_thread() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def emacs(tmp_path_factory: pytest.TempPathFactory, endpoint: Endpoint) -> Iterator[Emacs]:
    """One Emacs for all tests, which takes a second to start, and so does the server."""
    environment = {
        "CODESTRAL_LS_ENDPOINT": endpoint.url,
        "MISTRAL_API_KEY": "test-key-0000",
        "CODESTRAL_LS_DEBOUNCE_MS": "0",
    }
    home, configuration = tmp_path_factory.mktemp("emacs"), f"{README}{PROGRAM}{RECORDING}"
    with Emacs(require(find_emacs), home, configuration, environment) as emacs:
        yield emacs


@pytest.fixture
def edit(emacs: Emacs, endpoint: Endpoint, tmp_path: Path) -> Iterator[Edit]:
    """Opens a file with a text and the cursor in it, for which the model has an answer.

    So many characters before the cursor are typed.
    """
    number = itertools.count()

    with ExitStack() as stack:

        def open_file(
            marked: str, answer: str, name: str = "example.py", *, typed: int = 0
        ) -> Emacs:
            endpoint.behaviour = Behaviour(text=answer)
            before, _, tail = marked.partition("‸")
            head = before[: len(before) - typed]
            # No two documents are alike, so that none is answered from memory of another.
            first = f"# {tmp_path.name} {next(number)}" + ("\r\n" if "\r\n" in marked else "\n")
            (tmp_path / name).write_bytes(f"{first}{head}{tail}".encode())
            emacs.open(tmp_path / name)
            lines, column = head.count("\n") + 1, len(head.rpartition("\n")[2])
            emacs.run(f"(goto-char (point-min)) (forward-line {lines}) (forward-char {column})")
            emacs.run("(setq test-sent nil test-hidden 0)")
            emacs.press("")
            emacs.enter(before[len(head) :])
            stack.callback(emacs.run, "(set-buffer-modified-p nil) (kill-buffer)")
            return emacs

        yield open_file


def body(emacs: Emacs) -> str:
    """The text below the first line, which tells the files apart."""
    return emacs.text().partition("\n")[2]


def sent(emacs: Emacs, method: str) -> list[Any]:
    """The parameters of what was sent with a method, from first to last."""
    message = '(list :method (format "%s" (plist-get it :method)) :params (plist-get it :params))'
    form = f"(vconcat (mapcar (lambda (it) {message}) (reverse test-sent)))"
    return [each["params"] for each in emacs.ask(form) if each["method"].strip(":") == method]
