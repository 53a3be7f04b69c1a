"""What the endpoint notices of its clients, and does to their connections."""

import asyncio
import json
import socket
import struct

import httpx
import pytest

from . import Behaviour, Endpoint, serve, serve_in_thread
from .asking import BODY, KEY, ask, client
from .endpoint import FIM

SLOW = Behaviour(text="a b c d e f g h", per_token=0.02)


def _request() -> bytes:
    body = json.dumps(BODY | {"stream": True}).encode()
    head = f"POST {FIM} HTTP/1.1\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _leave_early(endpoint: Endpoint, *, reset: bool = False) -> float:
    """Hangs up after the first text; says when."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(endpoint.url.split(":")[-1]))
    writer.write(_request())
    await reader.readuntil(b'"content":"a"')
    if reset:
        no_linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
    writer.close()
    left_at = asyncio.get_running_loop().time()
    await writer.wait_closed()
    return left_at


@pytest.mark.parametrize("reset", [False, True])
async def test_hanging_up_is_noticed_and_stops_the_bill(*, reset: bool) -> None:
    """Within milliseconds the generation ends, and no token was made for nobody."""
    async with serve(SLOW) as endpoint:
        left_at = await _leave_early(endpoint, reset=reset)
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.connections_open == 0)
        call = endpoint.calls[0]
        assert call.hung_up_at is not None
        assert call.hung_up_at - left_at < 0.05
        await asyncio.sleep(2 * SLOW.per_token)
        assert 1 <= call.tokens < 8
        assert call.tokens_after_hang_up == 0
        assert not call.ended


async def test_hanging_up_before_the_head_is_noticed() -> None:
    """Nothing has been generated, nothing is billed."""
    async with serve(Behaviour(head_after=5)) as endpoint:
        async with httpx.AsyncClient(trust_env=False) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.post(endpoint.url + FIM, content=_request(), timeout=0.05)
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.connections_open == 0)
        assert endpoint.calls[0].hung_up_at is not None
        assert endpoint.calls[0].status == endpoint.calls[0].tokens == 0


async def test_deaf_endpoint_goes_on_generating() -> None:
    """What is generated after the client has left is counted."""
    behaviour = Behaviour(text=SLOW.text, per_token=0.005, deaf=True)
    async with serve(behaviour) as endpoint:
        await _leave_early(endpoint)
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.calls[0].tokens == 8)
        call = endpoint.calls[0]
        assert call.hung_up_at is not None
        assert 1 <= call.tokens_after_hang_up < 8
        assert not call.ended


def test_records_hold_the_request_as_it_came() -> None:
    """Headers, raw and parsed body, and what became of it."""
    with serve_in_thread(Behaviour(text="a b")) as endpoint, client(endpoint) as http:
        http.head("/")
        http.post(FIM, json=BODY)
        endpoint.wait_until(lambda: len(endpoint.calls) == 2 and endpoint.calls[1].ended)
        (call,) = endpoint.completions
        assert endpoint.connections_opened == endpoint.connections_open == 1
    assert call.header("authorization") == f"Bearer {KEY}"
    assert json.loads(call.raw_body) == call.body == BODY
    assert (call.method, call.path, call.status) == ("POST", FIM, 200)
    assert (call.tokens, call.hung_up_at) == (2, None)


def test_connection_can_be_closed_unannounced_after_a_reply() -> None:
    """The client finds out by itself and opens another."""
    with serve_in_thread(Behaviour(after_reply="close")) as endpoint, client(endpoint) as http:
        assert "connection" not in http.post(FIM, json=BODY).headers
        endpoint.wait_until(lambda: endpoint.connections_open == 0)
        assert http.post(FIM, json=BODY).status_code == 200
        assert endpoint.connections_opened == 2


def test_connection_can_die_under_the_next_request() -> None:
    """The request is read and never answered, as when an idle limit runs out at that moment."""
    with serve_in_thread(Behaviour(after_reply="die")) as endpoint, client(endpoint) as http:
        assert http.post(FIM, json=BODY).status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(FIM, json=BODY)
        assert http.post(FIM, json=BODY).status_code == 200
        assert [call.status for call in endpoint.calls] == [200, 0, 200]


def test_client_may_ask_for_the_connection_to_be_closed() -> None:
    """`Connection: close` is heeded."""
    with serve_in_thread() as endpoint, client(endpoint) as http:
        http.post(FIM, json=BODY, headers={"connection": "close"})
        endpoint.wait_until(lambda: endpoint.connections_open == 0)


def test_open_connections_do_not_delay_the_end() -> None:
    """Leaving the context closes what clients keep open."""
    with serve_in_thread() as endpoint:
        http = client(endpoint)
        http.post(FIM, json=BODY)
    assert endpoint.connections_open == 0
    http.close()


def test_a_port_already_taken_is_reported() -> None:
    """The error is the caller's, not the thread's."""
    with serve_in_thread() as endpoint:
        with pytest.raises(OSError, match="in use"), serve_in_thread(port=int(endpoint.url[17:])):
            pass
        assert ask(endpoint).status_code == 200


def test_waiting_for_what_never_happens_fails() -> None:
    """The error shows the calls there were."""
    with serve_in_thread() as endpoint, pytest.raises(TimeoutError, match="0 calls"):
        endpoint.wait_until(lambda: False, 0.01)
