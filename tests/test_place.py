"""Does what was generated for one place still fit at another?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.reuse.place import agrees, place_of, remainder
from tests.marked import snapshot


def left(place: str, text: str, now: str) -> str | None:
    """What is left of a text generated at the first cursor, at the second one."""
    return remainder(place_of(snapshot(place)), text, snapshot(now))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("x = ‸\n", "foo(bar)\n    baz"),
        ("x = f‸\n", "oo(bar)\n    baz"),
        ("x = foo(bar)‸\n", "\n    baz"),
        ("x = foo(bar)\n    b‸\n", "az"),
        ("x = foo(bar)\n    baz‸\n", ""),
        ("x = g‸\n", None),
        ("x =‸\n", None),
        ("x = foo(bar)\n    bazz‸\n", None),
        ("y = f‸\n", None),
        ("x = f‸ # note\n", None),
    ],
)
def test_what_was_typed_must_be_the_head_of_the_text(now: str, expected: str | None) -> None:
    """Typed through, also across lines, and taken back again."""
    assert left("x = ‸\n", "foo(bar)\n    baz", now) == expected


@pytest.mark.parametrize(
    ("place", "text", "now", "expected"),
    [
        ("x = ‸\n", "foo(a, b)", "x = foo(‸)\n", "a, b)"),
        ("x = ‸\n", "foo([1, 2])", "x = foo([‸])\n", "1, 2])"),
        ("x = ‸\n", '"abc"', 'x = "‸"\n', 'abc"'),
        ("foo(‸)\n", "a, b)\nbar()", "foo(a, b)‸\n", "\nbar()"),
        ("f ‸\n", "{\n    a()\n}", "f {\n    ‸\n}\n", "a()\n}"),
        ("f ‸\n", "{\n    a()\n}", "f {\n    a‸\n}\n", "()\n}"),
        ("  f ‸\n  g\n", "{\n    a()\n  }", "  f {\n    ‸\n  }\n  g\n", "a()\n  }"),
        ("x = ‸\n", "foo", "x = f‸)\n", None),
        ("x = ‸\ny\n", "foo(", "x = foo(‸\n)\ny\n", ""),
    ],
)
def test_closers_that_the_editor_puts_or_takes_do_not_matter(
    place: str, text: str, now: str, expected: str | None
) -> None:
    """Behind an opener that was typed, and where one was typed over."""
    assert left(place, text, now) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("def f():\n    ‸\n", "return 1\n    # end"),
        ("def f():\n  ‸\n", "  return 1\n    # end"),
        ("def f():\n        ‸\n", "return 1\n        # end"),
        ("def f():\n\t‸\n", "return 1\n\t# end"),
        ("def f():\n\tret‸\n", "urn 1\n\t# end"),
    ],
)
def test_lines_follow_the_indentation_that_the_editor_chose(now: str, expected: str) -> None:
    """What was generated with four blanks fits a document with tabs."""
    assert left("def f():‸\n", "\n    return 1\n    # end", now) == expected


def test_a_place_that_looks_like_its_text_is_found_where_the_typing_began() -> None:
    """At the head of a file there is only one place that it can be."""
    assert left("aa‸", "aaab", "aaaa‸") == "ab"


def test_edits_far_away_do_not_matter() -> None:
    """Lines inserted far above or far below leave the place what it was."""
    near = "n = 1\n" * 100
    now = f"import os\n{near}x = f‸\n{near}import sys\n"
    assert left(f"{near}x = ‸\n{near}", "foo", now) == "oo"


def test_an_edit_nearby_matters() -> None:
    """What stands close by is what the text was made for."""
    assert left("a = 1\nx = ‸\n", "foo", "a = 2\nx = ‸\n") is None


def test_another_language_is_another_place() -> None:
    """The same text in another language is another question."""
    place = place_of(snapshot("x = ‸\n"))
    assert remainder(place, "foo", snapshot("x = ‸\n", language="ruby")) is None
    assert not agrees(place, "foo", snapshot("x = ‸\n", language="ruby"))


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("", "x = ‸\n", True),
        ("", "x = fo‸\n", True),
        ("f", "x = foo‸\n", True),
        ("foobar", "x = foo‸\n", True),
        ("fa", "x = foo‸\n", False),
        ("", "y = ‸\n", False),
        ("foo(", "x = foo(‸)\n", True),
        ("foo", "x = foo(‸)\n", True),
    ],
)
def test_a_growing_text_agrees_while_one_is_the_head_of_the_other(
    text: str,
    now: str,
    expected: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Whoever is ahead, the model or the user."""
    assert agrees(place_of(snapshot("x = ‸\n")), text, snapshot(now)) is expected


TEXT = st.text("ab(\n ", max_size=12)


@given(head=TEXT, tail=TEXT, text=TEXT, size=st.integers(0, 12))
def test_typing_any_head_of_a_text_leaves_the_rest_of_it(
    head: str, tail: str, text: str, size: int
) -> None:
    """Unless the place is found once more in what was typed, in which case that fits as well."""
    typed, rest = text[:size], text[size:]
    now = f"{head}{typed}‸{tail}"
    assert left(f"{head}‸{tail}", text, now) == rest
    assert agrees(place_of(snapshot(f"{head}‸{tail}")), text[: size // 2], snapshot(now))
