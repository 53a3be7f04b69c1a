"""Engines over several providers, each a script of a test's own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from codestral_ls.engine.engine import Engine, ignore
from codestral_ls.happenings import Happening
from codestral_ls.model import Source
from codestral_ls.provider import Provider
from codestral_ls.settings import Settings
from tests.scripted import ScriptedProvider
from tests.virtual_clock import VirtualTime

AT_ONCE = Settings(debounce_ms=0)


def chain(*providers: Provider) -> Provider:
    """The first one, behind which the others stand."""
    first, *others = providers
    return replace(first, then=chain(*others)) if others else first


def files(text: str) -> Provider:
    """An offline provider that always says the same."""
    return ScriptedProvider(text).provider(name="offline", source=Source.OFFLINE, local=True)


def engine_over(
    *providers: Provider,
    time: VirtualTime | None = None,
    settings: Settings = AT_ONCE,
    offline: Provider | None = None,
    tell: Callable[[Happening], None] = ignore,
    **more: Any,
) -> Engine:
    """An engine over a chain, with time in a test's hands."""
    clock = (time or VirtualTime()).clock
    return Engine(
        settings,
        lambda _: chain(*providers),
        offline=offline,
        clock=clock,
        tell=tell,
        **more,
    )
