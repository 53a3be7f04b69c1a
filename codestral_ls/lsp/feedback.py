"""What became of the answers: drawn, accepted, and still there a while after.

Every item carries the command that its acceptance is told with, and in its arguments the number
of the answer. Who says nothing of all that has the answers themselves counted, by the engine.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from codestral_ls.happenings import Accepted, Displayed, Labels, Retained, Tell
from codestral_ls.lsp.documents import Document, end_of
from codestral_ls.lsp.marks import Mark, kept_share
from codestral_ls.model import Position
from codestral_ls.reuse.pace import Clock

AFTER = (30, 120, 600)
"""Seconds after an acceptance, when is looked how much of the text is still there."""
MOST_OFFERS = 200
"""Answers that can be told of; an editor does so within a few of them."""


@dataclass(slots=True, kw_only=True)
class _Counted:
    """What was counted of an answer: once, however many rests of it are offered."""

    displayed: bool = False
    partly: bool = False


@dataclass(slots=True, kw_only=True)
class _Offer:
    """One answer, or the rest of one; `taken` is how much of it the user has by now.

    The text has LF line ends.
    """

    uri: str
    start: Position
    text: str
    labels: Labels
    counted: _Counted
    taken: int = 0


@dataclass(slots=True, kw_only=True)
class _Trial:
    """An accepted text and how often it was looked for."""

    mark: Mark
    text: str
    labels: Labels
    looks: int = 0


class Feedback:
    """Remembers the latest answers, and watches over what is accepted of them."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        tell: Tell,
        clock: Clock,
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._documents = documents
        self._tell = tell
        self._clock = clock
        self._start = start
        self._offers: dict[int, _Offer] = {}
        self._trials: dict[str, list[_Trial]] = {}
        self._last = 0

    def offer(self, uri: str, start: Position, text: str, labels: Labels) -> int:
        """Takes down an answer that is about to go out; returns its number.

        The same again has the same one, or editors would take it for another text. The rest of an
        answer that was typed through, or of which a part was taken, is counted with it.
        """
        for number, each in reversed(self._offers.items()):
            if (each.text, each.start, each.uri) == (text, start, uri):
                return number
        counted = self._counted_before(uri, start, text)
        offer = _Offer(uri=uri, start=start, text=text, labels=labels, counted=counted)
        self._last += 1
        self._offers[self._last] = offer
        if len(self._offers) > MOST_OFFERS:
            del self._offers[next(iter(self._offers))]
        return self._last

    def displayed(self, number: int) -> None:
        """The editor has drawn an answer."""
        offer = self._offers.get(number)
        if offer is not None and not offer.counted.displayed:
            offer.counted.displayed = True
            self._tell(Displayed(labels=offer.labels, chars=len(offer.text)))

    def accepted(self, number: int) -> None:
        """The user has taken an answer, or what was left of it."""
        offer = self._offers.get(number)
        if offer is not None:
            self._take(offer, len(offer.text))

    def accepted_partly(self, number: int, units: int) -> None:
        """The user has taken so much of an answer by now, in UTF-16 code units from its start."""
        offer = self._offers.get(number)
        if offer is not None:
            self._take(offer, len(_head(offer.text, units)))

    def closed(self, uri: str) -> None:
        """Looks for the last time: what a document holds when it is closed is taken for kept."""
        for trial in self._trials.pop(uri, ()):
            self._look(self._documents.get(uri), trial)

    def close(self) -> None:
        """The same for all documents, at the end of the session."""
        for uri in tuple(self._trials):
            self.closed(uri)

    def _counted_before(self, uri: str, start: Position, text: str) -> _Counted:
        """What was counted of the answer that a text is the rest of; nothing yet of a new one."""
        document = self._documents.get(uri)
        if document is not None:
            for each in reversed(self._offers.values()):
                if each.uri == uri and _is_rest(each, start, text, document):
                    return each.counted
        return _Counted()

    def _take(self, offer: _Offer, upto: int) -> None:
        partly, counted = upto < len(offer.text), offer.counted
        if not partly:  # offered again after an undo, it is another one, and so is what it began as
            kept = {at: each for at, each in self._offers.items() if each.counted is not counted}
            self._offers = kept
        piece = offer.text[offer.taken : upto]
        if not piece:
            return
        place = end_of(offer.text[: offer.taken], offer.start.line, offer.start.character)
        offer.taken = upto
        further = partly and counted.partly
        counted.partly = counted.partly or partly
        self._tell(Accepted(labels=offer.labels, chars=len(piece), partly=partly, further=further))
        document = self._documents.get(offer.uri)
        mark = document.mark(piece, place) if document is not None else None
        if mark is not None:
            trial = _Trial(mark=mark, text=piece, labels=offer.labels)
            self._trials.setdefault(offer.uri, []).append(trial)
            self._start(self._watch(offer.uri, trial))

    async def _watch(self, uri: str, trial: _Trial) -> None:
        began = self._clock.now()
        for after in AFTER:
            await self._clock.sleep(began + after - self._clock.now())
            if trial not in self._trials.get(uri, ()):
                return
            self._look(self._documents.get(uri), trial)
        self._trials[uri].remove(trial)
        document = self._documents.get(uri)
        if document is not None and trial.mark in document.marks:
            document.marks.remove(trial.mark)

    def _look(self, document: Document | None, trial: _Trial) -> None:
        """Tells how much is left; of a text whose mark has made room for newer ones, nothing."""
        if document is not None and trial.mark in document.marks:
            share = kept_share(trial.text, document.marked(trial.mark))
            after, chars = AFTER[trial.looks], len(trial.text)
            self._tell(Retained(labels=trial.labels, after=after, share=share, chars=chars))
        trial.looks += 1


def _is_rest(offer: _Offer, start: Position, text: str, document: Document) -> bool:
    """Whether a text begins with what is left of an offer that stands there up to its start."""
    if not 0 <= start.line - offer.start.line <= offer.text.count("\n"):
        return False
    begin, end = offer.start, start
    there = document.marked(Mark((begin.line, begin.character), (end.line, end.character)))
    rest = offer.text.removeprefix(there)
    return 0 < len(rest) < len(offer.text) and text.startswith(rest)


def _head(text: str, units: int) -> str:
    """The first UTF-16 code units of a text; half a character is none."""
    halves = text.encode("utf-16-le", "surrogatepass")[: 2 * units]
    return halves.decode("utf-16-le", "ignore")
