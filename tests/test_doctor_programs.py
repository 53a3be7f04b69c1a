"""Programs that the doctor starts: what they see, how much of them is read, and how they end."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codestral_ls.commands.doctor import doctor
from codestral_ls.commands.doctor.checks import AllChecks
from codestral_ls.commands.doctor.doctor import Report, look_at
from codestral_ls.commands.doctor.editors import find_editors
from codestral_ls.commands.doctor.programs import MOST_READ, Programs
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.commands.doctor.running import Run
from tests.doctor_site import Machine

SECONDS = 8.0
"""For a process to do what it is waited for."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class Held:
    """A pipe that a program holds for as long as it runs."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.script = f"exec 3>{path}\necho up >&3\n/bin/sleep 60"
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def next(self) -> bytes:
        """What comes; nothing once nobody holds the pipe any more."""
        assert select.select([self._reader], [], [], SECONDS)[0], "nothing has happened"
        return os.read(self._reader, 100)

    def close(self) -> None:
        os.close(self._reader)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(machine: Machine, number: signal.Signals) -> None:
    """Neither an editor, nor what is to bring a key; and the status is a shell's."""
    editor, key = Held(machine.home / "editor"), Held(machine.home / "key")
    machine.program("nvim", editor.script)
    command = machine.program("key", key.script)
    (machine.folder / "c.toml").write_text(f'api_key_command = "{command}"')
    with subprocess.Popen(
        [sys.executable, "-m", "codestral_ls", "doctor"],
        env={**machine.environ, "CODESTRAL_LS_CONFIG": "c.toml", "CODESTRAL_LS_PROVIDER": "vllm"},
        cwd=machine.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert (editor.next(), key.next()) == (b"up\n", b"up\n")
        process.send_signal(number)
        assert process.wait(SECONDS) == 128 + number
        assert (editor.next(), key.next()) == (b"", b"")
        assert process.stderr is not None
        assert process.stderr.read() == b""
    editor.close()
    key.close()


class Recorded(AllChecks):
    """No checks, and whether they were ended."""

    ended = False

    def first(self) -> tuple[()]:
        return ()

    def end(self) -> None:
        self.ended = True


async def test_an_output_that_nobody_reads_leaves_nothing_behind(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with `| head -1`."""

    def write(_: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(doctor, "_write", write)
    checks, programs = Recorded({}, None, Redactor()), Programs(machine.environ)
    run = Run(until=5.0, now=lambda: 0.0)
    with pytest.raises(BrokenPipeError):
        await look_at(checks, run, Report(style=None, redactor=Redactor()), programs)
    assert checks.ended
    held = Held(machine.home / "pipe")
    whole = str(machine.program("late", held.script))
    programs.output((whole,), SECONDS)  # returns at once, because all of them have been ended
    held.close()


def test_a_program_that_prints_endlessly_is_read_as_far_as_needed(machine: Machine) -> None:
    """And then ended; the machine's memory is for others."""
    program = machine.program("nvim", "while :; do echo 'NVIM v0.12.4'; done")
    output = Programs(machine.environ).output((str(program),), SECONDS)
    assert len(output) == MOST_READ
    assert output.startswith("NVIM v0.12.4\n")


async def test_a_version_counts_though_a_child_holds_the_output(machine: Machine) -> None:
    """Some editors are started by scripts that leave one behind."""
    machine.program("emacs", "echo 'GNU Emacs 30.2'\n/bin/sleep 60")
    (found,) = await find_editors(Programs(machine.environ), seconds=0.5)
    assert found.version == "30.2"


def test_programs_do_not_see_keys(machine: Machine) -> None:
    """An editor has no use for them."""
    program = machine.program("nvim", 'echo "[$MISTRAL_API_KEY$CODESTRAL_LS_API_KEY$LANG]"')
    keys = {"MISTRAL_API_KEY": "a", "CODESTRAL_LS_API_KEY": "b", "LANG": "C"}
    output = Programs({**machine.environ, **keys}).output((str(program),), SECONDS)
    assert output == "[C]\n"


@pytest.mark.parametrize("part", ["", ".", "../bin"])
def test_nothing_of_the_folder_is_run(
    machine: Machine, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of the PATH that begin nowhere mean the folder, which may be a stranger's."""
    monkeypatch.chdir(machine.programs)
    machine.program("nvim", "echo 'NVIM v0.12.4'")
    assert Programs({"PATH": f"{part}:/none"}).find("nvim") == ""
    found = Programs({"PATH": f"{part}:{machine.programs}"}).find("nvim")
    assert found == str(machine.programs / "nvim")
    assert Programs({}).find("nvim") == ""


def test_what_cannot_be_run_has_printed_nothing(machine: Machine) -> None:
    """Its first line may name no program, and its name may be none."""
    broken = machine.programs / "kate"
    broken.write_text("#!/nonexistent\n")
    broken.chmod(0o755)
    programs = Programs(machine.environ)
    assert programs.output((str(broken),), SECONDS) == ""
    assert programs.output(("/\0",), SECONDS) == ""


def test_a_folder_that_is_gone_is_said(machine: Machine) -> None:
    """Everything else is looked at."""
    gone = machine.home / "gone"
    gone.mkdir()
    code = (
        "import os; os.rmdir(os.getcwd()); "
        "from codestral_ls.commands.doctor import run_doctor; "
        "raise SystemExit(run_doctor(as_json=True, environ=os.environ))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=machine.environ,
        cwd=gone,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    checks = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    for name in ("index", "privacy"):
        assert checks[name]["state"] == "warning"
        assert "is gone" in checks[name]["found"]
    assert checks["settings"]["state"] == "ok"
