"""The server as a process: pipes, signals, the parent's death, exit status."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping

from codestral_ls.configuration import machine_layers
from codestral_ls.lsp.framing import Framer
from codestral_ls.lsp.server import CodestralServer
from codestral_ls.lsp.transport import Writer, start_reader

PARENT_SECONDS = 1.0
"""Between two looks at whether the editor still lives."""
CLOSE_SECONDS = 1.0

log = logging.getLogger(__name__)


def serve(environ: Mapping[str, str]) -> int:
    """Serves standard input and output until the client leaves; returns the exit status."""
    _log_to_stderr()
    stdin, stdout = _take_pipes()
    server = CodestralServer(machine_layers(environ))
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
    framer = Framer()

    def receive(data: bytes) -> None:
        for body in framer.feed(data):
            server.protocol.receive(body)

    start_reader(
        stdin, receive, on_end=lambda: server.stop(0 if server.protocol.is_shut_down else 1)
    )
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # Windows: the default is to end
                loop.add_signal_handler(number, server.stop, 128 + number)
    watch = loop.create_task(_watch_parent(server))
    try:
        return await server.exit_code
    finally:
        watch.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close(), CLOSE_SECONDS)
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


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At INFO these write whole messages and addresses: code, settings and keys among them.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # At WARNING a line per unknown method; not every client reads this pipe, and a full one blocks.
    logging.getLogger("pygls").setLevel(logging.ERROR)
