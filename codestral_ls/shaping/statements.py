"""Where statements end: by the grammar of the language, or by brackets and indentation. Pure."""

from collections.abc import Sequence

from codestral_ls.shaping.stops import Line
from codestral_ls.shaping.surroundings import Surroundings
from codestral_ls.shaping.syntax import whole_lines


def statement_ends(
    lines: Sequence[Line], first: int, around: Surroundings, *, over: bool
) -> list[int]:
    """Behind how many lines a statement ends, and the next one is not part of it."""
    body = [index for index in range(first, len(lines)) if not lines[index].blank]
    begun = bool(around.head.strip()) and first == 0
    start = body[1] if begun and len(body) > 1 else body[0]
    parsed = _whole_by_grammar(
        lines[start:], "".join(f"{each.text}\n" for each in lines[:start]), around
    )
    if parsed is not None:
        ends = (start + index for index in sorted(parsed))
        return [
            end + 1 for end in ends if not lines[end].blank and not _leads_up(lines, end, around)
        ]
    level = lines[start]
    return [
        index + 1
        for index in range(first, len(lines))
        if _ends_statement(lines, index, level, around, over=over)
    ]


def true_end(
    lines: Sequence[Line], end: int, floor: int, around: Surroundings, *, over: bool
) -> int | None:
    """Where what the text has begun ends by the grammar, if indentation says behind line `end`.

    None if that does not show in these lines. Indentation is misled by what begins at the left
    within a block: continued lines, and strings that are not read as such.
    """
    for count in range(end, len(lines) + over):
        whole = _whole_by_grammar(lines[:count], "", around)
        if whole is None:
            return end
        goes_on = count < len(lines) and lines[count].column >= floor and not lines[count].blank
        if count - 1 in whole and not goes_on:
            return count
    return None


def _leads_up(lines: Sequence[Line], index: int, around: Surroundings) -> bool:
    """Whether a line is a comment on the one behind it, or the like."""
    followed = index + 1 < len(lines) and not lines[index + 1].blank
    return followed and bool(around.lexis.is_neutral.match(lines[index].text))


def _whole_by_grammar(
    lines: Sequence[Line], done: str, around: Surroundings
) -> frozenset[int] | None:
    snapshot = around.snapshot
    text = "\n".join(each.text for each in lines)
    return whole_lines(snapshot.language, snapshot.prefix + done, text, snapshot.suffix)


def _ends_statement(
    lines: Sequence[Line], index: int, level: Line, around: Surroundings, *, over: bool
) -> bool:
    """Whether a statement ends with a line, and the next one is not part of it."""
    line, lexis = lines[index], around.lexis
    if line.blank or line.inside_after or line.depth_after > level.depth:
        return False
    if around.is_opener(line.code):
        return False
    following = next((each for each in lines[index + 1 :] if not each.blank), None)
    if following is None:
        return over
    if _leads_up(lines, index, around):
        return False
    if following.column > level.column or lexis.goes_on.match(following.text):
        return False
    return not lexis.closes.match(following.text) or following.column < level.column
