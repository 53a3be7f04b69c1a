"""Which of a text's lines belong together by their indentation. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codestral_ls.lexis import HOLDS_DEFINITIONS, Lexis
from codestral_ls.shaping.stops import Line
from codestral_ls.shaping.surroundings import Surroundings, column_of


@dataclass(frozen=True, slots=True)
class Bound:
    """What a line must keep to: an indentation of at least `floor`.

    `block`: the lines are those of one block; `of_definitions`: one that consists of such;
    `closed`: the block is over unless the next line goes on with it.
    """

    floor: int
    block: bool
    of_definitions: bool = False
    closed: bool = False


def bound_of(lines: Sequence[Line], first: int, around: Surroundings) -> Bound:
    """The bound of a text whose first line with anything in it is `first`."""
    column, above = lines[first].column, around.above
    if not around.head.strip():
        if above and around.is_opener(above) and column_of(above) < column:
            return Bound(column_of(above) + 1, True, _holds_definitions(above))
        return Bound(column, begins_block(lines[first], around))
    if around.opens_block or (first == 0 and begins_block(lines[first], around)):
        unindented = first > 0 and column <= around.column
        if unindented and (around.pending or around.lexis.flat):
            return Bound(column, True, _holds_definitions(around.head))
        return Bound(around.column + 1, True, _holds_definitions(around.head))
    return Bound(column, block=False)


def begins_block(line: Line, around: Surroundings) -> bool:
    """Whether what a line begins goes on in the next ones."""
    return line.depth_after > 0 or (not line.inside_after and around.is_opener(line.code))


def _holds_definitions(opener: str) -> bool:
    return bool(HOLDS_DEFINITIONS.search(opener))


def end_of_scope(
    lines: Sequence[Line], first: int, bound: Bound, around: Surroundings
) -> int | None:
    """How many lines there are until one no longer belongs to the text; None if all do."""
    lexis, end = around.lexis, first
    level = lines[first].column
    for index in _lines_of_code(lines, first, around):
        line = lines[index]
        if _is_aside(line, lexis) and (bound.closed or line.column < bound.floor):
            continue
        within = line.depth or line.inside or _is_aside(line, lexis)
        column = bound.floor if within else level
        deeper = within and line.column >= bound.floor
        another = not deeper and (not bound.of_definitions or lexis.flat)
        if another and _begins_another(lines, index, first, column, around):
            return _before_its_comments(lines, index, lexis)
        if not within:
            follows = _bound_behind(lines, index, bound, around)
            if follows is None:
                return end + 1
            bound = follows
        end = index
    return None


def _lines_of_code(lines: Sequence[Line], first: int, around: Surroundings) -> Iterator[int]:
    """The lines whose indentation counts: none that are blank, begun before, or in a heredoc."""
    text_ends = ""
    for index in range(first, len(lines)):
        line = lines[index]
        if text_ends:
            text_ends = "" if line.text.strip() == text_ends else text_ends
            continue
        if announced := around.lexis.heredocs.search(line.code):
            text_ends = announced[1]
        if not line.blank and (index > 0 or not around.head.strip()):
            yield index


def _is_aside(line: Line, lexis: Lexis) -> bool:
    """Whether a line is a comment, a label or a directive, which may stand anywhere."""
    return bool(lexis.is_neutral.match(line.text)) and not lexis.goes_on.match(line.text)


def _bound_behind(
    lines: Sequence[Line], index: int, bound: Bound, around: Surroundings
) -> Bound | None:
    """What the lines behind one must keep to; None if it does not belong to the text itself."""
    line, lexis = lines[index], around.lexis
    if not bound.closed and line.column >= bound.floor:
        return bound
    if lexis.goes_on.match(line.text) and not _stands_below(line, around):
        return Bound(line.column + 1, bound.block, bound.of_definitions)
    if lexis.closes.match(line.text) and _is_lacking(lines, index, around):
        return Bound(line.column, bound.block, bound.of_definitions, closed=True)
    return None


def _stands_below(line: Line, around: Surroundings) -> bool:
    """Whether the document has the line already, as the next one of its indentation or less."""
    for below in around.below:
        if column_of(below) <= line.column:
            return column_of(below) == line.column and below.strip() == line.text.strip()
    return False


def _is_lacking(lines: Sequence[Line], index: int, around: Surroundings) -> bool:
    """Whether a closing line closes something that nothing in the document closes."""
    before = lines[index - 1].closed_after if index else 0
    if lines[index].closed_after > before:
        return True  # reading would have ended at one that is closed elsewhere
    return not _stands_below(lines[index], around)


def _begins_another(
    lines: Sequence[Line], index: int, first: int, column: int, around: Surroundings
) -> bool:
    """Whether a line behind a blank one begins another definition beside what was begun."""
    line, lexis = lines[index], around.lexis
    if line.column > column or index == first or not lines[index - 1].blank:
        return False
    begun = [each for each in lines[first:index] if not each.blank]
    if all(_leads(each, lexis) for each in begun):
        return False
    behind = (at for at in range(index, len(lines)) if not lines[at].blank)
    head = next((at for at in behind if not _leads(lines[at], lexis)), None)
    return head is not None and _defines(lines, head, around)


def _leads(line: Line, lexis: Lexis) -> bool:
    """Whether a line belongs to the definition behind it: a comment, an attribute, a decorator."""
    return bool(lexis.is_neutral.match(line.text)) or line.text.lstrip().startswith("@")


def _defines(lines: Sequence[Line], index: int, around: Surroundings) -> bool:
    """Whether a line begins a definition, with its body or with the bracket of that to follow."""
    line, behind = lines[index], lines[index + 1 :]
    if around.lexis.sections.match(line.code):
        return True
    if not around.lexis.defines.match(line.code):
        return False
    if around.is_opener(line.code):
        return True
    return bool(behind) and (behind[0].text.strip() == "{" or behind[0].column > line.column)


def _before_its_comments(lines: Sequence[Line], index: int, lexis: Lexis) -> int:
    """The end of what stands before a line and the comments that lead up to it."""
    while index and not lines[index - 1].blank and lexis.is_neutral.match(lines[index - 1].text):
        index -= 1
    while index and lines[index - 1].blank:
        index -= 1
    return index
