"""Who may ask now: requests and tokens a minute and money a day, of each user and of all.

What a request may come to is held back while it is under way and given back when it is over; what
its calls have really come to is taken when they end. A day is one of UTC: gateways in several
places share the same budget, and must agree when it begins.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import NamedTuple

from codestral_ls.days import utc_day
from codestral_ls.gateway.errors import Refusal, seconds_to_wait
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.happenings import CallEnded, Happening
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.tier import Charge, Denial, Tier

NANOS = 1_000_000_000
"""Parts of one unit of money."""
MOST_AMOUNT = 2**40
"""Of one call: what a broken server counts must not spoil the sums."""
MINUTE = 60
HELD_SECONDS = 5.0
"""After which money that is held back for what is under way is free again, or spent."""
REQUESTS, TOKENS, MONEY = "requests", "tokens", "money"
_ADVICE = "try again in {seconds} s, or ask whoever runs this gateway for more"
_HEADERS = {REQUESTS: "req-minute", TOKENS: "tokens-minute"}

log = logging.getLogger(__name__)


class _Want(NamedTuple):
    """What a request or a call comes to."""

    requests: int = 0
    tokens: int = 0
    nanos: int = 0


class Admission:
    """Lets requests in while there is room for them; what is owed is settled in the background."""

    def __init__(self, own: GatewaySettings, tier: Tier, clock: Clock = SYSTEM_CLOCK) -> None:
        self._own = own
        self._tier = tier
        self._clock = clock
        self._bounds: dict[str, Bounds] = {}
        self._due: Counter[Charge] = Counter()  # by what they are without their amounts
        self._held: Counter[str] = Counter()
        self._settling: asyncio.Task[None] | None = None
        self._abandoned: set[asyncio.Task[Denial | None]] = set()

    def admit(
        self, user: User, *, tokens: int = 0, cost: float = 0.0
    ) -> AbstractAsyncContextManager[None]:
        """Counts one request, and holds back what it may come to until the block ends.

        An answer that is known already comes to nothing: it is let in when the money is spent.

        Raises:
            Refusal: a bound has no room; it says whose, and when there will be some.
        """
        bounds = _bounds_of(user, self._own)
        self._bounds[user.name] = bounds
        want = _Want(1, max(0, tokens), _nanos(cost))
        charges = list(_charges(user.name, bounds, self._own.all, want, self._today()))
        return self._admitted(charges) if charges else nullcontext()

    def tell(self, happening: Happening) -> None:
        """Takes what a call has come to from the bounds of who asked for it, and of all."""
        if not isinstance(happening, CallEnded):
            return
        owner = happening.labels.owner
        bounds = self._bounds.get(owner) or _bounds_of(User(name=owner), self._own)
        tokens = max(0, happening.prompt_tokens) + max(0, happening.completion_tokens)
        spent = _Want(0, min(tokens, MOST_AMOUNT), _nanos(happening.cost))
        self._owe(_charges(owner, bounds, self._own.all, spent, self._today()))

    async def close(self) -> None:
        """Settles what is still owed."""
        if self._abandoned:
            await asyncio.wait(self._abandoned)  # what they owe is said before this goes on
        self._settle_soon()
        if self._settling is not None:
            await self._settling

    def _today(self) -> int:
        return utc_day(self._clock.epoch())

    @asynccontextmanager
    async def _admitted(self, charges: Sequence[Charge]) -> AsyncIterator[None]:
        """All but the request itself, which was one, is given back when the block ends."""
        held = [each for each in charges if not each.name.endswith(REQUESTS)]
        # Most requests are answered out of memory and hold nothing: they need no task.
        denial = await (self._charged(charges, held) if held else self._tier.charge(charges))
        if denial is not None:
            if denial.name.endswith(MONEY) and self._may_come_back(denial.name):
                denial = denial._replace(retry_after=min(denial.retry_after, HELD_SECONDS))
            raise _refusal(denial, charges)
        self._held.update({each.name: each.amount for each in held})
        try:
            yield
        finally:
            self._held.subtract({each.name: each.amount for each in held})
            self._give_back(held)

    async def _charged(self, charges: Sequence[Charge], held: Sequence[Charge]) -> Denial | None:
        """Whoever gives up while this is asked does not know if it was taken: it is awaited."""
        charging = asyncio.ensure_future(self._tier.charge(charges))
        try:
            return await asyncio.shield(charging)
        except asyncio.CancelledError:

            def undo(charged: asyncio.Task[Denial | None]) -> None:
                self._abandoned.discard(charged)
                if not charged.cancelled() and not charged.exception() and not charged.result():
                    self._give_back(held)

            self._abandoned.add(charging)
            charging.add_done_callback(undo)
            raise

    def _may_come_back(self, name: str) -> bool:
        """Whether some of a bound is held back for what is under way, or just being given back."""
        is_settled = self._settling is None or self._settling.done()
        return self._held[name] > 0 or not is_settled

    def _give_back(self, held: Sequence[Charge]) -> None:
        self._owe(each._replace(amount=-each.amount) for each in held)

    def _owe(self, charges: Iterator[Charge]) -> None:
        for each in charges:
            self._due[each._replace(amount=0)] += each.amount
        self._settle_soon()

    def _settle_soon(self) -> None:
        """What comes while something is being settled is settled together thereafter."""
        if self._due and (self._settling is None or self._settling.done()):
            self._settling = asyncio.ensure_future(self._settle())

    async def _settle(self) -> None:
        while self._due:
            due, self._due = self._due, Counter()
            # What was held and what it came to are often the same: then there is nothing to say.
            charges = [each._replace(amount=amount) for each, amount in due.items() if amount]
            if charges:
                await self._settled(charges)

    async def _settled(self, charges: Sequence[Charge]) -> None:
        """A tier does not raise; if one does, this is lost, but not what comes."""
        try:
            await self._tier.settle(charges)
        except Exception as error:  # noqa: BLE001 - nobody else would learn of it
            log.warning("what calls came to was not taken of bounds: %s", type(error).__name__)


def _bounds_of(user: User, own: GatewaySettings) -> Bounds:
    """What a user's token says, and for the rest what goes for everybody."""
    mine, usual = user.bounds, own.user
    return Bounds(
        requests_per_minute=mine.requests_per_minute or usual.requests_per_minute,
        tokens_per_minute=mine.tokens_per_minute or usual.tokens_per_minute,
        daily_budget=mine.daily_budget or usual.daily_budget,
    )


