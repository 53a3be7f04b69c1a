"""One VS Code for all tests: it takes ten seconds to start."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.editors.picture import find_chromium
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.install import (
    Install,
    find_chromium_and_code_server,
    find_extension,
)
from tests.editors.vscode.surroundings import (
    BEHAVIOUR,
    QUICK_SUGGESTIONS,
    continuing,
    environment,
    make_repository,
    wait_until_alive,
)
from tests.fim_endpoint import Endpoint, serve_in_thread
from tests.parts import require

Edit = Callable[..., VSCode]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives these tests more time: whichever is the first one waits for the window."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def install() -> Install:
    """The parts that a VS Code is made of."""
    code_server = require(find_chromium_and_code_server)
    return Install(code_server, find_chromium(), Path(require(find_extension)))


@pytest.fixture(scope="session")
def model() -> Iterator[Endpoint]:
    """A model for the whole session; a test's own is `endpoint`."""
    with serve_in_thread(BEHAVIOUR) as model:
        yield model


@pytest.fixture(scope="session")
def workbench(
    install: Install, model: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VSCode]:
    """The window that the tests share, when ghost text has been seen in it."""
    home = tmp_path_factory.mktemp("vscode")
    folder = home / "folder"
    folder.mkdir()
    config = home / "xdg-config" / "codestral-ls" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("temperature = 0.55\n")
    make_repository(folder)
    # Its list of words, and the 750 ms after which it opens instead of ghost text, would make much
    # depend on the machine's pace. A test that is about them puts the default back.
    settings = {QUICK_SUGGESTIONS: False}
    with VSCode(install, home, folder, environment(home, model), settings) as vscode:
        wait_until_alive(vscode)
        yield vscode


@pytest.fixture
def endpoint(model: Endpoint) -> Endpoint:
    """The model, well-behaved and with nothing on its mind."""
    model.behaviour = BEHAVIOUR
    model.calls.clear()
    return model


@pytest.fixture
def vscode(workbench: VSCode, endpoint: Endpoint) -> Iterator[VSCode]:
    """The shared window, with nothing open before and after."""
    yield workbench
    endpoint.behaviour = BEHAVIOUR
    workbench.execute("codestral.retry")
    workbench.tidy()


_numbers = itertools.count()


@pytest.fixture
def edit(vscode: VSCode, endpoint: Endpoint) -> Edit:
    """Opens a new file, the caret where `|` stands in the text; and what the model wants."""

    def open_file(text: str, answer: str | None = None, name: str = "file.py") -> VSCode:
        if answer is not None:
            endpoint.behaviour = replace(BEHAVIOUR, text=continuing(answer))
        before, _, after = text.partition("|")
        # A name is used once: nothing that a test before was answered fits here.
        path = vscode.folder / f"{next(_numbers)}" / name
        path.parent.mkdir()
        path.write_bytes((before + after).encode())
        lines = before.replace("\r\n", "\n").split("\n")
        vscode.open(path, len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)
        return vscode

    return open_file
