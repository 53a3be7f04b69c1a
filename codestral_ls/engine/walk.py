"""One request on its way: gate, reuse, join, pace, ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import anyio.lowlevel

from codestral_ls.context.view import View
from codestral_ls.engine.calls import Calls
from codestral_ls.engine.choices import Bring, Choices, at_once
from codestral_ls.engine.memory import Memory
from codestral_ls.engine.outcomes import gate
from codestral_ls.engine.switch import Switch
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Request, Timings, Trigger
from codestral_ls.reuse.flights import Flight
from codestral_ls.reuse.rhythm import LOCAL_FACTOR, REMOTE_FACTOR, Rhythm, pause_seconds
from codestral_ls.settings import Settings
from codestral_ls.shaping.quiet import doubt
from codestral_ls.shaping.surroundings import look_around


class Parts(NamedTuple):
    """What a request comes by."""

    view: View
    switch: Switch
    memory: Memory
    calls: Calls
    rhythm: Rhythm


@dataclass(slots=True, kw_only=True)
class Walk:
    """The walk of one request, and when it waited; `edits` counts those of its document."""

    request: Request
    settings: Settings
    parts: Parts
    edits: Callable[[], int]
    began: float
    _waits_from: float = -1.0
    _waited_to: float = -1.0

    @property
    def _invoked(self) -> bool:
        return self.request.trigger is Trigger.INVOKED

    @property
    def _chooses(self) -> bool:
        return self._most > 1

    @property
    def _most(self) -> int:
        """How many texts are wanted to choose from."""
        usual = self.settings.candidates if self._invoked else 1
        return self.request.snapshot.scope.wishes.candidates or usual

    def timings(self, first_token: float) -> Timings:
        """What it took until now: waiting ends when the model is asked, or all is over."""
        now = self._now()
        end = now if self._waited_to < 0 else self._waited_to
        waited = end - self._waits_from if self._waits_from >= 0 else 0.0
        return Timings(waited=waited, first_token=first_token, total=now - self.began)

    async def to_end(self) -> Outcome:
        """The outcome; anything may be raised on the way."""
        request, parts = self.request, self.parts
        denial = await parts.view.denial(request.snapshot.uri)
        closed = gate(request, self.settings, parts.switch, denial)
        if closed is not None:
            return closed
        edits, started = self.edits(), self._now()
        ready = started + self._pause()
        known = await self._without_asking()
        if known is not None:
            return known
        parts.view.look(request.snapshot)
        self._waits_from = started
        if (wait := ready - self._now()) > 0:  # what following a flight has left of it
            await parts.calls.clock.sleep(wait)
            self._waited_to = self._now()
            known = await self._join()  # one that was set off ahead meanwhile
            if known is not None:
                return known
        await self._get_ready()
        # A waiter that was woken in the same turn as it was superseded is not cancelled by itself.
        await anyio.lowlevel.checkpoint_if_cancelled()
        self._waited_to = self._now()
        return await self._ask(outdated=self.edits() != edits)

    async def _without_asking(self) -> Outcome | None:
        """What is known or under way, or that nothing is wanted; None if there is one to ask."""
        request, memory, calls = self.request, self.parts.memory, self.parts.calls
        calls.flights.judge(request.lane, request.snapshot)
        known = memory.recall(request)
        if known is None:
            known = await self._join()
            if known is not None:
                return known
            reason = doubt(request, self.settings, look_around(request.snapshot))
            if reason is not None:
                return Nothing(reason=reason)
            known = memory.recall(request) if await calls.recall(request) else None
        return known and (await self._choose(partial(at_once, known)) or known)

    async def _get_ready(self) -> None:
        """Waits for what the prompt draws upon, and for room; where files serve, for neither.

        Who serves may be another one after the wait, with less room than the one waited for.
        """
        chain, waited_for = self.parts.calls.chain, None
        while (link := chain.serving(invoked=self._invoked)) is not waited_for:
            if link is None or not (link.asks or link is chain.first):
                return
            await self.parts.view.ready(self.request)
            await self.parts.calls.wait_for_room(self.request, link)
            waited_for = link

    async def _join(self) -> Outcome | None:
        """The outcome of the call under way, if there is one and it turns out to fit."""
        request, flights = self.request, self.parts.calls.flights
        while flight := flights.judge(request.lane, request.snapshot):
            outcome = await self._choose(partial(self._follow, flight, joined=True))
            if outcome is not None:
                return outcome
        return None

    def _pause(self) -> float:
        request = self.request
        link = self.parts.calls.chain.serving(invoked=self._invoked)
        if link is None or not link.asks or request.patient or self._invoked:
            return 0.0
        factor = LOCAL_FACTOR if link.provider.local else REMOTE_FACTOR
        debounce, now = self.settings.debounce_ms, self._now()
        return pause_seconds(request, debounce, self.parts.rhythm, now, factor)

    async def _ask(self, *, outdated: bool) -> Outcome:
        """Sets a call off, unless the wait has changed what there is to ask."""
        if outdated:
            return Nothing(reason=Reason.OUTDATED)
        known = self.parts.memory.recall(self.request)
        if known is not None:
            return known
        calls = self.parts.calls
        link = calls.chain.serving(invoked=self._invoked)
        if link is None:
            return calls.refusal()
        flight = calls.set_off(self.request, link)
        calls.try_again(self.request, link)
        outcome = await self._choose(partial(self._follow, flight, joined=False))
        outcome = outcome or Nothing(reason=Reason.EMPTY, sent=flight.stream.sent)
        return replace(outcome, timings=Timings(first_token=flight.first_token))

    async def _follow(self, flight: Flight, *, joined: bool) -> Outcome | None:
        flights, memory = self.parts.calls.flights, self.parts.memory
        outcome = await memory.follow(flights, flight, self.request, joined=joined)
        if isinstance(outcome, Answer) and not self._chooses:
            memory.used(flight.stream)
        return outcome

    async def _choose(self, bring: Bring) -> Outcome | None:
        """What is brought; for who asks by hand, with further candidates."""
        if not self._chooses:
            return await bring()
        choices = Choices(
            request=self.request,
            most=self._most,
            calls=self.parts.calls,
            memory=self.parts.memory,
            follow=self._follow,
        )
        return await choices.beside(bring)

    def _now(self) -> float:
        return self.parts.calls.clock.now()
