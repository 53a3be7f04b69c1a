"""What comes in pairs, brackets and words alike, and whether a text holds both halves. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable

from codestral_ls.model import Snapshot

_QUOTES = "\"'`"
_TERNARY = re.compile(r"(?<!\?)\?(?![.?:])")  # not ?. ?? ?:


def _words(openers: str, closer: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:(?P<close>{closer})|{openers})(?!\w)", re.IGNORECASE)


_BRACKETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\(|(?P<close>\))",
        r"\[|(?P<close>\])",
        r"\{|(?P<close>\})",
        r"<(?![<= -])|(?<![-=])(?P<close>>)(?!=)",  # neither arrows nor comparisons
        r"<(?P<close>/)?(?P<name>[\w.:-]*)(?![^<>]*/>)",
    )
)
_WORDS = (
    _words(
        r"(?:for|while|until)\b[^\n]*?\bdo|"
        r"begin|case|class|def|do|fn|for|function|if|macro|module|struct|try|unless|until|while",
        "end",
    ),
    _words("if", "fi"),
    _words("if", "else"),
    _words("do", "done"),
    _words("case", "esac"),
    _words("repeat", "until"),
    re.compile(r"\b(?P<close>end[_ ]?)?(?P<name>[a-z]+?)(?:n?def)?\b", re.IGNORECASE),  # endX
)
"""What comes in pairs: a match is a closer if it has the group `close`, else an opener. Words have
other meanings as well, so that those only count that stand in lines of the same indentation."""


def is_own_end(text: str, seam: int, snapshot: Snapshot) -> bool:
    """Whether what stands behind the seam closes something that the text opens before it."""
    kept, end = text[:seam], text[seam:]
    if any(quote in end and kept.count(quote) % 2 for quote in _QUOTES):
        return True
    return holds_pair(text, seam, snapshot)


def holds_pair(text: str, seam: int, snapshot: Snapshot) -> bool:
    """The same but for quotes, of which an apostrophe may be one."""
    kept, end = text[:seam], text[seam:]
    if ":" in end and _TERNARY.search(kept):
        return True
    indentation = _indentations(text, snapshot)
    return any(_spans(each, text, seam, lambda _: 0) for each in _BRACKETS) or any(
        _spans(each, text, seam, lambda place: indentation[text.count("\n", 0, place)])
        for each in _WORDS
    )


def _spans(pair: re.Pattern[str], text: str, seam: int, column: Callable[[int], int]) -> bool:
    """Whether one half of a pair stands before the seam and the other one behind it."""
    opened = defaultdict[tuple[str, int], list[int]](list)
    for match in pair.finditer(text):
        halves = match.groupdict()
        places = opened[halves.get("name") or "", column(match.start())]
        if halves["close"] is None:
            places.append(match.start())
        elif places and places.pop() < seam <= match.start():
            return True
    return False


def _indentations(text: str, snapshot: Snapshot) -> list[int]:
    """Of each line of a text, as it would stand in the document."""
    return [_indentation(line) for line in (snapshot.line_head + text).split("\n")]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
