"""The lines that come after a first one, where it stands with them elsewhere. Pure."""

from collections import Counter
from collections.abc import Sequence

from codestral_ls.context.matching.cursor import Cursor
from codestral_ls.context.matching.gate import Candidate
from codestral_ls.context.matching.indentation import indent_of, unit_of
from codestral_ls.context.matching.votes import Vote

LINES_IN_A_RUN = 6
"""As many as can be read at a glance."""
NEARLY_BEST = 2
"""By how much a place may score less than the best one and still have a say."""
AGREED = 0.9
"""Share of the places that go on with a line."""


def following_lines(cursor: Cursor, first: Candidate) -> str:
    """Returns the lines that come after `first` at nearly all of the places most alike."""
    exact = [vote for vote in first.votes if vote.renaming is None]
    blocks = _blocks(cursor, exact or first.votes)
    base = indent_of(cursor.head + first.text)
    run: list[str] = []
    while len(run) < LINES_IN_A_RUN - 1:
        votes = Counter(block[len(run)] for block in blocks if len(block) > len(run))
        line, count = max(votes.items(), key=lambda vote: vote[1], default=("", 0))
        if not line or count < AGREED * len(blocks) or line.strip() == cursor.next.strip():
            break
        run.append(line)
        blocks = [block for block in blocks if block[: len(run)] == run]
    return "".join(f"\n{base}{line}" for line in run)


def _blocks(cursor: Cursor, votes: Sequence[Vote]) -> list[list[str]]:
    best = max(vote.score for vote in votes)
    votes = [vote for vote in votes if vote.score >= best - NEARLY_BEST]
    texts = {id(vote.place.text): vote.place.text for vote in votes}
    units = {key: unit_of(text.lines) for key, text in texts.items()}
    return [_block(vote, units[id(vote.place.text)], cursor.unit) for vote in votes]


def _block(vote: Vote, theirs: str, unit: str) -> list[str]:
    """Returns the lines below a place down to a blank one or a dedent, as they would stand here."""
    text = vote.place.text
    number = text.line_at(vote.place.at)
    base = indent_of(text.lines[number])
    block: list[str] = []
    for line in text.lines[number + 1 : number + LINES_IN_A_RUN]:
        if not line.startswith(base) or not line.strip() or "\r" in line:
            break
        indent = indent_of(line)[len(base) :].replace(theirs, unit)
        said = line.strip()
        block.append(indent + (vote.renaming(said)[0] if vote.renaming else said))
    return block
