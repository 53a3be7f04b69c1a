"""The matcher: it continues contexts that it finds again. No model, no network. Pure."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote

from codestral_ls.context.index.families import family_of
from codestral_ls.context.index.paths import distance, folder_of
from codestral_ls.context.matching.cursor import Cursor, cursor_of
from codestral_ls.context.matching.following import following_lines
from codestral_ls.context.matching.gate import Candidate, weigh
from codestral_ls.context.matching.places import find_places
from codestral_ls.context.matching.tokens import Tokenizer, Tokens, read_text
from codestral_ls.context.matching.votes import collect_votes
from codestral_ls.model import Prompt

ENOUGH_TYPING = 0.45
"""With 0.6, 27 % of the rests of lines are shown rather than 32 %, and 86 % of these are exact:
of what lies between the two, two in five are."""
ENOUGH_BY_HAND = 0.3
"""Who asks looks at what comes: seven in ten are still exact."""
ENOUGH_FOR_A_RUN = 0.85
"""For more lines than the first: with 0.5 two of three such runs are wrong."""
MOST_CHARS = 10_000_000
"""In all texts: each takes 3.4 bytes and 0.12 microseconds."""
QUESTION_CHARS = 2_000_000
"""In the texts for one question: looking through them takes some milliseconds."""
REMEMBERED_ORDERS = 64
"""Folders times families: more than one person works in."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Ghost text, and how likely it is to be what the user wants, from 0 to 1."""

    text: str
    confidence: float


class _Stored(NamedTuple):
    family: str
    chars: int
    tokens: Tokens


class Matcher:
    """The texts of a workspace, and answers drawn from them."""

    def __init__(self) -> None:
        self._stored: dict[str, _Stored] = {}
        self._tokenizer = Tokenizer()
        self._orders: dict[tuple[str, str], tuple[str, ...]] = {}
        self._chars = 0

    @property
    def chars(self) -> int:
        """How many characters there are in all texts."""
        return self._chars

    @property
    def files(self) -> int:
        """How many texts there are."""
        return len(self._stored)

    def put(self, path: str, language: str, text: str) -> None:
        """Adds a text or replaces it; one that is too much is not kept. It has LF line ends."""
        old, family = self._stored.get(path), family_of(language)
        if self._chars - (old.chars if old else 0) + len(text) > MOST_CHARS:
            self.drop(path)
            return
        if old is None or old.family != family:
            self._orders.clear()
        self._chars += len(text) - (old.chars if old else 0)
        # what replaces another text mostly has its lines: it is being edited
        tokens = self._tokenizer.read(text) if old else read_text(text)
        self._stored[path] = _Stored(family, len(text), tokens)

    def drop(self, path: str) -> None:
        """Forgets a text."""
        old = self._stored.pop(path, None)
        if old is not None:
            self._chars -= old.chars
            self._orders.clear()

    def propose(self, prompt: Prompt, *, enough: float | None = None) -> Proposal | None:
        """Continues contexts like the cursor's, found in the document or in a text.

        There is no answer unless it is as likely as `enough` to be the right one; who asks by hand
        wants to see something.
        """
        if enough is None:
            enough = ENOUGH_BY_HAND if prompt.by_hand else ENOUGH_TYPING
        cursor = cursor_of(prompt, self._tokenizer)
        best = max(self._candidates(prompt, cursor), key=lambda each: each.confidence, default=None)
        if best is None or best.confidence < enough:
            return None
        text = best.text
        if cursor.is_indent and not cursor.tail and best.confidence >= ENOUGH_FOR_A_RUN:
            text += following_lines(cursor, best)
        return Proposal(text, best.confidence)

    def candidates(self, prompt: Prompt) -> list[Candidate]:
        """Returns what is weighed: for fitting the weights."""
        return self._candidates(prompt, cursor_of(prompt, self._tokenizer))

    def _candidates(self, prompt: Prompt, cursor: Cursor) -> list[Candidate]:
        texts = [cursor.above, cursor.below, *self._near(prompt)]
        places = find_places(cursor, texts)
        return list(weigh(cursor, *collect_votes(cursor, places, self._tokenizer)))

    def _near(self, prompt: Prompt) -> list[Tokens]:
        """Returns texts of the same family, the nearest first, without the document itself."""
        path = prompt.path or unquote(prompt.uri)
        near: list[Tokens] = []
        room = QUESTION_CHARS
        for other in self._order(path, prompt.language):
            stored = self._stored[other]
            is_itself = other == path or (not prompt.path and path.endswith(f"/{other}"))
            if not is_itself and stored.chars <= room:
                room -= stored.chars
                near.append(stored.tokens)
        return near

    def _order(self, path: str, language: str) -> tuple[str, ...]:
        place = folder_of(path), family_of(language)
        if place not in self._orders:
            if len(self._orders) >= REMEMBERED_ORDERS:
                self._orders.clear()
            accepted = [path for path, each in self._stored.items() if each.family == place[1]]
            self._orders[place] = tuple(sorted(accepted, key=partial(distance, path)))
        return self._orders[place]
