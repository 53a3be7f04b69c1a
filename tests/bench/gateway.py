"""A gateway under the load of a team: a fake endpoint that takes 200 ms, and many clients.

    python -m tests.bench.gateway [--seconds 60] [--clients 200] [--workers N] [--redis] [--drain]

Endpoint, gateway and clients are processes of their own. The clients keep their connections; most
requests are for places that were asked before, which memory answers, some for new ones. Times are
from when a request was due until its reply was read, so that a slow gateway cannot slow down those
who measure it. With `--drain` two gateways are ended and started again in turns meanwhile. With
`--rate 0` each client asks again as soon as it has its reply: the most that is possible.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from tests.bench.gateway_clients import Plan
from tests.gateway_process import GatewayProcess, free_port

GHOST = "value = compute(first, second)"
EARLY = 10.0
"""When memory is looked at first: by then all is loaded that ever will be."""
DRAIN_EVERY = 3.0
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def endpoint(latency: float) -> Iterator[str]:
    """The fake endpoint in a process of its own."""
    command = [sys.executable, "-m", "tests.fim_endpoint", "--text", GHOST]
    with subprocess.Popen(
        [*command, "--latency", str(latency)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


@contextmanager
def redis_process() -> Iterator[str]:
    """A Redis that keeps nothing on the disk."""
    port = free_port()
    command = [shutil.which("redis-server") or "redis-server", "--port", str(port), "--save", ""]
    with subprocess.Popen([*command, "--loglevel", "warning"], stdout=subprocess.DEVNULL) as it:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            it.terminate()


def family(pid: int) -> list[int]:
    """A process and all that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def memory(pids: Sequence[int]) -> float:
    """Megabytes, shared pages counted for each."""
    pages = (Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1] for pid in pids)
    return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_seconds(pids: Sequence[int]) -> float:
    """Time on the processor until now."""
    stats = (Path(f"/proc/{pid}/stat").read_text(encoding="ascii") for pid in pids)
    fields = (stat.rpartition(")")[2].split() for stat in stats)
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS


def tokens_of(state: Path, users: int) -> list[str]:
    """Makes users, without bounds."""
    tokens = Tokens(state / "gateway-tokens.json")
    return [tokens.create(f"user-{number}", Bounds(), 1) for number in range(users)]


def drain_in_turns(gateways: Sequence[GatewayProcess], stop: threading.Event) -> Iterator[float]:
    """Ends each and starts it again, until told to stop; how many seconds each end took."""
    turn = 0
    while not stop.wait(DRAIN_EVERY):
        gateway = gateways[turn % len(gateways)]
        began = time.perf_counter()
        gateway.signal(signal.SIGTERM)
        status = gateway.wait()
        yield time.perf_counter() - began
        if status:
            print(f"a gateway ended with {status}: {gateway.log[-2000:]}")
        gateway.begin()
        gateway.await_ready()
        turn += 1


class Watch(threading.Thread):
    """Looks at the gateways while the clients are at work, or drains them."""

    def __init__(self, gateways: Sequence[GatewayProcess], *, drains: bool) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.early = self.late = self.seconds = self.processor = 0.0
        self.ends: list[float] = []
        self._gateways, self._drains = gateways, drains

    def run(self) -> None:
        if self._drains:
            self.ends += drain_in_turns(self._gateways, self.stop)
            return
        pids = [pid for each in self._gateways for pid in family(each.pid)]
        began, used = time.perf_counter(), processor_seconds(pids)
        self.stop.wait(EARLY)
        self.early = memory(pids)
        self.stop.wait()
        self.seconds = time.perf_counter() - began
        self.processor = processor_seconds(pids) - used
        self.late = memory(pids)


def ask_all(plan: Plan, watch: Watch, folder: Path) -> dict[str, Any]:
    """Runs the clients; what they measured."""
    told = folder / "figures.json"
    command = [sys.executable, "-m", "tests.bench.gateway_clients", str(told)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        clients.stdin.write(json.dumps(asdict(plan)))
        clients.stdin.close()
        if not clients.stdout.readline():
            raise SystemExit("the clients could not begin")
        watch.start()
        try:
            status = clients.wait()
        finally:
            watch.stop.set()
            watch.join()
    if status:
        raise SystemExit(f"the clients have ended with status {status}")
    return dict(json.loads(told.read_text(encoding="ascii")))


def shown(times: Sequence[float]) -> str:
    """A row of the table."""
    if not times:
        return f"{0:9}"
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{len(times):9} {statistics.median(ordered):9.2f} {p99:9.2f} {ordered[-1]:9.2f}"


def report(figures: dict[str, Any], watch: Watch) -> None:
    """Prints what was measured."""
    seconds = figures["seconds"]
    print(f"\n{'':12} {'requests':>9} {'p50 ms':>9} {'p99 ms':>9} {'max ms':>9} {'per s':>9}")
    for kind, times in sorted(figures["times"].items()):
        print(f"{kind:12} {shown(times)} {len(times) / seconds:9.0f}")
    print(f"{'sent late':12} {shown(figures['late'])}\n")
    print(f"seconds {seconds:.1f}; statuses {figures['statuses']}; lost {len(figures['lost'])}")
    for reason in sorted(set(figures["lost"]))[:5]:
        print(f"  {reason}")
    if watch.seconds:
        share = 100 * watch.processor / watch.seconds
        each = 1000 * watch.processor / max(1, sum(figures["statuses"].values()))
        print(f"gateway: {share:.0f}% of a core, {each:.2f} ms of it for each request")
        print(f"memory: {watch.early:.0f} MB after {EARLY:.0f} s, {watch.late:.0f} MB at the end")
    if watch.ends:
        print(f"ended {len(watch.ends)} times, the longest took {max(watch.ends):.2f} s")


def main(options: argparse.Namespace) -> None:
    """Sets all up and measures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(endpoint(options.latency / 1000))
        tokens = tokens_of(folder, options.users)
        settings = {"endpoint": url, "offline_fallback": "false"}
        arguments = ["--workers", str(options.workers)] if options.workers > 1 else []
        if options.redis or options.workers > 1:
            arguments += ["--redis", stack.enter_context(redis_process())]
        gateways = [
            stack.enter_context(GatewayProcess(folder, *arguments, **settings))
            for _ in range(2 if options.drain else 1)
        ]
        plan = Plan(
            ports=[each.port for each in gateways],
            route=options.route,
            tokens=tokens,
            clients=options.clients,
            seconds=options.seconds,
            rate=options.rate,
            misses=options.misses,
        )
        watch = Watch(gateways, drains=options.drain)
        report(ask_all(plan, watch, folder), watch)
        for text in {line for each in gateways for line in each.log.splitlines()}:
            print(f"  log: {text[:200]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gateway", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--users", type=int, default=20, help="0: no tokens")
    parser.add_argument("--rate", type=float, default=900, help="known places asked per second")
    parser.add_argument("--misses", type=float, default=25, help="new places asked per second")
    parser.add_argument("--latency", type=float, default=200, help="of the endpoint, in ms")
    parser.add_argument("--route", choices=("complete", "fim"), default="complete")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--drain", action="store_true")
    main(parser.parse_args())
