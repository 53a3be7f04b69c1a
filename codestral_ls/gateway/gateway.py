"""What all routes draw upon: models, who may ask, how much is left, and what is counted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from codestral_ls.engine.engine import Engine
from codestral_ls.gateway.admission import Admission
from codestral_ls.gateway.metrics import Metrics
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.happenings import Happening
from codestral_ls.provider import Provider
from codestral_ls.reuse.tier import Tier
from codestral_ls.statistics.store import Statistics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One that may be asked: with shaping by its `engine`, or as it is by its `provider`."""

    name: str
    engine: Engine
    provider: Provider


@dataclass(slots=True, kw_only=True, eq=False)
class Gateway:
    """One process; `models` are in the order in which they are listed, the usual one first."""

    own: GatewaySettings
    models: Mapping[str, Model]
    tier: Tier
    tokens: Tokens
    admission: Admission
    metrics: Metrics
    statistics: Statistics | None = None
    is_draining: bool = False
    under_way: set[object] = field(default_factory=set)

    @property
    def usual(self) -> Model:
        """The one for whoever names none."""
        return next(iter(self.models.values()))

    def tell(self, happening: Happening) -> None:
        """Takes note of what happened: for the bounds, the metrics and the statistics."""
        try:
            self.admission.tell(happening)
            self.metrics.tell(happening)
            if self.statistics is not None:
                self.statistics.note(happening)
        except Exception as error:  # noqa: BLE001 - what counts must not cost anybody an answer
            name = type(error).__name__
            log.warning("%s was not counted: %s", type(happening).__name__, name)
