"""The server's side of the worker process: nobody waits for it longer than he said.

A worker that dies or does not answer is replaced by another one, which is told all that the first
one knew from the editor.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import anyio

from codestral_ls.context.index.backoff import Backoff
from codestral_ls.context.index.link import END_SECONDS, Link
from codestral_ls.context.index.mirror import Mirror
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.spawn import spawn_worker
from codestral_ls.context.index.wire import (
    Asking,
    BrokenFrame,
    Configure,
    Forget,
    Message,
    Progress,
    Propose,
    Rank,
    Reply,
    Status,
    build,
)
from codestral_ls.context.privacy import file_path
from codestral_ls.model import Prompt, Snippet

STUCK_SECONDS = 10.0
"""After which a worker that does not answer, or does not read, is given up. One that says nothing
for as long while it reads a file, twice in succession."""
FLUSH_SECONDS = 0.1
"""Until changes are sent on while nothing is asked: a burst of them goes as one."""
FLUSH_BYTES = 500_000
"""In one turn of the loop: encoding them takes two milliseconds."""
NO_PROGRESS = Progress(counts={}, seconds=0.0, done=False)

log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    answer: asyncio.Future[Any]
    timer: asyncio.TimerHandle


class Workspace:
    """What is known of the workspace, asked across a pipe.

    All but the questions return at once, and nothing raises. Needs a running event loop.
    """

    def __init__(
        self,
        *,
        spawn: Callable[[], Awaitable[asyncio.subprocess.Process]] = spawn_worker,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._spawn, self._now, self._sleep = spawn, now, sleep
        self._stuck_seconds = stuck_seconds
        self._configuration: Configure | None = None
        self._mirror = Mirror()
        self._link: Link | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._last_id = 0
        self._progress = NO_PROGRESS
        self._indexed = asyncio.Event()
        self._linked = asyncio.Event()

    # --- what the session says

    def configure(
        self,
        folders: Sequence[Path],
        *,
        disabled_paths: Sequence[str] = (),
        rank: bool = True,
        propose: bool = False,
    ) -> None:
        """Takes these folders. A worker is started if there is none and something is wanted."""
        is_wanted = rank or propose
        paths = [file_path(each.absolute().as_uri()) for each in folders if is_wanted]
        new = Configure(
            folders=tuple(dict.fromkeys(paths)),
            disabled_paths=tuple(disabled_paths),
            rank=rank,
            propose=propose,
        )
        if self._configuration is not None and new == replace(self._configuration, skip=()):
            return
        self._configuration = new
        if self._link is not None:
            self._introduce(self._link, new)
        if self._supervision is None and is_wanted:
            self._supervision = asyncio.get_running_loop().create_task(self._supervise())

    def open(self, uri: str, language: str, text: str) -> None:
        """A document is open, or its language is another one."""
        if path := file_path(uri):
            self._mirror.open(path, language, text)
            self._flush_soon()

    def change(self, uri: str, text: str) -> None:
        """The text of an open document is another one."""
        self._mirror.change(file_path(uri), text)
        self._flush_soon()

    def close(self, uri: str) -> None:
        """A document is open no longer."""
        self._mirror.close(file_path(uri))
        self._flush_soon()

    def files_changed(self, uris: Iterable[str]) -> None:
        """Files or folders were made, changed or removed, says who watches them."""
        self._mirror.files_changed(uris)
        self._flush_soon()

    # --- what is asked

    async def rank(self, question: Question, *, seconds: float) -> tuple[Snippet, ...] | None:
        """What is to be shown; None if there is no worker, or no answer in time."""
        found = await self._ask(lambda number: Rank(id=number, question=question), seconds)
        return None if found is None else build(tuple[Snippet, ...], found)

    async def propose(self, prompt: Prompt, *, seconds: float) -> str | None:
        """How the code goes on, "" for nothing; None if nobody answers in time."""
        prompt = replace(prompt, path=file_path(prompt.uri) or prompt.uri)
        found = await self._ask(lambda number: Propose(id=number, prompt=prompt), seconds)
        return None if found is None else str(found)

    async def indexed(self) -> None:
        """Waits until the workspace was walked to its end; the caller says for how long."""
        await self._indexed.wait()

    async def ask_status(self, *, seconds: float) -> dict[str, int]:
        """How much is known at this moment; nothing if nobody answers in time."""
        return await self._ask(lambda number: Status(id=number), seconds) or {}

    @property
    def is_awake(self) -> bool:
        """Whether the worker has said anything since it was told what to read."""
        return self._progress is not NO_PROGRESS

    @property
    def status(self) -> dict[str, object]:
        """How far indexing has come."""
        progress = self._progress
        return {
            **progress.counts,
            "seconds": round(progress.seconds, 2),
            "done": progress.done,
            "running": self._link is not None,
            "left out": list(self._configuration.skip) if self._configuration else [],
        }

    async def end(self) -> None:
        """Ends the worker; nothing is answered any more."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        if self._supervision is not None:
            self._supervision.cancel()
            await asyncio.wait([self._supervision], timeout=2 * END_SECONDS)

    async def _ask(self, asking: Callable[[int], Asking], seconds: float) -> Any:  # noqa: ANN401 - JSON
        with anyio.move_on_after(seconds):
            if self._supervision is not None and not self._supervision.done():
                await self._linked.wait()
            return await self._answer(asking)
        return None

    async def _answer(self, asking: Callable[[int], Asking]) -> Any:  # noqa: ANN401 - JSON
        self._flush()
        link = self._link
        if link is None or link.full_seconds():
            return None
        self._last_id += 1
        number, loop = self._last_id, asyncio.get_running_loop()
        answer = loop.create_future()
        timer = loop.call_later(self._stuck_seconds, self._give_up, link)
        self._waiting[number] = _Waiting(answer, timer)
        link.send(asking(number))
        try:
            return await asyncio.shield(answer)
        finally:
            if not answer.done():
                link.send(Forget(id=number))

    # --- the worker

    async def _supervise(self) -> None:
        backoff = Backoff()
        while True:
            began = self._now()
            try:
                how = await self._live()
            except Exception as error:  # noqa: BLE001 - no worker is the last one, however it ended
                how = type(error).__name__
            seconds, backoff = backoff.after(self._now() - began)
            log.warning("the index ended (%s); it begins again in %g s", how, seconds)
            await self._sleep(seconds)

    async def _live(self) -> str:
        """Goes with one worker until it ends; returns how it did."""
        link = Link(await self._spawn(), self._now, self._stuck_seconds)
        try:
            self._link = link
            self._introduce(link, self._configuration)
            self._linked.set()
            async for message in link.messages():
                self._receive(message)
        except BrokenFrame:
            log.warning("the index spoke nonsense")
        finally:
            self._link = None
            self._linked.clear()
            self._indexed.clear()
            self._forget_questions()
            status = await link.end()
        self._leave_out(link.at)
        return f"status {status}"

    def _introduce(self, link: Link, configuration: Configure | None) -> None:
        """Tells a worker everything from the beginning."""
        self._progress = NO_PROGRESS
        self._indexed.clear()
        if configuration is not None:
            link.send(configuration)
        self._mirror.forget()
        self._flush()

    def _receive(self, message: Message) -> None:
        match message:
            case Progress():
                self._progress = message
                if message.done:
                    self._indexed.set()
            case Reply() if message.id in self._waiting:
                waiting = self._waiting.pop(message.id)
                waiting.timer.cancel()
                if message.error:
                    log.debug("the index could not answer: %s", message.error)
                if not waiting.answer.done():
                    waiting.answer.set_result(message.result)
            case _:
                pass

    def _leave_out(self, path: str) -> None:
        """What the worker was reading when it ended was the reason, and is not read again."""
        if path and self._configuration is not None:
            log.warning("the index ended while it read %s, which is left out from now on", path)
            skip = dict.fromkeys((*self._configuration.skip, path))
            self._configuration = replace(self._configuration, skip=tuple(skip))

    def _forget_questions(self) -> None:
        for waiting in self._waiting.values():
            waiting.timer.cancel()
            if not waiting.answer.done():
                waiting.answer.set_result(None)
        self._waiting.clear()

    def _give_up(self, link: Link) -> None:
        log.warning("the index does not answer")
        link.kill()

    def _flush_soon(self) -> None:
        if self._flush_timer is None and self._link is not None:
            loop = asyncio.get_running_loop()
            self._flush_timer = loop.call_later(FLUSH_SECONDS, self._flush)

    def _flush(self) -> None:
        """Sends what the worker does not know yet, as far as the pipe takes it."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if self._link is None:
            return
        unsent, room = self._mirror.unsent(), FLUSH_BYTES
        while room > 0 and not self._link.full_seconds():
            message = next(unsent, None)
            if message is None:
                return
            room -= self._link.send(message)
        if self._link.full_seconds() > self._stuck_seconds:
            self._give_up(self._link)
        else:
            self._flush_soon()
