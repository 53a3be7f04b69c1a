"""What a VS Code of the tests finds around it: a server, a model, a folder with a history."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.editors.neovim import wait_until
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.install import REPOSITORY
from tests.fim_endpoint import DEFAULT, Endpoint
from tests.parts import find_program, require

KEY = "test-key-0000"
OTHER_KEY = "other-key-1111"
BEHAVIOUR = replace(DEFAULT, keys=frozenset({KEY, OTHER_KEY}))

QUICK_SUGGESTIONS = "editor.quickSuggestions"
COMMITTED = "committed.py"


def environment(home: Path, model: Endpoint) -> dict[str, str]:
    """For the server: it is found on PATH as after an installation, and told whom to ask."""
    return {
        "PATH": os.pathsep.join([str(put_on_path(home / "bin")), os.environ["PATH"]]),
        "CODESTRAL_LS_ENDPOINT": model.url,
        "CODESTRAL_LS_STATE": str(home / "state"),
        "CODESTRAL_LS_DEBOUNCE_MS": "0",
        "CODESTRAL_LS_MAX_TOKENS": "77",
        "CODESTRAL_LS_TIMEOUT_MS": "1500",
        "MISTRAL_API_KEY": KEY,
    }


def make_repository(folder: Path) -> None:
    """Puts a file into the folder and commits it."""
    git = require(lambda: find_program("GIT", "git", "install git"))
    (folder / COMMITTED).write_text("def committed():\n    pass\n")
    identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    for command in (("init",), ("add", COMMITTED), (*identity, "commit", "--message=first")):
        subprocess.run((git, *command), cwd=folder, check=True, capture_output=True)


def put_on_path(folder: Path) -> Path:
    """A folder with a program `codestral-ls` that runs this repository's."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "codestral-ls"
    program.write_text(
        "#!/bin/sh\n"
        f"export PYTHONPATH='{REPOSITORY}'\n"
        f"exec '{sys.executable}' -m codestral_ls \"$@\"\n"
    )
    program.chmod(0o755)
    return folder


def wait_until_alive(vscode: VSCode) -> None:
    """Waits until the server gives ghost text, asking for it again and again."""
    path = vscode.folder / "alive.py"
    path.write_text("def alive():\n    \n")
    vscode.open(path, 1, 4)

    def is_alive() -> bool:
        vscode.execute("editor.action.inlineSuggest.trigger")
        return bool(vscode.ghost())

    wait_until(is_alive, "the first ghost text", lambda: str(vscode.look()), timeout=30)
    vscode.tidy()


def continuing(answer: str) -> Callable[[str, str], str]:
    """A model that wants this text, and goes on wherever in it the prompt ends."""

    def rest(prompt: str, _suffix: str) -> str:
        typed = (answer[:size] for size in range(len(answer), -1, -1))
        return answer.removeprefix(next(head for head in typed if prompt.endswith(head)))

    return rest
