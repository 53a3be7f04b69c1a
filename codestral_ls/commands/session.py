"""A client for one server process over stdio, as small as an editor's can be."""

import json
import sys
from collections import deque
from collections.abc import Mapping
from typing import IO, Any

import anyio
from anyio.abc import Process

from codestral_ls.lsp.framing import Framer


class ServerGone(RuntimeError):
    """The server has ended before it answered."""


class Session:
    """Requests and notifications to a child process; `messages` are what it told the user."""

    def __init__(self, process: Process) -> None:
        self.messages: list[str] = []
        self._process = process
        self._framer = Framer()
        self._inbox: deque[dict[str, Any]] = deque()
        self._last_id = 0

    async def request(self, method: str, params: object) -> Any:  # noqa: ANN401 - JSON
        """Sends a request and waits for its result; an error counts as no result.

        Raises:
            ServerGone: there will be no answer.
        """
        self._last_id += 1
        await self._send({"id": self._last_id, "method": method, "params": params})
        while True:
            message = await self._receive()
            if message.get("method") == "window/showMessage":
                self.messages.append(message["params"]["message"])
            elif message.get("id") == self._last_id and "method" not in message:
                return message.get("result")

    async def notify(self, method: str, params: object) -> None:
        """Sends a notification."""
        await self._send({"method": method, "params": params})

    async def leave(self) -> int:
        """Ends the session as the protocol wants it; returns the server's exit status."""
        await self.request("shutdown", None)
        await self.notify("exit", None)
        return await self._process.wait()

    async def _send(self, message: Mapping[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = self._process.stdin
        if stdin is None:
            raise ServerGone
        try:
            await stdin.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise ServerGone from None

    async def _receive(self) -> dict[str, Any]:
        stdout = self._process.stdout
        while not self._inbox:
            if stdout is None:
                raise ServerGone
            try:
                data = await stdout.receive()
            except anyio.EndOfStream:
                raise ServerGone from None
            self._inbox.extend(json.loads(body) for body in self._framer.feed(data))
        return self._inbox.popleft()


async def start_server(environ: Mapping[str, str], log: IO[bytes]) -> Process:
    """Starts the server of this very installation; what it shows is not counted as usage.

    What it writes to its standard error goes to the `log`.
    """
    command = [sys.executable, "-m", "codestral_ls", "serve"]
    environ = {**environ, "CODESTRAL_LS_STATS": "false"}
    return await anyio.open_process(command, stderr=log, env=environ)
