"""Where the head of a definition ends, and where its documentation begins. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

MOST_LINES = 12
"""A longer head is a table of defaults."""
FEW_LINES = 3
"""Beside the first one; what takes no more is shown whole where the first line tells nothing."""
_FARTHEST = 40
"""Lines of a comment above a definition that are looked through for its beginning."""
_LONGEST = 500
"""Characters of a line that are looked at."""
_ABOVE = 10
"""Lines of decorators and attributes between a definition and its comment."""

_HASHED = frozenset(
    {*("python", "ruby", "bash", "sh", "shellscript", "elixir", "r", "julia", "coffeescript")}
)
"""Languages in which `#` begins a comment; in others it begins a private name."""
_TOKEN = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'|'(?:\\.|[^'\\])*'|`[^`]*`|/\*.*?\*/"
    r"|(?P<comment>//|#)|(?P<sign>=>|[(){}\[\];:])"
)
_CONTINUATION = re.compile(r"\s*(?:where\b|throws\b|extends\b|implements\b|->|[|&] )")
"""What a line begins with that belongs to the one before."""
_UNFINISHED = re.compile(r"(?:,|\bwhere|[^=]=)\s*$")
"""What a line ends with that goes on in the next one."""


class Signature(NamedTuple):
    """The last line of a definition's head, and the first of its documentation or -1."""

    last: int
    doc: int


def signature(language: str, lines: Sequence[str], line: int) -> Signature:
    """The head that begins on a line, and what documents it."""
    last = _head_end(language, lines, line)
    is_below = language == "python"
    return Signature(
        last, _doc_below(lines, last) if is_below else _doc_above(language, lines, line)
    )


def closing_line(language: str, lines: Sequence[str], line: int) -> int:
    """The line on which the brackets at the end of a line are closed, if that is soon.

    `Price = Union[` says nothing.
    """
    depth = 0
    for number in range(line, min(line + FEW_LINES + 1, len(lines))):
        for match in _TOKEN.finditer(lines[number][:_LONGEST]):
            sign = match["sign"] or ""
            if match["comment"] and (match["comment"] == "#") == (language in _HASHED):
                break
            depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        if depth <= 0 and not _UNFINISHED.search(lines[number][:_LONGEST]):
            return number
    return line


def _head_end(language: str, lines: Sequence[str], line: int) -> int:
    """The line on which the brackets are closed and the body begins, or nothing more follows."""
    depth = 0
    for number in range(line, min(line + MOST_LINES, len(lines))):
        text = lines[number][:_LONGEST]
        depth, has_ended = _read(language, text, depth)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        goes_on = depth or _UNFINISHED.search(text) or _CONTINUATION.match(following)
        if has_ended or not goes_on:
            return number
    return line  # it never ends: the first line says most


def _read(language: str, text: str, depth: int) -> tuple[int, bool]:
    """How many brackets are open at a line's end, and whether the head has ended in it.

    It also has where a line closes what stands around the definition.
    """
    for match in _TOKEN.finditer(text):
        sign = match["sign"] or ""
        if match["comment"] and (match["comment"] == "#") == (language in _HASHED):
            break
        if depth == 0 and (sign in {"{", ";", "=>"} or (sign == ":" and language == "python")):
            return depth, True
        depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        if depth < 0:
            return 0, True
    return depth, False


_DOCSTRING = re.compile(r"\s*[rRuUbB]{0,2}(\"\"\"|'''|\"|')\s*[^\s\"'].*?\1")


def _doc_below(lines: Sequence[str], last: int) -> int:
    """The line of a docstring that begins and ends in it: the first of several would stay open."""
    match = _DOCSTRING.match(lines[last + 1][:_LONGEST]) if last + 1 < len(lines) else None
    return -1 if match is None else last + 1


_MARKS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("bash", "sh", "shellscript", "ruby", "elixir", "r"), ("#",)),
    **dict.fromkeys(("go", "c", "cpp", "zig", "swift", "proto", "javascript"), ("//",)),
    **dict.fromkeys(("lua", "haskell", "sql"), ("--",)),
    **dict.fromkeys(("elisp", "clojure", "scheme"), (";",)),
}
"""What begins the lines of a comment that documents what follows."""
_OTHERS_MARKS = ("///", "//!")
_DECORATION = re.compile(r"\s*(?:@[\w.]+|#!?\[|\[\w|template\b|\)\]|\w+::\w+\()")
_TAG = re.compile(r"<[^<>]{1,80}>")


def _doc_above(language: str, lines: Sequence[str], line: int) -> int:
    """The first line with words of the comment that ends right above a definition."""
    above = line - 1
    while above >= max(0, line - _ABOVE) and _DECORATION.match(lines[above][:_LONGEST]):
        above -= 1
    if above < 0:
        return -1
    farthest = max(0, above - _FARTHEST)
    if lines[above].rstrip().endswith("*/"):
        is_alone = lines[above].lstrip().startswith("/*")
        return _first_with_words(lines, [above]) if is_alone else -1
    first = above + 1
    marks = _MARKS.get(language, _OTHERS_MARKS)
    while first > farthest and lines[first - 1].lstrip().startswith(marks):
        first -= 1
    return _first_with_words(lines, range(first, above + 1))


def _first_with_words(lines: Sequence[str], rows: Iterable[int]) -> int:
    """The first line of a comment that is more than marks and tags."""
    for row in rows:
        text = _TAG.sub("", lines[row][:_LONGEST]).strip().lstrip("/*!#-; ")
        if any(map(str.isalpha, text)) and not text.startswith("@"):
            return row
    return -1
