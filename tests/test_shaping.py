"""What is shown of what the model wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.model import Snapshot
from codestral_ls.shaping.rules import FITTING, SETTLING, Shaped, fit, settle
from codestral_ls.shaping.stops import LINE, Extent, cut_at, wanted_extent
from tests.marked import snapshot


def shape(written: str, there: Snapshot) -> Shaped:
    """As the engine does it for a fresh answer."""
    settled = settle(written, there)
    return fit(cut_at(settled, wanted_extent(there, settled, 5, fresh=True))[0], there)


def shown(marked: str, written: str, language: str = "python") -> str:
    return shape(written, snapshot(marked, language=language)).text


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        ("x = ‸\n", "1"),
        ("print(‸)\n", "foo(a)"),
        ("print(‸)\n", "[1, 2]"),
        ("x = [‸]\n", "(1, 2), (3, 4)"),
        ('x = f"{‸}"\n', 'row["a"]'),
        ("def f():\n    ‸\n", "return 1"),
        ("def f():\n    ‸\n\n\ndef g():\n    return 1\n", "return 2"),
        ("if a:\n    ‸\n", "b = [\n        1,\n    ]"),
        ("x = (‸ + 1)\n", "a"),
        ("f(‸, b)\n", "a"),
        ("return ‸;\n", "a"),
        ("```python\n‸\n```\n", "x = 1"),
        ('print("‸")\n', "hello :("),
        ("foo(‸)\n", '"["'),
        ("foo(‸a))\n", "bar("),
        ("x = ‸ # (see g)\n", "f("),
        ("html = ‸\n", '"<s>old</s>"'),
        ("‸\n", "    indented = True"),
        ("class A:‸\n", "\n    x = 1"),
        ("function f() {‸\n}\n", "\n  return 1;"),
        ("foo‸\n", " = 1"),
        ("items = {‸}\n", '"a": {"b": 1}'),
    ],
)
def test_text_that_fits_arrives_untouched(marked: str, written: str) -> None:
    """Trimming what was right costs more than leaving junk."""
    assert shown(marked, written) == written


@pytest.mark.parametrize(
    ("marked", "written", "expected", "rule"),
    [
        ("print(‸)\n", "a)", "a", "without_tail_twice"),
        ("print(‸)\n", "foo(a))", "foo(a)", "without_tail_twice"),
        ("f(‸);\n", "a);", "a", "without_tail_twice"),
        ("return ‸;\n", "a;", "a", "without_tail_twice"),
        ('x = "‸"\n', 'hello"', "hello", "without_tail_twice"),
        ("d = {‸}\n", "1: 2}", "1: 2", "without_tail_twice"),
        ("f(‸, second)\n", "first, second)", "first", "without_tail_twice"),
        ("a = ‸ + other\n", "one + other", "one", "without_tail_twice"),
        ("a = ‸ + b\n", "c ", "c", "without_tail_twice"),
        ("f(‸, b)\n", "a, b", "a", "without_tail_twice"),
        ("let v: Vec<‸>;\n", "Vec<u8>>", "Vec<u8>", "without_tail_twice"),
        ("<div>‸</div>\n", "<div>a</div></div>", "<div>a</div>", "without_tail_twice"),
        ("<div>‸</div>\n", "a<br>b<div/></div>", "a<br>b<div/>", "without_tail_twice"),
        ("x = c ? ‸ : null;\n", "a?.b ?? d : null;", "a?.b ?? d", "without_tail_twice"),
        ("x = c ? ‸ : null;\n", "a::b : null;", "a::b", "without_tail_twice"),
        ("f(‸, b)\n", "a ? c : d, b)", "a ? c : d", "without_tail_twice"),
        ("when(‸ => 1)\n", "a<b => 1)", "a<b", "without_tail_twice"),
        ("if (‸ >= c)\n", "a<b && d >= c)", "a<b && d", "without_tail_twice"),
        ("if (‸ > c)\n", "a < b && d > c)", "a < b && d", "without_tail_twice"),
        ("<A>‸</A>\n", "<A b />c</A>", "<A b />c", "without_tail_twice"),
        ("g(function() ‸ end)\n", "iff() end)", "iff()", "without_tail_twice"),
        ("g(function() ‸ end)\n", "b.if() end)", "b.if()", "without_tail_twice"),
        ("g(function() ‸ end)\n", "for a in b do c() end end", "for a in b do c() end", ""),
        ("f(‸, b)\n", "&'a c, b)", "&'a c", "without_tail_twice"),
        ("f(‸, 'b')\n", "'a', 'b')", "'a'", "without_tail_twice"),
        ("x = ‸\nprint(x)\n", "1\nprint(x)", "1", ""),
        ("def f():\n    ‸\n    return x\n", "x = 1\n    return x", "x = 1", "without_lines_below"),
        ("if a:\n    ‸\n    b()\n    c()\n", "a()\n    b()", "a()", "without_lines_below"),
        ("function f() {\n  ‸\n}\n", "return 1;\n}", "return 1;", "without_lines_below"),
        ("foo({\n  ‸\n})\n", "a: 1\n})", "a: 1", "without_lines_below"),
        ("foo(\n  ‸\n):\n  pass\n", "a,\n):", "a,", "without_lines_below"),
        ("<A\n  ‸\n/>\n", "b={1}\n/>", "b={1}", "without_lines_below"),
        ('x = """\n‸\n"""\n', 'a\n"""', "a", "without_lines_below"),
        ("def f\n  ‸\nend\n", "return 1 if x\nend", "return 1 if x", "without_lines_below"),
        ("{\n  f() {\n    ‸\n  }\n", "g();\n  }", "g();", "without_lines_below"),
        ("x = ‸\n", "1   ", "1", "without_trailing_blanks"),
        ("return ‸\n", " a", "a", ""),
        ("x = 1\n\n‸", "\ny = 2", "y = 2", ""),
        ("class A:\n    b = 1\n\n‸", "\n    c = 2", "    c = 2", ""),
        ("def f():\n    return 1\n\n\n‸", "\ndef g():", "def g():", ""),
        ("x = ‸ # note\n", "1\ny = 2", "1", ""),
        ("def f():\n    ‸\n", "a()\n\n\ndef g():", "a()", ""),
        ("x = ‸\n", "1<|endoftext|>", "1", ""),
        ("‸\n", "```python\nx = 1\n```", "x = 1", ""),
        ("‸\n", "```python\nx = 1", "x = 1", ""),
    ],
)
def test_what_does_not_fit_is_trimmed(marked: str, written: str, expected: str, rule: str) -> None:
    """The text that stands there already, and the models' habits; rules of fit are named."""
    shaped = shape(written, snapshot(marked))
    assert shaped.text == expected
    assert not rule or rule in shaped.applied


