"""How much is wanted at a place, and when a growing text holds all of it. Pure."""

from enum import Enum

from codestral_ls.model import Snapshot

BLOCK_OPENERS = (":", "{", "(", "[", "=>", "->", "do", "then", "begin")
"""Line ends after which the lines that follow are what is wanted."""


class Extent(Enum):
    """What to show; the value is the text that ends it, for the endpoint's `stop` as well."""

    LINE = "\n"
    BLOCK = "\n\n"


def wanted_extent(snapshot: Snapshot) -> Extent:
    """The rest of the line inside of one; a block on an empty line or behind what opens one."""
    head = snapshot.line_head.rstrip()
    if snapshot.line_tail.strip():
        return Extent.LINE
    return Extent.BLOCK if not head or head.endswith(BLOCK_OPENERS) else Extent.LINE


def cut_at(text: str, extent: Extent) -> str:
    """The text up to where the extent ends; blank lines at its very beginning do not end it."""
    start = len(text) - len(text.lstrip("\n")) if extent is Extent.BLOCK else 0
    end = text.find(extent.value, start)
    return text if end < 0 else text[:end]


def is_complete(text: str, extent: Extent) -> bool:
    """Whether reading further would add nothing that is shown."""
    return len(cut_at(text, extent)) < len(text)
