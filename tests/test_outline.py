"""The definitions in a text, by its syntax tree."""

import pytest

from codestral_ls.context.index import outline as outlining
from codestral_ls.context.index.outline import LONGEST, outline
from codestral_ls.context.index.symbols import MOST
from codestral_ls.grammars import GRAMMARS, load_grammar
from tests.outlined import EXPECTED, SOURCES, listed, qualified
from tests.outlined_others import OTHERS


@pytest.mark.parametrize("language", SOURCES)
def test_everything_that_other_files_can_name_is_found(language: str) -> None:
    """Names with their lines, kinds and classes; nothing that is local to a function."""
    assert listed(outline(language, SOURCES[language])) == EXPECTED[language]


def test_dialects_of_scripts_are_read_alike() -> None:
    """JSX and TSX have the same definitions."""
    source = "export const Button = (props: Props) => {\n  return <a b={1}>{x}</a>;\n};\n"
    assert listed(outline("typescriptreact", source)) == ["0 function Button"]
    source = "class App extends View {\n  render() {\n    return <a />;\n  }\n}\n"
    assert listed(outline("javascriptreact", source)) == ["0 class App", "1 method App.render"]


@pytest.mark.parametrize("language", OTHERS)
def test_definitions_of_further_languages_are_found(language: str) -> None:
    """By trees or by lines."""
    source, names = OTHERS[language]
    assert sorted(map(qualified, outline(language, source))) == sorted(names.split())


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("python", "try:\n    import a\nexcept E:\n    a = None\n", ["3 constant a"]),
        (
            "python",
            "if A:\n    def f(): pass\nelse:\n    g = h = 1\n",
            ["1 function f", "3 constant g", "3 constant h"],
        ),
        (
            "python",
            "class A:\n    class B:\n        x = 1\n",
            ["0 class A", "1 class A.B", "2 field B.x"],
        ),
        (
            "python",
            "(m, [n, o]) = f()\nx.y = 1\nz[0] = 1\n",
            ["0 constant m", "0 constant n", "0 constant o"],
        ),
        (
            "python",
            "@overload\ndef f(x): ...\ndef f(x, y): ...\n",
            ["1 function f", "2 function f"],
        ),
        (
            "typescript",
            "export default { key: 1, 'a-b': 2 };\n",
            ["0 constant key", "0 constant a-b"],
        ),
        ("typescript", "const o = { a: { b: 1 } } as const;\n", ["0 constant o", "0 field o.a"]),
        (
            "typescript",
            "class A { constructor(private a: B, c: D) {} }\n",
            ["0 class A", "0 method A.constructor", "0 field A.a"],
        ),
        ("typescript", "const { a, b: c } = f();\n", ["0 constant a", "0 constant c"]),
        ("javascript", "var a = require('a'), b = await import('b');\n", []),
        (
            "javascript",
            "exports = module.exports = { a: 1, f() {} };\n",
            ["0 constant a", "0 function f"],
        ),
        ("javascript", "X.prototype = { f: function () {} };\n", ["0 method X.f"]),
        ("javascript", "describe('a', () => { const b = 1; });\nf(function () { let c; });\n", []),
        ("rust", "impl Foo for &'a mut b::Bar<'a> { fn x() {} }\n", ["0 method Bar.x"]),
        (
            "rust",
            'extern "C" { fn go(); }\nunion U { a: u8 }\n',
            ["0 function go", "1 class U", "1 field U.a"],
        ),
        ("go", "type (\n\tA = B\n\tC int\n)\n", ["1 type A", "2 type C"]),
        ("go", "var (\n\ta, b = 1, 2\n)\n", ["1 constant a", "1 constant b"]),
        ("java", "@interface A { String value(); }\n", ["0 type A", "0 method A.value"]),
        (
            "java",
            "enum E { A(1) { void f() {} }; int x; }\n",
            ["0 type E", "0 constant E.A", "0 method E.f", "0 field E.x"],
        ),
        (
            "c",
            "int (*hook)(int), *other;\nstruct used *g;\n",
            ["0 constant hook", "0 constant other", "1 constant g"],
        ),
        ("c", "template <class T> class A {\n  T x;\n};\n", ["0 class A", "1 field A.x"]),
    ],
)
def test_other_ways_to_define(language: str, source: str, expected: list[str]) -> None:
    """What one language has and others do not."""
    assert sorted(listed(outline(language, source))) == sorted(expected)


def test_what_does_not_parse_hides_nothing() -> None:
    """Nodes within an error are read like others; where all is one error, lines are."""
    source = "class A:\n    size = 1\n    def f(self, (:\n        pass\n"
    assert {"0 class A", "1 field A.size"} <= set(listed(outline("python", source)))
    assert listed(outline("go", "package a\nvar ( limit int )\n")) == ["1 constant limit"]
    source = "#ifdef A\nint g(void);\nint f( {\n"
    assert listed(outline("c", source)) == ["1 function g", "2 function f"]


def test_a_text_has_a_limited_number_of_symbols() -> None:
    """Generated tables do not fill the index."""
    source = "".join(f"name_{number} = 1\n" for number in range(MOST + 10))
    assert len(outline("python", source)) == MOST


def test_long_texts_are_read_by_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """No parser sees them."""
    parsed: list[object] = []

    def load(grammar: object) -> None:
        parsed.append(grammar)

    monkeypatch.setattr(outlining, "load_grammar", load)
    source = "def f():\n    pass\n" + "#" * LONGEST
    assert listed(outline("python", source)) == ["0 function f"]
    assert not parsed


@pytest.mark.parametrize("piece", ["/** ", "<a", "< b\n", "-> "])
def test_parsers_do_not_see_what_explodes_in_them(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts that take a parser minutes or all memory are read by their lines."""
    parsed: list[object] = []
    monkeypatch.setattr(outlining, "load_grammar", parsed.append)
    assert listed(outline("csharp", "class Cart {\n}\n" + piece * 1000)) == ["0 class Cart"]
    assert not parsed
    outline("csharp", "class Cart {\n}\n/* a */" + "int a = b < c;\n" * 1000)
    assert parsed


def test_depth_is_no_danger() -> None:
    """Trees are walked without recursion."""
    assert outline("javascript", "(" * 20_000 + ")" * 20_000) == ()
    assert outline("c", "int " + "(" * 5_000 + "deep" + ")" * 5_000 + ";\n")[0].name == "deep"
    nested = "".join(" " * depth + f"class A{depth}:\n" for depth in range(300))
    assert len(outline("python", nested)) > 0


@pytest.mark.parametrize("language", outlining.ROWS)
def test_every_type_of_node_in_a_row_is_one_of_its_grammar(language: str) -> None:
    """A node that a grammar's new version calls differently is noticed here."""
    kinds = kinds_of(language)
    if language.startswith(("javascript", "typescript")):  # which share their tables
        kinds = kinds_of("javascript") | kinds_of("typescript")
    for table in outlining.ROWS[language].tables.values():
        assert not {*table.nodes, *table.ways, *table.leaves} - kinds


def kinds_of(language: str) -> set[str]:
    """All types of nodes of a grammar."""
    loaded = load_grammar(GRAMMARS[language])
    assert loaded is not None
    return {loaded.node_kind_for_id(number) or "" for number in range(loaded.node_kind_count)}
