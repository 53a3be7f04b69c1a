"""Layers of settings -> one total, immutable `Settings` and the list of what was wrong.

Every setting is one field of `Settings`: its default, what it accepts and what it does stand
together, and everything else (parsing, messages, the README's table) is derived from there.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

ENVIRONMENT_PREFIX = "CODESTRAL_LS_"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that no repr, log or message shows."""

    _text: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self._text)

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting accepts: in words, and as a function that raises ValueError or TypeError."""

    allowed: str
    parse: Callable[[object], Any]


def _parse_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    return words[str(value).strip().lower()]


def _parse_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):  # an environment variable
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise TypeError
    return tuple(value)


def _number(least: float, most: float, *, whole: bool) -> Kind:
    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError
        number = float(value)
        if not least <= number <= most or (whole and number != int(number)):
            raise ValueError
        return int(number) if whole else number

    bounds = f"{least:.10g} to {most:.10g}"
    return Kind(f"a {'whole ' if whole else ''}number from {bounds}", parse)


def _choice(*names: str) -> Kind:
    def parse(value: object) -> str:
        name = _parse_text(value).lower()
        if name not in names:
            raise ValueError
        return name

    return Kind(" or ".join(f'"{name}"' for name in names), parse)


def _parse_url(value: object) -> str:
    url = _parse_text(value)
    parts = urlsplit(url)  # raises ValueError for brackets, `parts.port` for a port out of range
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0):
        raise ValueError
    return url.rstrip("/")


def _parse_secret(value: object) -> Secret:
    text = _parse_text(value)
    if not text.isascii() or not text.isprintable():
        raise ValueError  # no HTTP header can carry it
    return Secret(text)


BOOL = Kind("true or false", _parse_bool)
TEXT = Kind("a text", _parse_text)
TEXTS = Kind("a list of texts", _parse_list)
URL = Kind("an address that begins with http:// or https://", _parse_url)
SECRET = Kind("a text of ASCII characters", _parse_secret)

ANYWHERE, NOT_IN_FILE, ENVIRONMENT_ONLY = "anywhere", "not in the file", "environment only"


def _setting(default: Any, kind: Kind, about: str, *, where: str = ANYWHERE, env: str = "") -> Any:  # noqa: ANN401 - the field's own annotation is what counts
    return field(
        default=default, metadata={"kind": kind, "about": about, "where": where, "env": env}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen; total, so that nobody asks twice what was meant."""

    provider: str = _setting(
        "auto",
        _choice("auto", "codestral", "mistral", "offline"),
        "Who completes. `auto`: whoever a key is set for, otherwise the offline provider.",
    )
    endpoint: str = _setting(
        "", URL, "Base URL of the FIM endpoint, if it is not the provider's own."
    )
    model: str = _setting("codestral-2508", TEXT, "Model to ask.")
    api_key: Secret = _setting(
        Secret(),
        SECRET,
        "Key for the provider; wins over the two below. Not read from the file.",
        where=NOT_IN_FILE,
    )
    mistral_key: Secret = _setting(
        Secret(),
        SECRET,
        "Key of api.mistral.ai. Read from `MISTRAL_API_KEY` alone.",
        where=ENVIRONMENT_ONLY,
        env="MISTRAL_API_KEY",
    )
    codestral_key: Secret = _setting(
        Secret(),
        SECRET,
        "Key of codestral.mistral.ai, chosen first. Read from `CODESTRAL_API_KEY` alone.",
        where=ENVIRONMENT_ONLY,
        env="CODESTRAL_API_KEY",
    )
    enabled: bool = _setting(True, BOOL, "Switches all ghost text on or off.")
    trigger: str = _setting(
        "automatic",
        _choice("automatic", "manual"),
        "`manual`: only when the editor's command asks for it.",
    )
    languages: tuple[str, ...] = _setting(
        ("*",),
        TEXTS,
        'Language identifiers to complete; `"*"` is all, `"!markdown"` leaves one out.',
    )
    debounce_ms: int = _setting(
        150,
        _number(0, 5000, whole=True),
        "Wait after the last key before the model is asked. An explicit trigger never waits.",
    )
    timeout_ms: int = _setting(
        5000, _number(100, 60_000, whole=True), "Deadline of one call, from connecting to the end."
    )
    max_tokens: int = _setting(
        96, _number(1, 4096, whole=True), "Most tokens to generate while typing."
    )
    max_tokens_invoked: int = _setting(
        256, _number(1, 4096, whole=True), "The same for an explicit trigger."
    )
    temperature: float = _setting(
        0.2, _number(0, 1.5, whole=False), "How freely the model chooses."
    )
    top_p: float = _setting(
        1.0, _number(0.01, 1, whole=False), "Nucleus sampling; 1 leaves it to the endpoint."
    )
    min_tokens: int = _setting(
        0,
        _number(0, 4096, whole=True),
        "Fewest tokens to generate; 0 leaves it to the endpoint.",
    )
    random_seed: int = _setting(
        -1,
        _number(-1, 2**31 - 1, whole=True),
        "Seed for repeatable answers; -1 leaves it to the endpoint.",
    )
    stop: tuple[str, ...] = _setting((), TEXTS, "Further texts at which the model stops.")
    prompt_cache_key: str = _setting(
        "", TEXT, "Name under which the endpoint may cache prompts; empty: not sent."
    )
    prefix_chars: int = _setting(
        6000, _number(100, 100_000, whole=True), "Most characters before the cursor to send."
    )
    suffix_chars: int = _setting(
        2000, _number(0, 100_000, whole=True), "Most characters after the cursor to send."
    )
    completion: str = _setting(
        "auto",
        _choice("auto", "always", "never"),
        "Offer the text in the completion menu too. `auto`: only to editors without ghost text.",
    )
    proxy: str = _setting("", TEXT, "Proxy for the endpoint; empty: what the environment says.")
    ca_file: str = _setting("", TEXT, "File with further certificate authorities (PEM).")
    trust_env: bool = _setting(
        True,
        BOOL,
        "Heed `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and the like.",
    )
    log_level: str = _setting(
        "warning",
        _choice("error", "warning", "info", "debug"),
        "How much goes to the server's standard error; never code, never keys.",
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a layer: `loud` ones are for the user, the others for the log."""

    message: str
    loud: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place; `origin` is how messages call it, `allows` what may stand there."""

    origin: str
    values: Mapping[str, object]
    allows: frozenset[str] = frozenset({ANYWHERE, NOT_IN_FILE})
    problems: tuple[Problem, ...] = ()


FIELDS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}
FILE_ALLOWS = frozenset({ANYWHERE})
ENVIRONMENT_ALLOWS = frozenset({ANYWHERE, NOT_IN_FILE, ENVIRONMENT_ONLY})


