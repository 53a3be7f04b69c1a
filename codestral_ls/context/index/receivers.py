"""Which classes code is about: the receiver's, the enclosing one, its bases. Pure.

Types are guessed from the text of the enclosing function and class alone: guesses from the whole
file gave 0.6 points of recall more at ten times the cost of all other ranking.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from codestral_ls.context.index.words import KEYWORDS

LOOKED_AT = 8000
"""Characters before the cursor."""
MOST = 12
"""Names, the receiver's first."""
_MENTIONS = 20
"""Places of a variable's name that are looked at, the nearest first."""
_RECEIVER = re.compile(
    r"(?P<path>(?:[\w$]+(?:\(\))?[?!]?(?:\.|->|::))*)(?P<name>[\w$@]+)(?P<call>\(\))?[?!]?"
    r"(?P<sign>\.|->|::|:)[\w$]*$"
)
_SELF = frozenset({"self", "this", "cls", "Self", "super", "$this", "static", "parent", "base"})
_CLASS = re.compile(
    r"\s*(?:[\w@()\[\]]+\s+){0,5}?(?:class|struct|interface|trait|impl|extension|object|enum|module|"
    r"record|actor|protocol|mixin)\b(?P<rest>[^{;]{1,400})"
)
_METHOD_OF = re.compile(r"func\s*\((?:\w+\s+)?\*?(\w+)")
_GENERICS = re.compile(r"<[^<>]*>")
_PATH = re.compile(r"[\w$]+(?:(?:\.|::|\\)[\w$]+)*")


def receiver_types(language: str, prefix: str) -> tuple[str, ...]:
    """The names of classes that what is typed at the end of `prefix` may be a member of.

    First those of the receiver before the cursor, then the enclosing class and its bases. Types
    of the language are among them: whoever asks knows what classes there are.
    """
    scope = _scope(language, prefix)
    guesses = dict.fromkeys([*_of_receiver(language, scope), *scope.classes])
    return tuple(each for each in guesses if each not in KEYWORDS)[:MOST]


class _Scope(NamedTuple):
    """What surrounds a cursor: the function's text, that of the class, its name and its bases."""

    function: str
    around: str
    classes: tuple[str, ...]


def _scope(language: str, prefix: str) -> _Scope:
    """The enclosing function and class, told by indentation: heads are indented less."""
    text = prefix[-LOOKED_AT:]
    lines = text.split("\n")
    function = head = len(lines) - 1
    indent = _indent(lines[-1]) if lines[-1].strip() else 1 << 30
    found: tuple[str, ...] = ()
    for number in range(len(lines) - 2, -1, -1):
        line = lines[number]
        stripped = line.lstrip()
        if (
            not stripped
            or stripped[0] in "#/*)]}"
            or (width := len(line) - len(stripped)) >= indent
        ):
            continue
        indent, head = width, number
        if match := _CLASS.match("\n".join(lines[number : number + 8])):
            found = _named(language, match["rest"])
            break
        function = number
        if indent == 0:
            break
    if not found and (method := _METHOD_OF.match(lines[function])):
        found = (method[1],)
    around = "\n".join(lines[head:]) if found else text
    return _Scope("\n".join(lines[function:]), around, found)


def _indent(line: str) -> int:
    """How many characters stand before the first that is no blank."""
    return len(line) - len(line.lstrip())


def _named(language: str, head: str) -> tuple[str, ...]:
    """The names in the head of a class: its own and those of its bases."""
    if language == "python":
        head = head.partition(":")[0]
    elif language == "ruby":
        head = head.partition("\n")[0]
    elif language == "rust":
        implemented, _, type_ = _bare(head).partition(" for ")
        head = f"{type_} {implemented}"
    else:
        head = _bare(head)
    return tuple(_last(each) for each in _PATH.findall(head) if not each.isdigit())[:MOST]


def _bare(text: str) -> str:
    """A text without its type arguments, as deep as anybody nests them."""
    for _ in range(3):
        text = _GENERICS.sub("", text)
    return text


def _last(path: str) -> str:
    """The last name of a path."""
    return re.split(r"\.|::|\\", path)[-1]


