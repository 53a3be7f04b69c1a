"""Where the heads of definitions end, and what documents them."""

import pytest

from codestral_ls.context.index.signatures import MOST_LINES, signature

HEADS = [
    ("python", "def f(a, b):\n    return 1\n", 0),
    (
        "python",
        "def f(\n    a: dict[str, int] = {},  # one: two\n    b='):',\n) -> list[int]:\n    pass\n",
        3,
    ),
    ("python", "class A(\n    B,\n):\n    pass\n", 2),
    ("typescript", "export function f(\n  a: { b: string },\n): Promise<A> {\n  g();\n", 2),
    ("typescript", "export const f = async (\n  a: string,\n): Promise<A> => {\n  g();\n", 2),
    ("typescript", "export const table = {\n  a: 1,\n};\n", 0),
    ("typescript", "class A<T>\n  extends B<T>\n  implements C, D {\n  x = 1;\n", 2),
    ("typescript", "  area?: number\n  size: number\n", 0),
    ("typescript", "type A = {\n  b: string\n}\n", 0),
    ("javascript", "function f(a = '(', b = /* ) */ 1) {\n  g();\n", 0),
    ("typescript", "type A =\n  | B\n  | C;\nf();\n", 2),
    ("rust", "pub fn f<'a, T>(\n    x: &'a T,\n) -> Vec<T>\nwhere\n    T: Copy,\n{\n    g()\n", 5),
    ("rust", "    fn load(&self) -> [u8; 4];\n    fn g();\n", 0),
    ("go", "func (c *Cart) Add(\n\tx int,\n) (int, error) {\n\treturn\n", 2),
    ("go", "\tName string\n\tSize int\n", 0),
    (
        "java",
        "public <T> List<T> f(int a)\n        throws IOException,\n            B {\n    g();\n",
        2,
    ),
    ("c", "static int\nmain(int a,\n     int b)\n{\n", 0),
    ("cpp", "Cart::Cart(int a)\n    : size_(a) {\n}\n", 0),
    ("csharp", "class A\n    : B\n{\n", 0),
    ("ruby", "def f(a,\n      b)\n  g\nend\n", 1),
    ("lua", "function f(a)\n  g()\nend\n", 0),
]


@pytest.mark.parametrize(("language", "source", "last"), HEADS)
def test_a_head_ends_where_the_body_begins(language: str, source: str, last: int) -> None:
    """Brackets are closed by then; strings and comments have none."""
    assert signature(language, source.split("\n"), 0).last == last


def test_a_head_that_does_not_end_is_its_first_line() -> None:
    """An open bracket is no reason to show the rest of the file."""
    assert signature("python", ["def f("] + ["    a,"] * (2 * MOST_LINES), 0).last == 0


@pytest.mark.parametrize(
    ("language", "source", "line", "doc"),
    [
        ("python", 'def f():\n    """Adds things.\n\n    More.\n    """\n', 0, ""),
        ("python", 'def f(\n    a,\n):\n    r"""Adds."""\n', 0, "Adds."),
        ("python", 'class A:\n    """\n    Adds.\n    """\n', 0, ""),
        ("python", "def f():\n    'Adds.'\n", 0, "Adds."),
        ("python", "# no\ndef f():\n    return 1\n", 1, ""),
        ("rust", "/// Adds things.\n/// More.\n#[inline]\npub fn f() {}\n", 3, "Adds things."),
        ("rust", "// no\npub fn f() {}\n", 1, ""),
        (
            "java",
            "/**\n * Adds <b>things</b>.\n *\n * @param a one\n */\n@Override\nvoid f() {}\n",
            6,
            "",
        ),
        ("java", "/** Adds <b>things</b>. */\n@Override\nvoid f() {}\n", 2, "Adds <b>things</b>."),
        ("java", "int a; /* no */\nvoid f() {}\n", 1, ""),
        ("csharp", "/// <summary>\n/// Adds.\n/// </summary>\n[Test]\nvoid F() {}\n", 4, "Adds."),
        ("go", "// Add adds.\n// More.\nfunc Add() {}\n", 2, "Add adds."),
        ("ruby", "# Adds.\ndef add\nend\n", 1, "Adds."),
        ("lua", "--- Adds.\nfunction add()\nend\n", 1, "Adds."),
        ("typescript", "/**\n * @internal\n */\nfunction f() {}\n", 3, ""),
        ("typescript", "f();\nfunction g() {}\n", 1, ""),
    ],
)
def test_documentation_is_its_first_line_with_words(
    language: str, source: str, line: int, doc: str
) -> None:
    """A docstring below, or the comment above; none that goes on behind its line."""
    lines = source.split("\n")
    row = signature(language, lines, line).doc
    assert doc in lines[row] if doc else row == -1
