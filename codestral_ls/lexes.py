"""What the lines of each language are made of: comments, strings, brackets, words. Pure.

A language is a row of `LEXES`; what has none is read as one of the C family, as most are.
"""

from collections.abc import Mapping
from dataclasses import replace

from codestral_ls.lexis import NEVER, Lexis

_CHARACTER = r"'(?:\\[^'\n]*|[^\\'\n])'"  # where an apostrophe also begins a lifetime or a symbol
# Behind an operator or an opening bracket a slash begins a regular expression, not a division.
_REGEX = (
    r"(?:(?<=[(=,:\[!&|?{;])|(?<=[(=,:\[!&|?{;] )|(?<==> )|(?<=return ))"
    r"/(?![/*>])(?:\\.|\[(?:\\.|[^\]\\\n]){0,100}\]|[^/\\\n\[]){1,200}/"
)
_ELSE = r"(?:else|elsif|elif|elseif)\b"
_C = Lexis(
    opener=r"[{(\[]|=>|->|(?:^|\s)(?:case\b.*|default\s*):",
    neutral=r"#|(?:public|private|protected|[A-Za-z_]\w*)\s*:(?!:)\s*$|@\w+$",
)
_METHOD = (
    r"\s*(?!(?:if|for|while|switch|catch|with|function|return)\b)"
    r"(?:(?:get|set|static|async)\s+|\*)*[\w#$]+\([^;=]*\)[^;=()]*\{$"
)
_SCRIPT = Lexis(
    method=_METHOD, long_quotes=("`",), opaque=_REGEX, opener=_C.opener, neutral=_C.neutral
)
_HASH = ("#",)
_HEREDOC = r"<<<?[-~]?\s?[\"']?([A-Za-z_]\w*)"
_RUBY = Lexis(
    heredoc=_HEREDOC,
    line_comments=_HASH,
    block_comments=(("=begin", "=end"),),
    opener=r"[{(\[]|(?:(?<![\w.])(?:do|then|begin|else|ensure))|\bdo\s*\|[^|\n]*\||"
    r"^\s*(?:def|class|module|if|unless|while|until|case|for|when|rescue|elsif)\b.*",
    going_on=rf"{_ELSE}|rescue\b|ensure\b|when\b|in\b",
    closing=r"end",
)
_LUA = Lexis(
    line_comments=("--",),
    block_comments=(("--[[", "]]"),),
    opaque=r"\[\[[^\]]*\]\]",
    opener=r"[{(\[]|(?<![\w.])(?:do|then|else|repeat)|\bfunction\b[^()\n]*\([^()\n]*\)",
    going_on=rf"{_ELSE}|until\b",
    closing=r"end|until",
)
_SHELL = Lexis(
    semicolons=False,
    heredoc=_HEREDOC,
    line_comments=_HASH,
    block_comments=(),
    opaque=r"\\.",
    brackets="[{",  # the patterns of a `case` close parentheses that nothing opens
    opener=r"[{(\[]|(?<![\w.-])(?:do|then|else)|\bin",
    going_on=rf"{_ELSE}|;;",
    closing=r"fi|done|esac|;;",
)
_PYTHON = Lexis(
    line_comments=_HASH,
    block_comments=(),
    long_quotes=('"""', "'''"),
    opener=r"[:{(\[]",
    going_on=r"(?:else|elif|except|finally|case)\b",
)
_MARKUP = Lexis(
    line_comments=(),
    block_comments=(("<!--", "-->"),),
    quotes='"',
    brackets="{",  # the others stand in prose
    opener=r"[{(\[]|<[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*(?<!/)>",
    going_on=NEVER,
)
_HASKELL = Lexis(
    line_comments=("--",),
    block_comments=(("{-", "-}"),),
    quotes='"',
    opaque=_CHARACTER,
    opener=r"[{(\[=]|->|(?<![\w.])(?:where|do|of|let|then|else)",
    going_on=r"(?:else|then|where|in|\|)",
)
_LISP = Lexis(line_comments=(";",), block_comments=(), quotes='"', brackets="([{", opener=r"[(\[{]")
_RUST = Lexis(quotes='"', opaque=_CHARACTER, opener=r"[{(\[]|=>|->", neutral=r"#!?\[|'\w+:\s*$")
_CONFIG = Lexis(
    line_comments=_HASH,
    block_comments=(),
    brackets="[{",
    opener=r"[:{\[=|>]",
    going_on=NEVER,
    section=r"[\w-]+:\s*$",
)
_SECTIONS = Lexis(
    line_comments=("#", ";"), block_comments=(), long_quotes=('"""',), brackets="[{",
    opener=r"[{\[=]|^\s*\[.*\]", going_on=NEVER, flat=True, section=r"\s*\[[^\]=]*\]\s*$",
)  # fmt: skip
_PROSE = Lexis(
    line_comments=(), block_comments=(), quotes="", brackets="", opener=NEVER, prose=True,
    going_on=NEVER,
)  # fmt: skip
_END_WORDS = Lexis(
    line_comments=_HASH,
    block_comments=(),
    long_quotes=('"""',),
    opener=r"[{(\[]|->|(?<![\w.])(?:do|then|else|begin|try|quote|struct|function)|"
    r"^\s*(?:function|for|while|if|let|struct|module|macro|begin)\b.*",
    going_on=rf"{_ELSE}|rescue\b|catch\b|after\b|finally\b",
    closing=r"end",
)


