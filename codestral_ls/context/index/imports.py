"""What one text imports, read from its import lines alone. Pure.

Modules stay as they are written: `import_targets` knows what they mean to a language.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

LOOKED_AT = 60_000
"""Characters from the start: what a long file imports further down is rare."""
MOST = 300
"""Imports of one file."""
EVERYTHING = "*"
_DEEPEST = 8
"""Braces within each other in one `use` of Rust."""


class Import(NamedTuple):
    """A module as it is written, and the names that are taken from it; `*` is all of them."""

    module: str
    names: tuple[str, ...] = ()


def find_imports(language: str, text: str) -> tuple[Import, ...]:
    """All that a text imports, in the order of its lines, without repetition."""
    return _find(_FINDERS.get(language), text)


def reexports(language: str, text: str) -> tuple[Import, ...]:
    """What a text hands on under its own name: whoever imports that means those files."""
    return _find(_HANDING_ON.get(language), text)


_Finder = Callable[[str], Iterator[Import]]


def _find(finder: _Finder | None, text: str) -> tuple[Import, ...]:
    """What a finder finds in the part that is looked at."""
    if finder is None:
        return ()
    found: dict[Import, None] = {}
    for each in finder(text[:LOOKED_AT]):
        found[each] = None
        if len(found) == MOST:
            break
    return tuple(found)


_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>\.*[ \t]*[\w.]*)[ \t]+import[ \t]*"
    r"(?:\((?P<many>[^()]{0,8000})\)|(?P<some>[^\n#;(]+(?:(?<=\\)\n[^\n#;(]+)*))"
    r"|import[ \t]+(?P<modules>[^\n#;]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")


def _python(text: str) -> Iterator[Import]:
    """`from a import b`, `import a, b`."""
    for match in _PYTHON.finditer(text):
        if match["modules"]:
            yield from (Import(name) for name in _names(match["modules"]))
        else:
            listed = _COMMENT.sub("", match["many"] or match["some"] or "")
            yield Import(match["module"].replace(" ", ""), tuple(_names(listed)))


_LISTED = re.compile(r"[\w.$*]+(?:[ \t]+as[ \t]+\w+)?")


def _names(listed: str) -> list[str]:
    """The names in a list, as the module has them: without `as`."""
    return [each.split()[0] for each in _LISTED.findall(listed.replace("\\", " "))]


_FROM = re.compile(r"from[ \t]*['\"]([^'\"\n]+)['\"]")
_REQUIRED = re.compile(r"(?:require|import)[ \t]*\(?[ \t]*['\"]([^'\"\n]+)['\"]")
_CLAUSE_BEFORE = re.compile(r"(?:\w+[ \t]+)?([\w$*{}, \t\n]*)")
_TAKEN_BEFORE = re.compile(r"\{([^{}]*)\}[ \t]*=[ \t]*$")
_LONGEST_CLAUSE = 3000
_CLAUSE = re.compile(r"(?:\btype[ \t]+)?([\w$*]+)(?:(?:[ \t]+as|[ \t]*:)[ \t]+[\w$]+)?")


def _script(text: str) -> Iterator[Import]:
    """`import … from "…"`, `export … from "…"`, `require("…")`, `import("…")`."""
    found = [*_clauses(text, "import"), *_clauses(text, "export")]
    for match in _REQUIRED.finditer(text):
        before = text[max(0, match.start() - _LONGEST_CLAUSE) : match.start()]
        taken = _TAKEN_BEFORE.search(before) if before.rstrip().endswith("=") else None
        found.append((match.start(), Import(match[1], _clause(taken[1] if taken else ""))))
    yield from (each for _, each in sorted(found))


def _script_handing_on(text: str) -> Iterator[Import]:
    """`export … from "…"`."""
    yield from (each for _, each in _clauses(text, "export"))


def _clauses(text: str, word: str) -> Iterator[tuple[int, Import]]:
    """All `word … from "…"` with the places of their `from`.

    They are looked for from their ends: "from" is rarer than "export", behind which there may be
    anything.
    """
    for match in _FROM.finditer(text):
        end = match.start()
        start = text.rfind(word, max(0, end - _LONGEST_CLAUSE), end)
        clause = _CLAUSE_BEFORE.fullmatch(text, start + len(word), end) if start >= 0 else None
        if clause:
            yield end, Import(match[1], _clause(clause[1]))


def _clause(listed: str) -> tuple[str, ...]:
    """The names of an import clause, as the module has them."""
    return tuple(name for name in _CLAUSE.findall(listed) if name not in {"type", "typeof"})


_RUST = re.compile(
    r"^[ \t]*(?P<public>pub(?:\([^)\n]*\))?[ \t]+)?(?:use[ \t]+(?P<tree>[^;]{1,4000});"
    r"|mod[ \t]+(?P<module>\w+)[ \t]*;|extern[ \t]+crate[ \t]+(?P<crate>\w+))",
    re.MULTILINE,
)
_RUST_WORD = re.compile(r"//[^\n]*|[\w*]+|::|[{},]")


def _rust(text: str) -> Iterator[Import]:
    """`use a::b::{c, d};`, `mod a;`, `extern crate a;`."""
    for match in _RUST.finditer(text):
        if match["tree"]:
            yield from _use(match["tree"])
        elif match["module"]:
            yield Import(f"self::{match['module']}")
        else:
            yield Import(match["crate"])


def _rust_handing_on(text: str) -> Iterator[Import]:
    """`pub use a::b;`."""
    for match in _RUST.finditer(text):
        if match["public"] and match["tree"]:
            yield from _use(match["tree"])


def _use(tree: str) -> Iterator[Import]:
    """One import for each leaf of a tree of paths."""
    prefixes: list[list[str]] = [[]]
    path: list[str] = []
    renamed = False
    for word in [*_RUST_WORD.findall(tree), ","]:
        if word == "{" and len(prefixes) < _DEEPEST:
            prefixes.append([*prefixes[-1], *path])
            path = []
        elif word in {",", "}"}:
            if path:
                *module, name = [*prefixes[-1], *path]
                yield Import("::".join(module), (name,)) if module else Import(name)
            path, renamed = [], False
            if word == "}" and len(prefixes) > 1:
                prefixes.pop()
        elif word == "as":
            renamed = True
        elif word.strip(":/") and not renamed and not word.startswith("//"):
            path.append(word)


_GO = re.compile(
    r"^import[ \t]+(?:\((?P<many>[^)]{0,20000})\)|(?:[\w.]+[ \t]+)?\"(?P<one>[^\"\n]+)\")",
    re.MULTILINE,
)
_GO_LINE = re.compile(r"^[ \t]*(?:[\w.]+[ \t]+)?\"([^\"\n]+)\"", re.MULTILINE)


def _go(text: str) -> Iterator[Import]:
    """`import "a/b"`, alone or in a list."""
    for match in _GO.finditer(text):
        listed = _GO_LINE.findall(match["many"] or "") if match["one"] is None else [match["one"]]
        yield from map(Import, listed)


_DOTTED = re.compile(
    r"^[ \t]*(?:global[ \t]+)?(?:import|using|alias|open|use)[ \t]+(?P<rest>[^;\n=]+)", re.MULTILINE
)
_DOTTED_NAME = re.compile(r"[\w.\\]+\*?")
_DOTTED_WORDS = {"static", "qualified", "public", "hiding", "safe"}


def _dotted(text: str) -> Iterator[Import]:
    """`import a.b.C;`, `using A.B;`, `import static a.b.C.m;`, `alias A.B`."""
    for match in _DOTTED.finditer(text):
        names = [each for each in _DOTTED_NAME.findall(match["rest"]) if each not in _DOTTED_WORDS]
        if names:
            module, _, name = names[0].strip(".").rpartition(".")
            listed = re.search(r"\{([^{}]*)\}", match["rest"])
            if listed:
                yield Import(names[0].strip("."), tuple(_names(listed[1])))
            else:
                yield Import(module, (name,)) if module else Import(name)


_PHP = re.compile(
    r"^[ \t]*use[ \t]+(?:function[ \t]+|const[ \t]+)?\\?"
    r"(?P<module>[\w\\]+)(?:\{(?P<names>[^{}]{0,2000})\})?"
    r"|\b(?:require|include)(?:_once)?\b[^;\n'\"]{0,80}['\"](?P<path>[^'\"\n]+)['\"]",
    re.MULTILINE,
)


def _php(text: str) -> Iterator[Import]:
    r"""`use A\B\C;`, `use A\{B, C};`, `require 'a.php';`."""
    for match in _PHP.finditer(text):
        if match["path"]:
            yield Import(match["path"].lstrip("/"))
        elif match["names"]:
            yield Import(match["module"].strip("\\"), tuple(_names(match["names"])))
        else:
            module, _, name = match["module"].rpartition("\\")
            yield Import(module, (name,)) if module else Import(name)


def _each(*patterns: str) -> _Finder:
    """Finds modules by patterns with one group."""
    compiled = re.compile("|".join(patterns), re.MULTILINE)

    def find(text: str) -> Iterator[Import]:
        for match in compiled.finditer(text):
            yield Import(match[match.lastindex or 0])

    return find


_C = _each(r"^[ \t]*#[ \t]*(?:include|import)[ \t]*[\"<]([^\">\n]+)[\">]")
_CSHARP = _each(
    r"^[ \t]*(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?(?:\w+[ \t]*=[ \t]*)?([\w.]+)[ \t]*;"
)
_STYLES = _each(r"@(?:import|use|forward)[ \t]+(?:url\()?[\"']([^\"'\n]+)[\"']")
_SHELL = _each(r"^[ \t]*(?:source|\.)[ \t]+[\"']?(?:[^\n/;]*\$[^\n/;]*/)?([\w./-]+)")
_RUBY = _each(
    r"^[ \t]*require(?:_relative)?[ \t(]+[\"']([^\"'\n]+)[\"']",
    r"^[ \t]*autoload[ \t(]+:\w+,[ \t]*[\"']([^\"'\n]+)[\"']",
)
_LUA = _each(r"\brequire[ \t]*\(?[ \t]*[\"']([^\"'\n]+)[\"']")
_QUOTED = _each(
    r"^[ \t]*(?:import|export|part)[ \t]+(?:public[ \t]+|weak[ \t]+)?[\"']([^\"'\n]+)[\"']"
)
_ZIG = _each(r"@import\([\"']([^\"'\n]+)[\"']")

_SCRIPTS = ("javascript", "javascriptreact", "typescript", "typescriptreact")
_FINDERS: Mapping[str, _Finder] = {
    **dict.fromkeys(("bash", "sh", "shellscript"), _SHELL),
    **dict.fromkeys(("c", "cpp"), _C),
    **dict.fromkeys(("css", "less", "scss"), _STYLES),
    **dict.fromkeys(("dart", "proto"), _QUOTED),
    **dict.fromkeys(("elixir", "groovy", "haskell", "java", "kotlin", "scala"), _dotted),
    **dict.fromkeys((*_SCRIPTS, "svelte", "vue"), _script),
    "csharp": _CSHARP,
    "go": _go,
    "lua": _LUA,
    "php": _php,
    "python": _python,
    "ruby": _RUBY,
    "rust": _rust,
    "zig": _ZIG,
}
"""LSP language identifiers -> how their imports are found."""
_HANDING_ON: Mapping[str, _Finder] = {
    **dict.fromkeys(_SCRIPTS, _script_handing_on),
    "python": _python,
    "rust": _rust_handing_on,
}
"""The same, of what is handed on; a Python module hands on all that it imports."""
