"""One call on its way: to the provider that serves, and to the next one if that fails at once."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from codestral_ls.context.prompt import Sources
from codestral_ls.engine.chain import Chain, Link
from codestral_ls.engine.metering import Metering, cost_of
from codestral_ls.engine.outcomes import blames_host, reason_of
from codestral_ls.engine.writing import Writing
from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    TooLong,
    Unavailable,
)
from codestral_ls.happenings import CallEnded, Labels
from codestral_ls.model import Chunk, Prompt, Reason, Request, Sent, Source, Trigger, Usage
from codestral_ls.provider import Provider
from codestral_ls.reuse.flights import Flight
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Stream
from codestral_ls.settings import Settings
from codestral_ls.wishes import EVERYBODY

AT_ONCE_SECONDS = 0.3
"""A failure within this time leaves the next provider enough of what a user waits for. A refused
connection takes 1 ms, a bad key a round trip."""
FREE = (Unavailable, RateLimited, Refused)
"""Failures of which nobody has generated anything, unless text has come before them."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A call for one request; `sources` is what its prompt draws upon beside the document.

    One that is `alone` goes to one provider only, whatever becomes of it. `_reused` says where a
    text is from that somebody else has asked for: neither is it paid for here, nor a failure of it
    counted again.
    """

    request: Request
    link: Link
    variant: int
    alone: bool
    settings: Settings
    chain: Chain
    metering: Metering
    sources: Sources
    now: Callable[[], float]
    flight: Flight = field(init=False)
    _prompt: Prompt = field(init=False)
    _held: float = field(init=False, default=0.0)
    _has_run: bool = field(init=False, default=False)
    _reused: Source | None = field(init=False, default=None)
    _writing: Writing = field(init=False)

    def __post_init__(self) -> None:
        provider = self.link.provider
        stream = Stream(
            place=place_of(self.request.snapshot),
            source=provider.source,
            provider=provider.name,
            model=provider.model,
            begun=self.now(),
            variant=self.variant,
        )
        self.flight = Flight(lane=self.request.lane, stream=stream)
        first, chain = self.chain.first, self.chain
        because = why_not(first, chain, self.metering) if self.link is not first else ""
        self._begin(self.link, self._prompt_for(self.link), because)

    def take(self, chunk: Chunk) -> bool:
        """Takes a chunk; False when there is enough."""
        return self._writing.take(chunk)

    async def run(self, more: Callable[[Chunk], bool]) -> None:
        """Asks until somebody answers, or nobody can in time; each chunk goes to `more`.

        If nobody does, it has failed as it did at the first one: that is what can be mended.
        """
        self._has_run = True
        failed: tuple[Exception, Sent | None] | None = None
        preferred, stream = self.link.provider, self.flight.stream
        while True:
            try:
                await self._try(more)
            except Exception as error:  # noqa: BLE001 - raised again if nobody can take over
                failed = failed or (error, stream.sent)
                if not self._goes_on(failed[0]):
                    stream.provider, stream.model = preferred.name, preferred.model
                    failure, stream.sent = failed
                    raise failure from None
            else:
                return

    def undo(self) -> None:
        """Takes back what was counted of a call that was broken off before it began."""
        if not self._has_run:
            self.metering.call_undone(costs=self.link.costs, held=self._held)

    def _goes_on(self, failure: Exception) -> bool:
        """Turns to the next provider that has room, if there is time for it."""
        stream = self.flight.stream
        invoked = self.request.trigger is Trigger.INVOKED
        late = self.now() - stream.begun >= AT_ONCE_SECONDS and not invoked
        if late or self._writing.come or self.variant or not stream.under_way or self.alone:
            return False
        for link in self.chain.after(self.link, invoked=invoked):
            prompt = self._prompt_for(link)
            if link.allowance.wait_seconds(link.estimate(prompt)) <= 0:
                stream.provider, stream.model = link.provider.name, link.provider.model
                self._begin(link, prompt, stream.because or str(_known(failure)))
                return True
        return False

    def _begin(self, link: Link, prompt: Prompt, because: str) -> None:
        self.link, self.flight.stream.because = link, because
        self._writing = Writing(
            flight=self.flight,
            request=self.request,
            settings=self.settings,
            learn=link.allowance.learn,
            now=self.now,
            prompt=prompt,
        )
        self._send(prompt)
        link.take_off(prompt)

    def _send(self, prompt: Prompt) -> None:
        self._prompt = self._writing.prompt = prompt
        usage = Usage(prompt_tokens=self.link.tokens(prompt))
        self._held = self._cost(usage)
        self.metering.call_begins(costs=self.link.costs, held=self._held)
        self.flight.stream.sent = sent_of(self.link.provider, prompt) if self.link.asks else None

    def _prompt_for(self, link: Link, share: float = 1.0) -> Prompt:
        prompt = link.prompt(self.request, self.settings, self.sources, self.variant, share)
        return replace(prompt, probes=True) if self.alone else prompt

    async def _try(self, more: Callable[[Chunk], bool]) -> None:
        link, share = self.link, self.link.share
        try:
            try:
                await self._ask(more)
            except TooLong as error:
                if self.chain.is_spent(link):
                    raise
                log.warning("%s Until then half of it is sent.", error)
                if not self.request.snapshot.scope.wishes.max_tokens:  # else that is what is long
                    link.share = min(link.share, share / 2)
                self._send(self._prompt_for(link, share / 2))
                await self._ask(more)
        except Exception as error:
            known = _known(error)
            level = logging.DEBUG if self.variant else logging.WARNING
            log.log(level, "%s: %s", type(known).__name__, known)
            speaks = not self.variant or isinstance(known, RateLimited)
            if self._reused is None and speaks and blames_host(known, self.request):
                self.chain.fail(link, known)
            raise
        self._succeed()

    def _succeed(self) -> None:
        """The endpoint is well, if it is the one who has answered."""
        if not self.variant and self._reused is not Source.CACHE:
            self.chain.succeed(self.link)

    def _reuse(self, source: Source) -> None:
        """The call has not gone out after all."""
        self._reused = self.flight.stream.source = source
        self.link.touch_down(self._prompt)
        self.metering.call_undone(costs=self.link.costs, held=self._held)

    async def _ask(self, more: Callable[[Chunk], bool]) -> None:
        link, prompt, started = self.link, self._prompt, self.now()
        heard, failure = _Heard(), ""
        self._reused, self.flight.stream.source = None, link.provider.source

        def hear(chunk: Chunk) -> bool:
            if chunk.source is not None:
                self._reuse(chunk.source)
            if chunk.usage is not None:
                heard.usage = chunk.usage
                link.learn(prompt, chunk.usage.prompt_tokens)
            if chunk.text and not heard.spoke:
                heard.spoke, heard.first_token = True, self.now() - started
                if self._reused is None:
                    link.first_token = heard.first_token
                self._succeed()  # also if it is broken off later
            return more(chunk)

        free = False
        try:
            await link.provider.ask(prompt, hear)
        except asyncio.CancelledError:
            failure = (
                ""
                if heard.spoke or self._reused is not None
                else self._broken_off(self.now() - started)
            )
            raise
        except Exception as error:
            failure, free = reason_of(error).value, isinstance(error, FREE)
            raise
        finally:
            if link.asks and self._reused is None:
                counted = heard.usage or self._estimated(free=free)
                self._settle(heard, counted, failure, self.now() - started)

    def _broken_off(self, silence: float) -> str:
        """By which name a call is counted that was broken off before its first token.

        An editor gives up long before the deadline of a host that swallows everything: who has
        said nothing for so long is taken to have missed it. Where several ask, an impatient one
        does not keep the others from a slow host, unless somebody else can answer them.
        """
        counts = self.request.snapshot.scope == EVERYBODY or self.link.provider.then is not None
        if self.variant or not (self.link.asks and counts) or silence < self.link.patience:
            return Reason.CANCELLED.value
        late = TimedOut(f"No answer has begun within {silence:.1f} s.")
        self.chain.fail(self.link, late)
        return reason_of(late).value

    def _settle(self, heard: "_Heard", counted: Usage, failure: str, total: float) -> None:
        """Says what a call has come to, however it has ended."""
        stream, provider = self.flight.stream, self.link.provider
        call = CallEnded(
            labels=Labels(
                language=self._prompt.language,
                provider=provider.name,
                model=provider.model,
                owner=self._prompt.owner,
            ),
            failure=failure,
            prompt_tokens=counted.prompt_tokens,
            completion_tokens=counted.completion_tokens,
            cached_tokens=counted.cached_tokens,
            estimated=heard.usage is None and counted != Usage(),
            first_token=heard.first_token,
            total=total,
            cost=self._cost(counted),
            priced=not self.link.costs or provider.prices is not None,
            local=provider.local,
            shown=stream.used,
        )
        self.metering.call_ended(call, stream, held=self._held)

    def _cost(self, usage: Usage) -> float:
        return cost_of(usage, self.link.provider.prices) if self.link.costs else 0.0

    def _estimated(self, *, free: bool) -> Usage:
        """What a call has taken that was broken off, by the size of what was sent and has come."""
        come, rates = self._writing.come, self.link.rates
        if free and not come:
            return Usage()
        return Usage(
            prompt_tokens=self.link.tokens(self._prompt),
            completion_tokens=rates.tokens(self._prompt.language, come),
        )


def why_not(link: Link, chain: Chain, metering: Metering) -> str:
    """Why a provider is not asked now, in words that say what to do."""
    return metering.daily_limit.words if chain.is_spent(link) else str(link.breaker.cause or "")


def _known(error: Exception) -> FimError:
    """A failure in words that may be told: those of a mistake of ours could hold code."""
    ours = f"A mistake of codestral-ls itself, {type(error).__name__}: its log says where."
    return error if isinstance(error, FimError) else BrokenReply(ours)


@dataclass(slots=True)
class _Heard:
    """What an endpoint has said of a call beside the text."""

    usage: Usage | None = None
    spoke: bool = False
    first_token: float = 0.0


def sent_of(provider: Provider, prompt: Prompt) -> Sent:
    """What of a prompt may be told: names and sizes."""
    return Sent(
        provider=provider.name,
        model=provider.model,
        prefix_chars=len(prompt.prefix),
        suffix_chars=len(prompt.suffix),
        snippets=tuple((each.path, len(each.text)) for each in prompt.snippets),
        redacted=prompt.redacted,
    )
