"""Capabilities and handlers: decode, one call, encode."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter
from pygls.uris import to_fs_path

from codestral_ls import __version__
from codestral_ls.context.corpus import Corpus
from codestral_ls.engine import Engine
from codestral_ls.fim.connect import connect
from codestral_ls.fim.offline import offline_provider
from codestral_ls.lsp.completion import ACCEPTED, Completion, point
from codestral_ls.lsp.documents import Document, Unit, lf
from codestral_ls.lsp.notices import Notices
from codestral_ls.lsp.protocol import Protocol
from codestral_ls.model import Provider, Source, SourceText
from codestral_ls.outcomes import place_raised
from codestral_ls.settings import SECTION, Layer, Settings, editor_layer, resolve
from codestral_ls.stats import describe

COMPLETION_TRIGGERS = [".", "(", "[", "{", "=", ":", ","]
"""After these Helix asks at once; of itself it asks after two word characters only."""

ConnectWith = Callable[[Settings, Callable[[str], Sequence[SourceText]]], Provider]

log = logging.getLogger(__name__)


class CodestralServer(LanguageServer):
    """One session with one client.

    `layers` are the settings that do not come from the client; `connect` builds the provider for
    settings and for the texts that an offline one may draw from.
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
        self._corpus = Corpus(self._open_texts)
        self._background: set[asyncio.Task[None]] = set()
        self._ready = False
        self.exit_code: asyncio.Future[int] | None = None
        settings, problems = resolve(layers)
        self._problems = problems
        self.engine = Engine(
            settings,
            lambda chosen: connect(chosen, self._corpus.texts),
            offline=offline_provider(self._corpus.texts),
        )
        self.client_name = ""
        self.completion = Completion(self)
        _register_session(self)
        _register_requests(self)

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
                self.in_background(self.prepare())
        if self._ready:
            self.notices.problems(self._problems)

    def begin(self) -> None:
        """The client is ready to listen: says what is wrong, asks for settings, warms up."""
        self._ready = True
        self.notices.problems(self._problems)
        self.ask_for_settings()
        self.in_background(self.prepare())

    async def prepare(self) -> None:
        """Does ahead what the first answer would otherwise wait for."""
        provider = self.engine.provider
        if provider.source is Source.OFFLINE:
            await self._corpus.load(self._folders())
            self.engine.forget()  # what was looked for before there were files
        await provider.warm()

    def folders_changed(self) -> None:
        """Reads the workspace anew, if it has been read."""
        if self._corpus.is_loaded:
            self.in_background(self._corpus.load(self._folders()))

    def prepare_fallback(self) -> None:
        """Reads the workspace for the offline provider, once it is known to be needed."""
        if self.engine.settings.offline_fallback and not self._corpus.is_loaded:
            self.in_background(self._corpus.load(self._folders()))

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
        self.documents[each.uri] = Document(each.uri, each.language_id, each.text)
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

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forgets a document and ends what is under way for it."""
        uri = params.text_document.uri
        self.documents.pop(uri, None)
        self.completion.abandon(uri)

    def _open_texts(self) -> list[SourceText]:
        return [SourceText(uri=each.uri, text=lf(each.text)) for each in self.documents.values()]

    def _folders(self) -> list[Path]:
        workspace = self.protocol.workspace
        uris = list(workspace.folders) or [workspace.root_uri or ""]  # the older clients' only one
        paths = (to_fs_path(uri) for uri in uris)
        return [Path(path) for path in paths if path]

    def _show(self, kind: types.MessageType, text: str) -> None:
        self.window_show_message(types.ShowMessageParams(type=kind, message=text))

    def _log(self, kind: types.MessageType, text: str) -> None:
        self.window_log_message(types.LogMessageParams(type=kind, message=text))


def _register_session(server: CodestralServer) -> None:
    """Tells pygls what is heeded; it asks for functions, since it writes attributes on them."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.client_name = params.client_info.name.lower() if params.client_info else ""
        server.take_settings("initializationOptions", params.initialization_options)
        inline = params.capabilities.text_document and (
            params.capabilities.text_document.inline_completion
        )
        choice = server.engine.settings.completion
        if choice == "always" or (choice == "auto" and inline is None):
            _register_menu(server)

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        server.begin()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.folders_changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, Mapping) and SECTION in params.settings:
            server.take_settings("editor configuration", params.settings[SECTION])
        else:
            server.ask_for_settings()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_params: types.DidSaveTextDocumentParams) -> None:
        """Nothing to do: the open document is what counts, not the file."""


def _register_requests(server: CodestralServer) -> None:
    # Without options pygls 2.1.1 does not advertise the capability.
    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(
        params: types.InlineCompletionParams,
    ) -> list[types.InlineCompletionItem]:
        return await server.completion.inline(params)

    @server.command(ACCEPTED)
    def accepted(uri: str) -> None:
        server.completion.accepted(uri)

    @server.feature("codestral/explain")
    def explain(_params: Sequence[Any] | None) -> list[dict[str, Any]]:
        return [
            {"language": each.language, **describe(each.outcome)}
            for each in server.engine.journal.latest(20)
        ]


def _register_menu(server: CodestralServer) -> None:
    options = types.CompletionOptions(trigger_characters=COMPLETION_TRIGGERS)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    async def completion(params: types.CompletionParams) -> types.CompletionList:
        return await server.completion.menu(params)
