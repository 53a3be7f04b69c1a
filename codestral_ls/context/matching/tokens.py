"""Code as tokens: what each one is, of which class, and the way back to its line. Pure.

A token is one character, so that to look for some of them is to look for a piece of a string.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from codestral_ls.context.index.words import KEYWORDS

CLOSED = r"""\"(?:[^"\\]|\\.)*+"|(?<!\w\w)'(?:[^'\\]|\\.)*+'"""
"""A string; an apostrophe behind two letters is one of prose."""
OPEN = r"""\"(?:[^"\\]|\\.)*+\\?\Z|(?<!\w\w)'(?:[^'\\]|\\.)*+\\?\Z"""
REST = r"\w+|[-=~#*/.]{3,}|[^\w\s]"
"""A ruler of dashes and the like is one token."""
TOKEN = re.compile(f"{CLOSED}|{REST}")
OPEN_TOKEN = re.compile(f"{CLOSED}|{OPEN}|{REST}")
"""The same in a line that has not come to its end: its last string may be open."""
QUOTES = "\"'"

LINE_CHARS = 500
"""Longer lines are minified or data: each is one token, and nothing is drawn from it."""
REMEMBERED_LINES = 8_192
"""As many as eight documents have within what is looked at; each takes some 0.5 kB."""
LINE_END = "\n"
OPAQUE = "\0"
FIRST_ID = 0xE000
"""Characters from here to the last one stand for tokens: a million, and no surrogates."""
IDS = 0x110000 - FIRST_ID

NAME, TEXT, NUMBER, OTHER = "a", "s", "0", "x"
RENAMED = NAME + TEXT + NUMBER
"""The classes of what may be another one in a renamed copy."""
CLASSES: Mapping[str, str] = {
    **{word: chr(0x80 + number) for number, word in enumerate(sorted(KEYWORDS))},
    **{chr(code): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()},
    "_": NAME,
}
"""Keywords of many languages and punctuation stand for themselves."""


class Line(NamedTuple):
    """The tokens of a line and its end: what each one is, and of which class; none if blank."""

    ids: str
    classes: str


def read_line(line: str) -> Line:
    """Tokenises a line."""
    if len(line) > LINE_CHARS:
        return Line(OPAQUE + LINE_END, OPAQUE + LINE_END)
    tokens: list[str] = TOKEN.findall(line)
    if not tokens:
        return Line("", "")
    ids = [chr(FIRST_ID + hash(token) % IDS) for token in tokens]  # `id_of`, a third faster
    classes = [CLASSES.get(token) or _class_of_other(token) for token in tokens]
    return Line("".join(ids) + LINE_END, "".join(classes) + LINE_END)


def id_of(token: str) -> str:
    """The character for a token. One pair in a million shares its, which costs a wrong vote."""
    return chr(FIRST_ID + hash(token) % IDS)


def class_of(token: str) -> str:
    """The class of a token."""
    return CLASSES.get(token) or _class_of_other(token)


def _class_of_other(token: str) -> str:
    first = token[0]
    if first in QUOTES:
        return TEXT
    if first.isalpha() or first == "_":
        return NAME
    return NUMBER if first.isalnum() else OTHER


class Tokens(NamedTuple):
    """A text's tokens; `ends` holds how many there are up to the end of each of its `lines`."""

    ids: str
    classes: str
    ends: Sequence[int]
    lines: Sequence[str]

    def line_at(self, index: int) -> int:
        """The number of the line that holds a token."""
        return bisect_right(self.ends, index)

    def start_of(self, number: int) -> int:
        """The index of a line's first token."""
        return self.ends[number - 1] if number else 0

    def written_above(self, number: int) -> str:
        """The last line above one that is not blank."""
        start = self.start_of(number)
        return self.lines[self.line_at(start - 1)] if start else ""

    def written_below(self, number: int) -> str:
        """The first line below one that is not blank."""
        end = self.ends[number]
        return self.lines[self.line_at(end)] if end < len(self.ids) else ""


class Words(NamedTuple):
    """The tokens of a line as they are spelled, the line's end not among them, and their places."""

    words: tuple[str, ...]
    starts: tuple[int, ...]


class Tokenizer:
    """Remembers the lines it read: from one keystroke to the next all but one are the same."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._words: dict[str, Words] = {}

    def read(self, text: str) -> Tokens:
        """Tokenises a text, line by line."""
        lines = text.split("\n")
        known = self._lines
        if len(known) > REMEMBERED_LINES:
            known.clear()
        return _joined(
            lines, [known.get(line) or known.setdefault(line, read_line(line)) for line in lines]
        )

    def words(self, line: str) -> Words:
        """Splits a line into its tokens; one of data has none."""
        known = self._words.get(line)
        if known is None:
            if len(self._words) > REMEMBERED_LINES:
                self._words.clear()
            found = list(TOKEN.finditer(line)) if len(line) <= LINE_CHARS else ()
            known = Words(
                tuple([token[0] for token in found]), tuple([token.start() for token in found])
            )
            self._words[line] = known
        return known

    def words_before(self, text: Tokens, at: int, count: int) -> list[str]:
        """Returns the `count` tokens before one as they are spelled, the last one first."""
        number = text.line_at(at)
        first = at - text.start_of(number)
        words = list(self.words(text.lines[number]).words[first - 1 :: -1]) if first else []
        while number and len(words) < count:
            number -= 1
            if text.ends[number] != text.start_of(number):
                line = text.lines[number]
                words += (LINE_END, *reversed(self.words(line).words or (line,)))
        return words[:count]


def read_text(text: str) -> Tokens:
    """Tokenises a text that is to stay."""
    lines = text.split("\n")
    return _joined(lines, [read_line(line) for line in lines])


def _joined(lines: Sequence[str], read: Sequence[Line]) -> Tokens:
    return Tokens(
        ids="".join([line.ids for line in read]),
        classes="".join([line.classes for line in read]),
        ends=array("I", accumulate([len(line.ids) for line in read])),
        lines=lines,
    )
