"""Ollama: `/api/generate` as JSON lines, `/api/show`, `/api/tags`."""

from collections.abc import Mapping
from typing import Any

from tests.fim_endpoint import Call, Reply

from .behaviour import Event, Other, Stream
from .writing import packed, read_body, reply, write

INTEGERS = ("num_predict", "num_ctx", "seed", "top_k")
FLOATS = ("temperature", "top_p", "min_p")
SMALL_TALK = "Certainly! Here is what the code does:"
"""What an instructed model says to a prompt without a suffix, which it takes for a message."""
LINES = "application/x-ndjson"


def answer(call: Call, behaviour: Other) -> Reply | Stream:
    """What a request deserves."""
    if call.path == "/":
        return Reply(body=b"Ollama is running", content_type="text/plain; charset=utf-8")
    if (call.method, call.path) == ("GET", "/api/tags"):
        return reply({"models": [{"name": name, "model": name} for name in behaviour.models]})
    if call.method == "POST" and call.path in {"/api/generate", "/api/show"}:
        return _post(call, behaviour)
    return Reply(status=404, body=b"404 page not found", content_type="text/plain")


def _post(call: Call, behaviour: Other) -> Reply | Stream:
    body = read_body(call)
    if body is None:
        return reply({"error": "invalid character looking for beginning of value"}, 400)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        return reply({"error": "model is required"}, 400)
    if model not in behaviour.models:
        return reply({"error": f"model '{model}' not found"}, 404)
    return _show(behaviour) if call.path == "/api/show" else _generate(body, behaviour)


def _show(behaviour: Other) -> Reply:
    able = ["completion", "insert"] if behaviour.fills else ["completion"]
    info = {"general.architecture": "qwen2", "qwen2.context_length": behaviour.context}
    return reply({"capabilities": able, "model_info": info, "details": {"family": "qwen2"}})


def _wrong(body: Mapping[str, Any]) -> str:
    for key, kind in {"prompt": str, "suffix": str, "raw": bool, "options": dict}.items():
        if key in body and not isinstance(body[key], kind):
            return f"json: cannot unmarshal into Go struct field GenerateRequest.{key}"
    options = body.get("options", {})
    for key, value in options.items():
        if key in INTEGERS and (isinstance(value, bool) or not isinstance(value, int)):
            return f'option "{key}" must be of type integer'
        if key in FLOATS and (isinstance(value, bool) or not isinstance(value, int | float)):
            return f'option "{key}" must be of type float32'
    stop = options.get("stop", [])
    if not isinstance(stop, list) or not all(isinstance(each, str) for each in stop):
        return 'option "stop" must be of type array'
    return ""


def _generate(body: Mapping[str, Any], behaviour: Other) -> Reply | Stream:
    if wrong := _wrong(body):
        return reply({"error": wrong}, 400)
    model, suffix, raw = body["model"], body.get("suffix", ""), body.get("raw", False)
    if raw and any(body.get(key) for key in ("template", "system", "context")):
        return reply({"error": "raw mode does not support template, system, or context"}, 400)
    if suffix and not behaviour.fills:
        return reply({"error": f"{model} does not support insert"}, 400)
    if not body.get("prompt"):  # loads the model, or unloads it
        return reply({"model": model, "response": "", "done": True, "done_reason": "load"})
    options = body.get("options", {})
    told = {"model": model, "created_at": "2026-11-20T16:00:00.1Z"}
    written = write(
        behaviour if suffix or raw else Other(kind="ollama", text=SMALL_TALK),
        body.get("prompt", ""),
        suffix,
        most=options.get("num_predict", -1),
        stop=options.get("stop"),
    )
    last = {
        **told,
        "response": "",
        "done": True,
        "done_reason": written.reason,
        "context": [1, 2, 3],
        "total_duration": 812345678,
        "prompt_eval_count": written.prompt_tokens,
        "eval_count": len(written.pieces),
    }
    if body.get("stream") is False:  # a stream unless told otherwise
        return reply({**last, "response": "".join(written.pieces)})
    lines = [_line({**told, "response": it, "done": False}, text=True) for it in written.pieces]
    return Stream(
        events=(*lines, _line(last)),
        error=packed({"error": "an error was encountered while running the model"}) + b"\n",
        content_type=LINES,
    )


def _line(value: object, *, text: bool = False) -> Event:
    return Event(data=packed(value) + b"\n", text=text)