def test_one_blank_line_is_due_where_no_convention_asks_for_two() -> None:
    """PEP 8 is about Python."""
    assert shown("f(\n  1\n\n‸", "\nclass A {", "javascript") == "class A {"


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        ("x = ‸\n", ""),
        ("x = ‸\n", "  \n \n"),
        ("print(‸)\n", ")"),
        ("f(‸);\n", ");"),
        ("def f():\n    ‸\n    return x\n", "return x"),
        ("x = ‸\n", "<|end_of_file|>"),
    ],
)
def test_what_adds_nothing_is_not_shown(marked: str, written: str) -> None:
    """Blanks, and nothing but what stands there already."""
    assert shown(marked, written) == ""


def test_markers_are_text_in_a_document_about_them() -> None:
    """Somebody writes tokenizers."""
    marked = 'EOT = "<|endoftext|>"\nEOF = "‸"\n'
    assert shown(marked, "<|end_of_file|>") == "<|end_of_file|>"


@pytest.mark.parametrize(
    ("marked", "written", "expected"),
    [
        ("useEffect(‸)\n", "() => {\n  a();\n}, [])\nb", "() => {\n  a();\n}, []"),
        ("useEffect(‸, [a]);\n", "() => {\n  b();\n}", "() => {\n  b();\n}"),
        ("x = {‸}\n", '"a": {\n    "b": 1,\n},\ny = 1', '"a": {\n    "b": 1,\n},'),
        ("foo(‸)\n", "bar(1)\nbaz(", "bar(1)"),
        ("if (‸) {\n", "a) {\n  b();\n}", "a"),
        ("foo(‸)\n", "() => {\n  a();\n\n  b();\n}", ""),
        ("foo(‸)\n", "[\n1,\n2,\n3,\n4,\n]", ""),
        ("foo(‸)\n", '"""\na\n"""', '"""\na\n"""'),
        ("foo(‸)\n", '"""\na\nb\nc\nd\n"""', ""),
        ("foo(‸)\n", "lambda: [", ""),
        ("foo(‸)\n", "bar(a, b", ""),
        ("x = {‸}\n", '"a": {\n', ""),
        ("f(‸, [a]);\n", "() => {", ""),
        ("if (‸)\n", "a) {", ""),
    ],
)
def test_in_front_of_closing_brackets_a_text_is_balanced(
    marked: str, written: str, expected: str
) -> None:
    """As many lines as close its own brackets; nothing if it does not come to that."""
    assert shown(marked, written) == expected


