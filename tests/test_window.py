"""The window around the cursor."""

from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget


def cut(prefix: str, suffix: str, before: int, after: int) -> tuple[str, str]:
    return cut_window(prefix, suffix, Budget(prefix_chars=before, suffix_chars=after))


def test_what_fits_is_kept_whole() -> None:
    """No line is lost that there is room for."""
    assert cut("a\nb", "c\nd", 3, 3) == ("a\nb", "c\nd")


def test_the_window_ends_between_lines() -> None:
    """Half a line far from the cursor is worth nothing."""
    assert cut("first\nsecond\nx = ", "1\nthird\nfourth", 13, 8) == (
        "second\nx = "[-11:],
        "1\nthird\n",
    )
    assert cut("ab\ncd\nef", "", 5, 0) == ("cd\nef", "")
    assert cut("ab\ncd\nef", "", 4, 0) == ("ef", "")


def test_a_line_longer_than_the_window_is_cut_inside() -> None:
    """What is next to the cursor counts most."""
    assert cut("x" * 50 + "y", "z" + "x" * 50, 3, 3) == ("xxy", "zxx")


@given(
    prefix=st.text("ab\n", max_size=40),
    suffix=st.text("ab\n", max_size=40),
    before=st.integers(1, 45),
    after=st.integers(0, 45),
)
def test_the_window_is_next_to_the_cursor_and_within_its_budget(
    prefix: str, suffix: str, before: int, after: int
) -> None:
    """Whatever is cut, what is left meets at the cursor."""
    left, right = cut(prefix, suffix, before, after)
    assert prefix.endswith(left)
    assert suffix.startswith(right)
    assert len(left) <= before
    assert len(right) <= after
