"""Source files as a cutter sees them: what of them is code, and which brackets are a pair."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from codestral_ls.languages import language_of

CODE, STRING, COMMENT = "code", "string", "comment"

_HASH = {"python", "ruby", "shellscript", "yaml"}
_DASHES = {"sql", "lua"}
_NEITHER = {"css", "html", "json", "markdown"}
_CHARACTERS = {"rust", "c", "cpp", "java", "kotlin", "csharp", "go"}
_STRINGS = r'"{3}[\s\S]*?"{3}|`[^`]*`|"(?:\\.|[^"\\\n])*"'
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Source:
    """A file's text; lines are counted from 0."""

    name: str
    language: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """Without their ends."""
        return self.text.split("\n")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        places, place = [], 0
        for line in self.lines:
            places.append(place)
            place += len(line) + 1
        return places

    @cached_property
    def spans(self) -> list[tuple[int, int, str]]:
        """The strings and comments: where they begin, where they end, and which it is."""
        found = []
        for match in _tokens(self.language).finditer(self.text):
            kind = STRING if match[0][0] in "\"'`" else COMMENT
            found.append((match.start(), match.end(), kind))
        return found

    @cached_property
    def code(self) -> str:
        """The text with strings as quotes and comments as blanks, each character in its place."""
        characters = list(self.text)
        for start, end, kind in self.spans:
            filling = '"' if kind == STRING else " "
            for place in range(start, end):
                if characters[place] != "\n":
                    characters[place] = filling
        return "".join(characters)

    @cached_property
    def pairs(self) -> dict[int, int]:
        """Where each opening bracket of the code is closed."""
        found: dict[int, int] = {}
        opened: list[int] = []
        for place, character in enumerate(self.code):
            if character in _PAIRS.values():
                opened.append(place)
            elif character in _PAIRS and opened and self.code[opened[-1]] == _PAIRS[character]:
                found[opened.pop()] = place
        return found

    def line_at(self, place: int) -> int:
        """The line in which a character stands."""
        return bisect_right(self.starts, place) - 1

    def code_line(self, number: int) -> str:
        """A line of `code`."""
        return self.code[self.starts[number] : self.starts[number] + len(self.lines[number])]

    def indentation(self, number: int) -> int:
        """How many blanks a line begins with; of an empty one, -1."""
        line = self.lines[number]
        return len(line) - len(line.lstrip()) if line.strip() else -1

    def begins_paragraph(self, number: int, column: int | None = None) -> bool:
        """Whether a line stands behind an empty one (and begins in a column)."""
        indentation = self.indentation(number)
        behind_nothing = number == 0 or not self.lines[number - 1].strip()
        return behind_nothing and indentation >= 0 and column in {None, indentation}

    def starts_in_code(self, number: int) -> bool:
        """Whether a line begins outside of strings and comments that span lines."""
        place = self.starts[number]
        return not any(start < place < end for start, end, _ in self.spans)

    def is_torn(self, number: int) -> bool:
        """Whether what a line begins in, was begun above: a string, a comment, a fenced text."""
        fences = "\n".join(self.lines[:number]).count("```")
        return not self.starts_in_code(number) or bool(fences % 2)

    def is_balanced(self, start: int, end: int) -> bool:
        """Whether no bracket between two places is opened and left open."""
        return not any(start <= opened < end <= closed for opened, closed in self.pairs.items())


def _tokens(language: str) -> re.Pattern[str]:
    single = r"'(?:\\.|[^'\\\n])'" if language in _CHARACTERS else r"'(?:\\.|[^'\\\n])*'"
    if language in {"html", "markdown"}:
        return re.compile(r"<!--[\s\S]*?-->" + r'|"[^"\n]*"' * (language == "html"))
    comments = [r"/\*[\s\S]*?\*/"] if language not in _HASH | _DASHES else []
    if language in _HASH:
        comments.append(r"(?<!\S)#[^\n]*")
    elif language in _DASHES:
        comments.append(r"--[^\n]*")
    elif language not in _NEITHER:
        comments.append(r"//[^\n]*")
    return re.compile("|".join([_STRINGS, single, *comments]))


def read_source(path: Path) -> Source:
    """A file, in the language that its name tells."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return Source(name=path.name, language=language_of(path.name), text=text)
