"""The completion menu, for clients that cannot draw ghost text."""

from typing import Any

import pytest

from codestral_ls.lsp.items import LABEL_CHARS, code_block
from tests.lsp_client import GHOST, URI, Session, session
from tests.lsp_model import Model

PLAIN: dict[str, Any] = {"textDocument": {"completion": {"completionItem": {}}}}
FORMATS = {"documentationFormat": ["plaintext", "markdown"]}
MARKDOWN: dict[str, Any] = {"textDocument": {"completion": {"completionItem": FORMATS}}}


async def menu(client: Session, line: int, character: int, **context: Any) -> dict[str, Any]:
    """The whole list for a place."""
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": line, "character": character},
        **({"context": context} if context else {}),
    }
    listed: dict[str, Any] = await client.request("textDocument/completion", params)
    return listed


async def entry(text: str, written: str, line: int, character: int) -> dict[str, Any]:
    """The one entry for a place, when the model has written a text."""
    async with session(Model(written)) as client:
        await client.initialize(capabilities=MARKDOWN)
        client.open(text)
        (item,) = (await menu(client, line, character))["items"]
        return dict(item)


@pytest.mark.parametrize(
    ("setting", "capabilities", "offered"),
    [
        ("auto", GHOST, False),
        ("auto", PLAIN, True),
        ("auto", {}, True),
        ("auto", {"textDocument": {"inlineCompletion": {}}}, False),
        ("always", GHOST, True),
        ("always", PLAIN, True),
        ("never", GHOST, False),
        ("never", PLAIN, False),
    ],
)
async def test_menu_is_offered_to_whom_it_helps(
    setting: str, capabilities: dict[str, Any], *, offered: bool
) -> None:
    """To clients without ghost text, or as chosen; ghost text is offered to all."""
    async with session() as client:
        result = await client.initialize(
            capabilities=capabilities, initializationOptions={"completion": setting}
        )
        capabilities = result["capabilities"]
        assert ("completionProvider" in capabilities) is offered
        assert capabilities["inlineCompletionProvider"] == {}
        if offered:
            characters = capabilities["completionProvider"]["triggerCharacters"]
            assert {".", "(", " ", "\t", "\n"} < set(characters)


@pytest.mark.parametrize(
    ("chosen", "told"), [([".", "", "::"], [".", "::"]), ([], []), ("., (", [".", "("])]
)
async def test_triggers_are_those_that_are_chosen(chosen: object, told: list[str]) -> None:
    """An empty one would stand before every cursor."""
    async with session() as client:
        result = await client.initialize(
            capabilities=PLAIN, initializationOptions={"menu_triggers": chosen}
        )
        assert result["capabilities"]["completionProvider"]["triggerCharacters"] == told
        assert client.popups == []


async def test_entry_begins_with_the_word_at_the_cursor() -> None:
    """Clients match it with what was typed; range, text and filter all begin at the word."""
    item = await entry("x = 1\ny = val\n", "ue + 1", 1, 7)
    assert item["label"] == item["filterText"] == "value + 1"
    assert item["textEdit"] == {
        "newText": "value + 1",
        "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}},
    }
    assert item["insertTextFormat"] == 1
    assert "script-1" in item["detail"]


async def test_range_counts_in_the_agreed_units() -> None:
    """Words may be of any script."""
    item = await entry("s = '😀' + naïve\n", "té", 0, 16)
    assert item["textEdit"]["newText"] == "naïveté"
    assert item["textEdit"]["range"]["start"]["character"] == 11


async def test_label_is_the_first_line() -> None:
    """With a mark if there is more; the filter is the first line as well."""
    item = await entry("def f():\n    ", "return [\n        1,\n    ]", 1, 4)
    assert item["label"] == "return [ …"
    assert item["filterText"] == "return ["
    assert item["textEdit"]["newText"] == "return [\n        1,\n    ]"


async def test_label_of_a_text_that_begins_with_a_line_end() -> None:
    """Is the first line that says something; there is nothing to filter by."""
    item = await entry("def f():\n", "\n    one()\n    two()", 0, 8)
    assert item["label"] == "one() …"
    assert item.get("filterText") is None


async def test_long_label_is_cut() -> None:
    """The text is not."""
    written = "x" * 100
    item = await entry("y = \n", written, 0, 4)
    assert item["label"] == "x" * LABEL_CHARS + " …"
    assert item["textEdit"]["newText"] == written


async def test_documentation_shows_the_whole_text() -> None:
    """As code of the document's language."""
    item = await entry("y = \n", "f(1)", 0, 4)
    assert item["documentation"] == {"kind": "markdown", "value": "```python\nf(1)\n```"}


async def test_documentation_is_not_indented_behind_its_first_line() -> None:
    """That one begins at the cursor; what is inserted is as the model has it."""
    item = await entry("def f():\n\tif a:\n\t\tpr\n", "int(\n\t\t\t1,\n\t\t)", 2, 4)
    assert item["documentation"]["value"] == "```python\nprint(\n\t1,\n)\n```"
    assert item["textEdit"]["newText"] == "print(\n\t\t\t1,\n\t\t)"


async def test_inserted_lines_are_indented_already() -> None:
    """VS Code and lsp-mode would indent them once more, unless told otherwise."""
    item = await entry("if a:\n    ", "b()\n    c()", 1, 4)
    assert item["insertTextMode"] == 1


@pytest.mark.parametrize(
    "capabilities",
    [
        {},
        PLAIN,
        {"textDocument": {"completion": {}}},
        {"textDocument": {"completion": {"completionItem": {"documentationFormat": []}}}},
    ],
)
async def test_documentation_is_plain_for_clients_without_markdown(
    capabilities: dict[str, Any],
) -> None:
    """Eglot without markdown-mode would show the fence."""
    async with session(Model("f(1)")) as client:
        await client.initialize(capabilities=capabilities)
        client.open("y = \n")
        (item,) = (await menu(client, 0, 4))["items"]
        assert item["documentation"] == {"kind": "plaintext", "value": "f(1)"}


@pytest.mark.parametrize("ticks", [0, 1, 2, 3, 4, 9])
def test_code_block_is_longer_than_backticks_within(ticks: int) -> None:
    """A text about Markdown does not end its own block."""
    fence = "`" * max(3, ticks + 1)
    text = f"a {'`' * ticks} b"
    assert code_block(text, "markdown") == f"{fence}markdown\n{text}\n{fence}"


async def test_backticks_arrive_whole() -> None:
    """In text and documentation."""
    item = await entry("y = \n", "'````'", 0, 4)
    assert item["textEdit"]["newText"] == "'````'"
    assert item["documentation"]["value"] == "`````python\n'````'\n`````"


async def test_entry_has_line_feeds_only() -> None:
    """In text and label."""
    item = await entry("def f():\r\n", "\r\n    one()\r\n    two()", 0, 8)
    assert "\r" not in str(item)
