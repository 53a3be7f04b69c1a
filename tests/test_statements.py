"""Which part of some lines can be read without those around it."""

import pytest

from codestral_ls.context.index.statements import whole_statements

BODY = "    first = load_first()\n    second = load_second()\n    return first + second\n"


def shown(family: str, source: str, first: int = 0, end: int | None = None) -> str:
    lines = source.split("\n")
    rows = range(first, len(lines) if end is None else end)
    return "\n".join(whole_statements(family, lines, {row: lines[row] for row in rows}).values())


@pytest.mark.parametrize(
    ("family", "above", "below"),
    [
        ("python", "    call(\n        one,\n    )\n", ""),
        ("python", "", "    call(\n        one,\n"),
        ("python", "", '    text = """Begun\n'),
        ("python", '    text = """Begun\n  - with ( more\n    """\n', ""),
        ("python", "    else:\n", ""),
        ("typescript", "/**\n * Says (what.\n */\n", "/* more"),
        ("typescript", "const text = `begun\nended(`;\n", ""),
        ("typescript", "const path = 'a/*';\n" + "  });\n", "const text = `begun\n"),
        ("rust", "", "    call(&'a one,\n"),
        ("c", "    }\n", "    call(one, // )\n"),
    ],
)
def test_a_piece_begins_and_ends_with_statements(family: str, above: str, below: str) -> None:
    """Not within brackets, strings or comments, and not with what belongs to the line above."""
    first = max(0, above.count("\n") - 1)
    assert shown(family, above + BODY + below, first).strip() == BODY.strip()


@pytest.mark.parametrize(
    ("family", "lines"),
    [
        ("python", '\'(\'\nb = \'# )\'\nc = """(\n(\n"""\nd = [\n    1,\n]  # (\n'),
        ("typescript", "'('\nb = `(\n(`;\n/* ( */\nc = call(\n  1,\n);\n// (\n"),
        ("rust", "'('\nfn b<'a>(x: &'a str) {}\n    c: '\\'',\nlet d = 1;\n"),
    ],
)
def test_what_is_closed_within_a_piece_stays(family: str, lines: str) -> None:
    """Brackets in strings and comments are none."""
    assert shown(family, f"a = {lines}") == f"a = {lines}".rstrip()


@pytest.mark.parametrize(
    ("family", "lines"),
    [
        ("python", "import os\nfrom a import b\nfrom c import (\n    d,\n    e,\n)\n"),
        (
            "typescript",
            "import a from 'a';\nimport {\n  b,\n  c,\n} from 'c';\nexport * from 'd';\n",
        ),
        ("rust", "use a::b;\npub use c::{\n    d,\n    e,\n};\n"),
        ("cpp", "#include <a.h>\n#include <b.h>\n# include <c.h>\n"),
        ("python", "\n\n"),
    ],
)
def test_imports_alone_are_no_piece(family: str, lines: str) -> None:
    """They say nothing of how the code goes on; beside some code they may stand."""
    assert shown(family, lines) == ""
    assert shown(family, lines + BODY).endswith("second")
