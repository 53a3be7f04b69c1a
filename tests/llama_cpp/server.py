"""A real llama.cpp server as a child process on a port of its own."""

import importlib.util
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from tests.parts import MissingPartError, find_program

SECONDS = 20.0
"""How long anything may take; to start takes a tenth of a second."""
MODEL = "scripted"
"""What a server calls whatever model it has."""
FRUGAL = ("--threads", "1", "--threads-http", "4", "--poll", "0", "--no-ui", "--offline")
NOWHERE = 0


def find_llama() -> str:
    """The path of a server: LLAMA_SERVER, or llama-server on PATH."""
    remedy = "set LLAMA_SERVER to a server of llama.cpp; `.ci/fetch-llama DEST` gets one"
    path = find_program("LLAMA_SERVER", "llama-server", remedy)
    if importlib.util.find_spec("gguf") is None:
        raise MissingPartError("no package gguf here, which makes models: install `.[dev]`")
    return path


class Llama:
    """A server that is running."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.port = port
        self._process = process
        self._log = log
        self._http = httpx.Client(timeout=SECONDS, trust_env=False)

    @property
    def url(self) -> str:
        return url_of(self.port)

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text("utf-8", "replace")

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Sends a request as it is, past the client that the tests are about."""
        return self._http.post(self.url + path, json=body)

    def get(self, path: str) -> httpx.Response:
        return self._http.get(self.url + path)

    def slot(self) -> dict[str, Any]:
        """What the one slot does at this moment."""
        (slot,) = self.get("/slots").json()
        return dict(slot)

    def read_and_written(self) -> list[int]:
        """For each call that has ended the tokens of its prompt and of what was generated."""
        return [int(count) for count in re.findall(r"stop processing: n_tokens = (\d+)", self.log)]

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Asks again and again; fails with the end of the log."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self._process.poll() is None, f"the server has ended: {self.log[-2000:]}"
            assert time.monotonic() < deadline, f"no sign of {what}: {self.log[-2000:]}"
            time.sleep(0.002)

    def wait_until_listening(self) -> None:
        """Waits until the socket is there, by which time the model is still being read.

        A port that was not chosen is known later, when the log tells it.
        """
        self.wait_until(self._is_listening, "a socket")

    def wait_until_loaded(self) -> None:
        """Waits until the model is there."""
        self.wait_until(lambda: self.get("/health").status_code == HTTPStatus.OK, "the model")

    def kill(self) -> None:
        """Kills it on the spot."""
        self._http.close()
        self._process.kill()
        self._process.wait(SECONDS)

    def _is_listening(self) -> bool:
        if self.port == NOWHERE:
            told = re.search(r"listening on http://[\d.]+:(\d+)", self.log)
            self.port = int(told[1]) if told else NOWHERE
            return bool(told)
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def starting(
    binary: str, model: Path, *options: str, port: int = NOWHERE, context: int = 8192
) -> Iterator[Llama]:
    """A server that listens, but may still be reading its model; for one call at a time."""
    log = model.parent / f"{time.monotonic_ns()}.log"
    command = [binary, "--model", str(model), "--alias", MODEL, "--host", "127.0.0.1"]
    command += ["--port", str(port), "--ctx-size", str(context), "--parallel", "1"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, *FRUGAL, *options],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    llama = Llama(process, log, port)
    try:
        llama.wait_until_listening()
        yield llama
    finally:
        llama.kill()


@contextmanager
def serving(
    binary: str, model: Path, *options: str, port: int = NOWHERE, context: int = 8192
) -> Iterator[Llama]:
    """A server that answers."""
    with starting(binary, model, *options, port=port, context=context) as llama:
        llama.wait_until_loaded()
        yield llama


Serve = Callable[..., AbstractContextManager[Llama]]
"""Starts a server: `serve(name of the model, further options, port=..., context=...)`."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_of(port: int) -> str:
    """The address of a server that listens there, now or later."""
    return f"http://127.0.0.1:{port}"
