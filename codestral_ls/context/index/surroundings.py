"""What is known of the place of a cursor, and of the files around it. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codestral_ls.context.index.paths import folder_of
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.record import is_test
from codestral_ls.context.index.words import hash_name, hash_names, names_in, parts_of

NEAR_BEFORE, NEAR_AFTER = 30, 10
"""Lines whose names share their words with what comes next."""
ALIKE_BEFORE, ALIKE_AFTER = 17, 8
"""Lines that similar chunks are looked for with: eighty find 6 to 10 points less than these."""
USED_BEFORE, USED_AFTER = 8, 3
"""Lines of which every name that is used is explained."""
_BEGUN = re.compile(r"\w{2,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The names near a cursor, and the files and classes that have to do with it.

    `parts` are the words of the names near it, `words` the hashes of those by which similar chunks
    are found, `used` the names to explain, the nearest first, and `known` the hashes of all that
    the document has. `begun` is the word that is being typed, if it has two characters. `open` and
    `imported` are numbers of files, `receivers` hashes of the classes whose members may come next;
    the values say what it is worth to be defined there.
    """

    folder: str
    project: str
    is_test: bool
    parts: frozenset[str]
    words: Sequence[int]
    used: Sequence[str]
    begun: str
    known: Collection[int]
    open: Mapping[int, float] = field(default_factory=dict)
    imported: Collection[int] = frozenset()
    receivers: Mapping[int, float] = field(default_factory=dict)


def look_around(  # noqa: PLR0913 - each is one thing that the index knows of the document
    question: Question,
    *,
    project: str,
    known: Collection[int],
    open: Mapping[int, float],  # noqa: A002 - as editors say
    imported: Collection[int],
    receivers: Mapping[int, float],
) -> Surroundings:
    """Adds what stands around the cursor of a question to what is known of its document."""
    before, after = question.before, question.after
    near = {*names_in(_last_lines(before, NEAR_BEFORE) + _first_lines(after, NEAR_AFTER))}
    alike = _last_lines(before, ALIKE_BEFORE) + _first_lines(after, ALIKE_AFTER)
    used = names_in(_last_lines(before, USED_BEFORE))[::-1]
    used += names_in(_first_lines(after, USED_AFTER))
    begun = _BEGUN.search(before[-100:])
    return Surroundings(
        folder=folder_of(question.path),
        project=project,
        is_test=is_test(question.path),
        parts=frozenset(part for name in near for part in parts_of(name)),
        words=hash_names(names_in(alike)),
        used=tuple(dict.fromkeys(used)),
        begun=begun[0] if begun else "",
        known={*known, *map(hash_name, near)},
        open=open,
        imported=imported,
        receivers=receivers,
    )


def known_names(texts: Iterable[str]) -> set[int]:
    """Returns the hashes of all names in some texts."""
    return {hash_name(name) for text in texts for name in set(names_in(text))}


def _last_lines(text: str, count: int) -> str:
    """The line of the cursor and those before it."""
    at = len(text)
    for _ in range(count + 1):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return text
    return text[at + 1 :]


def _first_lines(text: str, count: int) -> str:
    """The rest of the cursor's line and those behind it."""
    at = -1
    for _ in range(count + 1):
        at = text.find("\n", at + 1)
        if at < 0:
            return text
    return text[:at]
