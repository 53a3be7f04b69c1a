"""Files of a workspace, as tests write them."""

from collections.abc import Callable
from pathlib import Path

Write = Callable[..., Path]


def writer(folder: Path) -> Write:
    """Returns a function that writes a file below a folder."""

    def write(name: str, content: str | bytes = "text = 1\n") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def still() -> float:
    """A clock that stands."""
    return 0.0
