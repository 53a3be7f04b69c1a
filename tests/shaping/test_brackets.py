"""Which closers have no partner, in any order of brackets and in any number of them."""

from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.lexis import BRACKETS
from codestral_ls.shaping.scan import Mark, Open, match_brackets

CHARS = st.text(alphabet="([{)]}", max_size=40)
NUMBER = 200_000


def marks_of(text: str) -> list[Mark]:
    """Each character as a mark."""
    return [Mark(at, char, 0) for at, char in enumerate(text)]


@given(CHARS, CHARS)
def test_a_closer_closes_the_nearest_of_its_kind(above: str, text: str) -> None:
    """And all that was opened in between; of two texts the second one goes on with the first."""
    opened: list[Open] = []
    match_brackets(marks_of(above), opened)
    left = [each.closer for each in opened]
    expected = []
    for char in text:
        if char in BRACKETS:
            left.append(BRACKETS[char])
        elif char in left:
            while left.pop() != char:
                pass
        else:
            expected.append(char)
    assert [mark.char for mark in match_brackets(marks_of(text), opened)] == expected
    assert [each.closer for each in opened] == left


def test_closers_without_a_partner_are_not_looked_for_in_all_that_is_open() -> None:
    """Where each were, the time limit would end this test."""
    opened: list[Open] = []
    unopened = match_brackets(marks_of("(" * NUMBER + "]" * NUMBER), opened)
    assert (len(opened), len(unopened)) == (NUMBER, NUMBER)
