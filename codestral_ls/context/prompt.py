"""Snapshot, snippets and settings -> the prompt that a provider gets. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from codestral_ls.context.secrets import holds_placeholder, redact
from codestral_ls.context.tokens import TokenRates
from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget, Parameters, Prompt, Request, Snapshot, Snippet, Trigger
from codestral_ls.settings import Settings

VARIED_TEMPERATURE = 0.7
"""At least, for further candidates: at the usual one they would all say the same."""
SMALLEST_SHARE = 1 / 64
"""Of a budget: of the default one a line or two is left."""

_WORD, _CLOSER = re.compile(r"\w"), re.compile(r"[)\]}]")
_VALUE_BEGINS = re.compile(r"(?:^|=>|[=(\[{,:?|&]|\b(?:import|export|return))\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a prompt draws upon beside the document: its own path, and lines of other files."""

    path: str = ""
    snippets: tuple[Snippet, ...] = ()


def build_prompt(
    request: Request,
    settings: Settings,
    budget: Budget,
    *,
    sources: Sources | None = None,
    rates: TokenRates | None = None,
) -> Prompt:
    """The prompt for a request.

    No secret that is known as one stands in it. It is never longer than the model can take.
    """
    sources, rates = sources or Sources(), rates or TokenRates()
    snapshot = without_secrets(request.snapshot)
    snippets = tuple(
        replace(each, path=_redacted(each.path), text=_redacted(each.text))
        for each in sources.snippets
    )
    prompt = Prompt(
        uri=snapshot.uri,
        language=snapshot.language,
        prefix="",
        suffix="",
        path=_redacted(sources.path),
        parameters=_parameters(request, settings),
        by_hand=request.trigger is Trigger.INVOKED,
        owner=snapshot.scope.owner,
        redacted=snapshot != request.snapshot
        or any(holds_placeholder(each.text) for each in snippets),
    )
    share = 1.0
    while True:
        part = scaled(budget, share)
        prefix, suffix = cut_window(snapshot, part)
        fitting = fitting_snippets(snippets, part.snippet_chars)
        prompt = replace(prompt, prefix=prefix, suffix=suffix, snippets=fitting)
        if not budget.tokens or share < SMALLEST_SHARE:
            return prompt
        room = budget.tokens - prompt.parameters.max_tokens
        if rates.most_tokens(prompt.language, size_of(prompt)) <= room:
            return prompt
        share /= 2


def as_variant(prompt: Prompt, number: int) -> Prompt:
    """The same prompt asked another way, repeatably: for a further candidate."""
    sampling = prompt.parameters
    varied = replace(
        sampling,
        temperature=max(sampling.temperature, VARIED_TEMPERATURE),
        random_seed=(sampling.random_seed or 0) + number,
    )
    return replace(prompt, parameters=varied)


def without_secrets(snapshot: Snapshot) -> Snapshot:
    """The snapshot with placeholders of the same length in the place of secrets.

    One may stand on both sides of the cursor.
    """
    at = len(snapshot.prefix)
    text = _redacted(snapshot.prefix + snapshot.suffix, at)
    return replace(snapshot, prefix=text[:at], suffix=text[at:], head=_redacted(snapshot.head))


@lru_cache(64)
def _redacted(text: str, cursor: int = -1) -> str:
    return redact(text, cursor=cursor).text


def scaled(budget: Budget, share: float) -> Budget:
    """A budget with a share of the characters."""
    return replace(
        budget,
        prefix_chars=int(budget.prefix_chars * share),
        suffix_chars=int(budget.suffix_chars * share),
        snippet_chars=int(budget.snippet_chars * share),
    )


def fitting_snippets(snippets: Sequence[Snippet], most: int) -> tuple[Snippet, ...]:
    """The last ones, which are the most useful, as many as there is room for."""
    kept: list[Snippet] = []
    for each in reversed(snippets):
        most -= each.chars
        if most < 0:
            break
        kept.append(each)
    return tuple(reversed(kept))


def size_of(prompt: Prompt) -> int:
    """How many bytes of a prompt are text."""
    texts = [prompt.prefix, prompt.suffix]
    texts += [part for each in prompt.snippets for part in (each.path, each.text)]
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def estimate_tokens(prompt: Prompt, rates: TokenRates) -> int:
    """How many tokens a call will be counted for at most."""
    return rates.tokens(prompt.language, size_of(prompt)) + prompt.parameters.max_tokens


def _parameters(request: Request, settings: Settings) -> Parameters:
    by_hand = request.trigger is Trigger.INVOKED
    wishes = request.snapshot.scope.wishes
    usual = settings.max_tokens_invoked if by_hand else settings.max_tokens
    top_p = settings.top_p if settings.top_p < 1 else None
    seed = settings.random_seed if settings.random_seed >= 0 else None
    return Parameters(
        max_tokens=wishes.max_tokens or usual,
        temperature=settings.temperature if wishes.temperature is None else wishes.temperature,
        top_p=wishes.top_p if wishes.top_p is not None else top_p,
        min_tokens=wishes.min_tokens or settings.min_tokens or None,
        random_seed=wishes.random_seed if wishes.random_seed is not None else seed,
        stop=wishes.stop or _stops(request, settings),
        prompt_cache_key=settings.prompt_cache_key,
    )


def _stops(request: Request, settings: Settings) -> tuple[str, ...]:
    """The user's own stop sequences, and behind them the line end where a text is one line."""
    own = settings.stop
    by_hand = request.trigger is Trigger.INVOKED
    return own if by_hand or "\n" in own or not _is_one_line(request.snapshot) else (*own, "\n")


def _is_one_line(snapshot: Snapshot) -> bool:
    """Whether nothing can be shown at a cursor but what ends in its line.

    Words follow there, and no brackets of several lines are to be expected in front of them:
    nothing is closed behind the cursor, and no literal or block begins at it.
    """
    tail = snapshot.line_tail
    if not _WORD.search(tail) or _CLOSER.search(tail):
        return False
    return not _VALUE_BEGINS.search(snapshot.line_head)
