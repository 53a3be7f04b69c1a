"""How the doctor keeps to its time, whatever hangs."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from codestral_ls.commands.doctor.checks import AllChecks
from codestral_ls.commands.doctor.doctor import (
    CLOSE_SECONDS,
    EDITORS_SECONDS,
    TOTAL_SECONDS,
    Report,
    look_at,
)
from codestral_ls.commands.doctor.endpoint import EndpointChecks
from codestral_ls.commands.doctor.findings import (
    Check,
    Finding,
    Look,
    Result,
    State,
    failed,
    fine,
    is_ok,
    unchecked,
    warned,
)
from codestral_ls.commands.doctor.programs import Programs
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.commands.doctor.running import TIDY_SECONDS, Run
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.fim.routes import Network
from codestral_ls.settings import Settings
from tests.doctor_site import Machine

STARTING_SECONDS = 1.0


def finds(finding: Finding) -> Look:
    """A check that finds this."""

    async def look() -> Finding:
        return finding

    return look


async def never() -> Finding:
    await asyncio.Event().wait()
    raise AssertionError


class Stubborn:
    """Cannot be broken off before it is over, as a call that shields itself."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def look(self) -> Finding:
        while not self.over.is_set():
            with suppress(asyncio.CancelledError):
                await self.over.wait()
        return fine("at last")


async def breaks() -> Finding:
    raise ValueError("s3cret")


def check(name: str, look: Look, *needs: str, seconds: float = 5.0) -> Check:
    return Check(name=name, look=look, seconds=seconds, late="Do this.", needs=needs)


def run_until(until: float) -> Run:
    """A run whose clock stands still at 0."""
    return Run(until=until, now=lambda: 0.0)


async def results(*checks: Check, until: float = 5.0) -> list[Result]:
    return [each async for each in run_until(until).results(checks)]


def test_all_of_it_fits_into_fifteen_seconds() -> None:
    """The deadline that all checks share, and what comes behind it."""
    behind = EDITORS_SECONDS + CLOSE_SECONDS + TIDY_SECONDS
    assert STARTING_SECONDS + TOTAL_SECONDS + behind <= 15


async def test_what_needs_a_failure_is_not_looked_at() -> None:
    """And says what kept it: the first failure, not the last link."""
    found = await results(
        check("a", finds(failed("it is bad", "Mend it."))),
        check("b", never, "a"),
        check("c", never, "b"),
        check("d", finds(fine("good"))),
    )
    assert [each.finding.state for each in found] == [
        *(State.FAILED, State.UNCHECKED, State.UNCHECKED, State.FINE),
    ]
    assert found[2].finding.found == "not looked at, because of: a"
    assert not is_ok(found)


@pytest.mark.parametrize("finding", [warned("so so", "Look."), unchecked("nothing there")])
async def test_what_needs_no_failure_is_looked_at(finding: Finding) -> None:
    """A warning stops nothing, nor does what has nothing to look at."""
    found = await results(check("a", finds(finding)), check("b", finds(fine("good")), "a"))
    assert found[1].finding == fine("good")
    assert is_ok(found)


async def test_a_check_that_hangs_is_broken_off_at_its_own_limit() -> None:
    """It has failed, with its advice; others that run meanwhile do not wait for it."""
    found = await results(
        check("a", never, seconds=0.01), check("b", finds(fine("good"))), check("c", never, "a")
    )
    assert found[0].finding == failed("no result in 0.01 s", "Do this.")
    assert found[0].is_late
    assert found[1].finding == fine("good")
    assert found[2].blocked_by == "a"


async def test_no_check_goes_beyond_the_deadline_of_all() -> None:
    """A limit of its own that is longer does not count."""
    (found,) = await results(check("a", never, seconds=60), until=0.01)
    assert found.finding.found == "no result in 0.01 s"


async def test_what_begins_behind_the_deadline_is_left_out() -> None:
    """And everything that needs it as well."""
    found = await results(check("a", never), check("b", never, "a"), until=-1.0)
    assert [each.finding.state for each in found] == [State.UNCHECKED] * 2
    assert found[1].blocked_by == "a"


async def test_a_check_that_breaks_hides_no_other() -> None:
    """Where it did is told, its message is not."""
    found = await results(check("a", breaks), check("b", finds(fine("good"))))
    assert "ValueError in line" in found[0].finding.found
    assert "s3cret" not in found[0].finding.found
    assert found[0].finding.advice
    assert found[1].finding == fine("good")


