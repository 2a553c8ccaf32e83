"""Chromium without a network, for tests that open pages from disk.

Nothing here waits for a time: a page says when it rests, and a transition when it ends.
"""

import contextlib
import os
import shutil

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), MAC)
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
PATIENCE = 120_000  # milliseconds: for a machine that is busy with something else
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

    page.loaded is what it had asked for by its load event, as addresses.

    Args:
        path: the file.
        query: what follows it in the address, with its question mark.
        width: of the window, in pixels.
        options: of Playwright's `new_context`, such as has_touch=True.
    """
    options = {"color_scheme": "light", **options}
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(PATIENCE)
    context.set_offline(True)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
    page.on("requestfailed", lambda r: page.faults.append(f"not found: {r.url}"))
    page.asked = []  # the address of each request
    page.on("request", lambda r: note_request(page, r.url))
    page.on("console", lambda m: note_console(page, m))
    page.goto(path.as_uri() + query)  # not "networkidle": it forgets an early one
    page.loaded = list(page.asked)
    if options.get("java_script_enabled", True):
        page.evaluate("document.fonts.ready.then(() => true)")
        still(page)
    return page


def note_request(page, url):
    page.asked.append(url)
    if not url.startswith(("file:", "data:", "blob:")):
        page.faults.append(f"outside request: {url}")


def note_console(page, message):
    if message.type in ("error", "warning"):
        page.faults.append(f"console: {message.text}")


STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame(); // what has just begun is known now
  const ends = a => a.effect.getComputedTiming().endTime !== Infinity;
  const moving = document.getAnimations().filter(
    a => a.playState === 'running' && ends(a));
  await Promise.all(moving.map(a => a.finished.catch(() => {})));
}"""


def still(page):
    """Wait until colours have faded in, and nothing moves by style."""
    page.evaluate(STILL)


RESTS = """name => {
  const place = document.querySelector(`[data-explorer=${name}]`);
  const frame = place?.querySelector('.cx');
  const busy = '[data-network=waiting], [data-network=loading], ' +
    '[aria-busy=true]:not(.cx-status)';
  if (!frame) return false;
  if (frame.matches(busy) || frame.querySelector(busy)) {
    frame.scrollIntoView({ block: 'nearest' }); // what loads above may push it away
    return false;
  }
  return frame.dataset.settled !== undefined;
}"""
WRITTEN = """name => {
  const place = document.querySelector(`[data-explorer=${name}]`);
  return place.querySelector('.cx').dataset.settled === place.dataset.link;
}"""


def at_rest(page, name):
    """Wait until an explorer has its network and shows its state."""
    if not page.evaluate(RESTS, name):  # quicker, where it rests already
        page.wait_for_function(RESTS, arg=name)


def spoken(page, name):
    """Wait until an explorer has said its state to those who listen; return it."""
    at_rest(page, name)
    status = page.locator(f"[data-explorer={name}] [role=status]:not([aria-busy])")
    status.wait_for(state="attached")
    return status.inner_text()


def written(page, name):
    """Wait until the address says what the explorer shows; return the address."""
    at_rest(page, name)
    page.wait_for_function(WRITTEN, arg=name)
    return page.url


def settled_link(page, name):
    """The state of an explorer, as it rests."""
    at_rest(page, name)
    return page.locator(f"[data-explorer={name}] .cx").get_attribute("data-settled")


def settled_state(page, name):
    """The same as {trait: text}."""
    link = settled_link(page, name)
    return dict(part.split(":", 1) for part in link.split("~")[1:])


AXE = """async ([context, options]) => {
  const { violations } = await axe.run(context ?? document, options);
  return violations.map(v => [v.id, v.nodes[0].html.slice(0, 200)]);
}"""
ALL = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}


def violations(page, context=None, options=None):
    """What axe finds, as (rule, the first place); its script is loaded once a page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE, [context, options or ALL])
    return [tuple(one) for one in found]


def in_both_themes(page, context=None, **media):
    """What axe finds: everything in light; in dark, what depends on colours."""
    found = []
    for theme, options in (("light", ALL), ("dark", CONTRAST)):
        page.emulate_media(color_scheme=theme, **media)  # as when evening comes
        page.wait_for_function(
            "theme => document.documentElement.dataset.theme === theme", arg=theme
        )
        still(page)
        found += [(theme, *one) for one in violations(page, context, options)]
    return found


def scrolled_past(page, y):
    """Wait until the page stands lower than this, in pixels."""
    page.wait_for_function("y => scrollY > y", arg=y)


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
        page.evaluate("new Promise(requestAnimationFrame)")  # one event a frame
