"""Layers of settings -> one total `Settings` and the list of what was wrong. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from codestral_ls.addresses import host_of, is_local, without_login
from codestral_ls.kinds import (
    Kind,
    Unfit,
    did_you_mean,
    spelled,
    spelled_for_shell,
    split_entry,
    unfit_for_key,
)
from codestral_ls.settings import (
    ANYWHERE,
    ENVIRONMENT_ONLY,
    ENVIRONMENT_PREFIX,
    FIELDS,
    NOT_IN_EDITOR,
    NOT_IN_FILE,
    SECTION,
    Settings,
    environment_name,
)
from codestral_ls.vendors import AUTOMATIC, KEY_VARIABLES, OFFLINE, VENDORS


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a layer: `loud` ones are for the user, the others for the log.

    One about a key says whose in `variable`, and is loud only if that provider is asked at all.
    Because of a `grave` one nobody is asked: it is not known where code may go, or which.
    """

    message: str
    loud: bool
    variable: str = ""
    grave: bool = False


def grave(message: str) -> Problem:
    """A problem because of which nothing is sent, and which says so."""
    return Problem(f"{message} {NOTHING_SENT}", loud=True, grave=True)


NOTHING_SENT = "Nothing is sent until this is corrected; your own files complete meanwhile."


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

    @property
    def is_editors(self) -> bool:
        """Whether a stranger may have written it: editors read settings from folders too."""
        return NOT_IN_EDITOR not in self.allows


FILE_ALLOWS = frozenset({ANYWHERE, NOT_IN_EDITOR})
ENVIRONMENT_ALLOWS = frozenset({ANYWHERE, NOT_IN_FILE, NOT_IN_EDITOR, ENVIRONMENT_ONLY})


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The layer of environment variables; an empty variable counts as unset."""
    named = {environment_name(name): name for name in FIELDS}
    keys = {each: environ[each] for each in KEY_VARIABLES if environ.get(each)}
    unfit = {variable: unfit_for_key(text.strip()) for variable, text in keys.items()}
    usable = {variable: text for variable, text in keys.items() if not unfit[variable]}
    problems = (
        Problem(f"environment: {variable} is ignored: {why}.", loud=True, variable=variable)
        for variable, why in unfit.items()
        if why
    )
    values: dict[str, object] = {"keys": usable} if usable else {}
    for variable, text in environ.items():
        if text and variable in named:
            values[named[variable]] = text
        elif variable in PLACES or variable in KEY_VARIABLES:
            continue
        elif text and variable.startswith(ENVIRONMENT_PREFIX):
            values.setdefault(variable.removeprefix(ENVIRONMENT_PREFIX).lower(), text)
    return Layer("environment", values, ENVIRONMENT_ALLOWS, tuple(problems), spelled_for_shell)


CONFIG_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"
STATE_VARIABLE = ENVIRONMENT_PREFIX + "STATE"
PLACES = {CONFIG_VARIABLE, STATE_VARIABLE}
"""Variables that say where files are, and are no settings."""
GATEWAY_SECTION, GATEWAY_PREFIX = "gateway", "gateway_"
"""What begins so is a gateway's, in the user's file and in the environment."""
_WHY_NOT_IN_EDITOR = (
    ", because editors also take settings from folders of strangers, and this one could run"
    " a program, or read or write a file"
)


def resolve(layers: Iterable[Layer]) -> tuple[Settings, tuple[Problem, ...]]:
    """Merges layers, the last one winning. A wrong value leaves what the layers below say.

    After a grave problem only the offline provider completes, whatever the other layers say.
    """
    layers = tuple(layers)
    settings, problems = _merged(layers)
    own, _ = _merged([each for each in layers if not each.is_editors])
    settings, withheld = _withholding(settings, own)
    asked = _variables_asked(settings)
    return settings, tuple(
        replace(each, loud=False) if each.variable and each.variable not in asked else each
        for each in (*problems, *withheld)
    )


def _merged(layers: Iterable[Layer]) -> tuple[Settings, list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for layer in layers:
        problems += layer.problems
        for name, raw in layer.values.items():
            if raw is None or _is_gateways(layer, name, raw):  # VS Code sends null for unset ones
                continue
            problem = _read_into(values, layer, name, raw)
            if problem is not None:
                problems.append(problem)
    settings = Settings(**values)
    if any(each.grave for each in problems):
        settings = replace(settings, provider=OFFLINE, providers=())
    return settings, problems


def _is_gateways(layer: Layer, name: str, raw: object) -> bool:
    """Whether a value is none of ours, but a gateway's; an editor has none of those."""
    if ENVIRONMENT_ONLY in layer.allows:
        return name.startswith(GATEWAY_PREFIX)
    return not layer.is_editors and name == GATEWAY_SECTION and isinstance(raw, Mapping)


def _variables_asked(settings: Settings) -> set[str]:
    """The variables with keys of those who complete under the settings."""
    return _variables({name for name, _ in _addressed(settings)})


def _variables(names: Collection[str]) -> set[str]:
    asked = {*names, *AUTOMATIC} if "auto" in names else names
    return {VENDORS[name].key for name in asked if name in VENDORS}


