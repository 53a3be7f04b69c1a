"""`codestral-ls complete`, as a user runs it."""

import json
from pathlib import Path

import pytest

from codestral_ls.commands.complete import read_place
from codestral_ls.commands.shebang import language_of_script
from tests.command import REPEATING
from tests.command import run as start
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.forked import run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "orders.py"
    path.write_text(REPEATING)
    return path


def test_complete_prints_the_completion(source: Path) -> None:
    """Nothing else goes to standard output, so it can be used in a script."""
    done = start("complete", f"{source}:18:22")
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
    why = "the model, or the offline provider, had nothing to say here"
    assert done.stderr == f"no completion (empty: {why})\n"
    told = json.loads(run("complete", "--json", f"{path}:1:1").stdout)
    assert (told["text"], told["outcome"]) == ("", "empty")
    assert told["detail"] == why


def test_complete_says_what_to_set_for_a_file_that_holds_no_code(source: Path) -> None:
    """A file of an unknown type counts as plain text, as in VS Code."""
    place = f"{source.rename(source.with_suffix('.xyz'))}:18:22"
    done = run("complete", place)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        'no completion (language off: to complete "plaintext", set `languages` to '
        '["code", "plaintext"])\n'
    )
    done = run("complete", place, environ={"CODESTRAL_LS_LANGUAGES": "code,plaintext"})
    assert done.stdout == "er.price * order.count\n"


@pytest.mark.parametrize(
    "place",
    [
        *("orders.py", "orders.py:1", "x:0:1", "x:1:0", "x:a:b", ":1:1", "none.py:1:1"),
        *(
            "-:00:1",
            "-:1:00",
            "-:1:2",
            "-:1:" + "9" * 100,
            "-:1:" + "9" * 5_000,
            "-:" + "9" * 5_000 + ":1",
        ),
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


@pytest.mark.parametrize("text", ["é = 1\n", "é = 1\r\n", "é = 1"])
def test_a_column_beyond_the_line_is_explained(text: str) -> None:
    """With the line's length in characters; behind the last one is a place."""
    done = run("complete", "-:1:7", stdin=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "codestral-ls complete: line 1 of <stdin> has 5 characters, so COL is from 1 to 6\n"
    )
    assert run("complete", "-:1:6", stdin=text).returncode == 1


def test_a_line_beyond_the_file_is_explained(source: Path) -> None:
    """The message says how many lines there are."""
    done = run("complete", f"{source}:99:1")
    assert done.returncode == 2
    assert "there is no line 99" in done.stderr


def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    """In words and not as Python puts it."""
    path = tmp_path / "bin.py"
    path.write_bytes(b"\xff\xfe")
    expected = f"codestral-ls complete: cannot read {path}: it is not UTF-8 text\n"
    assert run("complete", f"{path}:1:1").stderr == expected
    assert run("complete", f"{tmp_path}:1:1").stderr.endswith(": Is a directory\n")


def test_the_language_can_be_given(source: Path) -> None:
    """Where the name says something else."""
    place = f"{source.rename(source.with_suffix('.xyz'))}:18:22"
    done = run("complete", place, "--language", "python")
    assert (done.returncode, done.stdout) == (0, "er.price * order.count\n")
    done = run("complete", "--language", "diff", place)
    assert 'to complete "diff"' in done.stderr


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/bin/sh", "shellscript"),
        ("#! /bin/bash -e", "shellscript"),
        ("#!/usr/bin/env zsh", "shellscript"),
        ("#!/usr/bin/env -S LC_ALL=C python3.12 -u", "python"),
        ("#!/usr/bin/python3\r", "python"),
        ("#!/usr/local/bin/node", "javascript"),
        ("#!/usr/bin/env ruby", "ruby"),
        ("#!/usr/bin/perl -w", "perl"),
        ("#!/usr/bin/env php", "php"),
        ("#!/usr/bin/lua5.4", "lua"),
        *(("#!/usr/bin/awk -f", ""), ("#!", ""), ("#!/usr/bin/env", ""), ("# !/bin/sh", "")),
        ("print(1)  #!/bin/sh", ""),
    ],
)
def test_the_first_line_of_a_script_tells_its_language(line: str, language: str) -> None:
    """Whoever it calls to run it."""
    assert language_of_script(f"{line}\nexit\n") == language


