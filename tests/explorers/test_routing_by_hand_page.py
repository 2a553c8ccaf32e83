"""The routing explorer in its page: whatever is dragged, PyTorch gets the same."""

import json
import math
import re

import pytest
import torch
from browser import needs_chromium, scrolled_past, swipe
from built import alone, explorer_pages

from capsnet_tutorial.explorers import RoutingExplorer

pytestmark = needs_chromium
UNIT, SIDE = 2.9, 264  # a plane is 2.9 units wide, and 264 px in its own measure


@pytest.fixture
def page(open_page):
    return ready(open_page(alone("routing"), reduced_motion="reduce"))


def chapter():
    return explorer_pages()["routing"][0]


def ready(page):
    page.explorer = page.locator("[data-explorer=routing] .cx")
    page.explorer.locator(".cx-routing").evaluate(
        "e => e.scrollIntoView({ block: 'center', behavior: 'instant' })"
    )
    return page


def arrows(page):
    """The votes as [degrees, length], as the handles say them, and where we are."""
    said = page.explorer.locator(".cx-bead:not([visibility])").evaluate_all(
        "beads => beads.map(bead => bead.getAttribute('aria-valuetext'))"
    )
    found = [re.match(r"(\d+)°, length ([\d.]+)", text).groups() for text in said]
    pairs = [[float(turn), float(length)] for turn, length in found]
    half = len(pairs) // 2  # first those for A, then those for B
    chosen = page.explorer.locator(".cx-split[aria-pressed=true] .cx-number")
    state = {
        "iterations": int(page.explorer.locator(".cx-stepper .cx-number").inner_text()),
        "child": int(chosen.inner_text()),
    }
    return [list(row) for row in zip(pairs[:half], pairs[half:], strict=True)], state


def numbers(texts):
    return [float(text.replace("−", "-")) for text in texts if text]


def shown(page):
    """What stands on the screen: coupling (i 2), lengths (2) and |s| (2)."""
    rows = page.explorer.locator(".cx-split:not([hidden])").all()
    coupling = [numbers(row.inner_text().split()) for row in rows]
    planes = page.explorer.locator(".cx-panel").all()
    amounts = [numbers(p.locator(".cx-amount").all_text_contents()) for p in planes]
    return {
        "coupling": [[a, b] for a, _, b in coupling],
        "lengths": [amount[0] for amount in amounts],
        "sums": [amount[-1] for amount in amounts],
        "all": amounts,
    }


def readout(page):
    symbols = page.explorer.locator("dt").all_inner_texts()
    values = page.explorer.locator("dd").all_inner_texts()
    return dict(zip(symbols, values, strict=True))


def assert_right(page):
    """The screen shows what DynamicRouter makes of the votes on the screen."""
    votes, state = arrows(page)
    explorer = RoutingExplorer(arrows=votes, iterations=state["iterations"])
    step, found = explorer.step, shown(page)
    lengths = step.pose[0].norm(dim=-1)
    assert found["coupling"] == [
        pytest.approx(row, abs=0.0051) for row in step.coupling[0].tolist()
    ]
    assert found["lengths"] == pytest.approx(lengths.tolist(), abs=5.1e-4)
    sums = torch.einsum("ij,ije->je", step.coupling[0], explorer.votes).norm(dim=-1)
    assert found["sums"] == pytest.approx(sums.tolist(), abs=5.1e-4)
    return votes, state


def bead(page, child, parent):
    """The handle of a vote and the middle of its bead, in pixels of the window."""
    handle = page.get_by_role("slider", name=f"Vote of child {child} for {parent}")
    return handle, *middle(handle)


def middle(handle):
    box = handle.locator(".cx-grip").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def scale(page):
    """Pixels of the window for a vote of length 1."""
    return page.explorer.locator(".cx-panel").first.bounding_box()["width"] / UNIT


def shift(page, before, after):
    """From the tip of one vote to that of another, in pixels of the window."""
    x, y = (
        scale(page) * (new * f(math.radians(b)) - old * f(math.radians(a)))
        for f, (a, old), (b, new) in ((f, before, after) for f in (math.cos, math.sin))
    )
    return x, -y


def drag(page, x, y, dx, dy):
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()


DRAGS = [  # child, parent, from, to: angle and length
    (6, "A", (190, 1), (41, 1)),
    (2, "A", (35, 1), (120, 0.5)),
    (5, "B", (290, 1), (5, 0.8)),
    (3, "B", (150, 1), (150, 0)),
]


