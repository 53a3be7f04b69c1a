"""Whatever a text is, its outline is made, and its symbols stand where they are said to."""

from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.context.index.imports import find_imports, reexports
from codestral_ls.context.index.line_outline import find_by_lines
from codestral_ls.context.index.line_patterns import PATTERNS
from codestral_ls.context.index.outline import ROWS, outline
from codestral_ls.context.index.receivers import receiver_types
from codestral_ls.context.index.signatures import MOST_LINES, signature
from tests.outlined import SOURCES
from tests.outlined_others import OTHERS

KINDS = {"function", "method", "class", "constant", "field", "module", "type"}
LANGUAGES = sorted({*ROWS, *PATTERNS, "plaintext", "unheard-of"})
PIECES = sorted(
    {
        piece
        for source in (*SOURCES.values(), *(source for source, _ in OTHERS.values()))
        for line in source.splitlines(keepends=True)
        for piece in (line, line.strip(), *line.split())
    }
)
CODE = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.sampled_from(list("(){}[]<>:;,.\"'`#/*\\ \n\t\0\ud800é\U0001d49c")),
    ),
    max_size=60,
).map("".join)
ANY = st.one_of(CODE, st.text(max_size=300))


@given(language=st.sampled_from(sorted(ROWS)), text=ANY)
def test_every_name_stands_on_the_line_of_its_symbol(language: str, text: str) -> None:
    """As the text is written, where a tree tells."""
    lines = text.encode("utf-8", "replace").decode().split("\n")
    for symbol in outline(language, text):
        assert symbol.name in lines[symbol.line]


@given(language=st.sampled_from(LANGUAGES), text=ANY)
def test_symbols_are_in_order_and_of_known_kinds(language: str, text: str) -> None:
    """By both ways to find them."""
    for symbols in (outline(language, text), find_by_lines(language, text)):
        lines = [symbol.line for symbol in symbols]
        assert lines == sorted(lines)
        assert not lines or lines[-1] <= text.count("\n")
        assert {symbol.kind for symbol in symbols} <= KINDS
        assert all(symbol.name for symbol in symbols)


@given(language=st.sampled_from(LANGUAGES), text=ANY, data=st.data())
def test_heads_end_within_the_text_and_docs_stand_in_it(
    language: str, text: str, data: st.DataObject
) -> None:
    """From any line on, whether something is defined in it or not."""
    lines = text.split("\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    found = signature(language, lines, line)
    assert line <= found.last < min(line + MOST_LINES, len(lines))
    assert found.doc == -1 or lines[found.doc].strip()
    assert found.doc < len(lines)


@given(language=st.sampled_from(LANGUAGES), text=ANY)
def test_imports_and_receivers_are_found_in_anything(language: str, text: str) -> None:
    """Modules and names that stand in the text; no empty ones."""
    for each in (*find_imports(language, text), *reexports(language, text)):
        assert each.module
        assert all(name in text for name in each.names)
    assert all(name in text for name in receiver_types(language, text))