async def test_a_check_may_need_one_of_an_earlier_call() -> None:
    """Which checks there are depends on the first ones."""
    run = run_until(5.0)
    first = [each async for each in run.results([check("a", finds(failed("bad", "Mend it.")))])]
    second = [each async for each in run.results([check("b", never, "a")])]
    assert [*first, *second][1].blocked_by == "a"


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that answers when the test is over."""
    over = threading.Event()

    def getaddrinfo(*_: object, **__: object) -> NoReturn:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield over
    over.set()


async def test_a_resolver_that_hangs_is_not_waited_for(stuck: threading.Event) -> None:
    """The thread in which it does is left behind."""
    settings = Settings(endpoint="https://h.example", provider="mistral")
    (endpoint,) = choose_endpoints(settings)
    checks = EndpointChecks(endpoint, Network(timeout=1.0), settings, label="", redactor=Redactor())
    wanted = [
        Check(name=each.name, look=each.look, seconds=0.05 if each.name == "DNS" else 5.0, late="x")
        for each in checks.checks()
        if each.name in {"route", "DNS"}
    ]
    found = [each async for each in run_until(5.0).results(wanted)]
    assert found[1].is_late
    assert not stuck.is_set()
    await checks.close()


async def test_a_missing_package_for_the_keyring_is_installed_as_the_program_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its extra, and from where it came; nothing is read before."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    settings = Settings(provider="mistral", api_key_keyring="mistral/me")
    (endpoint,) = choose_endpoints(settings)
    checks = EndpointChecks(endpoint, Network(timeout=1.0), settings, label="", redactor=Redactor())
    finding = await checks.checks()[0].look()
    assert finding.state is State.FAILED
    assert "[keyring]" in finding.advice
    await checks.close()


class Stuck(AllChecks):
    """One check in the place of all."""

    def __init__(self, look: Look) -> None:
        super().__init__({}, Path(), Redactor())
        self._look = look

    def first(self) -> tuple[Check, ...]:
        return (check("a", self._look, seconds=0.01),)


class Left(BaseException):
    """In the place of the process's end."""


def leave(status: int) -> NoReturn:
    """Instead of the end of the process."""
    raise Left(status)


async def test_the_process_ends_while_something_hangs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and after all has been written."""
    monkeypatch.setattr("codestral_ls.commands.doctor.running.TIDY_SECONDS", 0.01)
    report = Report(style=None, redactor=Redactor())
    stubborn = Stubborn()
    with pytest.raises(Left, match="1"):
        await look_at(Stuck(stubborn.look), run_until(5.0), report, Programs({}), leave)
    stubborn.over.set()
    assert [each.name for each in report.results] == ["a", "everything else"]
    assert '"ok": false' in capsys.readouterr().out


async def test_the_process_ends_at_once_after_something_was_broken_off() -> None:
    """A pool may hold a thread that still looks up a name."""
    report = Report(style=None, redactor=Redactor())
    with pytest.raises(Left, match="1"):
        await look_at(Stuck(never), run_until(5.0), report, Programs({}), leave)


async def test_the_process_ends_at_once_while_a_thread_of_a_pool_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call that has given up may have left one behind that looks up a name."""
    monkeypatch.setattr("codestral_ls.commands.doctor.doctor.CLOSE_SECONDS", 0.05)
    over = threading.Event()

    async def look() -> Finding:
        asyncio.get_running_loop().run_in_executor(None, over.wait)
        return fine("given up")

    report = Report(style=None, redactor=Redactor())
    with pytest.raises(Left, match="0"):
        await look_at(Stuck(look), run_until(5.0), report, Programs({}), leave)
    over.set()


async def test_the_process_is_left_to_end_by_itself_where_nothing_hangs() -> None:
    """So that all that ends with it is done."""
    report = Report(style=None, redactor=Redactor())
    await look_at(Stuck(finds(fine("good"))), run_until(5.0), report, Programs({}), leave)
    assert report.status == 0


def test_everything_may_hang(tmp_path: Path) -> None:
    """A program for the key, a host that says nothing, and an editor: the process ends."""
    machine = Machine(tmp_path)
    machine.program("nvim", "exec /bin/sleep 60")
    hanging = machine.program("key", "exec /bin/sleep 60")
    (machine.folder / "c.toml").write_text(f'api_key_command = "{hanging}"')
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = machine.report(
            CODESTRAL_LS_CONFIG="c.toml",
            CODESTRAL_LS_PROXY=f"http://127.0.0.1:{server.getsockname()[1]}",
            CODESTRAL_LS_PROVIDER="mistral",
        )
    assert found.status == 1
    assert found.failures == ["key", "connection"]
    assert "has not ended within 8 s" in found.checks["key"]["found"]
    assert found.checks["connection"]["found"] == "no result in 4 s"
    assert [(each["name"], each["version"]) for each in found.editors] == [("Neovim", "")]
