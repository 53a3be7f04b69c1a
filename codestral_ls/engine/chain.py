"""Who is asked: the providers in their order, and what is known of each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from codestral_ls.context.prompt import (
    Sources,
    as_variant,
    build_prompt,
    estimate_tokens,
    scaled,
    size_of,
)
from codestral_ls.context.tokens import TokenRates
from codestral_ls.errors import FimError
from codestral_ls.model import Budget, Prompt, Request, Source
from codestral_ls.provider import Provider
from codestral_ls.reuse.limits import Allowance
from codestral_ls.reuse.pace import Breaker
from codestral_ls.reuse.place import PLACE_AFTER, PLACE_BEFORE
from codestral_ls.settings import Settings

SILENT_SECONDS = 1.0
"""Without a token, from which on a call that is broken off speaks against the provider. Editors
give up after 0.75 s and calls go on for another; Codestral's first token takes 0.3 s."""


@dataclass(slots=True, kw_only=True, eq=False)
class Link:
    """One provider: whether it fails, what its limits leave, how it counts and what it takes in.

    `number` is its place in the chain, since two may have the same name. `share` is how much of
    its budget it has taken in at once so far, `first_token` how long it took for its latest one.
    """

    number: int
    provider: Provider
    breaker: Breaker
    allowance: Allowance
    rates: TokenRates = field(default_factory=TokenRates)
    share: float = 1.0
    first_token: float = 0.0

    @property
    def asks(self) -> bool:
        """Whether a model is asked, and not the files that are there."""
        return self.provider.source is not Source.OFFLINE

    @property
    def costs(self) -> bool:
        """Whether a call is counted against the day's bound."""
        return self.asks and not self.provider.local

    @property
    def patience(self) -> float:
        """How long it may say nothing; a slow machine of the user's own has some more."""
        return max(SILENT_SECONDS, 2 * self.first_token)

    def prompt(
        self,
        request: Request,
        settings: Settings,
        sources: Sources,
        variant: int = 0,
        share: float = 1.0,
    ) -> Prompt:
        """What this provider is told for a request: no more than such a share of its budget."""
        if not self.asks:  # it has other files of its own, and no limits
            return build_prompt(request, settings, self.provider.budget)
        budget = scaled(self.provider.budget, min(share, self.share))
        prompt = build_prompt(request, settings, budget, sources=sources, rates=self.rates)
        return as_variant(prompt, variant) if variant else prompt

    def estimate(self, prompt: Prompt) -> int:
        """How many tokens a call will be counted for at most."""
        return estimate_tokens(prompt, self.rates)

    def tokens(self, prompt: Prompt) -> int:
        """What a prompt will most probably be counted for."""
        return self.rates.tokens(prompt.language, size_of(prompt))

    def learn(self, prompt: Prompt, tokens: int) -> None:
        """Takes note of what a prompt was counted for."""
        self.rates.learn(prompt.language, size_of(prompt), tokens)

    def joins(self, prompt: Prompt) -> bool:
        """Whether somebody asks the same already, so that a call would only follow that one."""
        return self.provider.joins is not None and self.provider.joins(prompt)

    def take_off(self, prompt: Prompt) -> None:
        """A call goes out."""
        self.allowance.spend(self.estimate(prompt))
        self.breaker.probe()

    def touch_down(self, prompt: Prompt) -> None:
        """A call has not gone out after all: somebody else's brings the answer."""
        self.allowance.give_back(self.estimate(prompt))


