"""Which files of a workspace are read, and in which order."""

import os
import subprocess
from pathlib import Path

import pytest

from codestral_ls.context.index import files as files_module
from codestral_ls.context.index import ignoring
from codestral_ls.context.index.files import File, Folder, Project, Tree
from codestral_ls.context.index.ignoring import read_bytes
from codestral_ls.context.index.written import FILE_BYTES, source_text
from tests.workspace_files import Write


def read(*folders: Path, near: str = "", most: int = 1_000) -> dict[str, str]:
    """The texts below folders by path, in the order of reading."""
    tree = Tree([folder.as_posix() for folder in folders], most=most)
    paths = [found.path for found in tree.walk([near]) if isinstance(found, File)]
    texts = {path: source_text(read_bytes(path, FILE_BYTES)) for path in paths}
    return {path: text for path, text in texts.items() if text}


def names(folder: Path, *, near: str = "", most: int = 1_000) -> list[str]:
    """The paths of what is read, relative to `folder`, in the order of reading."""
    return [path.removeprefix(f"{folder}/") for path in read(folder, near=near, most=most)]


def test_files_are_read_breadth_first(tmp_path: Path, write: Write) -> None:
    """The topmost are nearest to the limits' safe side; within a folder names decide."""
    for name in ("deep/er/a.py", "deep/b.py", "z.py", "c.py"):
        write(name)
    assert names(tmp_path) == ["c.py", "z.py", "deep/b.py", "deep/er/a.py"]


def test_texts_have_lf_line_ends(tmp_path: Path, write: Write) -> None:
    """CRLF and a lone CR become LF, and a byte order mark goes."""
    write("a.py", b"\xef\xbb\xbfone\r\ntwo\rthree\r\n")
    expected = "one\ntwo\nthree\n"
    assert read(tmp_path) == {f"{tmp_path}/a.py": expected}


def test_ignored_files_are_left_out(tmp_path: Path, write: Write) -> None:
    """Patterns of .gitignore hold for files and for whole folders."""
    write(".gitignore", "*.tmp.py\nbuild/\n/top.py\n")
    for name in ("a.tmp.py", "b.py", "build/c.py", "top.py", "sub/top.py", "sub/d.tmp.py"):
        write(name)
    assert names(tmp_path) == ["b.py", "sub/top.py"]


def test_nested_ignore_files_add_and_negate(tmp_path: Path, write: Write) -> None:
    """The innermost file that speaks of a path decides."""
    write(".gitignore", "*.tmp.py\n")
    write("sub/.gitignore", "!keep.tmp.py\nlocal.py\n")
    for name in ("keep.tmp.py", "local.py", "sub/keep.tmp.py", "sub/x.tmp.py", "sub/local.py"):
        write(name)
    assert names(tmp_path) == ["local.py", "sub/keep.tmp.py"]


def test_negation_cannot_reach_into_an_ignored_folder(tmp_path: Path, write: Write) -> None:
    """As in git, what is in an ignored folder stays out."""
    write(".gitignore", "out/\n!out/keep.py\n")
    write("out/keep.py")
    assert names(tmp_path) == []


def test_same_files_as_git(tmp_path: Path, write: Write) -> None:
    """What git would add is what is read."""
    write(".gitignore", "# comment\n*.tmp.py\n!important.tmp.py\ndocs/*.py\n/a/**/z.py\nfoo/\n")
    write("a/.gitignore", "*\n!*/\n!y.py\n")
    for name in ("a/y.py", "a/b/y.py", "a/b/z.py", "a/x.py", "docs/d.py", "docs/sub/d.py"):
        write(name)
    for name in ("m.py", "m.tmp.py", "important.tmp.py", "foo/f.py", "b/foo/f.py", "b/foo.py"):
        write(name)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True, env=environment)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    ).stdout.split()
    assert sorted(names(tmp_path)) == sorted(
        name for name in listed if not Path(name).name.startswith(".")
    )


def test_rules_of_the_repository_around_hold(tmp_path: Path, write: Write) -> None:
    """A workspace folder may be a part of a repository, which may have a private list."""
    write(".git/info/exclude", "private.py\n")
    write(".gitignore", "*.tmp.py\n")
    for name in ("part/a.py", "part/a.tmp.py", "part/private.py"):
        write(name)
    assert names(tmp_path / "part") == ["a.py"]


def test_folder_that_is_ignored_itself_can_be_opened(tmp_path: Path, write: Write) -> None:
    """Whoever opens it wants what is in it."""
    write(".git/config")
    write(".gitignore", "generated/\n")
    write("generated/a.py")
    assert names(tmp_path / "generated") == ["a.py"]


def test_broken_ignore_rules_are_passed_over(tmp_path: Path, write: Write) -> None:
    """One bad line does not switch the others off."""
    write(".gitignore", b"!\n\\\n\xff\xfe\n[z-a].o\nsecret.py\n")
    write("secret.py")
    write("a.py")
    assert names(tmp_path) == ["a.py"]


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".secrets/keys.py",
        "node_modules/m/index.js",
        "sub/venv/lib/a.py",
        "lib/site-packages/a.py",
        "key.pem",
        "poetry.lock",
    ],
)
def test_hidden_foreign_and_secret_files_are_left_out(
    tmp_path: Path, write: Write, name: str
) -> None:
    """They are left out even if nothing ignores them."""
    write(name)
    write("a.py")
    assert names(tmp_path) == ["a.py"]


def test_virtual_environment_of_any_name_is_left_out(tmp_path: Path, write: Write) -> None:
    """It is known by its marker."""
    write("python/pyvenv.cfg")
    write("python/lib/a.py")
    assert names(tmp_path) == []


