"""Every explorer, in the built page, opened from disk without a network."""

import re
from urllib.parse import unquote

import pytest
from browser import (
    at_rest,
    in_both_themes,
    needs_chromium,
    settled_link,
    spoken,
    still,
    written,
)
from built import FOLDERS, built_book, explorer_pages
from playwright.sync_api import expect

from capsnet_tutorial.explorers.bundle import joining

pytestmark = needs_chromium
every_explorer = pytest.mark.parametrize("name", FOLDERS)
# What all have from the kit: those with a network load it anew each time, and wait for
# `make test-long` with this.
NETWORKS = ("digit_routing", "playground", "swap")
every_light_explorer = pytest.mark.parametrize(
    "name",
    [pytest.param(x, marks=[pytest.mark.long] * (x in NETWORKS)) for x in FOLDERS],
)


def state_of(page):
    """The state in the address; none for the first view."""
    found = re.search(rf"[?&]{page.name}=([^&#]*)", written(page, page.name))
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
    at_rest(page, page.name)
    return page.explorer.evaluate(LOOK)


def open_again(page, state):
    """The same page at another state, as from a link."""
    page.goto(f"{page.url.partition('?')[0]}?{page.name}={state}")
    page.explorer.scroll_into_view_if_needed()
    at_rest(page, page.name)


def test_pages_have_the_explorers_of_the_package():
    assert set(explorer_pages()) == set(FOLDERS)


def test_only_pages_with_explorers_load_their_code():
    pages = explorer_pages()
    for page in built_book().glob("book/*.html"):
        text = page.read_text()
        has = any(page in found for found in pages.values())
        assert ("explorers-host.js" in text) == has, page.name
        assert ("explorer-squash.js" in text) == (page in pages["squash"])


@every_explorer
def test_it_lives_from_disk_in_place_of_its_picture(open_explorer, name):
    page = open_explorer(name, page="chapter")
    assert page.faults == []
    assert page.explorer.is_visible()
    assert page.locator(f"figure:has([data-explorer={name}]) > svg").is_hidden()
    assert state_of(page) == ""


@every_explorer
def test_without_javascript_there_is_a_picture_and_a_sentence(open_explorer, name):
    page = open_explorer(name, page="chapter", java_script_enabled=False)
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


@pytest.mark.parametrize(
    "name",
    [pytest.param(x, marks=[pytest.mark.long] * (x != "squash")) for x in FOLDERS],
)
def test_axe_finds_nothing_in_any_state(open_explorer, name):
    page = open_explorer(name, width=320, reduced_motion="reduce")
    page.explorer.locator(".cx-more summary").click()
    figure = {"include": [[f"figure:has([data-explorer={name}])"]]}
    seen = 0
    for chip in [None, *page.explorer.locator(".cx-chip").all()]:
        if chip:
            chip.click()
        for answered in (False, True) if chip else (True,):
            if chip and answered:
                page.explorer.locator(".cx-answers button").first.click()
            at_rest(page, name)
            found = in_both_themes(page, figure, reduced_motion="reduce")
            assert found == [], (chip, answered)
            seen += 1
    assert seen >= 7  # the first view, and three chips before and after


