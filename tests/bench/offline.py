"""Measure the offline matchers on holes in real packages; run by hand.

    python -m tests.bench.offline [FOLDER ...]

A hole is the rest of a line from the start of a word ("words"), from any column ("columns"), from
the end of the line ("ends": whatever is shown is wrong), or the block that begins at an indented
empty line ("blocks"). The document is what stands around the hole; drawn upon is the rest of the
folder without the hole's file. Exact means equal but for trailing blanks; a run of lines is exact
if the block begins with it. "By hand" is what is shown when the user asks. Times are the CPU's,
of a keystroke in a line of a document that was asked about before; "first" is where it was not.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from codestral_ls.context.matching.matcher import ENOUGH_BY_HAND, ENOUGH_TYPING, Matcher
from codestral_ls.model import Prompt
from tests.bench.offline_holes import CUTS, FOLDERS, Cut, File, holes, matcher_of, read_files

HOLES = 150


@dataclass
class Score:
    """How often something was shown, how often it was right, and what it took."""

    shown: int = 0
    exact: int = 0
    lines: int = 0
    by_hand: int = 0
    exact_by_hand: int = 0
    first: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __iadd__(self, other: "Score") -> Self:
        self.shown += other.shown
        self.exact += other.exact
        self.lines += other.lines
        self.by_hand += other.by_hand
        self.exact_by_hand += other.exact_by_hand
        self.first += other.first
        self.seconds += other.seconds
        return self

    def row(self, name: str, chars: int = 0) -> str:
        """Return a line of the report."""
        asked = len(self.seconds)
        shown, exact = self.shown / asked, self.exact / max(1, self.shown)
        by_hand, hand_exact = self.by_hand / asked, self.exact_by_hand / max(1, self.by_hand)
        p50, p95 = (1000 * sorted(self.seconds)[int(asked * share)] for share in (0.50, 0.95))
        first = 1000 * sorted(self.first)[int(asked * 0.95)]
        return (
            f"{name[:27]:28}{chars:10,}{asked:7}{shown:7.0%}{exact:7.0%}"
            f"{self.lines / max(1, self.shown):7.2f}{by_hand:9.0%}{hand_exact:7.0%}"
            f"{p50:8.1f}{p95:8.1f}{first:8.1f}"
        )


def measure(matcher: Matcher, files: Sequence[File], cut: Cut) -> Score:
    """Ask for all holes of a folder."""
    score = Score()
    for prompt, wanted in holes(files, cut, HOLES):
        begun = time.process_time()
        matcher.propose(at_line_start(prompt))
        asked = time.process_time()
        proposal = matcher.propose(prompt, enough=ENOUGH_BY_HAND)
        score.first.append(asked - begun)
        score.seconds.append(time.process_time() - asked)
        if proposal is None:
            continue
        text = "\n".join(line.rstrip() for line in wanted.split("\n"))
        is_exact = f"{text}\n".startswith(f"{proposal.text}\n")
        is_shown = proposal.confidence >= ENOUGH_TYPING
        score += Score(
            shown=is_shown,
            exact=is_shown and is_exact,
            lines=(proposal.text.count("\n") + 1) * is_shown,
            by_hand=1,
            exact_by_hand=is_exact,
        )
    return score


def at_line_start(prompt: Prompt) -> Prompt:
    """Return what was asked some keystrokes before."""
    return replace(prompt, prefix=prompt.prefix[: prompt.prefix.rfind("\n") + 1])


def main(folders: Sequence[Path]) -> None:
    """Print one line for each kind of hole and folder."""
    header = f"{'':28}{'chars':>10}{'holes':>7}{'shown':>7}{'exact':>7}{'lines':>7}{'by hand':>9}"
    print(f"{header}{'exact':>7}{'p50 ms':>8}{'p95':>8}{'first':>8}")
    totals = {name: Score() for name in CUTS}
    for folder in folders:
        files = read_files(folder)
        if not files:
            continue
        matcher = matcher_of(files)
        for name, cut in CUTS.items():
            score = measure(matcher, files, cut)
            print(score.row(f"{name} {folder.name}", matcher.chars), flush=True)
            totals[name] += score
    print()
    for name, total in totals.items():
        print(total.row(f"{name} ALL"))


if __name__ == "__main__":
    main([Path(name).absolute() for name in sys.argv[1:]] or FOLDERS)
