"""The two questions a client asks for text: decode, one call of the engine, encode."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from codestral_ls.engine.outcomes import FAILURES
from codestral_ls.happenings import Labels
from codestral_ls.lsp import items
from codestral_ls.lsp.documents import Document, Point, lf
from codestral_ls.model import (
    Answer,
    Edit,
    Nothing,
    Outcome,
    Position,
    Reason,
    Request,
    Snapshot,
    Trigger,
)

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer


class Completion:
    """Ghost text and menu entries for the open documents of a server."""

    def __init__(self, server: "CodestralServer") -> None:
        self._server = server
        self._in_lane: WeakValueDictionary[str, asyncio.Task[Any]] = WeakValueDictionary()

    def arrived(self, method: str, params: Any, task: asyncio.Task[Any]) -> None:  # noqa: ANN401 - of any method
        """Notes a request before it begins: from here on the older one in its lane is stale."""
        if method == types.TEXT_DOCUMENT_INLINE_COMPLETION:
            lane = params.text_document.uri
        elif method == types.TEXT_DOCUMENT_COMPLETION:
            lane = _menu_lane(params.text_document.uri)
        else:
            return
        self._outdate(lane)
        self._in_lane[lane] = task

    def edited(self, uri: str) -> None:
        """Withholds an answer that is on its way out; one that is not finished yet can still move.

        Menus are matched with what was typed since by the client.
        """
        self._server.engine.edited(uri)
        task = self._in_lane.get(uri)
        if task is not None and task.done():
            self._server.protocol.withhold(task)

    def accepted(self, uri: str) -> None:
        """Asks for what comes next, before the editor does: Neovim would wait for 200 ms."""
        document = self._server.documents.get(uri)
        if document is not None and document.caret is not None:
            snapshot = document.snapshot(document.caret, self._server.engine.budget)
            can = self._server.client_capabilities.text_document
            lane = uri if can is not None and can.inline_completion else _menu_lane(uri)
            self._server.engine.ask_ahead(
                self._request(document, document.caret, snapshot, Trigger.AUTOMATIC, lane)
            )

    def prime(self, snapshot: Snapshot) -> None:
        """Lets a local server read what it will be asked at a place."""
        request = Request(snapshot=snapshot, trigger=Trigger.AUTOMATIC, lane=snapshot.uri)
        self._server.engine.prime(request)

    def abandon(self, uri: str) -> None:
        """Ends what is under way for a document that is closed or replaced."""
        for lane in (uri, _menu_lane(uri)):
            self._outdate(lane)
            self._server.engine.abandon(lane)

    def _outdate(self, lane: str) -> None:
        if (task := self._in_lane.get(lane)) is not None:
            self._server.protocol.withhold(task)

    async def inline(
        self, params: types.InlineCompletionParams
    ) -> list[types.InlineCompletionItem]:
        """Ghost text for a cursor: one item or none, and several to choose from when invoked."""
        document = self._server.documents.get(params.text_document.uri)
        if document is None:
            return []
        cursor = document.position(point(params.position), self._server.client.unit)
        snapshot, edits = document.snapshot(cursor, self._server.engine.budget), document.edits
        start, chosen = cursor, params.context.selected_completion_info
        if chosen is not None:
            start = document.position(point(chosen.range.start), self._server.client.unit)
            end = document.position(point(chosen.range.end), self._server.client.unit)
            if end != cursor or start.line != cursor.line or start.character > cursor.character:
                return []  # not what stands before the cursor: VS Code would not draw it
            snapshot = with_chosen(snapshot, cursor.character - start.character, chosen.text)
        kind = params.context.trigger_kind
        trigger = _trigger(invoked=kind is types.InlineCompletionTriggerKind.Invoked)
        request = self._request(document, cursor, snapshot, trigger, snapshot.uri)
        outcome = await self._complete(request)
        if document.edits != edits:
            start = cursor = self._moved(document, movable=chosen is None)
            snapshot = document.snapshot(cursor, self._server.engine.budget)
            outcome = self._known(replace(request, snapshot=snapshot))
        if not isinstance(outcome, Answer):
            return []
        head, place = chosen.text if chosen else "", self._wire(document, start, cursor)
        return [
            items.inline_item(
                text := lf(head + each.text),
                self._reach(each, place, snapshot),
                snapshot.uri,
                self._number(each, text, start, snapshot),
            )
            for each in (outcome, *outcome.others)
        ]

    def _moved(self, document: Document, *, movable: bool) -> Position:
        """Where the cursor is by now."""
        if document.caret is None or not movable:
            raise _cancelled()
        return document.caret

    def _known(self, request: Request) -> Outcome:
        """The answer for the text as it is now, if one is known; otherwise nothing goes out.

        Neovim 0.12 draws whatever comes, and asks again once typing pauses.
        """
        known = self._server.engine.recall(request)
        if not isinstance(known, Answer) and request.trigger is not Trigger.INVOKED:
            raise _cancelled()
        return known or Nothing(reason=Reason.OUTDATED)

    async def menu(self, params: types.CompletionParams) -> types.CompletionList:
        """The same text as an entry of the completion menu, for clients without ghost text."""
        kind = params.context.trigger_kind if params.context else None
        again = kind is types.CompletionTriggerKind.TriggerForIncompleteCompletions
        document = self._server.documents.get(params.text_document.uri)
        if document is None:
            return items.menu([], again=again)
        cursor = document.position(point(params.position), self._server.client.unit)
        snapshot = document.snapshot(cursor, self._server.engine.budget)
        # Typing a word opens the menu with kind "Invoked" too (Helix 25.07, VS Code), so there it
        # says nothing; elsewhere only a trigger character does, which is another kind.
        word = items.menu_word(snapshot.line_head)
        invoked = kind is types.CompletionTriggerKind.Invoked and not word
        start = replace(cursor, character=cursor.character - len(word))
        place = self._wire(document, start, cursor)
        lane = _menu_lane(snapshot.uri)
        request = self._request(document, cursor, snapshot, _trigger(invoked=invoked), lane)
        # With an open menu Helix 25.07 asks after each key, and does not wait for a pause.
        request = replace(request, patient=request.patient and not again)
        outcome = await self._complete(request)
        answers = (outcome, *outcome.others) if isinstance(outcome, Answer) else ()
        entries = self._entries(answers, document, cursor, place, snapshot)
        return items.menu(entries, again=again)

    def _entries(
        self,
        answers: Sequence[Answer],
        document: Document,
        cursor: Position,
        place: types.Range,
        snapshot: Snapshot,
    ) -> list[types.CompletionItem]:
        """The answers for a cursor that was behind `place`, as they go out."""
        head = snapshot.line_head
        word, indent = items.menu_word(head), head[: len(head) - len(head.lstrip())]
        own = _keeps_line_ends(self._server.client_capabilities)
        line_end = document.line_end(cursor.line) if own else "\n"
        return [
            items.menu_item(
                items.Entry(
                    text=word + (text := lf(each.text)),
                    line_end=line_end,
                    indent=indent,
                    place=self._reach(each, place, snapshot),
                    uri=snapshot.uri,
                    number=self._number(each, text, cursor, snapshot),
                    language=snapshot.language,
                    model=each.model,
                    rank=rank,
                ),
                markdown=self._server.client.draws_markdown,
            )
            for rank, each in enumerate(answers)
        ]

    def _number(self, answer: Answer, text: str, start: Position, snapshot: Snapshot) -> int:
        """The number under which an answer that goes out is remembered."""
        labels = Labels(language=snapshot.language, provider=answer.provider, model=answer.model)
        return self._server.feedback.offer(snapshot.uri, start, text, labels)

    def _reach(self, answer: Answer, place: types.Range, snapshot: Snapshot) -> types.Range:
        """What an answer takes the place of, behind the cursor too."""
        replaced = snapshot.line_tail[: answer.replaces]
        return items.reaching(place, replaced, self._server.client.unit)

    async def _complete(self, request: Request) -> Outcome:
        outcome = await self._server.engine.complete(request)
        self._server.notices.outcome(outcome)
        failed = isinstance(outcome, Nothing) and outcome.reason in FAILURES
        if failed or self._server.engine.draws_upon_files:
            self._server.prepare_fallback()
        if isinstance(outcome, Nothing) and outcome.reason is Reason.OUTDATED:
            raise _cancelled()
        return outcome  # a superseded one goes out as cancelled, see `arrived`

    def _request(
        self, document: Document, cursor: Position, snapshot: Snapshot, trigger: Trigger, lane: str
    ) -> Request:
        return Request(
            snapshot=snapshot,
            trigger=trigger,
            lane=lane,
            edit=document.last_edit if cursor == document.caret else Edit.TYPED,
            patient=self._server.client.is_patient,
        )

    def _wire(self, document: Document, *ends: Position) -> types.Range:
        """Start and end, as the client counts; both are in the document as it is now."""
        unit = self._server.client.unit
        return types.Range(*(types.Position(at.line, document.units(at, unit)) for at in ends))


def with_chosen(snapshot: Snapshot, typed: int, text: str) -> Snapshot:
    """The snapshot as if the popup's selected entry stood where `typed` characters of it do."""
    return replace(snapshot, prefix=snapshot.prefix[: len(snapshot.prefix) - typed] + lf(text))


def point(position: types.Position) -> Point:
    """A client's place, as the documents take it."""
    return Point(position.line, position.character)


def _keeps_line_ends(can: types.ClientCapabilities) -> bool:
    """Whether a client says that it inserts line ends as they come: Helix 25.07 does both.

    It says so of workspace edits. Of who is silent, most turn an LF into the document's own.
    """
    edits = can.workspace.workspace_edit if can.workspace else None
    return edits is not None and edits.normalizes_line_endings is False


def _trigger(*, invoked: bool) -> Trigger:
    return Trigger.INVOKED if invoked else Trigger.AUTOMATIC


def _menu_lane(uri: str) -> str:
    return f"menu {uri}"


def _cancelled() -> JsonRpcException:
    return JsonRpcException("outdated", int(types.LSPErrorCodes.RequestCancelled))
