"""What texts import."""

import pytest

from codestral_ls.context.index.imports import LOOKED_AT, MOST, Import, find_imports, reexports

FOUND = [
    ("python", "import os, a.b as c\n", "os; a.b"),
    ("python", "from a.b import c as d, e  # f\n", "a.b: c e"),
    (
        "python",
        "from . import a\nfrom ..b.c import (\n    d,  # e\n    f as g,\n)\n",
        ".: a; ..b.c: d f",
    ),
    ("python", "if X:\n    from a import b, \\\n        c\nfrom d import *\n", "a: b c; d: *"),
    ("python", "x = 'import a'\nimporting = 1\n# import b\n", ""),
    (
        "typescript",
        "import a, { b as c, type D } from './x';\nimport * as e from \"y/z\";\nimport 'w';\n",
        "./x: a b D; y/z: *; w",
    ),
    (
        "typescript",
        (
            "import type {\n  A,\n  B,\n} from '@/a';\nexport { c } from './c';\n"
            "export * from './d';\n"
        ),
        "@/a: A B; ./c: c; ./d: *",
    ),
    ("typescript", "export const a = 1;\nconst b = await import('./b');\nlet from = 'x';\n", "./b"),
    ("javascript", "const { a, b: c } = require('./a');\nvar d = require(\"d\");\n", "./a: a b; d"),
    (
        "rust",
        (
            "use crate::a::{b, c::{self, D as E}, f::*};\nuse std::fmt;\nmod g;\n"
            "pub mod h;\nextern crate i;\n"
        ),
        (
            "crate::a: b; crate::a::c: self; crate::a::c: D; crate::a::f: *; std: fmt; "
            "self::g; self::h; i"
        ),
    ),
    ("rust", "pub(crate) use super::x::Y; // z\nuse w;\n", "super::x: Y; w"),
    (
        "go",
        'import "fmt"\nimport a "x/y"\nimport (\n\t"os"\n\t_ "z/w" // v\n\t. "u"\n)\n',
        "fmt; x/y; os; z/w; u",
    ),
    (
        "java",
        "package a;\nimport b.c.D;\nimport static e.F.g;\nimport h.*;\n",
        "b.c: D; e.F: g; h: *",
    ),
    ("kotlin", "import a.b.C\nimport d.e as f\n", "a.b: C; d: e"),
    ("scala", "import a.b.{C, D}\n", "a.b: C D"),
    (
        "csharp",
        "using A.B;\nusing static C.D;\nusing E = F.G;\nusing var h = i();\n",
        "A.B; C.D; F.G",
    ),
    ("c", '#include <stdio.h>\n#  include "a/b.h"\n', "stdio.h; a/b.h"),
    (
        "php",
        "<?php\nuse A\\B\\C;\nuse D\\{E, F};\nrequire_once __DIR__ . '/g.php';\n",
        "A\\B: C; D: E F; g.php",
    ),
    ("ruby", "require 'a/b'\nrequire_relative '../c'\nautoload :D, 'd'\n", "a/b; ../c; d"),
    ("lua", "local a = require('b.c')\nrequire \"d\"\n", "b.c; d"),
    ("shellscript", 'source ./a.sh\n. "$DIR/b.sh"\n', "./a.sh; b.sh"),
    ("scss", "@use 'a';\n@import \"b/c\";\n", "a; b/c"),
    ("dart", "import 'package:a/b.dart';\npart 'c.dart';\n", "package:a/b.dart; c.dart"),
    ("proto", 'import "a/b.proto";\nimport public "c.proto";\n', "a/b.proto; c.proto"),
    ("zig", 'const a = @import("b.zig");\n', "b.zig"),
    ("elixir", "alias A.B.C\nimport D\n", "A.B: C; D"),
    ("haskell", "import qualified A.B as C\nimport D.E (f)\n", "A: B; D: E"),
    ("plaintext", "import a\n", ""),
]
HANDED_ON = [
    ("python", "from .a import b\n", ".a: b"),
    (
        "typescript",
        "import { a } from './a';\nexport { b } from './b';\nexport * as c from './c';\n",
        "./b: b; ./c: *",
    ),
    ("rust", "use a::b;\npub use self::c::D;\nmod e;\n", "self::c: D"),
    ("go", 'import "a"\n', ""),
]


def shown(imports: tuple[Import, ...]) -> str:
    """Imports in one line."""
    return "; ".join(
        f"{each.module}: {' '.join(each.names)}" if each.names else each.module for each in imports
    )


@pytest.mark.parametrize(("language", "source", "expected"), FOUND)
def test_imports_are_found_with_the_names_they_take(
    language: str, source: str, expected: str
) -> None:
    """As the module calls them, whatever they are called here."""
    assert shown(find_imports(language, source)) == expected


@pytest.mark.parametrize(("language", "source", "expected"), HANDED_ON)
def test_what_is_handed_on_is_told_apart(language: str, source: str, expected: str) -> None:
    """Only that can be imported from here."""
    assert shown(reexports(language, source)) == expected


def test_an_import_counts_once() -> None:
    """However often it is repeated."""
    assert len(find_imports("python", "import a\nimport b\nimport a\n")) == 2


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    """And only so many imports are taken."""
    assert find_imports("python", "#" * LOOKED_AT + "\nimport a\n") == ()
    many = "".join(f"import a{number}\n" for number in range(MOST + 5))
    assert len(find_imports("python", many)) == MOST
