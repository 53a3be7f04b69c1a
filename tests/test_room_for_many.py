"""Where several ask a model whose limit is reached: who may wait, and what others are told."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from codestral_ls.model import Answer, Nothing, Outcome, Reason, Request
from codestral_ls.wishes import EVERYBODY, Scope
from tests.chained import engine_over
from tests.gateway_app import client_of, gateway_over
from tests.gateway_fim import SHAPED
from tests.marked import request
from tests.scripted import ScriptedProvider
from tests.virtual_clock import VirtualTime, settle

ANN = Scope(owner="ann")


def asked_by(scope: Scope, number: int) -> Request:
    """A request at a place of its own, in a lane of its own."""
    usual = request(f"place_{number} = ‸")
    snapshot = replace(usual.snapshot, scope=scope)
    return replace(usual, snapshot=snapshot, patient=True, lane=str(number))


async def asked_beyond(limit: int, scope: Scope, time: VirtualTime) -> asyncio.Task[Outcome]:
    """The first request for which there is no room any more."""
    provider = ScriptedProvider("text()").provider(requests_per_minute=limit)
    engine = engine_over(provider, time=time)
    for number in range(10):
        asking = asyncio.create_task(engine.complete(asked_by(scope, number)))
        await settle()
        if not asking.done() or isinstance(asking.result(), Nothing):
            return asking
    raise AssertionError("there was room for all")


async def test_nobody_waits_for_room_longer_than_for_an_answer() -> None:
    """He is told when to come again, instead of being answered when he has long gone."""
    refused = await asked_beyond(1, ANN, VirtualTime())
    outcome = refused.result()
    assert isinstance(outcome, Nothing)
    assert outcome.reason is Reason.RATE_LIMITED
    assert 10 < outcome.retry_after <= 120


@pytest.mark.parametrize(("limit", "scope", "seconds"), [(30, ANN, 3.0), (1, EVERYBODY, 120.0)])
async def test_a_short_wait_is_worth_it_and_who_is_alone_decides_himself(
    limit: int, scope: Scope, seconds: float
) -> None:
    """An editor's own newer request ends the wait."""
    time = VirtualTime()
    waiting = await asked_beyond(limit, scope, time)
    assert not waiting.done()
    await time.pass_time(seconds)
    assert isinstance(await waiting, Answer)


@pytest.mark.parametrize("path", ["/complete", SHAPED])
async def test_a_client_is_told_when_there_will_be_room(tmp_path: Path, path: str) -> None:
    """By each route that shapes, also without tokens and wishes."""
    provider = ScriptedProvider("text()").provider(requests_per_minute=1)
    name = "prompt" if path == SHAPED else "prefix"
    async with gateway_over(provider, tmp_path) as gateway, client_of(gateway) as client:
        replies = [await client.post(path, json={name: f"x{each} = "}) for each in range(2)]
    assert [each.status_code for each in replies] == [200, 429]
    assert 10 < int(replies[1].headers["Retry-After"]) <= 120
