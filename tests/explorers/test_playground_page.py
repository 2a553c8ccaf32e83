"""The playground in its page: mouse, finger and keys draw; PyTorch has the numbers."""

import base64
import re
import shutil

import pytest
import torch
from browser import (
    at_rest,
    in_both_themes,
    needs_chromium,
    scrolled_past,
    still,
    swipe,
    written,
)
from built import built_book
from drawn import DIGITS
from node import assert_close, run

from capsnet_tutorial import CapsNet, CapsNetConfig, load_pretrained
from capsnet_tutorial.encoding.perturb import draw as decoded
from capsnet_tutorial.explorers import Playground
from capsnet_tutorial.explorers.presets import preset_digits

pytestmark = needs_chromium

TINY = load_pretrained("tiny")
PIXELS = """e => [...e.getContext('2d').getImageData(0, 0, 28, 28).data]
  .filter((x, k) => k % 4 === 3)"""
HERE = "[data-explorer=playground] .cx[data-network=here]"
SEEN, MEMORY = "canvas.cx-ink", ".cx-pictures canvas.cx-above"


@pytest.fixture
def open_pad(open_page):
    def open_pad(state="", ready=True, book=None, **options):
        query = f"?playground={state}" if state else ""
        path = (book or built_book()) / "book" / "06_capsnet.html"
        page = open_page(path, query, reduced_motion="reduce", **options)
        page.explorer = page.locator("[data-explorer=playground] .cx")
        page.pad = page.explorer.locator(".cx-pad")
        if ready:
            page.explorer.scroll_into_view_if_needed()
            page.locator(HERE).wait_for()
        return page

    return open_pad


def pixels(page, picture=SEEN):
    """A picture on the screen (28 28), from 0 to 1."""
    found = page.explorer.locator(picture).first.evaluate(PIXELS)
    return torch.tensor(found).view(28, 28) / 255


def bars(page):
    """The lengths as the bars have them."""
    script = "all => all.map(e => parseFloat(e.style.height) / 100)"
    return page.explorer.locator(".cx-bars i").evaluate_all(script)


def verdict(page):
    return page.explorer.locator(".cx-verdict p").first.inner_text()


def link(page):
    """The state in the address, part by part."""
    found = re.search(r"playground=([^&#]*)", written(page, "playground"))
    return dict(part.split(":") for part in found[1].split("~")[1:]) if found else {}


def points(page, stroke):
    """Points of the pad on the screen."""
    page.pad.scroll_into_view_if_needed()
    box = page.pad.bounding_box()
    unit = box["width"] / 256
    return [(box["x"] + unit * x, box["y"] + unit * y) for x, y in stroke]


def draw(page, strokes):
    for stroke in strokes:
        first, *others = points(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point)
        page.mouse.up()


def assert_it_is_pytorch(page):
    """Lengths and memory on the screen, for the picture on the screen."""
    output = TINY(pixels(page)[None, None])
    assert_close(bars(page), output.lengths[0], 1e-4)
    assert_close(pixels(page, MEMORY), output.reconstruction[0, 0], 1 / 255)
    return int(output.lengths.argmax())


def test_digits_drawn_with_the_mouse_are_read_as_by_pytorch(open_pad):
    page = open_pad()
    for digit, strokes in enumerate(DIGITS):
        page.get_by_role("button", name="Clear").click()
        draw(page, strokes)
        assert assert_it_is_pytorch(page) == digit
        assert verdict(page) == f"It reads a {digit}."
    assert page.faults == []


def test_everything_follows_while_the_pen_is_down(open_pad):
    page = open_pad()
    first, *others = points(page, DIGITS[3][0])
    page.mouse.move(*first)
    page.mouse.down()
    found = []
    for point in others[::6]:
        page.mouse.move(*point)
        still(page)
        found.append(bars(page))
        assert_it_is_pytorch(page)
    assert len({tuple(x) for x in found}) == len(found) >= 5
    assert (link(page)["digit"], link(page)["strokes"]) == ("-", "")  # not done yet
    page.mouse.up()
    assert len(link(page)["strokes"]) > 10


