"""What users mistype, and what hangs where nobody thinks of it: advice, and never a traceback."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from codestral_ls.commands.doctor import run_doctor
from codestral_ls.commands.doctor.checks import AllChecks
from codestral_ls.commands.doctor.endpoint import KEY_SECONDS, EndpointChecks
from codestral_ls.commands.doctor.findings import State
from codestral_ls.commands.doctor.proxies import ProxyRefused, chosen_proxy
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.errors import Unauthorized
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.fim.routes import Network
from codestral_ls.settings import Settings
from tests.doctor_site import KEY, Machine, answering
from tests.forked_doctor import ForkedMachine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


def checks_of(settings: Settings) -> EndpointChecks:
    (endpoint,) = choose_endpoints(settings)
    return EndpointChecks(endpoint, Network(timeout=1.0), settings, label="", redactor=Redactor())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://", "names no host"),
        ("http://[::1", "brackets"),
        ("http://u:s3cret-7777@p:99999", "port"),
        ("ftp://p:1", "something else"),
        ("socks4://p:1", "something else"),
    ],
)
def test_a_mistyped_proxy_is_called_by_who_named_it(address: str, why: str) -> None:
    """What is wrong with it, and nothing of what it says."""
    with pytest.raises(ProxyRefused) as caught:
        chosen_proxy("https://h.example", Network(timeout=1), {"https": address})
    assert why in caught.value.found
    assert "HTTPS_PROXY" in caught.value.found
    assert "socks5://" in caught.value.advice
    assert "s3cret" not in caught.value.found + caught.value.advice


def test_a_mistyped_proxy_is_no_mistake_of_ours(machine: Machine) -> None:
    """It is found before anything is connected."""
    found = machine.report(HTTPS_PROXY="http://", MISTRAL_API_KEY=KEY)
    said, advice = found.only_failure("route")
    assert said == "the variable HTTPS_PROXY does not name a proxy: it names no host"
    assert advice.startswith("Correct the variable HTTPS_PROXY, or remove it.")


@pytest.mark.parametrize("url", ["http:/infill", "https:///v1"])
async def test_an_address_without_a_host_is_a_finding(url: str) -> None:
    """It must not keep other endpoints from being looked at."""
    settings = Settings(provider="vllm", endpoint="http://h")
    endpoint = replace(choose_endpoints(settings)[0], url=url)
    checks = EndpointChecks(
        endpoint, Network(timeout=1.0), settings, label="x: ", redactor=Redactor()
    )
    (check,) = checks.checks()
    assert check.name == "x: endpoint"
    finding = await check.look()
    assert finding.state is State.FAILED
    assert "`endpoint`" in finding.advice


def test_a_mistake_of_ours_hides_nothing_that_was_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The JSON comes in any case."""

    def others(_: AllChecks) -> NoReturn:
        raise ValueError("s3cret")

    async def find_editors(*_: object, **__: object) -> NoReturn:
        raise ValueError("s3cret")

    monkeypatch.setattr("codestral_ls.commands.doctor.doctor.find_editors", find_editors)
    monkeypatch.setattr(AllChecks, "others", others)
    monkeypatch.setattr(AllChecks, "first", lambda _: ())
    assert run_doctor(as_json=True, environ={}, folder=tmp_path) == 1
    output = capsys.readouterr().out
    assert "the check itself has failed: ValueError in line" in output
    assert '"editors": []' in output
    assert "s3cret" not in output


def test_a_pipe_in_the_place_of_certificates_is_not_waited_for(machine: Machine) -> None:
    """Nobody writes into it, and no thread but one of its own opens it."""
    pipe = machine.home / "pipe"
    os.mkfifo(pipe)
    found = machine.report(SSL_CERT_FILE=str(pipe), MISTRAL_API_KEY=KEY)
    _, advice = found.only_failure("route")
    assert "SSL_CERT_FILE" in advice
    assert found.checks["completion"]["found"] == "not looked at, because of: route"


@pytest.mark.parametrize(("seconds", "is_told"), [(KEY_SECONDS, True), (0.0, False)])
async def test_a_key_that_takes_long_may_do_for_the_server(
    monkeypatch: pytest.MonkeyPatch, seconds: float, *, is_told: bool
) -> None:
    """Which waits longer than the doctor does; a command that fails at once is told nothing."""
    checks = checks_of(Settings(provider="vllm", endpoint="http://h", api_key_command="pass x"))
    now = iter((0.0, seconds))

    async def get(_: object) -> NoReturn:
        raise Unauthorized("There is no key from `api_key_command`: it is late. Try it.")

    monkeypatch.setattr("codestral_ls.fim.keys.Key.get", get)
    clock = SimpleNamespace(monotonic=lambda: next(now))
    monkeypatch.setattr("codestral_ls.commands.doctor.endpoint.time", clock)
    finding = await checks._look_at_key()  # noqa: SLF001 - the check without its deadline
    assert finding.state is State.FAILED
    assert ("waits 60 s" in finding.advice) is is_told
    await checks.close()


def test_a_scheme_in_capitals_is_one(machine: Machine) -> None:
    """It is encrypted as any other."""
    with answering({}) as url:
        environ = {"CODESTRAL_LS_ENDPOINT": url.replace("http:", "HTTPS:"), "MISTRAL_API_KEY": KEY}
        machine.report(**environ).only_failure("TLS")
