"""The files whose lines may be shown for one question, and their lines. Pure."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from codestral_ls.context.index.buffers import Buffer
from codestral_ls.context.index.catalog import Catalog
from codestral_ls.context.index.paths import FileTree
from codestral_ls.context.index.record import CHUNK_LINES, LINE_CHARS, Definition, Record
from codestral_ls.context.index.signatures import FEW_LINES
from codestral_ls.context.index.words import hash_names, names_in

NESTED = 8
"""Lines of the classes around a definition."""
GO_TEST = "_test.go"
_COMPILED = re.compile(r"/(?:dist|build|out|esm|cjs)/")
_ENDINGS = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$")


class Corpus:
    """What one question may draw upon: files of its language, but never the document itself.

    With a scope of `only`, no others. Whatever has gone from the disk is left out.
    """

    def __init__(  # noqa: PLR0913 - each is one thing that a question knows of the workspace
        self,
        catalog: Catalog,
        *,
        path: str,
        family: str,
        only: Collection[str] | None,
        buffers: Mapping[str, Buffer],
        read: Callable[[str], str],
        exists: Callable[[str], bool],
    ) -> None:
        self.catalog, self.path, self.own = catalog, path, catalog.get(path)
        self.family, self._only, self._buffers = family, only, buffers
        self._read, self._exists = read, exists
        self._heads: dict[int, dict[int, str]] = {}
        self._there: dict[int, bool] = {}
        self._compiled: dict[int, bool] = {}

    def accepts(self, record: Record) -> bool:
        """Whether lines of a file may be shown at all."""
        return (
            record.family == self.family
            and record.path != self.path
            and (self._only is None or record.path in self._only)
            and not self._is_out_of_sight(record)
        )

    def _is_out_of_sight(self, record: Record) -> bool:
        """Whether nobody sees a file from the document: a test of Go's, or a compiled twin."""
        if self.family == "go":
            return record.path.endswith(GO_TEST) and not self.path.endswith(GO_TEST)
        if self.family != "typescript" or record.path in self._buffers:
            return False
        if record.number not in self._compiled:
            self._compiled[record.number] = not _COMPILED.search(self.path) and is_compiled(
                record.path, self.catalog
            )
        return self._compiled[record.number]

    def is_there(self, record: Record) -> bool:
        """Whether a file still exists, in the editor or on the disk."""
        if record.number not in self._there:
            there = record.path in self._buffers or self._exists(record.path)
            self._there[record.number] = there
        return self._there[record.number]

    def heads(self, record: Record) -> dict[int, str]:
        """Returns the lines of a file that define something."""
        if record.number not in self._heads:
            self._heads[record.number] = record.head_lines()
        return self._heads[record.number]

    def chunk_lines(self, record: Record, at: int) -> dict[int, str]:
        """Returns the lines of a chunk; none if they no longer are what the index knows."""
        first = at * CHUNK_LINES
        chunk = self.lines_of(record.path)[first : first + CHUNK_LINES]
        if hash_names(names_in("\n".join(chunk))) != list(record.chunk(at)):
            return {}
        return dict(enumerate(chunk, first))

    def lines_of(self, path: str) -> Sequence[str]:
        """Returns the lines of any file."""
        buffer = self._buffers.get(path)
        return buffer.lines if buffer else self._read(path).split("\n")

    def head_of(self, definition: Definition, *, doc: bool = False) -> dict[int, str]:
        """Returns the lines of a definition's head, with the first one of its documentation."""
        heads = self.heads(definition.record)
        rows = [*range(definition.line, definition.last + 1), *([definition.doc] if doc else [])]
        lines = {row: heads[row] for row in rows if row in heads}
        return lines if definition.record is not self.own else self._still_there(lines)

    def owners_of(self, definition: Definition) -> dict[int, str]:
        """Returns the lines of the classes that a definition stands in, as they are shown."""
        lines: dict[int, str] = {}
        heads = self.heads(definition.record)
        row, inner = definition.owner, definition.line
        while 0 <= row < inner and row in heads and len(lines) < NESTED:
            holder = definition.record.definition_on(row)
            end = holder.last if holder and holder.last - row <= FEW_LINES else row
            lines |= {at: heads[at] for at in range(row, end + 1) if at in heads}
            row, inner = holder.owner if holder else -1, row
        return lines if definition.record is not self.own else self._still_there(lines)

    def _still_there(self, lines: Mapping[int, str]) -> dict[int, str]:
        """Returns lines of the document itself as they are numbered now, if they stand there."""
        buffer = self._buffers.get(self.path)
        now = buffer.lines if buffer else ()
        rows = sorted(lines)
        if not rows or lines[rows[0]] not in now:
            return {}
        by = now.index(lines[rows[0]]) - rows[0]
        moved = {row + by: text for row, text in lines.items()}
        still = all(row < len(now) and now[row][:LINE_CHARS] == moved[row] for row in moved)
        return moved if still else {}


def is_compiled(path: str, files: FileTree) -> bool:
    """Whether a tool made a script of one of the same name that lies outside of its output."""
    if not _COMPILED.search(path):
        return False
    stem = _ENDINGS.sub("", path.rpartition("/")[2])
    top = _COMPILED.split(path)[0] + "/"
    return any(each.startswith(top) and not _COMPILED.search(each) for each in files.by_stem(stem))