def _of_receiver(language: str, scope: _Scope) -> Iterator[str]:
    """The classes that the expression before the cursor's dot may be of."""
    line = scope.function[scope.function.rfind("\n") + 1 :][-200:]
    match = _RECEIVER.search(line)
    if match is None or (match["sign"] == ":" and language != "lua"):
        return
    name = match["name"]
    if name in _SELF and not match["path"]:
        yield from scope.classes
    elif name[:1].isupper() or match["sign"] == "::":
        yield name
    elif match["call"]:
        return
    elif name.startswith("@") or match["path"].rstrip(".->:") in _SELF:
        yield from _types(scope.around, name, member=True)
    else:
        yield from _types(scope.function, name) or _types(scope.around, name)


_AFTER = re.compile(
    r"[?!]?[ \t]*(?:(?::=|=)(?![=>])[ \t]*(?P<value>[^\n;]{1,120})"
    r"|:(?!:)[ \t]*(?P<type>[^=,)\n{;<]{1,80}(?:<[^=;(){}\n]{0,80}>)?)"
    r"|[ \t](?:\.\.\.)?(?P<behind>[*&\[\]]*[A-Za-z_][\w.]*)[ \t]*(?:[,)={]|$))"
)
_BEFORE = re.compile(
    r"(?P<type>[\w.:\\]*[A-Za-z]\w*(?:<[^;(){}\n]*>)?)[\[\]?]*[ \t*&]+$"
    r"|(?:with|except|catch|async with)[ \t]+(?P<made>[^\n]+?)[ \t]as[ \t]+$"
)
_VALUE = re.compile(
    r"(?:(?:await|new|yield|try|mut)\b|[&*(\s])*(?P<path>[\w$]+(?:(?:\.|::|\\)[\w$]+)*)(?P<rest>[({<]?)"
    r"(?P<made>(?<=<)[\w:.]+)?"
)


def _types(text: str, name: str, *, member: bool = False) -> list[str]:
    """The classes that a variable is declared or constructed to be of, the nearest first.

    A `member` stands behind `self.` or at the head of a line.
    """
    found: list[str] = []
    at = len(text) - len(text[text.rfind("\n") + 1 :])
    for _ in range(_MENTIONS):
        at = text.rfind(name, 0, max(at, 0))
        if at < 0:
            break
        before = text[max(0, at - 80) : at].rpartition("\n")[2]
        if not _is_mention(before, name, member=member):
            continue
        behind = _AFTER.match(text, at + len(name))
        if behind:
            found += _named_in(behind["type"] or behind["behind"] or "")
            found += _constructed(behind["value"] or "")
        if not behind or behind["value"]:
            found += _declared_before(before, text[at + len(name) : at + len(name) + 1])
    return found


def _is_mention(before: str, name: str, *, member: bool) -> bool:
    """Whether a name at a place is the variable, and not a part or a member of something else."""
    if not before or not (before[-1].isalnum() or before[-1] in "_.$>@"):
        return True
    return member and (name.startswith("@") or before.rstrip(".->").endswith(tuple(_SELF)))


def _declared_before(before: str, following: str) -> list[str]:
    """The class that is named before a variable, as in C or Java, or what it is made with."""
    match = _BEFORE.search(before[-60:]) if before[-1:] in {" ", "\t", "*", "&"} else None
    if match is None:
        return []
    if match["made"]:
        return _constructed(match["made"])
    return [] if following.isalnum() or following == "." else _named_in(match["type"])


def _named_in(text: str) -> list[str]:
    """The first names in a type."""
    return [_last(each) for each in _PATH.findall(text)][:4]


def _constructed(text: str) -> list[str]:
    """The class that an expression makes an instance of: `Foo(`, `Foo::new(`, `NewFoo(`, `foo{`."""
    value = _VALUE.match(text)
    if value is None:
        return []
    parts = re.split(r"\.|::|\\", value["path"])
    classes = [each for each in parts if each[:1].isupper()]
    if value["made"]:
        classes.append(_last(value["made"]))
    if not classes and value["rest"] == "{":
        return [parts[-1]]
    last = classes[-1:]
    return [*(name for each in last if (name := each.removeprefix("New"))), *last]
