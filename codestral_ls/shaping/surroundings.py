"""What stands around a cursor, as far as it decides what fits there. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from codestral_ls.lexes import lexis_of
from codestral_ls.lexis import Lexis
from codestral_ls.model import Snapshot
from codestral_ls.shaping.scan import (
    LINE_COMMENT,
    Mark,
    Open,
    Scan,
    inside_at_start,
    match_brackets,
    scan,
)

SCANNED_BEFORE, SCANNED_AFTER = 3000, 1500
"""Characters: nearly a hundred lines, which take 0.2 ms."""
LINES_BELOW = 4
TAB_COLUMNS = 8
"""Where a file mixes tabs and spaces, as the GNU style does; elsewhere any width serves."""
FEWEST_LINES = 2
"""Indented lines of code that must agree before a text is changed for them."""
_INDENTED = re.compile(r"(\t+|  +)(?=[^\s*])")
_INDENTED_LINES = re.compile(r"(?<=\n)(\t+|  +)(?=[^\s*])(?=.*[;{}()=:,]$)", re.MULTILINE)
WIDEST_UNIT = 8
"""Columns: what is indented further lines up with something."""
_CLOSERS_ALONE = re.compile(r"[\s)\]}>\"'`;,:.?!/*-]*")
NOWHERE, BELOW = -2, -1


class Pending(NamedTuple):
    """What is open at the cursor: its closer, and where that stands.

    `at` counts from the cursor within the line's tail, or is `BELOW`, or `NOWHERE`: the document
    lacks it. `column` is the indentation of the line that opened it, and `line_start` tells that
    line from others: what was opened further up has a lower one.
    """

    closer: str
    at: int
    column: int
    line_start: int = 0


def column_of(line: str) -> int:
    """The width of a line's indentation."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    return len(blanks.expandtabs(TAB_COLUMNS)) if "\t" in blanks else len(blanks)


