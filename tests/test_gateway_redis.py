"""Two gateways and one real Redis: what they share, and that they do without it at any moment."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.gateway_load import Client, Load, request
from tests.gateway_process import PROMPT, GatewayProcess, await_true
from tests.redis_server import RedisServer, redis_server

pytestmark = pytest.mark.redis

TEXT = "return first + second"


@dataclass(frozen=True, kw_only=True)
class Team:
    """All who take part."""

    redis: RedisServer
    endpoint: Endpoint
    gateways: tuple[GatewayProcess, GatewayProcess]

    @property
    def ports(self) -> list[int]:
        """Where the gateways answer."""
        return [each.port for each in self.gateways]

    @property
    def asked(self) -> int:
        """How often the model was asked."""
        return len(self.endpoint.completions)

    def shares(self, mark: str) -> bool:
        """Whether what one has been told is known to the other."""
        return (
            source(self.gateways[0], mark) == "model" and source(self.gateways[1], mark) == "cache"
        )


def source(gateway: GatewayProcess, mark: str) -> str:
    """Where a completion comes from, at a place that is marked."""
    reply = gateway.complete(f"# {mark}\n{PROMPT}")
    assert reply.status == 200, reply.body
    assert reply.json["completion"] == TEXT
    return str(reply.json["source"])


def marked(number: int) -> bytes:
    """A request for a place; two in a row are for the same one."""
    return request("/complete", {"prefix": f"# {number // 2}\n{PROMPT}", "language": "python"})


@pytest.fixture
def team(tmp_path: Path, stack: ExitStack) -> Team:
    """Two gateways without bounds; as if on two machines, but for the key of what they share."""
    return gather(tmp_path, stack)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Ends what a test has started, the last first."""
    with ExitStack() as it:
        yield it


def gather(folder: Path, stack: ExitStack, *redis: str, **settings: str) -> Team:
    """Starts all."""
    server = stack.enter_context(redis_server(*redis))
    endpoint = stack.enter_context(serve_in_thread(Behaviour(text=TEXT, first_token=0.05)))
    both = []
    for name in ("one", "two"):
        (state := folder / name).mkdir()
        gateway = GatewayProcess(
            state,
            endpoint=endpoint.url,
            gateway_redis=server.url,
            gateway_secret="the secret of both gateways",
            **settings,
        )
        both.append(gateway)
        gateway.begin()
        stack.callback(gateway.kill)
    for gateway in both:
        gateway.await_ready()
    return Team(redis=server, endpoint=endpoint, gateways=(both[0], both[1]))


def test_what_one_has_been_told_the_other_knows(team: Team) -> None:
    """The second gateway does not ask the model for what the first one has asked."""
    assert source(team.gateways[0], "shared") == "model"
    await_true(lambda: source(team.gateways[1], "shared") == "cache", "it is shared")
    assert team.asked == 1


def test_gateways_with_other_secrets_share_nothing(team: Team, tmp_path: Path) -> None:
    """Who cannot make the keys finds nothing."""
    with GatewayProcess(
        tmp_path,
        endpoint=team.endpoint.url,
        gateway_redis=team.redis.url,
        gateway_secret="the secret of a stranger",
    ) as stranger:
        assert source(team.gateways[0], "shared") == "model"
        assert source(stranger, "shared") == "model"


async def test_the_same_prompt_to_both_at_once_is_one_call(team: Team) -> None:
    """Whoever comes second waits for the first, whichever gateway that has asked."""
    for gateway in team.gateways:  # whoever has not spoken to Redis yet has first to connect
        source(gateway, "the first of all")
    team.endpoint.behaviour = Behaviour(text=TEXT, first_token=0.5)
    # On a busy machine Redis may not answer within its box: then each gateway asks for itself.
    tries = [sorted(await ask_both_at_once(team, number)) for number in range(3)]
    assert ["joined"] * 5 + ["model"] in tries
    assert all(each.count("model") <= 2 for each in tries)


async def ask_both_at_once(team: Team, number: int) -> list[str]:
    """Where the texts come from that several clients get who ask for the same place."""
    clients = [Client([port]) for port in team.ports * 3]
    before = team.asked
    replies = await asyncio.gather(*(client.ask(marked(2 * number)) for client in clients))
    for client in clients:
        client.close()
    assert {reply.json["completion"] for reply in replies} == {TEXT}
    sources = [str(reply.json["source"]) for reply in replies]
    assert team.asked == before + sources.count("model")
    return sources


def test_bounds_hold_for_all_gateways_together(tmp_path: Path, stack: ExitStack) -> None:
    """Who has used up his minute at one gateway is refused by the other."""
    team = gather(tmp_path, stack, gateway_user_requests_per_minute="4")
    statuses = [
        team.gateways[number % 2].complete(f"{number}{PROMPT}").status for number in range(6)
    ]
    assert statuses == [200, 200, 200, 200, 429, 429]
    refused = team.gateways[0].complete("another")
    assert 1 <= int(refused.headers["retry-after"]) <= 120


async def test_redis_killed_under_load_fails_nobody(team: Team) -> None:
    """Without Redis each gateway goes on alone, says so once, and shares again when it is back."""
    load = Load(ports=team.ports, make=marked)

    async def kill_and_start() -> None:
        await load.until(100)
        await asyncio.to_thread(team.redis.kill)
        await load.until(200)
        await asyncio.to_thread(team.redis.start)
        await load.until(100)

    await load.around(kill_and_start())
    assert load.lost == []
    assert set(load.statuses) == {200}
    marks = iter(range(1000))
    await asyncio.to_thread(await_true, lambda: team.shares(f"again {next(marks)}"), "they share")
    for gateway in team.gateways:
        assert "Traceback" not in gateway.log
        told = [line for line in gateway.log.splitlines() if "Redis" in line]
        assert ["is not used" in line for line in told] == [True, False], gateway.log


async def test_redis_that_hangs_fails_nobody(team: Team) -> None:
    """A Redis that takes a command and never answers is as good as none."""
    load = Load(ports=team.ports, make=marked)

    async def stop_and_continue() -> None:
        await load.until(50)
        team.redis.hang()
        await load.until(300)
        team.redis.go_on()
        await load.until(50)

    await load.around(stop_and_continue())
    assert load.lost == []
    assert set(load.statuses) == {200}


async def test_a_full_redis_fails_nobody(tmp_path: Path, stack: ExitStack) -> None:
    """What cannot be kept is asked for again, and bounds hold on."""
    team = gather(tmp_path, stack, "--maxmemory", "1mb", "--maxmemory-policy", "noeviction")
    load = Load(ports=team.ports, make=marked)
    await load.around(load.until(200))
    assert load.lost == []
    assert set(load.statuses) == {200}
    for gateway in team.gateways:
        assert "Traceback" not in gateway.log


def test_a_gateway_starts_without_its_redis(tmp_path: Path) -> None:
    """It says what is missing, and answers."""
    with (
        serve_in_thread(Behaviour(text=TEXT)) as endpoint,
        GatewayProcess(
            tmp_path, endpoint=endpoint.url, gateway_redis="redis://:SECRET@127.0.0.1:1/0"
        ) as gateway,
    ):
        assert source(gateway, "alone") == "model"
        assert source(gateway, "alone") != "model"
        assert gateway.get("/readyz").json["redis"] == "away"
        await_true(lambda: "redis" in gateway.log.lower(), "it is told")
        assert "SECRET" not in gateway.log
