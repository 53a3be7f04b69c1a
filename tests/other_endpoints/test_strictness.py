"""The servers refuse what the real ones refuse, in their words."""

import json
from typing import Any

import httpx
import pytest

from . import Kind, Other, serve_other_in_thread

INFILL = {"input_prefix": "a", "input_suffix": "b"}
GENERATE = {"model": "m", "prompt": "a", "suffix": "b"}
COMPLETE = {"model": "m", "prompt": "a", "max_tokens": 9}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "a"}]}
ROUTES: dict[Kind, tuple[str, dict[str, Any]]] = {
    "llama.cpp": ("/infill", INFILL),
    "ollama": ("/api/generate", GENERATE),
    "openai": ("/v1/completions", COMPLETE),
    "deepseek": ("/beta/completions", COMPLETE),
    "vllm": ("/v1/completions", COMPLETE),
    "openrouter": ("/api/v1/chat/completions", CHAT),
}


def ask(other: Other, path: str = "", content: bytes = b"", **body: object) -> httpx.Response:
    """Sends a request that is right but for what is given."""
    route, right = ROUTES[other.kind]
    content = content or json.dumps({**right, **body}).encode()
    with (
        serve_other_in_thread(other) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=5) as http,
    ):
        return http.post(path or route, content=content)


def other(kind: Kind, **behaviour: Any) -> Other:
    return Other(kind=kind, models=frozenset({"m"}), **behaviour)


@pytest.mark.parametrize("kind", ROUTES)
def test_a_right_request_is_answered(kind: Kind) -> None:
    """Whole, unless a stream was asked for; Ollama's is one unless it was not."""
    reply = ask(other(kind, text="hello"), stream=False)
    assert reply.status_code == 200
    assert "hello" in reply.text
    assert reply.headers["content-type"].startswith("application/json")
    stream = ask(other(kind, text="hello"), stream=True)
    kinds = "application/x-ndjson" if kind == "ollama" else "text/event-stream"
    assert stream.headers["content-type"] == kinds
    assert stream.text.endswith("data: [DONE]\n\n") is (kind not in {"ollama", "llama.cpp"})


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("llama.cpp", {"n_predict": "9"}, "Field 'n_predict'"),
        ("llama.cpp", {"input_prefix": None}, "type must be string, but is null"),
        ("llama.cpp", {"input_extra": {}}, '"input_extra\\" must be an array'),
        ("llama.cpp", {"input_extra": [{"filename": "a"}]}, "must contain a"),
        ("ollama", {"options": {"num_predict": 1.5}}, "must be of type integer"),
        ("ollama", {"options": {"temperature": "0"}}, "must be of type float32"),
        ("ollama", {"options": {"stop": "x"}}, "must be of type array"),
        ("ollama", {"suffix": 5}, "GenerateRequest.suffix"),
        ("ollama", {"raw": True, "system": "x"}, "raw mode does not support"),
        ("openai", {"min_tokens": 1}, "Unrecognized request argument supplied: min_tokens"),
        ("openai", {"stop": list("abcde")}, "maximum length 4"),
        ("openai", {"prompt": 5}, "Invalid type for 'prompt'"),
        ("deepseek", {"stop": list("abcdefghijklmnopq")}, "maximum length 16"),
        ("vllm", {"suffix": ""}, "suffix is not currently supported"),
        ("openrouter", {"messages": "a"}, "Invalid type for 'messages'"),
    ],
)
def test_a_wrong_request_is_refused(kind: Kind, wrong: dict[str, Any], said: str) -> None:
    """With HTTP 400."""
    reply = ask(other(kind), **wrong)
    assert reply.status_code == 400
    assert said in reply.text


@pytest.mark.parametrize("kind", ROUTES)
def test_what_is_no_json_is_refused(kind: Kind) -> None:
    """By all of them."""
    assert ask(other(kind), content=b"{").status_code == 400


@pytest.mark.parametrize("kind", ROUTES)
def test_there_is_nothing_anywhere_else(kind: Kind) -> None:
    """Neither at another server's path nor below a wrong base."""
    for path in ("/v1/fim/completions", "/x" + ROUTES[kind][0]):
        assert ask(other(kind), path=path).status_code == 404


def test_llama_cpp_cuts_without_a_word() -> None:
    """The beginning of the prefix, the end of the suffix, and other files to what is left."""
    seen: list[tuple[str, str]] = []

    def note(prefix: str, suffix: str) -> str:
        seen.append((prefix, suffix))
        return "x"

    small = other("llama.cpp", batch=64, context=128, text=note)
    prefix, suffix = "p" * 500 + "q", "s" + "t" * 500
    extra = [{"filename": "f", "text": "e" * 3000}]
    reply = ask(small, input_prefix=prefix, input_suffix=suffix, input_extra=extra).json()
    assert seen[0] == (prefix[-144:], suffix[:42])
    assert reply["tokens_evaluated"] == (128 - 64 - 4) + (144 + 42) // 3 + 4
    assert reply["truncated"] is False


def test_ollama_only_loads_the_model_if_there_is_no_prompt() -> None:
    """And says so when it has."""
    reply = ask(other("ollama"), prompt="")
    assert reply.json()["done_reason"] == "load"


def test_ollama_chats_without_a_suffix() -> None:
    """The prompt is then a message to it."""
    reply = ask(other("ollama", text="x = 1"), suffix="", stream=False)
    assert "Certainly!" in reply.json()["response"]
