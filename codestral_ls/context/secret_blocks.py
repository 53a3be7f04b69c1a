"""Private keys in blocks of base64, also if a text begins or ends within one. Pure.

A block may stand in a string: its lines may end in escapes, quotes and operators.
"""

import re
from collections.abc import Iterator

KIND = "private key"

_BORDER = r"---- ?{} (?:[A-Z0-9]+ ){{0,4}}PRIVATE KEY(?: BLOCK)? ?----"
_BORDERS = re.compile(
    rf"(?P<begin>{_BORDER.format('BEGIN')}-?|Private-Lines: ?\d{{1,4}})"
    rf"|-?{_BORDER.format('END')}-?|Private-MAC:"
)
_DECOR = r"[ \t\"'`,;.()|>*#&$:]"
_PLUS = r"[+/\\](?![A-Za-z0-9+/])"
_GAP = rf"(?:\\++[nrt]|[\r\n]|{_DECOR}|{_PLUS})*+"
_BREAK = rf"(?:{_DECOR}|{_PLUS})*+(?:\\++[nr]|[\r\n]|(?<= )(?=[A-Za-z0-9+/]{{40}})){_GAP}"
_LONG = r"[A-Za-z0-9+/]{16,}+={0,2}"
_SHORT = r"[A-Za-z0-9+/]{1,15}+={0,2}"
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\r\n\\]{0,200}"
_HEADERS = re.compile(rf"{_GAP}(?:{_HEADER}{_BREAK}){{0,8}}+")
_BODY = re.compile(rf"(?:{_LONG}{_BREAK})*+(?:{_LONG}|{_SHORT}(?={_GAP}(?:---|Private-MAC|\Z)))?")
_LINE = re.compile(rf"(?:{_DECOR}|{_PLUS})*+(?:{_LONG}(?:\\++[nr]|{_DECOR}|{_PLUS})*+)+")
_LAST_LINE = re.compile(r"(?:\\++[nr])*+(?:[A-Za-z0-9+/=]++(?:\\++[nr]|[ ])*+)++")
_EDGE = re.compile(
    rf"{_DECOR}*+(?P<piece>[A-Za-z0-9+/]{{60,76}}+={{0,2}})"
    rf"(?:\\++[nr]|{_DECOR}|{_PLUS})*+\r?(?:\n|\Z)"
)
_CUT = re.compile(r"[ \t]*(?P<piece>[A-Za-z0-9+/]*={0,2})\Z")
_PIECE = re.compile(r"\\++[nrt]|([A-Za-z0-9+/]+={0,2})")
_DATA = re.compile(r"(?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{16}")


def find_blocks(text: str) -> Iterator[tuple[str, int, int]]:
    """Yields kind, start and end of each line's part of a private key."""
    if "PRIVATE KEY" in text or "Private-" in text:
        after = 0
        for border in _BORDERS.finditer(text):
            if border["begin"]:
                yield from _below(text, border.end())
            else:
                yield from _above(text, after, border.start())
            after = border.end()
    yield from _edges(text)


def _below(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yields what stands below the first line of a key."""
    headers = _HEADERS.match(text, start)
    start = headers.end() if headers else start
    body = _BODY.match(text, start)
    yield from _pieces(text, start, body.end() if body else start)


def _above(text: str, after: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yields what stands above the last line of a key, which begins at `end`."""
    yield from _pieces(text, _start(text, after, end), end)


def _start(text: str, after: int, end: int) -> int:
    """Returns where the lines begin, not before `after`, that go on to the last line at `end`."""
    start = max(text.rfind("\n", after, end) + 1, after)
    last = [each for each in _LAST_LINE.finditer(text, start, end) if each.end() == end]
    if last and last[0].start() > start:
        return last[0].start()
    # The line before the border may be short; all before it are full.
    first = True
    while start > after:
        above = max(text.rfind("\n", after, start - 1) + 1, after)
        line = text[above : start - 1].rstrip("\r")
        short = first and _PIECE.fullmatch(line.strip(" \t\"'`,;+\\#*"))
        if not short and not _LINE.fullmatch(line):
            break
        first = False
        start = above
    return start


def _edges(text: str) -> Iterator[tuple[str, int, int]]:
    """Yields the lines at either end of a text that are of a block whose borders were cut off."""
    at = 0
    while line := _full_line(text, at):
        yield KIND, *line.span("piece")
        at = line.end()
    start = text.rfind("\n") + 1
    if start and not _full_line(text, start):
        rest = _CUT.match(text, start)
        start = text.rfind("\n", 0, start - 1) + 1
        if not rest or not _full_line(text, start):
            return
        if rest["piece"]:
            yield KIND, *rest.span("piece")
    while line := _full_line(text, start):
        yield KIND, *line.span("piece")
        if not start:
            return
        start = text.rfind("\n", 0, start - 1) + 1


def _full_line(text: str, start: int) -> re.Match[str] | None:
    """Matches a line that is full of what looks drawn."""
    line = _EDGE.match(text, start)
    mixed = line and any(map(str.isdigit, line["piece"])) and not line["piece"].islower()
    return line if mixed else None


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yields what is data between two places, if any is."""
    if _DATA.search(text, start, end):
        for piece in _PIECE.finditer(text, start, end):
            if piece[1]:
                yield KIND, piece.start(), piece.end()
