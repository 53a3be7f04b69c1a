"""Mistral's wire format with the shaping of an editor's server."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from codestral_ls.errors import RateLimited, Unauthorized, Unavailable
from codestral_ls.fim.connect import connect
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.offline import propose
from codestral_ls.model import Prompt
from codestral_ls.settings import Settings
from tests.gateway_app import SETTINGS, client_of, gateway_over
from tests.gateway_fim import RAW, SHAPED, events, text, token_for
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

BODY: dict[str, Any] = {"prompt": "def add(a, b):\n    ", "suffix": "\n\nprint(add(1, 2))\n"}


async def _ask(gateway: Gateway, token: str = "", **body: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with client_of(gateway, headers=headers) as http:
        return await http.post(SHAPED, json=BODY | body)


async def _asked(folder: Path, **body: Any) -> Prompt:
    """What the model is told for a body."""
    script = ScriptedProvider("return a + b")
    async with gateway_over(script.provider(), folder) as gateway:
        await _ask(gateway, **body)
    return script.prompts[-1]


async def test_a_text_ends_where_an_editor_would_end_it(tmp_path: Path) -> None:
    """And is billed by its size, since the call was ended there as well."""
    script = ScriptedProvider("return a + b\n\n\ndef sub(a, b):\n    return a - b\n")
    async with gateway_over(script.provider(), tmp_path) as gateway:
        reply = await _ask(gateway)
    assert text(reply) == "return a + b"
    assert reply.json()["choices"][0]["finish_reason"] == "stop"
    assert reply.json()["usage"]["prompt_tokens"] == 13


async def test_a_stream_has_the_shaped_text_in_one_piece(tmp_path: Path) -> None:
    """Role, text, end."""
    async with gateway_over(ScriptedProvider("return a + b\n").provider(), tmp_path) as gateway:
        reply = await _ask(gateway, stream=True)
    contents = [each["choices"][0]["delta"]["content"] for each in events(reply)]
    assert contents == ["", "return a + b", ""]


@pytest.mark.parametrize(
    ("body", "script"),
    [
        ({"prompt": "x = foo", "suffix": "bar\n"}, "never asked"),
        ({}, ""),
        ({}, "\n\nprint(add(1, 2))\n"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_no_text_is_an_empty_one(
    tmp_path: Path,
    body: dict[str, Any],
    script: str,
    stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Inside of a word, from a model without an idea, and where the text is there already."""
    async with gateway_over(ScriptedProvider(script).provider(), tmp_path) as gateway:
        reply = await _ask(gateway, **body, stream=stream)
    assert (reply.status_code, text(reply)) == (200, "")
    choice = events(reply)[-1]["choices"][0] if stream else reply.json()["choices"][0]
    assert choice["finish_reason"] == "stop"


async def test_the_metadata_say_what_the_format_has_no_room_for(tmp_path: Path) -> None:
    """The language by its name or by the file's, and whether somebody asks by hand."""
    plain = await _asked(tmp_path)
    by_name = await _asked(tmp_path, metadata={"language": "py"})
    by_path = await _asked(tmp_path, metadata={"path": "src\\add.py"})
    by_hand = await _asked(tmp_path, metadata={"trigger": "invoked"})
    other = await _asked(tmp_path, metadata={"path": 7, "language": ["x"], "trigger": None})
    languages = [each.language for each in (plain, by_name, by_path, other)]
    assert languages == ["plaintext", "python", "python", "plaintext"]
    assert [each.by_hand for each in (plain, by_hand, other)] == [False, True, False]


async def test_wishes_of_a_body_come_before_the_settings(tmp_path: Path) -> None:
    """Each of its parameters; what it leaves open is as the gateway is set."""
    asked = await _asked(
        tmp_path, max_tokens=9, temperature=0.9, top_p=0.5, random_seed=3, min_tokens=1, stop="##"
    )
    plain = await _asked(tmp_path)
    sampling = asked.parameters
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p) == (9, 0.9, 0.5)
    assert (sampling.random_seed, sampling.min_tokens, sampling.stop) == (3, 1, ("##",))
    assert (plain.parameters.max_tokens, plain.parameters.temperature) == (
        SETTINGS.max_tokens,
        SETTINGS.temperature,
    )


async def test_secrets_do_not_leave(tmp_path: Path) -> None:
    """As from an editor."""
    key = "sk-" + "a1B2c3D4e5" * 4
    asked = await _asked(tmp_path, prompt=f'api_key = "{key}"\nx = ')
    assert key not in asked.prefix
    assert asked.redacted


