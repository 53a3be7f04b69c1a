"""The one walk of a request through the rooms: gate, reuse, pace, prompt, model, shaping."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from codestral_ls.context.prompt import build_prompt
from codestral_ls.model import (
    Answer,
    BrokenReply,
    Budget,
    Chunk,
    FimError,
    Nothing,
    Outcome,
    Provider,
    RateLimited,
    Reason,
    Refused,
    Request,
    Source,
    TimedOut,
    Timings,
    Trigger,
    Unauthorized,
    Unavailable,
    Usage,
)
from codestral_ls.reuse.cache import PLACE_AFTER, PLACE_BEFORE, Cache, Found, place_of
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Breaker, Clock, Lanes
from codestral_ls.settings import Settings
from codestral_ls.shaping.rules import shape
from codestral_ls.shaping.stops import Extent, is_complete, wanted_extent
from codestral_ls.stats import Journal, Record

log = logging.getLogger(__name__)

Connect = Callable[[Settings], Provider]

_REASONS: tuple[tuple[type[FimError], Reason], ...] = (
    (Unauthorized, Reason.UNAUTHORIZED),
    (Refused, Reason.REFUSED),
    (RateLimited, Reason.RATE_LIMITED),
    (TimedOut, Reason.TIMED_OUT),
    (Unavailable, Reason.UNAVAILABLE),
    (BrokenReply, Reason.BROKEN_REPLY),
)


class Engine:
    """Answers requests under the settings of the moment; knows no protocol."""

    def __init__(
        self, settings: Settings, connect: Connect, *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self.settings = settings
        self.provider = connect(settings)
        self.journal = Journal()
        self._connect = connect
        self._clock = clock
        self._cache = Cache()
        self._lanes = Lanes()
        self._breaker = Breaker(clock.now)

    def configure(self, settings: Settings) -> Provider:
        """Takes new settings and returns the old provider, for the caller to close."""
        old, self.settings, self.provider = self.provider, settings, self._connect(settings)
        self._breaker = Breaker(self._clock.now)
        self._cache = Cache()  # what other settings have brought is no answer under these
        return old

    @property
    def budget(self) -> Budget:
        """How much of a document a snapshot must hold: what the provider is shown, and a place."""
        budget = self.provider.budget
        return Budget(
            prefix_chars=max(budget.prefix_chars, PLACE_BEFORE),
            suffix_chars=max(budget.suffix_chars, PLACE_AFTER),
        )

    async def close(self) -> None:
        """Gives back what the provider holds."""
        await self.provider.close()

    def abandon(self, lane: str) -> None:
        """Ends what is under way in a lane, because nobody will look at it."""
        self._lanes.clear(lane)

    async def complete(self, request: Request) -> Outcome:
        """The outcome for a request; raises nothing but cancellation."""
        started = self._clock.now()
        outcome: Outcome = Nothing(reason=Reason.SUPERSEDED)
        with self._lanes.enter(request.lane) as turn:
            try:
                outcome = await self._walk(request)
            except Exception as error:  # noqa: BLE001 - the one place that must catch everything
                # Not the message and no values: they could hold the user's code.
                log.error("request failed: %s at %s", type(error).__name__, place_raised(error))  # noqa: TRY400
                outcome = Nothing(reason=Reason.INTERNAL_ERROR)
        if turn.cancel_called:  # also when the answer came in the same breath as the newer request
            outcome = Nothing(reason=Reason.SUPERSEDED)
        timings = replace(outcome.timings, total=self._clock.now() - started)
        outcome = replace(outcome, timings=timings)
        self.journal.write(Record(language=request.snapshot.language, outcome=outcome))
        return outcome

    async def _walk(self, request: Request) -> Outcome:
        closed = gate(request, self.settings)
        if closed is not None:
            return closed
        invoked = request.trigger is Trigger.INVOKED
        found = self._cache.find(request.snapshot, self._clock.now())
        if found is not None and not (invoked and isinstance(found.outcome, Nothing)):
            return from_memory(found)
        waited = 0.0
        if not invoked and self.settings.debounce_ms:
            waited = self.settings.debounce_ms / 1000
            await self._clock.sleep(waited)
        cause = self._breaker.blocked_by(invoked=invoked)
        if cause is not None:
            return Nothing(reason=Reason.PAUSED, detail=str(cause), timings=Timings(waited=waited))
        cache = self._cache
        outcome = await self._ask(request, waited)
        if isinstance(outcome, Answer) or outcome.reason in {Reason.EMPTY, Reason.SHAPED_AWAY}:
            cache.put(place_of(request.snapshot), outcome, self._clock.now())
        return outcome

    async def _ask(self, request: Request, waited: float) -> Outcome:
        provider, breaker = self.provider, self._breaker
        extent = wanted_extent(request.snapshot)
        prompt = build_prompt(request, self.settings, provider.budget, extent.value)
        generation = _Generation(asked_at=self._clock.now(), now=self._clock.now, extent=extent)
        try:
            await provider.ask(prompt, generation.take)
        except FimError as error:
            breaker.fail(error)
            log.warning("%s: %s", type(error).__name__, error)
            reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
            return Nothing(reason=reason, detail=str(error), timings=Timings(waited=waited))
        breaker.succeed()
        timings = Timings(waited=waited, first_token=generation.first_token)
        shaped = shape(generation.text, request.snapshot)
        if not shaped.text:
            by = shaped.applied[-1] if generation.text.strip() and shaped.applied else ""
            reason = Reason.SHAPED_AWAY if by else Reason.EMPTY
            return Nothing(reason=reason, detail=by, timings=timings)
        return Answer(
            text=shaped.text,
            source=provider.source,
            provider=provider.name,
            model=provider.model,
            finish_reason=generation.finish_reason,
            usage=generation.usage,
            shaped=shaped.applied,
            timings=timings,
        )


def gate(request: Request, settings: Settings) -> Nothing | None:
    """Whether this document may be completed now at all."""
    if not settings.enabled:
        return Nothing(reason=Reason.DISABLED)
    if settings.trigger == "manual" and request.trigger is not Trigger.INVOKED:
        return Nothing(reason=Reason.MANUAL_ONLY)
    language = request.snapshot.language
    included = "*" in settings.languages or language in settings.languages
    if not included or f"!{language}" in settings.languages:
        return Nothing(reason=Reason.LANGUAGE_OFF, detail=language)
    return None


def from_memory(found: Found) -> Outcome:
    """A remembered outcome as the answer to a new request."""
    outcome = found.outcome
    if not isinstance(outcome, Answer):
        return replace(outcome, timings=Timings())
    return replace(
        outcome,
        text=outcome.text[found.typed :],
        source=Source.TYPED_THROUGH if found.typed else Source.CACHE,
        usage=Usage(),
        timings=Timings(),
    )


def place_raised(error: BaseException) -> str:
    """File and line where an error came up, without anything that a message could tell."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


@dataclass(slots=True, kw_only=True)
class _Generation:
    """What a call has brought so far."""

    asked_at: float
    now: Callable[[], float]
    extent: Extent
    raw: str = ""
    first_token: float = 0.0
    finish_reason: str = ""
    usage: Usage | None = None

    @property
    def text(self) -> str:
        """With LF line ends, as everything that is compared with the document."""
        return self.raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in self.raw else self.raw

    def take(self, chunk: Chunk) -> bool:
        """Takes a chunk; False as soon as what will be shown is complete."""
        if chunk.text and not self.raw:
            self.first_token = self.now() - self.asked_at
        self.raw += chunk.text
        self.finish_reason = chunk.finish_reason or self.finish_reason
        self.usage = chunk.usage or self.usage
        return not is_complete(self.text, self.extent)
