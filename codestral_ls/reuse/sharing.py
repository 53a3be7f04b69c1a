"""Identical prompts are asked once: of a provider that many share, and by all who share a tier.

Alike are prompts that are the same byte for byte in everything that an endpoint is told, for the
same provider and model. Who asked, and from which document, does not matter then.

`share` makes two providers of one. They share calls and texts:

- `Shared.provider` is for an engine, which stops reading as soon as it has enough. A text that was
  broken off there serves others who would stop as well.
- `Shared.whole` is for whoever passes on all that comes. Nothing that was broken off is shown
  there, neither by `recall` nor by `ask`. That `more` returns False says that nobody is there any
  more, and not that it was enough.

Whoever asks first pays: `usage` and `limits` go to that caller alone. To everybody else the first
chunk says `Source.JOINED` or `Source.CACHE`, and no tokens are told. If the first one leaves while
others still follow, the call goes on, and has been counted with the prompt and with what had come
by then; the few tokens behind that are on nobody's account, for nobody else has asked for a call.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from codestral_ls.errors import Unavailable
from codestral_ls.model import Chunk, Prompt, Source
from codestral_ls.provider import Provider
from codestral_ls.reuse.entries import Entry, seal, unseal
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.shared_call import SharedCall, chunks_of
from codestral_ls.reuse.shelf import Shelf
from codestral_ls.reuse.tier import Tier

CLAIM_SECONDS, RENEWED_AFTER = 3.0, 1.0
"""A claim, and how soon its holder renews it: if he dies, others wait no longer than that."""
FIRST_LOOK, LAST_LOOK = 0.01, 0.04
"""Seconds between two looks for what another server has asked for."""
WAIT_SECONDS = 10.0
"""For another server's call: twice the usual deadline of one. Then it is asked for here as well."""
SHELF_SECONDS = 60.0
"""For a text to be read without the tier, which knows how long it lives."""
EMPTY_SECONDS = 30.0
"""That the model had nothing to say is worth less than what it said."""
MOST_ENTRIES, MOST_CHARS = 4_000, 8_000_000
"""Of texts at hand."""
PUT_AWAY_SECONDS = 1.0
"""At the end, for what is still to be kept; each takes a few milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One provider with two doors, see above; to close either of them closes it."""

    provider: Provider
    whole: Provider


def share(
    provider: Provider,
    tier: Tier,
    secret: bytes,
    *,
    seconds: float,
    clock: Clock = SYSTEM_CLOCK,
) -> Shared:
    """Shares what a provider is asked, and so do those behind it; texts are kept for so long.

    One that looks into files is left alone: what it says depends on more than the prompt. The tier
    is not closed with the provider. Needs a running event loop once it is asked.
    """
    doors = Shared(provider=provider, whole=provider)
    if provider.then is not None:
        behind = share(provider.then, tier, secret, seconds=seconds, clock=clock)
        doors = Shared(
            provider=replace(provider, then=behind.provider),
            whole=replace(provider, then=behind.whole),
        )
    if provider.source is Source.OFFLINE:
        return doors
    sharing = _Sharing(provider, tier, secret, seconds, clock)

    def door(each: Provider, *, whole: bool) -> Provider:
        return replace(
            each,
            ask=partial(sharing.ask, whole),
            recall=partial(sharing.recall, whole),
            joins=sharing.joins,
            close=sharing.close,
        )

    return Shared(provider=door(doors.provider, whole=False), whole=door(doors.whole, whole=True))


def key_of(provider: Provider, prompt: Prompt, secret: bytes) -> str:
    """What stands for a prompt where others could read it: nobody learns the code from it.

    The document's address, who asked and whether by hand reach no endpoint.
    """
    sampling = prompt.parameters
    told = [
        *(provider.name, provider.model),
        *(prompt.language, prompt.prefix, prompt.suffix, prompt.path),
        [(each.path, each.text) for each in prompt.snippets],
        *(sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.min_tokens),
        *(sampling.random_seed, sampling.stop, sampling.prompt_cache_key),
    ]
    canonical = json.dumps(told, separators=(",", ":")).encode()
    return hmac.digest(secret, b"key\0" + canonical, hashlib.sha256).hex()


