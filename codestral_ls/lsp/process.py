"""The server as a process: pipes, signals, the parent's death, exit status."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
from collections.abc import Mapping
from functools import partial

import anyio

from codestral_ls.configuration import machine_layers, statistics_file
from codestral_ls.logs import log_to_stderr
from codestral_ls.lsp.framing import Framer
from codestral_ls.lsp.server import CodestralServer
from codestral_ls.lsp.transport import Inbox, Writer, start_reader

PARENT_SECONDS = 1.0
"""Between two looks at whether the editor still lives."""
CLOSE_SECONDS = 1.0
# At INFO these write whole messages and addresses: code, settings and keys among them.
# pygls tells of every unknown request at WARNING, which is the client's business.
QUIET = {"pygls": logging.ERROR, "httpx": logging.WARNING, "httpcore": logging.WARNING}

log = logging.getLogger(__name__)


def serve(environ: Mapping[str, str]) -> int:
    """Serves standard input and output until the client leaves; returns the exit status."""
    log_to_stderr(QUIET)
    stdin, stdout = _take_pipes()
    server = CodestralServer(machine_layers(environ), statistics=statistics_file(environ))
    logging.getLogger("codestral_ls").setLevel(server.engine.settings.log_level.upper())
    return asyncio.run(run(server, stdin, stdout))


async def run(server: CodestralServer, stdin: int, stdout: int) -> int:
    """Serves two file descriptors; returns the exit status.

    0 after a shutdown, 1 when the client went without one, 128 + n for signal n.
    """
    loop = asyncio.get_running_loop()
    server.exit_code = loop.create_future()
    writer = Writer(stdout, on_failure=lambda: server.stop(1))
    server.protocol.set_writer(writer)
    inbox, framer, receive = Inbox(), Framer(), server.protocol.receive
    start_reader(
        stdin,
        on_data=lambda data: inbox.put(partial(receive, body) for body in framer.feed(data)),
        on_end=lambda: inbox.put([server.client_left]),
    )
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # Windows: the default is to end
                loop.add_signal_handler(number, server.stop, 128 + number)
    watch = loop.create_task(_watch_parent(server))
    gc.freeze()  # modules stay: a full collection goes through them for 40 ms otherwise
    try:
        return await server.exit_code
    finally:
        watch.cancel()
        with anyio.move_on_after(CLOSE_SECONDS):
            await server.close()
        writer.close()


async def _watch_parent(server: CodestralServer) -> None:
    """Ends a server whose editor died while something else keeps the pipe open.

    On POSIX alone: on Windows `os.kill` would end the process, and the pipe breaks reliably. An
    editor that cannot be seen at first lives in another container and says nothing by its absence.
    """
    seen = False
    while os.name == "posix":
        await asyncio.sleep(PARENT_SECONDS)
        parent = server.process_id
        if parent is None:
            continue
        try:
            os.kill(parent, 0)
            seen = True
        except ProcessLookupError:
            if seen:
                log.info("the editor (process %d) is gone", parent)
                server.stop(1)
                return
        except PermissionError:
            seen = True


def _take_pipes() -> tuple[int, int]:
    """Keeps the protocol's pipes to ourselves, so that nobody's `print` can break a message."""
    stdin, stdout = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    return stdin, stdout
