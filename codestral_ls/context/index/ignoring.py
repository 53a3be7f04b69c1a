"""Which paths git would ignore: the rules of .gitignore files, and what they say of a path."""

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from pathspec import GitIgnoreSpec, PathSpec
from pathspec.pattern import Pattern

RULES_BYTES = 100_000
"""Of one .gitignore; what is longer was not written by hand."""
RULES_NAME = ".gitignore"


class Rules(NamedTuple):
    """The ignore rules that hold below a folder, which is written with a slash at its end.

    For files, pathspec weighs what a pattern says of them against what it says of their folder;
    for a folder on our way down it is only the last pattern that counts.
    """

    base: str
    of_files: GitIgnoreSpec
    of_folders: PathSpec[Pattern]


def rules_around(root: str) -> tuple[Rules, ...]:
    """The rules of the repository around `root`, the outermost first."""
    around = (Path(root), *Path(root).parents)
    # Path.exists raises where a folder may not be searched.
    marks = enumerate(os.path.exists(folder / ".git") for folder in around)  # noqa: PTH110 - may not raise
    top = next((n for n, there in marks if there), None)
    if top is None:
        return ()
    repository = around[top].as_posix()
    rules = _read_rules(repository, f"{repository}/.git/info/exclude")
    for folder in reversed(around[1 : top + 1]):
        rules += rules_of(folder.as_posix())
    # Whoever opens a folder that a repository around it ignores wants what is in it.
    return () if is_ignored(f"{root}/", rules) else rules


def rules_of(folder: str) -> tuple[Rules, ...]:
    """The rules that stand in a folder itself: none or one."""
    return _read_rules(folder, f"{folder}/{RULES_NAME}")


def is_ignored(path: str, rules: tuple[Rules, ...]) -> bool:
    """Whether the innermost rules that speak of `path` exclude it; folders end in a slash."""
    for base, of_files, of_folders in reversed(rules):
        spec = of_folders if path.endswith("/") else of_files
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False


def _read_rules(folder: str, file: str) -> tuple[Rules, ...]:
    lines = read_bytes(file, RULES_BYTES).decode("utf-8-sig", errors="replace").splitlines()
    if not lines:
        return ()
    try:
        of_files = GitIgnoreSpec.from_lines(lines, backend="simple")
    except (ValueError, re.error):
        lines = [line for line in lines if _is_valid(line)]
        of_files = GitIgnoreSpec.from_lines(lines, backend="simple")
    of_folders = PathSpec.from_lines("gitignore", lines, backend="simple")
    return (Rules(folder.rstrip("/") + "/", of_files, of_folders),)


def _is_valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line], backend="simple")
    except (ValueError, re.error):
        return False
    return True


def read_bytes(path: str, most: int) -> bytes:
    """Returns the content of a file; nothing if it is longer than `most` or unreadable.

    What is no regular file may keep whoever opens it for ever; what calls itself empty either is
    so or is made by the kernel while it is read.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - os.scandir gave text
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= most:
            return b""
        with open(path, "rb") as file:  # noqa: PTH123 - os.scandir gave text
            content = file.read(most + 1)
    except (OSError, ValueError):  # ValueError: a NUL in a path that an editor sent
        return b""
    return content if len(content) <= most else b""
