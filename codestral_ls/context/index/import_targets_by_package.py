"""The files of modules that are named by packages: of Rust, of Go, of Java and its like. Pure."""

from collections.abc import Iterator, Sequence

from codestral_ls.context.index.imports import EVERYTHING, Import
from codestral_ls.context.index.paths import (
    FileTree,
    by_ending,
    by_suffix,
    existing,
    first_found,
    folder_of,
    join,
    roots,
)

_RUST_ROOTS = ("lib.rs", "main.rs", "mod.rs")


def find_rust(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """A module by its path from the crate, from here, or from a crate of the same workspace."""
    first, *rest = wanted.module.split("::")
    here = _rust_home(path)
    inside = [*rest, *wanted.names[:1]]
    if first == "crate":
        starts = [_rust_crate(path, files)]
    elif first in {"self", "super"}:
        starts = [here]
        if first == "super":
            starts = [folder_of(here)]
        while inside and inside[0] == "super":
            starts, inside = [folder_of(starts[0])], inside[1:]
    else:
        starts = [here, _rust_crate(path, files)]
        inside = [first, *inside]
    is_named = first in {"self", "super", "crate"}
    files_there = (each for start in starts for each in _rust_at(start, inside, files))
    found = next((each for each in files_there if is_named or each != path), "")
    if found:
        yield found
    elif not is_named:
        yield from _rust_other(path, first, inside[1:], files)


def _rust_other(path: str, crate: str, inside: Sequence[str], files: FileTree) -> Iterator[str]:
    """A module of another crate, whose folder is called like it."""
    names = (crate, crate.replace("_", "-"))
    places = [f"{above}{name}/src" for name in names for above in ("", "crates/")]
    starts = (join(root, place) for root in roots(folder_of(path)) for place in places)
    start = next((each for each in starts if files.has(f"{each}/lib.rs")), None)
    if start is not None:
        yield next(_rust_at(start, inside, files), f"{start}/lib.rs")


def _rust_at(start: str, inside: Sequence[str], files: FileTree) -> Iterator[str]:
    """The files of the modules on a path, the innermost first; what follows are names in them."""
    for count in range(len(inside), 0, -1):
        place = join(start, "/".join(inside[:count]))
        yield from existing(files, (f"{place}.rs", f"{place}/mod.rs"))
    yield from existing(files, (f"{start}.rs", *(join(start, each) for each in _RUST_ROOTS)))


def _rust_home(path: str) -> str:
    """The folder in which a file's own submodules lie."""
    folder, _, name = path.rpartition("/")
    return folder if name in _RUST_ROOTS else join(folder, name.rpartition(".")[0])


def _rust_crate(path: str, files: FileTree) -> str:
    """The folder of the crate's root."""
    for root in roots(folder_of(path)):
        if files.has(join(root, "lib.rs")) or files.has(join(root, "main.rs")):
            return root
        if root.rpartition("/")[2] == "src":
            return root
    return folder_of(path)


def find_go(path: str, wanted: Import, files: FileTree) -> list[str]:
    """All files of the folder that the path's tail leads to; tests are no part of it."""
    parts = wanted.module.split("/")
    tails = ["/".join(parts[at:]) for at in range(len(parts))]
    folders = (join(root, tail) for tail in tails for root in roots(folder_of(path)))
    return first_found(by_ending(files, folder, ".go", but="_test.go") for folder in folders)


def find_dotted(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """The class of a full name: a file in folders called like its packages."""
    module = wanted.module.replace("\\", "/").replace(".", "/")
    if EVERYTHING in wanted.names:
        yield from _package(path, module, files)
        return
    for name in wanted.names or ("",):
        place = f"{module}/{name}".strip("/")
        # a member's or an inner class's name stands behind the file's; a namespace before it
        # is often no folder, for a project's root has one
        ways = (place, folder_of(place), place.partition("/")[2])
        found = first_found(by_suffix(path, each, files) for each in ways if "/" in each)
        yield from found or _package(path, place, files)


def _package(path: str, place: str, files: FileTree) -> list[str]:
    """The files of a package's folder, seen from a source root above the file."""
    ending = "." + path.rpartition(".")[2]
    parts = place.split("/")
    tails = ["/".join(parts[at:]) for at in range(min(len(parts), 3))]
    folders = (join(root, tail) for tail in tails if tail for root in roots(folder_of(path)))
    return first_found(by_ending(files, folder, ending) for folder in folders)
