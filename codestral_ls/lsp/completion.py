"""The two questions a client asks for text: decode, one call of the engine, encode."""

import asyncio
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


PATIENT_CLIENTS = {"neovim", "helix"}
"""They wait for a pause in the typing before they ask: Neovim 0.12 200 ms, Helix 25.07 250 ms."""


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
            self._server.engine.ask_ahead(
                self._request(document, document.caret, snapshot, Trigger.AUTOMATIC, uri)
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
            self._item(each, lf(head + each.text), start, place, snapshot)
            for each in (outcome, *outcome.others)
        ]

    def _item(
        self, answer: Answer, text: str, start: Position, place: types.Range, snapshot: Snapshot
    ) -> types.InlineCompletionItem:
        """An answer as it goes out; `text` takes the place of all from `start` on."""
        labels = Labels(language=snapshot.language, provider=answer.provider, model=answer.model)
        number = self._server.feedback.offer(snapshot.uri, start, text, labels)
        replaced = snapshot.line_tail[: answer.replaces]
        reach = items.reaching(place, replaced, self._server.client.unit)
        return items.inline_item(text, reach, snapshot.uri, number)

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
        document = self._server.documents.get(params.text_document.uri)
        if document is None:
            return types.CompletionList(is_incomplete=True, items=[])
        cursor = document.position(point(params.position), self._server.client.unit)
        snapshot = document.snapshot(cursor, self._server.engine.budget)
        word = items.menu_word(snapshot.line_head)
        start = replace(cursor, character=cursor.character - len(word))
        place = self._wire(document, start, cursor)
        # Typing opens the menu with kind "Invoked" too (Helix 25.07), so it says nothing.
        lane = _menu_lane(snapshot.uri)
        request = self._request(document, cursor, snapshot, Trigger.AUTOMATIC, lane)
        outcome = await self._complete(request)
        entries = []
        if isinstance(outcome, Answer):
            client, replaced = self._server.client, snapshot.line_tail[: outcome.replaces]
            place, markdown = items.reaching(place, replaced, client.unit), client.draws_markdown
            entry = items.menu_item(outcome, word, snapshot.language, place, markdown=markdown)
            entries.append(entry)
        return types.CompletionList(is_incomplete=True, items=entries)

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
            patient=self._server.client.name in PATIENT_CLIENTS,
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


def _trigger(*, invoked: bool) -> Trigger:
    return Trigger.INVOKED if invoked else Trigger.AUTOMATIC


def _menu_lane(uri: str) -> str:
    return f"menu {uri}"


def _cancelled() -> JsonRpcException:
    return JsonRpcException("outdated", int(types.LSPErrorCodes.RequestCancelled))
