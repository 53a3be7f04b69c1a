"""Files that are longer than what is read of them: where they are cut, something may be open."""

import pytest

from codestral_ls.shaping import surroundings
from codestral_ls.shaping.surroundings import SCANNED_BEFORE, look_around
from tests.marked import CURSOR, snapshot
from tests.shaped import show

TALK = "    It isn't done before the last (or the next to last one) says so.\n"
NOTES = " * It isn't done: f(a { waits for the last one, g(b { for the next.\n"
CODE = "const total = prices.reduce((sum, price) => sum + price, 0);\n"
PYTHON = "def total(prices):\n    return sum(price for price in prices)\n\n\n"


def far(line: str) -> str:
    """A line so often that the reading begins among its repetitions."""
    return line * (SCANNED_BEFORE // len(line) + 2)


@pytest.mark.parametrize(
    ("language", "document", "written", "expected", "misread"),
    [
        pytest.param(
            "python",
            f'def f():\n    """About.\n\n{far(TALK)}    """\n    zero()\n    ‸\n',
            "first()\n\n    second()",
            "first()\n\n    second()",
            "",
            id="the window begins in a docstring that is over",
        ),
        pytest.param(
            "python",
            f'"""About.\n\n{far(TALK)}"""\n\n\ndef f():\n    """Sums up.\n\n    ‸\n    """\n',
            "Carefully.\n\n    Slowly.",
            "Carefully.",
            "",
            id="the window begins in a docstring, and the cursor is in another one",
        ),
        pytest.param(
            "javascript",
            f"/**\n{far(NOTES)} * See `g.\n */\nfunction f() {{\n  ‸\n}}\n",
            "a();\n\n  b();\n}",
            "a();\n\n  b();",
            "",
            id="the window begins in a block comment",
        ),
        pytest.param(
            "go",
            f"var usage = `\n{far(NOTES)}`\n\nfunc f() {{\n\t‸\n}}\n",
            "a()\n\n\tb()\n}",
            "a()\n\n\tb()",
            "",
            id="the window begins in a string of several lines",
        ),
        pytest.param(
            "python",
            f'{far(PYTHON)}def f():\n    """Sums up."""\n    ‸\n',
            "first()\n\n    second()",
            "first()\n\n    second()",
            '"""',
            id="the window begins in code, before a docstring",
        ),
        pytest.param(
            "javascript",
            f"{far(CODE)}/* Sums up. */\nfunction f() {{\n  ‸\n}}\n",
            "return 1;\n}",
            "return 1;",
            "`",
            id="the window begins in code, before a block comment",
        ),
    ],
)
def test_what_is_shown_far_down_in_a_file_is_right(  # noqa: PLR0913, PLR0917 - a case's parts
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    document: str,
    written: str,
    expected: str,
    misread: str,
) -> None:
    """And it would not be if the window were thought to begin in something else."""
    assert len(document.partition(CURSOR)[0]) > SCANNED_BEFORE
    there = snapshot(document, language=language)
    assert show(written, there).text == expected
    look_around.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(surroundings, "inside_at_start", lambda _text, _lexis: misread)
        assert show(written, there).text != expected
    look_around.cache_clear()


def test_a_closer_too_far_below_to_be_seen_is_not_taken_for_lacking() -> None:
    """Or the block's own would be closed a second time, for the function around it."""
    below = "    let value = something_long(1, 2, 3, 4);\n" * 45 + "}\n"
    there = snapshot("fn f() {\n    let name = unsafe {‸}\n" + below, language="rust")
    shown = show("\n        g(i);\n    };\n", there)
    assert (shown.text, shown.replaces) == ("\n        g(i);\n    };", 1)
