"""Paths with slashes: what files there are, and how they are joined and compared. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

OF_FOLDER = 60
"""Files of one folder, where a folder is what is imported."""
ALIKE = 50
"""Files of one name that are compared: those called `index` or `mod` tell nothing."""


class FileTree(Protocol):
    """What files there are, by paths with slashes; each answer costs one look-up."""

    def by_stem(self, stem: str) -> Sequence[str]:
        """The paths of all files whose names are this without the last ending."""

    def in_folder(self, folder: str) -> Sequence[str]:
        """The paths of the files that lie in a folder itself."""

    def has(self, path: str) -> bool:
        """Whether there is such a file."""


def folder_of(path: str) -> str:
    """The folder that a path lies in; "" above all."""
    return path.rpartition("/")[0]


def stem_of(path: str) -> str:
    """A file's name without its last ending."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def roots(folder: str) -> Iterator[str]:
    """A folder and those above it, the nearest first, the top of the workspace last."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def join(folder: str, path: str) -> str:
    """A path seen from a folder, with dots resolved."""
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def existing(files: FileTree, paths: Iterable[str]) -> Iterator[str]:
    """Those of the paths that there are."""
    return (path for path in paths if files.has(path))


def first_found(ways: Iterable[Iterable[str]]) -> list[str]:
    """The files of the first way that leads to any."""
    return next((found for way in ways if (found := list(way))), [])


def by_ending(files: FileTree, folder: str, ending: str, *, but: str = "\0") -> list[str]:
    """The files in a folder itself whose names end with one thing and not with the other."""
    alike = (each for each in files.in_folder(folder) if each.endswith(ending))
    return list(islice((each for each in alike if not each.endswith(but)), OF_FOLDER))


def by_suffix(path: str, suffix: str, files: FileTree) -> list[str]:
    """The files whose path without its ending ends with a suffix, those nearest to `path`."""
    alike = files.by_stem(suffix.rpartition("/")[2])
    if not alike or len(alike) > ALIKE:
        return []
    ending = "/" + suffix
    fitting = [each for each in alike if ("/" + each.rpartition(".")[0]).endswith(ending)]
    steps = {each: distance(path, each) for each in fitting}
    return [each for each in fitting if steps[each] == min(steps.values())][:4]


def distance(path: str, other: str) -> int:
    """Counts the steps through the tree from one file's folder to that of another one."""
    here, there = path.split("/")[:-1], other.split("/")[:-1]
    shared = next(
        (n for n, (one, two) in enumerate(zip(here, there, strict=False)) if one != two),
        min(len(here), len(there)),
    )
    return len(here) + len(there) - 2 * shared
