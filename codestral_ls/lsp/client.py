"""The other end of a session: what it can do, what it is told, and what it is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from lsprotocol import types
from pygls.uris import to_fs_path

from codestral_ls.lsp.documents import Unit
from codestral_ls.settings import SECTION

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer


class Client:
    """The editor, as it has presented itself. `name` is its own, in small letters."""

    def __init__(self, server: "CodestralServer") -> None:
        self._server = server
        self.name = ""
        self._has_folders = False

    def introduce(self, params: types.InitializeParams) -> None:
        """Takes down who it is; what it can do pygls has taken down."""
        self.name = params.client_info.name.lower() if params.client_info else ""
        self._has_folders = params.workspace_folders is not None

    # --- what it can do

    @property
    def unit(self) -> Unit:
        """The negotiated position encoding."""
        agreed = self._server.server_capabilities.position_encoding
        return next((unit for unit in get_args(Unit) if unit == agreed), "utf-16")

    @property
    def draws_markdown(self) -> bool:
        """Whether its completion menu does, beside plain text."""
        document = self._can.text_document
        item = document and document.completion and document.completion.completion_item
        return types.MarkupKind.Markdown in ((item and item.documentation_format) or ())

    @property
    def shows_progress(self) -> bool:
        """Whether it shows what a server does at length."""
        return bool(self._can.window and self._can.window.work_done_progress)

    @property
    def folders(self) -> list[Path]:
        """What it has open."""
        workspace = self._server.protocol.workspace
        uris = [folder.uri for folder in workspace.folders.values()]
        if not self._has_folders:  # an older client, which has one at most
            uris = [workspace.root_uri or ""]
        paths = (to_fs_path(uri) for uri in uris)
        return [Path(path) for path in paths if path]

    # --- what it is told and asked

    def show(self, kind: types.MessageType, text: str) -> None:
        """Shows the user a message."""
        self._server.window_show_message(types.ShowMessageParams(type=kind, message=text))

    def log(self, kind: types.MessageType, text: str) -> None:
        """Writes into its log."""
        self._server.window_log_message(types.LogMessageParams(type=kind, message=text))

    def watch_files(self) -> None:
        """Asks, if it can be asked, to be told of files that others change."""
        workspace = self._can.workspace
        watching = workspace and workspace.did_change_watched_files
        if not (watching and watching.dynamic_registration):
            return
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        everything = types.FileSystemWatcher(glob_pattern="**/*")
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=[everything])
        registration = types.Registration(id=method, method=method, register_options=options)
        self._server.protocol.send_request(
            types.CLIENT_REGISTER_CAPABILITY,
            types.RegistrationParams(registrations=[registration]),
        )

    def ask_for_settings(self, take: Callable[[object], None]) -> None:
        """Pulls the section, if it can be asked; the reply may never come."""
        workspace = self._can.workspace
        if not (workspace and workspace.configuration):
            return
        item = types.ConfigurationItem(section=SECTION)
        reply = self._server.protocol.send_request(
            types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=[item])
        )

        def take_reply(reply: Any) -> None:  # noqa: ANN401 - pygls has no types here
            if reply.cancelled() or reply.exception() is not None:
                return
            result = reply.result()
            if isinstance(result, list) and result:
                take(result[0])

        reply.add_done_callback(take_reply)

    @property
    def _can(self) -> types.ClientCapabilities:
        return self._server.client_capabilities
