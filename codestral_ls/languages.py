"""Language identifiers: which of them are completed, and which one a file's name means. Pure."""

from collections.abc import Mapping, Sequence

ALL, CODE = "*", "code"
NOT_CODE = frozenset(
    {
        # plain text, as which VS Code and Zed also take new files and those of unknown types
        *("plaintext", "fundamental", "raw"),
        *("log", "messages"),
        # commit messages, the lists of a rebase, and VS Code's box for the message
        *("git-commit", "gitsendemail", "git-rebase", "scminput"),
        *("hgcommit", "jjdescription", "svn", "cvs"),
        *("diff", "git"),
        *("help", "man", "checkhealth", "tutor"),
        *("search-result", "grep"),
        *("csv", "tsv", "psv", "csv (semicolon)", "csv (pipe)", "csv (whitespace)", "dynamic csv"),
        *("mail", "message"),
        # secrets, which leave the machine with a prompt: .env files
        "dotenv",
    }
)
"""Identifiers of documents in which nobody expects ghost text."""

IDENTIFIER_BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(("text", "txt", "plain text", "plain_text"), "plaintext"),
    **dict.fromkeys(("gitcommit", "git commit", "git-commit-elisp-text"), "git-commit"),
    **dict.fromkeys(("log-edit", "vc-git-log-edit"), "git-commit"),
    **dict.fromkeys(("gitrebase", "git rebase"), "git-rebase"),
    "env": "dotenv",
    "patch": "diff",
    **dict.fromkeys(("ash", "bash", "dash", "ksh", "mksh", "sh", "shell", "zsh"), "shellscript"),
    **dict.fromkeys(("shell script", "shell-script"), "shellscript"),
    **dict.fromkeys(("c#", "c-sharp", "c_sharp", "cs"), "csharp"),
    **dict.fromkeys(("f#", "f-sharp"), "fsharp"),
    **dict.fromkeys(("c++", "c-or-c++", "cxx"), "cpp"),
    **dict.fromkeys(("objc", "objective c", "objectivec"), "objective-c"),
    **dict.fromkeys(("objcpp", "objc++", "objective c++", "objective-c++"), "objective-cpp"),
    **dict.fromkeys(("ipython", "py", "python-base", "python2", "python3", "xpython"), "python"),
    **dict.fromkeys(("ecmascript", "js", "js2", "js3", "node"), "javascript"),
    **dict.fromkeys(("javascript.jsx", "js-jsx", "jsx", "rjsx"), "javascriptreact"),
    "ts": "typescript",
    **dict.fromkeys(("tsx", "typescript.tsx", "typescript-tsx"), "typescriptreact"),
    "js-json": "json",
    "golang": "go",
    **dict.fromkeys(("rs", "rustic"), "rust"),
    **dict.fromkeys(("enh-ruby", "rb"), "ruby"),
    "cperl": "perl",
    **dict.fromkeys(("make", "automake", "makefile-automake", "makefile-bsdmake"), "makefile"),
    **dict.fromkeys(("makefile-gmake", "makefile-imake", "makefile-makepp"), "makefile"),
    **dict.fromkeys(("batch", "bat-generic", "cmd", "dosbatch"), "bat"),
    **dict.fromkeys(("ps1", "pwsh"), "powershell"),
    **dict.fromkeys(("elisp-byte-code", "emacs-lisp", "lisp-interaction"), "elisp"),
    **dict.fromkeys(("caml", "neocaml", "tuareg"), "ocaml"),
    **dict.fromkeys(("plain-tex", "plaintex", "tex", "latex-expl3", "doctex"), "latex"),
    **dict.fromkeys(("gfm", "md"), "markdown"),
    "rst": "restructuredtext",
    "mhtml": "html",
    "less-css": "less",
    "nxml": "xml",
    "yml": "yaml",
    "conf-toml": "toml",
    **dict.fromkeys(("cfg", "conf-windows", "confini", "dosini"), "ini"),
    **dict.fromkeys(("mysql", "pgsql", "plsql", "tsql"), "sql"),
    **dict.fromkeys(("clojurec", "clojurescript"), "clojure"),
    "markdown.mdx": "mdx",
    **dict.fromkeys(("docker", "containerfile"), "dockerfile"),
    "protobuf": "proto",
    **dict.fromkeys(("terraform-vars", "tf", "tfvars"), "terraform"),
    **dict.fromkeys(("vimscript", "viml"), "vim"),
    **dict.fromkeys(("vue.js", "vuejs"), "vue"),
    **dict.fromkeys(("ess-r", "rsplus"), "r"),
    **dict.fromkeys(("bazel", "bzl"), "starlark"),
}
"""What editors call a language, in small letters -> its identifier, where they are not the same.

Filetypes of Neovim, modes of Emacs, names of Helix and Zed. The identifiers are those of LSP and VS
Code; a file's name leads to the same ones.
"""

