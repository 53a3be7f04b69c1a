"""`/complete` as a stream of events, and what becomes of a call whose client has left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from codestral_ls.engine.journal import name_of
from codestral_ls.errors import Unavailable
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds
from codestral_ls.model import Source
from codestral_ls.provider import Provider
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from tests.fim_client import talking
from tests.fim_endpoint import Behaviour
from tests.gateway_app import Event, asking, events_of, gateway_over, serving
from tests.scripted import HandFed, ScriptedProvider, scripted_provider
from tests.virtual_clock import VirtualTime

ADD = {"prefix": "def add(a, b):\n    ", "language": "python"}
STREAM = {"Accept": "text/event-stream"}


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for something that will be so in a moment."""
    while not is_so():  # noqa: ASYNC110 - nobody tells when it is
        await asyncio.sleep(0.001)


@asynccontextmanager
async def listening(
    provider: Provider, folder: Path, clock: Clock = SYSTEM_CLOCK
) -> AsyncIterator[tuple[httpx.AsyncClient, Gateway]]:
    """A client at the other end of a socket."""
    over = gateway_over(provider, folder, clock=clock)
    async with over as gateway, serving(gateway) as url:
        client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        async with client:
            yield client, gateway


async def event_in(lines: AsyncIterator[str]) -> Event:
    """The next event of a reply."""
    block = [await anext(lines) for _ in range(3)]
    ((name, value),) = events_of("\n".join(block) + "\n")
    return name, value


async def test_a_text_is_told_as_it_grows(tmp_path: Path) -> None:
    """Each event has all that there is by then, and the last one is the plain reply."""
    script = HandFed()
    async with listening(script.provider(), tmp_path) as (client, _):
        asked = client.stream("POST", "/complete", json=ADD, headers=STREAM)
        async with asyncio.TaskGroup() as group:
            group.create_task(fed(script, "total = a"))
            async with asked as reply:
                assert reply.status_code == 200
                assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
                assert reply.headers["X-Accel-Buffering"] == "no"
                assert reply.headers["Cache-Control"] == "no-store"
                lines = reply.aiter_lines()
                assert await event_in(lines) == ("growing", {"completion": "total = a"})
                script.calls[0].feed(" + b\n    return total\n")
                script.calls[0].finish()
                events = [await event_in(lines)]
                while events[-1][0] == "growing":
                    events.append(await event_in(lines))
    texts = [value["completion"] for _, value in events]
    assert events[-1][0] == "done"
    assert texts[-1] == "total = a + b\n    return total"
    assert all(texts[-1].startswith(each) for each in texts)
    assert events[-1][1]["source"] == "model"


async def fed(script: HandFed, text: str) -> None:
    """Feeds the first call as soon as it is there."""
    await until(lambda: bool(script.calls))
    script.calls[0].feed(text)


async def test_what_is_known_is_one_event(tmp_path: Path) -> None:
    """There is nothing to wait for."""
    async with asking(ScriptedProvider("return a + b").provider(), tmp_path) as client:
        await client.post("/complete", json=ADD)
        reply = await client.post("/complete", json=ADD, headers=STREAM)
    ((name, value),) = events_of(reply.text)
    assert (name, value["completion"], value["source"]) == ("done", "return a + b", "cache")


@pytest.mark.parametrize(
    ("accepted", "streamed"),
    [
        (["Text/Event-Stream"], True),
        (["application/json;q=0.1, text/event-stream"], True),
        (["application/json", "text/event-stream"], True),
        (["*/*"], False),
        (["application/json"], False),
    ],
)
async def test_a_stream_comes_to_who_names_it(
    tmp_path: Path, accepted: list[str], *, streamed: bool
) -> None:
    """In whatever header field, beside whatever else."""
    headers = [("Accept", each) for each in accepted]
    async with asking(ScriptedProvider("b").provider(), tmp_path) as client:
        del client.headers["Accept"]
        reply = await client.post("/complete", json=ADD, headers=headers)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/event-stream") == streamed


async def test_a_failure_at_once_has_its_status(tmp_path: Path) -> None:
    """Nothing has been promised by then: the reply is the same as without a stream."""
    script = ScriptedProvider(Unavailable("no"))
    async with asking(script.provider(), tmp_path) as client:
        reply = await client.post("/complete", json=ADD, headers=STREAM)
    assert reply.status_code == 503
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json()["error"]["code"] == "upstream_unavailable"


