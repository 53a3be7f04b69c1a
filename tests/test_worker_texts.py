"""Which texts are shown, and how much of them is kept: read from disk, and in the matcher."""

import os

from codestral_ls.context.index.stores import MATCHED_FILE_CHARS, Stores
from codestral_ls.context.index.texts import Texts
from tests.worker_parts import RecordingMatcher, RecordingRanker, prompt, question
from tests.workspace_files import Write


class Reading:
    """Texts without any secret, and how often they were read."""

    def __init__(self, most: int = 1_000) -> None:
        self.denied: set[str] = set()
        self.read: list[str] = []
        self.texts = Texts(self.denied.__contains__, self._redact, most=most)

    def _redact(self, text: str) -> str:
        self.read.append(text)
        return text.replace("hunter2", "*******")


def test_same_text_is_read_once(write: Write) -> None:
    """Until the file has another size or time."""
    path, reading = write("a.py", "pass = 'hunter2'\n"), Reading()
    for _ in range(2):
        assert reading.texts.read(str(path)) == "pass = '*******'\n"
    assert len(reading.read) == 1
    write("a.py", "x = 1\n")
    assert reading.texts.read(str(path)) == "x = 1\n"
    os.utime(path, ns=(1, 1))
    assert reading.texts.read(str(path)) == "x = 1\n"
    assert len(reading.read) == 3


def test_file_that_is_gone_or_denied_has_no_text(write: Write) -> None:
    """Even if it was read a moment ago; a path that cannot be one has none either."""
    path, reading = write("a.py"), Reading()
    assert reading.texts.read(str(path))
    reading.denied.add(str(path))
    assert reading.texts.read(str(path)) == ""
    reading.denied.clear()
    assert reading.texts.read(str(path))
    path.unlink()
    assert (reading.texts.read(str(path)), reading.texts.read("a\0b")) == ("", "")


def test_only_so_much_is_remembered(write: Write) -> None:
    """What was asked for last stays."""
    reading = Reading(most=25)
    one, two, three = [str(write(name, "x = 12345\n")) for name in ("1.py", "2.py", "3.py")]
    for path in (one, two, one, three, one, two):
        assert reading.texts.read(path) == "x = 12345\n"
    assert len(reading.read) == 4  # each once, and the second again


def test_matcher_takes_files_while_there_is_room() -> None:
    """The first ones, and those in the editor; a file that is dropped makes room."""
    matcher = RecordingMatcher()
    stores = Stores(None, matcher, most=10)
    stores.put("/a", "python", "x" * 6, is_open=False)
    stores.put("/b", "python", "x" * 6, is_open=False)
    stores.put("/c", "python", "x" * 6, is_open=True)
    assert set(matcher.texts) == {"/a", "/c"}
    stores.drop("/c")
    stores.put("/a", "python", "x" * 10, is_open=False)
    assert matcher.texts == {"/a": "x" * 10}
    stores.put("/a", "python", "x" * 11, is_open=False)
    assert matcher.texts == {}
    stores.put("/b", "python", "x" * 10, is_open=False)
    assert set(matcher.texts) == {"/b"}
    assert stores.counts == {"files": 2, "matched files": 1}


def test_matcher_is_spared_long_files() -> None:
    """They take their time to be taken apart, and hold little that comes again."""
    ranker, matcher = RecordingRanker(str), RecordingMatcher()
    stores = Stores(ranker, matcher)
    stores.put("/a", "python", "x" * (MATCHED_FILE_CHARS + 1), is_open=True)
    assert (set(ranker.open), matcher.texts) == ({"/a"}, {})


def test_what_is_not_wanted_answers_nothing() -> None:
    """Without ranker and matcher there is nothing to say; dropping what is unknown is fine."""
    stores = Stores(None, None)
    stores.put("/a", "python", "x", is_open=False)
    stores.put_manifest("/")
    stores.drop("/b")
    assert (stores.rank(question()), stores.propose(prompt())) == ((), "")
    assert Stores(None, RecordingMatcher()).propose(prompt()) == ""
