"""Setting calls off: one for each lane, within the limits, and not into an open circuit."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from codestral_ls.context.prompt import build_prompt, estimate_tokens
from codestral_ls.model import (
    BrokenReply,
    Chunk,
    FimError,
    Prompt,
    Provider,
    RateLimited,
    Request,
    Source,
)
from codestral_ls.presenting import wanted_by
from codestral_ls.reuse.flights import Flight, Flights
from codestral_ls.reuse.limits import Allowance
from codestral_ls.reuse.pace import Breaker, Clock
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Store, Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.extent import cut_reading
from codestral_ls.shaping.settling import Intake
from codestral_ls.shaping.surroundings import look_around

REST_TOKENS = 128
"""Behind what is shown; with `rest_lines` it bounds what is generated for later."""

SENT_SECONDS = 0.002
"""By then the request has been sent, and what stands around the cursor is read for nothing."""

log = logging.getLogger(__name__)


class Calls:
    """The calls to one provider under one set of settings; what they bring goes into the store."""

    def __init__(self, settings: Settings, provider: Provider, store: Store, clock: Clock) -> None:
        self.flights = Flights(clock)
        self.breaker = Breaker(clock.now)
        self._settings = settings
        self.provider = provider
        self.store = store
        self.clock = clock
        self._allowance = Allowance(
            clock.now, settings.requests_per_minute, settings.tokens_per_minute
        )

    async def wait_for_room(self, request: Request) -> None:
        """Waits until the lane is free and the rate limit leaves room for this request."""
        prompt = build_prompt(request, self._settings, self.provider.budget)
        tokens = estimate_tokens(prompt)
        await self.flights.free(request.lane)
        while (seconds := self._allowance.wait_seconds(tokens)) > 0:
            await self.clock.sleep(seconds)
            await self.flights.free(request.lane)

    def has_room_ahead(self, lane: str) -> bool:
        """Whether a call that nobody has asked for yet would be in nobody's way."""
        return not self.flights.of(lane) and self.has_room_beside

    @property
    def has_room_beside(self) -> bool:
        """Whether a call for a further candidate would be in nobody's way."""
        asks = self.provider.source is not Source.OFFLINE
        return asks and self._allowance.has_room() and self.breaker.is_closed

    def set_off(self, request: Request, provider: Provider, variant: int = 0) -> Flight:
        """Begins a call for a request, at the provider or at the one that stands in for it."""
        now = self.clock.now()
        stream = Stream(
            place=place_of(request.snapshot),
            source=provider.source,
            provider=provider.name,
            model=provider.model,
            begun=now,
            variant=variant,
        )
        prompt = build_prompt(request, self._settings, provider.budget, variant)
        if provider is self.provider:
            self._allowance.spend(estimate_tokens(prompt))
            self.breaker.probe()
        flight = Flight(lane=request.lane, stream=stream)
        around = look_around(request.snapshot)
        writing = _Writing(
            flight=flight,
            request=request,
            settings=self._settings,
            learn=self._allowance.learn,
            now=self.clock.now,
            intake=Intake(around=around),
        )
        self.store.add(stream)
        self.flights.start(flight, partial(self._call, flight, provider, prompt), writing.take)
        asyncio.get_running_loop().call_later(SENT_SECONDS, around.prepare)
        return flight

    async def _call(
        self, flight: Flight, provider: Provider, prompt: Prompt, more: Callable[[Chunk], bool]
    ) -> None:
        further = flight.stream.variant > 0
        own = provider is self.provider and not further

        def heard(chunk: Chunk) -> bool:
            if own and chunk.text:  # also if the call is broken off later: the endpoint is well
                self.breaker.succeed()
            return more(chunk)

        try:
            await provider.ask(prompt, heard)
        except Exception as error:
            known = error if isinstance(error, FimError) else BrokenReply(type(error).__name__)
            log.log(
                logging.DEBUG if further else logging.WARNING, "%s: %s", type(known).__name__, known
            )
            if own or (further and isinstance(known, RateLimited)):
                self.breaker.fail(known)
            raise
        if own:
            self.breaker.succeed()


@dataclass(slots=True, kw_only=True)
class _Writing:
    """Writes a stream from its chunks, and knows when there is enough of it."""

    flight: Flight
    request: Request
    settings: Settings
    learn: Callable[..., None]
    now: Callable[[], float]
    intake: Intake
    shown: int = -1
    behind: int = 0

    def take(self, chunk: Chunk) -> bool:
        """Takes a chunk; False when what is shown and a bounded rest are complete."""
        stream = self.flight.stream
        if chunk.limits is not None:
            self.learn(chunk.limits)
        if chunk.text:
            if not stream.text:
                self.flight.first_token = self.now() - stream.begun
            self.intake.feed(chunk.text)
        if chunk.finish_reason:
            self.intake.finish()
        stream.text, stream.settled = self.intake.text, self.intake.applied
        stream.usage = chunk.usage or stream.usage
        stream.finish_reason = chunk.finish_reason or stream.finish_reason
        stream.ended = self.intake.over or stream.finish_reason not in CUT_OFF
        if stream.finish_reason:
            return True
        return not self.intake.over and not self._is_enough(
            stream.text, new_line="\n" in chunk.text
        )

    def _is_enough(self, text: str, *, new_line: bool) -> bool:
        if self.shown < 0 and new_line:
            wanted = wanted_by(self.request, self.settings, fresh=True)
            part = cut_reading(self.intake.reading, wanted, finished=False)
            self.shown = len(part.text) if part.complete else -1
        if self.shown < 0:
            return False
        self.behind += 1
        return text.count("\n", self.shown) > self.settings.rest_lines or self.behind > REST_TOKENS


CUT_OFF = ("", "length", "model_length", "error")
"""Ways for a call to end in the middle of a text; the first one: broken off by ourselves."""
