"""What is known of the place that is to be filled in. Pure."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from codestral_ls.context.matching.indentation import is_word, slope_of, unit_of
from codestral_ls.context.matching.tokens import (
    LINE_CHARS,
    OPEN_TOKEN,
    QUOTES,
    TOKEN,
    Line,
    Tokenizer,
    Tokens,
    class_of,
    id_of,
)
from codestral_ls.model import Prompt

LONGEST = 24
"""Tokens before the cursor that are compared, some four lines; a longer match counts no more."""


class Cursor(NamedTuple):
    """A place in a document.

    `head` and `tail` are what stands before and after it in its line; `piece` is the end of the
    head if that is the beginning of a word or a string. `above` and `below` are the lines around
    its own. `before` are the last tokens before `piece`, and `words` the same as they are spelled,
    the last one first. `next` is the line below; blank lines do not count. `gap` tells whether the
    line right above is blank, `slope` whether the cursor is indented more (1) or less (-1) than
    the one that counts.
    """

    head: str
    tail: str
    piece: str
    above: Tokens
    below: Tokens
    before: Line
    words: Sequence[str]
    next: str
    gap: bool
    slope: int

    @property
    def is_indent(self) -> bool:
        """Whether nothing stands before it in its line."""
        return not self.head.strip()

    @property
    def unit(self) -> str:
        """One step of the document's indentation."""
        return unit_of(chain(self.above.lines, self.below.lines))


def cursor_of(prompt: Prompt, tokenizer: Tokenizer) -> Cursor:
    """Looks around the cursor."""
    upper, has_upper, head = prompt.prefix.rpartition("\n")
    tail, _, lower = prompt.suffix.partition("\n")
    above, below = tokenizer.read(upper), tokenizer.read(lower)
    tokens: list[str] = OPEN_TOKEN.findall(head, max(0, len(head) - LINE_CHARS))
    piece = _piece(head, tokens)
    own = tokens[: len(tokens) - bool(piece)][-LONGEST:]
    count = LONGEST - len(own)
    start = max(0, len(above.ids) - count)
    last = above.written_above(len(above.lines))
    return Cursor(
        head=head,
        tail=tail.rstrip(),
        piece=piece,
        above=above,
        below=below,
        before=Line(
            above.ids[start:] + "".join([id_of(token) for token in own]),
            above.classes[start:] + "".join([class_of(token) for token in own]),
        ),
        words=(*reversed(own), *tokenizer.words_before(above, len(above.ids), count)),
        next=next((line.rstrip() for line in below.lines if line and not line.isspace()), ""),
        gap=bool(has_upper) and not above.lines[-1].strip(),
        slope=slope_of(last, head) if last else 0,
    )


def _piece(head: str, tokens: Sequence[str]) -> str:
    """The last token if it may go on: a word, or a string that is open."""
    last = tokens[-1] if tokens else ""
    if not last or not head.endswith(last):
        return ""
    if last[0] in QUOTES:
        return "" if len(last) > 1 and TOKEN.fullmatch(last) else last
    return last if is_word(last[-1]) else ""
