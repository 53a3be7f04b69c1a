"""A language client over the pipes of a server process; it keeps account of every reply."""

import asyncio
import contextlib
import json
import os
import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codestral_ls.lsp.framing import Framer

Json = dict[str, Any]
Take = Callable[[Json], None]
SILENT = frozenset({-32800, -32801, -32802})
"""Errors that no editor shows: cancelled by the client, outdated, cancelled by the server."""
START_SECONDS, END_SECONDS = 60.0, 5.0


@dataclass(slots=True)
class Account:
    """What was wrong, and how a process fared."""

    unanswered: int = 0
    errors: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


class Wire:
    """One server process and the messages to and from it."""

    def __init__(self) -> None:
        self.account = Account()
        self.said: list[str] = []
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]
        self._stopping = False
        self._waiting: dict[int, tuple[str, Take]] = {}
        self._last_id = 0

    async def start(self, command: list[str], environ: Mapping[str, str]) -> None:
        """Starts the server."""
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=environ
        )
        self._reading = asyncio.create_task(self._read())

    def notify(self, method: str, params: object) -> None:
        self._write({"method": method, "params": params})

    def request(self, method: str, params: object, take: Take) -> int:
        """Asks; `take` gets the whole reply."""
        self._last_id += 1
        self._waiting[self._last_id] = (method, take)
        self._write({"id": self._last_id, "method": method, "params": params})
        return self._last_id

    async def ask(self, method: str, params: object, within: float = START_SECONDS) -> Json:
        """Asks and waits."""
        reply: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.request(method, params, reply.set_result)
        return await asyncio.wait_for(reply, within)

    async def settle(self, within: float = END_SECONDS) -> None:
        """Waits until everything is answered; the rest is counted."""
        for _ in range(int(within / 0.05)):
            if not self._waiting:
                return
            await asyncio.sleep(0.05)
        self.account.unanswered += len(self._waiting)
        self._waiting.clear()

    async def stop(self) -> None:
        """Ends the server, as an editor does."""
        await self.settle()
        self._stopping = True
        self._take_stock()
        try:
            await self.ask("shutdown", None, END_SECONDS)
            self.notify("exit", None)
            await asyncio.wait_for(self._process.wait(), END_SECONDS)
        except TimeoutError:
            self.account.errors.append("does not end")
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        with contextlib.suppress(asyncio.CancelledError):
            self._reading.cancel()
            await self._reading

    def _take_stock(self) -> None:
        """CPU time and memory; Linux tells them while the process lives, others not at all."""
        proc = Path(f"/proc/{self._process.pid}")
        with contextlib.suppress(OSError):
            times = (proc / "stat").read_text().rpartition(")")[2].split()[11:13]
            self.account.cpu_seconds = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
            status = (proc / "status").read_text()
            peak = next((line for line in status.split("\n") if line.startswith("VmHWM")), "")
            self.account.peak_mb = int(peak.split()[1]) * 1024 / 1e6 if peak else 0.0
        if not self.account.peak_mb:
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.account.peak_mb = children.ru_maxrss * 1024 / 1e6

    async def _read(self) -> None:
        framer, stdout = Framer(), self._process.stdout
        assert stdout is not None
        while data := await stdout.read(65536):
            for body in framer.feed(data):
                self._take(json.loads(body))
        if not self._stopping:
            self.account.errors.append("the server has ended by itself")

    def _take(self, message: Json) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            self._take_reply(number, message)
        elif number is not None:
            self._answer(number, method, message.get("params") or {})
        elif method in ("window/showMessage", "window/logMessage"):
            self.said.append(str((message.get("params") or {}).get("message", "")))

    def _take_reply(self, number: object, message: Json) -> None:
        if not isinstance(number, int) or number not in self._waiting:
            self.account.errors.append(f"a reply to nothing, or a second one: {number}")
            return
        method, take = self._waiting.pop(number)
        error = message.get("error")
        if ("result" in message) == ("error" in message):
            self.account.errors.append(f"{method}: neither result nor error, or both")
        elif error is not None and error.get("code") not in SILENT:
            self.account.errors.append(f"{method}: {error.get('code')} {error.get('message')}")
        take(message)

    def _answer(self, number: object, method: str, params: Json) -> None:
        """The server's own questions: it is told what an editor without any settings says."""
        nothing = [None] * len(params.get("items", []))
        result = nothing if method == "workspace/configuration" else None
        self._write({"id": number, "result": result})

    def _write(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