def test_symbolic_links_are_not_followed(tmp_path: Path, write: Write) -> None:
    """Neither out of the workspace nor in circles."""
    write("a.py")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    assert names(tmp_path) == ["a.py"]


@pytest.mark.parametrize(
    "content",
    [
        b"text\0text\n",
        b"caf\xe9\n",
        b"x" * 6_000,
        b"var a=1;" * 60 + b"\n",
        b"x = 1\n" * 200_000,
        b"",
    ],
    ids=["binary", "latin-1", "one long line", "minified", "too large", "empty"],
)
def test_what_nobody_wrote_by_hand_is_left_out(
    tmp_path: Path, write: Write, content: bytes
) -> None:
    """Such a file has nothing to offer."""
    write("a.py", content)
    assert names(tmp_path) == []


def test_number_of_files_is_limited(tmp_path: Path, write: Write) -> None:
    """The walk ends after so many files."""
    for number in range(5):
        write(f"{number}.py")
    assert names(tmp_path, most=3) == ["0.py", "1.py", "2.py"]


def test_folders_are_limited_and_what_is_in_them(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits until a whole disk was searched, nor for a folder full of pictures."""
    for name in ("a", "b", "c"):
        write(f"{name}/1.py")
        write(f"{name}/2.py")
    monkeypatch.setattr(files_module, "MOST_FOLDERS", 3)
    assert len(names(tmp_path)) == 4
    monkeypatch.setattr(files_module, "MOST_ENTRIES", 1)
    assert len(names(tmp_path)) == 1


def test_folders_on_the_way_to_an_open_file_come_first(tmp_path: Path, write: Write) -> None:
    """What somebody works at is known long before the rest of a large workspace."""
    for name in ("a/x.py", "b/c/d/near.py", "b/y.py", "b/a/x.py", "z.py"):
        write(name)
    assert names(tmp_path, near=f"{tmp_path}/b/c/d/open.py") == [
        *("z.py", "b/y.py", "b/c/d/near.py"),
        *("a/x.py", "b/a/x.py"),
    ]


def test_unreadable_places_are_passed_over(tmp_path: Path, write: Write) -> None:
    """A folder that is gone, a file for a folder, a pipe: nothing raises."""
    file = write("a.py")
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / ".gitignore")
    assert names(tmp_path) == ["a.py"]
    assert read(tmp_path / "gone", file) == {}


def test_what_the_kernel_makes_up_is_not_read() -> None:
    """A file under /proc may wait for ever; all of them call themselves empty."""
    assert read(Path("/proc/self/task")) == {}
    assert read(Path("/proc"), Path("/sys"), Path("/dev")) == {}


def test_unreadable_file_is_passed_over(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that may not be opened is as good as none."""
    write("a.py")
    write("b.py")
    opened = Path.open

    def refuse(path: str, mode: str) -> object:
        if path.endswith("a.py"):
            raise PermissionError(path)
        return opened(Path(path), mode)

    monkeypatch.setattr(ignoring, "open", refuse, raising=False)
    assert names(tmp_path) == ["b.py"]


def test_folder_within_a_folder_is_read_once(tmp_path: Path, write: Write) -> None:
    """Workspace folders may overlap."""
    write("sub/a.py")
    write("b.py")
    assert len(read(tmp_path, tmp_path / "sub", tmp_path)) == 2


def test_folders_are_named_before_they_are_looked_at(tmp_path: Path, write: Write) -> None:
    """Whoever hangs there can be told; where a project begins is told before its files."""
    write("go.mod")
    write("sub/a.go")
    tree = Tree([str(tmp_path)])
    found = [each if isinstance(each, Folder | Project) else each.name for each in tree.walk()]
    top, sub = Folder(str(tmp_path)), Folder(f"{tmp_path}/sub")
    assert found == [top, Project(str(tmp_path)), sub, "a.go"]
    tree = Tree([str(tmp_path)], skip=[sub.path])
    assert sub not in list(tree.walk())


def found(tree: Tree, path: Path) -> list[str]:
    """What a tree finds at a path."""
    return [each.path for each in tree.find(str(path)) if isinstance(each, File)]


def test_single_paths_are_judged_as_in_a_walk(tmp_path: Path, write: Write) -> None:
    """A watcher tells of everything; what the walk would not take is not taken either."""
    write(".gitignore", "target/\n*.tmp.py\n")
    write("src/a.py")
    tree = Tree([str(tmp_path)])
    list(tree.walk())
    kept = [write("src/new.py"), write("fresh/deep/b.py")]
    left_out = ("target/c.py", "src/d.tmp.py", "node_modules/e.js", "src/.f.py", "src/g.csv")
    assert [found(tree, path) for path in kept] == [[str(kept[0])], [str(kept[1])]]
    assert [found(tree, write(name)) for name in left_out] == [[]] * len(left_out)
    assert found(tree, tmp_path / "gone.py") == []
    assert found(tree, tmp_path / "a\0b.py") == []
    assert found(tree, tmp_path.parent / "elsewhere.py") == []


def test_folder_that_comes_back_is_walked_again(tmp_path: Path, write: Write) -> None:
    """Once it is forgotten, it is new."""
    path = write("sub/a.py")
    tree = Tree([str(tmp_path)])
    list(tree.walk())
    assert found(tree, tmp_path / "sub") == []
    assert tree.forget(str(tmp_path / "sub"))
    assert not tree.forget(str(path))
    assert found(tree, tmp_path / "sub") == [str(path)]
