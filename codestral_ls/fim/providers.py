"""Settings -> which endpoints are asked, in which order, and how to come by their keys. Pure.

A provider is a row of `VENDORS`: where it is, how it is spoken to, and which key belongs to it.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from codestral_ls.addresses import (
    bare,
    full_url,
    host_of,
    is_local,
    is_private,
    listing_url,
    named_model,
)
from codestral_ls.fim.dialects import DIALECTS, Dialect, Target
from codestral_ls.fim.routes import Server
from codestral_ls.kinds import Secret, split_entry
from codestral_ls.settings import Settings
from codestral_ls.vendors import (
    AUTOMATIC,
    OFFLINE,
    UNKNOWN_TOKENS,
    VENDORS,
    Prices,
    Quirks,
    Vendor,
)

OWN_VARIABLE = "CODESTRAL_LS_API_KEY"
"""For keys of providers that have no variable of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlan:
    """How to come by a key: `given` if there is one, or else by command, file or keyring.

    `given_in` is the variable that held the given one, "" if it is the setting's. `variable` is the
    one that messages tell the user to set, `needed` says that nobody is answered without a key.
    `withheld` is where a key would come from that must not go there.
    """

    given: Secret = field(default_factory=Secret)
    command: str = ""
    file: str = ""
    keyring: str = ""
    variable: str = OWN_VARIABLE
    needed: bool = False
    withheld: str = ""
    given_in: str = ""

    def __bool__(self) -> bool:
        return bool(self.given or self.command or self.file or self.keyring)

    def without_ways(self) -> "KeyPlan":
        """The same without any way to a key."""
        return KeyPlan(variable=self.variable, needed=self.needed)

    @property
    def origin(self) -> str:
        """Where the key comes from, in words; "" if there is none."""
        if self.given:
            return self.given_in or "`api_key`"
        ways = {"command": self.command, "file": self.file, "keyring": self.keyring}
        return next((f"`api_key_{way}`" for way, value in ways.items() if value), "")


class Sibling(NamedTuple):
    """Another host to which a key may belong that this one refuses; `url` lists its models."""

    provider: str
    url: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where calls go.

    `tokens` is what the model takes in at once, its answer included. `prices` are None where a call
    costs nothing or nobody knows what; a `local` one is on this machine and costs nothing.
    `template` is the setting. `catalog_url` is "" where models are not listed. The limits per
    minute are 0 if none are known. More than `prefix_chars` and `suffix_chars` are silently left
    out by the server, 0 if it reads all: whoever writes a prompt keeps it shorter. `address_in` is
    the setting that says or may say where it is, `start` the command that starts it here.

    `unusable` says why nothing can be asked there, and what to do; "" if all is well. Whoever asks
    raises it as `Refused` and sends nothing: `url` may be empty.
    """

    provider: str
    url: str
    dialect: Dialect
    model: str
    key: KeyPlan = field(default_factory=KeyPlan)
    tokens: int = UNKNOWN_TOKENS
    prices: Prices | None = None
    local: bool = False
    template: str = ""
    quirks: Quirks = field(default_factory=Quirks)
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    prefix_chars: int = 0
    suffix_chars: int = 0
    catalog_url: str = ""
    siblings: tuple[Sibling, ...] = ()
    address_in: str = "`endpoint`"
    start: str = ""
    has_own_address: bool = False
    unusable: str = ""

    @property
    def host(self) -> str:
        """How messages call it: no path, no credentials."""
        return host_of(self.url)

    @property
    def origin(self) -> str:
        """Scheme and authority."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def server(self) -> Server:
        """What messages say of it."""
        absent = f"Is {self.provider} running? Start it (`{self.start}`), or correct"
        absent = absent if self.start else "Is the server running? Start it, or correct"
        absent = f"{absent} its address in {self.address_in}." if is_local(self.url) else ""
        address = f"{self.address_in}, " if self.has_own_address else ""
        check = f"Check {address}the network and the proxy."
        return Server(self.host, self.address_in, check, absent)

    @property
    def target(self) -> Target:
        """Whom a request is for, in the words of the dialects."""
        return Target(model=self.model, template=self.template, quirks=self.quirks)


