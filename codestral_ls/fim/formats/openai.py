"""OpenAI's older `POST /v1/completions` with a `suffix`, as several vendors have it. Pure."""

from typing import Any

from codestral_ls.errors import Refused, Unauthorized
from codestral_ls.fim.formats.replies import first_choice, healthy_object, text_in, usage_in
from codestral_ls.fim.formats.terms import Hint, Target, chosen, scalar_text
from codestral_ls.model import Chunk, Prompt


def body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The question. A blank suffix would be none, so what the vendor wants stands in its place."""
    suffix = scalar_text(prompt.suffix)
    return {
        **plain_body(prompt, target),
        "suffix": suffix if suffix.strip() else target.quirks.blank_suffix or suffix or "\n",
    }


def plain_body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The same without what stands behind the cursor."""
    sampling = prompt.parameters
    return {
        "prompt": scalar_text(prompt.prefix),
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        **chosen(
            model=target.model,
            top_p=sampling.top_p,
            seed=sampling.random_seed,
            stop=list(sampling.stop),
        ),
    }


def read(event: str) -> Chunk:
    """Reads a stream event or a whole reply; usage comes last, in an event without a choice.

    Raises:
        BrokenReply: it is not JSON, or not of the documented shape.
        Complaint: an error that came after the 200.
    """
    reply = healthy_object(event)
    choice = first_choice(reply)
    return Chunk(
        text=text_in(choice, "text"),
        finish_reason=text_in(choice, "finish_reason"),
        usage=usage_in(reply),
    )


NO_CREDIT = Hint(
    429,
    r"(?i)exceeded your current quota|insufficient[_ ](?:quota|balance|credits?)",
    Unauthorized,
    "{host} wants to be paid first{said}. Check your plan there.",
)
HINTS = (
    Hint(
        400,
        r"(?i)suffix.{0,40}(?:not|un)[\w ]{0,20}support|unsupported.{0,20}suffix",
        Refused,
        '{host} takes no text behind the cursor in `suffix`{said}. Set `provider` to "vllm" (or '
        '"template" with this `endpoint`), so that the model is asked by its own template.',
    ),
    NO_CREDIT,
)
