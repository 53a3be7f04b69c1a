"""Is what is shown for a text what ought to stand there?"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from codestral_ls.lsp.documents import Document
from codestral_ls.model import Budget, Position, Snapshot
from codestral_ls.settings import Settings
from tests.bench.holes.variants import Case
from tests.shaped import Shown, show

BUDGET = Budget(prefix_chars=6000, suffix_chars=2000)
LINES_SHOWN, LONGEST_PIECE = 6, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one text. `usual` is what the default settings show of a clean one."""

    path: str
    line: int
    language: str
    kind: str
    variant: str
    before: str
    after: str
    middle: str
    blank_inside: bool
    written: str
    shown: str
    replaces: int
    rules: tuple[str, ...]
    reason: str
    right: bool
    usual: str = ""
    usual_right: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def judge(case: Case, language: str, path: str, settings: Settings, seed: int) -> Verdict:
    """Show a text, and compare the document that comes about with the true one."""
    there = snapshot(case, language)
    pieces = split(case.written, seed)
    shown = show(case.written, there, settings=settings, pieces=pieces)
    usual, usual_right = Shown(), True
    if case.variant == "clean":
        default = Settings(debounce_ms=0, languages=("*",))
        usual = show(case.written, there, settings=default, pieces=pieces)
        usual_right = is_right(usual, case) or is_cut_at_line_end(usual, case)
    return Verdict(
        path=path,
        line=case.line,
        language=language,
        kind=case.kind,
        variant=case.variant,
        before="\n".join(case.prefix.split("\n")[-LINES_SHOWN:]),
        after="\n".join(case.suffix.split("\n", 4)[:4]),
        middle=case.middle,
        blank_inside="\n\n" in case.middle.strip(),
        written=case.written,
        shown=shown.text,
        replaces=shown.replaces,
        rules=shown.rules,
        reason=shown.reason,
        right=is_right(shown, case),
        usual=usual.text,
        usual_right=usual_right,
    )


def snapshot(case: Case, language: str) -> Snapshot:
    """Return what an engine sees around a hole."""
    document = Document(f"file:///w/sample.{language}", language, case.prefix + case.suffix)
    head = case.prefix.rpartition("\n")[2]
    cursor = Position(line=case.prefix.count("\n"), character=len(head))
    return document.snapshot(cursor, BUDGET)


def split(text: str, seed: int) -> Sequence[str]:
    """Return a text in pieces as long as tokens are."""
    chance = random.Random(f"{seed} {len(text)} {text[:40]}")  # noqa: S311 - the same each time
    pieces: list[str] = []
    place = 0
    while place < len(text):
        size = chance.randint(1, LONGEST_PIECE)
        pieces.append(text[place : place + size])
        place += size
    return pieces


def is_right(shown: Shown, case: Case) -> bool:
    """Whether the document is the true one; blanks at the end of a line do not count."""
    if not shown.text:
        return False
    got = _settled(shown.text, case.suffix[shown.replaces :])
    return got == _settled(case.middle, case.suffix)


def _settled(text: str, after: str) -> str:
    tail, _, _ = after.partition("\n")
    return text + after if tail.strip() else text.rstrip() + after[len(tail) :]


def is_cut_at_line_end(shown: Shown, case: Case) -> bool:
    """Whether whole lines of the middle are shown where nothing follows in the line."""
    text = shown.text.rstrip()
    tail = case.suffix.partition("\n")[0]
    rest = case.middle[len(text) :]
    whole = case.middle.startswith(text) and rest.lstrip(" ").startswith("\n")
    return bool(text) and whole and not tail.strip() and not shown.replaces
