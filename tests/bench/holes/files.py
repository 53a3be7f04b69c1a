"""Which files are worth measuring on, spread evenly over their folders."""

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from codestral_ls.languages import language_of

MOST_BYTES, MOST_COLUMNS, FEWEST_LINES = 200_000, 300, 30
_LEFT_OUT = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|test_\w+|fixtures?|__pycache__|node_modules|lib2to3|"
    r"_?vendor|vendored|third_party|idle_test|snapshots|locales?|\.git)(?:/|$)",
    re.IGNORECASE,
)
_LEFT_OUT_NAME = re.compile(
    r"\.min\.|-min\.|bundle|[._-]test\.|^test_|_test\.|[._-]spec\.|\.d\.ts$|package-lock|_pb2|"
    r"pydoc_data|^(?:CHANGELOG|CHANGES|HISTORY|LICEN[CS]E)",
    re.IGNORECASE,
)
_CPLUSPLUS = re.compile(r"(?m)^\s*(?:namespace\b|template\s*<|class\s+\w)|\bstd::")
_GENERATED = re.compile(
    r"DO NOT EDIT|@generated|[Gg]enerated (?:by|from|automatically)|[Aa]uto-?generated|"
    r"sourceMappingURL"
)


def sample(roots: Sequence[Path], languages: Sequence[str], seed: int) -> dict[str, list[Path]]:
    """Return for each language its files in random order, folder by folder in turn."""
    by_folder: dict[str, dict[Path, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for root in roots:
        for path in _walk(root):
            language = language_of(path.name)
            if language != "plaintext" and (not languages or language in languages):
                by_folder[language][path.parent].append(path)
    chance = random.Random(seed)  # noqa: S311 - the same files each time
    return {name: _in_turn(folders, chance) for name, folders in sorted(by_folder.items())}


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if _LEFT_OUT.search(relative) or _LEFT_OUT_NAME.search(path.name):
            continue
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MOST_BYTES:
            yield path


def _in_turn(folders: dict[Path, list[Path]], chance: random.Random) -> list[Path]:
    queues = [chance.sample(paths, len(paths)) for _, paths in sorted(folders.items())]
    chance.shuffle(queues)
    ordered: list[Path] = []
    while queues:
        ordered += [queue.pop() for queue in queues]
        queues = [queue for queue in queues if queue]
    return ordered


def texts(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the texts that people have written, none of them nearly twice."""
    seen: set[str] = set()
    for path in paths:
        text = _text(path)
        if text is None:
            continue
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        ends = [*lines[5:20], *lines[-8:]]  # without the licence, which all files begin with
        mark = hashlib.sha256("\n".join(ends).encode()).hexdigest()
        if mark not in seen:
            seen.add(mark)
            yield path, text


def _text(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return None
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if path.suffix == ".h" and _CPLUSPLUS.search(text):
        return None
    long = any(len(line) > MOST_COLUMNS for line in lines)
    odd = "\0" in text or "\r" in text or "\f" in text
    if long or odd or len(lines) < FEWEST_LINES or _GENERATED.search(text[:2000]):
        return None
    return text
