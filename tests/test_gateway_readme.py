"""What the README tells to type, typed against a real gateway."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.gateway_process import GatewayProcess
from tests.parts import find_program, require

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
SECTION = README[README.index("\n## Gateway\n") : README.index("\n## When nothing appears\n")]
HERE = "http://127.0.0.1:8787"
SECONDS = 30


def find_curl() -> str:
    """The program that the commands begin with."""
    return find_program("CURL", "curl", "install curl")


def blocks(language: str) -> list[str]:
    """The blocks of code of one language in the gateway's section."""
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


CURL = [each for each in blocks("sh") if each.startswith("curl")]
PYTHON = blocks("python")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway in front of an endpoint that always says the same."""
    require(find_curl)
    state = tmp_path_factory.mktemp("readme")
    with (
        serve_in_thread(Behaviour(text="a + b")) as upstream,
        GatewayProcess(state, endpoint=upstream.url) as gateway,
    ):
        yield gateway


def run(command: list[str]) -> str:
    """What a command prints, which has to succeed."""
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd="/"
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_there_is_something_to_type() -> None:
    """The section has two commands and a program that ask."""
    assert len(CURL) == 2
    assert len(PYTHON) == 1


def test_the_first_command_completes(gateway: GatewayProcess) -> None:
    """The text, and where it came from."""
    reply = json.loads(run(["bash", "-c", CURL[0].replace(HERE, gateway.url)]))
    assert reply["completion"] == "a + b"
    assert reply["source"] in {"model", "cache"}


def test_the_first_command_streams_with_what_is_named_for_that(gateway: GatewayProcess) -> None:
    """The same answer at the end."""
    added = "-N -H 'Accept: text/event-stream'"
    assert f"`{added}`" in SECTION
    command = CURL[0].replace("curl ", f"curl {added} ").replace(HERE, gateway.url)
    events = run(["bash", "-c", command]).strip().split("\n\n")
    kind, data = events[-1].split("\n")
    assert kind == "event: done"
    assert json.loads(data.removeprefix("data: "))["completion"] == "a + b"


def test_the_second_command_speaks_mistrals_form(gateway: GatewayProcess) -> None:
    """As their endpoint does."""
    reply = json.loads(run(["bash", "-c", CURL[1].replace(HERE, gateway.url)]))
    assert reply["object"] == "chat.completion"
    assert reply["choices"][0]["message"]["content"] == "a + b"


def test_the_program_prints_the_text(gateway: GatewayProcess) -> None:
    """With the official client."""
    program = PYTHON[0].replace(HERE, gateway.url)
    assert run([sys.executable, "-c", program]) == "a + b\n"
