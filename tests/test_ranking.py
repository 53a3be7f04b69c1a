"""Which definitions of a workspace are shown at a place, and which are not."""

import pytest

from codestral_ls.context.index.index import Index
from codestral_ls.context.index.question import Question
from tests.ranked import ROOT, Disk, lines_of, text_of

MAIL = """\
class Mailbox:
    limit = 100

    def fetch_unread(self, folder, since):
        return []
"""
ROUTES = """\
class Router:
    def attach_route(self, path, view):
        return None

    def detach_route(self, path):
        return None
"""


def test_members_of_an_imported_class_come_first() -> None:
    """Where there is no room for all."""
    disk = Disk({"app/mail.py": MAIL, "lib/routes.py": ROUTES})
    marked = "from app.mail import Mailbox\n\nbox = Mailbox()\nbox.‸\n"
    lines = lines_of(disk.ask(marked, budget=90))
    assert lines == ["class Mailbox:", "", "def fetch_unread(self, folder, since):"]


def test_members_stand_below_the_head_of_their_class() -> None:
    """In the order of their file, with all other lines left out."""
    disk = Disk({"app/mail.py": MAIL})
    (snippet,) = disk.ask("box = ‸\n", budget=1000)
    assert snippet.path == "app/mail.py"
    assert snippet.text.split("\n")[0] == "class Mailbox:"
    assert "    def fetch_unread(self, folder, since):" in snippet.text.split("\n")


def test_members_of_the_receiver_come_before_those_of_other_known_classes() -> None:
    """The class is guessed from how the variable was made."""
    text = "class {0}:\n    def do_{0}_thing(self): ...\n"
    disk = Disk({"app/all.py": "".join(text.format(name) for name in ("Aab", "Mmn", "Zzy"))})
    marked = "from app.all import Aab, Mmn, Zzy\na, m, z = Aab(), Mmn(), Zzy()\nbox = {}()\nbox.‸"
    for name in ("Aab", "Mmn", "Zzy"):
        lines = lines_of(disk.ask(marked.format(name), budget=70))
        assert f"def do_{name}_thing(self): ..." in lines, name


@pytest.mark.parametrize("name", ["box", "mail", "order"])
def test_what_an_imported_file_defines_comes_first(name: str) -> None:
    """Somebody who imports one thing of it needs others."""
    files = {f"app/{each}.py": f"def {each}_alpha(): ...\n" for each in ("box", "mail", "order")}
    lines = lines_of(Disk(files).ask(f"from app import {name} as known\n‸", budget=55))
    assert lines == [f"def {name}_alpha(): ..."]


@pytest.mark.parametrize("name", ["box", "mail", "order"])
def test_what_an_open_file_defines_comes_first(name: str) -> None:
    """Somebody who works on a thing has its files open."""
    files = {f"app/{each}.py": f"def {each}_alpha(): ...\n" for each in ("box", "mail", "order")}
    lines = lines_of(Disk(files).ask("‸", budget=55, opened=[f"app/{name}.py"]))
    assert lines == [f"def {name}_alpha(): ..."]


def test_the_own_project_comes_before_others() -> None:
    """Whatever is defined below another manifest helps less, even if it is mentioned here."""
    files = {
        "aaa/lib.py": "def load_far(): ...\n",
        "our/lib/near.py": "def load_near(): ...\n",
        "our/use/it.py": "load_far()\nload_near()\n",
        "our/use/too.py": "load_far()\n",
    }
    for manifests in ((), ("aaa", "our")):
        disk = Disk(files)
        for each in manifests:
            disk.index.put_manifest(f"{ROOT}/{each}")
        lines = lines_of(disk.ask("load_‸", name="our/main.py", budget=60))
        assert lines == ["def load_near(): ..."]


def test_a_manifest_within_a_project_makes_another_one() -> None:
    """Whether its files are known already or not."""
    files = {
        "our/aaa/lib.py": "def load_far(): ...\n",
        "our/lib/near.py": "def load_near(): ...\n",
        "our/use/it.py": "load_far()\nload_near()\n",
    }
    disk = Disk(files)
    assert "far" in text_of(disk.ask("load_‸", name="our/main.py", budget=60))
    disk.index.put_manifest(f"{ROOT}/our/aaa")
    assert "near" in text_of(disk.ask("load_‸", name="our/main.py", budget=60))


def test_overloads_do_not_crowd_out_the_rest() -> None:
    """Two definitions of a name are shown at most."""
    overloads = "".join(f"def convert_price(value: T{n}x) -> Money: ...\n" for n in range(30))
    disk = Disk({"money.py": overloads + "def round_amount(value): ...\n"})
    lines = lines_of(disk.ask("total = ‸\n", budget=2_000))
    assert sum("convert_price" in line for line in lines) <= 3, "one more among used ones"
    assert "def round_amount(value): ..." in lines


def test_names_that_the_document_has_are_not_ranked() -> None:
    """Wherever in the document they stand; somebody who knows them needs others."""
    disk = Disk({"mail.py": MAIL})
    far = "fetch_unread = 1\n" + "x = 1\n" * 100 + "‸\n" + "x = 1\n" * 100
    assert "fetch_unread" not in text_of(disk.ask(far))
    assert "fetch_unread" in text_of(disk.ask("‸"))


