"""Two servers and one Redis: texts, claims and bounds that they share."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from codestral_ls.reuse.redis_tier import RedisTier
from codestral_ls.reuse.tier import Charge
from tests.redis_server import RedisServer, redis_server

pytestmark = pytest.mark.redis

DAY = 739_000
SECRET = "s3cr3t"
PATIENT = 5.0
"""Seconds to wait: it is not about time here, and the machine may be busy."""


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RedisServer]:
    """One for all tests here."""
    with redis_server() as started:
        yield started


@pytest.fixture
def server(shared_server: RedisServer) -> RedisServer:
    """An empty one."""
    shared_server.command("FLUSHALL")
    return shared_server


@pytest.fixture
async def one(server: RedisServer) -> AsyncIterator[RedisTier]:
    """A server's part in it."""
    tier = RedisTier(server.url, box=PATIENT)
    await tier.warm()
    yield tier
    await tier.close()


@pytest.fixture
async def other(server: RedisServer) -> AsyncIterator[RedisTier]:
    """Another server's."""
    tier = RedisTier(f"{server.url}/0?client_name=other", box=PATIENT)
    await tier.warm()
    yield tier
    await tier.close()


async def test_a_text_that_one_keeps_the_other_recalls(one: RedisTier, other: RedisTier) -> None:
    """Byte for byte, whatever bytes they are."""
    text = bytes(range(256)) * 100 + b"\r\n$3\r\n"
    assert await other.recall("a") is None
    await one.keep("a", text, 60)
    assert await other.recall("a") == text
    await other.keep("a", b"", 60)
    assert await one.recall("a") == b""


async def test_texts_live_for_their_time_in_redis(server: RedisServer, one: RedisTier) -> None:
    """Redis forgets them by itself; nothing is kept there for ever."""
    await one.keep("a", b"text", 60)
    await one.claim("b", 5)
    await one.charge([Charge("c", 1, 9), Charge("d", 1, 9, day=DAY)])
    for key in (b"text:a", b"claim:b", b"window:60:c", b"day:739000:d"):
        life = server.command("PTTL", f"codestral-ls:{key.decode()}")
        assert int(life[1:]) > 0, key
    await one.keep("e", b"text", 0)
    assert await one.recall("e") is None


async def test_one_server_asks_and_the_other_does_not(one: RedisTier, other: RedisTier) -> None:
    """Until the first one lets go of its claim, or keeps what it was told."""
    assert await one.claim("a", 30)
    assert await one.claim("a", 30)  # its own calls have joined each other before
    assert not await other.claim("a", 30)
    await one.release("a")
    assert await other.claim("a", 30)
    await other.keep("a", b"text", 60)
    assert await one.claim("a", 30)


async def test_nobody_lets_go_of_a_claim_of_another(one: RedisTier, other: RedisTier) -> None:
    """One's own may have run out long ago."""
    assert await one.claim("a", 30)
    await other.release("a")
    await other.keep("a", b"text", 60)
    assert not await other.claim("a", 30)


async def test_a_claim_runs_out(one: RedisTier, other: RedisTier) -> None:
    """Whoever had it may be gone."""
    assert await one.claim("a", 0.001)
    async with asyncio.timeout(10):
        while not await other.claim("a", 30):
            await one.recall("a")


async def test_bounds_hold_for_all_servers_together(one: RedisTier, other: RedisTier) -> None:
    """However the requests fall on them."""
    charges = [Charge("requests", 1, 50), Charge("money", 3, 10**9, day=DAY)]
    tiers = [one, other] * 50
    denials = await asyncio.gather(*(tier.charge(charges) for tier in tiers))
    assert denials.count(None) == 50
    told = [denial for denial in denials if denial is not None]
    assert {denial.name for denial in told} == {"requests"}
    assert all(0 < denial.retry_after <= 120 for denial in told)
    left = [Charge("money", 1, 151, day=DAY)]
    assert await other.charge(left) is None
    denial = await one.charge(left)
    assert denial is not None
    assert 0 < denial.retry_after <= 25 * 3600


async def test_what_one_settles_the_other_has_to_spend(one: RedisTier, other: RedisTier) -> None:
    """Amounts that were too much come back; those that were too little are taken."""
    held = [Charge("tokens", 1000, 1000)]
    assert await one.charge(held) is None
    assert await other.charge(held) is not None
    await one.settle([Charge("tokens", -1000, 1000)])
    assert await other.charge(held) is None
    await other.settle([Charge("tokens", 500, 1000)])
    await one.settle([Charge("tokens", -1000, 1000)])
    assert await one.charge([Charge("tokens", 600, 1000)]) is not None
    await one.settle([])
    assert await one.charge([]) is None


