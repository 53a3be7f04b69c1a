"""What is shown of what models write, case by case; and the corpus itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from codestral_ls.model import Reason
from tests.marked import CURSOR
from tests.shaped import Shown, show
from tests.shaping.cases import CASES, QUIET, SOME, Case, Malformed, all_cases, read_cases
from tests.shaping.cut import SOURCES, file_of, name_of

CORPUS = tuple(all_cases())
ENDED = tuple(each for each in CORPUS if each.finish_reason == "stop")
"""A line end behind a text that was torn would say that its last line is whole."""


def shown(case: Case, *, pieces: tuple[str, ...] = ()) -> Shown:
    """What a user sees in a case."""
    return show(
        case.written,
        case.snapshot,
        settings=case.settings,
        trigger=case.trigger,
        edit=case.edit,
        finish_reason=case.finish_reason,
        pieces=pieces,
    )


def is_named(case: Case, seen: Shown) -> bool:
    """Whether the trace says who is responsible; a model that wrote nothing needs no rule."""
    if case.rule == QUIET:
        return seen.reason not in {"", Reason.EMPTY, Reason.SHAPED_AWAY}
    if case.rule == SOME:
        return bool(seen.rules) or seen.reason == Reason.EMPTY
    return case.is_keep or case.rule in seen.rules


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in CORPUS])
def test_a_case_of_the_corpus(case: Case) -> None:
    """What is shown, what it replaces, and that the rule which did it is named."""
    seen = shown(case)
    where = f"{case}: {seen}"
    assert (seen.text, seen.replaces) == (case.shown, case.replaces), where
    assert is_named(case, seen), where


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in ENDED])
def test_a_line_end_behind_what_was_written_changes_nothing(case: Case) -> None:
    """Some models end every text with one."""
    seen = shown(replace(case, written=f"{case.written}\n"))
    assert (seen.text, seen.replaces) == (case.shown, case.replaces), f"{case}: {seen}"


def test_how_the_corpus_is_composed() -> None:
    """Many cases in many languages, and a third at least are right and arrive untouched."""
    assert len(CORPUS) >= 300
    assert len({each.language for each in CORPUS}) >= 12
    assert 3 * sum(each.is_keep for each in CORPUS) >= len(CORPUS)
    assert len({each.name for each in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("path", sorted(SOURCES.iterdir()), ids=lambda path: path.name)
def test_what_was_cut_out_of_a_file_fits_into_it(path: Path) -> None:
    """With its text in it, the document of such a case is a piece of the file again."""
    text = path.read_text(encoding="utf-8")
    cut = [each for each in CORPUS if f"({path.name}:" in each.title]
    assert cut
    assert all(each.document.replace(CURSOR, each.written) in text for each in cut)


@pytest.mark.parametrize("path", sorted(SOURCES.iterdir()), ids=lambda path: path.name)
def test_cutting_a_file_again_gives_the_same_cases(path: Path) -> None:
    """Nobody has corrected one by hand."""
    assert (CASES / "cut" / name_of(path)).read_text(encoding="utf-8") == file_of(path)


GOOD = "=== a title\nlanguage: c\nrule: keep\n--- document\nx = ‸;\n--- written\n1\n"


def test_marks_stand_for_what_could_not_be_seen() -> None:
    """Blanks, line ends and the end of a document; empty lines between cases are layout."""
    text = (
        "# about\nlanguage: go\n\n=== one\nrule: some\nmax_lines: 5\nreplaces: 1\n--- document\n"
        "\tx‸⇥␠\n∎\n--- written\n⏎\na⏎\n⏎\n\n\n--- shown\na␍\n\n" + GOOD
    )
    one, two = read_cases(text, CASES / "a.txt")
    assert (one.document, one.written, one.shown) == ("\tx‸\t \n", "\na\n\n", "a\r")
    assert (one.rule, one.settings.max_lines, one.replaces) == ("some", 5, 1)
    assert (two.document, two.shown, two.language) == ("x = ‸;\n", "1", "c")
    assert (one.name, one.uri, one.line) == ("a:one", "file:///w/a.go", 4)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (GOOD, "language: c\n", "a.txt:1: there is no case"),
        ("language: c", "languish: c", "a.txt:2: no header and no setting is called 'languish'"),
        ("language: c", "c", "a.txt:2: neither a header nor a section: 'c'"),
        ("language: c\n", "", "a.txt:1: a case needs the header 'language'"),
        ("--- written\n1\n", "", "a.txt:1: a case needs the section 'written'"),
        ("--- written", "--- wrote", "a.txt:6: no section is called 'wrote'"),
        ("--- written", "--- document", "a.txt:6: a second section 'document'"),
        ("x = ‸;", "x = ;", "a.txt:4: a document has one cursor"),
        ("x = ‸;", "‸∎\nx", "a.txt:4: something stands behind"),
        ("x = ‸;", "x = ‸; ", "a.txt:5: blanks at the end of a line"),
        ("rule: keep", "rule: keep\nmax_lines: few", "a.txt:4: max_lines can't be 'few'"),
        ("rule: keep", "rule: keep\ntrigger: magic", "a.txt:4: trigger can't be 'magic'"),
        ("rule: keep", "rule: keeps", "a.txt:3: no rule is called 'keeps'"),
        ("rule: keep", "rule: quiet", "a.txt:1: a case of 'quiet' expects silence"),
        ("1\n", "1\n--- shown\n2\n", "a.txt:8: a case of 'keep' shows what was written"),
        ("1\n", "1\n--- shown\n\n", "a.txt:8: what is shown is blank"),
        ("1\n", "1\n--- silence\n2\n", "a.txt:8: silence has no text"),
        ("1\n", "1\n--- silence\n--- shown\n", "a.txt:1: either text is shown or"),
        ("1\n", "1\n=== a title\n", "a.txt:8: line 1 has a case of this title already"),
    ],
)
def test_a_case_that_cannot_be_read_is_told_with_its_line(
    old: str, new: str, complaint: str
) -> None:
    """Who writes a case badly learns what is wrong with it, and where."""
    with pytest.raises(Malformed) as caught:
        list(read_cases(GOOD.replace(old, new), Path("a.txt")))
    assert str(caught.value).startswith(complaint)
