"""What a gateway makes of ends at a bad moment: its own, a worker's, a client's, an endpoint's."""

import asyncio
import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fim_endpoint import Behaviour, Endpoint, Reply, sample, serve_in_thread
from tests.gateway_load import Load, request
from tests.gateway_process import PROMPT, SECONDS, GatewayProcess, await_true
from tests.redis_server import redis_server

TEXT = "return first + second"
STREAM = "text/event-stream"
SLOW = Behaviour(text=TEXT, head_after=30.0)
STALLED = Behaviour(text=TEXT, first_token=30.0)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model that takes a moment, so that there are always some requests under way."""
    with serve_in_thread(Behaviour(text=TEXT, first_token=0.05)) as it:
        yield it


def new_place(number: int) -> bytes:
    """A request for a place that nobody has asked for."""
    return request("/complete", {"prefix": f"def add_{number}(first, second):\n    "})


async def test_ending_gateways_in_turns_loses_no_reply(endpoint: Endpoint, tmp_path: Path) -> None:
    """A gateway that is told to end answers what it has taken, and its clients go elsewhere."""
    gateways = [GatewayProcess(tmp_path, endpoint=endpoint.url) for _ in range(2)]
    with gateways[0], gateways[1]:
        load = Load(ports=[each.port for each in gateways], make=new_place)

        async def in_turns() -> None:
            for gateway in gateways:
                await load.until(40)
                assert await asyncio.to_thread(gateway.terminate) == 0
                await load.until(20)
                gateway.begin()
                await asyncio.to_thread(gateway.await_ready)
            await load.until(40)

        await load.around(in_turns())
        assert load.lost == []
        assert set(load.statuses) == {200}
        assert load.sources["model"] > 100
        for gateway in gateways:
            assert "Traceback" not in gateway.log


@pytest.mark.parametrize(
    ("path", "name", "end"),
    [("/complete", "prefix", b"event: done"), ("/v1/fim/completions", "prompt", b"data: [DONE]")],
)
def test_a_stream_under_way_is_told_to_its_end(
    path: str, name: str, end: bytes, tmp_path: Path
) -> None:
    """Whoever has seen half of a text when the gateway is told to end gets the other half."""
    with (
        serve_in_thread(Behaviour(text=TEXT, per_token=0.45)) as endpoint,
        GatewayProcess(tmp_path, endpoint=endpoint.url) as gateway,
    ):
        client = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
        body = {name: PROMPT, **({"stream": True} if name == "prompt" else {})}
        headers = {"content-type": "application/json", "accept": STREAM}
        with closing(client):
            client.request("POST", path, json.dumps(body), headers)
            reply = client.getresponse()
            begin = reply.readline()
            gateway.signal(signal.SIGTERM)
            text = begin + reply.read()
        assert end in text
        assert gateway.wait() == 0
        assert endpoint.completions[0].ended


async def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    """Who does not want to wait for a slow endpoint says so twice."""
    with (
        serve_in_thread(SLOW) as endpoint,
        GatewayProcess(
            tmp_path, endpoint=endpoint.url, timeout_ms="60000", gateway_drain_seconds="60"
        ) as gateway,
    ):
        load = Load(ports=[gateway.port], make=new_place, clients=1)

        async def twice() -> None:
            await asyncio.to_thread(endpoint.wait_until, lambda: len(endpoint.completions) == 1)
            gateway.signal(signal.SIGTERM)
            await asyncio.to_thread(await_true, lambda: not_ready(gateway), "it drains")
            gateway.signal(signal.SIGTERM)
            await asyncio.to_thread(gateway.wait)

        await load.around(twice())
        endpoint.wait_until(lambda: endpoint.completions[0].hung_up_at is not None)


def not_ready(gateway: GatewayProcess) -> bool:
    """Whether it tells balancers to send nobody any more."""
    try:
        return gateway.get("/readyz").status == 503
    except OSError:
        return True


def workers(gateway: GatewayProcess) -> set[int]:
    """The processes that answer."""
    children = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children")
    every = {int(each) for each in children.read_text(encoding="ascii").split()}
    return {each for each in every if b"resource_tracker" not in command_line(each)}


def command_line(pid: int) -> bytes:
    """How a process was started; nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.redis
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_worker_that_dies_is_replaced(endpoint: Endpoint, tmp_path: Path) -> None:
    """The others go on, and soon there are as many as before."""
    with (
        redis_server() as redis,
        GatewayProcess(
            tmp_path, endpoint=endpoint.url, gateway_workers="2", gateway_redis=redis.url
        ) as gateway,
    ):
        await_true(lambda: len(workers(gateway)) == 2, "both are there")
        before = workers(gateway)
        os.kill(min(before), signal.SIGKILL)
        await_true(lambda: len(workers(gateway) - {min(before)}) == 2, "there are two again")
        for number in range(10):
            assert gateway.complete(f"{number}{PROMPT}").status == 200
        assert gateway.terminate() == 0
        assert "Traceback" not in gateway.log


