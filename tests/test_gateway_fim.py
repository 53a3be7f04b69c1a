"""The gateway as Mistral's API, passing through what a model writes."""

import asyncio
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from codestral_ls.gateway.settings import GatewaySettings
from tests.fim_endpoint import Behaviour, Call, Reply, sample
from tests.fim_endpoint.replies import WIRE
from tests.gateway_fim import BODY, FIM, RAW, SHAPED, ask, client, events, site, text

SCHEMA = json.loads((WIRE / "fim-request.schema.json").read_text("utf-8"))
TEXT = "return a + b"
WHOLE = """{"id":"ID","object":"chat.completion","created":0,"model":"codestral-2508","choices":[\
{"index":0,"message":{"role":"assistant","tool_calls":null,"content":"return a + b",\
"prefix":false},"finish_reason":"stop"}],\
"usage":{"prompt_tokens":10,"total_tokens":16,"completion_tokens":6}}"""
STREAM = """\
data: {HEAD,"choices":[{"index":0,"delta":{"role":"assistant","content":""},\
"finish_reason":null}]}

data: {HEAD,"choices":[{"index":0,"delta":{"content":"return a +"},"finish_reason":null}],"p":"P"}

data: {HEAD,"choices":[{"index":0,"delta":{"content":" b"},"finish_reason":null}],"p":"P"}

data: {HEAD,"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],\
"usage":{"prompt_tokens":10,"total_tokens":16,"completion_tokens":6},"p":"P"}

data: [DONE]

""".replace(
    "HEAD", '"id":"ID","object":"chat.completion.chunk","created":0,"model":"codestral-2508"'
)


def normal(reply: bytes) -> str:
    """A reply without what differs from one to the next, of which the form is looked at."""
    named = re.sub(r'"id":"[0-9a-f]{32}"', '"id":"ID"', reply.decode("ascii"))
    dated = re.sub(r'"created":\d{10},', '"created":0,', named)
    return re.sub(r'"p":"[a-zA-Z]{1,36}"', '"p":"P"', dated)


async def test_a_whole_reply_is_mistrals_byte_for_byte(tmp_path: Path) -> None:
    """Its keys, their order, and the bill of the one upstream call."""
    async with site(tmp_path, Behaviour(text=TEXT)) as here:
        reply = await ask(here.url)
    assert reply.headers["content-type"] == "application/json"
    assert normal(reply.content) == WHOLE
    assert reply.headers["x-codestral-ls-source"] == "model"


