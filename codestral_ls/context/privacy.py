"""Which files may leave: names of secret files, ignore files and the user's own patterns. Pure.

A denial is the name of the rule, for the user; "" is none. What cannot be read denies.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pathspec import GitIgnoreSpec, PathSpec
from pathspec.pattern import Pattern

from codestral_ls.context.secret_files import find_pattern

UNSENT_SCHEMES: Mapping[str, str] = {
    **dict.fromkeys(("debug", "output", "term", "vscode-terminal"), "what a program printed"),
    **dict.fromkeys(("vscode-settings", "vscode-userdata"), "the editor's own settings"),
    **dict.fromkeys(("git", "gitlens", "fugitive", "review"), "another version of a file"),
}
"""Schemes of documents that are nobody's code in the making, though an editor may ask for them.

All others are completed. Files of other machines and of archives have names that extensions make
up, and what is not saved yet has `untitled:`.
"""

IGNORE_FILE = ".codestralignore"
DISABLED_PATHS = "disabled_paths"
OUTSIDE = "outside of the workspace"

_SPECIAL = re.compile(r"([\\*?\[\]!# ])")
_DRIVE = re.compile(r"/?([A-Za-z]):(?=/|$)")
_INSIDE = re.compile(r"/\*\*(?=\s*$)")
_UNESCAPED = re.compile(r"[?#]")
_DOTS = re.compile(r"(?:^|/)\.\.?(?:/|$)")


class _Spec(NamedTuple):
    """The same patterns: for files, what pathspec weighs; for folders the last that fits counts."""

    of_files: GitIgnoreSpec
    of_folders: PathSpec[Pattern]


class Ignored(NamedTuple):
    """The patterns that hold below a folder; without a `spec` they could not be read.

    `base` ends in a slash; `fold` says that the file system knows no upper case.
    """

    name: str
    base: str
    spec: _Spec | None
    fold: bool = False


def denial(path: str, *, ignored: Sequence[Ignored] = (), disabled: Ignored | None = None) -> str:
    """Returns the name of the rule by which a file is never sent, "" if it may be.

    `ignored` holds the outermost first: as in git, the innermost that speaks of a path decides,
    and what is in an ignored folder stays ignored.
    """
    path = canonical(path)
    slashes = [each.end() for each in re.finditer("/", path)]
    return _first_denial((*(path[:end] for end in slashes[1:]), path), ignored, disabled)


def denial_in(path: str, *, ignored: Sequence[Ignored], disabled: Ignored | None) -> str:
    """Returns the same for a path in a folder that is not denied; folders end in a slash."""
    return _first_denial((canonical(path),), ignored, disabled)


def scheme_denial(uri: str) -> str:
    """Returns why nothing with such a name is ever sent, "" if it may be."""
    scheme = uri.partition(":")[0].lower()
    what = UNSENT_SCHEMES.get(scheme)
    return f"{scheme}: names {what}" if what else ""


def path_of(uri: str) -> str:
    """Returns the path of a document: absolute if it is that of a file, perhaps only a name.

    A notebook's cell has its file's path, and an unsaved document the one that it will have.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:  # brackets in what looks like a host
        return unquote(uri.partition(":")[2] or uri)
    if not parts.scheme or _DRIVE.match(uri.replace("\\", "/")):
        return uri
    path = unquote(parts.path)
    host = unquote(parts.netloc)
    if parts.scheme == "file" and host and host != "localhost":
        return f"//{host}{path}"
    return _DRIVE.sub(r"\1:", path, count=1) if _DRIVE.match(path) else path


def paths_of(uri: str) -> tuple[str, ...]:
    """Returns all paths that a document may have: not every client writes URIs as it should.

    What follows a `?` or `#` may belong to the path, and VS Code's Git appends its own name to it.
    """
    path = path_of(uri)
    scheme, _, rest = uri.partition(":")
    others = [unquote(rest.removeprefix("//"))] if _UNESCAPED.search(uri) else []
    if scheme == "git":
        others.append(path.removesuffix(".git"))
    return tuple(dict.fromkeys((path, *others)))


def file_path(uri: str) -> str:
    """The path by which the index knows a document: absolute, with slashes; "" if it is no file.

    One of which it is not sure where it leads is none either.
    """
    if not uri.startswith("file:") or _UNESCAPED.search(uri):
        return ""
    path = path_of(uri)
    if _DOTS.search(path):
        return ""
    return re.sub(r"^[A-Za-z]:", lambda drive: drive[0].lower(), path)