async def test_line_ends_are_the_clients(tmp_path: Path) -> None:
    """Of the text that goes out; the model reads LF."""
    script = ScriptedProvider("if a:\n        return b\n    return a")
    async with gateway_over(script.provider(), tmp_path) as gateway:
        crlf = {name: value.replace("\n", "\r\n") for name, value in BODY.items()}
        reply = await _ask(gateway, **crlf, metadata={"language": "python"})
    assert "\r" not in script.prompts[0].prefix
    assert text(reply).startswith("if a:\r\n        return b")
    assert "\n" not in text(reply).replace("\r\n", "")


async def test_texts_of_one_user_are_not_shown_to_another_who_types_on(tmp_path: Path) -> None:
    """Memory is each user's own; only what is asked byte for byte alike is shared."""
    script = ScriptedProvider("return a + b")
    ada, bob, eve = (token_for(tmp_path, name) for name in ("ada", "bob", "eve"))
    on = {"prompt": f"{BODY['prompt']}return "}
    async with gateway_over(script.provider(), tmp_path) as gateway:
        replies = [
            await _ask(gateway, ada),
            await _ask(gateway, ada, **on),
            await _ask(gateway, bob),
            await _ask(gateway, eve, **on),
        ]
    sources = [each.headers["x-codestral-ls-source"] for each in replies]
    assert sources == ["model", "typed through", "cache", "model"]
    assert [prompt.owner for prompt in script.prompts] == ["ada", "eve"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("api.host is away"), 503),
        (Unauthorized("api.host refuses the key"), 502),
        (RateLimited("api.host limits", retry_after=9), 429),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_failures_are_those_of_the_api(
    tmp_path: Path,
    error: Exception,
    status: int,
    stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """In its form, with a status, and without the words of the model's host."""
    async with gateway_over(ScriptedProvider(error).provider(), tmp_path) as gateway:
        reply = await _ask(gateway, stream=stream)
        again = await _ask(gateway)
    assert reply.status_code == status
    assert reply.json()["object"] == "error"
    assert "api.host" not in reply.text
    assert again.status_code >= 429  # it is left alone for a while


async def test_closers_behind_the_cursor_are_not_written_twice(tmp_path: Path) -> None:
    """A client of this format can only insert, whatever an editor would replace."""
    python = {"language": "python"}
    for prompt, written, suffix, inserted in (
        ("print(add(", "1, 2))\n", "))\n", "1, 2"),
        ("def add(", "a, b) -> int:\n", "):\n    pass\n", "a, b"),
        ("first = [", "1, 2, 3][0]\n", "]\n", "1, 2, 3][0"),
    ):
        async with gateway_over(ScriptedProvider(written).provider(), tmp_path) as gateway:
            reply = await _ask(gateway, prompt=prompt, suffix=suffix, metadata=python)
        assert text(reply) == inserted


@pytest.mark.parametrize("path", [RAW, SHAPED])
@pytest.mark.parametrize("stream", [False, True])
async def test_without_a_key_the_text_itself_says_how_it_goes_on(
    tmp_path: Path,
    path: str,
    stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The offline provider answers in the same form, for nothing, or has nothing to say."""
    provider = connect(Settings(provider="offline"), propose)
    loop = "    for item in items:\n        result += item.price\n    return result\n"
    begun = f"def total(items):\n    result = 0\n{loop}\n\ndef weight(items):\n    for item in it"
    places = ({"prompt": begun, "suffix": "\n"}, {"prompt": "", "suffix": ""})
    async with gateway_over(provider, tmp_path) as gateway, client_of(gateway) as http:
        replies = [await http.post(path, json={**body, "stream": stream}) for body in places]
    assert [each.status_code for each in replies] == [200, 200]
    assert [text(each) for each in replies] == ["ems:", ""]
    usage = [events(it)[-1]["usage"] if stream else it.json()["usage"] for it in replies]
    assert [each["total_tokens"] for each in usage] == [0, 0]


async def test_who_leaves_ends_the_call_at_once(tmp_path: Path) -> None:
    """In an editor a call goes on for a while, for the next key; here nobody would come."""
    script, still = HandFed(), VirtualTime().clock
    async with gateway_over(script.provider(), tmp_path, clock=still) as gateway:
        asking = asyncio.create_task(_ask(gateway))
        await settle()
        asking.cancel()
        await settle()
        assert [call.state for call in script.calls] == ["cancelled"]
