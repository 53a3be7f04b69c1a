"""Which languages are completed, and which one a file is in."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.grammars import GRAMMARS
from codestral_ls.languages import (
    IDENTIFIER_BY_NAME,
    LANGUAGE_BY_ENDING,
    LANGUAGE_BY_NAME,
    NOT_CODE,
    identifier_of,
    is_chosen,
    language_of,
    with_chosen,
)
from codestral_ls.layers import Layer, resolve
from codestral_ls.lexes import LEXES
from codestral_ls.model import Answer, Nothing, Reason, Trigger
from codestral_ls.settings import Settings
from tests.lsp_client import editing
from tests.lsp_model import Model
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for

USUAL = Settings().languages


def engine(*languages: str) -> Engine:
    settings = Settings(debounce_ms=0, languages=languages or USUAL)
    return engine_for(ScriptedProvider("word"), settings)


@pytest.mark.parametrize(
    "language",
    [
        *("plaintext", "log", "git-commit", "git-rebase", "scminput", "diff", "search-result"),
        *("text", "gitcommit", "gitrebase", "help", "man", "csv", "tsv", "git commit"),
        *("dotenv", "env"),
    ],
)
async def test_nobody_is_interrupted_where_there_is_no_code(language: str) -> None:
    """Without a setting, under the names of any editor, by hand as well; nobody is asked."""
    script = ScriptedProvider("word")
    quiet = engine_for(script, Settings(debounce_ms=0))
    for trigger in Trigger:
        outcome = await quiet.complete(request("a ‸\n", language=language, trigger=trigger))
        assert isinstance(outcome, Nothing)
        assert outcome.reason is Reason.LANGUAGE_OFF
        assert f'["code", "{language}"]' in outcome.detail
    assert script.prompts == []


@pytest.mark.parametrize("language", ["python", "markdown", "latex", "yaml", "brainfuck", ""])
async def test_all_else_is_completed(language: str) -> None:
    """Markup too, and what no table knows."""
    outcome = await engine().complete(request("a ‸\n", language=language))
    assert isinstance(outcome, Answer)


@pytest.mark.parametrize(
    ("chosen", "on", "off"),
    [
        (["code"], ["python", "markdown"], ["plaintext", "diff"]),
        (["code", "plaintext"], ["python", "plaintext"], ["diff"]),
        (["code", "!markdown"], ["python"], ["markdown", "plaintext"]),
        (["!markdown"], ["python"], ["markdown", "plaintext"]),
        (["python", "plaintext"], ["python", "plaintext"], ["go", "diff"]),
        (["*"], ["python", "plaintext", "diff"], []),
        (["*", "!plaintext"], ["python", "diff"], ["plaintext"]),
        (["go", "!go"], [], ["go", "python"]),
        ([], [], ["python", "plaintext"]),
    ],
)
def test_a_list_means_what_it_says(
    chosen: Sequence[str], on: Sequence[str], off: Sequence[str]
) -> None:
    """A name turns on, `!name` off; alone it leaves the others as they are."""
    assert [each for each in (*on, *off) if is_chosen(each, chosen)] == [*on]


@pytest.mark.parametrize(
    ("chosen", "language", "wider"),
    [
        (["code"], "plaintext", ["code", "plaintext"]),
        (["python"], "go", ["python", "go"]),
        (["*", "!diff"], "diff", ["*"]),
        (["!diff"], "diff", ["code", "diff"]),
        (["!markdown"], "diff", ["code", "!markdown", "diff"]),
        (["!go"], "go", ["code"]),
        (["go", "!go"], "go", ["go"]),
    ],
)
def test_what_to_set_is_the_smallest_change(
    chosen: Sequence[str], language: str, wider: Sequence[str]
) -> None:
    """It turns the language on, and changes nothing else."""
    assert with_chosen(language, chosen) == wider
    for each in {"python", "go", "markdown", *NOT_CODE} - {language}:
        assert is_chosen(each, wider) == is_chosen(each, chosen)


async def test_what_the_reason_says_helps() -> None:
    """The list in it can be set as it stands."""
    outcome = await engine("python").complete(request("a ‸\n", language="diff"))
    assert isinstance(outcome, Nothing)
    said = outcome.detail.partition(" to [")[2].rstrip("]").replace('"', "")
    settings, problems = resolve([Layer("environment", {"languages": said})])
    assert problems == ()
    widened = await engine(*settings.languages).complete(request("a ‸\n", language="diff"))
    assert isinstance(widened, Answer)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("app.py", "python"),
        ("APP.PY", "python"),
        ("Makefile", "makefile"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", "plaintext"),
        ("fix.patch", "diff"),
        ("LICENSE", "plaintext"),
        (".env", "dotenv"),
        ("COMMIT_EDITMSG", "git-commit"),
        ("git-rebase-todo", "git-rebase"),
        ("index.mjs", "javascript"),
    ],
)
def test_a_files_name_says_its_language(name: str, language: str) -> None:
    """As VS Code calls it; what says nothing is plain text, as there."""
    assert language_of(Path(name).name) == language


def test_every_language_we_know_by_name_has_its_facts() -> None:
    """Falling back to C is for languages nobody has heard of."""
    known = {*LANGUAGE_BY_ENDING.values(), *LANGUAGE_BY_NAME.values(), *GRAMMARS}
    assert known - NOT_CODE <= LEXES.keys()


EDITORS = {
    "Neovim": {
        "sh": "shellscript",
        "zsh": "shellscript",
        "cs": "csharp",
        "make": "makefile",
        "objc": "objective-c",
        "tex": "latex",
        "plaintex": "latex",
        "rst": "restructuredtext",
        "typescriptreact": "typescriptreact",
        "typescript.tsx": "typescriptreact",
        "yaml.docker-compose": "yaml",
        "python3": "python",
        "gitcommit": "git-commit",
        "dosbatch": "bat",
        "ps1": "powershell",
        "dosini": "ini",
        "text": "plaintext",
    },
    "Emacs": {
        "bash-ts": "shellscript",
        "c-or-c++": "cpp",
        "c-or-c++-ts": "cpp",
        "c++": "cpp",
        "sh": "shellscript",
        "js": "javascript",
        "js-json": "json",
        "tsx-ts-mode": "typescriptreact",
        "emacs-lisp": "elisp",
        "makefile-gmake": "makefile",
        "nxml": "xml",
        "LaTeX": "latex",
        "cperl": "perl",
        "tuareg": "ocaml",
        "go-ts": "go",
        "fundamental": "fundamental",
    },
    "Helix": {
        "bash": "shellscript",
        "c-sharp": "csharp",
        "make": "makefile",
        "jsx": "javascriptreact",
        "git-commit": "git-commit",
        "protobuf": "proto",
        "env": "dotenv",
        "latex": "latex",
    },
    "Zed": {
        "Shell Script": "shellscript",
        "C++": "cpp",
        "CSharp": "csharp",
        "TSX": "typescriptreact",
        "Plain Text": "plaintext",
        "Vue.js": "vue",
    },
    "VS Code": {each: each for each in ("shellscript", "csharp", "objective-cpp", "python", "go")},
}
"""What they call languages, and the identifiers that are meant."""


@pytest.mark.parametrize("editor", EDITORS)
def test_a_language_is_the_same_in_every_editor(editor: str) -> None:
    """Rules, settings and the index know it by one name."""
    assert {name: identifier_of(name) for name in EDITORS[editor]} == EDITORS[editor]


def test_identifiers_stay_what_they_are() -> None:
    """A file's name leads to one, and a language that no table has keeps its name."""
    known = {*LANGUAGE_BY_ENDING.values(), *LANGUAGE_BY_NAME.values(), *NOT_CODE}
    known |= set(IDENTIFIER_BY_NAME.values())
    assert {each for each in known if identifier_of(each) != each} == set()
    assert {*IDENTIFIER_BY_NAME.values()} - NOT_CODE <= LEXES.keys()
    assert [identifier_of(each) for each in ("brainfuck", "", ".", "a-mode")] == [
        *("brainfuck", "", ".", "a"),
    ]


@pytest.mark.parametrize(
    ("chosen", "on", "off"),
    [
        (["sh", "cs"], ["sh", "shellscript", "bash", "csharp"], ["python"]),
        (["code", "!cs"], ["python", "shellscript"], ["csharp", "cs", "c-sharp"]),
        (["!C#"], ["python"], ["csharp"]),
        (["code", "text"], ["plaintext", "python"], ["gitcommit"]),
    ],
)
def test_a_setting_may_say_what_the_editor_says(
    chosen: Sequence[str], on: Sequence[str], off: Sequence[str]
) -> None:
    """Whatever name it is, the language is meant."""
    assert [each for each in (*on, *off) if is_chosen(each, chosen)] == [*on]
    assert with_chosen("bash", ["code", "!sh", "!go"]) == ["code", "!go"]


async def test_a_document_is_known_by_the_identifier() -> None:
    """From its opening on, in prompts and in what is told of it."""
    async with editing("", Model(), context="file", languages=["sh"]) as client:
        client.open("echo ", language="bash")
        assert await client.ghost(0, 5)
        assert client.model.prompts[-1].language == "shellscript"
        (told,) = await client.request("codestral/explain")
        assert told["language"] == "shellscript"
