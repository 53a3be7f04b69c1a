"""What a model may write for a hole: the middle, and the middle with too much behind it."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench.holes.cut import Hole
from tests.bench.holes.python import enclosing_column
from tests.bench.holes.source import Source, indentation

VARIANTS = ("clean", "overrun", "repeat", "function")
REPEATS, LINES_OVER = 8, 3
_NO_FUNCTION_IN = {"docstring", "list-items", "members"}

_CURLY = "{\n    int result = value + 1;\n    print(result);\n    return result;\n}"
_SCRIPT = (
    "function otherFunction(value) {\n    const result = value + 1;\n    console.log(result);\n"
    "    return result;\n}"
)
_TYPED_SCRIPT = _SCRIPT.replace("(value)", "(value: number): number", 1)
OTHERS: Mapping[str, str] = {
    "python": (
        "def other_function(value):\n    result = value + 1\n    print(result)\n    return result"
    ),
    "c": f"int other_function(int value) {_CURLY}",
    "cpp": f"int other_function(int value) {_CURLY}",
    "java": f"public int otherFunction(int value) {_CURLY}",
    "csharp": f"public int OtherFunction(int value) {_CURLY}",
    "go": (
        "func otherFunction(value int) int {\n    result := value + 1\n    fmt.Println(result)\n"
        "    return result\n}"
    ),
    "rust": (
        'fn other_function(value: i32) -> i32 {\n    let result = value + 1;\n    println!("{}", '
        "result);\n    result\n}"
    ),
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "typescript": _TYPED_SCRIPT,
    "typescriptreact": _TYPED_SCRIPT,
    "php": (
        "function otherFunction($value)\n{\n    $result = $value + 1;\n    echo $result;\n"
        "    return $result;\n}"
    ),
    "ruby": "def other_function(value)\n    result = value + 1\n    puts result\n    result\nend",
    "lua": (
        "local function other_function(value)\n    local result = value + 1\n    print(result)\n"
        "    return result\nend"
    ),
    "shellscript": (
        'other_function() {\n    local result=$(($1 + 1))\n    echo "$result"\n    return 0\n}'
    ),
    "css": ".other-rule {\n    color: red;\n    margin: 0;\n    padding: 0;\n}",
    "markdown": "## Other section\n\nThis is about something else.\nNobody has asked for it.",
    "yaml": "other_section:\n    name: other\n    value: 1\n    enabled: true",
    "toml": '[other-section]\nname = "other"\nvalue = 1\nenabled = true',
}
_DEFINES = re.compile(
    r"(?!\s*(?:if|for|while|switch|catch|else|match|try|do|with|return|new|await|case|unless|until|"
    r"loop|using|lock|synchronized|throw|elsif)\b|\s*[.})\]])"
    r"(?:.*\b(?:function|func|fn|def|sub)\b|\s*[\w<>\[\],&*:?@ ]*[\w~>]\s*\([^;]*$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text for one hole."""

    kind: str
    variant: str
    line: int
    prefix: str
    suffix: str
    middle: str
    written: str


def cases(source: Source, there: Hole, tree: ast.Module | None) -> list[Case]:
    """Return the texts for a hole that make sense there."""
    texts = {
        "clean": source.text[there.start : there.end],
        "overrun": _overrun(source, there),
        "repeat": _repeat(source, there),
        "function": _with_function(source, there, tree),
    }
    return [
        Case(
            kind=there.kind,
            variant=variant,
            line=source.number(there.start) + 1,
            prefix=source.text[: there.start],
            suffix=source.text[there.end :],
            middle=texts["clean"] or "",
            written=text,
        )
        for variant, text in texts.items()
        if text
    ]


def _overrun(source: Source, there: Hole) -> str:
    """The middle and what follows in the document, unless that is nothing."""
    last = source.number(there.end) + LINES_OVER
    if last >= len(source.lines):
        return ""
    more = source.text[source.lines[source.number(there.end)][1] : source.lines[last][1]]
    return source.text[there.start : source.lines[last][1]] if more.strip() else ""


def _repeat(source: Source, there: Hole) -> str:
    """The middle, and its last line again and again as it stands in the document."""
    line = source.line(source.number(there.end))
    return source.text[there.start : there.end] + f"\n{line}" * REPEATS


def _with_function(source: Source, there: Hole, tree: ast.Module | None) -> str:
    """The middle to the end of its line or block, and another function beside the one around."""
    other = OTHERS.get(source.language)
    around = source.opener_at[source.lines[source.number(there.end)][1]]
    inside = around >= 0 and source.text[around] in "(["
    if other is None or there.kind in _NO_FUNCTION_IN or inside:
        return ""
    indent = _indent_of_definition(source, there, tree)
    unit = "\t" if source.language == "go" or "\n\t" in source.text else "    "
    body = "\n".join(indent + line.replace("    ", unit) for line in other.split("\n"))
    until = max(there.closer_end, source.lines[source.number(there.end)][1])
    blank_lines = 2 if source.language == "python" and not indent else 1
    return source.text[there.start : until].rstrip() + "\n" * (1 + blank_lines) + body


def _indent_of_definition(source: Source, there: Hole, tree: ast.Module | None) -> str:
    number = source.number(there.start)
    if tree is not None:
        return " " * enclosing_column(tree, number)
    if source.language in {"markdown", "yaml", "toml", "css"}:
        return ""
    best = indentation(source.line(number)) + " "
    for above in range(number, -1, -1):
        line = source.line(above)
        indent = indentation(line)
        start = source.lines[above][0] + len(indent)
        if line.strip() in ("", "{") or len(indent) >= len(best) or source.mask[start] != "c":
            continue
        best = indent
        if not indent or _DEFINES.match(line):
            return indent
    return ""
