"""The gateway as a process: its one line, tokens while it runs, signals, workers, https."""

import asyncio
import contextlib
import http.client
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.gateway_load import Load, request
from tests.gateway_process import SECONDS, GatewayProcess, await_true
from tests.redis_server import redis_server
from tests.test_gateway_chaos import workers

TEXT = "return first + second"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model that takes a moment, so that there are always some requests under way."""
    with serve_in_thread(Behaviour(text=TEXT, first_token=0.05)) as it:
        yield it


def new_place(number: int) -> bytes:
    """A request for a place that nobody has asked for."""
    return request("/complete", {"prefix": f"def sum_{number}(first, second):\n    "})


def test_one_line_says_where_it_is_and_what_it_answers(tmp_path: Path) -> None:
    """Also at a port that the system has chosen; nothing else is printed."""
    environ = {
        "PATH": os.environ["PATH"],
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATE": str(tmp_path),
        "CODESTRAL_LS_PROVIDER": "offline",
    }
    command = [sys.executable, "-m", "codestral_ls", "gateway", "--port", "0"]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = r"http://127\.0\.0\.1:(\d+)"
        said = f"{address} answers programs of this machine, with offline"
        found = re.fullmatch(rf"codestral-ls gateway: {said}\. Playground: {address}/\n", line)
        assert found, line
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=SECONDS) == ("", "")
        assert process.returncode == 0


def test_tokens_that_are_made_and_revoked_while_it_runs_count(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """From the first one on nobody is answered without; no restart is needed."""
    tokens = Tokens(tmp_path / "gateway-tokens.json")
    with GatewayProcess(tmp_path, endpoint=endpoint.url) as gateway:
        assert gateway.complete().status == 200
        token = tokens.create("ada", Bounds())
        await_true(lambda: gateway.complete().status == 401, "nobody is answered without")
        assert gateway.complete(token=token).status == 200
        tokens.revoke("ada")
        await_true(lambda: gateway.complete(token=token).status == 401, "it is revoked")
        assert gateway.complete().status == 401
        assert token not in gateway.log + gateway.output
        assert gateway.terminate() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_each_signal_to_end_ends_it_well(number: signal.Signals, tmp_path: Path) -> None:
    """A closed terminal is none to stay for; status 0 says that all was answered."""
    with GatewayProcess(tmp_path, provider="offline") as gateway:
        gateway.signal(number)
        assert gateway.wait() == 0
        assert gateway.log == ""


async def test_it_ends_under_load_without_losing_a_reply(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """By one process that is told to, while another one goes on."""
    first, second = (GatewayProcess(tmp_path, endpoint=endpoint.url) for _ in range(2))
    with first, second:
        load = Load(ports=[first.port, second.port], make=new_place)

        async def end() -> None:
            await load.until(60)
            assert await asyncio.to_thread(first.terminate) == 0
            await load.until(60)

        await load.around(end())
        assert load.lost == []
        assert set(load.statuses) == {200}


@pytest.mark.redis
async def test_workers_come_and_go_without_losing_a_reply(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """One that is told to end is replaced; at last all end, and another gateway goes on."""
    with redis_server() as redis:
        settings = {"gateway_workers": "2", "gateway_redis": redis.url}
        first = GatewayProcess(tmp_path, endpoint=endpoint.url, **settings)
        second = GatewayProcess(tmp_path, endpoint=endpoint.url)
        with first, second:
            await_true(lambda: first.output.count("\n") == 1, "all are ready")
            before = workers(first)
            assert len(before) == 2
            load = Load(ports=[first.port, second.port], make=new_place)

            async def go() -> None:
                await load.until(60)
                os.kill(min(before), signal.SIGTERM)
                replaced = lambda: len(workers(first) - {min(before)}) == 2  # noqa: E731 - said once
                await asyncio.to_thread(await_true, replaced, "another one takes its place")
                await load.until(60)
                assert await asyncio.to_thread(first.terminate) == 0
                await load.until(60)

            await load.around(go())
            assert load.lost == []
            assert set(load.statuses) == {200}
            assert "has ended with status 0; another one takes its place" in first.log
            assert "Traceback" not in first.log


@pytest.mark.redis
def test_workers_do_not_outlive_the_one_that_looks_after_them(tmp_path: Path) -> None:
    """Somebody who kills it wants the port back."""
    with redis_server() as redis:
        settings = {"gateway_workers": "2", "gateway_redis": redis.url}
        with GatewayProcess(tmp_path, provider="offline", **settings) as gateway:
            await_true(lambda: gateway.output.count("\n") == 1, "all are ready")
            left = workers(gateway)
            os.kill(gateway.pid, signal.SIGKILL)
            gateway.wait()
            await_true(lambda: not any(map(is_alive, left)), "they end")


def is_alive(pid: int) -> bool:
    """Whether a process is there that has not ended; nobody may have taken note of it yet."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False


def test_it_answers_by_https_with_a_certificate(endpoint: Endpoint, tmp_path: Path) -> None:
    """One file may hold the certificate and its key."""
    authority = trustme.CA()
    certificate = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    gateway = GatewayProcess(tmp_path, endpoint=endpoint.url, gateway_certificate=str(certificate))
    gateway.begin()
    try:
        await_true(lambda: gateway.output, "it is ready")
        assert f"https://127.0.0.1:{gateway.port} answers" in gateway.output
        connection = http.client.HTTPSConnection(
            "127.0.0.1", gateway.port, timeout=SECONDS, context=context
        )
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200
        assert gateway.terminate() == 0
    finally:
        gateway.kill()