def test_a_finger_draws_and_the_page_stays(open_pad):
    page = open_pad(width=390, has_touch=True)
    (stroke,) = DIGITS[6]
    where = points(page, stroke)
    before = page.evaluate("scrollY")
    swipe(page, where[::2])
    assert page.evaluate("scrollY") == before
    assert assert_it_is_pytorch(page) == 6
    box = page.pad.bounding_box()
    beside = box["x"] + box["width"] + 12  # no pad there
    swipe(page, [(beside, 500 - 40 * n) for n in range(8)])
    scrolled_past(page, before + 50)


def test_keys_draw(open_pad):
    page = open_pad()
    page.pad.focus()
    for key in [*["Shift+ArrowUp"] * 2, "Space", *["Shift+ArrowDown"] * 4, "Space"]:
        page.keyboard.press(key)
    assert assert_it_is_pytorch(page) == 1
    strokes = link(page)["strokes"]
    page.keyboard.press("ArrowRight")  # the pen is up
    assert link(page)["strokes"] == strokes
    for key in ("Space", "Shift+ArrowLeft", "Escape", "Shift+ArrowUp"):
        page.keyboard.press(key)
    assert len(link(page)["strokes"]) > len(strokes)
    page.keyboard.press("Backspace")
    assert link(page)["strokes"] == strokes


def test_a_stored_digit_is_chosen_by_arrow_keys(open_pad):
    page = open_pad()
    page.get_by_role("radio", name="digit 5, number 12 of 20").focus()
    page.keyboard.press("ArrowRight")
    assert link(page)["digit"] == "12"
    assert_close(pixels(page), preset_digits()[0][12, 0])
    assert assert_it_is_pytorch(page) == 6


def test_an_empty_pad_and_a_dot_are_no_digits(open_pad):
    page = open_pad("1~digit:-")
    assert verdict(page).startswith("No ink yet. Even so the longest capsule is 1")
    assert pixels(page).sum() == 0
    assert_it_is_pytorch(page)
    draw(page, [[[128, 128]]])
    assert verdict(page).startswith("Too little ink")
    page.get_by_role("button", name="Clear").click()
    assert verdict(page).startswith("No ink yet")
    red = page.explorer.locator(".cx-bars i").first
    assert (
        red.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(107, 114, 128)"
    )


def test_undo_takes_one_stroke_and_clear_takes_all(open_pad):
    page = open_pad()
    one, two = DIGITS[4]
    draw(page, [one])
    after_one = pixels(page)
    draw(page, [two])
    assert not torch.equal(pixels(page), after_one)
    page.get_by_role("button", name="Undo").click()
    assert torch.equal(pixels(page), after_one)
    draw(page, [two])
    page.get_by_role("button", name="Clear").click()
    assert pixels(page).sum() == 0


def test_a_pen_that_leaves_the_pad_comes_back_with_a_new_stroke(open_pad):
    page = open_pad()
    draw(page, [[[60, 100], [250, 100], [300, 100], [300, 200], [250, 200], [60, 200]]])
    paths = page.explorer.locator(".cx-stroke").get_attribute("d")
    assert paths.count("M") == 2
    assert max(float(n) for n in re.findall(r"[\d.]+", paths)) < 256
    page.mouse.move(*points(page, [[128, 40]])[0])  # nothing is pressed any more
    assert page.explorer.locator(".cx-stroke").get_attribute("d") == paths


def test_a_second_finger_draws_nothing(open_pad):
    page = open_pad(width=390, has_touch=True)
    (x, y), (left, low) = points(page, [[100, 60], [40, 220]])
    finger = page.context.new_cdp_session(page)
    for n in range(8):
        touches = [{"x": x, "y": y + 12 * n, "id": 1}]
        if n > 2:
            touches.append({"x": left + 9 * n, "y": low, "id": 2})
        event = {"type": "touchMove" if n else "touchStart", "touchPoints": touches}
        finger.send("Input.dispatchTouchEvent", event)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.explorer.locator(".cx-stroke").get_attribute("d").count("M") == 1
    assert pixels(page)[:, 18:].sum() == 0


def test_an_unsure_network_says_so(open_pad):
    page = open_pad("1~show:turn~digit:12~angle:85")
    assert max(bars(page)) < 0.5
    assert verdict(page).startswith("Not sure: no capsule is longer than 0.5.")


