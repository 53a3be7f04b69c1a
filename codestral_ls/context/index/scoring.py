"""How likely it is that a definition will be named at the cursor: a sum of signals. Pure.

The weights are those of a logistic regression over holes in many packages, rounded by hand.
"""

import math
from collections.abc import Collection, Iterable, Mapping

from codestral_ls.context.index.popularity import Mentions
from codestral_ls.context.index.record import CALLABLE, Definition, Record
from codestral_ls.context.index.surroundings import Surroundings
from codestral_ls.context.index.words import parts_of

POPULAR = 2.8
"""Log of the number of files of the project that mention the name, over that of all its files."""
NOT_MENTIONED, ELSEWHERE = -2.0, -3.0
"""Nothing in this project mentions the name; the definition lies in another one."""
SIMILAR = 2.6
"""Log of one and the squared scores, over the best, of the similar chunks that hold the name."""
WORDS = 2.3
"""Share of the name's words that stand in names near the cursor."""
IN_FOLDER = 1.5
"""Share of the other files in the folder that mention the name."""
IMPORTED = 1.4
"""Defined in a file that the document imports."""
PUBLIC = 1.1
"""No underscore leads the name."""
OF_KNOWN_CLASS = 0.7
"""A member of a class that the document names."""
OF_RECEIVER = 1.8
"""A member of the class that probably stands before the cursor's dot, or encloses the cursor."""
SAME_FOLDER = 0.4
IS_CALLABLE = 0.4
BEGUN = 2.0
"""The name begins as the word that is being typed."""
OF_TESTS = -0.8
"""Defined in a test or an example, and the document is none."""
AGAIN = -1.05
"""Each further definition of the same name: a probability times 0.35. Overloads eat the budget."""
MOST_OF_A_NAME = 2


class Scale:
    """Weighs names and definitions for one place; what holds of a name is found out once.

    `similar` weighs the names in the chunks that read like this place, and `own` are those in the
    saved version of the document, which counts nowhere.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        similar: Mapping[int, float],
        project: Mentions,
        folder: Mentions,
        own: Collection[int],
    ) -> None:
        self.around, self._similar = around, similar
        self._project, self._folder, self._own = project, folder, own
        self._by_name: dict[int, float] = {}
        self._by_file: dict[int, float] = {}
        self._per_file = POPULAR / math.log(2 + max(1, project.files))
        self._per_sibling = IN_FOLDER / max(1, folder.files - 1)

    def weigh(self, definition: Definition) -> float:
        """Returns the score of a definition whose name has been weighed."""
        score = self._by_name[definition.name] + self.weigh_file(definition.record)
        if definition.kind in CALLABLE:
            score += IS_CALLABLE
        if definition.container:
            if definition.container in self.around.known:
                score += OF_KNOWN_CLASS
            score += OF_RECEIVER * self.around.receivers.get(definition.container, 0.0)
        return score

    def weigh_name(self, key: int, name: str) -> float:
        """Returns what the score of a definition owes to its name."""
        own = key in self._own
        mentions = self._project.count(key) - own
        score = self._per_file * math.log(1 + mentions) if mentions else NOT_MENTIONED
        score += self._per_sibling * (self._folder.count(key) - own)
        similar = self._similar.get(key)
        if similar:
            score += SIMILAR * math.log(1 + similar)
        parts = parts_of(name)
        shared = len(self.around.parts.intersection(parts))
        if shared:
            score += WORDS * shared / len(parts)
        if not name.startswith("_"):
            score += PUBLIC
        if self.around.begun and name.startswith(self.around.begun):
            score += BEGUN
        self._by_name[key] = score
        return score

    def weigh_file(self, record: Record) -> float:
        """Returns what the score of a definition owes to its file."""
        known = self._by_file.get(record.number)
        if known is None:
            known = self._by_file[record.number] = self._of_file(record)
        return known

    def _of_file(self, record: Record) -> float:
        around = self.around
        score = around.open.get(record.number, 0.0)
        if record.number in around.imported:
            score += IMPORTED
        if record.folder == around.folder:
            score += SAME_FOLDER
        elif record.project != around.project:
            score += ELSEWHERE
        if record.is_test and not around.is_test:
            score += OF_TESTS
        return score


def take_best(weighed: Iterable[tuple[float, Definition]]) -> list[Definition]:
    """Sorts definitions, the best first; a name's further ones move down or out."""
    ordered = sorted(weighed, key=lambda pair: (-pair[0], pair[1].record.path, pair[1].number))
    seen: dict[int, int] = {}
    kept = []
    for score, definition in ordered:
        again = seen.get(definition.name, 0)
        seen[definition.name] = again + 1
        if again < MOST_OF_A_NAME:
            kept.append((score + again * AGAIN, definition))
    kept.sort(key=lambda pair: -pair[0])
    return [definition for _, definition in kept]
