"""What a definition's line looks like, for where no syntax tree tells. Pure.

A row is a list of kinds and patterns. NAME stands for a name, NAMES for several with commas between
them, OWNER for the name of what the definition belongs to. Patterns begin behind the indentation.
"""

from collections.abc import Mapping

from codestral_ls.context.index.line_patterns_shared import (
    C_FAMILY,
    GENERIC,
    JVM,
    LISP,
    MODIFIERS,
    NO_KEYWORD,
    SCRIPT,
    VARIABLES,
    Lines,
)

_CREATE = r"(?i:create)[^\n]*?\b(?i:{})[ \t]+(?i:if not exists[ \t]+)?"

PATTERNS: Mapping[str, Lines] = {
    **dict.fromkeys(("c", "cpp"), C_FAMILY),
    **dict.fromkeys(("csharp", "dart", "groovy", "java"), JVM),
    **dict.fromkeys(("javascript", "javascriptreact", "typescript", "typescriptreact"), SCRIPT),
    **dict.fromkeys(("svelte", "vue"), SCRIPT),
    "clojure": (
        ("function", LISP.format("defn-?|defmacro|defmulti|defmethod")),
        ("constant", LISP.format("def|defonce|defrecord|defprotocol")),
    ),
    "cmake": (("function", r"(?:function|macro)\((?:[ \t]*)NAME"), ("constant", r"set\(NAME")),
    "coffeescript": (
        ("class", r"class[ \t]+NAME"),
        ("function", r"(?:exports\.|@)?NAME[ \t]*[:=][^\n]*[-=]>"),
        ("variable", r"NAME[ \t]*[:=](?!=)"),
    ),
    "css": (
        ("class", r"\.NAME[^;\n]*[,{][ \t]*$"),
        ("constant", r"(?=--)NAME[ \t]*:"),
        ("function", r"@keyframes[ \t]+NAME"),
    ),
    "dockerfile": (("constant", r"(?:ARG|ENV)[ \t]+NAME"), ("constant", r"FROM[^\n]* AS NAME")),
    "elisp": (
        ("function", LISP.format("(?:cl-)?def(?:un|macro|subst|generic|method|ine-minor-mode)")),
        ("constant", LISP.format("defvar(?:-local)?|defcustom|defconst|defface|defgroup")),
    ),
    "elixir": (
        ("class", r"(?:defmodule|defprotocol|defimpl)[ \t]+(?:\w+\.)*NAME"),
        ("function", r"(?:def|defp|defmacro|defmacrop|defguard|defdelegate)[ \t]+NAME"),
        ("member", r"@NAME[ \t]+[^\n]"),
    ),
    "erlang": (("constant", r"-(?:define|record)\(NAME"), ("function", r"NAME\([^\n]*->")),
    "fsharp": (
        ("class", r"(?:type|module)[ \t]+NAME"),
        (
            "function",
            r"(?:let|member)[ \t]+(?:(?:rec|inline|private|mutable|public)[ \t]+)*(?:\w+\.)?NAME",
        ),
    ),
    "go": (
        ("function", r"func[ \t]+\((?:\w+[ \t]+)?\*?OWNER[^)\n]*\)[ \t]*NAME"),
        ("function", r"func[ \t]+NAME"),
        ("type", r"type[ \t]+NAME"),
        ("group", r"(?:const|var|type)[ \t]*\("),
        ("constant", r"(?:const|var)[ \t]+NAMES"),
        ("method", r"NAME\([^\n]*\)[^\n{]*$"),
        ("member", NO_KEYWORD + r"NAMES(?:[ \t]+[^\n({=]+|[ \t]*=[^\n]*)?$"),
    ),
    "graphql": (
        ("type", r"(?:extend[ \t]+)?(?:type|input|enum|interface|union|scalar|fragment)[ \t]+NAME"),
        ("function", r"(?:query|mutation|subscription)[ \t]+NAME"),
        ("member", r"NAME[ \t]*(?:[:(]|$)"),
    ),
    "haskell": (
        ("type", r"(?:data|newtype|type|class)[ \t]+(?:[^\n=]*=>[ \t]*)?NAME"),
        ("function", r"NAME[ \t]*::"),
        ("member", r"(?:[{,|][ \t]*)?NAME[ \t]*::"),
    ),
    "kotlin": (*GENERIC, ("member", r"(?=[A-Z])NAME[ \t]*(?:[,;(]|$)")),
    "less": (("constant", r"@NAME[ \t]*:"), ("class", r"[.#]NAME[^;\n]*[,{][ \t]*$")),
    "lua": (
        ("function", r"(?:local[ \t]+)?function[ \t]+(?:\w+\.)*?(?:OWNER[.:])?NAME[ \t]*\("),
        ("function", r"(?:local[ \t]+)?(?:OWNER\.)?NAME[ \t]*=[ \t]*function\b"),
        ("variable", r"(?:local[ \t]+)?(?:OWNER\.)?NAMES[ \t]*=(?!=)"),
    ),
    "makefile": (("constant", r"NAME[ \t]*[:?+]?="), ("function", r"NAME[ \t]*:(?!=)")),
    "nim": (
        ("function", r"(?:proc|func|method|iterator|template|macro|converter)[ \t]+`?NAME"),
        ("type", r"(?:type[ \t]+)?NAME\*?[ \t]*(?:\[[^\]\n]*\])?[ \t]*=[ \t]*(?:ref|object|enum)"),
        *VARIABLES,
    ),
    "ocaml": (
        ("function", r"(?:let|and|val|external)[ \t]+(?:rec[ \t]+)?NAME"),
        ("type", r"(?:type|exception)[ \t]+(?:'\w+[ \t]+|\([^)\n]*\)[ \t]*)?NAME"),
        ("class", r"(?:module|class)[ \t]+(?:type[ \t]+)?NAME"),
    ),
    "perl": (
        ("group", r"package[ \t]+(?:\w+::)*OWNER"),
        ("function", r"sub[ \t]+NAME"),
        ("constant", r"(?:our|use[ \t]+constant)[ \t]+[$@%]?NAME"),
        ("field", r"has[ \t]+'?NAME"),
    ),
    "php": (
        ("class", MODIFIERS + r"(?:class|trait)[ \t]+NAME"),
        ("type", r"(?:interface|enum)[ \t]+NAME"),
        ("function", MODIFIERS + r"function[ \t]+&?NAME"),
        ("constant", MODIFIERS + r"(?:const[ \t]+(?:\w+[ \t]+)?|define\(['\"])NAME"),
        ("member", r"case[ \t]+NAME"),
        ("member", MODIFIERS + r"(?:\??[\w|\\]+[ \t]+)?\$NAME[ \t]*[=;]"),
    ),
    "powershell": (("function", r"(?i:function|filter)[ \t]+NAME"), ("class", r"class[ \t]+NAME")),
    "proto": (
        ("class", r"(?:message|service)[ \t]+NAME"),
        ("type", r"enum[ \t]+NAME"),
        ("function", r"rpc[ \t]+NAME"),
        ("member", r"(?:[\w.<>, \t]*[\w>][ \t]+)?NAME[ \t]*=[ \t]*\d"),
    ),
    "python": (
        ("class", r"class[ \t]+NAME"),
        ("function", r"(?:async[ \t]+)?def[ \t]+NAME"),
        ("type", r"type[ \t]+NAME[^\n=]*="),
        ("variable", NO_KEYWORD + r"NAMES[ \t]*(?::[^=\n]+)?=(?!=)"),
        ("member", NO_KEYWORD + r"NAME[ \t]*:[ \t]*[^\s=][^\n=]*$"),
    ),
    "r": (("function", r"NAME[ \t]*(?:<-|=)[ \t]*function"), ("variable", r"NAME[ \t]*<-")),
    "ruby": (
        ("class", r"(?:class|module)[ \t]+(?:\w+::)*NAME"),
        ("function", r"(?:\w+[ \t]+)?def[ \t]+(?:self\.)?NAME"),
        ("method", r"(?:attr_\w+|has_\w+|belongs_to|define_method|scope)[ \t(]+:NAME"),
        ("constant", r"(?=[A-Z])NAME[ \t]*=(?!=)"),
    ),
    "rust": (
        ("class", MODIFIERS + r"(?:struct|enum|union|trait)[ \t]+NAME"),
        (
            "group",
            (
                r"(?:unsafe[ \t]+)?impl\b(?:<[^\n{]*?>)?[ \t]+(?:[^\n{]*[ \t]for[ \t]+)?"
                r"&?(?:'\w+[ \t]+)?(?:mut[ \t]+)?(?:\w+::)*OWNER"
            ),
        ),
        ("group", r"(?:unsafe[ \t]+)?extern[ \t]+\"\w+\"[ \t]*\{"),
        ("group", MODIFIERS + r"mod[ \t]+\w"),
        ("function", MODIFIERS + r"(?:const[ \t]+|extern[ \t]+\"\w+\"[ \t]+)*fn[ \t]+NAME"),
        ("function", r"macro_rules![ \t]*NAME"),
        ("constant", MODIFIERS + r"(?:const|static)[ \t]+(?:mut[ \t]+)?NAME"),
        ("type", MODIFIERS + r"type[ \t]+NAME"),
        ("member", r"(?:pub(?:\([^)\n]*\))?[ \t]+)?NAME[ \t]*:(?!:)"),
        ("member", r"(?=[A-Z])NAME[ \t]*(?:[({,=]|$)"),
    ),
    "scala": (*GENERIC, ("function", r"(?:given|implicit[ \t]+def)[ \t]+NAME")),
    "scheme": (("function", r"\(define[ \t]+\(NAME"), ("constant", r"\(define[ \t]+NAME")),
    "scss": (
        ("function", r"@(?:mixin|function|keyframes)[ \t]+NAME"),
        ("constant", r"\$NAME[ \t]*:"),
        ("class", r"[.%]NAME[^;\n]*[,{][ \t]*$"),
    ),
    "shellscript": (
        ("function", r"function[ \t]+NAME"),
        ("function", r"NAME[ \t]*\(\)"),
        ("variable", r"(?:(?:export|readonly|declare(?:[ \t]+-\w+)*)[ \t]+)?NAME\+?="),
    ),
    "sql": (
        (
            "class",
            _CREATE.format("table|view|type") + r"[`\"\[]?(?:\w+\.)?[`\"\[]?NAME",
        ),
        (
            "function",
            _CREATE.format("function|procedure|trigger|index") + r"(?:\w+\.)?[`\"]?NAME",
        ),
        (
            "member",
            (
                r"(?!(?i:primary|foreign|constraint|unique|check|key|index|references)\b)"
                r"[`\"]?NAME[`\"]?[ \t]+[A-Za-z]"
            ),
        ),
    ),
    "swift": (
        *GENERIC,
        ("function", MODIFIERS + r"(?=init\b)NAME"),
        ("member", r"case[ \t]+NAMES"),
    ),
    "terraform": (
        ("class", r"(?:resource|data)[ \t]+\"\w+\"[ \t]+\"NAME\""),
        ("constant", r"(?:variable|output|module|provider)[ \t]+\"NAME\""),
    ),
    "vim": (
        ("function", r"fu(?:nction)?!?[ \t]+(?:[a-z]:|\w+#)*NAME"),
        ("constant", r"let[ \t]+[gs]:NAME"),
        ("function", r"com(?:mand)?!?[^\n]*?[ \t](?=[A-Z])NAME"),
    ),
    "zig": (
        ("function", MODIFIERS + r"fn[ \t]+NAME"),
        ("class", MODIFIERS + r"const[ \t]+NAME[ \t]*=[^\n]*\b(?:struct|enum|union|opaque)\b"),
        *VARIABLES,
        ("member", r"NAME[ \t]*:[ \t]*[^\n]+,$"),
    ),
}
"""LSP language identifiers -> their patterns."""
ALIASES: Mapping[str, str] = {"bash": "shellscript", "sh": "shellscript", "latte": "php"}
OTHERS: Lines = GENERIC
"""For languages without a row: the words that most languages define with."""
WITHOUT = frozenset(
    {
        *("asciidoc", "bat", "bibtex", "csv", "diff", "dotenv", "html", "ini"),
        *("json", "jsonc", "latex", "markdown", "mdx", "org", "plaintext", "restructuredtext"),
        *("svg", "text", "toml", "tsv", "typst", "xml", "yaml"),
    }
)
"""Prose and data, whose lines define nothing."""
DASHED = frozenset(
    {
        *("clojure", "cmake", "css", "elisp", "less"),
        *("makefile", "powershell", "scheme", "scss", "shellscript", "terraform"),
    }
)
"""Languages whose names have dashes."""
QUERYING = frozenset({"elixir", "ruby"})
"""Languages whose names end with `?` or `!`."""