@pytest.mark.parametrize(("child", "parent", "before", "after"), DRAGS)
def test_a_vote_is_dragged_to_an_angle_and_routed_as_by_pytorch(
    page, child, parent, before, after
):
    _, x, y = bead(page, child, parent)
    drag(page, x, y, *shift(page, before, after))
    votes, state = assert_right(page)
    turn, length = votes[child - 1]["AB".index(parent)]
    assert length == pytest.approx(after[1], abs=0.02)
    assert length == 0 or turn == pytest.approx(after[0], abs=1)
    assert state["child"] == child


def test_a_vote_that_agrees_leaves_little_for_b(page):
    _, x, y = bead(page, 6, "A")
    drag(page, x, y, *shift(page, (190, 1), (41, 1)))
    assert arrows(page)[0][5][0] == [41, 1]
    assert shown(page)["lengths"] == [0.963, 0.051]


def test_a_finger_does_what_the_mouse_does_and_the_page_stays(open_page):
    page = ready(
        open_page(chapter(), width=360, has_touch=True, reduced_motion="reduce")
    )
    handle, x, y = bead(page, 6, "A")
    handle.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    _, x, y = bead(page, 6, "A")
    before = page.evaluate("scrollY")
    dx, dy = shift(page, (190, 1), (41, 1))
    swipe(page, [(x + dx * part, y + dy * part) for part in (0, 0.3, 0.7, 1)])
    assert page.evaluate("scrollY") == before
    votes, _ = assert_right(page)
    assert votes[5][0] == [pytest.approx(41, abs=1), 1]


def test_a_finger_beside_the_votes_scrolls_the_page(open_page):
    page = ready(open_page(chapter(), width=360, has_touch=True))
    box = page.explorer.locator(".cx-panel").first.bounding_box()
    before = page.evaluate("scrollY")
    x, y = box["x"] + 30, box["y"] + 0.75 * box["height"]
    swipe(page, [(x, y - up) for up in (0, 40, 80, 120, 160)])
    scrolled_past(page, before + 80)
    assert arrows(page)[0][5] == [[190, 1], [355, 1]]


def test_every_bead_can_be_taken_also_in_a_bundle(page):
    """Whoever presses on a number gets that number, though others lie beside it."""
    taken = 0
    for parent in "AB":
        for child in range(1, 7):
            handle, x, y = bead(page, child, parent)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.up()
            assert handle.evaluate("e => e === document.activeElement")
            assert arrows(page)[1]["child"] == child
            taken += 1
    assert taken == 12
    assert_right(page)


def test_keys_turn_lengthen_and_bring_back_a_vote(page):
    handle, *_ = bead(page, 6, "A")
    handle.focus()
    for key in ["ArrowLeft"] * 9 + ["Shift+ArrowLeft"] * 14 + ["ArrowUp"]:
        page.keyboard.press(key)
    votes, _ = assert_right(page)
    assert votes[5] == [[41, 1.05], [355, 1]]
    assert "41°, length 1.05" in handle.get_attribute("aria-valuetext")
    page.keyboard.press("Shift+ArrowUp")
    assert arrows(page)[0][5][0] == [41, 1.2]  # and no longer
    page.keyboard.press("Home")
    assert arrows(page)[0][5] == [[190, 1], [355, 1]]
    page.keyboard.press("]")
    page.keyboard.press("]")
    assert assert_right(page)[1]["iterations"] == 5
    for _ in range(7):
        page.keyboard.press("[")
    assert assert_right(page)[1]["iterations"] == 1
    assert readout(page)["iteration 1"] == "a plain average"


def test_a_vote_dragged_too_far_stays_and_says_so(page):
    _, x, y = bead(page, 6, "A")
    dx, dy = shift(page, (190, 1), (190, 1.4))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    assert page.get_by_text("at most 1.2 long").count() == 1
    page.mouse.up()
    assert page.get_by_text("at most 1.2 long").count() == 0
    assert arrows(page)[0][5][0] == [190, 1.2]


