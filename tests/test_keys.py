"""The key of an endpoint: read once, when it is needed, and again when it is refused."""

import asyncio
import gc
import shlex
import threading
from pathlib import Path

import pytest

from codestral_ls.errors import Unauthorized
from codestral_ls.fim import keys
from codestral_ls.fim.keys import Key
from codestral_ls.fim.providers import KeyPlan
from codestral_ls.kinds import Secret

GIVEN = Secret("given-key-0000")


def counting(folder: Path, line: str = "test-key-$n") -> str:
    """The command that prints another key each time, and notes that it was run."""
    script = folder / "next"
    script.write_text(
        f'cd {folder}; echo x >> runs; n=$(wc -l < runs | tr -d " "); echo "{line}"\n', "utf-8"
    )
    return shlex.join(["sh", str(script)])


def runs(folder: Path) -> int:
    noted = folder / "runs"
    return len(noted.read_text("utf-8").split()) if noted.exists() else 0


async def test_what_is_given_needs_no_reading() -> None:
    """It is there from the beginning; renewing it is of no use."""
    key = Key(KeyPlan(given=GIVEN, command="false", given_in="X_API_KEY"))
    assert key.is_read
    assert await key.get() == GIVEN
    assert key.seen == (GIVEN,)
    assert key.origin == "X_API_KEY"
    assert not await key.renew(GIVEN)


async def test_without_a_key_that_is_needed_the_variable_is_named() -> None:
    """And the host, since there may be several."""
    key = Key(KeyPlan(variable="X_API_KEY", needed=True), host="h")
    with pytest.raises(Unauthorized, match=r"^There is no API key for h. Set X_API_KEY\.$"):
        await key.get()
    free = Key(KeyPlan())
    assert not await free.get()
    assert not await free.renew(Secret())
    assert free.origin == ""


async def test_a_command_is_run_once_for_all_callers_and_not_before(tmp_path: Path) -> None:
    """It may ask the user for a passphrase."""
    key = Key(KeyPlan(command=counting(tmp_path)))
    assert (key.is_read, runs(tmp_path)) == (False, 0)
    found = await asyncio.gather(*(key.get() for _ in range(5)))
    found.append(await key.get())
    assert {each.reveal() for each in found} == {"test-key-1"}
    assert runs(tmp_path) == 1
    assert key.origin == "`api_key_command` (sh)"
    assert "test-key" not in repr(vars(key))


async def test_a_caller_that_leaves_does_not_end_the_reading(tmp_path: Path) -> None:
    """Calls are cancelled at every other keystroke."""
    key = Key(KeyPlan(command=counting(tmp_path)))
    first = asyncio.create_task(key.get())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await key.get()).reveal() == "test-key-1"
    assert runs(tmp_path) == 1


async def test_a_refused_key_is_read_again(tmp_path: Path) -> None:
    """Once for all callers whose key was refused; what was read before stays secret."""
    key = Key(KeyPlan(command=counting(tmp_path)))
    old = await key.get()
    assert await asyncio.gather(*(key.renew(old) for _ in range(3))) == [True] * 3
    assert runs(tmp_path) == 2
    assert [each.reveal() for each in key.seen] == ["test-key-1", "test-key-2"]
    assert await key.renew(old), "another caller has got the new one meanwhile"
    assert runs(tmp_path) == 2


async def test_a_key_that_stays_the_same_is_no_news(tmp_path: Path) -> None:
    """Asking again with it would be of no use."""
    key = Key(KeyPlan(command=counting(tmp_path, "test-key-0000")))
    assert not await key.renew(await key.get())
    assert runs(tmp_path) == 2


async def test_a_failure_is_told_to_each_caller_and_tried_again(tmp_path: Path) -> None:
    """The next call may find the keyring unlocked."""
    path = tmp_path / "key"
    key = Key(KeyPlan(file=str(path)))
    failed = await asyncio.gather(*(key.get() for _ in range(2)), return_exceptions=True)
    assert all(isinstance(each, Unauthorized) for each in failed)
    assert failed[0] is not failed[1]
    assert str(path) in str(failed[0])
    path.write_text("test-key-0000\n", "utf-8")
    path.chmod(0o600)
    assert (await key.get()).reveal() == "test-key-0000"


async def test_what_nobody_has_foreseen_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They may hold the key."""

    def read(_: str) -> bytes:
        raise ZeroDivisionError("test-key-0000")

    monkeypatch.setattr(keys, "read_keyring", read)
    with pytest.raises(Unauthorized, match="`api_key_keyring` has failed: ZeroDivisionError") as it:
        await Key(KeyPlan(keyring="mistral/joe")).get()
    assert "test-key" not in str(it.value)
    assert it.value.__context__ is None


async def test_a_keyring_that_hangs_is_not_asked_twice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may wait for the user; what it brings late counts."""
    gate, asked = threading.Event(), 0

    def read(_: str) -> bytes:
        nonlocal asked
        asked += 1
        gate.wait()
        return b"test-key-0000"

    monkeypatch.setattr(keys, "read_keyring", read)
    key = Key(KeyPlan(keyring="mistral/joe"), seconds=0.01)
    for _ in range(2):
        with pytest.raises(Unauthorized, match=r"has not brought a key within 0\.01 s"):
            await key.get()
    gate.set()
    (reader,) = (each for each in threading.enumerate() if each.name == "api key")
    await asyncio.to_thread(reader.join)
    assert (await key.get()).reveal() == "test-key-0000"
    assert asked == 1
    gc.collect()
    assert caplog.records == []


async def test_closing_ends_a_command() -> None:
    """It would go on asking its user for a passphrase that nobody wants any more."""
    key = Key(KeyPlan(command="sleep 600"), seconds=30.0)
    waiting = asyncio.create_task(key.get())
    while key._end is None:  # noqa: ASYNC110, SLF001 - a thread of its own begins it
        await asyncio.sleep(0)
    key.close()
    with pytest.raises(Unauthorized, match="signal 9"):
        await waiting


async def test_a_command_that_begins_late_is_ended_too() -> None:
    """Closing may come between the call and the program."""
    key = Key(KeyPlan(command="sleep 600"), seconds=30.0)
    key.close()
    with pytest.raises(Unauthorized, match="signal 9"):
        await key.get()
