"""The other end of a session: what it can do, what it is told, and what it is asked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from lsprotocol import types
from pygls.uris import to_fs_path

from codestral_ls.lsp.documents import Unit
from codestral_ls.lsp.items import QUIRKS, Quirk
from codestral_ls.settings import SECTION

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer


INITIAL = "initializationOptions"
"""What a client says of the settings when the session begins."""
PATIENT_MS = 150
"""From which wait of the client's own on nobody else need wait for a pause."""


class Extras(NamedTuple):
    """What a client knows of this server beyond LSP, `capabilities.experimental.codestral`.

    `status`: it shows `codestral/status` itself. `delay`: how many milliseconds it waits before it
    asks by itself; None where it does not say. `configuration`: it answers for the whole section,
    so that its initializationOptions count no longer than until then.
    """

    status: bool = False
    delay: float | None = None
    configuration: bool = False


def extras_of(experimental: object) -> Extras:
    """Reads them; whatever has another form counts as not said."""
    own = experimental.get(SECTION) if isinstance(experimental, Mapping) else None
    if not isinstance(own, Mapping):
        return Extras()
    delay = own.get("delay")
    is_time = isinstance(delay, int | float) and not isinstance(delay, bool) and delay >= 0
    return Extras(
        status=own.get("status") is True,
        delay=delay if is_time else None,
        configuration=own.get("configuration") is True,
    )


class Client:
    """The editor, as it has presented itself."""

    def __init__(self, server: "CodestralServer") -> None:
        self._server = server
        self._has_folders = False
        self._extras = Extras()
        self._quirk = Quirk()

    def introduce(self, params: types.InitializeParams) -> None:
        """Takes down who it is; what it can do pygls has taken down."""
        self._has_folders = params.workspace_folders is not None
        self._extras = extras_of(params.capabilities.experimental)
        name = params.client_info.name.lower() if params.client_info else ""
        self._quirk = QUIRKS.get(name, self._quirk)

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
        formats = (item and item.documentation_format) or ()
        return self._quirk.reads_markdown or types.MarkupKind.Markdown in formats

    @property
    def shows_status(self) -> bool:
        """Whether it draws the status that it is sent, for the user to see."""
        return self._extras.status

    @property
    def is_patient(self) -> bool:
        """Whether it waits for a pause in the typing itself, as it says or as is known of it."""
        delay = self._extras.delay
        return self._quirk.waits if delay is None else delay >= PATIENT_MS

    @property
    def tells_all_settings(self) -> bool:
        """Whether what it is asked for holds all that it said when the session began."""
        return self._extras.configuration

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
        everything = types.FileSystemWatcher(glob_pattern="**/*")
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=[everything])
        self._register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)

    def watch_settings(self) -> None:
        """Asks to be told when they change: VS Code's client library tells nobody else."""
        workspace = self._can.workspace
        changing = workspace and workspace.did_change_configuration
        if changing and changing.dynamic_registration:
            self._register(types.WORKSPACE_DID_CHANGE_CONFIGURATION)

    def _register(self, method: str, options: object = None) -> None:
        """Asks for a capability of the client's; whoever refuses it goes without."""
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
