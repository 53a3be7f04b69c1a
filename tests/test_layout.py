"""How lines of other files are laid out within a budget."""

from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.context.index.layout import Block
from codestral_ls.context.index.record import LINE_CHARS
from tests.ranked import ROOT, Disk, lines_of, text_of

WORDS = st.sampled_from(["fetch", "mail", "box", "order", "price", "row", "cell", "table"])
NAMES = st.builds("_".join, st.lists(WORDS, min_size=1, max_size=3))
HEADS = st.one_of(
    st.builds("def {}(self, value):\n    return {}()".format, NAMES, NAMES),
    st.builds("class {}:\n    {} = 1".format, NAMES, NAMES),
    st.builds("{} = {}({})".format, NAMES, NAMES, NAMES),
    st.builds("def {}(\n    {},\n    other,\n):\n    '''Says {}.'''".format, NAMES, NAMES, NAMES),
)
TEXTS = st.builds("\n".join, st.lists(HEADS, max_size=8))
FILES = st.dictionaries(st.sampled_from(["a.py", "b/c.py", "b/d.py", "tests/e.py"]), TEXTS)


@settings(max_examples=60, deadline=None)
@given(FILES, TEXTS, TEXTS, st.integers(0, 1_500), st.integers(0, 1))
def test_no_budget_is_exceeded_and_lines_are_as_in_their_files(
    files: dict[str, str], before: str, after: str, budget: int, edited: int
) -> None:
    """Whatever is shown stands in its file word for word, but for the gaps."""
    disk = Disk(files)
    opened = sorted(files)[:2]
    if edited and opened:
        disk.open(opened[0], files[opened[0]])
        disk.open(opened[0], files[opened[0]] + "\nnew_line = edited_here(1)")
        disk.texts[f"{ROOT}/{opened[0]}"] += "\nnew_line = edited_here(1)"
    snippets = disk.ask(f"{before}\n‸\n{after}", opened=opened, budget=budget)
    assert sum(each.chars for each in snippets) <= budget
    assert len({each.path for each in snippets}) == len(snippets)
    for each in snippets:
        lines = iter(disk.texts[f"{ROOT}/{each.path}"].split("\n"))
        shown = [line for line in each.text.split("\n") if line]
        assert all(line in lines for line in shown), "in the order of the file"


def test_the_same_question_gets_the_same_answer() -> None:
    """Byte for byte: what stands before it in a prompt need not be computed again."""
    files = {f"m{n}.py": f"def load_row{n}x(): ...\ndef same_thing(): ...\n" for n in range(20)}
    first, again = Disk(files), Disk(dict(reversed(files.items())))
    assert first.ask("load_‸", budget=300) == again.ask("load_‸", budget=300)


def test_a_signature_comes_whole_or_not_at_all() -> None:
    """Where the whole one does not fit, its first line does."""
    head = {1: "def send(", 2: "    recipient: Address,", 3: ") -> None:"}
    block = Block(30, "", str)
    assert not block.add("a.py", head)
    assert block.add("a.py", {1: head[1]})
    assert [each.text for each in block.snippets()] == ["def send("]
    block = Block(100, "", str)
    assert block.add("a.py", head)
    assert block.snippets()[0].text == "\n".join(head.values())
    assert not Block(100, "    recipient: Address,\n", str).add("a.py", head)


def test_a_long_line_is_cut() -> None:
    """The rest of it is data."""
    block = Block(1_000, "", str)
    assert block.add("a.py", {0: "x = " + "9" * 900})
    assert len(block.snippets()[0].text) == LINE_CHARS


def test_short_lines_may_stand_twice_within_pieces() -> None:
    """A piece without its brackets could not be read; a piece mostly known is not shown."""
    block = Block(1_000, "}\ncall_something(1);\n", str)
    assert block.add_piece("a.ts", {0: "if (ready) {", 1: "start_engine();", 2: "}"}, most=500)
    assert block.add_piece("b.ts", {0: "while (busy()) {", 1: "}"}, most=500)
    assert not block.add_piece("c.ts", {0: "call_something(1);", 1: "}"}, most=500)
    assert not block.add_piece("d.ts", {0: "do_another_thing();"}, most=10)


