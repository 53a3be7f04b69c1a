"""The house's invariants, read from the imports and the syntax of the package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "codestral_ls"
MODULES = sorted(PACKAGE.rglob("*.py"))
INDEX_EFFECTS = {
    *("client", "files", "ignoring", "link", "serving", "spawn", "texts", "tools", "worker"),
}
"""What reads files, or has to do with the worker process."""
PURE = [
    "addresses.py",
    *(
        f"context/index/{module.name}"
        for module in MODULES
        if module.parent.name == "index" and module.stem not in INDEX_EFFECTS
    ),
    *(f"context/matching/{module.name}" for module in MODULES if module.parent.name == "matching"),
    "context/prompt.py",
    "context/tokens.py",
    "context/privacy.py",
    *(f"context/{module.name}" for module in MODULES if module.name.startswith("secret")),
    "context/window.py",
    "engine/presenting.py",
    "entries.py",
    "errors.py",
    *(
        f"fim/{each}.py"
        for each in (
            *("complaints", "dialects", "events", "failures", "fences", "layouts"),
            *("limits", "providers", "reading", "routes", "templates"),
        )
    ),
    *(f"fim/formats/{module.name}" for module in MODULES if module.parent.name == "formats"),
    *(
        f"commands/doctor/{each}.py"
        for each in ("certificates", "findings", "printing", "providers", "redaction")
    ),
    *(
        f"statistics/{each}.py"
        for each in ("figures", "latency", "names", "plain", "tally", "telling")
    ),
    "kinds.py",
    "lexes.py",
    "lexis.py",
    "languages.py",
    "layers.py",
    "lsp/cells.py",
    "lsp/documents.py",
    "lsp/framing.py",
    "lsp/items.py",
    "lsp/marks.py",
    "lsp/status.py",
    "explaining.py",
    "gateway/costs.py",
    "gateway/errors.py",
    "gateway/users.py",
    "happenings.py",
    "model.py",
    "provider.py",
    "wishes.py",
    "reuse/limits.py",
    "reuse/place.py",
    "reuse/daily_limit.py",
    "reuse/rhythm.py",
    "reuse/shelf.py",
    "reuse/store.py",
    "engine/growing.py",
    "gateway/fim_failures.py",
    "gateway/fim_wire.py",
    "gateway/settings.py",
    "gateway/settings_layers.py",
    "gateway/transcript.py",
    "reuse/entries.py",
    "reuse/owed.py",
    "reuse/redis_scripts.py",
    "reuse/windows.py",
    "settings.py",
    *(f"shaping/{module.name}" for module in MODULES if module.parent.name == "shaping"),
    "vendors.py",
]
EFFECTS = {
    "asyncio", "anyio", "time", "os", "sys", "io", "pathlib", "logging", "threading",
    "subprocess", "socket", "random", "tempfile",
}  # fmt: skip
ROOMS = {"context", "fim", "reuse", "shaping"}
SHARED = {"codestral_ls"} | {
    f"codestral_ls.{each}"
    for each in (
        *("addresses", "errors", "grammars", "happenings", "kinds", "languages", "lexes", "lexis"),
        *("model", "provider", "settings", "vendors", "wishes"),
    )
}


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def imports(module: Path) -> Iterator[str]:
    """Every module that is imported anywhere in a file, also inside of functions."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importers(package: str) -> set[str]:
    """The files that import a package or one of its modules."""
    return {
        name_of(module)
        for module in MODULES
        if any(each.split(".")[0] == package for each in imports(module))
    }


def test_only_the_lsp_room_knows_pygls_and_lsprotocol() -> None:
    """Everything else can be used without an editor."""
    for package in ("pygls", "lsprotocol", "cattrs"):
        assert all(each.startswith("lsp/") for each in importers(package)), package


def test_only_the_client_knows_httpx() -> None:
    """One module talks HTTP."""
    assert importers("httpx") == {"fim/network.py"}


def test_only_the_sheets_of_stats_know_rich() -> None:
    """A server never loads it."""
    assert importers("rich") == {"commands/sheets.py"}


def test_only_the_shared_tier_knows_redis() -> None:
    """One module talks to it."""
    assert importers("redis") == {"reuse/redis_tier.py"}


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "pydantic", "prometheus_client"])
def test_only_the_gateway_knows_the_web(package: str) -> None:
    """An editor's server needs none of it."""
    found = importers(package)
    assert found
    assert all(each.startswith("gateway/") for each in found)


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_have_no_effects(name: str) -> None:
    """No coroutine, no clock, no environment, no files, no logging."""
    module = PACKAGE / name
    assert not EFFECTS & {each.split(".")[0] for each in imports(module)}
    tree = ast.parse(module.read_text("utf-8"))
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval"}
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(tree))


def test_the_model_imports_nothing_of_ours() -> None:
    """Values stand below everything; who asks is a value as well."""
    ours = [each for each in imports(PACKAGE / "model.py") if each.startswith("codestral_ls")]
    assert ours == ["codestral_ls.wishes"]
    for name in ("vendors.py", "wishes.py"):
        assert not [each for each in imports(PACKAGE / name) if each.startswith("codestral_ls")]


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_know_the_model_the_settings_and_themselves(room: str) -> None:
    """The engine knows the rooms; the rooms do not know each other, the engine or a shell."""
    for module in (PACKAGE / room).rglob("*.py"):
        for each in imports(module):
            if each.startswith("codestral_ls") and each not in SHARED:
                assert each.startswith(f"codestral_ls.{room}"), f"{name_of(module)}: {each}"


def test_the_engine_knows_no_shell() -> None:
    """It can be called from any of them."""
    names = ("lsp", "cli", "commands", "gateway")
    shells = tuple(f"codestral_ls.{each}" for each in names)
    for module in (PACKAGE / "engine").glob("*.py"):
        assert not [each for each in imports(module) if each.startswith(shells)], module.name


def test_the_gateway_knows_no_editor() -> None:
    """It is another shell over the same engine."""
    for module in (PACKAGE / "gateway").rglob("*.py"):
        ours = [each for each in imports(module) if each.startswith("codestral_ls.lsp")]
        assert not ours, module.name


def test_there_is_no_mutable_state_in_modules() -> None:
    """Whatever stands at the top of a module is a constant: no list, dict or set is changed."""
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    found = []
    for module in MODULES:
        for node in ast.parse(module.read_text("utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, mutable):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {each.id for each in targets if isinstance(each, ast.Name)}
                if not all(name.strip("_").isupper() for name in names):
                    found.append(f"{name_of(module)}: {names}")
            if isinstance(node, ast.Global):
                found.append(f"{name_of(module)}: global")
    assert found == []


def test_no_file_is_longer_than_300_lines() -> None:
    """A longer one is two rooms."""
    tests = Path(__file__).parent.rglob("*.py")
    long = [each for each in (*MODULES, *tests) if len(each.read_text("utf-8").splitlines()) > 300]
    assert long == []


def test_no_timeout_of_asyncio_cancels_a_call() -> None:
    """asyncio.timeout and wait_for cancel natively, which httpcore does not survive."""
    for module in (PACKAGE / "fim").glob("*.py"):
        assert "asyncio.timeout" not in module.read_text("utf-8")
        assert "wait_for" not in module.read_text("utf-8")
