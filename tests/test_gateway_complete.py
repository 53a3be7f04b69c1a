"""`POST /complete` at the boundary of HTTP: what a client gets for what it sends."""

from dataclasses import replace
from pathlib import Path

import pytest

from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds
from codestral_ls.model import Usage
from tests.gateway_app import (
    PRICES,
    SETTINGS,
    Reply,
    asking,
    bearing,
    client_of,
    gateway_over,
    token_for,
)
from tests.scripted import ScriptedProvider

ADD = {"prefix": "def add(a, b):\n    ", "suffix": "\n", "language": "python"}


async def complete(folder: Path, script: ScriptedProvider, *bodies: Reply) -> list[Reply]:
    """What a gateway of its own replies to each body in turn."""
    async with asking(script.provider(prices=PRICES), folder) as client:
        replies = [await client.post("/complete", json=each) for each in bodies]
    assert [each.status_code for each in replies] == [200] * len(bodies)
    return [each.json() for each in replies]


async def test_a_text_comes_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    """What to insert, from whom, and what it took and cost."""
    script = ScriptedProvider("return a + b")
    script.usage = Usage(prompt_tokens=1_000_000, completion_tokens=500_000, cached_tokens=7)
    (reply,) = await complete(tmp_path, script, ADD)
    times = reply.pop("milliseconds")
    tokens = {"prompt": 1_000_000, "completion": 500_000, "cached": 7, "estimated": False}
    assert reply == {
        "completion": "return a + b",
        "replaces": 0,
        "others": [],
        "source": "model",
        "provider": "scripted",
        "model": "script-1",
        "finish_reason": "stop",
        "tokens": tokens,
        "cost": 2.0,
        "reason": "",
        "detail": "",
    }
    assert 0 <= times["first_token"] <= times["total"]


async def test_what_is_known_costs_nothing(tmp_path: Path) -> None:
    """The same place again, and typing on, need no model."""
    script = ScriptedProvider("return a + b")
    typed = {**ADD, "prefix": ADD["prefix"] + "return "}
    first, again, through = await complete(tmp_path, script, ADD, ADD, typed)
    assert [each["source"] for each in (first, again, through)] == [
        *("model", "cache", "typed through"),
    ]
    assert [each["tokens"] for each in (again, through)] == [None, None]
    assert [each["cost"] for each in (again, through)] == [0.0, 0.0]
    assert through["completion"] == "a + b"
    assert len(script.prompts) == 1


async def test_it_says_which_closers_the_text_brings_itself(tmp_path: Path) -> None:
    """So many characters behind the cursor are replaced."""
    body = {"prefix": "print(", "suffix": ")\n", "language": "python"}
    (reply,) = await complete(tmp_path, ScriptedProvider("value)\n"), body)
    assert reply["completion"][: len("value")] == "value"
    assert reply["replaces"] == reply["completion"].count(")")


async def test_several_candidates_are_asked_for(tmp_path: Path) -> None:
    """The likeliest is the completion, and the others stand beside it; also the next time."""
    script = ScriptedProvider("return a + b", "return b + a", "return sum((a, b))")
    body = {**ADD, "candidates": 3}
    for reply in await complete(tmp_path, script, body, body):
        texts = {reply["completion"], *(each["completion"] for each in reply["others"])}
        assert texts == {"return a + b", "return b + a", "return sum((a, b))"}
    assert len(script.prompts) == 3


async def test_without_a_wish_there_is_one_candidate(tmp_path: Path) -> None:
    """Further ones are calls that cost."""
    script = ScriptedProvider("return a + b")
    await complete(tmp_path, script, ADD)
    assert len(script.prompts) == 1


