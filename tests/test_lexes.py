"""What brackets, strings and comments are in each language."""

import pytest

from codestral_ls.lexes import LEXES, lexis_of
from codestral_ls.shaping.scan import scan


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "case $a in\n  b) c # (\n"),
        ("csharp", 'x = """\n  (\n  """;'),
        ("dart", "x = '''\n(\n''';"),
        ("erlang", "f($() -> $\", % (\n  '('."),
        ("fish", "echo '(' # ("),
        ("groovy", "x = '''\n(\n'''"),
        ("java", 'x = """\n  (\n  """;'),
        ("less", "@import url(http://a/b); // ("),
        ("nim", "#[ (\n]# x = '(' # ("),
        ("org", "it's :( and\nthat's it"),
        ("scss", "a { b: url(//c/d); } // {"),
        ("zig", "const x =\n    \\\\ it's \"(\n;"),
        ("zsh", "echo ${#a} # ("),
    ],
)
def test_nothing_is_open_behind_a_text(language: str, text: str) -> None:
    """Brackets count where they are code, and what looks like a quote is no string."""
    scanned = scan(text, LEXES[language])
    assert scanned.inside in {"", "\n"}
    marks = [each.char for each in scanned.marks]
    assert sum(each in "([{" for each in marks) == sum(each in ")]}" for each in marks)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("bash", "if a; then"),
        ("erlang", "f(X) ->"),
        ("fish", "for a in b c"),
        ("fish", "else if test -f a"),
        ("nim", "proc f(x: int): int ="),
        ("scss", "a:hover,"),
        ("zig", "fn f() void {"),
    ],
)
def test_a_line_opens_a_block(language: str, line: str) -> None:
    """By what the language begins blocks with."""
    assert lexis_of(language).opens.search(line)


def test_a_language_nobody_has_heard_of_is_read_as_c() -> None:
    """Most are of that family."""
    scanned = scan("f(a); /* { */ // (", lexis_of("brainstorm"))
    assert [each.char for each in scanned.marks] == ["(", ")"]
