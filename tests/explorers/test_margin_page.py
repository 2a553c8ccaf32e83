"""The margin explorer in its page: bars dragged by mouse, finger and keys."""

import pytest
import torch
from browser import needs_chromium, scrolled_past, swipe
from built import alone, built_book
from margin_cases import REST, flags, in_pytorch, only
from torch.nn import functional as F

pytestmark = needs_chromium
LOSS, CROSS = "margin loss, the ten added", "softmax cross-entropy"
BUG = "with the bug"


@pytest.fixture
def page(open_page):
    page = open_page(alone("margin"), reduced_motion="reduce")
    page.explorer = page.locator("[data-explorer=margin] .cx")
    page.explorer.scroll_into_view_if_needed()
    return page


def bar(page, j):
    return page.get_by_role("slider", name=f"length of capsule {j}", exact=True)


def lengths_of(page):
    return [float(bar(page, j).get_attribute("aria-valuenow")) for j in range(10)]


def bill(page):
    """The ten costs, as on the screen."""
    return page.explorer.locator(".cx-row:not(.cx-total) .cx-cost").all_inner_texts()


def totals(page):
    """The sums below the bars, as {title: text}."""
    rows = page.explorer.locator(".cx-total:not([hidden])").all()
    return dict(row.inner_text().rsplit("\n", 1) for row in rows)


def printed(x):
    return "0" if x == 0 else f"{x:.4f}"


def assert_as_in_pytorch(page, present, bug="none"):
    """Every number on the screen is what the package computes from the bars."""
    lengths = lengths_of(page)
    loss, gradient = in_pytorch(lengths, present)
    used, slopes = in_pytorch(lengths, present, bug)
    found = totals(page)
    assert found[LOSS] == printed(loss)
    if bug != "none":
        assert found[BUG] == printed(used)
    share = torch.tensor(present) / max(sum(present), 1)
    cross = F.cross_entropy(torch.tensor(lengths), share.float())
    expected = f"{cross:.4f}" if any(present) else "undefined"
    assert found[CROSS] == expected
    assert sum(map(float, bill(page))) == pytest.approx(used, abs=5e-4)
    numbers = page.explorer.locator("dd").all_inner_texts()
    assert numbers[0] == f"{(-slopes).clamp(min=0).sum():.3f}"
    assert numbers[1] == f"{slopes.clamp(min=0).sum():.3f}"
    return gradient


def drag(page, j, to, pointer="mouse"):
    """Take the bar by its end and bring it to a length, with the mouse or a finger."""
    bar(page, j).scroll_into_view_if_needed()
    box, start = bar(page, j).bounding_box(), lengths_of(page)[j]
    y = box["y"] + box["height"] / 2
    ends = [box["x"] + x * box["width"] for x in (start, to)]
    if pointer == "mouse":
        page.mouse.move(ends[0], y)
        page.mouse.down()
        page.mouse.move(ends[1], y + 3, steps=4)
        page.mouse.up()
    else:
        ways = [ends[0] + part * (ends[1] - ends[0]) for part in (0, 0.3, 0.7, 1)]
        swipe(page, [(x, y) for x in ways])


def test_mouse_and_keys_bring_a_bar_to_the_same_place(page):
    drag(page, 3, 0.63)
    drag(page, 7, 0.88)
    by_mouse = lengths_of(page)
    assert by_mouse == pytest.approx(
        [REST] * 3 + [0.63] + [REST] * 3 + [0.88] + [REST] * 2, abs=1e-4
    )
    assert_as_in_pytorch(page, flags(3))
    page.get_by_role("button", name="Reset").click()
    assert lengths_of(page)[3] == pytest.approx(REST, abs=1e-4)
    for j, key in ((3, "ArrowRight"), (7, "ArrowUp")):
        bar(page, j).focus()
        page.keyboard.press(f"Shift+{key}")
        page.keyboard.press(f"Shift+{key}")
        page.keyboard.press(key)
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        assert lengths_of(page)[j] == pytest.approx(REST + 0.19, abs=1e-4)
    assert_as_in_pytorch(page, flags(3))
    page.keyboard.press("Home")
    assert lengths_of(page)[7] == pytest.approx(REST, abs=1e-4)
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    assert lengths_of(page)[7] == 0
    before = page.evaluate("scrollY")
    page.keyboard.press("End")
    assert lengths_of(page)[7] == 1
    assert page.evaluate("scrollY") == before
    assert page.faults == []


def test_a_finger_moves_a_bar_sideways_and_scrolls_the_page_up(open_page):
    page = open_page(
        built_book() / "book" / "05_margin.html", width=360, has_touch=True
    )
    page.explorer = page.locator("[data-explorer=margin] .cx")
    centre = "e => e.scrollIntoView({ block: 'center', behavior: 'instant' })"
    bar(page, 5).evaluate(centre)
    before = page.evaluate("scrollY")
    drag(page, 5, 0.8, "finger")
    assert page.evaluate("scrollY") == before
    assert lengths_of(page)[5] == pytest.approx(0.8, abs=0.011)
    assert_as_in_pytorch(page, flags(3))
    moved = lengths_of(page)
    box = bar(page, 4).bounding_box()
    x, y = box["x"] + 30, box["y"] + 20
    swipe(page, [(x, y - up) for up in (0, 40, 80, 120, 160)])
    scrolled_past(page, before + 80)
    assert lengths_of(page) == moved