async def test_wishes_reach_the_model(tmp_path: Path) -> None:
    """How long a text may be, and what ends it; one stop sequence needs no list."""
    script = ScriptedProvider("return a + b")
    longer = {**ADD, "max_tokens": 33, "stop": ["END", "\n\n"]}
    await complete(tmp_path, script, longer, {**ADD, "stop": "END"})
    first, second = (each.parameters for each in script.prompts)
    assert (first.max_tokens, first.stop) == (33, ("END", "\n\n"))
    assert second.stop == ("END",)


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"language": "python"}, "python"),
        ({"language": "c++"}, "cpp"),
        ({"language": "go", "path": "a.py"}, "go"),
        ({"path": "/home/me/project/a.rs"}, "rust"),
        ({"path": "C:\\project\\Makefile"}, "makefile"),
        ({"language": None, "path": "a.ts"}, "typescript"),
        ({}, "plaintext"),
    ],
)
async def test_a_language_has_many_names(tmp_path: Path, fields: Reply, language: str) -> None:
    """An LSP identifier, an editor's own name, or the name of the file; the file is not opened."""
    script = ScriptedProvider("value")
    await complete(tmp_path, script, {"prefix": "a = ", **fields})
    assert script.prompts[0].language == language


async def test_lines_end_as_in_the_text_that_was_sent(tmp_path: Path) -> None:
    """Inside there are line feeds only."""
    script = ScriptedProvider("if a:\n        return b\n")
    body = {"prefix": "def f(a, b):\r\n    ", "suffix": "\r\n", "language": "python"}
    (reply,) = await complete(tmp_path, script, body)
    assert script.prompts[0].prefix == "def f(a, b):\n    "
    assert script.prompts[0].suffix == "\n"
    assert reply["completion"] == "if a:\r\n        return b"


async def test_a_cursor_inside_of_a_line_end_stands_before_it(tmp_path: Path) -> None:
    """Widgets that count bytes put it there."""
    script = ScriptedProvider("1")
    await complete(tmp_path, script, {"prefix": "a =\r", "suffix": "\nb"})
    assert (script.prompts[0].prefix, script.prompts[0].suffix) == ("a =", "\nb")


@pytest.mark.parametrize(
    "prefix", ["a = '\ud83d", "a = '\x00", "\ufeffa = '", "a = '\U0001f600\u2028\x85"]
)
async def test_any_text_is_text(tmp_path: Path, prefix: str) -> None:
    """Half an emoji, NUL, a byte order mark, line ends of Unicode."""
    script = ScriptedProvider("'")
    async with asking(script.provider(), tmp_path) as client:
        content = ascii_json(prefix)
        reply = await client.post(
            "/complete", content=content, headers={"Content-Type": "application/json"}
        )
    assert reply.status_code == 200
    script.prompts[0].prefix.encode()
    assert not script.prompts[0].prefix.startswith("\ufeff")


def ascii_json(prefix: str) -> bytes:
    """A body as JavaScript writes it, which knows no half characters of UTF-8."""
    halves = prefix.encode("utf-16-be", "surrogatepass").hex()
    units = (f"\\u{halves[at : at + 4]}" for at in range(0, len(halves), 4))
    return f'{{"prefix": "{"".join(units)}"}}'.encode("ascii")


async def test_a_long_text_is_cut_to_what_the_model_is_shown(tmp_path: Path) -> None:
    """Nearest to the cursor; what is typed next still fits the answer."""
    script = ScriptedProvider("return a + b")
    long = {**ADD, "prefix": "x = 1\n" * 50_000 + ADD["prefix"], "suffix": "\n" * 50_000}
    first, again = await complete(tmp_path, script, long, long)
    assert len(script.prompts[0].prefix) <= 6000
    assert script.prompts[0].prefix.endswith(ADD["prefix"])
    assert (first["source"], again["source"]) == ("model", "cache")


async def test_a_good_reason_for_no_text_is_no_error(tmp_path: Path) -> None:
    """The reply says which, with the fields of any other."""
    inside = {"prefix": "ret", "suffix": "urn x", "language": "python", "trigger": "automatic"}
    empty, quiet = await complete(tmp_path, ScriptedProvider(""), ADD, inside)
    assert (empty["completion"], empty["reason"], empty["cost"] is None) == ("", "empty", True)
    assert (quiet["completion"], quiet["reason"]) == ("", "inside of a word")
    assert quiet["cost"] == 0.0


