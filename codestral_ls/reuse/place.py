"""Does what was generated for one place still fit at another? Pure.

Typed through, taken back, returned to, accepted in part and still under way are one question: is
what stands between the place and the cursor the head of the generated text?
"""

from dataclasses import dataclass

from codestral_ls.model import Snapshot
from codestral_ls.wishes import EVERYBODY, Scope

PLACE_BEFORE, PLACE_AFTER = 400, 200
"""Characters that make a place: enough to tell places apart, robust to edits far away."""

_CLOSERS = {")": "(", "]": "[", "}": "{", '"': '"', "'": "'", "`": "`", ">": "<"}
_BLANKS = " \t\n"
_LONGEST_RUN = 60
_ANCHOR = 24
_MOST_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What stands around a cursor."""

    language: str
    before: str
    after: str
    scope: Scope = EVERYBODY


def place_of(snapshot: Snapshot) -> Place:
    """The place of a snapshot."""
    return Place(
        language=snapshot.language,
        before=snapshot.prefix[-PLACE_BEFORE:],
        after=snapshot.suffix[:PLACE_AFTER],
        scope=snapshot.scope,
    )


def anchor_of(after: str) -> str:
    """What stands behind a place whatever closers and blanks the editor puts there or takes.

    Places with different anchors have nothing to do with each other.
    """
    return after[:PLACE_AFTER].lstrip(_BLANKS + "".join(_CLOSERS))[:_ANCHOR]


def remainder(place: Place, text: str, snapshot: Snapshot) -> str | None:
    """What is left of a text at the snapshot's cursor; None if the cursor is not in it.

    Lines whose indentation the editor has changed count as typed, and the lines behind them follow
    that indentation.
    """
    if place.language != snapshot.language or place.scope != snapshot.scope:
        return None
    typed = _typed_since(place.before, text, snapshot.prefix)
    if typed is None or not _same_behind(place.after, snapshot.suffix, typed):
        return None
    if text.startswith(typed):
        return text[len(typed) :]
    return _reindented_rest(text, typed)


def agrees(place: Place, text: str, snapshot: Snapshot) -> bool:
    """Whether a text that is still growing may yet fit: one is the head of the other.

    Different from `remainder` only where more has been typed than generated.
    """
    if place.language != snapshot.language or place.scope != snapshot.scope:
        return False
    for typed in _candidates(place.before, snapshot.prefix, len(snapshot.prefix)):
        ahead = typed.startswith(text) or text.startswith(typed)
        if ahead and _same_behind(place.after, snapshot.suffix, typed):
            return True
    return remainder(place, text, snapshot) is not None


def _typed_since(before: str, text: str, prefix: str) -> str | None:
    """What was typed behind `before`, if it is the head of `text` but for indentation."""
    for typed in _candidates(before, prefix, 2 * len(text) + 80):
        if text.startswith(typed) or _reindented_rest(text, typed) is not None:
            return typed
    return None


def _candidates(before: str, prefix: str, most: int) -> list[str]:
    """What may have been typed, the least first: a place may look like the text behind it."""
    if len(before) < PLACE_BEFORE:  # the place reaches up to the head of the file
        return [prefix[len(before) :]] if prefix.startswith(before) else []
    start = max(0, len(prefix) - len(before) - most)
    typed: list[str] = []
    found = prefix.rfind(before, start)
    while found >= 0 and len(typed) < _MOST_PLACES:
        typed.append(prefix[found + len(before) :])
        found = prefix.rfind(before, start, found + len(before) - 1)
    return typed


def _same_behind(after: str, suffix: str, typed: str) -> bool:
    """Whether the same stands behind the cursor, but for closers that the editor put or took.

    It puts one behind an opener that was typed, and takes one away that was typed over.
    """
    if _begins_alike(suffix, after):
        return True
    put, over = _run_before(suffix, after), _run_before(after, suffix)
    if put is not None:
        return all(_CLOSERS[each] in typed for each in put if each in _CLOSERS)
    return over is not None and all(each in typed for each in over if each in _CLOSERS)


def _run_before(text: str, other: str) -> str | None:
    """The closers and blanks (Enter inside of a pair) behind which a text goes on alike."""
    for count, character in enumerate(text[:_LONGEST_RUN], 1):
        if character not in _CLOSERS and character not in _BLANKS:
            return None
        if character in _CLOSERS and _begins_alike(text[count:], other):
            return text[:count]
    return None


def _begins_alike(suffix: str, after: str) -> bool:
    size = min(len(suffix), len(after))
    short = PLACE_AFTER - _LONGEST_RUN  # less than a place holds: then it is the end of the file
    return suffix[:size] == after[:size] and (size >= short or len(suffix) == len(after))


def _reindented_rest(text: str, typed: str) -> str | None:
    """The rest of a text whose lines stand in the document with another indentation."""
    done, lines = typed.split("\n"), text.split("\n")
    if len(done) < 2 or len(done) > len(lines) or done[0] != lines[0]:  # noqa: PLR2004 - one line has no indentation of its own
        return None
    if any(a.strip() != b.strip() for a, b in zip(done[1:-1], lines[1:-1], strict=False)):
        return None
    last, line = done[-1], lines[len(done) - 1]
    here, there = _indentation(last), _indentation(line)
    head = last[len(here) :]
    if not line[len(there) :].startswith(head):
        return None
    rest = line[len(there) + len(head) :]
    following = [
        here + each[len(there) :] if there and each.startswith(there) else each
        for each in lines[len(done) :]
    ]
    return "\n".join([rest, *following])


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