def test_rings_say_who_is_present(page):
    for digits, click in (((3, 5), 5), ((5,), 3), ((), 5)):
        page.get_by_role("button", name=f"{click} is present").click()
        drag(page, 5, 0.7 if 5 in digits else 0.4)
        assert_as_in_pytorch(page, flags(*digits))
    assert page.explorer.locator("[aria-pressed=true]").count() == 0


def test_equal_lengths_settle_at_loss_0_524(page):
    page.get_by_label("all bars together").check()
    drag(page, 6, 0.6)
    assert lengths_of(page) == 10 * [0.6]
    assert_as_in_pytorch(page, flags(3))
    for _ in range(30):
        page.get_by_role("button", name="Take a step").click()
    assert lengths_of(page) == pytest.approx(10 * [REST], abs=1e-4)
    assert totals(page)[LOSS] == "0.5236"
    page.get_by_label("all bars together").uncheck()
    drag(page, 6, 0.2)
    assert sorted(lengths_of(page))[:2] == pytest.approx([0.2, REST], abs=1e-4)


def test_steps_along_the_arrows_come_to_rest_where_the_loss_is_content(page):
    before = torch.tensor(lengths_of(page))
    gradient = assert_as_in_pytorch(page, flags(3))
    page.keyboard.press("Tab")  # keys are heard in the whole frame
    bar(page, 0).focus()
    page.keyboard.press("]")
    assert lengths_of(page) == pytest.approx(
        (before - 0.25 * gradient).tolist(), abs=2e-4
    )
    for _ in range(30):
        page.keyboard.press("]")
    assert lengths_of(page) == pytest.approx(only(0.9, 0.1), abs=1e-3)
    assert page.explorer.locator(".cx-step:visible").count() == 0


GOLDEN = [  # state, and what the storyboard promised for it
    (only(REST, REST), "", {LOSS: "0.5236"}, "1.309", "1.309"),
    (only(0, 0), "", {LOSS: "0.8100"}, "1.800", "0.000"),
    (only(1, 1), "", {LOSS: "3.6450"}, "0.000", "8.100"),
    (only(0, 1), "", {LOSS: "4.4550"}, "1.800", "8.100"),
    (only(0.5, 0.5), "", {LOSS: "0.8800"}, "0.800", "3.600"),
    (only(0.18, 0.18), "down_weight:100", {LOSS: "0.5760"}, "1.440", "1.440"),
    (only(0.9, 0.1), "", {LOSS: "0"}, "0.000", "0.000"),
    (only(1, 0), "", {LOSS: "0", CROSS: "1.4612"}, "0.000", "0.000"),
    (only(0.95, 0.1, 3, 5), "present:0001010000", {LOSS: "0"}, "0.000", "0.000"),
    (only(1, 0), "bug:softmax", {BUG: "0.4463", LOSS: "0"}, None, None),
    (only(0.89, 0.3), "bug:square", {BUG: "0.9100"}, "1.000", "4.500"),
    (only(0.2, 0.3), "bug:square", {BUG: "1.6000"}, "1.000", "4.500"),
]  # fmt: skip


def test_golden_numbers(page):
    address = page.url.partition("?")[0]
    for lengths, also, expected, pull, push in GOLDEN:
        state = "lengths:" + ",".join(str(round(x * 1e5)) for x in lengths)
        page.goto(f"{address}?margin=1~{state}{also and '~'}{also}")
        page.explorer.wait_for()
        assert lengths_of(page) == pytest.approx(lengths, abs=1e-4)
        assert expected.items() <= totals(page).items(), (lengths, also)
        found = page.explorer.locator("dd").all_inner_texts()
        assert found[:2] == [pull or found[0], push or found[1]], (lengths, also)
        bug = also.removeprefix("bug:") if "bug" in also else "none"
        if "down_weight" not in also:
            there = flags(3, 5) if "present" in also else flags(3)
            assert_as_in_pytorch(page, there, bug)
    assert page.faults == []


def test_the_formula_follows_the_bar_and_lights_its_curve(page):
    terms = page.explorer.locator(".cx-formula .cx-value")
    assert terms.all_inner_texts() == ["0.4284", "1", "0.6545²", "0", "0.1454²"]
    bar(page, 8).focus()
    assert terms.all_inner_texts() == ["0.0106", "0", "0.6545²", "0.50", "0.1454²"]
    assert "8" in page.explorer.locator(".cx-formula sub").first.inner_text()
    page.get_by_text("no square").click()
    assert terms.all_inner_texts()[2] == "0.6545"
    page.mouse.move(0, 0)
    page.explorer.locator(".cx-term[data-lights=absent]").first.focus()
    assert page.explorer.locator("path.cx-lit").count() == 2  # the right, the wrong
    assert page.explorer.locator(".cx-length.cx-lit").count() == 9
