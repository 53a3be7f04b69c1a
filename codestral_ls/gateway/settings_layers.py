"""Where the settings of a gateway come from: file, environment, command line. Pure.

A language server goes on with something else where a value is wrong. A gateway does not start: who
may ask, and who pays, is not to be guessed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from codestral_ls.addresses import without_login
from codestral_ls.gateway.settings import OPTIONS, GatewaySettings, Option, build
from codestral_ls.kinds import Unfit, did_you_mean, spelled, spelled_for_shell
from codestral_ls.layers import GATEWAY_PREFIX, GATEWAY_SECTION, Layer
from codestral_ls.settings import ENVIRONMENT_ONLY, ENVIRONMENT_PREFIX, FIELDS


class Said(NamedTuple):
    """What one place says; `show` tells how the place itself writes a name and a value."""

    origin: str
    values: Mapping[str, object]
    name_of: Callable[[str], str]
    spell: Callable[[object], str]


def read_gateway(
    layers: Iterable[Layer], flags: Mapping[str, object]
) -> tuple[GatewaySettings, tuple[str, ...]]:
    """The settings, and what is wrong with them in words; later places win, flags over all."""
    values: dict[str, Any] = {}
    layers = tuple(layers)
    problems = [words for layer in layers for words in _misplaced(layer)]
    for said in (*_said_by(layers), Said("command line", flags, flag_of, spelled_for_shell)):
        for name, raw in said.values.items():
            problem = _read_into(values, said, name, raw)
            if problem:
                problems.append(problem)
    return build(values), tuple(problems)


def flag_of(name: str) -> str:
    """How the command line calls an option."""
    return "--" + name.replace("_", "-")


def variable_of(name: str) -> str:
    """The environment variable of an option."""
    return f"{ENVIRONMENT_PREFIX}{GATEWAY_PREFIX}{name}".upper()


def _said_by(layers: Iterable[Layer]) -> Iterator[Said]:
    for layer in layers:
        section = layer.values.get(GATEWAY_SECTION)
        if isinstance(section, Mapping) and not layer.is_editors:
            yield Said(f"{layer.origin} [{GATEWAY_SECTION}]", section, str, layer.spell)
        chosen = {
            name.removeprefix(GATEWAY_PREFIX): value
            for name, value in layer.values.items()
            if name.startswith(GATEWAY_PREFIX) and ENVIRONMENT_ONLY in layer.allows
        }
        if chosen:
            yield Said(layer.origin, chosen, variable_of, layer.spell)


def _misplaced(layer: Layer) -> Iterator[str]:
    """What was meant for a gateway and would not reach it, such as bounds that then nobody has."""
    if layer.is_editors:
        return
    is_environment = ENVIRONMENT_ONLY in layer.allows
    for name, value in layer.values.items():
        is_table = isinstance(value, Mapping)
        if is_environment and name in OPTIONS.keys() - FIELDS.keys():
            written, meant = f"{ENVIRONMENT_PREFIX}{name.upper()}", variable_of(name)
            yield f"{layer.origin}: {written} is no setting; {meant} is one."
        elif is_environment:
            continue
        elif name in OPTIONS.keys() - FIELDS.keys():
            yield f"{layer.origin}: {name} is a gateway's, and belongs below [{GATEWAY_SECTION}]."
        elif name == GATEWAY_SECTION and not is_table:
            yield f"{layer.origin}: {name} is no table; settings stand below [{GATEWAY_SECTION}]."
        elif name != GATEWAY_SECTION and is_table and did_you_mean(name, [GATEWAY_SECTION]):
            yield f"{layer.origin}: there is no [{name}]; did you mean [{GATEWAY_SECTION}]?"


def _read_into(values: dict[str, Any], said: Said, name: str, raw: object) -> str:
    """Reads a value; returns what is wrong with it, "" if nothing is."""
    option = OPTIONS.get(name)
    where = f"{said.origin}: {said.name_of(name)}"
    if option is None:
        near = did_you_mean(name, OPTIONS)
        return f"{where} is no setting of a gateway{near and '; '}{near or '.'}"
    try:
        values[name] = option.kind.parse(raw)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return where + _wrong(option, raw, error if isinstance(error, Unfit) else Unfit(), said)
    return ""


def _wrong(option: Option, raw: object, unfit: Unfit, said: Said) -> str:
    """A wrong value, what is wrong with it, and what is allowed."""
    shown = raw if unfit.part is None else unfit.part
    shown = without_login(shown) if isinstance(shown, str) else shown
    value = f" = {said.spell(shown)}" if unfit.part is None else f": {spelled(shown)}"
    why = f": {unfit}" if str(unfit) else ""
    it = " It" if why.endswith("?") else "; it"
    return f"{value * option.kind.echoed} is not allowed{why}{it} takes {option.kind.allowed}."
