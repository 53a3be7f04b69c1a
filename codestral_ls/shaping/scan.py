"""Reading code without a grammar: where brackets, strings, comments and lines begin and end. Pure.

It errs on the side of code: a quote that nothing closes in its line is an apostrophe.
"""

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from codestral_ls.lexis import BRACKETS, NEVER, Lexis

_LIKE_CODE = re.compile(
    r"^(?=\s*(?:(?:def|class|return|import|from|if|for|while|elif|else|try|raise|const|let|func|@)\b"
    r"|[\w.\[\]\"']+ (?:=|:=|\+=) \S|[\w.]+\(.*\)\W*$|[\])}]+[,;:]?$))",
    re.MULTILINE,
)
LINE_COMMENT = "\n"
"""What a line comment ends with, as strings and block comments end with their closers."""


class Mark(NamedTuple):
    """One place of interest: a bracket, or the closer of a string or comment that ends there."""

    at: int
    char: str
    line_start: int


class Scan(NamedTuple):
    """What a piece of text holds.

    `marks` are brackets, and the ends of the string or comment that the piece began in; `comments`
    is where comments begin; `fresh` is where lines begin outside of strings and comments;
    `inside` is what the string or comment ends with in which the piece ends, and `since` where
    that began (-1: before the piece).
    """

    marks: list[Mark]
    comments: list[int]
    fresh: list[int]
    inside: str
    since: int


def scan(text: str, lexis: Lexis, inside: str = "") -> Scan:
    """Scans a piece of text that begins `inside` of a string or comment, or in code (empty)."""
    at = _leave(inside, text) if inside else 0
    if at < 0:
        return Scan([], [], [], inside, -1)
    line_start = text.rfind("\n", 0, at) + 1
    closes = inside not in ("", LINE_COMMENT) and text.endswith(inside, 0, at)
    marks = [Mark(at - len(inside), inside, line_start)] if closes else []
    comments: list[int] = []
    fresh: list[int] = []
    search = lexis.tokens.search
    while (token := search(text, at)) is not None:
        kind, at = token.lastgroup, token.end()
        if kind == "bracket":
            marks.append(Mark(at - 1, token.group(), line_start))
        elif kind == "newline":
            line_start = at
            fresh.append(at)
        elif kind != "opaque":
            closer = _closer(kind, token.group(), lexis)
            end = _end_of(closer, text, at)
            if kind in ("comment", "block"):
                comments.append(token.start())
            if end >= 0:
                at, line_start = end, max(line_start, text.rfind("\n", at, end) + 1)
            elif kind != "quote" or text.find("\n", at) < 0:  # otherwise it is an apostrophe
                return Scan(marks, comments, fresh, closer, token.start())
    return Scan(marks, comments, fresh, "", -1)


def _leave(inside: str, text: str) -> int:
    """Where the string or comment is over in which a text begins; -1 if it goes on behind it."""
    end = _end_of(inside, text, 0)
    ends_with_line = len(inside) == 1 and inside not in (LINE_COMMENT, "`")
    return text.find("\n") if end < 0 and ends_with_line else end


def _closer(kind: str | None, opening: str, lexis: Lexis) -> str:
    if kind == "comment":
        return LINE_COMMENT
    return lexis.block_ends[opening] if kind == "block" else opening


def _end_of(closer: str, text: str, at: int) -> int:
    """Where the string or comment is over that is open at a place; -1 if it goes on."""
    if closer == LINE_COMMENT:
        return text.find("\n", at)
    if closer[0] not in "\"'`":
        found = text.find(closer, at)
        return found + len(closer) if found >= 0 else -1
    match = _string_rest(closer).match(text, at)
    return match.end() if match else -1


@cache
def _string_rest(closer: str) -> re.Pattern[str]:
    first, others = closer[0], closer[1:]
    if others or closer == "`":
        alone = f"{first}(?!{others})" if others else NEVER
        return re.compile(rf"(?:[^\\{first}]|\\.|{alone})*+{closer}", re.DOTALL)
    return re.compile(rf"(?:[^\\{first}\n]|\\.)*+{closer}")


def inside_at_start(text: str, lexis: Lexis) -> str:
    """What a text is inside of that was cut out of a longer one.

    Of what stands before the first long quote and behind it, code is what reads more like it.
    """
    for opening, closing in lexis.block_comments:
        end, start = text.find(closing), text.find(opening)
        if end >= 0 and not 0 <= start < end:
            return closing
    found = ((text.find(each), each) for each in lexis.long_quotes)
    first, quote = min((each for each in found if each[0] >= 0), default=(-1, ""))
    if first < 0:
        return ""
    second = text.find(quote, first + len(quote))
    before, behind = text[:first], text[first : second if second >= 0 else len(text)]
    return quote if _likeness(before) < _likeness(behind) else ""


def _likeness(text: str) -> float:
    """How many of a text's lines look like code."""
    return sum(1 for _ in _LIKE_CODE.finditer(text)) / (text.count("\n") + 1)


class Open(NamedTuple):
    """A bracket, string or comment that is open: what closes it, and where its line begins."""

    closer: str
    at: int
    line_start: int


def match_brackets(marks: list[Mark], opened: list[Open]) -> list[Mark]:
    """Closes what is `opened` (changed in place) and returns the closers of what is not.

    A bracket that is closed over is forgotten: it stood in something that was misread.
    """
    unopened = []
    awaited = Counter(each.closer for each in opened)  # or each closer would go through all of them
    for mark in marks:
        if mark.char in BRACKETS:
            opened.append(Open(BRACKETS[mark.char], mark.at, mark.line_start))
            awaited[BRACKETS[mark.char]] += 1
        elif awaited[mark.char]:
            while (closer := opened.pop().closer) != mark.char:
                awaited[closer] -= 1
            awaited[mark.char] -= 1
        else:
            unopened.append(mark)
    return unopened