async def test_so_has_a_bound_without_room(tmp_path: Path) -> None:
    """Whoever asks too much is told so by the status."""
    own = GatewaySettings(user=Bounds(requests_per_minute=1))
    async with asking(ScriptedProvider("return a").provider(), tmp_path, own=own) as client:
        await client.post("/complete", json=ADD, headers=STREAM)
        reply = await client.post("/complete", json={"prefix": "x"}, headers=STREAM)
    assert reply.status_code == 429


async def test_a_failure_in_mid_text_is_an_event(tmp_path: Path) -> None:
    """The status is out, and the text so far is not an answer."""
    script = HandFed()
    async with listening(script.provider(), tmp_path) as (client, _):
        asked = client.stream("POST", "/complete", json=ADD, headers=STREAM)
        async with asyncio.TaskGroup() as group:
            group.create_task(fed(script, "total = a"))
            async with asked as reply:
                lines = reply.aiter_lines()
                assert (await event_in(lines))[0] == "growing"
                script.calls[0].fail(Unavailable("gone"))
                name, value = await event_in(lines)
                rest = [line async for line in lines]
    assert (name, value["error"]["code"]) == ("error", "upstream_unavailable")
    assert rest == []


@pytest.mark.parametrize("headers", [{}, STREAM])
async def test_a_client_that_leaves_ends_the_call(tmp_path: Path, headers: dict[str, str]) -> None:
    """At once, while time stands still: nobody pays for what nobody will read."""
    script = HandFed()
    async with listening(script.provider(), tmp_path, VirtualTime().clock) as (client, gateway):
        asked = asyncio.create_task(client.post("/complete", json=ADD, headers=headers))
        await until(lambda: bool(script.calls))
        script.calls[0].feed("total = a")
        asked.cancel()
        await until(lambda: script.calls[0].state == "cancelled")
        await until(lambda: not gateway.under_way)
        (record,) = gateway.models["script-1"].engine.journal.latest(1)
    assert name_of(record.outcome) == "cancelled"


async def test_the_connection_to_the_model_is_closed(tmp_path: Path) -> None:
    """Which is what stops a model, and the bill."""
    slow = Behaviour(text="total = a + b\n" * 50, first_token=0.01, per_token=0.05)
    async with talking(slow) as (fim, endpoint):
        provider = scripted_provider(fim.ask, fim.warm, fim.close)
        async with listening(provider, tmp_path, VirtualTime().clock) as (client, _):
            asked = client.stream("POST", "/complete", json=ADD, headers=STREAM)
            async with asked as reply:
                await event_in(reply.aiter_lines())
            call = endpoint.completions[0]
            await asyncio.to_thread(endpoint.wait_until, lambda: call.hung_up_at is not None)
    assert call.tokens < 100


async def test_who_leaves_does_not_end_the_call_of_another(tmp_path: Path) -> None:
    """The same prompt is asked once, and goes on while anybody waits for it."""
    script = HandFed()
    async with listening(script.provider(), tmp_path) as (client, gateway):
        first, second = (asyncio.create_task(client.post("/complete", json=ADD)) for _ in range(2))
        await until(lambda: len(gateway.under_way) == 2 and bool(script.calls))
        first.cancel()
        await until(lambda: len(gateway.under_way) == 1)
        script.calls[0].feed("return a + b")
        script.calls[0].finish()
        reply = await second
    assert len(script.calls) == 1
    assert reply.json()["completion"] == "return a + b"
    assert reply.json()["source"] in set(Source)


async def test_a_client_that_leaves_is_counted_as_such(tmp_path: Path) -> None:
    """With the status that proxies have for it."""
    script = HandFed()
    async with listening(script.provider(), tmp_path) as (client, gateway):
        asked = asyncio.create_task(client.post("/complete", json=ADD))
        await until(lambda: bool(script.calls))
        asked.cancel()
        await until(lambda: not gateway.under_way)
        text = (await client.get("/metrics")).text
    assert 'codestral_ls_http_requests_total{route="/complete",status="499"} 1.0' in text


async def test_a_mistake_of_ours_in_mid_text_is_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And in the log as any other; the client is not left with half a reply."""
    script = HandFed()

    def fail(*_: object) -> None:
        raise KeyError

    async with listening(script.provider(), tmp_path) as (client, _):
        asked = client.stream("POST", "/complete", json=ADD, headers=STREAM)
        async with asyncio.TaskGroup() as group:
            group.create_task(fed(script, "total = a"))
            async with asked as reply:
                lines = reply.aiter_lines()
                await event_in(lines)
                monkeypatch.setattr("codestral_ls.gateway.complete.answer_of", fail)
                script.calls[0].finish()
                name, value = await event_in(lines)
    assert (name, value["error"]["code"]) == ("error", "internal")
