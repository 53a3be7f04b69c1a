"""What happens in a gateway, as counters that Prometheus reads; never code, paths or tokens.

All names begin with `codestral_ls_`. Where several workers share a folder, by the variable
PROMETHEUS_MULTIPROC_DIR before this module is imported, each writes into files there and whichever
is asked tells the sums.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import codestral_ls
from codestral_ls.gateway.exposition import exposed
from codestral_ls.happenings import CallEnded, Happening, RequestEnded
from codestral_ls.statistics.names import OTHER, cleaned

if TYPE_CHECKING:  # it holds what stands here
    from codestral_ls.gateway.gateway import Gateway

MOST_USERS = 1000
"""Whose names are told apart; from then on it is `OTHER`. Each has up to ten series."""
MOST_MODELS = 100
"""Pairs of a provider and a model, each of which has forty."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30)
"""Bounds of buckets: what is known already takes 1 to 5 ms, a model from 0.2 s to some seconds."""
MOST_AMOUNT = 2.0**40
"""Of one happening: what a broken server counts must not end in infinity."""
NONE = "none"
"""The source of a request that has no answer, and the failure of a call that has none."""

Together = Literal["max", "livesum", "livemax", "livemostrecent"]
"""What several workers' values of a moment make together; dead ones have but a version."""


