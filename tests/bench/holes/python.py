"""Holes in Python, by its own syntax tree."""

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.bench.holes.blocks import MOST_ITEMS, MOST_STATEMENTS
from tests.bench.holes.cut import Hole, hole
from tests.bench.holes.source import CODE, COMMENT, LONG, WORD, Source, indentation

_BODIES = ("body", "orelse", "finalbody")


def cut_python(source: Source, tree: ast.Module) -> Iterator[Hole | None]:
    """Yield the holes of whole lines, and those in docstrings."""
    for node in ast.walk(tree):
        for name in _BODIES:
            statements = getattr(node, name, None)
            if isinstance(statements, list) and statements and _is_lines(source, statements):
                yield from _statements(source, statements)
                if not isinstance(node, ast.Module):
                    yield from _block(source, statements)
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Call):
            yield from _items(source, node)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstring(source, node)


def enclosing_column(tree: ast.Module, line: int) -> int:
    """Return the column of the innermost function around a line, else of the class, else 0."""
    for kind in (ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef):
        columns = [
            node.col_offset
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and isinstance(node, kind)
            if first_line(node) <= line <= last_line(node)
        ]
        if columns:
            return max(columns)
    return 0


def first_line(node: ast.stmt) -> int:
    """Return the line in which a statement begins, with its decorators; lines start at 0."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]) - 1


def last_line(node: ast.stmt) -> int:
    """Return the line in which a statement ends."""
    return (node.end_lineno or node.lineno) - 1


def _is_lines(source: Source, statements: Sequence[ast.stmt]) -> bool:
    """Whether each statement has its lines for itself, and nothing stands behind them."""
    ends = [-1, *(last_line(each) for each in statements)]
    begins = [first_line(each) for each in statements]
    for before, first, node in zip(ends, begins, statements, strict=False):
        head = source.line(first)
        indented = len(indentation(head)) == node.col_offset
        if first <= before or not indented or not _ends_clean(source, last_line(node)):
            return False
    return True


def _ends_clean(source: Source, number: int) -> bool:
    start, end = source.lines[number]
    line = source.text[start:end]
    return bool(line) and not line[-1].isspace() and COMMENT not in source.mask[start:end]


def _start(source: Source, number: int) -> int:
    return source.lines[number][0] + len(indentation(source.line(number)))


def _statements(source: Source, statements: Sequence[ast.stmt]) -> Iterator[Hole | None]:
    for place, first in enumerate(statements):
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            continue
        for last in statements[place : place + MOST_STATEMENTS]:
            end = source.lines[last_line(last)][1]
            yield hole(source, "statements", _start(source, first_line(first)), end)


def _block(source: Source, statements: Sequence[ast.stmt]) -> Iterator[Hole | None]:
    """The whole body behind the line that opens it."""
    first, last = first_line(statements[0]), last_line(statements[-1])
    opener = source.lines[first - 1]
    if not source.text[slice(*opener)].endswith(":") or source.mask[opener[1] - 1] != CODE:
        return
    end = source.lines[last][1]
    yield hole(source, "block", opener[1], end)
    yield hole(source, "block-line", _start(source, first), end)


def _items(source: Source, node: ast.expr) -> Iterator[Hole | None]:
    """Whole lines inside of a literal or a call that has an item in each line."""
    items = _elements(node)
    begins = [each.lineno - 1 for each in items]
    stops = [(each.end_lineno or each.lineno) - 1 for each in items]
    apart = all(stop < begin for stop, begin in zip(stops, begins[1:], strict=False))
    if len(items) < 2 or not apart or begins[0] <= node.lineno - 1:
        return
    if stops[-1] >= (node.end_lineno or 0) - 1:
        return
    indents = {indentation(source.line(begin)) for begin in begins}
    ended = all(source.line(stop).endswith(",") for stop in stops[:-1])
    if len(indents) > 1 or not ended or not all(_ends_clean(source, stop) for stop in stops):
        return
    for place, begin in enumerate(begins):
        for stop in stops[place : place + MOST_ITEMS]:
            yield hole(source, "list-items", _start(source, begin), source.lines[stop][1])


def _elements(node: ast.expr) -> list[ast.expr]:
    """The parts of a literal, as each stands in the text; a pair begins with its key."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [_joined(key, value) for key, value in pairs if key is not None]
    if isinstance(node, ast.Call):
        named = [_joined(each, each.value) for each in node.keywords]
        return sorted([*node.args, *named], key=lambda each: each.lineno)
    return []


def _joined(first: ast.expr | ast.keyword, last: ast.expr) -> ast.expr:
    both = ast.Constant(value=None)
    both.lineno, both.end_lineno = first.lineno, last.end_lineno
    return both


def _docstring(
    source: Source, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[Hole | None]:
    """The rest of a line of a docstring, without the quotes that may end it."""
    if ast.get_docstring(node, clean=False) is None:
        return
    first, last = first_line(node.body[0]), last_line(node.body[0])
    for number in range(first, last + 1):
        start, end = source.lines[number]
        shut = source.text[start:end].rstrip().endswith(('"""', "'''"))
        stop = end - 3 if shut and number == last else end
        inner = all(kind == LONG for kind in source.mask[_start(source, number) : stop])
        if inner and not source.text[start:stop].endswith((" ", '"""')):
            words = [found.start() for found in WORD.finditer(source.text, start, stop)]
            for _, second in pairwise(words):
                yield hole(source, "docstring", second, stop)
