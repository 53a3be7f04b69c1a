"""What a gateway says when it starts, though it starts."""

from pathlib import Path

import pytest

from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.starting import NO_KEY, Plan, check
from codestral_ls.kinds import Secret
from codestral_ls.layers import environment_layer, resolve
from codestral_ls.settings import Settings


def notes(folder: Path, settings: Settings, **own: tuple[str, ...]) -> tuple[str, ...]:
    """What is said for these settings, where there is no token."""
    plan = Plan(
        own=GatewaySettings(**own),  # type: ignore[arg-type] # each is right for its own field
        settings=settings,
        statistics=folder / "statistics.sqlite3",
        tokens=folder / "gateway-tokens.json",
    )
    return check(plan)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(provider="offline"),
        Settings(provider="mistral", api_key=Secret("k")),
        Settings(provider="mistral", api_key_command="print a key"),
        Settings(provider="ollama"),
        Settings(provider="gateway", endpoint="http://127.0.0.1:1"),
    ],
    ids=lambda settings: settings.provider,
)
def test_where_all_is_there_nothing_is_said(settings: Settings, tmp_path: Path) -> None:
    """Also where a key is still to be read, or none is needed."""
    assert notes(tmp_path, settings) == ()


def test_without_any_key_it_is_said_what_completes(tmp_path: Path) -> None:
    """Nobody who starts a gateway expects the offline provider."""
    assert notes(tmp_path, Settings()) == (NO_KEY,)


def test_a_provider_without_its_key_or_address_is_told(tmp_path: Path) -> None:
    """Before the first user finds out; also of those that stand in, and of further models."""
    settings, _ = resolve([environment_layer({"CODESTRAL_LS_PROVIDERS": "mistral,gateway"})])
    mistral, gateway, deepseek = notes(tmp_path, settings, models=("deepseek",))
    assert mistral == "There is no API key for api.mistral.ai. Set MISTRAL_API_KEY."
    assert 'The provider "gateway" has no address of its own' in gateway
    assert deepseek == "There is no API key for api.deepseek.com. Set DEEPSEEK_API_KEY."
