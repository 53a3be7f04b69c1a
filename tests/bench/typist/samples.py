"""What is typed: pieces cut out of real sources, the same for a seed on every machine's Python."""

# ruff: noqa: S311 - what is drawn here must be the same each time

import random
import re
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 300, 1300
"""Characters of a piece."""
OWN = Path(__file__).parent / "samples"
# Modules of moderate size, mostly code, that every Python has as a single file.
MODULES = ("cmd", "csv", "netrc", "pprint", "queue", "sched", "shlex", "textwrap", "zipapp")
_PROSE = re.compile(r'\s*(#|//|"""|\'\'\'|[A-Z][a-z]+ [a-z]+ |$)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A source with a piece to be typed again: from the first word of a line to a line's end."""

    number: int
    name: str
    language: str
    text: str
    start: int
    end: int

    @property
    def head(self) -> str:
        return self.text[: self.start]

    @property
    def tail(self) -> str:
        return self.text[self.end :]

    @property
    def keys(self) -> int:
        """Keys that it takes without help; the editor indents by itself."""
        return keys_between(self.text, self.start, self.end)


def keys_between(text: str, start: int, end: int) -> int:
    """Keys for a part of a text: an end of line brings the next line's indentation with it."""
    part = text[start:end]
    return len(part) - sum(len(found) - 1 for found in re.findall(r"\n[ \t]+", part))


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    language: str
    text: str


@cache
def _sources() -> dict[str, tuple[_Source, ...]]:
    library = Path(sysconfig.get_paths()["stdlib"])
    python = tuple(_source(library / f"{name}.py", "python") for name in MODULES)
    script = (_source(OWN / "orders.ts", "typescript"), _source(OWN / "markup.js", "javascript"))
    return {"python": python, "script": script, "rust": (_source(OWN / "timetable.rs", "rust"),)}


def _source(path: Path, language: str) -> _Source:
    return _Source(path.name, language, path.read_text(encoding="utf-8").expandtabs(4))


@cache
def hole(seed: int, number: int) -> Hole:
    """The piece with a number, out of the languages in turns."""
    rng = random.Random(f"hole/{seed}/{number}")
    kinds = sorted(_sources())
    source = rng.choice(_sources()[kinds[(number + seed) % len(kinds)]])
    # Of several pieces the one with the least prose: code is what ghost text is for.
    cuts = [_cut(source.text, rng) for _ in range(6)]
    start, end = min(cuts, key=lambda cut: _prose_share(source.text[cut[0] : cut[1]]))
    return Hole(
        number=number,
        name=source.name,
        language=source.language,
        text=source.text,
        start=start,
        end=end,
    )


def _cut(text: str, rng: random.Random) -> tuple[int, int]:
    wanted = rng.randint(SHORTEST, LONGEST)
    starts = [found.end() for found in re.finditer(r"^[ ]*(?=\S)", text, re.MULTILINE)]
    start = rng.choice([at for at in starts if at + LONGEST < len(text)] or starts[:1])
    end = text.find("\n", min(len(text) - 2, start + wanted))
    return start, len(text[:end].rstrip())


def _prose_share(piece: str) -> float:
    lines = piece.split("\n")
    return sum(bool(_PROSE.match(line)) for line in lines) / len(lines)
