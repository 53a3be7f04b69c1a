"""Setting calls off: one for each lane, within the limits, and not into an open circuit."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from codestral_ls.context.prompt import Sources
from codestral_ls.engine.call import Call, sent_of, why_not
from codestral_ls.engine.chain import Chain, Link
from codestral_ls.engine.metering import Metering
from codestral_ls.engine.writing import Writing
from codestral_ls.errors import RateLimited
from codestral_ls.model import Nothing, Prompt, Reason, Request, Snapshot, Source
from codestral_ls.reuse.flights import Flight, Flights
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Store, Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.surroundings import look_around
from codestral_ls.wishes import EVERYBODY

SENT_SECONDS = 0.002
"""By then the request has been sent, and what stands around the cursor is read for nothing."""

LONGEST_WAIT = 5.0
"""Seconds for room, where several ask: no newer request takes the place of one that waits."""

Prime = Callable[[Prompt], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)


class Calls:
    """The calls under one set of settings; what they bring goes into the store.

    `sources` is what a prompt may draw upon beside the document. `changed` is called when a call
    begins or is over.
    """

    def __init__(  # noqa: PLR0913 - the parts that a call goes through
        self,
        settings: Settings,
        chain: Chain,
        store: Store,
        clock: Clock,
        metering: Metering,
        *,
        sources: Callable[[Snapshot], Sources],
        changed: Callable[[], None],
    ) -> None:
        self.flights = Flights(clock, self._flown)
        self.chain = chain
        self.store = store
        self.clock = clock
        self._settings = settings
        self._metering = metering
        self._sources = sources
        self._changed = changed
        self._to_prime: Request | None = None
        self._priming: asyncio.Task[None] | None = None
        self._primed: Prompt | None = None
        self._trying: dict[Link, asyncio.Task[None]] = {}

    async def wait_for_room(self, request: Request, link: Link) -> None:
        """Waits until the lane is free and the rate limit leaves room for this request.

        One that would only follow somebody else's call needs none.

        Raises:
            RateLimited: it would wait too long.
        """
        prompt = self._prompt(request, link)
        tokens, latest = link.estimate(prompt), self.clock.now() + LONGEST_WAIT
        await self.flights.free(request.lane)
        while (seconds := link.allowance.wait_seconds(tokens)) > 0 and not link.joins(prompt):
            if request.snapshot.scope != EVERYBODY and self.clock.now() + seconds > latest:
                words = f"{link.provider.name} allows no more requests or tokens this minute."
                raise RateLimited(words, retry_after=seconds)
            await self.clock.sleep(seconds)
            await self.flights.free(request.lane)

    async def recall(self, request: Request) -> bool:
        """Takes into the store what the first provider knows without being asked, if it does.

        Neither a limit nor a failure of it matters then.
        """
        link, now = self.chain.first, self.clock.now()
        if link.provider.recall is None:
            return False
        prompt = self._prompt(request, link)
        known = await link.provider.recall(prompt)
        if not known:
            return False
        stream = Stream(
            place=place_of(request.snapshot),
            source=Source.CACHE,
            provider=link.provider.name,
            model=link.provider.model,
            begun=now,
            under_way=False,
            sent=sent_of(link.provider, prompt),
        )
        writing = Writing(
            flight=Flight(lane=request.lane, stream=stream),
            request=request,
            settings=self._settings,
            learn=lambda _: None,
            now=self.clock.now,
            prompt=prompt,
        )
        for chunk in known:
            if not writing.take(chunk):
                break
        self.store.add(stream)
        return True

    def has_room_ahead(self, lane: str) -> Link | None:
        """Who could be asked what nobody has asked for yet, without being in anybody's way."""
        link = self.chain.serving()
        free = link is not None and not self.flights.of(lane) and self.chain.has_room(link)
        return link if free else None

    def refusal(self) -> Nothing:
        """Why nobody can be asked now."""
        first = self.chain.first
        reason = Reason.SPENT if self.chain.is_spent(first) else Reason.PAUSED
        return Nothing(reason=reason, detail=why_not(first, self.chain, self._metering))

    def set_off(self, request: Request, link: Link, variant: int = 0) -> Flight:
        """Begins a call for a request; if it fails at once, it goes on to those behind."""
        self._forget_priming(request.lane)  # what it is told is newer
        call = self._call(request, link, variant=variant)
        self.store.add(call.flight.stream)
        task = self.flights.start(call.flight, call.run, call.take)
        task.add_done_callback(lambda _: call.undo())
        around = look_around(request.snapshot)
        asyncio.get_running_loop().call_later(SENT_SECONDS, around.prepare)
        return call.flight

    def try_again(self, request: Request, serving: Link) -> None:
        """Asks those before the serving one that have failed, beside a request that it answers.

        The same prompt, since a failure may be of its size or its place, for one token, which is
        thrown away: the user waits for nobody who may not be there, and sees one text only. It goes
        on while he types, up to its deadline, so that a host that swallows everything is known to
        fail and is asked ever more rarely. The price is a call for each pause.
        """
        for link in self.chain.due(serving):
            if link not in self._trying:
                call = self._call(request, link, alone=True)
                self._trying[link] = task = asyncio.create_task(_try(call))
                task.add_done_callback(partial(self._tried, call))

    def _tried(self, call: Call, _task: asyncio.Task[None]) -> None:
        self._trying.pop(call.link, None)
        call.undo()

    def prime(self, request: Request) -> None:
        """Lets a server that can do so read ahead what it will be told, as soon as it is idle.

        A call ends that at once: what has been read by then is read.
        """
        link = self.chain.serving()
        if link is None or link.provider.prime is None:
            return
        self._to_prime = request if len(self.flights) else None
        if self._to_prime is not None or not self.chain.has_room(link):
            return
        prompt = self._prompt(request, link)
        if prompt != self._primed:
            self._end_priming()
            self._primed = prompt
            self._priming = asyncio.create_task(_prime(link.provider.prime, prompt))

    def end(self, lane: str) -> None:
        """Breaks off what is under way in a lane."""
        self._forget_priming(lane)
        self.flights.end(lane)

    def end_all(self) -> None:
        """Breaks off everything."""
        self._to_prime = None
        self._end_priming()
        for task in self._trying.values():
            task.cancel()
        self.flights.end_all()

    def _flown(self) -> None:
        """A call begins or is over."""
        request, self._to_prime = self._to_prime, None
        if request is not None:
            self.prime(request)
        self._changed()

    def _forget_priming(self, lane: str) -> None:
        if self._to_prime is not None and self._to_prime.lane == lane:
            self._to_prime = None
        self._end_priming()

    def _end_priming(self) -> None:
        if self._priming is not None:
            self._priming.cancel()
            self._priming = None

    def _call(self, request: Request, link: Link, *, variant: int = 0, alone: bool = False) -> Call:
        return Call(
            request=request,
            link=link,
            variant=variant,
            alone=alone,
            settings=self._settings,
            chain=self.chain,
            metering=self._metering,
            sources=self._sources(request.snapshot),
            now=self.clock.now,
        )

    def _prompt(self, request: Request, link: Link) -> Prompt:
        return link.prompt(request, self._settings, self._sources(request.snapshot))


async def _try(call: Call) -> None:
    try:
        await call.run(lambda chunk: not chunk.text)
    except Exception as error:  # noqa: BLE001 - the breaker knows it, and the log
        log.debug("%s still fails: %s", call.link.provider.name, type(error).__name__)


async def _prime(prime: Prime, prompt: Prompt) -> None:
    try:
        await prime(prompt)
    except Exception as error:  # noqa: BLE001 - the call itself will tell what is wrong
        log.debug("not read ahead: %s", type(error).__name__)