def environment_name(name: str) -> str:
    """The variable that holds a setting: its own well-known one, or the prefixed name."""
    return str(FIELDS[name].metadata["env"]) or ENVIRONMENT_PREFIX + name.upper()


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The layer of environment variables; an empty variable counts as unset."""
    named = {environment_name(name): name for name in FIELDS}
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if text and variable in named:
            values[named[variable]] = text
        elif text and variable.startswith(ENVIRONMENT_PREFIX) and variable != CONFIG_VARIABLE:
            values[variable.removeprefix(ENVIRONMENT_PREFIX).lower()] = text
    return Layer("environment", values, ENVIRONMENT_ALLOWS)


CONFIG_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"


def resolve(layers: Iterable[Layer]) -> tuple[Settings, tuple[Problem, ...]]:
    """Merges layers, the last one winning. A wrong value leaves what the layers below say."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for layer in layers:
        problems += layer.problems
        for name, raw in layer.values.items():
            if raw is None:  # VS Code sends null for what is not set
                continue
            problem = _read_into(values, layer, name, raw)
            if problem is not None:
                problems.append(problem)
    return Settings(**values), tuple(problems)


def _read_into(values: dict[str, Any], layer: Layer, name: str, raw: object) -> Problem | None:
    declared = FIELDS.get(name)
    if declared is None:
        near = difflib.get_close_matches(name, FIELDS, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        return Problem(f'{layer.origin}: there is no setting "{name}"{hint}', loud=False)
    if declared.metadata["where"] not in layer.allows:
        return Problem(
            f'{layer.origin}: "{name}" does not belong there and is ignored. '
            f"Set {environment_name(name)} in the environment instead.",
            loud=True,
        )
    kind: Kind = declared.metadata["kind"]
    try:
        values[name] = kind.parse(raw)
    except (ValueError, TypeError, KeyError, OverflowError):
        shown = "" if kind is SECRET else f" = {str(raw)[:80]!r}"
        used = values.get(name, declared.default)
        instead = "" if kind is SECRET else f" {used!r} is used instead."
        return Problem(
            f"{layer.origin}: {name}{shown} is not allowed; it takes {kind.allowed}.{instead}",
            loud=True,
        )
    return None
