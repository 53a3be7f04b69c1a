"""The tier of many servers: texts, claims and bounds in a store beside them that they share.

It may be slow, full, gone or come back at any time: no call here raises or takes longer than its
box, and meanwhile a memory of our own serves. It is told afterwards what was taken of bounds.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any, Protocol

import anyio

from codestral_ls.reuse.absence import Absence
from codestral_ls.reuse.batches import BOX_SECONDS, Batches, Command, Failed, Gone, Missed, Replies
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.reuse.owed import Owed
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.redis_scripts import CLAIM, NOW, RELEASE, TAKE, Script, script
from codestral_ls.reuse.tier import Charge, Denial
from codestral_ls.reuse.windows import left_of_day

OWN_BYTES = 16_000_000
"""For texts that serve while Redis is away: they are a copy."""
COPY_SECONDS = 60.0
"""For texts that others kept: what is asked for now is what will be when Redis has gone."""
PROBES = 3
"""Looks at a Redis that seems to be back; the best one counts, because our own loop may be busy."""
PROBE_SECONDS = 1.0


TAKING, CLAIMING, RELEASING = script(NOW + TAKE), script(CLAIM), script(RELEASE)
SCRIPTS = {each.sha: each for each in (TAKING, CLAIMING, RELEASING)}


class Line(Protocol):
    """What leads to the store: `exchange` of batches; `place` is how messages call it."""

    @property
    def place(self) -> str:
        """Where it is, without credentials."""

    async def exchange(self, commands: Sequence[Command]) -> list[object]:
        """Sends commands and reads their replies; raises Gone."""

    async def close(self) -> None:
        """Ends all connections."""


class SharedTier:
    """One server's part in what it shares with others."""

    def __init__(self, line: Line, clock: Clock, namespace: str, box: float = BOX_SECONDS) -> None:
        self._box = box
        self._line = line
        self._clock = clock
        self._namespace = namespace
        self._me = secrets.token_hex(16)
        self._batches = Batches(line.exchange, self._pay, self._lose, box)
        self._absence = Absence(line.place, clock.now)
        self._own = MemoryTier(clock, OWN_BYTES)
        self._owed = Owed()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def is_well(self) -> bool:
        """Whether Redis answers."""
        return self._absence.is_well

    async def warm(self) -> None:
        """Looks whether Redis is there, before anybody needs it."""
        trouble = await self._look()
        if trouble:
            self._lose(trouble)

    async def recall(self, key: str) -> bytes | None:
        """What is kept for a key, here or by another server."""
        replies = await self._ask(("GET", self._key("text", key)))
        value = replies[0] if replies else None
        if not isinstance(value, bytes):
            return await self._own.recall(key)
        await self._own.keep(key, value, COPY_SECONDS)
        return value

    async def keep(self, key: str, value: bytes, seconds: float) -> None:
        """Keeps a value for all servers, and lets go of the claim to its key."""
        await self._own.keep(key, value, seconds)
        if seconds > 0:
            life = max(1, round(seconds * 1000))
            kept: Command = ("SET", self._key("text", key), value, "PX", life)
            await self._ask(kept, self._releasing(key))

    async def claim(self, key: str, seconds: float) -> bool:
        """Whether no other server is asking; also where that cannot be known."""
        life = max(1, round(seconds * 1000))
        replies = await self._ask(_run(CLAIMING, [self._key("claim", key)], [self._me, life]))
        return replies is None or replies[0] != 0

    async def release(self, key: str) -> None:
        """Lets go of a claim, if it is this server's."""
        await self._ask(self._releasing(key))

    async def charge(self, charges: Sequence[Charge]) -> Denial | None:
        """Takes all of them, or none if one bound has no room."""
        if not charges:
            return None
        charges = tuple(charges)
        unwind = partial(self._unwind, charges)
        replies = await self._ask(self._taking("ask", charges), missed=unwind)
        answer = _numbers(replies)
        if answer is None:
            denial = await self._own.charge(charges)
            if denial is None and replies is None:
                self._owed.add(charges, self._clock.now())
            return denial
        if answer[0]:
            return Denial(charges[answer[0] - 1].name, answer[1] / 1000)
        self._mirror(charges, answer[1:])
        return None

    async def settle(self, charges: Sequence[Charge]) -> None:
        """Takes all of them whatever the bounds are, and also if the caller is cancelled."""
        if not charges:
            return
        charges = tuple(charges)
        self._own.take(charges)
        await self._settle_there(charges)

    async def close(self) -> None:
        """Pays what it owes if that can be done now, and ends what is under way."""
        if self._owed:
            await self._settle_there(self._owed.take(self._clock.now()))
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._batches.close()
        await self._line.close()
        await self._own.close()

    async def _ask(self, *commands: Command, missed: Missed | None = None) -> Replies | None:
        if self._closed or not self._absence.is_well:
            return None
        return await self._batches.ask(*commands, missed=missed)

    async def _settle_there(self, charges: Sequence[Charge]) -> None:
        unwind = partial(self._unwind, charges)
        try:
            replies = await self._ask(self._taking("settle", charges), missed=unwind)
        except asyncio.CancelledError:
            self._owed.add(charges, self._clock.now())
            raise
        if replies is None:
            self._owed.add(charges, self._clock.now())

    def _unwind(self, charges: Sequence[Charge], replies: Replies | None) -> None:
        """They were taken after all, when nobody waited for it any more: that is owed back."""
        answer = _numbers(replies)
        if answer is not None and not answer[0]:
            back = [charge._replace(amount=-charge.amount) for charge in charges]
            self._owed.add(back, self._clock.now())

    def _mirror(self, charges: Sequence[Charge], used: Sequence[int]) -> None:
        """Our own memory knows as well what was taken: it may have to go on with that."""
        self._own.take([charge for charge in charges if not charge.day])
        for charge, day_taken in zip(charges, used, strict=False):
            if charge.day:
                self._own.learn(charge, day_taken)

    def _pay(self) -> None:
        """Batches are answered: so will be one that settles what is owed."""
        if self._owed and self._absence.is_well:
            self._spawn(self._settle_there(self._owed.take(self._clock.now())))

    def _lose(self, reason: str) -> None:
        if not self._closed and self._absence.begin(reason):
            self._spawn(self._look_until_back())

    async def _look_until_back(self) -> None:
        while True:
            await self._clock.sleep(self._absence.pause())
            trouble = await self._look()
            if not trouble:
                break
            self._absence.begin(trouble)
        self._absence.end()
        self._pay()

    async def _look(self) -> str:
        """Does everything once that is done with the store; why it cannot be used, "" if it can."""
        commands = (
            ("SET", self._key("probe", self._me), "1", "PX", 1000),
            ("GET", self._key("probe", self._me)),
            _run(CLAIMING, [self._key("claim", self._me)], [self._me, 1000]),
            self._releasing(self._me),
            self._taking("settle", [Charge(self._me, 0, 0, seconds=1)]),
        )
        trouble = "it does not answer"
        with anyio.move_on_after(PROBE_SECONDS):
            for _ in range(PROBES):
                begun = anyio.current_time()
                try:
                    replies = await self._line.exchange(commands)
                except Gone as error:
                    return str(error)
                failed = [each for each in replies if isinstance(each, Failed)]
                if failed:
                    return f"it refuses a command that is needed ({failed[0]})"
                if anyio.current_time() - begun <= self._box:
                    return ""
                trouble = "it answers too slowly"
        return trouble

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _key(self, kind: str, name: str) -> str:
        return f"{self._namespace}:{kind}:{name}"

    def _releasing(self, key: str) -> Command:
        return _run(RELEASING, [self._key("claim", key)], [self._me])

    def _taking(self, mode: str, charges: Sequence[Charge]) -> Command:
        left = left_of_day(self._clock.epoch())
        keys = [
            self._key(
                "day" if charge.day else "window", f"{charge.day or charge.seconds}:{charge.name}"
            )
            for charge in charges
        ]
        amounts = [
            number
            for charge in charges
            for number in (
                charge.amount,
                charge.limit,
                0 if charge.day else charge.seconds * 1000,
                left,
            )
        ]
        return _run(TAKING, keys, [mode, *amounts])


def _run(script: Script, keys: Sequence[str], values: Sequence[str | int]) -> Command:
    return "EVALSHA", script.sha, len(keys), *keys, *values


def _numbers(replies: Replies | None) -> list[int] | None:
    """What the script answered; None if it did not, or its command was refused."""
    answer = replies[0] if replies else None
    return answer if isinstance(answer, list) else None
