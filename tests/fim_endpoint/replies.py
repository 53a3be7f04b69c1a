"""Replies that are known before anything is generated: errors, samples and the list of models."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Persona = Literal["api", "codestral"]

WIRE = Path(__file__).parent.parent / "wire"
_CONTENT_TYPES = {".json": "application/json", ".html": "text/html", ".sse": "text/event-stream"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP reply."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(value: object, status: int = 200) -> Reply:
    """A reply in JSON; escaped, because refused input may hold lone surrogates."""
    return Reply(status=status, body=json.dumps(value, separators=(",", ":")).encode())


@cache
def sample(name: str) -> Reply:
    """A file of `tests/wire`; its name holds the status, its suffix tells the content type."""
    path = WIRE / name
    status = re.search(r"\d{3}", path.name)
    return Reply(
        status=int(status[0]) if status else 200,
        body=path.read_bytes().rstrip(b"\n") if path.suffix == ".json" else path.read_bytes(),
        content_type=_CONTENT_TYPES[path.suffix],
    )


def unauthorized(persona: Persona) -> Reply:
    """The key is missing or unknown here."""
    return sample(f"errors/401-{'gateway' if persona == 'api' else 'detail'}.json")


def invalid(persona: Persona, detail: list[dict[str, Any]]) -> Reply:
    """The body breaks the schema; one host wraps what the framework says of it, one does not."""
    if persona == "codestral":
        return json_reply({"detail": detail}, 422)
    return _error(422, {"detail": detail}, "invalid_request_error", None)


def unknown_model(model: str) -> Reply:
    """No such model, or one that was retired."""
    return _error(400, f"Invalid model: {model}", "invalid_model", "1500")


def too_long(tokens: int, context: int) -> Reply:
    """The prompt exceeds the context of the model."""
    message = (
        f"Prompt contains {tokens} tokens and 0 draft tokens, "
        f"too large for model with {context} maximum context length"
    )
    return _error(400, message, "invalid_request_error", "3051")


def wrong_method(allowed: str) -> Reply:
    """The route exists for another method."""
    body = b'{"detail":"Method Not Allowed"}'
    return Reply(status=405, body=body, headers={"allow": allowed})


def model_list(models: Iterable[str], context: int) -> Reply:
    """The answer of /v1/models, as far as clients read it."""
    capabilities = {"completion_chat": True, "completion_fim": True, "function_calling": True}
    data: list[dict[str, Any]] = [
        {
            "id": model,
            "object": "model",
            "created": 1795190400,
            "owned_by": "mistralai",
            "capabilities": capabilities,
            "name": model,
            "max_context_length": context,
            "aliases": [],
            "deprecation": None,
            "default_model_temperature": 0.3,
            "type": "base",
        }
        for model in sorted(models)
    ]
    return json_reply({"object": "list", "data": data})


def _error(status: int, message: object, kind: str, code: str | None) -> Reply:
    return json_reply(
        {
            "object": "error",
            "message": message,
            "type": kind,
            "param": None,
            "code": code,
            "raw_status_code": status,
        },
        status,
    )
