"""What a definition stands in: the line that shows what its members belong to. Pure."""

import re
from collections.abc import Mapping, Sequence

from codestral_ls.context.index.symbols import Symbol

OWNERS = frozenset({"class", "type", "module", "constant"})
"""Kinds of what holds others; objects are constants.

With the constructors in which fields are set, a point less of the needed names was found.
"""
_EXTENSION = re.compile(r"\s*(?:[\w()]+\s+){0,3}(?:impl|extension)\b")
"""What gives members to a type that is defined elsewhere, and is no definition itself."""
DEEPEST = 8
"""Classes within each other that are looked through."""
_TAB = 4
_LONGEST = 500


def find_owners(
    language: str, lines: Sequence[str], symbols: Sequence[Symbol]
) -> Mapping[Symbol, int]:
    """Returns for each member the line of what it stands in, as nesting tells: names recur.

    That is the nearest line above that is indented less, and names its container.
    """
    holders = [
        (each.line, _indent(lines[each.line]), each.name) for each in symbols if each.kind in OWNERS
    ]
    if language in {"rust", "swift"}:
        holders += [
            (row, _indent(line), line[:_LONGEST])
            for row, line in enumerate(lines)
            if _EXTENSION.match(line[:_LONGEST])
        ]
        holders.sort()
    found: dict[Symbol, int] = {}
    stack: list[tuple[int, int, str]] = []
    at = 0
    for symbol in symbols:
        while at < len(holders) and holders[at][0] < symbol.line:
            while stack and stack[-1][1] >= holders[at][1]:
                stack.pop()
            stack.append(holders[at])
            at += 1
        indent = _indent(lines[symbol.line])
        for row, depth, name in stack[: -1 - DEEPEST : -1]:
            if symbol.container and depth < indent and _names(name, symbol.container):
                found[symbol] = row
                break
    return found


def _names(line: str, name: str) -> bool:
    """Whether a definition's name, or the line of an extension, is or holds a name."""
    return line == name or (name in line and re.search(rf"\b{re.escape(name)}\b", line) is not None)


def _indent(line: str) -> int:
    """The columns before the first character."""
    begun = line[:_LONGEST].expandtabs(_TAB)
    return len(begun) - len(begun.lstrip())
