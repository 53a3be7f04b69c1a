"""Which of several texts differ, and which is the likeliest."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.model import Answer, Source
from codestral_ls.shaping.candidates import Candidate, distinct, ranked
from tests.marked import snapshot

LINE = snapshot("x = ‸\n", language="kotlin")


def answer(text: str, *, replaces: int = 0) -> Answer:
    return Answer(text=text, replaces=replaces, source=Source.MODEL, provider="p", model="m")


def candidates(*texts: str) -> list[Candidate]:
    return [Candidate(answer(text)) for text in texts]


def test_the_same_text_is_there_once() -> None:
    """Also with other blanks, and if one brings the closer that the other leaves in its place."""
    behind = snapshot("print(‸)\n")
    given_texts = [answer("a, b"), answer("a,b"), answer("a, b)", replaces=1), answer("a, b)")]
    assert distinct(given_texts, behind) == [given_texts[0], given_texts[3]]


def test_the_first_of_the_same_stays() -> None:
    """It may be on the screen."""
    texts = [answer("a b"), answer("c"), answer("a  b")]
    assert distinct(texts, LINE) == texts[:2]


def test_brackets_count_more_than_the_end_and_that_more_than_agreement() -> None:
    """In whatever order they came."""
    expected = [
        Candidate(answer("add(one, two)")),
        Candidate(answer("other")),
        Candidate(answer("add(one, two, three)"), cut_off=True),
        Candidate(answer("add(one, two")),
    ]
    for order in permutations(expected):
        assert ranked(order, LINE) == [each.answer for each in expected]


def test_what_parses_comes_first() -> None:
    """A grammar sees more than brackets do."""
    place = snapshot("def f(a):\n    return ‸\n\n\nf(1)\n")
    order = ranked(candidates("a else + 1", "a + 1"), place)
    assert [each.text for each in order] == ["a + 1", "a else + 1"]


def test_equals_stay_in_their_order() -> None:
    """Nothing speaks for one of two texts that have nothing in common."""
    for texts in (["one", "two"], ["two", "one"]):
        assert [each.text for each in ranked(candidates(*texts), LINE)] == texts


@given(st.lists(st.text("ab( )\n.", min_size=1), max_size=5))
def test_ranking_loses_nothing_and_choosing_twice_changes_nothing(texts: list[str]) -> None:
    """Whatever the texts are."""
    order = ranked(candidates(*texts), LINE)
    assert sorted(each.text for each in order) == sorted(texts)
    once = distinct(order, LINE)
    assert distinct(once, LINE) == once
