"""What definitions look like in families of languages, written as `line_patterns` says. Pure."""

Lines = tuple[tuple[str, str], ...]
"""Kinds with patterns; the first that fits a line counts.

Besides those of symbols: a "group" holds definitions without being one, a "member" counts only
directly in a class, a "variable" there and at the top level.
"""

MODIFIERS = (
    r"(?:(?:pub(?:\([^)\n]*\))?|public|private|protected|internal|fileprivate|static|final|abstract|"
    r"async|export|default|declare|override|open|sealed|data|inline|virtual|extern|unsafe|readonly|"
    r"partial|native|synchronized|volatile|transient|implicit|case|lazy|suspend|operator|mutating|"
    r"external|late|factory|constexpr|inner|companion|indirect|required|convenience|var|new|"
    r"accessor|get|set|comptime|threadlocal|noinline|tailrec)[ \t]+)*"
)
NO_KEYWORD = (
    r"(?!(?:if|else|for|foreach|while|switch|catch|return|function|throw|new|await|yield|do|try|"
    r"case|default|using|lock|package|import|from|assert|raise|in|and|or|not|del|goto|with|elif|"
    r"except|finally|lambda|pass|break|continue|print|delete|typeof|use|namespace|defer|go|"
    r"select|range|super|this|self|let|const|var|extends|implements|module|include|"
    r"require|echo|match|loop|unless|until|end|then)\b)"
)
_TYPED = r"(?:[A-Za-z_][\w.:]*(?:<[^\n;()={}]{0,80}>)?[\[\]?*&]*[ \t]+[*&]*)"
_CLASSES = (
    ("group", MODIFIERS + r"(?:namespace|extern)\b[^;\n]*\{"),
    (
        "class",
        MODIFIERS + r"(?:class|struct|union|record|object|trait|protocol|extension|mixin|actor)"
        r"[ \t]+(?:class[ \t]+|struct[ \t]+)?NAME",
    ),
    ("type", MODIFIERS + r"(?:interface|@interface|enum(?:[ \t]+(?:class|struct))?)[ \t]+NAME"),
    ("type", MODIFIERS + r"(?:type|typealias|typedef|using|delegate)[ \t]+NAME[^\n(;]*="),
)
_FUNCTIONS = (
    (
        "function",
        MODIFIERS
        + r"(?:def|defp|func|fn|fun|function\*?|sub|proc|procedure|method|defn|macro)[ \t]+"
        r"(?:<[^>\n]*>[ \t]*)?(?:self\.)?(?:OWNER[.:])?NAME",
    ),
)
VARIABLES = (("variable", MODIFIERS + r"(?:const|let|val|var|static)[ \t]+(?:mut[ \t]+)?NAMES"),)
GENERIC: Lines = (*_CLASSES, *_FUNCTIONS, *VARIABLES)
_C_TYPES = r"(?:[A-Za-z_][\w:<>,]*[ \t*&]+){0,6}[*&]*"
C_FAMILY: Lines = (
    ("constant", r"#[ \t]*define[ \t]+NAME"),
    ("type", r"typedef\b[^\n(){]*?NAME(?:\[[^\]\n]*\])?;"),
    ("group", r"(?:namespace\b|extern[ \t]+\"C\")[^;\n]*\{"),
    ("group", r"typedef[ \t]+(?:struct|union|enum)[ \t]*(?:\{|$)"),
    ("type", r"\}[ \t]*NAME[ \t]*;"),
    ("class", r"(?:typedef[ \t]+)?(?:struct|union|class)[ \t]+NAME[^;()\n=]*(?:\{|$)"),
    ("type", r"(?:typedef[ \t]+)?enum(?:[ \t]+(?:class|struct))?[ \t]+NAME[^;()\n]*(?:\{|$)"),
    ("type", r"using[ \t]+NAME[ \t]*="),
    (
        "function",
        NO_KEYWORD
        + _C_TYPES
        + r"(?<![\w:])(?:OWNER::)?~?NAME[ \t]*\([^;\n]*(?:[,{)]|const)[ \t]*$",
    ),
    ("function", NO_KEYWORD + _C_TYPES + r"(?<=[ \t*&])NAME[ \t]*\([^;\n]*\)[^;\n{]*;"),
    (
        "variable",
        NO_KEYWORD + _C_TYPES + r"(?<=[ \t*&])NAMES(?:\[[^\n;=]*\])?[ \t]*(?:=[^=]|;|\{)",
    ),
    ("member", r"(?=[A-Z])NAME[ \t]*(?:,|=|$)"),
)
JVM: Lines = (
    *_CLASSES,
    *_FUNCTIONS,
    (
        "function",
        r"(?:@\w+[ \t]+)*" + NO_KEYWORD + MODIFIERS + r"(?:<[^>\n]*>[ \t]+)?" + _TYPED + r"{0,2}"
        r"NAME[ \t]*\([^;=\n]*(?:[,({]|\)[^;=\n]*(?:\{|;|=>|$))",
    ),
    (
        "field",
        r"(?:@\w+[ \t]+)*"
        + NO_KEYWORD
        + MODIFIERS
        + r"(?:const[ \t]+|val[ \t]+|let[ \t]+)?"
        + _TYPED
        + r"{1,2}NAMES[ \t]*(?:=|;|\{|=>)",
    ),
    *VARIABLES,
    ("member", r"(?:case[ \t]+)?(?=[A-Z])NAME[ \t]*(?:[,;(]|$)"),
)
SCRIPT: Lines = (
    *_CLASSES[1:],
    ("module", MODIFIERS + r"namespace[ \t]+NAME"),
    ("group", MODIFIERS + r"(?:module|global)\b[^;\n]*\{"),
    ("function", MODIFIERS + r"function[ \t]*\*?[ \t]*NAME"),
    (
        "function",
        MODIFIERS
        + r"(?:const|let|var)[ \t]+NAME[^=\n]*=[ \t]*(?:async[ \t]*)?"
        + r"(?:function\b|\([^\n]*=>|\w+[ \t]*=>|\($)",
    ),
    ("variable", MODIFIERS + r"(?:const|let|var)[ \t]+NAMES(?![^\n]*\brequire\()"),
    (
        "function",
        r"(?:module\.)?exports\.NAME[ \t]*=[ \t]*(?:async[ \t]*)?(?:function\b|\([^\n]*=>)",
    ),
    ("constant", r"(?:module\.)?exports\.NAME[ \t]*="),
    (
        "function",
        r"OWNER\.(?:prototype\.)?NAME[ \t]*=[ \t]*(?:async[ \t]*)?(?:function\b|\([^\n]*=>)",
    ),
    (
        "method",
        NO_KEYWORD
        + MODIFIERS
        + r"[*#]?NAME\??[ \t]*(?:<[^\n(]*>)?\((?:[^\n]*(?:[{;>}]|\w)|)[ \t]*$",
    ),
    ("member", NO_KEYWORD + MODIFIERS + r"#?NAME[?!]?[ \t]*(?:[:=;]|,$|$)"),
)
LISP = r"\((?:{})[ \t]+\(?NAME"