async def test_redis_may_forget_its_scripts(server: RedisServer, one: RedisTier) -> None:
    """They are sent again, in the middle of many that need them."""
    charge = [Charge("requests", 1, 30)]
    assert await one.charge(charge) is None
    server.command("SCRIPT", "FLUSH")
    denials = await asyncio.gather(*(one.charge(charge) for _ in range(40)))
    assert denials.count(None) == 29


async def test_who_is_cancelled_leaves_no_reply_to_others(one: RedisTier) -> None:
    """A connection with an unread reply would give it to the next question."""
    for number in range(50):
        await one.keep(f"{number}", f"text {number}".encode(), 60)
    asked = [asyncio.create_task(one.recall(f"{number}")) for number in range(50)]
    for number, task in enumerate(asked):
        await asyncio.sleep(0)
        if number % 2:
            task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    recalled = await asyncio.gather(*(one.recall(f"{number}") for number in range(50)))
    assert recalled == [f"text {number}".encode() for number in range(50)]
    assert one.is_well


async def test_a_charge_that_is_cancelled_takes_nothing(one: RedisTier, other: RedisTier) -> None:
    """Nobody is left to give it back."""
    charge = [Charge("money", 10, 10, day=DAY)]
    for turns in range(12):
        task = asyncio.create_task(one.charge(charge))
        for _ in range(turns):
            await asyncio.sleep(0)
        if not task.cancel() or task.done():
            await one.settle([charge[0]._replace(amount=-10)])
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(10):
            while await other.charge(charge) is not None:
                await one.recall("whatever")  # what is owed is paid after a batch
        await other.settle([charge[0]._replace(amount=-10)])


async def test_a_key_that_holds_something_else_is_one_text_less(
    server: RedisServer, one: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis is well; it is nothing to report."""
    server.command("RPUSH", "codestral-ls:text:a", "list")
    server.command("SET", "codestral-ls:window:60:b", "text")
    assert await one.recall("a") is None
    assert await one.charge([Charge("b", 1, 1)]) is None
    assert await one.charge([Charge("b", 1, 1)]) is not None
    await one.settle([Charge("b", 1, 1)])
    assert one.is_well
    assert not caplog.records


async def test_names_and_databases_keep_gateways_apart(server: RedisServer) -> None:
    """Two teams may use one Redis."""
    tiers = [
        RedisTier(server.url, namespace="a", box=PATIENT),
        RedisTier(server.url, namespace="b", box=PATIENT),
        RedisTier(f"{server.url}/3", namespace="a", box=PATIENT),
    ]
    await tiers[0].keep("k", b"text", 60)
    assert [await tier.recall("k") for tier in tiers] == [b"text", None, None]
    for tier in tiers:
        await tier.close()


async def test_a_password_and_a_user_are_those_of_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Escaped where they need it, and never in a log."""
    caplog.set_level(logging.DEBUG)
    word = "p@ss:w/rd"
    with redis_server("--requirepass", word) as server:
        for login in (":p%40ss%3Aw%2Frd", "default:p%40ss%3Aw%2Frd"):
            tier = RedisTier(server.url.replace("//", f"//{login}@"), box=PATIENT)
            await tier.keep("k", login.encode(), 60)
            assert await tier.recall("k") == login.encode()
            assert tier.is_well
            await tier.close()
    assert word not in caplog.text
    assert "p%40ss" not in caplog.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://h:6379", "begins with none of redis://"),
        (f"redis://:{SECRET}/x@h:6379", "no number as its port"),
        (f"redis://u:{SECRET}@h:many", "no number as its port"),
        (f"redis://u:{SECRET}@h:99999", "no number as its port"),
        (f"redis://u:{SECRET}@/0", "names no place"),
        ("unix://", "names no place"),
        (f"redis://u:{SECRET}@h/first", "no number as its database"),
        (f"redis://u:{SECRET}@h?decode_responses=1", "an option that is none of"),
        (f"redis://h?db=x&password={SECRET}", "an option that cannot be read"),
        ("localhost:6379", "begins with none of redis://"),
        ("", "begins with none of redis://"),
    ],
)
def test_an_address_that_is_none_is_refused_in_words(address: str, words: str) -> None:
    """What is wrong, what it should look like, and nothing of what may be a password."""
    with pytest.raises(ValueError, match=words) as caught:
        RedisTier(address)
    assert "redis://[user:password@]host" in str(caught.value)
    assert SECRET not in str(caught.value)
