"""Whatever is done to a notebook, its cells stand as in the plainest model of it."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.lsp.cells import Cell
from codestral_ls.model import Budget, Position
from tests.lsp_client import Session, session
from tests.notebook import (
    CODE,
    MARKUP,
    WITH_NOTEBOOKS,
    cell,
    cell_of,
    open_notebook,
    rearrange,
    text_of,
    type_in,
)

ALL = Budget(prefix_chars=100_000, suffix_chars=100_000)
TEXTS = st.sampled_from(["x = 1", "y\n", "é😀\r\nz", "", "# said\n\n", "%%bash\nls", "%%time\nw"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "move", "type", "turn"]),
        st.integers(0, 9),
        st.integers(0, 9),
        TEXTS,
    ),
    max_size=12,
)


class Plain:
    """A notebook as a list of names, kinds and texts."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, int, str]] = []
        self.made = 0

    def step(self, client: Session, what: str, first: int, second: int, text: str) -> None:
        """Does the same to the list and to the session."""
        at = min(first, len(self.cells))
        if what == "insert":
            kind, name = (MARKUP if second % 3 == 0 else CODE), f"n{self.made}"
            self.made += 1
            self.cells.insert(at, (name, kind, text))
            opened = [text_of(name, text, language_of(kind))]
            rearrange(client, at, 0, cell_of(name, kind), opened=opened)
        elif what == "delete":
            gone = [name for name, *_ in self.cells[at : at + second]]
            del self.cells[at : at + second]
            rearrange(client, at, len(gone), closed=gone)
        elif what == "move" and at < len(self.cells):
            low, high = sorted((at, min(second, len(self.cells) - 1)))
            moved = [*self.cells[low + 1 : high + 1], self.cells[low]]
            self.cells[low : high + 1] = moved
            rearrange(
                client, low, high + 1 - low, *(cell_of(name, kind) for name, kind, _ in moved)
            )
        elif what == "type" and at < len(self.cells):
            name, kind, old = self.cells[at]
            self.cells[at] = (name, kind, text + old)
            type_in(client, name, text, 0, 0)
        elif what == "turn" and at < len(self.cells):
            name, kind, old = self.cells[at]
            kind = CODE if kind == MARKUP else MARKUP
            self.cells[at] = (name, kind, old)
            opened = [text_of(name, old, language_of(kind))]
            rearrange(client, at, 1, cell_of(name, kind), opened=opened, closed=[name])

    def code(self, at: int, beside: int) -> str:
        """What a cell is beside another one, "" if it is nothing there."""
        _, kind, text = self.cells[at]
        text = text.replace("\r\n", "\n").rstrip()
        if kind == self.cells[beside][1]:
            same = text.startswith("%%bash") == self.cells[beside][2].startswith("%%bash")
            return text if same else ""
        if kind == MARKUP and at < beside:
            return "\n".join(f"# {line}".rstrip() for line in text.split("\n")) if text else ""
        return ""

    def expected(self, beside: int) -> tuple[str, str]:
        """What stands above a cell and below it."""
        above = (self.code(at, beside) for at in range(beside))
        below = (self.code(at, beside) for at in range(beside + 1, len(self.cells)))
        return (
            "".join(f"{each}\n\n" for each in above if each),
            "".join(f"\n\n{each}" for each in below if each),
        )


def language_of(kind: int) -> str:
    return "markdown" if kind == MARKUP else "python"


async def play(steps: list[Any]) -> None:
    """Plays the steps and looks at each cell after each of them."""
    async with session() as client:
        await client.initialize(capabilities=WITH_NOTEBOOKS)
        open_notebook(client, {})
        plain = Plain()
        for what, first, second, text in steps:
            plain.step(client, what, first, second, text)
            documents = client.server.documents
            assert set(documents) == {cell(name) for name, *_ in plain.cells}
            for number, (name, _, own) in enumerate(plain.cells):
                document = documents[cell(name)]
                assert isinstance(document, Cell)
                assert document.text == own
                above, below = plain.expected(number)
                snapshot = document.snapshot(Position(line=0, character=0), ALL)
                own_lf = own.replace("\r\n", "\n")
                assert snapshot.prefix == above
                assert snapshot.suffix == (own_lf.rstrip("\n") + below if below else own_lf)
                assert snapshot.lines_before == above.count("\n")
                assert (snapshot.lines_above, snapshot.lines_below, snapshot.head) == (0, 0, "")


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_cells_stand_as_in_a_plain_list(steps: list[Any]) -> None:
    """After insertions, deletions, moves, edits and changes of kind, in any order."""
    asyncio.run(play(steps))