def test_what_tests_define_comes_behind_what_sources_define() -> None:
    """For a source; tests use each other's."""
    files = {
        "a/tests/rows.py": "def make_order_row(): ...\n",
        "b/rows.py": "def new_order_row(): ...\n",
    }
    lines = lines_of(Disk(files).ask("row = ‸", budget=60))
    assert lines == ["def new_order_row(): ..."]
    lines = lines_of(Disk(files).ask("row = ‸", budget=60, name="test_shop.py"))
    assert lines == ["def make_order_row(): ..."]


def test_the_word_that_is_being_typed_counts() -> None:
    """Its beginning is the best of all hints."""
    disk = Disk({"many.py": "".join(f"def find_{each}(): ...\n" for each in ("rows", "cells"))})
    assert lines_of(disk.ask("find_c‸", budget=50)) == ["def find_cells(): ..."]
    assert lines_of(disk.ask("find_r‸", budget=50)) == ["def find_rows(): ..."]


def test_only_files_of_the_same_family_of_languages_are_drawn_upon() -> None:
    """A Python file calls no function of Rust; TypeScript calls those of JavaScript."""
    disk = Disk({"a.rs": "pub fn only_rust() {}\n", "b.js": "export function inScript() {}\n"})
    assert disk.ask("‸") == ()
    assert "inScript" in text_of(disk.ask("‸", name="c.ts"))


def test_open_files_alone_are_drawn_upon_if_that_is_asked_for() -> None:
    """Nothing else may be shown then, whatever is known."""
    disk = Disk({"mail.py": MAIL, "routes.py": ROUTES})
    shown = text_of(disk.ask("‸", scope="open", opened=["routes.py"]))
    assert "attach_route" in shown
    assert "fetch_unread" not in shown
    assert disk.ask("‸", scope="open") == ()


def test_paths_are_shown_as_seen_from_their_workspace_folder() -> None:
    """The innermost one that holds them."""
    disk = Disk({"a/mail.py": MAIL, "routes.py": ROUTES}, folders=[ROOT, f"{ROOT}/a"])
    assert {each.path for each in disk.ask("‸")} == {"mail.py", "routes.py"}


@pytest.mark.parametrize("text", ["", "\n", "\0", "\ud800 = 1\n", "(" * 5_000, "def f(\n" * 3])
def test_any_text_can_be_indexed_and_asked_about(text: str) -> None:
    """Broken code is what an editor has most of the time."""
    disk = Disk({"odd.py": text, "mail.py": MAIL})
    assert "fetch_unread" in text_of(disk.ask(f"{text}‸{text}"))


def test_an_unknown_document_can_be_asked_about() -> None:
    """It need not have been put, and may lie anywhere."""
    index = Index(folders=[ROOT], read=lambda _: "")
    question = Question(path="/elsewhere/x.py", language="python", before="a.", after="")
    assert index.rank(question) == ()
    index.put(f"{ROOT}/mail.py", "python", MAIL)
    assert "fetch_unread" in text_of(index.rank(question))


def test_members_stand_in_what_they_are_nested_in() -> None:
    """Names recur: in Rust the members of a type lie in its `impl` blocks."""
    cart = "pub struct Cart {\n    total: u8,\n}\n\nimpl Cart {\n    fn add_row(&self) {}\n}\n"
    disk = Disk({"cart.rs": cart + "\nimpl Load for Cart {\n    fn load_rows() {}\n}\n"})
    shown = text_of(disk.ask("‸", name="main.rs"))
    assert "impl Cart {\n    fn add_row(&self) {}\n" in shown
    assert "impl Load for Cart {\n    fn load_rows() {}" in shown
    disk = Disk({"tags.ts": "export const tags = {\n  missing: 3,\n};\n"})
    assert "const tags = {\n  missing: 3," in text_of(disk.ask("tags.‸", name="main.ts"))


def test_branches_of_python_do_not_look_like_bodies() -> None:
    """What is indented and belongs to nothing is left out; members are not."""
    disk = Disk({"a.py": f"def parse_any(): ...\nif x:\n    def parse_row(): ...\n{MAIL}"})
    shown = text_of(disk.ask("‸"))
    assert "parse_any" in shown
    assert "parse_row" not in shown
    assert "limit = 100" in shown


def test_of_a_declaration_and_its_definition_one_is_shown() -> None:
    """The header and the source of C say the same."""
    files = {"row.h": "int load_row(int at);\n", "row.c": "int load_row(int number) {\n}\n"}
    assert text_of(Disk(files).ask("‸", name="main.c")).count("load_row") == 1


def test_a_short_signature_is_shown_whole_if_its_first_line_tells_nothing() -> None:
    """However far down it is ranked; a constant likewise."""
    many = "".join(f"def take_{n}th(row): ...\n" for n in range(30))
    end = "def take_rows(\n    lowest,\n):\n    pass\nTAKE_ALL = Union[\n    Lowest,\n]\n"
    shown = text_of(Disk({"rows.py": many + end}).ask("‸", budget=4_000))
    assert "def take_rows(\n    lowest,\n):" in shown
    assert "TAKE_ALL = Union[\n    Lowest,\n]" in shown
