"""The server as a process: how it ends, and what never stops it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codestral_ls.commands import sample
from codestral_ls.configuration import STATISTICS_NAME
from codestral_ls.statistics.report import as_json, read
from tests.lsp_process import (
    COMMAND,
    SECONDS,
    ServerProcess,
    call,
    environment,
    frame,
    initialize,
    note,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and descriptors of POSIX")

URI = "file:///project/sample.py"
INLINE = "textDocument/inlineCompletion"
TEXT = sample.TEXT.replace("‸", sample.TYPED)
LINE = TEXT.split("\n").index(f"            {sample.TYPED}")
DOCUMENT = {"uri": URI, "languageId": "python", "version": 1, "text": TEXT}
OPEN = note("textDocument/didOpen", {"textDocument": DOCUMENT})

OFTEN = """\
import sys
from codestral_ls import cli
from codestral_ls.lsp import process
process.PARENT_SECONDS = 0.05
sys.exit(cli.main([]))
"""
WATCHFUL = (sys.executable, "-c", OFTEN)
"""The server with an eye on its editor twenty times a second, to keep the tests short."""
NOISY = """\
import os, sys
from codestral_ls import cli
from codestral_ls.lsp import process
run = process.run
def noisy(*args):
    print("noise", flush=True)
    os.write(1, b"noise\\n")
    os.system("cat; echo noise")
    return run(*args)
process.run = noisy
sys.exit(cli.main([]))
"""


def ask(request_id: int, *, kind: int = 1) -> dict[str, object]:
    """A request for ghost text behind what the demo types."""
    place = {"line": LINE, "character": 12 + len(sample.TYPED)}
    params = {"textDocument": {"uri": URI}, "position": place, "context": {"triggerKind": kind}}
    return call(request_id, INLINE, params)


def test_announced_exit_has_status_0_and_clean_output() -> None:
    """Nothing but messages on standard output, nothing at all on standard error."""
    with ServerProcess(command=COMMAND) as server:
        server.start()
        server.send(OPEN, ask(2))
        items = server.reply(2)["result"]
        assert items[0]["insertText"] == "der.price * order.count"
        server.send(call(3, "shutdown"), note("exit"))
        assert server.wait() == 0
        output = server.drain()
        assert output.startswith(b"Content-Length: ")
        assert b"".join(map(frame, server.bodies)) == without_type(output)
        assert server.reply(3)["result"] is None
        assert server.errors() == ""


def without_type(output: bytes) -> bytes:
    """Output without the header that says what everything is in any case."""
    return output.replace(b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n", b"")


def test_output_of_others_stays_out_of_the_protocol() -> None:
    """What a library or a child prints goes to standard error, and no child reads our input."""
    with ServerProcess(command=(sys.executable, "-c", NOISY)) as server:
        server.start()
        server.send(call(2, "shutdown"), note("exit"))
        assert server.wait() == 0
        assert b"noise" not in server.drain()
        assert server.errors().split() == ["noise"] * 3


def test_exit_without_shutdown_has_status_1() -> None:
    """As the protocol wants it; also before `initialize`."""
    with ServerProcess() as server:
        server.send(note("exit"))
        assert server.wait() == 1


def test_shutdown_ends_what_is_under_way_and_exit_what_waits() -> None:
    """A request in its debounce is answered as cancelled, and the process does not wait for it."""
    with ServerProcess(debounce_ms="5000") as server:
        server.start()
        server.send(OPEN, ask(2, kind=2), call(3, "shutdown"))
        assert server.reply(3)["result"] is None
        assert server.reply(2)["error"]["code"] == -32800
        server.send(note("exit"))
        assert server.wait() == 0


@pytest.mark.parametrize(
    "last",
    [
        b"",
        frame(initialize())[:60],
        frame(initialize()) + b"Content-Le",
        frame(initialize()) + frame(OPEN) + frame(ask(2, kind=2)),
    ],
    ids=["at once", "within a body", "within a header", "with a request under way"],
)
def test_end_of_input_has_status_1(last: bytes) -> None:
    """The client is gone without a word."""
    with ServerProcess(debounce_ms="5000") as server:
        server.write(last)
        server.stdin.close()
        assert server.wait() == 1


def test_end_of_input_does_not_lose_what_came_before() -> None:
    """Requests that a client has sent before it closed its end are answered if they can be."""
    with ServerProcess() as server:
        server.send(initialize(), call(2, "shutdown"), note("exit"))
        server.stdin.close()
        assert server.wait() == 0
        assert server.reply(2)["result"] is None


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signal_ends_the_session_in_order(number: signal.Signals, status: int) -> None:
    """With the status that a shell would give, and no traceback, also during a request."""
    with ServerProcess(command=COMMAND, debounce_ms="5000") as server:
        server.start()
        server.send(OPEN, ask(2, kind=2), call(3, "codestral/explain"))
        server.reply(3)
        assert server.kill(number) == status
        assert server.errors() == ""


@pytest.mark.parametrize("leave", ["exit", "SIGTERM"])
def test_what_was_counted_is_written_at_the_end(leave: str, tmp_path: Path) -> None:
    """However it comes; who can show a status has one by then, and nothing has popped up."""
    with ServerProcess(stats="true", state=str(tmp_path)) as server:
        server.start()
        server.send(OPEN, ask(2), call(3, "codestral/explain"))
        server.reply(3)
        if leave == "exit":
            server.send(call(4, "shutdown"), note("exit"))
            assert server.wait() == 0
        else:
            assert server.kill(signal.SIGTERM) == 143
        told = [each["method"] for each in server.inbox if "method" in each]
        assert "codestral/status" in told
        assert "window/showMessage" not in told
    report = as_json(read(tmp_path / STATISTICS_NAME, 1))
    assert report["total"]["requests"] == 1


def test_closed_output_ends_the_process() -> None:
    """Whoever cannot be told anything is gone."""
    with ServerProcess() as server:
        server.start()
        server.stdout.close()
        server.send(call(2, "codestral/explain"))
        assert server.wait() == 1
        assert server.errors() == ""


def test_dead_editor_ends_the_process_though_its_pipe_stays_open() -> None:
    """Something else may have inherited the pipe; the process that was named counts."""
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with ServerProcess(command=WATCHFUL) as server, editor:
        server.start(process_id=editor.pid)
        time.sleep(0.5)  # it must have been seen alive: one in another container never is
        assert server.process.poll() is None
        editor.kill()
        editor.wait(SECONDS)
        assert server.wait() == 1


def test_editor_that_was_never_seen_ends_nothing() -> None:
    """It runs in another container, under a number that means nothing here."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(SECONDS)
    with ServerProcess(command=WATCHFUL) as server:
        server.start(process_id=gone.pid)
        time.sleep(0.5)
        server.send(call(2, "shutdown"), note("exit"))
        assert server.wait() == 0


