"""How much of a text is shown at once: the rest of a line, a block, or its statements. Pure.

A cut is final: whatever the model writes next, it stays where it is, so that a text can be shown
before its stream has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from codestral_ls.shaping.scope import begins_block, bound_of, end_of_scope
from codestral_ls.shaping.statements import statement_ends, true_end
from codestral_ls.shaping.stops import ALIKE_ROWS, Line, Reading, read
from codestral_ls.shaping.surroundings import Surroundings

LOOK_AHEAD = 7
"""Lines that a block may have more than are shown otherwise; a second of a fast model's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user wants to see: `lines` at most, `multiline` as the setting says.

    `goes_on`: the text may begin with a line end, since something was inserted just before it.
    """

    lines: int
    multiline: str
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a text that is shown; `rule` says why it ends there, if not by itself.

    An incomplete one may yet become longer.
    """

    text: str
    complete: bool
    rule: str


def cut(text: str, around: Surroundings, wanted: Wanted, *, finished: bool) -> Cut:
    """Cuts a text that stands at a cursor to what is shown of it."""
    if not finished and "\n" not in text:
        return Cut("", complete=False, rule="")
    # With two lines behind the last one that may be shown, all is known that decides about it.
    seen = len(text) - len(text.lstrip("\n")) + wanted.lines + LOOK_AHEAD + 2
    lines = text.split("\n", seen)
    if len(lines) > seen:  # what comes later changes nothing
        text, finished = text[: len(text) - len(lines[-1])], False
    return cut_reading(read(text, around, finished=finished), wanted, finished=finished)


def own_line(text: str, around: Surroundings) -> str:
    """A text of lines of its own, so ended that the closers behind it have theirs as well."""
    return text + "\n" + around.head[: len(around.head) - len(around.head.lstrip())]


def cut_reading(reading: Reading, wanted: Wanted, *, finished: bool) -> Cut:
    """Cuts what has been read already to what is shown of it."""
    around = reading.around
    lines, over = reading.lines, finished or bool(reading.ended_by)
    if not lines:
        return Cut("", complete=over, rule=reading.ended_by)
    count, rule = _lines_shown(reading, around, wanted, over=over)
    if count < 0 or (not over and _may_loop(lines, count)):
        return Cut("", complete=False, rule="")
    if count >= len(lines) and over:
        return Cut(reading.text, complete=True, rule=reading.ended_by)
    last = lines[count - 1]
    if rule == "to_max_lines" and around.tail_closes and lines[0].blank:
        return Cut(own_line(reading.text[: last.start + len(last.text)], around), True, rule)
    return Cut(reading.text[: last.start + len(last.text)], complete=True, rule=rule)


def _may_loop(lines: Sequence[Line], count: int) -> bool:
    """Whether all that came since the last but one of the lines shown is the same line again."""
    ends = {line.text.strip() for line in lines[max(count - 2, 0) :]}
    return count > 1 and len(lines) < count + ALIKE_ROWS and len(ends) == 1


def _lines_shown(
    reading: Reading, around: Surroundings, wanted: Wanted, *, over: bool
) -> tuple[int, str]:
    """How many lines are shown, -1 if that is not known yet, and why not more."""
    lines = reading.lines
    first = next((index for index, line in enumerate(lines) if not line.blank), -1)
    if first < 0:
        return (len(lines), "") if over else (-1, "")
    if wanted.multiline == "never" or _stays_in_line(lines, first, around, wanted):
        return first + 1 if _may_begin_below(around, wanted) else 1, "single_line"
    if around.tail.strip() and (first == 0 or not around.tail_closes):
        return _until_balanced(lines, around, wanted.lines + LOOK_AHEAD, over=over)
    if around.lexis.prose or lines[first].inside:
        return _paragraph(lines, first, wanted.lines, over=over)
    return _several(lines, first, around, wanted.lines, over=over)


def _stays_in_line(lines: Sequence[Line], first: int, around: Surroundings, wanted: Wanted) -> bool:
    """Whether the rest of the cursor's line is all that is wanted."""
    if first > 0:
        return not _may_begin_below(around, wanted)
    if around.in_line_comment:
        return True
    if around.tail.strip():
        closes = any(each.at >= 0 for each in around.pending)
        whole = lines[0].text.rstrip().endswith(around.tail.rstrip())
        return not around.tail_closes and (whole or not closes)
    begun = bool(around.head.strip()) and not around.opens_block
    return begun and wanted.multiline != "always" and not begins_block(lines[0], around)


def _may_begin_below(around: Surroundings, wanted: Wanted) -> bool:
    return not around.head.strip() or around.opens_block or wanted.goes_on


def _until_balanced(
    lines: Sequence[Line], around: Surroundings, most: int, *, over: bool
) -> tuple[int, str]:
    """As many lines as it takes until the text has closed its own brackets and strings."""
    for count, line in enumerate(lines[:most], 1):
        if not line.depth_after and (not line.inside_after or around.inside):
            return count, "single_line" if count == 1 else "to_end_of_block"
    if over:
        return len(lines[:most]), "to_max_lines"
    return (most, "to_max_lines") if len(lines) > most else (-1, "")


def _several(
    lines: Sequence[Line], first: int, around: Surroundings, most: int, *, over: bool
) -> tuple[int, str]:
    """A whole block, or statements up to the limit."""
    bound = bound_of(lines, first, around)
    end = end_of_scope(lines, first, bound, around)
    limit = first + most + (LOOK_AHEAD if bound.block else 0)
    if end is not None and begins_block(lines[first], around) and not around.opens_block:
        true = true_end(lines, end, bound.floor, around, over=over)
        if true is None and not over and len(lines) <= limit:
            return -1, ""
        end = true or end
    ends = over or end is not None
    count = len(lines) if end is None else end
    said = max(index + 1 for index, each in enumerate(lines[:count]) if not each.blank)
    if ends and said <= limit:
        return count, "to_end_of_block"
    if not ends and len(lines) <= limit:
        return -1, ""
    return _first_statements(lines[:count], first, most, around, over=ends)


def _paragraph(lines: Sequence[Line], first: int, most: int, *, over: bool) -> tuple[int, str]:
    for index in range(first, min(len(lines), first + most)):
        following = lines[index + 1] if index + 1 < len(lines) else None
        ends_here = lines[index].inside and not lines[index].inside_after
        if ends_here or (following is not None and following.blank):
            return index + 1, "to_end_of_block"
    if len(lines) > first + most:
        return first + most, "to_max_lines"
    return (len(lines), "") if over else (-1, "")


def _first_statements(
    lines: Sequence[Line], first: int, most: int, around: Surroundings, *, over: bool
) -> tuple[int, str]:
    """Whole statements up to the limit; if there is none, the first whole one behind it."""
    for limit in (first + most, first + most + LOOK_AHEAD):
        if len(lines) <= limit and not over:
            return -1, ""
        seen = lines[: limit + 1]
        whole = statement_ends(seen, first, around, over=over and len(lines) <= limit + 1)
        within = [count for count in whole if first < count <= limit]
        if within:
            return (within[-1] if limit == first + most else within[0]), "to_max_lines"
    return first + most, "to_max_lines"
