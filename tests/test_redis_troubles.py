"""Redis in trouble: no call raises, or waits for longer than its box, and it is reported once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import trustme

from codestral_ls.reuse.batches import BOX_SECONDS
from codestral_ls.reuse.redis_tier import RedisLine, RedisTier
from codestral_ls.reuse.tier import Charge
from tests.redis_server import RedisServer, free_port, redis_server

pytestmark = pytest.mark.redis

CHARGES = [Charge("requests", 1, 10**6), Charge("money", 3, 10**9, day=739_000)]
PATIENT = 5.0
"""Seconds to wait where it is not about time."""
BOXED_SECONDS = 1.0
"""The box is 20 ms; a machine that is busy with other tests must not fail this one."""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One that a test may do anything to."""
    with redis_server() as started:
        yield started


@asynccontextmanager
async def tiers(*urls: str, box: float = BOX_SECONDS) -> AsyncIterator[list[RedisTier]]:
    """Servers that share what is there, or is not."""
    made = [RedisTier(url, box=box) for url in urls]
    try:
        yield made
    finally:
        for tier in made:
            await tier.close()


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that happens in the background."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nothing tells of it, and nobody has to be told
            await asyncio.sleep(0.005)


async def share(one: RedisTier, other: RedisTier) -> None:
    """What one keeps the other recalls; a busy machine may need several goes."""
    async with asyncio.timeout(20):
        while await other.recall("again") != b"shared":
            await one.keep("again", b"shared", 60)
            await asyncio.sleep(0)


async def use(tier: RedisTier, key: str = "k") -> float:
    """Does everything once; the longest that anything took."""
    longest = 0.0
    work: list[Awaitable[object]] = [
        tier.claim(key, 5),
        tier.keep(key, b"text", 60),
        tier.recall(key),
        tier.charge(CHARGES),
        tier.settle(CHARGES),
        tier.release(key),
    ]
    for each in work:
        begun = time.monotonic()
        await each
        longest = max(longest, time.monotonic() - begun)
    return longest


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.levelname for each in caplog.records if each.name.startswith("codestral_ls")]


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "it is full"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "it is a read-only replica"),
        ("ACL SETUSER default -evalsha", "ACL SETUSER default +@all", "may not run a command"),
        ("ACL SETUSER default resetkeys", "ACL SETUSER default allkeys", "or use a key"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0", "replicas"),
    ],
)
async def test_a_redis_that_takes_nothing_is_left_alone_until_it_does(
    server: RedisServer, caplog: pytest.LogCaptureFixture, begin: str, end: str, reason: str
) -> None:
    """Full, read-only, or with a user who may not: what is wrong is said, and mended by itself."""
    caplog.set_level(logging.INFO)
    async with tiers(server.url, server.url) as (one, other):
        await use(one)
        server.command(*begin.split())
        assert await use(one) < BOXED_SECONDS
        await until(lambda: not one.is_well)
        for _ in range(20):
            assert await use(one) < BOXED_SECONDS
        assert await one.recall("k") == b"text"
        assert levels(caplog) == ["WARNING"]
        assert reason in caplog.text
        assert f"127.0.0.1:{server.port}" in caplog.text
        server.command(*end.split())
        await until(lambda: one.is_well)
        await share(one, other)
    assert levels(caplog) == ["WARNING", "WARNING"]


@pytest.mark.parametrize("login", ["", ":wr0ng@", "nobody:wr0ng@"])
async def test_a_wrong_password_is_told_and_costs_nothing_else(
    caplog: pytest.LogCaptureFixture, login: str
) -> None:
    """Not the password itself."""
    with redis_server("--requirepass", "right") as server:
        async with tiers(server.url.replace("//", f"//{login}")) as (tier,):
            await tier.warm()
            assert not tier.is_well
            assert await use(tier) < BOXED_SECONDS
    assert levels(caplog) == ["WARNING"]
    assert ("refuses the user name or the password" if login else "asks for a pass") in caplog.text
    assert "wr0ng" not in caplog.text


