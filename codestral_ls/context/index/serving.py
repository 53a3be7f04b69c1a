"""The loop of the worker process: what is asked comes first, in between it indexes."""

import gc
import os
import queue
import sys
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from codestral_ls.context.index.indexer import Indexer, Tools
from codestral_ls.context.index.wire import (
    Asking,
    At,
    Change,
    Close,
    Configure,
    FilesChanged,
    Forget,
    Message,
    Open,
    Progress,
    Propose,
    Rank,
    Reply,
    Status,
)
from codestral_ls.context.privacy import file_path

Inbox = queue.SimpleQueue[Message | None]
"""What the server says; None is its end."""

NOT_CONFIGURED = "not configured"
FORGOTTEN = "forgotten"


class Worker:
    """Does what the server says, in order, and indexes when it says nothing."""

    def __init__(self, tools: Tools, send: Callable[[Message], None]) -> None:
        self._tools, self._send = tools, send
        self._indexer: Indexer | None = None
        self._waiting: deque[Message] = deque()
        self._forgotten: set[int] = set()
        self._announced = ""

    def run(self, inbox: Inbox) -> None:
        """Works until the server's end."""
        is_busy = False
        while self._collect(inbox, wait=not is_busy and not self._waiting):
            if self._waiting:
                self._receive(self._waiting.popleft())
                is_busy = True
            else:
                is_busy = self._step()

    def _collect(self, inbox: Inbox, *, wait: bool) -> bool:
        """Takes in what has come; False at the end."""
        while wait or not inbox.empty():
            wait = False
            message = inbox.get()
            if message is None:
                return False
            if isinstance(message, Forget):
                self._forgotten.add(message.id)
            else:
                self._waiting.append(message)
        return True

    def _step(self) -> bool:
        try:
            is_busy = self._indexer is not None and self._indexer.step()
        except Exception as error:  # noqa: BLE001 - one file that cannot be indexed is only that
            complain(error)
            is_busy = True
        if not is_busy:
            self._announce("")
        return is_busy

    def _receive(self, message: Message) -> None:
        match message:
            case Configure():
                self._forget_all()
                self._indexer = Indexer(
                    message, self._tools, announce=self._announce, report=self._report
                )
            case Open() if self._indexer is not None:
                self._indexer.open(message)
            case Change() if self._indexer is not None:
                self._indexer.change(message)
            case Close() if self._indexer is not None:
                self._indexer.close(message.path)
            case FilesChanged() if self._indexer is not None:
                self._indexer.files_changed([*filter(None, map(file_path, message.uris))])
            case Rank() | Propose() | Status():
                self._say(self._answer(message))
            case _:
                pass  # of a workspace that is not known yet

    def _forget_all(self) -> None:
        """Gives back the memory of what was known: it refers to itself, and is frozen."""
        if self._indexer is not None:
            self._indexer = None
            gc.unfreeze()
            gc.collect()

    def _answer(self, asked: Asking) -> Reply:
        if asked.id in self._forgotten:
            self._forgotten = {each for each in self._forgotten if each > asked.id}
            return Reply(id=asked.id, error=FORGOTTEN)
        if self._indexer is None:
            return Reply(id=asked.id, error=NOT_CONFIGURED)
        try:
            return Reply(id=asked.id, result=_ask(self._indexer, asked))
        except Exception as error:  # noqa: BLE001 - the server is told, and goes on without
            return Reply(id=asked.id, error=place_of(error))

    def _say(self, message: Reply | Progress) -> None:
        self._announced = ""  # by which both sides know that what was announced is over
        self._send(message)

    def _announce(self, path: str) -> None:
        if path != self._announced:
            self._announced = path
            self._send(At(path=path))

    def _report(self, progress: Progress) -> None:
        self._say(progress)
        if progress.done:
            # What is known now stays: without this, each collection looks at all of it again.
            gc.collect()
            gc.freeze()


def _ask(indexer: Indexer, asked: Asking) -> object:
    match asked:
        case Rank():
            return [asdict(snippet) for snippet in indexer.rank(asked.question)]
        case Propose():
            return indexer.propose(asked.prompt)
        case _:
            return indexer.counts


def place_of(error: BaseException) -> str:
    """What went wrong and where in our code; the message is left out, for it may hold text."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "codestral_ls" in each.filename] or frames
    where = f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}" if ours else "?"  # noqa: PTH119 - a text
    return f"{type(error).__name__} at {where}"


def complain(error: BaseException) -> None:
    """Writes what went wrong to standard error, where somebody reads it while tracing."""
    sys.stderr.write(f"codestral-ls worker: {place_of(error)}\n")
