"""What a grammar says of a text."""

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from codestral_ls.grammars import GRAMMARS, load_grammar
from codestral_ls.shaping import syntax
from codestral_ls.shaping.excerpts import FAR_CHARS, excerpts
from codestral_ls.shaping.syntax import error_count, load, whole_lines
from tests.marked import CURSOR


@pytest.fixture
def forgetful() -> Iterator[Callable[[], None]]:
    """Grammars are looked for anew, and found again afterwards."""
    forget = load_grammar.cache_clear
    forget()
    yield forget
    forget()


def whole(language: str, marked: str, text: str) -> list[int] | None:
    before, after = marked.split(CURSOR)
    found = whole_lines(language, before, text, after)
    return None if found is None else sorted(found)


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_grammar_loads(language: str) -> None:
    """All of them are in the extra."""
    assert load(language)


@pytest.mark.parametrize(
    ("language", "marked", "text", "expected"),
    [
        ("python", "def f():‸\n\n\ndef g():\n    pass\n", "\n    a()\n    b()", [2]),
        ("python", "class A:\n    def f(self):\n        ‸\n", "a()\n        b()", [0, 1]),
        ("python", "def f():\n    if a:‸\n    c()\n", "\n        b()\n    else:\n        d()", [3]),
        ("python", "‸\n", "@cache\ndef f():\n    return 1\n\n\nx = 1", [2, 3, 4, 5]),
        ("python", "f(‸)\n", "\n    1,\n    2,\n", [3]),
        ("python", "x = [\n    1,\n    ‸\n]\n", "2,\n    3,", [0, 1]),
        ("python", "try:\n    a()\nexcept E:‸\n", "\n    b()\n    c()", [2]),
        ("javascript", "if (x) {‸\n", "\n  a();\n}", [2]),
        ("javascript", "class A {\n  f() {\n    ‸\n  }\n}\n", "if (x) {\n      y();\n    }", [2]),
        ("javascript", "const x = {\n  ‸\n};\n", "a: 1,\n  b: [\n    2,\n  ],", [0, 3]),
        ("javascriptreact", "const x = (\n  ‸\n);\n", "<a>\n    <b />\n  </a>", [2]),
        ("typescript", "interface A {‸\n", "\n  b: string;\n  c(): void;\n}", [3]),
        ("typescript", "class A {\n  ‸\n}\n", "@d()\n  f(): void {\n    g();\n  }", [3]),
        ("typescriptreact", "f(() => {‸});\n", "\n  return <a />;\n", [2]),
        ("go", "func f() error {\n\t‸\n}\n", "if e != nil {\n\t\treturn e\n\t}\n\tg()", [2, 3]),
        ("go", "func f() {‸\n", "\n\ta()\n}", [2]),
        ("rust", "‸\n", "#[test]\nfn f() {\n    g();\n}\n// h\nstruct A;", [3, 4, 5]),
        ("rust", "fn f() {\n  match x {\n    ‸\n  }\n}\n", "A => {\n    }\n    B => 1,", [1, 2]),
        ("java", "class A {\n    void f() {‸\n}\n", "\n        g();\n        h();\n    }", [3]),
        ("java", "class A {\n  ‸\n}\n", "@Override\n  public int f() {\n    return 1;\n  }", [3]),
        ("c", "int f(void)\n‸\n", "{\n    a();\n    return 1;\n}", [3]),
        ("c", "void f() {\n    ‸\n}\n", "for (;;) {\n        a();\n    }\n    b();", [2, 3]),
        ("cpp", "class A {\n public:‸\n};\n", "\n  A();\n  ~A() {\n  }", [0, 1, 3]),
        ("csharp", "class A\n{\n    int X‸\n}\n", "\n    {\n        get;\n    }", [3]),
        ("csharp", "class A\n{\n  void F()\n  {\n    ‸\n  }\n}\n", "G();\n    H();", [0, 1]),
        ("ruby", "class A\n  def f‸\nend\n", "\n    g\n  end", [2]),
        ("ruby", "def f\n  ‸\nend\n", "x = <<~E\n    a\n  E\n  y(x)", [2, 3]),
        ("php", "<?php\nclass A {\n    ‸\n}\n", "function f() {\n        return 1;\n    }", [2]),
        ("php", "function f() {\n    ‸\n}\n", "$a = 1;\n    $b = [\n        2,\n    ];", [0, 3]),
        ("shellscript", "for i in a; do‸\n", "\n  b\ndone", [2]),
        ("shellscript", "f() {\n  ‸\n}\n", "if a; then\n    b\n  fi\n  c", [2, 3]),
        ("lua", "local function f()‸\n", "\n  a()\n  b()\nend", [3]),
        ("lua", "if a then\n  ‸\nend\n", "b()\n  c = {\n    1,\n  }", [0, 3]),
        ("json", '{\n  "a": [\n    ‸\n  ]\n}\n', '1,\n    {\n      "b": 2\n    }', [0, 3]),
        ("html", "<div>\n  ‸\n</div>\n", "<p>\n    a\n  </p>\n  b", [2, 3]),
        ("css", "a {‸\n", "\n  color: red;\n}\nb {\n  c: d;\n}", [2, 5]),
    ],
)  # fmt: skip
def test_a_line_is_whole_where_all_that_began_is_complete(
    language: str, marked: str, text: str, expected: list[int]
) -> None:
    """Statements end with their blocks, branches, brackets, decorators and documents."""
    assert whole(language, marked, text) == expected


