"""The definitions in one text: by its syntax tree, or by its lines where there is none. Pure.

Only what other files can name is a definition: what stands in the bodies of functions is not.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from codestral_ls.context.index.line_outline import find_by_lines
from codestral_ls.context.index.symbols import MOST, Symbol
from codestral_ls.context.index.tree_rules import EVERY, FIRST, TOP, VARIABLE, Row, Rule, Table
from codestral_ls.context.index.tree_rules_dynamic import JAVASCRIPT, PYTHON, TYPESCRIPT
from codestral_ls.context.index.tree_rules_static import CPP, CSHARP, GO, JAVA, RUST, C
from codestral_ls.grammars import GRAMMARS, load_grammar

if TYPE_CHECKING:
    from tree_sitter import Node


ROWS: Mapping[str, Row] = {
    "c": C,
    "cpp": CPP,
    "csharp": CSHARP,
    "go": GO,
    "java": JAVA,
    "javascript": JAVASCRIPT,
    "javascriptreact": JAVASCRIPT,
    "python": PYTHON,
    "rust": RUST,
    "typescript": TYPESCRIPT,
    "typescriptreact": TYPESCRIPT,
}
"""LSP language identifiers -> how their trees are read.

In PHP, Ruby, Lua and shell scripts lines show 87 to 100 % of what a tree does, in half the time.
"""
LONGEST = 200_000
"""Characters: a parse of these takes 20 to 80 ms, of a megabyte of data a second."""
_TOLD_BY = 20_000
_CPP = re.compile(
    r"^[ \t]*(?:class[ \t]+\w|namespace\b|template[ \t]*<|(?:public|private):)", re.MULTILINE
)
"""What no C has in the first characters: headers of both languages have the same ending."""
_UNCLOSED = 20
"""Comments that begin and never end. Each is looked for to the end of the text: 10 000 characters
of them took the grammar of C++ 15 s."""
_UNBALANCED = 100
_ENDLESS = re.compile(r"(?:<[\w\s]{0,20}){40}")
"""Brackets without end: 10 000 characters of `<a` took the grammar of C# 14 s and 1.7 GB."""
_ARROWS = ("->" * 20, "-> " * 20, "=>" * 20, "=> " * 20)
"""10 000 characters of these took the grammar of JavaScript 5 s."""
_NAME = re.compile(r"[#$]?\w[\w$-]{0,99}")
_NOT_OWNERS = {"exports", "module", "this", "self", "window", "globalThis", "global"}
"""What holds a file's own names, and is no type."""


class _Name(NamedTuple):
    """A name, where it stands, and what its surroundings say of its kind and its container."""

    text: str
    line: int
    kind: str
    owner: str


def outline(language: str, text: str) -> tuple[Symbol, ...]:
    """The definitions of a text in the order of their lines, at most `MOST`."""
    if language == "c" and _CPP.search(text, 0, _TOLD_BY):
        language = "cpp"
    grammar = GRAMMARS.get(language)
    if grammar is None or language not in ROWS or len(text) > LONGEST or _is_hostile(text):
        return find_by_lines(language, text)
    loaded = load_grammar(grammar)
    if loaded is None:
        return find_by_lines(language, text)
    binding: Any = importlib.import_module("tree_sitter")
    source = text.encode("utf-8", "replace")
    root: Node = binding.Parser(loaded).parse(source).root_node
    if root.type == "ERROR":
        return find_by_lines(language, text)
    found = sorted(dict.fromkeys(_walk(root, source, ROWS[language])), key=lambda each: each.line)
    return tuple(found[:MOST])


def _is_hostile(text: str) -> bool:
    """Whether a text would take a parser minutes or gigabytes: no code looks like that."""
    unclosed = text.count("/*", text.rfind("*/") + 1)
    if unclosed > _UNCLOSED or any(each in text for each in _ARROWS):
        return True
    unbalanced = text.count("<") - text.count(">")  # as rarely in code: then it is worth a look
    return unbalanced > _UNBALANCED and _ENDLESS.search(text) is not None


