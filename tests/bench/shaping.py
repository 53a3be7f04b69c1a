"""Measure whether shaping leaves right text alone and cuts wrong text exactly; run by hand.

    python -m tests.bench.shaping [--root DIR ...] [--language ID ...] [--holes N] [--failures K]

Holes are cut where somebody would stand in real sources (`tests/bench/holes`). Of each hole's true
middle four texts are made: the middle itself ("clean"), with the next lines of the document behind
it ("overrun"), with its last line again and again ("repeat"), and with another function behind it
("function"). A text is exact if the document comes out as it was. The last column is clean text
under the default `max_lines`, where whole lines of it are right as well.
"""

import argparse
import json
import multiprocessing
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from codestral_ls.settings import Settings
from tests.bench.holes.choose import choose
from tests.bench.holes.files import sample
from tests.bench.holes.report import damage, failures, table
from tests.bench.holes.timing import timing
from tests.bench.holes.verdicts import Verdict, judge

ROOTS = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")))
LANGUAGES = (
    *("c", "cpp", "csharp", "css", "go", "html", "java", "javascript", "javascriptreact", "json"),
    *("lua", "markdown", "php", "python", "ruby", "rust", "shellscript", "toml", "typescript"),
    *("typescriptreact", "xml", "yaml"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What all of a run has in common."""

    holes: int
    seed: int
    max_lines: int


def measure(job: tuple[str, Sequence[Path]], options: Options) -> list[Verdict]:
    """Return the verdicts on one language."""
    language, paths = job
    settings = Settings(debounce_ms=0, languages=("*",), max_lines=options.max_lines)
    return [
        judge(case, language, str(path), settings, options.seed)
        for path, found in choose(paths, language, options.holes, options.seed)
        for case in found
    ]


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shaping")
    parser.add_argument("--root", type=Path, action="append", help="folder (Python's own)")
    parser.add_argument("--language", action="append", help="language identifier (all)")
    parser.add_argument("--holes", type=int, default=300, help="for each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--max-lines", type=int, default=10)
    parser.add_argument("--failures", type=int, default=0, help="examples for each cell to print")
    parser.add_argument("--json", type=Path, help="file for all verdicts")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    asked = parsed(arguments)
    options = Options(holes=asked.holes, seed=asked.seed, max_lines=asked.max_lines)
    roots = [root.absolute() for root in asked.root or ROOTS]
    jobs = list(sample(roots, asked.language or LANGUAGES, asked.seed).items())
    with multiprocessing.Pool(asked.jobs) as pool:
        by_language = pool.map(partial(measure, options=options), jobs, chunksize=1)
    verdicts = [verdict for group in by_language for verdict in group]
    if asked.failures:
        print(failures(verdicts, asked.failures), end="\n\n")
    print(table(verdicts), damage(verdicts), timing(), sep="\n\n")
    if asked.json:
        asked.json.write_text(json.dumps([each.as_json() for each in verdicts], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
