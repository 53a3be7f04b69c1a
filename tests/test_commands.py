"""The commands, as a user runs them."""

import subprocess
import sys
from collections.abc import Mapping
from typing import IO

import anyio
import pytest
from anyio.abc import Process

from codestral_ls import cli
from codestral_ls.commands import demo
from tests.command import run as start
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.forked import run
from tests.other_endpoints import Other, serve_other_in_thread


def test_the_version_is_told() -> None:
    """From the one place where it stands."""
    assert start("--version").stdout.startswith("codestral-ls 0.")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["complete", "--help"]])
def test_what_does_not_serve_imports_neither_pygls_nor_httpx(arguments: list[str]) -> None:
    """Help is there at once: importing pygls alone takes half a second."""
    program = (
        "import sys\nfrom codestral_ls.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "usage: codestral-ls" in done.stdout or "codestral-ls 0." in done.stdout
    heavy = {"pygls", "lsprotocol", "cattrs", "httpx", "asyncio", "anyio", "pathspec"}
    assert not heavy & set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--stdio", "serve"], ["serve", "--stdio"], ["--stdio"]])
def test_stdio_may_stand_before_and_after_the_command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Editors put it where they like."""
    monkeypatch.setattr(cli, "_serve", lambda *, explicitly, **_: 7 if explicitly else 0)
    assert cli.main(arguments) == 7


def test_the_demo_shows_ghost_text_without_a_key() -> None:
    """The text between the brackets is what a terminal would dim, and each source is named."""
    done = start("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "result += or⟦der.price * order.count⟧" in done.stdout
    assert "offline, " in done.stdout
    assert "cache, " in done.stdout
    assert "typed through, " in done.stdout
    assert "\n\n\n" not in done.stdout


def test_the_demo_asks_the_model_where_there_is_a_key() -> None:
    """The same session, with the endpoint's text."""
    with serve_in_thread(Behaviour(text="der.count")) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "test-key-0000"}
        done = run("demo", environ=environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "model (codestral-2508), " in done.stdout
        assert "result += or⟦der.count⟧" in done.stdout
        assert endpoint.completions  # more are asked for ahead
        assert endpoint.completions[0].body["prompt"].endswith("result += or")


def test_the_demo_names_a_server_whose_model_has_no_name() -> None:
    """It is the one that is loaded there."""
    with serve_other_in_thread(Other(kind="llama.cpp", text="der.count")) as endpoint:
        variables = {"ENDPOINT": endpoint.url, "PROVIDER": "llama.cpp"}
        done = run(
            "demo", environ={f"CODESTRAL_LS_{name}": each for name, each in variables.items()}
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "model (llama.cpp), " in done.stdout


def test_the_demo_shows_what_a_server_says_that_does_not_come_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is the only witness."""

    async def start(_environ: Mapping[str, str], log: IO[bytes]) -> Process:
        program = "import sys; sys.exit('no module named pygls')"
        return await anyio.open_process([sys.executable, "-c", program], stderr=log)

    monkeypatch.setattr(demo, "start_server", start)
    assert demo.run_demo(environ={}) == 1
    told = capfd.readouterr().err
    assert told.startswith("no module named pygls")
    assert told.endswith("(ServerGone). `codestral-ls doctor` says more.\n")


@pytest.mark.parametrize("ghost", ["d", "der", "der.count\n            result += 1"])
def test_the_demo_is_content_with_ghost_text_of_any_length(ghost: str) -> None:
    """It types half of it, at least one key."""
    with serve_in_thread(Behaviour(text=ghost)) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "test-key-0000"}
        done = run("demo", environ=environ)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_demo_says_what_is_wrong_with_a_key() -> None:
    """Status 1, the reason and what to do; the key itself does not appear."""
    with serve_in_thread(Behaviour()) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "wrong-key"}
        done = run("demo", environ=environ)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("`codestral-ls doctor` says more.\n")
    assert done.stdout.count("unauthorized") == 1
    assert done.stdout.count("does not accept the API key") == 1
    assert "MISTRAL_API_KEY" in done.stdout
    assert "wrong-key" not in done.stdout + done.stderr
