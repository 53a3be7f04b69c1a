"""Which methods are heeded: each is handed on in one call."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from codestral_ls.lsp.client import INITIAL
from codestral_ls.lsp.commands import EXPLAINED, is_count
from codestral_ls.lsp.items import number_of
from codestral_ls.lsp.status_line import METHOD
from codestral_ls.settings import SECTION

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer


def register_session(server: "CodestralServer") -> None:
    """Tells pygls what is heeded; it asks for functions, since it writes attributes on them."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.client.introduce(params)
        server.take_settings(INITIAL, params.initialization_options)
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
        server.configure_view()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        server.view.files_changed([each.uri for each in params.changes])

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, Mapping) and SECTION in params.settings:
            server.take_editor_settings(params.settings[SECTION])
        else:
            server.client.ask_for_settings(server.take_editor_settings)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        """Not every client watches files, and some of them say what may not be sent."""
        server.view.files_changed([params.text_document.uri])


def register_requests(server: "CodestralServer") -> None:
    """Tells pygls what is answered."""

    # Without options pygls 2.1.1 does not advertise the capability.
    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(
        params: types.InlineCompletionParams,
    ) -> list[types.InlineCompletionItem]:
        return await server.completion.inline(params)

    @server.feature("codestral/explain")
    def explain(_params: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever a client sends
        return server.explained(EXPLAINED)

    @server.feature(METHOD)
    def status(_params: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a client sends
        return server.status_line.status.as_json()

    # As Copilot's language server has them, so that clients of that one report to us as well.

    @server.feature("textDocument/didShowCompletion")
    def did_show(params: Any) -> None:  # noqa: ANN401 - LSP has no type for it
        server.feedback.displayed(number_of(params))

    @server.feature("textDocument/didPartiallyAcceptCompletion")
    def did_accept_partly(params: Any) -> None:  # noqa: ANN401 - LSP has no type for it
        number = number_of(params)
        if number and is_count(units := params.get("acceptedLength")):
            server.feedback.accepted_partly(number, units)


def _register_menu(server: "CodestralServer") -> None:
    # An empty text would stand before every cursor, so Helix 25.07 would ask after each key.
    triggers = [each for each in server.engine.settings.menu_triggers if each]
    options = types.CompletionOptions(trigger_characters=triggers)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    async def completion(params: types.CompletionParams) -> types.CompletionList:
        return await server.completion.menu(params)
