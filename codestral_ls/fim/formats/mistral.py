"""Mistral's `POST /v1/fim/completions`, at its hosts and at those who sell its models. Pure."""

from typing import Any

from codestral_ls.fim.formats.terms import Target, chosen, scalar_text
from codestral_ls.model import Prompt


def body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The closed schema of the endpoint: an unknown key is refused with 422."""
    sampling = prompt.parameters
    return {
        **chosen(model=target.model),  # a gateway has a usual one
        "prompt": scalar_text(prompt.prefix),
        # Codestral rambles after an empty suffix; a line end keeps it to the point.
        "suffix": scalar_text(prompt.suffix) or "\n",
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "stream": True,
        **chosen(
            top_p=sampling.top_p,
            min_tokens=sampling.min_tokens,
            random_seed=sampling.random_seed,
            stop=list(sampling.stop),
            prompt_cache_key=sampling.prompt_cache_key,
        ),
    }
