"""A server and its models, shared where a test leaves no trace in them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.llama_cpp.model import FILE_MARKS, MARKS, Script, write_model
from tests.llama_cpp.server import Llama, Serve, find_llama, serving, starting
from tests.parts import require

HALF = ("return", " n", " //", " 2", "\n")
SCRIPTS = {
    "half": Script(pieces=HALF, marks=MARKS),
    "half, files": Script(pieces=HALF, marks={**MARKS, **FILE_MARKS}),
    "half, no marks": Script(pieces=HALF, marks={}),
    # A quarter of a second or more to load.
    "half, slow": Script(pieces=HALF, marks=MARKS, fillers=100_000),
    # Some milliseconds to generate a token.
    "endless": Script(pieces=(" and", " so", " on"), end=False, marks=MARKS, fillers=200_000),
}


@pytest.fixture(scope="session")
def binary() -> str:
    """The path of a server; without one the test is skipped, or fails where it must not be."""
    return require(find_llama)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the file of a model by the name of its script; it is made when first asked for."""
    folder = tmp_path_factory.mktemp("models")

    @cache
    def made(name: str) -> Path:
        path = folder / f"{name}.gguf"
        write_model(path, SCRIPTS[name])
        return path

    return made


@pytest.fixture(scope="session")
def serve(binary: str, model: Callable[[str], Path]) -> Serve:
    """Starts a server: `serve(name of the model, further options, port=...)`."""

    def begin(name: str, *options: str, **more: Any) -> AbstractContextManager[Llama]:
        return serving(binary, model(name), *options, **more)

    return begin


@pytest.fixture(scope="session")
def start(binary: str, model: Callable[[str], Path]) -> Serve:
    """The same for a server that may still be reading its model."""

    def begin(name: str, *options: str, **more: Any) -> AbstractContextManager[Llama]:
        return starting(binary, model(name), *options, **more)

    return begin


@pytest.fixture(scope="session")
def llama(serve: Serve) -> Iterator[Llama]:
    """A server whose model completes `return n // 2`, whatever it is asked."""
    with serve("half") as llama:
        yield llama


@pytest.fixture(scope="session")
def endless(serve: Serve) -> Iterator[Llama]:
    """A server whose model never comes to an end: 4096 tokens take it ten seconds or more."""
    with serve("endless") as llama:
        yield llama
