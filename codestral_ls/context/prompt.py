"""Snapshot and settings -> the prompt that a provider gets. Pure."""

from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget, Parameters, Prompt, Request, Trigger
from codestral_ls.settings import Settings

BYTES_PER_TOKEN = 3
"""Low for code (measured: 3.0 to 4.8 characters), so that the estimate is rather too high."""


def build_prompt(request: Request, settings: Settings, budget: Budget) -> Prompt:
    """The prompt for a request."""
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
            temperature=settings.temperature,
            top_p=settings.top_p if settings.top_p < 1 else None,
            min_tokens=settings.min_tokens or None,
            random_seed=settings.random_seed if settings.random_seed >= 0 else None,
            stop=settings.stop,
            prompt_cache_key=settings.prompt_cache_key,
        ),
    )


def estimate_tokens(prompt: Prompt) -> int:
    """How many tokens a call will be counted for at most."""
    size = len(prompt.prefix.encode("utf-8", "replace")) + len(
        prompt.suffix.encode("utf-8", "replace")
    )
    return size // BYTES_PER_TOKEN + prompt.parameters.max_tokens
