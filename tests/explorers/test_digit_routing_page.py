"""The digit explorer in the built page: what is on the screen is what PyTorch says."""

import base64
import re

import pytest
import torch
from browser import at_rest, needs_chromium, settled_state, still
from built import alone, built_book
from networks import OTHERS, random_model
from node import assert_close
from playwright.sync_api import expect

from capsnet_tutorial.explorers import DigitRoutingExplorer
from capsnet_tutorial.explorers.bundle import joining

pytestmark = needs_chromium
NUMBERS = {"digit", "iterations", "chosen", "type", "place"}


@pytest.fixture
def open_figure(open_page):
    def open_figure(state="", **options):
        path = alone("digit_routing")
        query = f"?digit_routing={state}" if state else ""
        page = open_page(path, query, **options)
        page.figure = page.locator("[data-explorer=digit_routing] .cx")
        page.figure.scroll_into_view_if_needed()
        at_rest(page, "digit_routing")
        return page

    return open_figure


def in_python(page):
    """The explorer of the package, in the state of the page."""
    traits = {}
    for name, value in settled_state(page, "digit_routing").items():
        if name in NUMBERS:
            traits[name] = None if value == "-" else int(value)
        elif name == "erased":
            traits[name] = [int(spot) for spot in value.split(".") if spot]
    return DigitRoutingExplorer(**traits)


@pytest.mark.parametrize(
    "state", ["chosen:10", "type:99", "place:9999", "erased:99999"]
)
def test_a_link_beyond_the_network_gives_the_first_view_and_a_note(open_figure, state):
    first = lengths_on(open_figure())
    page = open_figure(f"1~{state}")
    assert "could not be read" in page.figure.locator(".cx-note").inner_text()
    assert lengths_on(page) == first
    assert page.faults == []


def lengths_on(page):
    return [
        float(x) for x in page.figure.locator(".cx-class .cx-end").all_text_contents()
    ]


def bars_on(page):
    """Lengths of the bars, as parts of the way from 0 to 1."""
    return page.figure.locator(".cx-length").evaluate_all(
        "bars => bars.map(bar => (bar.x2.baseVal.value - bar.x1.baseVal.value) / 160)"
    )


def values_on(page):
    """The numbers under the formula: p, c, vote along s, sum = |s|, |v|."""
    return page.figure.locator(".cx-formula .cx-value").all_text_contents()


def squares_on(page):
    """The areas of the squares of the big map, as parts of a full square."""
    path = page.figure.locator("[data-mark=places] path.cx-for").get_attribute("d")
    sides = [float(x) for x in re.findall(r"M[\d.]+ [\d.]+h([\d.]+)v", path)]
    full = 280 / 6 - 3
    return [(side / full) ** 2 for side in sides]


def assert_same(page):
    explorer = in_python(page)
    assert_close(lengths_on(page), explorer.lengths, 0.5e-3)
    assert_close(bars_on(page), explorer.lengths, 1e-5)
    return explorer


# ------------------------------------------------------------------ steps and classes


def test_every_pass_shows_the_lengths_of_pytorch(open_figure):
    page = open_figure("1~digit:20~iterations:1")
    seen = set()
    page.figure.get_by_role("button", name="one more").focus()
    for passes in range(1, 11):
        explorer = assert_same(page)
        assert explorer.iterations == passes
        seen.add(tuple(lengths_on(page)))
        page.keyboard.press("]")
    assert len(seen) == 10
    assert page.faults == []