def _walk(root: "Node", source: bytes, row: Row) -> Iterator[Symbol]:
    """All symbols; no recursion, for trees are as deep as a text likes."""
    stack = [(root, "", row.tables[TOP])]
    while stack:
        node, container, table = stack.pop()
        for child in node.children:
            rule = table.nodes.get(child.type)
            if rule is None:
                if child.type == "ERROR":
                    stack.append((child, container, table))  # and read as if it were whole
                continue
            holder = _owned(child, rule, source) if rule.owner else container
            names = _names(child, rule, table, source) if rule.kind else []
            named = [
                Symbol(name.text, _kind(child, rule, row, name, held), name.line, held)
                for name in names
                if name.text not in row.left_out
                for held in (name.owner or holder,)
            ]
            yield from named
            if rule.inside:
                if rule.holds and names:
                    holder = named[0].name if named else names[0].owner
                inside = table if rule.among is None else row.tables[rule.among]
                stack.append((child, holder, inside))
            elif named and named[0].name in rule.builders:
                stack.append((child, holder, row.tables["constructor"]))


def _owned(node: "Node", rule: Rule, source: bytes) -> str:
    """The container that a node names itself."""
    owner = node.child_by_field_name(rule.owner)
    return _owner(_text(owner, source)) if owner else ""


def _names(node: "Node", rule: Rule, table: Table, source: bytes) -> list[_Name]:
    """The names that a node defines, as far as its rule lets them count."""
    if rule.needs and not any(child.type == rule.needs for child in node.children):
        return []
    if rule.foreign:
        value = node.child_by_field_name(rule.value)
        if value and _begin(value, source).startswith(rule.foreign):
            return []
    found: list[_Name] = []
    stack = [(each, "", "") for each in reversed(_children(node, rule.name))]
    while stack:
        each, kind, owner = stack.pop()
        type_ = each.type
        if type_ in table.leaves:
            text = _text(each, source).strip("\"':`")
            name = text.rpartition(".")[2] if rule.starts.endswith(".") else text
            if text.startswith(rule.starts) and _NAME.fullmatch(name):
                found.append(_Name(name, each.start_point.row, kind, owner))
        elif way := table.ways.get(type_):
            if way.owner and (holder := each.child_by_field_name(way.owner)):
                owner = _owner(_text(holder, source))
            following = [(child, way.kind or kind, owner) for child in _children(each, way.to)]
            stack += reversed(following)
    return found


def _children(node: "Node", name: str) -> "list[Node]":
    """The children in a field, or those that a table means by other words."""
    if name == EVERY:
        return node.named_children
    if name == FIRST:
        return node.named_children[:1]
    return node.children_by_field_name(name)


def _kind(node: "Node", rule: Rule, row: Row, name: _Name, holder: str) -> str:
    """What a definition is: by its value, its declarator, its container."""
    kind = rule.kind
    if rule.value and (value := node.child_by_field_name(rule.value)):
        kind = row.values.get(value.type, kind)
    if name.kind and kind != "type":
        kind = name.kind
    if kind == VARIABLE:
        return "field" if holder else "constant"
    return "method" if kind == "function" and holder else kind


def _text(node: "Node", source: bytes) -> str:
    """What a node spans."""
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _begin(node: "Node", source: bytes) -> str:
    """The first characters of a node."""
    return source[node.start_byte : node.start_byte + 20].decode("utf-8", "replace")


def _owner(text: str) -> str:
    """The name in a type or an object: of `&'a mut b::C<T>`, `(t *C[T])`, `C.prototype` it is C."""
    words = re.findall(r"\w+", re.split(r"[<\[]", text.removesuffix(".prototype")[:200])[0])
    return "" if not words or words[-1] in _NOT_OWNERS else words[-1]
