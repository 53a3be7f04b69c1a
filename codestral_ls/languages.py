"""Language identifiers: which of them are completed, and which one a file's name means. Pure."""

from collections.abc import Mapping, Sequence

ALL, CODE = "*", "code"
NOT_CODE = frozenset(
    {
        # plain text, as which VS Code and Zed also take new files and those of unknown types
        *("plaintext", "text"),
        *("log", "messages"),
        # commit messages, the lists of a rebase, and VS Code's box for the message
        *("git-commit", "gitcommit", "git commit", "git-commit-elisp-text", "gitsendemail"),
        *("git-rebase", "gitrebase", "git rebase", "scminput"),
        *("hgcommit", "jjdescription", "svn", "cvs", "log-edit", "vc-git-log-edit"),
        *("diff", "patch", "git"),
        *("help", "man", "Man", "checkhealth", "tutor"),
        *("search-result", "grep"),
        *("csv", "tsv", "psv", "csv (semicolon)", "csv (pipe)", "csv (whitespace)", "dynamic csv"),
        *("mail", "message"),
        # secrets, which leave the machine with a prompt: what VS Code and Neovim call .env files
        *("dotenv", "env"),
    }
)
"""What VS Code, Neovim, Emacs, Helix and Zed call documents in which nobody expects ghost text."""

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


def is_chosen(language: str, chosen: Sequence[str]) -> bool:
    """Whether the setting `languages` means a language.

    A name turns its language on, `!name` off; `*` is all, `code` all but those that hold no code.
    """
    named = _named(chosen)
    is_code = CODE in named and language not in NOT_CODE
    return f"!{language}" not in chosen and (ALL in named or is_code or language in named)


def with_chosen(language: str, chosen: Sequence[str]) -> list[str]:
    """The setting `languages`, changed as little as it takes to mean a language too."""
    named = [each for each in _named(chosen) if each != f"!{language}"]
    return named if is_chosen(language, named) else [*named, language]


def _named(chosen: Sequence[str]) -> Sequence[str]:
    """What a list says; one that only leaves languages out leaves them out of the usual ones."""
    only_left_out = bool(chosen) and all(each.startswith("!") for each in chosen)
    return (CODE, *chosen) if only_left_out else chosen
