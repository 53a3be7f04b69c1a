"""The rules of privacy as a walk over the files of a workspace folder asks for them."""

import os
from pathlib import Path

import pytest

from codestral_ls.context import access
from codestral_ls.context.access import IGNORE_FILE, PathRules, read_ignore_file
from codestral_ls.context.privacy import OUTSIDE, Ignored
from tests.workspace_files import Write

LISTED = "listed in .codestralignore"
NOT_READ = "unreadable .codestralignore"


def test_an_ignore_file_is_read(tmp_path: Path, write: Write) -> None:
    """A folder without one has no rules."""
    assert read_ignore_file(str(tmp_path)) is None
    assert read_ignore_file(str(tmp_path / "missing")) is None
    write(IGNORE_FILE, b"\xef\xbb\xbf*.sql\n")
    rules = read_ignore_file(str(tmp_path))
    assert rules is not None
    assert rules.spec is not None


@pytest.mark.parametrize(
    "content", [b"\xff\xfe*\n", "a.py\n".encode("utf-16-le"), b"#" * (access.RULES_BYTES + 1)]
)
def test_an_ignore_file_that_is_no_text_denies(
    tmp_path: Path, write: Write, content: bytes
) -> None:
    """So does one that is too long."""
    write(IGNORE_FILE, content)
    assert PathRules(tmp_path).denial(str(tmp_path / "a.py")) == NOT_READ


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening it would block; what is in it is unknown."""
    os.mkfifo(tmp_path / IGNORE_FILE)
    assert PathRules(tmp_path).denial(str(tmp_path / "a.py")) == NOT_READ


def test_a_link_that_leads_nowhere_in_the_place_of_an_ignore_file_denies(tmp_path: Path) -> None:
    """There are rules, and nobody knows them."""
    (tmp_path / IGNORE_FILE).symlink_to(tmp_path / "missing")
    assert PathRules(tmp_path).denial(str(tmp_path / "a.py")) == NOT_READ


def test_links_below_a_folder_are_judged_by_where_they_lead(tmp_path: Path, write: Write) -> None:
    """An open document may be one, or lie in a linked folder."""
    write(f"w/{IGNORE_FILE}", "closed/\n")
    for name in ("w/closed/a.py", ".ssh/a.py", "w/open/a.py"):
        write(name)
    links = {"file.py": "w/closed/a.py", "folder": "w/closed", "ssh": ".ssh", "ok": "w/open"}
    for name, target in links.items():
        (tmp_path / "w" / name).symlink_to(tmp_path / target)
    rules = PathRules(tmp_path / "w")
    names = ("file.py", "folder/a.py", "ssh/a.py", "ok/a.py")
    verdicts = [rules.denial(str(tmp_path / "w" / name)) for name in names]
    assert verdicts == [LISTED, LISTED, "secret file: .ssh/", ""]


def test_files_of_a_folder_are_judged_one_by_one(tmp_path: Path, write: Write) -> None:
    """As documents are, with each folder's ignore file read once."""
    write(IGNORE_FILE, "*.sql\nclosed/\n")
    write(f"sub/{IGNORE_FILE}", "!a.sql\n")
    rules = PathRules(tmp_path, ("gen/x/",))
    verdicts = {
        name: rules.denial(str(tmp_path / name))
        for name in ("a.py", "a.sql", "sub/a.sql", "closed/a.py", "closed/b/c.py", "gen/x/a.py",
                     "gen/y.py", ".env", ".aws/x.py")
    }  # fmt: skip
    assert verdicts == {
        "a.py": "",
        "a.sql": LISTED,
        "sub/a.sql": "",
        "closed/a.py": LISTED,
        "closed/b/c.py": LISTED,
        "gen/x/a.py": "listed in disabled_paths",
        "gen/y.py": "",
        ".env": "secret file: .env",
        ".aws/x.py": "secret file: .aws/",
    }


def test_each_folder_is_read_once(tmp_path: Path) -> None:
    """A walk comes by with thousands of files."""
    read: list[str] = []

    def reading(folder: str) -> Ignored | None:
        read.append(folder)
        return None

    rules = PathRules(tmp_path.resolve(), read=reading)
    for n in range(100):
        assert rules.denial(str(tmp_path.resolve() / "a" / f"{n}.py")) == ""
    assert len(read) == len(set(read))
    assert read[-1] == str(tmp_path.resolve() / "a")


def test_what_is_elsewhere_is_outside(tmp_path: Path) -> None:
    """Also a neighbour whose name begins the same."""
    rules = PathRules(tmp_path / "w")
    assert rules.denial(str(tmp_path / "w2" / "a.py")) == OUTSIDE
    assert rules.denial(str(tmp_path / "a.py")) == OUTSIDE


def test_a_linked_folder_is_judged_by_where_it_is(tmp_path: Path, write: Write) -> None:
    """Its rules are around its real place as well."""
    write(f"real/{IGNORE_FILE}", "*.sql\n")
    write("real/sub/a.sql")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "sub")
    assert PathRules(tmp_path / "link").denial(str(tmp_path / "link" / "a.sql")) == LISTED