_LATEX = Lexis(
    line_comments=("%",), block_comments=(), quotes="", brackets="{", opener=r"\\begin\{.*",
    going_on=NEVER, closing=r"\\end\{.*", prose=True,
)  # fmt: skip
_C_PROPER = replace(_C, opaque=r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")  # 1'000
_TEXT_BLOCKS = replace(_C, long_quotes=('"""',))
_BOTH_LONG_QUOTES = replace(_C, long_quotes=('"""', "'''"))
_STYLES = Lexis(opener=r"[{(,]", going_on=NEVER, opaque=r"url\([^()\n]*\)")  # // in addresses
_FISH = replace(
    _SHELL,
    heredoc=NEVER,
    brackets="([{",
    opener=r"[{(\[]|^\s*(?:else\s+)?(?:if|for|while|function|switch|case|begin)\b.*|\belse",
    going_on=rf"{_ELSE}|case\b",
    closing=r"end",
)

LEXES: Mapping[str, Lexis] = {
    "asciidoc": _PROSE,
    "bash": _SHELL,
    "bat": Lexis(line_comments=("::", "REM "), block_comments=(), opener=r"\(", quotes='"'),
    "c": _C_PROPER,
    "clojure": _LISP,
    "cmake": Lexis(line_comments=_HASH, block_comments=(), closing=r"end\w+\(.*", opener=NEVER),
    "coffeescript": Lexis(line_comments=_HASH, block_comments=(), opener=r"[{(\[]|->|=>"),
    "cpp": _C_PROPER,
    "csharp": _TEXT_BLOCKS,
    "css": Lexis(line_comments=(), opener=r"[{(,]", going_on=NEVER),
    "dart": _BOTH_LONG_QUOTES,
    "dockerfile": _CONFIG,
    "elisp": _LISP,
    "elixir": _END_WORDS,
    "elm": _HASKELL,
    "emacs-lisp": _LISP,
    "erlang": Lexis(
        line_comments=("%",), block_comments=(), opaque=r"\$\\?.",
        opener=r"[{(\[]|->|(?<![\w.])(?:of|begin|after|catch|receive|try|when)",
        going_on=r"(?:of|after|catch)\b", closing=r"end",
    ),
    "fish": _FISH,
    "fsharp": Lexis(block_comments=(("(*", "*)"),), quotes='"', opener=r"[{(\[=]|->|\bthen"),
    "gitcommit": _PROSE,
    "glsl": _C,
    "go": Lexis(long_quotes=("`",), opener=_C.opener, neutral=_C.neutral),
    "graphql": Lexis(line_comments=_HASH, block_comments=(), long_quotes=('"""',)),
    "groovy": _BOTH_LONG_QUOTES,
    "handlebars": _MARKUP,
    "haskell": _HASKELL,
    "html": _MARKUP,
    "ini": _SECTIONS,
    "java": _TEXT_BLOCKS,
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "json": Lexis(quotes='"', opener=r"[{\[:]", going_on=NEVER),
    "jsonc": Lexis(quotes='"', opener=r"[{\[:]", going_on=NEVER),
    "julia": _END_WORDS,
    "kotlin": Lexis(long_quotes=('"""',)),
    "latex": _LATEX,
    "less": _STYLES,
    "lua": _LUA,
    "makefile": Lexis(line_comments=_HASH, block_comments=(), brackets="({", opener=r"[:(]"),
    "markdown": _PROSE,
    "mdx": _PROSE,
    "nim": replace(
        _PYTHON, block_comments=(("#[", "]#"),), long_quotes=('"""',), quotes='"',
        opaque=_CHARACTER, opener=r"[:={(\[]", going_on=r"(?:else|elif|except|finally|of)\b",
    ),
    "nix": Lexis(line_comments=_HASH, long_quotes=("''",), quotes='"'),
    "objective-c": _C,
    "objective-cpp": _C_PROPER,
    "ocaml": Lexis(
        line_comments=(), block_comments=(("(*", "*)"),), quotes='"', opaque=_CHARACTER,
        opener=r"[{(\[=]|->|\b(?:then|begin|do|struct|sig|with|in)", going_on=r"else|and\b|\|",
        closing=r"end|done",
    ),
    "org": _PROSE,
    "pandoc": _PROSE,
    "perl": Lexis(line_comments=_HASH, block_comments=(), heredoc=_HEREDOC),
    "php": Lexis(
        line_comments=("//", "# "), opener=_C.opener, neutral=_C.neutral, heredoc=_HEREDOC
    ),
    "plaintext": _PROSE,
    "powershell": Lexis(line_comments=_HASH, block_comments=(("<#", "#>"),)),
    "proto": _C,
    "python": _PYTHON,
    "quarto": _PROSE,
    "r": Lexis(line_comments=_HASH, block_comments=()),
    "restructuredtext": _PROSE,
    "rmd": _PROSE,
    "rst": _PROSE,
    "ruby": _RUBY,
    "rust": _RUST,
    "scala": Lexis(long_quotes=('"""',), quotes='"', opaque=_CHARACTER),
    "scheme": _LISP,
    "scss": _STYLES,
    "sh": _SHELL,
    "shellscript": _SHELL,
    "sql": Lexis(
        line_comments=("--",),
        brackets="(",
        opener=r"\(|(?i:\b(?:begin|then|loop|as|select|from|where|set|values|else|declare))",
        going_on=r"(?i:else|elsif|elseif|when|exception)\b",
        closing=r"(?i:end)\b.*",
    ),
    "starlark": _PYTHON,
    "svelte": _MARKUP,
    "swift": Lexis(long_quotes=('"""',), quotes='"'),
    "terraform": Lexis(line_comments=("#", "//"), quotes='"'),
    "tex": _LATEX,
    "text": _PROSE,
    "toml": _SECTIONS,
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
    "typst": _PROSE,
    "vim": Lexis(line_comments=(), block_comments=(), opener=NEVER, closing=r"end\w+", quotes="'"),
    "vue": _MARKUP,
    "xml": _MARKUP,
    "yaml": _CONFIG,
    "zig": replace(_C, block_comments=(), opaque=r"\\\\[^\n]*"),  # a line of a long string
    "zsh": _SHELL,
}  # fmt: skip


def lexis_of(language: str) -> Lexis:
    """The facts of a language; of one that nobody has heard of, those of the C family."""
    return LEXES.get(language, _C)
