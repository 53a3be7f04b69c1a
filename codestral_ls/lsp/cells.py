"""A notebook's cells: each is a document of its own, completed with the others around it. Pure.

Cells of one language are one program to whoever runs them. What is said between them stands above
the code as comments; below the cursor it would only be something to lead up to.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codestral_ls.lexes import lexis_of
from codestral_ls.lsp.documents import HEAD_CHARS, HEAD_LINES, Document, lf, split_lines
from codestral_ls.model import Budget, Position, Snapshot

GAP = "\n\n"
"""Between two cells: a line of its own would be taken for code, and none for the same cell."""
PROSE_CHARS = 600
"""Of a text between cells, from its beginning, where its heading is."""
LONG_LINE = 300
"""Characters: lines of text are shorter, and those of pictures inside of it are not."""
OWN_MAGICS = frozenset({"capture", "memit", "mprun", "prun", "time", "timeit"})
"""IPython's words at the head of a cell behind which stands the same language."""

_MAGIC = re.compile(r"%%(\w+)")


class Cell(Document):
    """One cell; positions in it are its own, and snapshots of it hold the cells around it."""

    def __init__(self, uri: str, language: str, text: str, notebook: "Notebook") -> None:
        super().__init__(uri, language, text)
        self.notebook = notebook
        self._known = -1, "", (language, "")
        self._said = -1, "", ""

    @property
    def code(self) -> str:
        """The text as it stands among others: LF line ends, and no empty lines at its end."""
        return self._read()[0]

    @property
    def group(self) -> tuple[str, str]:
        """Cells with the same one are one program: of a language, or of a magic such as `%%sql`."""
        return self._read()[1]

    def comment(self, language: str) -> str:
        """The text as comments of a language."""
        if self._said[:2] != (self.edits, language):
            self._said = self.edits, language, comment(self.code, language)
        return self._said[2]

    def _read(self) -> tuple[str, tuple[str, str]]:
        """Code and group: kept, since each key in one cell asks for those of all others."""
        if self._known[0] != self.edits:
            code = lf(self.text).rstrip()
            magic = _MAGIC.match(code)
            other = "" if magic is None or magic[1] in OWN_MAGICS else magic[1]
            self._known = self.edits, code, (self.language, other)
        return self._known[1:]

    def snapshot(self, position: Position, budget: Budget) -> Snapshot:
        """The notebook around a place in this cell."""
        own = super().snapshot(position, budget)
        above, below = self.notebook.around(self)
        prefix, suffix, lines_below = own.prefix, own.suffix, own.lines_below + below.count("\n")
        if not own.lines_above:
            prefix = _last_lines(above, budget.prefix_chars - len(prefix)) + prefix
        if below and not own.lines_below:
            joined = suffix.rstrip("\n") + below
            suffix = joined[: budget.suffix_chars]
            lines_below = joined.count("\n") - suffix.count("\n")
        before = above.count("\n")
        left_out = before + position.line - prefix.count("\n")
        head = _first_lines(above + own.head, min(left_out, HEAD_LINES))
        return replace(
            own,
            prefix=prefix,
            suffix=suffix,
            head=head,
            lines_above=left_out,
            lines_below=lines_below,
            lines_before=before,
        )


@dataclass(slots=True, kw_only=True)
class Notebook:
    """A notebook as its cells stand in it; for the index, one document with all of its code.

    `documents` are all that are open: those of its own cells among them.
    """

    uri: str
    documents: Mapping[str, Document]
    cells: list[str] = field(default_factory=list)
    prose: set[str] = field(default_factory=set)

    def arrange(self, cells: Sequence[str]) -> None:
        """Takes another order of cells, be it with other cells."""
        self.cells = list(cells)
        self.prose.intersection_update(cells)

    def around(self, cell: Cell) -> tuple[str, str]:
        """The code above a cell, with a gap behind it, and the code below, with one before it."""
        at = self.cells.index(cell.uri) if cell.uri in self.cells else 0
        above = self._parts(self.cells[:at], cell, with_prose=cell.uri not in self.prose)
        below = self._parts(self.cells[at + 1 :], cell, with_prose=False)
        return (
            "".join(each + GAP for each in above),
            "".join(GAP + each for each in below),
        )

    def _parts(self, uris: Iterable[str], beside: Cell, *, with_prose: bool) -> Iterable[str]:
        for uri in uris:
            cell = self.documents.get(uri)
            if not isinstance(cell, Cell) or cell is beside or not cell.code:
                continue
            if cell.group == beside.group:
                yield cell.code
            elif with_prose and uri in self.prose and (said := cell.comment(beside.language)):
                yield said

    # --- as a document of the workspace

    @property
    def language(self) -> str:
        """That of most cells with code."""
        found = Counter(cell.language for cell in self._own() if cell.uri not in self.prose)
        return max(found, key=lambda each: found[each], default="")

    @property
    def edits(self) -> int:
        """How often the cells that it has were changed; with others it counts as opened anew."""
        return sum(cell.edits for cell in self._own())

    @property
    def line_count(self) -> int:
        """How many lines its cells have."""
        return sum(cell.line_count for cell in self._own())

    @property
    def text(self) -> str:
        """All of its code."""
        language = self.language
        return GAP.join(cell.code for cell in self._own() if cell.group == (language, ""))

    def _own(self) -> Sequence[Cell]:
        found = (self.documents.get(uri) for uri in self.cells)
        return [each for each in found if isinstance(each, Cell)]


def comment(text: str, language: str) -> str:
    """A text as comments of a language; "" if it has no line comments, or nothing is left."""
    marker = next(iter(lexis_of(language).line_comments), "")
    shown = [line for line in text.split("\n") if len(line) <= LONG_LINE] if marker else []
    head = "\n".join(shown)[:PROSE_CHARS]
    if len(head) == PROSE_CHARS:
        head = head[: head.rfind("\n") + 1]
    return "\n".join(
        f"{marker} {line}".rstrip() for line in head.strip().split("\n") if head.strip()
    )


def _last_lines(text: str, most: int) -> str:
    """The last whole lines that fit into a number of characters."""
    if most <= 0:
        return ""
    if len(text) <= most:
        return text
    start = text.find("\n", len(text) - most - 1)
    return text[start + 1 :]


def _first_lines(text: str, count: int) -> str:
    """The first lines, with their ends, as far as they are short enough."""
    head = "".join(split_lines(text[:HEAD_CHARS])[:count])
    return head[: head.rfind("\n") + 1]
