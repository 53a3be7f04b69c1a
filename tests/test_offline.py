"""What the offline matchers propose, shown on texts with the cursor marked as ‸."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.model import Prompt
from tests.offline_prompts import PARAMETERS, TESTING, URI, complete, matcher_of, prompt_at

OPENING = """\
import json
import logging

log = logging.getLogger(__name__)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
"""


def test_rest_of_a_line_comes_from_another_file() -> None:
    """The line that began in the same way is continued."""
    marked = "import logging\n\nlog = ‸\n"
    assert complete(marked, OPENING) == "logging.getLogger(__name__)"


def test_rest_of_a_line_comes_from_the_document_above() -> None:
    """No other file is needed."""
    marked = (
        OPENING * 20 + "\n\ndef read(path):\n    with open(path, ‸\n        return file.read()\n"
    )
    assert complete(marked) == 'encoding="utf-8") as file:'


def test_rest_of_a_line_comes_from_the_document_below() -> None:
    """What follows the cursor counts as well as what precedes it."""
    marked = "import logging\n\nlog = logging.‸\n" + OPENING * 20
    assert complete(marked) == "getLogger(__name__)"


def test_word_that_was_begun_is_finished() -> None:
    """Only what is missing of the word is proposed."""
    assert complete("import json\nimport logging\n\nlog = logging.getLo‸\n", OPENING) == (
        "gger(__name__)"
    )


def test_match_does_not_begin_inside_a_word() -> None:
    """`concat` is not a place where `cat` was written."""
    begin = "entry, other = read()\n"
    source = f"{begin}concat(entry, other)\n"
    assert complete(f"{begin}con‸\n", source) == "cat(entry, other)"
    assert complete(f"{begin}cat‸\n", source) == ""


def test_lines_that_stood_together_come_together() -> None:
    """On an empty line, a run is proposed if all the longest matches agree in it."""
    marked = """\
class Other:
    def test_two(self):
        self.message = Message("hello", self.sender)
        client = self.connect()
        ‸
"""
    assert complete(marked, TESTING) == (
        "client.send(self.message)\n        self.assertTrue(client.received)"
    )


def test_run_of_lines_ends_where_the_matches_part() -> None:
    """What only some of the matches go on with is left out."""
    marked = "def go(self):\n    client = self.connect()\n    ‸\n"
    same = "def go(self):\n    client = self.connect()\n    client.send(self.message)\n"
    others = [same + f"    client.close({number})\n" for number in range(4)]
    assert complete(marked, *others) == "client.send(self.message)"


def test_run_of_lines_ends_at_a_blank_line_and_at_a_dedent() -> None:
    """A run never leaves the block that it begins in."""
    begin = "def go(self):\n    for item in self.items:\n        "
    for end in ("\n", "    return self.total\n"):
        source = f"{begin}self.total += item.price\n{end}        left = 1\n"
        assert complete(f"{begin}‸\n", source) == "self.total += item.price"


def test_run_of_lines_takes_the_indentation_of_the_document() -> None:
    """Steps of two become steps of four; the first line begins at the cursor."""
    source = "def go(a):\n  b = first(a)\n  if b:\n    b = second(a)\n    third(a, b)\n  return b\n"
    marked = "class C:\n    def go(a):\n        b = first(a)\n        ‸\n"
    assert complete(marked, source) == (
        "if b:\n            b = second(a)\n            third(a, b)\n        return b"
    )


def test_indentation_that_is_missing_is_added() -> None:
    """The cursor still stands where the line above begins, the source is one step deeper."""
    begin = "@cached\n@retried(times=3)\ndef go(a, b):\n"
    source = f"{begin}    return first(a)\n"
    assert complete(f"def first(x):\n    pass\n\n\n{begin}‸\n", source) == "    return first(a)"


def test_line_after_a_gap_is_not_proposed_without_one() -> None:
    """Below the last line of a function nothing comes of the function that follows elsewhere."""
    source = "def go(a):\n    b = first(a)\n    return b\n\n\n    c = 2\n"
    assert complete("def go(a):\n    b = first(a)\n    return b\n    ‸\n", source) == ""


def test_text_after_the_cursor_ends_the_proposal() -> None:
    """A bracket that the editor has closed already is not closed again."""
    assert complete("import logging\n\nlog = logging.getLogger(‸)\n", OPENING) == "__name__"
    assert complete("import logging\n\nlog = ‸(__name__)\n", OPENING) == "logging.getLogger"


def test_inner_brackets_are_closed_before_the_text_after_the_cursor() -> None:
    """The bracket after the cursor is the outer one."""
    begin = "first, second = read(a, b)\ntotal = add("
    assert complete(f"{begin}‸)\n", f"{begin}first(a), second(b))\n") == "first(a), second(b)"


def test_nothing_if_the_text_after_the_cursor_does_not_fit() -> None:
    """A line that never comes to what stands after the cursor is of no use."""
    assert complete("import logging\n\nlog = logging.getLogger(‸, None]\n", OPENING) == ""


def test_nothing_from_the_line_itself() -> None:
    """The cursor's own line and its end do not count as a place found."""
    assert complete("value = compute(value = compute(‸\n") == ""
    assert complete("alpha(beta, gamma\nalpha(‸beta, gamma\n") == ""


