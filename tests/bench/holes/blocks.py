"""Holes of whole lines in languages whose blocks end by a bracket or a word."""

import re
from collections.abc import Iterator, Sequence

from tests.bench.holes.cut import Hole, hole
from tests.bench.holes.source import CODE, COMMENT, Source, indentation

WORD_LANGUAGES = {"ruby", "lua", "shellscript", "elixir"}
_END_WORD = re.compile(r"\s*(?:end|fi|done|esac)\b[),;]*$|\s*end[),;]+$")
_WORD_OPENER = re.compile(
    r"\s*(?:local\s+)?(?:def|class|module|if|unless|while|until|for|case|begin|function)\b"
    r"|.*\b(?:do|then|function\s*\([^()]*\))(?:\s*\|[^|]*\|)?$"
)
_SHELL_OPENER = re.compile(r"(?:^|[\s;])(?:do|then|in)$")
_ONLY_CLOSERS = re.compile(r"\s*[)\]}]+[;,)]*$")
_GOES_ON = re.compile(
    r"(?:else|elif|elsif|elseif|catch|finally|except|rescue|ensure|while\b.*;$|when|in|case|default"
    r"|then|do|end|fi|done|esac|and|or|where)\b|[-+*/%=<>&|^?.:,)\]}{]|\w+:(?!:)"
)
_UNFINISHED = re.compile(r"(?:[-+*/%=<>&|^?:,\\(\[]|\.|\b(?:and|or|not|return))$")
_NO_STATEMENTS = {"json", "html", "xml", "yaml", "toml", "markdown"}
_CASES = re.compile(r"(?:^|[\s=])case\b|\sin$")
_STARTED = re.compile(r"@|\#\[|\[\w+.*\]$|(?:template|requires)\b")
MOST_STATEMENTS, MOST_ITEMS = 4, 4

Body = tuple[int, int, int]
"""The line that opens a block, the last one of its body, and the one that closes it."""


def cut_blocks(source: Source) -> Iterator[Hole | None]:
    """Yield the holes of whole lines."""
    for opener in source.closer_of:
        body = _bracket_body(source, opener)
        if body is not None:
            yield from _body(source, body)
            if source.text[opener] == "{" and source.language not in _NO_STATEMENTS:
                yield from _statements(source, body)
            yield from _items(source, body, opener)
    if source.language in WORD_LANGUAGES:
        for body in _word_bodies(source):
            yield from _body(source, body)
            if not _CASES.search(source.line(body[0])):
                yield from _statements(source, body)


def _bracket_body(source: Source, opener: int) -> Body | None:
    """The body of a bracket that ends its line and whose closer begins one."""
    closer = source.closer_of[opener]
    first, last = source.number(opener), source.number(closer)
    head = source.text[source.lines[last][0] : closer]
    if last - first < 2 or source.lines[first][1] != opener + 1 or head.strip():
        return None
    return _checked(source, first, last)


def _word_bodies(source: Source) -> Iterator[Body]:
    """The bodies between lines of one indentation of which the second is an end word."""
    shell = source.language == "shellscript"
    for first, (start, _) in enumerate(source.lines):
        line = source.line(first)
        opens = _SHELL_OPENER.search(line) if shell else _WORD_OPENER.match(line)
        if not source.is_code(first) or not opens or _UNFINISHED.search(line):
            continue
        indent = indentation(line)
        for last in range(first + 1, len(source.lines)):
            other = source.line(last)
            if not other.strip() or indentation(other).startswith((f"{indent} ", f"{indent}\t")):
                continue
            if indentation(other) == indent and _END_WORD.match(other) and start >= 0:
                body = _checked(source, first, last)
                if body is not None:
                    yield body
            break


def _checked(source: Source, first: int, closing: int) -> Body | None:
    """A body that is code, begins in the next line, deeper than its opener, and is not empty."""
    last = closing - 1
    while last > first and not source.line(last).strip():
        last -= 1
    span = source.mask[source.lines[first][0] : source.lines[closing][1]]
    line = source.line(first + 1)
    deeper = len(indentation(line)) > len(indentation(source.line(first)))
    level = len(indentation(source.line(closing))) == len(indentation(source.line(first)))
    if last == first or not line.strip() or not deeper or not level or "e" in span:
        return None
    bounds = source.lines[first][1], source.lines[last][1], source.lines[closing][0]
    return None if any(source.mask[at] != CODE for at in bounds) else (first, last, closing)


