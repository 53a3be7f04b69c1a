"""The commands, as a user runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from codestral_ls import cli
from tests.fim_endpoint import Behaviour, serve_in_thread

REPEATING = """\
def total(orders):
    result = 0
    for order in orders:
        result += order.price * order.count
    return result


def total_paid(orders):
    result = 0
    for order in orders:
        result += order.price * order.count
    return result


def total_open(orders):
    result = 0
    for order in orders:
        result += ord
"""


def run(
    *arguments: str, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs the command with nothing in its environment but what is given."""
    clean = {"PATH": os.environ["PATH"], "CODESTRAL_LS_CONFIG": os.devnull, **(environ or {})}
    return subprocess.run(
        [sys.executable, "-m", "codestral_ls", *arguments],
        input=stdin,
        env=clean,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "orders.py"
    path.write_text(REPEATING)
    return path


def test_the_version_is_told() -> None:
    """From the one place where it stands."""
    assert run("--version").stdout.startswith("codestral-ls 0.")


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


def test_complete_prints_the_completion(source: Path) -> None:
    """Nothing else goes to standard output, so it can be used in a script."""
    done = run("complete", f"{source}:18:22")
    assert (done.returncode, done.stdout) == (0, "er.price * order.count\n")


def test_complete_reads_the_file_from_standard_input() -> None:
    """`-` is a file that was never saved."""
    done = run("complete", "-:18:22", stdin=REPEATING)
    assert (done.returncode, done.stdout) == (0, "er.price * order.count\n")


def test_complete_tells_the_whole_story_as_json(source: Path) -> None:
    """Timings, tokens and provider; offline it says so."""
    told = json.loads(run("complete", "--json", f"{source}:18:22").stdout)
    assert told["text"] == "er.price * order.count"
    assert (told["outcome"], told["source"], told["provider"]) == ("answer", "offline", "offline")
    assert told["timings"]["total_ms"] > 0


def test_complete_says_why_there_is_nothing(tmp_path: Path) -> None:
    """Status 1 and the reason, in words and in JSON."""
    path = tmp_path / "empty.py"
    path.write_text("")
    done = run("complete", f"{path}:1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no completion (empty" in done.stderr
    told = json.loads(run("complete", "--json", f"{path}:1:1").stdout)
    assert (told["text"], told["outcome"]) == ("", "empty")


@pytest.mark.parametrize(
    "place",
    [
        *("orders.py", "orders.py:1", "x:0:1", "x:1:0", "x:a:b", ":1:1", "none.py:1:1"),
        *("-:00:1", "-:1:00", "-:1:" + "9" * 5_000, "-:" + "9" * 5_000 + ":1"),
    ],
    ids=lambda place: place[:12],
)
def test_a_place_that_is_none_is_explained(place: str) -> None:
    """Status 2, and one line that names what was given."""
    done = run("complete", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("codestral-ls complete: ")
    assert len(done.stderr) < 500
    assert "Traceback" not in done.stderr


def test_a_column_beyond_the_line_is_its_end() -> None:
    """As in an editor, however far beyond."""
    assert run("complete", "-:1:" + "9" * 100, stdin="x").stderr == "no completion (empty)\n"


@pytest.mark.parametrize("arguments", [["--stdio", "serve"], ["serve", "--stdio"], ["--stdio"]])
def test_stdio_may_stand_before_and_after_the_command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Editors put it where they like."""
    monkeypatch.setattr(cli, "_serve", lambda *, explicitly, **_: 7 if explicitly else 0)
    assert cli.main(arguments) == 7


def test_a_line_beyond_the_file_is_explained(source: Path) -> None:
    """The message says how many lines there are."""
    done = run("complete", f"{source}:99:1")
    assert done.returncode == 2
    assert "there is no line 99" in done.stderr


def test_a_failure_is_told_once() -> None:
    """As the reason why there is no completion."""
    with serve_in_thread(Behaviour()) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "wrong-key"}
        done = run("complete", "-:1:1", environ=environ, stdin="x")
    assert done.returncode == 1
    assert done.stderr.startswith("no completion (unauthorized: ")
    assert done.stderr.count("\n") == 1


def test_complete_asks_the_endpoint_with_the_key() -> None:
    """With a key the model answers, and its tokens are told."""
    with serve_in_thread(Behaviour(text="a + b")) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "test-key-0000"}
        done = run("complete", "--json", "-:1:8", environ=environ, stdin="return \n")
        told = json.loads(done.stdout)
        assert (told["text"], told["source"], told["model"]) == ("a + b", "model", "codestral-2508")
        assert told["tokens"]["prompt"] > 0
        assert endpoint.completions[0].body["max_tokens"] == 256


def test_wrong_settings_are_told_and_do_not_stop_a_command() -> None:
    """A wrong value costs only itself."""
    done = run("complete", "-:1:1", environ={"CODESTRAL_LS_DEBOUNCE_MS": "soon"}, stdin="x")
    assert "debounce_ms" in done.stderr
    assert done.returncode == 1


def test_the_demo_shows_ghost_text_without_a_key() -> None:
    """The text between the brackets is what a terminal would dim, and each source is named."""
    done = run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "result += or⟦der.price * order.count⟧" in done.stdout
    assert "offline, " in done.stdout
    assert "cache, " in done.stdout
    assert "typed through, " in done.stdout


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
    assert done.returncode == 1
    assert "unauthorized" in done.stdout
    assert "CODESTRAL_API_KEY" in done.stdout
    assert "wrong-key" not in done.stdout + done.stderr
