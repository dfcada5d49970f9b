"""A real Chromium for pictures and browser tests."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch_chromium(play: Playwright) -> Browser:
    """The Chromium on PATH, else Playwright's own."""
    found = next(
        (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))),
        None,
    )
    return play.chromium.launch(executable_path=found, args=FLAGS)
