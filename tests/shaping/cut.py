"""Cuts right texts out of real files: `python -m tests.shaping.cut [FILE ...] [--to FOLDER]`.

Each text goes into a case that keeps it: a model that writes exactly what stood there must not be
corrected. Only holes are taken that a programmer would stop at, with the text up to the place where
a programmer would want it to end; the same file always gives the same cases.
"""

import argparse
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.marked import CURSOR
from tests.shaped import SETTINGS
from tests.shaping.cases import CASES
from tests.shaping.holes import KINDS, LINES, PROSE, Hole
from tests.shaping.reading import Source, read_source

SOURCES = Path(__file__).parent / "sources"
LINES_BEFORE, LINES_AFTER = 12, 8
PER_KIND = 1
_MARKS = re.compile(f"[␠⇥⏎␍∎{CURSOR}]")
_SYNTAX = re.compile(r"^(?:=== |--- [a-z]+$)", re.MULTILINE)


def chosen(source: Source, per_kind: int = PER_KIND) -> list[Hole]:
    """Some holes of each kind, by a seed that the file's name gives, in the file's order."""
    per_kind *= 3 if source.language in PROSE else 1  # fewer kinds stand in them
    dice = random.Random(source.name)  # noqa: S311 - nothing secret
    found: dict[tuple[int, int], Hole] = {}
    for kind in KINDS:
        holes = [each for each in kind(source) if (each.start, each.end) not in found]
        for hole in dice.sample(holes, min(per_kind, len(holes))):
            found[hole.start, hole.end] = hole
    return [found[place] for place in sorted(found)]


def cases(source: Source, holes: Iterable[Hole]) -> Iterator[str]:
    """The text of a case for each hole."""
    for hole in holes:
        excerpt, written = excerpt_around(source, hole), source.text[hole.start : hole.end]
        if _MARKS.search(excerpt.replace(CURSOR, "", 1) + written):
            continue
        if _SYNTAX.search(excerpt) or _SYNTAX.search(written):
            continue
        line = source.line_at(hole.start)
        place = f"{source.name}:{line + 1}:{hole.start - source.starts[line] + 1}"
        edit = f"\nedit: {hole.edit}" if hole.edit else ""
        long = hole.several and written.count("\n") >= SETTINGS.max_lines
        most = f"\nmax_lines: {LINES}" if long else ""
        yield (
            f"=== {hole.words} ({place}){edit}{most}\n"
            f"--- document\n{marked(excerpt)}--- written\n{marked(written)}"
        )


def excerpt_around(source: Source, hole: Hole) -> str:
    """The lines around a hole, whole definitions where they are short, with the cursor in it."""
    text, lines = source.text, source.lines
    first = text.count("\n", 0, hole.start)
    last = text.count("\n", 0, hole.end)
    start = max(0, first - LINES_BEFORE)
    heads = [i for i in range(start, first + 1) if source.begins_paragraph(i)]
    top = [i for i in heads if not source.indentation(i)]
    start = (top or heads or [start])[-1 if top else 0]
    while start and source.is_torn(start):
        start -= 1
    end = min(len(lines), last + 1 + LINES_AFTER)
    tops = [i for i in range(last + 2, end) if source.begins_paragraph(i, 0)]
    end = tops[0] if tops else end
    before = text[source.starts[start] : hole.start]
    after = text[hole.end : source.starts[end] if end < len(lines) else len(text)]
    return f"{before}{CURSOR}{after}".rstrip("\n") + "\n"


def marked(text: str) -> str:
    """A text with marks for the blanks and line ends that could not be seen; ends its line."""
    lines = [
        re.sub(r"[ \t]+$", lambda blanks: blanks[0].replace(" ", "␠").replace("\t", "⇥"), line)
        for line in text.split("\n")
    ]
    if not lines[0]:
        lines[0] = "⏎"
    return "\n".join(lines).rstrip("\n") + "\n"


def file_of(path: Path, per_kind: int = PER_KIND) -> str:
    """The text of a file with the cases that are cut out of a source."""
    source = read_source(path)
    head = f"# Cut out of {path.name} by `python -m tests.shaping.cut`: right, and kept as it is."
    texts = cases(source, chosen(source, per_kind))
    written = "\n".join([head, f"language: {source.language}", "rule: keep\n", *texts])
    return written.rstrip("\n") + "\n"


def name_of(path: Path) -> str:
    """What that file is called."""
    return f"{path.name.replace('.', '_').lower()}.txt"


def main() -> None:
    """Writes a file of cases for each source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=sorted(SOURCES.iterdir()))
    parser.add_argument("--to", type=Path, default=CASES / "cut")
    parser.add_argument("--per-kind", type=int, default=PER_KIND)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    for path in options.files:
        written = file_of(path, options.per_kind)
        (options.to / name_of(path)).write_text(written, encoding="utf-8")
        print(f"{path.name}: {written.count('=== ')}")  # noqa: T201 - run by hand


if __name__ == "__main__":
    main()
