"""What makes the offline provider certain enough to show something, and what one question costs."""

import time

import pytest

from codestral_ls.context.corpus import QUESTION_CHARS
from codestral_ls.fim import offline
from codestral_ls.fim.matching import HIT_CHARS, Effort, find_words
from codestral_ls.fim.offline import propose
from codestral_ls.model import SourceText
from tests.offline_prompts import TESTING, complete, prompt_at


def test_agreement_gives_confidence() -> None:
    """More places with the same continuation make it more certain."""
    begin = "import json\nimport logging\n\nsettings = read_settings()\nlog = "
    source = f"{begin}logging.root\n"
    texts = [SourceText(uri=f"file:///{number}.py", text=source) for number in range(40)]
    few = propose(prompt_at(f"{begin}‸\n"), texts[:10])
    many = propose(prompt_at(f"{begin}‸\n"), texts)
    assert few is not None
    assert many is not None
    assert 0 < few.confidence < many.confidence <= 1


def test_line_that_follows_gives_confidence() -> None:
    """The place found goes on like the document does after the cursor."""
    source = [SourceText(uri="file:///a.py", text=TESTING)]
    marked = TESTING.replace("self.message)", "‸")
    with_line = propose(prompt_at(marked), source)
    without = propose(prompt_at(marked.partition("‸")[0] + "‸\n"), source)
    assert with_line is not None
    assert with_line.confidence > (without.confidence if without else 0.0)


LOGGING = "    log.info('request %s took %s ms', name, ms)\n"
CALLING = (
    "def go{}(self):\n    client = connect(self.address, timeout={})\n    client.send(self.{})\n"
)


def test_line_that_stands_three_times_is_finished() -> None:
    """Three places are enough where all of them go on alike from half a line."""
    marked = "def go(name, ms):\n" + LOGGING * 3 + "    log.info('request %s took‸\n"
    assert complete(marked) == " %s ms', name, ms)"


def test_line_of_three_blocks_is_finished() -> None:
    """What stands around the line need not be the same."""
    blocks = "".join(CALLING.format(n, 5, f"part{n}") for n in range(3))
    assert complete(f"{blocks}def last(self):\n    client = conn‸\n") == (
        "ect(self.address, timeout=5)"
    )


@pytest.mark.parametrize(
    ("timeouts", "typed"),
    [((5, 5), "client = conn"), ((5, 5, 5), "client ="), ((5, 5, 6), "client = conn")],
    ids=["two places", "too little typed", "one place differs"],
)
def test_few_places_need_half_a_line_and_agreement(timeouts: tuple[int, ...], typed: str) -> None:
    """Otherwise three are not enough."""
    blocks = "".join(CALLING.format(n, each, f"part{n}") for n, each in enumerate(timeouts))
    assert complete(f"{blocks}def last(self):\n    {typed}‸\n") == ""


def test_very_long_lines_are_not_drawn_upon() -> None:
    """Minified text in an open document costs little and gives nothing."""
    assert complete("call(‸\n", "call(" + "x," * 200_000) == ""


def test_indentation_of_a_text_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places in it are compared."""
    asked: list[str] = []

    def counting(text: str) -> str:
        asked.append(text)
        return "    "

    monkeypatch.setattr(offline, "unit_of", counting)
    line = "log.info(name)\n"
    assert complete(line * 10 + "‸", line * 20 + "# 1\n", line * 20 + "# 2\n", copies=1)
    assert len(asked) == len(set(asked)) == 3


def filled(piece: str) -> str:
    """As much text as there is for one question."""
    return (piece * (QUESTION_CHARS // len(piece) + 1))[:QUESTION_CHARS]


@pytest.mark.parametrize(
    ("marked", "other"),
    [
        (LOGGING * 300 + "    ‸\n", LOGGING),
        (LOGGING * 300 + LOGGING[:20] + "‸\n", LOGGING),
        (LOGGING + "\n" * 4_000 + LOGGING[:20] + "‸\n", LOGGING + "\n" * 4_000),
        ("import a.e‸\n", "be.ea "),
        ("a,b.c(d) " * 800 + "‸\n", "a,b.c(d) " * 800 + "\n"),
        ("x0\nx1\nx2\n" * 3_000 + "x1‸\n", "x0\nx1\nx2\nx3\nx4\nx5\nx6\n"),
        ("f(‸" + ")" * 400 + "\n", "f(" + "(" * 180 + "\n"),
    ],
    ids=["equal lines", "half a line", "blank lines", "in words", "long", "short", "brackets"],
)
def test_no_text_takes_long(marked: str, other: str) -> None:
    """Twenty milliseconds are usual (see the benchmark); this only catches what runs away."""
    prompt, texts = prompt_at(marked), [SourceText(uri="file:///other.py", text=filled(other))]
    started = time.process_time()
    propose(prompt, texts)
    assert time.process_time() - started < 1.0


def test_search_ends_when_its_effort_is_spent() -> None:
    """What was found by then is what there is."""
    effort = Effort(chars=10 * HIT_CHARS)
    assert 0 < len(list(find_words("a", "a " * 1_000, effort))) <= 10
    assert list(find_words("a", "a", effort)) == []
