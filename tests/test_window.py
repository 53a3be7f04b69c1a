"""The window around the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.context.window import GAP, STEP_LINES, cut_window, file_head
from codestral_ls.lsp.documents import Document
from codestral_ls.model import Budget, Position, Snapshot

LINE = "value = compute(first, second)"
IMPORTS = "import os\nfrom pathlib import (\n    Path,\n    PurePath,\n)\nimport httpx\n"


def cut(prefix: str, suffix: str, before: int, after: int) -> tuple[str, str]:
    snapshot = Snapshot(uri="file:///w/a.py", language="python", prefix=prefix, suffix=suffix)
    return cut_window(snapshot, Budget(prefix_chars=before, suffix_chars=after))


def shown(text: str, line: int, before: int = 6000, after: int = 2000) -> tuple[str, str]:
    """What is shown with the cursor at the end of a line of a document."""
    budget = Budget(prefix_chars=before, suffix_chars=after)
    document = Document("file:///w/a.py", "python", text)
    at = Position(line=line, character=len(text.split("\n")[line]))
    return cut_window(document.snapshot(at, budget), budget)


def test_what_fits_is_kept_whole() -> None:
    """No line is lost that there is room for."""
    assert cut("a\nb", "c\nd", 3, 3) == ("a\nb", "c\nd")


def test_the_window_ends_between_lines() -> None:
    """Half a line far from the cursor is worth nothing."""
    assert cut("first\nsecond\nx = ", "1\nthird\nfourth", 13, 8) == (
        "second\nx = "[-11:],
        "1\nthird\n",
    )
    assert cut("ab\ncd\nef", "", 7, 0) == ("cd\nef", "")
    assert cut("ab\ncd\nef", "", 4, 0) == ("ef", "")


def test_a_line_longer_than_the_window_is_cut_inside() -> None:
    """What is next to the cursor counts most."""
    assert cut("x" * 50 + "y", "z" + "x" * 50, 5, 3) == ("xxy", "zxx")


@given(
    prefix=st.text("ab\n", max_size=40),
    suffix=st.text("ab\n", max_size=40),
    before=st.integers(3, 45),
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


def test_the_upper_edge_moves_in_steps() -> None:
    """While lines are added at the cursor, a prompt begins as the one before it did."""
    edges = {shown("\n".join([LINE] * count), count - 1)[0][:200] for count in range(400, 424)}
    begins = [
        400 + n - shown("\n".join(f"{LINE} {i:4}" for i in range(400 + n)), 399 + n)[0].count("\n")
        for n in range(2 * STEP_LINES)
    ]
    assert len(edges) == 1
    assert len(set(begins)) == 3
    assert all(len(shown("\n".join([LINE] * n), n - 1)[0]) > 5000 for n in range(400, 430))


def test_the_lower_edge_stays_while_lines_are_added_above_it() -> None:
    """The suffix comes first in a prompt: one line more of it and nothing is cached."""
    lines = [f"{LINE} {n}" for n in range(400)]
    suffixes = {
        shown("\n".join(lines[:100] + ["new"] * count + lines[100:]), 99 + count)[1]
        for count in range(40)
    }
    assert len(suffixes) == 1
    assert 1000 < len(suffixes.pop()) <= 2000


def test_the_imports_of_a_long_file_are_kept() -> None:
    """They say what there is to call."""
    licence = "# Copyright\n# All rights\n" + '"""A module.\n\nimport nothing\n"""\n'
    prefix, _ = shown(licence + IMPORTS + "\n\n" + "\n".join([LINE] * 500), 480)
    assert prefix.startswith(IMPORTS.rstrip("\n") + GAP + LINE)
    assert len(prefix) <= 6000


def test_a_file_that_is_shown_whole_has_no_second_head() -> None:
    """No line stands in a prompt twice."""
    text = IMPORTS + LINE + "\n"
    assert shown(text, 6)[0] == IMPORTS + LINE


HEADS = [
    ("import os\n\nx = 1\nimport sys\n", "import os\nimport sys"),
    (
        '// c\npackage main\n\nimport (\n\t"fmt"\n)\n\nfunc f() {}\n',
        'package main\nimport (\n\t"fmt"\n)',
    ),
    (
        "/*\n * use\n */\nuse io;\npub use a::{\n    B,\n    c::{D, E},\n};\nmod f;\nfn g() {}\n",
        "use io;\npub use a::{\n    B,\n    c::{D, E},\n};\nmod f;",
    ),
    (
        "try:\n    from a import (\n        b,  # c\n    )\nexcept (A, B):\n    import c\nelse:\n",
        "    from a import (\n        b,  # c\n    )\n    import c",
    ),
    (
        "'use strict'\nconst {\n  a,\n} = require('c')\nconst d = require('d')\nlet e = { f: 1 }\n",
        "const {\n  a,\n} = require('c')\nconst d = require('d')",
    ),
    (
        "global using A;\nusing B;\nnamespace C;\nusing (var d = e) {}\n",
        "global using A;\nusing B;\nnamespace C;",
    ),
    ("@testable import A\nimport B\n", "@testable import A\nimport B"),
    ("from a import \\\n    b\n", "from a import \\\n    b"),
    ("import a\nuse = 1\nfrom_a = 2\n", "import a"),
    ("import {\n  a,\n", ""),
    ("from .a import b\nfrom . import c\n", "from .a import b\nfrom . import c"),
    ("x = 1\ny = 2\n", ""),
]


@pytest.mark.parametrize(("source", "head"), HEADS)
def test_the_head_is_whole_imports_and_nothing_else(source: str, head: str) -> None:
    """It is for names that are used below; what stands around imports does not matter there."""
    assert file_head(source, 1000) == head


def test_the_head_has_as_many_imports_as_there_is_room_for() -> None:
    """The first ones."""
    assert file_head("import a\n" * 50, 30) == "import a\nimport a\nimport a"


def test_behind_much_code_no_imports_are_looked_for() -> None:
    """Whatever looks like one is something else."""
    assert file_head("import a\n" + "x = 1\n" * 12 + "import b\n", 1000) == "import a"


def test_imports_at_the_edge_of_the_window_are_not_lost() -> None:
    """Each stands in the head or in the window, whatever the edge does."""
    imports = "".join(f"import name_{n}\n" for n in range(30))
    for count in range(130, 200):
        text = imports + "\n".join([LINE] * count)
        prefix, _ = shown(text, text.count("\n"))
        assert all(f"import name_{n}\n" in f"{prefix}\n" for n in range(30))
        assert prefix.count("import name_29\n") == 1
