"""Every explorer, in the built page, opened from disk without a network."""

import re
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import needs_chromium
from built import built_book

from capsnet_tutorial.explorers.bundle import joining

pytestmark = needs_chromium

# Each explorer and its page: a new one belongs here, and gets all tests of this file.
EXPLORERS = {
    "squash": "02_squash",
    "routing": "04_routing",
    "margin": "05_margin",
    "digit_routing": "06_capsnet",
    "playground": "06_capsnet",
}
every_explorer = pytest.mark.parametrize("name", EXPLORERS)
GLIDE, ADDRESS = 450, 350  # milliseconds until a glide, and the address, are done


@pytest.fixture
def open_explorer(open_page):
    """The page of an explorer, at a state; page.explorer is its frame."""

    def open_explorer(name, state="", **options):
        query = f"?{name}={state}" if state else ""
        page = open_page(
            built_book() / "book" / f"{EXPLORERS[name]}.html", query, **options
        )
        page.name = name
        page.explorer = page.locator(f"[data-explorer={name}] .cx")
        if options.get("java_script_enabled", True):
            at_rest(page)
        return page

    return open_explorer


# A network comes when it is seen; some marks are computed after the others.
BUSY = "[data-network=waiting], [data-network=loading], [aria-busy=true]"


REST = """async (e, busy) => {
  const end = performance.now() + 20000;
  while (e.matches(busy) || e.querySelector(busy)) {
    if (performance.now() > end) throw Error('still busy');
    e.scrollIntoView({ block: 'nearest' }); // what loads above may push it away
    await new Promise(requestAnimationFrame);
  }
}"""


def at_rest(page):
    """Wait until the explorer in sight has its network, and has drawn everything."""
    page.explorer.wait_for()
    page.explorer.scroll_into_view_if_needed()
    page.explorer.evaluate(REST, BUSY)


def state_of(page):
    """The state in the address; none for the first view."""
    page.wait_for_timeout(ADDRESS)
    found = re.search(rf"[?&]{page.name}=([^&#]*)", page.url)
    return unquote(found[1]) if found else ""


LOOK = """e => {
  const shown = part => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll('[visibility=hidden], [hidden]').forEach(e => e.remove());
    return copy.outerHTML.replace(/ class="[^"]*"/g, '');
  };
  const parts = e.querySelectorAll('.cx-panel, .cx-readout, .cx-formula, .cx-bars');
  return [...parts].filter(part => part.checkVisibility()).map(shown).join();
}"""


def look(page):
    """All that the figure and its numbers show; not what the pointer lights."""
    at_rest(page)
    return page.explorer.evaluate(LOOK)


def violations(page, name):
    context = {
        "include": [
            [
                f"#{page.locator(f'figure:has([data-explorer={name}])').get_attribute('id')}"
            ]
        ]
    }
    found = Axe().run(page, context=context).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found]


def test_pages_have_the_explorers_of_the_table():
    found = {
        name: page.stem
        for page in sorted(built_book().glob("book/*.html"))
        for name in re.findall(r'data-explorer="(\w+)"', page.read_text())
    }
    assert found == EXPLORERS


def test_only_pages_with_explorers_load_their_code():
    for page in built_book().glob("book/*.html"):
        has = page.stem in EXPLORERS.values()
        assert ("explorers-host.js" in page.read_text()) == has, page.name
        assert ("explorer-squash.js" in page.read_text()) == (page.stem == "02_squash")


@every_explorer
def test_it_lives_from_disk_in_place_of_its_picture(open_explorer, name):
    page = open_explorer(name)
    assert page.faults == []
    assert page.explorer.is_visible()
    assert page.locator(f"figure:has([data-explorer={name}]) > svg").is_hidden()
    assert state_of(page) == ""


@every_explorer
def test_without_javascript_there_is_a_picture_and_a_sentence(open_explorer, name):
    page = open_explorer(name, java_script_enabled=False)
    figure = page.locator(f"figure:has([data-explorer={name}])")
    assert figure.locator("> svg").is_visible()
    assert len(figure.locator("figcaption").inner_text()) > 80
    assert page.explorer.count() == 0


