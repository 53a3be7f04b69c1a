"""Setting calls off: one for each lane, within the limits, and not into an open circuit."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from codestral_ls.context.prompt import build_prompt, estimate_tokens
from codestral_ls.model import BrokenReply, Chunk, FimError, Prompt, Provider, Request, Source
from codestral_ls.reuse.flights import Flight, Flights
from codestral_ls.reuse.limits import Allowance
from codestral_ls.reuse.pace import Breaker, Clock
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Store, Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.rules import settle
from codestral_ls.shaping.stops import Extent, cut_at, wanted_extent

REST_TOKENS = 128
"""Behind what is shown; with `rest_lines` it bounds what is generated for later."""

log = logging.getLogger(__name__)


class Calls:
    """The calls to one provider under one set of settings; what they bring goes into the store."""

    def __init__(self, settings: Settings, provider: Provider, store: Store, clock: Clock) -> None:
        self.flights = Flights(clock)
        self.breaker = Breaker(clock.now)
        self._settings = settings
        self._provider = provider
        self._store = store
        self._clock = clock
        self._allowance = Allowance(
            clock.now, settings.requests_per_minute, settings.tokens_per_minute
        )

    async def wait_for_room(self, request: Request) -> None:
        """Waits until the lane is free and the rate limit leaves room for this request."""
        tokens = estimate_tokens(self._prompt(request, self._provider))
        await self.flights.free(request.lane)
        while (seconds := self._allowance.wait_seconds(tokens)) > 0:
            await self._clock.sleep(seconds)
            await self.flights.free(request.lane)

    def has_room_ahead(self, lane: str) -> bool:
        """Whether a call that nobody has asked for yet would be in nobody's way."""
        idle = self.flights.get(lane) is None and self._provider.source is not Source.OFFLINE
        return idle and self._allowance.has_room() and self.breaker.is_closed

    def set_off(self, request: Request, provider: Provider) -> Flight:
        """Begins a call for a request, at the provider or at the one that stands in for it."""
        now = self._clock.now()
        stream = Stream(
            place=place_of(request.snapshot),
            source=provider.source,
            provider=provider.name,
            model=provider.model,
            begun=now,
        )
        prompt = self._prompt(request, provider)
        if provider is self._provider:
            self._allowance.spend(estimate_tokens(prompt))
            self.breaker.probe()
        flight = Flight(lane=request.lane, stream=stream)
        intake = _Intake(
            flight=flight,
            request=request,
            settings=self._settings,
            learn=self._allowance.learn,
            now=self._clock.now,
        )
        self._store.add(stream)
        self.flights.start(flight, partial(self._call, provider, prompt), intake.take)
        return flight

    def _prompt(self, request: Request, provider: Provider) -> Prompt:
        return build_prompt(request, self._settings, provider.budget)

    async def _call(
        self, provider: Provider, prompt: Prompt, more: Callable[[Chunk], bool]
    ) -> None:
        own = provider is self._provider

        def heard(chunk: Chunk) -> bool:
            if own and chunk.text:  # also if the call is broken off later: the endpoint is well
                self.breaker.succeed()
            return more(chunk)

        try:
            await provider.ask(prompt, heard)
        except Exception as error:
            known = error if isinstance(error, FimError) else BrokenReply(type(error).__name__)
            log.warning("%s: %s", type(known).__name__, known)
            if own:
                self.breaker.fail(known)
            raise
        if own:
            self.breaker.succeed()


@dataclass(slots=True, kw_only=True)
class _Intake:
    """Writes a stream from its chunks, and knows when there is enough of it."""

    flight: Flight
    request: Request
    settings: Settings
    learn: Callable[..., None]
    now: Callable[[], float]
    raw: str = ""
    behind: int = 0

    def take(self, chunk: Chunk) -> bool:
        """Takes a chunk; False when what is shown and a bounded rest are complete."""
        stream = self.flight.stream
        if chunk.limits is not None:
            self.learn(chunk.limits)
        if chunk.text:
            if not self.raw:
                self.flight.first_token = self.now() - stream.begun
            self.raw += chunk.text
            stream.text = settle(self.raw, self.request.snapshot)
        stream.usage = chunk.usage or stream.usage
        stream.finish_reason = chunk.finish_reason or stream.finish_reason
        stream.ended = bool(stream.finish_reason)
        return stream.ended or not self._is_enough(stream.text)

    def _is_enough(self, text: str) -> bool:
        shown, complete = cut_at(text, extent_for(self.request, text, self.settings, fresh=True))
        if not complete:
            return False
        self.behind += 1
        return text.count("\n", len(shown)) > self.settings.rest_lines or self.behind > REST_TOKENS


INVOKED_LINES = 20
"""Who asks by hand wants the block, not its head."""


def extent_for(request: Request, rest: str, settings: Settings, *, fresh: bool) -> Extent:
    """How much of a text is wanted at the cursor of a request."""
    lines = settings.max_lines if request.trigger == "automatic" else INVOKED_LINES
    return wanted_extent(request.snapshot, rest, lines, fresh=fresh)
