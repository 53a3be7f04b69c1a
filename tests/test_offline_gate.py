"""What makes the offline matchers certain enough to show something, and what one question costs."""

import time

import pytest

from codestral_ls.context.matching import following
from codestral_ls.context.matching.cursor import cursor_of
from codestral_ls.context.matching.gate import WEIGHTS, Candidate, Evidence
from codestral_ls.context.matching.matcher import (
    ENOUGH_BY_HAND,
    ENOUGH_TYPING,
    QUESTION_CHARS,
)
from codestral_ls.context.matching.places import MOST_PLACES, Place, find_places
from codestral_ls.context.matching.tokens import Tokenizer, read_text
from codestral_ls.context.matching.votes import EXACT_LEVELS, Vote, shares
from tests.offline_prompts import TESTING, complete, matcher_of, prompt_at, propose

LOGGING = "    log.info('request %s took %s ms', name, ms)\n"
CALLING = (
    "def go{}(self):\n    client = connect(self.address, timeout={})\n    client.send(self.{})\n"
)


def test_agreement_gives_confidence() -> None:
    """More places with the same continuation make it more certain."""
    begin = "import json\nimport logging\n\nsettings = read_settings()\nlog = "
    few, many = (propose(f"{begin}‸\n", *[f"{begin}root\n"] * n, enough=0) for n in (2, 40))
    assert few is not None
    assert many is not None
    assert 0 < few.confidence < many.confidence < 1


def test_line_that_follows_gives_confidence() -> None:
    """The place found goes on like the document does after the cursor."""
    marked = TESTING.replace("self.message)", "‸")
    with_line = propose(marked, TESTING, enough=0)
    without = propose(marked.partition("‸")[0] + "‸\n", TESTING, enough=0)
    assert with_line is not None
    assert without is not None
    assert with_line.confidence > without.confidence


def test_names_that_the_document_does_not_have_cost_confidence() -> None:
    """What is nowhere in the file is a guess."""
    begin = "def go(self):\n    client = connect(self.address)\n    value = "
    known = propose(f"{begin}‸\n", f"{begin}client.address\n", enough=0)
    unknown = propose(f"{begin}‸\n", f"{begin}queue.topic\n", enough=0)
    assert known is not None
    assert unknown is not None
    assert known.confidence > unknown.confidence


def test_user_who_asks_is_shown_what_is_less_certain() -> None:
    """A key pressed for it is worth a look at a text that may be wrong."""
    assert ENOUGH_BY_HAND < ENOUGH_TYPING
    marked = "def last(self):\n    client = conn‸\n"
    blocks = [CALLING.format(n, n, n) for n in range(3)]
    certain = propose(marked, *blocks, enough=0)
    assert certain is not None
    assert propose(marked, *blocks, enough=certain.confidence) == certain
    assert propose(marked, *blocks, enough=certain.confidence + 0.001) is None


def test_line_that_stands_three_times_is_finished() -> None:
    """Three places are enough where all of them go on alike from half a line."""
    marked = "def go(name, ms):\n" + LOGGING * 3 + "    log.info('request %s took‸\n"
    assert complete(marked) == " %s ms', name, ms)"


def test_few_places_that_disagree_say_nothing() -> None:
    """Whatever was shown would be wrong in two of three cases."""
    blocks = "".join(CALLING.format(n, each, f"part{n}") for n, each in enumerate((7, 8, 9)))
    assert (
        complete(f"{blocks}def last(self):\n    client = connect(self.address, timeout=‸\n") == ""
    )


def test_confidence_is_the_logistic_function_of_weighted_evidence() -> None:
    """One weight for what is always there and one for each piece of evidence."""
    assert len(WEIGHTS) == 1 + len(Evidence._fields)
    nothing = Evidence(
        exact=0.0,
        renamed=0.0,
        votes=0.0,
        score=0.0,
        followed=False,
        unknown=0,
        replaced=False,
        tokens=0.0,
        chars=0.0,
        line=False,
    )
    sure = nothing._replace(exact=1.0, renamed=1.0, votes=4.0)
    assert 0 < Candidate("x", (), nothing).confidence < 0.1
    assert 0.9 < Candidate("x", (), sure).confidence < 1