class Chain:
    """The providers of a chain, the preferred one first, and who stands in for them at last.

    `is_spent` says whether the day's bound is reached, `changed` is told what opens and closes.
    """

    def __init__(
        self,
        providers: tuple[Provider, ...],
        now: Callable[[], float],
        is_spent: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._is_spent = is_spent
        self._changed = changed
        self._links = tuple(
            Link(
                number=number,
                provider=each,
                breaker=Breaker(now),
                allowance=Allowance(now, each.requests_per_minute, each.tokens_per_minute),
            )
            for number, each in enumerate(providers)
        )

    @property
    def first(self) -> Link:
        """The preferred one."""
        return self._links[0]

    def serving(self, *, invoked: bool = False) -> Link | None:
        """The first that can be asked now; one that has failed comes behind all that are well.

        Who asks by hand also tries a model that has failed lately, rather than none at all.
        """
        free = [each for each in self._links if not self._is_blocked(each)]
        well = [each for each in free if each.breaker.lets_pass]
        if invoked and not any(each.asks for each in well):
            free = [each for each in self._links if not self._is_blocked(each, invoked=True)]
            well = []
        return next(iter(well or free), None)

    @property
    def well(self) -> Link | None:
        """The first model with which nothing is wrong."""
        found = (each for each in self._links if each.asks and each.breaker.is_closed)
        return next((each for each in found if not self.is_spent(each)), None)

    def before(self, link: Link | None) -> Iterator[Link]:
        """The models that are preferred to this one; all of them for None."""
        for each in self._links:
            if each is link:
                return
            if each.asks:
                yield each

    def due(self, link: Link) -> Iterator[Link]:
        """The models before this one that have failed and may be tried again, and have room."""
        for each in self.before(link):
            if each.breaker.is_due and not self.is_spent(each) and each.allowance.has_room():
                yield each

    def after(self, link: Link, *, invoked: bool) -> Iterator[Link]:
        """Models that can be asked at once when this one has failed."""
        for each in self._links[self._links.index(link) + 1 :]:
            if each.asks and not self._is_blocked(each, invoked=invoked):
                yield each

    @property
    def model_is_back(self) -> bool:
        """Whether what the offline provider said is no longer wanted."""
        return self.well is not None

    @property
    def costs(self) -> bool:
        """Whether a call of any of them is counted against the day's bound."""
        return any(each.costs for each in self._links)

    @property
    def without_price(self) -> Link | None:
        """The first one whose calls cost money, and nobody knows how much."""
        return next((each for each in self._links if each.costs and not each.provider.prices), None)

    def has_room(self, link: Link) -> bool:
        """Whether a call that nobody waits for would be in nobody's way."""
        well = link.asks and link.breaker.is_closed and not self.is_spent(link)
        return well and link.allowance.has_room()

    def is_spent(self, link: Link) -> bool:
        """Whether this one costs money that may not be spent today."""
        return link.costs and self._is_spent()

    def succeed(self, link: Link) -> None:
        """A call has been answered."""
        opened = not link.breaker.is_closed
        link.breaker.succeed()
        if opened:
            self._changed()

    def fail(self, link: Link, error: FimError) -> None:
        """A call has failed."""
        link.breaker.fail(error)
        self._changed()

    def retry(self) -> None:
        """Forgets all failures."""
        for each in self._links:
            self.succeed(each)

    def _is_blocked(self, link: Link, *, invoked: bool = False) -> bool:
        return self.is_spent(link) or link.breaker.blocked_by(invoked=invoked) is not None


def chain_of(provider: Provider | None) -> Iterator[Provider]:
    """A provider and whoever serves while it fails, in that order."""
    while provider is not None:
        yield provider
        provider = provider.then


def who_serves(
    first: Provider, offline: Provider | None, settings: Settings
) -> tuple[Provider, ...]:
    """The chain, and behind it the offline provider, unless it is in it or not wanted."""
    chain = tuple(chain_of(first))
    if offline is None or not settings.offline_fallback:
        return chain
    return chain if any(each.source is Source.OFFLINE for each in chain) else (*chain, offline)


def widest(first: Provider) -> Budget:
    """How much of a document any of the chain is shown, and at least a place."""
    budgets = [each.budget for each in chain_of(first)]
    return Budget(
        prefix_chars=max(PLACE_BEFORE, *(each.prefix_chars for each in budgets)),
        suffix_chars=max(PLACE_AFTER, *(each.suffix_chars for each in budgets)),
    )
