"""llama-server: `/infill`, `/v1/models`, `/health`, as version 0.7.0 answers."""

from collections.abc import Mapping
from typing import Any

from tests.fim_endpoint import Call, Reply

from .behaviour import Event, Other, Stream
from .writing import Written, bearer, event, read_body, reply, write

CHARS_PER_TOKEN = 3
CONTROL_TOKENS = 4
NUMBERS = ("n_predict", "temperature", "top_p", "seed", "t_max_predict_ms", "id_slot")
MISSING_TOKENS = "prefix token is missing. suffix token is missing. middle token is missing. "


def error(code: int, message: str, kind: str, **more: object) -> Reply:
    """The one shape of all errors."""
    told = {"code": code, "message": message, "type": kind, **more}
    return reply({"error": told}, code)


def answer(call: Call, behaviour: Other) -> Reply | Stream:
    """What a request deserves."""
    if behaviour.loading:
        return error(503, "Loading model", "unavailable_error")
    if (call.method, call.path) == ("GET", "/health"):
        return reply({"status": "ok"})
    if (call.method, call.path) not in {("POST", "/infill"), ("GET", "/v1/models")}:
        return error(404, "File Not Found", "not_found_error")
    if behaviour.keys and bearer(call) not in behaviour.keys:
        return error(401, "Invalid API Key", "authentication_error")
    if call.method == "GET":
        return reply(
            {"object": "list", "data": [_model(name, behaviour) for name in behaviour.models]}
        )
    return _infill(call, behaviour)


def _model(name: str, behaviour: Other) -> dict[str, Any]:
    meta = {"n_ctx": behaviour.context, "n_ctx_train": 131_072}
    return {"id": name, "object": "model", "owned_by": "llamacpp", "meta": meta}


def _infill(call: Call, behaviour: Other) -> Reply | Stream:
    body = read_body(call)
    if body is None:
        return error(400, "[json.exception.parse_error.101] parse error", "invalid_request_error")
    if refused := _refusal(body, behaviour):
        return refused
    prefix, suffix, tokens = _evaluated(body, behaviour)
    if body.get("response_fields") == [""] and not body.get("stream"):
        return reply({})
    written = write(
        behaviour, prefix, suffix, most=body.get("n_predict", -1), stop=body.get("stop")
    )
    last = _last(written, tokens, behaviour)
    if not body.get("stream"):
        return reply({**last, "content": "".join(written.pieces)})
    return Stream(
        events=(*_pieces(written, tokens, behaviour), event(last)),
        error=event({"error": {"code": 500, "message": "decode failed"}}).data,
        hangs_up=True,
    )


def _refusal(body: Mapping[str, Any], behaviour: Other) -> Reply | None:
    if not behaviour.fills:
        said = f"Infill is not supported by this model: {MISSING_TOKENS}"
        return error(501, said, "not_supported_error")
    if wrong := _wrong(body):
        return error(400, wrong, "invalid_request_error")
    _, _, tokens = _evaluated(body, behaviour)
    if tokens <= behaviour.context:
        return None
    said = (
        f"request ({tokens} tokens) exceeds the available context size "
        f"({behaviour.context} tokens), try increasing it"
    )
    more = {"n_prompt_tokens": tokens, "n_ctx": behaviour.context}
    return error(400, said, "exceed_context_size_error", **more)


def _wrong(body: Mapping[str, Any]) -> str:
    """What the server's JSON library says of the first mistake."""
    for key in ("input_prefix", "input_suffix"):
        if key not in body:
            return f"[json.exception.out_of_range.403] key '{key}' not found"
        if not isinstance(body[key], str):
            return _type_error(key, "string", body[key])
    for key in NUMBERS:
        if isinstance(body.get(key, 0), bool) or not isinstance(body.get(key, 0), int | float):
            return _type_error(key, "number", body[key])
    extra = body.get("input_extra", [])
    if not isinstance(extra, list):
        return '"input_extra" must be an array of {"filename": string, "text": string}'
    if not all(isinstance(it, dict) and isinstance(it.get("text"), str) for it in extra):
        return 'extra_context chunk must contain a "text" field with a string value'
    return ""


def _type_error(key: str, wanted: str, value: object) -> str:
    names = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}
    found = names.get(type(value), "number")
    return f"Field '{key}': [json.exception.type_error.302] type must be {wanted}, but is {found}"


def _evaluated(body: Mapping[str, Any], behaviour: Other) -> tuple[str, str, int]:
    """What is left of prefix and suffix, and how many tokens all of it is: cut without a word."""
    batch = behaviour.batch * CHARS_PER_TOKEN
    prompt = body["prompt"] if isinstance(body.get("prompt"), str) else ""
    prefix = (body["input_prefix"] + prompt)[-(3 * batch // 4) :]
    suffix = body["input_suffix"][: max(0, batch // 4 - 2 * CHARS_PER_TOKEN)]
    room = max(0, behaviour.context - behaviour.batch - CONTROL_TOKENS)
    extra = sum(len(it["text"]) for it in body.get("input_extra", [])) // CHARS_PER_TOKEN
    return (
        prefix,
        suffix,
        min(room, extra) + (len(prefix) + len(suffix)) // CHARS_PER_TOKEN + CONTROL_TOKENS,
    )


def _pieces(written: Written, tokens: int, behaviour: Other) -> tuple[Event, ...]:
    told = {"index": 0, "tokens": [1], "stop": False, "id_slot": -1, "tokens_evaluated": tokens}
    events = [
        event({**told, "content": piece, "tokens_predicted": number}, text=True)
        for number, piece in enumerate(written.pieces, 1)
    ]
    ping = [Event(data=b": ping\n\n")] if behaviour.pings else []
    return (*events[:1], *ping, *events[1:])


def _last(written: Written, tokens: int, behaviour: Other) -> dict[str, Any]:
    return {
        "index": 0,
        "content": "",
        "tokens": [],
        "id_slot": 0,
        "stop": True,
        "model": min(behaviour.models, default=""),
        "tokens_predicted": len(written.pieces),
        "tokens_evaluated": tokens,
        "generation_settings": {},
        "truncated": False,
        "stop_type": written.ending,
        "stopping_word": "",
        "tokens_cached": tokens,
        "timings": {"cache_n": tokens - 1, "prompt_n": 1},
    }
