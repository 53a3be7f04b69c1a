"""What Prometheus reads of a gateway."""

import gzip
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parsed_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families as parsed

import codestral_ls
from codestral_ls.gateway.exposition import LEAST_TO_PACK, OPEN_METRICS
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.metrics import MOST_MODELS, MOST_USERS, NONE, Metrics
from codestral_ls.gateway.replies import accepts_gzip
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.happenings import Displayed
from codestral_ls.model import Usage
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.statistics.names import OTHER
from tests.counted import LABELS, call, request
from tests.gateway_app import PRICES, client_of, gateway_over
from tests.scripted import ScriptedProvider

ANN = replace(LABELS, owner="ann")
MODEL = {"provider": LABELS.provider, "model": LABELS.model}
SECRET = "PLANTED_SECRET"
WORKER = """\
import asyncio, sys
from types import SimpleNamespace
from codestral_ls.gateway.exposition import exposed
from codestral_ls.gateway.metrics import Metrics
from tests.counted import request

metrics, tier = Metrics(), SimpleNamespace(is_well=True)
if count := int(sys.argv[1]):  # otherwise it is idle
    metrics.routes(SimpleNamespace(under_way={1, 2}, is_draining=True, tier=tier))
for _ in range(count):
    metrics.tell(request())
    metrics.http("/complete", 200, 0.5)
sys.stdout.write(asyncio.run(exposed(metrics.registry, {}, is_shared=True)).body.decode())
"""


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """What a counter says; None if there is no such series."""
    return metrics.registry.get_sample_value(f"codestral_ls_{name}", labels)


async def scraped(gateway: Gateway, headers: Mapping[str, str] | None = None) -> str:
    """What Prometheus reads."""
    async with client_of(gateway) as client:
        reply = await client.get("/metrics", headers=headers)
    assert reply.status_code == 200
    return reply.text


def test_requests_are_counted_by_where_the_answer_came_from() -> None:
    """Or by why there was none."""
    metrics = Metrics()
    for outcome in ("model", "cache", "cache", "joined"):
        metrics.tell(request(outcome, total=0.2))
    metrics.tell(request("timed out", answered=False, total=5.0))
    assert value(metrics, "completions_total", outcome="cache") == 2
    assert value(metrics, "completions_total", outcome="joined") == 1
    assert value(metrics, "completions_total", outcome="timed out") == 1
    assert value(metrics, "completion_duration_seconds_count", source="cache") == 2
    assert value(metrics, "completion_duration_seconds_count", source="timed out") is None


def test_calls_are_counted_by_model() -> None:
    """With their tokens and their cost, also those that failed."""
    metrics = Metrics()
    metrics.tell(call(cost=0.25, cached_tokens=300, first_token=0.1, total=0.3))
    metrics.tell(call("timed out", cost=0.5, priced=False, total=5.0, prompt_tokens=500))
    assert value(metrics, "calls_total", **MODEL, failure=NONE) == 1
    assert value(metrics, "calls_total", **MODEL, failure="timed out") == 1
    assert value(metrics, "prompt_tokens_total", **MODEL) == 1500
    assert value(metrics, "completion_tokens_total", **MODEL) == 100
    assert value(metrics, "cached_prompt_tokens_total", **MODEL) == 300
    assert value(metrics, "unpriced_tokens_total", **MODEL) == 550
    assert value(metrics, "cost_total", **MODEL) == 0.75
    assert value(metrics, "call_duration_seconds_count", **MODEL) == 1
    assert value(metrics, "call_first_token_seconds_sum", **MODEL) == pytest.approx(0.1)


def test_users_are_told_apart() -> None:
    """What they asked for, where it came from, and what it came to."""
    metrics = Metrics()
    for happening in (request(labels=ANN), request("empty", answered=False, labels=ANN), request()):
        metrics.tell(happening)
    metrics.tell(call(labels=ANN, cost=0.5))
    assert value(metrics, "user_completions_total", user="ann", source="model") == 1
    assert value(metrics, "user_completions_total", user="ann", source=NONE) == 1
    assert value(metrics, "user_completions_total", user="", source="model") == 1
    assert value(metrics, "user_prompt_tokens_total", user="ann") == 1000
    assert value(metrics, "user_completion_tokens_total", user="ann") == 50
    assert value(metrics, "user_cost_total", user="ann") == 0.5


