"""Which classes the code before a cursor is about."""

import pytest

from codestral_ls.context.index.receivers import LOOKED_AT, MOST, receiver_types

PYTHON = """class Cart(Base, models.Model):
    store: Store

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.items = ItemList()

    async def add(
        self,
        item: Item | None,
        price: "Price" = 1,
    ) -> None:
        made = await shop.Basket(1)
        with Session(x) as session:
            pass
"""
TYPESCRIPT = """export class Cart<T> extends Base<T> implements Store {
  private disk: Disk;
  async add(item: Item, rest?: Rest[]) {
    const made = new Basket(1);
    const seen: Map<string, Price> = f();
"""
RUST = """impl<T: Copy> fmt::Display for Cart<T> {
    pub fn add(&mut self, item: &mut Item, price: Option<Price>) -> u8 {
        let made = Basket::new(1);
        let plain = shop::Thing { a: 1 };
"""
GO = """func (c *Cart) Add(w http.ResponseWriter, item *Item) error {
\tmade := &Basket{}
\tother := shop.NewThing(1)
"""
JAVA = """public class Cart extends Base implements Store<Item> {
    private final Disk disk;
    void add(List<Item> items, final Price price) {
        Shape made = new Basket();
"""
TEXTS = {"python": PYTHON, "typescript": TYPESCRIPT, "rust": RUST, "go": GO, "java": JAVA}
OWN = {
    "python": "Cart Base Model",
    "typescript": "Cart Base Store",
    "rust": "Cart Display",
    "go": "Cart",
    "java": "Cart Base Store",
}


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("python", "item.", "Item"),
        ("python", "price.am", "Price"),
        ("python", "made.", "Basket"),
        ("python", "session.", "Session"),
        ("python", "self.", ""),
        ("python", "self.owner.", "Owner"),
        ("python", "self.items.", "ItemList"),
        ("python", "self.store.", "Store"),
        ("python", "Other.", "Other"),
        ("python", "call(x).", ""),
        ("python", "x = ", ""),
        ("typescript", "item.", "Item"),
        ("typescript", "rest?.", "Rest"),
        ("typescript", "made.", "Basket"),
        ("typescript", "seen.", "Map Price"),
        ("typescript", "this.", ""),
        ("typescript", "this.disk.re", "Disk"),
        ("rust", "item.", "Item"),
        ("rust", "price.", "Option Price"),
        ("rust", "made.", "Basket"),
        ("rust", "plain.", "Thing"),
        ("rust", "self.", ""),
        ("rust", "Other::", "Other"),
        ("go", "w.", "ResponseWriter"),
        ("go", "item.", "Item"),
        ("go", "made.", "Basket"),
        ("go", "other.", "Thing NewThing"),
        ("java", "items.", "List Item"),
        ("java", "price.", "Price"),
        ("java", "made.", "Basket Shape"),
        ("java", "disk.", "Disk"),
        ("java", "this.", ""),
    ],
)
def test_the_receiver_comes_first_and_then_the_enclosing_class(
    language: str, typed: str, expected: str
) -> None:
    """Annotations, constructions and checks in the function and the class tell the receiver."""
    indent = "                " if language == "python" else "        "
    found = receiver_types(language, TEXTS[language] + indent + typed)
    assert found == tuple(dict.fromkeys([*expected.split(), *OWN[language].split()]))


@pytest.mark.parametrize(
    ("language", "prefix", "expected"),
    [
        (
            "cpp",
            (
                "class Cart : public Base {\n  void f(const Item& item) {\n"
                "    auto p = std::make_unique<Disk>(1);\n    p->"
            ),
            "Disk auto Cart Base",
        ),
        ("csharp", "class Cart : Base {\n  void F(Item item) {\n    item.", "Item Cart Base"),
        (
            "php",
            "class Cart extends Base {\n  function f(Item $item) {\n    $item->",
            "Item Cart Base",
        ),
        ("php", "class Cart extends Base {\n  function f() {\n    $this->", "Cart Base"),
        (
            "ruby",
            "class Cart < Base\n  def f(x)\n    made = Disk.new(1)\n    made.",
            "Disk Cart Base",
        ),
        (
            "ruby",
            "class Cart\n  def initialize\n    @disk = Disk.new\n  end\n  def f\n    @disk.",
            "Disk Cart",
        ),
        ("lua", "made = Disk.new(1)\nmade:", "Disk"),
        ("kotlin", "class Cart : Base() {\n  fun f(item: Item) {\n    item.", "Item Cart Base"),
        ("swift", "class Cart: Base {\n  func f(item: Item) {\n    item.", "Item Cart Base"),
        ("python", "x: int = 1\nx.", ""),
        ("python", "", ""),
    ],
)
def test_receivers_of_further_languages(language: str, prefix: str, expected: str) -> None:
    """The usual ways to say a type, wherever they are usual."""
    assert receiver_types(language, prefix) == tuple(expected.split())


def test_other_functions_do_not_count() -> None:
    """The same name means something else there; the file is asked where the function is silent."""
    source = "def f(item: Wrong):\n    pass\n\n\ndef g(item: Right):\n    item."
    assert receiver_types("python", source) == ("Right",)


def test_only_the_text_near_the_cursor_is_read() -> None:
    """A class that begins far above costs more time than its members are worth."""
    source = "class Cart(Base):\n" + "    x = 1\n" * LOOKED_AT + "    def f(self):\n        self."
    assert receiver_types("python", source) == ()


def test_there_are_not_many() -> None:
    """Only the nearest guesses are worth their time."""
    bases = ", ".join(f"Base{number}" for number in range(40))
    assert (
        len(receiver_types("python", f"class Cart({bases}):\n    def f(self):\n        self."))
        == MOST
    )
