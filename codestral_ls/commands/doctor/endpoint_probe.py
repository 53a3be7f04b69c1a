"""What an endpoint answers: whether it takes the key, its models, a completion, its limits."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import anyio

from codestral_ls.addresses import listing_url
from codestral_ls.commands.doctor.findings import (
    Finding,
    State,
    failure,
    fine,
    unchecked,
    warned,
)
from codestral_ls.commands.doctor.providers import (
    context_finding,
    is_elsewhere,
    model_finding,
    server_in,
    wrong_server,
)
from codestral_ls.commands.sample import LANGUAGE, NAME, TEXT, TYPED
from codestral_ls.context.prompt import build_prompt
from codestral_ls.errors import BrokenReply, FimError, Refused, Unauthorized
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.formats.terms import ListedModel
from codestral_ls.fim.network import Connections
from codestral_ls.fim.providers import Endpoint, KeyPlan
from codestral_ls.fim.routes import Network
from codestral_ls.fim.session import HEADERS
from codestral_ls.fim.threads import in_thread
from codestral_ls.kinds import Secret
from codestral_ls.model import Budget, Chunk, Prompt, RateLimits, Request, Snapshot, Trigger
from codestral_ls.settings import Settings

SHOWN_CHARS = 60
"""Of a completion: enough to see that it is one."""
LISTING_SECONDS = 2.0
"""For the question who answers, once something has gone wrong."""
MOST_LISTING = 256 * 1024
"""Bytes; the list of a server of one's own is short."""


class EndpointProbe:
    """Asks one endpoint, with a key that has been read."""

    def __init__(
        self,
        endpoint: Endpoint,
        network: Network,
        settings: Settings,
        clean: Callable[[str], str],
    ) -> None:
        """`clean` takes secrets out of a text; whatever is cut must have been cleaned before."""
        self._endpoint = endpoint
        self._network = network
        self._settings = settings
        self._clean = clean
        self._key = Secret()
        self._client: FimClient | None = None
        self._listed: tuple[ListedModel, ...] = ()
        self._about_model: Refused | None = None
        self._doubt = ""
        self._limits: RateLimits | None = None

    def use(self, key: Secret) -> None:
        """Takes the key: reading it once more could ask the user once more."""
        self._key = key

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.close()

    async def look_at_answer(self) -> Finding:
        """Whether it answers, and takes the key."""
        endpoint = self._endpoint
        if not endpoint.catalog_url:
            return unchecked(f"{endpoint.host} lists no models; the completion below shows it")
        why = ""
        try:
            self._listed = await self._connected().catalog()
        except Unauthorized as error:
            if self._key:
                return failure(error)
            why = "wants a key"  # who lists nothing without one may complete nevertheless
        except Refused as error:
            if endpoint.dialect.catalog is None or endpoint.dialect.catalog.method == "GET":
                why = "cannot be had"
            else:
                self._about_model = error  # it was asked about one model, and has answered
        except BrokenReply:
            why = "cannot be read"
        except FimError as error:
            return failure(error)
        if why:
            return unchecked(f"its list of models {why}; the completion below shows it")
        return fine(f"{endpoint.host} accepts the key" if self._key else f"{endpoint.host} answers")

    async def look_at_model(self) -> Finding:
        """Whether the model is there and can do what it is to do."""
        if self._about_model is not None:
            return await self._wrong_server() or failure(self._about_model)
        finding = model_finding(self._endpoint, self._listed)
        if finding.state is State.FAILED:
            return await self._wrong_server() or finding
        self._doubt = finding.advice
        return finding

    async def look_at_context(self) -> Finding:
        """Whether prompts fit into the model."""
        return context_finding(self._endpoint, self._listed, self._settings)

    async def look_at_completion(self) -> Finding:
        """Whether a text comes back, and how soon."""
        texts: list[str] = []
        began = time.monotonic()
        first = 0.0

        def take(chunk: Chunk) -> bool:
            nonlocal first
            if chunk.text and not first:
                first = time.monotonic() - began
            self._limits = chunk.limits or self._limits
            texts.append(chunk.text)
            return True

        try:
            await self._connected().ask(_sample_prompt(self._settings, self._endpoint), take)
        except FimError as error:
            return await self._not_completed(error)
        total = time.monotonic() - began
        text = "".join(texts)
        if not text.strip():
            found = f"an empty text after {total:.2f} s"
            return warned(found, "Check `model`: one that fills in the middle writes something.")
        shown = " ".join(self._clean(text).split())[:SHOWN_CHARS]
        times = f"first text after {first:.2f} s, all of it after {total:.2f} s"
        return fine(f"{times}: {TYPED}[{shown}]")

    async def look_at_limits(self) -> Finding:
        """What the endpoint says of how much it will answer."""
        limits = self._limits
        if limits is None:
            return unchecked(f"{self._endpoint.host} says nothing of limits")
        parts = [
            f"{most} {what} a minute, {left} left"
            for most, left, what in (
                (limits.requests, limits.requests_left, "requests"),
                (limits.tokens, limits.tokens_left, "tokens"),
            )
            if most
        ]
        return fine("; ".join(parts))

    async def _not_completed(self, error: FimError) -> Finding:
        if isinstance(error, Unauthorized) or not isinstance(error, Refused):
            return failure(error)
        finding = await self._wrong_server() or failure(error)
        return replace(finding, advice=self._doubt, cause="model") if self._doubt else finding

    async def _wrong_server(self) -> Finding | None:
        """What to say if another kind of server answers; it is asked without the key."""
        endpoint = self._endpoint
        if not is_elsewhere(endpoint) and not endpoint.local:
            return None
        models = listing_url(endpoint.url, endpoint.dialect.path, "/v1/models")
        listing = ""
        with anyio.move_on_after(min(LISTING_SECONDS, self._network.timeout)):
            listing = await _listing(self._network, models)
        return wrong_server(endpoint, server_in(listing))

    def _connected(self) -> FimClient:
        if self._client is None:
            endpoint = replace(self._endpoint, key=_known(self._endpoint.key, self._key))
            self._client = FimClient(endpoint, self._network)
        return self._client


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadKey(KeyPlan):
    """A key that has been read, without the ways to it: messages name the one it came by."""

    came_from: str = ""

    @property
    def origin(self) -> str:
        return self.came_from


def _known(plan: KeyPlan, key: Secret) -> KeyPlan:
    return _ReadKey(
        given=key,
        given_in=plan.given_in,
        variable=plan.variable,
        needed=plan.needed,
        withheld=plan.withheld,
        came_from=plan.origin,
    )


async def _listing(network: Network, url: str) -> str:
    """The list of models at an address; "" if there is none."""
    try:
        connections = await in_thread(partial(Connections, network, url))
        try:
            async with connections.request("GET", url, HEADERS) as reply:
                return (await reply.body(MOST_LISTING)).decode("utf-8", "replace")
        finally:
            with anyio.CancelScope(shield=True):
                await connections.close()
    except FimError:
        return ""


def _sample_prompt(settings: Settings, endpoint: Endpoint) -> Prompt:
    """What is sent: lines of our own and none of the user's."""
    head, tail = TEXT.split("‸")
    snapshot = Snapshot(uri=f"file:///{NAME}", language=LANGUAGE, prefix=head + TYPED, suffix=tail)
    request = Request(snapshot=snapshot, trigger=Trigger.AUTOMATIC, lane=snapshot.uri)
    budget = Budget(
        prefix_chars=settings.prefix_chars,
        suffix_chars=settings.suffix_chars,
        tokens=endpoint.tokens,
    )
    return build_prompt(request, settings, budget)
