"""The lines of other files for one place: what changed, what is used, what is alike, what may come.

Of 4 000 characters that is at most 600 of recent edits, 500 of signatures, 900 of similar chunks;
what is left, and what these do not need, goes to the definitions that are likeliest to be named.
Pure.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from codestral_ls.context.index.buffers import Place
from codestral_ls.context.index.corpus import Corpus
from codestral_ls.context.index.layout import Block
from codestral_ls.context.index.record import LINE_CHARS, Definition
from codestral_ls.context.index.signatures import FEW_LINES
from codestral_ls.context.index.similar_chunks import Chunk
from codestral_ls.context.index.statements import whole_statements
from codestral_ls.context.index.surroundings import Surroundings
from codestral_ls.context.index.used_names import add_used_names
from codestral_ls.context.index.words import hash_names, names_in

EDITS, USED, SIMILAR = 0.15, 0.125, 0.22
"""Shares of the budget."""
WHOLE = 15
"""Definitions of which the whole signature is shown."""
MISSES = 25
"""Definitions in a row that do not fit; then the budget counts as full."""
LEAST_ROOM = 40
MOST_CHUNKS, TRIED_CHUNKS = 2, 5
LEAST_LINES = 5
"""Of a chunk: fewer show nothing but words."""


def compose(  # noqa: PLR0913 - each is one kind of lines
    block: Block,
    corpus: Corpus,
    around: Surroundings,
    *,
    edits: Iterable[Place],
    similar: Iterable[Chunk],
    ranked: Iterable[Definition],
) -> None:
    """Fills a block; of each kind of lines the best come first."""
    budget = block.room
    _add_edits(block, corpus, edits, int(EDITS * budget))
    add_used_names(block, corpus, around, int(USED * budget))
    _add_similar(block, corpus, similar, around.words, int(SIMILAR * budget))
    _add_ranked(block, corpus, ranked)


def _add_edits(block: Block, corpus: Corpus, places: Iterable[Place], most: int) -> None:
    end = block.used + most
    for place in places:
        lines = corpus.lines_of(place.path)
        rows = range(place.first, min(place.end, len(lines)))
        shown = block.trim(place.path, {row: lines[row] for row in rows})
        if shown and block.add_piece(place.path, shown, most=end - block.used):
            block.praise(place.path, 4)


def _add_similar(
    block: Block, corpus: Corpus, similar: Iterable[Chunk], words: Collection[int], most: int
) -> None:
    """Puts one or two chunks into a block as they stand, as long as they fit into `most`."""
    end = block.used + most
    added = 0
    for chunk in islice(similar, TRIED_CHUNKS):
        if added == MOST_CHUNKS:
            break
        if not corpus.is_there(chunk.record):
            continue
        path = chunk.record.path
        room = end - block.used - block.header_chars(path)
        lines, chunk_lines = corpus.lines_of(path), corpus.chunk_lines(chunk.record, chunk.at)
        cut = whole_statements(corpus.family, lines, _cut(chunk_lines, words, room))
        cut = whole_statements(corpus.family, lines, block.trim(path, cut))
        if len(cut) >= LEAST_LINES and block.add_piece(path, cut, most=end - block.used):
            block.praise(path, 2)
            added += 1


def _cut(lines: Mapping[int, str], words: Collection[int], room: int) -> dict[int, str]:
    """Takes lines away at the end that has less to do with the words, until the rest fits."""
    rows = sorted(lines)
    sizes = {row: min(len(lines[row]), LINE_CHARS) + 1 for row in rows}
    shared = {row: sum(word in words for word in hash_names(names_in(lines[row]))) for row in rows}
    size = sum(sizes.values())
    while rows:
        above, below = lines[rows[0]].strip(), lines[rows[-1]].strip()
        if above and below and size <= room:
            break
        less_below = above and shared[rows[-1]] < shared[rows[0]]
        size -= sizes[rows.pop(-1 if less_below or not below else 0)]
    return {row: lines[row] for row in rows}


def _add_ranked(block: Block, corpus: Corpus, ranked: Iterable[Definition]) -> None:
    misses = 0
    shown: dict[tuple[int, int], str] = {}
    for number, definition in enumerate(each for each in ranked if corpus.is_there(each.record)):
        path = definition.record.path
        head = corpus.head_of(definition)
        first = {definition.line: head[definition.line]}
        if not _stands_alone(definition, first[definition.line]) or (
            corpus.family == "cpp" and shown.setdefault(_key(definition), path) != path
        ):
            continue  # of a declaration and its definition one is enough
        owner = corpus.owners_of(definition)
        is_whole = len(head) > 1 and (number < WHOLE or _needs_more(head))
        if not (is_whole and block.add(path, head, owner=owner)) and not block.add(
            path, first, owner=owner
        ):
            misses += block.room < len(first[definition.line]) + LEAST_ROOM
            if misses > MISSES or block.room < LEAST_ROOM:
                return
            continue
        misses = 0
        block.praise(path, 1)


def _key(definition: Definition) -> tuple[int, int]:
    return definition.name, definition.container


def _stands_alone(definition: Definition, line: str) -> bool:
    """Whether a line can be read where it is shown: a branch of Python's looks like a body."""
    is_nested = line[:1] in {" ", "\t"} and definition.owner < 0
    return not (is_nested and definition.record.family == "python")


def _needs_more(head: Mapping[int, str]) -> bool:
    """Whether the first line of a head tells nothing, and the rest of it is short."""
    return len(head) <= FEW_LINES + 1 and head[min(head)].rstrip().endswith(
        ("(", "[", "<", "{", "=")
    )
