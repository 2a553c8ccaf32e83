"""Chromium without a network, for tests that open pages from disk."""

import contextlib
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), MAC)
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
needs_chromium = pytest.mark.skipif(
    not os.path.exists(CHROMIUM),
    reason="needs Chromium: `apt-get install chromium`, or install Google Chrome",
)


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=OPTIONS.split(), headless=True
        )
        yield browser
        browser.close()


def opened(browser, path, query="", width=1280, **options):
    """A page from disk in a browser of its own; page.faults is what goes wrong.

    Args:
        path: the file.
        query: what follows it in the address, with its question mark.
        width: of the window, in pixels.
        options: of Playwright's `new_context`, such as has_touch=True.
    """
    options = {"color_scheme": "light", **options}
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_offline(True)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
    page.on("requestfailed", lambda r: page.faults.append(f"not found: {r.url}"))
    page.on("request", lambda r: note_request(page, r.url))
    page.on("console", lambda m: note_console(page, m))
    page.goto(path.as_uri() + query)  # not "networkidle": it forgets an early one
    if options.get("java_script_enabled", True):
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(300)  # the theme's scripts and transitions
    return page


def note_request(page, url):
    if not url.startswith(("file:", "data:", "blob:")):
        page.faults.append(f"outside request: {url}")


def note_console(page, message):
    if message.type in ("error", "warning"):
        page.faults.append(f"console: {message.text}")


def swipe(page, points):
    """A finger goes down at the first point, along the others, and up at the last."""
    finger = page.context.new_cdp_session(page)
    for kind, point in [
        ("Start", points[0]),
        *(("Move", point) for point in points[1:]),
        ("End", None),
    ]:
        touches = [{"x": point[0], "y": point[1]}] if point else []
        event = {"type": f"touch{kind}", "touchPoints": touches}
        finger.send("Input.dispatchTouchEvent", event)
        page.wait_for_timeout(30)
