"""Never ask twice: one store of streams, each with the place for which it was generated.

A stream is here from its first token on, so that a call under way, a finished one and one that was
broken off answer the same question. Times are seconds of the caller's clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from codestral_ls.happenings import CallEnded
from codestral_ls.model import Sent, Snapshot, Source, Step, Usage
from codestral_ls.reuse.place import Place, anchor_of, place_of, remainder
from codestral_ls.wishes import Scope

MAX_STREAMS = 500
MAX_CHARS = 4_000_000
CHARS_CHECKED_EVERY = 16
MOST_LOOKED_THROUGH = 100
"""Of streams with the same text behind their places, such as none: each takes 2 microseconds of
every look. Of older ones only those for the very place are found."""
TEXT_SECONDS, EMPTY_SECONDS = 600.0, 30.0
"""How long streams live. That the model had nothing to say is worth less than what it said."""

_Anchor = tuple[Scope, str]
_Key = TypeVar("_Key")


@dataclass(slots=True, kw_only=True, eq=False)
class Stream:
    """What one call has generated so far. Its flight writes it, everybody else reads.

    `ended` says that the model came to an end by itself; a stream that is neither under way nor
    ended was broken off, and its last line may be half a line. `variant` numbers the streams for
    one place: 0 is what any request gets, the others were asked for to choose from. `settled` are
    the rules that had a part in the text, and `dropped` says why there is none although the model
    wrote one; `shown_to` is how much of it was on a screen. `because` is why the preferred provider
    was not asked. `used` says that an answer was made of it; a call that has ended before that is
    `unused` until then.
    """

    place: Place
    source: Source
    provider: str
    model: str
    begun: float
    variant: int = 0
    text: str = ""
    under_way: bool = True
    ended: bool = False
    finish_reason: str = ""
    settled: tuple[Step, ...] = ()
    dropped: str = ""
    usage: Usage | None = None
    sent: Sent | None = None
    because: str = ""
    shown_to: int = 0
    used: bool = False
    unused: CallEnded | None = None

    @property
    def growing(self) -> bool:
        """Whether more text may come."""
        return self.under_way and not self.ended

    @property
    def usable(self) -> str:
        """The text that may be shown: of a stream that was broken off, whole lines only."""
        if self.under_way or self.ended:
            return self.text
        return self.text[: self.text.rfind("\n") + 1]

    def shown_again(self, rest: str) -> str:
        """What of the rest stands on the screen already: as many lines as were shown before.

        The same item, less what was typed of it: ghost text that grew or shrank at each key would
        flicker.
        """
        offset = len(self.usable) - len(rest)
        if offset >= self.shown_to:
            return ""
        lines = self.text.count("\n", offset, self.shown_to) + 1
        return "\n".join(rest.split("\n", lines)[:lines])


class Store:
    """The most recent streams, found by whose they are and by what stands behind their places."""

    def __init__(self, most_streams: int = MAX_STREAMS) -> None:
        self._most_streams = most_streams
        self._most_chars = most_streams * MAX_CHARS // MAX_STREAMS
        self._streams: dict[Stream, _Anchor] = {}  # with their anchors, oldest first
        self._by_anchor: dict[_Anchor, list[Stream]] = {}  # the newest last
        self._by_place: dict[Place, list[Stream]] = {}  # the same
        self._added = 0

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: Stream) -> None:
        """Takes in a stream, instead of an older one of its variant for the same place."""
        for each in tuple(self._by_place.get(stream.place, ())):
            if each.variant == stream.variant:
                self._drop(each)
        self._insert(stream, (stream.place.scope, anchor_of(stream.place.after)))
        if len(self._streams) > self._most_streams:
            self._drop(next(iter(self._streams)))
        self._added += 1
        if self._added % CHARS_CHECKED_EVERY == 0:
            self._shorten()

    def clear(self) -> None:
        """Forgets everything."""
        self._streams.clear()
        self._by_anchor.clear()
        self._by_place.clear()

    def promote(self, stream: Stream) -> None:
        """What is on the screen is looked at first, and kept longest."""
        anchor = self._streams.get(stream)
        if anchor is not None and self._by_anchor[anchor][-1] is not stream:
            self._drop(stream)
            self._insert(stream, anchor)

    def fitting(self, snapshot: Snapshot, now: float) -> Iterator[tuple[Stream, str]]:
        """The streams that still fit at the cursor with what is left of them, the newest first."""
        for stream in self._found_by(snapshot):
            if stream.begun + TEXT_SECONDS <= now:
                self._drop(stream)
                continue
            rest = remainder(stream.place, stream.usable, snapshot)
            if rest is not None:
                yield stream, rest

    def _found_by(self, snapshot: Snapshot) -> tuple[Stream, ...]:
        """The newest ones with the same text behind them, and those for this very place."""
        alike = self._by_anchor.get((snapshot.scope, anchor_of(snapshot.suffix)), [])
        newest = tuple(alike[: -MOST_LOOKED_THROUGH - 1 : -1])
        if len(newest) == len(alike):
            return newest
        here = self._by_place.get(place_of(snapshot), ())
        return (*newest, *(each for each in reversed(here) if each not in newest))

    def _insert(self, stream: Stream, anchor: _Anchor) -> None:
        self._streams[stream] = anchor
        self._by_anchor.setdefault(anchor, []).append(stream)
        self._by_place.setdefault(stream.place, []).append(stream)

    def _drop(self, stream: Stream) -> None:
        anchor = self._streams.pop(stream, None)
        if anchor is not None:
            _remove(self._by_anchor, anchor, stream)
            _remove(self._by_place, stream.place, stream)

    def _shorten(self) -> None:
        """Streams grow after they were added, so that only now and then is their sum taken."""
        chars = sum(len(each.text) for each in self._streams)
        while chars > self._most_chars:
            oldest = next(iter(self._streams))
            chars -= len(oldest.text)
            self._drop(oldest)


def _remove(found: dict[_Key, list[Stream]], key: _Key, stream: Stream) -> None:
    found[key].remove(stream)
    if not found[key]:
        del found[key]


def says_nothing(stream: Stream, rest: str, now: float) -> bool:
    """Whether it is known, from asking at this very place, that the model has no more to say."""
    broken_off = not stream.finish_reason and not stream.ended
    said_all = not stream.under_way and (not broken_off or bool(stream.usable))
    return said_all and rest == stream.usable and now < stream.begun + EMPTY_SECONDS
