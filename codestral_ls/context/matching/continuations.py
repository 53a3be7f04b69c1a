"""What stands after a place, as it would have to stand at the cursor. Pure."""

from typing import NamedTuple

from codestral_ls.context.matching.cursor import Cursor
from codestral_ls.context.matching.indentation import indent_of, is_word, slope_of
from codestral_ls.context.matching.places import Place
from codestral_ls.context.matching.renaming import Renaming
from codestral_ls.context.matching.tokens import Tokenizer, Tokens

OPENING = {")": "(", "]": "[", "}": "{"}
LONGEST_CHARS = 200
"""Of a continuation: longer ones are data, and nobody reads them as ghost text."""


class Continuation(NamedTuple):
    """The rest of a line; `replaced` counts the tokens that are other ones at the source.

    No text means that this place speaks against any here.
    """

    text: str
    replaced: int = 0


NONE = Continuation("")


def continuation(
    cursor: Cursor, place: Place, tokenizer: Tokenizer, renaming: Renaming | None
) -> Continuation:
    """Returns how the cursor's line goes on if it goes on as at a place."""
    text = place.text
    number = text.line_at(place.at)
    line, first = text.lines[number], place.at - text.start_of(number)
    words, starts = tokenizer.words(line)
    if first >= len(starts):
        return NONE  # the line ends here
    rest, replaced = line[starts[first] :].rstrip(), 0
    if len(rest) - len(cursor.piece) >= LONGEST_CHARS:
        return NONE
    if renaming:
        rest, replaced = renaming(rest)
    if not rest.startswith(cursor.piece):
        return NONE
    if cursor.piece:
        rest = rest[len(cursor.piece) :]
    elif cursor.is_indent:
        rest = _indented(cursor, text, number, rest)
    elif first:
        end = starts[first - 1] + len(words[first - 1])
        rest = _spaced(cursor, line[end : starts[first]], rest)
    if cursor.tail:
        rest = _fitting(rest, cursor.tail)
    if not rest or rest.isspace() or "\r" in rest:
        return NONE
    return NONE if cursor.head + rest == cursor.next else Continuation(rest, replaced)


def _indented(cursor: Cursor, text: Tokens, number: int, rest: str) -> str:
    """Returns a whole line if it may stand at the cursor.

    It is indented as the cursor is, or should be, and stands below a blank line or does not.
    """
    gap = number > 0 and (not text.lines[number - 1] or text.lines[number - 1].isspace())
    if gap != cursor.gap:
        return ""
    slope = slope_of(text.written_above(number), indent_of(text.lines[number]))
    if slope > cursor.slope == 0:
        return cursor.unit + rest
    return rest if slope == cursor.slope else ""


def _spaced(cursor: Cursor, gap: str, rest: str) -> str:
    """Returns what comes after a token, with the blanks between unless they are there already."""
    if not cursor.head[-1].isspace():
        return gap + rest
    return rest if gap else ""


def _fitting(rest: str, tail: str) -> str:
    """Cuts `rest` where `tail` begins, brackets closed; nothing if it has no such place."""
    wanted = tail.lstrip()
    opened: list[str] = []
    for at, character in enumerate(rest):
        if not opened and rest.startswith(wanted, at):
            fits = not (at and is_word(rest[at - 1]) and is_word(wanted[0]))
            if fits:
                return rest[:at].rstrip() if tail != wanted else rest[:at]
        if character in OPENING.values():
            opened.append(character)
        elif opened and OPENING.get(character) == opened[-1]:
            opened.pop()
    return ""
