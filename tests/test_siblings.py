"""A refused key: read again where that may help, and traced to the host that it belongs to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from codestral_ls.errors import FimError, Unauthorized
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.providers import Endpoint as Chosen
from codestral_ls.fim.providers import Sibling
from codestral_ls.kinds import Keys, Secret
from codestral_ls.settings import Settings
from tests.fim_client import KEY, PROMPT, Reader, client_of, endpoint_of, speaking
from tests.fim_endpoint import Behaviour, Endpoint, Reply, serve
from tests.tls import Bridge, encrypted, proxying, server_context

API, CODESTRAL = "api.mistral.ai", "codestral.mistral.ai"
NEITHER = Behaviour(keys=frozenset())


@dataclass
class World:
    """Both hosts of the vendor, on this machine."""

    hosts: dict[str, Endpoint]
    bridge: Bridge
    options: dict[str, Any]

    def client(self, endpoint: Chosen) -> FimClient:
        """One that takes them for the real ones."""
        return client_of(endpoint, **self.options)

    def listings(self, host: str) -> int:
        """How often a host was asked which models it has."""
        return [call.method for call in self.hosts[host].calls].count("GET")


@asynccontextmanager
async def world(path: Path, *, api: Behaviour, codestral: Behaviour) -> AsyncIterator[World]:
    """Behind TLS and a proxy, so that names and keys take the way that they always take."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(path / "ca.pem"))
    async with AsyncExitStack() as stack:
        hosts, targets = {}, {}
        for host, behaviour in ((API, api), (CODESTRAL, codestral)):
            hosts[host] = await stack.enter_async_context(serve(behaviour))
            context = server_context(authority.issue_cert(host))
            url = await stack.enter_async_context(encrypted(hosts[host].url, context))
            targets[host] = url
        address, bridge = await stack.enter_async_context(proxying(targets))
        options = {"proxy": address, "ca_file": str(path / "ca.pem")}
        yield World(hosts, bridge, options)


def with_variable(provider: str) -> Settings:
    """The key in the provider's own variable."""
    variable = {"mistral": "MISTRAL_API_KEY", "codestral": "CODESTRAL_API_KEY"}[provider]
    return Settings(keys=Keys(((variable, KEY),)))


async def refusal(client: FimClient) -> str:
    with pytest.raises(Unauthorized) as caught:
        await client.ask(PROMPT, Reader())
    assert KEY.reveal() not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("provider", "host", "other", "variable"),
    [
        ("codestral", CODESTRAL, API, "MISTRAL_API_KEY"),
        ("mistral", API, CODESTRAL, "CODESTRAL_API_KEY"),
    ],
)
async def test_a_key_of_the_other_host_is_told_where_to_go(
    tmp_path: Path, provider: str, host: str, other: str, variable: str
) -> None:
    """The vendor has two kinds of keys that look alike; the other host is asked once."""
    here, there = (NEITHER, Behaviour())
    behaviours = {host: here, other: there}
    async with world(tmp_path, api=behaviours[API], codestral=behaviours[CODESTRAL]) as both:
        client = both.client(endpoint_of(with_variable(provider)))
        said = await refusal(client)
        assert said.startswith(f"{host} does not accept this key: it is one of {other}.")
        assert f"put it into {variable}" in said
        assert list(await asyncio.gather(refusal(client), refusal(client))) == [said, said]
        assert (both.listings(other), both.listings(host)) == (1, 0)
        assert both.hosts[other].completions == []
        await client.close()


async def test_a_key_of_nobody_is_told_where_new_ones_are_made(tmp_path: Path) -> None:
    """Once for the key, also where many calls come at once."""
    async with world(tmp_path, api=NEITHER, codestral=NEITHER) as both:
        client = both.client(endpoint_of(with_variable("codestral")))
        said, same = await asyncio.gather(refusal(client), refusal(client))
        assert said == same
        assert f"accepted by neither {CODESTRAL} nor {API}" in said
        assert "https://console.mistral.ai/codestral" in said
        assert "CODESTRAL_API_KEY" in said
        with pytest.raises(Unauthorized, match="by neither"):
            await client.catalog()
        assert both.listings(API) == 1
        await client.close()


async def test_a_key_of_the_settings_is_told_which_provider_to_set(tmp_path: Path) -> None:
    """There is no variable to move it from."""
    async with world(tmp_path, api=Behaviour(), codestral=NEITHER) as both:
        client = both.client(endpoint_of(Settings(provider="codestral", api_key=KEY)))
        said = await refusal(client)
        assert said.endswith('To use it there, set `provider = "mistral"`.')
        await client.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(reply=Reply(status=503)),
        Behaviour(reply=Reply(status=404)),
        Behaviour(head_after=30.0),
    ],
)
async def test_a_host_that_does_not_say_changes_nothing(
    tmp_path: Path, behaviour: Behaviour
) -> None:
    """The general words have to do, within the deadline of the call; it is not asked again."""
    async with world(tmp_path, api=behaviour, codestral=NEITHER) as both:
        both.options["timeout"] = 1.0
        client = both.client(endpoint_of(with_variable("codestral")))
        for _ in range(2):
            assert "one does not work for the other" in await refusal(client)
        assert both.listings(API) == 1
        await client.close()


