"""How it stands with the completing, for whoever shows it to the user."""

from dataclasses import dataclass

from codestral_ls.engine.chain import Chain, Link
from codestral_ls.engine.metering import Metering
from codestral_ls.engine.switch import Switch
from codestral_ls.errors import FimError
from codestral_ls.model import Reason
from codestral_ls.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a provider is not asked, and how many seconds from now it may be tried again."""

    number: int
    provider: str
    error: FimError
    retry_in: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether and by whom texts are completed now.

    `enabled` by the settings and by the switch; `snoozed_seconds` are left of a pause, 0 without
    one; `busy` says that a call is under way. `provider` and `model` are who is asked now, or the
    preferred one if nobody can be, and `number` its place among all; `serves` says that this is a
    model with which all is well. `failures` are of those that are preferred to it, or of all if
    there is none; `several` that more than one model is named. `spent` is the share of the day's
    bound, 0 without one or where nothing costs. `offline` says that the offline provider completes.
    `warning` is what the user should know of the money. `cause` is why no model can be asked now,
    SPENT or PAUSED; None while one can be, or where none is wanted. `day_left` are the seconds
    after which what is said of the day is no longer true, 0 where nothing is.
    """

    enabled: bool
    snoozed_seconds: float
    busy: bool
    provider: str
    model: str
    serves: bool
    failures: tuple[Failure, ...] = ()
    several: bool = False
    spent: float = 0.0
    offline: bool = False
    warning: str = ""
    cause: Reason | None = None
    number: int = 0
    day_left: float = 0.0

    @property
    def failure(self) -> FimError | None:
        """Why the first of those that fail does; None while all is well."""
        return self.failures[0].error if self.failures else None

    @property
    def retry_in(self) -> float:
        """Seconds until the next one of them may be tried again."""
        return min((each.retry_in for each in self.failures), default=0.0)


def condition_of(  # noqa: PLR0913 - all that it speaks of
    settings: Settings,
    chain: Chain,
    metering: Metering,
    switch: Switch,
    *,
    busy: bool,
    day_left: float,
) -> Condition:
    """How it stands now."""
    well, serving = chain.well, chain.serving()
    link = well or serving or chain.first
    used, warned = link.provider, chain.costs and metering.daily_limit.words
    offline = well is None and serving is not None and not serving.asks
    return Condition(
        enabled=switch.is_on,
        snoozed_seconds=switch.snoozed_for,
        busy=busy,
        provider=used.name,
        model=used.model,
        serves=well is not None,
        failures=_failures(chain, well),
        several=len(list(chain.before(None))) > 1,
        spent=metering.daily_limit.share if chain.costs else 0.0,
        offline=offline,
        warning=_warning(settings, chain, metering) if chain.costs else "",
        cause=_cause(chain, serving),
        number=link.number,
        day_left=day_left if warned else 0.0,
    )


def _failures(chain: Chain, well: Link | None) -> tuple[Failure, ...]:
    return tuple(
        Failure(
            number=each.number,
            provider=each.provider.name,
            error=each.breaker.cause,
            retry_in=each.breaker.retry_in,
        )
        for each in chain.before(well)
        if each.breaker.cause is not None
    )


def _cause(chain: Chain, serving: Link | None) -> Reason | None:
    if not chain.first.asks or (serving is not None and serving.asks):
        return None
    return Reason.SPENT if chain.is_spent(chain.first) else Reason.PAUSED


def _warning(settings: Settings, chain: Chain, metering: Metering) -> str:
    if metering.daily_limit.words or not settings.daily_budget or chain.without_price is None:
        return metering.daily_limit.words
    name = chain.without_price.provider.name
    left_out = f"`daily_budget` leaves out {name}, since its price is not known"
    own = chain.without_price is chain.first
    if own:
        return f"{left_out}: set `price_prompt` and `price_completion`."
    return f"{left_out}; `daily_requests` bounds it as well."
