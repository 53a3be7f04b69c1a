"""What the index is asked: where the cursor stands, and what may be shown around it. Pure."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["open", "workspace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A place in a document for which lines of other files are wanted.

    `path` and `open` are absolute, with slashes; the files in `open` stand in the editor, the one
    used last first. `before` and `after` meet at the cursor: some thousand characters are enough.
    `window` is what the prompt holds of the document anyway: its lines are not shown again. No
    more than `budget` characters come back, the headers of the files among them. The scope "open"
    draws upon open files alone.
    """

    path: str
    language: str
    before: str
    after: str
    window: str = ""
    open: tuple[str, ...] = ()
    budget: int = 4_000
    scope: Scope = "workspace"
