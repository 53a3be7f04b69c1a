"""Packages, holes in them, and which names of other files somebody needs who fills one."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from codestral_ls.context.index.outline import outline
from codestral_ls.context.index.record import LINE_CHARS
from codestral_ls.context.index.words import NAME
from codestral_ls.languages import language_of
from tests.bench.holes import source

FAMILIES: Mapping[str, str] = {
    "python": "Python",
    "typescript": "TypeScript",
    "typescriptreact": "TypeScript",
    "javascript": "JavaScript",
    "javascriptreact": "JavaScript",
    "rust": "Rust",
    "go": "Go",
    "java": "Java",
}
LEAST_FILES, MOST_FILES, MOST_BYTES = 8, 800, 200_000
MOST_PLACES = 6
PER_FILE, TRIES = 3, 60
KINDS = (("tail", 3), ("line", 3), ("call", 4))
_CALL = re.compile(r"\w\(([^()\n]+)\)")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A folder of source files in one language."""

    name: str
    root: str
    family: str
    texts: Mapping[str, str]

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """Each name, the files that define it, and the lines on which they do."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for path, text in self.texts.items():
            lines = text.split("\n")
            for symbol in outline(language_of(path), text):
                if len(symbol.name) > 2 and not symbol.name.startswith("__"):
                    found[symbol.name][path].add(lines[symbol.line][:LINE_CHARS].strip())
        return {
            name: {path: frozenset(lines) for path, lines in places.items()}
            for name, places in found.items()
        }


class Hole(NamedTuple):
    """A place in a file, what stood there, and what of that only other files define."""

    path: str
    before: str
    after: str
    kind: str
    needs: tuple[str, ...]


def find_packages(roots: Sequence[Path]) -> list[Package]:
    """Return the folders right below some roots that are packages, or the roots themselves."""
    found = []
    for root in roots:
        children = [child for child in sorted(root.iterdir()) if child.is_dir()]
        packages = [each for child in children if (each := _package(child))]
        whole = None if packages else _package(root)
        found += [*packages, *([whole] if whole else [])]
    return found


def _package(folder: Path) -> Package | None:
    if folder.name.startswith((".", "__")) or folder.name in {"site-packages", "node_modules"}:
        return None
    paths = [path for path in sorted(folder.rglob("*")) if language_of(path.name) in FAMILIES]
    paths = [path for path in paths if "node_modules" not in path.parts[len(folder.parts) :]]
    counts = Counter(FAMILIES[language_of(path.name)] for path in paths)
    if not counts:
        return None
    family, most = counts.most_common(1)[0]
    if not LEAST_FILES <= most <= MOST_FILES:
        return None
    texts = {}
    for path in paths:
        if FAMILIES[language_of(path.name)] == family and (text := _text(path)):
            texts[path.as_posix()] = text
    if len(texts) < LEAST_FILES:
        return None
    return Package(name=folder.name, root=folder.as_posix(), family=family, texts=texts)


def _text(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > MOST_BYTES or path.name.endswith(".min.js"):
        return ""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "" if max(map(len, text.split("\n"))) > 5_000 else text


def is_dev(package: Package) -> bool:
    """Whether a package is one to tune on; the others are only reported."""
    return crc32(package.name.encode()) % 2 == 0


def find_holes(package: Package, most: int) -> Iterator[Hole]:
    """Yield the same holes in each run, at most three in a file."""
    chance = random.Random(package.name)  # noqa: S311 - the same holes each time
    paths = sorted(package.texts)
    chance.shuffle(paths)
    made = 0
    for path in paths:
        text = source.read(Path(path), language_of(path), package.texts[path])
        if text is None:
            continue
        in_file = 0
        for _ in range(TRIES):
            hole = _cut(package, path, text, chance)
            if hole is not None:
                yield hole
                made, in_file = made + 1, in_file + 1
            if made >= most:
                return
            if in_file == PER_FILE:
                break


def _cut(package: Package, path: str, text: source.Source, chance: random.Random) -> Hole | None:
    number = chance.randrange(len(text.lines))
    kind = chance.choices([kind for kind, _ in KINDS], [share for _, share in KINDS])[0]
    if not text.is_code(number):
        return None
    span = _span(text, number, kind, chance)
    if span is None:
        return None
    start, end = span
    missing = "".join(
        character if text.mask[at] == source.CODE else " "
        for at, character in enumerate(text.text[start:end], start)
    )
    before, after = text.text[:start], text.text[end:]
    rest = set(NAME.findall(before)) | set(NAME.findall(after))
    needs = tuple(
        name
        for name in dict.fromkeys(NAME.findall(missing))
        if name not in rest and _is_elsewhere(package, name, path)
    )
    return Hole(path, before, after, kind, needs) if needs else None


def _span(
    text: source.Source, number: int, kind: str, chance: random.Random
) -> tuple[int, int] | None:
    start, end = text.lines[number]
    line = text.text[start:end]
    if kind == "line":
        return start + len(line) - len(line.lstrip()), end
    if kind == "tail":
        starts = [found.start() for found in re.finditer(r"\b\w", line)]
        return (start + chance.choice(starts), end) if starts else None
    calls = [found.span(1) for found in _CALL.finditer(line)]
    if not calls:
        return None
    first, last = chance.choice(calls)
    return start + first, start + last


def _is_elsewhere(package: Package, name: str, path: str) -> bool:
    places = package.definitions.get(name, {})
    return bool(places) and path not in places and len(places) <= MOST_PLACES