@pytest.mark.parametrize(
    ("language", "marked", "text", "expected"),
    [
        ("python", "def f():\n    ‸\n", "a()\n    b(c,", [0]),
        ("python", "def f():\n    ‸\n", "a()\n    if b:\n        c(", [0]),
        ("python", "def f():\n    ‸\n", "a()\n    if b:\n        c()\n    d(", [0, 2]),
        ("python", "def f():‸\n", "\n    a()\n    b(", []),
        ("javascript", "function f() {\n  ‸\n}\n", "a();\n  if (b) {\n    c(d", [0]),
        ("javascript", "function f() {\n  ‸\n}\n", "a();\n  if (b) {\n    c();", [0]),
        ("go", "func f() {\n\t‸\n}\n", "a()\n\tb(c,", [0]),
        ("rust", "fn f() {\n    ‸\n}\n", "a();\n    let b = c(", [0]),
        ("java", "class A {\n    void f() {\n        ‸\n    }\n}\n", "a();\n        b(\n", [0]),
        ("lua", "function f()\n  ‸\nend\n", "a()\n  if b then\n    c(", [0]),
        ("ruby", "def f\n  ‸\nend\n", "a\n  if b\n    c(", [0]),
    ],
)  # fmt: skip
def test_what_is_cut_off_at_the_end_is_unfinished(
    language: str, marked: str, text: str, expected: list[int]
) -> None:
    """The lines before it are judged without it."""
    assert whole(language, marked, text) == expected


@pytest.mark.parametrize(
    ("language", "marked", "text", "expected"),
    [
        ("python", '  "a" or b\n    """\n    def f(self):‸\n', "\n        a()\n        b()", [2]),
        ("python", "x = (\n1 +* 2 ]\n\ndef f():‸\n\nclass class\n", "\n    a()\n    b()", [2]),
        (
            "python",
            "oken, b):\n    def f(self):‸\n    def g(self",
            "\n        a()\n        b()",
            [2],
        ),
        ("javascript", "  }\n\n  f() {‸\n  }\n\n  g(", "\n    if (a) {\n      b();\n    }", []),
        ("javascript", "  a() {\n  }\n  ‸\n  c() {", "b() {\n    d();\n  }", [2]),
        ("typescript", "    x = `a ${\n  }\n  async f() {‸\n", "\n    await g();\n  }", [2]),
        ("java", "  }\n\n  void f() {‸\n\n  int g(", "\n    a();\n  }", [2]),
        ("csharp", "    }\n    int X\n    ‸\n    int Y", "{\n        get;\n    }", [2]),
        ("c", "  { 1, 2 },\n  ‸\n  { 5,", "{ 3,\n    4 },", [1]),
        ("json", '  "a": 1,\n  ‸\n  "c": {\n    "d', '"b": [\n    2\n  ],', [2]),
        ("php", "    }\n\n    public function f() {‸\n", "\n        return 1;\n    }", [2]),
        ("rust", "        x)\n    }\n    fn f(&self) {‸\n", "\n        g()\n    }", [2]),
        ("css", "  b: c;\n  ‸\n}\nd {", "color: red;\n  e:\n    f;", [0, 2]),
    ],
)
def test_what_lies_around_may_be_broken_or_cut(
    language: str, marked: str, text: str, expected: list[int]
) -> None:
    """Excerpts begin in the middle of a class or a string, and end anywhere."""
    assert whole(language, marked, text) == expected


@pytest.mark.parametrize(
    ("language", "marked", "text", "expected"),
    [
        ("python", "# žluťoučký 🦀\nx = '漢字'\ndef f():‸\n# ô\n", "\n    a('é🦀')\n    b()", [2]),
        ("go", "// 漢字\nfunc f() {\n\té := ‸\n}\n", 'g("é")\n\th(\n\t\t"🦀",\n\t)', [0, 3]),
        ("javascript", "'🦀'; f({‸});\n", "\n  é: '漢',\n", [2]),
        ("rust", "fn f() {‸\n", '\n    g("\ud800");\n}', [2]),
    ],
)  # fmt: skip
def test_characters_of_several_bytes_count_as_what_they_are(
    language: str, marked: str, text: str, expected: list[int]
) -> None:
    """Grammars count bytes; lines are lines."""
    assert whole(language, marked, text) == expected