def vote(text: str, score: float) -> Vote:
    return Vote(Place(read_text(""), 0, 0, 0, 0), text, 0, score)


def test_share_is_of_the_places_most_alike() -> None:
    """One long match outweighs some short ones, and many places in agreement one that differs."""
    short, long = [vote("short", 1)] * 5, [vote("long", 12)]
    found = shares(short + long, EXACT_LEVELS)
    assert found["long"] > 0.9 > found["short"]
    even = shares([vote("a", 4)] * 9 + [vote("b", 4)], EXACT_LEVELS)
    assert even["a"] > 0.8
    assert 0 < even["b"] < 0.2


def test_shares_are_probabilities() -> None:
    """They add up to nearly one, whatever the scores are."""
    votes = [vote(text, score) for score, text in enumerate("abcabcaabbbbccabcabcabcabcabcab")]
    assert sum(shares(votes, EXACT_LEVELS).values()) == pytest.approx(1, abs=0.01)
    assert shares([], EXACT_LEVELS) == {}


def test_very_long_lines_are_not_drawn_upon() -> None:
    """Minified text in an open document costs little and gives nothing."""
    assert complete("call(‸\n", "call(" + "x," * 200_000) == ""


def test_indentation_of_a_text_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places in it are compared."""
    asked: list[object] = []

    def counting(lines: object) -> str:
        asked.append(lines)
        return "    "

    monkeypatch.setattr(following, "unit_of", counting)
    line = "log.info(name)\n"
    assert complete(line * 10 + "‸", line * 20 + "# 1\n", line * 20 + "# 2\n", copies=1)
    assert len(asked) == len({id(lines) for lines in asked}) > 0


def test_number_of_places_compared_is_bounded() -> None:
    """As many of either sort, however many there are."""
    texts = [read_text("total = add(a, b)\n" * 5_000)] * 3
    cursor = cursor_of(prompt_at("total = add(a, b)\ntotal = ‸\n"), Tokenizer())
    places = find_places(cursor, texts)
    assert MOST_PLACES <= len(places) <= 2 * MOST_PLACES


def filled(piece: str) -> str:
    """As much text as there is for one question."""
    return (piece * (QUESTION_CHARS // len(piece) + 1))[:QUESTION_CHARS]


@pytest.mark.parametrize(
    ("marked", "other"),
    [
        (LOGGING * 300 + "    ‸\n", LOGGING),
        (LOGGING * 300 + LOGGING[:20] + "‸\n", LOGGING),
        (LOGGING + "\n" * 4_000 + LOGGING[:20] + "‸\n", LOGGING + "\n" * 4_000),
        ("import a.e‸\n", "be.ea "),
        ("a,b.c(d) " * 800 + "‸\n", "a,b.c(d) " * 800 + "\n"),
        ("x " * 23 + "y ‸\n", "x " * 200 + "\n"),
        ("x0\nx1\nx2\n" * 3_000 + "x1‸\n", "x0\nx1\nx2\nx3\nx4\nx5\nx6\n"),
        ("f(‸" + ")" * 400 + "\n", "f(" + "(" * 180 + "\n"),
    ],
    ids=["equal lines", "half", "blank lines", "in words", "long", "one word", "short", "brackets"],
)
def test_no_text_takes_long(marked: str, other: str) -> None:
    """Some milliseconds are usual (see the benchmark); this only catches what runs away."""
    matcher, prompt = matcher_of(filled(other)), prompt_at(marked)
    started = time.process_time()
    matcher.propose(prompt)
    assert time.process_time() - started < 1.0