def test_the_ring_turns_all_votes_of_a_parent_and_no_coupling(page):
    before, (votes, _) = shown(page), arrows(page)
    grip = page.get_by_role("slider", name="Turn all votes for A")
    x, y = middle(grip)
    box = page.explorer.locator(".cx-panel").first.bounding_box()
    centre = (box["x"] + box["width"] / 2, box["y"] + box["width"] / 2)
    radius, angle = math.dist((x, y), centre), math.atan2(centre[1] - y, x - centre[0])
    page.mouse.move(x, y)
    page.mouse.down()
    for turn in range(0, 101, 10):  # round the middle
        at = angle + math.radians(turn)
        page.mouse.move(
            centre[0] + radius * math.cos(at), centre[1] - radius * math.sin(at)
        )
    page.mouse.up()
    turned, _ = arrows(page)
    by = {(new[0][0] - old[0][0]) % 360 for old, new in zip(votes, turned, strict=True)}
    assert len(by) == 1
    assert by.pop() == pytest.approx(100, abs=2)
    assert [row[1] for row in turned] == [row[1] for row in votes]
    assert shown(page) == before


STARTS = ["all agree", "all disagree", "a tie", "one loud", "one child", "a stray"]


def test_each_start_is_routed_as_by_pytorch_and_says_what_to_see(page):
    said = set()
    page.get_by_role("radio", name="a stray").focus()
    for name in STARTS:
        page.keyboard.press("ArrowRight")  # the last leads back to the first
        assert page.get_by_role("radio", name=name).is_checked()
        assert_right(page)
        said.add(page.locator(".cx-claim").inner_text())
        for word in range(page.locator(".cx-claim .cx-word").count()):
            page.locator(".cx-claim .cx-word").nth(word).click()
            assert_right(page)
            assert page.get_by_role("radio", name=name).is_checked()
        page.get_by_role("radio", name=name).focus()
    assert len(said) == 6
    _, x, y = bead(page, 6, "A")
    drag(page, x, y, 0, 40)
    assert page.locator(".cx-claim").inner_text() == ""


def test_the_wrong_axis_is_shown_beside_the_right_one(page):
    page.get_by_role("checkbox", name="softmax over the wrong axis").click()
    found = shown(page)
    assert found["all"][0] == [0.944, 0.449, 0.902]  # right, wrong, |s|
    spent = [a + b for a, b in found["coupling"]]
    assert min(spent) == pytest.approx(0.22, abs=0.011)
    assert max(spent) == pytest.approx(0.36, abs=0.011)
    assert sum(a for a, _ in found["coupling"]) == pytest.approx(1, abs=0.03)
    assert readout(page)["child 6 spends"] == "0.22"
    assert page.get_by_text("logits.softmax(dim=-2)").is_visible()
    page.get_by_role("checkbox", name="softmax over the wrong axis").click()
    assert_right(page)
    assert page.get_by_text("logits.softmax(dim=-2)").is_hidden()


def test_shares_of_all_children_add_up_to_the_length_of_s(page):
    totals = [0, 0]
    for child in range(1, 7):
        page.locator(".cx-split").nth(child - 1).click()
        pair = numbers(readout(page)[f"child {child} brings"].split(" | "))
        totals = [total + p for total, p in zip(totals, pair, strict=True)]
    assert totals == pytest.approx(shown(page)["sums"], abs=0.0031)
    widths = page.evaluate(
        """() => [...document.querySelectorAll('.cx-panel')].map(p =>
          [...p.querySelectorAll('.cx-share:not([visibility])')]
            .map(s => s.textContent))"""
    )
    assert widths == [list("123456"), list("123456")]


def test_a_child_lights_up_in_both_planes_in_the_sums_and_in_its_row(page):
    page.locator(".cx-split").nth(2).hover()
    lit = {
        kind: page.explorer.locator(f"{kind}.cx-lit").count()
        for kind in (".cx-arrow", ".cx-given", ".cx-share", ".cx-split", ".cx-bead")
    }
    assert lit == dict.fromkeys(lit, 2) | {".cx-split": 1}
    page.locator(".cx-term[data-lights=c]").hover()
    assert page.locator(".cx-given.cx-lit").count() == 12


def test_a_fourth_child_joins_by_hand(page):
    page.get_by_role("button", name="A fourth vote").click()
    assert len(shown(page)["coupling"]) == 3
    page.get_by_role("button", name="One child more").click()
    votes, state = assert_right(page)
    assert len(votes) == 4
    assert votes[3][0] == [38, 1]  # which agrees
    assert state["child"] == 4
    for left in (3, 2, 1, 1):
        page.get_by_role("button", name="One child less").click(force=True)
        assert len(assert_right(page)[0]) == left


def test_python_and_page_begin_alike(page):
    state = json.loads(
        page.locator("[data-explorer=routing]").get_attribute("data-state")
    )
    explorer = RoutingExplorer(**state)
    assert repr(explorer) == repr(RoutingExplorer())
    assert_right(page)
    assert page.faults == []
