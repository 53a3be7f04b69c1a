"""What a grammar says of a text: where something is complete, and whether it parses. Pure.

Grammars are an optional extra. Where one is missing there is nothing to say: `None`.

Only excerpts are parsed, and no more of them than a number of steps allows: the work is bounded
whatever the document.
"""

import importlib
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from codestral_ls.grammars import GRAMMARS, Grammar, load_grammar
from codestral_ls.lexis import BRACKETS
from codestral_ls.shaping.excerpts import GOES_ON, excerpts, indentation

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_SEQUENCES = {"block", "block_body", "body_statement", "statement_list"}
"""Several statements in a row, unless they begin with a bracket: none belongs to the first."""
_BOUND_TO_NEXT = {"attribute_item", "decorator"}
"""What is nothing without the node behind it."""
_QUOTING = ("string", "heredoc", "comment")
"""What the types of nodes are called by whose insides are no code."""
_LOOSE = {"text"}
"""Lines of prose in HTML: each can be the last one."""

STEPS = 80
"""Of parsing for one question: 80 x 0.03 ms = 2.4 ms, and what the last parse takes beyond that.

A question takes 0.4 ms in code that parses and 3 ms where every line is broken (99 %: 0.9 and
11 ms; the files of tests/shaping/sources, on one core of a server of 2023).
"""
_STEP = 256
"""Bytes: a grammar takes 0.013 ms (JSON) to 0.032 ms (Ruby) for them."""
_COST_OF_ERRORS = 4
"""Times as long where there are errors: 1 (CSS) to 9 (C++), 27 in Rust."""
_LOOKS = 16
"""Excerpts: four ways to cut them, for a text and what is left of it without its broken end."""
_LONG_TEXT = 6000
"""Characters: far more than is ever shown, and what an excerpt has of the document."""
_ENDLESS = 1 << 60
"""Bytes: behind any end."""


class _Placed(NamedTuple):
    """A text and what is parsed on both sides of it, as grammars count them."""

    above: bytes
    text: bytes
    below: bytes

    @property
    def source(self) -> bytes:
        """All that is parsed."""
        return b"".join(self)


def load(language: str) -> bool:
    """Loads a grammar ahead; whether there is one."""
    return language in GRAMMARS and load_grammar(GRAMMARS[language]) is not None


def whole_lines(language: str, before: str, text: str, after: str) -> frozenset[int] | None:
    """The lines of `text` at whose ends all is complete that began in it or in its first line.

    0 is the line that the text begins in, what stands before the cursor included. The end of the
    last line lies behind what follows in the cursor's line. Blanks do not count. What began in
    earlier lines may go on. Lines at the end that do not parse are taken for unfinished; `None`
    without a grammar, or where nothing parses.
    """
    grammar = GRAMMARS.get(language)
    if grammar is None or len(text) > _LONG_TEXT or (loaded := load_grammar(grammar)) is None:
        return None
    looks = (
        (piece, count, excerpt)
        for piece, count in _shortened(grammar, before.rpartition("\n")[2], text)
        for excerpt in excerpts(grammar, before, text, after)
    )
    doubtful: frozenset[int] | None = None
    left = STEPS
    for piece, count, excerpt in islice(looks, _LOOKS):
        if left <= 0 or (doubtful is not None and piece is not text):
            break
        placed = _Placed(_bytes(excerpt.above), _bytes(piece), _bytes(excerpt.below))
        root = _root(loaded, placed.source)
        left -= _steps(root, placed.source)
        found = _whole_ends(root, placed)
        if found is None:
            continue
        if piece is not text or count - 1 in found:
            return frozenset(number for number in found if number < count)
        doubtful = found if doubtful is None else doubtful
    return doubtful


def error_count(language: str, before: str, text: str, after: str) -> int | None:
    """How many more errors a document has with the text in it than without.

    Less than 0 where the text repairs something; `None` without a grammar.
    """
    grammar = GRAMMARS.get(language)
    if grammar is None or len(text) > _LONG_TEXT or (loaded := load_grammar(grammar)) is None:
        return None
    fewest: int | None = None
    left = STEPS
    for excerpt in excerpts(grammar, before, text, after):
        errors: list[int] = []
        for middle in (text, ""):
            if left <= 0:
                return fewest
            source = _bytes(excerpt.above + middle + excerpt.below)
            root = _root(loaded, source)
            left -= _steps(root, source)
            errors.append(sum(1 for _ in _broken(root)))
        more = errors[0] - errors[1]
        fewest = more if fewest is None else min(fewest, more)
        if fewest <= 0:
            break
    return fewest