@pytest.mark.parametrize(
    ("marked", "extent"),
    [
        ("x = ‸\n", LINE),
        ("x = ‸ + 1\n", LINE),
        ("‸\n", Extent(5)),
        ("def f():\n    ‸\n", Extent(5)),
        ("def f():‸\n", Extent(5)),
        ("function f() {‸\n", Extent(5)),
        ("    ‸)\n", LINE),
        ("self.undo‸\n", LINE),
        ("self.do‸\n", LINE),
        ("x = undo‸\n", LINE),
        ("# todo‸\n", LINE),
        ("strengthen‸\n", LINE),
        ("for x in y; do‸\n", Extent(5)),
        ("do‸\n", Extent(5)),
        ("if x then‸\n", Extent(5)),
        ("main = begin‸\n", Extent(5)),
        ("x = () =>‸\n", Extent(5)),
        ("def f() ->‸\n", Extent(5)),
    ],
)
def test_how_much_is_wanted_depends_on_the_place(marked: str, extent: Extent) -> None:
    """The rest of the line inside of one, a block where a line or a block begins."""
    assert wanted_extent(snapshot(marked), "", 5, fresh=True) == extent


def test_a_text_goes_on_behind_the_line_that_it_has_ended() -> None:
    """After a line was accepted, the next ones are wanted; a fresh text has no such right."""
    there = snapshot("x = foo()‸\n")
    assert wanted_extent(there, "\ny = 1", 5, fresh=False) == Extent(5)
    assert wanted_extent(there, "\ny = 1", 5, fresh=True) == LINE
    assert wanted_extent(there, ".bar\ny = 1", 5, fresh=False) == LINE


@pytest.mark.parametrize(
    ("text", "extent", "expected"),
    [
        ("a\nb", LINE, ("a", True)),
        ("a", LINE, ("a", False)),
        ("\na", LINE, ("", True)),
        ("a\nb\nc\nd", Extent(3), ("a\nb\nc", True)),
        ("a\nb\nc", Extent(3), ("a\nb\nc", False)),
        ("a\n\nb", Extent(3), ("a", True)),
        ("\n\n    x = 1\n\ny", Extent(3), ("\n\n    x = 1", True)),
        ("\n    a\n    b\n    c\n    d", Extent(3), ("\n    a\n    b\n    c", True)),
        ("", Extent(3), ("", False)),
    ],
)
def test_a_text_is_cut_where_its_extent_ends(
    text: str, extent: Extent, expected: tuple[str, bool]
) -> None:
    """At the line end, at a blank line, after so many lines; blank lines ahead do not count."""
    assert cut_at(text, extent) == expected


CODE = st.text("ab ()[]{}\"';,.\n=+", max_size=25)


@given(head=CODE, tail=CODE, written=CODE)
def test_shaping_only_shortens(head: str, tail: str, written: str) -> None:
    """No rule adds text, whatever stands around it, and each that had a part is named."""
    there = snapshot(f"{head}‸{tail}")
    settled = settle(written, there)
    once = fit(settled, there)
    assert settled in written
    assert once.text in settled
    assert set(once.applied) <= {rule.__name__ for rule in (*SETTLING, *FITTING)}
    assert bool(once.applied) == (once.text != settled)
