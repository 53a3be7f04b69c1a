"""The workspace around the open documents, as the engine and the offline provider see it."""

import asyncio
import posixpath
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from codestral_ls.context.access import Access
from codestral_ls.context.blocks import BOX_SECONDS, BY_HAND_SECONDS, Blocks
from codestral_ls.context.index.client import Workspace
from codestral_ls.context.index.question import Question
from codestral_ls.context.privacy import IGNORE_FILE, file_path, path_of, scheme_denial
from codestral_ls.context.prompt import Sources
from codestral_ls.context.window import cut_window
from codestral_ls.model import Budget, Prompt, Request, Snapshot, Snippet, Source, Trigger
from codestral_ls.provider import Provider
from codestral_ls.settings import Settings

PROPOSE_SECONDS = 0.5
"""For the offline provider: it takes 10 ms, and longer only while files are read."""
AWAKE_SECONDS = 3.0
"""The same while the worker starts, which takes 0.5 s and several times that on a busy machine:
nobody asks again for what was asked meanwhile.
"""

INDEXED_SECONDS = 5.0
"""After which the first answers do with what has been read so far."""

TELL_SECONDS = 0.05
"""After a question, when the document that it was about is told: the answer has come by then."""
MOST_LINES = 20_000
"""Of a document that the index is told of: longer ones take milliseconds, and are data or made."""

Wanted = Literal["snippets", "proposals"]


class OpenDocument(Protocol):
    """A document in an editor; `edits` counts its changes. Making its `text` takes a while."""

    @property
    def uri(self) -> str:
        """Where it is."""

    @property
    def language(self) -> str:
        """Its language identifier."""

    @property
    def edits(self) -> int:
        """How often it was changed."""

    @property
    def line_count(self) -> int:
        """How many lines it has."""

    @property
    def text(self) -> str:
        """All of it, with any line ends."""


