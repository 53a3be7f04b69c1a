"""What is asked of a provider; and that asking it to stop takes nothing from what is shown."""

import pytest

from codestral_ls.context.prompt import build_prompt
from codestral_ls.engine.engine import Engine
from codestral_ls.fim.connect import connect
from codestral_ls.model import Answer, Prompt, Request, Trigger
from codestral_ls.settings import Settings
from tests.fim_client import KEY
from tests.fim_endpoint import Behaviour, serve
from tests.marked import BUDGET, request
from tests.shaped import show


def stops(asked: Request, *own: str) -> tuple[str, ...]:
    return build_prompt(asked, Settings(stop=own), BUDGET).parameters.stop


@pytest.mark.parametrize(
    "marked",
    [
        "total = price ‸ if paid else 0\n",
        "The tide ‸ every six hours.\n",
        'label = "‸ of the boat"\n',
        "x = 1 ‸  # the first\n",
        "<p>Under ‸</p>\n",
    ],
)
def test_a_text_in_the_middle_of_a_line_stops_at_its_end(marked: str) -> None:
    """The user's own stops come first, and none is sent twice."""
    asked = request(marked)
    assert stops(asked) == ("\n",)
    assert stops(asked, "END", ";") == ("END", ";", "\n")
    assert stops(asked, "\n", "END") == ("\n", "END")


@pytest.mark.parametrize(
    "marked",
    [
        *("x = ‸\n", "‸", "def f():‸\n    pass\n"),
        *("print(‸)\n", "f(a, ‸);\n", "f(‸, b)\n", "g = [a ‸, b]\n", "{ a ‸: b }\n"),
        *("const x = ‸ as Boat;\n", "import ‸ from 'react';\n", "return ‸ || fallback;\n"),
        *("x = y => ‸ as Boat;\n", "a = b ? ‸ : c;\n", "    ‸return x\n"),
    ],
)
def test_a_text_that_may_take_several_lines_is_not_stopped(marked: str) -> None:
    """Where nothing or a closer follows, and where a literal of several lines may begin."""
    assert stops(request(marked)) == ()


def test_who_asks_by_hand_stops_it_by_hand() -> None:
    """They may want more than fits."""
    asked = request("total = price ‸ if paid else 0\n", trigger=Trigger.INVOKED)
    assert stops(asked) == ()
    assert stops(asked, "END") == ("END",)


@pytest.mark.parametrize(
    ("marked", "written", "language"),
    [
        ("total = price ‸ if paid else 0\n", "* count\ntotal += 1\n", "python"),
        ("total = price ‸ if paid else 0\n", "* count if paid else 0\nprint(total)", "python"),
        ("total = price ‸ if paid else 0\n", "\n    * count", "python"),
        ("total = price ‸ if paid else 0\n", "\\\n    * count", "python"),
        ("total = price ‸ if paid else 0\n", " \n", "python"),
        ("x = price‸  # the first\n", " * 2\ny = 3\n", "python"),
        ("boat.na‸ or skipper\n", "me\n\n\ndef g():\n    pass\n", "python"),
        ("The tide ‸ every six hours.\n", "turns\n\nThen it rests.\n", "markdown"),
        ('label = "‸ of the boat";\n', 'name of the boat";\nshow();\n', "javascript"),
        ("if fish‸ then\n", "_count\n  go\n", "lua"),
        ("<p>Under ‸</p>\n", "way</p>\n<p>Landed\n", "html"),
        ("rigging: sloop‸ # two sails\n", "-rigged\nsails: 2\n", "yaml"),
    ],
)
def test_a_stop_takes_nothing_from_what_is_shown(marked: str, written: str, language: str) -> None:
    """What comes behind the line end is dropped in any case."""
    asked = request(marked, language=language)
    assert stops(asked) == ("\n",)
    stopped = show(written.partition("\n")[0], asked.snapshot)
    whole = show(written, asked.snapshot)
    assert (stopped.text, stopped.replaces) == (whole.text, whole.replaces)


async def nobody(_prompt: Prompt) -> str:
    return ""


async def test_it_is_sent_to_the_endpoint() -> None:
    """Behind the user's own, while typing."""
    async with serve(Behaviour(text="* count\ntotal += 1")) as endpoint:
        settings = Settings(endpoint=endpoint.url, api_key=KEY, debounce_ms=0, stop=("END",))
        engine = Engine(settings, lambda chosen: connect(chosen, nobody))
        outcome = await engine.complete(request("total = price ‸ if paid else 0\n"))
        await engine.close()
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.finish_reason) == ("* count", "stop")
    assert endpoint.completions[0].body["stop"] == ["END", "\n"]