def canonical(path: str) -> str:
    """Returns a path as rules see it: from the root, with slashes, no dots, a small drive letter.

    A backslash separates folders everywhere: where it does not, more is denied.
    """
    slashed = path.replace("\\", "/")
    path = posixpath.normpath("/" + slashed.lstrip("/"))
    path += "/" * (slashed.endswith("/") and path != "/")
    return _DRIVE.sub(lambda drive: f"/{drive[1].lower()}:", path, count=1)


def read_ignored(base: str, text: str | None, *, fold: bool = False) -> Ignored:
    """Returns what an ignore file in the folder `base` says; a text of None could not be read."""
    # UTF-16 without a mark, as some shells on Windows write it, can be read as UTF-8.
    is_read = text is not None and "\0" not in text
    spec = _spec(text.splitlines(), fold=fold) if text is not None and is_read else None
    return Ignored(IGNORE_FILE, canonical(base).rstrip("/") + "/", spec, fold)


def read_disabled(
    patterns: Sequence[str], *, folders: Sequence[str], home: str, fold: bool = False
) -> Ignored:
    """Returns what the user's patterns say of all paths.

    A pattern that begins with `~` or a root is absolute; with a slash inside, it is relative to
    each of `folders`; any other holds everywhere.
    """
    lines = [line for each in patterns for line in _absolute(each.strip(), folders, home)]
    return Ignored(DISABLED_PATHS, "/", _spec(lines, fold=fold), fold)


def _spec(lines: Sequence[str], *, fold: bool) -> _Spec | None:
    if fold:
        lines = [line.lower() for line in lines]
    try:
        return _Spec(
            GitIgnoreSpec.from_lines(lines, backend="simple"),
            # To git `a/**` says nothing of `a` itself, to pathspec it does.
            PathSpec.from_lines(
                "gitignore", [_INSIDE.sub("/**/*", line) for line in lines], backend="simple"
            ),
        )
    except (ValueError, re.error):
        return None


def _absolute(pattern: str, folders: Sequence[str], home: str) -> Sequence[str]:
    """Returns a pattern as those that say the same from the root of the file system."""
    negation, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    if not pattern or pattern.startswith("#"):
        return ()
    if pattern == "~" or pattern.startswith(("~/", "~\\")):
        return (f"{negation}{_literal(home)}/{pattern[2:]}",)
    if pattern.startswith("/") or _DRIVE.match(pattern.replace("\\", "/")):
        drive = _DRIVE.match(pattern.replace("\\", "/"))
        anchored = canonical(pattern) + "/" * pattern.endswith("/") if drive else pattern
        return (f"{negation}{anchored}",)
    if "/" not in pattern.rstrip("/") or pattern.startswith("**/"):
        return (f"{negation}{pattern}",)
    return tuple(f"{negation}{_literal(folder)}/{pattern}" for folder in folders)


def _literal(folder: str) -> str:
    return _SPECIAL.sub(r"\\\1", canonical(folder)).rstrip("/")


def _first_denial(
    places: Sequence[str], ignored: Sequence[Ignored], disabled: Ignored | None
) -> str:
    """Names the first rule that denies a file, the last of `places`, or a folder it is in."""
    found = find_pattern(places[-1])
    if found:
        return f"secret file: {found}"
    for each in (*ignored, *([disabled] if disabled else [])):
        if each.spec is None and _relative(places[-1], each):
            return f"unreadable {each.name}"
    return (_excluded(places, ignored) if ignored else "") or (
        _excluded(places, (disabled,)) if disabled else ""
    )


def _excluded(places: Sequence[str], ignored: Sequence[Ignored]) -> str:
    """Names the patterns that exclude one of `places`."""
    for place in places:
        for each in reversed(ignored):
            verdict = _verdict(place, each)
            if verdict:
                return f"listed in {each.name}"
            if verdict is not None:
                break
    return ""


def _verdict(path: str, ignored: Ignored) -> bool | None:
    """What patterns say of a file, or of a folder if the path ends in a slash; None is nothing."""
    relative = _relative(path, ignored)
    if not relative or ignored.spec is None:
        return None
    spec = ignored.spec.of_folders if path.endswith("/") else ignored.spec.of_files
    return spec.check_file(relative).include


def _relative(path: str, ignored: Ignored) -> str:
    """Returns a path as seen from where patterns hold, "" from elsewhere."""
    path, base = (path.lower(), ignored.base.lower()) if ignored.fold else (path, ignored.base)
    return path[len(base) :] if path.startswith(base) else ""
