"""`codestral-ls gateway` as a user runs it: tokens, and words for what keeps it from starting."""

import json
import re
import socket
import stat
import sys
from pathlib import Path

import pytest
import trustme

from codestral_ls import cli
from codestral_ls.commands.gateway import NO_EXTRA
from codestral_ls.gateway.machine_secret import machine_secret
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from tests.command import run


class Command:
    """The command with a state folder of its own, run in this process."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.tokens = folder / "gateway-tokens.json"
        self._capture = capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        try:
            status = cli.main(["gateway", *arguments])
        except SystemExit as exit_:  # of argparse
            status = int(str(exit_.code))
        return status, *self._capture.readouterr()


@pytest.fixture
def gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, for which nothing is set."""
    monkeypatch.setenv("CODESTRAL_LS_STATE", str(tmp_path))
    monkeypatch.setenv("CODESTRAL_LS_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()
    return Command(tmp_path, capsys)


def test_a_token_is_printed_once_and_nothing_else_is(gateway: Command) -> None:
    """Standard output is for a script; what it is good for stands on standard error."""
    bounds = ("--requests-per-minute", "5", "--tokens-per-minute", "600", "--daily-budget", "0.5")
    status, token, words = gateway("token", "create", "ada", "--days", "3", *bounds)
    assert status == 0
    assert re.fullmatch(r"cls_\S{52}\n", token)
    assert "shown this once" in words
    assert token.strip() not in words
    user = Tokens(gateway.tokens).find(token.strip())
    assert user is not None
    assert user.bounds == Bounds(requests_per_minute=5, tokens_per_minute=600, daily_budget=0.5)


def test_tokens_are_listed_without_what_they_are(gateway: Command) -> None:
    """As a table, and as JSON."""
    token = gateway("token", "create", "ada", "--days", "1", "--daily-budget", "0.5")[1].strip()
    gateway("token", "create", "bob")
    status, table, _ = gateway("token", "list")
    assert status == 0
    head, ada, bob = table.splitlines()
    assert head.split() == ["NAME", "ID", "CREATED", "EXPIRES", "BOUNDS"]
    assert ada.split()[:2] == ["ada", token[4:12]]
    assert ada.endswith("0.5 a day")
    assert re.search(r"never +the usual ones$", bob)
    rows = json.loads(gateway("token", "list", "--json")[1])
    assert [(each["name"], each["daily_budget"], each["expired"]) for each in rows] == [
        ("ada", 0.5, False),
        ("bob", 0.0, False),
    ]
    assert rows[1]["expires"] is None
    assert not re.search(r"[0-9a-f]{64}|cls_", table + json.dumps(rows))


def test_a_token_is_revoked_by_its_user_s_name(gateway: Command) -> None:
    """After the last one nobody may ask, which is said."""
    gateway("token", "create", "ada")
    status, _, words = gateway("token", "revoke", "ada")
    assert status == 0
    assert "the last one: nobody may ask now" in words
    status, _, words = gateway("token", "revoke", "ada")
    assert (status, words) == (1, "codestral-ls gateway token: nobody called ada has a token.\n")
    assert "There is no token in" in gateway("token", "list")[2]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("create", "a b"), 2, "a NAME has 1 to 40 characters"),
        (("create", "x" * 41), 2, "a NAME has 1 to 40 characters"),
        (("create", "ada", "--days", "-1"), 2, "--days = -1 is not allowed; it takes a whole"),
        (("create", "ada", "--daily-budget", "x"), 2, "--daily-budget = x is not allowed"),
        ((), 2, "ACTION"),
        (("create",), 2, "NAME"),
    ],
)
def test_wrong_arguments_are_told(
    arguments: tuple[str, ...], status: int, said: str, gateway: Command
) -> None:
    """And no file is made."""
    found, output, words = gateway("token", *arguments)
    assert (found, output) == (status, "")
    assert said in words
    assert not gateway.tokens.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--prot", "hidden"), 'there is no --prot; did you mean "--port"?'),
        (("--port", "0", "--secret=hidden"), "there is no --secret"),
        (("--api-key", "hidden"), "there is no --api-key"),
    ],
)
def test_a_flag_that_does_not_exist_is_named_without_its_value(
    arguments: tuple[str, ...], said: str, gateway: Command
) -> None:
    """What follows it may be a secret, and is not what is wrong."""
    status, output, words = gateway(*arguments)
    assert (status, output) == (2, "")
    assert said in words
    assert "hidden" not in words


def test_a_name_has_one_token(gateway: Command) -> None:
    """Who is meant by a name must be clear."""
    gateway("token", "create", "ada")
    status, output, words = gateway("token", "create", "ada")
    assert (status, output) == (1, "")
    assert "ada has a token already; revoke it first" in words


def test_the_file_of_tokens_can_be_another_one(gateway: Command, tmp_path: Path) -> None:
    """The flag may stand before the command or behind it."""
    other = tmp_path / "folder" / "other.json"
    assert gateway("token", "create", "ada", "--tokens", str(other))[0] == 0
    assert "ada" in gateway("--tokens", str(other), "token", "list")[1]
    assert not gateway.tokens.exists()


