"""Who hears of what happens: the statistics of this machine, and the trace of the user's choice."""

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.types import MessageType
from pygls.exceptions import JsonRpcException

from codestral_ls.fim.trace import Trace
from codestral_ls.happenings import Happening, RequestEnded
from codestral_ls.reuse.pace import Clock
from codestral_ls.settings import Settings
from codestral_ls.statistics.store import OnTotals, Statistics

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer

UNHEARD_SECONDS = 10.0
"""Without any totals, until the user hears of it: 1 is usual, and a busy disk takes some more."""
_FAILED = int(types.LSPErrorCodes.RequestFailed)


class Recorder:
    """Kept as the settings want it, from the first `configure` on; nothing waits for a disk.

    `path` is the file of the statistics, None for none.
    """

    def __init__(self, server: "CodestralServer", path: Path | None, clock: Clock) -> None:
        self._server = server
        self._path = path
        self._clock = clock
        self._has_totals = False
        self._statistics: Statistics | None = None
        self._trace = Trace()
        self._trace_file = ""
        self._untraced = 0
        self._closing: set[asyncio.Future[None]] = set()

    def configure(self, settings: Settings) -> None:
        """Opens and closes what the settings say."""
        if settings.trace_file != self._trace_file:
            self._end(self._trace)
            self._trace, self._trace_file = Trace(settings.trace_file), settings.trace_file
        if settings.stats and self._statistics is None and self._path is not None:
            self._statistics = Statistics(self._path, self._carrying(self._loop))
        elif not settings.stats and self._statistics is not None:
            self._end(self._statistics)
            self._statistics = None
        is_bound = self._server.engine.is_bound
        if self._statistics is not None:
            self._statistics.watch_totals(wanted=is_bound)
        if self._path is not None and is_bound:
            self._mind_bounds(self._path)

    def _mind_bounds(self, path: Path) -> None:
        """What a day may cost is known to the next session, and to others, by the file only."""
        if self._statistics is None:
            self._server.notices.session_alone("`stats` is off", MessageType.Info)
        elif not self._has_totals:
            self._server.start(self._wait_for_totals(path))

    async def _wait_for_totals(self, path: Path) -> None:
        await self._clock.sleep(UNHEARD_SECONDS)
        if not self._has_totals and self._statistics is not None:
            why = f"nothing can be written to {path} (`codestral-ls doctor` says more)"
            self._server.notices.session_alone(why, MessageType.Warning)

    def tell(self, happening: Happening) -> None:
        """Takes note of what happened."""
        if self._statistics is not None:
            self._statistics.note(happening)
        if self._trace_file and isinstance(happening, RequestEnded):
            self._untraced += 1
            if self._untraced == 1:  # the record may be written after this is told
                self._loop.call_soon(self._write_outcomes)

    async def close(self) -> None:
        """Writes what is left, for a second at most."""
        self._write_outcomes()
        self._end(self._trace)
        if self._statistics is not None:
            self._end(self._statistics)
        await asyncio.gather(*self._closing)

    async def report(self, days: int) -> dict[str, Any]:
        """The figures of the last days, up to this moment, and `text` that says the same."""
        if self._path is None:
            raise JsonRpcException("Nothing is counted here.", _FAILED)
        if self._statistics is not None:
            await asyncio.to_thread(self._statistics.flush)
        is_on = self._statistics is not None
        return await asyncio.to_thread(_report, self._path, days, is_on=is_on)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def _carrying(self, loop: asyncio.AbstractEventLoop) -> OnTotals:
        """Carries the totals of all servers to the loop, from the thread that has read them."""

        def learn(day: int, requests: int, cost: float) -> None:
            self._has_totals = True
            self._server.engine.daily_limit.learn(day, requests, cost)

        def carry(day: int, requests: int, cost: float) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(learn, day, requests, cost)

        return carry

    def _write_outcomes(self) -> None:
        count, self._untraced = self._untraced, 0
        for entry in self._server.explained(count):
            # A trace has a `time` of its own: when the line was written.
            self._trace.write("outcome", {"at": entry.pop("time"), **entry})

    def _end(self, book: Trace | Statistics) -> None:
        """Closes one that is not needed any more; a thread waits for it."""
        closing = self._loop.run_in_executor(None, book.close)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


def _report(path: Path, days: int, *, is_on: bool) -> dict[str, Any]:
    from codestral_ls.statistics.opening import Unreadable  # noqa: PLC0415 - with SQLite, 10 ms
    from codestral_ls.statistics.plain import plain  # noqa: PLC0415 - for whoever looks at figures only
    from codestral_ls.statistics.report import as_json, read  # noqa: PLC0415 - the same

    try:
        report = read(path, days)
        return {**as_json(report), "text": plain(report, is_on=is_on)}
    except Unreadable as error:
        raise JsonRpcException(str(error), _FAILED) from None
