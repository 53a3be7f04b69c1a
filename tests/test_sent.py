"""What a real server sends to an endpoint: lines of other files, and no secrets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.languages import language_of
from tests.command import run
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.lsp_process import COMMAND, ServerProcess, call, note
from tests.planted import PLANTED

KEY = "test-key-0000"
BOATS = '''"""Boats and their crews."""


class Boat:
    """Floats."""

    def hoist_mainsail(self, reefs: int = 0) -> None:
        """Up with it."""


def launch_boat(name: str, length_in_feet: float) -> Boat:
    """Into the water."""
    return Boat()
'''
MAIN = "from lib.boats import Boat\n\n\ndef sail(boat: Boat) -> None:\n    boat.\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serve_in_thread(Behaviour(text="ghost()")) as running:
        yield running


class Editor:
    """A real server over a folder, and an editor that has it open."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.server = server
        self.last = 1
        workspace = [{"uri": folder.as_uri(), "name": "w"}]
        ghost: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}}
        first = {"processId": None, "workspaceFolders": workspace, "capabilities": ghost}
        server.send(call(1, "initialize", {**first, "rootUri": folder.as_uri()}))
        server.reply(1)
        server.send(note("initialized", {}))

    def open(self, path: Path) -> None:
        document = {"uri": path.as_uri(), "languageId": language_of(path.name), "version": 0}
        text = path.read_text("utf-8")
        self.server.send(note("textDocument/didOpen", {"textDocument": {**document, "text": text}}))

    def ask(self, path: Path, line: int, character: int) -> list[dict[str, Any]]:
        """Asks by hand, so that nothing keeps quiet."""
        self.last += 1
        place = {"position": {"line": line, "character": character}}
        params = {**place, "textDocument": {"uri": path.as_uri()}, "context": {"triggerKind": 1}}
        self.server.send(call(self.last, "textDocument/inlineCompletion", params))
        items: list[dict[str, Any]] = self.server.reply(self.last)["result"]
        return items

    def explain(self) -> dict[str, Any]:
        """What became of the latest request."""
        self.last += 1
        self.server.send(call(self.last, "codestral/explain", []))
        latest: dict[str, Any] = self.server.reply(self.last)["result"][-1]
        return latest


def serving(endpoint: Endpoint, **settings: str) -> ServerProcess:
    usual = {"provider": "mistral", "api_key": KEY, "candidates": "1"}
    return ServerProcess(command=COMMAND, endpoint=endpoint.url, **usual, **settings)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def ask_until_shown(editor: Editor, endpoint: Endpoint, path: Path, wanted: str) -> str:
    """The last prompt; asks in one line after the other until the index has come so far."""
    prompt = ""
    for line in range(400):
        editor.ask(path, line, 0)
        if endpoint.completions:
            prompt = endpoint.completions[-1].body["prompt"]
        if wanted in prompt:
            break
    return prompt


def test_definitions_of_other_files_are_sent(endpoint: Endpoint, tmp_path: Path) -> None:
    """Below headers with their paths, the document last."""
    write(tmp_path, {"lib/boats.py": BOATS, "main.py": MAIN + "\n" * 400})
    with serving(endpoint) as server:
        editor = Editor(server, tmp_path)
        editor.open(tmp_path / "main.py")
        prompt = ask_until_shown(editor, endpoint, tmp_path / "main.py", "hoist_mainsail")
    assert "    def hoist_mainsail(self, reefs: int = 0) -> None:" in prompt
    assert "+++++ lib/boats.py \n" in prompt
    assert "\n\n+++++ main.py\nfrom lib.boats import Boat" in prompt
    assert "\n+++++ " in endpoint.completions[-1].body["stop"]
    assert str(tmp_path) not in prompt


def test_who_wants_no_context_sends_none(endpoint: Endpoint, tmp_path: Path) -> None:
    """The document alone."""
    write(tmp_path, {"lib/boats.py": BOATS, "main.py": MAIN + "\n" * 40})
    with serving(endpoint, context="file") as server:
        editor = Editor(server, tmp_path)
        editor.open(tmp_path / "main.py")
        for line in range(30):
            editor.ask(tmp_path / "main.py", line, 0)
    assert endpoint.completions
    assert not any("+++++" in each.body["prompt"] for each in endpoint.completions)