@pytest.mark.parametrize("place", ["127.0.0.1:{port}", "no-such-host.invalid:{port}"])
async def test_where_nobody_listens_nobody_waits(
    caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """A wrong port, or a wrong name."""
    url = f"redis://user:s3cr3t@{place.format(port=free_port())}"
    async with tiers(url) as (tier,):
        for _ in range(5):
            assert await use(tier) < BOXED_SECONDS
        await until(lambda: not tier.is_well)
    assert levels(caplog) == ["WARNING"]
    assert "it cannot be reached" in caplog.text or "it does not answer" in caplog.text
    assert "s3cr3t" not in caplog.text


async def test_one_that_hangs_keeps_nobody_waiting(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes connections and is silent; what it was asked meanwhile does no harm later."""
    caplog.set_level(logging.INFO)
    async with tiers(server.url, server.url) as (one, other):
        await use(one)
        server.hang()
        for _ in range(20):
            assert await use(one) < BOXED_SECONDS
        assert await asyncio.gather(*(one.recall("k") for _ in range(100))) == [b"text"] * 100
        await until(lambda: not one.is_well)
        assert await use(one) < BOXED_SECONDS
        server.go_on()
        await until(lambda: one.is_well)
        await share(one, other)
    assert levels(caplog) == ["WARNING", "WARNING"]
    assert "it does not answer" in caplog.text or "too slowly" in caplog.text


async def test_who_gives_a_batch_up_ends_all_connections(server: RedisServer) -> None:
    """They lead to the same server: one that is cut off would keep each of them for its time."""

    def connections() -> int:
        return server.command("CLIENT", "LIST").count(b"name=line ")

    line = RedisLine(f"{server.url}?client_name=line")
    await asyncio.gather(*(line.exchange([("PING",)]) for _ in range(4)))
    assert connections() == 4
    server.hang()
    with anyio.move_on_after(0.01) as scope:
        await line.exchange([("PING",)])
    assert scope.cancelled_caught
    server.go_on()
    await until(lambda: not connections())
    assert await line.exchange([("PING",)]) == [b"PONG"]
    await line.close()


async def test_killed_in_the_middle_of_it_all_and_started_again(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody who asks notices; then texts, claims, bounds and scripts are shared as before."""
    caplog.set_level(logging.INFO)
    async with tiers(server.url, server.url) as (one, other):
        done = 0
        ended = False

        async def ask(number: int) -> float:
            nonlocal done
            longest = 0.0
            while not ended:
                longest = max(longest, await use(one, f"{number}"))
                done += 1
                await asyncio.sleep(0)
            return longest

        asking = [asyncio.create_task(ask(number)) for number in range(20)]
        await until(lambda: done > 100)
        server.kill()
        await until(lambda: not one.is_well)
        seen = done
        await until(lambda: done > seen + 100)
        server.start()
        await until(lambda: one.is_well)
        seen = done
        await until(lambda: done > seen + 100)
        ended = True
        assert max(await asyncio.gather(*asking)) < BOXED_SECONDS
        await share(one, other)
    assert levels(caplog) == ["WARNING", "WARNING"]


async def test_what_was_taken_while_it_was_away_counts_for_all(server: RedisServer) -> None:
    """Bounds went on in memory, and Redis is told when it is back."""
    money = Charge("money", 10, 100, day=739_000)
    async with tiers(server.url, server.url, box=PATIENT) as (one, other):
        assert await one.charge([money]) is None
        server.kill()
        for _ in range(3):
            assert await one.charge([money]) is None
        await until(lambda: not one.is_well)
        server.start()
        await until(lambda: one.is_well)
        denied = [await other.charge([money._replace(amount=71)])]
        async with asyncio.timeout(20):
            while denied[-1] is None:  # it may be asked before what is owed has been paid
                await other.settle([money._replace(amount=-71)])
                denied.append(await other.charge([money._replace(amount=71)]))
        assert await other.charge([money._replace(amount=70)]) is None


async def test_connections_that_it_closes_are_made_anew(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """As it does with idle ones: nothing to report, nothing lost."""
    async with tiers(server.url, server.url, box=PATIENT) as (one, other):
        await one.keep("k", b"text", 60)
        await other.recall("k")
        server.command("CLIENT", "KILL", "TYPE", "normal")
        for _ in range(5):
            await asyncio.sleep(0)  # the loop reads that they have ended
        assert await other.recall("k") == b"text"
        assert other.is_well
    assert levels(caplog) == []


async def test_a_loop_that_was_busy_does_not_blame_redis(server: RedisServer) -> None:
    """The reply has come in time and only was not read: it counts, and nothing is late."""
    async with tiers(server.url, server.url) as (one, other):
        await one.keep("k", b"text", 60)
        await other.warm()
        answers = []
        for _ in range(10):
            task = asyncio.create_task(other.recall("k"))
            for _ in range(10):
                await asyncio.sleep(0)
            time.sleep(0.05)  # noqa: ASYNC251 - it is the loop that must not run
            answers.append(await task)
        assert b"text" in answers
        assert other.is_well


async def test_a_path_over_tls_or_a_socket_is_one_as_well(tmp_path: Path) -> None:
    """The certificate is checked; whoever has another one is not spoken to."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    chain, key, trusted = (tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem"))
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(trusted))
    port = free_port()
    options = [
        *("--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(trusted)),
        *("--tls-cert-file", str(chain), "--tls-key-file", str(key)),
        *("--unixsocket", str(tmp_path / "redis")),
    ]
    secure = f"rediss://localhost:{port}"
    with redis_server(*options):
        urls = [f"{secure}?ssl_ca_certs={trusted}", f"unix://{tmp_path}/redis", secure]
        async with tiers(*urls, box=PATIENT) as (one, other, stranger):
            for tier in (one, other, stranger):
                await tier.warm()
            assert [tier.is_well for tier in (one, other, stranger)] == [True, True, False]
            await one.keep("k", b"text", 60)
            assert await other.recall("k") == b"text"
