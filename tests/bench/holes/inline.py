"""Holes inside of one line."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.bench.holes.cut import Hole, hole
from tests.bench.holes.source import CLOSERS, CODE, COMMENT, LONG, OPENERS, STRING, WORD, Source

_CLOSING_TAIL = re.compile(r"[)\]}>;,:.{ ]*")
_REAL_WORD = re.compile(r"[^\W\d]{2,}")
_QUOTED = re.compile(r"(?P<prefix>[A-Za-z]{0,2})(?P<quote>[\"'`])")
_ANGLE = re.compile(r"[<>]")
_NO_ANGLE = re.compile(r"[-=]>|[<>]=|(?<=\s)[<>]+(?=\s)|<<")
_TAG = re.compile(r"\*/|-->|\"\"\"|'''|\]\]")
MOST_PIECES = 4


def cut_inline(source: Source) -> Iterator[Hole | None]:
    """Yield the holes inside of lines of code."""
    for number in range(len(source.lines)):
        if source.is_code(number):
            yield from _line_ends(source, number)
            yield from _brackets(source, number)
            yield from _middles(source, number)
            yield from _strings(source, number)


def cut_comments(source: Source) -> Iterator[Hole | None]:
    """Yield the rests of lines of comments and long strings, but not of a licence at the top."""
    top = re.search(r"(?m)^[^\n]*\w", _code(source, 0, len(source.text), blank=True))
    begins = top.start() if top else 0
    for start, end in source.lines:
        if start < begins:
            continue
        first = start + len(source.text[start:end]) - len(source.text[start:end].lstrip())
        if first >= end:
            continue
        kinds = source.mask[first:end]
        comment = kinds.find(COMMENT)
        whole = set(kinds) == {LONG} and source.mask[max(0, start - 1)] == LONG
        if comment >= 0 and set(kinds[comment:]) == {COMMENT}:
            yield from _words(source, "comment", first + comment, end)
        elif whole and not _TAG.search(source.text[first:end]):
            yield from _words(source, "docstring", first, end)


def _words(source: Source, kind: str, start: int, end: int) -> Iterator[Hole | None]:
    """The rests of a line of words, where it has some before as well."""
    for found in WORD.finditer(source.text, start, end):
        if _REAL_WORD.search(source.text, start, found.start()):
            yield hole(source, kind, found.start(), end)


def _line_ends(source: Source, number: int) -> Iterator[Hole | None]:
    start, end = source.lines[number]
    if (
        source.text[start:end] != source.text[start:end].rstrip()
        or COMMENT in source.mask[start:end]
    ):
        return
    pieces = list(source.pieces(start, end))
    for (_, before), (at, _) in pairwise(pieces):
        yield hole(source, "line-end", at, end)
        if before != at and (at * 7 + end) % 4 == 0:  # now and then nobody has typed the space
            yield hole(source, "line-end", before, end)


def _brackets(source: Source, number: int) -> Iterator[Hole | None]:
    start, end = source.lines[number]
    for opener in range(start, end):
        closer = source.closer_of.get(opener, -1)
        if not opener < closer < end or not _CLOSING_TAIL.fullmatch(source.text, closer, end):
            continue
        for at, _ in source.pieces(opener + 1, closer):
            if source.opener_at[at] == opener:
                kept = source.text[closer - 1 : closer] != " "
                yield hole(source, "line-bracket", at, closer if kept else closer - 1)


def _middles(source: Source, number: int) -> Iterator[Hole | None]:
    start, end = source.lines[number]
    if set(source.mask[start:end]) - {CODE, STRING}:
        return
    pieces = list(source.pieces(start, end))
    for first in range(1, len(pieces)):
        for last in range(first, min(first + MOST_PIECES, len(pieces) - 1)):
            a, b = pieces[first][0], pieces[last][1]
            inside = [c for c in _code(source, a, b) if c in OPENERS + CLOSERS]
            angles = _ANGLE.findall(_NO_ANGLE.sub("", source.text[a:b]))
            inside += angles[: abs(angles.count("<") - angles.count(">"))]
            if not inside and source.mask[b] == CODE and _REAL_WORD.search(source.text, b, end):
                yield hole(source, "line-middle", a, b)


def _code(source: Source, start: int, end: int, *, blank: bool = False) -> str:
    """The code of a span, without its strings, or with blanks in their place."""
    pairs = zip(source.text[start:end], source.mask[start:end], strict=True)
    other = " " if blank else ""
    return "".join(each if kind == CODE else other for each, kind in pairs)


def _strings(source: Source, number: int) -> Iterator[Hole | None]:
    start, end = source.lines[number]
    place = source.mask.find(STRING, start, end)
    while place >= 0:
        stop = source.run_end(place)
        yield from _string(source, place, stop, end)
        place = source.mask.find(STRING, stop, end)


def _string(source: Source, start: int, stop: int, end: int) -> Iterator[Hole | None]:
    """The rest of a string that is all in this line and holds neither its quote nor code."""
    opening = _QUOTED.match(source.text, start, stop)
    if opening is None or stop > end or source.text[stop - 1] != opening["quote"]:
        return
    first, last = opening.end(), stop - 1
    inner = source.text[first:last]
    if first > last or set(inner) & set("\\{}" + opening["quote"]):
        return
    rest = source.text[start:end]
    for found in re.finditer(r"\b\w", inner):
        yield hole(source, "string", first + found.start(), last)
        if rest == rest.rstrip() and COMMENT not in source.mask[start:end]:
            yield hole(source, "string-open", first + found.start(), end)