def test_a_broken_file_of_tokens_is_told_and_left_alone(gateway: Command) -> None:
    """By all that need it; a gateway does not start."""
    gateway.tokens.write_text("{")
    for arguments in (("token", "list"), ("token", "create", "ada"), ("--port", "0")):
        status, output, words = gateway(*arguments)
        assert (status, output) == (1, "")
        assert f"{gateway.tokens} is no file of tokens" in words
    assert gateway.tokens.read_text() == "{"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_others_are_not_let_in_without_tokens(host: str, gateway: Command) -> None:
    """Unless somebody says so; what to do is said."""
    status, output, words = gateway("--host", host, "--port", "0")
    assert (status, output) == (2, "")
    assert f"{host} can be reached from other machines, and there are no tokens" in words
    assert "codestral-ls gateway token create NAME" in words
    assert "--open" in words


def test_several_workers_need_redis(gateway: Command) -> None:
    """Bounds that each counts for itself are none."""
    status, _, words = gateway("--workers", "2", "--port", "0")
    assert status == 2
    assert "2 workers need --redis" in words


def test_all_that_is_set_wrongly_is_told_at_once(
    gateway: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the gateway, and of completion where it decides about what is sent."""
    monkeypatch.setenv("CODESTRAL_LS_GATEWAY_WORKERS", "many")
    monkeypatch.setenv("CODESTRAL_LS_PROVIDER", "mistrel")
    status, _, words = gateway("--port", "x")
    assert status == 2
    first, second, third, last = words.splitlines()
    assert "CODESTRAL_LS_GATEWAY_WORKERS = many is not allowed" in first
    assert "--port = x is not allowed" in second
    assert "CODESTRAL_LS_PROVIDER = mistrel is not allowed" in third or "provider" in third
    assert "your own files" not in words
    assert last == "codestral-ls gateway: It is not started until this is corrected."


def test_a_port_in_use_is_told_with_what_to_do(gateway: Command) -> None:
    """No traceback, and status 1: nothing is set wrongly."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, words = gateway("--port", str(port))
    assert status == 1
    assert f"port {port} of 127.0.0.1 is in use" in words


@pytest.mark.parametrize(
    ("host", "said"), [("192.0.2.1", "has no address 192.0.2.1"), ("no-such-host.invalid", "there")]
)
def test_a_host_that_is_not_here_is_told(host: str, said: str, gateway: Command) -> None:
    """An address of documentation, and a name that nobody has."""
    status, _, words = gateway("--host", host, "--open", "--port", "0")
    assert status == 1
    assert said in words


def test_an_address_of_redis_that_cannot_be_is_told_without_its_password(
    gateway: Command,
) -> None:
    """By the gateway's own words."""
    status, _, words = gateway("--redis", "redis://:hidden@h:1/x?y=z", "--port", "0")
    assert status in {1, 2}
    assert "hidden" not in words
    assert "Traceback" not in words


def test_a_certificate_that_cannot_be_used_is_told(gateway: Command, tmp_path: Path) -> None:
    """Missing, no certificate, with another one's key, or with a passphrase that nobody types."""
    one, other = (trustme.CA().issue_cert("localhost") for _ in range(2))
    paths = {name: tmp_path / f"{name}.pem" for name in ("cert", "key", "junk", "absent", "locked")}
    one.cert_chain_pems[0].write_to_path(paths["cert"])
    other.private_key_pem.write_to_path(paths["key"])
    paths["junk"].write_text("junk")
    for cert, key, said in (
        ("absent", "key", "cannot be read: No such file"),
        ("cert", "absent", "cannot be read: No such file"),
        ("junk", "key", "cannot be used"),
        ("cert", "key", "cannot be used"),
    ):
        arguments = ("--certificate", str(paths[cert]), "--certificate-key", str(paths[key]))
        status, _, words = gateway(*arguments, "--port", "0")
        assert (status, said in words) == (1, True), words
    status, _, words = gateway("--certificate-key", str(paths["key"]), "--port", "0")
    assert (status, "no certificate" in words) == (2, True)


def test_without_the_extra_it_is_said_what_to_install(
    gateway: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens can be made all the same."""
    for name in ("codestral_ls.gateway.process", "codestral_ls.gateway.starting"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setitem(sys.modules, "uvicorn.loops.auto", None)
    status, _, words = gateway("--port", "0")
    assert (status, words) == (1, NO_EXTRA.format(module="uvicorn"))
    assert "pip install 'codestral-ls[gateway]'" in words
    assert gateway("token", "create", "ada")[0] == 0


def test_help_imports_nothing_of_the_web() -> None:
    """And names the flags, and the command that makes tokens."""
    done = run("gateway", "--help")
    assert done.returncode == 0
    for flag in ("--host", "--redis", "--workers", "--open", "--certificate", "token"):
        assert flag in done.stdout


def test_the_secret_of_a_machine_is_made_once(tmp_path: Path) -> None:
    """For its user alone; all who come later find the same one."""
    folder = tmp_path / "state"
    secret = machine_secret(folder)
    assert len(secret) == 32
    assert machine_secret(folder) == secret
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_that_cannot_be_kept_is_one_of_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The gateway runs all the same, and says what follows."""
    (tmp_path / "file").touch()
    first, second = (machine_secret(tmp_path / "file") for _ in range(2))
    assert first != second
    assert "cannot be kept" in caplog.text
