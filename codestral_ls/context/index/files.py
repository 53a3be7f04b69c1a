"""The source files of a workspace: which there are, by folders, in small steps."""

import os
import stat
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from codestral_ls.context.index.ignoring import Rules, is_ignored, rules_around, rules_of
from codestral_ls.context.index.projects import is_manifest
from codestral_ls.context.index.written import is_made, is_source_folder, is_source_name

MOST_FILES = 50_000
MOST_FOLDERS = 50_000
MOST_ENTRIES = 50_000
"""In a folder; those of a larger one, which is full of data, take seconds and much memory."""
KERNELS = frozenset({"/dev", "/proc", "/run", "/sys"})
"""Their files are no text, and reading one may wait for ever, or do something."""


class File(NamedTuple):
    """A file, and what tells whether it is still the same: its size and time in nanoseconds."""

    path: str
    size: int
    changed: int

    @property
    def name(self) -> str:
        """What stands behind the last slash."""
        return self.path.rpartition("/")[2]


class Folder(NamedTuple):
    """A folder that is about to be looked at: on some file systems that takes its time."""

    path: str


class Project(NamedTuple):
    """A folder in which a project begins: it holds a manifest."""

    path: str


Found = File | Folder | Project


class Tree:
    """The files below some folders that are source, not hidden and not ignored.

    Paths are absolute, with slashes. Nothing raises: what cannot be read is left out.
    """

    def __init__(
        self,
        folders: Sequence[str],
        *,
        skip: Collection[str] = (),
        most: int = MOST_FILES,
    ) -> None:
        self._roots = tuple(dict.fromkeys(folders))
        self._skip = frozenset(skip)
        self._most = most
        self._rules: dict[str, tuple[Rules, ...]] = {}

    def walk(self, near: Iterable[str] = ()) -> Iterator[Found]:
        """Yields every file, breadth first, but folders on the way to `near` ones before others."""
        self._rules.clear()
        wanted = {above for path in near for above in _above(path)}
        roots = ((root, rules_around(root)) for root in self._roots)
        files = folders = 0
        for found in self._descend(roots, lambda path: path in wanted):
            files += isinstance(found, File)
            folders += isinstance(found, Folder)
            if files > self._most or folders > MOST_FOLDERS:
                return
            yield found

    def find(self, path: str) -> Iterator[Found]:
        """Yields the file at `path`, or all files of a folder that was not there before."""
        known = next((above for above in _above(path) if above in self._rules), None)
        if known is None or path == known:
            return
        name = path[len(_below(known, "")) :].partition("/")[0]
        child, rules = _below(known, name), self._rules[known]
        try:
            status = os.lstat(child)
        except (OSError, ValueError):  # ValueError: a NUL in a path that an editor sent
            return
        if stat.S_ISDIR(status.st_mode):
            if _takes_folder(name, child, rules):
                yield from self._descend(((child, rules),), lambda _: False)
        elif stat.S_ISREG(status.st_mode) and _takes_file(name, child, rules):
            yield File(child, status.st_size, status.st_mtime_ns)

    def forget(self, path: str) -> bool:
        """Forgets a folder, and all below it; whether there was one."""
        if path not in self._rules:
            return False
        below = path + "/"
        for folder in [each for each in self._rules if each == path or each.startswith(below)]:
            del self._rules[folder]
        return True

    def _descend(
        self, start: Iterable[tuple[str, tuple[Rules, ...]]], is_first: Callable[[str], bool]
    ) -> Iterator[Found]:
        first, others = deque(start), deque[tuple[str, tuple[Rules, ...]]]()
        while first or others:
            path, rules = (first or others).popleft()
            if path in self._rules or path in self._skip or path in KERNELS:
                continue
            yield Folder(path)
            entries = _entries(path)
            names = [entry.name for entry in entries]
            if is_made(path, names) and path not in self._roots:
                continue
            self._rules[path] = rules = rules + rules_of(path)
            if any(map(is_manifest, names)):
                yield Project(path)
            for entry in entries:
                below = _below(path, entry.name)
                if _is_folder(entry):
                    if _takes_folder(entry.name, below, rules):
                        (first if is_first(below) else others).append((below, rules))
                elif _takes_file(entry.name, below, rules):
                    yield from _files_at(below, entry)


def _takes_folder(name: str, path: str, rules: tuple[Rules, ...]) -> bool:
    return is_source_folder(name) and not is_ignored(path + "/", rules)


def _takes_file(name: str, path: str, rules: tuple[Rules, ...]) -> bool:
    return is_source_name(name) and not is_ignored(path, rules)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # on file systems that tell the kind of an entry only when they are asked
        return False


def _files_at(path: str, entry: "os.DirEntry[str]") -> Iterator[File]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        yield File(path, status.st_size, status.st_mtime_ns)


def _entries(path: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(path) as entries:
            return sorted(islice(entries, MOST_ENTRIES), key=lambda entry: entry.name)
    except OSError:
        return []


def _below(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def _above(path: str) -> Iterator[str]:
    """Yields the path itself and all folders above it, without their last slash."""
    yield path
    while (slash := path.rstrip("/").rfind("/")) >= 0:
        path = path[: slash or 1]
        yield path
        if path == "/":
            return
