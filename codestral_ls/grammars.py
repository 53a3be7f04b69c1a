"""Which grammar reads a language, and what it needs to be told where lines were left out.

Pure but for loading one, which is the same each time.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Language

Holder = tuple[str, str]
_CLASS, _OBJECT, _LIST = ("class A {\n", "\n}\n"), ("x = {\n", "\n}\n"), ("x = [\n", "\n]\n")
_ARRAY, _RULE = ("int a[] = {\n", "\n};\n"), ("a {\n", "\n}\n")
_JSON_HOLDERS = (("{\n", "\n}\n"), ("[\n", "\n]\n"))


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar: a module of the extra, and the function in it that returns the grammar.

    `filler` stands for lines left out, where nothing else tells that a block goes on; `holders`
    may hold lines that are wrong at the top level, when an excerpt begins behind its start;
    `opening_tag` makes code of lines that come without their beginning.
    """

    module: str
    function: str = "language"
    filler: str = ""
    holders: tuple[Holder, ...] = ()
    opening_tag: str = ""


_BASH = Grammar("tree_sitter_bash")
_JAVASCRIPT = Grammar("tree_sitter_javascript", holders=(_CLASS, _OBJECT))
_JSON = Grammar("tree_sitter_json", holders=_JSON_HOLDERS)

GRAMMARS: Mapping[str, Grammar] = {
    "bash": _BASH,
    "c": Grammar("tree_sitter_c", holders=(_ARRAY,)),
    "cpp": Grammar("tree_sitter_cpp", holders=(_CLASS, _ARRAY)),
    "csharp": Grammar("tree_sitter_c_sharp", holders=(_CLASS, _ARRAY)),
    "css": Grammar("tree_sitter_css", holders=(_RULE,)),
    "go": Grammar("tree_sitter_go"),
    "html": Grammar("tree_sitter_html"),
    "java": Grammar("tree_sitter_java", holders=(_CLASS,)),
    "javascript": _JAVASCRIPT,
    "javascriptreact": _JAVASCRIPT,
    "json": _JSON,
    "jsonc": _JSON,
    "lua": Grammar("tree_sitter_lua", holders=(_OBJECT,)),
    "php": Grammar("tree_sitter_php", "language_php", holders=(_CLASS,), opening_tag="<?php\n"),
    "python": Grammar("tree_sitter_python", filler="pass", holders=(_OBJECT, _LIST)),
    "ruby": Grammar("tree_sitter_ruby"),
    "rust": Grammar("tree_sitter_rust"),
    "sh": _BASH,
    "shellscript": _BASH,
    "typescript": Grammar(
        "tree_sitter_typescript", "language_typescript", holders=(_CLASS, _OBJECT)
    ),
    "typescriptreact": Grammar("tree_sitter_typescript", "language_tsx", holders=(_CLASS, _OBJECT)),
}
"""LSP language identifiers -> their grammars."""


@cache
def load_grammar(grammar: Grammar) -> "Language | None":
    """A grammar as the binding has it; `None` where it is not there or does not load."""
    try:
        binding: Any = importlib.import_module("tree_sitter")
        function = getattr(importlib.import_module(grammar.module), grammar.function)
        language: Language = binding.Language(function())
        binding.Parser(language)
    except Exception:  # noqa: BLE001 - whatever a binary of another version does, we go on without
        return None
    return language