def _charges(
    name: str, bounds: Bounds, everybody: Bounds, want: _Want, today: int
) -> Iterator[Charge]:
    """What is taken of each bound that there is."""
    for whose, each in ((f"user:{name}", bounds), ("all", everybody)):
        budget = round(each.daily_budget * NANOS)
        for what, amount, limit, day in (
            (REQUESTS, want.requests, each.requests_per_minute, 0),
            (TOKENS, want.tokens, each.tokens_per_minute, 0),
            (MONEY, want.nanos, budget, today),
        ):
            if amount and limit:
                yield Charge(f"{whose}:{what}", amount, limit, MINUTE, day)


def _nanos(cost: float) -> int:
    """Money in billionths; neither negative nor NaN."""
    return math.ceil(min(cost * NANOS, MOST_AMOUNT)) if cost > 0 else 0


def _refusal(denial: Denial, charges: Sequence[Charge]) -> Refusal:
    """Which bound has no room, whose it is, and what can be done."""
    whose, _, what = denial.name.rpartition(":")
    seconds = seconds_to_wait(denial.retry_after)
    limit = next((each.limit for each in charges if each.name == denial.name), 0)
    who = "All users of this gateway together" if whose == "all" else "You"
    headers = {"Retry-After": seconds}
    if what == MONEY:
        of = "this gateway's budget" if whose == "all" else "your budget"
        return Refusal(
            status=429,
            code="budget_spent",
            message=(
                f"{of[0].upper()}{of[1:]} of {limit / NANOS:g} a day is spent, or held back for "
                f"what is under way: {_ADVICE.format(seconds=seconds)}. A day begins at 00:00 UTC."
            ),
            headers=headers,
        )
    headers[f"x-ratelimit-limit-{_HEADERS[what]}"] = str(limit)
    if what == REQUESTS:
        headers[f"x-ratelimit-remaining-{_HEADERS[what]}"] = "0"
    return Refusal(
        status=429,
        code="rate_limited",
        message=f"{who} may use {limit} {what} a minute: {_ADVICE.format(seconds=seconds)}.",
        headers=headers,
    )