_VARIANT = "-ts"
"""At the end of Emacs' modes that read the syntax with tree-sitter."""

LANGUAGE_BY_ENDING: Mapping[str, str] = {
    "adoc": "asciidoc",
    "bash": "shellscript",
    "bat": "bat",
    "c": "c",
    "cc": "cpp",
    "cjs": "javascript",
    "clj": "clojure",
    "cljs": "clojure",
    "coffee": "coffeescript",
    "cpp": "cpp",
    "cs": "csharp",
    "css": "css",
    "csv": "csv",
    "cts": "typescript",
    "cxx": "cpp",
    "dart": "dart",
    "diff": "diff",
    "el": "elisp",
    "ex": "elixir",
    "erl": "erlang",
    "exs": "elixir",
    "fs": "fsharp",
    "go": "go",
    "gql": "graphql",
    "gradle": "groovy",
    "graphql": "graphql",
    "groovy": "groovy",
    "h": "c",
    "hh": "cpp",
    "hpp": "cpp",
    "hs": "haskell",
    "htm": "html",
    "html": "html",
    "ini": "ini",
    "java": "java",
    "jl": "julia",
    "js": "javascript",
    "json": "json",
    "jsonc": "jsonc",
    "jsx": "javascriptreact",
    "kt": "kotlin",
    "kts": "kotlin",
    "less": "less",
    "log": "log",
    "lua": "lua",
    "md": "markdown",
    "mdx": "mdx",
    "mjs": "javascript",
    "ml": "ocaml",
    "mts": "typescript",
    "nim": "nim",
    "nix": "nix",
    "org": "org",
    "patch": "diff",
    "php": "php",
    "pl": "perl",
    "pm": "perl",
    "proto": "proto",
    "ps1": "powershell",
    "py": "python",
    "pyi": "python",
    "r": "r",
    "rb": "ruby",
    "rs": "rust",
    "rst": "restructuredtext",
    "scala": "scala",
    "scm": "scheme",
    "scss": "scss",
    "sh": "shellscript",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "tex": "latex",
    "tf": "terraform",
    "toml": "toml",
    "ts": "typescript",
    "tsv": "tsv",
    "tsx": "typescriptreact",
    "typ": "typst",
    "vim": "vim",
    "vue": "vue",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
    "zig": "zig",
    "zsh": "shellscript",
}


LANGUAGE_BY_NAME: Mapping[str, str] = {
    ".env": "dotenv",
    "CMakeLists.txt": "cmake",
    "COMMIT_EDITMSG": "git-commit",
    "Dockerfile": "dockerfile",
    "Gemfile": "ruby",
    "Makefile": "makefile",
    "Rakefile": "ruby",
    "git-rebase-todo": "git-rebase",
}


def language_of(name: str) -> str:
    """The language identifier for a file's name; "plaintext" if the name says nothing."""
    by_ending = LANGUAGE_BY_ENDING.get(name.rpartition(".")[2].lower(), "plaintext")
    return LANGUAGE_BY_NAME.get(name, by_ending)


def identifier_of(name: str) -> str:
    """The identifier of a language, whatever an editor calls it; of an unknown one, its name.

    Of what Neovim calls by several names, such as `yaml.ansible`, the first one counts.
    """
    name = name.strip().lower().removesuffix("-mode").removesuffix(_VARIANT)
    found = IDENTIFIER_BY_NAME.get(name)
    if found is not None or "." not in name.strip("."):
        return found or name
    first = name.strip(".").partition(".")[0]
    return IDENTIFIER_BY_NAME.get(first, first)


def is_chosen(language: str, chosen: Sequence[str]) -> bool:
    """Whether the setting `languages` means a language.

    A name turns its language on, `!name` off; `*` is all, `code` all but those that hold no code.
    Languages are meant by whatever name an editor has for them.
    """
    language, named = identifier_of(language), [_identified(each) for each in _named(chosen)]
    is_code = CODE in named and language not in NOT_CODE
    return f"!{language}" not in named and (ALL in named or is_code or language in named)


def with_chosen(language: str, chosen: Sequence[str]) -> list[str]:
    """The setting `languages`, changed as little as it takes to mean a language too."""
    off = f"!{identifier_of(language)}"
    named = [each for each in _named(chosen) if _identified(each) != off]
    return named if is_chosen(language, named) else [*named, language]


def _identified(chosen: str) -> str:
    """A name of the setting with the identifier in it."""
    return f"!{identifier_of(chosen[1:])}" if chosen.startswith("!") else identifier_of(chosen)


def _named(chosen: Sequence[str]) -> Sequence[str]:
    """What a list says; one that only leaves languages out leaves them out of the usual ones."""
    only_left_out = bool(chosen) and all(each.startswith("!") for each in chosen)
    return (CODE, *chosen) if only_left_out else chosen
