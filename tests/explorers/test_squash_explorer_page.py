"""The squash explorer in its page: whoever moves the arrow, the numbers are right."""

import re

import pytest
import torch
from browser import needs_chromium, scrolled_past, swipe, written
from built import alone, built_book

from capsnet_tutorial import squash
from capsnet_tutorial.explorers import SquashExplorer

pytestmark = needs_chromium


@pytest.fixture
def page(open_page):
    page = open_page(alone("squash"), reduced_motion="reduce")
    page.explorer = page.locator("[data-explorer=squash] .cx")
    page.explorer.scroll_into_view_if_needed()
    return page


def shown(page):
    """The read-out, as {symbol: text}."""
    symbols = page.explorer.locator("dt").all_inner_texts()
    return dict(
        zip(symbols, page.explorer.locator("dd").all_inner_texts(), strict=True)
    )


def link(page):
    return re.search(r"squash=1~s:(-?\d+),(-?\d+)", written(page, "squash"))


def arrow(page):
    handle = page.get_by_role("slider", name="s, the vector before squash")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    unit = page.locator(".cx-panel").first.bounding_box()["width"] / 6.8
    return handle, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, unit


def test_mouse_finger_and_keys_bring_the_arrow_to_the_same_place(page):
    handle, x, y, unit = arrow(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.4 * unit, y + 0.2 * unit, steps=4)
    page.mouse.up()
    by_mouse = [int(n) / 1000 for n in link(page).groups()]
    assert by_mouse == pytest.approx([2, 1], abs=0.005)
    handle.focus()
    page.keyboard.press("Home")
    assert link(page) is None  # the first view
    _, x, y, unit = arrow(page)
    before = page.evaluate("scrollY")
    parts = (0, 0.5, 1)
    swipe(page, [(x + 0.4 * unit * part, y + 0.2 * unit * part) for part in parts])
    assert page.evaluate("scrollY") == before
    assert [int(n) / 1000 for n in link(page).groups()] == pytest.approx(
        by_mouse, abs=0.002
    )
    page.keyboard.press("Home")
    for key in ["ArrowRight"] * 4 + ["ArrowDown"] * 2:
        page.keyboard.press(key)
    assert link(page).groups() == ("2000", "1000")
    assert shown(page)["|v|"] == f"{squash(torch.tensor([2.0, 1.0])).norm():.3f}"
    page.keyboard.press("End")
    assert link(page).groups() == ("2000", "20000")  # as far as links go


def test_the_point_on_the_curve_moves_the_arrow_along_its_direction(page):
    page.get_by_role("slider", name="length of s").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert shown(page)["|s|"] == "3.00"
    assert shown(page)["|v|"] == "0.900"
    assert shown(page)["angle"] == "36.9°"


def test_the_second_vote_turns_and_stays_of_length_one(page):
    page.get_by_text("two votes", exact=True).click()
    page.get_by_role("slider", name="second vote").focus()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    assert shown(page)["|v|"] == "0.500"  # 120 degrees between them
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    assert (shown(page)["|v|"], shown(page)["angle"]) == ("0.000", "undefined")


GOLDEN = [  # state, and what the storyboard promised for it
    ("s:100,0", {"|v|": "0.010"}),
    ("s:1000,0", {"|v|": "0.500", "slope": "0.500"}),
    ("s:577,0", {"slope": "0.650"}),
    ("s:9950,0", {"|v|": "0.990"}),
    ("s:1000,0~second:60", {"|v|": "0.750"}),
    ("s:1000,0~second:90", {"|v|": "0.667"}),
    ("s:1000,0~second:120", {"|v|": "0.500"}),
    ("s:1000,0~second:150", {"|v|": "0.211", "between votes": "150°"}),
    ("s:-500,-866~second:150", {"between votes": "90°"}),
    ("s:10000,10000~each:1", {"wrong |v|": "1.400"}),
    ("s:3000,500~each:1", {"angle": "9.5°", "wrong angle": "12.5°"}),
    ("s:2000,0~each:1", {"|v|": "0.800", "wrong |v|": "0.800"}),
    ("s:0,0", {"|v|": "0.000", "angle": "undefined"}),
    ("s:0,0~printed:1", {"|v|": "undefined"}),
]


def test_golden_numbers(page):
    for state, expected in GOLDEN:
        page.goto(f"{page.url.partition('?')[0]}?squash=1~{state}")
        page.explorer.wait_for()
        found = shown(page)
        assert expected.items() <= found.items(), state
        given = dict(part.split(":") for part in state.split("~"))
        s = [int(n) / 1000 for n in given["s"].split(",")]
        second = float(given["second"]) if "second" in given else None
        total = SquashExplorer(s=s, second=second).total
        assert found["|s|"] == f"{total.norm():.2f}"
        if "printed" not in given:
            assert found["|v|"] == f"{squash(total).norm():.3f}"
    assert page.faults == []


def test_a_term_of_the_formula_lights_its_mark(page):
    for name, mark in (("length", "path"), ("direction", "line")):
        page.locator(f".cx-term[data-lights={name}]").focus()
        lit = page.locator(f"{mark}.cx-lit[data-mark={name}]")
        assert lit.count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".cx-panel .cx-lit").count() == 0


def test_a_finger_beside_the_handle_scrolls_the_page(open_page):
    page = open_page(
        built_book() / "book" / "02_squash.html", width=360, has_touch=True
    )
    panel = page.locator(".cx-panel").first
    panel.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = panel.bounding_box()
    before = page.evaluate("scrollY")
    x, y = box["x"] + 20, box["y"] + 250
    swipe(page, [(x, y - up) for up in (0, 40, 80, 120, 160)])
    scrolled_past(page, before + 80)