def test_prose_in_a_string_may_end_with_each_line() -> None:
    """What the docstring or the comment belongs to began earlier."""
    assert whole("python", 'def f():\n    """A.\n\n    ‸\n    """\n', "B\n    c.") == [0, 1]
    assert whole("typescript", "/**\n * A.\n ‸\n */\nf();\n", "* B\n * c.") == [0, 1]
    assert whole("java", "/**\n * A.\n ‸\n * d\n", "* B\n * c.") == [0, 1]


@pytest.mark.parametrize("text", ["x y z ( ]\n  ?? !!\n  ) (", ") } )\n  x y"])
def test_nothing_is_said_of_a_text_that_does_not_parse(text: str) -> None:
    """Others have to guess then."""
    assert whole("javascript", "function f() {\n  ‸\n}\n", text) is None


def test_the_end_of_the_cursors_line_counts_for_the_last_line() -> None:
    """The closer that the editor had put there closes what the line began."""
    assert whole("javascript", "f(‸);\n", "a,\n  b") == [1]
    assert whole("python", "f(‸)\n", "a") == [0]


def test_languages_without_a_grammar_are_left_to_others() -> None:
    """There is nothing to load and nothing to say."""
    assert not load("cobol")
    assert whole_lines("cobol", "", "x", "") is None
    assert error_count("cobol", "", "x", "") is None


@pytest.mark.parametrize("missing", ["tree_sitter", "tree_sitter_go"])
@pytest.mark.parametrize("failure", [ImportError("gone"), ValueError("ABI 12"), OSError("libc")])
def test_without_the_extra_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
    forgetful: Callable[[], None],
    missing: str,
    failure: Exception,
) -> None:
    """One package that is missing or does not load takes nothing else away."""

    def without(name: str) -> ModuleType:
        if name == missing:
            raise failure
        return found(name)

    found = importlib.import_module
    with monkeypatch.context() as patched:
        patched.setattr(importlib, "import_module", without)
        assert not load("go")
        assert whole_lines("go", "func f() {\n\t", "a()", "\n}\n") is None
        assert error_count("go", "", "a()", "") is None
        assert load("python") == (missing != "tree_sitter")
    forgetful()
    assert load("go")


@pytest.mark.parametrize(
    ("language", "marked", "text", "more"),
    [
        ("python", "x = f(‸)\n", "a, b", 0),
        ("python", "x = f(‸)\n", "a b", 1),
        ("python", "x = f(‸\n", "a)", -1),
        ("javascript", "if (a) {\n  ‸\n}\n", "b();", 0),
        ("javascript", "if (a) {\n  ‸\n}\n", "b());", 1),
        ("go", "func f() {\n\t‸\n}\n", "a(", 1),
        ("lua", "f = ‸\n", "1", -1),
    ],
)
def test_errors_are_counted_against_those_without_the_text(
    language: str, marked: str, text: str, more: int
) -> None:
    """What is broken around does not count."""
    before, after = marked.split(CURSOR)
    found = error_count(language, before, text, after)
    assert found is not None
    assert (found > 0) - (found < 0) == more


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n" * 100_000, "y = 2\n" * 100_000),
        ("x" * 1_000_000, "y" * 1_000_000),
        ("if a:\n" + "    x = [\n" * 50_000 + "        ", "\n    ]" * 50_000),
        ("".join(" " * (each % 500) + "if a:\n" for each in range(50_000)), "\n)" * 50_000),
    ],
)
def test_what_is_parsed_is_bounded(before: str, after: str) -> None:
    """However large a document is, and however long its lines."""
    found = list(excerpts(GRAMMARS["python"], before, "z = 3\n", after))
    assert len(found) <= 12
    assert all(len(each.above) + len(each.below) <= FAR_CHARS for each in found)


def test_errors_everywhere_do_not_make_for_endless_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be parsed of a document is used up, then there is nothing to say."""
    junk = "class A { public void f() { int x = ; foo(a, } }\n" * 60
    parsed: list[int] = []
    root = vars(syntax)["_root"]

    def watched(parser: object, source: bytes) -> object:
        parsed.append(len(source))
        return root(parser, source)

    monkeypatch.setattr(syntax, "_root", watched)
    assert whole_lines("csharp", junk, junk, junk) is None
    assert 0 < sum(parsed) < 16_000
    assert whole_lines("csharp", junk, junk * 3, junk) is None
    assert error_count("csharp", junk, junk * 3, junk) is None
