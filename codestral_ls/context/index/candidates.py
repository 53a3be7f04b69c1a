"""Which definitions are worth weighing: bounded, whatever the size of the workspace. Pure.

First come names, of which a thousand cost two milliseconds; where the best of them are defined is
looked up afterwards.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nlargest

from codestral_ls.context.index.catalog import Catalog
from codestral_ls.context.index.record import Definition, Record
from codestral_ls.context.index.scoring import Scale

OF_FILE, OF_FILES = 400, 500
"""Names of one file, and of all, that are open, imported, alike or in the folder."""
FEW = 300
"""Names with which a small workspace is not yet looked through."""
PLACES_OF_NAME = 3
"""Definitions of one name: those in the likeliest files."""


def gather_names(
    scale: Scale, *, near: Iterable[Record], names: Iterable[int], others: Iterable[Record]
) -> dict[int, float]:
    """Returns names, and what it is worth to be defined where they are.

    Those in near files, those that are mentioned, and those of all others if these are few.
    """
    worth: dict[int, float] = {}
    _add_names(worth, near, scale, OF_FILES)
    for name in names:
        worth.setdefault(name, 0.0)
    _add_names(worth, others, scale, FEW)
    return worth


def _add_names(worth: dict[int, float], records: Iterable[Record], scale: Scale, most: int) -> None:
    for record in records:
        if len(worth) >= most:
            return
        bonus = scale.weigh_file(record)
        for name in record.names[:OF_FILE]:
            if bonus > worth.get(name, -math.inf):
                worth[name] = bonus


def find_definitions(
    catalog: Catalog,
    scale: Scale,
    worth: Mapping[int, float],
    *,
    accepts: Callable[[Record], bool],
    most: int,
) -> Iterator[Definition]:
    """Yields the likeliest definitions of the `most` best names that the document lacks."""
    known = scale.around.known
    weighed = []
    for name, bonus in worth.items():
        if name not in known:
            spelled = catalog.spell(name)
            if spelled and not spelled.startswith("__"):
                weighed.append((bonus + scale.weigh_name(name, spelled), name))
    for _, name in nlargest(most, weighed):
        places = [each for each in catalog.definitions_of(name) if accepts(each[0])]
        if len(places) > PLACES_OF_NAME:
            places.sort(key=lambda each: (-scale.weigh_file(each[0]), each[0].path, each[1]))
        for record, at in places[:PLACES_OF_NAME]:
            yield record.definition(at)
