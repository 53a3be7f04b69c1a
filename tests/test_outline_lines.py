"""The definitions in a text, by what its lines look like."""

from collections.abc import Mapping

import pytest

from codestral_ls.context.index import line_outline as reading
from codestral_ls.context.index import outline as outlining
from codestral_ls.context.index.line_outline import find_by_lines
from codestral_ls.context.index.line_patterns import PATTERNS, WITHOUT
from codestral_ls.context.index.symbols import MOST
from tests.outlined import EXPECTED, SOURCES, listed, qualified
from tests.outlined_others import OTHERS

DIFFERENT: Mapping[str, tuple[set[str], set[str]]] = {
    "python": ({"10 field Cart.owner", "12 field Cart.items"}, set()),
    "typescript": (
        {
            *("9 constant Color.Red", "10 constant Color.Green", "14 field Store.#secret"),
            *("16 field Store.later", "25 field table.key", "26 method table.act"),
        },
        {"9 field Color.Red", "10 field Color.Green", "14 field Store.secret"},
    ),
    "javascript": ({"7 function two", "16 function wrapped"}, {"10 constant beta"}),
    "go": (set(), {"4 field Cart.Base"}),
    "rust": (
        {"8 constant Color.Red", "9 constant Color.Mixed", "9 field Color.by"},
        {"8 field Color.Red", "9 field Color.Mixed"},
    ),
    "java": (
        {"11 constant Color.RED", "11 constant Color.GREEN", "17 field Point.left"},
        {"11 field Color.RED"},
    ),
}
"""What patterns miss of what a tree shows, and what they take for more or for something else."""
MISSED = {"c": {"point.left"}}
TAKEN = {"c": {"left"}}


@pytest.mark.parametrize("language", SOURCES)
def test_most_of_what_a_tree_shows_is_found_by_lines(language: str) -> None:
    """All that is not listed as different is the same, classes included."""
    missed, taken = DIFFERENT[language]
    found = set(listed(find_by_lines(language, SOURCES[language])))
    assert found == (set(EXPECTED[language]) - missed) | taken


@pytest.mark.parametrize("language", OTHERS)
def test_further_languages_are_found_by_lines(language: str) -> None:
    """The same names as in a tree, but for some."""
    source, names = OTHERS[language]
    expected = (set(names.split()) - MISSED.get(language, set())) | TAKEN.get(language, set())
    assert set(map(qualified, find_by_lines(language, source))) == expected


