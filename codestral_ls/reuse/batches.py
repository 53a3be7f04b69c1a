"""Questions to a server beside us, none of which keeps anybody waiting for longer than its box.

What is asked while tasks run goes out together, as one batch, and a batch belongs to nobody who
asks: whoever gives up, or is cancelled, leaves it to be read to its end, so that no connection is
ever left with a reply that the next one would take for its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio

BOX_SECONDS = 0.02
GRACE_SECONDS = 0.002
"""The last part of the box: the loop looks at its sockets once more before a question is given up,
because after a stall of its own the reply may have come, and stand there unread."""
LAG_SECONDS = 0.005
"""A timer that is so late says that the loop was busy: the server may have been in time."""
PATIENCE_SECONDS = 1.0
"""For a batch that keeps nobody waiting any more: a server that saves its data, or a connection
that is made over a long way, takes so long now and then."""
MOST_LATE = 3
"""Late batches in a row. One may be bad luck, and costs those few who were waiting for it the box
once: while it is out nobody else waits. After three the server is too slow to be of use."""
MOST_BATCHES, MOST_QUESTIONS = 4, 64
"""Under way at once, and in one of them: replies are read, and passed on, batch by batch."""

Command = tuple[str | bytes | int, ...]
Replies = Sequence[object]
Missed = Callable[[Replies | None], None]
Exchange = Callable[[Sequence[Command]], Awaitable[list[object]]]
"""Sends commands and reads their replies; raises Gone."""


class Gone(Exception):
    """The server cannot be used; the message says why, in words that follow "because"."""


class Failed(Exception):
    """Stands in the place of a reply: this one command was refused."""


@dataclass(slots=True, eq=False)
class _Question:
    """Commands that are answered together; `missed` hears of it when nobody waits any more."""

    commands: Sequence[Command]
    answered: asyncio.Future[Replies | None]
    missed: Missed | None
    timer: asyncio.TimerHandle | None = None
    is_late: bool = False
    excused: bool = False

    def resolve(self, replies: Replies | None) -> None:
        """It is known how it went."""
        if self.timer is not None:
            self.timer.cancel()
        if not self.answered.done():
            self.answered.set_result(replies)
            if replies is not None:
                return
        self._tell(replies)

    def abandon(self) -> None:
        """Who asked was cancelled, perhaps with the replies in hand."""
        if not self.answered.cancelled() and self.answered.result() is not None:
            self._tell(self.answered.result())

    def _tell(self, replies: Replies | None) -> None:
        missed, self.missed = self.missed, None
        if missed is not None:
            missed(replies)


class Batches:
    """Questions that wait, and batches under way.

    `heard` is called when a batch was answered, `lost` with a reason when the server is gone;
    `box` is how long a question waits.
    """

    def __init__(
        self,
        exchange: Exchange,
        heard: Callable[[], None],
        lost: Callable[[str], None],
        box: float = BOX_SECONDS,
    ) -> None:
        self._box = box
        self._exchange = exchange
        self._heard = heard
        self._lost = lost
        self._waiting: deque[_Question] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._flushing: asyncio.Handle | None = None
        self._is_late = False
        self._late_in_a_row = 0
        self._late_at = 0.0

    async def ask(self, *commands: Command, missed: Missed | None = None) -> Replies | None:
        """The replies; None if there are none in time.

        Then, or after a cancellation, `missed` is called once it is known what came of it: with
        the replies that nobody waited for, or with None if there never will be any.
        """
        if self._is_late and self._under_way:
            if missed is not None:
                missed(None)
            return None
        loop = asyncio.get_running_loop()
        question = _Question(commands, loop.create_future(), missed)
        due = loop.time() + self._box - GRACE_SECONDS
        question.timer = loop.call_at(due, self._warn, question, due)
        self._waiting.append(question)
        if self._flushing is None:
            self._flushing = loop.call_soon(self._flush)
        try:
            return await question.answered
        except asyncio.CancelledError:
            question.abandon()
            raise

    async def close(self) -> None:
        """Gives up what is under way."""
        for task in tuple(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._drop_waiting()

    def _flush(self) -> None:
        """Sends what waits, as far as batches may be under way."""
        self._flushing = None
        while self._waiting and len(self._under_way) < MOST_BATCHES:
            count = min(len(self._waiting), MOST_QUESTIONS)
            taken = [self._waiting.popleft() for _ in range(count)]
            batch = [question for question in taken if not question.answered.done()]
            for question in taken:
                if question.answered.done():  # given up before it was sent
                    question.resolve(None)
            if batch:
                task = asyncio.get_running_loop().create_task(self._carry(batch))
                self._under_way.add(task)

    async def _carry(self, batch: Sequence[_Question]) -> None:
        begun = asyncio.get_running_loop().time()
        replies: list[object] | None = None
        reason = "it does not answer"
        try:
            with anyio.move_on_after(PATIENCE_SECONDS):
                replies = await self._exchange(
                    [command for question in batch for command in question.commands]
                )
        except Gone as error:
            reason = str(error)
        finally:
            self._end(batch, replies)
        if replies is None:
            self._lost(reason)
        else:
            self._judge(batch, begun)

    def _end(self, batch: Sequence[_Question], replies: list[object] | None) -> None:
        """Hands replies on, and goes on with what waits."""
        at = 0
        for question in batch:
            end = at + len(question.commands)
            question.resolve(None if replies is None else replies[at:end])
            at = end
        self._is_late = False
        task = asyncio.current_task()
        if task is not None:
            self._under_way.discard(task)
        if replies is None:
            self._drop_waiting()
        elif self._waiting and self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self._flush)

    def _judge(self, batch: Sequence[_Question], begun: float) -> None:
        """Counts late batches; those that were under way together were late together."""
        late = [question for question in batch if question.is_late]
        if not late:
            self._late_in_a_row = 0
        elif begun >= self._late_at and not all(question.excused for question in late):
            self._late_in_a_row += 1
            self._late_at = asyncio.get_running_loop().time()
        if self._late_in_a_row >= MOST_LATE:
            self._late_in_a_row = 0
            self._lost("it answers too slowly")
        else:
            self._heard()

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._waiting.popleft().resolve(None)

    def _warn(self, question: _Question, due: float) -> None:
        """The box is nearly over."""
        loop = asyncio.get_running_loop()
        question.excused = loop.time() - due > LAG_SECONDS
        question.timer = loop.call_later(GRACE_SECONDS, self._give_up, question)

    def _give_up(self, question: _Question) -> None:
        """The box is over: whoever waits goes on without a reply."""
        if not question.answered.done():
            self._is_late = question.is_late = True
            question.answered.set_result(None)
