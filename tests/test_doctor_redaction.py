"""What the doctor shows: no secrets, nothing that a terminal takes for commands, and all words."""

import json
from pathlib import Path

import pytest

from codestral_ls.commands.doctor.editors import Found
from codestral_ls.commands.doctor.redaction import UNPRINTABLE, Redactor
from codestral_ls.kinds import Secret
from tests.doctor_site import Machine, unused_port
from tests.forked_doctor import ForkedMachine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


def test_secrets_are_taken_out_the_longest_first() -> None:
    """One may be the beginning of another."""
    redactor = Redactor()
    for text in ("abcdefgh", "abcdefgh-1234", ""):
        redactor.learn(Secret(text))
    said = "abcdefgh-1234 abcdefgh \x1b[2J\n"
    assert redactor.clean(said) == f"[key] [key] {UNPRINTABLE}[2J\n"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://joe:pass%2Dword@h", "pass-word"),
        ("http://joe:pass%2Dword@h", "joe:pass%2Dword"),
        ("http://token-1234@h/v1", "token-1234"),
        ("https://h/v1?key=query-1234&v=1#x", "query-1234"),
    ],
)
def test_what_an_address_proves_with_is_a_secret(url: str, secret: str) -> None:
    """Wherever it stands there, as written or as meant."""
    redactor = Redactor()
    redactor.learn_address(url)
    assert secret not in redactor.clean(f"it says {secret} there")


@pytest.mark.parametrize("url", ["http://tmp:in@h", "http://proxy:in@h", "http://h", "h", ""])
def test_short_credentials_leave_words_and_paths_whole(url: str) -> None:
    """The name beside a password is no secret either."""
    redactor = Redactor()
    redactor.learn_address(url)
    redactor.learn(Secret("in"))
    said = "the proxy in /tmp does not answer"
    assert redactor.clean(said) == said


def test_an_editor_s_own_words_are_cleaned() -> None:
    """Its path may hold what clears a screen, or half a character."""
    found = Found("Vim", "/a\x1b[31m/\udc80/s3cret-1234", "9.1", "offers", "advice", "a\nb")
    redactor = Redactor()
    redactor.learn(Secret("s3cret-1234"))
    cleaned = redactor.cleaned_editor(found)
    assert cleaned.command == f"/a{UNPRINTABLE}[31m/{UNPRINTABLE}/[key]"
    assert cleaned._replace(command="") == found._replace(command="")


def test_a_folder_of_the_path_sends_nothing_to_the_terminal(machine: Machine) -> None:
    """Neither as lines nor as JSON."""
    folder = machine.home / "b\x1b[31mX"
    folder.mkdir()
    editor = folder / "nvim"
    editor.write_text("#!/bin/sh\necho 'NVIM v0.12.4'\n")
    editor.chmod(0o755)
    done = machine.run(PATH=str(folder), PYTHONIOENCODING="utf-8")
    assert "\x1b" not in done.stdout
    assert f"b{UNPRINTABLE}[31mX/nvim" in done.stdout
    (found,) = machine.report(PATH=str(folder)).editors
    assert found["command"].endswith(f"b{UNPRINTABLE}[31mX/nvim")


def test_a_short_name_for_a_proxy_shreds_nothing(machine: Machine) -> None:
    """Where the settings are is to be read there."""
    proxy = f"http://home:in@127.0.0.1:{unused_port()}"
    done = machine.run("--json", HTTPS_PROXY=proxy, MISTRAL_API_KEY="wrong-key-2222")
    checks = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    assert str(machine.home) in checks["settings"]["found"]
    assert "[key]" not in done.stdout
    assert "home:in" not in done.stdout