def test_nothing_that_stands_on_the_next_line_already() -> None:
    """A line is not proposed above its own copy."""
    source = "def go(a):\n    b = first(a)\n    return second(b)\n"
    assert complete("def go(a):\n    b = first(a)\n    ‸\n", source) != ""
    marked = "def go(a):\n    b = first(a)\n    ‸\n    return second(b)\n"
    assert complete(marked, source) == ""


def test_run_stops_before_the_line_that_follows() -> None:
    """What fills a hole ends where the document goes on."""
    marked = TESTING.replace("client.send(self.message)", "‸")
    assert complete(marked, TESTING) == "client.send(self.message)"


@pytest.mark.parametrize(
    "marked", ["‸", "\n‸\n", "    ‸", "x‸", "print(‸", "    return ‸\n", "‸ tail", "\n\n\n‸\n\n"]
)
def test_nothing_without_a_source(marked: str) -> None:
    """A document that has nothing alike, and no other text, gets no ghost text."""
    assert complete(marked) == ""


def test_nothing_if_matches_disagree() -> None:
    """As many continuations as places found are a guess."""
    others = [f"def go(self):\n    self.{name} = None\n" for name in ("a", "b", "c", "d", "e")]
    assert complete("def go(self):\n    self.‸\n", *others) == ""


def test_votes_decide_among_matches_that_are_equally_long() -> None:
    """Three files against one."""
    often = "result = find(key, default=None)\n"
    once = "result = find(key, strict=True)\n"
    marked = "key = 1\ndefault = 2\nstrict = 3\nresult = find(key, ‸\n"
    assert complete(marked, once, *[often] * 20, copies=1) == "default=None)"


def test_longer_match_outweighs_votes() -> None:
    """The same lines above count for more than many lines that begin alike."""
    alike = "result = find(key, default=None)\n"
    same = "key = read(source)\nlock = Lock()\nresult = find(key, lock)\n"
    marked = "key = read(source)\nlock = Lock()\nresult = find(‸\n"
    assert complete(marked, *[alike] * 5, *[same] * 3, copies=5) == "key, lock)"


def test_nearest_text_wins_among_equals() -> None:
    """Texts come nearest first; nothing else tells these two apart."""
    begin = "first, second = one(a, b), two(a, b)\nsettings = read(first, second, a, b)\nvalue = "
    near, far = f"{begin}first.price\n", f"{begin}second.price\n"
    assert complete(f"{begin}‸\n", *[near] * 90, *[far] * 90, copies=1) == "first.price"
    assert complete(f"{begin}‸\n", *[far] * 90, *[near] * 90, copies=1) == "second.price"


TEXTS = st.text(alphabet="ab_ (){}[]=.:,\"'\n\r\t#é\u2028", max_size=80)


@settings(deadline=None)
@given(prefix=TEXTS, suffix=TEXTS, others=st.lists(TEXTS, max_size=4))
def test_any_text_gives_a_clean_proposal_or_none(
    prefix: str, suffix: str, others: list[str]
) -> None:
    """Nothing raises; what is proposed is not blank and has no carriage return."""
    prompt = Prompt(uri=URI, language="python", prefix=prefix, suffix=suffix, parameters=PARAMETERS)
    proposal = matcher_of(*others).propose(prompt, enough=0)
    assert proposal is None or (proposal.text.strip() and "\r" not in proposal.text)


@settings(deadline=None)
@given(lines=st.lists(st.sampled_from(["a = b", "  c(d)", "if e:", "", "\tf\r"]), max_size=30))
def test_repetitive_text_gives_a_clean_proposal_or_none(lines: list[str]) -> None:
    """The same where nearly everything matches."""
    prompt = prompt_at("\n".join(lines) + "\n‸\n")
    proposal = matcher_of("\n".join(lines[::-1])).propose(prompt, enough=0)
    assert proposal is None or (proposal.text.strip() and "\r" not in proposal.text)
