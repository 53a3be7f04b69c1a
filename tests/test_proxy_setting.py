"""The setting with the address of a proxy."""

import pytest

from codestral_ls.layers import Layer, resolve


@pytest.mark.parametrize(
    "proxy",
    ["", "http://h:3128", "https://joe:s3cret@h", "socks5://h:1080", "socks5h://joe:p%40w@h:1080"],
)
def test_every_kind_of_proxy_can_be_set(proxy: str) -> None:
    """The schemes are those that httpx knows."""
    settings, problems = resolve([Layer("editor", {"proxy": proxy})])
    assert (settings.proxy, problems) == (proxy, ())


@pytest.mark.parametrize(
    "proxy",
    [
        "joe:s3cret@h:80",
        "ftp://joe:s3cret@h",
        "http://joe:s3cret@",
        "http://joe:s3cret#@h:80",
        "http://joe@h:s3cret",
        ["s3cret"],
    ],
)
def test_a_wrong_proxy_is_not_quoted(proxy: object) -> None:
    """It may hold a password, and so may the one that is used instead."""
    right = "http://joe:s3cret@h:3128"
    layers = [Layer("file", {"proxy": right}), Layer("editor", {"proxy": proxy})]
    settings, (problem,) = resolve(layers)
    assert settings.proxy == right
    assert problem.loud
    assert "socks5://" in problem.message
    assert "s3cret" not in problem.message
