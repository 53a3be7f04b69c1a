"""What it takes to answer from memory, with many users who share an engine.

Each of 200 users has asked once at a place of his own, 4 kB into a file; then all ask again in
turns, as they were or with what they have typed since. Processor time of this process, per request:
by `Engine.complete` with all that it counts, by `Engine.recall`, and for a user who has never asked
what somebody else has.

usage: python -m tests.bench.recalling [--profile]
"""

import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from codestral_ls.engine.engine import Engine
from codestral_ls.model import Answer, Request, Snapshot, Trigger
from codestral_ls.provider import Provider
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.reuse.sharing import share
from codestral_ls.settings import Settings
from codestral_ls.wishes import Scope
from tests.scripted import ScriptedProvider

USERS = 200
PLACES = 5
ROUNDS = 10
TEXT = "compute(first, second)\n    return value + other\n"
LINE = "    value_{0} = compute_{0}(first, second[{0}], 'some text')  # and why\n"


def requests(of: str) -> list[Request]:
    """A request of each user at each of his places."""
    body = "".join(LINE.format(number) for number in range(60))[-3900:]
    return [
        Request(
            snapshot=Snapshot(
                uri=f"gateway:///{user}",
                language="python",
                prefix=f"{body}\n    def work_{user}_{place}(first, second):\n    value = ",
                suffix="\n\n\ndef other():\n    pass\n" * 20,
                scope=Scope(owner=f"{of} {user}"),
            ),
            trigger=Trigger.INVOKED,
            lane=f"{user} {place}",
            patient=True,
        )
        for place in range(PLACES)
        for user in range(USERS)
    ]


def typed(request: Request, text: str) -> Request:
    """The same user a little later."""
    snapshot = replace(request.snapshot, prefix=request.snapshot.prefix + text)
    return replace(request, snapshot=snapshot)


def fresh(request: Request) -> Request:
    """The same again, as it is read from another body: nothing is remembered by identity."""
    snapshot = replace(request.snapshot, prefix=request.snapshot.prefix[:-1] + " ")
    return replace(request, snapshot=snapshot)


async def measure(
    what: str, ask: Callable[[Request], Awaitable[object]], asked: Sequence[Request]
) -> None:
    """Microseconds of processor time for each request, in the best of the rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        mine = [fresh(each) for each in asked]
        begun = time.process_time()
        for each in mine:
            assert isinstance(await ask(each), Answer), what
        best = min(best, (time.process_time() - begun) / len(mine))
    print(f"{what:<42} {best * 1e6:7.0f} µs")


async def run(*, profiled: bool) -> None:
    """All that is measured."""
    settings = Settings(candidates=1)

    def connect(_: Settings) -> Provider:
        provider = ScriptedProvider(TEXT).provider()
        return share(provider, MemoryTier(), b"secret", seconds=3600).provider

    engine = Engine(settings, connect, most_streams=20_000)
    asked = requests("user")
    for each in asked:
        assert isinstance(await engine.complete(each), Answer)

    async def recall(request: Request) -> object:
        return engine.recall(request)

    profile = cProfile.Profile()
    if profiled:
        profile.enable()
    await measure("complete: the same again", engine.complete, asked)
    if profiled:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    await measure(
        "complete: typed through", engine.complete, [typed(each, "com") for each in asked]
    )
    await measure("recall: the same again", recall, asked)
    for number in range(3):
        others = requests(f"other {number}")
        begun = time.process_time()
        for each in others:
            assert isinstance(await engine.complete(each), Answer)
        took = (time.process_time() - begun) / len(others)
        print(f"{'complete: what somebody else has asked':<42} {took * 1e6:7.0f} µs")
    await engine.close()


if __name__ == "__main__":
    asyncio.run(run(profiled="--profile" in sys.argv))
