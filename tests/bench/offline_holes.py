"""Holes in real code, for measuring and fitting the offline matchers."""

import random
import re
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codestral_ls.context.matching.matcher import QUESTION_CHARS, Matcher
from codestral_ls.fim.offline import BUDGET
from codestral_ls.languages import language_of
from codestral_ls.model import Parameters, Prompt

LANGUAGES = {"go", "java", "javascript", "python", "rust", "typescript"}
FILE_CHARS = 200_000
PURE = Path(sysconfig.get_path("purelib"))
STANDARD = Path(sysconfig.get_path("stdlib"))
FOLDERS = (
    *(PURE / name for name in ("anyio", "httpx", "hypothesis", "jsonschema", "mypy", "pip")),
    *(PURE / name for name in ("pydantic", "pygls", "pygments", "setuptools")),
    *(STANDARD / name for name in ("asyncio", "email", "idlelib", "importlib", "unittest")),
)

Span = tuple[int, int]
Cut = Callable[[Sequence[str], int, random.Random], Span | None]


class File(NamedTuple):
    path: str
    text: str


def read_files(folder: Path) -> list[File]:
    """Read the source files of a folder, no more than are drawn upon for one question."""
    files: list[File] = []
    room = QUESTION_CHARS
    for path in sorted(folder.rglob("*.*")):
        if language_of(path.name) not in LANGUAGES or path.name.endswith((".d.ts", ".min.js")):
            continue
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if text.strip() and len(text) <= min(room, FILE_CHARS):
            room -= len(text)
            files.append(File(path.relative_to(folder).as_posix(), text))
    return files


def matcher_of(files: Sequence[File]) -> Matcher:
    """Take in all files; a question leaves out its own."""
    matcher = Matcher()
    for file in files:
        matcher.put(file.path, language_of(file.path), file.text)
    return matcher


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


CUTS: Mapping[str, Cut] = {"words": words, "columns": columns, "ends": ends, "blocks": blocks}


def holes(files: Sequence[File], cut: Cut, count: int) -> Iterator[tuple[Prompt, str]]:
    """Yield holes and what was in them: the same ones in each run, more of them in long files."""
    chance = random.Random(1)  # noqa: S311 - the same holes each time
    sizes = [len(file.text) for file in files]
    made = 0
    while made < count:
        file = chance.choices(files, sizes)[0]
        lines = file.text.split("\n")
        number = chance.randrange(len(lines))
        span = cut(lines, number, chance)
        if span is None:
            continue
        made += 1
        start = sum(len(line) + 1 for line in lines[:number]) + span[0]
        end = sum(len(line) + 1 for line in lines[: span[1] + 1]) - 1
        yield prompt_at(file, start, end), file.text[start:end]


def prompt_at(file: File, start: int, end: int) -> Prompt:
    """Return the question at a hole."""
    return Prompt(
        uri=f"file:///{file.path}",
        path=file.path,
        language=language_of(file.path),
        prefix=file.text[max(0, start - BUDGET.prefix_chars) : start],
        suffix=file.text[end : end + BUDGET.suffix_chars],
        parameters=Parameters(max_tokens=64, temperature=0.0),
    )
