"""Reading what a model writes, line by line, and where it stops making sense. Pure.

What ends a text here is no matter of taste: it has come to what stands below, closes what others
close, repeats itself, or is not the document's any more. Each end is named for the trace.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from codestral_ls.shaping.pairs import is_own_end
from codestral_ls.shaping.scan import Mark, Open, match_brackets, scan
from codestral_ls.shaping.surroundings import BELOW, NOWHERE, Pending, Surroundings, column_of

ALIKE_LINES, ALIKE_ROWS = 4, 6
"""A line so many times in a row is a loop; three times are found in sources, four hardly ever, but
for rows of data and tags, which are short or without a word."""
ALIKE_BLOCKS, LONGEST_BLOCK = 3, 6
"""Times, and lines, of what comes again as several lines."""
ALIKE_WORDS, LONGEST_UNIT, SHORTEST_LOOP = 16, 40, 32
"""Times, and characters, of what comes again within a line: nine `%s` in a query are meant."""
_SAYS_SOMETHING = re.compile(r"(?=.{12})\s*[^<]*[A-Za-z]{3}")

_MARKER = re.compile(
    r"<\|[a-z_]+\|>|<\uff5c[^\uff5c\n]{1,30}\uff5c>|</?fim_[a-z]+>|<fim-[a-z]+>|(?:^\s*|(?<=\S))\[(?:PREFIX|SUFFIX|MIDDLE)\]"
    r"|<(?:PRE|SUF|MID|EOT|EOS)>|</s>|^\+{5} \S"
)
_STRUCK = re.compile(r"<s\b")
_FENCE = re.compile(r"\s{0,3}```")
_BRACKETS_ALONE = re.compile(r"[\s()\[\]{}<>;,]*")


class Line(NamedTuple):
    """A generated line as it would stand in the document.

    `depth` and `depth_after` count the brackets that the text has opened itself, `closed_after`
    those around the cursor that it has closed; `inside` and `inside_after` say whether it begins
    and ends in a string or comment.
    """

    start: int
    text: str
    column: int
    inside: bool
    inside_after: bool
    depth: int
    depth_after: int
    closed_after: int
    code: str

    @property
    def blank(self) -> bool:
        """Whether there is nothing to see."""
        return not self.text.strip()


@dataclass(slots=True, kw_only=True)
class Reading:
    """A text as it comes in; `ended_by` names what ended it, with the text cut there."""

    around: Surroundings
    lines: list[Line] = field(default_factory=list)
    ended_by: str = ""
    _closed: int = 0
    _pending: list[Pending] = field(default_factory=list)
    _kept: str = ""
    _inside: str = ""
    _own_inside: bool = False
    _opened: list[Open] = field(default_factory=list)
    _seen: list[tuple[str, int]] = field(default_factory=list)
    _runs: list[int] = field(default_factory=lambda: [0] * (LONGEST_BLOCK + 1))
    _reached: int = -1
    _matched: int = 0

    @property
    def text(self) -> str:
        """What has been read and is not beyond the end."""
        return self._kept

    def finish(self, text: str) -> None:
        """Takes the last line, which no line end follows."""
        if not self.ended_by:
            self._end_in_suffix(text)
            self.take(text, "")

    def take(self, text: str, end: str = "\n") -> None:
        """Takes the next line, unless the text has ended."""
        if self.ended_by:
            return
        if not self.lines and not self._kept:
            self._inside, self._pending = self.around.inside, list(self.around.pending)
        start = len(self._kept)
        standing = text if self.lines else self.around.head + text
        marker = self._foreign(standing, text)
        if marker >= 0:
            self.ended_by, text = "without_markers", text[:marker]
        line, bad = self._scan(text, standing, start)
        if bad is not None and self._stands_below(standing):
            self.ended_by, text = "until_suffix", ""
            line = line._replace(text=text, code="")
        elif bad is not None:
            self.ended_by, text = "until_unopened_closer", text[: bad.at]
            line = line._replace(text=text, code=line.code[: bad.at].rstrip())
        if self.ended_by and line.blank:
            self._kept = self._kept.rstrip("\n")
            return
        self.lines.append(line)
        self._kept += text if self.ended_by else text + end
        if standing.strip() and not self.ended_by:
            self._seen.append((standing.rstrip(), start))
            self._end_repetition()
            self._end_at_suffix(line)

    def _stands_below(self, standing: str) -> bool:
        """Whether a line is the next one of the document, and says something."""
        below, own = self.around.below, bool(self.lines) or not self.around.head.strip()
        again = own and bool(below) and standing.strip() == below[0].strip()
        return again and any(each.isalnum() for each in standing)

    def _foreign(self, standing: str, text: str) -> int:
        """Where in a line something begins that is not the document's; -1 if nowhere."""
        found = _MARKER.search(text) if "<" in text or "[" in text or text[:1] == "+" else None
        if found is not None and not self._is_at_home(found.group().strip(), text[: found.start()]):
            return found.start()
        lexis = self.around.lexis
        fenced = not lexis.prose and not self._inside and _FENCE.match(standing)
        return 0 if fenced and "```" not in self.around.above else -1

    def _is_at_home(self, marker: str, text: str) -> bool:
        """Whether a marker is no foreign one: in a string, or in a document about such."""
        prefix = self.around.snapshot.prefix
        if marker == "</s>" and _STRUCK.search(prefix + text):
            return True
        return marker[:2] in prefix or bool(scan(text, self.around.lexis, self._inside).inside)

    def _scan(self, text: str, standing: str, start: int) -> tuple[Line, Mark | None]:
        """Reads a line; with it the first closer of something that is closed elsewhere."""
        inside, depth = self._inside, len(self._opened)
        scanned = scan(text + "\n", self.around.lexis, inside)
        bad, marks = None, scanned.marks
        if self._own_inside and marks and marks[0].char == inside:
            marks = marks[1:]  # the end of a string that the text has begun
        opened: list[Open] = []
        closers = match_brackets(match_brackets(marks, opened), self._opened)
        if self.lines or not self.around.tail.strip():
            bad = self._first_bad(text, closers, opened)
        else:
            del self._pending[: len(closers)]  # judged together with the tail
        self._closed += len(closers)
        self._opened += opened
        self._inside = scanned.inside
        self._own_inside = bool(self._inside) and (self._own_inside or scanned.since >= 0)
        comment = next((at for at in scanned.comments if at < len(text)), len(text))
        line = Line(
            start=start,
            text=text,
            column=column_of(standing),
            inside=bool(inside),
            inside_after=bool(self._inside),
            depth=depth,
            depth_after=len(self._opened),
            closed_after=self._closed,
            code=text[:comment].rstrip(),
        )
        return line, bad

    def _says_again(self, text: str, mark: Mark) -> bool:
        """Whether a closing line is the one before once more: two cannot be right at one level."""
        return bool(self.lines) and self.lines[-1].text == text and not text[: mark.at].strip()

    def _first_bad(self, text: str, closers: list[Mark], opened: list[Open]) -> Mark | None:
        """The first of a line's closers that closes what is closed elsewhere.

        What the line opens again may take its place: `} else {` leaves as many open as before.
        """
        again: list[Pending] = []
        for mark in closers:
            here = self._pending.pop(0) if self._pending else Pending("", BELOW, 0)
            owed = here.closer == mark.char and here.at == NOWHERE
            ours = here.closer == mark.char and here.at >= 0 and self.around.tail_closes
            if (owed or ours) and not self._says_again(text, mark):
                continue
            for each in reversed(opened):
                if each.closer == mark.char == here.closer:
                    opened.remove(each)
                    again.insert(0, here)
                    break
            else:
                return mark
        self._pending[:0] = again
        return None

    def _end_repetition(self) -> None:
        """Ends the text behind the first of several lines or blocks that come again and again."""
        seen, standing = self._seen, self._seen[-1][0]
        before = seen[-1 - LONGEST_BLOCK : -1]
        alike = any(each == standing for each, _ in before)
        if not alike:
            self._runs = [0] * (LONGEST_BLOCK + 1)
        for period in range(1, len(before) + 1 if alike else 1):
            self._runs[period] = self._runs[period] + 1 if before[-period][0] == standing else 0
            rows = ALIKE_LINES if _SAYS_SOMETHING.match(standing) else ALIKE_ROWS
            times = rows if period == 1 else ALIKE_BLOCKS
            if self._runs[period] >= period * (times - 1):
                self._cut_before(seen[-self._runs[period]][1], "until_repetition")
                return
        last = self.lines[-1].text.rstrip()
        unit = _unit_of_loop(last) if len(last) >= SHORTEST_LOOP else 0
        if unit:
            self._cut_before(
                self.lines[-1].start + _start_of_loop(last, unit) + unit, "until_repetition"
            )
            self._kept = self._kept.rstrip(" ,;|&")

    def _end_at_suffix(self, line: Line) -> None:
        """Ends the text where the lines begin that stand below the cursor."""
        below = self.around.below
        continues = not line.start and bool(self.around.head.strip())
        if self.ended_by or not below or continues:
            return
        standing, opened = self._seen[-1][0], bool(line.depth or line.inside)
        if self._reached >= 0:
            again = below[self._matched] if self._matched < len(below) else standing
            if standing == again or (not opened and standing.strip() == again.strip()):
                self._matched += 1
                if not _BRACKETS_ALONE.fullmatch(standing) or self._matched > len(below):
                    self._cut_before(self._reached, "until_suffix")
                return
            self._reached = -1
        if standing != below[0] and (opened or standing.strip() != below[0].strip()):
            return
        if _BRACKETS_ALONE.fullmatch(standing):
            return
        if not opened and is_own_end(self._kept.rstrip("\n"), line.start, self.around.snapshot):
            return
        self._reached, self._matched = line.start, 1

    def _end_in_suffix(self, partial: str) -> None:
        """Ends the text if its last line is the head of one below, behind the one above that."""
        below = self.around.below
        begun = partial.strip() and self._matched < len(below)
        goes_on = begun and below[self._matched].startswith(partial)
        if self._reached >= 0 and (goes_on or self._matched > 1):
            self._cut_before(self._reached, "until_suffix")

    def _cut_before(self, at: int, rule: str) -> None:
        self.ended_by = rule
        self._kept = self._kept[:at].rstrip("\n")
        while self.lines and self.lines[-1].start >= max(at, 1):
            self.lines.pop()
        if not self._kept:
            self.lines.clear()


def _unit_of_loop(line: str) -> int:
    """The length of what a line ends with many times over; 0 if there is no such thing."""
    last = line[-1]
    for size in range(2, min(LONGEST_UNIT, len(line) // ALIKE_WORDS) + 1):
        if line[-1 - size] != last:
            continue
        unit = line[-size:]
        if line.endswith(unit * ALIKE_WORDS) and any(each.isalpha() for each in unit):
            return size if len(set(unit)) > 1 else 0
    return 0


def _start_of_loop(line: str, unit: int) -> int:
    at = len(line) - unit
    while at > 0 and line[at - 1] == line[at - 1 + unit]:
        at -= 1
    return at


def read(text: str, around: Surroundings, *, finished: bool) -> Reading:
    """Reads a text as a whole."""
    reading = Reading(around=around)
    *lines, last = text.split("\n")
    for line in lines:
        reading.take(line)
    if finished:
        reading.finish(last)
    return reading
