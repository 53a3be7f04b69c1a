"""What a gateway counts of a mixed load is what the endpoint has counted."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from tests.fim_endpoint import Behaviour, Endpoint
from tests.fim_endpoint.generation import prompt_tokens
from tests.fim_endpoint.schema import parse
from tests.gateway_app import TOKENS, bearing
from tests.gateway_fim import RAW, SHAPED, client, site, token_for

USERS = ("ann", "bob", "cid")
REQUESTS, PLACES = 150, 40
EVENTS = {"Accept": "text/event-stream"}


def write(prompt: str, _suffix: str) -> str:
    """One line, so that nobody has enough before its end, where the bill is."""
    return f"value_{len(prompt)} + other(3)"


def billed(endpoint: Endpoint) -> tuple[int, int, int]:
    """Calls, tokens read and tokens written."""
    calls = endpoint.completions
    assert all(each.ended for each in calls)
    asked = [parse(each.raw_body) for each in calls]
    read = sum(prompt_tokens(each) for each in asked if not isinstance(each, list))
    return len(calls), read, sum(each.tokens for each in calls)


def counted(metrics: str) -> Counter[str]:
    """The sums of the metrics, whatever their labels."""
    sums: Counter[str] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name.endswith("_total"):
                sums[sample.name.removeprefix("codestral_ls_")] += round(sample.value)
    return sums


async def ask(http: httpx.AsyncClient, pick: random.Random, tokens: list[str]) -> int:
    """Something that one of them asks; the status of the reply."""
    prefix = f"def f():\n    x{pick.randrange(PLACES)} = "
    path, headers = pick.choice(("/complete", RAW, SHAPED)), bearing(pick.choice(tokens))
    await asyncio.sleep(pick.random() / 2)
    if path == "/complete":
        reply = await http.post(
            path,
            json={"prefix": prefix, "suffix": "\n", "candidates": pick.choice((1, 1, 1, 3))},
            headers=headers | pick.choice(({}, EVENTS)),
        )
    else:
        body = {"prompt": prefix, "suffix": "\n", "stream": pick.random() < 0.5}
        reply = await http.post(path, json=body, headers=headers)
    return reply.status_code


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_sums_are_those_of_the_endpoint(tmp_path: Path, seed: int) -> None:
    """Over all routes and users: nothing twice, nothing left out, what was joined or known free."""
    tokens = [token_for(tmp_path, each) for each in USERS]
    reader = Tokens(tmp_path / TOKENS).create("reader", Bounds(), metrics=True)
    pick = random.Random(seed)  # noqa: S311 - to be the same again
    behaviour = Behaviour(text=write, first_token=0.02)
    async with site(tmp_path, behaviour) as at, client(at.url) as http:
        asking = [ask(http, pick, tokens) for _ in range(REQUESTS)]
        assert set(await asyncio.gather(*asking)) == {200}
        page = await http.get("/metrics", headers=bearing(reader))
        calls, read, written = billed(at.endpoint)
    sums = counted(page.text)
    assert PLACES < calls < REQUESTS
    assert sums["calls_total"] == calls
    assert sums["prompt_tokens_total"] == sums["user_prompt_tokens_total"] == read
    assert sums["completion_tokens_total"] == sums["user_completion_tokens_total"] == written
    assert sums["completions_total"] == sums["user_completions_total"] == REQUESTS
