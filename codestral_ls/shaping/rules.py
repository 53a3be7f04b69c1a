"""From what the model wrote to what is shown: an ordered tuple of small rules. Pure.

A rule takes the draft's text and the snapshot and returns the text that it would rather show; an
empty one ends the matter. Adding a rule is writing a function and naming it in one of the tuples.
Trimming text that was right costs more than leaving junk: when in doubt, a rule does nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from codestral_ls.model import Snapshot

Rule = Callable[[str, Snapshot], str]

_FENCE = re.compile(r"```[\w+-]*\n")
_MARKER = re.compile(r"<\|[a-z_]+\|>")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_QUOTES = "\"'`"
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
    """Drops a Markdown fence around the whole text, which chat-minded models write."""
    opening = None if snapshot.language == "markdown" else _FENCE.match(text)
    return text[opening.end() :].partition("\n```")[0] if opening else text


def without_markers(text: str, snapshot: Snapshot) -> str:
    """Ends the text at a token of the model's own format, unless the document is about them."""
    marker = _MARKER.search(text)
    return text[: marker.start()] if marker and "<|" not in snapshot.prefix else text


def without_extra_space(text: str, snapshot: Snapshot) -> str:
    """Codestral starts with one space too many behind a space at the end of a line."""
    extra = text.startswith(" ") and not text.startswith("  ")
    at_line_end = not snapshot.line_tail.strip()
    return text[1:] if extra and at_line_end and snapshot.prefix.endswith(" ") else text


def without_extra_line_end(text: str, snapshot: Snapshot) -> str:
    """Codestral starts with a line end where nothing follows and an empty line stands already."""
    at_end = not snapshot.suffix.strip()
    return (
        text[1:] if text.startswith("\n") and at_end and snapshot.prefix.endswith("\n\n") else text
    )


def without_tail_twice(text: str, snapshot: Snapshot) -> str:
    """Drops the end of a line that stands behind the cursor already."""
    tail = snapshot.line_tail.rstrip()
    for size in range(min(len(text), len(tail)), 0, -1):
        overlap = tail[:size]
        if text.endswith(overlap) and _is_repeated(text, overlap, snapshot.line_head):
            return text[:-size]
    return text


def _is_repeated(text: str, overlap: str, head: str) -> bool:
    """Whether the overlap belongs to the document and not to the text itself.

    Words count from three characters on. A closing bracket is the document's if the text has not
    opened it, a quote if the text has closed the string that the line began.
    """
    if any(character.isalnum() for character in overlap):
        return len(overlap) > 2  # noqa: PLR2004 - one or two characters agree by chance
    closers = sum(character in _CLOSERS for character in overlap)
    if closers > _unopened_closers(text):
        return False
    quotes = [character for character in overlap if character in _QUOTES]
    return all((head + text).count(quote) % 2 == 0 for quote in quotes)


def _unopened_closers(text: str) -> int:
    """How many closing brackets of a text close something that the text did not open."""
    open_brackets: list[str] = []
    unopened = 0
    for character in text:
        if character in _CLOSERS.values():
            open_brackets.append(character)
        elif character in _CLOSERS:
            if open_brackets and open_brackets[-1] == _CLOSERS[character]:
                open_brackets.pop()
            else:
                unopened += 1
    return unopened


def without_lines_below(text: str, snapshot: Snapshot) -> str:
    """Drops last lines that stand below the cursor already, unless they are all brackets."""
    lines = [line.rstrip() for line in text.split("\n")]
    most = len(lines) + BLANK_LINES_BELOW
    following = snapshot.suffix.split("\n", most)[1:most]
    below = [line.rstrip() for line in following if line.strip()]
    lines[0] = snapshot.line_head + lines[0]  # compared as it would stand in the document
    for size in range(min(len(lines), len(below)), 0, -1):
        shared = below[:size]
        if lines[-size:] == shared and any(re.search(r"\w", line) for line in shared):
            return "\n".join(text.split("\n")[:-size]).rstrip()
    return text


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
    without_trailing_blanks,
    not_blank,
)
