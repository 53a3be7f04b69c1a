"""A plain HTTP client for the endpoint's own tests."""

import json
from typing import Any

import httpx

from .endpoint import FIM, Endpoint

KEY = "test-key-0000"
BODY: dict[str, Any] = {"model": "codestral-2508", "prompt": "def add(a, b):\n    ", "suffix": "\n"}


def client(endpoint: Endpoint, key: str = KEY) -> httpx.Client:
    """A client that ignores the machine's proxy settings."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=endpoint.url, headers=headers, trust_env=False, timeout=5)


def ask(endpoint: Endpoint, key: str = KEY, **body: object) -> httpx.Response:
    """Asks for a completion, on a connection of its own."""
    with client(endpoint, key) as http:
        return http.post(FIM, json=BODY | body)


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    """The JSON of a stream's events; [DONE] left out."""
    lines = reply.content.decode().replace("\r\n", "\n").split("\n\n")
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(item) for item in data if item != "[DONE]"]


def text(reply: httpx.Response) -> str:
    """What a stream says."""
    deltas = [it["choices"][0]["delta"]["content"] for it in events(reply) if "choices" in it]
    return "".join(delta for delta in deltas if delta)
