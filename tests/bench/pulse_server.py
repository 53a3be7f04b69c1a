"""The server as it is, and beside it in its loop a ticker that notes how long the loop was held.

What it saw is written to the file that `PULSE_FILE` names, when the server ends; there is such a
file as soon as the workspace was read.

usage: PULSE_FILE=FILE python -m tests.bench.pulse_server serve
"""

import asyncio
import json
import os
import sys
import time
from array import array
from pathlib import Path
from typing import NamedTuple

from codestral_ls.cli import main
from codestral_ls.context.blocks import line_of
from codestral_ls.context.workspace import WorkspaceView
from codestral_ls.lsp import process
from codestral_ls.lsp.server import CodestralServer
from codestral_ls.model import Request

TICK = 0.001


class Wait(NamedTuple):
    """What a request waited for its block, and whether one for its place was there."""

    at: float
    took: float
    is_ahead: bool


class Pulse:
    """What was seen; times are those of the monotonic clock, which all processes share.

    Of each tick: when it came, by how much too late, and how long the loop has really worked by
    then. They lie in an array, since the garbage collector would look at thousands of objects.
    """

    def __init__(self) -> None:
        self.ticks = array("d")
        self.waits: list[Wait] = []
        self.first_block = 0.0

    async def tick(self) -> None:
        """Runs until it is cancelled."""
        while True:
            before, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(TICK)
            now = time.monotonic()
            self.ticks.extend((now, now - before - TICK, time.thread_time() - used))

    async def wait_for_index(self, server: CodestralServer, file: Path) -> None:
        """Makes the file once the workspace was walked to its end."""
        await server.view.index.indexed()
        file.touch()  # noqa: ASYNC240 - only once

    def view(self) -> type[WorkspaceView]:
        """A workspace's view that notes what requests wait for."""
        pulse = self

        class Watched(WorkspaceView):
            async def ready(self, request: Request) -> None:
                snapshot = request.snapshot
                is_ahead = not self.is_stale(snapshot.uri, line_of(snapshot))
                before = time.monotonic()
                await super().ready(request)
                now = time.monotonic()
                pulse.waits.append(Wait(now, now - before, is_ahead))
                if not pulse.first_block and self._blocks.snippets(snapshot.uri):
                    pulse.first_block = now

        return Watched


def serve() -> int:
    """Runs the server to its end."""
    pulse = Pulse()
    run = process.run

    async def run_with_ticker(server: CodestralServer, stdin: int, stdout: int) -> int:
        server.view.__class__ = pulse.view()
        file = Path(os.environ["PULSE_FILE"])
        ticker = asyncio.create_task(pulse.tick())
        waiting = asyncio.create_task(pulse.wait_for_index(server, file))
        try:
            return await run(server, stdin, stdout)
        finally:
            ticker.cancel()
            waiting.cancel()
            seen = {
                "ticks": list(pulse.ticks),
                "waits": pulse.waits,
                "first block": pulse.first_block,
            }
            file.write_text(json.dumps(seen), "ascii")  # noqa: ASYNC240 - at its end

    process.run = run_with_ticker
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(serve())
