"""What was right arrives untouched: trimming it costs more than leaving junk."""

import pytest

from codestral_ls.model import Snapshot
from codestral_ls.shaping.settling import Intake
from codestral_ls.shaping.surroundings import look_around
from tests.marked import snapshot
from tests.test_shaping import shown


def settled(written: str, there: Snapshot) -> str:
    """What is kept of a text, before anything is cut from it to be shown."""
    intake = Intake(around=look_around(there))
    intake.feed(written)
    intake.finish()
    return intake.text


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        ("let v: Vec<‸>;\n", "Vec<u8>"),
        ("const x: Promise<‸> = y;\n", "Array<string>"),
        ("std::vector<‸> v;\n", "std::pair<int, int>"),
        ("<div>‸</div>\n", "<div>inner</div>"),
        ("<p>‸</p>\n", '<p class="a">inner</p>'),
        ("x = <>‸</>\n", "<><A/></>"),
        ("foo(function() ‸ end)\n", "if a then b() end"),
        ("f(function() ‸ end)\n", "for _, x in y do b() end"),
        ("if a; then ‸; fi\n", "if b; then c; fi"),
        ("for a in b; do ‸; done\n", "while c; do d; done"),
        ("repeat ‸ until x\n", "repeat a() until x"),
        ("{% if a %}‸{% endif %}\n", "{% if b %}c{% endif %}"),
        ("x = cond ? ‸ : null;\n", "a ? b : null"),
        ("x = cond ? ‸ : null;\n", "a ? {b: 1} : null"),
        ("x = a if ‸ else y\n", "b if c else y"),
        ("foo(‸, key=lambda x: x[0])\n", "sorted(a, key=lambda x: x[0])"),
        ("useMemo(‸, [a]);\n", "() => f([a], [a])"),
        ("x = (‸ + 1)\n", "f(a + 1)"),
        ("x = y[‸:n]\n", "f(a)[0:n]"),
        ("f(‸name')\n", "'name'"),
        ('x = ‸""\n', '"a"'),
        ("[0‸,0]\n", ",0"),
    ],
)
def test_the_end_of_a_line_is_the_texts_own_if_it_closes_what_the_text_opened(
    marked: str, written: str
) -> None:
    """Brackets, quotes, tags and words in pairs; and two characters of a word agree by chance."""
    assert shown(marked, written) == written


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        (
            "#ifndef FOO_H\n#define FOO_H\n\n‸\n\n#endif\n",
            '#ifdef __cplusplus\nextern "C" {\n#endif',
        ),
        ("if a; then\n  b\n‸\nfi\n", "if c; then\n  d\nfi"),
        ("for a in b; do\n‸\ndone\n", "for c in d; do\n  e\ndone"),
        ("function f()\n‸\nend\n", "if a then\n  b()\nend"),
        ("function f()\n‸\nend\n", "local g = function()\n  b()\nend"),
        (
            "\\begin{itemize}\n\\item a\n‸\n\\end{itemize}\n",
            "\\begin{itemize}\n\\item b\n\\end{itemize}",
        ),
        ("<div>\n‸\n</div>\n", "<div>\n  inner<br>\n</div>"),
        ("if a:\n    b()\n‸\nelse:\n    c()\n", "if d:\n    e()\nelse:\n    c()"),
        ("function f() {\n‸\n}\n", "if (a) {\n  b();\n}"),
        ('‸\n"""\nb\n"""\n', '"""\na\n"""'),
        ('x = [\n    "",\n    ‸\n    "",\n]\n', '"",\n    "",'),
        ("def f():\n    x = [\n    ‸\n    ]\n", "[\n        1,\n    ]"),
    ],
)
def test_the_lines_below_are_the_texts_own_if_they_close_what_the_text_opened(
    marked: str, written: str
) -> None:
    """That they stand below again does not make them superfluous."""
    assert shown(marked, written) == written


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        ("namespace a {\nvoid f() {\n  ‸\n}\n", "return;\n}"),
        ("# a\n‸\n---\n", "b\n---"),
    ],
)
def test_brackets_that_the_document_lacks_are_shown(marked: str, written: str) -> None:
    """The one below closes something else; and a rule under a heading closes nothing."""
    assert shown(marked, written) == written


@pytest.mark.parametrize(
    ("marked", "written", "language"),
    [
        ("/// ‸\nfn f() {}\n", "```\n/// let x = 1;\n/// ```", "rust"),
        ('def f():\n    """A.\n\n‸\n    """\n', "```python\n    x = 1\n    ```", "python"),
        ('def f():\n    """A.\n\n    ‸\n    """\n', "```python\n    x = 1\n    ```", "python"),
        ("# Title\n\n‸\n", "```python\nx = 1\n```", "markdown"),
        ("# Title\n\n‸\n", "```python\nx = 1\n```", "mdx"),
        ("# Title\n\n‸\n", "```{r}\nx <- 1\n```", "quarto"),
        ("# Title\n\n‸\n", "```r\nx <- 1\n```", "rmd"),
    ],
)
def test_a_fence_in_prose_is_text(marked: str, written: str, language: str) -> None:
    """In Markdown and its kin, and in documentation comments, it is what was wanted."""
    assert settled(written, snapshot(marked, language=language)) == written


@pytest.mark.parametrize(
    ("marked", "written"),
    [
        ("def f():\n    return 1\n\n‸", "\ndef g():\n    return 2"),
        ("x = 1\n\n‸", "\n@cache\ndef g():\n    return 2"),
        ("x = 1\n\n‸", "\nasync def g():\n    return 2"),
        ("def f():\n    return 1\n\n‸", "\nx = f()"),
        ("x = 1\n‸", "\ny = 2"),
        ("x = 1\n\n‸\nz = 3\n", "\ny = 2"),
    ],
)
def test_blank_lines_that_are_due_stay(marked: str, written: str) -> None:
    """Two around what Python defines at the top level, one elsewhere."""
    assert shown(marked, written) == written


@pytest.mark.parametrize(
    ("marked", "written"), [("   ‸\n", " return 1"), ("if a:\n   ‸\n", " b()"), ("a ‸ b\n", " c")]
)
def test_a_space_that_completes_the_indentation_stays(marked: str, written: str) -> None:
    """Behind three of them it makes the fourth; and inside of a line it may be meant."""
    assert shown(marked, written) == written