def test_a_drawing_survives_its_link(open_pad):
    page = open_pad()
    draw(page, DIGITS[8])
    page.explorer.get_by_text("turn it", exact=True).click()
    page.get_by_role("slider", name="angle of the digit").focus()
    page.keyboard.press("Shift+ArrowLeft")
    state, shown = link(page), pixels(page)
    assert state["angle"] == "10"
    assert len(page.url.partition("?")[2]) < 300
    page.goto(page.url)
    page.explorer.scroll_into_view_if_needed()
    page.locator(HERE).wait_for()
    assert torch.equal(pixels(page), shown)
    assert link(page) == state


BEYOND = ["show:pose~digit:11~capsule:10", "show:pose~capsule:99", "change:20,20"]


@pytest.mark.parametrize("state", BEYOND)
def test_a_link_beyond_the_network_gives_the_first_view_and_a_note(open_pad, state):
    first = bars(open_pad())
    page = open_pad(f"1~{state}")
    assert "could not be read" in page.explorer.locator(".cx-note").inner_text()
    assert bars(page) == first
    assert page.faults == []


def test_sliders_change_the_pose_and_the_memory(open_pad):
    page = open_pad("1~show:pose")
    pose = TINY(pixels(page)[None, None]).pose[0, 5]
    spread = torch.tensor(run("model/stored.js", "return stored.poseSd[5]"))
    at_rest(page, "playground")  # the sliders are in order
    slider = page.get_by_role("slider", name="no. 9")
    slider.focus()
    page.keyboard.press("End")
    pose[9] += 2 * spread[9]
    assert_close(pixels(page, MEMORY), decoded(TINY, pose, 5), 1 / 255)
    head = page.explorer.locator(".cx-posehead")
    assert f"is {pose.norm():.3f} long" in head.inner_text()
    page.goto(
        page.url.partition("?")[0]
        + "?playground=1~show:pose~change:"
        + ",".join(["20"] * 16)
    )
    page.explorer.scroll_into_view_if_needed()
    page.locator(HERE).wait_for()
    assert "beyond 1, and no drawing leads here" in head.inner_text()
    page.get_by_role("button", name="As encoded").click()
    assert_it_is_pytorch(page)


def test_a_bar_shows_what_its_capsule_remembers(open_pad):
    page = open_pad()
    page.explorer.locator(".cx-bars label").nth(3).click()
    pose = TINY(pixels(page)[None, None]).pose[0, 3]
    assert_close(pixels(page, MEMORY), decoded(TINY, pose, 3), 1 / 255)
    assert "if it were a 3" in page.explorer.inner_text()
    page.get_by_role("button", name="Show the longest").click()
    assert_it_is_pytorch(page)


def test_two_digits_show_two_memories(open_pad):
    page = open_pad("1~show:second~digit:7~second:17")
    output = TINY(pixels(page)[None, None])
    assert_close(bars(page), output.lengths[0], 1e-4)
    for picture, j in ((MEMORY, 8), (".cx-pictures canvas.cx-two", 3)):
        expected = decoded(TINY, output.pose[0, j], j)
        assert_close(pixels(page, picture), expected, 1 / 255)
    page.explorer.get_by_text("the digit", exact=True).click()
    assert page.explorer.locator(".cx-pictures canvas.cx-two").is_hidden()


AROUND = """
const state = { digit: 12, strokes: [], second: null, pen: 2.5, centred: true,
  scale: 1, right: 0, down: 0 };
return given.angles.map((angle) => seenBy({ ...state, angle }));
"""


def test_the_compass_is_what_pytorch_reads(open_pad):
    page = open_pad("1~show:turn~digit:12")
    at_rest(page, "playground")
    images = run("playground/maths.js", AROUND, angles=list(range(-180, 180, 5)))
    lengths = TINY(torch.tensor(images).view(72, 1, 28, 28) / 255).lengths
    length, named = lengths.max(dim=1)
    sure = length >= 0.5
    counts = [(sure & (named == 6)).sum(), (sure & (named != 6)).sum(), (~sure).sum()]
    told = page.explorer.locator(".cx-turn .cx-hint").inner_text()
    assert [int(n) / 5 for n in re.findall(r"(\d+)° ", told)] == counts
    names = page.explorer.locator(".cx-turn .cx-name").all_text_contents()
    assert {"6", "9", "5"} <= set(names) <= {str(n) for n in named[sure].tolist()}


# ------------------------------------------------------------------ the weights