class Metrics:
    """The counters of one gateway."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        """Its own: two gateways in one process count apart."""
        self._is_shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._look: Callable[[], None] = _nothing
        self._users, self._models = Names(MOST_USERS), Names(MOST_MODELS)
        self._of_http()
        self._of_completions()
        self._of_calls()
        self._of_users()
        self._of_moments()
        if not self._is_shared:  # of one process among several they would say little
            ProcessCollector(registry=self.registry)

    def _of_http(self) -> None:
        self._replies = self._counter("http_requests", "Replies by route.", "route", "status")
        self._reply_seconds = self._histogram(
            "http_request_duration_seconds", "From a request to the end of its reply.", "route"
        )

    def _of_completions(self) -> None:
        self._completions = self._counter(
            "completions", "Completions by where they came from, or why there was none.", "outcome"
        )
        self._completion_seconds = self._histogram(
            "completion_duration_seconds", "From a question to its answer.", "source"
        )

    def _of_calls(self) -> None:
        model = ("provider", "model")
        self._calls = self._counter(
            "calls",
            "Calls to providers; their failure is none if there was none.",
            *model,
            "failure",
        )
        self._call_seconds = self._histogram(
            "call_duration_seconds", "Calls without failure, from begin to end.", *model
        )
        self._first_token_seconds = self._histogram(
            "call_first_token_seconds", "From the begin of a call to its first token.", *model
        )
        self._prompt_tokens = self._counter("prompt_tokens", "Tokens sent, cached too.", *model)
        self._completion_tokens = self._counter("completion_tokens", "Tokens generated.", *model)
        self._cached_tokens = self._counter(
            "cached_prompt_tokens", "Tokens sent that a provider had in its cache.", *model
        )
        self._unpriced_tokens = self._counter(
            "unpriced_tokens", "Tokens of which nobody knows what they cost.", *model
        )
        self._cost = self._counter("cost", "Money, in the currency of the prices.", *model)

    def _of_users(self) -> None:
        self._user_completions = self._counter(
            "user_completions", "Completions of a user by where they came from.", "user", "source"
        )
        self._user_prompt_tokens = self._counter(
            "user_prompt_tokens", "Tokens sent for a user.", "user"
        )
        self._user_completion_tokens = self._counter(
            "user_completion_tokens", "Tokens generated for a user.", "user"
        )
        self._user_cost = self._counter("user_cost", "Money spent for a user.", "user")

    def _of_moments(self) -> None:
        build = self._gauge("build_info", "The version that runs.", "version", together="max")
        build.labels(codestral_ls.__version__).set(1)
        self._under_way = self._gauge(
            "http_requests_in_progress", "Requests under way.", together="livesum"
        )
        self._draining = self._gauge(
            "draining", "1 while requests are finished before the end.", together="livemax"
        )
        self._tier_up = self._gauge(
            "shared_tier_up",
            "1 while Redis answers, or memory is used instead by choice.",
            together="livemostrecent",  # an idle worker has not looked for long
        )

    def tell(self, happening: Happening) -> None:
        """Counts how a request ended, or a call; what else happens is no gateway's."""
        match happening:
            case RequestEnded():
                self._request_ended(happening)
            case CallEnded():
                self._call_ended(happening)

    def _request_ended(self, ended: RequestEnded) -> None:
        source = ended.outcome if ended.answered else NONE
        self._completions.labels(ended.outcome).inc()
        if ended.answered:
            self._completion_seconds.labels(source).observe(_amount(ended.total))
        self._user_completions.labels(*self._users.told(ended.labels.owner), source).inc()

    def _call_ended(self, ended: CallEnded) -> None:
        model = self._models.told(ended.labels.provider.partition("@")[0], ended.labels.model)
        self._calls.labels(*model, ended.failure or NONE).inc()
        if not ended.failure:
            self._call_seconds.labels(*model).observe(_amount(ended.total))
        if ended.first_token > 0:
            self._first_token_seconds.labels(*model).observe(_amount(ended.first_token))
        prompt, completion = _amount(ended.prompt_tokens), _amount(ended.completion_tokens)
        cost = _amount(ended.cost)
        self._prompt_tokens.labels(*model).inc(prompt)
        self._completion_tokens.labels(*model).inc(completion)
        self._cached_tokens.labels(*model).inc(_amount(ended.cached_tokens))
        self._unpriced_tokens.labels(*model).inc(0 if ended.priced else prompt + completion)
        self._cost.labels(*model).inc(cost)
        user = self._users.told(ended.labels.owner)
        self._user_prompt_tokens.labels(*user).inc(prompt)
        self._user_completion_tokens.labels(*user).inc(completion)
        self._user_cost.labels(*user).inc(cost)

    def http(self, route: str, status: int, seconds: float) -> None:
        """Counts a reply; `route` is its template, so that there are no more than routes."""
        self._replies.labels(route, status).inc()
        self._reply_seconds.labels(route).observe(_amount(seconds))
        if self._is_shared:  # another worker may be the one that is asked
            self._look()

    def routes(self, gateway: "Gateway") -> list[Route]:
        """GET /metrics, for tokens that are made for that; without tokens, for whoever may ask."""
        from codestral_ls.gateway.access import caller  # noqa: PLC0415 - it knows the gateway
        from codestral_ls.gateway.errors import Refusal  # noqa: PLC0415 - the same

        self._look = partial(self._look_at, gateway)

        async def scrape(request: Request) -> Response:
            user = await caller(request, gateway)
            if gateway.tokens and not user.reads_metrics:
                raise Refusal(
                    status=403,
                    code="no_metrics",
                    message="The metrics name all users. Make a token that may read them with "
                    "`codestral-ls gateway token create NAME --metrics`.",
                )
            self._look()
            return await exposed(self.registry, request.headers, is_shared=self._is_shared)

        return [Route("/metrics", scrape)]

    def _look_at(self, gateway: "Gateway") -> None:
        self._under_way.set(len(gateway.under_way))
        self._draining.set(gateway.is_draining)
        self._tier_up.set(gateway.tier.is_well)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"codestral_ls_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        named = f"codestral_ls_{name}"
        return Histogram(named, text, labels, buckets=SECONDS, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str, together: Together) -> Gauge:
        named = f"codestral_ls_{name}"
        return Gauge(named, text, labels, registry=self.registry, multiprocess_mode=together)


class Names:
    """What to call who comes, one by one until there are too many: then they are `OTHER`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: dict[tuple[str, ...], tuple[str, ...]] = {}

    def told(self, *names: str) -> tuple[str, ...]:
        """Names that are short and no paths, always the same for the same ones."""
        told = self._told.get(names)
        if told is not None:
            return told
        if len(self._told) >= self._most:
            return (OTHER,) * len(names)
        self._told[names] = told = tuple(map(cleaned, names))
        return told


def _amount(n: float) -> float:
    """What may be added to a counter: neither negative nor NaN."""
    return min(n, MOST_AMOUNT) if n > 0 else 0


def _nothing() -> None:
    """Nobody has said at what to look."""