def test_what_is_worth_most_stands_last() -> None:
    """Nearest to the text that is to be continued; equals go by their paths."""
    block = Block(1_000, "", str)
    for path in ("b.py", "a.py", "c.py"):
        block.add(path, {0: f"line of {path}"})
    block.praise("a.py", 2)
    assert [each.path for each in block.snippets()] == ["b.py", "c.py", "a.py"]


PRICES = '''\
class Basket:
    """What somebody buys."""

def sum_prices(
    basket: Basket,
    *,
    with_tax: bool = True,
) -> Money:
    """Adds up what is in a basket."""
    return internal_detail(basket)
'''


def test_the_signature_of_what_is_called_is_shown_with_its_documentation() -> None:
    """The name stands in the document already, its parameters do not."""
    disk = Disk({"prices.py": PRICES})
    lines = lines_of(disk.ask("from prices import sum_prices\n\ntotal = sum_prices(‸)\n"))
    expected = ["def sum_prices(", "basket: Basket,", "*,", "with_tax: bool = True,", ") -> Money:"]
    at = lines.index("def sum_prices(")
    assert lines[at : at + 5] == expected
    assert '"""Adds up what is in a basket."""' in lines


def test_of_a_class_that_is_made_its_constructor_is_shown() -> None:
    """That is what its parentheses take."""
    head, start = "class Basket:\n", "    def __init__(self, owner, currency):\n"
    disk = Disk({"prices.py": head + "    limit = 1\n" * 40 + start})
    lines = lines_of(disk.ask("from prices import Basket\n\nbasket = Basket(‸)\n"))
    assert "def __init__(self, owner, currency):" in lines


def test_the_document_itself_explains_names_from_outside_of_the_window() -> None:
    """As it stands in the editor now; what has gone meanwhile does not come back."""
    text = "def scale_image(\n    image, width, height\n):\n    return image\n" + "x = 1\n" * 50
    disk = Disk({"main.py": text, "other.py": "def other_thing(): ...\n"})
    above = "import os\n"  # written since
    shown = text_of(disk.ask(f"{above}{text}y = scale_image(‸", window="y = scale_image("))
    assert "def scale_image(\n    image, width, height\n):" in shown
    for old, new in (("height", "depth"), ("def scale", "def shrink")):
        changed = text.replace(old, new)
        shown = text_of(disk.ask(f"{changed}y = scale_image(‸", window="y = scale_image("))
        assert "image, width" not in shown


def test_lines_that_are_not_neighbours_have_a_gap_between_them() -> None:
    """Else they read as one body; a signature and its documentation stay together."""
    block = Block(1_000, "", str)
    assert block.add("a.rs", {3: "/// Adds things.", 6: "fn add_things(", 7: "    to: u8,"})
    assert block.add("a.rs", {9: "fn drop_things() {"})
    text = "/// Adds things.\nfn add_things(\n    to: u8,\n\nfn drop_things() {"
    assert block.snippets()[0].text == text
    assert block.used == block.snippets()[0].chars


def test_a_piece_has_no_holes() -> None:
    """What is known may be cut off at its ends; with too much of it, nothing is shown."""
    known = "first_known();\nsecond_known();\nthird_known();\n"
    piece = dict(enumerate(["first_known();", "a_new_call();", "second_known();", "b_new_call();"]))
    block = Block(1_000, known, str)
    assert block.trim("a.c", piece) == {row: piece[row] for row in (1, 2, 3)}
    assert not block.add_piece("a.c", piece)
    assert block.add_piece("a.c", block.trim("a.c", piece))
    assert block.snippets()[0].text == "a_new_call();\nsecond_known();\nb_new_call();"


def test_a_member_comes_with_its_owner_or_not_at_all() -> None:
    """Even if a class of the same name stands in the window."""
    owner, member = {0: "class Meta(object):"}, {5: "    ordering = 'name'"}
    assert not Block(40, "", str).add("a.py", member, owner=owner)
    block = Block(100, "class Meta(object):\n    pass\n", str)
    assert block.add("a.py", member, owner=owner)
    assert block.snippets()[0].text == "class Meta(object):\n\n    ordering = 'name'"
