"""Everything that can be chosen: one total, immutable `Settings`. Pure.

Every setting is one field of `Settings`: its default, what it accepts and what it does stand
together, and everything else (parsing, messages, the README's table) is derived from there.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal

from codestral_ls.entries import entries
from codestral_ls.kinds import (
    BOOL,
    DEBOUNCE,
    KEYS,
    PROXY,
    SECRET,
    TEXT,
    TEXTS,
    UNICODE,
    URL,
    Keys,
    Kind,
    Secret,
    choice,
    number,
    spelled,
)
from codestral_ls.vendors import KEY_VARIABLES, OFFLINE, VENDORS

ENVIRONMENT_PREFIX = "CODESTRAL_LS_"
SECTION = "codestral"
"""How editors call the part of their configuration that is ours."""


MENU_TRIGGERS = (".", "(", "[", "{", "=", ":", ",", " ", "\t", "\n")
"""Of itself Helix 25.07 asks after two word characters only, and after Enter for nothing.

Most ghost text begins behind a blank (`return `, `x = `), which other servers do not ask for. The
last two are what stands before the cursor where `o` has opened a line.
"""

ANYWHERE, NOT_IN_FILE, ENVIRONMENT_ONLY = "anywhere", "not in the file", "environment only"
NOT_IN_EDITOR = "not in the editor"
"""What runs a program or names a file: an editor takes settings from folders of strangers too."""


def _setting(default: Any, kind: Kind, about: str, *, where: str = ANYWHERE, env: str = "") -> Any:  # noqa: ANN401 - the field's own annotation is what counts
    metadata = {"kind": kind, "about": about, "where": where, "env": env, "careful": False}
    return field(default=default, metadata=metadata)


def _careful(default: Any, kind: Kind, about: str) -> Any:  # noqa: ANN401 - likewise
    """A setting of which no wrong value is replaced: nobody is asked until it is corrected.

    It decides where code goes, which code may leave, or what that may cost.
    """
    metadata = {"kind": kind, "about": about, "where": ANYWHERE, "env": "", "careful": True}
    return field(default=default, metadata=metadata)


def _outside(about: str) -> Any:  # noqa: ANN401 - the field's own annotation is what counts
    """A text that is set outside of editors alone: it runs a program, or names a file."""
    return _setting("", TEXT, f"{about} Not read from the editor.", where=NOT_IN_EDITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen; total, so that nobody asks twice what was meant."""

    provider: str = _careful(
        "auto",
        choice("auto", OFFLINE, *VENDORS),
        "Who completes. `auto`: Mistral, if a key of its is set, otherwise the offline provider.",
    )
    providers: tuple[str, ...] = _careful(
        (),
        entries(OFFLINE, *VENDORS),
        "Several instead, the first one first: the next one serves while those before it fail. "
        '`["codestral", "ollama:qwen2.5-coder:7b", "llama.cpp@http://box:8012"]`.',
    )
    endpoint: str = _careful(
        "", URL, "Address of the endpoint, if it is not the provider's own; any part of it will do."
    )
    model: str = _setting("", UNICODE, "Model to ask; empty: the provider's usual one.")
    fim_template: str = _setting(
        "",
        TEXT,
        "How a model is asked that has no field for the text behind the cursor: the name of a "
        "family, or a text with `{prefix}` and `{suffix}`. Empty: by the model's name.",
    )
    api_key: Secret = _setting(
        Secret(),
        SECRET,
        "Key for the provider; wins over the other ways. Not read from the file.",
        where=NOT_IN_FILE,
    )
    keys: Keys = _setting(
        Keys(),
        KEYS,
        f"Keys of providers. Read from {', '.join(f'`{each}`' for each in KEY_VARIABLES)} alone.",
        where=ENVIRONMENT_ONLY,
        env=" or ".join(KEY_VARIABLES[:2]),
    )
    api_key_command: str = _outside("Program that prints the key, such as `pass show mistral`.")
    api_key_file: str = _outside("File with the key, which nobody else may read.")
    api_key_keyring: str = _outside(
        "Key in the system's keyring as SERVICE/USER; needs the extra `[keyring]`."
    )
    enabled: bool = _careful(True, BOOL, "Switches all ghost text on or off.")
    trigger: str = _careful(
        "automatic",
        choice("automatic", "manual"),
        "`manual`: only when the editor's command asks for it.",
    )
    languages: tuple[str, ...] = _careful(
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
    daily_requests: int = _careful(
        0,
        number(0, 10_000_000, whole=True),
        "Most requests a day; 0: no bound. From then on the offline provider completes.",
    )
    daily_budget: float = _careful(
        0.0, number(0, 1_000_000, whole=False), "The same for money, by the two prices below."
    )
    price_prompt: float = _setting(
        -1.0,
        number(-1, 10_000, whole=False),
        "Price of a million tokens sent; -1: the list price, where it is known.",
    )
    price_completion: float = _setting(
        -1.0, number(-1, 10_000, whole=False), "The same for tokens that are generated."
    )
    stats: bool = _setting(
        True,
        BOOL,
        "Count what happened for `codestral-ls stats`: never code, never paths, and it stays on "
        "this machine.",
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
    context: str = _careful(
        "workspace",
        choice("file", "open", "workspace"),
        "What the model is shown beside the file itself. `workspace`: definitions and similar "
        "lines from all files of the workspace; `open`: from open files only; `file`: nothing.",
    )
    context_chars: int = _careful(
        4000, number(0, 20_000, whole=True), "Most characters of other files to send."
    )
    model_tokens: int = _setting(
        0,
        number(0, 2_000_000, whole=True),
        "Tokens that the model takes in at once. 0: 128000 for Mistral's models at their vendors, "
        "32000 for all others and for an `endpoint` of yours.",
    )
    disabled_paths: tuple[str, ...] = _careful(
        (),
        TEXTS,
        "Files that are never sent, as document or as context: patterns as in `.gitignore`, "
        "besides those of `.codestralignore`. `~` is your home.",
    )
    trace_file: str = _outside(
        "File to which everything that is sent and answered is written, your code included; "
        "empty: nothing is."
    )
    completion: str = _setting(
        "auto",
        choice("auto", "always", "never"),
        "Offer the text in the completion menu too. `auto`: only to editors without ghost text.",
    )
    menu_triggers: tuple[str, ...] = _setting(
        MENU_TRIGGERS,
        TEXTS,
        "Characters after which an editor asks for the menu at once. Helix then asks your other "
        "servers too, which leaving out the blank makes rarer. Read when the server starts.",
    )
    proxy: str = _careful(
        "",
        PROXY,
        "Proxy for the endpoint; empty: what the environment says. Servers on this machine are "
        "reached without any.",
    )
    ca_file: str = _outside("File with further certificate authorities (PEM).")
    client_cert: str = _outside(
        "File with the certificate that the endpoint wants to see, and its key (PEM)."
    )
    client_cert_key: str = _outside("File with the key of that certificate, if it is another one.")
    trust_env: bool = _careful(
        True,
        BOOL,
        "Heed `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and the like.",
    )
    log_level: str = _setting(
        "warning",
        choice("error", "warning", "info", "debug"),
        "How much goes to the server's standard error; never code, never keys.",
    )

    def __repr__(self) -> str:
        """What is not as by default, without anything secret."""
        shown = (
            f"{name}={spelled(value)}"
            for name, row in FIELDS.items()
            if (value := getattr(self, name)) != row.default
        )
        return f"Settings({', '.join(shown)})"


FIELDS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}


def environment_name(name: str) -> str:
    """The variable that holds a setting: its own well-known one, or the prefixed name."""
    return str(FIELDS[name].metadata["env"]) or ENVIRONMENT_PREFIX + name.upper()
