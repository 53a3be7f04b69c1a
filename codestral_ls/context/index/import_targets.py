"""Which files of the workspace imports may mean. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codestral_ls.context.index.import_targets_by_package import find_dotted, find_go, find_rust
from codestral_ls.context.index.import_targets_by_path import (
    find_file,
    find_included,
    find_python,
    find_script,
)
from codestral_ls.context.index.imports import EVERYTHING, Import
from codestral_ls.context.index.paths import FileTree, by_ending, folder_of

MOST = 200
"""Files for all imports of one file."""
Reexports = Callable[[str], Sequence[Import]]
"""A file's path -> what it hands on of other files."""
_Resolver = Callable[[str, Import, FileTree], Iterable[str]]


def resolve_imports(
    language: str,
    path: str,
    imports: Sequence[Import],
    files: FileTree,
    *,
    handed_on: Reexports = lambda _: (),
) -> tuple[str, ...]:
    """The files that the imports of the file at `path` may mean, without itself.

    Names that a file hands on are followed by one hop with `handed_on`. Where all files of a folder
    see each other, they are among them.
    """
    resolver = _RESOLVERS.get(language)
    if resolver is None:
        return ()
    found: dict[str, None] = {}
    for each in imports:
        for target in resolver(path, each, files):
            found[target] = None
            for further in _handed_on(each.names, handed_on(target)):
                found.update(dict.fromkeys(resolver(target, further, files)))
        if len(found) >= MOST:
            break
    beside: list[str] = []
    if language in _FOLDERS:
        beside = by_ending(files, folder_of(path), "." + path.rpartition(".")[2])
    targets = dict.fromkeys([*list(found)[:MOST], *beside])
    return tuple(each for each in targets if each != path)


def _handed_on(names: Sequence[str], reexports: Sequence[Import]) -> Iterator[Import]:
    """The re-exports that the names may come from."""
    wanted = frozenset(names)
    for each in reexports:
        if not each.names or EVERYTHING in each.names or wanted & frozenset(each.names):
            yield each


_FOLDERS = frozenset({"go", "java", "kotlin", "csharp", "scala", "groovy", "terraform", "swift"})
"""Languages in which the files of a folder see each other without an import."""
_RESOLVERS: Mapping[str, _Resolver] = {
    **dict.fromkeys(
        ("javascript", "javascriptreact", "typescript", "typescriptreact"), find_script
    ),
    **dict.fromkeys(("vue", "svelte"), find_script),
    **dict.fromkeys(("java", "kotlin", "csharp", "scala", "groovy", "haskell"), find_dotted),
    **dict.fromkeys(("c", "cpp"), find_included),
    **dict.fromkeys(("bash", "sh", "shellscript", "css", "less", "scss", "ruby", "lua"), find_file),
    **dict.fromkeys(("dart", "proto", "zig"), find_file),
    "go": find_go,
    "php": find_dotted,
    "python": find_python,
    "rust": find_rust,
}
"""LSP language identifiers -> how their modules are found."""
