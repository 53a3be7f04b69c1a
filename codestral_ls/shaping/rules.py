"""From what the model wrote to what is shown: an ordered tuple of small rules. Pure.

A rule takes the draft's text and the snapshot and returns the text that it would rather show; an
empty one ends the matter. Adding a rule is writing a function and naming it in one of the tuples.
Trimming text that was right costs more than leaving junk: when in doubt, a rule does nothing.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from codestral_ls.model import Snapshot
from codestral_ls.shaping.stops import leaves_open, unmatched

Rule = Callable[[str, Snapshot], str]

_FENCE = re.compile(r"```[\w+-]*\n")
_FENCED_TEXT = {"markdown", "mdx", "pandoc", "quarto", "rmd", "typst"}
_INDENTED_FENCE = re.compile(r"\n[ \t]+```")
_MARKER = re.compile(r"<\|[a-z_]+\|>")
_AT_TOP_LEVEL = re.compile(r"\n+\S")
_DEFINITION = re.compile(r"\n+(?:@|(?:async|class|def)\b)")
_QUOTES = "\"'`"
_CLOSING_LINE = re.compile(r"\s*(?:[)\]}>`]|/>|\"{3}|'{3})\W*")
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
BLANK_LINES_BELOW = 10
"""As many blank lines may stand between the cursor and the lines that a text repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What is shown (nothing, if empty), and the rules that had a part in it."""

    text: str
    applied: tuple[str, ...]


def settle(text: str, snapshot: Snapshot) -> str:
    """Folds the rules that depend only on the text and the place for which it was generated."""
    for rule in SETTLING:
        text = rule(text, snapshot)
    return text


def fit(text: str, snapshot: Snapshot) -> Shaped:
    """Folds the rules that depend on the present document; the last one named emptied the text."""
    applied: list[str] = []
    for rule in FITTING:
        before, text = text, rule(text, snapshot)
        if text != before:
            applied.append(rule.__name__)
        if not text:
            break
    return Shaped(text=text, applied=tuple(applied))


def with_line_feeds(text: str, _snapshot: Snapshot) -> str:
    """LF line ends, as everything has that a text is compared with."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def unfenced(text: str, snapshot: Snapshot) -> str:
    """Drops a Markdown fence around the whole text, which chat-minded models write.

    A fence that begins behind something or ends indented belongs to a documentation comment.
    """
    opening = None if snapshot.language in _FENCED_TEXT else _FENCE.match(text)
    if opening is None or snapshot.line_head:
        return text
    inner, _, _ = text[opening.end() - 1 :].partition("\n```")
    return text if _INDENTED_FENCE.search(inner) else inner[1:]


def without_markers(text: str, snapshot: Snapshot) -> str:
    """Ends the text at a token of the model's own format, unless the document is about them."""
    marker = _MARKER.search(text)
    return text[: marker.start()] if marker and "<|" not in snapshot.prefix else text


def without_extra_space(text: str, snapshot: Snapshot) -> str:
    """Codestral starts with one space too many behind a space at the end of a line.

    In the indentation it may be the one that was missing.
    """
    extra = text.startswith(" ") and not text.startswith("  ")
    head, at_line_end = snapshot.line_head, not snapshot.line_tail.strip()
    return text[1:] if extra and at_line_end and head.strip() and head.endswith(" ") else text


def without_extra_line_end(text: str, snapshot: Snapshot) -> str:
    """Codestral starts with a line end where nothing follows and the blank lines due are there."""
    at_end = not snapshot.suffix.strip()
    due = "\n" * (1 + _blank_lines_due(text, snapshot))
    return text[1:] if text.startswith("\n") and at_end and snapshot.prefix.endswith(due) else text


def _blank_lines_due(text: str, snapshot: Snapshot) -> int:
    """PEP 8 wants two around what is defined at the top level."""
    if snapshot.language != "python":
        return 1
    behind_block = snapshot.prefix.rstrip().rpartition("\n")[2].startswith((" ", "\t"))
    between = behind_block and _AT_TOP_LEVEL.match(text)
    return 2 if between or _DEFINITION.match(text) else 1


def without_tail_twice(text: str, snapshot: Snapshot) -> str:
    """Drops the end of a line that stands behind the cursor already."""
    tail = snapshot.line_tail.rstrip()
    for size in range(min(len(text), len(tail)), 0, -1):
        overlap = tail[:size]
        by_chance = size <= 2 and any(each.isalnum() for each in overlap)  # noqa: PLR2004 - the name says it
        seam = len(text) - size
        if text.endswith(overlap) and not by_chance and not _is_own_end(text, seam, snapshot):
            return text[:seam]
    return text


def _is_own_end(text: str, seam: int, snapshot: Snapshot) -> bool:
    """Whether what stands behind the seam closes something that the text opens before it."""
    kept, end = text[:seam], text[seam:]
    if any(quote in end and kept.count(quote) % 2 for quote in _QUOTES):
        return True
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


def without_lines_below(text: str, snapshot: Snapshot) -> str:
    """Drops last lines that stand below the cursor already."""
    lines = [line.rstrip() for line in text.split("\n")]
    most = len(lines) + BLANK_LINES_BELOW
    following = snapshot.suffix.split("\n", most)[1:most]
    below = [line.rstrip() for line in following if line.strip()]
    lines[0] = snapshot.line_head + lines[0]  # compared as it would stand in the document
    for size in range(min(len(lines), len(below)), 0, -1):
        shared = below[:size]
        if lines[-size:] == shared and _say_something(shared, snapshot):
            kept = "\n".join(text.split("\n")[:-size])
            if not _is_own_end(text, len(kept), snapshot):
                return kept.rstrip()
    return text


def _say_something(lines: list[str], snapshot: Snapshot) -> bool:
    """Whether lines agree for a reason: for their words, or they close what is open above."""
    if any(re.search(r"\w", line) for line in lines):
        return True
    closing = all(_CLOSING_LINE.fullmatch(line) for line in lines)
    return closing and not any(_is_lacking(line, snapshot) for line in lines)


def _is_lacking(line: str, snapshot: Snapshot) -> bool:
    """Whether, in lines indented as this one, more brackets are open above than closed below."""
    above, below = (
        "\n".join(each for each in part.split("\n") if _indentation(each) == _indentation(line))
        for part in (snapshot.prefix, snapshot.suffix)
    )
    return unmatched(above).openers > unmatched(below).closers


def not_left_open(text: str, snapshot: Snapshot) -> str:
    """Nothing rather than a text that ends inside of its own brackets where others close."""
    return "" if leaves_open(text, snapshot) else text


def without_trailing_blanks(text: str, snapshot: Snapshot) -> str:
    """Drops blanks at the end, except a space in front of what follows in the line."""
    return text.rstrip("\n") if snapshot.line_tail.strip() else text.rstrip()


def not_blank(text: str, _snapshot: Snapshot) -> str:
    """Nothing but blanks is nothing."""
    return text if text.strip() else ""


SETTLING: tuple[Rule, ...] = (
    with_line_feeds,
    unfenced,
    without_markers,
    without_extra_space,
    without_extra_line_end,
)
FITTING: tuple[Rule, ...] = (
    without_tail_twice,
    without_lines_below,
    not_left_open,
    without_trailing_blanks,
    not_blank,
)