def test_there_are_not_endlessly_many_series() -> None:
    """Whoever comes too late is counted with all others who do."""
    metrics = Metrics()
    for number in range(MOST_USERS + 5):
        metrics.tell(request(labels=replace(LABELS, owner=f"user {number}")))
    for number in range(MOST_MODELS + 5):
        metrics.tell(call(labels=replace(LABELS, model=f"model {number}")))
    metrics.tell(request(labels=replace(LABELS, owner="user 0")))
    assert value(metrics, "user_completions_total", user=OTHER, source="model") == 5
    assert value(metrics, "user_completions_total", user="user 0", source="model") == 2
    assert value(metrics, "calls_total", provider=OTHER, model=OTHER, failure=NONE) == 5


def test_names_hold_no_paths_and_no_addresses() -> None:
    """A server of one's own calls its model by a file, and a provider's name has its address."""
    metrics = Metrics()
    labels = replace(LABELS, provider="llama@http://me:pw@host/x", model="/home/jane/m.gguf")
    metrics.tell(call(labels=labels))
    assert value(metrics, "calls_total", provider="llama", model="m.gguf", failure=NONE) == 1


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1.0])
def test_odd_amounts_do_not_spoil_the_sums(odd: float) -> None:
    """A counter that has been infinite, or nothing at all, stays so."""
    metrics = Metrics()
    metrics.tell(call(cost=odd, prompt_tokens=-3, total=odd, first_token=odd))
    metrics.tell(request(total=odd))
    metrics.http("/complete", 200, odd)
    metrics.tell(call())
    assert value(metrics, "prompt_tokens_total", **MODEL) == 1000
    values = [sample.value for family in metrics.registry.collect() for sample in family.samples]
    assert all(0 <= each < float("inf") for each in values)


def test_what_no_gateway_learns_of_is_not_counted() -> None:
    """Editors say what they have drawn, to their own server."""
    metrics = Metrics()
    metrics.tell(Displayed(labels=LABELS, chars=3))
    assert value(metrics, "user_completions_total", user="", source="model") is None


def test_replies_are_counted_by_route_and_status() -> None:
    """With the time they took."""
    metrics = Metrics()
    metrics.http("/complete", 200, 0.004)
    metrics.http("/complete", 429, 0.001)
    assert value(metrics, "http_requests_total", route="/complete", status="200") == 1
    assert value(metrics, "http_requests_total", route="/complete", status="429") == 1
    bucket = value(metrics, "http_request_duration_seconds_bucket", route="/complete", le="0.0025")
    assert bucket == 1


def test_two_gateways_in_one_process_count_apart() -> None:
    """Nothing is kept in the module, or in that of the library."""
    one, other = Metrics(), Metrics()
    one.tell(request())
    assert value(other, "completions_total", outcome="model") is None


async def test_prometheus_reads_what_a_request_came_to(tmp_path: Path) -> None:
    """The text has a form that its own parser understands; each value has a type and a help."""
    script = ScriptedProvider(f"return {SECRET}_model\n")
    script.usage = Usage(prompt_tokens=10, completion_tokens=4)
    async with gateway_over(script.provider(prices=PRICES), tmp_path) as gateway:
        body = {"prefix": f"def {SECRET}():\n    ", "path": f"src/{SECRET}.py"}
        async with client_of(gateway) as client:
            for _ in range(2):
                assert (await client.post("/complete", json=body)).json()["completion"]
            await client.get(f"/{SECRET}")
        text = await scraped(gateway)
    families = {family.name: family for family in parsed(text)}
    ours = {name for name in families if name.startswith("codestral_ls_")}
    assert {families[name].type for name in ours} == {"counter", "gauge", "histogram"}
    assert all(families[name].documentation for name in ours)
    assert 'codestral_ls_prompt_tokens_total{model="script-1",provider="scripted"} 10.0' in text
    assert 'codestral_ls_http_requests_total{route="/complete",status="200"} 2.0' in text
    assert 'codestral_ls_completions_total{outcome="model"} 1.0' in text
    assert f'codestral_ls_build_info{{version="{codestral_ls.__version__}"}} 1.0' in text
    assert "codestral_ls_http_requests_in_progress 1.0" in text
    assert "process_resident_memory_bytes" in families
    assert "_created" not in text
    assert SECRET not in text


