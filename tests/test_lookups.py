"""Keys from programs, files and the keyring, and what can be wrong with each."""

import os
import shlex
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from codestral_ls.errors import Unauthorized
from codestral_ls.fim.lookups import (
    MOST_READ,
    Program,
    program_name,
    read_file,
    read_keyring,
    secret_in,
    words_of,
)

KEY = "test-key-0000"
ENVIRON = {"PATH": os.environ["PATH"], "MISTRAL_API_KEY": KEY, "GPG_TTY": "/dev/tty", "MINE": "1"}


def python(code: str) -> str:
    """The command that runs some Python."""
    return shlex.join([sys.executable, "-I", "-c", code])


def printed(command: str, seconds: float = 20.0) -> str:
    return Program(command, ENVIRON).first_line(seconds).decode()


def advice(act: Callable[[], object]) -> str:
    """What is said when there is no key; nothing that came before hangs on it."""
    with pytest.raises(Unauthorized) as caught:
        act()
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert KEY not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "command",
    [
        f"echo {KEY}",
        f"printf '%s\\nlogin: joe\\n' {KEY}",
        f"sh -c 'echo {KEY} | cat'",
        f"sh -c 'echo trouble >&2; echo {KEY}'",
        python(f"print('{KEY}'); print('x' * 10_000_000)"),
    ],
)
def test_a_program_prints_the_key_in_its_first_line(command: str) -> None:
    """However much follows; a shell runs only where one is named."""
    assert printed(command).strip() == KEY


def test_no_shell_looks_at_a_command() -> None:
    """Nothing in it is more than a word, except for the user's home at its beginning."""
    home = Path("~").expanduser()
    assert printed("echo $MINE ; | `ls` ~/x a~") == f"$MINE ; | `ls` {home}/x a~"


def test_a_program_does_not_see_keys_or_the_terminal() -> None:
    """Nor the folder of the workspace; the rest of the environment it does see."""
    code = (
        "import os, sys; e = os.environ;"
        "print(e.get('MISTRAL_API_KEY'), e.get('GPG_TTY'), e['MINE'], os.getcwd(),"
        " repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    )
    assert printed(python(code)) == f"None None 1 {Path('~').expanduser()} '' True"


def gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has looked after it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """Nothing is left behind that nobody waits for."""
    pids = tmp_path / "pids"
    command = shlex.join(
        ["sh", "-c", f"sleep 600 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; wait"]
    )
    program = Program(command, ENVIRON)
    while not pids.exists():
        pass
    assert advice(lambda: program.first_line(0.1)).endswith(
        "sh has not ended within 0.1 s. Try it in a terminal."
    )
    first, second = (int(pid) for pid in pids.read_text("utf-8").split())
    while not (gone(first) and gone(second)):
        pass


def test_a_child_that_goes_on_keeps_no_key_back(tmp_path: Path) -> None:
    """The program has ended well; what still holds its output is ended as well."""
    pid = tmp_path / "pid"
    command = shlex.join(["sh", "-c", f"sleep 600 & echo $! > {pid}; echo {KEY}"])
    assert printed(command) == KEY
    while not gone(int(pid.read_text("utf-8"))):
        pass


def test_a_program_can_be_ended_from_elsewhere() -> None:
    """When the settings change, for one."""
    program = Program("sleep 600", ENVIRON)
    program.end()
    assert "signal 9" in advice(lambda: program.first_line(20.0))
    program.end()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program show x", "no-such-program is not on the PATH"),
        (f"/none/{KEY}/prog", "prog is not on the PATH"),
        (KEY * 3, "the program is not on the PATH"),
        ("/", "the program cannot be run"),
        ("'unclosed", "no command. Check its quotes"),
        ('""', "no command. Check its quotes"),
        ("echo a\0b", "echo cannot be run"),
        ("false", "false has failed (exit status 1). Try it in a terminal"),
        (f"sh -c 'echo {KEY}; echo {KEY} >&2; exit 3'", "sh has failed (exit status 3)"),
        ("sh -c 'kill -9 $$'", "sh has failed (signal 9)"),
    ],
)
def test_a_program_that_fails_is_told_by_its_name(command: str, words: str) -> None:
    """Not by what it says, which may hold the key; nor by a name that may be one."""
    assert words in advice(lambda: printed(command))


def test_names_of_programs_are_short_and_without_folders() -> None:
    """Doctor and messages show them."""
    assert program_name("/usr/bin/pass") == "pass"
    assert program_name("0123456789abcdef0123456789abcdef") == "the program"
    assert words_of("pass show mistral") == ["pass", "show", "mistral"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "brings nothing. Correct `api_key_command`."),
        (b" \t\r", "brings nothing"),
        (f'"{KEY}"'.encode(), "in quotes, which are no part of a key. Correct `api_key_command`."),
        (b"x" * (MOST_READ + 1), "too long"),
        ("schlüssel".encode(), "other characters"),
        (b"\xff\xfek\x00", "other characters"),
        (b"a\x1b[0mb", "other characters"),
    ],
)
def test_what_is_no_key_is_not_taken_for_one(line: bytes, words: str) -> None:
    """HTTP could not carry it, and it is not quoted."""
    assert words in advice(lambda: secret_in(line, "command"))


