"""The definitions in a text by what its lines look like: no grammar is needed. Pure.

What belongs to what is told by indentation.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from codestral_ls.context.index.line_patterns import (
    ALIASES,
    DASHED,
    OTHERS,
    PATTERNS,
    QUERYING,
    WITHOUT,
)
from codestral_ls.context.index.symbols import MOST, Symbol

LONGEST = 1_000_000
"""Characters looked at: what is longer is data."""
_LONG_LINES = re.compile(r"[^\n]{1000,}")
"""Nobody wrote them; and no pattern takes long for a line that is shorter."""
_NAME = r"[^\W\d][\w$]{0,99}"
_QUERYING = rf"{_NAME}[?!=]?"
_DASHED = r"[^\s()\[\]{}\"'`;,:=&!|<>#.$/\\]{2,100}"
_HOLDERS = {"class", "type", "group", "module"}
_SEE_THROUGH = {"group", "module"}
"""What holds definitions that belong to nothing."""
_TAB = 4
"""Columns: only compared with each other."""


class _Open(NamedTuple):
    """A definition whose inside the next lines may be, and how far its members are indented."""

    indent: int
    kind: str
    name: str
    members: int


class _Line(NamedTuple):
    """A line that looks like a definition."""

    number: int
    indent: int
    kind: str
    names: tuple[str, ...]
    owner: str


def find_by_lines(language: str, text: str) -> tuple[Symbol, ...]:
    """The definitions of a text in the order of their lines, at most `MOST`."""
    if language in WITHOUT:
        return ()
    found: list[Symbol] = []
    stack = [_Open(-1, "group", "", 0)]
    for line in _lines(language, text):
        while stack[-1].indent >= line.indent:
            stack.pop()
        around = stack[-1]
        if around.kind in _HOLDERS and around.members < 0:
            around = stack[-1] = around._replace(members=line.indent)
        if not _counts(line, around, top=len(stack) == 1):
            continue
        holder = line.owner or around.name
        kind = _kind(line.kind, holder)
        if kind != "group":
            found += [Symbol(name, kind, line.number, holder) for name in line.names]
            if len(found) >= MOST:
                break
        if line.kind in {*_HOLDERS, "function", "method"}:
            named = holder if kind in _SEE_THROUGH else line.names[0]
            stack.append(_Open(line.indent, line.kind, named, -1))
    return tuple(found[:MOST])


def _counts(line: _Line, around: _Open, *, top: bool) -> bool:
    """Whether a line defines something that other files can name, where it stands."""
    if around.kind not in _HOLDERS:
        return False
    if line.kind == "variable":
        return line.indent == around.members
    return line.kind not in {"member", "method"} or (not top and line.indent == around.members)


def _kind(kind: str, holder: str) -> str:
    """The kind of a symbol: some have another name in a class."""
    if kind in {"variable", "member"}:
        return "field" if holder else "constant"
    return "method" if kind == "function" and holder else kind


def _lines(language: str, text: str) -> Iterator[_Line]:
    """The lines of a text that look like definitions."""
    text = _LONG_LINES.sub("", text[:LONGEST])
    number = position = 0
    for match in _pattern(ALIASES.get(language, language)).finditer(text):
        number += text.count("\n", position, match.start())
        position = match.start()
        kind, _, index = (match.lastgroup or "").partition("_")
        groups = match.groupdict("")
        yield _Line(
            number=number,
            indent=len(groups["indent"].expandtabs(_TAB)),
            kind=kind,
            names=tuple(re.split(r"[ \t]*,[ \t]*", groups.get(f"n_{index}", ""))),
            owner=groups.get(f"o_{index}", ""),
        )


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """All patterns of a language in one."""
    name = _DASHED if language in DASHED else _QUERYING if language in QUERYING else _NAME
    names = f"{name}(?:[ \\t]*,[ \\t]*{name})*"
    ways: list[str] = []
    for index, (kind, pattern) in enumerate(PATTERNS.get(language, OTHERS)):
        spelled = pattern.replace("NAMES", f"(?P<n_{index}>{names})")
        spelled = spelled.replace("NAME", f"(?P<n_{index}>{name})")
        ways.append(f"(?P<{kind}_{index}>{spelled.replace('OWNER', f'(?P<o_{index}>{_NAME})')})")
    return re.compile(rf"^(?P<indent>[ \t]*)(?:{'|'.join(ways)})", re.MULTILINE)
