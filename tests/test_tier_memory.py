"""The tier of one server: how long texts are kept, how much room they take, and bounds."""

from codestral_ls.reuse.memory_tier import ENTRY_BYTES, SWEPT_EVERY, MemoryTier
from codestral_ls.reuse.tier import Charge, Denial, Tier
from tests.virtual_clock import VirtualTime

DAY = 739_000
ENTRY = 1000


def entry(text: bytes) -> bytes:
    """A value that makes its entry, under a key of one letter, just so large."""
    return text.ljust(ENTRY - ENTRY_BYTES - 1, b".")


async def test_a_text_is_kept_for_its_time() -> None:
    """And forgotten after it."""
    time = VirtualTime()
    tier: Tier = MemoryTier(time.clock)
    await tier.keep("a", b"text", 60)
    await time.pass_time(59)
    assert await tier.recall("a") == b"text"
    await time.pass_time(2)
    assert await tier.recall("a") is None
    assert await tier.recall("b") is None


async def test_what_nobody_recalls_makes_room_first() -> None:
    """The bound is one of bytes."""
    tier = MemoryTier(VirtualTime().clock, most_bytes=3 * ENTRY)
    for key in "abc":
        await tier.keep(key, entry(b"1"), 60)
    await tier.recall("a")
    await tier.keep("d", entry(b"1"), 60)
    assert [bool(await tier.recall(key)) for key in "abcd"] == [True, False, True, True]


async def test_a_text_takes_the_place_of_the_one_before_it() -> None:
    """Its bytes are counted once, and those of one that is too large not at all."""
    tier = MemoryTier(VirtualTime().clock, most_bytes=2 * ENTRY)
    await tier.keep("b", entry(b"0"), 60)
    for text in (b"1", b"2", b"3"):
        await tier.keep("a", entry(text), 60)
    assert await tier.recall("a") == entry(b"3")
    await tier.keep("c", bytes(2 * ENTRY), 60)
    assert [bool(await tier.recall(key)) for key in "abc"] == [True, True, False]
    await tier.keep("a", b"", 0)
    assert await tier.recall("a") is None


async def test_everybody_may_ask() -> None:
    """Calls of one server join each other before they come here."""
    tier = MemoryTier()
    assert await tier.claim("a", 1)
    assert await tier.claim("a", 1)
    await tier.release("a")
    assert tier.is_well


async def test_all_bounds_give_or_none_does() -> None:
    """A request that one of them keeps back takes nothing of the others."""
    tier = MemoryTier(VirtualTime().clock)
    wide, narrow = Charge("wide", 1, 100), Charge("narrow", 1, 2)
    for _ in range(2):
        assert await tier.charge([wide, narrow]) is None
    denial = await tier.charge([wide, narrow])
    assert denial is not None
    assert denial.name == "narrow"
    assert await tier.charge([wide._replace(amount=98)]) is None
    assert await tier.charge([]) is None


async def test_who_comes_back_when_told_gets_in() -> None:
    """And nobody before."""
    time = VirtualTime()
    tier = MemoryTier(time.clock)
    charge = [Charge("requests", 1, 3)]
    while (denial := await tier.charge(charge)) is None:
        pass
    await time.pass_time(denial.retry_after - 0.002)
    assert await tier.charge(charge) is not None
    await time.pass_time(0.002)
    assert await tier.charge(charge) is None


async def test_what_was_too_much_is_given_back() -> None:
    """What was held back for a call is more than it took."""
    tier = MemoryTier(VirtualTime().clock)
    assert await tier.charge([Charge("tokens", 900, 1000)]) is None
    assert await tier.charge([Charge("tokens", 200, 1000)]) is not None
    await tier.settle([Charge("tokens", -800, 1000)])
    assert await tier.charge([Charge("tokens", 200, 1000)]) is None


async def test_a_call_that_took_more_than_there_was_has_taken_it() -> None:
    """To settle asks no bound."""
    tier = MemoryTier(VirtualTime().clock)
    await tier.settle([Charge("tokens", 5000, 1000)])
    assert await tier.charge([Charge("tokens", 1, 1000)]) is not None


async def test_a_day_is_over_at_midnight() -> None:
    """Whoever is over the budget is told how long that is; the next day has its own."""
    tier = MemoryTier(VirtualTime().clock)
    assert await tier.charge([Charge("money", 10, 10, day=DAY)]) is None
    denial = await tier.charge([Charge("money", 1, 10, day=DAY)])
    assert isinstance(denial, Denial)
    assert 0 < denial.retry_after <= 25 * 3600
    assert await tier.charge([Charge("money", 1, 10, day=DAY + 1)]) is None


async def test_what_others_know_of_a_day_is_taken_over() -> None:
    """It may have to go on without them."""
    tier = MemoryTier(VirtualTime().clock)
    tier.learn(Charge("money", 0, 10, day=DAY), 9)
    assert await tier.charge([Charge("money", 1, 10, day=DAY)]) is None
    assert await tier.charge([Charge("money", 1, 10, day=DAY)]) is not None


async def test_old_windows_do_not_pile_up() -> None:
    """Users come and go, and days pass."""
    time = VirtualTime()
    tier = MemoryTier(time.clock)
    kept = 0

    def counted(*charges: Charge) -> int:
        nonlocal kept
        before = len(tier._windows)  # noqa: SLF001 - what is kept shows nowhere else
        tier.take(charges)
        return len(tier._windows) - before  # noqa: SLF001 - the same

    for day in range(10):
        for user in range(SWEPT_EVERY):
            minute, money = Charge(f"{user}", 1, 9), Charge(f"{user}", 1, 9, day=DAY + day)
            kept += counted(minute, money)
        await time.pass_time(3600)
    assert kept <= 4 * SWEPT_EVERY


async def test_what_is_closed_knows_nothing() -> None:
    """Its memory is free."""
    tier = MemoryTier()
    await tier.keep("a", b"text", 60)
    await tier.settle([Charge("a", 10, 10)])
    await tier.close()
    assert await tier.recall("a") is None
    assert await tier.charge([Charge("a", 10, 10)]) is None
