"""The way to an endpoint: proxies, and environments that are odd."""

import sys
from pathlib import Path
from urllib.request import getproxies

import pytest

from codestral_ls.errors import Refused, Unavailable
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.routes import Network, proxy_for
from codestral_ls.kinds import Secret
from tests.fim_client import PROMPT, Reader, client_for, speaking, talking
from tests.tls import proxying

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXY = "http://joe:s3cret@proxy:3128"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxy and no certificates in the environment."""
    for name in (*VARIABLES, "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "variables", "proxy"),
    [
        ("https://h", {"https": PROXY}, PROXY),
        ("https://h", {"http": PROXY}, ""),
        ("http://h", {"http": PROXY}, PROXY),
        ("https://h", {"all": "socks5://p:1080"}, "socks5://p:1080"),
        ("https://h", {"all": "socks5://p:1080", "https": PROXY}, PROXY),
        ("https://h", {"https": "proxy:3128"}, "http://proxy:3128"),
        ("https://h", {}, ""),
    ],
)
def test_the_scheme_chooses_the_proxy(url: str, variables: dict[str, str], proxy: str) -> None:
    """By the usual names, and with or without a scheme of its own."""
    assert proxy_for(url, variables) == proxy


@pytest.mark.parametrize(
    ("host", "exceptions", "excepted"),
    [
        ("h.example.org", "*", True),
        ("h.example.org", "example.org", True),
        ("h.example.org", ".example.org", True),
        ("h.example.org", "*.example.org", True),
        ("h.example.org.", "EXAMPLE.org", True),
        ("example.org", ".example.org", True),
        ("notexample.org", "example.org", False),
        ("h.example.org", "other.org, h.example.org", True),
        ("h.example.org", "other.org h.example.org:443", True),
        ("h.example.org", "https://h.example.org", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.1.2.3:8012", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.9.9.9/8", True),
        ("[2001:db8::1]", "2001:db8::/32", True),
        ("[2001:db8::1]", "[2001:db8::1]", True),
        ("[2001:db8::1]", "[::1]", False),
        ("10.1.2.3", "[::1]", False),
        ("h.example.org", "10.0.0.0/8,[::1],[,],::,/,//[,.", False),
        ("h.example.org", "", False),
    ],
)
def test_exceptions_are_names_addresses_and_networks(
    host: str,
    exceptions: str,
    excepted: bool,  # noqa: FBT001 - a parameter
) -> None:
    """As people write them; what is no exception of any kind is none."""
    proxy = proxy_for(f"https://{host}/v1", {"https": PROXY, "no": exceptions})
    assert proxy == ("" if excepted else PROXY)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_nothing_on_this_machine_is_behind_a_proxy(host: str) -> None:
    """A model that runs here is never meant, whoever names the proxy."""
    assert proxy_for(f"http://{host}:8012", {"http": PROXY, "all": PROXY}) == ""


async def test_a_local_model_is_reached_past_the_proxy(bare: pytest.MonkeyPatch) -> None:
    """Of the environment or of the settings, which may be there for another provider."""
    async with proxying({}) as (address, bridge):
        bare.setenv("HTTP_PROXY", address)
        bare.setenv("ALL_PROXY", address)
        for options in ({"trust_env": True}, {"proxy": address}):
            async with talking(**options) as (client, _):
                reader = Reader()
                await client.ask(PROMPT, reader)
                assert reader.text
        assert bridge.asked_for == []


async def test_the_proxy_of_the_settings_wins(bare: pytest.MonkeyPatch) -> None:
    """Also over exceptions of the environment."""
    bare.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    bare.setenv("NO_PROXY", "*")
    async with speaking(b"HTTP/1.1 407 no\r\n\r\n") as speaker:
        client = client_for("https://h.invalid", proxy=speaker.url, trust_env=True)
        with pytest.raises(Unavailable, match="the proxy answers 407"):
            await client.ask(PROMPT, Reader())
        await client.close()


async def test_the_environment_can_be_left_out(bare: pytest.MonkeyPatch) -> None:
    """With `trust_env` off its proxies are not asked."""
    async with proxying({}) as (address, bridge):
        bare.setenv("HTTPS_PROXY", address)
        for trust_env in (False, True):
            client = client_for("https://h.invalid", trust_env=trust_env)
            with pytest.raises(Unavailable):
                await client.ask(PROMPT, Reader())
            await client.close()
            assert bridge.asked_for == ["h.invalid"] * trust_env


async def refusal(client: FimClient) -> str:
    """What is said when no client can be built."""
    with pytest.raises(Refused) as caught:
        await client.ask(PROMPT, Reader())
    await client.close()
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"NO_PROXY": "[::1]"},
        {"NO_PROXY": "10.0.0.0/8"},
        {"NO_PROXY": "]:[,//"},
        {"ALL_PROXY": "socks5://joe:s3cret@h:1080"},
        {"HTTP_PROXY": "ftp://joe:s3cret@h", "HTTPS_PROXY": "ftp://joe:s3cret@h"},
        {"HTTP_PROXY": "http://[", "HTTPS_PROXY": "\u202e"},
    ],
)
async def test_odd_variables_change_nothing_for_what_is_here(
    bare: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """Each of them made the library refuse to be set up at all."""
    bare.setitem(sys.modules, "socksio", None)
    for name, value in variables.items():
        bare.setenv(name, value)
    async with talking(trust_env=True) as (client, _):
        await client.ask(PROMPT, Reader())


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"ALL_PROXY": "socks5://joe:s3cret@h:1080"}, '"httpx[socks]"'),
        ({"HTTPS_PROXY": "ftp://joe:s3cret@h"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://joe:s3cret#@h:80"}, "HTTPS_PROXY"),
        ({"SSL_CERT_FILE": "/none/env.pem"}, "SSL_CERT_FILE"),
        ({"SSL_CERT_DIR": "/none/env"}, "SSL_CERT_DIR"),
    ],
)
async def test_a_variable_that_cannot_work_is_named(
    bare: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    """The call is refused; the server goes on, and no password is quoted."""
    bare.setitem(sys.modules, "socksio", None)
    for name, value in variables.items():
        bare.setenv(name, value)
    assert words in await refusal(client_for("https://h", trust_env=True))


async def test_a_missing_file_of_certificates_is_named(bare: pytest.MonkeyPatch) -> None:
    """Whichever of the two ways it came in; that of the settings counts."""
    bare.setenv("SSL_CERT_FILE", "/none/env.pem")
    for trust_env in (False, True):
        client = client_for("https://h", ca_file="/none/mine.pem", trust_env=trust_env)
        said = await refusal(client)
        assert "/none/mine.pem" in said
        assert "`ca_file`" in said
        assert "No such file" in said


async def test_a_file_without_certificates_is_said_so(tmp_path: Path) -> None:
    """OpenSSL's words tell what it missed."""
    path = tmp_path / "empty.pem"
    path.write_text("nothing")
    said = await refusal(client_for("https://h", ca_file=str(path)))
    assert str(path) in said
    assert "no certificate" in said.lower()


