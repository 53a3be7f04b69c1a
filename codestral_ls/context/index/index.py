"""What is known of a workspace, and which of its lines help at a place in a document. Pure.

The index lives in one thread of one process. What it needs from the disk it is given: files as they
are put, and for what it shows of closed ones the functions `read` and `exists`.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from itertools import chain

from codestral_ls.context.index.buffers import Buffer, Place, forget_places, note_change
from codestral_ls.context.index.candidates import find_definitions, gather_names
from codestral_ls.context.index.catalog import Catalog
from codestral_ls.context.index.composing import compose
from codestral_ls.context.index.corpus import Corpus
from codestral_ls.context.index.families import family_of
from codestral_ls.context.index.import_targets import resolve_imports
from codestral_ls.context.index.imports import Import, find_imports
from codestral_ls.context.index.layout import Block
from codestral_ls.context.index.paths import FileTree, folder_of
from codestral_ls.context.index.popularity import Scopes
from codestral_ls.context.index.projects import Projects
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.receivers import receiver_types
from codestral_ls.context.index.record import Definition, Record, mark_of
from codestral_ls.context.index.scoring import Scale, take_best
from codestral_ls.context.index.similar_chunks import Chunk, find_similar
from codestral_ls.context.index.surroundings import Surroundings, known_names, look_around
from codestral_ls.context.index.words import hash_name
from codestral_ls.model import Snippet

TEXTS = 16
"""Closed files whose text is kept for the next question, which wants the same ones."""
CHARS_PER_NAME, LEAST_NAMES = 30, 80
"""Of the budget, for each name of which the definitions are looked up: twice as many as fit in."""
OPEN, OPEN_LINKED, OPEN_AGE = 1.8, 0.8, 0.2
"""What it is worth to be defined in an open file; the more if it is imported, the less for each
file that was used since."""


class Index:
    """The files of a workspace, and the definitions and chunks in them that help at a cursor.

    `folders` and all paths are absolute, with slashes. `read` returns the text of a closed file as
    it may be shown, nothing if it is gone or may not be.
    """

    def __init__(
        self,
        *,
        folders: Sequence[str],
        read: Callable[[str], str],
        exists: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._read, self._exists = read, exists
        self._catalog, self._projects = Catalog(), Projects(folders)
        self._buffers: dict[str, Buffer] = {}
        self._edits: tuple[Place, ...] = ()
        self._scopes = Scopes(self._catalog, self._projects)
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._imports: tuple[object, frozenset[int]] = (None, frozenset())
        self._versions = 0

    @property
    def files(self) -> int:
        """How many files are known."""
        return len(self._catalog)

    @property
    def tree(self) -> FileTree:
        """The files as imports are resolved with them."""
        return self._catalog

    @property
    def symbols(self) -> int:
        """How many definitions are known."""
        return sum(len(record.names) for record in self._catalog)

    def put_manifest(self, folder: str) -> None:
        """Takes note that a project begins at a folder."""
        if self._projects.put_manifest(folder):
            moved = [each for each in self._catalog if each.path.startswith(folder + "/")]
            for record in moved:
                record.project = self._projects.project_of(record.folder)
            if moved:
                self._scopes.clear()

    def put(self, path: str, language: str, text: str, *, open: bool = False) -> None:  # noqa: A002 - as editors say
        """Adds or replaces a file; an `open` one is as the editor has it, whatever the disk says.

        The text has LF line ends, and nothing in it that may not be shown.
        """
        self._texts.pop(path, None)
        if not open:
            self._buffers.pop(path, None)
            self._take_in(path, language, text)
            return
        buffer = self._buffers.get(path)
        if buffer is None:
            self._buffers[path] = Buffer(path, language, text)
            self._scopes.prepare(folder_of(path), family_of(language))
        elif change := buffer.replace(language, text):
            self._edits = note_change(self._edits, path, change)

    def drop(self, path: str) -> None:
        """Forgets a file."""
        self._texts.pop(path, None)
        self._buffers.pop(path, None)
        self._edits = forget_places(self._edits, path)
        self._remove(path)

    def rank(self, question: Question) -> tuple[Snippet, ...]:
        """Returns the lines of other files that help most at a place, within its budget."""
        if question.budget <= 0:
            return ()
        self._settle(question.path)
        corpus = self._corpus(question)
        imported = self._imported(question)
        around = look_around(
            question,
            project=self._projects.project_of(folder_of(question.path)),
            known=self._known(question),
            open=self._opened(question, imported),
            imported=imported,
            receivers=self._receivers(question),
        )
        similar = find_similar(self._catalog, around.words, but=corpus.own, accepts=corpus.accepts)
        block = Block(question.budget, question.window, self._projects.relative)
        compose(
            block,
            corpus,
            around,
            edits=[place for place in self._edits if _may_show(place, question)],
            similar=similar,
            ranked=self._ranked(corpus, around, similar, question.budget),
        )
        return block.snippets()

    def _ranked(
        self, corpus: Corpus, around: Surroundings, similar: Sequence[Chunk], budget: int
    ) -> Sequence[Definition]:
        """Returns the likeliest definitions, the best first."""
        project = self._scopes.project(around.folder, corpus.family)
        folder = self._scopes.folder(around.folder, corpus.family)
        own = frozenset(corpus.own.words if corpus.own else ())
        weights = _weights(similar)
        scale = Scale(around, similar=weights, project=project, folder=folder, own=own)
        linked = [*around.open, *around.imported, *(chunk.record.number for chunk in similar)]
        near = chain(
            self._catalog.living(dict.fromkeys(linked)), self._catalog.of_folder(around.folder)
        )
        worth = gather_names(
            scale,
            near=filter(corpus.accepts, near),
            names=[*weights, *folder.top(but=own), *project.top(but=own)],
            others=filter(corpus.accepts, self._catalog),
        )
        definitions = find_definitions(
            self._catalog,
            scale,
            worth,
            accepts=corpus.accepts,
            most=max(LEAST_NAMES, budget // CHARS_PER_NAME),
        )
        return take_best((scale.weigh(each), each) for each in definitions)

    def _settle(self, path: str) -> None:
        """Takes in what changed in the open documents, but for the one that is asked about."""
        for buffer in self._buffers.values():
            if buffer.is_stale and buffer.path != path:
                self._take_in(buffer.path, buffer.language, buffer.text)
                buffer.is_stale = False

    def _take_in(self, path: str, language: str, text: str) -> None:
        """Puts a text into the catalog, unless that has just this text."""
        known = self._catalog.get(path)
        if known is not None and known.mark == mark_of(language, text):
            return
        self._remove(path)
        record = Record(path, language, text)
        record.project = self._projects.project_of(record.folder)
        self._catalog.add(record)
        self._scopes.count(record, there=True)
        self._versions += 1

    def _remove(self, path: str) -> None:
        record = self._catalog.remove(path)
        if record is not None:
            self._scopes.count(record, there=False)
            self._versions += 1

    def _corpus(self, question: Question) -> Corpus:
        return Corpus(
            self._catalog,
            path=question.path,
            family=family_of(question.language),
            only=frozenset(question.open) if question.scope == "open" else None,
            buffers=self._buffers,
            read=self._text,
            exists=self._exists,
        )

    def _text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = self._read(path)
            if len(self._texts) > TEXTS:
                self._texts.popitem(last=False)
        self._texts.move_to_end(path)
        return self._texts[path]

    def _known(self, question: Question) -> set[int]:
        """Returns the names that the document has."""
        buffer = self._buffers.get(question.path)
        texts = [question.before, question.after, question.window]
        return buffer.names_now() if buffer else known_names(texts)

    def _imported(self, question: Question) -> frozenset[int]:
        """Returns the files that the document imports, found anew when one of them may differ."""
        buffer = self._buffers.get(question.path)
        text = buffer.text if buffer else question.before
        imports = find_imports(question.language, text)
        state = (question.path, imports, self._versions)
        if self._imports[0] != state:
            paths = resolve_imports(
                question.language,
                question.path,
                imports,
                self._catalog,
                handed_on=self._handed_on,
            )
            records = (self._catalog.get(path) for path in paths)
            numbers = frozenset(record.number for record in records if record)
            self._imports = (state, numbers)
        return self._imports[1]

    def _handed_on(self, path: str) -> Sequence[Import]:
        record = self._catalog.get(path)
        return record.reexports if record else ()

    def _receivers(self, question: Question) -> dict[int, float]:
        """Returns the classes whose members may come next, the first one likelier than others."""
        guesses = map(hash_name, receiver_types(question.language, question.before))
        classes = filter(self._catalog.definitions.has, guesses)
        return {name: 1.0 / (1 + at) for at, name in enumerate(classes)}

    def _opened(self, question: Question, imported: Collection[int]) -> dict[int, float]:
        """Returns what it is worth to be defined in each of the open files."""
        records = (self._catalog.get(path) for path in question.open if path != question.path)
        return {
            record.number: OPEN - OPEN_AGE * age + OPEN_LINKED * (record.number in imported)
            for age, record in enumerate(each for each in records if each)
        }


def _may_show(place: Place, question: Question) -> bool:
    """Whether a recent edit may be shown."""
    return place.path != question.path and (
        question.scope == "workspace" or place.path in question.open
    )


def _weights(similar: Sequence[Chunk]) -> dict[int, float]:
    """Returns how much the names in similar chunks are to be expected."""
    weights: dict[int, float] = {}
    for chunk in similar:
        weight = (chunk.score / similar[0].score) ** 2
        for name in chunk.record.chunk(chunk.at):
            weights[name] = weights.get(name, 0.0) + weight
    return weights
