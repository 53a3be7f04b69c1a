"""Which holes of which files are measured: the same ones in each run, evenly over classes."""

import ast
import random
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.bench.holes.blocks import cut_blocks
from tests.bench.holes.cut import Hole
from tests.bench.holes.files import texts
from tests.bench.holes.inline import cut_comments, cut_inline
from tests.bench.holes.markup import cut_html, cut_markdown, cut_toml, cut_yaml
from tests.bench.holes.python import cut_python
from tests.bench.holes.source import Source, read
from tests.bench.holes.variants import Case, cases

KINDS = 11
"""How many classes the holes of a language are shared out among, more or less."""
PASSES = 4
MOST_FILES = 400
_MARKUP = {"html": cut_html, "xml": cut_html, "markdown": cut_markdown, "yaml": cut_yaml}


def choose(
    paths: Sequence[Path], language: str, holes: int, seed: int
) -> Iterator[tuple[Path, list[Case]]]:
    """Yield cases file by file, at most one hole of a class from a file in each pass."""
    chance = random.Random(f"{seed} {language}")  # noqa: S311 - the same holes each time
    by_file: list[tuple[Source, ast.Module | None, dict[str, list[Hole]]]] = []
    made: Counter[str] = Counter()
    most = holes // 5
    wanted = max(1, holes // KINDS)

    def take(source: Source, tree: ast.Module | None, found: dict[str, list[Hole]]) -> list[Case]:
        taken: list[Case] = []
        for kind, there in sorted(found.items()):
            if there and made[kind] < limit and made.total() < holes:
                made[kind] += 1
                sizes = [1 + source.text.count("\n", each.start, each.end) for each in there]
                one = chance.choices(there, sizes)[0]
                there.remove(one)
                taken += cases(source, one, tree)
        return taken

    limit = wanted
    for path, text in texts(paths[:MOST_FILES]):
        source = read(path, language, text)
        if source is None:
            continue
        tree, found = _find(source)
        by_file.append((source, tree, found))
        yield path, take(source, tree, found)
        if made and min(made.values()) >= limit and len(by_file) > 2 * wanted:
            break
    limit = most
    for _ in range(PASSES):
        for source, tree, found in by_file:
            yield source.path, take(source, tree, found)


def _find(source: Source) -> tuple[ast.Module | None, dict[str, list[Hole]]]:
    tree = _parsed(source) if source.language == "python" else None
    found: dict[str, list[Hole]] = defaultdict(list)
    if source.language == "python" and tree is None:
        return None, found
    for each in _cut(source, tree):
        if each is not None:
            found[each.kind].append(each)
    return tree, found


def _parsed(source: Source) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except (SyntaxError, ValueError):
        return None


def _cut(source: Source, tree: ast.Module | None) -> Iterable[Hole | None]:
    if source.language in _MARKUP:
        yield from _MARKUP[source.language](source)
        if source.language != "markdown":
            yield from cut_comments(source)
        return
    yield from cut_inline(source)
    if tree is not None:
        yield from cut_python(source, tree)
        yield from (each for each in cut_comments(source) if each and each.kind == "comment")
        return
    yield from cut_comments(source)
    yield from cut_blocks(source)
    if source.language == "toml":
        yield from cut_toml(source)
