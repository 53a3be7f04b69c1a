"""What editors with a Codestral provider of their own send and read, as they are today."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fim_endpoint import Behaviour
from tests.gateway_fim import FIM, RAW, SHAPED, client, events, site, text

ZED = {
    "model": "codestral-latest",
    "prompt": "def add(a, b):\n    ",
    "suffix": "\n\n\nprint(add(1, 2))\n",
    "max_tokens": 350,
    "temperature": 0.2,
    "top_p": 1.0,
    "stream": False,
}
MINUET = {
    "model": "codestral-latest",
    "prompt": "# language: python\ndef add(a, b):\n    ",
    "suffix": "\n",
    "max_tokens": 256,
    "stop": ["\n\n"],
    "stream": True,
}
LSP_AI = {
    "model": "codestral-latest",
    "prompt": "x = ",
    "suffix": "",
    "max_tokens": 64,
    "top_p": 0.95,
    "temperature": 0.1,
    "min_tokens": None,
    "random_seed": None,
    "stop": None,
}
# Zed's parser: a reply that lacks one of them shows nothing.
REQUIRED: dict[str, Any] = {
    "id": str,
    "object": str,
    "created": int,
    "model": str,
    "choices": list,
    "usage": {"prompt_tokens": int, "completion_tokens": int, "total_tokens": int},
}
CHOICE: dict[str, Any] = {"index": int, "finish_reason": str, "message": dict}
ADD = Behaviour(text="return a + b")


async def _post(url: str, path: str, body: dict[str, Any]) -> httpx.Response:
    async with client(url, headers={"authorization": "Bearer any-key-of-mistrals"}) as http:
        return await http.post(path, content=json.dumps(body).encode(), headers=JSON)


JSON = {"content-type": "application/json"}


def _fits(value: object, form: object) -> bool:
    if isinstance(form, dict):
        return isinstance(value, dict) and all(_fits(value[name], form[name]) for name in form)
    assert isinstance(form, type)
    return type(value) is form


@pytest.mark.parametrize("path", [FIM, RAW, SHAPED])
async def test_zed_finds_all_that_it_must(tmp_path: Path, path: str) -> None:
    """Also for an answer that is known, and where there is nothing to say."""
    async with site(tmp_path, ADD) as here:
        replies = [(await _post(here.url, path, ZED)).json() for _ in range(2)]
        here.endpoint.behaviour = Behaviour(text="")
        replies.append((await _post(here.url, path, ZED | {"prompt": "x = "})).json())
    for reply in replies:
        assert _fits(reply, REQUIRED)
        (choice,) = reply["choices"]
        assert _fits(choice, CHOICE)
        assert _fits(choice["message"], {"role": str, "content": str})
    texts = [reply["choices"][0]["message"]["content"] for reply in replies]
    assert texts == ["return a + b", "return a + b", ""]


@pytest.mark.parametrize("path", [RAW, SHAPED])
async def test_minuet_gets_its_stream(tmp_path: Path, path: str) -> None:
    """Each event has a delta with a text."""
    async with site(tmp_path, ADD) as here:
        reply = await _post(here.url, path, MINUET)
    assert text(reply) == "return a + b"
    assert all("content" in each["choices"][0]["delta"] for each in events(reply))


async def test_nulls_are_as_good_as_nothing(tmp_path: Path) -> None:
    """As lsp-ai sends them."""
    async with site(tmp_path, ADD) as here:
        reply = await _post(here.url, RAW, LSP_AI)
        (call,) = here.endpoint.completions
    assert text(reply) == "return a + b"
    assert not {"min_tokens", "random_seed", "stop"} & call.body.keys()


async def test_typing_on_is_not_asked_again_where_texts_are_shaped(tmp_path: Path) -> None:
    """Zed's next request comes from the memory of the user."""
    async with site(tmp_path, ADD) as here:
        await _post(here.url, SHAPED, ZED)
        on = await _post(here.url, SHAPED, ZED | {"prompt": f"{ZED['prompt']}return "})
        assert len(here.endpoint.completions) == 1
    assert text(on) == "a + b"
    assert on.headers["x-codestral-ls-source"] == "typed through"
    assert on.json()["usage"]["total_tokens"] == 0
