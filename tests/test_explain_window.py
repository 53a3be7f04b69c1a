"""What an editor shows of the latest requests in a window: short lines, nothing cut, or a word."""

from codestral_ls.explaining import COLUMNS, INDENT, explain
from tests.test_explain import OUTCOME

DETAIL = "the key was not accepted: set `MISTRAL_API_KEY` to one of codestral.mistral.ai, or "
PATH = f"{'a-folder/' * 12}orders.py"


def test_long_lines_go_on_below() -> None:
    """Indented by one step more than where they began; the words are the same."""
    text = explain([{**OUTCOME, "outcome": "unauthorized", "detail": DETAIL * 3}])
    lines = text.splitlines()
    assert max(map(len, lines)) <= COLUMNS
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{INDENT}the key"))
    assert lines[at + 1].startswith(INDENT * 2)
    assert not lines[at + 1].startswith(INDENT * 2 + " ")
    assert (DETAIL * 3).split() == " ".join(lines[at : at + 5]).split()[: len((DETAIL * 3).split())]


def test_a_path_is_not_cut() -> None:
    """It can be copied, and many editors open it where it stands."""
    text = explain([{**OUTCOME, "path": PATH}])
    assert f"{PATH}:39:24" in text.split()


def test_paragraphs_are_apart() -> None:
    """One blank line between two, and none at the beginning or the end."""
    text = explain([OUTCOME, OUTCOME])
    assert text.count("\n\n") == 1
    assert text.strip("\n") + "\n" == text


def test_where_nothing_happened_it_is_said() -> None:
    """An empty window would look like a mistake."""
    assert explain([]) == "Nothing has been asked for in this session so far.\n"
