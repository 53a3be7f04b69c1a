"""Several texts to choose from, for a request that the user has made by hand.

They are streams like any other, asked for side by side: what has been brought once is in memory,
and typing through any of them goes on with it.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from typing import Protocol

import anyio

from codestral_ls.engine.calls import Calls
from codestral_ls.engine.memory import Memory
from codestral_ls.model import Answer, Outcome, Request, Source
from codestral_ls.reuse.flights import Flight
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.store import Stream, says_nothing
from codestral_ls.shaping.candidates import Candidate, distinct, ranked

SLOW_SECONDS = 1.5
"""As long as this, a text that could be shown waits for the others."""
LOOKED_AT = 8
"""Streams that fit, at most; among many there are old ones from places far above."""

FRESH = frozenset({Source.MODEL, Source.OFFLINE})
"""Where an answer comes from that nobody can have seen yet."""

Bring = Callable[[], Awaitable[Outcome | None]]


class Follow(Protocol):
    """Waits for a flight until it has what is shown; None if that is nothing."""

    async def __call__(self, flight: Flight, *, joined: bool) -> Outcome | None:
        """Waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to choose from at the place of one request.

    `follow` waits for a flight until it has what is shown.
    """

    request: Request
    most: int
    calls: Calls
    memory: Memory
    follow: Follow

    async def beside(self, bring: Bring) -> Outcome | None:
        """What `bring` brings, and the further candidates; one of those if it brings nothing.

        What the user may have seen already stays the first.
        """
        further = self._set_off()
        outcomes = await soon([bring, *further], self.calls.clock) if further else [await bring()]
        outcome = outcomes[0]
        shown_before = isinstance(outcome, Answer) and outcome.source not in FRESH
        chosen = self._ranked(outcome if shown_before else None)
        return replace(chosen[0], others=tuple(chosen[1:])) if chosen else outcome

    def _set_off(self) -> list[Bring]:
        """Asks for what is missing; returns how to wait for each candidate under way."""
        known = list(self.memory.fitting(self.request))
        now = self.calls.clock.now()
        there = [stream for stream, rest in known if _counts(stream, rest, now)]
        chain = self.calls.chain
        link = chain.serving(invoked=True)
        for variant in _missing({stream.variant for stream in there}, len(there), self.most):
            if link is not None and chain.has_room(link):
                self.calls.set_off(self.request, link, variant)
        for stream, _ in reversed(known):  # nothing new comes before what is known
            self.calls.store.promote(stream)
        return [
            partial(self.follow, flight, joined=False)
            for flight in self.calls.flights.of(self.request.lane)
            if flight.stream.variant
        ]

    def _ranked(self, first: Outcome | None) -> list[Answer]:
        """What can be shown now, in an order that memory keeps."""
        request, streams, found = self.request, dict[tuple[str, int], Stream](), list[Candidate]()
        fitting = sorted(islice(self.memory.fitting(request), LOOKED_AT), key=_variant)
        for stream, rest in fitting:  # those that are equal stay in the order of the asking
            answer = self.memory.present(stream, rest, request)
            if answer is not None:
                streams.setdefault((answer.text, answer.replaces), stream)
                found.append(Candidate(answer, _is_cut_off(stream)))
        order = ranked(found, request.snapshot)
        if isinstance(first, Answer):
            order.insert(0, first)
        chosen = distinct(order, request.snapshot)[: self.most]
        for answer in reversed(chosen):
            if (answer.text, answer.replaces) in streams:
                stream = streams[answer.text, answer.replaces]
                self.calls.store.promote(stream)
                self.memory.used(stream)
        return chosen


def _counts(stream: Stream, rest: str, now: float) -> bool:
    """Whether a stream that fits need not be asked for again."""
    return stream.under_way or bool(rest.strip()) or says_nothing(stream, rest, now)


def _is_cut_off(stream: Stream) -> bool:
    """Whether what is shown of a stream ends where the model was stopped."""
    at_end = stream.shown_to >= len(stream.usable.rstrip())
    return at_end and not stream.under_way and not stream.ended


def _variant(fitting: tuple[Stream, str]) -> int:
    return fitting[0].variant


def _missing(taken: Collection[int], there: int, most: int) -> Iterator[int]:
    """The variants to ask for, so that there are as many candidates as are wanted."""
    free = (variant for variant in count(1) if variant not in taken)
    return islice(free, max(0, min(most - there, most - 1)))


async def at_once(outcome: Outcome) -> Outcome:
    """Brings what is known already."""
    return outcome


async def soon(bringing: Sequence[Bring], clock: Clock) -> list[Outcome | None]:
    """What they bring, in their order; once one has an answer, the slow ones bring nothing."""
    outcomes: dict[int, Outcome | None] = {}
    async with anyio.create_task_group() as group:

        async def wait(index: int, bring: Bring) -> None:
            outcomes[index] = await bring()
            if len(outcomes) == len(bringing):
                group.cancel_scope.cancel()
            elif isinstance(outcomes[index], Answer):
                group.start_soon(limit)

        async def limit() -> None:
            await clock.sleep(SLOW_SECONDS)
            group.cancel_scope.cancel()

        for index, bring in enumerate(bringing):
            group.start_soon(wait, index, bring)
    return [outcomes.get(index) for index in range(len(bringing))]
