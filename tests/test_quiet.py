"""Where nothing is asked, because nothing is the best answer."""

from dataclasses import replace

import pytest

from codestral_ls.model import Answer, Edit, Nothing, Reason, Trigger
from codestral_ls.settings import Settings
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for

PLACES = [
    ("total = pri‸ce\n", "python", Reason.IN_WORD),
    ("total = price;‸\n", "javascript", Reason.FINISHED),
    ("if (a) {\n  b();\n}‸\n", "javascript", Reason.FINISHED),
    ("foo(() => {\n});‸\n", "javascript", Reason.FINISHED),
    ("for x in y:\n    continue‸\n", "python", Reason.FINISHED),
]


@pytest.mark.parametrize(("marked", "language", "reason"), PLACES)
async def test_nothing_is_asked_where_nothing_is_to_be_said(
    marked: str, language: str, reason: Reason
) -> None:
    """No call, and the reason is named."""
    script = ScriptedProvider("x")
    outcome = await engine_for(script).complete(request(marked, language=language))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is reason
    assert script.prompts == []


@pytest.mark.parametrize(("marked", "language", "reason"), PLACES)
async def test_who_asks_by_hand_is_always_answered(
    marked: str, language: str, reason: Reason
) -> None:
    """Doubts are for what happens by itself."""
    script = ScriptedProvider("more()")
    by_hand = request(marked, language=language, trigger=Trigger.INVOKED)
    assert isinstance(await engine_for(script).complete(by_hand), Answer), reason


async def test_behind_an_accepted_statement_the_next_line_is_asked_for() -> None:
    """The user is going on; a typed semicolon says that the line end is next."""
    script = ScriptedProvider("\nb = 2;\nc = 3;")
    accepted = replace(request("a = 1;‸\n", language="javascript"), edit=Edit.INSERTED)
    outcome = await engine_for(script).complete(accepted)
    assert isinstance(outcome, Answer)
    assert outcome.text == "\nb = 2;\nc = 3;"


@pytest.mark.parametrize(
    ("marked", "language"),
    [
        ("for (let i = 0;‸\n", "javascript"),
        ("// a; b;‸\n", "javascript"),
        ("x = (\n    1,\n)‸\n", "python"),
        ("if (a) {\n} else‸\n", "javascript"),
        ("broken‸-word\n", "python"),
        ("f(a‸)\n", "python"),
    ],
)
async def test_a_place_that_only_looks_finished_is_asked_about(marked: str, language: str) -> None:
    """A semicolon inside of parentheses or a comment ends nothing."""
    script = ScriptedProvider("something")
    await engine_for(script).complete(request(marked, language=language))
    assert len(script.prompts) == 1


@pytest.mark.parametrize(
    ("settings", "marked", "reason"),
    [
        (Settings(comments=False, debounce_ms=0), "x = 1  # because ‸\n", Reason.IN_COMMENT),
        (Settings(strings=False, debounce_ms=0), 'x = "once ‸\n', Reason.IN_STRING),
        (Settings(strings=False, debounce_ms=0), 'x = """\nonce ‸\n"""\n', Reason.IN_STRING),
    ],
)
async def test_comments_and_strings_can_be_switched_off(
    settings: Settings, marked: str, reason: Reason
) -> None:
    """Each by its own setting; code goes on as before."""
    script = ScriptedProvider("something")
    engine = engine_for(script, settings)
    outcome = await engine.complete(request(marked))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is reason
    assert isinstance(await engine.complete(request("x = ‸\n")), Answer)
