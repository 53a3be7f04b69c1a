"""Capabilities and handlers: decode, one call, encode."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, get_args

import anyio
from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter
from pygls.uris import to_fs_path

from codestral_ls import __version__
from codestral_ls.context.workspace import INDEXED_SECONDS, WorkspaceView, wanted_of
from codestral_ls.engine import Engine
from codestral_ls.fim.connect import connect
from codestral_ls.fim.offline import offline_provider
from codestral_ls.fim.trace import why_unwritable
from codestral_ls.layers import Layer, Problem, editor_layer, resolve
from codestral_ls.lsp.completion import Completion, point
from codestral_ls.lsp.documents import Document, Unit
from codestral_ls.lsp.features import register_requests, register_session
from codestral_ls.lsp.notices import Notices
from codestral_ls.lsp.protocol import Protocol
from codestral_ls.model import Propose, Provider, Source
from codestral_ls.outcomes import place_raised
from codestral_ls.settings import SECTION, Settings

LOOK_SECONDS = 0.01
"""After an edit: a request that comes with it and is answered from memory is not held up."""

ConnectWith = Callable[[Settings, Propose], Provider]

log = logging.getLogger(__name__)


class CodestralServer(LanguageServer):
    """One session with one client.

    `layers` are the settings that do not come from the client; `connect` builds the provider for
    settings and for what an offline one answers with.
    """

    protocol: Protocol

    def __init__(
        self,
        layers: Sequence[Layer],
        connect: ConnectWith = connect,
        *,
        converter_factory: Callable[[], Converter] = default_converter,
    ) -> None:
        super().__init__(
            "codestral-ls",
            __version__,
            protocol_cls=Protocol,
            converter_factory=converter_factory,
        )
        self.documents: dict[str, Document] = {}
        self.notices = Notices(self._show, self._log)
        self._layers: dict[str, Layer] = {layer.origin: layer for layer in layers}
        self.view = WorkspaceView()
        self._background: set[asyncio.Task[None]] = set()
        self._ready = False
        self.exit_code: asyncio.Future[int] | None = None
        settings, problems = resolve(layers)
        self._problems = problems
        self.engine = Engine(
            settings,
            lambda chosen: connect(chosen, self.view.propose),
            offline=offline_provider(self.view.propose),
            view=self.view,
        )
        self.client_name = ""
        self.has_folders = False
        self.completion = Completion(self)
        register_session(self)
        register_requests(self)

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

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something beside the session; a failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background_done)

    def _background_done(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report_server_error(error, type(error))

    async def close(self) -> None:
        """Gives back what the session holds."""
        for task in tuple(self._background):
            task.cancel()
        await self.view.close()
        await self.engine.close()

    @property
    def unit(self) -> Unit:
        """The negotiated position encoding."""
        agreed = self.server_capabilities.position_encoding
        return next((unit for unit in get_args(Unit) if unit == agreed), "utf-16")

    @property
    def draws_markdown(self) -> bool:
        """Whether the client's completion menu does, beside plain text."""
        document = self.client_capabilities.text_document
        item = document and document.completion and document.completion.completion_item
        return types.MarkupKind.Markdown in ((item and item.documentation_format) or ())

    # --- settings

    def take_settings(self, origin: str, values: object) -> None:
        """Puts a layer above the ones from outside of the editor; takes effect at once."""
        self._layers[origin] = editor_layer(origin, values)
        settings, self._problems = resolve(self._layers.values())
        if settings != self.engine.settings:
            self.notices.forget_outcomes()
            logging.getLogger("codestral_ls").setLevel(settings.log_level.upper())
            self.in_background(self.engine.configure(settings).close())
            if self._ready:
                self.configure_view()
                self.in_background(self.prepare())
        if self._ready:
            self.tell_problems()

    def begin(self) -> None:
        """The client is ready to listen: says what is wrong, asks for settings, warms up."""
        self._ready = True
        self.tell_problems()
        self.ask_for_settings()
        self.watch_files()
        self.configure_view()
        self.in_background(self.prepare())

    async def prepare(self) -> None:
        """Does ahead what the first answer would otherwise wait for."""
        provider = self.engine.provider
        if provider.source is Source.OFFLINE:
            with anyio.move_on_after(INDEXED_SECONDS):
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
        wanted = wanted_of(self.engine.provider)
        self.view.configure(settings, self._folders(), *wanted)

    def prepare_fallback(self) -> None:
        """Reads the workspace for the offline provider, once it is known to be needed."""
        if self.engine.settings.offline_fallback:
            self.view.want(self._folders(), "proposals")

    def watch_files(self) -> None:
        """Asks clients that can be asked to tell of files that others change."""
        workspace = self.client_capabilities.workspace
        watching = workspace and workspace.did_change_watched_files
        if not (watching and watching.dynamic_registration):
            return
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        everything = types.FileSystemWatcher(glob_pattern="**/*")
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=[everything])
        registration = types.Registration(id=method, method=method, register_options=options)
        self.protocol.send_request(
            types.CLIENT_REGISTER_CAPABILITY,
            types.RegistrationParams(registrations=[registration]),
        )

    def ask_for_settings(self) -> None:
        """Pulls the section from clients that can be asked; the reply may never come."""
        workspace = self.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return
        item = types.ConfigurationItem(section=SECTION)
        reply = self.protocol.send_request(
            types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=[item])
        )
        reply.add_done_callback(self._take_reply)

    def _take_reply(self, reply: Any) -> None:  # noqa: ANN401 - pygls has no types here
        if reply.cancelled() or reply.exception() is not None:
            return
        result = reply.result()
        if isinstance(result, list) and result:
            self.take_settings("editor configuration", result[0])

    # --- documents

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Takes in a document; opened twice, the later text counts."""
        each = params.text_document
        self.completion.abandon(each.uri)
        document = Document(each.uri, each.language_id, each.text)
        self.documents[each.uri] = document
        self.view.opened(document)
        self.in_background(self.view.learn_denial(each.uri))
        self.in_background(self.engine.prepare(each.language_id))

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Follows an edit; one of a document that was never opened is none of ours."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                document.edit(point(start), point(end), change.text, self.unit)
            else:
                document.replace(change.text)
        if params.content_changes:
            self.completion.edited(document.uri)
            caret = document.caret
            if caret is not None and self.view.is_stale(document.uri, caret.line):
                asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, document)

    def _look(self, document: Document) -> None:
        """Lets the view rank ahead for where a document was edited last."""
        if document.caret is not None and self.documents.get(document.uri) is document:
            self.view.look(document.snapshot(document.caret, self.engine.budget))

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forgets a document and ends what is under way for it."""
        uri = params.text_document.uri
        self.documents.pop(uri, None)
        self.view.closed(uri)
        self.completion.abandon(uri)

    def _folders(self) -> list[Path]:
        workspace = self.protocol.workspace
        uris = [folder.uri for folder in workspace.folders.values()]
        if not self.has_folders:  # an older client, which has one at most
            uris = [workspace.root_uri or ""]
        paths = (to_fs_path(uri) for uri in uris)
        return [Path(path) for path in paths if path]

    def _show(self, kind: types.MessageType, text: str) -> None:
        self.window_show_message(types.ShowMessageParams(type=kind, message=text))

    def _log(self, kind: types.MessageType, text: str) -> None:
        self.window_log_message(types.LogMessageParams(type=kind, message=text))