@pytest.mark.parametrize(
    ("name", "first", "language"),
    [
        ("deploy", "#!/usr/bin/env python3", "python"),
        ("deploy.txt", "#!/usr/bin/env python3", "plaintext"),
        ("deploy.rb", "#!/bin/sh", "ruby"),
        ("Makefile", "#!/usr/bin/make -f", "makefile"),
        ("notes", "text", "plaintext"),
    ],
)
def test_the_first_line_counts_for_files_without_ending(
    tmp_path: Path, name: str, first: str, language: str
) -> None:
    """The name is the better witness."""
    path = tmp_path / name
    path.write_text(f"{first}\n")
    assert read_place(f"{path}:1:1")[0].language == language


def test_help_says_what_is_printed() -> None:
    """It asks by hand, and every name in the JSON is told."""
    told = run("complete", "--help").stdout
    assert "what asking by hand would give" in told
    story = json.loads(run("complete", "--json", "-:18:22", stdin=REPEATING).stdout)
    assert [each for each in (*story, "detail") if f'"{each}"' not in told] == []


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


def test_what_complete_has_done_can_be_explained(source: Path) -> None:
    """Its call and its outcome stand in the trace as a server's do."""
    trace = source.with_name("trace.jsonl")
    with serve_in_thread(Behaviour(text="er.count")) as endpoint:
        environ = {
            "CODESTRAL_LS_ENDPOINT": endpoint.url,
            "MISTRAL_API_KEY": "test-key-0000",
            "CODESTRAL_LS_TRACE_FILE": str(trace),
        }
        assert run("complete", f"{source}:18:22", environ=environ).returncode == 0
    kinds = [json.loads(line)["kind"] for line in trace.read_text().splitlines()]
    assert kinds == ["call", "outcome"]
    done = run("explain", str(trace))
    assert (done.returncode, done.stderr) == (0, "")
    assert "orders.py:18:22  8 characters from the model, codestral-2508 at " in done.stdout
    assert "(asked by hand)" in done.stdout


def test_complete_tells_what_there_is_to_choose_from_as_json(tmp_path: Path) -> None:
    """And how much of the line each takes the place of; in plain only one is asked for."""

    def by_seed(body: dict[str, object]) -> Behaviour:
        return Behaviour(text=("a).bar()", "a", "b")[int(str(body.get("random_seed", 0)))])

    place = f"{tmp_path / 'foo.py'}:1:5"
    (tmp_path / "foo.py").write_text("foo()\n")
    with serve_in_thread(by_seed) as endpoint:
        environ = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": "test-key-0000"}
        done = run("complete", "--json", place, environ=environ)
        told = json.loads(done.stdout)
        choices = [{"text": told["text"], "replaces": told["replaces"]}, *told["others"]]
        assert sorted(choices, key=lambda each: each["text"]) == [
            {"text": "a", "replaces": 0},
            {"text": "a).bar()", "replaces": 1},
            {"text": "b", "replaces": 0},
        ]
        done = run("complete", place, environ=environ)
        assert done.stdout == "a).bar()\n"
        assert done.stderr == 'it takes the place of the ")" behind the cursor\n'
        assert len(endpoint.completions) == 4


def test_wrong_settings_are_told_and_do_not_stop_a_command() -> None:
    """A wrong value costs only itself."""
    done = run("complete", "-:1:1", environ={"CODESTRAL_LS_DEBOUNCE_MS": "soon"}, stdin="x")
    assert "debounce_ms" in done.stderr
    assert done.returncode == 1
