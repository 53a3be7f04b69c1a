"""Wire formats: per dialect one function that writes a request and one that reads an event.

A dialect is a row of `DIALECTS`; adding one touches nothing else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from codestral_ls.errors import BrokenReply, Unavailable
from codestral_ls.fim.complaints import Complaint, message_of
from codestral_ls.fim.layouts import LAYOUTS, Layout
from codestral_ls.model import Chunk, Prompt, Usage

END_OF_STREAM = "[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of endpoint is spoken to.

    `path` follows the base URL; `body(prompt, model)` is the JSON object to send; `read(event)`
    takes the text of one event, or the whole body of a reply that was not streamed. `layout` is
    how its models are shown other files, `most_stops` how many stop sequences the endpoint takes.
    """

    path: str
    body: Callable[[Prompt, str], dict[str, Any]]
    read: Callable[[str], Chunk]
    layout: Layout
    most_stops: int

    def payload(self, prompt: Prompt, model: str) -> dict[str, Any]:
        """The body for a prompt, with as many of its stop sequences as the endpoint takes.

        The snippets stand in the prefix of the prompt that is written.
        """
        prefix, stops = prompt.prefix, prompt.parameters.stop
        if prompt.snippets:
            prefix = self.layout.before(prompt) + prefix
            stops = tuple(filter(None, dict.fromkeys((*stops, self.layout.stop))))
        allowed = replace(prompt.parameters, stop=stops[: self.most_stops])
        return self.body(replace(prompt, prefix=prefix, snippets=(), parameters=allowed), model)


def mistral_body(prompt: Prompt, model: str) -> dict[str, Any]:
    """The closed schema of `POST /v1/fim/completions`: an unknown key is refused with 422."""
    sampling = prompt.parameters
    body: dict[str, Any] = {
        "model": model,
        "prompt": scalar_text(prompt.prefix),
        # Codestral rambles after an empty suffix; a line end keeps it to the point.
        "suffix": scalar_text(prompt.suffix) or "\n",
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "stream": True,
    }
    optional = {
        "top_p": sampling.top_p,
        "min_tokens": sampling.min_tokens,
        "random_seed": sampling.random_seed,
        "stop": list(sampling.stop) or None,
        "prompt_cache_key": sampling.prompt_cache_key or None,
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def scalar_text(text: str) -> str:
    """Text that UTF-8 can carry: a lone surrogate, which editors do send, becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def read_mistral(event: str) -> Chunk:
    """Reads a stream event or a whole reply.

    Raises:
        BrokenReply: it is not JSON, or not of the documented shape.
        Complaint: an error that came after the 200, as `{"object": "error", ...}`.
    """
    reply = _json_object(event)
    if reply.get("object") == "error" or "error" in reply:
        words = "The endpoint reports an error in the middle of the answer{said}."
        raise Complaint(Unavailable, words, message_of(reply))
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        raise BrokenReply("The endpoint's reply has a choice that is no object.")
    message = choice.get("delta") or choice.get("message")
    reason = choice.get("finish_reason")
    return Chunk(
        text=_content_text(message.get("content") if isinstance(message, dict) else None),
        finish_reason=reason if isinstance(reason, str) else "",
        usage=_usage(reply.get("usage")),
    )


def _json_object(text: str) -> dict[str, Any]:
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenReply("The endpoint's reply is not JSON.") from None
    if not isinstance(reply, dict):
        raise BrokenReply("The endpoint's reply is not a JSON object.")
    return reply


def _content_text(content: object) -> str:
    """Content may be a text, null, or a list of `{"type": "text", "text": ...}` chunks."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cached_tokens=_count(cached or usage.get("num_cached_tokens")),
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value is not True and value > 0 else 0


DIALECTS: Mapping[str, Dialect] = {
    "mistral": Dialect(
        path="/v1/fim/completions",
        body=mistral_body,
        read=read_mistral,
        layout=LAYOUTS["headers"],
        # The schema knows no limit; LangChain's reference for Mistral and OpenAI's API name this.
        most_stops=4,
    ),
}
