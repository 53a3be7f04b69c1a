"""Texts of files as they may be shown: not denied, without secrets, with LF line ends."""

import os
from collections.abc import Callable
from typing import NamedTuple

from codestral_ls.context.index.ignoring import read_bytes
from codestral_ls.context.index.written import FILE_BYTES, source_text

REMEMBERED_CHARS = 2_000_000
"""A ranking reads some thirty files, and from one key to the next nearly always the same."""


class _Remembered(NamedTuple):
    size: int
    changed: int
    text: str


class Texts:
    """Reads files from disk, and remembers those read last.

    `is_denied` is asked before a file is opened, `redact` covers secrets; where either fails, there
    is no text.
    """

    def __init__(
        self,
        is_denied: Callable[[str], bool],
        redact: Callable[[str], str],
        *,
        most: int = REMEMBERED_CHARS,
    ) -> None:
        self._is_denied = is_denied
        self._redact = redact
        self._room = most
        self._remembered: dict[str, _Remembered] = {}

    def load(self, path: str) -> str:
        """The text on disk; "" where there is none that may be shown or that a person wrote."""
        if self._is_denied(path):
            return ""
        text = source_text(read_bytes(path, FILE_BYTES))
        return self._redact(text) if text else ""

    def read(self, path: str) -> str:
        """As `load`, but what is still the same on disk is read once."""
        try:
            status = os.stat(path)  # noqa: PTH116 - called for some thirty files in each ranking
        except (OSError, ValueError):
            return ""
        known = self._remembered.pop(path, None)
        if known is not None:
            self._room += len(known.text)
        if known is None or known[:2] != (status.st_size, status.st_mtime_ns):
            known = _Remembered(status.st_size, status.st_mtime_ns, self.load(path))
        elif self._is_denied(path):
            return ""
        self._remembered[path] = known
        self._room -= len(known.text)
        while self._room < 0:
            oldest = next(iter(self._remembered))
            self._room += len(self._remembered.pop(oldest).text)
        return known.text
