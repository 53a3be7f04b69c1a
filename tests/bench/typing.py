"""What the server is worth to somebody who types: keys saved, waiting, cost.

A seeded typist fills pieces of real sources in, in VS Code's and in Neovim's manner of asking, in
real time, against an endpoint that knows the text and takes its time. In the same run, and with
the same hands: a straightforward server (the worst that would do) and a ceiling (the same without
debounce, against a model without latency and without mistakes).

usage: python -m tests.bench.typing --seeds 8 --model remote
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from .typist.figures import LEGEND, Figures, figures, header, row
from .typist.run import Manner, Run, type_out
from .typist.tally import Tally

SERVERS = ("naive", "ours", "ceiling")
MANNERS: dict[str, tuple[Manner, ...]] = {
    "vscode": ("vscode",),
    "neovim": ("neovim",),
    "neovim-safe": ("neovim-safe",),
    "both": ("vscode", "neovim"),
}
HOLES_A_MINUTE = 3
"""More than anybody fills in."""


@contextmanager
def oracle(model: str) -> Iterator[str]:
    """The endpoint of a model in a process of its own; gives its URL."""
    command = [sys.executable, "-m", "tests.bench.typist.oracle", model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


async def one(run: Run, origin: str, limit: int, starting: asyncio.Lock) -> Tally:
    """One server process from its start to its end, and what the oracle says of it."""
    holes = max(run.holes, int(run.minutes * HOLES_A_MINUTE) + 1 if run.minutes else 0)
    limit = 0 if run.server == "ceiling" else limit
    url = f"{origin}/{run.seed}-{holes}-{limit}-{run.server}.{run.manner}"
    tally = await type_out(run, command_of(run.server, url), environment(url), starting)
    await asyncio.sleep(0.2)
    tally.calls = await asyncio.to_thread(_calls, url)
    return tally


def command_of(server: str, url: str) -> list[str]:
    """How a server is started."""
    if server == "ours":
        return [sys.executable, "-m", "codestral_ls", "serve"]
    endpoint = f"{url}/v1/fim/completions"
    wait = ["0"] if server == "ceiling" else []
    return [sys.executable, "-m", "tests.bench.typist.naive_server", endpoint, *wait]


def environment(url: str) -> Mapping[str, str]:
    """The caller's settings of the server hold, but for where it asks and with which key."""
    kept = {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}
    for name in ("CODESTRAL_API_KEY", "CODESTRAL_LS_API_KEY"):
        kept.pop(name, None)
    return {
        **kept,
        "CODESTRAL_LS_ENDPOINT": url,
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        "MISTRAL_API_KEY": "test-key-0000",
    }


def _calls(url: str) -> list[dict[str, object]]:
    with urllib.request.urlopen(f"{url}/calls", timeout=30) as reply:  # noqa: S310 - our own URL
        return list(json.load(reply))


async def everything(
    runs: list[Run], origins: Mapping[str, str], jobs: int, limit: int
) -> dict[Run, Tally]:
    """All runs, so many at a time. Servers take turns, so that the machine's moods hit all."""
    slots, starting = asyncio.Semaphore(jobs), asyncio.Lock()
    done: dict[Run, Tally] = {}
    began = time.monotonic()

    async def take(run: Run) -> None:
        async with slots:
            model = "perfect" if run.server == "ceiling" else run.model
            try:
                done[run] = await one(run, origins[model], limit, starting)
            except TimeoutError:  # the others' minutes shall not be lost
                print(f"{run.server} {run.manner} seed {run.seed}: no answer", file=sys.stderr)
                return
        minutes = (time.monotonic() - began) / 60
        name = f"{run.server} {run.manner} seed {run.seed}: {done[run].saved:.1%}"
        print(f"[{len(done)}/{len(runs)}, {minutes:.1f} min] {name}", file=sys.stderr, flush=True)

    await asyncio.gather(*(take(run) for run in runs))
    return done


def report(done: Mapping[Run, Tally], model: str) -> None:
    """Prints a table for each manner."""
    for manner in dict.fromkeys(run.manner for run in done):
        each: dict[str, Figures] = {}
        for server in SERVERS:
            runs = [
                (run.seed, tally)
                for run, tally in sorted(done.items(), key=lambda item: item[0].seed)
                if (run.manner, run.server) == (manner, server)
            ]
            if runs:
                each[server] = figures(runs)
        seeds = max(of.runs for of in each.values())
        print(f"\n{manner}, {model} model, {seeds} seeds")
        print(header())
        for server, of in each.items():
            print(row(server, of, share_of_the_way(each, of)))
        for server, of in each.items():
            print(
                f"  {server}: {of.keys} keys in {of.seconds / 60:.1f} min, {of.accepts} accepts of "
                f"{of.accepted_chars} characters, {of.network_count} of {of.item_count} items from "
                f"the network, {of.astray} prompts for a text that was never there"
            )
            for text in dict.fromkeys([*of.errors[:5], *of.said[:3]]):
                print(f"    {text}")
    print(f"\n{LEGEND}")


def share_of_the_way(each: Mapping[str, Figures], of: Figures) -> float | None:
    """How far from the naive server to the ceiling."""
    if "naive" not in each or "ceiling" not in each:
        return None
    low, high = each["naive"].saved, each["ceiling"].saved
    return (of.saved - low) / (high - low) if high > low else None


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.typing")
    parser.add_argument("--server", choices=(*SERVERS, "all"), action="append", help="all")
    parser.add_argument("--manner", choices=tuple(MANNERS), default="both")
    parser.add_argument("--model", choices=("remote", "slow", "local"), default="remote")
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="how many")
    parser.add_argument("--first-seed", type=int, default=1, metavar="K")
    parser.add_argument("--holes", type=int, default=3, metavar="H", help="pieces a run")
    parser.add_argument("--jobs", type=int, default=4, metavar="J", help="runs at a time")
    parser.add_argument(
        "--limit", type=int, default=0, metavar="N", help="requests a minute before a 429"
    )
    parser.add_argument(
        "--minutes", type=float, default=0.0, metavar="M", help="type so long, whatever --holes"
    )
    options = parser.parse_args()
    chosen = options.server or ["all"]
    servers = SERVERS if "all" in chosen else tuple(name for name in SERVERS if name in chosen)
    runs = [
        Run(
            server=server,
            manner=manner,
            model=options.model,
            seed=seed,
            holes=options.holes,
            minutes=options.minutes,
        )
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for manner in MANNERS[options.manner]
        for server in servers
    ]
    with ExitStack() as stack:
        models = {"perfect" if run.server == "ceiling" else run.model for run in runs}
        origins = {model: stack.enter_context(oracle(model)) for model in sorted(models)}
        done = asyncio.run(everything(runs, origins, options.jobs, options.limit))
    report(done, options.model)


if __name__ == "__main__":
    main()
