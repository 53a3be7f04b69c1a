"""Which chunks of the workspace read like the place of the cursor. Pure."""

import math
from collections.abc import Callable, Iterable
from heapq import nlargest
from operator import itemgetter
from typing import NamedTuple

from codestral_ls.context.index.catalog import Catalog
from codestral_ls.context.index.record import Record

RAREST = 30
"""Words that are looked for: all of them cost three times as much and find the same."""
SIMILAR = 12
"""Chunks: more of them point to no other names, and forty as text would fill a prompt."""
WEIGHED = 64
"""Chunks of which the length is weighed."""
SATURATION, LENGTH_SHARE = 1.2, 0.75
"""BM25's usual two."""


class Chunk(NamedTuple):
    """Twenty lines of a file, and how much they are like what was asked for."""

    score: float
    record: Record
    at: int


def find_similar(
    catalog: Catalog,
    words: Iterable[int],
    *,
    but: Record | None,
    accepts: Callable[[Record], bool],
) -> list[Chunk]:
    """Returns the chunks that share the rarest words with a text, the best first (BM25)."""
    found = [chunks for word in words if (chunks := catalog.chunks.find(word))]
    found.sort(key=len)
    scores: dict[int, float] = {}
    for chunks in found[:RAREST]:
        weight = math.log(1 + (catalog.chunk_count + 0.5) / (len(chunks) + 0.5))
        for chunk in chunks:
            scores[chunk] = scores.get(chunk, 0.0) + weight
    if but is not None:
        for chunk in range(but.first_chunk, but.first_chunk + but.chunks):
            scores.pop(chunk, None)
    similar: list[Chunk] = []
    for chunk, score in nlargest(WEIGHED, scores.items(), key=itemgetter(1)):
        record = catalog.record_of_chunk(chunk)
        if record is not None and accepts(record):
            at = chunk - record.first_chunk
            size = len(record.chunk(at)) / catalog.mean_words
            norm = 1 + SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * size)
            similar.append(Chunk(score * (1 + SATURATION) / norm, record, at))
    similar.sort(key=lambda chunk: (-chunk.score, chunk.record.path, chunk.at))
    return similar[:SIMILAR]
