"""The ranker and the matcher of a workspace, and how much goes into each. Pure."""

from collections.abc import Sequence
from typing import Protocol

from codestral_ls.context.index.question import Question
from codestral_ls.model import Prompt, Snippet

MATCHED_CHARS = 8_000_000
"""In the matcher: of the files that come first, which are the nearest."""
MATCHED_FILE_CHARS = 200_000


class Ranker(Protocol):
    """Finds the lines of a workspace that go best with a place in a document."""

    def put(self, path: str, language: str, text: str, *, open: bool = False) -> None:  # noqa: A002 - as editors say it
        """Adds or replaces a file; an open one is the editor's."""

    def put_manifest(self, folder: str) -> None:
        """Takes note that a project begins in a folder."""

    def drop(self, path: str) -> None:
        """Forgets a file."""

    def rank(self, question: Question) -> Sequence[Snippet]:
        """Answers a question."""


class Proposal(Protocol):
    """How code may go on."""

    @property
    def text(self) -> str:
        """What is to be inserted."""


class Matcher(Protocol):
    """Finds how code goes on in code there is."""

    def put(self, path: str, language: str, text: str) -> None:
        """Adds or replaces a file."""

    def drop(self, path: str) -> None:
        """Forgets a file."""

    def propose(self, prompt: Prompt) -> Proposal | None:
        """Answers a prompt, if it is sure enough."""


class Stores:
    """Both, or the one that is wanted; a file that is put again takes the place of its older text.

    Open files go into the matcher whatever else is in it.
    """

    def __init__(
        self, ranker: Ranker | None, matcher: Matcher | None, *, most: int = MATCHED_CHARS
    ) -> None:
        self._ranker, self._matcher = ranker, matcher
        self._room = most
        self._matched: dict[str, int] = {}
        self._files: set[str] = set()

    @property
    def counts(self) -> dict[str, int]:
        """How many files are known."""
        return {"files": len(self._files), "matched files": len(self._matched)}

    def put(self, path: str, language: str, text: str, *, is_open: bool) -> None:
        """Adds or replaces a file."""
        self._files.add(path)
        if self._ranker is not None:
            self._ranker.put(path, language, text, open=is_open)
        if self._matcher is None:
            return
        room = self._room + self._matched.get(path, 0)
        if len(text) <= MATCHED_FILE_CHARS and (is_open or len(text) <= room):
            self._matcher.put(path, language, text)
            self._room, self._matched[path] = room - len(text), len(text)
        else:
            self._drop_matched(path)

    def put_manifest(self, folder: str) -> None:
        """Takes note that a project begins in a folder."""
        if self._ranker is not None:
            self._ranker.put_manifest(folder)

    def drop(self, path: str) -> None:
        """Forgets a file."""
        if path not in self._files:
            return
        self._files.discard(path)
        if self._ranker is not None:
            self._ranker.drop(path)
        self._drop_matched(path)

    def rank(self, question: Question) -> Sequence[Snippet]:
        """Asks the ranker, if there is one."""
        return () if self._ranker is None else self._ranker.rank(question)

    def propose(self, prompt: Prompt) -> str:
        """Asks the matcher, if there is one; "" is nothing."""
        if self._matcher is None:
            return ""
        proposal = self._matcher.propose(prompt)
        return "" if proposal is None else proposal.text

    def _drop_matched(self, path: str) -> None:
        if self._matcher is not None and path in self._matched:
            self._room += self._matched.pop(path)
            self._matcher.drop(path)