def test_blanks_around_a_key_do_not_belong_to_it() -> None:
    """Nor the half of a CRLF, nor the mark with which Windows begins a file."""
    assert secret_in(f" {KEY}\r".encode(), "file").reveal() == KEY
    assert secret_in(f"\ufeff{KEY}\r".encode(), "file").reveal() == KEY


def kept(path: Path, text: str = f"{KEY}\nmore\n", mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_the_users_own_is_read(tmp_path: Path, mode: int) -> None:
    """Its first line, also through a link."""
    path = kept(tmp_path / "key", mode=mode)
    assert read_file(str(path)) == KEY.encode()
    (tmp_path / "link").symlink_to(path)
    assert read_file(str(tmp_path / "link")) == KEY.encode()


def test_a_file_is_found_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shell would have it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    kept(tmp_path / "key")
    assert read_file("~/key") == KEY.encode()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_file_that_others_can_get_at_is_not_read(tmp_path: Path, mode: int) -> None:
    """The message says how to close it, also where a link leads to it."""
    path = kept(tmp_path / "my key", mode=mode)
    assert f"Run `chmod 600 '{path}'`" in advice(lambda: read_file(str(path)))
    (tmp_path / "link").symlink_to(path)
    assert "Run `chmod 600" in advice(lambda: read_file(str(tmp_path / "link")))


def test_a_file_of_another_user_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could have put a key of theirs there, to read along."""
    path = kept(tmp_path / "key")
    real = path.stat()
    for owner in (0, os.geteuid()):
        state = os.stat_result((*real[:4], owner, *real[5:10]))
        monkeypatch.setattr(os, "fstat", lambda _, state=state: state)
        assert read_file(str(path)) == KEY.encode()
    state = os.stat_result((*real[:4], os.geteuid() + 12345, *real[5:10]))
    monkeypatch.setattr(os, "fstat", lambda _: state)
    assert "belongs to another user" in advice(lambda: read_file(str(path)))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe without a writer would never say anything."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        said = advice(lambda path=path: read_file(str(path)))  # type: ignore[misc]
        assert "is no regular file" in said or "Is a directory" in said


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/none/key", "cannot be read: No such file or directory. Correct `api_key_file`."),
        ("/none/\0", "cannot be read: no such path"),
        (KEY, 'its path does not begin with "/" or "~"'),
        ("~nobody-of-this-name/key", 'its path does not begin with "/" or "~"'),
    ],
)
def test_a_file_that_is_not_there_is_said_so(path: str, words: str) -> None:
    """But not what could be the key itself, put into the wrong setting."""
    assert words in advice(lambda: read_file(path))


def test_of_a_huge_file_little_is_read(tmp_path: Path) -> None:
    """No key is that long."""
    line = read_file(str(kept(tmp_path / "key", "x" * 10_000_000)))
    assert len(line) == MOST_READ + 1


def keyring(monkeypatch: pytest.MonkeyPatch, get_password: object) -> None:
    """Puts a keyring in the place of the system's."""
    module = types.ModuleType("keyring")
    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)


def test_the_keyring_is_asked_for_service_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services may have slashes in their names."""
    asked: list[tuple[str, str]] = []

    def get_password(service: str, user: str) -> str:
        asked.append((service, user))
        return KEY

    keyring(monkeypatch, get_password)
    assert read_keyring("https://api.mistral.ai/joe") == KEY.encode()
    assert asked == [("https://api.mistral.ai", "joe")]


def test_a_keyring_without_the_entry_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the keyring's own command."""
    keyring(monkeypatch, lambda _service, _user: None)
    assert "`keyring set 'my key' joe`" in advice(lambda: read_keyring("my key/joe"))


@pytest.mark.parametrize("entry", [KEY, "/joe", "mistral/", "/"])
def test_an_entry_that_is_none_is_not_looked_up(entry: str) -> None:
    """Nor quoted."""
    assert "SERVICE/USER" in advice(lambda: read_keyring(entry))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    said = advice(lambda: read_keyring("mistral/joe"))
    assert "the package `keyring` is missing. Install it" in said


def test_a_keyring_that_fails_is_told_by_the_kind_of_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its words could hold anything."""

    def get_password(_service: str, _user: str) -> str:
        raise PermissionError(KEY)

    keyring(monkeypatch, get_password)
    assert "has failed (PermissionError)" in advice(lambda: read_keyring("mistral/joe"))
