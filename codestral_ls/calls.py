"""Setting calls off: one for each lane, within the limits, and not into an open circuit."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from codestral_ls.context.prompt import (
    Sources,
    as_variant,
    build_prompt,
    estimate_tokens,
    scaled,
    size_of,
)
from codestral_ls.context.tokens import TokenRates
from codestral_ls.errors import BrokenReply, FimError, RateLimited, TooLong
from codestral_ls.model import Chunk, Prompt, Provider, Request, Snapshot, Source
from codestral_ls.reuse.flights import Flight, Flights
from codestral_ls.reuse.limits import Allowance
from codestral_ls.reuse.pace import Breaker, Clock
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Store, Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.settling import Intake
from codestral_ls.shaping.surroundings import look_around
from codestral_ls.writing import Writing

SENT_SECONDS = 0.002
"""By then the request has been sent, and what stands around the cursor is read for nothing."""

log = logging.getLogger(__name__)


class Calls:
    """The calls to one provider under one set of settings; what they bring goes into the store.

    `sources` is what a prompt may draw upon beside the document.
    """

    def __init__(
        self,
        settings: Settings,
        provider: Provider,
        store: Store,
        clock: Clock,
        sources: Callable[[Snapshot], Sources],
    ) -> None:
        self.flights = Flights(clock)
        self.breaker = Breaker(clock.now)
        self._settings = settings
        self.provider = provider
        self.store = store
        self.clock = clock
        self._sources = sources
        self._rates = TokenRates()
        self._share = 1.0
        self._allowance = Allowance(
            clock.now, settings.requests_per_minute, settings.tokens_per_minute
        )

    async def wait_for_room(self, request: Request) -> None:
        """Waits until the lane is free and the rate limit leaves room for this request."""
        tokens = estimate_tokens(self._prompt(request, self.provider), self._rates)
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
        prompt = self._prompt(request, provider, variant)
        if provider is self.provider:
            self._allowance.spend(estimate_tokens(prompt, self._rates))
            self.breaker.probe()
        flight = Flight(lane=request.lane, stream=stream)
        around = look_around(request.snapshot)
        writing = Writing(
            flight=flight,
            request=request,
            settings=self._settings,
            learn=self._allowance.learn,
            now=self.clock.now,
            intake=Intake(around=around),
            prompt=prompt,
        )
        self.store.add(stream)
        shorter = partial(self._shorter, self._share, request, provider, variant)
        call = partial(self._call, flight, provider, prompt, shorter)
        self.flights.start(flight, call, writing.take)
        asyncio.get_running_loop().call_later(SENT_SECONDS, around.prepare)
        return flight

    def _prompt(self, request: Request, provider: Provider, variant: int = 0) -> Prompt:
        if provider.source is Source.OFFLINE:  # which has other files of its own, and no limits
            return build_prompt(request, self._settings, provider.budget)
        prompt = build_prompt(
            request,
            self._settings,
            scaled(provider.budget, self._share),
            sources=self._sources(request.snapshot),
            rates=self._rates,
        )
        return as_variant(prompt, variant) if variant else prompt

    def _shorter(self, share: float, request: Request, provider: Provider, variant: int) -> Prompt:
        """The prompt again, where a `share` of the budget was too much; so are later ones."""
        self._share = min(self._share, share / 2)
        return self._prompt(request, provider, variant)

    async def _call(
        self,
        flight: Flight,
        provider: Provider,
        prompt: Prompt,
        shorter: Callable[[], Prompt],
        more: Callable[[Chunk], bool],
    ) -> None:
        further = flight.stream.variant > 0
        own = provider is self.provider and not further

        def heard(chunk: Chunk) -> bool:
            if own and chunk.text:  # also if the call is broken off later: the endpoint is well
                self.breaker.succeed()
            return more(chunk)

        try:
            try:
                await self._ask(provider, prompt, heard)
            except TooLong as error:
                log.warning("%s Until then half of it is sent.", error)
                await self._ask(provider, shorter(), heard)
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

    async def _ask(self, provider: Provider, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        def heard(chunk: Chunk) -> bool:
            if chunk.usage is not None:
                self._rates.learn(prompt.language, size_of(prompt), chunk.usage.prompt_tokens)
            return more(chunk)

        await provider.ask(prompt, heard)
