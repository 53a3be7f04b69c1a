"""How many files of a project or a folder mention a name. Pure."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from heapq import nlargest
from operator import itemgetter

from codestral_ls.context.index.catalog import Catalog
from codestral_ls.context.index.projects import Projects
from codestral_ls.context.index.record import Record

SLOTS_PER_FILE, MOST_SLOTS = 4_000, 1 << 21
"""One byte each for the words that were met: enough that few share one, two megabytes at most."""
STALE_SHARE = 0.03
"""Of a scope's files; when more have changed, its most used names are looked for anew."""
TRIED = 5
"""Times as many names are looked at as are wanted, since most of them are defined elsewhere."""
SEVERAL = 2
"""Files that mention a name which is counted."""
SCOPES = 12
"""As many as somebody works in at a time."""
OF_FOLDER, OF_PROJECT = 120, 250
"""Names that most files there mention. More of them are weighed for nothing."""


class Mentions:
    """Counts of the names that more than one file mentions; of the others only that one does.

    Two fifths of all words stand in one file alone: to count them takes more room than all else.
    """

    def __init__(
        self,
        files: Collection[Iterable[int]],
        *,
        most: int,
        is_wanted: Callable[[int], bool],
    ) -> None:
        self._most, self._is_wanted = most, is_wanted
        slots = min(MOST_SLOTS, 1 << (SLOTS_PER_FILE * len(files)).bit_length())
        self._seen, self._mask = bytearray(slots), slots - 1
        self._counts: dict[int, int] = {}
        self.files = 0
        self._changes = 0
        self._top: list[int] = []
        for words in files:
            self.add(words)
        self._changes = len(files) + 1

    def add(self, words: Iterable[int]) -> None:
        """Counts the words of a file."""
        seen, mask, counts = self._seen, self._mask, self._counts
        self.files += 1
        self._changes += 1
        for word in set(words):
            if seen[word & mask]:
                counts[word] = counts.get(word, 1) + 1
            else:
                seen[word & mask] = 1

    def remove(self, words: Iterable[int]) -> None:
        """Counts a file's words no longer; a name's last file is not forgotten."""
        self.files -= 1
        self._changes += 1
        for word in set(words):
            if word in self._counts:
                self._counts[word] -= 1

    def count(self, word: int) -> int:
        """Returns how many files mention a word."""
        return self._counts.get(word) or self._seen[word & self._mask]

    def top(self, *, but: Collection[int] = ()) -> list[int]:
        """Returns the wanted names that most files mention.

        A name that only one file mentions beside the one whose words are `but` is not among them.
        """
        if self._changes > STALE_SHARE * self.files:
            often = nlargest(TRIED * self._most, self._counts.items(), key=itemgetter(1, 0))
            self._top = [word for word, _ in often if self._is_wanted(word)][: self._most]
            self._changes = 0
        return [
            word for word in self._top if word not in but or self._counts.get(word, 0) > SEVERAL
        ]


class Scopes:
    """The mentions of a few projects and folders, counted when they are asked for first.

    Each family of languages counts for itself.
    """

    def __init__(self, catalog: Catalog, projects: Projects) -> None:
        self._catalog, self._projects = catalog, projects
        self._known: OrderedDict[tuple[str, str, str], Mentions] = OrderedDict()

    def clear(self) -> None:
        """Forgets all counts."""
        self._known.clear()

    def count(self, record: Record, *, there: bool) -> None:
        """Takes a file that has come or gone into account."""
        for key in self._keys(record):
            mentions = self._known.get(key)
            if mentions is not None:
                (mentions.add if there else mentions.remove)(record.words)

    def prepare(self, folder: str, family: str) -> None:
        """Counts what a question from a folder needs: a big project takes 0.2 seconds."""
        self.project(folder, family).top()
        self.folder(folder, family).top()

    def project(self, folder: str, family: str) -> Mentions:
        """Returns the mentions in the project of a folder."""
        project = self._projects.project_of(folder)
        return self._mentions(("project", project, family), self._catalog, OF_PROJECT)

    def folder(self, folder: str, family: str) -> Mentions:
        """Returns the mentions in the files of a folder itself."""
        return self._mentions(
            ("folder", folder, family), self._catalog.of_folder(folder), OF_FOLDER
        )

    def _mentions(
        self, key: tuple[str, str, str], records: Iterable[Record], most: int
    ) -> Mentions:
        if key not in self._known:
            words: Collection[Collection[int]] = [
                record.words for record in records if key in self._keys(record)
            ]
            self._known[key] = Mentions(words, most=most, is_wanted=self._catalog.definitions.has)
            while len(self._known) > SCOPES:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _keys(self, record: Record) -> Iterator[tuple[str, str, str]]:
        yield "project", record.project, record.family
        yield "folder", record.folder, record.family