def _root(loaded: "Language", source: bytes) -> "Node":
    """The tree's root."""
    binding: Any = importlib.import_module("tree_sitter")
    # No progress callback, which could bound this better: with 0.25.2 it crashes the process.
    root: Node = binding.Parser(loaded).parse(source).root_node
    return root


def _steps(root: "Node", source: bytes) -> int:
    """How many steps it took to parse a source."""
    return 1 + len(source) // _STEP * (_COST_OF_ERRORS if root.has_error else 1)


def _broken(node: "Node") -> "Iterator[Node]":
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from _broken(child)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _shortened(grammar: Grammar, head: str, text: str) -> Iterator[tuple[str, int]]:
    """A text and how many of its lines can be whole: all, then less for the sake of a broken end.

    Without the last line, and without all that it belongs to. That goes on whatever the grammar
    says of the rest, so that only the lines before it count.
    """
    lines = text.split("\n")
    yield text, len(lines)
    placed = [head + lines[0], *lines[1:]]
    last = max((number for number, line in enumerate(placed) if line.strip()), default=0)
    first = _outermost(placed, last)
    if last:
        filler = placed[last][: indentation(placed[last])] + grammar.filler
        yield "\n".join([*lines[:last], filler]), first
    if 0 < first < last:
        yield "\n".join([*lines[:first], ""]), first


def _outermost(lines: list[str], number: int) -> int:
    """Where that begins, by the indentation, to which a line belongs."""
    for above in range(number - 1, -1, -1):
        line, level = lines[above], indentation(lines[number])
        if line.strip() and indentation(line) < level + bool(GOES_ON.match(lines[number])):
            number = above
    return number


def _whole_ends(root: "Node", placed: _Placed) -> frozenset[int] | None:
    """The lines of a text at whose ends nothing goes on; `None` if it does not parse."""
    above, inside, below = placed
    head = above[above.rfind(b"\n") + 1 :]
    start = len(above) - (len(head.lstrip()) if head.strip() else 0)
    *lines, last = inside.split(b"\n")
    places = list(accumulate((len(line) + 1 for line in lines), initial=len(above)))
    whole_last = (last + below.partition(b"\n")[0]).rstrip()
    ends = [
        place + len(line.rstrip()) for place, line in zip(places, [*lines, whole_last], strict=True)
    ]
    pieces = _pieces(root, start, max(ends))
    if pieces is None:
        return None
    return frozenset(
        number
        for number, end in enumerate(ends)
        if not any(first < end < behind for first, behind in pieces) and not _opens(root, end)
    )


def _opens(root: "Node", end: int) -> bool:
    """Whether a line ends with a colon that a Python block has to follow."""
    leaf = root.descendant_for_byte_range(end - 1, end) if end else None
    return bool(
        leaf
        and leaf.type == ":"
        and leaf.parent
        and leaf.parent.type.endswith(("_definition", "_statement", "_clause"))
        and (leaf.next_sibling is None or leaf.next_sibling.type == "block")
    )


def _pieces(root: "Node", start: int, stop: int) -> list[tuple[int, int]] | None:
    """The outermost nodes that begin between two places; `None` if there are errors in them."""
    found: list[tuple[int, int]] = []
    holding = [root]
    while holding:
        holder = holding.pop()
        bound: int | None = None
        for node in _children(holder, start, stop):
            if node.start_byte < start:
                if root.has_error and any(each in node.type for each in _QUOTING):
                    return None  # or between two of them, in an excerpt that begins in one
                holding.append(node)
            elif node.has_error or (holder.is_error and _is_loose_token(node)):
                return None
            elif node.type in _SEQUENCES and node.named_child_count == node.child_count:
                holding.append(node)
            elif node.type not in _LOOSE:
                behind = node.start_byte + len((node.text or b"").rstrip())
                first = node.start_byte if bound is None else bound
                if node.type == "heredoc_body" and found:
                    first = found[-1][0]
                found.append((first, behind))
                bound = first if node.type in _BOUND_TO_NEXT else None
        if bound is not None:
            found.append((bound, _ENDLESS))
    return found


def _children(holder: "Node", start: int, stop: int) -> "Iterator[Node]":
    """Those that lie at least in part between two places.

    But for commas too many: what they stand before is left out of the excerpt.
    """
    cursor = holder.walk()
    going = cursor.goto_first_child_for_byte(start) is not None
    while going and (node := cursor.node) and node.start_byte < stop:
        comma = node.is_error and node.text == b","
        if (node.end_byte > start or node.is_missing) and not comma:
            yield node
        going = cursor.goto_next_sibling()


def _is_loose_token(node: "Node") -> bool:
    """Whether a node is a fragment of something that was not recognised."""
    return not node.child_count and not node.is_extra and node.type not in BRACKETS.values()