def test_what_may_not_be_sent_is_not(endpoint: Endpoint, tmp_path: Path) -> None:
    """Neither as a document nor as context, and the user hears which rule it was."""
    secret = BOATS.replace("launch_boat", "launch_secret_boat")
    write(
        tmp_path,
        {
            ".codestralignore": "private/\n",
            "private/boats.py": secret,
            "vault/boats.py": secret,
            ".env": "launch_secret_boat=1\n",
            "lib/boats.py": BOATS,
            "main.py": "launch_\n" + "\n" * 400,
        },
    )
    with serving(endpoint, disabled_paths="vault/**", languages="*") as server:
        editor = Editor(server, tmp_path)
        names = {"private/boats.py": ".codestralignore", "vault/boats.py": "disabled_paths"}
        for name, rule in {**names, ".env": ".env"}.items():
            editor.open(tmp_path / name)
            assert editor.ask(tmp_path / name, 0, 0) == []
            outcome = editor.explain()
            assert outcome["outcome"] == "denied"
            assert rule in outcome["detail"]
        assert endpoint.completions == []
        editor.open(tmp_path / "main.py")
        prompt = ask_until_shown(editor, endpoint, tmp_path / "main.py", "launch_boat")
    assert "launch_boat" in prompt
    assert not any("secret_boat" in json.dumps(each.body) for each in endpoint.completions)


@pytest.mark.parametrize(
    ("opened", "link", "target"),
    [
        ("lib/link.py", "lib/link.py", "private/boats.py"),
        ("docs/boats.py", "docs", "private"),
        ("lib/link.py", "lib/link.py", ".ssh/boats.py"),
        ("../elsewhere/boats.py", "", ""),
    ],
)
def test_no_other_name_makes_a_denied_document_context(
    endpoint: Endpoint, tmp_path: Path, opened: str, link: str, target: str
) -> None:
    """Links are followed, and what is outside of the workspace stays there."""
    secret = BOATS.replace("launch_boat", "launch_secret_boat")
    work = tmp_path / "work"
    write(work, {".codestralignore": "private/\n", "main.py": "launch_\n" + "\n" * 400})
    write(work, {"private/boats.py": secret, ".ssh/boats.py": secret, "lib/boats.py": BOATS})
    write(tmp_path, {"elsewhere/boats.py": secret})
    if link:
        (work / link).symlink_to(work / target)
    with serving(endpoint) as server:
        editor = Editor(server, work)
        editor.open(work / opened)
        editor.open(work / "main.py")
        prompt = ask_until_shown(editor, endpoint, work / "main.py", "launch_boat")
    assert "launch_boat" in prompt
    assert not any("secret_boat" in json.dumps(each.body) for each in endpoint.completions)


