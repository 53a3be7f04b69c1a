"""The one walk of a request through the rooms: gate, reuse, join, pace, ask.

Nothing waits that can be answered without the network, and a call that is under way outlives the
request that began it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from codestral_ls.context.view import NoView, View
from codestral_ls.days import local_day
from codestral_ls.engine.calls import Calls
from codestral_ls.engine.chain import Chain, chain_of, who_serves, widest
from codestral_ls.engine.condition import Condition, condition_of
from codestral_ls.engine.journal import Journal, record_of
from codestral_ls.engine.memory import Memory
from codestral_ls.engine.metering import Metering
from codestral_ls.engine.outcomes import failed, gate, place_raised
from codestral_ls.engine.switch import Switch
from codestral_ls.engine.walk import Parts, Walk
from codestral_ls.happenings import Happening, Tell
from codestral_ls.model import Budget, Nothing, Outcome, Reason, Request, Trigger
from codestral_ls.provider import Provider
from codestral_ls.reuse.daily_limit import DailyLimit
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock, Lanes, seconds_left
from codestral_ls.reuse.rhythm import Rhythm
from codestral_ls.reuse.store import MAX_STREAMS, Store
from codestral_ls.settings import Settings
from codestral_ls.shaping.quiet import doubt
from codestral_ls.shaping.surroundings import look_around
from codestral_ls.shaping.syntax import load

Connect = Callable[[Settings], Provider]

log = logging.getLogger(__name__)


def ignore(_happening: Happening) -> None:
    """Takes note of nothing."""


class Engine:
    """Answers requests under the settings of the moment; knows no protocol.

    `offline` stands in for the providers while those fail, `view` is the world beside a document,
    `tell` is told what happens, and `today` numbers the days. `on_change`, to be set from outside,
    is called whenever the `condition` may have changed; it has to be quick. So many texts as
    `most_streams` are kept for when they fit again.
    """

    def __init__(  # noqa: PLR0913 - every effect is handed in
        self,
        settings: Settings,
        connect: Connect,
        *,
        offline: Provider | None = None,
        view: View | None = None,
        clock: Clock = SYSTEM_CLOCK,
        tell: Tell = ignore,
        today: Callable[[], int] = local_day,
        most_streams: int = MAX_STREAMS,
    ) -> None:
        self.settings = settings
        self.provider = connect(settings)
        self.journal = Journal()
        self.on_change: Callable[[], None] = lambda: None
        self.daily_limit = DailyLimit(today, self._changed)
        self._connect = connect
        self._offline = offline
        self._view = view or NoView()
        self._clock = clock
        self._most_streams = most_streams
        self._metering = Metering(tell, self.daily_limit)
        self._switch = Switch(clock, self._changed, enabled=settings.enabled)
        self._lanes = Lanes()
        self._asking: dict[str, Request] = {}
        self._rhythm = Rhythm()
        self._edits: Counter[str] = Counter()
        self._begin()

    def configure(self, settings: Settings) -> Provider:
        """Takes new settings and returns the old provider, for the caller to close."""
        old, self.settings, self.provider = self.provider, settings, self._connect(settings)
        self._lanes.clear_all()
        self._calls.end_all()
        self._switch.follow(enabled=settings.enabled)
        self._begin()
        self._changed()
        return replace(old, close=partial(_close_chain, old))

    def _begin(self) -> None:
        """Starts anew: what other settings have brought is no answer under these."""
        settings, metering = self.settings, self._metering
        self.daily_limit.bound(settings.daily_requests, settings.daily_budget)
        self._budget = widest(self.provider)
        self._chain = Chain(
            who_serves(self.provider, self._offline, settings),
            self._clock.now,
            lambda: metering.daily_limit.is_spent,
            self._changed,
        )
        self._store = Store(self._most_streams)
        self._memory = Memory(settings, self._store, self._chain, self._clock.now, metering.used)
        self._calls = Calls(
            settings,
            self._chain,
            self._store,
            self._clock,
            metering,
            sources=self._view.sources,
            changed=self._changed,
        )
        self._parts = Parts(self._view, self._switch, self._memory, self._calls, self._rhythm)

    @property
    def budget(self) -> Budget:
        """How much of a document a snapshot must hold: what a provider is shown, and a place."""
        return self._budget

    @property
    def under_way(self) -> int:
        """How many calls are."""
        return len(self._calls.flights)

    @property
    def is_bound(self) -> bool:
        """Whether a bound of the day concerns anybody who may be asked."""
        return self.daily_limit.is_bound and self._chain.costs

    @property
    def draws_upon_files(self) -> bool:
        """Whether the offline provider answers now; quicker than the whole `condition`."""
        link = self._chain.serving()
        return link is not None and not link.asks

    @property
    def condition(self) -> Condition:
        """How it stands now."""
        return condition_of(
            self.settings,
            self._chain,
            self._metering,
            self._switch,
            busy=bool(self.under_way),
            day_left=seconds_left(self._clock.epoch()),
        )

    async def close(self) -> None:
        """Ends all requests and calls and gives back what the providers hold."""
        self.on_change = lambda: None  # nobody is there any more to be told
        self._switch.close()
        self._lanes.clear_all()
        self._calls.end_all()
        await _close_chain(self.provider)

    # --- what the user switches

    def pause(self, seconds: float) -> None:
        """No ghost text while typing for so long; by hand there is some.

        What is under way for somebody who types comes to nothing, and is not paid for.
        """
        self._switch.pause(seconds)
        asking = self._asking.items()
        by_hand = {lane for lane, each in asking if each.trigger is Trigger.INVOKED}
        for lane in {*self._asking, *self._calls.flights.lanes} - by_hand:
            self._lanes.clear(lane)
            self._calls.end(lane)

    def resume(self) -> None:
        """Ends the pause."""
        self._switch.resume()

    @property
    def snoozed_for(self) -> float:
        """Seconds that are left of the pause; 0 if there is none."""
        return self._switch.snoozed_for

    def toggle(self) -> bool:
        """Switches ghost text off, or on, until the settings change; returns whether it is on."""
        is_on = self._switch.toggle()
        if not is_on:
            self._lanes.clear_all()
            self._calls.end_all()
        return is_on

    def retry(self) -> None:
        """Asks those again that have failed, with the next request."""
        self._chain.retry()

    # --- what the session says

    async def prepare(self, language: str) -> None:
        """Loads the grammar of a language, 10 to 30 ms, before its first text waits for it."""
        await asyncio.to_thread(load, language)

    def edited(self, uri: str) -> None:
        """Takes note of a key: the text for which a request waits is no longer the newest."""
        self._edits[uri] += 1
        self._rhythm.key(self._clock.now())

    def forget(self) -> None:
        """Forgets what was generated so far: there is more to draw upon now."""
        self._store.clear()

    def leave(self, lane: str) -> None:
        """Ends what is under way in a lane, of which nobody will ask for more."""
        self._lanes.clear(lane)
        self._calls.end(lane)

    def abandon(self, lane: str) -> None:
        """Ends what is under way for a document that nobody looks at any more."""
        self.leave(lane)
        self._edits.pop(lane, None)

    def ask_ahead(self, request: Request) -> None:
        """Asks for a place where the cursor will be next, unless something is there already."""
        if self._is_closed(request) or self._memory.knows(request):
            return
        if doubt(request, self.settings, look_around(request.snapshot)) is not None:
            return
        if (link := self._calls.has_room_ahead(request.lane)) is not None:
            self._calls.set_off(request, link)

    def prime(self, request: Request) -> None:
        """Lets a local server read ahead what it will be told here; costs the caller nothing."""
        try:
            if not self._is_closed(request):
                self._calls.prime(request)
        except Exception as error:  # noqa: BLE001 - it only saves time
            failed(error)

    def _is_closed(self, request: Request) -> bool:
        denial = self._view.known_denial(request.snapshot.uri)
        return gate(request, self.settings, self._switch, denial) is not None

    def recall(self, request: Request) -> Outcome | None:
        """What is known without asking; None if nothing is, or nothing may be shown.

        Takes no time worth mentioning.
        """
        return None if self._is_closed(request) else self._memory.recall(request)

    # --- the walk

    async def complete(self, request: Request) -> Outcome:
        """The outcome for a request; raises nothing but cancellation."""
        walk = Walk(
            request=request,
            settings=self.settings,
            parts=self._parts,
            edits=partial(self._edits.__getitem__, request.snapshot.uri),
            began=self._clock.now(),
        )
        outcome: Outcome = Nothing(reason=Reason.CANCELLED)
        self._asking[request.lane] = request
        try:
            with self._lanes.enter(request.lane) as turn:
                outcome = await self._walk_safely(walk)
            # `cancel_called`: also if the answer came in the same breath as the newer request.
            if turn.cancel_called:
                closed = gate(request, self.settings, self._switch, denial="")
                outcome = closed or Nothing(reason=Reason.SUPERSEDED)
        finally:
            if self._asking.get(request.lane) is request:
                del self._asking[request.lane]
            outcome = replace(outcome, timings=walk.timings(outcome.timings.first_token))
            record = record_of(request, outcome, self._clock.epoch())
            self.journal.write(record)
            self._metering.request_ended(record)
        return outcome

    async def _walk_safely(self, walk: Walk) -> Outcome:
        try:
            return await walk.to_end()
        except Exception as error:  # noqa: BLE001 - the one place that must catch everything
            return failed(error)

    def _changed(self) -> None:
        try:
            self.on_change()
        except Exception as error:  # noqa: BLE001 - who watches must not cost anybody an answer
            log.warning("%s at %s", type(error).__name__, place_raised(error))


async def _close_chain(provider: Provider) -> None:
    """Closes a provider and all that stand behind it."""
    await asyncio.gather(*(each.close() for each in chain_of(provider)))
