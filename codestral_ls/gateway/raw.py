"""Filling an order as it is: a cache, bounds and a meter between the one who asks and a model.

Nothing shapes the text, no secrets are taken out of the prompt, and nobody stands in for a model
that fails. The metadata stay here: they may hold names of files. What a model's format asks for
goes for these requests too, such as a line end in the place of an empty suffix for Codestral.

What a reply is billed with is what was generated for it: nothing for one that was known or is
generated for somebody else. Where no endpoint counts, the size of the texts says it.
"""

import asyncio
from dataclasses import dataclass, field

from codestral_ls.engine.call import FREE
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.outcomes import reason_of
from codestral_ls.gateway.asking import language_in
from codestral_ls.gateway.costs import cost_at, tokens_in, tokens_of
from codestral_ls.gateway.errors import Refusal, failure_in
from codestral_ls.gateway.orders import Order, Take, Way
from codestral_ls.happenings import CallEnded, Labels, RequestEnded
from codestral_ls.model import Chunk, Nothing, Parameters, Prompt, Reason, Source, Usage
from codestral_ls.reuse.pace import SYSTEM_CLOCK

USUAL_TOKENS = 1024
"""Where a request names no bound: about as much as comes within the usual deadline of a call."""


def prompt_of(order: Order) -> Prompt:
    """What the model is told: the body's own words; what it leaves open is as the settings say."""
    body, settings = order.body, order.model.engine.settings
    temperature = settings.temperature if body.temperature is None else body.temperature
    return Prompt(
        uri="",
        language=language_in(order.place),
        prefix=body.prompt,
        suffix=body.suffix or "",
        owner=order.user.name,
        parameters=Parameters(
            max_tokens=USUAL_TOKENS if body.max_tokens is None else body.max_tokens,
            temperature=temperature,
            top_p=body.top_p,
            min_tokens=body.min_tokens,
            random_seed=body.random_seed,
            stop=body.stops,
            prompt_cache_key=body.prompt_cache_key or "",
        ),
    )


async def recall(order: Order) -> tuple[Chunk, ...]:
    """What is known of the same prompt; a request of which no bound but that of requests knows."""
    known_by, meter = order.model.provider.recall, Meter(order)
    known = await known_by(prompt_of(order)) if known_by is not None else ()
    if known:
        async with order.gateway.admission.admit(order.user):
            for chunk in known:
                meter.hear(chunk)
            meter.end_request()
    return known


async def fill(order: Order, take: Take) -> None:
    """Asks the model, within the bounds of who asks, and of this machine's day."""
    if (spent := _spent_today(order.model.engine)) is not None:
        raise spent
    prompt, provider = prompt_of(order), order.model.provider
    meter = Meter(order)
    most = Usage(
        prompt_tokens=tokens_of(prompt.prefix + prompt.suffix),
        completion_tokens=prompt.parameters.max_tokens,
    )
    tokens, cost = most.prompt_tokens + most.completion_tokens, cost_at(provider, most)

    def hear(chunk: Chunk) -> bool:
        meter.hear(chunk)
        return take(chunk)

    async with order.gateway.admission.admit(order.user, tokens=tokens, cost=cost):
        try:
            await provider.ask(prompt, hear)
        except asyncio.CancelledError:
            meter.fail(Reason.CANCELLED)
            raise
        except Exception as error:
            meter.fail(reason_of(error), free=isinstance(error, FREE))
            raise
        finally:
            meter.end_call()
            meter.end_request()
    take(Chunk(usage=meter.usage))


def _spent_today(engine: Engine) -> Refusal | None:
    """Why nothing may be paid for any more today, as for the editors of this machine."""
    if not engine.is_bound or not engine.daily_limit.is_spent:
        return None
    return failure_in(engine.condition, Nothing(reason=Reason.SPENT))


@dataclass(slots=True, eq=False)
class Meter:
    """What one order has come to, told when it is over."""

    order: Order
    began: float = field(default_factory=SYSTEM_CLOCK.now)
    first_token: float = 0.0
    chars: int = 0
    bytes: int = 0
    source: Source | None = None
    counted: Usage | None = None
    failure: Reason | None = None
    free: bool = False

    def hear(self, chunk: Chunk) -> None:
        """Takes note of a chunk."""
        self.source = chunk.source or self.source
        self.counted = chunk.usage or self.counted
        if chunk.text and not self.chars:
            self.first_token = SYSTEM_CLOCK.now() - self.began
        self.chars += len(chunk.text)
        self.bytes += len(chunk.text.encode("utf-8", "replace"))

    def fail(self, reason: Reason, *, free: bool = False) -> None:
        """The call has failed, at once or in the middle; a `free` failure costs nothing."""
        self.failure, self.free = reason, free and not self.chars

    @property
    def usage(self) -> Usage:
        """What was generated for this order, as the endpoint counts it or by the size of it."""
        if self.source is not None or self.free or not self._asks:
            return Usage()
        if self.counted is not None:
            return self.counted
        asked = self.order.body.prompt + (self.order.body.suffix or "")
        return Usage(prompt_tokens=tokens_of(asked), completion_tokens=tokens_in(self.bytes))

    @property
    def _asks(self) -> bool:
        return self.order.model.provider.source is not Source.OFFLINE

    def end_call(self) -> None:
        """Tells of the call; there was none if somebody else's has brought the text."""
        if self.source is not None or not self._asks:
            return
        usage, provider = self.usage, self.order.model.provider
        # Who leaves in the middle of a text has got some of it, which is no failure of the model.
        left = self.failure is Reason.CANCELLED and self.chars
        self.order.gateway.tell(
            CallEnded(
                labels=self._labels,
                failure="" if left or self.failure is None else self.failure.value,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                cached_tokens=usage.cached_tokens,
                estimated=self.counted is None and usage != Usage(),
                first_token=self.first_token,
                total=self._total,
                cost=cost_at(provider, usage),
                priced=provider.local or provider.prices is not None,
                local=provider.local,
                shown=bool(self.chars),
            )
        )

    def end_request(self) -> None:
        """Tells of the outcome."""
        source = self.source or self.order.model.provider.source
        answered = self.failure is None and bool(self.chars)
        outcome = source if answered else self.failure or Reason.EMPTY
        self.order.gateway.tell(
            RequestEnded(
                labels=self._labels,
                outcome=outcome.value,
                answered=answered,
                waited=0.0,
                total=self._total,
                chars=self.chars if answered else 0,
            )
        )

    @property
    def _total(self) -> float:
        return SYSTEM_CLOCK.now() - self.began

    @property
    def _labels(self) -> Labels:
        provider = self.order.model.provider
        return Labels(
            language=language_in(self.order.place),
            provider=provider.name,
            model=provider.model,
            owner=self.order.user.name,
        )


RAW = Way(recall, fill)