def choose_endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoints that the settings mean, in order; none stands for the offline provider.

    What the settings say of key, address, model, prices and limits belongs to the first one. What
    is named behind the offline provider, which always answers, is never asked.
    """
    entries = [split_entry(entry) for entry in settings.providers]
    entries = entries or [(_alone(settings), "", "")]
    names = [name for name, _, _ in entries]
    asked = entries[: names.index(OFFLINE)] if OFFLINE in names else entries
    rows = [settings] + [_impersonal(settings)] * len(asked)
    return tuple(
        _endpoint(
            replace(row, model=model or row.model, endpoint=url or row.endpoint),
            name,
            "`providers`" if settings.providers and (url or not row.endpoint) else "`endpoint`",
        )
        for row, (name, model, url) in zip(rows, asked, strict=False)
    )


def _alone(settings: Settings) -> str:
    """The one provider that is meant, if they are not listed.

    `auto` follows the key: the vendor asks editors to use the codestral host, so its key is
    looked at first. A key from elsewhere, or an endpoint of one's own, means mistral.
    """
    if settings.provider != "auto":
        return settings.provider
    name = next((each for each in AUTOMATIC if settings.keys.of(VENDORS[each].key)), "")
    return name or ("mistral" if _own_key(settings) or settings.endpoint else OFFLINE)


def _impersonal(settings: Settings) -> Settings:
    """What the settings say to a provider that is not the first one."""
    return Settings(keys=settings.keys)


def _endpoint(settings: Settings, name: str, address_in: str) -> Endpoint:
    vendor = VENDORS[name]
    dialect = DIALECTS[vendor.dialect]
    path = vendor.path or dialect.path
    address = settings.endpoint or vendor.base
    model = settings.model or named_model(address) or vendor.model
    url = full_url(address, path, model) if address else ""
    key = _key_plan(settings, vendor, url)
    local = is_local(url) and (vendor.local or not key)
    endpoint = Endpoint(
        provider=name,
        url=url,
        dialect=dialect,
        model=model,
        key=key,
        tokens=_tokens(settings, vendor),
        prices=_prices(settings, None if local else vendor.prices),
        local=local,
        template=settings.fim_template,
        quirks=vendor.quirks,
        requests_per_minute=settings.requests_per_minute or vendor.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute or vendor.tokens_per_minute,
        prefix_chars=vendor.prefix_chars,
        suffix_chars=vendor.suffix_chars,
        catalog_url=_catalog_url(address, path, vendor),
        siblings=() if settings.endpoint else tuple(map(_sibling, vendor.siblings)),
        address_in=address_in,
        has_own_address=bool(settings.endpoint),
        start=_start(vendor, url, model),
    )
    return replace(endpoint, unusable=_why_unusable(endpoint, vendor))


def _start(vendor: Vendor, url: str, model: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return vendor.start.format(port=port, model=model or "MODEL")


def _catalog_url(address: str, path: str, vendor: Vendor) -> str:
    catalog = DIALECTS[vendor.dialect].catalog
    if not address or catalog is None or not vendor.lists_models:
        return ""
    return listing_url(address, path, catalog.path)


def _own_key(settings: Settings) -> KeyPlan:
    """The ways to a key that the settings name."""
    return KeyPlan(
        given=settings.api_key,
        command=settings.api_key_command,
        file=settings.api_key_file,
        keyring=settings.api_key_keyring,
    )


def _key_plan(settings: Settings, vendor: Vendor, url: str) -> KeyPlan:
    """The key of the settings wins over the other ways, and each of them over the environment's."""
    elsewhere = bool(settings.endpoint and vendor.base)
    in_address = "key" in parse_qs(urlsplit(url).query)  # as Google takes it in express mode
    plan = replace(
        _own_key(settings),
        variable=vendor.key or OWN_VARIABLE,
        needed=vendor.needs_key and not elsewhere and not in_address,
    )
    if not plan and (own := settings.keys.of(vendor.key)):
        plan = replace(plan, given=own, given_in=vendor.key)
    # Regional hosts and gateways take the vendor's key, but a network must not overhear it.
    if url and not is_private(url) and plan and not settings.api_key:
        return replace(plan.without_ways(), withheld=plan.origin)
    return plan


def _tokens(settings: Settings, vendor: Vendor) -> int:
    elsewhere = bool(settings.endpoint and vendor.base)
    return settings.model_tokens or (UNKNOWN_TOKENS if elsewhere else vendor.tokens)


def _prices(settings: Settings, listed: Prices | None) -> Prices | None:
    """The list prices, unless the settings know better; what they leave open costs nothing."""
    prompt, completion = settings.price_prompt, settings.price_completion
    if prompt < 0 and completion < 0:
        return listed
    listed = listed or Prices(prompt=0.0, completion=0.0)
    return Prices(
        prompt=listed.prompt if prompt < 0 else prompt,
        completion=listed.completion if completion < 0 else completion,
    )


def _sibling(name: str) -> Sibling:
    vendor = VENDORS[name]
    catalog = DIALECTS[vendor.dialect].catalog
    return Sibling(name, vendor.base + (catalog.path if catalog else ""), vendor.key)


def _why_unusable(endpoint: Endpoint, vendor: Vendor) -> str:
    is_listed = endpoint.address_in == "`providers`"
    if not endpoint.url:
        to_do = f"Set `endpoint` to yours, such as {vendor.example}."
        if is_listed:
            entry = ":".join(filter(None, [endpoint.provider, endpoint.model]))
            to_do = f'Name it in `providers`: "{entry}@{vendor.example}".'
        return f'The provider "{endpoint.provider}" has no address of its own. {to_do}'
    if vendor.needs_model and not endpoint.model:
        shown = bare(endpoint.catalog_url)
        where = f" {shown} lists what there is." if shown else ""
        to_do = "Set `model` to its name."
        if is_listed:
            to_do = f'Name it in `providers`: "{endpoint.provider}:MODEL".'
        return f"{endpoint.host} wants to be told which model. {to_do}{where}"
    return endpoint.dialect.lacks(endpoint.target)
