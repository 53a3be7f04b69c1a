"""Measure the offline provider on holes in real packages; run by hand.

    python tests/bench/offline.py [FOLDER ...]

A hole is the rest of a line from the start of a word ("words"), from any column ("columns"), from
the end of the line ("ends": whatever is shown is wrong), or the block that begins at an indented
empty line ("blocks"). The document is what stands around the hole; the corpus is the rest of the
folder without the hole's file. Exact means equal but for trailing blanks; a run of lines is exact
if the block begins with it.
"""

import asyncio
import random
import re
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from codestral_ls.context.corpus import Corpus
from codestral_ls.context.workspace import Limits
from codestral_ls.fim.offline import BUDGET, propose
from codestral_ls.model import Parameters, Prompt, SourceText

HOLES = 150
PURE = Path(sysconfig.get_path("purelib"))
STANDARD = Path(sysconfig.get_path("stdlib"))
FOLDERS = (
    *(PURE / name for name in ("anyio", "httpx", "hypothesis", "jsonschema", "mypy", "pip")),
    *(PURE / name for name in ("pydantic", "pygls", "pygments", "setuptools")),
    *(STANDARD / name for name in ("asyncio", "email", "idlelib", "importlib", "unittest")),
)

Span = tuple[int, int]
Cut = Callable[[Sequence[str], int, random.Random], Span | None]


def words(lines: Sequence[str], number: int, chance: random.Random) -> Span | None:
    """Take out the rest of a line from the start of a word."""
    starts = [word.start() for word in re.finditer(r"\b\w", lines[number])]
    return (chance.choice(starts), number) if starts else None


def columns(lines: Sequence[str], number: int, chance: random.Random) -> Span | None:
    """Take out the rest of a line from any column."""
    starts = [character.start() for character in re.finditer(r"\S", lines[number])]
    return (chance.choice(starts), number) if starts else None


def ends(lines: Sequence[str], number: int, _: random.Random) -> Span | None:
    """Take out nothing, at the end of a line."""
    return (len(lines[number].rstrip()), number) if lines[number].strip() else None


def blocks(lines: Sequence[str], number: int, _: random.Random) -> Span | None:
    """Take out the lines from an indentation to the next blank line or dedent."""
    indent = re.match(r"\s*", lines[number])
    if indent is None or not lines[number].strip():
        return None
    last = number
    while last + 1 < len(lines) and re.match(re.escape(indent[0]) + r"\s*\S", lines[last + 1]):
        last += 1
    return indent.end(), last


def holes(files: Sequence[SourceText], cut: Cut) -> Iterator[tuple[Prompt, str]]:
    """Yield holes and what was in them: the same ones in each run, more of them in long files."""
    chance = random.Random(1)  # noqa: S311 - the same holes each time
    sizes = [len(file.text) for file in files]
    made = 0
    while made < HOLES:
        file = chance.choices(files, sizes)[0]
        lines = file.text.split("\n")
        number = chance.randrange(len(lines))
        span = cut(lines, number, chance)
        if span is None:
            continue
        made += 1
        start = sum(len(line) + 1 for line in lines[:number]) + span[0]
        end = sum(len(line) + 1 for line in lines[: span[1] + 1]) - 1
        prompt = Prompt(
            uri=file.uri,
            language="python",
            prefix=file.text[max(0, start - BUDGET.prefix_chars) : start],
            suffix=file.text[end : end + BUDGET.suffix_chars],
            parameters=Parameters(max_tokens=64, temperature=0.0),
        )
        yield prompt, file.text[start:end]


@dataclass
class Score:
    """How often something was shown, how often it was right, and what it took."""

    shown: int = 0
    exact: int = 0
    lines: int = 0
    seconds: list[float] = field(default_factory=list)

    def __iadd__(self, other: "Score") -> Self:
        self.shown += other.shown
        self.exact += other.exact
        self.lines += other.lines
        self.seconds += other.seconds
        return self

    def row(self, name: str, chars: int = 0) -> str:
        """Return a line of the report."""
        asked = len(self.seconds)
        taken = sorted(self.seconds)
        p50, p95 = (1000 * taken[int(asked * share)] for share in (0.50, 0.95))
        shown, exact = self.shown / asked, self.exact / max(1, self.shown)
        lines = self.lines / max(1, self.shown)
        return (
            f"{name:22}{chars:10,}{asked:7}{shown:7.0%}{exact:7.0%}{lines:7.2f}{p50:8.1f}{p95:8.1f}"
        )


def measure(corpus: Corpus, folder: Path, cut: Cut) -> tuple[Score, int]:
    """Ask for all holes of a folder; return with the score how many characters there are."""
    score = Score()
    files = [file for file in corpus.texts(f"{folder.as_uri()}/none.py") if file.text.strip()]
    for prompt, wanted in holes(files, cut):
        begun = time.perf_counter()
        proposal = propose(prompt, corpus.texts(prompt.uri))
        score.seconds.append(time.perf_counter() - begun)
        if proposal is None:
            continue
        score.shown += 1
        text = "\n".join(line.rstrip() for line in wanted.split("\n"))
        score.exact += f"{text}\n".startswith(f"{proposal.text}\n")
        score.lines += proposal.text.count("\n") + 1
    return score, sum(len(file.text) for file in files)


async def main(folders: Sequence[Path]) -> None:
    """Print one line for each kind of hole and folder."""
    header = f"{'':22}{'chars':>10}{'holes':>7}{'shown':>7}{'exact':>7}{'lines':>7}{'p50 ms':>8}"
    print(f"{header}{'p95 ms':>8}")
    for cut in (words, columns, ends, blocks):
        total = Score()
        for folder in folders:
            corpus = Corpus(tuple, limits=Limits(seconds=60))
            await corpus.load([folder])
            score, chars = measure(corpus, folder, cut)
            print(score.row(f"{cut.__name__} {folder.name}", chars))
            total += score
        print(total.row(f"{cut.__name__} ALL"), end="\n\n")


if __name__ == "__main__":
    asyncio.run(main([Path(name).absolute() for name in sys.argv[1:]] or FOLDERS))
