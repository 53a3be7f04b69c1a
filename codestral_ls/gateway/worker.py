"""One of several processes that answer: what runs in it. It obeys a pipe, not signals."""

import asyncio
import logging
import signal
import socket
from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection

from codestral_ls.gateway.process import run_loop
from codestral_ls.gateway.server import Server
from codestral_ls.gateway.starting import NotServing, Plan

DRAIN, END = b"drain", b"end"
"""What the parent tells a worker."""
HEEDED = frozenset({signal.SIGTERM})
"""Whoever sends this to a worker alone wants another one in its place."""

log = logging.getLogger(__name__)


def work(plan: Plan, sockets: Sequence[socket.socket], secret: bytes, pipe: Connection) -> None:
    """Answers until the parent says so or is gone; tells it what it has to say when it is ready."""

    def watch(server: Server) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(pipe.fileno(), obey, loop, server)
        for number in HEEDED:
            loop.add_signal_handler(number, partial(server.drain, others_listen=True))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)

    def obey(loop: asyncio.AbstractEventLoop, server: Server) -> None:
        try:
            order = pipe.recv_bytes()
        except (EOFError, OSError):
            log.warning("the process that looks after the workers is gone")
            loop.remove_reader(pipe.fileno())
            order = DRAIN
        (server.end if order == END else server.drain)()

    try:
        run_loop(plan, sockets, secret, tell=lambda line: pipe.send((True, line)), watch=watch)
    except NotServing as error:
        pipe.send((False, str(error)))