async def test_open_metrics_are_told_to_whoever_asks_for_them(tmp_path: Path) -> None:
    """As Prometheus does by default; all others get its older text format."""
    async with gateway_over(ScriptedProvider("x").provider(), tmp_path) as gateway:
        gateway.tell(request())
        async with client_of(gateway) as client:
            accept = f"{OPEN_METRICS};version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3"
            reply = await client.get("/metrics", headers={"accept": accept})
            assert reply.headers["content-type"].startswith(OPEN_METRICS)
            families = list(parsed_open_metrics(reply.text))  # type: ignore[no-untyped-call] # of the library
            assert "codestral_ls_completions" in {family.name for family in families}
            reply = await client.get("/metrics", headers={"accept": f"{OPEN_METRICS};version=x.y"})
            assert reply.status_code == 200
            reply = await client.get("/metrics")
            assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_the_text_is_packed_for_whoever_can_unpack_it(tmp_path: Path) -> None:
    """For a thousand users it is a megabyte."""
    async with gateway_over(ScriptedProvider("x").provider(), tmp_path) as gateway:
        async with client_of(gateway) as client, client.stream("GET", "/metrics") as reply:
            assert reply.headers["content-encoding"] == "gzip"
            packed = b"".join([part async for part in reply.aiter_raw()])
            assert len(gzip.decompress(packed)) > LEAST_TO_PACK
        async with client_of(gateway, headers={"accept-encoding": "identity"}) as client:
            assert "content-encoding" not in (await client.get("/metrics")).headers


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        *(("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("x-gzip", True)),
        *(("", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.0", False)),
    ],
)
def test_what_can_be_unpacked_stands_in_a_header(header: str, *, accepted: bool) -> None:
    """With a quality of 0 it is not wanted."""
    assert accepts_gzip(header) is accepted


async def test_where_there_are_tokens_metrics_need_one(tmp_path: Path) -> None:
    """One that is made for that: they name everybody who has one."""
    tokens = Tokens(tmp_path / "gateway-tokens.json")
    token = tokens.create("prometheus", Bounds(), metrics=True)
    anns = tokens.create("ann", Bounds())
    script = ScriptedProvider("x")
    async with gateway_over(script.provider(), tmp_path) as gateway, client_of(gateway) as client:
        assert (await client.get("/metrics")).status_code == 401
        refused = await client.get("/metrics", headers={"authorization": f"Bearer {anns}"})
        assert refused.status_code == 403
        assert "--metrics" in refused.json()["error"]["message"]
        reply = await client.get("/metrics", headers={"authorization": f"Bearer {token}"})
        assert reply.status_code == 200
        assert token not in reply.text


async def test_what_is_so_at_a_moment_is_looked_at_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis that is away, and a gateway that is about to end."""
    async with gateway_over(ScriptedProvider("x").provider(), tmp_path) as gateway:
        text = await scraped(gateway)
        assert "codestral_ls_shared_tier_up 1.0" in text
        assert "codestral_ls_draining 0.0" in text
        monkeypatch.setattr(MemoryTier, "is_well", property(lambda _: False))
        gateway.is_draining = True
        text = await scraped(gateway)
        assert "codestral_ls_shared_tier_up 0.0" in text
        assert "codestral_ls_draining 1.0" in text


def test_workers_tell_what_all_of_them_have_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that have ended: a counter never goes back."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for count, seen in ((2, 2), (0, 2), (3, 5)):
        told = subprocess.run(
            [sys.executable, "-c", WORKER, str(count)], capture_output=True, text=True, check=True
        ).stdout
        assert f'codestral_ls_completions_total{{outcome="model"}} {seen}.0' in told
        assert f'http_requests_total{{route="/complete",status="200"}} {seen}.0' in told
        assert {family.name for family in parsed(told)} >= {"codestral_ls_build_info"}
        assert "codestral_ls_draining 1.0" in told
        assert "codestral_ls_shared_tier_up 1.0" in told
