"""Texts in languages with less to tell, and the names in them with their classes."""

from collections.abc import Mapping

OTHERS: Mapping[str, tuple[str, str]] = {
    "bash": (
        """LIMIT=1
export HOME_DIR=2
run() {
  :
}
""",
        "LIMIT HOME_DIR run",
    ),
    "c": (
        """#define LIMIT 1
typedef struct {
  int *left;
} point;
struct cart {
  int size;
};
enum color {
  RED,
};
int load(char *name);
static int *run(int a) {
  int b;
}
""",
        "LIMIT point point.left cart cart.size color color.RED load run",
    ),
    "cpp": (
        """namespace shop {
class Cart : public Base {
 public:
  void add(int x);
  int size_;
};
}
void Cart::drop(int x) {
}
template <class T>
T pick(T x) {
}
using Price = int;
""",
        "Cart Cart.add Cart.size_ Cart.drop pick Price",
    ),
    "csharp": (
        """namespace Shop {
  public class Cart : Base {
    private int size = 1;
    public int Total { get; set; }
    public void Add(int x) {
    }
  }
  enum Color {
    Red,
  }
}
""",
        "Cart Cart.size Cart.Total Cart.Add Color Color.Red",
    ),
    "css": (
        """:root {
  --main: red;
}
.cart, .shop > .item {
}
""",
        "--main cart",
    ),
    "lua": (
        """local M = {}
function M.load(x)
end
function M:save()
end
M.size = 1
""",
        "M M.load M.save M.size",
    ),
    "php": (
        """<?php
class Cart {
  const LIMIT = 1;
  private int $size = 1;
  public function add($x) {
  }
}
function run() {
}
""",
        "Cart Cart.LIMIT Cart.size Cart.add run",
    ),
    "ruby": (
        """module Shop
  class Cart
    LIMIT = 1
    attr_reader :size
    def add(x)
    end
    def self.make
    end
  end
end
""",
        "Shop Shop.Cart Cart.LIMIT Cart.size Cart.add Cart.make",
    ),
}
"""Language -> a text, and the names in it with their containers."""
