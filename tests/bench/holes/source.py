"""A source text, which of its characters are code, and which brackets belong together."""

import bisect
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from pygments import lexers, token  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

CODE, STRING, COMMENT, LONG, UNSURE = "c", "s", "#", "*", "e"
"""Letters of a mask: `LONG` is what stands in block comments and long strings."""

OPENERS, CLOSERS = "([{", ")]}"
WORD = re.compile(r"(?<=\s)[^\W\d]\w")
"""Where a word begins behind a blank."""
_LEXERS: Mapping[str, str] = {
    "javascriptreact": "jsx",
    "typescriptreact": "tsx",
    "shellscript": "bash",
    "csharp": "csharp",
}
_REST = r"|[-+*/%=<>!&|^~?.:@#$]+|[^\w\s]"
_PIECE = re.compile(rf"[$@]*\w+{_REST}")
_HYPHENATED_PIECE = re.compile(rf"[$@]*\w+(?:-\w+)*{_REST}")
_HYPHENATED = {"css", "toml", "html", "xml", "yaml"}
_QUOTED = re.compile(r"[$@A-Za-z]{0,2}(?P<quote>[\"'`])")
_ESCAPED = re.compile(r"\\.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text with LF line ends. `closer_of` is empty if its brackets do not agree."""

    path: Path
    language: str
    text: str
    mask: str
    lines: tuple[tuple[int, int], ...]
    closer_of: Mapping[int, int]
    opener_at: tuple[int, ...]

    def line(self, number: int) -> str:
        """Return a line without its end."""
        start, end = self.lines[number]
        return self.text[start:end]

    def number(self, offset: int) -> int:
        """Return the line in which a place is."""
        return bisect.bisect_right(self.lines, (offset, len(self.text) + 1)) - 1

    def is_code(self, number: int) -> bool:
        """Tell whether a line begins and ends outside of strings and comments, and holds words."""
        start, end = self.lines[number]
        if UNSURE in self.mask[start:end] or not self.text[start:end].strip():
            return False
        first = start + len(indentation(self.text[start:end]))
        ends = self.mask[end - 1] in CODE + STRING and self.mask[end : end + 1] in ("", CODE)
        return self.mask[start:first] in ("", CODE * (first - start)) and ends

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield where words, operators and brackets are; a string is one piece."""
        piece = _HYPHENATED_PIECE if self.language in _HYPHENATED else _PIECE
        place = start
        while place < end:
            if self.mask[place] == STRING:
                stop = self.run_end(place)
                yield place, min(stop, end)
                place = stop
            elif (found := piece.match(self.text, place, end)) and self.mask[place] == CODE:
                stop = next(
                    (at for at in range(*found.span()) if self.mask[at] != CODE), found.end()
                )
                yield place, stop
                place = stop
            else:
                place += 1

    def run_end(self, place: int) -> int:
        """Return where the characters end that are of one kind with that at a place."""
        kind = self.mask[place]
        while place < len(self.mask) and self.mask[place] == kind:
            place += 1
        return place


def indentation(line: str) -> str:
    """Return the blanks with which a line begins."""
    return line[: len(line) - len(line.lstrip())]


def read(path: Path, language: str, text: str) -> Source | None:
    """Read a text; None if it cannot be told what in it is code."""
    mask = _python_mask(text) if language == "python" else _mask(text, language)
    if mask is None:
        return None
    ends = [*(found.start() for found in re.finditer("\n", text)), len(text)]
    lines = tuple((a + 1, b) for a, b in pairwise([-1, *ends]))
    closer_of, opener_at = _brackets(text, mask, by_line=language == "shellscript")
    return Source(
        path=path,
        language=language,
        text=text,
        mask=mask,
        lines=lines,
        closer_of=closer_of,
        opener_at=opener_at,
    )


def _brackets(text: str, mask: str, *, by_line: bool) -> tuple[Mapping[int, int], tuple[int, ...]]:
    """Return each opener's closer, and for each character the opener around it (-1: none).

    In shells `)` also stands without `(`, so that brackets count there within one line alone.
    """
    closer_of: dict[int, int] = {}
    opener_at: list[int] = []
    opened: list[int] = []
    for place, (character, kind) in enumerate(zip(text, mask, strict=True)):
        if by_line and character == "\n":
            opened.clear()
        opener_at.append(opened[-1] if opened else -1)
        if kind != CODE:
            continue
        if character in OPENERS:
            opened.append(place)
        elif character in CLOSERS:
            if opened and text[opened[-1]] == OPENERS[CLOSERS.index(character)]:
                closer_of[opened.pop()] = place
            elif not by_line:
                return {}, tuple([-1] * (len(text) + 1))
    opener_at.append(-1)
    return ({} if opened and not by_line else closer_of), tuple(opener_at)


@cache
def _lexer(language: str) -> Any:
    try:
        return lexers.get_lexer_by_name(
            _LEXERS.get(language, language), stripnl=False, ensurenl=False
        )
    except ClassNotFound:
        return None


def _mask(text: str, language: str) -> str | None:
    lexer = _lexer(language)
    if lexer is None:
        return CODE * len(text)
    mask: list[str] = []
    for _, kind, value in lexer.get_tokens_unprocessed(text):
        letter = _letter(kind, value)
        line_end = letter == COMMENT and value.endswith("\n")
        mask.append(letter * (len(value) - line_end) + CODE * line_end)
    joined = "".join(mask)
    return _with_whole_strings(text, joined) if len(joined) == len(text) else None


def _with_whole_strings(text: str, mask: str) -> str:
    """Count what is interpolated as part of the string; where that is not sure, say so."""
    kinds = list(mask)
    opened, quote = -1, ""
    for run in re.finditer("s+", mask):
        start, end = run.span()
        bare = _ESCAPED.sub("", text[start:end])
        if opened >= 0 and "\n" in text[opened:start]:
            kinds[opened : text.index("\n", opened)] = UNSURE * (text.index("\n", opened) - opened)
            opened = -1
        if opened >= 0:
            if bare.endswith(quote):
                kinds[opened:end] = STRING * (end - opened)
                opened = -1
            continue
        opening = _QUOTED.match(text, start, end)
        if opening is not None and bare.count(opening["quote"]) % 2:
            opened, quote = start, opening["quote"]
        elif opening is None and bare[-1:] in "\"'`":
            kinds[start:end] = UNSURE * (end - start)
    return "".join(kinds)


def _letter(kind: Any, value: str) -> str:
    if kind in token.Comment.Preproc or kind in token.Comment.Hashbang or kind is token.Error:
        return UNSURE
    if kind in token.Comment.PreprocFile:
        return UNSURE
    if kind in token.Comment or kind in token.String.Doc:
        short = value.startswith(("//", "#", "--", ";")) and "\n" not in value.rstrip("\n")
        return COMMENT if short and not value.startswith("--[") else LONG
    if kind in token.String.Symbol:
        return CODE
    quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    if kind in token.String or quoted:
        return STRING
    return CODE


def _python_mask(text: str) -> str | None:
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    mask = [CODE] * len(text)
    try:
        for each in tokenize.generate_tokens(io.StringIO(text).readline):
            if each.type not in (tokenize.STRING, tokenize.COMMENT):
                continue
            start, end = (starts[line - 1] + column for line, column in (each.start, each.end))
            letter = COMMENT if each.type == tokenize.COMMENT else STRING
            if each.string.endswith(('"""', "'''")):
                letter = LONG
            mask[start:end] = letter * (end - start)
    except (tokenize.TokenError, SyntaxError):
        return None
    return "".join(mask)
