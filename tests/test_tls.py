"""Certificates on both sides, against a server that really speaks TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from codestral_ls.errors import FimError, Refused, Unavailable
from codestral_ls.fim.client import FimClient
from tests.fim_client import PROMPT, Reader, client_for
from tests.fim_endpoint import serve
from tests.tls import encrypted, proxying, refusing, server_context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs all certificates here."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """Its own certificate in a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@asynccontextmanager
async def talking(context: ssl.SSLContext, **options: Any) -> AsyncIterator[FimClient]:
    """A client and an endpoint behind TLS."""
    async with serve() as endpoint, encrypted(endpoint.url, context) as url:
        client = client_for(url, **options)
        try:
            yield client
        finally:
            await client.close()


async def refused(client: FimClient) -> str:
    with pytest.raises(FimError) as caught:
        await client.ask(PROMPT, Reader())
    assert type(caught.value) in {Refused, Unavailable}
    assert "_ssl.c" not in str(caught.value)
    return str(caught.value)


async def test_an_authority_of_ones_own_is_trusted(authority: trustme.CA, ca_file: str) -> None:
    """With `ca_file`, as in companies that look into TLS."""
    context = server_context(authority.issue_cert("127.0.0.1"))
    async with talking(context, ca_file=ca_file) as client:
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text


