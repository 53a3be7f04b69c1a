"""What the offline matcher draws upon: its texts, their kinds, and names of the cursor's own."""

from dataclasses import replace

import pytest

from codestral_ls.context.matching import matcher as matching
from codestral_ls.context.matching.matcher import Matcher
from codestral_ls.context.matching.renaming import Renaming, pair_names
from codestral_ls.context.matching.tokens import OPEN_TOKEN, TOKEN, Tokenizer, read_text
from codestral_ls.languages import language_of
from codestral_ls.model import Prompt
from tests.offline_prompts import PARAMETERS, complete, prompt_at

BEGIN = "import json\nimport logging\n\nlog = "
SOURCE = f"{BEGIN}logging.getLogger(__name__)\n"


def answer(matcher: Matcher, path: str = "main.py", marked: str = f"{BEGIN}‸\n") -> str:
    proposal = matcher.propose(prompt_at(marked, path))
    return proposal.text if proposal else ""


def filled(*paths: str) -> Matcher:
    """A matcher with enough copies of a text to pass the gate."""
    matcher = Matcher()
    for path in paths:
        folder, dot, ending = path.rpartition(".")
        for number in range(20):
            name = f"{folder}{number}{dot}{ending}"
            matcher.put(name, language_of(name), SOURCE)
    return matcher


def test_text_that_was_dropped_is_not_drawn_upon() -> None:
    """Neither is one that was replaced."""
    matcher = filled("a.py")
    assert answer(matcher) == "logging.getLogger(__name__)"
    for number in range(20):
        matcher.put(f"a{number}.py", "python", SOURCE.replace("getLogger(__name__)", "root"))
    assert answer(matcher) == "logging.root"
    for number in range(20):
        matcher.drop(f"a{number}.py")
    assert answer(matcher) == ""
    matcher.drop("never.py")
    assert (matcher.files, matcher.chars) == (0, 0)


def test_size_is_known() -> None:
    """It changes with what is put and dropped."""
    matcher = Matcher()
    matcher.put("a.py", "python", "abc")
    matcher.put("b.py", "python", "abcde")
    matcher.put("a.py", "python", "a")
    assert (matcher.files, matcher.chars) == (2, 6)
    matcher.drop("b.py")
    assert (matcher.files, matcher.chars) == (1, 1)


def test_texts_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are there stay; one that has grown too long is not kept as it was."""
    monkeypatch.setattr(matching, "MOST_CHARS", 10)
    matcher = Matcher()
    matcher.put("a.py", "python", "12345678")
    matcher.put("b.py", "python", "123")
    assert (matcher.files, matcher.chars) == (1, 8)
    matcher.put("a.py", "python", "1234567890")
    assert matcher.chars == 10
    matcher.put("a.py", "python", "12345678901")
    assert (matcher.files, matcher.chars) == (0, 0)


def test_question_looks_through_the_nearest_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is far away is left out when there is too much."""
    monkeypatch.setattr(matching, "QUESTION_CHARS", 30 * len(SOURCE))
    matcher = filled("far/away/a.py")
    assert answer(matcher, "near/main.py") == "logging.getLogger(__name__)"
    for number in range(20):
        matcher.put(f"near/b{number}.py", "python", SOURCE.replace("getLogger(__name__)", "root"))
    assert answer(matcher, "near/main.py") == "logging.root"


@pytest.mark.parametrize(
    ("language", "is_drawn_upon"),
    [("typescript", True), ("javascriptreact", True), ("python", False), ("css", False)],
)
def test_only_files_of_one_family_are_drawn_upon(language: str, *, is_drawn_upon: bool) -> None:
    """Code of one language is no example for another one."""
    prompt = replace(prompt_at(f"{BEGIN}‸\n", "main.tsx"), language=language)
    assert bool(filled("a.ts").propose(prompt)) == is_drawn_upon


