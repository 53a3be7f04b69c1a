"""`/v1/completions` of OpenAI, DeepSeek and vLLM, `/v1/chat/completions` of OpenRouter."""

from collections.abc import Mapping
from typing import Any

from tests.fim_endpoint import Call, Reply

from .behaviour import Event, Other, Stream
from .writing import CREATED, DONE, Written, bearer, event, read_body, reply, write

ROUTES = {
    "openai": ("/v1/completions", "/v1/models"),
    "deepseek": ("/beta/completions", "/v1/models"),
    "vllm": ("/v1/completions", "/v1/models"),
    "openrouter": ("/api/v1/chat/completions", "/api/v1/models"),
}
MOST_STOPS = {"openai": 4, "deepseek": 16, "openrouter": 4}
KNOWN = {
    *("model", "prompt", "suffix", "max_tokens", "temperature", "top_p", "n", "stream", "echo"),
    *("stream_options", "logprobs", "stop", "presence_penalty", "frequency_penalty", "best_of"),
    *("logit_bias", "user", "seed"),
}
"""OpenAI refuses every other key of a completion."""
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "prompt": str,
    "suffix": str,
    "max_tokens": int,
    "temperature": (int, float),
    "top_p": (int, float),
    "seed": int,
    "stream": bool,
    "stream_options": dict,
    "stop": (str, list),
    "messages": list,
}


def answer(call: Call, behaviour: Other) -> Reply | Stream:
    """What a request deserves."""
    completions, models = ROUTES[behaviour.kind]
    if call.method == "HEAD":
        return Reply()
    if (call.method, call.path) not in {("POST", completions), ("GET", models)}:
        return reply({"detail": "Not Found"}, 404)
    if behaviour.keys and bearer(call) not in behaviour.keys:
        return _error(behaviour, 401, "No auth credentials found", "authentication_error")
    if call.method == "GET":
        rows = [
            {"id": it, "object": "model", "max_model_len": behaviour.context}
            for it in behaviour.models
        ]
        return reply({"object": "list", "data": rows})
    return _complete(call, behaviour)


def _error(behaviour: Other, status: int, message: str, kind: str) -> Reply:
    """Each has a shape of its own."""
    if behaviour.kind == "vllm":
        told = {"object": "error", "message": message, "type": kind, "param": None, "code": status}
        return reply(told, status)
    if behaviour.kind == "openrouter":
        return reply({"error": {"message": message, "code": status}}, status)
    told = {"message": message, "type": kind, "param": None, "code": None}
    return reply({"error": told}, status)


def _complete(call: Call, behaviour: Other) -> Reply | Stream:
    body = read_body(call)
    wrong = "Could not parse the JSON body." if body is None else _wrong(body, behaviour)
    if body is None or wrong:
        kind = "BadRequestError" if behaviour.kind == "vllm" else "invalid_request_error"
        return _error(behaviour, 400, wrong, kind)
    if body["model"] not in behaviour.models:
        said = f"The model `{body['model']}` does not exist."
        return _error(behaviour, 404, said, "NotFoundError")
    prefix, suffix = _code(body)
    most, stop = body.get("max_tokens", 16), body.get("stop")
    written = write(behaviour, prefix, suffix, most=most, stop=stop)
    chat = "messages" in body
    if not body.get("stream"):
        choice = _whole_choice("".join(written.pieces), written.reason, chat=chat)
        return reply({**_head(body, chat=chat), "choices": [choice], "usage": written.usage})
    return _stream(body, written, behaviour)


def _code(body: Mapping[str, Any]) -> tuple[str, str]:
    if "messages" in body:
        return "\n".join(str(it["content"]) for it in body["messages"]), ""
    return body["prompt"], body.get("suffix", "")


def _wrong(body: Mapping[str, Any], behaviour: Other) -> str:
    chat = behaviour.kind == "openrouter"
    for key in ("model", "messages" if chat else "prompt"):
        if key not in body:
            return f"you must provide a {key} parameter"
    if behaviour.kind == "vllm" and body.get("suffix") is not None:
        return "suffix is not currently supported"
    unknown = set(body) - KNOWN
    if behaviour.kind == "openai" and unknown:
        return f"Unrecognized request argument supplied: {min(unknown)}"
    for key, kind in TYPES.items():
        value = body.get(key)
        if key in body and (not isinstance(value, kind) or (kind is int and value is True)):
            return f"Invalid type for '{key}'."
    stop = body.get("stop", [])
    most = MOST_STOPS.get(behaviour.kind)
    if most and isinstance(stop, list) and len(stop) > most:
        return f"Invalid 'stop': array too long. Expected an array with maximum length {most}."
    return ""


def _head(body: Mapping[str, Any], *, chat: bool, part: bool = False) -> dict[str, Any]:
    kind = ("chat.completion.chunk" if part else "chat.completion") if chat else "text_completion"
    return {"id": "cmpl-1", "object": kind, "created": CREATED, "model": body["model"]}


def _whole_choice(text: str, reason: str, *, chat: bool) -> dict[str, Any]:
    said = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    return {"index": 0, **said, "logprobs": None, "finish_reason": reason}


def _stream(body: Mapping[str, Any], written: Written, behaviour: Other) -> Stream:
    chat = "messages" in body
    head = _head(body, chat=chat, part=True)
    asked = body.get("stream_options", {}).get("include_usage") and behaviour.usage
    tail = {"usage": None} if asked else {}

    def part(text: str, reason: str | None = None, **delta: str) -> Event:
        said = {"delta": {"content": text, **delta}} if chat else {"text": text}
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": reason}
        return event({**head, "choices": [choice], **tail}, text=bool(text))

    thoughts = [part("", reasoning=behaviour.thinks)] if behaviour.thinks else []
    usage = [event({**head, "choices": [], "usage": written.usage})] if asked else []
    failed = {"code": 502, "message": "Provider disconnected"}
    broken = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    return Stream(
        events=(
            *([Event(data=b": OPENROUTER PROCESSING\n\n")] if behaviour.pings else []),
            *([part("", role="assistant")] if chat else []),
            *thoughts,
            *(part(piece) for piece in written.pieces),
            part("", written.reason),
            *usage,
            DONE,
        ),
        error=event({**head, "error": failed, **({"choices": [broken]} if chat else {})}).data,
    )
