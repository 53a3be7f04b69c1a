"""All records of a workspace, and where their words and names stand. Pure."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

from codestral_ls.context.index.paths import stem_of
from codestral_ls.context.index.postings import Postings
from codestral_ls.context.index.record import Record

SPELLED = 20_000
"""Names that are remembered as they are written: one question asks for those of the last."""


class Catalog:
    """The records by path and by number; chunks are numbered throughout.

    Files and chunks are never numbered anew: a changed file is a new one, and its old number is
    dead.
    """

    def __init__(self) -> None:
        self._records: list[Record | None] = []
        self._by_path: dict[str, Record] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._by_folder: dict[str, list[str]] = {}
        self._file_of_chunk, self._file_of_symbol = array("I"), array("I")
        self.chunks = Postings(is_alive=lambda chunk: self.record_of_chunk(chunk) is not None)
        self.definitions = Postings(is_alive=lambda symbol: self._record_of(symbol) is not None)
        self._spelled: dict[int, str] = {}
        self.mean_words = 30.0
        self._words = 0

    def __len__(self) -> int:
        return len(self._by_path)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_path.values())

    @property
    def chunk_count(self) -> int:
        """How many chunks there are, dead ones among them."""
        return len(self._file_of_chunk)

    def add(self, record: Record) -> None:
        """Takes in a file that is not there."""
        record.number, record.first_chunk = len(self._records), len(self._file_of_chunk)
        self._records.append(record)
        self._by_path[record.path] = record
        self._by_stem.setdefault(stem_of(record.path), []).append(record.path)
        self._by_folder.setdefault(record.folder, []).append(record.path)
        self._file_of_chunk.extend([record.number] * record.chunks)
        for at in range(record.chunks):
            self.chunks.add(record.chunk(at), record.first_chunk + at)
        record.first_symbol = len(self._file_of_symbol)
        self._file_of_symbol.extend([record.number] * len(record.names))
        for symbol, name in enumerate(record.names, record.first_symbol):
            self.definitions.add((name,), symbol)
        self._words += len(record.words)
        self.mean_words = self._words / max(1, len(self._file_of_chunk))

    def remove(self, path: str) -> Record | None:
        """Takes out a file; returns what was known of it."""
        record = self._by_path.pop(path, None)
        if record is None:
            return None
        self._records[record.number] = None
        for paths, key in (
            (self._by_stem, stem_of(path)),
            (self._by_folder, record.folder),
        ):
            paths[key].remove(path)
            if not paths[key]:
                del paths[key]
        self.chunks.bury(record.first_chunk, record.first_chunk + record.chunks)
        self.definitions.bury(record.first_symbol, record.first_symbol + len(record.names))
        return record

    def get(self, path: str) -> Record | None:
        """Returns what is known of a file."""
        return self._by_path.get(path)

    def record_of_chunk(self, chunk: int) -> Record | None:
        """Returns the file that a chunk belongs to, unless it is dead."""
        return self._records[self._file_of_chunk[chunk]]

    def definitions_of(self, name: int) -> list[tuple[Record, int]]:
        """Returns where a name is defined: files, and the numbers of their definitions."""
        records, files = self._records, self._file_of_symbol
        return [
            (record, symbol - record.first_symbol)
            for symbol in self.definitions.find(name)
            if (record := records[files[symbol]]) is not None
        ]

    def spell(self, name: int) -> str:
        """Returns how a name is written that is defined somewhere, else nothing."""
        if name not in self._spelled:
            if len(self._spelled) >= SPELLED:
                self._spelled.clear()
            for record, at in self.definitions_of(name):
                self._spelled[name] = record.name(at)
                break
        return self._spelled.get(name, "")

    def _record_of(self, symbol: int) -> Record | None:
        return self._records[self._file_of_symbol[symbol]]

    def living(self, numbers: Iterable[int]) -> Iterator[Record]:
        """Yields the files of some numbers, unless they are dead."""
        for number in numbers:
            record = self._records[number]
            if record is not None:
                yield record

    def by_stem(self, stem: str) -> Sequence[str]:
        """Returns the paths of all files of a name, whatever its ending."""
        return self._by_stem.get(stem, ())

    def in_folder(self, folder: str) -> Sequence[str]:
        """Returns the paths of the files that lie in a folder itself."""
        return self._by_folder.get(folder, ())

    def of_folder(self, folder: str) -> Iterator[Record]:
        """Yields what is known of the files that lie in a folder itself."""
        return (self._by_path[path] for path in self.in_folder(folder))

    def has(self, path: str) -> bool:
        """Whether a file is known."""
        return path in self._by_path
