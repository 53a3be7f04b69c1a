"""A workspace's files, as the index knows them."""

from collections.abc import Iterable, Sequence


class Files:
    """Answers which files there are."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = list(paths)

    def by_stem(self, stem: str) -> Sequence[str]:
        return [each for each in self._paths if _name(each).rpartition(".")[0] == stem]

    def in_folder(self, folder: str) -> Sequence[str]:
        return [each for each in self._paths if each.rpartition("/")[0] == folder]

    def has(self, path: str) -> bool:
        return path in self._paths


def _name(path: str) -> str:
    return path.rpartition("/")[2]
