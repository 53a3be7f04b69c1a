"""Kinds of holes: where a programmer stops, and where the text would end that they wish for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.shaping.reading import COMMENT, STRING, Source

LINES = 10
"""A whole block is shown if it is no longer than that."""
PROSE = {"markdown", "html"}

_OPENER = re.compile(r"(?:[:{(\[]|=>|->|=|\b(?:do|then|else|repeat|in)|\|[\w, ]+\|)$")
_RUBY_OPENER = re.compile(r"\s*(?:def|if|unless|while|case|begin)\b")
_LUA_OPENER = re.compile(r".*\bfunction\b.*\)$")
_CONTAINER = re.compile(
    r"^\s*(?:export |public |final |sealed |pub |\w+ )*?"
    r"(?:class|impl|interface|struct|module|namespace|trait|object|mod|enum|record|record struct)\b"
)
_CONTINUED = re.compile(
    r"\s*(?:[)\]}>.?:&|*+,;]|-[^-\s]|</|/>|else|elif|elsif|except|catch|finally|rescue|ensure|when|"
    r"then|end\b|done|fi\b|esac|until|case|default|AND|OR\b|FROM|WHERE|ON\b|JOIN|LEFT)"
)
_BEGUN = re.compile(r"(?:(?<![=!<>])=|:|\breturn|=>|,|\+=|&&|\bfrom|\bif) ")


@dataclass(frozen=True, slots=True)
class Hole:
    """A text between two places, in words what it is, and how the cursor came to its start.

    `several`: statements, the first of which begins no block, so that `max_lines` counts them.
    """

    start: int
    end: int
    words: str
    edit: str = ""
    several: bool = False


def _body(source: Source, opener: int) -> tuple[int, int] | None:
    """First and last line of the block that a line opens, if it is short and in one piece."""
    column = source.indentation(opener)
    last = opener
    for number in range(opener + 1, len(source.lines)):
        if source.indentation(number) > column:
            last = number
        elif source.indentation(number) >= 0:
            break
    inside = range(opener + 1, last + 1)
    if not 0 < len(inside) <= LINES or not source.lines[opener + 1].strip():
        return None
    blank = any(not source.lines[number].strip() for number in inside)
    return None if blank and _CONTAINER.match(source.lines[opener]) else (opener + 1, last)


def _opens(source: Source, number: int) -> bool:
    line = source.code_line(number).rstrip()
    if not line.strip() or not source.starts_in_code(number):
        return False
    if source.language == "ruby" and _RUBY_OPENER.match(line):
        return True
    return bool(_OPENER.search(line)) or (
        source.language == "lua" and bool(_LUA_OPENER.match(line))
    )


def _end_of_line(source: Source, number: int) -> int:
    return source.starts[number] + len(source.lines[number])


def _openers(source: Source) -> Iterator[tuple[int, int, int]]:
    for number in range(len(source.lines) - 1):
        if source.language not in PROSE and _opens(source, number):
            body = _body(source, number)
            if body is not None:
                yield number, *body


def blocks(source: Source) -> Iterator[Hole]:
    """Whole blocks, from behind the indentation of their first line."""
    for _, first, last in _openers(source):
        start = source.starts[first] + source.indentation(first)
        yield Hole(start, _end_of_line(source, last), "a block on a line of its own")


def blocks_behind_openers(source: Source) -> Iterator[Hole]:
    """Whole blocks, from the end of the line that opens them."""
    for opener, _, last in _openers(source):
        start, end = _end_of_line(source, opener), _end_of_line(source, last)
        yield Hole(start, end, "a block behind what opens it")


def _begins_statement(source: Source, number: int) -> bool:
    line = source.lines[number]
    column = source.indentation(number)
    if column < 1 or _CONTINUED.match(line) or not source.starts_in_code(number):
        return False
    before = number - 1
    if source.indentation(before) != column or source.language in PROSE:
        return False
    return source.starts_in_code(before) and source.is_balanced(0, source.starts[number]) == (
        source.is_balanced(0, source.starts[before])
    )


def _ends_of_statements(source: Source, first: int) -> Iterator[int]:
    """Last lines of the statements from one on, in its block; a blank line ends them."""
    column = source.indentation(first)
    for number in range(first, min(first + LINES, len(source.lines) - 1)):
        following = source.indentation(number + 1)
        if not source.is_balanced(source.starts[first], _end_of_line(source, number)):
            continue
        if following < column:
            yield number
            return
        if following == column and not _CONTINUED.match(source.lines[number + 1]):
            yield number


def rests_of_blocks(source: Source) -> Iterator[Hole]:
    """From a fresh line inside of a block to its end."""
    for number in range(1, len(source.lines) - 1):
        if _begins_statement(source, number):
            ends = [*_ends_of_statements(source, number)] or [number]
            last, several = ends[-1], number == ends[0] < ends[-1]
            if source.indentation(last + 1) < source.indentation(number):
                start = source.starts[number] + source.indentation(number)
                yield Hole(
                    start, _end_of_line(source, last), "the rest of a block", several=several
                )


def statements(source: Source) -> Iterator[Hole]:
    """One statement on a fresh line."""
    for number in range(1, len(source.lines) - 1):
        if _begins_statement(source, number):
            for last in _ends_of_statements(source, number):
                start = source.starts[number] + source.indentation(number)
                yield Hole(start, _end_of_line(source, last), "one statement on a fresh line")
                break


def next_statements(source: Source) -> Iterator[Hole]:
    """The next line or lines behind one that was accepted."""
    for number in range(1, len(source.lines) - 1):
        if _begins_statement(source, number):
            for last in _ends_of_statements(source, number):
                start, end = _end_of_line(source, number - 1), _end_of_line(source, last)
                yield Hole(start, end, "the next statement behind an accepted line", "inserted")
                break


def _begun(source: Source) -> Iterator[tuple[int, int]]:
    for number in range(len(source.lines)):
        if source.language not in PROSE and source.starts_in_code(number):
            for match in _BEGUN.finditer(source.code_line(number)):
                place = source.starts[number] + match.end()
                if source.text[place : place + 1].strip():
                    yield number, place


def rests_of_lines(source: Source) -> Iterator[Hole]:
    """From the middle of a line to its end, where that opens nothing."""
    for number, start in _begun(source):
        end = _end_of_line(source, number)
        comment = any(start < begin < end for begin, _, kind in source.spans if kind == COMMENT)
        long_enough = re.search(r"\w{2}|\w.*\w", source.text[start:end])
        plain = not comment and bool(source.code[start:end].strip())
        if long_enough and plain and not _opens(source, number) and source.is_balanced(start, end):
            yield Hole(start, end, "the rest of a line")


def rests_of_statements(source: Source) -> Iterator[Hole]:
    """From the middle of a line to where the brackets are closed that open behind it."""
    for number, start in _begun(source):
        end = _end_of_line(source, number)
        opened = [close for place, close in source.pairs.items() if start <= place < end <= close]
        if opened:
            last = source.line_at(max(opened))
            if last - number < LINES and source.is_balanced(start, _end_of_line(source, last)):
                yield Hole(start, _end_of_line(source, last), "the rest of a statement")


def insides_of_brackets(source: Source) -> Iterator[Hole]:
    """What stands between two brackets of a line."""
    for opened, closed in source.pairs.items():
        inside = source.text[opened + 1 : closed]
        if inside.startswith(source.text[opened]):
            continue
        if "\n" not in inside and re.search(r"\w{2}", inside) and inside == inside.strip():
            yield Hole(opened + 1, closed, "all that stands between two brackets")


def first_arguments(source: Source) -> Iterator[Hole]:
    """What stands between a bracket and the first comma."""
    for hole in insides_of_brackets(source):
        comma = source.code.find(", ", hole.start, hole.end)
        if comma > 0 and source.is_balanced(hole.start, comma):
            yield Hole(hole.start, comma, "the first of several arguments")


def strings(source: Source) -> Iterator[Hole]:
    """The rest of a string, from its beginning or from behind a blank in it."""
    for start, end, kind in source.spans:
        text = source.text[start:end]
        if kind == STRING and "\n" not in text and not text.startswith('"""'):
            places = [match.end() for match in re.finditer(r"^.| (?=\w)", text)]
            for place in places:
                if re.fullmatch(r"[^\\]{3,}", text[place:-1]):
                    yield Hole(start + place, end - 1, "the rest of a string")


