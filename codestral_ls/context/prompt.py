"""Snapshot and settings -> the prompt that a provider gets. Pure."""

from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget, Parameters, Prompt, Request, Trigger
from codestral_ls.settings import Settings


def build_prompt(request: Request, settings: Settings, budget: Budget, stop: str) -> Prompt:
    """The prompt for a request; `stop` is the text that ends what is wanted at this place."""
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
            stop=(stop, *settings.stop),
            prompt_cache_key=settings.prompt_cache_key,
        ),
    )
