"""The one walk of a request through the rooms: gate, reuse, join, pace, ask.

Nothing waits that can be answered without the network, and a call that is under way outlives the
request that began it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import anyio.lowlevel

from codestral_ls.calls import Calls
from codestral_ls.choices import Bring, Choices, at_once
from codestral_ls.context.view import NoView, View
from codestral_ls.model import (
    Answer,
    Budget,
    Nothing,
    Outcome,
    Provider,
    Reason,
    Request,
    Source,
    Timings,
    Trigger,
)
from codestral_ls.outcomes import failed, gate, nothing_of
from codestral_ls.presenting import present
from codestral_ls.reuse.flights import Flight
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock, Lanes
from codestral_ls.reuse.place import PLACE_AFTER, PLACE_BEFORE, agrees, remainder
from codestral_ls.reuse.rhythm import LOCAL_FACTOR, REMOTE_FACTOR, Rhythm, pause_seconds
from codestral_ls.reuse.store import Store, Stream, says_nothing
from codestral_ls.settings import Settings
from codestral_ls.shaping.quiet import doubt
from codestral_ls.shaping.surroundings import look_around
from codestral_ls.shaping.syntax import load
from codestral_ls.stats import Journal, Record

Connect = Callable[[Settings], Provider]


class Engine:
    """Answers requests under the settings of the moment; knows no protocol.

    `offline` stands in for the provider while that fails, `view` is the world beside a document.
    """

    def __init__(
        self,
        settings: Settings,
        connect: Connect,
        *,
        offline: Provider | None = None,
        view: View | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.settings = settings
        self.provider = connect(settings)
        self.journal = Journal()
        self._connect = connect
        self._offline = offline
        self._view = view or NoView()
        self._clock = clock
        self._lanes = Lanes()
        self._rhythm = Rhythm()
        self._edits: Counter[str] = Counter()
        self._store = Store()
        self._calls = self._begin_calls()

    def configure(self, settings: Settings) -> Provider:
        """Takes new settings and returns the old provider, for the caller to close."""
        old, self.settings, self.provider = self.provider, settings, self._connect(settings)
        self._lanes.clear_all()
        self._calls.flights.end_all()
        self._store = Store()  # what other settings have brought is no answer under these
        self._calls = self._begin_calls()
        return old

    def _begin_calls(self) -> Calls:
        return Calls(self.settings, self.provider, self._store, self._clock, self._view.sources)

    @property
    def budget(self) -> Budget:
        """How much of a document a snapshot must hold: what the provider is shown, and a place."""
        budget = self.provider.budget
        return Budget(
            prefix_chars=max(budget.prefix_chars, PLACE_BEFORE),
            suffix_chars=max(budget.suffix_chars, PLACE_AFTER),
        )

    @property
    def under_way(self) -> int:
        """How many calls are."""
        return len(self._calls.flights)

    async def close(self) -> None:
        """Ends all requests and calls and gives back what the provider holds."""
        self._lanes.clear_all()
        self._calls.flights.end_all()
        await self.provider.close()

    async def prepare(self, language: str) -> None:
        """Loads the grammar of a language, 10 to 30 ms, before its first text waits for it."""
        await asyncio.to_thread(load, language)

    def edited(self, uri: str) -> None:
        """Takes note of a key: the text for which a request waits is no longer the newest."""
        self._edits[uri] += 1
        self._rhythm.key(self._clock.now())

    def forget(self) -> None:
        """Forgets what was generated so far: there is more to draw upon now."""
        self._store.clear()

    def abandon(self, lane: str) -> None:
        """Ends what is under way in a lane, because nobody will look at it."""
        self._lanes.clear(lane)
        self._calls.flights.end(lane)
        self._edits.pop(lane, None)

    def ask_ahead(self, request: Request) -> None:
        """Asks for a place where the cursor will be next, unless something is there already."""
        denial = self._view.known_denial(request.snapshot.uri)
        if gate(request, self.settings, denial) is not None or self.recall(request) is not None:
            return
        if doubt(request, self.settings, look_around(request.snapshot)) is not None:
            return
        if self._calls.has_room_ahead(request.lane):
            self._calls.set_off(request, self.provider)

    def recall(self, request: Request) -> Outcome | None:
        """What is known without asking; None if nothing is. Takes no time worth mentioning."""
        now = self._clock.now()
        for stream, rest in self._fitting(request):
            answer = self._present(stream, rest, request)
            if answer is not None:
                typed = len(rest) < len(stream.usable)
                source = Source.TYPED_THROUGH if typed else Source.CACHE
                return replace(answer, source=source, usage=None)
            spoken = not stream.variant and says_nothing(stream, rest, now)
            if spoken and request.trigger is not Trigger.INVOKED:
                return self._nothing(stream, rest, request)
        return None

    def _fitting(self, request: Request) -> Iterator[tuple[Stream, str]]:
        """The streams that fit at the cursor, with what is left of them."""
        for stream, rest in self._store.fitting(request.snapshot, self._clock.now()):
            if stream.source is not Source.OFFLINE or not self._model_is_back:
                yield stream, rest

    @property
    def _model_is_back(self) -> bool:
        """Whether what the stand-in said is no longer wanted."""
        return self.provider.source is not Source.OFFLINE and self._calls.breaker.is_closed

    async def complete(self, request: Request) -> Outcome:
        """The outcome for a request; raises nothing but cancellation."""
        started = self._clock.now()
        outcome: Outcome = Nothing(reason=Reason.CANCELLED)
        try:
            with self._lanes.enter(request.lane) as turn:
                outcome = await self._walk_safely(request)
            # `cancel_called`: also if the answer came in the same breath as the newer request.
            if turn.cancel_called:
                outcome = Nothing(reason=Reason.SUPERSEDED)
        finally:
            timings = replace(outcome.timings, total=self._clock.now() - started)
            outcome = replace(outcome, timings=timings)
            self.journal.write(Record(language=request.snapshot.language, outcome=outcome))
        return outcome

    async def _walk_safely(self, request: Request) -> Outcome:
        try:
            return await self._walk(request)
        except Exception as error:  # noqa: BLE001 - the one place that must catch everything
            return failed(error)

    async def _walk(self, request: Request) -> Outcome:
        closed = gate(request, self.settings, await self._view.denial(request.snapshot.uri))
        if closed is not None:
            return closed
        edits, started = self._edits[request.snapshot.uri], self._clock.now()
        ready = started + self._pause(request)
        self._calls.flights.judge(request.lane, request.snapshot)
        known = self.recall(request)
        if known is not None:
            return await self._choose(request, partial(at_once, known)) or known
        known = await self._join(request)
        if known is not None:
            return known
        reason = doubt(request, self.settings, look_around(request.snapshot))
        if reason is not None:
            return Nothing(reason=reason)
        self._view.look(request.snapshot)
        if (wait := ready - self._clock.now()) > 0:  # what following a flight has left of it
            await self._clock.sleep(wait)
            known = await self._join(request)  # one that was set off ahead meanwhile
            if known is not None:
                return known
        if not self._calls.breaker.blocked_by(invoked=request.trigger is Trigger.INVOKED):
            await self._view.ready(request)
            await self._calls.wait_for_room(request)
        # A waiter that was woken in the same turn as it was superseded is not cancelled by itself.
        await anyio.lowlevel.checkpoint_if_cancelled()
        waited = self._clock.now() - started
        outcome = await self._ask(request, outdated=self._edits[request.snapshot.uri] != edits)
        return replace(outcome, timings=replace(outcome.timings, waited=waited))

    async def _join(self, request: Request) -> Outcome | None:
        """The outcome of the call under way, if there is one and it turns out to fit."""
        while flight := self._calls.flights.judge(request.lane, request.snapshot):
            outcome = await self._follow(flight, request, Source.JOINED)
            if outcome is not None:
                return outcome
        return None

    def _pause(self, request: Request) -> float:
        free = self.provider.source is Source.OFFLINE
        if free or request.patient or request.trigger is Trigger.INVOKED:
            return 0.0
        factor = LOCAL_FACTOR if self.provider.local else REMOTE_FACTOR
        debounce, now = self.settings.debounce_ms, self._clock.now()
        return pause_seconds(request, debounce, self._rhythm, now, factor)

    async def _ask(self, request: Request, *, outdated: bool) -> Outcome:
        """Sets a call off, unless the wait has changed what there is to ask."""
        if outdated:
            return Nothing(reason=Reason.OUTDATED)
        known = self.recall(request)
        if known is not None:
            return known
        provider: Provider | None = self.provider
        cause = self._calls.breaker.blocked_by(invoked=request.trigger is Trigger.INVOKED)
        if cause is not None:
            provider = self._offline if self.settings.offline_fallback else None
        if provider is None:
            return Nothing(reason=Reason.PAUSED, detail=str(cause))
        flight = self._calls.set_off(request, provider)
        outcome = await self._follow(flight, request, provider.source)
        outcome = outcome or Nothing(reason=Reason.EMPTY)
        return replace(outcome, timings=Timings(first_token=flight.first_token))

    async def _follow(self, flight: Flight, request: Request, source: Source) -> Outcome | None:
        return await self._choose(request, partial(self._wait_for, flight, request, source))

    async def _choose(self, request: Request, bring: Bring) -> Outcome | None:
        """What is brought; for who asks by hand, with further candidates."""
        if request.trigger is not Trigger.INVOKED or self.settings.candidates == 1:
            return await bring()
        choices = Choices(
            request=request,
            most=self.settings.candidates,
            calls=self._calls,
            fitting=self._fitting,
            present=self._present,
            follow=self._wait_for,
        )
        return await choices.beside(bring)

    async def _wait_for(self, flight: Flight, request: Request, source: Source) -> Outcome | None:
        """Waits for a flight until it has what is shown; None if it turns out not to fit."""
        stream, lines = flight.stream, -1
        rest: str | None = None
        with self._calls.flights.following(flight):
            while True:
                before, lines = lines, stream.text.count("\n")
                answer = None
                if lines != before or not stream.growing:  # nothing is complete in mid-line
                    rest = remainder(stream.place, stream.usable, request.snapshot)
                    answer = None if rest is None else self._present(stream, rest, request)
                if answer is not None:
                    return replace(answer, source=source)
                if not stream.under_way:
                    break
                if not agrees(stream.place, stream.text, request.snapshot):
                    return None
                await flight.progress()
        if flight.error is not None:
            return None if stream.variant else failed(flight.error)
        if rest is None or source is Source.JOINED:
            return None
        return self._nothing(stream, rest, request)

    def _present(self, stream: Stream, rest: str, request: Request) -> Answer | None:
        """What to show of the rest of a stream; None if that is nothing, or not there yet."""
        presented = present(stream, rest, request, self.settings)
        if presented is not None and presented.answer is not None:
            stream.shown_to = presented.shown_to
            self._store.promote(stream)
        return presented.answer if presented is not None else None

    def _nothing(self, stream: Stream, rest: str, request: Request) -> Nothing:
        """Why a stream that has come to its end shows nothing at a request's cursor."""
        presented = present(stream, rest, request, self.settings)
        return nothing_of(stream, presented.dropped_by if presented is not None else "")