@every_explorer
def test_on_paper_there_is_the_picture(open_explorer, name):
    page = open_explorer(name)
    page.emulate_media(media="print")
    assert page.locator(f"figure:has([data-explorer={name}]) > svg").is_visible()
    assert page.explorer.is_hidden()


@every_explorer
def test_it_fits_a_phone_and_axe_finds_nothing_in_any_state(open_explorer, name):
    page = open_explorer(name, width=320, reduced_motion="reduce")
    page.explorer.locator(".cx-more summary").click()
    seen = 0
    for chip in [None, *page.explorer.locator(".cx-chip").all()]:
        if chip:
            chip.click()
        for answered in (False, True) if chip else (True,):
            if chip and answered:
                page.explorer.locator(".cx-answers button").first.click()
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.wait_for_timeout(350)
                assert violations(page, name) == [], (chip, answered, theme)
                seen += 1
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert seen >= 14  # the first view, and three chips before and after


@every_explorer
def test_handles_are_wide_enough_for_a_finger(open_explorer, name):
    page = open_explorer(name, width=320)
    handles = page.explorer.locator(".cx-handle:not([visibility=hidden])").all()
    for handle in filter(lambda handle: handle.is_visible(), handles):
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        touch = handle.evaluate("e => getComputedStyle(e).touchAction")
        assert touch in ("none", "pan-y")  # what goes sideways lets the page scroll
    assert page.explorer.evaluate("e => getComputedStyle(e).touchAction") == "auto"


@every_explorer
def test_a_chip_asks_before_it_shows_by_keyboard_alone(open_explorer, name):
    page = open_explorer(name, reduced_motion="reduce")
    chips = page.explorer.locator(".cx-chip").all()
    assert len(chips) == 3
    for chip in chips:
        chip.focus()
        page.keyboard.press("Enter")
        ask = page.explorer.locator(".cx-ask")
        assert chip.get_attribute("aria-expanded") == "true"
        assert "?" in ask.inner_text()
        asked = look(page)
        assert 2 <= ask.locator(".cx-answers .cx-button:not(.cx-word)").count() <= 4
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.closest('.cx-answers') === null"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        assert look(page) != asked
        assert page.evaluate("document.activeElement.className") == "cx-tell"
        assert re.match(r"Yes\. |You said “", ask.locator(".cx-tell").inner_text())
        page.keyboard.press("Escape")
        assert ask.is_hidden()
        assert chip.evaluate("e => e === document.activeElement")


@every_explorer
def test_the_right_answer_is_praised_and_any_can_be_skipped(open_explorer, name):
    page = open_explorer(name, reduced_motion="reduce")
    right = 0
    for chip in page.explorer.locator(".cx-chip").all():
        chip.click()
        answers = page.explorer.locator(".cx-answers .cx-button:not(.cx-word)")
        for n in range(answers.count()):
            answers.nth(n).click()
            right += page.explorer.locator(".cx-tell").inner_text().startswith("Yes.")
            chip.click()
            chip.click()
        page.explorer.get_by_role("button", name="just show me").click()
        assert not re.match(r"Yes|You", page.explorer.locator(".cx-tell").inner_text())
    assert right == 3  # one for each chip


@every_explorer
def test_links_bring_back_every_state_and_reset_the_first(open_explorer, name):
    page = open_explorer(name, reduced_motion="reduce")
    first, states = look(page), {}
    for chip in page.explorer.locator(".cx-chip").all():
        chip.click()
        page.explorer.get_by_role("button", name="just show me").click()
        states[state_of(page)] = look(page)
        for word in page.explorer.locator(".cx-tell .cx-word").all():
            word.click()
            states[state_of(page)] = look(page)
    page.explorer.get_by_role("button", name="Reset").click()
    assert state_of(page) == ""
    assert look(page) == first
    assert len(states) >= 3
    address = page.url.partition("?")[0]
    for state, seen in states.items():
        page.goto(f"{address}?{name}={state}")
        page.explorer.wait_for()
        assert look(page) == seen, state
        assert page.explorer.locator(".cx-note").is_hidden()
        assert state_of(page) == state


BROKEN = ["2~x:1", "1~nothing:3", "1~", "1~~", "x"]


