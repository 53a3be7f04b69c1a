"""The playground of a real gateway in a real Chromium: keys go in, and what is seen comes out."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.opening import open_gateway
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.editors.neovim import wait_until
from tests.editors.picture import OPTIONS, find_chromium
from tests.editors.playground.painting import reduce_colours
from tests.editors.playground.scripts import GHOSTS, LOOK, WATCH, WRITE
from tests.fim_endpoint import Endpoint
from tests.gateway_app import serving

T = TypeVar("T")

KEY = "test-key-0000"
SECONDS = 20.0
"""For what a person would wait for, on a busy machine."""
DEADLINE = 30_000
"""Milliseconds: a call that ends before has been broken off by somebody."""
WIDE, NARROW = {"width": 1000, "height": 680}, {"width": 360, "height": 740}


class Stage:
    """An event loop in a thread, for a browser and the gateways that it looks at.

    Playwright's blocking interface would leave a running loop in the caller's thread, in which no
    coroutine test could run any more.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stage", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine comes to."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=2 * SECONDS)

    @contextmanager
    def entered(self, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """Enters and leaves a context of the loop."""
        value = self.run(context.__aenter__())
        try:
            yield value
        finally:
            self.run(context.__aexit__(None, None, None))

    def close(self) -> None:
        """Ends the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@asynccontextmanager
async def chromium(home: Path) -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(),
            args=[*OPTIONS, "--disable-lcd-text"],
            env={"HOME": str(home)},
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def gateway_for(
    endpoint: Endpoint | None, folder: Path, own: GatewaySettings | None = None
) -> AsyncIterator[tuple[Gateway, str]]:
    """A gateway that asks an endpoint, or one without a key; and its address."""
    settings = Settings(timeout_ms=DEADLINE)
    if endpoint is not None:
        settings = replace(settings, endpoint=endpoint.url, api_key=Secret(KEY))
    opened = open_gateway(
        own or GatewaySettings(),
        settings,
        statistics=None,
        tokens=folder / "tokens.json",
        secret=b"a secret of this test",
    )
    async with opened as gateway, serving(gateway) as url:
        yield gateway, url


class Playground:
    """A tab with the playground, in which nobody has been before."""

    def __init__(self, stage: Stage, context: BrowserContext, page: Page) -> None:
        self._stage = stage
        self._context = context
        self._page = page
        self.troubles: list[str] = []
        self.asked: list[dict[str, Any]] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.endswith("/complete"):
            self.asked.append(json.loads(request.post_data or ""))

    def go(self, url: str) -> None:
        """Loads the page, and waits until it has heard of its gateway."""
        self._stage.run(self._page.goto(url))
        wait_until(lambda: self.status, "the page to be ready")

    def reload(self) -> None:
        """Loads the page again."""
        self._stage.run(self._page.reload())
        wait_until(lambda: self.status, "the page to be ready")

    def write(self, text: str) -> None:
        """Puts a text into the editor in the place of all that is there, the caret where | is.

        It has the focus then, and nothing is asked.
        """
        before, _, after = text.partition("|")
        self.focus()
        self._stage.run(self._page.evaluate(WRITE, [before + after, len(after)]))
        assert self.text == before + after

    def focus(self) -> None:
        """Gives the focus to the editor, as a click does."""
        self._stage.run(self._page.locator(".cm-content").focus())

    def press(self, *keys: str) -> None:
        """Presses keys or chords, such as `Control+ArrowRight`."""
        for key in keys:
            self._stage.run(self._page.keyboard.press(key))

    def enter(self, text: str) -> None:
        """Types a text, one key after the other."""
        self._stage.run(self._page.keyboard.type(text))

    def insert(self, text: str) -> None:
        """Inserts a text as a whole, as an input method or a paste does."""
        self._stage.run(self._page.keyboard.insert_text(text))

    def look(self) -> dict[str, Any]:
        """What is to be seen."""
        view: dict[str, Any] = self._stage.run(self._page.evaluate(LOOK))
        return view

    @property
    def ghost(self) -> str:
        """The ghost text."""
        return str(self.look()["ghost"])

    @property
    def text(self) -> str:
        """The text of the document, as far as no ghost text stands for it."""
        return str(self.look()["text"])

    @property
    def status(self) -> str:
        """The line below the editor, with what only screen readers say."""
        return str(self.look()["status"])

    def wait_for_ghost(self, expected: str) -> None:
        """Waits until this very ghost text is shown."""
        wait_until(lambda: self.ghost == expected, f"ghost text {expected!r}", self._story)

    def wait_for_text(self, expected: str) -> None:
        """Waits until the document is this very text."""
        wait_until(lambda: self.text == expected, f"the text {expected!r}", self._story)

    def wait_for_status(self, part: str) -> None:
        """Waits until the line below the editor has this in it."""
        wait_until(lambda: part in self.status, f"the words {part!r}", self._story)

    def watch(self) -> None:
        """Begins to take down each change of the ghost text, from what is there now."""
        self.evaluate(GHOSTS)

    def evaluate(self, script: str) -> Any:
        """What a script of the page comes to."""
        return self._stage.run(self._page.evaluate(script))

    def compose(self, text: str) -> None:
        """Lets an input method show what may become a text; "" ends without any."""

        async def compose() -> None:
            session = await self._context.new_cdp_session(self._page)
            at = {"selectionStart": len(text), "selectionEnd": len(text)}
            await session.send("Input.imeSetComposition", {"text": text, **at})
            await session.detach()

        self._stage.run(compose())

    def choose(self, name: str, value: str) -> None:
        """Chooses an entry of a list."""
        self._stage.run(self._page.select_option(f"#{name}", value))

    def tap(self, name: str) -> None:
        """Touches a button."""
        self._stage.run(self._page.tap(f"#{name}"))

    def fill(self, name: str, text: str) -> None:
        """Fills in a field."""
        self._stage.run(self._page.fill(f"#{name}", text))

    def resize(self, size: dict[str, int]) -> None:
        """Gives the window another size."""
        self._stage.run(self._page.set_viewport_size(size))  # type: ignore[arg-type]

    def prefer(self, scheme: str) -> None:
        """Has the system prefer `light` or `dark`."""
        self._stage.run(self._page.emulate_media(color_scheme=scheme))  # type: ignore[arg-type]

    def is_visible(self, selector: str) -> bool:
        """Whether something is to be seen on the page."""
        return self._stage.run(self._page.locator(selector).is_visible())

    def photograph(self, path: Path) -> None:
        """Puts what the window shows into a PNG file."""
        png = self._stage.run(self._page.screenshot(animations="disabled"))
        path.write_bytes(self._stage.run(reduce_colours(self._context, png)))

    def violations(self) -> list[str]:
        """What the page's policy has forbidden so far."""
        return list(self.evaluate("window.violations"))

    def _story(self) -> str:
        return f"{self.look()} asked {self.asked} troubles {self.troubles}"


@asynccontextmanager
async def tab(
    stage: Stage, browser: Browser, *, has_keys: bool = True
) -> AsyncIterator[Playground]:
    """A tab of its own, which remembers nothing of another one; without keys, a telephone's."""
    context = await browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type]
        color_scheme="light",
        has_touch=not has_keys,
        is_mobile=not has_keys,
    )
    page = await context.new_page()
    await page.add_init_script(WATCH)
    try:
        yield Playground(stage, context, page)
    finally:
        await context.close()
