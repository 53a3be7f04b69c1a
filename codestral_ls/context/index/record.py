"""What is kept of one file: its words by chunk, its symbols, and the lines that define them. Pure.

Everything lies in arrays and one compressed text, since a workspace has thousands of files: as
Python objects they took 550 MB, like this they take less than a tenth.
"""

import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from codestral_ls.context.index.families import family_of
from codestral_ls.context.index.imports import reexports
from codestral_ls.context.index.outline import outline
from codestral_ls.context.index.owners import find_owners
from codestral_ls.context.index.paths import folder_of
from codestral_ls.context.index.signatures import closing_line, signature
from codestral_ls.context.index.symbols import Symbol
from codestral_ls.context.index.words import NAME, PART_CHARS, hash_name, names_in

CHUNK_LINES = 20
"""Shorter ones say too little about a place, longer ones find less within the same room."""
LINE_CHARS = 200
"""Of a line that is shown; the rest of a longer one is data."""
DOC_LINES = 8
"""Between a definition and its documentation."""
SEVERAL = 4
"""Numbers that are kept of each symbol: container, line, owner's line, kind and lines packed."""
NO_DOC = 255
SAME_NAME = 3
"""Definitions of one name in one file: more are overloads."""

KINDS = ("function", "method", "class", "constant", "field", "module", "type")
CALLABLE, CLASSES = frozenset({"function", "method"}), frozenset({"class", "type", "module"})
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|specs?|e2e|fixtures?|examples?|samples?|benches|benchmarks?|demos?)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.\w+)$",
)

_HANDS_ON = re.compile(r"(?:^|/)(?:__init__|index|mod|lib|main)\.\w+$")
"""Files by whose names those of others are imported."""


class Definition(NamedTuple):
    """The definition with a number in a file; `container` and `name` are hashes.

    Its head ends on the line `last`; its documentation begins on the line `doc`, -1 if it has none.
    It stands in what begins on the line `owner`, -1 if in nothing.
    """

    record: "Record"
    number: int
    name: int
    container: int
    line: int
    kind: str
    last: int
    doc: int
    owner: int


class Record:
    """One version of one file, known to the index by its number."""

    __slots__ = (
        *("chunk_ends", "family", "first_chunk", "first_symbol", "folder", "is_test", "mark"),
        *("names", "number", "path", "project", "reexports", "words"),
        *("_ends", "_heads", "_rows", "_several", "_spelled"),
    )

    def __init__(self, path: str, language: str, text: str) -> None:
        self.path, self.family = path, family_of(language)
        self.folder, self.is_test = folder_of(path), is_test(path)
        self.number = self.first_chunk = self.first_symbol = 0
        self.project = ""  # the index knows
        self.mark = mark_of(language, text)
        self.reexports = reexports(language, text) if _HANDS_ON.search(path) else ()
        lines = text.split("\n")
        self.words, self.chunk_ends = _words_by_chunk(lines)
        symbols = [
            symbol
            for symbol in outline(language, text)
            if len(symbol.name) >= PART_CHARS and symbol.line < len(lines)
        ]
        spelled = [_bare(symbol.name) for symbol in symbols]
        self.names = array("I", map(hash_name, spelled))
        self._spelled, self._ends = "".join(spelled), array("I", accumulate(map(len, spelled)))
        self._several, rows = _measured(language, lines, symbols)
        self._rows = array("I", sorted(rows))
        kept = "\n".join(lines[row][:LINE_CHARS] for row in self._rows)
        self._heads = zlib.compress(kept.encode("utf-8", "surrogatepass"), 1)

    @property
    def chunks(self) -> int:
        """How many chunks the file has."""
        return len(self.chunk_ends)

    def chunk(self, at: int) -> "array[int]":
        """Returns the hashes of the words in a chunk."""
        return self.words[self.chunk_ends[at - 1] if at else 0 : self.chunk_ends[at]]

    def definition(self, at: int) -> Definition:
        """Returns the definition with a number."""
        container, line, owner, packed = self._several[SEVERAL * at : SEVERAL * (at + 1)]
        kind, head, doc = packed & 15, packed >> 4 & 15, packed >> 8
        last = line + head
        doc_line = -1 if doc == NO_DOC else line + doc - DOC_LINES
        return Definition(
            record=self,
            number=at,
            name=self.names[at],
            container=container,
            line=line,
            kind=KINDS[kind],
            last=last,
            doc=doc_line,
            owner=owner - 1,
        )

    def definition_on(self, line: int) -> Definition | None:
        """Returns the first definition that begins on a line."""
        lines = self._several[1::SEVERAL]
        return self.definition(lines.index(line)) if line in lines else None

    def definitions_of(self, name: int) -> Iterator[Definition]:
        """Yields the first definitions of a name in the file."""
        at = -1
        for _ in range(min(SAME_NAME, self.names.count(name))):
            at = self.names.index(name, at + 1)
            yield self.definition(at)

    def container(self, at: int) -> int:
        """Returns the hash of the class that the definition with a number belongs to."""
        return self._several[SEVERAL * at]

    def name(self, at: int) -> str:
        """Returns the name of the definition with a number, as it is written."""
        return self._spelled[self._ends[at - 1] if at else 0 : self._ends[at]]

    def head_lines(self) -> dict[int, str]:
        """Returns the lines that define something, cut where they are very long."""
        text = zlib.decompress(self._heads).decode("utf-8", "surrogatepass")
        return dict(zip(self._rows, text.split("\n"), strict=False))


