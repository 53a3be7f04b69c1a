"""Which bracket and which quote of a source closes which. Pure."""

import re
from functools import cache

_OPENERS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = {"python": "\"'", "rust": '"'}
_COMMENT = {"python": re.compile(r"#[^\n]*")}
_SLASHES = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRIPLE = re.compile(r'"""(?:\\.|.)*?"""|\'\'\'(?:\\.|.)*?\'\'\'', re.DOTALL)


@cache
def closings(text: str, language: str) -> dict[int, int]:
    """Place of an opening bracket or quote -> place of the one that closes it.

    Brackets inside strings and comments have none; neither have strings of several lines.
    """
    comment = _COMMENT.get(language, _SLASHES)
    quotes = _QUOTES.get(language, "\"'`")
    found: dict[int, int] = {}
    waiting: list[int] = []
    at = 0
    while at < len(text):
        character = text[at]
        skipped = comment.match(text, at)
        if skipped is None and language == "python":
            skipped = _TRIPLE.match(text, at)
        if skipped is not None:
            at = skipped.end()
            continue
        if character in quotes:
            end = _string_end(text, at)
            if end is not None:
                found[at] = end
                at = end
        elif character in _OPENERS:
            waiting.append(at)
        elif character in _OPENERS.values() and waiting:
            opened = waiting.pop()
            if _OPENERS[text[opened]] == character:
                found[opened] = at
        at += 1
    return found


def _string_end(text: str, at: int) -> int | None:
    quote = re.escape(text[at])
    match = re.compile(rf"{quote}(?:\\.|(?!{quote})[^\\\n])*{quote}").match(text, at)
    return match.end() - 1 if match else None