def test_the_handle_of_the_chart_steps_too(open_figure):
    page = open_figure()
    handle = page.figure.get_by_role("slider", name="iterations of routing")
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert assert_same(page).iterations == 4
    box = handle.bounding_box()
    chart = page.figure.locator("[data-mark=lengths]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] * 0.96, chart["y"], steps=5)
    page.mouse.up()
    assert assert_same(page).iterations == 10


def test_a_class_is_chosen_by_mouse_and_by_keys(open_figure):
    page = open_figure("1~digit:20")
    rows = page.figure.locator(".cx-class")
    rows.nth(9).click()
    for chosen, keys in ((9, []), (5, ["ArrowUp"] * 4 + ["Enter"])):
        if keys:
            rows.nth(9).focus()
        for key in keys:
            page.keyboard.press(key)
        page.mouse.move(0, 0)
        explorer = assert_same(page)
        assert explorer.chosen == chosen
        total, before = map(float, values_on(page)[3].rstrip(" ✓").split(" = "))
        assert total == before
        assert_close(total, explorer.shares[:, chosen].sum(), 0.5e-3)
        assert f"votes for {chosen}" in page.figure.inner_text()


# ------------------------------------------------------------------ couplings


def test_squares_are_the_couplings_of_pytorch(open_figure):
    page = open_figure("1~digit:4~iterations:5~chosen:2~type:6~squares:couplings")
    explorer = assert_same(page)
    coupling = explorer.coupling[6 * 36 : 7 * 36, 2]
    assert_close(squares_on(page), coupling, 1e-3)  # two decimals of a pixel
    assert coupling.max() > 2 * coupling.min()


def test_one_capsule_shows_its_coupling_vote_and_share(open_figure):
    page = open_figure("1~digit:4~chosen:2~type:6~place:28")
    explorer = assert_same(page)
    i = 6 * 36 + 28
    p, c = explorer.shares[i, 2].item(), explorer.coupling[i, 2].item()
    assert_close(
        [float(x.replace("−", "-")) for x in values_on(page)[:3]], [p, c, p / c], 0.5e-3
    )
    said = page.figure.locator(".cx-class").evaluate_all(
        "rows => rows.map(row => Number(/coupling ([\\d.]+)/.exec(row.ariaLabel)[1]))"
    )
    assert_close(said, explorer.coupling[i], 0.5e-2)


def test_a_capsule_under_the_pointer_or_in_focus_shows_its_window(open_figure):
    page = open_figure()
    window = page.figure.locator(".cx-window")
    cells = page.figure.locator(".cx-cell")
    assert window.is_hidden()
    cells.nth(15).hover()  # row 2, column 3 of 6
    places = "['x', 'y', 'width', 'height'].map(n => Number(e.getAttribute(n)) / 10)"
    assert window.evaluate(f"e => {places}") == [6, 4, 17, 17]
    page.mouse.move(0, 0)
    expect(window).to_be_hidden()
    page.keyboard.press("Tab")
    cells.first.focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert window.evaluate(f"e => {places}") == [2, 2, 17, 17]
    assert in_python(page).place is None  # only looked at
    page.keyboard.press("Enter")
    assert in_python(page).place == 7


# ------------------------------------------------------------------ the eraser


def test_ink_is_rubbed_out_and_the_network_runs_again(open_figure):
    page = open_figure("1~digit:20~chosen:9")
    before = assert_same(page)
    pad = page.figure.locator(".cx-image")
    box = pad.bounding_box()
    unit = box["width"] / 28
    page.mouse.move(box["x"] + 8.5 * unit, box["y"] + 5.5 * unit)
    page.mouse.down()
    page.mouse.move(box["x"] + 13.5 * unit, box["y"] + 7.5 * unit, steps=8)
    page.mouse.up()
    explorer = assert_same(page)
    assert explorer.erased
    assert explorer.lengths[9] < before.lengths[9] - 0.2  # the tip made it a 9
    real = explorer.shares[:, 9].sum() - before.shares[:, 9].sum()
    assert (
        f"{real:.3f}".replace("-", "−")
        in page.figure.locator(".cx-readout").inner_text()
    )
    ghosts = page.figure.locator(".cx-ghost").evaluate_all(
        "marks => marks.map(mark => (mark.x1.baseVal.value - 72) / 160)"
    )
    assert_close(ghosts, before.lengths, 1e-5)
    page.figure.get_by_role("button", name="restore").click()
    assert assert_same(page).erased == []


def test_the_eraser_works_by_keys(open_figure):
    page = open_figure("1~digit:20")
    page.figure.get_by_role("slider", name="Eraser").focus()
    for key in ["Shift+ArrowUp", *["ArrowUp"] * 8, *["ArrowRight"] * 7]:
        page.keyboard.press(key)
    assert in_python(page).erased == []  # to move is not to rub
    page.keyboard.press("Enter")
    explorer = assert_same(page)
    assert explorer.erased == [7 * 28 + 9]
    assert explorer.lengths.argmax() == 4


def test_the_eraser_works_with_a_finger_and_the_page_scrolls_beside_it(open_figure):
    page = open_figure("1~digit:20", has_touch=True, width=360)
    style = "e => getComputedStyle(e).touchAction"
    eraser = page.figure.get_by_role("slider", name="Eraser")
    assert eraser.evaluate(style) == "none"
    assert page.figure.locator(".cx-image").evaluate(style) == "auto"
    box = eraser.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    unit = page.figure.locator(".cx-image").bounding_box()["width"] / 28
    session = page.context.new_cdp_session(page)
    for kind, *by in (("Start", 0, 0), ("Move", 4, -9), ("Move", 8, -10), ("End",)):
        points = [{"x": x + by[0] * unit, "y": y + by[1] * unit}] if by else []
        event = {"type": f"touch{kind}", "touchPoints": points}
        session.send("Input.dispatchTouchEvent", event)
    explorer = assert_same(page)
    assert explorer.erased
    assert page.faults == []


def test_with_all_ink_gone_it_still_says_something(open_figure):
    spots = [28 * y + x for y in range(3, 27, 3) for x in range(2, 27, 3)]
    page = open_figure(f"1~digit:20~erased:{'.'.join(map(str, spots))}")
    explorer = assert_same(page)
    assert explorer.pixels.sum() == 0
    total = values_on(page)[3].partition(" = ")[0]
    readout = page.figure.locator(".cx-readout").inner_text()
    assert f"background\n{total}" in readout


# ------------------------------------------------------------------ weights


def test_weights_come_only_when_the_figure_is_near(open_page):
    asked = []
    page = open_page(built_book() / "book" / "06_capsnet.html")
    page.on("request", lambda request: asked.append(request.url))
    figure = page.locator("figure:has([data-explorer=digit_routing])")
    picture = figure.locator(".cx-stage > .caps-picture")
    assert picture.is_visible()  # until then
    assert page.locator(".cx-loading progress").count() == 1
    assert page.evaluate("globalThis.capsnetParts") is None
    figure.scroll_into_view_if_needed()
    figure.locator(".cx-class").first.wait_for()
    assert picture.count() == 0
    assert sum("/tiny" in url for url in asked) == 23
    assert page.faults == []


def test_missing_weights_leave_the_picture_and_may_be_asked_again(open_page):
    page = open_page(built_book() / "book" / "06_capsnet.html")
    page.evaluate(
        """() => {
          const append = document.head.append.bind(document.head);
          document.head.append = (node) => {
            if (/tiny-03/.test(node.src)) setTimeout(() => node.onerror());
            else append(node);
          };
          window.mend = () => (document.head.append = append);
        }"""
    )
    figure = page.locator("figure:has([data-explorer=digit_routing])")
    figure.scroll_into_view_if_needed()
    again = figure.get_by_role("button", name="Try again")
    again.wait_for()
    assert "tiny-03.js did not load" in figure.inner_text()
    assert figure.locator(".cx-stage > .caps-picture").is_visible()
    assert figure.locator(".cx-chip").first.is_hidden()
    page.evaluate("mend()")
    again.click()
    figure.locator(".cx-class").first.wait_for()
    assert figure.locator(".cx-stage > .caps-picture").count() == 0
    assert figure.locator(".cx-chip").first.is_visible()


# ------------------------------------------------------------------ your own network

CODE = {"esm": joining.module, "css": joining.style}
STATE = (*NUMBERS, "erased", "squares", "ink", "weights", "link", "first", "note")
OWN = """async ({ esm, css, traits }) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = (text) => new DataView(bytes(text).buffer);
  const state = { ...traits, block: view(traits.block), image: view(traits.image) };
  const heard = [];
  const tell = (name) => heard.forEach(([heard, act]) => heard === name && act());
  const model = {
    get: (name) => state[name],
    set(news) {
      Object.assign(state, news);
      for (const name of Object.keys(news)) tell(`change:${name}`);
      tell("change");
    },
    on: (name, act) => heard.push([name, act]),
    off() {},
    save_changes() {},
  };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const explorer = (await import(url)).default;
  const style = document.createElement("style");
  document.head.append(Object.assign(style, { textContent: css }));
  explorer.initialize({ model });
  explorer.render({ model, el: document.body });
}"""


@pytest.mark.parametrize("name", OTHERS)
def test_a_network_of_your_own(open_page, tmp_path, name):
    model = random_model(OTHERS[name])
    explorer = DigitRoutingExplorer(model, torch.rand(model.config.image_shape))
    text = {key: base64.b64encode(getattr(explorer, key)) for key in ("block", "image")}
    traits = {key: getattr(explorer, key) for key in (*STATE, "header")}
    traits |= {key: value.decode() for key, value in text.items()}
    code = {key: get("digit_routing") for key, get in CODE.items()}
    (tmp_path / "page.html").write_text("<!doctype html><title>own</title><body>")
    page = open_page(tmp_path / "page.html")
    page.evaluate(OWN, code | {"traits": traits})
    page.figure = page.locator(".cx")
    page.figure.locator(".cx-class").first.wait_for()
    assert_close(lengths_on(page), explorer.lengths, 1e-3)
    told = page.figure.locator(".cx-chip:visible, .cx-insight:visible")
    assert told.count() == 0  # they speak about the shipped network
    page.figure.get_by_role("button", name="one less").click()
    explorer.iterations = 2
    expect(page.figure.locator(".cx-stepper .cx-number")).to_have_text("2")
    still(page)
    assert_close(lengths_on(page), explorer.lengths, 1e-3)
    assert page.faults == []