@dataclass(frozen=True)
class Surroundings:
    """A snapshot with what is read out of it, each when it is asked for."""

    snapshot: Snapshot

    @cached_property
    def lexis(self) -> Lexis:
        """The facts of the document's language."""
        return lexis_of(self.snapshot.language)

    @cached_property
    def head(self) -> str:
        """What stands before the cursor in its line."""
        return self.snapshot.line_head

    @cached_property
    def tail(self) -> str:
        """What stands behind the cursor in its line."""
        return self.snapshot.line_tail

    @cached_property
    def column(self) -> int:
        """The indentation of the cursor's line."""
        return column_of(self.head)

    @cached_property
    def tail_closes(self) -> bool:
        """Whether there is nothing but closers and punctuation behind the cursor in its line."""
        return bool(self.tail.strip()) and bool(_CLOSERS_ALONE.fullmatch(self.tail))

    @cached_property
    def above(self) -> str:
        """The nearest line above the cursor that is not blank; empty if there is none."""
        lines = self.snapshot.prefix[: len(self.snapshot.prefix) - len(self.head)].rstrip()
        return lines[lines.rfind("\n") + 1 :]

    @cached_property
    def below(self) -> tuple[str, ...]:
        """The next lines below the cursor's that are not blank, without blanks at their ends."""
        lines = self.snapshot.suffix.split("\n", 4 * LINES_BELOW)[1 : 4 * LINES_BELOW]
        return tuple(line.rstrip() for line in lines if line.strip())[:LINES_BELOW]

    @cached_property
    def unit(self) -> str:
        """What the document indents one level with: a tab, spaces, or empty if that is unclear."""
        if self.lexis.prose:
            return ""
        text, before = self._before
        matches = (_INDENTED.match(text, at) for at in before.fresh)
        found = [each.group() for each in matches if each]
        found += _INDENTED_LINES.findall(self.snapshot.suffix[:SCANNED_AFTER])
        whole = f"\n{self.snapshot.prefix}{self.snapshot.suffix}"
        if len(found) < FEWEST_LINES or ("\n\t" in whole and "\n  " in whole):
            return ""
        if found[0][0] == "\t":
            return "\t"
        narrowest = min(map(len, found))
        return " " * narrowest if narrowest <= WIDEST_UNIT else ""

    @cached_property
    def _before(self) -> tuple[str, Scan]:
        text = self.snapshot.prefix
        if len(text) > SCANNED_BEFORE:
            start = text.find("\n", len(text) - SCANNED_BEFORE) + 1
            text = text[start or len(text) - SCANNED_BEFORE :]
            return text, scan(text, self.lexis, inside_at_start(text, self.lexis))
        return text, scan(text, self.lexis)

    @property
    def inside(self) -> str:
        """What the string or comment ends with that the cursor is in; empty in code."""
        return self._before[1].inside

    @property
    def in_comment(self) -> bool:
        """Whether the cursor is in a comment."""
        return bool(self.inside) and self.inside[0] not in "\"'`"

    @property
    def in_line_comment(self) -> bool:
        """Whether the cursor is in a comment that ends with its line."""
        return self.inside == LINE_COMMENT

    @property
    def in_string(self) -> bool:
        """Whether the cursor is in a string."""
        return bool(self.inside) and not self.in_comment

    @cached_property
    def opens_block(self) -> bool:
        """Whether the cursor's line opens a block, or a long string, with what stands in it."""
        code = self.head.rstrip()
        if self.inside:
            text, before = self._before
            opened_here = before.since >= len(text) - len(self.head)
            return opened_here and len(self.inside) > 1 and code.endswith(self.inside)
        return bool(code) and self.is_opener(code)

    def is_opener(self, line: str) -> bool:
        """Whether a line of code opens a block."""
        return bool(self.lexis.opens.search(line.rstrip()))

    def prepare(self) -> None:
        """Reads ahead what every text is compared with."""
        len(self.pending)

    def scan_behind(self, text: str) -> Scan:
        """Scans what stands behind the cursor, whose string may end in its line or be broken."""
        scanned = scan(text, self.lexis, self.inside)
        if len(self.inside) == 1 and self.in_string:
            ends = scanned.marks[0].at if scanned.marks else len(text)
            if text.find("\n", 0, ends) >= 0 or not scanned.marks:
                return scan(text, self.lexis)
        return scanned

    @cached_property
    def pending(self) -> tuple[Pending, ...]:
        """The brackets and strings that are open at the cursor, the innermost first."""
        text, before = self._before
        opened: list[Open] = []
        match_brackets(before.marks, opened)
        if before.inside and before.inside != LINE_COMMENT:
            since = max(before.since, 0)
            opened.append(Open(before.inside, since, text.rfind("\n", 0, since) + 1))
        after = self.snapshot.suffix[:SCANNED_AFTER]
        marks = self.scan_behind(after).marks
        closers = match_brackets(marks, [])[::-1]
        left = Counter(each.closer for each in opened)
        beyond, line_start = len(self.snapshot.suffix) > SCANNED_AFTER, len(text) - len(self.head)
        pending: list[Pending] = []
        for each in reversed(opened):
            column = column_of(text[each.line_start : each.line_start + 200])
            while closers and not left[closers[-1].char]:
                closers.pop()  # closes what the text is to open
            left[each.closer] -= 1
            at = self._place(each.closer, column, closers, after)
            if at != NOWHERE:
                closers.pop()
            elif each.closer == "}" and each.at < line_start and beyond and not closers:
                at = BELOW  # too far to see: only blocks are as long as that
            pending.append(Pending(each.closer, at, column, each.line_start))
        return tuple(_lacking_first(pending))

    def _place(self, closer: str, column: int, closers: list[Mark], after: str) -> int:
        """Where the closer stands of what was opened in a line of that indentation."""
        if not closers or closers[-1].char != closer:
            return NOWHERE
        found = closers[-1]
        if found.at < len(self.tail):
            return found.at
        line = after[found.line_start : found.at]
        # One in a line to the left closes something that was opened there, further out.
        return BELOW if column_of(line) >= column else NOWHERE


def _lacking_first(pending: list[Pending]) -> Iterator[Pending]:
    """Of several that the same closer could close, the innermost lack theirs."""
    for _, alike in groupby(pending, lambda each: (each.closer, each.column, each.at < 0)):
        yield from sorted(alike, key=lambda each: each.at == BELOW)


@lru_cache(maxsize=128)
def look_around(snapshot: Snapshot) -> Surroundings:
    """The surroundings of a snapshot; those of the last few are kept, for they are asked often."""
    return Surroundings(snapshot)
