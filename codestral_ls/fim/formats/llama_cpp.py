"""llama.cpp's `POST /infill`: the server writes the model's own tokens around the code. Pure.

Text that looks like such a token is plain text there, in all three fields.

`t_max_predict_ms` is not sent with a question: it ends a text wherever the clock says, and closing
the connection ends the generation within 3 ms.
"""

from collections.abc import Mapping
from typing import Any

from codestral_ls.errors import Refused, TooLong, Unavailable
from codestral_ls.fim.formats.replies import count_in, healthy_object, text_in
from codestral_ls.fim.formats.terms import Hint, Target, chosen, scalar_text
from codestral_ls.fim.layouts import extra_input
from codestral_ls.model import Chunk, Prompt, Usage

FINISH_REASONS: Mapping[str, str] = {"eos": "stop", "word": "stop", "limit": "length"}
DENSEST = 5
"""Characters for a token: code has 3.0 to 4.8 (measured); who counts fewer tokens left text out."""
OVERHEAD_CHARS = 1000
"""Short prompts are cut by no batch size."""


def body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The question; the name of the document itself cannot be told."""
    sampling = prompt.parameters
    return {
        **_places(prompt),
        "n_predict": sampling.max_tokens,
        "temperature": sampling.temperature,
        "stream": True,
        "cache_prompt": True,
        **chosen(
            model=target.model,  # only a server that holds several looks at it
            top_p=sampling.top_p,
            seed=sampling.random_seed,
            stop=list(sampling.stop),
        ),
    }


def prime(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The same text, which the server reads into its cache and to which it writes nothing."""
    return {
        **_places(prompt),
        "n_predict": 0,
        "samplers": [],
        "t_max_predict_ms": 1,
        "response_fields": [""],
        "cache_prompt": True,
        "stream": False,
        **chosen(model=target.model),
    }


def _places(prompt: Prompt) -> dict[str, Any]:
    extra = [
        {name: scalar_text(text) for name, text in file.items()}
        for file in extra_input(prompt.snippets)
    ]
    return {
        "input_prefix": scalar_text(prompt.prefix),
        "input_suffix": scalar_text(prompt.suffix),
        "input_extra": extra,
    }


def read(event: str) -> Chunk:
    """Reads a stream event or a whole reply; the last one says `"stop": true`.

    Raises:
        BrokenReply: it is not JSON, or not an object.
        Complaint: an error that came after the 200.
    """
    reply = healthy_object(event)
    if reply.get("stop") is not True:
        return Chunk(text=text_in(reply, "content"))
    return Chunk(
        text=text_in(reply, "content"),
        finish_reason=FINISH_REASONS.get(text_in(reply, "stop_type"), "stop"),
        usage=Usage(
            prompt_tokens=count_in(reply, "tokens_evaluated"),
            completion_tokens=count_in(reply, "tokens_predicted"),
            cached_tokens=count_in(reply.get("timings"), "cache_n"),
            prompt_chars=len(text_in(reply, "prompt")),
        ),
    )


def cut_short(prompt: Prompt, usage: Usage) -> str:
    """Words for a prompt of which the server has read a part only; "" if it has read it all.

    It cuts without a word: of the prefix it keeps the last 3/4 of a batch (`-b`), of the suffix the
    first 1/4, of other files what its context (`-c`) has room for beside a batch.
    """
    chars = len(prompt.prefix) + len(prompt.suffix) + sum(len(it.text) for it in prompt.snippets)
    least = (chars - OVERHEAD_CHARS) // DENSEST
    # The prompt as the server has built it is a surer sign, where the reply quotes it.
    whole = usage.prompt_chars >= chars if usage.prompt_chars else usage.prompt_tokens >= least
    if not usage.prompt_tokens or whole:
        return ""
    return (
        f"llama-server has read only {usage.prompt_tokens} tokens of {chars} characters. Start it "
        "with a larger batch and context (`-b 4096 -c 8192`), or lower `prefix_chars`, "
        "`suffix_chars` and `context_chars`."
    )


HINTS = (
    Hint(
        501,
        r"Infill is not supported",
        Refused,
        "The model at {host} has no tokens for filling in{said}. Start llama-server with one that "
        "has (Qwen2.5-Coder, StarCoder2, CodeGemma, Granite), or ask this one by a template: set "
        '`provider` to "template", `endpoint` to this address, and `fim_template` to the family of '
        'the model, such as "codestral".',
    ),
    Hint(
        503,
        r"(?i)loading model",
        Unavailable,
        "{host} is still loading its model.",
    ),
    Hint(
        400,
        r"exceeds the available context size",
        TooLong,
        "The prompt is longer than the context of {host}{said}. Start llama-server with a larger "
        "one (`-c`), or lower `prefix_chars`, `suffix_chars` and `context_chars`.",
    ),
    Hint(
        404,
        r"",
        Refused,
        "{host} has no `/infill`{said}: it is no llama-server, or its address in "
        "{address_in} has a path too much.",
    ),
)
