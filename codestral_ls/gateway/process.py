"""The gateway as a process: sockets, signals, exit status.

SIGTERM, SIGINT and SIGHUP let it give all replies first, after which the status is 0; a second one
ends it at once, with 128 and the number of the signal.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress

from uvicorn.loops.auto import auto_loop_factory

from codestral_ls.gateway.app import build_app
from codestral_ls.gateway.connections import most_connections
from codestral_ls.gateway.listening import NotListening, address_of, listen
from codestral_ls.gateway.machine_secret import machine_secret
from codestral_ls.gateway.opening import open_gateway
from codestral_ls.gateway.protocol import State
from codestral_ls.gateway.server import Server, config_of
from codestral_ls.gateway.starting import NotServing, Plan, check, context_of, words
from codestral_ls.logs import log_to_stderr

QUIET = {
    # At INFO and below these write addresses, headers and whole messages.
    **dict.fromkeys(("httpx", "httpcore", "asyncio"), logging.WARNING),
    # What goes wrong is told by the routes, without what was asked; uvicorn looks at this level.
    **dict.fromkeys(("uvicorn", "uvicorn.error", "uvicorn.access"), logging.CRITICAL),
}
LAST_LINES_SECONDS = 1.0
"""For the lines of the log that somebody may still read."""
SIGNALS = tuple(
    signal.Signals[name]
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    if name in signal.Signals.__members__
)

Tell = Callable[[str], None]
Watch = Callable[[Server], None]
"""Lets something from outside call `drain` and `end` of a server."""


def serve(plan: Plan) -> int:
    """Serves until a signal; the exit status.

    Raises:
        NotServing: it cannot be started.
    """
    for note in check(plan):
        sys.stderr.write(f"codestral-ls gateway: {note}\n")
    secret = plan.own.secret.reveal().encode() or machine_secret(plan.statistics.parent)
    with ExitStack() as opened:
        try:
            sockets = listen(plan.own.host, plan.own.port)
        except NotListening as error:
            raise NotServing(str(error)) from None
        for each in sockets:
            opened.enter_context(each)
        if plan.own.workers > 1:
            from codestral_ls.gateway.workers import serve_by_workers  # noqa: PLC0415 - it starts this module anew

            return serve_by_workers(plan, sockets, secret, _tell_ready)
        return _serve_alone(plan, sockets, secret)


def _tell_ready(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _serve_alone(plan: Plan, sockets: Sequence[socket.socket], secret: bytes) -> int:
    received: list[int] = []

    def watch(server: Server) -> None:
        def receive(number: int) -> None:
            received.append(number)
            (server.end if len(received) > 1 else server.drain)()

        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            # nohup, and a shell that starts it in the background, have it ignore some.
            if signal.getsignal(number) is not signal.SIG_IGN:
                _add_handler(loop, number, receive)

    run_loop(plan, sockets, secret, tell=_tell_ready, watch=watch)
    return 128 + received[1] if len(received) > 1 else 0


def _add_handler(
    loop: asyncio.AbstractEventLoop, number: signal.Signals, receive: Callable[[int], None]
) -> None:
    try:
        loop.add_signal_handler(number, receive, number)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(receive, number))


def run_loop(
    plan: Plan, sockets: Sequence[socket.socket], secret: bytes, *, tell: Tell, watch: Watch
) -> None:
    """Serves in a loop of its own, until what `watch` was given is told to end.

    Raises:
        NotServing: it cannot be started.
    """
    with logging_of(plan), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_run(plan, sockets, secret, tell, watch))


@contextmanager
def logging_of(plan: Plan) -> Iterator[None]:
    """Logs to standard error, as much as is set, until the block ends."""
    finish_log = log_to_stderr(QUIET)
    logging.getLogger("codestral_ls").setLevel(plan.settings.log_level.upper())
    try:
        yield
    finally:
        finish_log(LAST_LINES_SECONDS)


async def _run(
    plan: Plan, sockets: Sequence[socket.socket], secret: bytes, tell: Tell, watch: Watch
) -> None:
    context = context_of(plan.own)
    async with AsyncExitStack() as opened:
        opening = open_gateway(
            plan.own, plan.settings, statistics=plan.statistics, tokens=plan.tokens, secret=secret
        )
        try:
            gateway = await opened.enter_async_context(opening)
        except ValueError as error:  # the address of Redis is wrong, which its client says
            raise NotServing(str(error)) from None
        places = address_of(sockets, plan.own.host, is_tls=context is not None)
        server = Server(
            config_of(build_app(gateway), context),
            gateway,
            state=State(most_connections=most_connections()),
            on_ready=lambda: tell(words(gateway, *places)),
        )
        watch(server)
        gc.collect()
        gc.freeze()  # modules stay: a full collection goes through them for 40 ms otherwise
        with suppress(asyncio.CancelledError):  # a loop that is closed while it waits for signals
            await server.serve(list(sockets))
