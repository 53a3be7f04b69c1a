"""A world for the doctor: the vendors' hosts behind a proxy, and a machine without editors.

The hosts have their real names and certificates for them; what answers is an endpoint of ours.
"""

import asyncio
import http.server
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import trustme

ROOT = Path(__file__).parent.parent
API, CODESTRAL = "api.mistral.ai", "codestral.mistral.ai"
KEY = "test-key-0000"


class Gate:
    """A proxy that leads to servers by the names of the hosts that are asked for.

    `head` is sent in the place of a connection, and `silent` takes requests and says nothing.
    """

    def __init__(self, authority: trustme.CA, ports: Mapping[str, int]) -> None:
        self.url = ""
        self.head = b""
        self.silent = False
        self.names: Mapping[str, str] = {}
        """For whom a host shows a certificate, if not for itself."""
        self.asked: list[str] = []
        self._authority = authority
        self._ports = ports
        self._over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to the proxy."""
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            host = request.split()[1].decode().partition(":")[0]
            self.asked.append(host)
            if self.silent:
                await self._over.wait()
            elif self.head:
                writer.write(self.head)
                await writer.drain()
            else:
                await self._lead(host, reader, writer)
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _lead(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(self.names.get(host, host)).configure_cert(context)
        await writer.start_tls(context)
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._ports[host])
        await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer))

    def end(self) -> None:
        """Lets go of what is held."""
        self._over.set()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()


@contextmanager
def in_thread(gate: Gate) -> Iterator[Gate]:
    """The gate, open for as long as the block lasts."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
        gate.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()
        gate.end()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=[run()], name="gate")
    thread.start()
    loop, stop = started.result()
    try:
        yield gate
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class Report(NamedTuple):
    """What the command has said in JSON."""

    status: int
    checks: dict[str, dict[str, Any]]
    editors: list[dict[str, Any]]
    output: str

    @property
    def failures(self) -> list[str]:
        return [name for name, check in self.checks.items() if check["state"] == "failed"]

    def only_failure(self, name: str) -> tuple[str, str]:
        """What was found and advised by the one check that has failed."""
        assert self.status == 1, self.output
        assert self.failures == [name], self.output
        check = self.checks[name]
        assert check["advice"], self.output
        return check["found"], check["advice"]


class Machine:
    """A machine with a home and a folder of its own, and no editors but those put on its PATH."""

    def __init__(self, place: Path) -> None:
        self.home, self.folder, self.programs = place / "home", place / "w", place / "bin"
        for each in (self.home, self.folder, self.programs):
            each.mkdir()
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(self.programs),
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.home),
            "COLUMNS": "200",
        }

    def program(self, name: str, script: str) -> Path:
        """Puts a program on the PATH."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs the command as a user runs it."""
        return subprocess.run(
            [sys.executable, "-m", "codestral_ls", "doctor", *arguments],
            env={**self.environ, **environ},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=50,
            check=False,
        )

    def report(self, **environ: str) -> Report:
        """What the command finds; it says nothing but that."""
        done = self.run("--json", **environ)
        assert done.stderr == ""
        told = json.loads(done.stdout)
        assert told["ok"] is (done.returncode == 0)
        checks = {check["name"]: check for check in told["checks"]}
        return Report(done.returncode, checks, told["editors"], done.stdout)


class Server(http.server.ThreadingHTTPServer):
    """A server of somebody else: `replies` are statuses and JSON by path."""

    def __init__(self, replies: Mapping[str, tuple[int, object]]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.replies = replies
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers what the server was told to answer."""

    server: Server

    def do_GET(self) -> None:
        """Answers, whatever the method."""
        self.rfile.read(int(self.headers.get("content-length", "0")))
        status, value = self.server.replies.get(self.path, (404, {"detail": "Not Found"}))
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def answering(replies: Mapping[str, tuple[int, object]]) -> Iterator[str]:
    """The address of a server that answers so."""
    with Server(replies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
