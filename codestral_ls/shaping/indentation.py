"""The document's own indentation, and text brought to it. Pure."""

import re

from codestral_ls.shaping.surroundings import Surroundings, column_of

USUAL_UNIT = 4
FEWEST_BLANKS = 2
_GOING_ON = "\\,.+-*/%=&|?:<>("
_BLANKS = re.compile(r"[ \t]*")


def in_unit(line: str, unit: str, spaces: int) -> str:
    """A line indented with the document's unit, if it is with the other kind of blank.

    `spaces` is how many of the text's own make a level.
    """
    blanks = _BLANKS.match(line)
    lead = blanks.group() if blanks else ""
    if not unit or not lead or not line[len(lead) :]:
        return line
    if unit != "\t":
        return lead.replace("\t", unit) + line[len(lead) :] if "\t" in lead else line
    levels, more = divmod(len(lead), spaces)
    return "\t" * levels + line[len(lead) :] if "\t" not in lead and levels and not more else line


def without_stray_indentation(text: str, around: Surroundings) -> str:
    """Drops blanks with which a text begins though its line is indented as it should be.

    That is, one level below what opens the block, or as far as the statement above.
    """
    first, _, rest = text.partition("\n")
    code, head, above = first.lstrip(" \t"), around.head, around.above
    if len(code) == len(first) or not code or not head or head.strip() or around.inside:
        return text
    lines_up = any(each.closer in ")]" for each in around.pending[:1])
    opener = around.is_opener(above)
    goes_on = code[0] in _GOING_ON or (not opener and above[-1:] in _GOING_ON)
    if lines_up or not above or goes_on:
        return text
    depth = column_of(head) - column_of(above)
    following = next((column_of(line) for line in rest.split("\n") if line.strip()), -1)
    level = len(around.unit) or (USUAL_UNIT if following < 0 else FEWEST_BLANKS)
    indented = depth >= level if opener else depth == 0
    return text.lstrip(" \t") if indented and following <= column_of(head) else text
