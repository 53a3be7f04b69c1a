"""Settings -> which endpoint is asked, with which key.

A provider is a row of `PRESETS`: where it is, how it is spoken to, and which key belongs to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from codestral_ls.fim.dialects import DIALECTS, Dialect
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings, environment_name

OFFLINE = "offline"


VENDOR_TOKENS = 128_000
"""What the documentation of `codestral-2508` says; its refusals say 131 072."""
UNKNOWN_TOKENS = 32_000
"""What the open Codestral takes, the smallest of the current models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A vendor: base URL, dialect, the setting that holds its key, and tokens of a prompt."""

    base: str
    dialect: str
    key: str
    tokens: int


PRESETS: Mapping[str, Preset] = {
    "codestral": Preset(
        base="https://codestral.mistral.ai",
        dialect="mistral",
        key="codestral_key",
        tokens=VENDOR_TOKENS,
    ),
    "mistral": Preset(
        base="https://api.mistral.ai", dialect="mistral", key="mistral_key", tokens=VENDOR_TOKENS
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where calls go. `key_name` is the variable that messages tell the user to set.

    `tokens` is what the model takes in at once, its answer included. `withheld` is the variable
    with a key that must not go there.
    """

    provider: str
    url: str
    dialect: Dialect
    model: str
    key: Secret
    key_name: str
    needs_key: bool
    tokens: int
    withheld: str = ""

    @property
    def host(self) -> str:
        """How messages call it: no path, no credentials."""
        return urlsplit(self.url).hostname or "the endpoint"

    @property
    def is_local(self) -> bool:
        """Whether a call costs nothing: on this machine, and nobody asks for a key."""
        return is_loopback(self.host) and not self.key

    @property
    def origin(self) -> str:
        """Scheme and authority."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/"


def choose_endpoint(settings: Settings) -> Endpoint | None:
    """The endpoint that the settings mean; None stands for the offline provider.

    `auto` follows the key: the vendor asks editors to use the codestral host, so its key is
    looked at first. A key from the editor alone, or an endpoint of one's own, means mistral.
    """
    name = settings.provider
    if name == "auto":
        name = next((each for each, row in PRESETS.items() if getattr(settings, row.key)), "")
        if not name:
            name = "mistral" if settings.api_key or settings.endpoint else OFFLINE
    if name == OFFLINE:
        return None
    preset = PRESETS[name]
    dialect = DIALECTS[preset.dialect]
    url = full_url(settings.endpoint or preset.base, dialect.path)
    vendor_key: Secret = getattr(settings, preset.key)
    key_name = environment_name(preset.key)
    # Regional hosts and gateways take the vendor's key, but a network must not overhear it.
    withheld = bool(vendor_key) and not settings.api_key and not is_private(url)
    return Endpoint(
        provider=name,
        url=url,
        dialect=dialect,
        model=settings.model,
        key=Secret() if withheld else settings.api_key or vendor_key,
        key_name=key_name,
        needs_key=not settings.endpoint,
        tokens=settings.model_tokens or (UNKNOWN_TOKENS if settings.endpoint else preset.tokens),
        withheld=key_name if withheld else "",
    )


def is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; not by its first digits, with which names can begin too."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def full_url(base: str, path: str) -> str:
    """Base URL plus path, for a base given with or without `/v1`, or with the whole path."""
    base = base.rstrip("/")
    if base.endswith(path):
        return base
    version, _, rest = path.removeprefix("/").partition("/")
    return f"{base}/{rest}" if base.endswith(f"/{version}") else base + path