def test_client_that_stops_reading_blocks_nothing() -> None:
    """More replies than the pipe holds wait, requests are read on, and all come in the end."""
    count = 3000
    with ServerProcess() as server:
        server.start()
        server.send(OPEN)
        for first in range(10, 10 + count, 100):
            requests = [call(first + number, "no/such") for number in range(100)]
            server.write(b"".join(map(frame, requests)))  # would block with the server
        server.send(ask(2))
        assert server.reply(2)["result"]
        replies = {message["id"] for message in server.inbox if "id" in message}
        assert replies == set(range(10, 10 + count))
        server.send(call(3, "shutdown"), note("exit"))
        assert server.wait() == 0


def test_what_waits_is_still_written_at_the_end() -> None:
    """A slow reader gets the reply to `shutdown` though `exit` has been heeded by then."""
    with ServerProcess() as server:
        server.start()
        server.send(*(call(number, "no/such") for number in range(10, 1000)))
        server.send(call(3, "shutdown"), note("exit"))
        time.sleep(0.3)  # the server has come to its end meanwhile, or will, with a full pipe
        assert server.reply(3)["result"] is None
        assert server.wait() == 0


def test_client_that_never_reads_again_does_not_keep_the_process() -> None:
    """The end is not waited for longer than about a second."""
    with ServerProcess() as server:
        server.start()
        server.write(b"".join(frame(call(number, "no/such")) for number in range(10, 3000)))
        server.send(call(3, "shutdown"), note("exit"))
        started = time.monotonic()
        assert server.wait() == 0
        assert time.monotonic() - started < 8


def test_broken_messages_cost_only_themselves() -> None:
    """Over the real pipe: bad length, bad JSON, an odd cancellation, then a good request."""
    odd = note("$/cancelRequest", {"id": [1]})
    with ServerProcess() as server:
        server.start()
        bad = b"Content-Length: 7\n\n{]    x" + b"content-length: soon\r\n\r\n{}"
        server.write(bad + frame(odd) + frame(b"[]") + frame(call(2, "codestral/explain")))
        assert server.reply(2)["result"] == []
        errors = [each["error"]["code"] for each in server.inbox if "error" in each]
        assert errors == [-32700, -32600]
        assert b"Traceback" not in server.raw


def test_closed_standard_error_is_no_obstacle(tmp_path: Path) -> None:
    """Some editors start a server without one."""
    script = tmp_path / "start.sh"
    script.write_text('exec "$@" 2>&-\n')
    with ServerProcess(command=("sh", str(script), *COMMAND)) as server:
        server.start()
        server.send(call(2, "shutdown"), note("exit"))
        assert server.wait() == 0


def test_on_a_terminal_the_usage_is_shown() -> None:
    """Somebody has started it by hand; status 2, unless they meant it."""
    terminal, inner = os.openpty()
    try:
        done = subprocess.run(
            COMMAND,
            stdin=inner,
            capture_output=True,
            env=environment(),
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(inner)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"codestral-ls demo" in done.stderr
