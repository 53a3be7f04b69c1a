"""Real gateways: processes with an environment of their own, and all that they have written."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.lsp_process import environment

SECONDS = 20.0
"""How long a real process may take for anything."""
KEY = "test-key-0000"
"""The one that the fake endpoint knows."""
PROMPT = "def add(first, second):\n    "


class Reply(NamedTuple):
    """What a gateway has answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, which is a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


def free_port() -> int:
    """A port that nobody listens on; it is known before the process is started that will."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class GatewayProcess:
    """A gateway with a state folder, which may be started again on the same port.

    `settings` are what CODESTRAL_LS_* say, in lower case and without the prefix.
    """

    def __init__(self, state: Path, *arguments: str, **settings: str) -> None:
        self.state = state
        self.port = free_port()
        self.log_file = state / f"stderr-{self.port}.txt"
        self.output_file = state / f"stdout-{self.port}.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self._arguments = arguments
        chosen = {"state": str(state), "provider": "codestral", "api_key": KEY, **settings}
        kept = environment(**chosen)
        self._environ = {name: text for name, text in kept.items() if "proxy" not in name.lower()}

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        """All that it has written to standard error since the first start."""
        return self.log_file.read_text(errors="replace")

    @property
    def output(self) -> str:
        """The same of standard output."""
        return self.output_file.read_text(errors="replace")

    def __enter__(self) -> Self:
        self.begin()
        try:
            self.await_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def begin(self) -> None:
        """Starts it, and does not wait for it."""
        command = [sys.executable, "-m", "codestral_ls", "gateway", "--port", str(self.port)]
        with self.log_file.open("ab") as log, self.output_file.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *self._arguments],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,  # so that its workers end with it, whatever a test does
            )

    def await_ready(self) -> None:
        """Returns as soon as it answers."""
        deadline = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError):
                if self.get("/readyz").status == http.client.OK:
                    return
            assert self.process is not None
            assert self.process.poll() is None, f"it has ended: {self.log}"
            assert time.monotonic() < deadline, f"it never answered: {self.log}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        """Its exit status."""
        assert self.process is not None
        return self.process.wait(SECONDS)

    def terminate(self) -> int:
        """Asks it to end; its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Ends it and its workers at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SECONDS)

    # --- asking it

    def get(self, path: str, **headers: str) -> Reply:
        """Asks for a page, on a connection of its own."""
        return self.request("GET", path, None, headers)

    def post(self, path: str, body: bytes | Mapping[str, object], **headers: str) -> Reply:
        """Sends a body, JSON unless it is bytes already, on a connection of its own."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", path, data, {"content-type": "application/json", **headers})

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        """Asks for anything, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            reply = connection.getresponse()
            fields = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, fields, reply.read())

    def complete(self, prefix: str = PROMPT, *, token: str = "", **fields: object) -> Reply:
        """Asks for a completion."""
        body = {"prefix": prefix, "language": "python", **fields}
        return self.post("/complete", body, **bearer(token))


def bearer(token: str) -> dict[str, str]:
    """The header that says who asks; none without a token."""
    return {"authorization": f"Bearer {token}"} if token else {}


def await_true(condition: Any, what: str) -> None:
    """Returns as soon as a condition holds that another process brings about."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)
