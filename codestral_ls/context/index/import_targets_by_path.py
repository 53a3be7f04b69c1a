"""The files of modules that are named by paths: of Python, of scripts, of C and its like. Pure.

Nothing is read: files are guessed by their paths, as source roots and aliases are configured in
files of many kinds. Roots are the folders above the importing file, the nearest first.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from codestral_ls.context.index.imports import Import
from codestral_ls.context.index.paths import (
    ALIKE,
    FileTree,
    by_suffix,
    existing,
    first_found,
    folder_of,
    join,
    roots,
)

_SOURCE_FOLDERS = ("", "src", "lib", "python", "app")


def find_python(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """A module, and the submodules among the names that are taken from it."""
    module = wanted.module
    dots = len(module) - len(module.lstrip("."))
    if dots:
        folder = folder_of(path)
        for _ in range(dots - 1):
            folder = folder_of(folder)
        yield from _python_at(join(folder, module[dots:].replace(".", "/")), wanted.names, files)
        return
    inside = module.replace(".", "/")
    places = (join(root, inside) for root in _python_roots(path, files))
    found = first_found(_python_at(place, wanted.names, files) for place in places)
    yield from found or (by_suffix(path, inside, files) if "/" in inside else ())


def _python_roots(path: str, files: FileTree) -> Iterator[str]:
    """The folders that absolute imports may begin at: a package is none."""
    for root in roots(folder_of(path)):
        if not files.has(join(root, "__init__.py")):
            yield from (join(root, each) for each in _SOURCE_FOLDERS)


def _python_at(place: str, names: Sequence[str], files: FileTree) -> Iterator[str]:
    """The files of a module or a package, and of its modules with these names."""
    own = (f"{place}.py", f"{place}.pyi", f"{place}/__init__.py", f"{place}/__init__.pyi")
    yield from existing(files, own)
    yield from existing(files, (f"{place}/{name}.py" for name in names))
    yield from existing(files, (f"{place}/{name}/__init__.py" for name in names))


_SCRIPT_ENDINGS = (
    *("", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte"),
    *("/index.ts", "/index.tsx", "/index.d.ts", "/index.js", "/index.jsx", "/index.mjs"),
)
_ROOT_SIGNS = ("@/", "~/", "#/", "$", "#", "~")


def find_script(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """A relative specifier, an alias of a source root, or a package of the same workspace."""
    source = wanted.module.partition("?")[0]
    if source.startswith("."):
        yield from _script_at(join(folder_of(path), source), files)
        return
    sign = next((each for each in _ROOT_SIGNS if source.startswith(each)), "")
    inside = source.removeprefix(sign)
    scoped = not sign and source.startswith("@") and "/" in source
    if scoped:  # @scope/package/path lies in a folder called like the package
        package, _, rest = source.partition("/")[2].partition("/")
        places = [f"{package}/{rest}", f"{package}/src/{rest}"]
    elif sign or "/" in inside:
        package, _, rest = inside.partition("/")
        places = [inside, f"src/{inside}", f"app/{inside}", f"{package}/src/{rest}"]
        places += [rest] if sign in {"$", "#"} and rest else []
    else:
        return
    around = roots(folder_of(path))
    yield from first_found(
        _script_at(join(root, place), files) for root in around for place in places
    )


def _script_at(place: str, files: FileTree) -> Iterator[str]:
    """The file that a specifier means, the first that there is."""
    bases = [place]
    name = place.rpartition("/")[2]
    if name.endswith((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx")):
        # a module of TypeScript calls its neighbours by what they become
        bases.append(place.rpartition(".")[0])
    full = (base + ending for base in bases for ending in _SCRIPT_ENDINGS)
    yield from islice(existing(files, full), 1)


_BESIDE = {"c", "cc", "cpp", "cxx", "m", "mm"}
"""Endings of the sources that a header's definitions stand in."""


def find_included(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """A header, and the source of the same name beside it."""
    found = list(find_file(path, wanted, files))
    yield from found
    for header in found:
        stem = header.rpartition("/")[2].rpartition(".")[0]
        for each in files.by_stem(stem)[:ALIKE]:
            if each.rpartition(".")[2] in _BESIDE and each not in found:
                yield each


def find_file(path: str, wanted: Import, files: FileTree) -> Iterator[str]:
    """A file by its path: seen from here, from a folder above, or by its end."""
    module = wanted.module.split(":", 1)[-1]
    name = module.rpartition("/")[2]
    own = "." + path.rpartition(".")[2]
    forms = [module, module + own, f"{folder_of(module)}/_{name}{own}".lstrip("/")]
    if "/" not in module and own == ".lua":
        module = module.replace(".", "/")
        forms = [module + own, f"{module}/init.lua"]
    places = [f"{base}{form}" for form in forms for base in ("", "lib/", "include/")]
    full = (join(root, place) for root in roots(folder_of(path)) for place in places)
    found = next(existing(files, full), None)
    if found:
        yield found
        return
    suffix = join("", module)
    stem = suffix if "." not in name or own == ".lua" else suffix.rpartition(".")[0]
    if "/" in stem or own not in {".rb", ".lua"}:
        yield from by_suffix(path, stem, files)
