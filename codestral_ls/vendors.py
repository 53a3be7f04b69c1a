"""Who can be asked: a row for each provider that has a name. Pure, and known to every room."""

from collections.abc import Mapping
from dataclasses import dataclass

VENDOR_TOKENS = 128_000
"""What the documentation of `codestral-2508` says; its refusals say 131 072."""
UNKNOWN_TOKENS = 32_000
"""What the open Codestral takes, the smallest of the current models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Money for a million tokens, in the currency of the bill."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """In what a vendor differs from others with the same wire format.

    `blank_suffix` is sent where nothing stands behind the cursor, `most_stops` is how many stop
    sequences it takes; "" and 0: as the format has it.
    """

    blank_suffix: str = ""
    most_stops: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One provider: where it is, how it is spoken to, and what belongs to it.

    `base` is "" where only the user knows the address, of which `example` shows the form. `path`
    replaces the dialect's own; `lists_models` says that the dialect's list of models is there too.
    `key` is the environment variable with its key, "" if it takes none by that way; `needs_key`
    says that it answers nobody without one, `siblings` to whom a key may belong that it refuses.
    `model` is asked unless the settings name another; `needs_model` says that there has to be one.
    `tokens` is what a model takes in at once; the limits per minute are those of its documentation,
    0 if it has none. `local` ones cost nothing a call. Of a prefix and a suffix that are longer
    than `prefix_chars` and `suffix_chars` it reads a part only, 0 if it reads all. `start` is the
    command that starts such a server, with `{port}` and `{model}` in it, "" for nobody's own.
    """

    dialect: str
    base: str = ""
    example: str = ""
    path: str = ""
    lists_models: bool = True
    key: str = ""
    needs_key: bool = True
    siblings: tuple[str, ...] = ()
    model: str = ""
    needs_model: bool = True
    tokens: int = UNKNOWN_TOKENS
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    prices: Prices | None = None
    local: bool = False
    prefix_chars: int = 0
    suffix_chars: int = 0
    quirks: Quirks = Quirks()
    start: str = ""


CODESTRAL = "codestral-2508"
CODESTRAL_PRICES = Prices(prompt=0.30, completion=0.90)
"""The vendor's list price of 2025 and 2026, in US dollars."""

VENDORS: Mapping[str, Vendor] = {
    "codestral": Vendor(
        dialect="mistral",
        base="https://codestral.mistral.ai",
        key="CODESTRAL_API_KEY",
        siblings=("mistral",),
        model=CODESTRAL,
        tokens=VENDOR_TOKENS,
        prices=CODESTRAL_PRICES,
    ),
    "mistral": Vendor(
        dialect="mistral",
        base="https://api.mistral.ai",
        key="MISTRAL_API_KEY",
        siblings=("codestral",),
        model=CODESTRAL,
        tokens=VENDOR_TOKENS,
        prices=CODESTRAL_PRICES,
    ),
    "langdock": Vendor(
        dialect="mistral",
        base="https://api.langdock.com/mistral/eu",
        lists_models=False,
        key="LANGDOCK_API_KEY",
        model="codestral-2501",  # retired by Mistral, the only one here
        tokens=VENDOR_TOKENS,
        requests_per_minute=500,
        tokens_per_minute=60_000,
    ),
    "azure": Vendor(
        dialect="mistral",
        example="https://NAME.models.ai.azure.com",
        lists_models=False,
        key="AZURE_AI_API_KEY",
        model="Codestral-2501",
        tokens=VENDOR_TOKENS,
    ),
    "vertex": Vendor(
        dialect="mistral",
        example="https://europe-west4-aiplatform.googleapis.com/v1/projects/PROJECT/locations/"
        "europe-west4",
        path="/publishers/mistralai/models/{model}:streamRawPredict",
        lists_models=False,
        model="codestral-2501",
        tokens=VENDOR_TOKENS,
    ),
    "gateway": Vendor(
        dialect="gateway",
        example="http://127.0.0.1:8787",
        key="CODESTRAL_LS_GATEWAY_TOKEN",
        needs_key=False,
        needs_model=False,  # it has a usual one
        prices=Prices(prompt=0.0, completion=0.0),  # the bill is the gateway's
    ),
    "llama.cpp": Vendor(
        dialect="llama.cpp",
        base="http://127.0.0.1:8012",  # of its own presets for completion; it has no key of a name
        needs_key=False,
        needs_model=False,
        local=True,
        # Without a word it leaves out what exceeds 3/4 and 1/4 of a batch, by default of 2048
        # tokens, which are 3 characters of code at least. With every key typed the cut would move,
        # and nothing of what the server had read for the last request could be used again.
        prefix_chars=4500,
        suffix_chars=1500,
        start="llama-server --fim-qwen-1.5b-default --port {port}",
    ),
    "ollama": Vendor(
        dialect="ollama",
        base="http://127.0.0.1:11434",
        needs_key=False,
        model="qwen2.5-coder:1.5b",
        local=True,
        start="ollama serve",
    ),
    "lmstudio": Vendor(
        dialect="template",
        base="http://127.0.0.1:1234",
        needs_key=False,
        local=True,
        start="lms server start --port {port}",
    ),
    "vllm": Vendor(
        dialect="template",
        base="http://127.0.0.1:8000",
        needs_key=False,
        local=True,
        start="vllm serve {model} --port {port}",
    ),
    "tgi": Vendor(
        dialect="template",
        base="http://127.0.0.1:8080",
        needs_key=False,
        needs_model=False,
        local=True,
        quirks=Quirks(most_stops=4),  # of its launcher, unless told otherwise
        start="text-generation-launcher --model-id {model} --port {port}",
    ),
    "template": Vendor(
        dialect="template",
        example="http://127.0.0.1:8080",
        needs_key=False,
        needs_model=False,
    ),
    "deepseek": Vendor(
        dialect="openai",
        base="https://api.deepseek.com",
        path="/beta/completions",
        key="DEEPSEEK_API_KEY",
        model="deepseek-chat",
        quirks=Quirks(most_stops=16),
    ),
    "siliconflow": Vendor(
        dialect="openai",
        base="https://api.siliconflow.com",
        key="SILICONFLOW_API_KEY",
        model="Qwen/Qwen2.5-Coder-7B-Instruct",
    ),
    "mercury": Vendor(
        dialect="openai",
        base="https://api.inceptionlabs.ai",
        key="INCEPTION_API_KEY",
        model="mercury-coder",
        quirks=Quirks(blank_suffix="<|endoftext|>"),
    ),
    "openai": Vendor(
        dialect="openai",
        base="https://api.openai.com",
        key="OPENAI_API_KEY",
        model="gpt-3.5-turbo-instruct",
    ),
    "fireworks": Vendor(
        dialect="template",
        base="https://api.fireworks.ai/inference",
        key="FIREWORKS_API_KEY",
        quirks=Quirks(most_stops=4),
    ),
    "together": Vendor(dialect="template", base="https://api.together.xyz", key="TOGETHER_API_KEY"),
    "openrouter": Vendor(
        dialect="chat",
        base="https://openrouter.ai/api",
        key="OPENROUTER_API_KEY",
        model="mistralai/codestral-2508",
    ),
    "chat": Vendor(
        dialect="chat", example="http://127.0.0.1:8080", needs_key=False, needs_model=False
    ),
}

OFFLINE = "offline"
AUTOMATIC = ("codestral", "mistral")
"""Whose keys mean that they are to be asked; keys of others may be there for other programs."""
KEY_VARIABLES = tuple(row.key for row in VENDORS.values() if row.key)
