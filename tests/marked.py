"""Text fixtures with the cursor marked in them."""

from codestral_ls.lsp.documents import Document
from codestral_ls.model import Budget, Position, Request, Snapshot, Trigger

CURSOR = "‸"
BUDGET = Budget(prefix_chars=6000, suffix_chars=2000)


def snapshot(marked: str, *, language: str = "python", uri: str = "file:///w/a.py") -> Snapshot:
    """The snapshot of a text in which `‸` marks the cursor."""
    head, tail = marked.split(CURSOR)
    document = Document(uri, language, head + tail)
    line = head.replace("\r\n", "\n").replace("\r", "\n").rpartition("\n")
    position = Position(line=line[0].count("\n") + bool(line[1]), character=len(line[2]))
    return document.snapshot(position, BUDGET)


def request(
    marked: str, *, trigger: Trigger = Trigger.AUTOMATIC, language: str = "python"
) -> Request:
    """A request at the marked cursor."""
    there = snapshot(marked, language=language)
    return Request(snapshot=there, trigger=trigger, lane=there.uri)
