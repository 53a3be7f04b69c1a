"""What the names that are used at the cursor mean: their signatures, which the file lacks. Pure."""

from collections.abc import Iterator

from codestral_ls.context.index.corpus import Corpus
from codestral_ls.context.index.layout import Block
from codestral_ls.context.index.record import CALLABLE, CLASSES, Definition
from codestral_ls.context.index.surroundings import Surroundings
from codestral_ls.context.index.words import hash_name

MOST_NAMES, MOST_PLACES = 12, 3
"""A name that is defined in more places, none of them imported or open, could mean any."""
CONSTRUCTORS = tuple(map(hash_name, ("__init__", "constructor", "__new__")))


def add_used_names(block: Block, corpus: Corpus, around: Surroundings, most: int) -> None:
    """Puts the signatures and docs of the names near the cursor into a block, up to `most`."""
    end = block.used + most
    found: list[tuple[int, Definition]] = []
    for name in around.used[:MOST_NAMES]:
        found += _find_meanings(corpus, around, hash_name(name))
    for _, meant in sorted(found, key=lambda each: each[0]):
        if not corpus.is_there(meant.record):
            continue
        head, owner = corpus.head_of(meant, doc=True), corpus.owners_of(meant)
        if block.add(meant.record.path, head, owner=owner, most=end - block.used):
            block.praise(meant.record.path, 3)
        for constructor in _constructors(meant):
            head, owner = corpus.head_of(constructor), corpus.owners_of(constructor)
            block.add(meant.record.path, head, owner=owner, most=end - block.used)


def _find_meanings(corpus: Corpus, around: Surroundings, name: int) -> list[tuple[int, Definition]]:
    """Returns the one or two definitions that a name probably means, each behind its doubt."""
    places = [
        (record, at)
        for record, at in corpus.catalog.definitions_of(name)
        if corpus.accepts(record) or record is corpus.own
    ]
    found: list[tuple[int, Definition]] = []
    for record, at in places:
        owner = record.container(at)
        if owner in around.receivers:
            doubt = 0
        elif record is corpus.own:
            doubt = 1
        elif record.number in around.imported or record.number in around.open:
            doubt = 1 if not owner else 3
        elif len(places) > MOST_PLACES:
            continue
        else:
            doubt = 2 if record.folder == around.folder and not owner else 4
        definition = record.definition(at)
        if definition.kind in CALLABLE | CLASSES:
            found.append((doubt, definition))
    found.sort(key=lambda each: (each[0], each[1].record.path, each[1].number))
    is_sure = corpus.family == "cpp" or (found and found[0][0] <= 1)
    return found[: 1 if is_sure else 2]


def _constructors(owner: Definition) -> Iterator[Definition]:
    """Yields how a class is made, if that is said in it."""
    if owner.kind == "class":
        for name in CONSTRUCTORS:
            for each in owner.record.definitions_of(name):
                if each.container == owner.name:
                    yield each
                    return
