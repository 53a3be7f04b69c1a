"""One Chromium for all tests; each has a gateway and a tab of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.settings import GatewaySettings
from tests.editors.picture import find_chromium
from tests.editors.playground.desk import Playground, Stage, chromium, gateway_for, tab
from tests.fim_endpoint import DEFAULT, Endpoint, serve_in_thread
from tests.parts import require


@dataclass(slots=True, kw_only=True, eq=False)
class Desk:
    """A gateway and the page that it shows; `leave` ends the gateway."""

    gateway: Gateway
    url: str
    page: Playground
    leave: Callable[[], None]


Open = Callable[..., Desk]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is tested here."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The thread in which browser and gateways live."""
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def browser(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    require(find_chromium)
    with stage.entered(chromium(tmp_path_factory.mktemp("browser"))) as browser:
        yield browser


@pytest.fixture(scope="session")
def model() -> Iterator[Endpoint]:
    """A model for the whole session; a test's own is `endpoint`."""
    with serve_in_thread() as model:
        yield model


@pytest.fixture
def endpoint(model: Endpoint) -> Endpoint:
    """The model, well-behaved and with nothing on its mind."""
    model.behaviour = DEFAULT
    model.calls.clear()
    return model


@pytest.fixture
def open_desk(stage: Stage, browser: Browser, endpoint: Endpoint, tmp_path: Path) -> Iterator[Open]:
    """Opens a desk, whose page must not have broken its own rules when the test is over."""
    with ExitStack() as desks:

        def open_one(
            own: GatewaySettings | None = None,
            *,
            has_key: bool = True,
            is_checked: bool = True,
            has_keys: bool = True,
        ) -> Desk:
            gateways = desks.enter_context(ExitStack())
            asked = endpoint if has_key else None
            gateway, url = gateways.enter_context(stage.entered(gateway_for(asked, tmp_path, own)))
            page = desks.enter_context(stage.entered(tab(stage, browser, has_keys=has_keys)))
            if is_checked:
                desks.callback(_check, page)
            page.go(url)
            return Desk(gateway=gateway, url=url, page=page, leave=gateways.close)

        yield open_one


def _check(page: Playground) -> None:
    assert page.violations() == []
    assert page.troubles == []


@pytest.fixture
def page(open_desk: Open) -> Playground:
    """The page of a gateway that asks the model."""
    return open_desk().page


@pytest.fixture
def wants(endpoint: Endpoint) -> Callable[..., None]:
    """Says what the model writes: this text, or the rest of it if the prompt ends within it."""

    def want(answer: str, **behaviour: object) -> None:
        def rest(prompt: str, _suffix: str) -> str:
            typed = (answer[:size] for size in range(len(answer), -1, -1))
            return answer.removeprefix(next(head for head in typed if prompt.endswith(head)))

        endpoint.behaviour = replace(DEFAULT, text=rest, **behaviour)  # type: ignore[arg-type]

    return want