def test_document_itself_is_drawn_upon_as_it_is_now() -> None:
    """Otherwise a line that was just deleted would come back from its copy on disk."""
    matcher = Matcher()
    matcher.put("main.py", "python", SOURCE * 40)
    assert answer(matcher, "main.py") == ""
    assert answer(matcher, "other.py") == "logging.getLogger(__name__)"
    without_path = Prompt(
        uri="file:///project/main.py",
        language="python",
        prefix=BEGIN,
        suffix="\n",
        parameters=PARAMETERS,
    )
    assert matcher.propose(without_path) is None


FIELDS = "".join(
    f"    def set_{name}(self, {name}):\n        self.{name} = {name}\n"
    f"        self.notify('{name}')\n\n"
    for name in ("title", "color", "border", "margin", "padding")
)


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("        self.", "width = width"),
        ("        self.width = ", "width"),
        ("        self.width = width\n        self.notify(", "'width')"),
        ("        self.width = width\n        self.not", "ify('width')"),
    ],
)
def test_pattern_goes_on_with_the_names_of_the_cursor(typed: str, rest: str) -> None:
    """What is the same but for its names is found, and its names are replaced."""
    marked = f"class Box:\n{FIELDS}    def set_width(self, width):\n{typed}‸\n"
    assert complete(marked).split("\n")[0] == rest


def test_run_of_lines_takes_the_names_of_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """All lines of a proposal do."""
    monkeypatch.setattr(matching, "ENOUGH_FOR_A_RUN", 0.5)
    marked = f"class Box:\n{FIELDS}    def set_width(self, width):\n        ‸\n"
    assert complete(marked) == "self.width = width\n        self.notify('width')"


def test_parts_of_names_are_replaced_in_other_spellings() -> None:
    """A name is made of words, and a string often is a name."""
    rename = Renaming({"height": "width", "old_key": "new_key"})
    assert rename("max_height + getHeight('height', HEIGHT)") == (
        "max_width + getWidth('width', WIDTH)",
        4,
    )
    assert rename("heights, lengthheight, old_value") == ("heights, lengthheight, new_value", 1)
    assert rename("nothing.of(that)") == ("nothing.of(that)", 0)


def test_name_that_stands_for_two_is_the_nearest() -> None:
    """Keywords and punctuation are no names."""
    assert pair_names(["a", "=", "b", "a"], ["x", "=", "b", "y"], "a=aa") == {"a": "x"}


def test_tokens() -> None:
    """Strings are one each, open ones as well; apostrophes of prose and rulers are none."""
    assert TOKEN.findall("x = f(\"a 'b'\", 'c\\'d')  # don't ----") == [
        *("x", "=", "f", "(", "\"a 'b'\"", ",", "'c\\'d'", ")", "#", "don", "'", "t", "----"),
    ]
    assert OPEN_TOKEN.findall("f('a', \"b c") == ["f", "(", "'a'", ",", '"b c']


def test_tokens_lead_back_to_their_lines() -> None:
    """Blank lines have none, long ones have one, and each line that has some has an end."""
    long = "x," * 400
    text = read_text(f"a = b\n\n  c\n{long}\nd\n")
    assert [text.line_at(index) for index in range(len(text.ids))] == [0, 0, 0, 0, 2, 2, 3, 3, 4, 4]
    assert Tokenizer().words_before(text, 6, 9) == ["\n", "c", "\n", "b", "=", "a"]
    assert Tokenizer().words_before(text, 8, 2) == ["\n", long]
    assert text.written_above(2) == "a = b"
    assert text.written_below(0) == "  c"
    assert (text.written_above(0), text.written_below(4)) == ("", "")


def test_lines_read_before_are_read_alike() -> None:
    """What is remembered changes nothing."""
    tokenizer, text = Tokenizer(), "a = b\n\nc('d')\na = b\n"
    assert tokenizer.read(text) == tokenizer.read(text) == read_text(text)
