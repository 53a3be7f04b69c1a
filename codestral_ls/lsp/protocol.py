"""Bodies -> messages -> pygls, with an answer for everything that is wrong with them.

What this subclass changes in pygls 2.1.1, each measured there: a request that cannot be decoded is
never answered; every failure becomes a popup; `exit` always ends with status 0; a second
`initialize` wipes the open documents; each notification leaves 2 KB behind for ever; an error
carries a traceback with local paths; a nested "jsonrpc" key makes a message disappear.
"""

import asyncio
import contextvars
import inspect
import json
import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol import lsp_method as answers

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer

log = logging.getLogger(__name__)

MsgId = str | int


class Protocol(LanguageServerProtocol):
    """The JSON-RPC end of one session."""

    _server: "CodestralServer"

    def __init__(self, server: "CodestralServer", converter: Any) -> None:  # noqa: ANN401 - cattrs
        super().__init__(server, converter)
        self._initialized = False
        self._stale: WeakSet[object] = WeakSet()

    def receive(self, body: bytes) -> None:
        """Takes the body of one message, whatever it holds."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, types.ErrorCodes.ParseError, "The message is not JSON.")
            return
        if not isinstance(message, dict):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "The message is not an object.")
            return
        method, msg_id = message.get("method"), message.get("id")
        if method is None:
            self._take_response(msg_id, message)
        elif not isinstance(method, str) or message.get("jsonrpc") != self.VERSION:
            self._refuse(_id_or_none(msg_id), types.ErrorCodes.InvalidRequest, "No JSON-RPC 2.0.")
        elif "id" not in message:
            self._take_notification(method, message)
        elif (request_id := _id_or_none(msg_id)) is None:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "An id is a number or a text.")
        else:
            self._take_request(request_id, method, message)

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for the end."""
        return self._shutdown

    def withhold(self, request: "asyncio.Task[Any]") -> None:
        """Lets a request end as cancelled, even if its answer is on its way out already."""
        self._stale.add(request)

    def _take_request(self, msg_id: MsgId, method: str, message: dict[str, Any]) -> None:
        codes = types.ErrorCodes
        if not self._initialized and method != types.INITIALIZE:
            self._refuse(msg_id, codes.ServerNotInitialized, f"{method} came before initialize.")
        elif self._initialized and method == types.INITIALIZE:
            self._refuse(msg_id, codes.InvalidRequest, "The server is initialized already.")
        elif self._shutdown:
            self._refuse(msg_id, codes.InvalidRequest, f"{method} came after shutdown.")
        else:
            known = self.get_message_type(method)
            if known is not None and not hasattr(known, "id"):
                self._refuse(msg_id, codes.MethodNotFound, f"{method} is not a request.")
                return
            try:
                params = self._params(known, message)
            except Exception:  # noqa: BLE001 - cattrs raises groups of anything
                self._refuse(msg_id, codes.InvalidParams, f"The parameters of {method} are wrong.")
                return
            self._initialized = True
            # Not `handle_message`, which finds out the kind anew with three structural checks.
            context = contextvars.copy_context()
            context.run(self._handle_request, msg_id, method, params)
            task: Any = self._request_futures.get(msg_id)
            if isinstance(task, asyncio.Task):
                self._server.completion.arrived(method, params, task)

    def _take_notification(self, method: str, message: dict[str, Any]) -> None:
        if method != types.EXIT and (not self._initialized or self._shutdown):
            return
        known = self.get_message_type(method)
        try:
            _mend(method, message)
            params = self._params(known, message)
        except Exception:  # noqa: BLE001 - whatever the converter stumbles over
            log.warning("ignored, because it cannot be decoded: %s", method)
            return
        if method != types.CANCEL_REQUEST:
            self._handle_notification(method, params)
        elif _id_or_none(params.id) in self._request_futures:  # not answered yet
            self._handle_cancel_notification(params.id)

    def _params(self, known: Any, message: dict[str, Any]) -> Any:  # noqa: ANN401 - by the method
        """The parameters of a message; of those that LSP does not know, JSON as it came."""
        if known is None:
            return message.get("params")
        return self._converter.structure(message, known).params

    def _take_response(self, msg_id: object, message: dict[str, Any]) -> None:
        """Settles a request of ours. Results stay the plain JSON that they are."""
        waiting = self._request_futures.get(msg_id) if isinstance(msg_id, MsgId) else None
        if not isinstance(waiting, Future) or not isinstance(msg_id, MsgId):
            return  # nobody asked, or an id of the client's own requests
        del self._request_futures[msg_id]
        self._result_types.pop(msg_id, None)
        error = message.get("error")
        if waiting.done():
            return
        if isinstance(error, dict):
            text, code = str(error.get("message", "")), error.get("code")
            waiting.set_exception(JsonRpcException(text, code if isinstance(code, int) else 0))
        else:
            waiting.set_result(message.get("result"))

    def _refuse(self, msg_id: MsgId | None, code: int, message: str) -> None:
        log.info("refused: %s", message)
        error = {"code": int(code), "message": message}
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": error})

    def _execute_handler(self, msg_id: MsgId, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        super()._execute_handler(msg_id, *args, **kwargs)
        parked = self._request_futures.get(msg_id)
        if parked is not None and parked.done():
            del self._request_futures[msg_id]  # what pygls forgets to do for generators

    def _send_handler_result(self, future: "Future[Any]", *, msg_id: MsgId) -> None:
        self._request_futures.pop(msg_id, None)
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or future in self._stale:
            cancelled = int(types.LSPErrorCodes.RequestCancelled)
            self._reply_error(msg_id, cancelled, "The request was cancelled or superseded.")
        elif isinstance(error, JsonRpcException):
            self._reply_error(msg_id, error.code, error.message)
        elif error is not None:
            self._server.report_server_error(error, type(error))
            code = int(types.ErrorCodes.InternalError)
            self._reply_error(msg_id, code, f"Internal error ({type(error).__name__}).")
        else:
            self._send_response(msg_id, result=future.result())

    def _check_handler_result(self, future: "Future[Any]") -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self._server.report_server_error(error, type(error))

    def _reply_error(self, msg_id: MsgId, code: int, message: str) -> None:
        self._send_response(msg_id, error=types.ResponseError(code=code, message=message))

    # Notifications are plain functions: pygls' own are generators over its own document store,
    # which costs O(file) per keystroke and splits lines where no client does.

    @answers(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Takes in a document."""
        self._server.did_open(params)

    @answers(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Follows an edit."""
        self._server.did_change(params)

    @answers(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forgets a document."""
        self._server.did_close(params)

    @answers(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Takes in a notebook."""
        self._server.notebooks.did_open(params)

    @answers(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(
        self, params: types.DidChangeNotebookDocumentParams
    ) -> None:
        """Follows what happens to cells."""
        self._server.notebooks.did_change(params)

    @answers(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def lsp_notebook_document__did_save(self, params: types.DidSaveNotebookDocumentParams) -> None:
        """As a file that was saved."""
        self._server.notebooks.did_save(params)

    @answers(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(
        self, params: types.DidCloseNotebookDocumentParams
    ) -> None:
        """Forgets a notebook."""
        self._server.notebooks.did_close(params)

    # pygls runs commands in a generator, which leaves an entry behind for each that waits.

    @answers(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override] # a coroutine, see above
        self, params: types.ExecuteCommandParams
    ) -> Any:  # noqa: ANN401 - JSON
        """Runs a command."""
        run, arguments = self.fm.commands.get(params.command), params.arguments or []
        if run is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command!r}.")
        try:
            inspect.signature(run).bind(*arguments)
        except TypeError as error:
            raise JsonRpcInvalidParams(f"The arguments of {params.command}: {error}.") from None
        result = run(*arguments)
        return await result if inspect.isawaitable(result) else result

    @answers(types.EXIT)
    def lsp_exit(self, *_args: object) -> None:  # type: ignore[override] # a function, see above
        """Ends the process: status 0 after a shutdown, 1 without (LSP, `exit`)."""
        self._server.stop(0 if self._shutdown else 1)


def _mend(method: str, message: dict[str, Any]) -> None:
    """Puts right what clients leave out though the protocol wants it, where the sense is plain."""
    params = message.setdefault("params", {})
    if not isinstance(params, dict):
        return
    if method == types.WORKSPACE_DID_CHANGE_CONFIGURATION:
        params.setdefault("settings", None)
    elif method == types.TEXT_DOCUMENT_DID_CHANGE:
        _mend_changes(params.get("contentChanges"))
    elif method == types.NOTEBOOK_DOCUMENT_DID_CHANGE:
        change = params.get("change")
        cells = change.get("cells") if isinstance(change, dict) else None
        texts = cells.get("textContent") if isinstance(cells, dict) else None
        for each in texts if isinstance(texts, list) else ():
            _mend_changes(each.get("changes") if isinstance(each, dict) else None)


def _mend_changes(changes: object) -> None:
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict) and change.get("range") is None:
            change.pop("range", None)  # null for the whole document


def _id_or_none(value: object) -> MsgId | None:
    return value if isinstance(value, MsgId) and not isinstance(value, bool) else None
