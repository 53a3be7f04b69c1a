"""The Lisp package for Emacs, as Emacs' own tools and its archives would have it."""

import subprocess
from pathlib import Path

import pytest

from tests.editors.emacs import PACKAGE, README, find_emacs, find_packages, lisp
from tests.parts import require

pytestmark = pytest.mark.emacs

SNIPPET = Path(__file__).parents[2] / "codestral_ls/commands/doctor/snippets/emacs.el"
QUIET = "(setq native-comp-enable-subr-trampolines nil native-comp-jit-compilation nil)"
NO_HOME = "codestral-ls.el:1:0: error: Package should have a Homepage or URL header."
"""The one finding that stays: where the project has its page is for whoever publishes it."""


def check(tmp_path: Path, *words: str) -> str:
    """Runs Emacs without configuration on copies of the files; returns what it says."""
    command = [require(find_emacs), "--quick", "--batch", "--eval", QUIET, "-L", ".", *words]
    files = sorted(each.name for each in PACKAGE.glob("*.el"))
    assert "codestral-ls.el" in files
    for name in files:
        (tmp_path / name).write_text((PACKAGE / name).read_text("utf-8"), "utf-8")
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*command, *files],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def test_the_package_compiles_without_warnings(tmp_path: Path) -> None:
    """Each file, with every warning being an error."""
    strict = "(setq byte-compile-error-on-warn t)"
    said = check(tmp_path, "--eval", strict, "-f", "batch-byte-compile")
    assert said == ""
    assert len(list(tmp_path.glob("*.elc"))) == len(list(PACKAGE.glob("*.el")))


def test_its_documentation_is_in_order(tmp_path: Path) -> None:
    """As `checkdoc' has it."""
    look = "(progn (mapc #'checkdoc-file command-line-args-left) (kill-emacs))"
    assert check(tmp_path, "--eval", look) == ""


def test_it_is_fit_for_an_archive(tmp_path: Path) -> None:
    """As `package-lint' has it."""
    packages = lisp(require(lambda: str(find_packages())))
    load = (
        f"(progn (add-to-list 'package-directory-list {packages}) (package-initialize)"
        ' (require \'package-lint) (setq package-lint-main-file "codestral-ls.el"))'
    )
    said = check(tmp_path, "--eval", load, "-f", "package-lint-batch-and-exit").splitlines()
    assert [line for line in said if not line.startswith("Entering")] == [NO_HOME]


def test_the_doctor_shows_the_same_lines() -> None:
    """What `codestral-ls doctor` gives for Emacs is what is tried here, but for the folder."""
    shown = [line for line in SNIPPET.read_text("utf-8").splitlines() if line[0] != ";"]
    assert [each.split('"')[0::2] for each in shown] == [
        each.split('"')[0::2] for each in README.splitlines()
    ]