@every_explorer
def test_a_broken_link_gives_the_first_view_and_a_note(open_explorer, name):
    page = open_explorer(name)
    first, address = look(page), page.url
    for state in BROKEN:
        page.goto(f"{address}?{name}={state}")
        page.explorer.wait_for()
        assert look(page) == first, state
        assert "could not be read" in page.explorer.locator(".cx-note").inner_text()
    assert page.faults == []


# All computed styles, and those that differ from the ones of the last call.
STYLES = """e => {
  const now = [e, ...e.querySelectorAll('*')].map(part => {
    const style = getComputedStyle(part);
    return Array.from(style, name => `${part.classList} ${name}: ${style[name]}`);
  });
  const changed = e.seenStyles?.map((styles, n) =>
    styles.filter((one, k) => one !== now[n][k]));
  e.seenStyles = now;
  return changed && [changed.length, changed.flat()];
}"""


@every_explorer
def test_the_style_of_another_changes_nothing(open_explorer, name):
    """A notebook, or a page, may hold all of them."""
    page = open_explorer(name, reduced_motion="reduce")
    page.explorer.locator(".cx-chip").first.click()
    page.explorer.locator("details").evaluate_all("all => all.map(e => e.open = true)")
    page.wait_for_timeout(GLIDE)
    page.explorer.evaluate(STYLES)
    for other in EXPLORERS:
        page.add_style_tag(content=joining.style(other))
    compared, changed = page.explorer.evaluate(STYLES)
    assert compared > 100
    assert changed == []


@every_explorer
def test_words_of_the_text_drive_it(open_explorer, name):
    page = open_explorer(name)
    first = look(page)
    words = page.locator(f"a.caps-try[href^='?{name}=']")
    for word in words.all():
        before = look(page)
        word.click()
        page.wait_for_timeout(100)
        assert look(page) != before, word.inner_text()
        assert page.explorer.locator(".cx-note").is_hidden(), word.inner_text()
        wanted = set(
            word.get_attribute("href").partition("=")[2].partition("#")[0].split("~")
        )
        reached = state_of(page)
        assert wanted <= set(reached.split("~")) or (
            not reached and look(page) == first
        )
    assert words.count() >= 2
    assert page.faults == []


LOOKS = f"""async e => {{
  const look = {LOOK}, looks = new Set();
  const own = a => e.contains(a.effect.target);
  let moving = 0;
  e.querySelector('.cx-answers .cx-word').click();
  for (const start = performance.now(); performance.now() - start < {GLIDE};) {{
    await new Promise(requestAnimationFrame);
    looks.add(look(e));
    moving += document.getAnimations().filter(own).length;
  }}
  return [looks.size, moving];
}}"""


@every_explorer
def test_it_moves_only_for_those_who_like_it(open_explorer, name):
    """Counted in the page, frame by frame: a busy machine changes nothing."""
    for motion, still in (("reduce", True), ("no-preference", False)):
        page = open_explorer(name, reduced_motion=motion)
        page.explorer.locator(".cx-chip").first.click()
        page.wait_for_timeout(GLIDE)
        looks, moving = page.explorer.evaluate(LOOKS)
        assert (looks == 1) == still
        assert not (still and moving)


@every_explorer
def test_the_state_is_said_in_a_sentence(open_explorer, name):
    page = open_explorer(name)
    status = page.explorer.get_by_role("status")
    page.explorer.locator(".cx-chip").first.click()
    page.wait_for_timeout(2 * GLIDE)
    said = status.inner_text()
    assert len(said) > 20
    page.explorer.get_by_role("button", name="just show me").click()
    page.wait_for_timeout(2 * GLIDE)
    assert status.inner_text() != said


@every_explorer
def test_copy_link_gives_the_address_of_the_state(open_explorer, name):
    page = open_explorer(name, permissions=["clipboard-read", "clipboard-write"])
    page.explorer.locator(".cx-chip").first.click()
    page.wait_for_timeout(GLIDE)
    page.explorer.get_by_role("button", name="Copy link").click()
    page.wait_for_timeout(100)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"?{name}={state_of(page)}" in copied
    assert copied.startswith("file://")