async def test_another_key_is_asked_about_anew(tmp_path: Path) -> None:
    """What was found out is about the one before."""
    line = tmp_path / "key"
    line.write_text("test-key-0001\n", "utf-8")
    line.chmod(0o600)
    settings = Settings(provider="codestral", api_key_file=str(line))
    async with world(tmp_path, api=Behaviour(), codestral=NEITHER) as both:
        client = both.client(endpoint_of(settings))
        with pytest.raises(Unauthorized, match="by neither"):
            await client.ask(PROMPT, Reader())
        line.write_text(f"{KEY.reveal()}\n", "utf-8")
        assert "it is one of api.mistral.ai" in await refusal(client)
        assert both.listings(API) == 2
        await client.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1/models", "https://example.org/v1/models"])
async def test_no_key_goes_to_anybody_else(tmp_path: Path, url: str) -> None:
    """Only to hosts of the vendors, and only over TLS."""
    async with world(tmp_path, api=NEITHER, codestral=NEITHER) as both:
        endpoint = endpoint_of(with_variable("codestral"))
        stranger = Sibling("mistral", url, "MISTRAL_API_KEY")
        client = both.client(replace(endpoint, siblings=(stranger,)))
        assert "neither" not in await refusal(client)
        assert set(both.bridge.asked_for) == {CODESTRAL}
        await client.close()


async def test_a_key_for_an_address_of_ones_own_is_tried_nowhere_else(tmp_path: Path) -> None:
    """It may be a gateway's, and none of the vendor's business."""
    async with (
        world(tmp_path, api=Behaviour(), codestral=Behaviour()) as both,
        serve(NEITHER) as own,
    ):
        endpoint = endpoint_of(Settings(endpoint=own.url, api_key=KEY))
        ours = endpoint_of(with_variable("codestral"))
        client = both.client(replace(endpoint, siblings=ours.siblings))
        await refusal(client)
        await client.close()
        assert both.bridge.asked_for == []


def printing(path: Path, *keys: str) -> str:
    """A command that prints one key after the other, then the last one again."""
    (path / "keys").write_text("".join(f"{key}\n" for key in keys), "utf-8")
    code = f"cd {path}; head -1 keys; test $(wc -l < keys) = 1 || sed -i 1d keys"
    (path / "next").write_text(code, "utf-8")
    return f"sh {path / 'next'}"


async def test_a_key_that_has_expired_is_read_again_and_used(tmp_path: Path) -> None:
    """The user sees nothing of it: one call, and its answer."""
    command = printing(tmp_path, "old-key-1111", "test-key-0000")
    async with serve() as endpoint:
        client = client_of(endpoint_of(Settings(endpoint=endpoint.url, api_key_command=command)))
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text
        await client.ask(PROMPT, Reader())
        sent = [call.header("authorization") for call in endpoint.completions]
        assert sent == ["Bearer old-key-1111", "Bearer test-key-0000", "Bearer test-key-0000"]
        await client.close()


async def test_a_key_that_is_refused_twice_is_given_up(tmp_path: Path) -> None:
    """A command may print another one for ever; none of them is shown."""
    keys = [f"odd-key-000{number}" for number in range(9)]
    async with serve(Behaviour(keys=frozenset({"x"}))) as endpoint:
        settings = Settings(endpoint=endpoint.url, api_key_command=printing(tmp_path, *keys))
        client = client_of(endpoint_of(settings))
        with pytest.raises(Unauthorized, match="`api_key_command`") as caught:
            await client.ask(PROMPT, Reader())
        assert "odd-key" not in str(caught.value)
        assert len(endpoint.completions) == 2
        await client.close()


async def test_no_key_that_was_ever_used_is_shown(tmp_path: Path) -> None:
    """Also not the one before, which the endpoint may quote as well."""
    said = b'{"message": "old-key-1111 and test-key-0000 are revoked"}'
    command = printing(tmp_path, "old-key-1111", "test-key-0000")
    async with serve(Behaviour(reply=Reply(status=401, body=said))) as endpoint:
        client = client_of(endpoint_of(Settings(endpoint=endpoint.url, api_key_command=command)))
        with pytest.raises(Unauthorized, match=r"\[key\] and \[key\] are revoked"):
            await client.ask(PROMPT, Reader())
        await client.close()


async def test_a_command_that_takes_too_long_is_late_not_the_host() -> None:
    """Nobody should look for the mistake in the network."""
    settings = Settings(endpoint="http://127.0.0.1:9", api_key_command="sleep 600")
    client = client_of(endpoint_of(settings), timeout=0.1)
    with pytest.raises(
        FimError, match=r"The key of `api_key_command` \(sleep\) has not come"
    ) as it:
        await client.ask(PROMPT, Reader())
    assert "`timeout_ms`" in str(it.value)
    assert "waited for 60 s in all, for the next call" in str(it.value)
    await client.close()


async def test_warming_reads_the_key_but_does_not_send_it(tmp_path: Path) -> None:
    """The first call need not wait for the command then."""
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    async with speaking(answer) as speaker:
        command = printing(tmp_path, "test-key-0000", "none")
        client = client_of(endpoint_of(Settings(endpoint=speaker.url, api_key_command=command)))
        await client.warm()
        assert (tmp_path / "keys").read_text("utf-8") == "none\n"
        assert speaker.requests == 1
        await client.close()


def test_the_key_is_in_no_repr() -> None:
    """Neither of the endpoint nor of what belongs to it."""
    endpoint = endpoint_of(Settings(api_key=Secret("s3cret-key")))
    client = client_of(endpoint, proxy="http://joe:s3cret@h")
    session = client._session  # noqa: SLF001 - nothing public shows it
    shown = repr((endpoint, endpoint.key, vars(client), vars(session), vars(session.key)))
    assert "s3cret" not in shown