ASKING: list[tuple[str, str, dict[str, object], str]] = [
    ("/complete", "prefix", {}, ""),
    ("/complete", "prefix", {}, STREAM),
    ("/raw/v1/fim/completions", "prompt", {"model": "codestral-latest"}, ""),
    ("/raw/v1/fim/completions", "prompt", {"stream": True}, STREAM),
    ("/shaped/v1/fim/completions", "prompt", {}, ""),
    ("/shaped/v1/fim/completions", "prompt", {"stream": True}, STREAM),
]
"""All ways to ask: the path, the name of the text, what else to say, and what to accept."""


@pytest.mark.parametrize("behaviour", [SLOW, STALLED], ids=["no head", "no token"])
def test_a_client_that_leaves_ends_the_call(behaviour: Behaviour, tmp_path: Path) -> None:
    """Nobody pays for what nobody waits for, whichever way it was asked."""
    with (
        serve_in_thread(behaviour) as endpoint,
        GatewayProcess(tmp_path, endpoint=endpoint.url, timeout_ms="60000") as gateway,
    ):
        for count, (path, name, body, accept) in enumerate(ASKING):
            data = request(path, {name: f"# {count}\n{PROMPT}", **body})
            with closing(socket.create_connection(("127.0.0.1", gateway.port))) as client:
                client.sendall(data.replace(b"\r\n", f"\r\nAccept: {accept}\r\n".encode(), 1))
                endpoint.wait_until(lambda n=count: len(endpoint.completions) > n)  # type: ignore[misc]
            call = endpoint.completions[count]
            endpoint.wait_until(lambda call=call: call.hung_up_at is not None)  # type: ignore[misc]
            assert call.tokens == 0
        assert "Traceback" not in gateway.log


FAILING = {
    "broken": (Behaviour(reply=Reply(status=500, body=b"SECRET-BODY")), 503),
    "overloaded": (Behaviour(reply=Reply(status=503, body=b"SECRET-BODY")), 503),
    "limited": (Behaviour(reply=sample("errors/429-rate.json")), 429),
    "wrong key": (Behaviour(keys=frozenset({"another"})), 502),
    "garbage": (Behaviour(content_type="text/html", text="<html>"), 502),
    "cut": (Behaviour(text=TEXT, trouble="cut", trouble_after=0), 503),
    "too slow": (STALLED, 504),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_endpoint_has_stable_statuses(name: str, tmp_path: Path) -> None:
    """Each way of failing is told by a status and a word, and nothing of its reply is passed on."""
    behaviour, status = FAILING[name]
    with (
        serve_in_thread(behaviour) as endpoint,
        GatewayProcess(tmp_path, endpoint=endpoint.url, timeout_ms="1500") as gateway,
    ):
        first = gateway.complete()
        assert first.status == status, first.body
        assert first.json["error"]["code"]
        assert first.json["error"]["message"]
        raw = gateway.post("/raw/v1/fim/completions", {"prompt": PROMPT})
        assert raw.status in {429, 502, 503, 504}, raw.body
        assert raw.json["object"] == "error"
        everything = first.body + raw.body + gateway.log.encode()
        assert b"SECRET-BODY" not in everything
        assert b"Traceback" not in everything


def test_a_failing_endpoint_that_recovers_is_asked_again(tmp_path: Path) -> None:
    """What failed is no answer that anybody would be given later."""
    with (
        serve_in_thread(Behaviour(reply=Reply(status=500))) as endpoint,
        GatewayProcess(tmp_path, endpoint=endpoint.url) as gateway,
    ):
        assert gateway.complete().status >= 500
        endpoint.behaviour = Behaviour(text=TEXT)
        await_true(lambda: gateway.complete().status == 200, "it is asked again")
        assert gateway.complete().json["completion"] == TEXT
