"""Calls under way, each with a life of its own.

A request follows a flight for as long as its text agrees; whether it is answered, superseded or
cancelled, the flight goes on. It ends with its stream, when nobody has followed it for the grace,
when it has disagreed with the document for too long, when the document is closed, or at the
provider's deadline. Ending it closes its connection.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from codestral_ls.errors import FimError
from codestral_ls.model import Chunk, Snapshot
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.place import agrees
from codestral_ls.reuse.store import Stream

GRACE_SECONDS = 1.0
"""Without a follower. VS Code gives requests up after 750 ms and asks again at the next key; 60 ms
were measured to be enough there, and more costs nothing."""
DIVERGED_SECONDS = 0.5
"""In disagreement with the document: most slips are taken back within that time."""

Call = Callable[[Callable[[Chunk], bool]], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Flight:
    """One call under way, or just ended; `error` is why it failed."""

    lane: str
    stream: Stream
    error: Exception | None = None
    first_token: float = 0.0
    followers: int = 0
    task: asyncio.Task[None] | None = None
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _progress: asyncio.Event = field(default_factory=asyncio.Event)

    async def progress(self) -> None:
        """Waits until more text has come, or the flight has ended."""
        if self.stream.under_way:
            await self._progress.wait()

    def advance(self) -> None:
        """Wakes whoever waits for progress."""
        progress, self._progress = self._progress, asyncio.Event()
        progress.set()


class Flights:
    """At most one flight for each lane, and beside it those of further candidates.

    `changed` is called when one begins or has ended.
    """

    def __init__(self, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._changed = changed
        self._flights: dict[str, list[Flight]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def lanes(self) -> tuple[str, ...]:
        """Where one is under way."""
        return tuple(self._flights)

    def of(self, lane: str) -> tuple[Flight, ...]:
        """The flights of a lane that are under way, those of further candidates last."""
        return tuple(self._flights.get(lane, ()))

    def start(
        self, flight: Flight, call: Call, take: Callable[[Chunk], bool]
    ) -> asyncio.Task[None]:
        """Sets a call off and returns its task; `take` says of each chunk whether to go on."""
        if not flight.stream.variant:
            self.end(flight.lane)
        self._flights.setdefault(flight.lane, []).append(flight)
        flight.task = asyncio.create_task(self._fly(flight, call, take))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(self._done)
        self._arm(flight, "grace", GRACE_SECONDS)
        self._changed()
        return flight.task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed()

    @contextmanager
    def following(self, flight: Flight) -> Iterator[None]:
        """Keeps a flight going for a request."""
        flight.followers += 1
        _disarm(flight, "grace")
        try:
            yield
        finally:
            flight.followers -= 1
            if not flight.followers:
                self._arm(flight, "grace", GRACE_SECONDS)

    def judge(self, lane: str, snapshot: Snapshot) -> Flight | None:
        """The lane's flight that agrees with the newest text; the time of others is short.

        One that has said something comes before one of which that remains to be seen.
        """
        agreeing = []
        for flight in self.of(lane):
            if agrees(flight.stream.place, flight.stream.text, snapshot):
                _disarm(flight, "diverged")
                agreeing.append(flight)
            else:
                self._arm(flight, "diverged", DIVERGED_SECONDS)
        return next((each for each in agreeing if each.stream.text), next(iter(agreeing), None))

    async def free(self, lane: str) -> None:
        """Waits until the lane has no flight any more; further candidates keep nobody waiting."""
        while flight := next((each for each in self.of(lane) if not each.stream.variant), None):
            await flight.progress()

    def end(self, lane: str) -> None:
        """Breaks off the flights of a lane."""
        for flight in self.of(lane):
            self._break_off(flight)

    def end_all(self) -> None:
        """Breaks off everything."""
        for lane in self.lanes:
            self.end(lane)

    async def _fly(self, flight: Flight, call: Call, take: Callable[[Chunk], bool]) -> None:
        def more(chunk: Chunk) -> bool:
            going_on = take(chunk)
            flight.advance()
            return going_on

        try:
            await call(more)
        except FimError as error:
            flight.error = error
        except Exception as error:  # noqa: BLE001 - the followers learn of it and report it
            flight.error = error
        finally:
            self._land(flight)

    def _land(self, flight: Flight) -> None:
        flight.stream.under_way = False
        flights = self._flights.get(flight.lane, [])
        if flight in flights:
            flights.remove(flight)
        if not flights:
            self._flights.pop(flight.lane, None)
        for name in tuple(flight.timers):
            _disarm(flight, name)
        flight.advance()

    def _arm(self, flight: Flight, name: str, seconds: float) -> None:
        """Ends a flight after a while, unless disarmed before."""
        if flight.stream.under_way and name not in flight.timers:
            flight.timers[name] = asyncio.create_task(self._end_after(flight, seconds))

    async def _end_after(self, flight: Flight, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._break_off(flight)

    def _break_off(self, flight: Flight) -> None:
        self._land(flight)
        if flight.task is not None:
            flight.task.cancel()


def _disarm(flight: Flight, name: str) -> None:
    timer = flight.timers.pop(name, None)
    if timer is not None and timer is not asyncio.current_task():
        timer.cancel()
