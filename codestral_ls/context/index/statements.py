"""Which lines of a piece of code can be read without those around it. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence

LONGEST = 500
"""Characters of a line that are looked at."""
_STRINGS = r"\"(?!\"\")(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'|`(?:\\.|[^`\\])*`"
_QUOTED = r"|'(?!'')(?:\\.|[^'\\\n])*'"
_SIGNS = r"|(?P<sign>[()\[\]]|\"\"\"|'''|/\*|`)"
_HASHED = re.compile(r"\"{3}.*?\"{3}|'{3}.*?'{3}|#[^\n]*|" + _STRINGS + _QUOTED + _SIGNS, re.DOTALL)
_SLASHED = re.compile(r"/\*.*?\*/|//[^\n]*|" + _STRINGS + _QUOTED + _SIGNS, re.DOTALL)
_TICKED = re.compile(r"/\*.*?\*/|//[^\n]*|" + _STRINGS + _SIGNS, re.DOTALL)
"""What is no code, and brackets; in Rust an apostrophe begins a lifetime."""
_TOKENS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("python", "ruby", "shellscript", "elixir", "r"), _HASHED),
    "rust": _TICKED,
}
_NO_COMMENT = re.compile(r"[\"'`]|//")
"""What stands before the first two characters of a comment that are none, as in a path."""
_GOES_ON = re.compile(
    r"\s*(?:[)\]},.?:&|+=]|\*/|\* |(?:elif|else|except|finally|catch|and|or|end|esac|fi|done)\b)"
)
"""What a line begins with that belongs to the one before."""
_IMPORT = re.compile(
    r"[ \t]*(?:from[ \t]+\S+[ \t]+import\b|import\b|export[ \t]+(?:\*|\{[^}]*\}[ \t]*from)"
    r"|(?:pub[ \t]+)?use\b|using\b|package\b|#[ \t]*include\b|require\b)"
    r"(?:[^\n({]*[({][^)}]*[)}])?[^\n]*"
)
_TELLING_CHARS = 3
FEWEST = 3
"""Lines with words beside imports: fewer show nothing."""


def whole_statements(family: str, text: Sequence[str], lines: Mapping[int, str]) -> dict[int, str]:
    """Returns those of neighbouring lines of a text that neither begin nor end within a statement.

    Nor within a comment or a string; none if what is left is only imports.
    """
    rows = sorted(lines)
    if not rows:
        return {}
    first, end = rows[0], rows[-1] + 1
    first = _outside(family, text, first, end)
    first, end = _balanced(_TOKENS.get(family, _SLASHED), text, first, end)
    while first < end and (not text[first].strip() or _GOES_ON.match(text[first][:LONGEST])):
        first += 1
    while first < end and not text[end - 1].strip():
        end -= 1
    code = _IMPORT.sub("", "\n".join(text[first:end]))
    if sum(len(line.strip()) >= _TELLING_CHARS for line in code.split("\n")) < FEWEST:
        return {}
    return {row: text[row] for row in range(first, end)}


def _outside(family: str, text: Sequence[str], first: int, end: int) -> int:
    """The first line that is not within a long string or comment which begins above."""
    above = "\n".join(text[:first])
    if family == "python":
        within = [mark for mark in ('"""', "'''") if above.count(mark) % 2]
    else:
        opening = above.rfind("/*")
        line = above[above.rfind("\n", 0, opening) + 1 : opening]
        is_open = opening > above.rfind("*/") and _NO_COMMENT.search(line) is None
        within = ["*/"] if is_open else []
        if family == "typescript" and _odd_ticks(above):
            within.append("`")
    for mark in within:
        closing = (row for row in range(first, end) if mark in text[row])
        first = max(first, next(closing, end - 1) + 1)
    return first


def _odd_ticks(text: str) -> bool:
    return (text.count("`") - text.count("\\`")) % 2 == 1


def _balanced(
    tokens: re.Pattern[str], text: Sequence[str], first: int, end: int
) -> tuple[int, int]:
    """The lines within which all brackets and strings that are opened are closed."""
    piece = "\n".join(line[:LONGEST] for line in text[first:end])
    row, position = first, 0
    opened: list[int] = []
    for match in tokens.finditer(piece):
        sign = match["sign"] or ""
        row += piece.count("\n", position, match.start())
        position = match.start()
        if sign in _OPENING:
            opened.append(row)
        elif sign in _CLOSING:
            if opened:
                opened.pop()
            else:
                first = row + 1
        elif sign:
            return first, min([row, *opened])
    return first, min([end, *opened])


_OPENING: Collection[str] = frozenset("([")
_CLOSING: Collection[str] = frozenset(")]")
