"""The playground's files, as they come from a gateway."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from codestral_ls.gateway.page import TYPES, read_files
from codestral_ls.gateway.users import Bounds
from tests.gateway_app import client_of, gateway_over
from tests.scripted import ScriptedProvider

SOURCES = Path(__file__).parent.parent / "editors" / "playground"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that wants tokens, and none at hand."""
    async with gateway_over(ScriptedProvider().provider(), tmp_path) as gateway:
        gateway.tokens.create("somebody", Bounds(), 0)
        async with client_of(gateway) as client:
            yield client


async def test_the_page_and_its_files_come_without_a_token(client: httpx.AsyncClient) -> None:
    """Whoever has none yet enters it there."""
    index = await client.get("/")
    assert index.status_code == 200
    names = re.findall(r'(?:src|href)="(playground/[^"]+)"', index.text)
    assert len(names) == 4
    for name in names:
        reply = await client.get(f"/{name}")
        assert reply.status_code == 200, name
        assert reply.headers["content-type"] == TYPES[name.partition("/")[2]]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.content


async def test_the_policy_lets_nothing_in_from_elsewhere_or_from_within_the_page(
    client: httpx.AsyncClient,
) -> None:
    """No exception for scripts or styles that are written into it, and in nobody's frame."""
    policy = (await client.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert ":" not in policy
    assert "*" not in policy


async def test_the_page_asks_nobody_else(client: httpx.AsyncClient) -> None:
    """There is no address of another host in what is loaded, but for names of XML."""
    for name in ("", "playground/playground.css", "playground/playground.js"):
        text = (await client.get(f"/{name}")).text
        addresses = re.findall(r"https?://[\w.-]+", text)
        assert {each for each in addresses if "www.w3.org" not in each} == set(), name


async def test_a_browser_that_has_a_file_is_told_so(client: httpx.AsyncClient) -> None:
    """By its tag, in either form, alone or among others."""
    for accepted in ("gzip", "identity"):
        headers = {"accept-encoding": accepted}
        tag = (await client.get("/", headers=headers)).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await client.get("/", headers={**headers, "if-none-match": known})
            assert (again.status_code, again.content) == (304, b""), known
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "no-cache"
    changed = await client.get("/", headers={"if-none-match": '"other"'})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("gzipped", False),
    ],
)
async def test_files_are_compressed_for_those_who_want_it(
    client: httpx.AsyncClient, accepted: str, *, is_packed: bool
) -> None:
    """The two forms have tags of their own and are told apart by caches."""
    reply = await client.get("/playground/playground.js", headers={"accept-encoding": accepted})
    assert (reply.headers.get("content-encoding") == "gzip") is is_packed
    assert reply.headers["etag"].endswith('-gzip"') is is_packed
    assert "accept-encoding" in reply.headers["vary"].lower()
    assert reply.content == read_files()["playground.js"].plain


async def test_head_tells_the_same_without_the_file(client: httpx.AsyncClient) -> None:
    """Length and type are there."""
    got, told = await client.get("/"), await client.head("/")
    assert told.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert told.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        *("nothing.js", "..%2fpage.py", "%2e%2e/page.py", "../page.py", "playground.js%00"),
        *("index.html/", "..%5cpage.py", "%2fetc%2fpasswd", "PLAYGROUND.JS", ""),
    ],
)
async def test_there_is_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    """No path leads out of the folder, or to a file that is not listed."""
    reply = await client.get(httpx.URL(f"http://localhost:8787/playground/{path}"))
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "not_found"


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    """The page only gives."""
    assert (await client.post("/")).status_code == 405
    assert (await client.delete("/playground/playground.js")).status_code == 405


def test_what_is_compressed_is_the_same_in_each_process() -> None:
    """Otherwise a tag would stand for different bytes behind one balancer."""
    first, second = read_files(), read_files()
    for name in TYPES:
        assert first[name].packed == second[name].packed
        assert gzip.decompress(first[name].packed) == first[name].plain


def test_the_page_is_the_one_that_its_sources_say() -> None:
    """What can be compared without building: CI builds it, and compares the rest."""
    files = read_files()
    for name in ("index.html", "icon.svg"):
        assert files[name].plain == (SOURCES / "src" / "page" / name).read_bytes()


def test_the_page_is_not_too_much_to_load() -> None:
    """About as much as a photograph, compressed."""
    assert sum(len(each.packed) for each in read_files().values()) < 240_000


def test_the_licences_of_what_is_bundled_come_with_it() -> None:
    """Each package of the editor's is named with its own text."""
    text = read_files()["THIRD-PARTY.txt"].plain.decode()
    for name in ("@codemirror/view", "@codemirror/state", "@lezer/python", "style-mod"):
        assert f"{name} " in text
    assert text.count("Permission is hereby granted") > 10
