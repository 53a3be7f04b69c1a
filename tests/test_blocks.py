"""The block of snippets: ranked ahead of the request, kept as it is while it is good."""

import asyncio
from dataclasses import replace

import pytest

from codestral_ls.context.blocks import NEAR_LINES, Blocks, kept_share
from codestral_ls.model import Snapshot, Snippet
from tests.lsp_client import turns

DOCUMENT = Snapshot(uri="file:///w/a.py", language="python", prefix="", suffix="")


def at(line: int, uri: str = DOCUMENT.uri) -> Snapshot:
    return replace(DOCUMENT, uri=uri, lines_above=line)


def block(*lines: str) -> tuple[Snippet, ...]:
    return (Snippet(path="b.py", text="\n".join(lines)),)


class Ranker:
    """Gives what a test has written down, once its gate is open, and counts the questions."""

    def __init__(self) -> None:
        self.block: tuple[Snippet, ...] | None = block("one")
        self.asked: list[Snapshot] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, snapshot: Snapshot, _seconds: float) -> tuple[Snippet, ...] | None:
        self.asked.append(snapshot)
        await self.gate.wait()
        return self.block


@pytest.fixture
def ranker() -> Ranker:
    return Ranker()


async def test_a_request_takes_what_is_ranked_in_time(ranker: Ranker) -> None:
    """The first one waits a little for it."""
    blocks = Blocks(ranker)
    await blocks.ready(at(10))
    assert blocks.snippets(DOCUMENT.uri) == block("one")


async def test_a_late_ranking_holds_nobody_up_and_serves_the_next_request(ranker: Ranker) -> None:
    """A prompt without snippets is better than one that comes late."""
    blocks = Blocks(ranker)
    ranker.gate.clear()
    await blocks.ready(at(10))
    assert blocks.snippets(DOCUMENT.uri) == ()
    ranker.gate.set()
    await blocks.ready(at(10))
    assert blocks.snippets(DOCUMENT.uri) == block("one")
    assert len(ranker.asked) == 1


async def test_near_the_ranked_line_nothing_is_ranked_again(ranker: Ranker) -> None:
    """The prompt begins with the same bytes."""
    blocks = Blocks(ranker)
    for line in range(10, 11 + NEAR_LINES):
        await blocks.ready(at(line))
    assert len(ranker.asked) == 1
    await blocks.ready(at(11 + NEAR_LINES))
    assert len(ranker.asked) == 2


async def test_a_block_that_is_nearly_as_good_stays_as_it_is(ranker: Ranker) -> None:
    """A line more would make the server read all behind it again."""
    blocks, lines = Blocks(ranker), [f"line {n}" for n in range(20)]
    ranker.block = block(*lines)
    await blocks.ready(at(10))
    ranker.block = block(*lines[:19], "another")
    await blocks.ready(at(20))
    assert blocks.snippets(DOCUMENT.uri) == block(*lines)
    ranker.block = block(*lines[:18], "another", "a third")
    await blocks.ready(at(30))
    assert blocks.snippets(DOCUMENT.uri) == ranker.block


async def test_coming_back_from_another_document_ranks_again(ranker: Ranker) -> None:
    """What was edited there is wanted here."""
    blocks = Blocks(ranker)
    await blocks.ready(at(10))
    await blocks.ready(at(10, "file:///w/b.py"))
    ranker.block = block("two")
    await blocks.ready(at(10))
    assert blocks.snippets(DOCUMENT.uri) == block("two")


async def test_when_nobody_answers_the_last_block_stays(ranker: Ranker) -> None:
    """Somewhat old lines are better than none."""
    blocks = Blocks(ranker)
    await blocks.ready(at(10))
    ranker.block = None
    await blocks.ready(at(50))
    assert blocks.snippets(DOCUMENT.uri) == block("one")


async def test_where_nothing_was_found_it_is_looked_for_again(ranker: Ranker) -> None:
    """Some lines on, and nobody waits for it."""
    blocks = Blocks(ranker)
    ranker.block = ()
    await blocks.ready(at(10))
    ranker.block = block("one")
    await blocks.ready(at(10))
    assert len(ranker.asked) == 1
    await blocks.ready(at(11 + NEAR_LINES))
    assert blocks.snippets(DOCUMENT.uri) == ()
    await turns()
    assert blocks.snippets(DOCUMENT.uri) == block("one")


async def test_outdated_blocks_stay_until_there_is_a_better_one(ranker: Ranker) -> None:
    """No request goes without, only because more has been read."""
    blocks = Blocks(ranker)
    await blocks.ready(at(10))
    blocks.outdate()
    assert blocks.snippets(DOCUMENT.uri) == block("one")
    ranker.block = block("two")
    await blocks.ready(at(10))
    assert blocks.snippets(DOCUMENT.uri) == block("two")


async def test_a_closed_document_leaves_nothing(ranker: Ranker) -> None:
    """Its block goes with it."""
    blocks = Blocks(ranker)
    await blocks.ready(at(10))
    blocks.forget(DOCUMENT.uri)
    assert blocks.snippets(DOCUMENT.uri) == ()


def test_the_share_that_is_kept_counts_lines_of_the_new_block() -> None:
    """What the old one has beyond them does not matter."""
    assert kept_share(block("a", "b", "c"), block("a", "b")) == 1
    assert kept_share(block("a"), block("a", "b")) == 0.5
    assert kept_share((), block("a")) == 0
    assert kept_share(block("a"), ()) == 0
