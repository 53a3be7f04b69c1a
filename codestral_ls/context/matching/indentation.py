"""Indentation of lines, and what else is known of their characters. Pure."""

from collections.abc import Iterable
from itertools import islice

UNIT_LINES = 2_000
"""At the beginning of a text, within which the first indented line is looked for."""


def is_word(character: str) -> bool:
    """Whether a character can be part of a name."""
    return character.isalnum() or character == "_"


def slope_of(upper: str, lower: str) -> int:
    """Whether a line is indented more (1), less (-1) or as much (0) as the one above it."""
    change = len(indent_of(lower)) - len(indent_of(upper))
    return (change > 0) - (change < 0)


def indent_of(line: str) -> str:
    """Returns the blanks at the beginning of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def unit_of(lines: Iterable[str]) -> str:
    """Returns one step of the indentation of a text: a single blank is none."""
    for line in islice(lines, UNIT_LINES):
        if line.startswith(("\t", "  ")) and line.strip():
            return "\t" if line[0] == "\t" else indent_of(line)
    return "    "
