"""What there is to show without asking: streams that fit at a cursor, under way or not."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from codestral_ls.engine.chain import Chain
from codestral_ls.engine.growing import growth
from codestral_ls.engine.outcomes import failed_call, nothing_of
from codestral_ls.engine.presenting import Presented, present
from codestral_ls.model import Answer, Outcome, Request, Source, Trigger
from codestral_ls.reuse.flights import Flight, Flights
from codestral_ls.reuse.place import agrees, remainder
from codestral_ls.reuse.store import Store, Stream, says_nothing
from codestral_ls.settings import Settings


class Memory:
    """What the store and the calls under way hold for a request.

    `used` is told of each stream that an answer is made of.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        chain: Chain,
        now: Callable[[], float],
        used: Callable[[Stream], None],
    ) -> None:
        self.used = used
        self._settings = settings
        self._store = store
        self._chain = chain
        self._now = now

    def fitting(self, request: Request) -> Iterator[tuple[Stream, str]]:
        """The streams that fit at the cursor, with what is left of them."""
        for stream, rest in self._store.fitting(request.snapshot, self._now()):
            if stream.source is not Source.OFFLINE or not self._chain.model_is_back:
                yield stream, rest

    def knows(self, request: Request) -> bool:
        """Whether a request would be answered without asking."""
        return self._find(request) is not None

    def recall(self, request: Request) -> Outcome | None:
        """What is known without asking; None if nothing is. Takes no time worth mentioning."""
        found = self._find(request)
        if found is None:
            return None
        stream, rest, presented = found
        if presented is None or presented.answer is None:
            return replace(nothing_of(stream, presented), usage=None)
        self.used(stream)
        typed = len(rest) < len(stream.usable)
        source = Source.TYPED_THROUGH if typed else Source.CACHE
        return replace(self._show(stream, presented.answer, presented), source=source, usage=None)

    def present(self, stream: Stream, rest: str, request: Request) -> Answer | None:
        """What to show of the rest of a stream; None if that is nothing, or not there yet."""
        presented = present(stream, rest, request, self._settings)
        if presented is None or presented.answer is None:
            return None
        return self._show(stream, presented.answer, presented)

    async def follow(
        self, flights: Flights, flight: Flight, request: Request, *, joined: bool
    ) -> Outcome | None:
        """Waits for a flight until it has what is shown; None if it turns out not to fit."""
        stream, lines, told = flight.stream, -1, ""
        rest: str | None = None
        with flights.following(flight):
            while True:
                told = self._tell_growth(stream, request, told)
                before, lines = lines, stream.text.count("\n")
                answer = None
                if lines != before or not stream.growing:  # nothing is complete in mid-line
                    rest = remainder(stream.place, stream.usable, request.snapshot)
                    answer = None if rest is None else self.present(stream, rest, request)
                if answer is not None:
                    return replace(answer, source=Source.JOINED) if joined else answer
                if not stream.under_way:
                    break
                if not agrees(stream.place, stream.text, request.snapshot):
                    return None
                await flight.progress()
        if flight.error is not None:
            return None if stream.variant else failed_call(flight.error, stream)
        if rest is None or joined:
            return None
        return nothing_of(stream, present(stream, rest, request, self._settings))

    def _tell_growth(self, stream: Stream, request: Request, told: str) -> str:
        """Tells who watches a request what has become more; returns what was told last."""
        if request.watch is None or not stream.growing:
            return told
        text = growth(stream, request, self._settings)
        if len(text) <= len(told) or not text.startswith(told):
            return told
        request.watch(text)
        return text

    def _find(self, request: Request) -> tuple[Stream, str, Presented | None] | None:
        """The stream to answer with, or that there is nothing to say."""
        now = self._now()
        for stream, rest in self.fitting(request):
            presented = present(stream, rest, request, self._settings)
            if presented is not None and presented.answer is not None:
                return stream, rest, presented
            spoken = not stream.variant and says_nothing(stream, rest, now)
            if spoken and request.trigger is not Trigger.INVOKED:
                return stream, rest, presented
        return None

    def _show(self, stream: Stream, answer: Answer, presented: Presented) -> Answer:
        stream.shown_to = presented.shown_to
        self._store.promote(stream)
        return answer
