"""The language of a script without an ending: whoever its first line calls to run it. Pure."""

from collections.abc import Mapping

LANGUAGE_BY_INTERPRETER: Mapping[str, str] = {
    "ash": "shellscript",
    "bash": "shellscript",
    "dash": "shellscript",
    "ksh": "shellscript",
    "lua": "lua",
    "luajit": "lua",
    "node": "javascript",
    "nodejs": "javascript",
    "perl": "perl",
    "php": "php",
    "python": "python",
    "ruby": "ruby",
    "sh": "shellscript",
    "zsh": "shellscript",
}


def language_of_script(text: str) -> str:
    """The language identifier that a `#!` line means; "" if there is none or nobody knows it."""
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        return ""
    names = [word.rpartition("/")[2] for word in first[2:].split()]
    if names[:1] == ["env"]:
        names = [each for each in names[1:] if not each.startswith("-") and "=" not in each]
    return LANGUAGE_BY_INTERPRETER.get(names[0].rstrip("0123456789."), "") if names else ""
