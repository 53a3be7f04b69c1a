"""Texts of the workspace, from which the offline provider draws its answers.

They are read from disk once per load, stay in memory and leave it only as ghost text.
"""

import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import anyio.to_thread
from pathspec import GitIgnoreSpec, PathSpec
from pathspec.pattern import Pattern

from codestral_ls.model import SourceText

QUESTION_CHARS = 2_000_000
REMEMBERED_ORDERS = 64
RULES_BYTES = 100_000

OTHERS_CODE = frozenset(
    {"node_modules", "bower_components", "site-packages", "venv", "virtualenv", "__pycache__"}
)
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
NOT_SOURCE = frozenset(
    {".csv", ".ipynb", ".key", ".lock", ".log", ".map", ".pem", ".snap", ".svg", ".tsv"}
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where reading a workspace stops, and which files are too long to be written by hand."""

    files: int = 2_000
    bytes: int = 5_000_000
    seconds: float = 2.0
    file_bytes: int = 200_000
    line_chars: int = 5_000
    mean_line_chars: int = 200


class _Rules(NamedTuple):
    """The ignore rules that hold below a folder, which is written with a slash at its end.

    For files, pathspec weighs what a pattern says of them against what it says of their folder;
    for a folder on our way down it is only the last pattern that counts.
    """

    base: str
    of_files: GitIgnoreSpec
    of_folders: PathSpec[Pattern]


class _Folder(NamedTuple):
    path: str
    rules: tuple[_Rules, ...]


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
        """Read `folders` in a worker thread; the result of an older load never replaces a newer's.

        A cancelled load changes nothing; its thread ends with its time box.
        """
        self._begun += 1
        turn = self._begun
        read = partial(read_workspace, tuple(folders), limits=self._limits, now=self._now)
        files = await anyio.to_thread.run_sync(read, abandon_on_cancel=True)
        if turn > self._shown:
            self._shown = turn
            self._files = files
            self._orders = {}

    def texts(self, uri: str) -> Sequence[SourceText]:
        """Return texts of the same kind, nearest first, without `uri` itself."""
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


def read_workspace(
    folders: Sequence[Path], *, limits: Limits, now: Callable[[], float]
) -> tuple[SourceText, ...]:
    """Read the source files below `folders`, the topmost first, until a limit is reached.

    Blocks, so it belongs in a worker thread. What cannot be read is left out.
    """
    deadline = now() + limits.seconds
    found: list[SourceText] = []
    room = limits.bytes
    for path in _walk(folders, lambda: now() >= deadline):
        if len(found) >= limits.files or now() >= deadline:
            break
        content = _read(path, limits.file_bytes)
        if len(content) > room:
            break
        text = _source(content, limits)
        if text:
            room -= len(content)
            found.append(SourceText(uri=Path(path).as_uri(), text=text))
    return tuple(found)


def _walk(folders: Sequence[Path], late: Callable[[], bool]) -> Iterator[str]:
    """Yield the paths of files that are neither hidden nor ignored, breadth first."""
    roots = [folder.absolute() for folder in folders]
    queue = deque(_Folder(str(root), _outer_rules(root)) for root in roots)
    seen: set[str] = set()
    while queue and not late():
        path, rules = queue.popleft()
        entries = _entries(path)
        if path in seen or any(entry.name in ENVIRONMENT_MARKS for entry in entries):
            continue
        seen.add(path)
        rules += _rules(path, os.path.join(path, ".gitignore"))  # noqa: PTH118 - os.scandir gives text
        for entry in entries:
            if late():
                return
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in OTHERS_CODE and not _ignored(entry.path + "/", rules):
                    queue.append(_Folder(entry.path, rules))
            elif _promising(entry) and not _ignored(entry.path, rules):
                yield entry.path


def _entries(path: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _promising(entry: "os.DirEntry[str]") -> bool:
    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - the same
    return entry.is_file(follow_symlinks=False) and suffix not in NOT_SOURCE


def _outer_rules(root: Path) -> tuple[_Rules, ...]:
    """Return the rules of the repository around `root`, the outermost first."""
    around = (root, *root.parents)
    top = next((n for n, folder in enumerate(around) if (folder / ".git").exists()), None)
    if top is None:
        return ()
    repository = str(around[top])
    rules = _rules(repository, str(around[top] / ".git" / "info" / "exclude"))
    for folder in reversed(around[1 : top + 1]):
        rules += _rules(str(folder), str(folder / ".gitignore"))
    # Whoever opens a folder that a repository around it ignores wants what is in it.
    return () if _ignored(f"{root}/", rules) else rules


def _rules(folder: str, file: str) -> tuple[_Rules, ...]:
    lines = _read(file, RULES_BYTES).decode("utf-8-sig", errors="replace").splitlines()
    if not lines:
        return ()
    try:
        of_files = GitIgnoreSpec.from_lines(lines, backend="simple")
    except ValueError:
        lines = [line for line in lines if _valid(line)]
        of_files = GitIgnoreSpec.from_lines(lines, backend="simple")
    of_folders = PathSpec.from_lines("gitignore", lines, backend="simple")
    return (_Rules(folder.rstrip("/\\") + "/", of_files, of_folders),)


def _valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line], backend="simple")
    except ValueError:
        return False
    return True


def _ignored(path: str, rules: tuple[_Rules, ...]) -> bool:
    """Tell whether the innermost rules that speak of `path` exclude it; folders end in a slash."""
    for base, of_files, of_folders in reversed(rules):
        spec = of_folders if path.endswith("/") else of_files
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False


def _read(path: str, limit: int) -> bytes:
    """Return the content of a file, nothing if it is longer than `limit` or unreadable."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the same
            content = file.read(limit + 1)
    except OSError:
        return b""
    return content if len(content) <= limit else b""


def _source(content: bytes, limits: Limits) -> str:
    """Return what a person wrote, with LF line ends; nothing if it is binary or minified."""
    if b"\0" in content[:8192]:
        return ""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return ""
    lines = text.split("\n")
    if max(map(len, lines)) > limits.line_chars:
        return ""
    return text if len(text) <= limits.mean_line_chars * len(lines) else ""


def _identity(uri: str) -> str:
    """Return what is equal for all spellings of a URI: editors escape differently."""
    return re.sub(r"^file:///[A-Za-z]:", lambda drive: drive[0].lower(), unquote(uri))


def _kind(uri: str) -> str:
    name = uri.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    return dot + suffix if stem else name


def _accepted(uri: str) -> frozenset[str]:
    kind = _kind(uri)
    return frozenset({kind}).union(*(family for family in FAMILIES if kind in family))


def _distance(folder: str, other: str) -> int:
    """Count the steps through the tree from `folder` to the folder of `other`."""
    here = folder.split("/")
    there = other.split("/")[:-1]
    pairs = zip(here, there, strict=False)
    shared = next((n for n, (one, two) in enumerate(pairs) if one != two), None)
    if shared is None:
        shared = min(len(here), len(there))
    return len(here) + len(there) - 2 * shared
