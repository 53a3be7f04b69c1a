"""Prefix and suffix within a budget. Pure.

Servers cache what a prompt begins with, so the edges of a window move in steps: while code is typed
they stay where they are, and each prompt begins as the one before it.
"""

import re

from codestral_ls.model import Budget, Snapshot

STEP_LINES = 24
"""By which an edge moves: a sixth of 6 000 characters; the window lacks half of it on average."""
LEAST_SHARE = 0.5
"""Of the budget, which a step may not take away: where lines are long the edges do not step."""
HEAD_CHARS = 1000
"""For the head of the file, if that is far above."""

GAP = "\n\n"
"""Between the head and what is near: a mark of our own would be something to repeat."""

_LEAD = re.compile(
    r"""\A(?:\s*(?:\#(?!\s*include).*|//.*|/\*[\s\S]*?\*/|\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}))+""",
    re.VERBOSE,
)
"""A licence or a module's docstring, which may hold lines like imports."""
_IMPORT = re.compile(
    r"""\s*(?:
        (?:(?:pub(?:\([\w:]+\))?|global|@testable|static)\s+)*
        (?:import|from|use|require|require_relative|include|extern|alias|open|load|source
          |using(?!\s*\(|\s+(?:var|new)\b)|\#\s*(?:include|import)|@(?:import|use))\b(?!\(|\.|\s*[=,:)])
        |(?:const|let|var|local)\s+(?:\{|.*\brequire\b)
        |export\s.*\bfrom\s
    )""",
    re.VERBOSE,
)
_NAMING = re.compile(
    r"\s*(?:(?:package|module|namespace|defmodule|library)\b|(?:pub\s+)?mod\s+\w+;)"
)
"""What says where a file belongs: one line, whatever it opens."""
_SILENT = re.compile(r"\s*(?:$|//|#|/?\*|--|;|<!--|%|try\b|except\b|if\b|else\b|['\"]use )")
"""Lines that may stand between imports, or around them."""
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|#.*|//.*")
OTHER_LINES = 12
"""Of code, behind which there are no more imports."""
LONGEST_IMPORT = 60
"""Lines of one import."""


def cut_window(snapshot: Snapshot, budget: Budget) -> tuple[str, str]:
    """The prefix and the suffix that are shown: what is nearest to the cursor, in whole lines.

    The cursor's own line is cut only where it alone is too long. If the beginning of the file is
    not in the window, its imports are set before it.
    """
    suffix = _first_lines(snapshot.suffix, snapshot.lines_below, budget.suffix_chars)
    text, most = snapshot.prefix, budget.prefix_chars
    if len(text) <= most and not snapshot.lines_above:
        return text, suffix
    head = file_head(_above(snapshot, _last_lines(text, snapshot.lines_above, most)), most)
    shown = _last_lines(text, snapshot.lines_above, most - len(head) - len(GAP))
    # It begins further down now, perhaps behind imports that it had shown itself.
    head = file_head(_above(snapshot, shown), most - len(shown) - len(GAP))
    return (f"{head}{GAP}{shown}" if head else shown), suffix


def _above(snapshot: Snapshot, shown: str) -> str:
    """The beginning of the file, as far as it is known and not shown."""
    cut = snapshot.prefix[: len(snapshot.prefix) - len(shown)]
    if not snapshot.lines_above:
        return cut
    joined = snapshot.head.count("\n") >= snapshot.lines_above
    return snapshot.head + cut if joined else snapshot.head


def _last_lines(text: str, first: int, most: int) -> str:
    """The end of a text whose first line has the number `first`."""
    start = 0
    if len(text) > most:
        start = text.find("\n", len(text) - most - 1) + 1 or len(text) - most
    stepped = start
    for _ in range(-(first + text.count("\n", 0, start)) % STEP_LINES):
        stepped = text.find("\n", stepped) + 1
        if not stepped or len(text) - stepped < LEAST_SHARE * most:
            return text[start:]
    return text[stepped:]


def _first_lines(text: str, below: int, most: int) -> str:
    """The beginning of a text with so many lines below it.

    The edge is counted from the end of the document, since lines are added at the cursor.
    """
    if len(text) <= most and not below:
        return text
    end = len(text) if len(text) <= most else text.rfind("\n", 0, most) + 1
    if not end:
        return text[:most]
    left = below + text.count("\n", end)
    stepped = end
    for _ in range(-left % STEP_LINES):
        stepped = text.rfind("\n", 0, stepped - 1) + 1
        if not stepped or stepped < LEAST_SHARE * most:
            return text[:end]
    return text[:stepped]


def file_head(source: str, room: int) -> str:
    """The imports of a file and the line that says where it belongs, as many as there is room for.

    `source` is how the file begins. What stands around imports is left out.
    """
    lead = _LEAD.match(source)
    lines = source[lead.end() if lead else 0 :].split("\n")
    room = min(room, HEAD_CHARS)
    kept: list[str] = []
    at = others = 0
    while at < len(lines) - 1 and others < OTHER_LINES:
        end = at + 1
        if _NAMING.match(lines[at]) or (end := _import_end(lines, at)) > at:
            room -= sum(len(line) + 1 for line in lines[at:end])
            if room < 0:
                break
            kept += lines[at:end]
            others = 0
        else:
            others += not _SILENT.match(lines[at])
            end = at + 1
        at = end
    return "\n".join(kept)


def _import_end(lines: list[str], at: int) -> int:
    """The line behind an import that begins at one; `at` if none does, or it is not all there."""
    if not _IMPORT.match(lines[at]):
        return at
    depth = 0
    for end in range(at, min(at + LONGEST_IMPORT, len(lines) - 1)):
        code = _STRING.sub("", lines[end])
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
        if depth <= 0 and not code.rstrip().endswith("\\"):
            whole = "\n".join(lines[at : end + 1])
            is_code = lines[at].lstrip().startswith(("const", "let", "var", "local"))
            return end + 1 if not is_code or "require" in whole or "import(" in whole else at
    return at