class WorkspaceView:
    """Sees to it that the index knows the documents when it is asked, and what may leave.

    Needs a running event loop. Nothing is read or started before `configure` says what is wanted.
    `prime` is called with a place once there is something new to send for it.
    """

    def __init__(
        self, index: Workspace | None = None, prime: Callable[[Snapshot], None] = lambda _: None
    ) -> None:
        self.index = index or Workspace()
        self._access = Access()
        self._blocks = Blocks(self._rank, prime)
        self._settings = Settings()
        self._folders: tuple[str, ...] = ()
        self._wanted: set[Wanted] = set()
        self._documents: dict[str, OpenDocument] = {}  # the one used last at the end
        self._told: dict[str, int] = {}
        self._notebook_of: dict[str, str] = {}
        self._renewal: asyncio.Task[None] | None = None

    # --- what the session says

    def configure(self, settings: Settings, folders: Sequence[Path], *wanted: Wanted) -> None:
        """Takes settings and folders; `wanted` says what is going to be asked for."""
        self._settings, self._wanted = settings, set(wanted)
        self._folders = tuple(file_path(each.absolute().as_uri()) for each in folders)
        self._access.configure(folders, settings.disabled_paths)
        self._blocks.forget()
        if wanted:
            self.index.configure(
                folders,
                disabled_paths=settings.disabled_paths,
                rank="snippets" in self._wanted,
                propose="proposals" in self._wanted,
            )
            self._end_renewal()
            self._renewal = asyncio.get_running_loop().create_task(self._renew())

    def want(self, folders: Sequence[Path], wanted: Wanted) -> None:
        """Something more is going to be asked for."""
        if wanted not in self._wanted:
            self.configure(self._settings, folders, wanted, *self._wanted)

    def opened(self, document: OpenDocument) -> None:
        """A document was opened, perhaps anew."""
        self._documents.pop(document.uri, None)
        self._told.pop(document.uri, None)
        self._documents[document.uri] = document
        # What is typed before anything is asked is an edit as well.
        asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._documents.pop(uri, None)
        self._told.pop(uri, None)
        self._blocks.forget(uri)
        self.index.close(uri)

    def adopt(self, notebook: str, cells: Iterable[str]) -> None:
        """The cells of a notebook have these names: what is asked about them is asked of it."""
        kept = {cell: uri for cell, uri in self._notebook_of.items() if uri != notebook}
        self._notebook_of = kept | dict.fromkeys(cells, notebook)

    def files_changed(self, uris: Iterable[str]) -> None:
        """Files were made, changed or removed."""
        uris = list(uris)
        if any(uri.endswith(IGNORE_FILE) for uri in uris):
            self._access.forget()
        self.index.files_changed(uris)

    async def close(self) -> None:
        """Ends what is under way, and the index."""
        self._end_renewal()
        self._blocks.close()
        await self.index.end()

    async def _renew(self) -> None:
        """Outdates the blocks that were ranked before all files were read."""
        await self.index.indexed()
        self._blocks.outdate()

    def _end_renewal(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()

    # --- what the engine asks

    async def denial(self, uri: str) -> str:
        """The name of the rule by which a document may not be sent; "" if it may."""
        if denied := scheme_denial(uri):
            return denied
        for each in self._names_of(uri):
            if denied := await self._access.denial(each):
                return denied
        return ""

    async def learn_denial(self, uri: str) -> None:
        """Finds out before the first request whether a document may be sent."""
        await self.denial(uri)

    def known_denial(self, uri: str) -> str:
        """The same without waiting: what is not known yet may not be sent."""
        known = map(self._access.known, self._names_of(uri))
        return scheme_denial(uri) or next(filter(None, known), "")

    def _names_of(self, uri: str) -> Sequence[str]:
        """Whose rules count for a document: for a cell, those of its notebook.

        And its own, where they are not the same: what clients call their cells is up to them.
        """
        notebook = self._notebook_of.get(uri, uri)
        return (notebook,) if path_of(notebook) == path_of(uri) else (notebook, uri)

    def is_stale(self, uri: str, line: int) -> bool:
        """Whether there is no block for a place yet; asked at each key."""
        return "snippets" in self._wanted and self._blocks.is_stale(uri, line)

    def look(self, snapshot: Snapshot) -> None:
        """Begins to rank, if the cursor has gone far enough."""
        if "snippets" in self._wanted and not self.known_denial(snapshot.uri):
            self._blocks.look(snapshot)
            # Beside the request, since it takes milliseconds: a rule that nobody told us of counts
            # from the next one on.
            shown = self._blocks.snippets(snapshot.uri)
            self._access.look_at_shown(each.path for each in shown)

    async def ready(self, request: Request) -> None:
        """Waits for a block, but no longer than anybody would notice."""
        if "snippets" in self._wanted:
            by_hand = request.trigger is Trigger.INVOKED
            seconds = BY_HAND_SECONDS if by_hand else BOX_SECONDS
            await self._blocks.ready(request.snapshot, seconds)

    def sources(self, snapshot: Snapshot) -> Sources:
        """The block as it is now, and how the document is called beside its files.

        Without files that may not be shown any more since they were ranked.
        """
        snippets = self._blocks.snippets(snapshot.uri)
        allowed = tuple(each for each in snippets if self._access.may_show(each.path))
        return Sources(path=self.shown_path(snapshot.uri), snippets=allowed)

    def shown_path(self, uri: str) -> str:
        """How a document is called: by its path below the folder that it is in."""
        return _shown_path(path_of(uri), self._folders)

    async def propose(self, prompt: Prompt) -> str | None:
        """How code goes on, from code that is there; the offline provider's whole knowledge."""
        self._tell(but=self._notebook_of.get(prompt.uri, prompt.uri))  # which the prompt holds
        seconds = PROPOSE_SECONDS if self.index.is_awake else AWAKE_SECONDS
        return await self.index.propose(prompt, seconds=seconds)

    async def _rank(self, snapshot: Snapshot, seconds: float) -> tuple[Snippet, ...] | None:
        settings, uri = self._settings, self._notebook_of.get(snapshot.uri, snapshot.uri)
        document = self._documents.pop(uri, None)
        if document is not None:
            self._documents[uri] = document
        # The document itself stands in the question; making its whole text would be felt.
        self._tell(but=uri if uri in self._told else "")
        asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)
        budget = Budget(prefix_chars=settings.prefix_chars, suffix_chars=settings.suffix_chars)
        paths = [file_path(each) for each in reversed(self._documents) if each != uri]
        question = Question(
            path=file_path(uri),
            language=snapshot.language,
            before=snapshot.prefix,
            after=snapshot.suffix,
            window="".join(cut_window(snapshot, budget)),
            open=tuple(filter(None, paths)),
            budget=settings.context_chars,
            scope="open" if settings.context == "open" else "workspace",
        )
        found = await self.index.rank(question, seconds=seconds)
        await self._learn_shown(found or ())
        return found if found or self.index.status["done"] else None  # not all is read yet

    async def _learn_shown(self, snippets: Sequence[Snippet]) -> None:
        await self._access.learn_shown(each.path for each in snippets)

    def _tell(self, but: str = "") -> None:
        """Lets the index know what was typed since it was asked last."""
        for uri, document in self._documents.items():
            known = self._told.get(uri) == document.edits
            if uri == but or known or document.line_count > MOST_LINES:
                continue
            text = document.text.replace("\r\n", "\n").replace("\r", "\n")
            if uri in self._told:
                self.index.change(uri, text)
            else:
                self.index.open(uri, document.language, text)
            self._told[uri] = document.edits


def wanted_of(provider: Provider) -> tuple[Wanted, ...]:
    """What a provider is going to ask the index for."""
    if provider.source is Source.OFFLINE:
        return ("proposals",)
    return ("snippets",) if provider.budget.snippet_chars else ()


def _shown_path(path: str, folders: Iterable[str]) -> str:
    """The path of a document as the model sees it: nothing of where the workspace lies."""
    inside = [each for each in folders if path.startswith(each.rstrip("/") + "/")]
    if not inside:
        return posixpath.basename(path)
    return path[len(max(inside, key=len).rstrip("/")) + 1 :]