def _body(source: Source, body: Body) -> Iterator[Hole | None]:
    first, last, closing = body
    start, end = source.lines[first][1], source.lines[last][1]
    closing_end = source.lines[closing][1]
    if source.text[end - 1].isspace():
        return
    inner = source.lines[first + 1][0] + len(indentation(source.line(first + 1)))
    only = _ONLY_CLOSERS.match(source.line(closing)) or _END_WORD.match(source.line(closing))
    known = closing_end if only else end
    yield hole(source, "block", start, end, known)
    yield hole(source, "block-line", inner, end, known)
    if only:
        yield hole(source, "closing", start, closing_end)


def _statements(source: Source, body: Body) -> Iterator[Hole | None]:
    """One to four whole statements; none where it is not sure where they begin."""
    last = body[1]
    heads = statement_heads(source, body)
    for place, head in enumerate(heads):
        for count in range(1, MOST_STATEMENTS + 1):
            if place + count > len(heads):
                break
            stop = heads[place + count] - 1 if place + count < len(heads) else last
            yield _whole_lines(source, "statements", head, max(stop, head))


def statement_heads(source: Source, body: Body) -> Sequence[int]:
    """Lines at which a statement of a body begins; none if it holds something else as well."""
    first, last, _ = body
    indent = indentation(source.line(first + 1))
    around = source.opener_at[source.lines[first + 1][0]]
    heads: list[int] = []
    before = ""
    for number in range(first + 1, last + 1):
        line = source.line(number)
        start, end = source.lines[number]
        if not line.strip():
            continue
        code = line.strip() if COMMENT not in source.mask[start:end] else line.strip() + ";"
        if len(indentation(line)) < len(indent):
            return ()  # labels and preprocessor lines
        flush = indentation(line) == indent and source.opener_at[start] == around
        at = start + len(indentation(line))
        if flush and source.mask[at] == CODE and source.mask[start] == CODE:
            if code.endswith(",") and not _UNFINISHED.search(before):
                return ()  # it is a list
            if not _GOES_ON.match(code) and not _UNFINISHED.search(before):
                decorated = bool(heads) and _STARTED.match(before)
                if not decorated:
                    heads.append(number)
        if source.mask[at] == CODE:
            before = code
    return heads


def _whole_lines(source: Source, kind: str, first: int, last: int) -> Hole | None:
    """Lines from the indentation of the first one on, without comments and blanks at the end."""
    while last > first and (
        not source.line(last).strip()
        or source.mask[source.lines[last][0] + len(indentation(source.line(last)))] != CODE
    ):
        last -= 1
    start = source.lines[first][0] + len(indentation(source.line(first)))
    end = source.lines[last][1]
    clean = not source.text[end - 1].isspace() and source.mask[end : end + 1] in ("", CODE)
    return hole(source, kind, start, end) if clean else None


def _items(source: Source, body: Body, opener: int) -> Iterator[Hole | None]:
    """Lines of a literal or of arguments, each of which ends by a comma."""
    first, last, _ = body
    indent = indentation(source.line(first + 1))
    starts: list[int] = []
    for number in range(first + 1, last + 1):
        line = source.line(number)
        start, end = source.lines[number]
        if not line.strip() or COMMENT in source.mask[start:end]:
            return
        if indentation(line) == indent and source.opener_at[start] == opener:
            if number > first + 1 and not source.line(number - 1).endswith(","):
                if line.strip()[0] not in "}])":
                    return  # not one item for each comma
                continue
            starts.append(number)
    if len(starts) < 2:
        return
    stops = [*(number - 1 for number in starts[1:]), last]
    for place in range(len(starts)):
        for count in range(min(MOST_ITEMS, len(starts) - place)):
            yield _whole_lines(source, "list-items", starts[place], stops[place + count])
