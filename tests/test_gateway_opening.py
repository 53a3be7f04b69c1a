"""What settings make of a gateway."""

from dataclasses import replace

import pytest

from codestral_ls.gateway.opening import key_for, settings_of_models
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings

SECRET = b"a secret of this test"


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://127.0.0.1:1"},
        {"provider": "mistral"},
        {"providers": ("codestral", "ollama")},
        {"fim_template": "qwen"},
        {"max_lines": 9},
    ],
    ids=str,
)
def test_texts_are_shared_only_where_the_same_would_be_asked_for(
    changes: dict[str, object],
) -> None:
    """Another host's model of the same name, or another end, makes another text."""
    usual = Settings(provider="codestral")
    assert key_for(SECRET, usual) == key_for(SECRET, replace(usual, debounce_ms=100))
    assert key_for(SECRET, usual) != key_for(SECRET, replace(usual, **changes))  # type: ignore[arg-type] # each is right for its own field


def test_a_model_beside_the_usual_one_gets_neither_its_address_nor_its_key() -> None:
    """They belong to the first; bounds of the text are for all."""
    settings = Settings(
        provider="mistral",
        endpoint="http://127.0.0.1:1",
        api_key=Secret("key-of-the-first"),
        api_key_command="print a key",
        max_lines=7,
    )
    usual, other = settings_of_models(GatewaySettings(models=("ollama:tiny",)), settings)
    assert (usual.endpoint, usual.api_key.reveal()) == ("http://127.0.0.1:1", "key-of-the-first")
    assert (other.providers, other.endpoint) == (("ollama:tiny",), "")
    assert not other.api_key
    assert other.api_key_command == ""
    assert (usual.max_lines, other.max_lines) == (7, 7)


def test_whoever_calls_decides_what_an_editors_settings_decide_otherwise() -> None:
    """A body says its language; nothing stands in for a model, and it is not looked for files."""
    (usual,) = settings_of_models(
        GatewaySettings(), Settings(languages=("go",), trigger="manual", enabled=False)
    )
    assert (usual.languages, usual.trigger, usual.enabled) == (("*",), "automatic", True)
    assert (usual.offline_fallback, usual.context, usual.candidates) == (False, "file", 1)