async def test_a_stream_is_mistrals_byte_for_byte(tmp_path: Path) -> None:
    """Role, a chunk for each that has come, the end with the bill, and the last line."""
    async with site(tmp_path, Behaviour(text=TEXT, tokens_per_chunk=5)) as here:
        reply = await ask(here.url, stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert normal(reply.content) == STREAM


@pytest.mark.parametrize(
    "written", [" led", "\n\ndone\n", "é😀\u2028\u0085x", "a\r\nb\r\n", "\t\n "]
)
@pytest.mark.parametrize("stream", [False, True])
async def test_raw_passes_the_text_through(
    tmp_path: Path,
    written: str,
    stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Blanks and line ends at either side, and what many parsers take for a line end."""
    async with site(tmp_path, Behaviour(text=written)) as here:
        said = text(await ask(here.url, stream=stream))
    assert said == written.replace("\u0085", "")  # a control character, which editors do not take


async def test_raw_passes_the_request_through(tmp_path: Path) -> None:
    """Each parameter of the body, and both texts as they are, in what the endpoint takes."""
    sent: dict[str, Any] = {
        "prompt": "x = 'é'\r\n\t",
        "suffix": "\r\n# end ",
        "temperature": 0.7,
        "top_p": 0.5,
        "max_tokens": 7,
        "min_tokens": 2,
        "stop": ["\n\n", "##"],
        "random_seed": 11,
        "prompt_cache_key": "mine",
    }
    async with site(tmp_path) as here:
        reply = await ask(here.url, **sent, metadata={"language": "python"})
        asked = here.endpoint.completions[0].body
    assert reply.status_code == 200
    assert {name: asked[name] for name in sent} == sent
    assert "metadata" not in asked
    Draft202012Validator(SCHEMA).validate(asked)


async def test_what_a_body_leaves_open_is_as_the_gateway_is_set(tmp_path: Path) -> None:
    """The model too: documented calls of the API name none."""
    async with site(tmp_path, temperature=0.1) as here, client(here.url) as http:
        reply = await http.post(RAW, json={"prompt": "x"})
        asked = here.endpoint.completions[0].body
    assert reply.json()["model"] == asked["model"] == "codestral-2508"
    assert (asked["temperature"], asked["max_tokens"]) == (0.1, 1024)


async def test_the_same_at_the_same_time_is_asked_once(tmp_path: Path) -> None:
    """The first one pays; the other gets the same text for nothing, and is told so."""
    async with site(tmp_path, Behaviour(text=TEXT, first_token=0.1)) as here:
        one, two = await asyncio.gather(ask(here.url), ask(here.url, stream=True))
        assert len(here.endpoint.completions) == 1
    assert text(one) == text(two) == TEXT
    sources = {one.headers["x-codestral-ls-source"], two.headers["x-codestral-ls-source"]}
    assert sources == {"model", "joined"}
    bills = [one.json()["usage"], events(two)[-1]["usage"]]
    assert sorted(each["total_tokens"] for each in bills) == [0, 16]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_known_is_not_asked_again(tmp_path: Path, stream: bool) -> None:  # noqa: FBT001 - a parameter
    """It costs nothing, in either form."""
    async with site(tmp_path, Behaviour(text=TEXT, after_reply="close")) as here:
        await ask(here.url)
        again = await ask(here.url, stream=stream)
        assert len(here.endpoint.completions) == 1
    assert text(again) == TEXT
    assert again.headers["x-codestral-ls-source"] == "cache"
    usage = events(again)[-1]["usage"] if stream else again.json()["usage"]
    assert usage == {"prompt_tokens": 0, "total_tokens": 0, "completion_tokens": 0}


async def test_more_stops_than_the_endpoint_takes_are_kept(tmp_path: Path) -> None:
    """Mistral's takes four; the gateway looks for the others itself, and ends the call."""
    stops = ["@1", "@2", "@3", "@4", "+ b"]
    behaviour = Behaviour(text="a + b\n" * 40, per_token=0.01)
    async with site(tmp_path, behaviour) as here:
        whole = await ask(here.url, stop=stops, max_tokens=500)
        stream = await ask(here.url, stop=stops, max_tokens=501, stream=True)
        calls = here.endpoint.completions
        await asyncio.to_thread(here.endpoint.wait_until, lambda: all(map(_is_left, calls)))
    assert text(whole) == text(stream) == "a "
    assert whole.json()["choices"][0]["finish_reason"] == "stop"
    assert max(each.tokens for each in calls) < 80


async def test_raw_and_shaped_are_a_choice_of_address(tmp_path: Path) -> None:
    """The setting decides for the usual one only."""
    written = f"{TEXT}\n\n\ndef other():\n    pass\n"
    for own, expected in (
        (GatewaySettings(fim="raw"), written),
        (GatewaySettings(fim="shaped"), TEXT),
    ):
        async with site(tmp_path, Behaviour(text=written), own) as here:
            assert text(await ask(here.url, FIM)) == expected
            assert text(await ask(here.url, RAW)) == written
            assert text(await ask(here.url, SHAPED, stream=True)) == TEXT


@pytest.mark.parametrize("path", [RAW, SHAPED])
@pytest.mark.parametrize("stream", [False, True])
async def test_nobody_writes_for_who_has_left(tmp_path: Path, path: str, stream: bool) -> None:  # noqa: FBT001 - a parameter
    """A client that hangs up before there is an answer ends the call at the model."""
    async with site(tmp_path, Behaviour(head_after=30), timeout_ms=30_000) as here:
        asking = asyncio.create_task(ask(here.url, path, stream=stream))
        calls = here.endpoint
        await asyncio.to_thread(calls.wait_until, lambda: bool(calls.completions))
        asking.cancel()
        await asyncio.to_thread(calls.wait_until, partial(_is_left, calls.completions[0]))


async def test_who_leaves_in_the_middle_of_a_stream_has_enough(tmp_path: Path) -> None:
    """The call at the model ends there and then, and with it the bill."""
    behaviour = Behaviour(text="a b " * 400, per_token=0.02)
    async with site(tmp_path, behaviour) as here, client(here.url) as http:
        body = BODY | {"stream": True, "max_tokens": 1000}
        async with http.stream("POST", RAW, json=body) as reply:
            assert "assistant" in await anext(aiter(reply.aiter_text()))
        (call,) = here.endpoint.completions
        await asyncio.to_thread(here.endpoint.wait_until, partial(_is_left, call))
    assert call.tokens < 100


def _is_left(call: Call) -> bool:
    return call.hung_up_at is not None


async def test_an_error_in_the_middle_ends_the_stream(tmp_path: Path) -> None:
    """What had come is there, and behind it why there is no more; nothing of it is kept."""
    behaviour = Behaviour(text="a b c d", trouble="error", trouble_after=2)
    async with site(tmp_path, behaviour) as here:
        reply = await ask(here.url, stream=True)
        here.endpoint.behaviour = Behaviour(text="well")
        assert text(await ask(here.url)) == "well"
    assert reply.status_code == 200
    assert text(reply) == "a b"
    assert events(reply)[-1]["object"] == "error"
    assert events(reply)[-1]["type"] == "upstream_unavailable"
    assert "[DONE]" not in reply.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("400-context-length.json", (400, "invalid_request_error", "3051")),
        ("400-invalid-model.json", (502, "upstream_refused", None)),
        ("401-detail.json", (502, "upstream_unauthorized", None)),
        ("403.json", (502, "upstream_unauthorized", None)),
        ("422-bare.json", (502, "upstream_refused", None)),
        ("429-rate.json", (429, "rate_limited", "1300")),
        ("500.json", (503, "upstream_unavailable", None)),
        ("502.html", (503, "upstream_unavailable", None)),
    ],
)
async def test_what_fails_upstream_is_told_in_our_words(
    tmp_path: Path,
    name: str,
    told: tuple[int, str, str | None],
    stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """With a status of its own before anything was said; the host's words and our key are ours."""
    async with site(tmp_path, Behaviour(reply=sample(f"errors/{name}"))) as here:
        reply = await ask(here.url, stream=stream)
        host = here.endpoint.url
    error = reply.json()
    assert (reply.status_code, error["type"], error["code"]) == told
    assert (error["object"], error["raw_status_code"]) == ("error", told[0])
    assert host.removeprefix("http://") not in reply.text
    assert not re.search(
        "api_key|API_KEY|Invalid model|bad gateway|plan", reply.text, re.IGNORECASE
    )


async def test_a_rate_limit_says_when_it_is_over(tmp_path: Path) -> None:
    """As long as the model's host says."""
    limited = Reply(status=429, body=b"{}", headers={"retry-after": "7"})
    async with site(tmp_path, Behaviour(reply=limited)) as here:
        reply = await ask(here.url)
    assert reply.headers["retry-after"] == "7"


async def test_a_late_model_is_a_504(tmp_path: Path) -> None:
    """The deadline of the settings is that of each call."""
    async with site(tmp_path, Behaviour(head_after=30), timeout_ms=100) as here:
        reply = await ask(here.url)
    assert (reply.status_code, reply.json()["type"]) == (504, "upstream_timed_out")


async def test_what_is_no_json_object_is_a_400(tmp_path: Path) -> None:
    """And what is too long a 413, of another kind a 415: errors of the same form."""
    async with site(tmp_path, own=GatewaySettings(max_body=500)) as here, client(here.url) as http:
        kind = {"content-type": "application/json"}
        replies = [
            await http.post(RAW, content=b"{", headers=kind),
            await http.post(RAW, json=BODY | {"prompt": "x" * 501}),
            await http.post(RAW, content=b"{}", headers={"content-type": "text/plain"}),
        ]
        assert not here.endpoint.completions
    assert [each.status_code for each in replies] == [400, 413, 415]
    assert {each.json()["object"] for each in replies} == {"error"}


async def test_other_methods_are_refused(tmp_path: Path) -> None:
    """And the path's method is told."""
    async with site(tmp_path) as here, client(here.url) as http:
        reply = await http.get(FIM)
    assert reply.status_code == 405
    assert "POST" in reply.headers["allow"]
