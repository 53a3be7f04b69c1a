"""Texts in many languages and what stands in them, for the tests of both kinds of outlines."""

from collections.abc import Iterable, Mapping

from codestral_ls.context.index.symbols import Symbol

SOURCES: Mapping[str, str] = {
    "python": '''"""Shop."""
import os
LIMIT: int = 3
a, b = 1, 2
@decorated
class Cart(Base):
    """A cart."""
    total: float
    size = 0
    def __init__(self, owner):
        self.owner = owner
        if owner:
            self.items: list = []
    async def add(self, item):
        local = 1
        def inner(): pass
def main():
    x = 1
type Price = int
''',
    "typescript": """import { x } from "y";
export interface Shape extends Base {
  area?: number;
  scale(by: number): void;
}
export type Point = {
  left: number;
};
export enum Color {
  Red,
  Green = 2,
}
export abstract class Store<T> {
  private items = [];
  #secret = 1;
  constructor(readonly name: string) {
    this.later = 1;
  }
  abstract load(): void;
  get size() { return 1; }
}
export const build = async (x: number) => {
  const local = 1;
};
export const table = {
  key: 1,
  act() {},
};
declare function ambient(x: number): void;
function plain(x) {
}
namespace Inner {
  export const deep = 1;
}
""",
    "javascript": """const fs = require("fs");
class Dog extends Animal {
  bark() {
  }
}
function* walk() {
}
var one = 1, two = function () {};
module.exports = {
  alpha: 1,
  beta,
};
exports.gamma = 3;
Dog.prototype.sit = function () {
};
(function () {
  function wrapped() {}
})();
""",
    "go": """package shop

type Cart struct {
	Total, Size int
	Base
}
type Store interface {
	Load(name string) error
}
const (
	First = iota
	Second
)
var limit = 3
func (c *Cart) Add(x int) {
	local := 1
}
func (g Generic[T]) Go() {}
func New[T any](x T) *Cart {
	return nil
}
""",
    "rust": """use std::fmt;
pub mod inner {
    pub fn within() {}
}
pub struct Cart<T> {
    pub total: f64,
}
pub enum Color {
    Red,
    Mixed { by: u8 },
}
pub trait Load {
    type Item;
    fn load(&self);
}
impl<T> fmt::Display for Cart<T> {
    const SIZE: u8 = 1;
    fn fmt(&self) {
        let local = 1;
    }
}
macro_rules! shout {
    () => {}
}
pub const LIMIT: u8 = 1;
type Price = u8;
""",
    "java": """package shop;
public class Cart extends Base {
    private int total, size = 1;
    public Cart() {
    }
    @Override
    public List<Item> items(int from) {
        int local = 1;
        return null;
    }
    enum Color {
        RED, GREEN;
    }
    interface Load {
        void load();
    }
}
record Point(int left) {
}
""",
}
"""The first lines of six languages as they are written."""
EXPECTED: Mapping[str, list[str]] = {
    "python": [
        "2 constant LIMIT",
        "3 constant a",
        "3 constant b",
        "5 class Cart",
        "7 field Cart.total",
        "8 field Cart.size",
        "9 method Cart.__init__",
        "10 field Cart.owner",
        "12 field Cart.items",
        "13 method Cart.add",
        "16 function main",
        "18 type Price",
    ],
    "typescript": [
        "1 type Shape",
        "2 field Shape.area",
        "3 method Shape.scale",
        "5 type Point",
        "6 field Point.left",
        "8 type Color",
        "9 constant Color.Red",
        "10 constant Color.Green",
        "12 class Store",
        "13 field Store.items",
        "14 field Store.#secret",
        "15 method Store.constructor",
        "16 field Store.later",
        "18 method Store.load",
        "19 method Store.size",
        "21 function build",
        "24 constant table",
        "25 field table.key",
        "26 method table.act",
        "28 function ambient",
        "29 function plain",
        "31 module Inner",
        "32 constant deep",
    ],
    "javascript": [
        "1 class Dog",
        "2 method Dog.bark",
        "5 function walk",
        "7 constant one",
        "7 function two",
        "9 constant alpha",
        "12 constant gamma",
        "13 method Dog.sit",
        "16 function wrapped",
    ],
    "go": [
        "2 type Cart",
        "3 field Cart.Total",
        "3 field Cart.Size",
        "6 type Store",
        "7 method Store.Load",
        "10 constant First",
        "11 constant Second",
        "13 constant limit",
        "14 method Cart.Add",
        "17 method Generic.Go",
        "18 function New",
    ],
    "rust": [
        "2 function within",
        "4 class Cart",
        "5 field Cart.total",
        "7 class Color",
        "8 constant Color.Red",
        "9 constant Color.Mixed",
        "9 field Color.by",
        "11 class Load",
        "12 type Load.Item",
        "13 method Load.load",
        "16 constant Cart.SIZE",
        "17 method Cart.fmt",
        "21 function shout",
        "24 constant LIMIT",
        "25 type Price",
    ],
    "java": [
        "1 class Cart",
        "2 field Cart.total",
        "2 field Cart.size",
        "3 method Cart.Cart",
        "6 method Cart.items",
        "10 type Cart.Color",
        "11 constant Color.RED",
        "11 constant Color.GREEN",
        "13 type Cart.Load",
        "14 method Load.load",
        "17 class Point",
        "17 field Point.left",
    ],
}
"""What other files can name in them: the line, the kind, and the name with its class."""


def listed(symbols: Iterable[Symbol]) -> list[str]:
    """Symbols as lines: where, what, and whose."""
    return [" ".join(map(str, (each.line, each.kind, qualified(each)))) for each in symbols]


def qualified(symbol: Symbol) -> str:
    """A symbol's name with its container."""
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
