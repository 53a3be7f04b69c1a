"""What an editor can have done by name (`workspace/executeCommand`), for keys and menus.

Arguments are checked here: they come from people's configurations.
"""

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from codestral_ls.engine.journal import KEPT
from codestral_ls.explaining import explain
from codestral_ls.kinds import Kind, number
from codestral_ls.lsp.items import ACCEPTED
from codestral_ls.lsp.status import PAUSE, RETRY, STATISTICS, TOGGLE

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer

EXPLAIN, STATUS = "codestral.explain", "codestral.status"
EXPLAINED = 20
"""Requests, unless more or fewer are asked for."""
PAUSE_MINUTES = 60
MOST_MINUTES = 7 * 24 * 60
DAYS, MOST_DAYS = 30, 100_000
MINUTE = 60

Json = Any


def register_commands(server: "CodestralServer") -> None:
    """Tells pygls which commands there are; it writes attributes on them, so each is a function."""
    _register_switches(server)

    @server.command(ACCEPTED)
    def accepted(uri: Json = None, answer: Json = None, units: Json = None) -> None:
        """Of the item with this number; with `units`, so much of it by now (UTF-16)."""
        if not isinstance(uri, str):
            raise JsonRpcInvalidParams(f"{ACCEPTED} takes the document's URI first")
        if is_count(answer) and is_count(units):
            server.feedback.accepted_partly(answer, units)
        elif is_count(answer):
            server.feedback.accepted(answer)
        server.completion.accepted(uri)

    @server.command(EXPLAIN)
    def explain_latest(count: Json = EXPLAINED) -> Json:
        wanted = _taken(EXPLAIN, "how many requests", number(1, KEPT, whole=True), count)
        entries = server.explained(wanted)[::-1]
        return {"entries": entries, "text": explain(entries)}

    @server.command(STATUS)
    def status() -> Json:
        return server.status_line.status.as_json()

    @server.command(STATISTICS)
    async def statistics(days: Json = DAYS) -> Json:
        wanted = _taken(STATISTICS, "the days", number(1, MOST_DAYS, whole=True), days)
        return await server.recorder.report(wanted)


def _register_switches(server: "CodestralServer") -> None:
    @server.command(TOGGLE)
    def toggle() -> Json:
        server.engine.toggle()
        return server.status_line.status.as_json()

    @server.command(PAUSE)
    def pause(minutes: Json = PAUSE_MINUTES) -> Json:
        wanted = _taken(PAUSE, "the minutes", number(0, MOST_MINUTES, whole=False), minutes)
        if wanted:
            server.engine.pause(wanted * MINUTE)
        else:
            server.engine.resume()
        return server.status_line.status.as_json()

    @server.command(RETRY)
    def retry() -> Json:
        server.engine.retry()
        return server.status_line.status.as_json()


def is_count(value: object) -> bool:
    """Whether a value from JSON counts something."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _taken(name: str, what: str, kind: Kind, value: Json) -> Json:
    try:
        return kind.parse(value)
    except (TypeError, ValueError, OverflowError):
        raise JsonRpcInvalidParams(f"{name} takes {what}, {kind.allowed}") from None
