"""Editors that the doctor finds, and how all of it is printed."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from codestral_ls.commands.doctor.editors import (
    EDITORS,
    describe,
    find_editors,
    read_snippets,
    version_in,
)
from codestral_ls.commands.doctor.findings import Result, State, failed, fine, unchecked, warned
from codestral_ls.commands.doctor.printing import (
    blocked_line,
    editor_lines,
    json_text,
    result_lines,
    style_for,
    verdict,
)
from codestral_ls.commands.doctor.programs import Programs
from tests.doctor_site import Machine
from tests.forked_doctor import ForkedMachine

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PLAIN = style_for(encoding="utf-8", is_terminal=False, environ={}, width=80)
BY_NAME = {each.name: each for each in EDITORS}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


@pytest.mark.parametrize("name", sorted(read_snippets()))
def test_configurations_are_those_of_the_readme(name: str) -> None:
    """Word for word: what is shown has been tried."""
    assert read_snippets()[name].strip() in README


def test_every_configuration_belongs_to_an_editor() -> None:
    """And every one that an editor names is there."""
    named = {offer.snippet for editor in EDITORS for offer in editor.offers} - {""}
    assert named == set(read_snippets())


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("NVIM v0.12.4\nBuild type: Release\nLuaJIT 2.1.0", "0.12.4"),
        ("NVIM v0.13.0-dev-12+g1a2b3c4d5e", "0.13.0"),
        ("helix 25.07.1 (a05c151b)", "25.07.1"),
        ("GNU Emacs 30.2\nCopyright (C) 2025", "30.2"),
        ("1.139.1\nc6f8a2f0e1\nx64", "1.139.1"),
        ("Sublime Text Build 4200", "4200"),
        ("Kakoune v2024.05.18", "2024.05.18"),
        ("VIM - Vi IMproved 9.1 (2024 Jan 02)", "9.1"),
        ("no idea", ""),
        ("", ""),
    ],
)
def test_a_version_is_found_in_what_an_editor_prints(output: str, version: str) -> None:
    """The first number, which is its own."""
    assert version_in(output) == version


@pytest.mark.parametrize(
    ("version", "offers", "configured"),
    [
        ("0.12.4", "draws ghost text", True),
        ("0.13.0", "draws ghost text", True),
        ("1.0", "draws ghost text", True),
        ("0.11.6", "completion menu", False),
        ("0.9.5", "too old", False),
        ("", "draws ghost text", True),
    ],
)
def test_what_neovim_offers_depends_on_its_version(
    version: str, offers: str, *, configured: bool
) -> None:
    """Only the newer ones get lines that they understand."""
    found = describe(BY_NAME["Neovim"], "/bin/nvim", f"NVIM v{version}", read_snippets())
    assert offers in found.offers
    assert bool(found.configuration) is configured
    assert configured or "0.12" in found.advice


def test_editors_are_found_on_the_path(machine: Machine) -> None:
    """Also one whose version cannot be had, because it fails."""
    machine.program("nvim", "echo 'NVIM v0.12.4'")
    machine.program("hx", "kill $$")
    machine.program("emacs", "exit 3")
    editors = {each["name"]: each for each in machine.report().editors}
    assert list(editors) == ["Neovim", "Helix", "Emacs"]
    neovim = editors["Neovim"]
    assert neovim["version"] == "0.12.4"
    assert neovim["command"] == str(machine.programs / "nvim")
    assert neovim["configuration"] == read_snippets()["neovim.lua"]
    assert editors["Helix"]["version"] == ""
    assert "menu" in editors["Helix"]["offers"]
    assert editors["Emacs"]["configuration"] == read_snippets()["emacs.el"]


async def test_an_editor_that_hangs_is_ended_with_all_that_it_has_started(machine: Machine) -> None:
    """What holds the pipe open is a child of the program."""
    pipe = machine.home / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    machine.program("hx", f"exec 3>{pipe}\n/bin/sleep 600\necho never")
    (found,) = await find_editors(Programs({"PATH": str(machine.programs)}), seconds=0.2)
    assert (found.name, found.version) == ("Helix", "")
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # comes when nobody holds it any more
    os.close(reader)


def test_lines_are_for_people(machine: Machine) -> None:
    """No colour where nobody looks, and the configuration ready to be copied."""
    machine.program("hx", "echo 'helix 25.07.1'")
    done = machine.run(PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "\n✓ settings                 none (" in done.stdout
    assert (
        "\n! provider                 offline, because no key is set\n    → For Codestral"
        in done.stdout
    )
    assert f"\n  Helix 25.07.1 ({machine.programs / 'hx'}): has no ghost text" in done.stdout
    assert '      command = "codestral-ls"\n' in done.stdout
    assert done.stdout.endswith("\nAll is well; 1 warning (provider).\n")


def test_what_was_left_out_for_the_same_reason_stands_on_one_line(machine: Machine) -> None:
    """One cause, one line with advice, and one with what it keeps from being looked at."""
    done = machine.run(
        PYTHONIOENCODING="utf-8",
        CODESTRAL_LS_PROVIDERS="llama.cpp@http://nowhere.invalid:8012",
    )
    assert done.returncode == 1
    left_out = "connection, TLS, answer, model, context, completion, limits; because of: DNS"
    assert f" not looked at            {left_out}\n" in done.stdout
    assert done.stdout.count("because of") == 1
    assert done.stdout.endswith("\nSomething is wrong. Begin with: DNS.\n")


def test_checks_of_several_endpoints_that_were_left_out_are_named_once() -> None:
    """They are the same ones."""
    left_out = [
        Result(name=f"{label}: {name}", finding=unchecked(""), blocked_by="settings")
        for label in ("x", "y")
        for name in ("key", "DNS")
    ]
    line = blocked_line(left_out, PLAIN)
    assert line.endswith(" key, DNS; because of: settings\n")


def test_an_output_that_is_not_for_unicode_gets_ascii(machine: Machine) -> None:
    """Signs as well as arrows."""
    done = machine.run(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.stdout.isascii()
    assert "\n+ settings " in done.stdout
    assert "\n    -> For Codestral" in done.stdout


def test_colour_is_for_terminals_alone() -> None:
    """And not for those who do not want any."""
    for is_terminal, environ, colour in (
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
    ):
        style = style_for(encoding="utf-8", is_terminal=is_terminal, environ=environ)
        line = result_lines(Result(name="x", finding=failed("a", "b\nc")), style)
        assert line.startswith("\x1b[31m✗\x1b[0m x" if colour else "✗ x")
        assert line.endswith(" a\n    → b\n      c\n")


def test_the_last_line_says_where_to_begin() -> None:
    """With the first failure, since the others may come from it."""
    results = [
        Result(name="a", finding=fine("")),
        Result(name="b", finding=failed("", "")),
        Result(name="c", finding=warned("", "")),
        Result(name="d", finding=failed("", "")),
    ]
    said = "\nSomething is wrong. Begin with: b, then what else is wrong (1).\n"
    assert verdict(results, PLAIN) == said
    assert verdict(results[:1], PLAIN) == "\nAll is well.\n"
    warnings = [results[2], Result(name="e", finding=warned("", ""))]
    assert verdict(warnings, PLAIN) == "\nAll is well; 2 warnings (c, e).\n"


def test_the_last_line_names_the_cause_and_who_serves_meanwhile() -> None:
    """A failure may come from what was only a warning before, and another provider may do."""
    because = replace(failed("", ""), cause="x: model")
    results = [
        Result(name="x: completion", finding=because),
        Result(name="y: answer", finding=fine("")),
    ]
    said = "\nSomething is wrong. Begin with: x: model."
    assert verdict(results, PLAIN) == f"{said}\n"
    results.append(Result(name="y: completion", finding=fine("")))
    assert verdict(results, PLAIN) == f"{said} Meanwhile y serves.\n"


def test_lines_are_as_wide_as_the_terminal() -> None:
    """What follows stands below what it belongs to, and what is to be copied stays together."""
    advice = f"Do it: `{'make it ' * 4}so`. {'word ' * 12}"
    result = Result(name="a", finding=failed("found " * 12, advice))
    first, second, third, *others = result_lines(result, PLAIN).splitlines()
    assert first == f"✗ a{' ' * 24}{'found ' * 9}".rstrip()
    assert second == f"{' ' * 27}{'found ' * 3}".rstrip()
    assert third.startswith(f"    → Do it: `{'make it ' * 4}so`. word")
    assert all(each.startswith("      word") for each in others)
    words = " ".join([third, *others]).split()
    assert words == ["→", *advice.split()]
    assert max(map(len, (first, second, third, *others))) <= 80


def test_json_is_as_documented() -> None:
    """A program needs no words."""
    result = Result(name="a", finding=unchecked("why"), seconds=1.23456)
    told = json.loads(json_text([result], []))
    row = {"name": "a", "state": "not checked", "found": "why", "advice": "", "seconds": 1.235}
    assert told == {"ok": True, "checks": [row], "editors": []}
    assert {each.value for each in State} == {"ok", "warning", "failed", "not checked"}
    assert "No editor" in editor_lines(
        [], style_for(encoding="ascii", is_terminal=False, environ={})
    )