async def test_a_proxy_may_speak_tls_itself(authority: trustme.CA, ca_file: str) -> None:
    """With a certificate of the same authority; the endpoint's TLS goes through its own."""
    own, other = (server_context(authority.issue_cert(it)) for it in ("127.0.0.1", "h.invalid"))
    async with (
        serve() as endpoint,
        encrypted(endpoint.url, other) as target,
        proxying({"h.invalid": target}, own) as (proxy, bridge),
    ):
        client = client_for("https://h.invalid", proxy=proxy, ca_file=ca_file)
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text
        assert bridge.asked_for == ["h.invalid"]
        await client.close()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_authorities_of_the_environment_are_trusted(
    authority: trustme.CA, ca_file: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where the environment is heeded; OpenSSL finds those in folders by their hashes."""
    context = server_context(authority.issue_cert("127.0.0.1"))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(
        variable, ca_file if variable == "SSL_CERT_FILE" else str(Path(ca_file).parent)
    )
    async with talking(context, trust_env=False) as client:
        assert "`ca_file`" in await refused(client)
    async with talking(context, trust_env=True) as client:
        if variable == "SSL_CERT_FILE":
            await client.ask(PROMPT, Reader())
        else:
            assert "`ca_file`" in await refused(client)


@pytest.mark.parametrize(
    ("name", "years", "words"),
    [
        ("localhost", (2019, 2099), "for another name. Check `endpoint`"),
        ("example.org", (2019, 2099), "for another name. Check `endpoint`"),
        ("127.0.0.1", (2019, 2020), "has expired"),
        ("127.0.0.1", (2098, 2099), "is not valid yet"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said(
    authority: trustme.CA, ca_file: str, name: str, years: tuple[int, int], words: str
) -> None:
    """Name and time each call for something else to be done."""
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in years)
    certificate = authority.issue_cert(name, not_before=begin, not_after=end)
    async with talking(server_context(certificate), ca_file=ca_file) as client:
        assert words in await refused(client)


async def test_an_unknown_authority_leads_to_the_setting_for_it(authority: trustme.CA) -> None:
    """With OpenSSL's own words, by which one can search."""
    async with talking(server_context(authority.issue_cert("127.0.0.1"))) as client:
        said = await refused(client)
        assert "`ca_file`" in said
        assert "issuer certificate" in said


async def test_a_server_without_tls_is_said_so() -> None:
    """The commonest slip with addresses of one's own."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        client = client_for(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert "does not speak TLS" in await refused(client)
        await client.close()


def demanding(authority: trustme.CA) -> ssl.SSLContext:
    """A server that wants to see a certificate."""
    context = server_context(authority.issue_cert("127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    return context


def written(path: Path, certificate: trustme.LeafCert, *, together: bool) -> dict[str, Any]:
    """The settings for a certificate with its key, in one file or in two."""
    one, other = path / "me.pem", path / "me.key"
    if together:
        certificate.private_key_and_cert_chain_pem.write_to_path(str(one))
        return {"client_cert": str(one)}
    certificate.cert_chain_pems[0].write_to_path(str(one))
    certificate.private_key_pem.write_to_path(str(other))
    return {"client_cert": str(one), "client_cert_key": str(other)}


@pytest.mark.parametrize("together", [True, False])
async def test_the_certificate_that_a_server_demands_is_shown(
    authority: trustme.CA,
    ca_file: str,
    tmp_path: Path,
    together: bool,  # noqa: FBT001 - a parameter
) -> None:
    """With its key beside it or in a file of its own."""
    mine = written(tmp_path, authority.issue_cert("me@example.org"), together=together)
    async with talking(demanding(authority), ca_file=ca_file, **mine) as client:
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text


async def test_without_the_demanded_certificate_the_setting_is_named(
    authority: trustme.CA, ca_file: str
) -> None:
    """OpenSSL calls it an alert."""
    with refusing(demanding(authority)) as url:
        client = client_for(url, ca_file=ca_file)
        assert "wants to see a certificate. Set `client_cert`" in await refused(client)
        await client.close()


async def test_a_certificate_of_strangers_is_not_accepted(
    authority: trustme.CA, ca_file: str, tmp_path: Path
) -> None:
    """It is there, but it is the wrong one."""
    strange = written(tmp_path, trustme.CA().issue_cert("me@example.org"), together=True)
    with refusing(demanding(authority)) as url:
        client = client_for(url, ca_file=ca_file, **strange)
        assert "does not accept the certificate of `client_cert`" in await refused(client)
        await client.close()


def missing(path: Path, _: trustme.LeafCert) -> dict[str, Any]:
    return {"client_cert": str(path / "none.pem")}


def missing_key(path: Path, mine: trustme.LeafCert) -> dict[str, Any]:
    return written(path, mine, together=True) | {"client_cert_key": str(path / "none.key")}


def no_key(path: Path, mine: trustme.LeafCert) -> dict[str, Any]:
    return {"client_cert": written(path, mine, together=False)["client_cert"]}


def key_alone(path: Path, mine: trustme.LeafCert) -> dict[str, Any]:
    return {"client_cert_key": written(path, mine, together=False)["client_cert_key"]}


def another_key(path: Path, mine: trustme.LeafCert) -> dict[str, Any]:
    other = path / "other.key"
    trustme.CA().issue_cert("me@example.org").private_key_pem.write_to_path(str(other))
    return written(path, mine, together=True) | {"client_cert_key": str(other)}


def no_pem(path: Path, _: trustme.LeafCert) -> dict[str, Any]:
    (path / "me.pem").write_text("nothing")
    return {"client_cert": str(path / "me.pem")}


def encrypted_key(path: Path, mine: trustme.LeafCert) -> dict[str, Any]:
    files = written(path, mine, together=False)
    key = load_pem_private_key(mine.private_key_pem.bytes(), None)
    secret = BestAvailableEncryption(b"s3cret")
    Path(files["client_cert_key"]).write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret)
    )
    return files


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (missing, "none.pem' cannot be read: No such file or directory. Check `client_cert`"),
        (missing_key, "none.key' cannot be read: No such file or directory. Check `client_cert_"),
        (no_key, "check `client_cert` and `client_cert_key`"),
        (key_alone, "but no `client_cert`"),
        (another_key, "key values mismatch"),
        (no_pem, "check `client_cert` and `client_cert_key`"),
        (encrypted_key, "me.key' needs a password"),
    ],
)
async def test_a_certificate_that_cannot_be_shown_is_explained(
    prepare: Callable[[Path, trustme.LeafCert], dict[str, Any]],
    words: str,
    authority: trustme.CA,
    tmp_path: Path,
) -> None:
    """Nothing is asked on the terminal, which belongs to the editor."""
    files = prepare(tmp_path, authority.issue_cert("me@example.org"))
    client = client_for("https://127.0.0.1:9", **files)
    with pytest.raises(Refused) as caught:
        await client.ask(PROMPT, Reader())
    assert words in str(caught.value)
    await client.close()
