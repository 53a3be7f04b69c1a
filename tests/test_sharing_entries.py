"""How a text is written down for others, and what is read back of it."""

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.model import Parameters, Prompt
from codestral_ls.reuse.entries import MOST_BYTES, VERSION, Entry, seal, sign, unseal
from codestral_ls.reuse.sharing import key_of
from tests.scripted import ScriptedProvider
from tests.shared_tiers import SECRET, prompt_of

KEY = "ab" * 32
OTHER: dict[str, Any] = {
    "language": "go",
    "prefix": "y",
    "suffix": "",
    "path": "c.py",
    "snippets": (),
    "max_tokens": 5,
    "temperature": 0.3,
    "top_p": 0.5,
    "min_tokens": 2,
    "random_seed": 1,
    "stop": ("\n",),
    "prompt_cache_key": "team",
}
"""For each field that reaches an endpoint, another value than the usual one."""
UNTOLD: dict[str, Any] = {
    "uri": "file:///x",
    "by_hand": True,
    "owner": "ann",
    "redacted": True,
    "probes": True,
}
"""What no endpoint is told."""


def signed(data: bytes) -> bytes:
    """A value that only somebody who knows the secret can have written."""
    packed = zlib.compress(data)
    return VERSION + sign(packed, KEY, SECRET) + packed


@given(st.text(), st.sampled_from(("", "stop", "length")), st.booleans())
def test_what_is_written_is_read_back(text: str, finish_reason: str, by_hand: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Any text, also one with halves of characters."""
    entry = Entry(text=text + "\ud800", finish_reason=finish_reason, by_hand=by_hand)
    assert unseal(seal(entry, KEY, SECRET), KEY, SECRET) == entry


@given(st.binary(max_size=200))
def test_any_bytes_are_no_entry(value: bytes) -> None:
    """Whoever wrote them."""
    assert unseal(value, KEY, SECRET) is None
    assert unseal(VERSION + value, KEY, SECRET) is None


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"\xff", b"null", b"{}", b'["text"]', b'[1, "", false]', b'["a", "", 0]'),
        *(b"[" * 100_000, json.dumps(["a", "", False, 1]).encode()),
    ],
)
def test_another_form_is_no_entry(data: bytes) -> None:
    """Even if it is signed: it may be of a newer version that has kept the number."""
    assert unseal(signed(data), KEY, SECRET) is None


@pytest.mark.parametrize("packed", [b"no zlib", zlib.compress(b'["a","",true]')[:-1], b""])
def test_what_cannot_be_unpacked_is_no_entry(packed: bytes) -> None:
    """Even if it is signed; what was cut short may still read as one."""
    assert unseal(VERSION + sign(packed, KEY, SECRET) + packed, KEY, SECRET) is None


def test_a_value_that_expands_beyond_measure_is_no_entry() -> None:
    """It is not even expanded; and none is written."""
    text = "x" * MOST_BYTES
    assert len(signed(json.dumps([text, "stop", False]).encode())) < MOST_BYTES / 100
    assert unseal(signed(json.dumps([text, "stop", False]).encode()), KEY, SECRET) is None
    assert seal(Entry(text=text, finish_reason="stop"), KEY, SECRET) == b""


def test_whatever_reaches_the_endpoint_is_in_the_key() -> None:
    """And nothing else; a field that is new has to be decided on here."""
    fields = {*Prompt.__dataclass_fields__, *Parameters.__dataclass_fields__} - {"parameters"}
    assert fields == {*OTHER, *UNTOLD}
    provider = ScriptedProvider("").provider()
    usual = key_of(provider, prompt_of(), SECRET)
    keys = {usual}
    for name, value in OTHER.items():
        if name in Parameters.__dataclass_fields__:
            sampling: dict[str, Any] = {"max_tokens": 96, "temperature": 0.2, name: value}
            changed = prompt_of(parameters=Parameters(**sampling))
        else:
            changed = prompt_of(**{name: value})
        keys.add(key_of(provider, changed, SECRET))
    for name in ("name", "model"):
        keys.add(key_of(ScriptedProvider("").provider(**{name: "other"}), prompt_of(), SECRET))
    assert len(keys) == len(OTHER) + 3
    for name, value in UNTOLD.items():
        assert key_of(provider, prompt_of(**{name: value}), SECRET) == usual


def test_text_cannot_wander_from_one_field_to_the_next() -> None:
    """Prompts that differ in where the cursor stands have different keys."""
    provider = ScriptedProvider("").provider()
    keys = {
        key_of(provider, prompt_of(prefix, suffix=suffix), SECRET)
        for prefix, suffix in (("ab", ""), ("a", "b"), ("", "ab"), ('a","b', ""))
    }
    assert len(keys) == 4
