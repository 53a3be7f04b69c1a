"""What a real gateway of several processes counts, for Prometheus, for bounds and for its user."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.statistics.report import read
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.gateway_process import GatewayProcess, bearer
from tests.redis_server import redis_server

pytestmark = pytest.mark.redis

REQUESTS = 8
SECRET = "PLANTED_SECRET"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    """Two workers and a Redis; nobody has asked yet."""
    with (
        serve_in_thread(Behaviour(text="return first + second")) as endpoint,
        redis_server() as redis,
    ):
        arguments = ("--workers", "2", "--redis", redis.url)
        yield GatewayProcess(tmp_path, *arguments, endpoint=endpoint.url, stats="true")


def total(text: str, name: str, **labels: str) -> float:
    """The sum of all series of a name that have these labels."""
    return sum(
        sample.value
        for family in parsed(text)
        for sample in family.samples
        if sample.name == f"codestral_ls_{name}" and labels.items() <= sample.labels.items()
    )


def test_workers_count_together(gateway: GatewayProcess, tmp_path: Path) -> None:
    """Whichever is asked tells the sums, and bounds hold over all."""
    tokens = Tokens(tmp_path / "gateway-tokens.json")
    ann = tokens.create("ann", Bounds(requests_per_minute=REQUESTS))
    bob = tokens.create("bob", Bounds())
    prometheus = tokens.create("prometheus", Bounds(), metrics=True)

    def scrape() -> str:
        reply = gateway.get("/metrics", **bearer(prometheus))
        assert reply.status == 200
        return reply.body.decode()

    with gateway:
        statuses = [
            gateway.complete(f"# {SECRET} {number}\ndef add():\n    ", token=ann).status
            for number in range(REQUESTS + 3)
        ]
        assert statuses == [200] * REQUESTS + [429] * 3
        assert gateway.complete(token=bob).json["source"] == "model"
        assert gateway.complete(token=bob).json["source"] in {"cache", "typed through"}
        text = scrape()
        assert total(text, "http_requests_total", route="/complete", status="200") == REQUESTS + 2
        assert total(text, "http_requests_total", route="/complete", status="429") == 3
        assert total(text, "user_completions_total", user="ann", source="model") == REQUESTS
        assert total(text, "user_completions_total", user="bob") == 2
        assert total(text, "calls_total", failure="none") == REQUESTS + 1
        assert total(text, "shared_tier_up") == 1
        assert not any(each in text for each in (SECRET, ann, bob, prometheus, str(tmp_path)))
        assert gateway.terminate() == 0
    report = read(tmp_path / "statistics.sqlite3", 2)
    found = dict(report.users)
    assert (found["ann"].answers, found["bob"].answers) == (REQUESTS, 2)
    assert found["bob"].reused == 1