def comments(source: Source) -> Iterator[Hole]:
    """The rest of a comment's line."""
    for start, end, kind in source.spans:
        text = source.text[start:end]
        if kind == COMMENT:
            for match in re.finditer(r"(?<=\w) (?=\w[^\n]* [^\n]*)", text):
                line_end = text.find("\n", match.end())
                stop = len(text) if line_end < 0 else line_end
                closed = re.search(r" ?(?:\*/|-->)$", text[:stop])
                close = closed.start() if closed else stop
                if close > match.end():
                    yield Hole(start + match.end(), start + close, "the rest of a comment")


def prose(source: Source) -> Iterator[Hole]:
    """In Markdown and HTML: the rest of a line, from behind a word or a list's mark."""
    if source.language in PROSE:
        for number, line in enumerate(source.lines):
            for match in re.finditer(r"(?<=[\w,>.*-]) (?=[^ ]+ )", line):
                if not line.lstrip().startswith(("|", "<")):
                    start = source.starts[number] + match.end()
                    yield Hole(start, _end_of_line(source, number), "the rest of a line of prose")


def lines_of_lists(source: Source) -> Iterator[Hole]:
    """In Markdown and HTML: a line like the one above, from behind its mark or tag."""
    if source.language in PROSE:
        for number in range(1, len(source.lines)):
            alike = [
                re.match(r"\s*(?:[-|>] (?:\[.\] )?|\d+\. |<[\w\"= ]+>)", source.lines[each])
                for each in (number - 1, number)
            ]
            if alike[0] and alike[1] and alike[0].end() == alike[1].end():
                start = source.starts[number] + alike[1].end()
                yield Hole(start, _end_of_line(source, number), "one more line of a list")


def elements(source: Source) -> Iterator[Hole]:
    """In HTML: what stands between two tags of a line."""
    if source.language in {"html", "typescriptreact"}:
        for match in re.finditer(r"<(\w+)[^<>\n]*>([^\n<>]+)(?=</\1>)", source.text):
            yield Hole(match.start(2), match.end(2), "all that stands between two tags")


KINDS: tuple[Callable[[Source], Iterator[Hole]], ...] = (
    blocks,
    blocks_behind_openers,
    rests_of_blocks,
    statements,
    next_statements,
    rests_of_lines,
    rests_of_statements,
    insides_of_brackets,
    first_arguments,
    strings,
    comments,
    prose,
    lines_of_lists,
    elements,
)
