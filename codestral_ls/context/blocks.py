"""The block of snippets in each document's prompts: ranked ahead, and kept while it is good.

A server caches what a prompt begins with, so a block that is nearly as good as a new one stays as
it is, byte for byte.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from codestral_ls.model import Snapshot, Snippet

BOX_SECONDS = 0.008
"""That a request waits for a ranking, 10 ms until it goes on: less than anybody sees."""
NEAR_LINES = 3
"""From where a block was ranked: with it, 1 % of the needed names is lost (of 5 lines 1 to 5 %)."""
GOOD_SHARE = 0.95
"""Of a new block's lines in the old one: from one line to the next it is 98 %."""
RANK_SECONDS = 2.0
"""After which nobody waits for a ranking any more."""
BY_HAND_SECONDS = 0.25
"""The same for who asks by hand: the first ranking in a workspace takes up to 100 ms."""
MOST_DOCUMENTS = 64

Rank = Callable[[Snapshot, float], Awaitable[tuple[Snippet, ...] | None]]


@dataclass(slots=True)
class _Block:
    """What is shown, and the line it was ranked for."""

    snippets: tuple[Snippet, ...]
    line: int


class Blocks:
    """One block for each document; `rank(snapshot, seconds)` makes a new one, `None` if it is late.

    `changed` hears for which place a document's block has become another one. Belongs to the event
    loop in which it is first used.
    """

    def __init__(self, rank: Rank, changed: Callable[[Snapshot], None] = lambda _: None) -> None:
        self._rank = rank
        self._changed = changed
        self._held: dict[str, _Block] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._latest = ""

    def snippets(self, uri: str) -> tuple[Snippet, ...]:
        """What is shown beside a document now."""
        held = self._held.get(uri)
        return held.snippets if held else ()

    def is_stale(self, uri: str, line: int) -> bool:
        """Whether the block is for another place, or another document was in use since."""
        held = self._held.get(uri)
        if held is None or uri != self._latest:
            return True
        return abs(line - held.line) > NEAR_LINES

    def look(self, snapshot: Snapshot) -> None:
        """Begins to rank anew, if the block is stale."""
        uri = snapshot.uri
        if uri in self._under_way or not self.is_stale(uri, line_of(snapshot)):
            return
        self._latest = uri
        task = asyncio.get_running_loop().create_task(self._renew(snapshot))
        self._under_way[uri] = task
        task.add_done_callback(lambda _: self._under_way.pop(uri, None))

    async def ready(self, snapshot: Snapshot, seconds: float = BOX_SECONDS) -> None:
        """Waits until the block is one for this place, but not long: the old one is good too.

        Where nothing was found before, nobody waits for the same again.
        """
        self.look(snapshot)
        held, task = self._held.get(snapshot.uri), self._under_way.get(snapshot.uri)
        if task is not None and (held is None or held.snippets):
            with anyio.move_on_after(seconds):
                await asyncio.wait([task])

    def outdate(self) -> None:
        """There is more to show: all blocks are ranked anew, and stay until that is done."""
        self._latest = ""

    def forget(self, uri: str = "") -> None:
        """Forgets the block of a document, or all: something in them may not be shown any more."""
        for each in [uri] if uri else list(self._held):
            self._held.pop(each, None)

    def close(self) -> None:
        """Ends what is under way."""
        for task in self._under_way.values():
            task.cancel()

    async def _renew(self, snapshot: Snapshot) -> None:
        fresh = await self._rank(snapshot, RANK_SECONDS)
        if fresh is None:
            return
        held = self._held.pop(snapshot.uri, None)
        is_kept = held is not None and kept_share(held.snippets, fresh) >= GOOD_SHARE
        if held is not None and is_kept:
            fresh = held.snippets
        while len(self._held) >= MOST_DOCUMENTS:
            del self._held[next(iter(self._held))]
        self._held[snapshot.uri] = _Block(fresh, line_of(snapshot))
        if not is_kept:
            self._changed(snapshot)


def line_of(snapshot: Snapshot) -> int:
    """The number of the cursor's line in its document."""
    return snapshot.lines_above + snapshot.prefix.count("\n") - snapshot.lines_before


def kept_share(old: tuple[Snippet, ...], new: tuple[Snippet, ...]) -> float:
    """The share of the new lines that stand in the old snippets."""
    there, wanted = _lines(old), _lines(new)
    return len(wanted & there) / len(wanted) if wanted else float(not there)


def _lines(snippets: tuple[Snippet, ...]) -> set[tuple[str, str]]:
    return {(each.path, line) for each in snippets for line in each.text.split("\n")}