def test_weights_come_when_the_figure_is_seen_and_are_light(open_pad):
    page = open_pad(ready=False)
    asked = []
    page.on("request", lambda r: asked.append(r.url.split("/")[-1]))
    still(page)
    assert page.explorer.get_attribute("data-network") == "waiting"
    assert asked == []
    assert page.evaluate("scrollY") == 0
    page.explorer.scroll_into_view_if_needed()
    page.locator(HERE).wait_for()
    assert "tiny.js" in asked
    assert len(asked) > 10
    static = built_book() / "_static"
    code = static / "explorer-playground.js"
    assert (
        sum((static / name).stat().st_size for name in asked) + code.stat().st_size
        < 2.5e6
    )


def test_without_weights_the_stored_example_explains_and_one_can_try_again(
    open_pad, tmp_path
):
    """In a copy of the book: other tests use its weights."""
    shutil.copytree(built_book() / "_static", tmp_path / "_static")
    shutil.copytree(built_book() / "book", tmp_path / "book")
    part = tmp_path / "_static" / "tiny-03.js"
    hidden = part.rename(part.with_suffix(".hidden"))
    page = open_pad(ready=False, book=tmp_path)
    page.explorer.scroll_into_view_if_needed()
    page.locator("[data-explorer=playground] .cx[data-network=missing]").wait_for()
    output = Playground().output
    assert_close(bars(page), output.lengths[0], 1e-4)
    assert_close(pixels(page, MEMORY), output.reconstruction[0, 0], 1 / 255)
    assert "What you see is a stored example." in page.explorer.inner_text()
    draw(page, DIGITS[2])  # it can be drawn on, and says that it knows nothing
    assert "Reset shows a stored example." in page.explorer.inner_text()
    hidden.rename(part)
    page.get_by_role("button", name="Try again").click()
    page.locator(HERE).wait_for()
    assert assert_it_is_pytorch(page) == 2


START = """async ([state, block]) => {
  const bytes = Uint8Array.from(atob(block), c => c.charCodeAt(0));
  state.block = new DataView(bytes.buffer);
  const heard = [];
  window.model = {
    get: name => state[name], save_changes() {}, off() {},
    on: (name, act) => heard.push([name, act]),
    set(name, value) {
      const news = typeof name === 'object' ? name : { [name]: value };
      Object.assign(state, news);
      for (const key of Object.keys(news))
        for (const [to, act] of heard.slice()) if (to === `change:${key}`) act();
    } };
  const { esm } = window.capsExplorers.playground;
  const url = URL.createObjectURL(new Blob([esm], { type: 'text/javascript' }));
  const explorer = (await import(url)).default;
  const el = Object.assign(document.createElement('div'), { id: 'own' });
  document.querySelector('[data-explorer=playground]').replaceWith(el);
  explorer.initialize({ model });
  explorer.render({ model, el });
}"""


def test_a_model_of_ones_own_as_in_jupyter(open_pad):
    config = CapsNetConfig(
        conv_channels=3, primary_types=2, n_classes=7, class_dim=5, decoder_hidden=(11,)
    )
    model = CapsNet(config).eval()
    playground = Playground(model, digit=4)
    names = playground.traits(sync=True)
    state = {
        name: getattr(playground, name)
        for name in names
        if name[0] != "_" and name not in ("block", "seen", "layout")
    }
    page = open_pad()
    page.evaluate(START, [state, base64.b64encode(playground.block).decode()])
    page.explorer = page.locator("#own .cx")
    page.explorer.scroll_into_view_if_needed()
    page.locator("#own .cx[data-network=here]").wait_for()
    output = model(preset_digits()[0][4:5])
    assert_close(bars(page), output.lengths[0], 1e-3)
    assert_close(pixels(page, MEMORY), output.reconstruction[0, 0], 1e-2)
    sent = page.evaluate("[...new Uint8Array(model.get('seen').buffer)]")
    playground.seen = bytes(sent)
    assert_close(playground.image, preset_digits()[0][4])
    assert page.faults == []


@pytest.mark.long
def test_every_open_part_is_whole_on_a_phone_and_for_axe(open_pad):
    seen = 0
    for show in ("turn", "pose", "second~second:17"):
        page = open_pad(f"1~digit:7~show:{show}", width=320)
        at_rest(page, "playground")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, show
        context = {"include": [["[data-explorer=playground]"]]}
        assert in_both_themes(page, context, reduced_motion="reduce") == [], show
        seen += 1
        page.context.close()
    assert seen == 3
