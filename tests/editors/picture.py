"""Pictures of real ghost text for the README: small PNG files, drawn by Chromium."""

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.parts import find_program

OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""A browser that asks nobody on the network for anything."""
WIDTH = 860
"""Pixels, as a README shows it."""
STYLE = f"body{{margin:0}}svg{{display:block;width:{WIDTH}px}}"
PICTURES = "CODESTRAL_LS_PICTURES"
"""With this set to 1, the pictures beside the editors' files are drawn anew."""


def find_chromium() -> str:
    """The path of a Chromium: CHROMIUM, or chromium on PATH."""
    return find_program(
        "CHROMIUM", "chromium", "install Debian's package chromium, or set CHROMIUM"
    )


def draws_pictures() -> bool:
    """Whether pictures are wanted in this run."""
    return os.environ.get(PICTURES) == "1"


def draw(svg: str, path: Path) -> None:
    """Draws what a terminal shows, see `Terminal.as_svg`, into a PNG file."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*OPTIONS], headless=True
        )
        page = chromium.new_page()
        page.set_content(f"<style>{STYLE}</style>{svg}")
        page.locator("svg").screenshot(path=path, omit_background=True)
        chromium.close()
