"""The worker process: files and documents in, answers out.

It holds the parser and all tables, so that nothing of their work is ever felt in the server.
"""

import gc
import importlib
import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from codestral_ls.context.index.serving import Inbox, Worker, complain
from codestral_ls.context.index.tools import TOOLS
from codestral_ls.context.index.wire import BrokenFrame, Frames, Message, encode

READ_BYTES = 65_536
NICENESS = 5
SWITCH_SECONDS = 0.001
"""Until the thread that reads gets its turn while a file is indexed: Python's own 5 ms are felt."""
YOUNG_OBJECTS = 50_000
"""Between two collections: indexing makes few cycles and many objects."""
MEMORY_BYTES = 1_500_000_000
"""A workspace of 50 000 files takes half of it. On some texts a parser asks for gigabytes: then the
process ends instead of the computer, and begins again without that file."""


def main() -> None:
    """Serves standard input and output until either ends."""
    source, sink = _take_pipes()
    _settle_in()
    inbox: Inbox = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, inbox), name="stdin", daemon=True).start()

    def send(message: Message) -> None:
        view = memoryview(encode(message))
        try:
            while view:
                view = view[os.write(sink, view) :]
        except OSError:
            os._exit(0)  # nobody listens any more

    Worker(TOOLS, send).run(inbox)


def _read(source: int, inbox: Inbox) -> None:
    """Hands messages over; the end of input ends the process, whatever it is doing."""
    frames = Frames()
    try:
        while data := os.read(source, READ_BYTES):
            for message in frames.feed(data):
                inbox.put(message)
    except (OSError, BrokenFrame, MemoryError) as error:
        complain(error)
    finally:
        os._exit(0)


def _take_pipes() -> tuple[int, int]:
    """Keeps the pipes to ourselves, so that nobody's `print` can break a frame."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    return source, sink


def _settle_in() -> None:
    """Makes room for what the user does, and for the thread that reads."""

    def complain_of(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        del kind, trace
        complain(error)

    sys.excepthook = complain_of
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is meant for the server
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if sys.platform != "win32":
        _limit("RLIMIT_DATA", MEMORY_BYTES)
        _limit("RLIMIT_CORE", 0)  # a core would be full of code


def _limit(name: str, most: int) -> None:
    """Lowers what the process may have; on a system that has no such limit it changes nothing."""
    resource: Any = importlib.import_module("resource")
    with suppress(AttributeError, OSError, ValueError):
        limit = getattr(resource, name)
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))
