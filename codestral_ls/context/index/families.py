"""Which languages are one to whoever looks for code: their files use each other's names. Pure."""

from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(
        ("javascript", "javascriptreact", "javascript.jsx", "coffeescript"), "typescript"
    ),
    **dict.fromkeys(("typescriptreact", "typescript.tsx", "vue", "svelte", "astro"), "typescript"),
    **dict.fromkeys(("c", "cuda", "objective-c", "objective-cpp", "objc", "objcpp"), "cpp"),
    **dict.fromkeys(("kotlin", "scala", "groovy"), "java"),
    **dict.fromkeys(("scss", "less", "sass"), "css"),
    **dict.fromkeys(("fsharp", "cs"), "csharp"),
    **dict.fromkeys(("bash", "sh", "zsh"), "shellscript"),
    "cython": "python",
    "make": "makefile",
    "tex": "latex",
}
"""Language identifiers -> their families; each other one is a family of its own.

Some are what Vim and Helix call a language: files on the disk go by the identifiers of LSP.
"""


def family_of(language: str) -> str:
    """Returns a name for the languages whose files use the names of this one's files."""
    return FAMILIES.get(language, language)
