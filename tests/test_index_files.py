"""Files come, change and go; open ones are as the editor has them."""

import random

import pytest

from codestral_ls.context.index.projects import Projects
from codestral_ls.context.index.record import CHUNK_LINES
from tests.ranked import ROOT, Disk, lines_of, text_of


def test_a_file_that_was_put_again_or_dropped_leaves_no_trace() -> None:
    """Neither in what is shown nor in the order of the rest."""
    files = {f"part{n}.py": f"def take_part{n}a(): ...\nVALUE_{n}A = 1\n" for n in range(5)}
    disk, fresh = Disk(files | {"gone.py": "def take_gone(): ...\n" * 3}), Disk(files)
    for version in range(40):
        disk.save("part3.py", f"def take_older{version}x(): ...\nVALUE_OLD = 1\n")
    disk.save("part3.py", files["part3.py"])
    disk.index.drop(f"{ROOT}/gone.py")
    assert disk.index.files == fresh.index.files
    assert disk.index.symbols == fresh.index.symbols
    assert disk.ask("take_‸ = VALUE") == fresh.ask("take_‸ = VALUE")
    assert "take_part3a" in text_of(disk.ask("‸"))
    assert "gone" not in text_of(disk.ask("take_gone(‸"))
    assert "older" not in text_of(disk.ask("take_older7x(‸"))


def test_thousands_of_changes_leave_no_trace() -> None:
    """Also when most of what is known has died."""
    chance = random.Random(7)  # noqa: S311 - the same changes each time
    files = {f"m{n}.py": f"def call_{n}th(): ...\n" for n in range(30)}
    disk, fresh = Disk(files), Disk(files)
    for number in range(600):
        name = f"m{chance.randrange(30)}.py"
        words = " ".join(f"w{chance.randrange(3_000)}x" for _ in range(150))
        disk.save(name, f"def older_{number}th(): ...\n# {words}\n")
    for name, text in files.items():
        disk.save(name, text)
    assert disk.ask("call_‸") == fresh.ask("call_‸")


def test_the_buffer_shadows_the_disk_until_it_is_closed() -> None:
    """Unsaved definitions are shown, those on the disk are not."""
    disk = Disk({"mail.py": "def saved_name(): ...\n"})
    disk.open("mail.py", "def unsaved_name(): ...\n")
    shown = text_of(disk.ask("‸"))
    assert "unsaved_name" in shown
    assert "def saved_name" not in shown
    disk.put(f"{ROOT}/mail.py")
    shown = text_of(disk.ask("‸"))
    assert "def saved_name" in shown
    assert "unsaved_name" not in shown


def test_each_keystroke_in_another_document_is_taken_in() -> None:
    """When it is needed: as soon as a question comes from elsewhere."""
    disk = Disk({"mail.py": ""})
    for end in range(len("def typed_later(): ...\n") + 1):
        disk.open("mail.py", "def typed_later(): ...\n"[:end])
    assert "def typed_later(): ..." in lines_of(disk.ask("‸"))


def test_a_file_that_has_gone_from_the_disk_is_not_shown() -> None:
    """Even before anybody says that it has."""
    disk = Disk({"mail.py": "def fetch_mail(): ...\n", "post.py": "def fetch_post(): ...\n"})
    del disk.texts[f"{ROOT}/mail.py"]
    shown = text_of(disk.ask("fetch_‸"))
    assert "fetch_post" in shown
    assert "fetch_mail" not in shown


LOOP = """\
def deliver_orders(warehouse, carrier):
    for parcel in warehouse.parcels:
        label = carrier.print_label(parcel)
        parcel.attach_label(label)
        carrier.schedule_pickup(parcel, label)
        warehouse.parcels.remove(parcel)
"""
ALIKE = "for parcel in warehouse.parcels:\n    label = carrier.print_label(parcel)\n    ‸\n"


def test_a_piece_that_reads_alike_is_shown_as_it_stands() -> None:
    """As it is on the disk, without what the window holds."""
    disk = Disk({"deliver.py": LOOP, "other.py": "def unrelated(): ...\n"})
    (snippet,) = (each for each in disk.ask(ALIKE) if each.path == "deliver.py")
    assert "        carrier.schedule_pickup(parcel, label)" in snippet.text.split("\n")


def test_a_piece_that_was_changed_on_the_disk_is_not_shown() -> None:
    """What the index knows must still stand there."""
    disk = Disk({"deliver.py": LOOP, "other.py": "def unrelated(): ...\n"})
    disk.texts[f"{ROOT}/deliver.py"] = LOOP.replace("schedule_pickup", "secret_thing")
    shown = text_of(disk.ask(ALIKE))
    assert "secret_thing" not in shown
    assert "schedule_pickup" not in shown


@pytest.mark.parametrize("budget", [130, 4_000])
def test_the_document_is_no_source_for_itself(budget: int) -> None:
    """What its saved version says of the place counts nowhere: not as text, not as a mention."""
    many = "".join(f"def fill_{{0}}_slot{n}(): ...\n" for n in range(60))
    others = {f"lib{n}/fill.py": many.format(f"row{n}") for n in range(9)}
    filler = "x = 1\n" * CHUNK_LINES
    saved = f"{filler}fill_row8_slot59(fill_row0_slot7)\ndef only_here(): ...\n"
    with_saved = Disk(others | {"main.py": saved}).ask(f"{filler}‸\n", budget=budget)
    assert with_saved == Disk(others | {"main.py": filler}).ask(f"{filler}‸\n", budget=budget)
    assert "fill" in text_of(with_saved)
    assert "only_here" not in text_of(with_saved)


def test_tests_of_go_are_shown_to_tests_alone() -> None:
    """The language does not let others see what they define."""
    disk = Disk({"cart/cart_test.go": "package cart\n\nfunc newCart() *Cart { return nil }\n"})
    assert disk.ask("package cart\n‸", name="cart/main.go") == ()
    assert "newCart" in text_of(disk.ask("package cart\n‸", name="cart/main_test.go"))


def test_compiled_twins_are_not_shown() -> None:
    """Their sources say the same; a script without a source is one itself."""
    text = "export function openCart() {}\n"
    files = {"lib/src/cart.ts": text, "lib/dist/cart.d.mts": text.replace("()", "(twin)")}
    disk = Disk(files | {"lib/build/rows.js": "export function openRows() {}\n"})
    shown = {each.path for each in disk.ask("‸", name="main.ts")}
    assert shown == {"lib/src/cart.ts", "lib/build/rows.js"}
    assert "twin" in text_of(disk.ask("‸", name="lib/dist/main.js")), "whoever works there"


def test_a_workspace_may_be_the_whole_disk() -> None:
    """Its folder has no name."""
    disk = Disk({"mail.py": "def fetch_mail(): ...\n"}, folders=["/"])
    assert [each.path for each in disk.ask("‸")] == [f"{ROOT}/mail.py".removeprefix("/")]


@pytest.mark.parametrize("top", ["/home/me", "/"])
def test_a_manifest_at_the_top_of_a_workspace_makes_it_one_project(top: str) -> None:
    """Else each folder there is one."""
    projects = Projects([top])
    assert projects.project_of("/home/me/aa/bb") == ("/home/me/aa" if top != "/" else "/home")
    projects.put_manifest(top.rstrip("/"))
    assert projects.project_of("/home/me/aa/bb") == top.rstrip("/")
