"""Whether a document or a file may leave: reads ignore files, off the event loop, and remembers.

Fails closed: what could not be read, or not in time, is denied.
"""

import asyncio
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import anyio

from codestral_ls.context.privacy import (
    OUTSIDE,
    Ignored,
    denial,
    denial_in,
    paths_of,
    read_disabled,
    read_ignored,
)

IGNORE_FILE = ".codestralignore"
RULES_BYTES = 100_000
"""Of one ignore file; what is longer was not written by hand."""

FRESH_SECONDS = 2.0
"""An older verdict is read anew, and given if that takes long."""
STALE_SECONDS = 60.0
"""An older verdict counts for nothing."""
PATIENCE_SECONDS = 0.05
"""A completion is not kept waiting longer by a file system that does not answer."""
REMEMBERED = 1_000
THREADS = 16
"""How many may wait for file systems at a time; each is for another document."""

LATE = "privacy rules could not be read in time"
UNREADABLE = "privacy rules could not be read"

FOLDS = sys.platform in {"darwin", "win32"}
"""Whether the usual file system takes `A` and `a` for the same."""

ReadRules = Callable[[str], Ignored | None]
"""Reads the ignore file in a folder; None if there is none."""


def read_ignore_file(folder: str) -> Ignored | None:
    """Returns the rules in a folder, None without an ignore file. Blocks.

    What is no regular file may keep whoever opens it for ever. A link that leads nowhere is there,
    and cannot be read.
    """
    path = Path(folder) / IGNORE_FILE
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > RULES_BYTES:
            return read_ignored(folder, None, fold=FOLDS)
        text = path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return read_ignored(folder, None, fold=FOLDS) if path.is_symlink() else None
    except (OSError, ValueError):
        text = None
    return read_ignored(folder, text, fold=FOLDS)


class _Known(NamedTuple):
    verdict: str
    at: float


class _Reading(NamedTuple):
    verdicts: Future[Mapping[str, str]]
    at: float


