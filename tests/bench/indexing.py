"""What it costs to know a workspace: the worker process, the server beside it, and who types.

Two servers are typed into in turns, one with an index and one without, in a document of the
workspace: while the files are read, then in one place, then to and fro between two. The endpoint
answers at once and there is no debounce. What holds the server's loop is told by a ticker in it.

usage: python -m tests.bench.indexing [FOLDER] [ROUNDS]
"""

import asyncio
import json
import os
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from codestral_ls.context.index.client import Workspace
from codestral_ls.context.index.files import File, Tree
from codestral_ls.context.index.spawn import spawn_worker
from codestral_ls.languages import language_of
from tests.bench.latency import Client, endpoint_process, timed

KEY_SECONDS = 0.05
IDLE_SECONDS = 2.0
START_SECONDS = 1.0
"""In which a server imports what it is made of; only then its loop is watched."""
NAMES = {"index": "workspace", "no index": "file"}
"""The servers, and the setting `context` of each."""
TAIL = "\n\ndef added_here(first, second):\n" + "    pass\n" * 20
DOCUMENT_BYTES = (10_000, 60_000)


class Editor(Client):
    """A client that has a folder open."""

    def __init__(self, command: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self._folders = [{"uri": folder.as_uri(), "name": folder.name}]
        super().__init__(command, environ)

    def request(self, method: str, params: Any) -> object:
        if method == "initialize":
            params = {**params, "workspaceFolders": self._folders}
        return super().request(method, params)


class Typist:
    """Types lines into a copy of one of the workspace's files, and asks behind each."""

    def __init__(self, client: Client, original: Path) -> None:
        self._client, self._version = client, 0
        self._uri = original.with_stem(f"{original.stem}_typed").as_uri()
        text = original.read_text("utf-8") + TAIL
        self._last = text.count("\n")
        document = {"uri": self._uri, "languageId": language_of(original.name), "version": 0}
        client.notify("textDocument/didOpen", {"textDocument": {**document, "text": text}})

    def type_line(self, number: int, above_end: int) -> None:
        """One that was never there before, so that nothing is known about it."""
        self._version += 1
        line = self._last - above_end
        text = f"    new_{number} = \n"
        start = {"line": line, "character": 0}
        params = {
            "textDocument": {"uri": self._uri, "version": self._version},
            "contentChanges": [
                {"range": {"start": start, "end": {"line": line + 1, "character": 0}}, "text": text}
            ],
        }
        self._client.notify("textDocument/didChange", params)
        asked = {
            "textDocument": {"uri": self._uri},
            "position": {"line": line, "character": len(text) - 1},
            "context": {"triggerKind": 2},
        }
        if not self._client.request("textDocument/inlineCompletion", asked):
            raise SystemExit("no ghost text: the figures would mean nothing")


Times = dict[str, list[float]]


def type_in_turns(typists: Mapping[str, Typist], number: int, above_end: int, into: Times) -> None:
    for name, typist in typists.items():
        into[name].append(timed(partial(typist.type_line, number, above_end)))


@contextmanager
def servers(folder: Path, scratch: Path, url: str) -> Iterator[dict[str, Client]]:
    environ = {
        **{name: text for name, text in os.environ.items() if "proxy" not in name.lower()},
        "CODESTRAL_LS_ENDPOINT": url,
        "CODESTRAL_LS_DEBOUNCE_MS": "0",
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        "MISTRAL_API_KEY": "test-key-0000",
    }
    command = [sys.executable, "-m", "tests.bench.pulse_server", "serve"]
    with ExitStack() as stack:
        clients: dict[str, Client] = {}
        for name, context in NAMES.items():
            own = {"CODESTRAL_LS_CONTEXT": context, "PULSE_FILE": str(scratch / name)}
            clients[name] = Editor(command, {**environ, **own}, folder)
            stack.callback(clients[name].close)
        yield clients


def measure(folder: Path, scratch: Path, url: str, rounds: int) -> None:
    """Prints all rows about a server."""
    original = document_in(folder)
    started = time.monotonic()
    with servers(folder, scratch, url) as clients:
        typists = {name: Typist(client, original) for name, client in clients.items()}
        phases: dict[str, Times] = {
            phase: {name: [] for name in NAMES} for phase in ("while indexing", "here", "there")
        }
        number = 0
        while not (number and (scratch / "index").exists()):
            type_in_turns(typists, number, 5, phases["while indexing"])
            number += 1
            time.sleep(KEY_SECONDS)
        indexed = time.monotonic()
        worker = worker_of(clients["index"].process.pid)
        print(
            f"indexed after {indexed - started:.1f} s; worker, which only ranks: {figures(worker)}"
        )
        before = cpu_seconds(worker)
        time.sleep(IDLE_SECONDS)
        idle = cpu_seconds(worker) - before
        print(f"worker, while nothing is asked: {idle:.2f} s of {IDLE_SECONDS:.0f} s")
        for phase, lines in (("here", (5, 5)), ("there", (5, 15))):
            for each in range(rounds):
                number += 1
                type_in_turns(typists, number, lines[each % 2], phases[phase])
                time.sleep(KEY_SECONDS / 5)
        print(f"worker after some questions: {figures(worker)}")
        servers_mb = {name: f"{client.rss_mb():.0f} MB" for name, client in clients.items()}
        print(f"servers: {servers_mb}")
    print_typing(phases)
    for name in NAMES:
        print_pulse(name, json.loads((scratch / name).read_text("ascii")), started, indexed)


def print_typing(phases: Mapping[str, Times]) -> None:
    """Prints what typing costs with and without."""
    for phase, times in phases.items():
        for name, each in times.items():
            print_times(f"typing {phase}, {name}", each)
        with_index, without = (statistics.median(times[name]) for name in NAMES)
        print(f"{'':34}ratio of the medians {with_index / without:.2f}")


def print_pulse(name: str, seen: Mapping[str, Any], started: float, indexed: float) -> None:
    """Prints what was seen from within a server."""
    numbers = seen["ticks"]
    ticks = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    during = [each for each in ticks if started + START_SECONDS < each[0] <= indexed]
    print_times(f"loop held meanwhile, {name}", [1000 * worked for _, _, worked in during])
    print_times(f"ticks late meanwhile, {name}", [1000 * late for _, late, _ in during])
    later = [each for each in seen["waits"] if each[0] > indexed]
    if seen["first block"]:
        print_times("wait, block ahead", [1000 * took for _, took, ahead in later if ahead])
        print_times("wait, none ahead", [1000 * took for _, took, ahead in later if not ahead])
        print(f"first block after {seen['first block'] - started:.2f} s")


def print_times(name: str, ms: Sequence[float]) -> None:
    """Prints a row of times."""
    ordered = sorted(ms) or [0.0]
    p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
    middle = statistics.median(ordered)
    print(f"{name:34}{middle:8.2f} p50{p95:8.2f} p95{p99:8.2f} p99{ordered[-1]:8.2f} max, ms")


def document_in(folder: Path) -> Path:
    """The largest file of a usual size, in Python if there is one."""
    found = [each for each in Tree([str(folder)]).walk() if isinstance(each, File)]
    low, high = DOCUMENT_BYTES
    fit = [each for each in found if low <= each.size <= high] or found
    print(f"{folder}: {len(found)} files, {sum(each.size for each in found) / 1e6:.1f} MB")
    return Path(max(fit, key=lambda each: (each.path.endswith(".py"), each.size)).path)


def worker_of(server: int) -> int:
    """The only child of a process."""
    return int(Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split()[0])


def figures(process: int) -> str:
    """What a process has used until now."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    status = dict(each.split(":", 1) for each in lines)
    resident, most = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    used = f"{cpu_seconds(process):.1f} s of one core"
    return f"{used}, {resident:.0f} MB, {most:.0f} MB at most"


def cpu_seconds(process: int) -> float:
    """The time that a process has worked."""
    ticks = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


async def propose(folder: Path) -> str:
    """What a worker has used that is there for the matcher alone."""
    processes: list[asyncio.subprocess.Process] = []

    async def spawn() -> asyncio.subprocess.Process:
        processes.append(await spawn_worker())
        return processes[-1]

    workspace = Workspace(spawn=spawn)
    workspace.configure([folder], rank=False, propose=True)
    await workspace.indexed()
    used = f"{figures(processes[0].pid)}; {workspace.status}"
    await workspace.end()
    return used


def main() -> None:
    """Measures a folder, or the library that came with Python."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_path("stdlib")).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with endpoint_process() as url, tempfile.TemporaryDirectory() as scratch:
        measure(folder, Path(scratch), url, rounds)
    print(f"worker that only proposes: {asyncio.run(propose(folder))}")


if __name__ == "__main__":
    main()
