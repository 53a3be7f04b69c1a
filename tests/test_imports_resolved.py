"""Which files imports mean."""

import pytest

from codestral_ls.context.index.import_targets import resolve_imports
from codestral_ls.context.index.imports import find_imports, reexports
from tests.trees import Files

PYTHON = (
    "src/shop/__init__.py src/shop/cart.py src/shop/items/__init__.py src/shop/items/item.py "
    "src/shop/json.py tests/test_cart.py tests/tools.py other/shop/cart.py tool.py"
)
SCRIPT = (
    "packages/ui/src/index.ts packages/ui/src/button.tsx packages/ui/src/lib/index.ts "
    "packages/ui/src/lib/old.js packages/core/src/index.ts packages/core/src/types.d.ts "
    "packages/core/src/deep/a.ts react.ts"
)
RUST = (
    "crates/shop-core/src/lib.rs crates/shop-core/src/cart.rs crates/shop-core/src/cart/item.rs "
    "crates/shop-core/src/store/mod.rs crates/shop-core/src/store/disk.rs crates/app/src/main.rs "
    "crates/app/src/ui.rs"
)
JAVA = (
    "src/main/java/shop/Cart.java src/main/java/shop/Item.java src/main/java/shop/store/Disk.java "
    "src/main/java/shop/store/Memory.java src/test/java/shop/CartTest.java"
)
GO = (
    "go.mod cmd/app/main.go internal/store/disk.go internal/store/disk_test.go "
    "internal/store/memory.go cart.go item.go"
)
TARGETS = [
    (
        "python",
        PYTHON,
        "src/shop/cart.py",
        "from .items import item, Price",
        "src/shop/items/__init__.py src/shop/items/item.py",
    ),
    ("python", PYTHON, "src/shop/items/item.py", "from ..cart import Cart", "src/shop/cart.py"),
    (
        "python",
        PYTHON,
        "src/shop/items/item.py",
        "from .. import cart",
        "src/shop/__init__.py src/shop/cart.py",
    ),
    ("python", PYTHON, "tests/test_cart.py", "import shop.cart", "src/shop/cart.py"),
    ("python", PYTHON, "tests/test_cart.py", "import tools, tool", "tests/tools.py tool.py"),
    ("python", PYTHON, "src/shop/cart.py", "import json, os.path", ""),
    ("python", PYTHON, "src/shop/json.py", "from shop import json", "src/shop/__init__.py"),
    ("python", "a/b/c.py d/e.py", "d/e.py", "import b.c", "a/b/c.py"),
    (
        "typescript",
        SCRIPT,
        "packages/ui/src/index.ts",
        "import a from './button'; import b from './lib'",
        "packages/ui/src/button.tsx packages/ui/src/lib/index.ts",
    ),
    (
        "typescript",
        SCRIPT,
        "packages/ui/src/lib/index.ts",
        "import a from '../button.js'; import b from './old.js'",
        "packages/ui/src/button.tsx packages/ui/src/lib/old.js",
    ),
    (
        "typescript",
        SCRIPT,
        "packages/ui/src/lib/index.ts",
        "import a from '@/button'; import b from '~/lib/old'",
        "packages/ui/src/button.tsx packages/ui/src/lib/old.js",
    ),
    (
        "typescript",
        SCRIPT,
        "packages/ui/src/index.ts",
        "import a from '@shop/core'; import b from '@shop/core/types'",
        "packages/core/src/index.ts packages/core/src/types.d.ts",
    ),
    (
        "typescript",
        SCRIPT,
        "packages/ui/src/index.ts",
        "import a from 'core/deep/a'; import b from 'react'",
        "packages/core/src/deep/a.ts",
    ),
    (
        "rust",
        RUST,
        "crates/shop-core/src/cart.rs",
        "use crate::store::disk::Disk;\nuse crate::store::Store;",
        "crates/shop-core/src/store/disk.rs crates/shop-core/src/store/mod.rs",
    ),
    (
        "rust",
        RUST,
        "crates/shop-core/src/cart.rs",
        "mod item;\nuse super::store::Store;\nuse self::item::Item;",
        "crates/shop-core/src/cart/item.rs crates/shop-core/src/store/mod.rs",
    ),
    (
        "rust",
        RUST,
        "crates/shop-core/src/store/disk.rs",
        "use super::Store;\nuse super::super::cart::Cart;",
        "crates/shop-core/src/store/mod.rs crates/shop-core/src/cart.rs",
    ),
    (
        "rust",
        RUST,
        "crates/shop-core/src/lib.rs",
        "pub mod cart;\nmod store;\nuse std::fmt;",
        "crates/shop-core/src/cart.rs crates/shop-core/src/store/mod.rs",
    ),
    (
        "rust",
        RUST,
        "crates/app/src/main.rs",
        "use shop_core::cart::Cart;\nuse shop_core::Store;\nmod ui;",
        "crates/shop-core/src/cart.rs crates/shop-core/src/lib.rs crates/app/src/ui.rs",
    ),
    (
        "go",
        GO,
        "cmd/app/main.go",
        'import "example.com/shop/internal/store"',
        "internal/store/disk.go internal/store/memory.go",
    ),
    ("go", GO, "cart.go", 'import "fmt"', "item.go"),
    (
        "java",
        JAVA,
        "src/test/java/shop/CartTest.java",
        "import shop.store.Disk;\nimport shop.Cart.Line;",
        "src/main/java/shop/store/Disk.java src/main/java/shop/Cart.java",
    ),
    (
        "java",
        JAVA,
        "src/main/java/shop/Cart.java",
        "import shop.store.*;",
        (
            "src/main/java/shop/store/Disk.java src/main/java/shop/store/Memory.java "
            "src/main/java/shop/Item.java"
        ),
    ),
    (
        "csharp",
        "Shop/Cart.cs Shop/Store/Disk.cs App/Main.cs",
        "App/Main.cs",
        "using Shop.Store;",
        "Shop/Store/Disk.cs",
    ),
    (
        "php",
        "src/Store/Disk.php src/Cart.php",
        "src/Cart.php",
        "<?php\nuse Shop\\Store\\Disk;",
        "src/Store/Disk.php",
    ),
    (
        "c",
        "src/cart.c src/cart.h src/main.c include/shop/item.h",
        "src/main.c",
        '#include "cart.h"\n#include <shop/item.h>\n',
        "src/cart.h src/cart.c include/shop/item.h",
    ),
    (
        "ruby",
        "lib/shop/cart.rb lib/shop/item.rb lib/shop.rb",
        "lib/shop/cart.rb",
        "require 'shop/item'\nrequire_relative '../shop'\nrequire 'json'",
        "lib/shop/item.rb lib/shop.rb",
    ),
    (
        "lua",
        "lua/shop/init.lua lua/shop/cart.lua",
        "lua/shop/cart.lua",
        "require('shop')",
        "lua/shop/init.lua",
    ),
    ("scss", "a/_b.scss a/c.scss", "a/c.scss", "@use 'b';", "a/_b.scss"),
    ("proto", "api/a/b.proto api/c.proto", "api/c.proto", 'import "a/b.proto";', "api/a/b.proto"),
    ("plaintext", "a b", "a", "import b", ""),
]


