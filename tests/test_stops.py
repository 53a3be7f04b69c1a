"""When a stream is ended, and that nothing depends on how it was cut into pieces."""

from dataclasses import replace

import pytest

from codestral_ls.model import Answer, Nothing, Reason
from codestral_ls.settings import Settings
from codestral_ls.shaping import statements
from tests.marked import request, snapshot
from tests.scripted import ScriptedProvider, engine_for
from tests.shaped import SETTINGS, show

CALL = "\n\nprint(total([1]))\n"
BODY = "def total(prices):\n    result = 0\n    ‸\n    return result\n\n\nprint(total([1]))\n"


@pytest.mark.parametrize(
    ("marked", "needed", "beyond"),
    [
        (BODY, "for price in prices:\n        result += price\n    return result\n", CALL),
        ("x = f(‸\ny = 1\n", "1)\ny = 1\n", "z = 2\n"),
        ("def f() {\n  ‸\n}\n", "a();\n}", "\n\nvoid g() {\n"),
        ("x = ‸\n", "1\n" + "x = 1\n" * 4, "x = 1\n"),
        ("x = ‸\n", "1\n+++++ src/other.py", "\nimport os\n"),
        ("x = ‸\n", "1\n```", "\nThat is all.\n"),
    ],
)
async def test_a_call_is_ended_once_the_text_makes_no_more_sense(
    marked: str, needed: str, beyond: str
) -> None:
    """It has come to what stands below, closes what others close, loops, or is another file's."""
    script = ScriptedProvider(needed + beyond * 20)
    engine = engine_for(script, Settings(debounce_ms=0, rest_lines=100))
    outcome = await engine.complete(request(marked))
    assert isinstance(outcome, Answer)
    await engine.close()
    assert len(script.read) <= len(needed) + len(beyond)


def test_of_an_answer_that_was_cut_off_whole_lines_are_shown() -> None:
    """`finish_reason` "length" means that its last line is half a line."""
    there = snapshot("def f():\n    ‸\n")
    cut_off = show("a = 1\n    b = 2\n    c = some_fu", there, finish_reason="length")
    assert cut_off.text == "a = 1\n    b = 2"


def test_half_a_line_is_no_answer_and_is_not_asked_for_again() -> None:
    """It says what to do about it."""
    shown = show("a_very_long_call(of, many", snapshot("x = ‸\n"), finish_reason="length")
    assert shown.text == ""
    assert shown.rules == ("longer than max_tokens",)


def test_a_block_is_shown_whole_if_it_ends_soon() -> None:
    """A few lines more than `max_lines` are better than half a loop."""
    there = snapshot("def f():\n    ‸\n")
    block = "for a in b:\n        c()\n        d()\n        e()\n        g()"
    assert show(block, there).text == block
    endless = "for a in b:\n" + "        c(a)\n        d(a)\n" * 10
    assert show(endless, there, settings=replace(SETTINGS, max_lines=3)).text.count("\n") == 2


@pytest.mark.parametrize("multiline", ["never", "always", "auto"])
def test_several_lines_are_a_matter_of_taste(multiline: str) -> None:
    """Never, always, or where a line or a block begins."""
    settings = replace(SETTINGS, multiline=multiline)
    body = show("a = 1\n    b = 2", snapshot("def f():\n    ‸\n"), settings=settings).text
    rest = show("1\nb = 2\nc = 3", snapshot("a = ‸\n"), settings=settings).text
    assert body == ("a = 1" if multiline == "never" else "a = 1\n    b = 2")
    assert rest == ("1\nb = 2\nc = 3" if multiline == "always" else "1")


async def test_the_rule_that_leaves_nothing_is_named() -> None:
    """So that it can be explained."""
    script = ScriptedProvider("return x")
    outcome = await engine_for(script).complete(request("def f():\n    ‸\n    return x\n"))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is Reason.SHAPED_AWAY
    assert outcome.detail == "without_lines_below"


def test_a_grammar_sees_the_end_of_a_block_that_indentation_does_not_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line continued at the left ends the block only for those without the extra."""
    there = snapshot("def f():\n    ‸\n")
    block = "for a in b:\n        c = a * \\\nd(a)\n        e(c)"
    assert show(block, there).text == block
    monkeypatch.setattr(statements, "whole_lines", lambda *_: None)
    assert show(block, there).text == "for a in b:\n        c = a * \\"
