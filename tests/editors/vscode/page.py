"""The page of VS Code in a browser: keys go in, and what is to be seen comes out."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypedDict, TypeVar, cast

from playwright.async_api import Error, FloatRect, Page, async_playwright

from tests.editors.picture import OPTIONS, find_chromium

T = TypeVar("T")

SECONDS = 60.0
"""For what a person would wait for, on a busy machine."""
SIZE = {"width": 1000, "height": 640}

GHOST = """
const plain = (element) => element.textContent.replaceAll("\\u00a0", " ");
const all = (selector, place = document) => [...place.querySelectorAll(selector)];
const top = (element) => element.getBoundingClientRect().top;
const ghost = () => {
  const group = document.querySelector(".editor-group-container.active");
  const editor = document.querySelector(".monaco-editor.focused")
    ?? group?.querySelector(".monaco-editor") ?? document;
  const inline = ["ghost-text-decoration", "ghost-text-decoration-preview"]
    .map((name) => `.view-lines .${name}`);
  const first = all(inline.join(), editor).map(plain).join("");
  const rest = all(".view-zones .suggest-preview-text .view-line", editor);
  return [first, ...rest.sort((a, b) => top(a) - top(b)).map(plain)].join("\\n");
};
"""
"""The rest of the line is decorated in it, the lines below are in a zone between the lines."""

LOOK = f"""() => {{
{GHOST}
  const isShown = (each) => each.offsetParent !== null;
  return {{
    ghost: ghost(),
    menu: all(".suggest-widget.visible .monaco-list-row .label-name").map(plain),
    toasts: all(".notification-toast .notification-list-item-message").map(plain),
    status: all(".statusbar-item").map((each) => ({{
      id: each.id, label: plain(each), kind: each.className,
      about: each.querySelector("[aria-label]")?.ariaLabel ?? each.ariaLabel ?? "",
    }})),
    choices: all(".quick-input-widget .monaco-list-row").filter(isShown).map(plain),
    question: all(".quick-input-widget .quick-input-message").filter(isShown).map(plain).join(""),
    steps: all(".getting-started-step:has(.complete)").map((each) =>
      each.getAttribute("data-step-id").split("#").at(-1)),
    terminal: all(".xterm-rows > div").map(plain).join("\\n"),
  }};
}}"""
WATCH = f"""() => {{
{GHOST}
  window.ghosts = [ghost()];
  const look = () => {{
    const now = ghost();
    if (now !== window.ghosts.at(-1)) window.ghosts.push(now);
    window.watcher = requestAnimationFrame(look);
  }};
  cancelAnimationFrame(window.watcher);
  look();
}}"""
"""Takes down what stands there in each frame that is drawn."""


class StatusItem(TypedDict):
    """An entry of the status bar."""

    id: str
    label: str
    kind: str
    about: str


class View(TypedDict):
    """What the page shows at one moment; each text as it is to be read."""

    ghost: str
    menu: list[str]
    toasts: list[str]
    status: list[StatusItem]
    choices: list[str]
    question: str
    steps: list[str]
    """Those of the walkthrough that are ticked."""
    terminal: str


class Browser:
    """A Chromium with one page, on an event loop of its own.

    Playwright's blocking interface would leave a running loop in the caller's thread, in which no
    coroutine test could run any more.
    """

    def __init__(self, home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
        with ExitStack() as stack:
            stack.callback(self._loop.close)
            self._thread.start()
            stack.callback(self._stop)
            self._page = self._wait(self._begin(home, stack))
            self._exit = stack.pop_all()

    def go(self, address: str) -> None:
        """Loads a page, or loads it again; does not wait until it is built."""
        self._wait(self._page.goto(address, wait_until="commit"))

    def press(self, keys: str) -> None:
        """Presses a key or a chord, such as `Control+ArrowRight`."""
        self._wait(self._page.keyboard.press(keys))

    def enter(self, character: str) -> None:
        """Types a character; one that no key has comes as an input method's would."""
        self._wait(self._page.keyboard.type(character))

    def insert(self, text: str) -> None:
        """Inserts a text as a whole, like one that is pasted."""
        self._wait(self._page.keyboard.insert_text(text))

    def look(self) -> View:
        """What is to be seen."""
        view: View = self._wait(self._page.evaluate(LOOK))
        return view

    def watch(self) -> None:
        """Begins to take down each change of the ghost text, from what is there now."""
        self._wait(self._page.evaluate(WATCH))

    def watched(self) -> list[str]:
        """What has been taken down since."""
        ghosts: list[str] = self._wait(self._page.evaluate("window.ghosts"))
        return ghosts

    def read_frames(self) -> str:
        """The text in all frames of the page: what extensions draw stands in some of their own."""

        async def read() -> str:
            texts = []
            for frame in self._page.frames:
                with suppress(Error):  # one that has just gone
                    texts.append(await frame.evaluate("document.body?.innerText ?? ''"))
            return "\n".join(texts)

        return self._wait(read())

    def click(self, selector: str) -> None:
        """Clicks on what a CSS selector finds first, as soon as it is there."""
        self._wait(self._page.locator(selector).first.click(timeout=1000 * SECONDS))

    def photograph(self, path: Path, selector: str, height: int | None = None) -> None:
        """Puts into a PNG file what a CSS selector finds first, or so much of its top."""

        async def photograph() -> None:
            box = await self._page.locator(selector).first.bounding_box()
            if box is None:
                raise AssertionError(f"there is no {selector} on the page")
            clip = {**box, "height": min(box["height"], height or box["height"])}
            await self._page.screenshot(path=path, clip=cast("FloatRect", clip))

        self._wait(photograph())

    def close(self) -> None:
        """Ends the browser."""
        self._exit.close()

    async def _begin(self, home: Path, stack: ExitStack) -> Page:
        playwright = await async_playwright().start()
        stack.callback(lambda: self._wait(playwright.stop()))
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=[*OPTIONS], env={"HOME": str(home)}
        )
        stack.callback(lambda: self._wait(browser.close()))
        return await browser.new_page(viewport=SIZE)  # type: ignore[arg-type]

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=2 * SECONDS)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