@pytest.mark.parametrize(("language", "paths", "path", "source", "expected"), TARGETS)
def test_imports_lead_to_files(
    language: str, paths: str, path: str, source: str, expected: str
) -> None:
    """Seen from the file that imports, and never to itself."""
    imports = find_imports(language, source)
    assert resolve_imports(language, path, imports, Files(paths.split())) == tuple(expected.split())


@pytest.mark.parametrize(("language", "paths", "path", "source", "expected"), TARGETS)
def test_absolute_paths_lead_to_the_same_files(
    language: str, paths: str, path: str, source: str, expected: str
) -> None:
    """Paths are only compared and joined."""
    files = Files(f"/w/x/{each}" for each in paths.split())
    found = resolve_imports(language, f"/w/x/{path}", find_imports(language, source), files)
    assert found == tuple(f"/w/x/{each}" for each in expected.split())


@pytest.mark.parametrize(
    ("language", "path", "source", "texts", "expected"),
    [
        (
            "python",
            "a.py",
            "from shop import Cart, limit",
            {
                "shop/__init__.py": "from .cart import Cart\nfrom .item import Item\n",
                "shop/cart.py": "",
                "shop/item.py": "",
            },
            "shop/__init__.py shop/cart.py",
        ),
        (
            "typescript",
            "a.ts",
            "import { Cart } from './shop'",
            {
                "shop/index.ts": "export * from './cart';\nexport { Item } from './item';\n",
                "shop/cart.ts": "",
                "shop/item.ts": "",
            },
            "shop/index.ts shop/cart.ts",
        ),
        (
            "rust",
            "src/main.rs",
            "use crate::shop::Cart;",
            {
                "src/main.rs": "",
                "src/shop/mod.rs": "pub use self::cart::Cart;\n",
                "src/shop/cart.rs": "",
            },
            "src/shop/mod.rs src/shop/cart.rs",
        ),
    ],
)
def test_names_that_are_handed_on_are_followed_by_one_hop(
    language: str, path: str, source: str, texts: dict[str, str], expected: str
) -> None:
    """To the file that they come from, and to no other."""
    found = resolve_imports(
        language,
        path,
        find_imports(language, source),
        Files([path, *texts]),
        handed_on=lambda target: reexports(language, texts.get(target, "")),
    )
    assert found == tuple(expected.split())
