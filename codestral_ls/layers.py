"""Layers of settings -> one total `Settings` and the list of what was wrong. Pure."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from codestral_ls.kinds import Kind, spelled, spelled_for_shell
from codestral_ls.settings import (
    ANYWHERE,
    ENVIRONMENT_ONLY,
    ENVIRONMENT_PREFIX,
    FIELDS,
    NOT_IN_FILE,
    SECTION,
    Settings,
    environment_name,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a layer: `loud` ones are for the user, the others for the log."""

    message: str
    loud: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place; `origin` is how messages call it, `allows` what may stand there.

    `spell` writes a value as it stands there.
    """

    origin: str
    values: Mapping[str, object]
    allows: frozenset[str] = frozenset({ANYWHERE, NOT_IN_FILE})
    problems: tuple[Problem, ...] = ()
    spell: Callable[[object], str] = spelled


FILE_ALLOWS = frozenset({ANYWHERE})
ENVIRONMENT_ALLOWS = frozenset({ANYWHERE, NOT_IN_FILE, ENVIRONMENT_ONLY})


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The layer of environment variables; an empty variable counts as unset."""
    named = {environment_name(name): name for name in FIELDS}
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if text and variable in named:
            values[named[variable]] = text
        elif text and variable.startswith(ENVIRONMENT_PREFIX) and variable != CONFIG_VARIABLE:
            values[variable.removeprefix(ENVIRONMENT_PREFIX).lower()] = text
    return Layer("environment", values, ENVIRONMENT_ALLOWS, spell=spelled_for_shell)


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
        hint = _hint(name, raw, layer)
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
        shown = "" if not kind.echoed else f" = {layer.spell(raw)}"
        used = values.get(name, declared.default)
        instead = "" if not kind.echoed else f" {spelled(used)} is used instead."
        return Problem(
            f"{layer.origin}: {name}{shown} is not allowed; it takes {kind.allowed}.{instead}",
            loud=True,
        )
    return None


def _hint(name: str, raw: object, layer: Layer) -> str:
    """What an unknown name may have meant."""
    if isinstance(raw, Mapping):
        return "; settings stand at the top level, not in a section"
    names = [each for each, row in FIELDS.items() if row.metadata["where"] in layer.allows]
    near = difflib.get_close_matches(name, names, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def editor_layer(origin: str, values: object) -> Layer:
    """The layer of what an editor sends: an object, null for nothing, or a mistake."""
    if values is None:
        return Layer(origin, {})
    if not isinstance(values, Mapping):
        problem = Problem(f"{origin}: settings are an object, not {spelled(values)}", loud=False)
        return Layer(origin, {}, problems=(problem,))
    return Layer(origin, unwrapped(values))


def unwrapped(values: Mapping[str, object]) -> Mapping[str, object]:
    """The settings themselves, where somebody put all of them into our section."""
    inner = values.get(SECTION)
    return inner if isinstance(inner, Mapping) and len(values) == 1 else values
