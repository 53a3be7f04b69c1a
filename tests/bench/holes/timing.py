"""What shaping takes, measured at the engine's edge: whatever happens there when a chunk comes."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from codestral_ls.engine.engine import Engine
from codestral_ls.model import Chunk, Prompt, Request, Snapshot, Trigger
from codestral_ls.settings import Settings
from tests.bench.holes.verdicts import split
from tests.scripted import scripted_provider

LINES, RUNS = 100, 30
SETTINGS = Settings(debounce_ms=0, languages=("*",), max_lines=3, rest_lines=100)


def timing() -> str:
    """Return what a long answer takes, as one chunk until it is shown, and in pieces."""
    source = Path(__file__).with_name("source.py").read_text(encoding="utf-8")
    body = [f"    {line}" for line in source.split("\n") if line.strip()][:LINES]
    text = "\n".join(body)[4:]
    whole = sorted(asyncio.run(_once([text]))[0] for _ in range(RUNS))
    each = sorted(asyncio.run(_once(split(text, 1)))[1])
    p50, p95 = (1000 * _share(whole, share) for share in (0.5, 0.95))
    chunk50, chunk95 = (1e6 * _share(each, share) for share in (0.5, 0.95))
    return (
        f"an answer of {LINES} lines, from one chunk to the answer: p50 {p50:.2f}, p95 {p95:.2f} ms"
        f"\neach of {len(each)} chunks of it taken in: p50 {chunk50:.0f}, p95 {chunk95:.0f}, "
        f"mean {1e6 * sum(each) / max(1, len(each)):.0f} µs"
    )


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[int(share * len(ordered))]


async def _once(pieces: Sequence[str]) -> tuple[float, list[float]]:
    """Seconds from the first chunk to the answer, and of each chunk."""
    begun: list[float] = []
    taken: list[float] = []

    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        begun.append(time.perf_counter())
        for piece in pieces:
            before = time.perf_counter()
            goes_on = more(Chunk(text=piece))
            taken.append(time.perf_counter() - before)
            if not goes_on:
                return
        more(Chunk(finish_reason="stop"))

    async def nothing() -> None:
        pass

    there = Snapshot(
        uri="file:///w/a.py",
        language="python",
        prefix="def measured():\n    ",
        suffix="\n\nx = 1\n",
    )
    engine = Engine(SETTINGS, lambda _: scripted_provider(ask, nothing, nothing))
    await engine.complete(Request(snapshot=there, trigger=Trigger.AUTOMATIC, lane=there.uri))
    done = time.perf_counter()
    await engine.close()
    return done - begun[0], taken
