"""Snapshot and settings -> the prompt that a provider gets. Pure."""

import re

from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget, Parameters, Prompt, Request, Snapshot, Trigger
from codestral_ls.settings import Settings

BYTES_PER_TOKEN = 3
"""Low for code (measured: 3.0 to 4.8 characters), so that the estimate is rather too high."""

VARIED_TEMPERATURE = 0.7
"""At least, for further candidates: at the usual one they would all say the same."""

_WORD, _CLOSER = re.compile(r"\w"), re.compile(r"[)\]}]")
_VALUE_BEGINS = re.compile(r"(?:^|=>|[=(\[{,:?|&]|\b(?:import|export|return))\s*$")


def build_prompt(request: Request, settings: Settings, budget: Budget, variant: int = 0) -> Prompt:
    """The prompt for a request; a `variant` is asked another way, repeatably."""
    snapshot = request.snapshot
    prefix, suffix = cut_window(snapshot.prefix, snapshot.suffix, budget)
    return Prompt(
        uri=snapshot.uri,
        language=snapshot.language,
        prefix=prefix,
        suffix=suffix,
        parameters=Parameters(
            max_tokens=settings.max_tokens_invoked
            if request.trigger is Trigger.INVOKED
            else settings.max_tokens,
            temperature=max(settings.temperature, VARIED_TEMPERATURE if variant else 0.0),
            top_p=settings.top_p if settings.top_p < 1 else None,
            min_tokens=settings.min_tokens or None,
            random_seed=_seed(settings.random_seed, variant),
            stop=_stops(request, settings),
            prompt_cache_key=settings.prompt_cache_key,
        ),
    )


def _seed(chosen: int, variant: int) -> int | None:
    return max(chosen, 0) + variant if chosen >= 0 or variant else None


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


def estimate_tokens(prompt: Prompt) -> int:
    """How many tokens a call will be counted for at most."""
    size = len(prompt.prefix.encode("utf-8", "replace")) + len(
        prompt.suffix.encode("utf-8", "replace")
    )
    return size // BYTES_PER_TOKEN + prompt.parameters.max_tokens
