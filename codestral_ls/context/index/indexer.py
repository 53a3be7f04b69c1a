"""Keeps what is known of a workspace as disk and editor have it, in small steps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from codestral_ls.context.index.files import File, Found, Project, Tree
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.stores import Matcher, Ranker, Stores
from codestral_ls.context.index.texts import Texts
from codestral_ls.context.index.wire import Change, Configure, Open, Progress, apply
from codestral_ls.context.index.written import FILE_BYTES, with_lf
from codestral_ls.languages import language_of
from codestral_ls.model import Prompt, Snippet

REWALK_SECONDS = 60.0
"""At least, between two walks for clients that do not say which files change."""
WATCHED_SECONDS = 900.0
"""The same for those that do: a file may still change while nobody watches."""
REWALK_SHARE = 20
"""So many times as long as a walk took passes before the next: it costs 5 % of a core at most. What
it finds changed is not counted: that would have to be read at any time."""
REPORTED_FILES = 200
IGNORE_FILES = frozenset({".gitignore", ".codestralignore"})

Denial = Callable[[str], str]
"""The name of the privacy rule by which a file may not be read; "" if it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What an indexer works with. `rules` reads the privacy rules anew, for each walk."""

    ranker: Callable[[Sequence[str], Callable[[str], str]], Ranker]
    matcher: Callable[[], Matcher]
    rules: Callable[[Configure], Denial]
    redact: Callable[[str], str]
    now: Callable[[], float]


class _Seen(NamedTuple):
    size: int
    changed: int
    walk: int


class _Buffer(NamedTuple):
    language: str
    text: str


class Indexer:
    """The workspace of one configuration.

    `announce` is told what is about to be read, and "" when that is over; `report` is told how far
    a walk has come.
    """

    def __init__(
        self,
        configuration: Configure,
        tools: Tools,
        *,
        announce: Callable[[str], None],
        report: Callable[[Progress], None],
    ) -> None:
        self._configuration, self._tools = configuration, tools
        self._announce, self._report = announce, report
        self._bases = tuple(folder.rstrip("/") + "/" for folder in configuration.folders)
        self._skip = frozenset(configuration.skip)
        self._denial = tools.rules(configuration)
        self._texts = Texts(self._is_denied, tools.redact)
        self._tree = Tree(configuration.folders, skip=configuration.skip)
        self._stores = Stores(
            tools.ranker(configuration.folders, self.read) if configuration.rank else None,
            tools.matcher() if configuration.propose else None,
        )
        self._seen: dict[str, _Seen] = {}
        self._open: dict[str, _Buffer] = {}
        self._shown: dict[str, str] = {}
        self._stale: dict[str, None] = {}
        self._touched: dict[str, None] = {}
        self._doubtful: set[str] = set()
        self._found: Iterator[Found] = iter(())
        self._found_again: Iterator[Found] = iter(())
        self._is_watched = False
        self._must_walk, self._is_walking = True, False
        self._walk, self._walked = 0, 0
        self._began, self._ended, self._took = tools.now(), 0.0, 0.0

    # --- what the editor says

    def open(self, document: Open) -> None:
        """Takes the editor's text of a document for that on disk."""
        self._open[document.path] = _Buffer(document.language, document.text)
        self._stale[document.path] = None

    def change(self, change: Change) -> None:
        """Takes in an edit."""
        buffer = self._open.get(change.path)
        if buffer is not None:
            self._open[change.path] = buffer._replace(text=apply(change, buffer.text))
            self._stale[change.path] = None

    def close(self, path: str) -> None:
        """Goes back to the text on disk."""
        if self._open.pop(path, None) is not None:
            self._stale.pop(path, None)
            self._shown.pop(path, None)
            self._touched[path] = None

    def files_changed(self, paths: Sequence[str]) -> None:
        """Will look at these paths anew."""
        # That a document was saved is told by editors that watch nothing.
        self._is_watched = self._is_watched or any(path not in self._open for path in paths)
        self._touched.update(dict.fromkeys(paths))

    # --- what is asked

    def rank(self, question: Question) -> Sequence[Snippet]:
        """Asks the ranker, which knows all other documents to the last key."""
        self._prepare(question.path)
        return self._stores.rank(question)

    def propose(self, prompt: Prompt) -> str:
        """Asks the matcher; "" if it has nothing. The prompt's path is absolute."""
        self._prepare(prompt.path)
        return self._stores.propose(prompt)

    def read(self, path: str) -> str:
        """The text of a file as it may be shown; of an open document, as it is in the editor."""
        return self._shown.get(path, "") if path in self._open else self._texts.read(path)

    @property
    def counts(self) -> dict[str, int]:
        """How much is known."""
        return {**self._stores.counts, "open documents": len(self._open)}

    def _prepare(self, path: str) -> None:
        # The document itself is shown as the question has it, and can wait.
        for stale in [each for each in self._stale if each != path]:
            self._put_buffer(stale)
        least = WATCHED_SECONDS if self._is_watched else REWALK_SECONDS
        idle = self._tools.now() - self._ended
        if not self._is_walking and idle >= max(least, REWALK_SHARE * self._took):
            self._must_walk = True
        self._announce(path if path in self._open else "")

    # --- indexing

    def step(self) -> bool:
        """Does one small piece of work; False if there is none."""
        if self._stale:
            self._put_buffer(next(iter(self._stale)))
        elif (found := next(self._found_again, None)) is not None:
            self._take(found)
        elif self._doubtful:
            self._lose(self._doubtful.pop())
        elif self._touched:
            path = next(iter(self._touched))
            del self._touched[path]
            self._look_again(path)
        elif self._must_walk and not self._is_walking:
            self._begin_walk()
        elif self._is_walking:
            self._go_on()
        else:
            return False
        return True

    def _look_again(self, path: str) -> None:
        if path.rpartition("/")[2] in IGNORE_FILES:
            self._must_walk = True
            return
        below = path + "/"
        of_folder = self._tree.forget(path)
        self._doubtful = (
            {each for each in self._seen if each.startswith(below)} if of_folder else set()
        )
        if path in self._seen:
            self._doubtful.add(path)
        for each in self._doubtful:
            self._seen[each] = _Seen(-1, -1, self._walk)
        self._found_again = self._tree.find(path)
        if path not in self._seen and path not in self._open:
            self._stores.drop(path)  # it was open, and the walk does not take it

    def _begin_walk(self) -> None:
        self._must_walk, self._is_walking = False, True
        self._walk, self._walked = self._walk + 1, 0
        self._began, self._took = self._tools.now(), 0.0
        self._denial = self._tools.rules(self._configuration)
        self._stale.update(dict.fromkeys(self._open))  # what may be read may have changed
        self._found = self._tree.walk(near=tuple(self._open))

    def _go_on(self) -> None:
        before = self._tools.now()
        found = next(self._found, None)
        self._took += self._tools.now() - before
        if found is not None:
            self._take(found)
            self._walked += isinstance(found, File)
            if isinstance(found, File) and self._walked % REPORTED_FILES == 0:
                self._report_progress()
            return
        self._doubtful = {path for path, seen in self._seen.items() if seen.walk != self._walk}
        self._is_walking = False
        self._ended = self._tools.now()
        self._report_progress()

    def _report_progress(self) -> None:
        seconds = self._tools.now() - self._began
        self._report(Progress(counts=self.counts, seconds=seconds, done=not self._is_walking))

    def _take(self, found: Found) -> None:
        if isinstance(found, Project):
            self._stores.put_manifest(found.path)
            return
        if found.path in self._skip:
            return
        if not isinstance(found, File):
            self._announce(found.path)
            return
        seen = self._seen.get(found.path)
        self._seen[found.path] = _Seen(found.size, found.changed, self._walk)
        self._doubtful.discard(found.path)
        if found.path in self._open:
            return
        if self._is_denied(found.path):
            self._stores.drop(found.path)
        elif seen is None or seen[:2] != found[1:]:
            self._announce(found.path)
            self._put(found.path, language_of(found.name), self._texts.load(found.path))

    def _put_buffer(self, path: str) -> None:
        del self._stale[path]
        language, text = self._open[path]
        self._shown.pop(path, None)
        is_fit = len(text) <= FILE_BYTES and path not in self._skip
        if is_fit and path.startswith(self._bases) and not self._is_denied(path):
            self._announce(path)
            self._shown[path] = text = self._tools.redact(with_lf(text))
            self._put(path, language, text)
        else:
            self._stores.drop(path)

    def _put(self, path: str, language: str, text: str) -> None:
        if text:
            self._stores.put(path, language, text, is_open=path in self._open)
        else:
            self._stores.drop(path)

    def _lose(self, path: str) -> None:
        self._seen.pop(path, None)
        if path not in self._open:
            self._stores.drop(path)

    def _is_denied(self, path: str) -> bool:
        try:
            return bool(self._denial(path))
        except Exception:  # noqa: BLE001 - whatever the rules stumble over: what is not known stays
            return True
