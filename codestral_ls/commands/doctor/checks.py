"""Which checks there are: of this machine, of every endpoint, and of the folder."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from codestral_ls.commands.doctor import machine
from codestral_ls.commands.doctor.endpoint import EndpointChecks
from codestral_ls.commands.doctor.findings import Check, Finding, Look, warned
from codestral_ls.commands.doctor.packages import look_at_grammars, look_at_packages
from codestral_ls.commands.doctor.providers import labels, provider_finding
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.configuration import statistics_file
from codestral_ls.fim.providers import Endpoint, choose_endpoints
from codestral_ls.fim.routes import Network
from codestral_ls.fim.threads import in_thread
from codestral_ls.settings import Settings

LOCAL_SECONDS = 3.0
INDEX_CHECK_SECONDS = machine.INDEX_SECONDS + 2.0
CALL_SECONDS = 6.0
"""Of a call, at most: nobody watches as long as `timeout_ms` may say."""
_SLOW_DISK = "Look for a network drive that is gone: something that is read does not answer."

_GONE = warned("the folder in which this runs is gone", "Run it in one that is there.")


class AllChecks:
    """The checks for one environment and one folder, as an editor started there would have them."""

    def __init__(self, environ: Mapping[str, str], folder: Path | None, redactor: Redactor) -> None:
        """`folder` is None if there is none any more."""
        self._environ = environ
        self._folder = folder
        self._redactor = redactor
        self._configured: machine.Configured | None = None
        self._endpoints: tuple[EndpointChecks, ...] = ()

    def first(self) -> tuple[Check, ...]:
        """What has to be known before the others can be named."""
        return (
            _local("Python", look_at_packages),
            _local("grammars", look_at_grammars),
            Check(name="settings", look=self._read, seconds=LOCAL_SECONDS, late=_SLOW_DISK),
        )

    def others(self) -> tuple[Check, ...]:
        """All others; none if the settings could not be read."""
        configured = self._configured
        if configured is None:
            return ()
        settings, environ = configured.settings, self._environ
        endpoints = choose_endpoints(settings)
        self._endpoints = self._checks_of(settings, endpoints)
        counted = statistics_file(environ)
        indexed = settings.context != "file" or settings.offline_fallback or not endpoints
        return (
            _local("environment", partial(machine.look_at_environment, configured, environ)),
            _local("ghost text", partial(machine.look_at_switches, settings)),
            _local(
                "provider",
                partial(provider_finding, settings, endpoints),
                needs=("settings", "environment"),
            ),
            *(check for each in self._endpoints for check in each.checks()),
            self._index(settings, wanted=indexed),
            _local("statistics", partial(machine.look_at_statistics, settings, counted)),
            _local("budget", partial(machine.look_at_budget, settings, endpoints, counted)),
            _local("privacy", self._privacy(settings)),
            _local("trace", partial(machine.look_at_trace, settings)),
        )

    def end(self) -> None:
        """Ends the programs that are to bring keys."""
        for each in self._endpoints:
            each.end()

    async def close(self) -> None:
        """Closes all connections."""
        for each in self._endpoints:
            await each.close()

    async def _read(self) -> Finding:
        configured = await in_thread(partial(machine.read_settings, self._environ))
        self._redactor.learn(configured.settings.api_key)
        self._redactor.learn_address(configured.settings.proxy)
        self._configured = configured
        return machine.look_at_file(configured)

    def _index(self, settings: Settings, *, wanted: bool) -> Check:
        if self._folder is None:
            return _local("index", lambda: _GONE)
        return Check(
            name="index",
            look=partial(machine.look_at_index, settings, self._folder, wanted=wanted),
            seconds=INDEX_CHECK_SECONDS,
            late=_SLOW_DISK,
        )

    def _privacy(self, settings: Settings) -> Callable[[], Finding]:
        if self._folder is None:
            return lambda: _GONE
        return partial(machine.look_at_privacy, settings, self._folder)

    def _checks_of(
        self, settings: Settings, endpoints: tuple[Endpoint, ...]
    ) -> tuple[EndpointChecks, ...]:
        network = Network(
            timeout=min(CALL_SECONDS, settings.timeout_ms / 1000),
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            client_cert=settings.client_cert,
            client_cert_key=settings.client_cert_key,
            trust_env=settings.trust_env,
        )
        for endpoint in endpoints:
            self._redactor.learn_endpoint(endpoint)
        named = zip(labels(endpoints), endpoints, strict=True)
        return tuple(
            EndpointChecks(endpoint, network, settings, label=label, redactor=self._redactor)
            for label, endpoint in named
        )


def _local(name: str, look: Callable[[], Finding], needs: tuple[str, ...] = ()) -> Check:
    """A check that reads files at most; in a thread, because a file may hang."""

    async def in_a_thread() -> Finding:
        return await in_thread(look)

    seen: Look = in_a_thread
    return Check(name=name, look=seen, seconds=LOCAL_SECONDS, late=_SLOW_DISK, needs=needs)
