"""What the worker knows of the open documents, and what it is yet to be told. Pure."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from codestral_ls.context.index.wire import Close, FilesChanged, Message, Open, difference
from codestral_ls.context.index.written import FILE_BYTES

URIS = 1_000
"""In one message: another branch may change any number of files."""


class _Document(NamedTuple):
    language: str
    text: str


class Mirror:
    """The editor's documents on one side, those of the worker on the other.

    A document that is too long for the index is open for the editor alone.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Document] = {}
        self._sent: dict[str, _Document] = {}
        self._unsent: dict[str, None] = {}
        self._files: dict[str, None] = {}

    def open(self, path: str, language: str, text: str) -> None:
        """A document is open, or its language is another one."""
        self._open[path] = _Document(language, text)
        self._unsent[path] = None

    def change(self, path: str, text: str) -> None:
        """An open document has another text."""
        if path in self._open:
            self.open(path, self._open[path].language, text)

    def close(self, path: str) -> None:
        """A document is open no longer."""
        if self._open.pop(path, None) is not None:
            self._unsent[path] = None

    def files_changed(self, uris: Iterable[str]) -> None:
        """Files were made, changed or removed on disk."""
        self._files.update(dict.fromkeys(uris))

    def forget(self) -> None:
        """There is another worker, which knows nothing: it walks, and is told of all documents."""
        self._sent.clear()
        self._files.clear()
        self._unsent = dict.fromkeys(self._open)

    @property
    def count(self) -> int:
        """How many documents are open."""
        return len(self._open)

    def unsent(self) -> Iterator[Message]:
        """Yields what the worker is to be told; what is not taken from here stays unsent."""
        while self._files:
            uris = tuple(islice(self._files, URIS))
            for uri in uris:
                del self._files[uri]
            yield FilesChanged(uris=uris)
        while self._unsent:
            path = next(iter(self._unsent))
            del self._unsent[path]
            message = self._update(path)
            if message is not None:
                yield message

    def _update(self, path: str) -> Message | None:
        old, new = self._sent.pop(path, None), self._open.get(path)
        if new is None or len(new.text) > FILE_BYTES:
            return None if old is None else Close(path=path)
        self._sent[path] = new
        if old is None or old.language != new.language:
            return Open(path=path, language=new.language, text=new.text)
        return None if old == new else difference(path, old.text, new.text)
