"""Several texts to choose from, for a request that the user has made by hand.

They are streams like any other, asked for side by side: what has been brought once is in memory,
and typing through any of them goes on with it.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice

import anyio

from codestral_ls.calls import Calls
from codestral_ls.model import Answer, Outcome, Request, Source
from codestral_ls.reuse.flights import Flight
from codestral_ls.reuse.pace import Clock
from codestral_ls.reuse.store import Stream, says_nothing
from codestral_ls.shaping.candidates import Candidate, distinct, ranked

SLOW_SECONDS = 1.5
"""As long as this, a text that could be shown waits for the others."""
LOOKED_AT = 8
"""Streams that fit, at most; among many there are old ones from places far above."""

Follow = Callable[[Flight, Request, Source], Awaitable[Outcome | None]]
Bring = Callable[[], Awaitable[Outcome | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to choose from at the place of one request.

    `fitting` are the streams in memory with what is left of them, `present` says what to show of
    one, and `follow` waits for a flight until it has that.
    """

    request: Request
    most: int
    calls: Calls
    fitting: Callable[[Request], Iterator[tuple[Stream, str]]]
    present: Callable[[Stream, str, Request], Answer | None]
    follow: Follow

    async def beside(self, bring: Bring) -> Outcome | None:
        """What `bring` brings, and the further candidates; one of those if it brings nothing.

        What the user may have seen already stays the first.
        """
        further = self._set_off()
        outcomes = await soon([bring, *further], self.calls.clock) if further else [await bring()]
        outcome = outcomes[0]
        shown_before = (
            isinstance(outcome, Answer) and outcome.source is not self.calls.provider.source
        )
        chosen = self._ranked(outcome if shown_before else None)
        return replace(chosen[0], others=tuple(chosen[1:])) if chosen else outcome

    def _set_off(self) -> list[Bring]:
        """Asks for what is missing; returns how to wait for each candidate under way."""
        known = list(self.fitting(self.request))
        now = self.calls.clock.now()
        there = [stream for stream, rest in known if _counts(stream, rest, now)]
        for variant in _missing({stream.variant for stream in there}, len(there), self.most):
            if self.calls.has_room_beside:
                self.calls.set_off(self.request, self.calls.provider, variant)
        for stream, _ in reversed(known):  # nothing new comes before what is known
            self.calls.store.promote(stream)
        return [
            partial(self.follow, flight, self.request, self.calls.provider.source)
            for flight in self.calls.flights.of(self.request.lane)
            if flight.stream.variant
        ]

    def _ranked(self, first: Outcome | None) -> list[Answer]:
        """What can be shown now, in an order that memory keeps."""
        request, streams, found = self.request, dict[tuple[str, int], Stream](), list[Candidate]()
        fitting = sorted(islice(self.fitting(request), LOOKED_AT), key=_variant)
        for stream, rest in fitting:  # those that are equal stay in the order of the asking
            answer = self.present(stream, rest, request)
            if answer is not None:
                streams.setdefault((answer.text, answer.replaces), stream)
                found.append(Candidate(answer, _is_cut_off(stream)))
        order = ranked(found, request.snapshot)
        if isinstance(first, Answer):
            order.insert(0, first)
        chosen = distinct(order, request.snapshot)[: self.most]
        for answer in reversed(chosen):
            if (answer.text, answer.replaces) in streams:
                self.calls.store.promote(streams[answer.text, answer.replaces])
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
