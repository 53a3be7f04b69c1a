"""The names in a text and the words in a name, known by their hashes. Pure.

Hashes of 32 bits stand for names, so that no vocabulary need be kept. Two names that share one are
taken for each other, which moves a line up or down in a ranking and does no other harm.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

NAME = re.compile(r"[^\W\d]\w{2,}")
"""Shorter ones say nothing about the place at which they stand."""

PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|_+")
"""One of those that a name is made of."""
PART_CHARS = 3
NAMES = 20_000
"""That are remembered with their parts: from one question to the next they are the same."""

KEYWORDS = frozenset(
    """
    and as assert async await bool break case catch chan class const continue crate def default
    defer del do elif else enum except export extends extern False final finally float fn for
    from func function go if impl implements import in instanceof int interface is lambda let
    loop map match mod mut namespace new nil None nonlocal not null or package pass private
    protected pub public raise range return select Self self static str string struct super
    switch this throw throws trait True true false try type typeof undefined union unsafe use
    var void where while with yield
    """.split()  # noqa: SIM905 - a list of a hundred literals is a hundred lines
)
"""Of many languages, and their simplest types."""


def names_in(text: str) -> list[str]:
    """Returns every name in a text, as often as it stands there."""
    return NAME.findall(text)


def hash_name(name: str) -> int:
    """Returns what stands for a name in the index: never 0, which stands for none."""
    return crc32(name.encode("utf-8", "surrogatepass")) or 1


def hash_names(names: Iterable[str]) -> list[int]:
    """Returns the hashes of names in the order in which they are met first."""
    return [hash_name(name) for name in dict.fromkeys(names)]


@lru_cache(NAMES)
def parts_of(name: str) -> tuple[str, ...]:
    """Returns the words of a camelCase or snake_case name in lower case, but for short ones."""
    parts = (part.lower() for part in PART.findall(name) if part[0].isalpha())
    return tuple(dict.fromkeys(part for part in parts if len(part) >= PART_CHARS))
