"""The time that the server adds between a key and its ghost text.

The endpoint answers at once and there is no debounce: a line is inserted in the middle of the file,
then a completion asked for; from before didChange is written until the reply is parsed. Beside it,
in the same run and in turns, the least that Python can do and pygls with nothing else.

usage: python -m tests.bench.latency [ROUNDS]
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from codestral_ls.lsp.framing import Framer

SIZES = (1_000, 10_000, 100_000)
URI = "file:///bench/file.py"
GHOST = "value = compute(first, second)"


class Client:
    """A blocking client: nothing of its own that could be in the way."""

    def __init__(self, command: list[str], environ: Mapping[str, str]) -> None:
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environ), bufsize=0
        )
        self._framer = Framer()
        self._inbox: list[bytes] = []
        self._last_id = 0
        capabilities = {
            "general": {"positionEncodings": ["utf-32"]},
            "textDocument": {"inlineCompletion": {}},
        }
        self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities}
        )
        self.initialized_ms = (time.perf_counter() - started) * 1000
        self.notify("initialized", {})

    def notify(self, method: str, params: object) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: object) -> object:
        self._last_id += 1
        self._write({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._last_id and "method" not in message:
                return message.get("result")

    def close(self) -> None:
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def rss_mb(self) -> float:
        with open(f"/proc/{self.process.pid}/statm") as statm:  # noqa: PTH123 - a pseudo file
            return int(statm.read().split()[1]) * resource.getpagesize() / 1e6

    def _write(self, message: Mapping[str, object]) -> None:
        body = json.dumps(message).encode()
        data = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        while data:
            data = data[os.write(self.process.stdin.fileno(), data) :]  # type: ignore[union-attr]

    def _read(self) -> dict[str, object]:
        while not self._inbox:
            data = os.read(self.process.stdout.fileno(), 65536)  # type: ignore[union-attr]
            if not data:
                raise SystemExit("a server has died")
            self._inbox.extend(self._framer.feed(data))
        return dict(json.loads(self._inbox.pop(0)))


class Session:
    """A client in a file of so many lines, typing in its middle."""

    def __init__(self, client: Client, lines: int) -> None:
        self._client = client
        self._line, self._version = lines // 2, 0
        text = "".join(f"variable_{number:06} = {number:012}\n" for number in range(lines))
        document = {"uri": URI, "languageId": "python", "version": 0, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def key(self, text: str, character: int) -> None:
        self._version += 1
        at = {"line": self._line, "character": character}
        change = {"range": {"start": at, "end": at}, "text": text}
        params = {
            "textDocument": {"uri": URI, "version": self._version},
            "contentChanges": [change],
        }
        self._client.notify("textDocument/didChange", params)

    def ask(self, character: int) -> None:
        position = {"line": self._line, "character": character}
        document = {"uri": URI}
        params = {"textDocument": document, "position": position, "context": {"triggerKind": 2}}
        items = self._client.request("textDocument/inlineCompletion", params)
        if not items:
            raise SystemExit("no ghost text: the figures would mean nothing")

    def new_line(self, number: int) -> float:
        """A line that was never there before, so nothing is known about it."""
        line = f"new_{number} = \n"
        return timed(partial(self._key_and_ask, line, 0, len(line) - 1))

    def again(self, number: int) -> float:
        return timed(lambda: self.ask(len(f"new_{number} = ")))

    def typed_through(self, number: int) -> float:
        end = len(f"new_{number} = ")
        return timed(partial(self._key_and_ask, GHOST[0], end, end + 1))

    def _key_and_ask(self, text: str, character: int, cursor: int) -> None:
        self.key(text, character)
        self.ask(cursor)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def shown(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered):7.2f} /{ordered[int(len(ordered) * 0.99)]:7.2f}"


@contextmanager
def endpoint_process() -> Iterator[str]:
    """The endpoint in a process of its own: a thread would share this one's interpreter lock."""
    command = [sys.executable, "-m", "tests.fim_endpoint", "--port", "0", "--text", GHOST]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1] if process.stdout else ""
        finally:
            process.terminate()


@contextmanager
def servers(url: str) -> Iterator[dict[str, Client]]:
    environ = {
        **{name: text for name, text in os.environ.items() if "proxy" not in name.lower()},
        "CODESTRAL_LS_ENDPOINT": url,
        "CODESTRAL_LS_DEBOUNCE_MS": "0",
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        "MISTRAL_API_KEY": "test-key-0000",
    }
    commands = {
        "bare asyncio": ["-m", "tests.bench.bare_server", url],
        "codestral-ls": ["-m", "codestral_ls", "serve"],
    }
    clients = {name: Client([sys.executable, *end], environ) for name, end in commands.items()}
    try:
        yield clients
    finally:
        for client in clients.values():
            client.close()


def main(rounds: int) -> None:
    print(f"p50 / p99 in ms, {rounds} rounds\n")
    with endpoint_process() as url:
        columns = "  ".join(f"{name:>16}" for name in ("new line", "again", "typed through"))
        print(f"{'':14} {'lines':>8}  {columns}  {'RSS':>5}")
        for size in SIZES:
            with servers(url) as clients:
                measure(clients, size, rounds)


def measure(clients: dict[str, Client], size: int, rounds: int) -> None:
    """Runs the servers in turns, so that the machine's moods hit them alike."""
    sessions = {name: Session(client, size) for name, client in clients.items()}
    names = ("new_line", "again", "typed_through")
    times: dict[str, dict[str, list[float]]]
    times = {name: {kind: [] for kind in names} for name in sessions}
    for number in range(-20, rounds):
        for name, session in sessions.items():
            for kind in names:
                took = getattr(session, kind)(number + 100_000)
                if number >= 0:
                    times[name][kind].append(took)
    for name, client in clients.items():
        row = "  ".join(shown(times[name][kind]) for kind in names)
        print(f"{name:14} {size:>8}  {row}  {client.rss_mb():5.0f}")
    medians = {name: statistics.median(times[name]["new_line"]) for name in times}
    ratio = medians["codestral-ls"] / medians["bare asyncio"]
    starts = ", ".join(f"{name} {client.initialized_ms:.0f}" for name, client in clients.items())
    print(f"{'':14} ratio {ratio:.2f}; start to initialize reply, ms: {starts}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
