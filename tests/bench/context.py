"""Measure what the index shows of other files, on holes in real packages; run by hand.

    python -m tests.bench.context [--root DIR ...] [--holes N] [--budget 4000] [--big]

A hole is the rest of a line from a word start, a whole line, or the arguments of a call. Needed
are its names that stand nowhere else in the file and that other files of the package define, in
six at most. "recall" is the share of them that the prompt holds, "def" the share whose definition
line it holds word for word. With "open" one of four open files defines a needed name and the others
lie beside the document; with "casual" two are imported, one lies beside it and one is any; with
"solo" none is open. The hole is out of the document, and the document's file out of all counts.
"""

import argparse
import random
import statistics
import sys
import sysconfig
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codestral_ls.context.index.import_targets import resolve_imports
from codestral_ls.context.index.imports import find_imports
from codestral_ls.context.index.index import Index
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.words import NAME
from codestral_ls.languages import language_of
from codestral_ls.model import Snippet
from tests.bench.context_holes import Hole, Package, find_holes, find_packages, is_dev

PREFIX, SUFFIX = 6_000, 2_000
BEFORE, AFTER = 8_000, 4_000
OPEN_FILES = 4
SCENARIOS = ("open", "casual", "solo")


@dataclass
class Figures:
    recalls: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def note(self, package: Package, hole: Hole, snippets: Sequence[Snippet], took: float) -> None:
        """Count what of the needed names is there."""
        text = "\n".join(snippet.text for snippet in snippets)
        names = set(NAME.findall(text))
        lines = {line.strip() for line in text.split("\n")}
        there = [bool(_definitions(package, name) & lines) for name in hole.needs]
        self.recalls.append(statistics.mean(name in names for name in hole.needs))
        self.found.append(statistics.mean(there))
        self.sizes.append(sum(each.chars for each in snippets))
        self.seconds.append(took)

    def __str__(self) -> str:
        times = sorted(self.seconds)
        return (
            f"{len(self.recalls):6} {100 * statistics.mean(self.recalls):7.1f}"
            f" {100 * statistics.mean(self.found):6.1f} {statistics.mean(self.sizes):7.0f}"
            f" {1000 * times[len(times) // 2]:7.1f} {1000 * times[int(0.95 * len(times))]:6.1f}"
        )


def _definitions(package: Package, name: str) -> set[str]:
    return {line for lines in package.definitions[name].values() for line in lines}


class Workspace:
    """An index of some packages as they lie on the disk."""

    def __init__(self, folders: Sequence[str], packages: Sequence[Package]) -> None:
        self.texts = {path: text for each in packages for path, text in each.texts.items()}
        self.index = Index(folders=folders, read=self.texts.__getitem__)
        begun = time.process_time()
        for path, text in self.texts.items():
            self.index.put(path, language_of(path), text)
        self.seconds = time.process_time() - begun

    def ask(
        self, hole: Hole, opened: Sequence[str], budget: int
    ) -> tuple[float, Sequence[Snippet]]:
        """Ask for a hole whose document is open, and take the document back."""
        language = language_of(hole.path)
        self.index.put(hole.path, language, hole.before + hole.after, open=True)
        question = Question(
            path=hole.path,
            language=language,
            before=hole.before[-BEFORE:],
            after=hole.after[:AFTER],
            window=hole.before[-PREFIX:] + hole.after[:SUFFIX],
            open=(hole.path, *opened),
            budget=budget,
        )
        begun = time.process_time()
        snippets = self.index.rank(question)
        took = time.process_time() - begun
        self.index.put(hole.path, language, self.texts[hole.path])  # closed again
        return took, snippets


def opened_files(
    package: Package, hole: Hole, scenario: str, files: "Workspace"
) -> tuple[str, ...]:
    """Choose which files are open, the same ones each time."""
    chance = random.Random(f"{hole.path}{len(hole.before)}{scenario}")  # noqa: S311 - repeatable
    folder = hole.path.rpartition("/")[0]
    others = sorted(set(package.texts) - {hole.path})
    beside = [path for path in others if path.rpartition("/")[0] == folder]
    chance.shuffle(others)
    chance.shuffle(beside)
    if scenario == "solo":
        return ()
    if scenario == "open":
        definers = sorted(package.definitions[chance.choice(hole.needs)])
        wanted = [chance.choice(definers), *beside, *others]
        chosen = list(dict.fromkeys(wanted))[:OPEN_FILES]
    else:
        language = language_of(hole.path)
        imports = find_imports(language, hole.before + hole.after)
        found = resolve_imports(language, hole.path, imports, files.index.tree)
        imported = sorted(path for path in found if path in package.texts and path != hole.path)
        chance.shuffle(imported)
        wanted = [*imported[:2], *beside[:1], *others]
        chosen = list(dict.fromkeys(wanted))[:OPEN_FILES]
    chance.shuffle(chosen)
    return tuple(chosen)


def heads_of(package: Package, opened: Sequence[str], budget: int) -> list[Snippet]:
    """Return the beginnings of the open files: what most tools send."""
    share = budget // max(1, len(opened))
    return [
        Snippet(path=path, text=package.texts[path][: share - len(path) - 10]) for path in opened
    ]


def measure(
    packages: Sequence[Package], around: Sequence[Package], options: argparse.Namespace
) -> Iterator[tuple[tuple[str, ...], Package, Hole, float, Sequence[Snippet]]]:
    """Yield for each hole and scenario what was shown, under the rows that it counts for."""
    roots = [str(root) for root in options.root]
    everything = Workspace(roots, around) if options.big else None
    if everything:
        print(f"index: {len(everything.texts)} files in {everything.seconds:.1f} s")
    scenarios = ("solo",) if options.big else SCENARIOS
    for package in packages:
        workspace = everything or Workspace([package.root], [package])
        for hole in find_holes(package, options.holes):
            for scenario in scenarios:
                opened = opened_files(package, hole, scenario, workspace)
                took, snippets = workspace.ask(hole, opened, options.budget)
                rows = (scenario, package.family, hole.kind, package.name)
                yield rows, package, hole, took, snippets
                if scenario != "solo":
                    heads = heads_of(package, opened, options.budget)
                    yield (f"{scenario}: heads",), package, hole, 0.0, heads


def main(arguments: Sequence[str]) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, nargs="*", default=_installed())
    parser.add_argument("--holes", type=int, default=12, help="in each package")
    parser.add_argument("--budget", type=int, default=4_000)
    parser.add_argument("--big", action="store_true", help="all packages in one workspace")
    parser.add_argument("--part", choices=("dev", "other", "all"), default="all")
    parser.add_argument("--packages", action="store_true", help="a row for each")
    options = parser.parse_args(arguments)
    packages = find_packages(options.root)
    measured = [each for each in packages if options.part in ("all", _part(each))]
    figures: dict[tuple[str, ...], Figures] = defaultdict(Figures)
    for rows, package, hole, took, snippets in measure(measured, packages, options):
        scenario, *others = rows
        for other in ("", *(others if options.packages else others[:2])):
            figures[scenario, other].note(package, hole, snippets, took)
    print(f"{len(measured)} packages, {options.budget} characters")
    print(f"{'':34} holes  recall    def   chars  p50 ms    p95")
    for (scenario, row), each in sorted(figures.items()):
        print(f"{scenario:14} {row:18} {each}")


def _part(package: Package) -> str:
    return "dev" if is_dev(package) else "other"


def _installed() -> list[Path]:
    return [Path(sysconfig.get_path(name)) for name in ("purelib", "stdlib")]


if __name__ == "__main__":
    main(sys.argv[1:])
