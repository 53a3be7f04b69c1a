"""The two questions a client asks for text: decode, one call of the engine, encode."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from codestral_ls.lsp import items
from codestral_ls.lsp.documents import Document, Point
from codestral_ls.model import (
    Answer,
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

    def abandon(self, uri: str) -> None:
        """Ends what is under way for a document that is closed."""
        for lane in (uri, _menu_lane(uri)):
            self._server.engine.abandon(lane)

    async def inline(
        self, params: types.InlineCompletionParams
    ) -> list[types.InlineCompletionItem]:
        """Ghost text for a cursor: one item or none."""
        document = self._server.documents.get(params.text_document.uri)
        if document is None:
            return []
        cursor = document.position(point(params.position), self._server.unit)
        snapshot, edits = document.snapshot(cursor), document.edits
        start, chosen = cursor, params.context.selected_completion_info
        if chosen is not None:
            start = document.position(point(chosen.range.start), self._server.unit)
            end = document.position(point(chosen.range.end), self._server.unit)
            if start.line != cursor.line or end != cursor:
                return []  # not what stands before the cursor: VS Code would not draw it
            snapshot = with_chosen(snapshot, cursor.character - start.character, chosen.text)
        kind = params.context.trigger_kind
        trigger = _trigger(invoked=kind is types.InlineCompletionTriggerKind.Invoked)
        outcome = await self._complete(snapshot, trigger, lane=snapshot.uri)
        if not isinstance(outcome, Answer):
            return []
        if document.edits != edits:
            raise _cancelled()  # Neovim would draw it into a text that it was not made for
        text = (chosen.text if chosen else "") + outcome.text
        return [items.inline_item(text, self._wire(document, start), self._wire(document, cursor))]

    async def menu(self, params: types.CompletionParams) -> types.CompletionList:
        """The same text as an entry of the completion menu, for clients without ghost text."""
        document = self._server.documents.get(params.text_document.uri)
        if document is None:
            return types.CompletionList(is_incomplete=True, items=[])
        cursor = document.position(point(params.position), self._server.unit)
        snapshot = document.snapshot(cursor)
        word = items.menu_word(snapshot.line_head)
        # Typing opens the menu with kind "Invoked" too (Helix 25.07), so it says nothing.
        outcome = await self._complete(snapshot, Trigger.AUTOMATIC, lane=_menu_lane(snapshot.uri))
        entries = []
        if isinstance(outcome, Answer):
            start = replace(cursor, character=cursor.character - len(word))
            places = self._wire(document, start), self._wire(document, cursor)
            entries.append(items.menu_item(outcome, word, snapshot.language, *places))
        return types.CompletionList(is_incomplete=True, items=entries)

    async def _complete(self, snapshot: Snapshot, trigger: Trigger, lane: str) -> Outcome:
        if (older := self._in_lane.get(lane)) is not None:
            self._server.protocol.withhold(older)
        if (task := asyncio.current_task()) is not None:
            self._in_lane[lane] = task
        request = Request(snapshot=snapshot, trigger=trigger, lane=lane)
        outcome = await self._server.engine.complete(request)
        self._server.notices.outcome(outcome)
        if isinstance(outcome, Nothing) and outcome.reason is Reason.SUPERSEDED:
            raise _cancelled()
        return outcome

    def _wire(self, document: Document, position: Position) -> types.Position:
        units = document.units(position, self._server.unit)
        return types.Position(line=position.line, character=units)


def with_chosen(snapshot: Snapshot, typed: int, text: str) -> Snapshot:
    """The snapshot as if the popup's selected entry stood where `typed` characters of it do."""
    return replace(snapshot, prefix=snapshot.prefix[: len(snapshot.prefix) - typed] + text)


def point(position: types.Position) -> Point:
    """A client's place, as the documents take it."""
    return Point(position.line, position.character)


def _trigger(*, invoked: bool) -> Trigger:
    return Trigger.INVOKED if invoked else Trigger.AUTOMATIC


def _menu_lane(uri: str) -> str:
    return f"menu {uri}"


def _cancelled() -> JsonRpcException:
    return JsonRpcException("superseded", int(types.LSPErrorCodes.RequestCancelled))
