"""Completions as JSON and as server-sent events."""

import json
import string
from dataclasses import dataclass
from typing import Any

from .behaviour import Behaviour
from .generation import Generation
from .replies import Reply

_ERROR = {
    "object": "error",
    "message": "Internal server error",
    "type": "internal_server_error",
    "param": None,
    "code": "1000",
}


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of a stream, and how many tokens must be generated before it can go out."""

    tokens: int
    data: bytes


def whole(generation: Generation, behaviour: Behaviour, number: int) -> Reply:
    """The reply to a request that did not ask for a stream."""
    message = {
        "role": "assistant",
        "tool_calls": None,
        "content": _content("".join(generation.pieces), behaviour),
        "prefix": False,
    }
    choice = {"index": 0, "message": message, "finish_reason": generation.finish_reason}
    value = _base(generation, number, "chat.completion")
    value |= {"choices": [choice], "usage": generation.usage}
    return Reply(body=_dump(value), content_type=behaviour.content_type or "application/json")


def stream(generation: Generation, behaviour: Behaviour, number: int) -> list[Event]:
    """All events, up to the error if there is to be one."""
    base = _base(generation, number, "chat.completion.chunk")
    first = {"role": "assistant", "content": _content("", behaviour)}
    chunks: list[tuple[int, dict[str, Any]]] = [(0, base | _choice(first))]
    size = behaviour.tokens_per_chunk
    pieces = [piece for piece in generation.pieces if piece]
    for start in range(0, len(pieces), size):
        group = pieces[start : start + size]
        delta = {"content": _content("".join(group), behaviour)}
        chunks.append((len(group), base | _choice(delta)))
    last = _choice({"content": _content("", behaviour)}, generation.finish_reason)
    hidden = len(generation.pieces) - len(pieces)
    chunks.append((hidden, base | last | {"usage": generation.usage}))
    if behaviour.padding:
        chunks[1:] = [(n, value | _padding(i)) for i, (n, value) in enumerate(chunks[1:])]
    if behaviour.trouble == "error":
        chunks[trouble_index(behaviour, len(chunks)) :] = [(0, _ERROR)]
    events = [Event(tokens, _line(_dump(value), behaviour)) for tokens, value in chunks]
    if behaviour.done and behaviour.trouble != "error":
        events.append(Event(0, _line(b"[DONE]", behaviour)))
    return events


def ping(behaviour: Behaviour) -> bytes:
    """A comment, which keeps the connection alive and says nothing."""
    return b": ping" + _blank(behaviour)


def trouble_index(behaviour: Behaviour, events: int) -> int:
    """Which event the trouble comes before; the first one is the assistant's role."""
    return min(1 + behaviour.trouble_after, events - 1)


def split_characters(data: bytes) -> list[bytes]:
    """Cuts before each byte that continues a character."""
    cuts = [i for i, byte in enumerate(data) if byte & 0xC0 == 0x80]  # UTF-8's 10xxxxxx
    return [data[i:j] for i, j in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def _base(generation: Generation, number: int, kind: str) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "object": kind,
        "created": 1795190400,
        "model": generation.request.model,
    }


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}


def _content(text: str, behaviour: Behaviour) -> object:
    if behaviour.content == "list":
        return [{"type": "text", "text": text}]
    return None if behaviour.content == "null" and not text else text


def _padding(index: int) -> dict[str, str]:
    # Its length varies so that sizes on the wire do not give the tokens away.
    return {"p": string.ascii_lowercase[: 1 + index * 7 % 25]}


def _dump(value: object) -> bytes:
    # Not escaped: U+2028 and friends go out raw, as JSON allows.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _line(data: bytes, behaviour: Behaviour) -> bytes:
    return b"data: " + data + _blank(behaviour)


def _blank(behaviour: Behaviour) -> bytes:
    return b"\r\n\r\n" if behaviour.crlf else b"\n\n"
