"""Reading what servers answer in JSON; what they share of its forms. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from codestral_ls.errors import BrokenReply, Unavailable
from codestral_ls.fim.complaints import Complaint, message_of
from codestral_ls.fim.formats.terms import ListedModel
from codestral_ls.model import Chunk, Usage

IN_THE_MIDDLE = "The endpoint reports an error in the middle of the answer{said}."


def json_object(text: str) -> dict[str, Any]:
    """The object that a reply is.

    Raises:
        BrokenReply: it is not JSON, or no object.
    """
    reply = json_value(text)
    if not isinstance(reply, dict):
        raise BrokenReply("The endpoint's reply is not a JSON object.")
    return reply


def json_value(text: str) -> object:
    """What a reply says, whatever it is.

    Raises:
        BrokenReply: it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenReply("The endpoint's reply is not JSON.") from None


def healthy_object(text: str) -> dict[str, Any]:
    """The object that a reply is, unless it tells of an error that came after the 200.

    Raises:
        BrokenReply: it is not JSON, or no object.
        Complaint: it is an error.
    """
    reply = json_object(text)
    if reply.get("object") == "error" or reply.get("error"):
        raise Complaint(Unavailable, IN_THE_MIDDLE, message_of(reply))
    return reply


def first_choice(reply: Mapping[str, Any]) -> dict[str, Any]:
    """The first choice, {} if there is none: the last event of a stream may hold usage alone.

    Raises:
        BrokenReply: it is no object.
    """
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        raise BrokenReply("The endpoint's reply has a choice that is no object.")
    return choice


def read_message(event: str) -> Chunk:
    """Reads a stream event or a whole reply of one who talks; what it only thinks is left out.

    Raises:
        BrokenReply: it is not JSON, or not of the documented shape.
        Complaint: an error that came after the 200.
    """
    reply = healthy_object(event)
    choice = first_choice(reply)
    message = choice.get("delta") or choice.get("message")
    return Chunk(
        text=_content_text(message.get("content") if isinstance(message, dict) else None),
        finish_reason=text_in(choice, "finish_reason"),
        usage=usage_in(reply),
    )


def _content_text(content: object) -> str:
    """Content may be a text, null, or a list of `{"type": "text", "text": ...}` chunks."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(text_in(part, "text") for part in content if isinstance(part, dict))
    return ""


def text_in(reply: Mapping[str, Any], key: str) -> str:
    """A text, "" if something else stands there."""
    value = reply.get(key)
    return value if isinstance(value, str) else ""


MOST_TOKENS = 10_000_000
"""No model takes in as many; a larger number would use up a budget, or be none for a float."""


def count_in(reply: object, key: str) -> int:
    """A number of tokens, 0 if something else stands there."""
    value = reply.get(key) if isinstance(reply, dict) else None
    if not isinstance(value, int) or value is True:
        return 0
    return value if 0 < value <= MOST_TOKENS else 0


def usage_in(reply: Mapping[str, Any]) -> Usage | None:
    """The bill, as Mistral, OpenAI and DeepSeek spell it."""
    usage = reply.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    return Usage(
        prompt_tokens=count_in(usage, "prompt_tokens"),
        completion_tokens=count_in(usage, "completion_tokens"),
        cached_tokens=count_in(details, "cached_tokens")
        or count_in(usage, "num_cached_tokens")
        or count_in(usage, "prompt_cache_hit_tokens"),
    )


def read_models(text: str, _model: str) -> tuple[ListedModel, ...]:
    """The reply of `GET /v1/models`: an object with a list as `data`, or at some hosts the list.

    Raises:
        BrokenReply: it is not JSON.
    """
    reply = json_value(text)
    data = reply.get("data") if isinstance(reply, dict) else reply
    rows = data if isinstance(data, list) else []
    return tuple(
        ListedModel(
            id=name,
            fim=_can_fill(row),
            context=_context(row),
            replaced_by=text_in(row, "deprecation_replacement_model"),
        )
        for row in rows
        if isinstance(row, dict)
        for name in _names(row)
    )


def _names(row: Mapping[str, Any]) -> list[str]:
    """The name of a model, and others under which it can be asked as well."""
    aliases = row.get("aliases")
    others = aliases if isinstance(aliases, list) else []
    names = (text_in(row, "id"), *(each for each in others if isinstance(each, str)))
    return list(dict.fromkeys(filter(None, names)))


def _can_fill(row: Mapping[str, Any]) -> bool | None:
    """Mistral alone tells."""
    capabilities = row.get("capabilities")
    able = capabilities.get("completion_fim") if isinstance(capabilities, dict) else None
    return able if isinstance(able, bool) else None


def _context(row: Mapping[str, Any]) -> int:
    """In the words of Mistral, vLLM, OpenRouter and Together, and of llama.cpp."""
    spellings = ("max_context_length", "max_model_len", "context_length")
    counts = (count_in(row, spelling) for spelling in spellings)
    return next(filter(None, counts), count_in(row.get("meta"), "n_ctx"))