def mark_of(language: str, text: str) -> int:
    """Returns what tells one version of a file from the others."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"), zlib.crc32(language.encode()))


def is_test(path: str) -> bool:
    """Whether a file tests or shows others, as its name or its folder's says."""
    return _TESTS.search(path) is not None


def _bare(name: str) -> str:
    """Returns a name as it is met in texts: without a sigil, and without what its language adds."""
    found = NAME.search(name)
    return found[0] if found else name


def _words_by_chunk(lines: Sequence[str]) -> tuple["array[int]", "array[int]"]:
    words, ends = array("I"), array("I")
    known: dict[str, int] = {}
    for start in range(0, len(lines), CHUNK_LINES):
        names = dict.fromkeys(names_in("\n".join(lines[start : start + CHUNK_LINES])))
        for name in names:
            if name not in known:
                known[name] = hash_name(name)
        words.extend([known[name] for name in names])
        ends.append(len(words))
    return words, ends


def _measured(
    language: str, lines: Sequence[str], symbols: Sequence[Symbol]
) -> tuple["array[int]", set[int]]:
    """Returns what is kept of each symbol, and the lines that its head and its doc take."""
    several, rows = array("I"), set[int]()
    heads: dict[int, tuple[int, int]] = {}
    owners = find_owners(language, lines, symbols)
    rows.update(owners.values())
    for symbol in symbols:
        line = symbol.line
        if line not in heads:
            heads[line] = _head(language, lines, symbol)
        last, doc = heads[line]
        rows.update(range(line, last + 1))
        if doc >= 0:
            rows.add(doc)
        packed_doc = doc - line + DOC_LINES if doc >= 0 else NO_DOC
        kind = KINDS.index(symbol.kind)
        several.append(hash_name(symbol.container) if symbol.container else 0)
        several.append(line)
        several.append(owners.get(symbol, -1) + 1)
        several.append(kind | (last - line) << 4 | packed_doc << 8)
    return several, rows


def _head(language: str, lines: Sequence[str], symbol: Symbol) -> tuple[int, int]:
    """Returns the last line of a head, and the line on which its documentation begins or -1."""
    if symbol.kind not in CALLABLE | CLASSES:
        return closing_line(language, lines, symbol.line), -1
    last, doc = signature(language, lines, symbol.line)
    is_near = symbol.line - DOC_LINES <= doc <= last + DOC_LINES
    return last, doc if is_near else -1
