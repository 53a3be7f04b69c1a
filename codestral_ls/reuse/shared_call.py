"""One call to a provider, and all who want what it brings."""

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace

from codestral_ls.errors import FimError
from codestral_ls.model import Chunk, Prompt, Source
from codestral_ls.reuse.entries import Entry

FAILED = "error"
"""The finish reason of a model that broke down over a text."""

More = Callable[[Chunk], bool]


def chunks_of(entry: Entry, source: Source | None) -> tuple[Chunk, ...]:
    """What a call would have brought; nobody is told of tokens, for they were paid before."""
    told = [
        Chunk(source=source),
        Chunk(text=entry.text),
        Chunk(finish_reason=entry.finish_reason),
    ]
    return tuple(each for each in told if each != Chunk())


@dataclass(slots=True, kw_only=True, eq=False)
class Follower:
    """Somebody who wants what a call brings; one of them `pays` for it.

    `done` has the failure, if there was one. Who wants the `whole` leaves before its end only
    because nobody is there any more.
    """

    prompt: Prompt
    more: More
    whole: bool
    pays: bool
    done: "asyncio.Future[Exception | None]"

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is enough here."""
        return entry.serves(by_hand=self.prompt.by_hand, whole=self.whole)

    def end(self, error: Exception | None = None) -> None:
        """Nothing more comes."""
        if not self.done.done():
            self.done.set_result(error)


@dataclass(slots=True, kw_only=True, eq=False)
class SharedCall:
    """A call under way, what has come of it, and its followers.

    `enough` is what it takes for who has left because there was: None if nobody has, else whether
    he had asked by hand. `abandoned` is called when the last one is gone before its end.
    """

    prompt: Prompt
    abandoned: Callable[["SharedCall"], None]
    followers: list[Follower] = field(default_factory=list)
    text: str = ""
    finish_reason: str = ""
    enough: bool | None = None
    claimed: bool = False
    is_over: bool = False
    is_paid: bool = False
    task: asyncio.Task[None] | None = None

    async def follow(self, prompt: Prompt, more: More, *, whole: bool) -> None:
        """Hands over what has come and what comes, until it is over or `more` has enough.

        Raises:
            FimError: the call has failed.
        """
        follower = Follower(
            prompt=prompt,
            more=more,
            whole=whole,
            pays=not self.is_paid,
            done=asyncio.get_running_loop().create_future(),
        )
        self.is_paid = True
        self.followers.append(follower)
        if not follower.pays:
            so_far = Entry(text=self.text, finish_reason=self.finish_reason)
            for chunk in chunks_of(so_far, Source.JOINED):
                self._hand(follower, chunk)
        try:
            error = await follower.done
        except asyncio.CancelledError:
            self._leave(follower)
            if not self.followers and not self.finish_reason and not self.is_over:
                self.abandoned(self)
            raise
        if error is not None:  # each raises one of its own: a traceback belongs to one task
            raise copy(error) if isinstance(error, FimError) else error

    def hear(self, chunk: Chunk) -> bool:
        """Takes what the provider says; False when everybody has enough."""
        self.text += chunk.text
        self.finish_reason = chunk.finish_reason or self.finish_reason
        freely = replace(chunk, usage=None, limits=None)
        for each in tuple(self.followers):
            told = chunk if each.pays else freely
            if each in self.followers and told != Chunk():
                self._hand(each, told)
        return bool(self.followers or self.finish_reason)  # behind it comes what it has cost

    def bring(self, entry: Entry, source: Source) -> None:
        """Hands over what somebody else has asked for, instead of a call."""
        self.text, self.finish_reason = entry.text, entry.finish_reason
        for each in tuple(self.followers):
            for chunk in chunks_of(entry, source if each.pays else None):
                self._hand(each, chunk)

    def end(self, error: Exception | None = None) -> None:
        """It is over: nobody waits any more."""
        self.is_over = True
        for each in self.followers:
            each.end(error)
        self.followers.clear()

    @property
    def entry(self) -> Entry | None:
        """What is worth keeping of it, once it is over."""
        kept = Entry(text=self.text, finish_reason=self.finish_reason, by_hand=bool(self.enough))
        if self.finish_reason:
            return kept if self.finish_reason != FAILED else None
        return kept if self.text and self.enough is not None else None

    def _hand(self, follower: Follower, chunk: Chunk) -> None:
        """Hands a chunk to somebody who may leave at that; his mistakes are his own."""
        if follower.done.done():
            return
        try:
            goes_on = follower.more(chunk)
        except Exception as error:  # noqa: BLE001 - raised again where he waits
            self._leave(follower)
            follower.end(error)
            return
        if not goes_on and not follower.whole and not chunk.finish_reason:
            self.enough = bool(self.enough) or follower.prompt.by_hand
        if not goes_on or (chunk.finish_reason and not follower.pays):
            self._leave(follower)
            follower.end()

    def _leave(self, follower: Follower) -> None:
        if follower in self.followers:
            self.followers.remove(follower)
