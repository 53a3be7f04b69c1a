"""Outcomes -> what `/complete` replies with. Pure."""

from dataclasses import dataclass
from typing import Any

from codestral_ls.context.prompt import build_prompt
from codestral_ls.engine.chain import chain_of
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import describe
from codestral_ls.gateway.costs import cost_at, tokens_in, usage_of
from codestral_ls.model import Answer, Nothing, Outcome, Request, Source, Trigger, Usage
from codestral_ls.provider import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a client has asked of an engine; it gets its own line ends back."""

    engine: Engine
    request: Request
    line_end: str = "\n"
    explain: bool = False

    def shown(self, text: str) -> str:
        """A text of ours, in which lines end with LF, as the client has its own."""
        return text.replace("\n", self.line_end)


def answer_of(asked: Asked, outcome: Outcome, seconds: float) -> dict[str, Any]:
    """The reply to a request that was not refused, with or without a text.

    - `completion` goes to the cursor, instead of the first `replaces` characters behind it; ""
      where there is none. `others` are further candidates, each with these two fields.
    - `source`: "model", "joined" (somebody has asked the same at the same time), "cache", "typed
      through", "offline"; `provider`, `model`, `finish_reason`: of the call that has brought it.
    - `tokens`: null where none were taken, or `prompt`, `completion`, `cached`, and whether they
      are `estimated`, as those of a call are that was broken off. `cost`: null if nobody knows.
    - `milliseconds`: `total` here, and until the `first_token` if a model was asked.
    - `reason` and `detail`: why there is no text; or why it is not from the preferred provider.
    - To `explain`: the `prompt` as it was sent (`prefix`, `suffix`), null if that was for another
      place; `steps` (`rule`, and the characters `before` and `after` it); `sent`, see `describe`.
    """
    usage, is_estimated = _usage_of(outcome)
    provider = _provider_of(asked.engine, outcome)
    reply = {
        **_texts(asked, outcome),
        "provider": outcome.provider,
        "model": outcome.model,
        "tokens": _tokens(usage, estimated=is_estimated),
        "cost": _cost(outcome, usage, provider),
        "milliseconds": {
            "total": _milliseconds(seconds),
            "first_token": _milliseconds(outcome.timings.first_token),
        },
        **_why(outcome),
    }
    return {**reply, **_explained(asked, outcome, provider)} if asked.explain else reply


def _texts(asked: Asked, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Nothing):
        none = {"completion": "", "replaces": 0, "others": []}
        return {**none, "source": "", "finish_reason": ""}
    return {
        "completion": asked.shown(outcome.text),
        "replaces": outcome.replaces,
        "others": [
            {"completion": asked.shown(each.text), "replaces": each.replaces}
            for each in outcome.others
        ],
        "source": outcome.source.value,
        "finish_reason": outcome.finish_reason,
    }


def _why(outcome: Outcome) -> dict[str, str]:
    """Why there is no text, or why it is not from the model that is preferred."""
    if isinstance(outcome, Nothing):
        return {"reason": outcome.reason.value, "detail": outcome.detail}
    return {"reason": "", "detail": outcome.because}


def _usage_of(outcome: Outcome) -> tuple[Usage | None, bool]:
    """What the calls for a request have taken, and whether some of it is estimated."""
    others = outcome.others if isinstance(outcome, Answer) else ()
    answers: tuple[Outcome, ...] = (outcome, *others)
    estimates = [_estimated(each) for each in answers]
    taken = [each.usage or estimate for each, estimate in zip(answers, estimates, strict=True)]
    usages = [each for each in taken if each is not None]
    if not usages:
        return None, False
    total = Usage(
        prompt_tokens=sum(each.prompt_tokens for each in usages),
        completion_tokens=sum(each.completion_tokens for each in usages),
        cached_tokens=sum(each.cached_tokens for each in usages),
    )
    return total, any(estimates)


def _estimated(outcome: Outcome) -> Usage | None:
    """What a call has taken that nobody has counted, since it was broken off; else None."""
    if not isinstance(outcome, Answer) or outcome.source is not Source.MODEL:
        return None
    if outcome.usage is not None or outcome.sent is None:
        return None
    return usage_of(outcome.sent, outcome.text)


def _tokens(usage: Usage | None, *, estimated: bool) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "prompt": usage.prompt_tokens,
        "completion": usage.completion_tokens,
        "cached": usage.cached_tokens,
        "estimated": estimated,
    }


def _cost(outcome: Outcome, usage: Usage | None, provider: Provider | None) -> float | None:
    """The money for the calls; None where nobody can know it, nothing where none was made."""
    if provider is None or provider.local or usage is None:
        return 0.0 if isinstance(outcome, Answer) or outcome.sent is None else None
    return None if provider.prices is None else cost_at(provider, usage)


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _provider_of(engine: Engine, outcome: Outcome) -> Provider | None:
    """Who has answered, or would have; None if nobody was to be asked."""
    who = (outcome.provider, outcome.model)
    return next(
        (each for each in chain_of(engine.provider) if (each.name, each.model) == who), None
    )


def _explained(asked: Asked, outcome: Outcome, provider: Provider | None) -> dict[str, Any]:
    """What was sent, and what became of what came back."""
    told = describe(outcome)
    return {
        "prompt": _prompt(asked, outcome, provider),
        "steps": told["steps"],
        "sent": told["sent"],
    }


def _prompt(asked: Asked, outcome: Outcome, provider: Provider | None) -> dict[str, str] | None:
    """The prompt as it was sent, which is not kept: it is made again, and is of the same size.

    There is none if the text was sent for another place, from which somebody has typed on.
    """
    if outcome.sent is None or provider is None:
        return None
    prompt = build_prompt(asked.request, asked.engine.settings, provider.budget)
    sizes = (len(prompt.prefix), len(prompt.suffix))
    if sizes != (outcome.sent.prefix_chars, outcome.sent.suffix_chars):
        return None
    return {"prefix": prompt.prefix, "suffix": prompt.suffix}


def expected(asked: Asked) -> tuple[int, float]:
    """The most tokens that an answer will probably take, and what these cost."""
    engine, snapshot, by_hand = asked.engine, asked.request.snapshot, asked.request.trigger
    settings, provider = engine.settings, engine.provider
    if provider.source is Source.OFFLINE:
        return 0, 0.0
    usual = settings.max_tokens_invoked if by_hand is Trigger.INVOKED else settings.max_tokens
    calls = max(1, snapshot.scope.wishes.candidates)
    usage = Usage(
        prompt_tokens=calls * tokens_in(len(snapshot.prefix) + len(snapshot.suffix)),
        completion_tokens=calls * (snapshot.scope.wishes.max_tokens or usual),
    )
    return usage.prompt_tokens + usage.completion_tokens, cost_at(provider, usage)