@dataclass(slots=True, eq=False)
class _Sharing:
    provider: Provider
    tier: Tier
    secret: bytes
    seconds: float
    clock: Clock
    _shelf: Shelf[Entry] = field(default_factory=lambda: Shelf(MOST_ENTRIES, MOST_CHARS, _chars))
    _calls: dict[str, SharedCall] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _is_closed: bool = False

    async def recall(self, whole: bool, prompt: Prompt) -> tuple[Chunk, ...]:  # noqa: FBT001 - bound before it is anybody's
        """What is known of a prompt without asking."""
        key = key_of(self.provider, prompt, self.secret)
        entry = self._shelf.get(key, self.clock.now())
        if entry is None or not entry.serves(by_hand=prompt.by_hand, whole=whole):
            entry = await self._look_up(key)
        if entry is None or not entry.serves(by_hand=prompt.by_hand, whole=whole):
            return ()
        return chunks_of(entry, Source.CACHE)

    async def ask(self, whole: bool, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:  # noqa: FBT001 - bound before it is anybody's
        """Asks, unless it is known or somebody does already; what probes is for the endpoint."""
        if prompt.probes:
            await self.provider.ask(prompt, more)
            return
        key = key_of(self.provider, prompt, self.secret)
        entry = self._shelf.get(key, self.clock.now())
        if entry is not None and entry.serves(by_hand=prompt.by_hand, whole=whole):
            for chunk in chunks_of(entry, Source.CACHE):
                if not more(chunk):
                    break
            return
        if self._is_closed:
            raise _closed()
        call = self._calls.get(key) or self._begin(key, prompt)
        await call.follow(prompt, more, whole=whole)

    def joins(self, prompt: Prompt) -> bool:
        """Whether somebody asks the same already."""
        return key_of(self.provider, prompt, self.secret) in self._calls

    async def close(self) -> None:
        """Ends all calls, waits until what they brought is kept, and closes the provider."""
        if self._is_closed:
            return
        self._is_closed = True
        for call in tuple(self._calls.values()):
            if call.task is not None:
                call.task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=PUT_AWAY_SECONDS)
        await self.provider.close()

    def _begin(self, key: str, prompt: Prompt) -> SharedCall:
        """Sets a call off; its first follower joins before it begins to run."""
        call = SharedCall(prompt=prompt, abandoned=partial(self._abandon, key))
        self._calls[key] = call
        call.task = asyncio.create_task(self._run(key, call))
        self._tasks.add(call.task)
        call.task.add_done_callback(self._tasks.discard)
        return call

    def _abandon(self, key: str, call: SharedCall) -> None:
        """Nobody is there any more: ends a call at once, and whoever comes begins anew."""
        self._forget(key, call)
        if call.task is not None:
            call.task.cancel()

    def _forget(self, key: str, call: SharedCall) -> None:
        if self._calls.get(key) is call:
            del self._calls[key]

    async def _run(self, key: str, call: SharedCall) -> None:
        error: Exception | None = None
        found: Entry | None = None
        try:
            found = await self._find(key, call)
            if found is None:
                await self._ask_for(key, call)
        except asyncio.CancelledError:  # by this module alone; what follows is short
            error = _closed()
            kept = call.entry
        except Exception as raised:  # noqa: BLE001 - raised again where it is waited for
            error, kept = raised, None
        else:
            kept = call.entry if found is None else None
        self._forget(key, call)
        call.end(error)
        await self._put_away(key, call, kept)

    async def _find(self, key: str, call: SharedCall) -> Entry | None:
        """Brings what another server has asked for; None if it is to be asked for here.

        First the claim and then the look: whoever had the claim before has kept the text by then.
        """
        source, pause, latest = Source.CACHE, FIRST_LOOK, self.clock.now() + WAIT_SECONDS
        while self.tier.is_well:
            call.claimed = await self.tier.claim(key, CLAIM_SECONDS)
            entry = await self._look_up(key)
            if entry is not None and all(each.takes(entry) for each in call.followers):
                call.bring(entry, source)
                return entry
            if call.claimed or self.clock.now() >= latest:
                break
            source = Source.JOINED
            await self.clock.sleep(pause)
            pause = min(2 * pause, LAST_LOOK)
        return None

    async def _ask_for(self, key: str, call: SharedCall) -> None:
        renewing = asyncio.create_task(self._renew(key)) if call.claimed else None
        try:
            await self.provider.ask(call.prompt, call.hear)
        finally:
            if renewing is not None:
                renewing.cancel()

    async def _renew(self, key: str) -> None:
        while True:
            await self.clock.sleep(RENEWED_AFTER)
            await self.tier.claim(key, CLAIM_SECONDS)

    async def _look_up(self, key: str) -> Entry | None:
        value = await self.tier.recall(key)
        entry = None if value is None else unseal(value, key, self.secret)
        if entry is not None:
            self._place(key, entry)
        return entry

    def _place(self, key: str, entry: Entry) -> float:
        """Keeps an entry at hand; returns for how long it is worth something at all."""
        seconds = self.seconds if entry.text else min(self.seconds, EMPTY_SECONDS)
        self._shelf.put(key, entry, self.clock.now() + min(seconds, SHELF_SECONDS))
        return seconds

    async def _put_away(self, key: str, call: SharedCall, kept: Entry | None) -> None:
        """Keeps what has come, or lets somebody else ask; nobody waits for that."""
        if kept is not None:
            seconds = self._place(key, kept)
            if value := seal(kept, key, self.secret):
                await self.tier.keep(key, value, seconds)
                return
        if call.claimed and key not in self._calls:  # one that has begun since has the claim now
            await self.tier.release(key)


def _chars(_key: str, entry: Entry) -> int:
    return len(entry.text)


def _closed() -> Unavailable:
    return Unavailable("The call was ended because the server is closing. Ask again.")
