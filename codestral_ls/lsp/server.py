"""One session: what its parts are and how they hear of each other; decode, one call, encode."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from codestral_ls import __version__
from codestral_ls.context.workspace import WorkspaceView, wanted_of
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import describe
from codestral_ls.engine.outcomes import place_raised
from codestral_ls.fim.connect import connect
from codestral_ls.fim.offline import offline_provider
from codestral_ls.fim.trace import why_unwritable
from codestral_ls.languages import identifier_of
from codestral_ls.layers import Layer, Problem, editor_layer, resolve
from codestral_ls.lsp.cells import Cell
from codestral_ls.lsp.client import INITIAL, Client
from codestral_ls.lsp.commands import register_commands
from codestral_ls.lsp.completion import Completion, point
from codestral_ls.lsp.documents import Document
from codestral_ls.lsp.features import register_requests, register_session
from codestral_ls.lsp.feedback import Feedback
from codestral_ls.lsp.notebooks import SYNC, Notebooks
from codestral_ls.lsp.notices import Notices, bounds_of
from codestral_ls.lsp.progress import show_indexing
from codestral_ls.lsp.protocol import Protocol
from codestral_ls.lsp.recorder import Recorder
from codestral_ls.lsp.status_line import StatusLine
from codestral_ls.model import Source
from codestral_ls.provider import Propose, Provider
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.settings import Settings

LOOK_SECONDS = 0.01
"""After an edit: a request that comes with it and is answered from memory is not held up."""

ConnectWith = Callable[[Settings, Propose], Provider]

log = logging.getLogger(__name__)


class CodestralServer(LanguageServer):
    """One session with one client.

    `layers` are the settings that do not come from the client; `connect` builds the provider for
    settings and for what an offline one answers with. Nothing is counted without a file for it.
    """

    protocol: Protocol

    def __init__(
        self,
        layers: Sequence[Layer],
        connect: ConnectWith = connect,
        *,
        statistics: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
        converter_factory: Callable[[], Converter] = default_converter,
    ) -> None:
        super().__init__(
            "codestral-ls",
            __version__,
            protocol_cls=Protocol,
            converter_factory=converter_factory,
            notebook_document_sync=SYNC,
        )
        self.documents: dict[str, Document] = {}
        self.notebooks = Notebooks(self)
        self.client = Client(self)
        self.notices = Notices(self.client.show, self.client.log, lambda: self.client.shows_status)
        self._layers: dict[str, Layer] = {layer.origin: layer for layer in layers}
        self._background: set[asyncio.Task[None]] = set()
        self._progress: asyncio.Task[None] | None = None
        self._ready = False
        self._clock = clock
        self.exit_code: asyncio.Future[int] | None = None
        self.completion = Completion(self)
        self.view = WorkspaceView(prime=self.completion.prime)
        self.recorder = Recorder(self, statistics, clock)
        settings, self._problems = resolve(layers)
        self.engine = Engine(
            settings,
            lambda chosen: connect(chosen, self.view.propose),
            offline=offline_provider(self.view.propose),
            view=self.view,
            clock=clock,
            tell=self.recorder.tell,
        )
        self.status_line = StatusLine(self, clock)
        self.engine.on_change = self.status_line.changed
        self.feedback = Feedback(self.documents, self.recorder.tell, clock, self.start)
        register_session(self)
        register_requests(self)
        register_commands(self)

    # --- the session

    def stop(self, code: int) -> None:
        """Ends the session; the process leaves with this status."""
        if self.exit_code is not None and not self.exit_code.done():
            self.exit_code.set_result(code)

    def client_left(self) -> None:
        """The client has closed its end."""
        self.stop(0 if self.protocol.is_shut_down else 1)

    def report_server_error(self, error: BaseException, source: object) -> None:
        """Logs what went wrong, without the message: it could hold the user's code."""
        del source
        # What is a reply already, such as to an unknown method, is the client's matter.
        level = logging.INFO if isinstance(error, JsonRpcException) else logging.ERROR
        log.log(level, "%s at %s", type(error).__name__, place_raised(error))

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Runs something beside the session; a failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background_done)
        return task

    def _background_done(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report_server_error(error, type(error))

    async def close(self) -> None:
        """Gives back what the session holds."""
        for task in tuple(self._background):
            task.cancel()
        self.feedback.close()
        try:
            await self.engine.close()
        finally:  # what was counted is written, even if somebody else has taken all the time
            await asyncio.gather(self.recorder.close(), self.view.close())

    # --- settings

    def take_editor_settings(self, values: object) -> None:
        """The section as the editor has it by now."""
        # Of most it is something besides: Neovim's `init_options` stay when `settings` change.
        if self.client.tells_all_settings and isinstance(values, Mapping):
            self._layers.pop(INITIAL, None)
        self.take_settings("editor configuration", values)

    def take_settings(self, origin: str, values: object) -> None:
        """Puts a layer above the ones from outside of the editor; takes effect at once."""
        self._layers[origin] = editor_layer(origin, values)
        settings, self._problems = resolve(self._layers.values())
        if settings != self.engine.settings:
            self.notices.forget_outcomes()
            if bounds_of(settings) != bounds_of(self.engine.settings):
                self.notices.forget_bounds()
            logging.getLogger("codestral_ls").setLevel(settings.log_level.upper())
            self.start(self.engine.configure(settings).close())
            if self._ready:
                self.recorder.configure(settings)
                self.configure_view()
                self.start(self.prepare())
                self.status_line.configure()
        if self._ready:
            self.tell_problems()

    def begin(self) -> None:
        """The client is ready to listen: says what is wrong, asks for settings, warms up."""
        self._ready = True
        self.tell_problems()
        self.client.ask_for_settings(self.take_editor_settings)
        self.client.watch_settings()
        self.client.watch_files()
        self.recorder.configure(self.engine.settings)
        self.configure_view()
        self.status_line.begin()
        self.start(self.prepare())

    async def prepare(self) -> None:
        """Does ahead what the first answer would otherwise wait for."""
        provider = self.engine.provider
        if provider.source is Source.OFFLINE:
            await self.view.index.indexed()
            self.engine.forget()  # what was looked for before there were files
        await provider.warm()

    def tell_problems(self) -> None:
        """Says what is wrong with the settings, and that code is written down if it is."""
        self.notices.problems(self._problems)
        trace = self.engine.settings.trace_file
        if trace:
            why = why_unwritable(trace)
            words = (
                f"trace_file: {trace} cannot be written: {why}."
                if why
                else f"as long as `trace_file` is set, all that is sent is written to {trace}, "
                "your code included."
            )
            self.notices.problems([Problem(words, loud=True)])

    def configure_view(self) -> None:
        """Lets the workspace know the settings, the folders, and what will be asked of it."""
        settings = self.engine.settings
        self.view.configure(settings, self.client.folders, *wanted_of(self.engine.provider))
        self._show_progress()

    def prepare_fallback(self) -> None:
        """Reads the workspace for the offline provider, once it is known to be needed."""
        if self.engine.settings.offline_fallback:
            self.view.want(self.client.folders, "proposals")

    def explained(self, count: int) -> list[dict[str, Any]]:
        """What became of the latest requests, the oldest first."""
        return [
            {"path": self.view.shown_path(record.uri), **describe(record)}
            for record in self.engine.journal.latest(count)
        ]

    def _show_progress(self) -> None:
        if self._progress is not None and not self._progress.done():
            return  # it follows the index, whatever the settings; its client may never answer
        if self.client.shows_progress:
            index = self.view.index
            showing = show_indexing(self.protocol, lambda: index.status, self._clock)
            self._progress = self.start(showing)

    # --- documents

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Takes in a document; opened twice, the later text counts."""
        each, language = params.text_document, identifier_of(params.text_document.language_id)
        notebook = self.notebooks.of_cell(each.uri)
        if notebook is not None:  # of a client that tells of cells in both ways
            self.take_in(Cell(each.uri, language, each.text, notebook))
            return
        document = Document(each.uri, language, each.text)
        self.take_in(document)
        self.view.opened(self.notebooks.at(each.uri) or document)
        self.start(self.view.learn_denial(each.uri))
        self.start(self.engine.prepare(language))

    def take_in(self, document: Document) -> None:
        """Keeps a document, instead of one that was there under its name."""
        self.feedback.closed(document.uri)
        self.completion.abandon(document.uri)
        self.documents[document.uri] = document

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Follows an edit."""
        self.follow(params.text_document.uri, params.content_changes)

    def follow(self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
        """Follows an edit; one of a document that was never opened is none of ours."""
        document = self.documents.get(uri)
        if document is None:
            return
        unit = self.client.unit
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                document.edit(point(start), point(end), change.text, unit)
            else:
                document.replace(change.text)
        if changes:
            self.completion.edited(document.uri)
            caret = document.caret
            if caret is not None and self.view.is_stale(document.uri, caret.line):
                asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, document)

    def _look(self, document: Document) -> None:
        """Lets the view rank ahead for where a document was edited last."""
        if document.caret is not None and self.documents.get(document.uri) is document:
            self.view.look(document.snapshot(document.caret, self.engine.budget))

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forgets a document; of a cell, its notebook is told when it goes."""
        uri = params.text_document.uri
        if self.notebooks.of_cell(uri) is None:
            self.forget(uri)

    def forget(self, uri: str) -> None:
        """Forgets a document and ends what is under way for it."""
        self.feedback.closed(uri)
        self.documents.pop(uri, None)
        self.view.closed(uri)
        self.completion.abandon(uri)
        notebook = self.notebooks.at(uri)
        if notebook is not None:  # which is open as a text too, and is so no longer
            self.view.opened(notebook)