@pytest.mark.parametrize("language", SOURCES)
def test_without_grammars_lines_are_read(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grammars are an optional extra."""
    monkeypatch.setattr(outlining, "load_grammar", lambda _: None)
    found = outlining.outline(language, SOURCES[language])
    assert found == find_by_lines(language, SOURCES[language])
    assert found


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("clojure", "(defn run-all [x])\n(def limit 1)\n", "run-all limit"),
        ("cmake", "function(add_shop x)\nset(LIMIT 1)\n", "add_shop LIMIT"),
        ("coffeescript", "class Cart\n  add: (x) ->\nlimit = 1\n", "Cart Cart.add limit"),
        (
            "dart",
            "class Cart {\n  int size = 1;\n  void add(int x) {\n  }\n}\n",
            "Cart Cart.size Cart.add",
        ),
        ("dockerfile", "ARG LIMIT=1\nFROM a AS build\n", "LIMIT build"),
        ("elisp", "(defun my-run (x))\n(defvar my-limit 1)\n", "my-run my-limit"),
        ("elixir", "defmodule Shop.Cart do\n  def full?(x) do\n  end\nend\n", "Cart Cart.full?"),
        ("erlang", "-define(LIMIT, 1).\nrun(X) -> X.\n", "LIMIT run"),
        ("fsharp", "type Cart = int\nlet rec run x =\n  x\n", "Cart run"),
        ("graphql", "type Cart {\n  size: Int\n}\n", "Cart Cart.size"),
        ("groovy", "class Cart {\n  def add(x) {\n  }\n}\n", "Cart Cart.add"),
        ("haskell", "data Cart = Cart\nrun :: Int -> Int\nrun x = x\n", "Cart run"),
        (
            "kotlin",
            (
                "class Cart(val a: Int) {\n  val size = 1\n  fun add(x: Int) {\n"
                "    val b = 1\n  }\n}\nfun Cart.drop() {\n}\n"
            ),
            "Cart Cart.size Cart.add Cart.drop",
        ),
        ("less", "@main: red;\n.cart {\n}\n", "main cart"),
        ("makefile", "LIMIT := 1\nbuild: a\n", "LIMIT build"),
        ("nim", "proc run(x: int) =\n  let a = 1\n", "run"),
        ("ocaml", "let rec run x = x\ntype cart = int\nmodule Shop = struct\n", "run cart Shop"),
        ("perl", "package Shop::Cart;\nsub add {\n}\n", "add"),
        ("powershell", "function Get-Cart {\n}\n", "Get-Cart"),
        (
            "proto",
            (
                "message Cart {\n  int32 size = 1;\n  repeated Item items = 2;\n}\n"
                "service Shop {\n  rpc Load(A) returns (B);\n}\n"
            ),
            "Cart Cart.size Cart.items Shop Shop.Load",
        ),
        ("r", "run <- function(x) {\n  a <- 1\n}\nlimit <- 1\n", "run limit"),
        (
            "scala",
            "object Shop {\n  def add(x: Int) = 1\n}\ncase class Cart(a: Int)\n",
            "Shop Shop.add Cart",
        ),
        ("scheme", "(define (run x) x)\n(define limit 1)\n", "run limit"),
        ("scss", "@mixin round {\n}\n$main-color: red;\n.cart {\n}\n", "round main-color cart"),
        (
            "sql",
            (
                "CREATE TABLE IF NOT EXISTS shop.cart (\n  size int,\n"
                "  primary key (size)\n);\ncreate or replace function run()\n"
            ),
            "cart cart.size run",
        ),
        (
            "swift",
            "class Cart {\n  var size = 1\n  func add(x: Int) {\n    let a = 1\n  }\n}\n",
            "Cart Cart.size Cart.add",
        ),
        (
            "terraform",
            'resource "aws_x" "main_cart" {\n}\nvariable "limit" {\n}\n',
            "main_cart limit",
        ),
        ("vim", "function! s:Run(x)\nlet g:limit = 1\n", "Run limit"),
        ("vue", "<script>\nexport const limit = 1\nfunction run(x) {\n}\n</script>\n", "limit run"),
        (
            "zig",
            (
                "const Cart = struct {\n    size: u8,\n    pub fn add(x: u8) void {\n"
                "        const a = 1;\n    }\n};\n"
            ),
            "Cart Cart.size Cart.add",
        ),
        (
            "unheard-of",
            "class Cart\n  def add\n    let a = 1\nlet limit = 1\nfun run(x)\n",
            "Cart Cart.add limit run",
        ),
    ],
)
def test_languages_without_a_grammar(language: str, source: str, expected: str) -> None:
    """A row of patterns each, and the usual words for those without a row."""
    assert sorted(map(qualified, find_by_lines(language, source))) == sorted(expected.split())


def test_prose_and_data_define_nothing() -> None:
    """Whatever their lines look like."""
    for language in WITHOUT:
        assert find_by_lines(language, "class A:\n  let b = 1\n") == ()


def test_arguments_on_lines_of_their_own_are_no_variables() -> None:
    """Only what is indented like the first member of a class is a member."""
    source = (
        "call(\n    first=1,\n)\nclass A:\n    x = call(\n        second=2,\n    )\n    y = 1\n"
    )
    assert listed(find_by_lines("python", source)) == ["3 class A", "4 field A.x", "7 field A.y"]


def test_long_lines_are_not_looked_at() -> None:
    """Minified code takes no time, and its lines keep their numbers."""
    source = "def f" + "x" * 1000 + "(): pass\n\ndef g(): pass\n"
    assert listed(find_by_lines("python", source)) == ["2 function g"]


def test_only_the_beginning_of_an_endless_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only so many symbols are taken."""
    source = "def name(): pass\n" * (MOST + 10)
    assert len(find_by_lines("python", source)) == MOST
    monkeypatch.setattr(reading, "LONGEST", 34)
    assert len(find_by_lines("python", source)) == 2


@pytest.mark.parametrize("language", PATTERNS)
def test_every_row_compiles_and_takes_what_is_hostile_in_its_stride(language: str) -> None:
    """Lines that fit the beginnings of many patterns end in time."""
    for piece in ("a ", "*", "public ", "a.", "<a", "a::", "( ", "'a ", "create ", "a, "):
        find_by_lines(language, "\n".join([piece * (900 // len(piece))] * 20))