class Access:
    """What may leave, by document. `read`, `resolve` and `now` are seams for tests."""

    def __init__(
        self,
        *,
        read: ReadRules = read_ignore_file,
        resolve: Callable[[str], str] = os.path.realpath,
        now: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._read = read
        self._resolve = resolve
        self._now = now
        self._patience = patience
        self._folders: tuple[str, ...] = ()
        self._disabled: Callable[[], Ignored] = cache(partial(_disabled, (), (), resolve))
        self._known: dict[str, _Known] = {}
        self._reading: dict[str, _Reading] = {}
        self._threads: list[Future[Mapping[str, str]]] = []

    def configure(self, folders: Sequence[Path], disabled_paths: tuple[str, ...]) -> None:
        """Takes workspace folders and the user's patterns; forgets all verdicts."""
        self._folders = tuple(map(str, folders))
        self._disabled = cache(partial(_disabled, disabled_paths, self._folders, self._resolve))
        self.forget()

    def forget(self) -> None:
        """Forgets all verdicts, also those that are being read: an ignore file has changed."""
        self._known = {}
        self._reading = {}

    async def denial(self, uri: str) -> str:
        """Returns the rule that keeps a document from being sent, "" if none does.

        Waits for what is not known, or was read some time ago, and not for long.
        """
        await self._learn((uri,))
        return self.known(uri)

    def known(self, uri: str) -> str:
        """Returns what is known without waiting; a denial if that is nothing, or too old."""
        self._collect()
        return LATE if self._old((uri,), STALE_SECONDS) else self._known[uri].verdict

    async def learn_shown(self, paths: Iterable[str]) -> None:
        """Finds out the same of files that are about to be shown beside a document.

        Their paths begin in a workspace folder. Rules may have changed since they were indexed.
        """
        await self._learn(self._all_places(paths))

    def look_at_shown(self, paths: Iterable[str]) -> None:
        """Begins to find that out, so that nobody need wait for it."""
        self._collect()
        self._begin(self._old(self._all_places(paths), FRESH_SECONDS))

    def may_show(self, path: str) -> bool:
        """Whether such a file may be shown, as far as it is known; in any of the folders."""
        return not any(map(self.known, self._places(path)))

    def _places(self, path: str) -> Sequence[str]:
        return [f"{folder.rstrip('/')}/{path}" for folder in self._folders] or [path]

    def _all_places(self, paths: Iterable[str]) -> Sequence[str]:
        return [place for path in paths for place in self._places(path)]

    async def _learn(self, keys: Sequence[str]) -> None:
        """Reads what is not fresh, all of it in one thread.

        Waits for that; where there are verdicts that will do, for what has just begun only.
        """
        self._collect()
        old = self._old(keys, FRESH_SECONDS)
        self._begin(old)
        useless, begun = self._old(old, STALE_SECONDS), self._now() - self._patience
        reading = {key: self._reading[key] for key in old if key in self._reading}
        awaited = [each for key, each in reading.items() if key in useless or each.at >= begun]
        with anyio.move_on_after(self._patience):
            for each in dict.fromkeys(awaited):
                await asyncio.wrap_future(each.verdicts)

    def _old(self, keys: Sequence[str], seconds: float) -> Sequence[str]:
        """Returns those of which nothing is known, or something older."""
        now = self._now()
        return [
            key for key in keys if key not in self._known or now - self._known[key].at > seconds
        ]

    def _collect(self) -> None:
        """Takes over the verdicts that threads have come to."""
        for key in [key for key, each in self._reading.items() if each.verdicts.done()]:
            reading = self._reading.pop(key)
            self._known.pop(key, None)
            self._known[key] = _Known(reading.verdicts.result()[key], reading.at)
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _begin(self, keys: Sequence[str]) -> None:
        """Starts a thread for documents that none is at, unless too many are waiting."""
        keys = [key for key in keys if key not in self._reading]
        self._threads = [each for each in self._threads if not each.done()]
        if keys and len(self._threads) < THREADS:
            judge = _Judge(cache(self._read), self._resolve, self._disabled)
            verdicts = _in_thread(lambda: {key: judge.verdict(key) for key in keys})
            self._threads.append(verdicts)
            self._reading.update(dict.fromkeys(keys, _Reading(verdicts, self._now())))


class PathRules:
    """What may leave of a workspace folder, file by file: for a walk, in the worker. Blocks.

    Each folder's ignore file is read once. Paths are absolute and below the folder.
    """

    def __init__(
        self,
        folder: Path,
        disabled_paths: tuple[str, ...] = (),
        *,
        folders: Sequence[Path] = (),
        read: ReadRules = read_ignore_file,
    ) -> None:
        self._top, real = f"{folder}".rstrip(os.sep) + os.sep, os.path.realpath(folder)
        self._roots = dict.fromkeys((self._top, real.rstrip(os.sep) + os.sep))
        spelled = [str(each) for each in folders or (folder,)]
        self._disabled = _disabled(disabled_paths, spelled, os.path.realpath)
        self._read = read
        self._of_folders: dict[str, _OfFolder] = {}
        self._real_folders: dict[str, str] = {}

    def denial(self, path: str) -> str:
        """Returns the rule that keeps a file from being shown, "" if none does."""
        if not path.startswith(self._top):
            return OUTSIDE
        below = path[len(self._top) :]
        places = dict.fromkeys((*(root + below for root in self._roots), self._real(path)))
        return next(filter(None, map(self._of_file, places)), "")

    def _real(self, path: str) -> str:
        """Returns where a file is, as `realpath` does, which takes 20 times as long."""
        if os.path.islink(path):  # noqa: PTH114 - 50 000 texts, not paths
            return os.path.realpath(path)
        folder, name = os.path.split(path)
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(folder)
        return os.path.join(self._real_folders[folder], name)  # noqa: PTH118 - a text goes in and out

    def _of_file(self, path: str) -> str:
        above = self._of_folder(os.path.dirname(path))  # noqa: PTH120 - 50 000 texts, not paths
        return above.verdict or denial_in(path, ignored=above.ignored, disabled=self._disabled)

    def _of_folder(self, folder: str) -> "_OfFolder":
        found = self._of_folders.get(folder)
        if found is None:
            parent = os.path.dirname(folder)  # noqa: PTH120 - 50 000 texts, not paths
            above = _OfFolder((), "") if parent == folder else self._of_folder(parent)
            own = self._read(folder)
            ignored = (*above.ignored, own) if own else above.ignored
            place = folder.rstrip("/\\") + "/"
            verdict = above.verdict or denial_in(
                place, ignored=above.ignored, disabled=self._disabled
            )
            found = self._of_folders[folder] = _OfFolder(ignored, verdict)
        return found


class _OfFolder(NamedTuple):
    ignored: tuple[Ignored, ...]
    verdict: str


class _Judge(NamedTuple):
    """What a verdict depends on, for a thread."""

    read: ReadRules
    resolve: Callable[[str], str]
    disabled: Callable[[], Ignored]

    def verdict(self, uri: str) -> str:
        """Judges a path as it is given and as it resolves; a mere name by itself."""
        try:
            paths = dict.fromkeys(each for path in paths_of(uri) for each in self._both(path))
            return next(filter(None, map(self._of_path, paths)), "")
        except Exception:  # noqa: BLE001 - whatever it is, the rules are not known
            return UNREADABLE

    def _both(self, path: str) -> Sequence[str]:
        is_file = os.path.isabs(path)  # noqa: PTH117 - a URI's path, of any system
        return (path, self.resolve(path)) if is_file else (path,)

    def _of_path(self, path: str) -> str:
        above = [str(folder) for folder in reversed(Path(path).parents)]
        found = (self.read(folder) for folder in above if os.path.isabs(folder))  # noqa: PTH117 - texts
        ignored = tuple(filter(None, found))
        return denial(path, ignored=ignored, disabled=self.disabled())


def _disabled(
    patterns: Sequence[str], folders: Sequence[str], resolve: Callable[[str], str]
) -> Ignored:
    """Returns the user's patterns, relative to the folders as they are given and as they resolve.

    May block.
    """
    folders = list(dict.fromkeys((*folders, *map(resolve, folders)))) if patterns else folders
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises without one
    return read_disabled(patterns, folders=folders, home=home, fold=FOLDS)


def _in_thread(work: Callable[[], Mapping[str, str]]) -> Future[Mapping[str, str]]:
    """Runs what may block for ever in a thread that does not keep the process from ending."""
    ended: Future[Mapping[str, str]] = Future()
    ended.set_running_or_notify_cancel()  # from here on nobody can cancel it
    threading.Thread(target=lambda: ended.set_result(work()), name="access", daemon=True).start()
    return ended
