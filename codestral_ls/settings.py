"""Everything that can be chosen: one total, immutable `Settings`. Pure.

Every setting is one field of `Settings`: its default, what it accepts and what it does stand
together, and everything else (parsing, messages, the README's table) is derived from there.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal

from codestral_ls.kinds import (
    BOOL,
    DEBOUNCE,
    PROXY,
    SECRET,
    TEXT,
    TEXTS,
    URL,
    Kind,
    Secret,
    choice,
    number,
)

ENVIRONMENT_PREFIX = "CODESTRAL_LS_"
SECTION = "codestral"
"""How editors call the part of their configuration that is ours."""


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
        choice("auto", "codestral", "mistral", "offline"),
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
        choice("automatic", "manual"),
        "`manual`: only when the editor's command asks for it.",
    )
    languages: tuple[str, ...] = _setting(
        ("code",),
        TEXTS,
        'Language identifiers to complete; `"code"` is all but plain text, logs, commit messages, '
        'diffs, help, search results, CSV, mail and `.env` files, `"*"` is all, `"!markdown"` '
        "leaves one out.",
    )
    debounce_ms: Literal["auto", "frugal"] | int = _setting(
        "auto",
        DEBOUNCE,
        "Wait before the model is asked. `auto`: only inside of words, by your own typing speed, "
        "and not at all in editors that wait themselves; `frugal`: longer, for fewer requests.",
    )
    timeout_ms: int = _setting(
        5000, number(100, 60_000, whole=True), "Deadline of one call, from connecting to the end."
    )
    max_tokens: int = _setting(
        96, number(1, 4096, whole=True), "Most tokens to generate while typing."
    )
    max_tokens_invoked: int = _setting(
        256, number(1, 4096, whole=True), "The same for an explicit trigger."
    )
    temperature: float = _setting(0.2, number(0, 1.5, whole=False), "How freely the model chooses.")
    top_p: float = _setting(
        1.0, number(0.01, 1, whole=False), "Nucleus sampling; 1 leaves it to the endpoint."
    )
    min_tokens: int = _setting(
        0,
        number(0, 4096, whole=True),
        "Fewest tokens to generate; 0 leaves it to the endpoint.",
    )
    random_seed: int = _setting(
        -1,
        number(-1, 2**31 - 1, whole=True),
        "Seed for repeatable answers; -1 leaves it to the endpoint.",
    )
    stop: tuple[str, ...] = _setting(
        (), TEXTS, "Further texts at which the model stops, four at most."
    )
    prompt_cache_key: str = _setting(
        "", TEXT, "Name under which the endpoint may cache prompts; empty: not sent."
    )
    multiline: str = _setting(
        "auto",
        choice("auto", "always", "never"),
        "Several lines at once: `auto` where a block or a line begins, `always` wherever nothing "
        "follows in the line, `never`.",
    )
    max_lines: int = _setting(
        3,
        number(1, 100, whole=True),
        "Most lines to show at once, unless up to seven more complete the block; the rest comes "
        "after accepting.",
    )
    rest_lines: int = _setting(
        6,
        number(0, 100, whole=True),
        "Lines to let the model go on behind what is shown, for when it is accepted.",
    )
    candidates: int = _setting(
        3,
        number(1, 5, whole=True),
        "Texts to choose from when you ask by hand; while typing it is one.",
    )
    comments: bool = _setting(True, BOOL, "Complete inside of comments while typing.")
    strings: bool = _setting(True, BOOL, "Complete inside of strings while typing.")
    requests_per_minute: int = _setting(
        0,
        number(0, 100_000, whole=True),
        "Rate limit of your key; 0: as the endpoint's headers say.",
    )
    tokens_per_minute: int = _setting(
        0,
        number(0, 1_000_000_000, whole=True),
        "The same for tokens.",
    )
    offline_fallback: bool = _setting(
        True, BOOL, "Complete from your own files while the endpoint fails."
    )
    prefix_chars: int = _setting(
        6000, number(100, 100_000, whole=True), "Most characters before the cursor to send."
    )
    suffix_chars: int = _setting(
        2000, number(0, 100_000, whole=True), "Most characters after the cursor to send."
    )
    context: str = _setting(
        "workspace",
        choice("file", "open", "workspace"),
        "What the model is shown beside the file itself. `workspace`: definitions and similar "
        "lines from all files of the workspace; `open`: from open files only; `file`: nothing.",
    )
    context_chars: int = _setting(
        4000, number(0, 20_000, whole=True), "Most characters of other files to send."
    )
    model_tokens: int = _setting(
        0,
        number(0, 2_000_000, whole=True),
        "Tokens that the model takes in at once. 0: 128000 for Mistral's own hosts, 32000 for an "
        "`endpoint` of yours.",
    )
    disabled_paths: tuple[str, ...] = _setting(
        (),
        TEXTS,
        "Files that are never sent, as document or as context: patterns as in `.gitignore`, "
        "besides those of `.codestralignore`. `~` is your home.",
    )
    trace_file: str = _setting(
        "",
        TEXT,
        "File to which everything that is sent and answered is written, your code included; "
        "empty: nothing is.",
    )
    completion: str = _setting(
        "auto",
        choice("auto", "always", "never"),
        "Offer the text in the completion menu too. `auto`: only to editors without ghost text.",
    )
    proxy: str = _setting("", PROXY, "Proxy for the endpoint; empty: what the environment says.")
    ca_file: str = _setting("", TEXT, "File with further certificate authorities (PEM).")
    trust_env: bool = _setting(
        True,
        BOOL,
        "Heed `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and the like.",
    )
    log_level: str = _setting(
        "warning",
        choice("error", "warning", "info", "debug"),
        "How much goes to the server's standard error; never code, never keys.",
    )


FIELDS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}


def environment_name(name: str) -> str:
    """The variable that holds a setting: its own well-known one, or the prefixed name."""
    return str(FIELDS[name].metadata["env"]) or ENVIRONMENT_PREFIX + name.upper()