@every_light_explorer
def test_it_fits_a_phone_in_any_state(open_explorer, name):
    page = open_explorer(name, page="chapter", width=320, reduced_motion="reduce")
    page.explorer.locator(".cx-more summary").click()
    for chip in page.explorer.locator(".cx-chip").all():
        chip.click()
        page.explorer.locator(".cx-answers button").first.click()
        at_rest(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") == 320


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


@every_light_explorer
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
        assert look(page) != asked
        assert page.evaluate("document.activeElement.className") == "cx-tell"
        assert re.match(r"Yes\. |You said “", ask.locator(".cx-tell").inner_text())
        page.keyboard.press("Escape")
        assert ask.is_hidden()
        assert chip.evaluate("e => e === document.activeElement")


# How much of the figure is in sight between the header and the question, in pixels, of
# how much there could be; and whether the question is in sight as a whole.
SIGHT = """e => {
  const of = name => e.querySelector(name).getBoundingClientRect();
  const figure = of('.cx-figure'), ask = of('.cx-ask');
  const header = 48;
  const seen = Math.min(figure.bottom, ask.top) - Math.max(figure.top, header);
  const could = Math.min(figure.height, ask.top - header);
  return [seen / could, ask.top >= header && ask.bottom <= innerHeight + 1];
}"""


@every_explorer
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_question_and_figure_are_on_one_screen(open_explorer, name, width, height):
    page = open_explorer(name, page="chapter", width=width, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    for chip in page.explorer.locator(".cx-chip").all():
        chip.click()
        at_rest(page, name)
        for step in ("asked", "told"):
            seen, whole = page.explorer.evaluate(SIGHT)
            assert whole, step
            assert seen > 0.9, (step, chip.inner_text())
            if step == "asked":
                page.explorer.get_by_role("button", name="just show me").click()
                at_rest(page, name)


@every_light_explorer
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


@every_light_explorer
def test_links_bring_back_every_state_and_reset_the_first(open_explorer, name):
    page = open_explorer(name, reduced_motion="reduce")
    first, states = look(page), {}
    for chip in page.explorer.locator(".cx-chip").all():
        chip.click()
        page.explorer.get_by_role("button", name="just show me").click()
        states[settled_link(page, name)] = look(page)
        for word in page.explorer.locator(".cx-tell .cx-word").all():
            word.click()
            states[settled_link(page, name)] = look(page)
    last = settled_link(page, name)
    assert state_of(page) == last
    page.explorer.get_by_role("button", name="Reset").click()
    assert state_of(page) == ""
    assert look(page) == first
    assert page.explorer.locator(".cx-ask").is_hidden()
    assert len(states) >= 3
    for state, seen in states.items():
        open_again(page, state)
        assert look(page) == seen, state
        assert page.explorer.locator(".cx-note").is_hidden()
        assert settled_link(page, name) == state


BROKEN = ["2~x:1", "1~nothing:3", "1~", "1~~", "x"]


@every_light_explorer
def test_a_broken_link_gives_the_first_view_and_a_note(open_explorer, name):
    page = open_explorer(name)
    first = look(page)
    for state in BROKEN:
        open_again(page, state)
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


@every_light_explorer
def test_the_style_of_another_changes_nothing(open_explorer, name):
    """A notebook, or a page, may hold all of them."""
    page = open_explorer(name, reduced_motion="reduce")
    page.explorer.locator(".cx-chip").first.click()
    page.explorer.locator("details").evaluate_all("all => all.map(e => e.open = true)")
    at_rest(page, name)
    still(page)
    page.explorer.evaluate(STYLES)
    for other in FOLDERS:
        page.add_style_tag(content=joining.style(other))
    compared, changed = page.explorer.evaluate(STYLES)
    assert compared > 100
    assert changed == []


@every_explorer
def test_words_of_the_text_drive_it(open_explorer, name):
    seen = 0
    for path in explorer_pages()[name]:
        page = open_explorer(name, page=path, reduced_motion="reduce")
        first = look(page)
        for word in page.locator(f"a.caps-try[href^='?{name}=']").all():
            before = look(page)
            word.click()
            assert look(page) != before, word.inner_text()
            assert page.explorer.locator(".cx-note").is_hidden(), word.inner_text()
            link = word.get_attribute("href").partition("=")[2].partition("#")[0]
            reached = state_of(page)
            assert set(link.split("~")) <= set(reached.split("~")) or (
                not reached and look(page) == first
            )
            seen += 1
        assert page.faults == []
    assert seen >= 1


# From a click until the explorer rests: how often it looked different, and whether
# anything moved by style.
LOOKS = f"""async e => {{
  const look = {LOOK}, looks = new Set();
  const own = a => e.contains(a.effect.target);
  let moving = 0;
  e.querySelector('.cx-answers .cx-word').click();
  do {{
    await new Promise(requestAnimationFrame);
    looks.add(look(e));
    moving += document.getAnimations().filter(own).length;
  }} while (e.dataset.settled === undefined || e.querySelector('[aria-busy=true]'));
  return [looks.size, moving];
}}"""


@every_light_explorer
def test_no_animation_with_reduced_motion(open_explorer, name):
    """Counted in the page, frame by frame: a busy machine changes nothing."""
    for motion, calm in (("reduce", True), ("no-preference", False)):
        page = open_explorer(name, reduced_motion=motion)
        page.explorer.locator(".cx-chip").first.click()
        at_rest(page, name)
        looks, moving = page.explorer.evaluate(LOOKS)
        assert (looks == 1) == calm
        assert not (calm and moving)


@every_light_explorer
def test_the_state_is_said_in_a_sentence(open_explorer, name):
    page = open_explorer(name)
    page.explorer.locator(".cx-chip").first.click()
    said = spoken(page, name)
    assert len(said) > 20
    page.explorer.get_by_role("button", name="just show me").click()
    assert spoken(page, name) != said


@every_explorer
def test_copy_link_gives_the_address_of_the_state(open_explorer, name):
    page = open_explorer(name, permissions=["clipboard-read", "clipboard-write"])
    page.explorer.locator(".cx-chip").first.click()
    at_rest(page, name)
    button = page.explorer.get_by_role("button", name=re.compile("Copy link|Copied"))
    button.click()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"?{name}={state_of(page)}" in copied
    assert copied.startswith("file://")
    figure = page.locator(f"figure:has([data-explorer={name}])").get_attribute("id")
    assert copied.endswith(f"#{figure}")