@pytest.mark.parametrize("key", [Secret("test-key-0000"), Secret()])
async def test_no_credentials_of_other_programs_are_sent(
    bare: pytest.MonkeyPatch, tmp_path: Path, key: Secret
) -> None:
    """An entry in `.netrc` is neither in the place of the key nor beside it."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login joe password s3cret\n", "utf-8")
    netrc.chmod(0o600)
    bare.setenv("HOME", str(tmp_path))
    bare.setenv("NETRC", str(netrc))
    async with talking(trust_env=True, key=key) as (client, endpoint):
        try:
            await client.ask(PROMPT, Reader())
        except Refused:
            assert not key
        (call,) = endpoint.completions
        assert call.header("authorization") == (f"Bearer {key.reveal()}" if key else "")


def test_the_systems_proxies_are_read_by_the_names_that_are_expected(
    bare: pytest.MonkeyPatch,
) -> None:
    """In either case of letters."""
    bare.setenv("https_proxy", PROXY)
    bare.setenv("NO_PROXY", "example.org")
    assert proxy_for("https://h", getproxies()) == PROXY
    assert proxy_for("https://example.org", getproxies()) == ""


def test_a_network_shows_no_password() -> None:
    """Its repr may end up in a log."""
    assert "s3cret" not in repr(Network(timeout=1.0, proxy=PROXY))