async def test_who_wants_to_know_is_shown_what_was_sent(tmp_path: Path) -> None:
    """The prompt without its secrets, and what shaping made of the answer."""
    script = ScriptedProvider("return key\n\n\n")
    key = "sk-proj-" + "a1B2c3D4e5F6g7H8" * 3
    body = {**ADD, "prefix": f'key = "{key}"\ndef f():\n    ', "explain": True}
    (reply,) = await complete(tmp_path, script, body)
    assert reply["prompt"] == {
        "prefix": script.prompts[0].prefix,
        "suffix": script.prompts[0].suffix,
    }
    assert key not in reply["prompt"]["prefix"]
    assert reply["sent"]["redacted"]
    assert reply["sent"]["prefix"] == len(script.prompts[0].prefix)
    assert [set(each) for each in reply["steps"]] == [{"rule", "before", "after"}]


async def test_no_prompt_is_told_that_was_not_sent(tmp_path: Path) -> None:
    """What was typed through was made for another place."""
    typed = {**ADD, "prefix": ADD["prefix"] + "return ", "explain": True}
    _, through = await complete(tmp_path, ScriptedProvider("return a + b"), ADD, typed)
    assert through["prompt"] is None
    assert through["sent"]["prefix"] == len(ADD["prefix"])


async def test_what_one_has_typed_through_is_not_shown_to_another(tmp_path: Path) -> None:
    """Each has a memory of his own; prompts that are alike are asked once nevertheless."""
    script = ScriptedProvider("return a + b")
    typed = {**ADD, "prefix": ADD["prefix"] + "return "}
    heads = [bearing(token_for(name, tmp_path)) for name in ("ada", "bob")]
    async with asking(script.provider(), tmp_path) as client:
        sources = [
            (await client.post("/complete", json=body, headers=heads[who])).json()["source"]
            for who, body in ((0, ADD), (0, typed), (1, typed), (1, ADD))
        ]
    assert sources[:3] == ["model", "typed through", "model"]
    assert sources[3] == "cache"
    assert len(script.prompts) == 2


async def test_a_request_too_many_is_told_when_to_come_again(tmp_path: Path) -> None:
    """What is known already counts as well: a bound is one of requests."""
    own = GatewaySettings(user=Bounds(requests_per_minute=2))
    script = ScriptedProvider("return a + b")
    async with asking(script.provider(), tmp_path, own=own) as client:
        replies = [await client.post("/complete", json=ADD) for _ in range(3)]
    assert [each.status_code for each in replies] == [200, 200, 429]
    assert replies[2].json()["error"]["code"] == "rate_limited"
    assert int(replies[2].headers["Retry-After"]) >= 1


async def test_every_request_is_counted_for_who_asked(tmp_path: Path) -> None:
    """Also one that memory answers."""
    script = ScriptedProvider("return a + b")
    head = bearing(token_for("ada", tmp_path, metrics=True))
    async with asking(script.provider(), tmp_path, headers=head) as client:
        for _ in range(2):
            await client.post("/complete", json=ADD)
        text = (await client.get("/metrics")).text
    assert 'codestral_ls_user_completions_total{source="model",user="ada"} 1.0' in text
    assert 'codestral_ls_user_completions_total{source="cache",user="ada"} 1.0' in text


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/home/me/project/.env", "secret file"),
        (".ssh/id_rsa", "secret file"),
        ("C:\\project\\private\\keys.py", "listed in disabled_paths"),
        ("/somewhere/vendor/lib/a.py", "listed in disabled_paths"),
        ("/home/me/project/lib/a.py", ""),
    ],
)
async def test_what_is_never_sent_by_its_name_is_not_sent(
    tmp_path: Path, path: str, rule: str
) -> None:
    """As in an editor; which rule says so is told."""
    script = ScriptedProvider("b")
    settings = replace(SETTINGS, disabled_paths=("private/", "vendor/lib"))
    over = gateway_over(script.provider(), tmp_path, settings=settings)
    async with over as gateway, client_of(gateway) as client:
        reply = (await client.post("/complete", json={"prefix": "a = ", "path": path})).json()
    assert reply["reason"] == ("denied" if rule else "")
    assert reply["detail"].startswith(rule)
    assert bool(script.prompts) == (not rule)
