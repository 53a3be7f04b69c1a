"""What is set right in a text before it is kept, from itself and the place it is for. Pure.

The rules concern the beginning of a text, so that they are done once its first lines have come;
behind them it is only read on, see `stops`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from codestral_ls.model import Step
from codestral_ls.shaping.indentation import (
    FEWEST_BLANKS,
    USUAL_UNIT,
    in_unit,
    without_stray_indentation,
)
from codestral_ls.shaping.stops import Reading
from codestral_ls.shaping.surroundings import Surroundings

HEAD_LINES = 4
"""So many lines decide what is set right at the beginning."""
LONGEST_HEAD = 1000
"""Characters of a first line, behind which nothing at its beginning is still to be decided."""
_FENCE = re.compile(r"```[\w+-]*\n")
_AT_TOP_LEVEL = re.compile(r"\n+\S")
_DEFINITION = re.compile(r"\n+(?:@|(?:async|class|def)\b)")
_PATH_COMMENT = re.compile(
    r"(?:#|//|--|;+|%|/\*|<!--)\s*(?:[Ff]ile(?:name)?:?\s+)?(\S+)\s*(?:\*/|-->)?"
)
_BEGUN = re.compile(r"(?<![\w.])(?:[A-Za-z_][\w.]*\.|[A-Za-z_]\w*)$")
_LONGEST_SYLLABLE = 3
"""Letters with which a word may begin like the one that it continues."""
_DOTTED = {"c", "cpp", "csharp", "go", "java", "javascript", "javascriptreact", "python",
           "typescript", "typescriptreact"}  # fmt: skip
"""Languages in which two dots in a row mean nothing."""

Rule = Callable[[str, Surroundings], str]


def unfenced(text: str, around: Surroundings) -> str:
    """Drops a Markdown fence before the text, which chat-minded models write.

    One that begins behind something or in a comment belongs to the documentation.
    """
    opening = None if around.lexis.prose or around.head else _FENCE.match(text)
    return text if opening is None or around.inside else text[opening.end() :]


def without_path_comment(text: str, around: Surroundings) -> str:
    """Drops a first line that only names the file: the heading of a prompt, not of a text."""
    first, line_end, rest = text.partition("\n")
    if around.head or around.inside or not line_end or around.lexis.prose:
        return text
    comment = _PATH_COMMENT.fullmatch(first.strip())
    name = around.snapshot.uri.rpartition("/")[2]
    named = comment is not None and re.split(r"[/\\]", comment[1])[-1] == name
    return rest if named else text


def without_echo(text: str, around: Surroundings) -> str:
    """Drops what the model says again of the line that it was to continue, or of those above."""
    if around.lexis.prose or around.inside:
        return text
    return _without_line_echo(text, around) if around.head.strip() else _without_above(text, around)


def _without_line_echo(text: str, around: Surroundings) -> str:
    head, again = around.head.strip(), text.lstrip()
    if " " in head and again.startswith(head):
        return again[len(head) :].removeprefix(" " if around.head.endswith(" ") else "")
    begun = _BEGUN.search(around.head)
    if begun is None:
        return text
    word = begun.group()
    if word.endswith("."):
        doubled = text[:1] == "." and text[1:2].isalpha() and around.snapshot.language in _DOTTED
        return text[1:] if doubled else text.removeprefix(word)
    longer = len(word) >= _LONGEST_SYLLABLE and re.match(rf"{re.escape(word)}\w", text)
    return text[len(word) :] if longer else text


def _without_above(text: str, around: Surroundings) -> str:
    lines = (around.head + text).split("\n")
    above = "\n" + around.snapshot.prefix[: len(around.snapshot.prefix) - len(around.head)]
    for count in range(HEAD_LINES - 1, 0, -1):
        again = lines[:count] if count > 1 else [around.above]
        there = again == lines[:count] or text.startswith(f"{around.above}\n")
        if len(lines) <= count or not there or not above.endswith("\n".join(["", *again, ""])):
            continue
        says = sum(bool(re.search(r"\w{3}", line)) for line in again)
        if says > 1 or (count == 1 and around.is_opener(around.above)):
            return "\n".join(lines[count:]).removeprefix(around.head)
    return text


def without_extra_space(text: str, around: Surroundings) -> str:
    """Codestral starts with one space too many behind a space at the end of a line.

    In the indentation it may be the one that was missing.
    """
    extra = text.startswith(" ") and not text.startswith("  ")
    head, at_line_end = around.head, not around.tail.strip()
    return text[1:] if extra and at_line_end and head.strip() and head.endswith(" ") else text


def without_extra_line_end(text: str, around: Surroundings) -> str:
    """Codestral starts with a line end where nothing follows and the blank lines due are there."""
    snapshot = around.snapshot
    at_end = not snapshot.suffix.strip()
    due = "\n" * (1 + _blank_lines_due(text, around))
    return text[1:] if text.startswith("\n") and at_end and snapshot.prefix.endswith(due) else text


def _blank_lines_due(text: str, around: Surroundings) -> int:
    """PEP 8 wants two around what is defined at the top level."""
    if around.snapshot.language != "python":
        return 1
    behind_block = around.snapshot.prefix.rstrip().rpartition("\n")[2].startswith((" ", "\t"))
    between = behind_block and _AT_TOP_LEVEL.match(text)
    return 2 if between or _DEFINITION.match(text) else 1


HEAD_RULES: tuple[Rule, ...] = (
    unfenced,
    without_path_comment,
    without_echo,
    without_extra_space,
    without_extra_line_end,
    without_stray_indentation,
)


@dataclass(slots=True, kw_only=True)
class Intake:
    """A text settled while it comes in; `applied` is what was set right, or ended it.

    `_come`, `_dropped`, `_taken` and `_styled` count characters: those of the model, those of them
    that line ends had too many, those handed on to be read, and those that another indentation has
    added to these.
    """

    around: Surroundings
    _raw: str = ""
    _held: str = ""
    _partial: str = ""
    _at_head: bool = True
    _applied: tuple[Step, ...] = ()
    _indented: bool = False
    _in_style: bool = False
    _returns: bool = False
    _dropped: int = 0
    _spaces: int = 0
    _come: int = 0
    _taken: int = 0
    _styled: int = 0
    reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.reading = Reading(around=self.around)

    @property
    def text(self) -> str:
        """What has come and may be shown or kept."""
        return self.reading.text if self.over else self.reading.text + self._partial

    @property
    def over(self) -> bool:
        """Whether nothing that comes still matters."""
        return bool(self.reading.ended_by)

    @property
    def applied(self) -> tuple[Step, ...]:
        """The rules that had a part in the text."""
        steps = list(self._applied)
        whole = self._taken + len(self._partial)
        if self._returns:
            steps.append(Step("with_line_feeds", self._come, self._come - self._dropped))
        if self._indented:
            steps.append(Step("with_document_indentation", whole - self._styled, whole))
        if self.over:
            steps.append(Step(self.reading.ended_by, whole, len(self.reading.text)))
        return tuple(steps)

    def feed(self, piece: str) -> None:
        """Takes in what comes next."""
        self._come += len(piece)
        piece = self._with_line_feeds(piece)
        self._raw += piece
        if "\n" in piece:
            self._take_lines()
        elif self._at_head and "\n" not in self._raw and len(self._raw) < LONGEST_HEAD:
            self._partial, self._applied = set_right(self._raw, self.around)
        else:
            self._partial += piece

    def finish(self) -> None:
        """Nothing more will come."""
        if not self.over:
            self.reading.finish(self._read(self._partial))
            self._partial = ""

    def _with_line_feeds(self, piece: str) -> str:
        """LF line ends, as everything has that a text is compared with; CR and LF may be torn."""
        if "\r" not in piece and not self._held:
            return piece
        piece, self._returns = self._held + piece, True
        self._held = "\r" if piece.endswith("\r") else ""
        feeds = piece.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        self._dropped += len(piece) - len(self._held) - len(feeds)
        return feeds

    def _take_lines(self) -> None:
        text = self._raw
        if self._at_head:
            text, self._applied = set_right(text, self.around)
            self.reading, self._taken, self._styled = Reading(around=self.around), 0, 0
            self._at_head = self._raw.strip().count("\n") < HEAD_LINES
        complete, line_end, self._partial = text.rpartition("\n")
        for line in complete.split("\n") if line_end else ():
            self.reading.take(self._read(line))
            self._taken += 1  # the line end
        if not self._at_head:
            self._raw = self._partial

    def _read(self, line: str) -> str:
        """A line as it is handed on, counted."""
        styled = self._in_document_style(line)
        self._taken += len(styled)
        self._styled += len(styled) - len(line)
        return styled

    def _in_document_style(self, line: str) -> str:
        """A line indented as the document is, unless lines before it were so themselves."""
        first = not self.reading.lines
        if line[:1] not in (" ", "\t") or (first and self.around.head.strip()) or self._in_style:
            return line
        if not self._spaces and line.startswith("  "):
            narrow = line[FEWEST_BLANKS : FEWEST_BLANKS + 1] != " "
            self._spaces = FEWEST_BLANKS if narrow else USUAL_UNIT
        styled = in_unit(line, self.around.unit, self._spaces or USUAL_UNIT)
        self._indented = self._indented or styled != line
        self._in_style = not self._indented and not first and bool(line.strip())
        return styled


def set_right(text: str, around: Surroundings) -> tuple[str, tuple[Step, ...]]:
    """Folds the rules for the beginning of a text, and says what they changed."""
    applied = []
    for rule in HEAD_RULES:
        before, text = text, rule(text, around)
        if text != before:
            applied.append(Step(rule.__name__, len(before), len(text)))
    return text, tuple(applied)
