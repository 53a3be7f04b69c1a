"""Lines of other files within a budget, each once, grouped by file. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

from codestral_ls.context.index.record import LINE_CHARS
from codestral_ls.model import Snippet

PLAIN_CHARS = 10
"""Shorter lines say nothing for themselves, and may stand twice where several stand together."""


class Block:
    """Lines that fit into a budget, few of them twice, and few that stand in the window.

    `relative` gives the path that is shown for a file.
    """

    def __init__(self, budget: int, window: str, relative: Callable[[str], str]) -> None:
        self._budget, self._relative = budget, relative
        self._seen = {line.strip() for line in window.split("\n")}
        self._lines: dict[str, dict[int, str]] = {}
        self._joins: dict[str, frozenset[tuple[int, int]]] = {}
        self._gaps: dict[str, int] = {}
        self._value: dict[str, int] = {}
        self.used = 0

    @property
    def room(self) -> int:
        """How many characters are left."""
        return self._budget - self.used

    def add(
        self,
        path: str,
        lines: Mapping[int, str],
        *,
        owner: Mapping[int, str] | None = None,
        most: int | None = None,
    ) -> bool:
        """Takes in the lines of one definition, if they are new and fit into `most`.

        Nothing or all: half a signature is none. With it come the lines of its `owner`, which may
        be known: a member without them belongs to nothing.
        """
        telling = [line[:LINE_CHARS] for line in lines.values() if len(lines) == 1 or _tells(line)]
        known = sum(not line.strip() or line.strip() in self._seen for line in telling)
        if telling and 2 * known >= len(telling):
            return False
        return self._put(path, {**(owner or {}), **lines}, most, joined=sorted(lines))

    def trim(self, path: str, lines: Mapping[int, str]) -> dict[int, str]:
        """Returns lines that stand together without what is blank or known at their ends."""
        held = self._lines.get(path, {})
        rows = sorted(lines)
        while rows and self._is_spare(lines[rows[0]], there=rows[0] in held):
            del rows[0]
        while rows and self._is_spare(lines[rows[-1]], there=rows[-1] in held):
            del rows[-1]
        return {row: lines[row] for row in rows}

    def _is_spare(self, line: str, *, there: bool) -> bool:
        return not line.strip() or (not there and _tells(line) and line.strip() in self._seen)

    def add_piece(self, path: str, lines: Mapping[int, str], *, most: int | None = None) -> bool:
        """Takes in lines that stand together, all of them: with holes they would be other code.

        A piece of which more than a third is known is none.
        """
        held = self._lines.get(path, {})
        telling = [row for row, line in lines.items() if _tells(line)]
        known = [row for row in telling if row in held or lines[row].strip() in self._seen]
        if not telling or 3 * len(known) > len(telling):
            return False
        return self._put(path, lines, most)

    def _put(
        self, path: str, lines: Mapping[int, str], most: int | None, joined: Sequence[int] = ()
    ) -> bool:
        held = self._lines.get(path, {})
        fresh = {row: line[:LINE_CHARS] for row, line in lines.items() if row not in held}
        joins = self._joins.get(path, frozenset()) | {*pairwise(joined)}
        rows = sorted({*held, *fresh})
        gaps = sum(_is_gap(pair, joins) for pair in pairwise(rows))
        cost = sum(map(len, fresh.values())) + len(fresh) + gaps - self._gaps.get(path, 0)
        cost += self.header_chars(path)
        if not fresh or cost > (self.room if most is None else min(most, self.room)):
            return False
        self._lines.setdefault(path, {}).update(fresh)
        self._joins[path], self._gaps[path] = joins, gaps
        self._seen.update(text for line in fresh.values() if (text := line.strip()))
        self.used += cost
        return True

    def header_chars(self, path: str) -> int:
        """Returns what the first lines of a file cost beside themselves."""
        if path in self._lines:
            return 0
        # One less: each line is counted with its end, which the last one does not have.
        return Snippet(path=self._relative(path), text="").chars - 1

    def praise(self, path: str, value: int) -> None:
        """Takes note that a file is worth something: what is worth most stands last."""
        self._value[path] = max(self._value.get(path, 0), value)

    def snippets(self) -> tuple[Snippet, ...]:
        """Returns the lines by file: the file worth most is last, right above the document."""
        paths = sorted(self._lines, key=lambda path: (self._value.get(path, 0), path))
        return tuple(Snippet(path=self._relative(path), text=self._text(path)) for path in paths)

    def _text(self, path: str) -> str:
        """Lays out the lines of a file, with a blank one where it has others between them.

        What stands together would be read as one body.
        """
        lines, joins = self._lines[path], self._joins[path]
        rows = sorted(lines)
        shown = [lines[row] for row in rows[:1]]
        for pair in pairwise(rows):
            shown += [*([""] if _is_gap(pair, joins) else []), lines[pair[1]]]
        return "\n".join(shown)


def _is_gap(pair: tuple[int, int], joins: Collection[tuple[int, int]]) -> bool:
    return pair[1] > pair[0] + 1 and pair not in joins


def _tells(line: str) -> bool:
    return len(line.strip()) >= PLAIN_CHARS
