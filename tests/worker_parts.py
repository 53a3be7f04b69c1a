"""What tests of the worker put in the place of index, matcher and privacy rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from codestral_ls.context.index.indexer import Indexer, Tools
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.wire import Configure, Message, Progress
from codestral_ls.model import Parameters, Prompt, Snippet


class RecordingRanker:
    """Knows what it was given, and shows all of it."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self.read = read
        self.closed: dict[str, str] = {}
        self.open: dict[str, str] = {}
        self.manifests: list[str] = []
        self.puts: list[str] = []

    @property
    def texts(self) -> dict[str, str]:
        return {**self.closed, **self.open}

    def put(self, path: str, language: str, text: str, *, open: bool = False) -> None:  # noqa: A002 - as editors say it
        assert language != "plaintext"
        self.puts.append(path)
        self.drop(path)
        (self.open if open else self.closed)[path] = text

    def put_manifest(self, folder: str) -> None:
        self.manifests.append(folder)

    def drop(self, path: str) -> None:
        self.open.pop(path, None)
        self.closed.pop(path, None)

    def rank(self, question: Question) -> Sequence[Snippet]:
        assert question.budget
        return [Snippet(path=path, text=self.texts[path]) for path in sorted(self.texts)]


@dataclass
class Proposed:
    """A proposal."""

    text: str


class RecordingMatcher:
    """Knows what it was given, and proposes how sure it should be."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def put(self, path: str, language: str, text: str) -> None:
        assert language
        self.texts[path] = text

    def drop(self, path: str) -> None:
        del self.texts[path]

    def propose(self, prompt: Prompt) -> Proposed | None:
        return Proposed(f"{prompt.path}!") if self.texts else None


@dataclass
class Bench:
    """The parts of one indexer, and what it says."""

    denied: dict[str, str] = field(default_factory=dict)
    denial: Callable[[str], str] | None = None
    ranker: RecordingRanker = field(default_factory=lambda: RecordingRanker(str))
    matcher: RecordingMatcher = field(default_factory=RecordingMatcher)
    time: float = 0.0
    rules_read: int = 0
    redacted: list[str] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    reported: list[Progress] = field(default_factory=list)

    @property
    def tools(self) -> Tools:
        def ranker(folders: Sequence[str], read: Callable[[str], str]) -> RecordingRanker:
            assert all(folders)
            if self.ranker.read is not str:
                self.ranker = RecordingRanker(read)  # of another configuration
            self.ranker.read = read
            return self.ranker

        def rules(configuration: Configure) -> Callable[[str], str]:
            del configuration
            self.rules_read += 1
            return self.denial or (lambda path: self.denied.get(path.rpartition("/")[2], ""))

        def redact(text: str) -> str:
            self.redacted.append(text)
            return text.replace("hunter2", "*******")

        return Tools(
            ranker=ranker,
            matcher=lambda: self.matcher,
            rules=rules,
            redact=redact,
            now=lambda: self.time,
        )

    def indexer(self, *folders: str, skip: tuple[str, ...] = (), propose: bool = False) -> Indexer:
        configuration = Configure(folders=folders, skip=skip, propose=propose)
        return Indexer(
            configuration, self.tools, announce=self.announced.append, report=self.reported.append
        )


def settle(indexer: Indexer) -> None:
    """Lets an indexer do all that there is to do."""
    while indexer.step():
        pass


def question(path: str = "/elsewhere.py") -> Question:
    return Question(path=path, language="python", before="", after="")


def prompt(uri: str = "file:///elsewhere.py", path: str = "") -> Prompt:
    return Prompt(
        uri=uri,
        language="python",
        prefix="",
        suffix="",
        path=path,
        parameters=Parameters(max_tokens=1, temperature=0),
    )
