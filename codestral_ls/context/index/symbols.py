"""What a definition is known by. Pure."""

from typing import NamedTuple

MOST = 3000
"""Symbols of one file: generated tables of constants have more, and nobody needs them."""


class Symbol(NamedTuple):
    """A name that other files can use.

    `kind` is one of function, method, class, constant, field, module, type. `line` counts from 0
    and is the line on which the name stands, below decorators and doc comments. `container` is
    the innermost class, the type of an `impl` or of Go's receiver; "" at the top level.
    """

    name: str
    kind: str
    line: int
    container: str