def _addressed(settings: Settings) -> list[tuple[str, str]]:
    """Who completes, and the address that is set for each, "" for the vendor's own."""
    entries = [split_entry(each) for each in settings.providers] or [(settings.provider, "", "")]
    urls = (url or ("" if at else settings.endpoint) for at, (_, _, url) in enumerate(entries))
    return [(name, url) for (name, _, _), url in zip(entries, urls, strict=True)]


_WAYS = ("api_key", "api_key_command", "api_key_file", "api_key_keyring")
_HOSTS = tuple(host_of(row.base) for row in VENDORS.values() if row.base.startswith("https:"))
_DOMAINS = tuple("." + ".".join(host.split(".")[-2:]) for host in _HOSTS)


def _withholding(settings: Settings, own: Settings) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings without any key that an editor's address is not to get, which is told.

    A folder of a stranger could name an address. It gets the key that the editor has brought too,
    but none of those that the user's `own` layers hold, unless they name it as well.
    """
    known = {url for _, url in _addressed(own)}
    strange = {
        at: (name, url)
        for at, (name, url) in enumerate(_addressed(settings))
        if url and url not in known and name != OFFLINE and not _is_known(url)
    }
    if settings.api_key != own.api_key:  # the editor's, which wins over all others
        strange.pop(0, None)
    ways = [each for each in _WAYS if 0 in strange and getattr(settings, each)]
    variables = _variables({name for name, _ in strange.values()})
    held = [f"`{each}`" for each in ways]
    held += sorted(each for each in variables if settings.keys.of(each))
    if not held:
        return settings, ()
    is_listed = any(split_entry(each)[2] for each in settings.providers)
    name = "providers" if is_listed else "endpoint"
    hosts = " and ".join(dict.fromkeys(host_of(url) for _, url in strange.values()))
    problem = Problem(
        f"The key of {' and '.join(held)} is not sent to {hosts}: this address comes from the "
        "editor, which also takes settings from folders of strangers. To send it there, set "
        f"`{name}` in your own config.toml or {environment_name(name)} in the environment, or "
        "`api_key` in the editor.",
        loud=True,
    )
    unset: dict[str, Any] = {each: FIELDS[each].default for each in ways}
    return replace(settings, keys=settings.keys.without(variables), **unset), (problem,)


def _is_known(url: str) -> bool:
    """Whether an address is on this machine or a vendor's, such as one for a region."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_name = parts.scheme == "https" and re.fullmatch(r"[a-z0-9.-]+", host)
    return is_local(url) or bool(is_name and (host in _HOSTS or host.endswith(_DOMAINS)))


def _read_into(values: dict[str, Any], layer: Layer, name: str, raw: object) -> Problem | None:
    declared = FIELDS.get(name)
    if declared is None:
        return _unknown(name, raw, layer)
    if declared.metadata["where"] not in layer.allows:
        is_users = declared.metadata["where"] == NOT_IN_EDITOR
        why = _WHY_NOT_IN_EDITOR * is_users
        where = ", or in your own config.toml" * is_users
        return Problem(
            f'{layer.origin}: "{name}" does not belong there and is ignored{why}. '
            f"Set {environment_name(name)} in the environment instead{where}.",
            loud=True,
        )
    kind: Kind = declared.metadata["kind"]
    try:
        values[name] = kind.parse(raw)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        unfit = error if isinstance(error, Unfit) else Unfit()
        if unfit.fit:
            values[name] = unfit.fit
        message = f"{layer.origin}: {name}{_shown(raw, unfit, kind, layer)}"
        if declared.metadata["careful"]:
            return grave(message)
        used = f" {spelled(values.get(name, declared.default))} is used instead."
        return Problem(message + used * kind.echoed, loud=True)
    return None


def _shown(raw: object, unfit: Unfit, kind: Kind, layer: Layer) -> str:
    """A wrong value, what is wrong with it, and what is allowed."""
    if kind.is_address and isinstance(raw, str):
        raw = without_login(raw)
    value = f" = {layer.spell(raw)}" if unfit.part is None else f": {spelled(unfit.part)}"
    why = f": {unfit}" if str(unfit) else ""
    it = " It" if why.endswith("?") else "; it"
    return f"{value * kind.echoed} is not allowed{why}{it} takes {kind.allowed}."


def _unknown(name: str, raw: object, layer: Layer) -> Problem:
    """What a name may have meant that no setting has: a slip is for the user.

    Programs that share a section with us have names of their own, which are for the log.
    """
    message = f'{layer.origin}: there is no setting "{name}"'
    if isinstance(raw, Mapping):
        message = f"{message}; settings stand at the top level, not in a section"
        is_careful = any(row.metadata["careful"] for key, row in FIELDS.items() if key in raw)
        return grave(f"{message}.") if is_careful else Problem(message, loud=False)
    names = [each for each, row in FIELDS.items() if row.metadata["where"] in layer.allows]
    near = did_you_mean(name, names)
    return Problem(f"{message}; {near}" if near else message, loud=bool(near))


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
