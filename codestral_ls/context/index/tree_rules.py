"""How the nodes of a syntax tree are read as definitions: the values that tables are made of. Pure.

A language is a row: tables of the types of nodes that define something or lead to what does. Types
that a table does not name are not looked into: bodies of functions cost nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

TOP = ""
"""The table that a text begins with."""
EVERY, FIRST = "*", "0"
"""In place of a field's name: all children, and the first one that has a name."""


class Rule(NamedTuple):
    """What a node means.

    `name` is the field in which its names stand, `owner` the one that names their container.
    `inside` says whether its children are looked at, by the table `among` or by the same one; with
    `holds` its name is their container. Names count only if the node has a child of the type
    `needs`, and if they begin with `starts`. Where a definition's name is one of `builders`, its
    inside is read by the table "constructor". `value` is the field
    whose node's type may tell a better kind, and whose text does not begin with one of `foreign`.
    """

    kind: str = ""
    name: str = ""
    owner: str = ""
    inside: bool = False
    among: str | None = None
    holds: bool = False
    needs: str = ""
    starts: str = ""
    builders: tuple[str, ...] = ()
    value: str = ""
    foreign: tuple[str, ...] = ()


class Way(NamedTuple):
    """How a name is reached from a pattern or a declarator: the field to go on in.

    `owner` is the field that names the container; `kind` says what the name then is.
    """

    to: str
    owner: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rules by the types of nodes, ways to names, and the types of nodes that are names."""

    nodes: Mapping[str, Rule]
    ways: Mapping[str, Way] = field(default_factory=dict)
    leaves: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How a language's definitions are found; `values` are kinds by the type of the value."""

    tables: Mapping[str, Table]
    values: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


PASS = Rule(inside=True)
"""Leads on, and is nothing itself."""
VARIABLE = "variable"
"""A constant outside of classes, and a field in them."""


def passing(names: str) -> dict[str, Rule]:
    """Nodes that only lead on."""
    return dict.fromkeys(names.split(), PASS)


def defining(kind: str, names: str, *, name: str = "name") -> dict[str, Rule]:
    """Nodes that define something and are not looked into."""
    return dict.fromkeys(names.split(), Rule(kind, name))


def holding(kind: str, names: str, *, needs: str = "") -> dict[str, Rule]:
    """Nodes that define something with members."""
    rule = Rule(kind, "name", inside=True, holds=True, needs=needs)
    return dict.fromkeys(names.split(), rule)


def ways(names: str, to: str) -> dict[str, Way]:
    """Nodes in which a name is reached by the same field."""
    return dict.fromkeys(names.split(), Way(to))


def row(
    table: Table,
    *,
    values: Mapping[str, str] | None = None,
    left_out: str = "",
    **others: Table,
) -> Row:
    """A language's row."""
    return Row(
        tables={TOP: table, **others},
        values=values or {},
        left_out=frozenset(left_out.split()),
    )