def test_a_rule_that_comes_later_takes_lines_out_of_the_prompt(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """Also those that were ranked before, and in the line where they were shown."""
    write(tmp_path, {"lib/boats.py": BOATS, "lib/other.py": MAIN, "main.py": MAIN + "\n" * 400})
    ignore = tmp_path / ".codestralignore"
    with serving(endpoint) as server:
        editor = Editor(server, tmp_path)
        editor.open(tmp_path / "main.py")
        prompt = ask_until_shown(editor, endpoint, tmp_path / "main.py", "hoist_mainsail")
        assert "hoist_mainsail" in prompt
        ignore.write_text("boats.py\n", "utf-8")
        changes = [{"uri": ignore.as_uri(), "type": 1}]
        server.send(note("workspace/didChangeWatchedFiles", {"changes": changes}))
        before = len(endpoint.completions)
        for line in range(300, 340):
            editor.ask(tmp_path / "main.py", line, 0)
    later = [each.body["prompt"] for each in endpoint.completions[before:]]
    assert later
    assert not any("hoist_mainsail" in each for each in later)


def test_a_password_does_not_leave_key_by_key(endpoint: Endpoint, tmp_path: Path) -> None:
    """Each key may be sent; of its characters no more than one is."""
    secret, path = "Tr0ub4dor&3", tmp_path / "settings.py"
    write(tmp_path, {path.name: ""})
    with serving(endpoint, strings="true") as server:
        editor = Editor(server, tmp_path)
        editor.open(path)
        for end in range(1, len(secret) + 1):
            changed = {"uri": path.as_uri(), "version": end}
            changes = [{"text": f'password = "{secret[:end]}"\n'}]
            params = {"textDocument": changed, "contentChanges": changes}
            server.send(note("textDocument/didChange", params))
            editor.ask(path, 0, len('password = "') + end)
    assert len(endpoint.completions) > 1
    sent = [json.dumps(each.body) for each in endpoint.completions]
    assert not any(secret[:2] in each for each in sent)


def test_a_secret_in_the_name_of_a_file_is_hidden(endpoint: Endpoint, tmp_path: Path) -> None:
    """Paths are sent with the lines below them."""
    secret = next(each.secrets[0] for each in PLANTED if each.kind == "GitHub token")
    names = (f"lib/ghp_{secret}.py", f"ghp_{secret}_main.py")
    write(tmp_path, {names[0]: BOATS, names[1]: "launch_\n" + "\n" * 400})
    with serving(endpoint) as server:
        editor = Editor(server, tmp_path)
        editor.open(tmp_path / names[1])
        prompt = ask_until_shown(editor, endpoint, tmp_path / names[1], "launch_boat")
    assert "launch_boat" in prompt
    assert not any(secret in json.dumps(each.body) for each in endpoint.completions)


def test_no_planted_secret_leaves_or_is_logged(endpoint: Endpoint, tmp_path: Path) -> None:
    """Of all kinds, as document and as context, with everything logged that can be."""
    places = {n: tmp_path / f"p{n}" / each.name for n, each in enumerate(PLANTED)}
    for n, each in enumerate(PLANTED):
        write(tmp_path, {f"p{n}/{each.name}": each.text})
    with serving(endpoint, languages="*", log_level="debug") as server:
        editor = Editor(server, tmp_path)
        for path in places.values():
            editor.open(path)
            lines = path.read_text("utf-8").split("\n")
            for line in {0, len(lines) // 2, len(lines) - 1}:
                editor.ask(path, line, len(lines[line]))
        server.send(call(9_999, "shutdown"))
        server.reply(9_999)
        server.send(note("exit"))
        logged = server.errors()
    sent = [json.dumps(each.body, ensure_ascii=False) for each in endpoint.completions]
    assert len(sent) > len(PLANTED)
    assert any("REDACTED" in each for each in sent)
    assert any("+++++ p" in each for each in sent)
    leaked = [
        f"{each.kind} in {each.name}"
        for each in PLANTED
        if any(secret in text for secret in each.secrets for text in (logged, *sent))
    ]
    assert leaked == []


def test_there_are_enough_kinds() -> None:
    """Of secrets that are looked for."""
    assert len({each.kind for each in PLANTED}) >= 40


def test_without_an_editor_the_prompt_is_the_same(endpoint: Endpoint, tmp_path: Path) -> None:
    """The repository around the file is what an editor would have open."""
    write(tmp_path, {"lib/boats.py": BOATS, "app/main.py": MAIN, ".git/HEAD": ""})
    environ = {
        "CODESTRAL_LS_ENDPOINT": endpoint.url,
        "CODESTRAL_LS_API_KEY": KEY,
        "CODESTRAL_LS_PROVIDER": "mistral",
    }
    done = run("complete", f"{tmp_path}/app/main.py:5:10", environ=environ)
    assert done.returncode == 0, done.stderr
    prompt = endpoint.completions[-1].body["prompt"]
    assert "+++++ lib/boats.py \n" in prompt
    assert "\n\n+++++ app/main.py\nfrom lib.boats import Boat" in prompt
