"""What is shown of what the model wrote."""

from dataclasses import replace

import pytest

from codestral_ls.model import Snapshot
from tests.marked import snapshot
from tests.shaped import SETTINGS, Shown, show

FIVE_LINES = replace(SETTINGS, max_lines=5)


def shape(written: str, there: Snapshot) -> Shown:
    """What a fresh engine shows."""
    return show(written, there, settings=FIVE_LINES)


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
        ("a = ‸ + b\n", "c ", "c", "without_trailing_blanks"),
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
        ("function f() {\n  ‸\n}\n", "return 1;\n}", "return 1;", "until_unopened_closer"),
        ("foo({\n  ‸\n})\n", "a: 1\n})", "a: 1", "until_unopened_closer"),
        ("foo(\n  ‸\n):\n  pass\n", "a,\n):", "a,", "until_unopened_closer"),
        ("<A\n  ‸\n/>\n", "b={1}\n/>", "b={1}", "to_end_of_block"),
        ('x = """\n‸\n"""\n', 'a\n"""', "a", "until_unopened_closer"),
        ("def f\n  ‸\nend\n", "return 1 if x\nend", "return 1 if x", "to_end_of_block"),
        ("{\n  f() {\n    ‸\n  }\n", "g();\n  }", "g();", "until_unopened_closer"),
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
    assert not rule or rule in shaped.rules


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
        ("foo(‸)\n", "() => {\n  a();\n\n  b();\n}", "() => {\n  a();\n\n  b();\n}"),
        ("foo(‸)\n", "[\n1,\n2,\n3,\n4,\n]", "[\n1,\n2,\n3,\n4,\n]"),
        ("foo(‸)\n", '"""\na\n"""', '"""\na\n"""'),
        ("foo(‸)\n", '"""\na\nb\nc\nd\n"""', '"""\na\nb\nc\nd\n"""'),
        ("foo(‸)\n", "lambda: [", ""),
        ("foo(‸)\n", "bar(a, b", "bar(a, b)"),
        ("x = {‸}\n", '"a": {\n', ""),
        ("f(‸, [a]);\n", "() => {", ""),
        ("if (‸)\n", "a) {", "a"),
    ],
)
def test_in_front_of_closing_brackets_a_text_is_balanced(
    marked: str, written: str, expected: str
) -> None:
    """As many lines as close its own brackets; nothing if it does not come to that."""
    assert shown(marked, written) == expected


@pytest.mark.parametrize(
    ("marked", "written", "expected"),
    [
        ("call(\nread(done‸())\n", ", flag)", ", flag"),
        ("call(\n    read(done‸())\n", ", flag)", ", flag)"),
        ("call(read(done‸())\n", ", flag)", ", flag)"),
        ("call(read(\n    done,\n‸)\n", "flag=1))", "flag=1)"),
    ],
)
def test_what_was_given_up_above_is_not_closed_in_front_of_a_closer(
    marked: str, written: str, expected: str
) -> None:
    """A line no further in than the one that left a bracket open is no part of it any more."""
    assert shown(marked, written) == expected
