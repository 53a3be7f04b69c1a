"""Texts of the workspace, from which the offline provider draws its answers.

They are read from disk once per load, stay in memory and leave it only as ghost text.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import unquote

import anyio

from codestral_ls.context.workspace import Limits, read_workspace
from codestral_ls.model import SourceText

QUESTION_CHARS = 2_000_000
"""In all texts for one question: looking through them takes some milliseconds."""
REMEMBERED_ORDERS = 64
"""Folders times kinds of file: more than one person works in."""
GRACE_SECONDS = 1.0
"""Beyond the time box, after which a file system that does not answer is waited for no longer."""

FAMILIES = (
    frozenset({".c", ".h"}),
    frozenset({".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx"}),
    frozenset({".cjs", ".js", ".jsx", ".mjs"}),
    frozenset({".cts", ".mts", ".ts", ".tsx"}),
    frozenset({".ex", ".exs"}),
    frozenset({".kt", ".kts"}),
    frozenset({".ml", ".mli"}),
    frozenset({".py", ".pyi"}),
    frozenset({".bash", ".sh", ".zsh"}),
    frozenset({".yaml", ".yml"}),
)


class Corpus:
    """What may be drawn upon, for any document: open documents, then workspace files.

    `open_texts` is asked anew each time; an open document stands for its copy on disk.
    """

    def __init__(
        self,
        open_texts: Callable[[], Iterable[SourceText]],
        *,
        limits: Limits | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_texts = open_texts
        self._limits = limits or Limits()
        self._now = now
        self._begun = 0
        self._shown = 0
        self._files: tuple[SourceText, ...] = ()
        self._orders: dict[tuple[str, str], tuple[tuple[str, SourceText], ...]] = {}

    @property
    def is_loaded(self) -> bool:
        """Whether workspace files have been read, or are being read."""
        return self._begun > 0

    async def load(self, folders: Sequence[Path]) -> None:
        """Reads `folders` in a thread; the result of an older load never replaces a newer's.

        A cancelled load changes nothing. Of one that comes to no end, what was found counts.
        """
        self._begun += 1
        turn = self._begun
        found: list[SourceText] = []
        files = read_workspace(tuple(folders), limits=self._limits, now=self._now)
        with anyio.move_on_after(self._limits.seconds + GRACE_SECONDS):
            await asyncio.wrap_future(_gather(files, found))
        if turn > self._shown:
            self._shown = turn
            self._files = tuple(found)
            self._orders = {}

    def texts(self, uri: str) -> Sequence[SourceText]:
        """Returns texts of the same kind, nearest first, without `uri` itself."""
        wanted = _accepted(uri)
        taken = {_identity(uri)}
        found: list[SourceText] = []
        room = QUESTION_CHARS
        for text in self._open_texts():
            identity = _identity(text.uri)
            if identity in taken:
                continue
            taken.add(identity)
            if _kind(text.uri) in wanted and len(text.text) <= room:
                room -= len(text.text)
                found.append(text)
        for identity, text in self._order(uri):
            if identity not in taken and len(text.text) <= room:
                room -= len(text.text)
                found.append(text)
        return found

    def _order(self, uri: str) -> tuple[tuple[str, SourceText], ...]:
        place = (_identity(uri).rpartition("/")[0], _kind(uri))
        if place not in self._orders:
            if len(self._orders) >= REMEMBERED_ORDERS:
                self._orders.clear()
            wanted = _accepted(uri)
            files = [(_identity(file.uri), file) for file in self._files]
            files = [entry for entry in files if _kind(entry[0]) in wanted]
            files.sort(key=lambda entry: _distance(place[0], entry[0]))
            self._orders[place] = tuple(files)
        return self._orders[place]


def _gather(files: Iterator[SourceText], found: list[SourceText]) -> Future[None]:
    """Puts `files` into `found`, in a thread that does not keep the process from ending."""
    ended: Future[None] = Future()
    ended.set_running_or_notify_cancel()  # from here on nobody can cancel it

    def gather() -> None:
        try:
            for file in files:
                found.append(file)  # noqa: PERF402 - each is there for the waiting side at once
        except Exception as error:  # noqa: BLE001 - for the waiting side to raise
            ended.set_exception(error)
        else:
            ended.set_result(None)

    threading.Thread(target=gather, name="workspace", daemon=True).start()
    return ended


def _identity(uri: str) -> str:
    """Returns what is equal for all spellings of a URI: editors escape differently."""
    return re.sub(r"^file:///[A-Za-z]:", lambda drive: drive[0].lower(), unquote(uri))


def _kind(uri: str) -> str:
    name = uri.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    return dot + suffix if stem else name


def _accepted(uri: str) -> frozenset[str]:
    kind = _kind(uri)
    return frozenset({kind}).union(*(family for family in FAMILIES if kind in family))


def _distance(folder: str, other: str) -> int:
    """Counts the steps through the tree from `folder` to the folder of `other`."""
    here = folder.split("/")
    there = other.split("/")[:-1]
    pairs = zip(here, there, strict=False)
    shared = next((n for n, (one, two) in enumerate(pairs) if one != two), None)
    if shared is None:
        shared = min(len(here), len(there))
    return len(here) + len(there) - 2 * shared
