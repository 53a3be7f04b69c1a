"""The source files of a workspace: which there are, and which a person has written."""

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pathspec import GitIgnoreSpec, PathSpec
from pathspec.pattern import Pattern

from codestral_ls.model import SourceText

RULES_BYTES = 100_000
"""Of one .gitignore; what is longer was not written by hand."""
BINARY_BYTES = 8_192
"""At the beginning of a file, in which a NUL makes it binary: git looks at as many."""

KERNELS = frozenset({"/dev", "/proc", "/run", "/sys"})
"""Their files are no text, and reading one may wait for ever, or do something."""
OTHERS_CODE = frozenset(
    {"node_modules", "bower_components", "site-packages", "venv", "virtualenv", "__pycache__"}
)
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
NOT_SOURCE = frozenset(
    {".csv", ".ipynb", ".key", ".lock", ".log", ".map", ".pem", ".snap", ".svg", ".tsv"}
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


def read_workspace(
    folders: Sequence[Path], *, limits: Limits, now: Callable[[], float]
) -> Iterator[SourceText]:
    """Yields the source files below `folders`, the topmost first, until a limit is reached.

    Blocks, so it belongs in a thread. What cannot be read is left out.
    """
    deadline = now() + limits.seconds
    room, count = limits.bytes, 0
    for path in _walk(folders, lambda: now() >= deadline):
        if count >= limits.files or now() >= deadline:
            break
        content = _read(path, limits.file_bytes)
        if len(content) > room:
            break
        text = _source(content, limits)
        if text:
            room -= len(content)
            count += 1
            yield SourceText(uri=Path(path).as_uri(), text=text)


def _walk(folders: Sequence[Path], late: Callable[[], bool]) -> Iterator[str]:
    """Yields the paths of files that are neither hidden nor ignored, breadth first."""
    roots = [folder.absolute() for folder in folders]
    queue = deque(_Folder(str(root), _outer_rules(root)) for root in roots)
    seen: set[str] = set()
    while queue and not late():
        path, rules = queue.popleft()
        if path in seen or path in KERNELS:
            continue
        seen.add(path)
        entries = _entries(path)
        if any(entry.name in ENVIRONMENT_MARKS for entry in entries):
            continue
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
    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - os.scandir gives text
    return entry.is_file(follow_symlinks=False) and suffix not in NOT_SOURCE


def _outer_rules(root: Path) -> tuple[_Rules, ...]:
    """Returns the rules of the repository around `root`, the outermost first."""
    around = (root, *root.parents)
    # Path.exists raises where a folder may not be searched.
    marks = enumerate(os.path.exists(folder / ".git") for folder in around)  # noqa: PTH110 - may not raise
    top = next((n for n, there in marks if there), None)
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
    except (ValueError, re.error):
        lines = [line for line in lines if _valid(line)]
        of_files = GitIgnoreSpec.from_lines(lines, backend="simple")
    of_folders = PathSpec.from_lines("gitignore", lines, backend="simple")
    return (_Rules(folder.rstrip("/\\") + "/", of_files, of_folders),)


def _valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line], backend="simple")
    except (ValueError, re.error):
        return False
    return True


def _ignored(path: str, rules: tuple[_Rules, ...]) -> bool:
    """Whether the innermost rules that speak of `path` exclude it; folders end in a slash."""
    for base, of_files, of_folders in reversed(rules):
        spec = of_folders if path.endswith("/") else of_files
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False


def _read(path: str, limit: int) -> bytes:
    """Returns the content of a file; nothing if it is longer than `limit` or unreadable.

    What is no regular file may keep whoever opens it for ever; what calls itself empty either is
    so or is made by the kernel while it is read.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - os.scandir gave text
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= limit:
            return b""
        with open(path, "rb") as file:  # noqa: PTH123 - os.scandir gave text
            content = file.read(limit + 1)
    except OSError:
        return b""
    return content if len(content) <= limit else b""


def _source(content: bytes, limits: Limits) -> str:
    """Returns what a person wrote, with LF line ends; nothing if it is binary or minified."""
    if b"\0" in content[:BINARY_BYTES]:
        return ""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return ""
    lines = text.split("\n")
    if max(map(len, lines)) > limits.line_chars:
        return ""
    return text if len(text) <= limits.mean_line_chars * len(lines) else ""
