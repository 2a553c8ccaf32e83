"""The playground: from strokes to pixels, to lengths, to a sentence; its own models."""

import base64
import json
import re

import pytest
import torch
from built import ROOT
from drawn import DIGITS
from node import EXPLORERS, assert_close, run

from capsnet_tutorial import CapsNet, CapsNetConfig, load_pretrained
from capsnet_tutorial.encoding.moments import PROPERTIES, properties
from capsnet_tutorial.encoding.perturb import draw
from capsnet_tutorial.explorers import Playground
from capsnet_tutorial.explorers.bundle.weights import pack
from capsnet_tutorial.explorers.presets import preset_digits

BLANK = {
    "digit": None,
    "strokes": [],
    "second": None,
    "pen": 2.5,
    "centred": True,
    "angle": 0,
    "scale": 1,
    "right": 0,
    "down": 0,
}
TINY = load_pretrained("tiny")


def seen(**state):
    """The image of a state (1 28 28), as the page makes it."""
    found = run(
        "playground/maths.js", "return seenBy(given.state)", state={**BLANK, **state}
    )
    return torch.tensor(found).view(1, 28, 28) / 255


def lengths(**state):
    return TINY(seen(**state)[None]).lengths[0]


def amount(**state):
    body = "return amountOf(given.state, seenBy(given.state))"
    return run("playground/maths.js", body, state={**BLANK, **state})


# ------------------------------------------------------------------ what is seen


def test_the_twenty_digits_are_those_of_python():
    images, labels = preset_digits()
    for n in (0, 7, 12, 19):
        assert_close(seen(digit=n), images[n])
    found = run("model/digits.js", "return DIGITS.map((digit) => digit.label)")
    assert found == labels.tolist() == [n // 2 for n in range(20)]


def test_pixels_are_rounded_to_bytes():
    share = torch.tensor([0.0, 0.4, 0.5, 0.6, 254.6, 255.0]) / 255
    found = run("playground/maths.js", "return [...toBytes(given.x)]", x=share.tolist())
    assert found == [0, 0, 1, 1, 255, 255]


def test_a_second_digit_is_added_and_clipped():
    images, _ = preset_digits()
    both = (images[3] + images[16]).clamp(max=1)
    assert_close(seen(digit=3, second=16), both)
    assert both.sum() < images[3].sum() + images[16].sum()  # some were clipped


def test_strokes_lie_on_top_of_a_digit():
    images, _ = preset_digits()
    both = (images[3] + seen(strokes=DIGITS[7])).clamp(max=1)
    assert_close(seen(digit=3, strokes=DIGITS[7]), both, 1 / 255 + 1e-6)


def test_turn_and_shift_come_after_the_drawing_was_centred():
    plain, shifted = seen(strokes=DIGITS[4]), seen(strokes=DIGITS[4], right=3, down=-2)
    assert_close(shifted[0, :-2, 3:], plain[0, 2:, :-3])
    left = seen(strokes=DIGITS[4], angle=90)
    assert_close(left[0, 1:, 1:], plain[0, 1:, 1:].rot90(), 1 / 255 + 1e-6)


def test_the_ten_drawings_are_read_right():
    found = [lengths(strokes=strokes) for strokes in DIGITS]
    assert [int(x.argmax()) for x in found] == list(range(10))
    assert min(x.max() for x in found) > 0.9


def placed(strokes, scale, x, y):
    return [[[x + scale * a, y + scale * b] for a, b in stroke] for stroke in strokes]


@pytest.mark.parametrize(
    "place",
    [(0.4, 4, 4), (0.4, 148, 4), (0.4, 4, 148), (0.4, 148, 148), (0.2, 100, 100)],
)
def test_in_a_corner_or_tiny_it_is_read_right_because_it_is_centred(place):
    strokes = [placed(digit, *place) for digit in DIGITS]
    centred = [int(lengths(strokes=s).argmax()) for s in strokes]
    assert centred == list(range(10))
    as_drawn = [int(lengths(strokes=s, centred=False).argmax()) for s in strokes]
    assert sum(a == b for a, b in zip(as_drawn, range(10), strict=True)) <= 4


def test_a_huge_drawing_is_read_right():
    strokes = [placed(digit, 1.35, -45, -45) for digit in DIGITS]
    inside = [
        [[[min(max(x, 0), 255) for x in p] for p in s] for s in digit]
        for digit in strokes
    ]
    found = [int(lengths(strokes=s).argmax()) for s in inside]
    assert sum(a == b for a, b in zip(found, range(10), strict=True)) >= 9


def test_a_thick_pen_makes_more_ink_and_stays_on_the_picture():
    thin, thick = seen(strokes=DIGITS[8], pen=1), seen(strokes=DIGITS[8], pen=4)
    assert thick.sum() > 2 * thin.sum()
    for image in (thin, thick):
        ink = image[0].nonzero()
        assert ink.min() >= 3
        assert ink.max() <= 25


# ------------------------------------------------------------------ what is said


def test_nothing_and_too_little_are_told_from_a_digit():
    dot, dash = [[[128, 128]]], [[[100, 128], [110, 128]]]
    assert amount() == "nothing"
    assert amount(strokes=dot) == amount(strokes=dash) == "little"
    assert amount(strokes=DIGITS[1]) == amount(digit=2) == "ink"
    assert amount(digit=2, right=30) == "little"  # shifted out of the picture


def verdict(of, *lengths, layers=1):
    body = "return verdictOf(given.of, given.lengths, given.layers)"
    return run("playground/maths.js", body, of=of, lengths=lengths, layers=layers)


def test_the_verdict_says_what_the_lengths_say():
    assert verdict("nothing", 0.2, 0.71).startswith("No ink yet. Even so")
    assert "1 (0.71)" in verdict("nothing", 0.2, 0.71)
    assert verdict("little", 0.2, 0.71).startswith("Too little ink")
    assert verdict("ink", 0.2, 0.49).startswith("Not sure: no capsule is longer")
    assert verdict("ink", 0.2, 0.5) == "It reads a 1."
    assert verdict("ink", 0.6, 0.5).startswith("Two capsules are long for one")
    assert (
        verdict("ink", 0.6, 0.5, layers=2)
        == "Two long capsules: 0 (0.60) and 1 (0.50)."
    )
    assert verdict("ink", 0.9, 0.4, layers=2).endswith(
        "only one long capsule: 0 (0.90)."
    )


def test_the_compass_joins_neighbours_and_both_ends():
    readings = [[0.9, 0], [0, 0.9], [0.3, 0.4], [0.4, 0.3], [0.8, 0]]
    assert run("playground/maths.js", "return stretches(given.r)", r=readings) == [
        {"from": -1, "to": 0, "longest": 0},
        {"from": 1, "to": 1, "longest": 1},
        {"from": 2, "to": 3, "longest": None},
    ]
    assert run("playground/maths.js", "return stretches(given.r)", r=[[0.9]] * 4) == [
        {"from": 0, "to": 3, "longest": 0}
    ]


def test_around_the_compass_degrees_are_right_wrong_or_unsure():
    assert run("playground/maths.js", "return [0, 36, 71].map(angleAt)") == [
        -180,
        0,
        175,
    ]
    readings = [[0.9, 0], [0, 0.9], [0.3, 0.4], [0.8, 0]]
    found = run("playground/maths.js", "return around(given.r, 0)", r=readings)
    assert found == {"is": 180, "not": 90, "unsure": 90}


# ------------------------------------------------------------------ what the chips tell


def test_a_six_on_its_head_is_a_nine_and_on_the_way_a_five():
    upright, head, way = (lengths(digit=12, angle=a) for a in (0, 180, -60))
    assert [int(x.argmax()) for x in (upright, head, way)] == [6, 9, 5]
    assert min(x.max() for x in (upright, head, way)) > 0.5


def test_two_capsules_are_long_with_one_8_and_not_with_the_other():
    both, one = lengths(digit=7, second=17), lengths(digit=7, second=16)
    assert both.topk(2).indices.tolist() == [8, 3]
    assert [int((x > 0.5).sum()) for x in (both, one)] == [2, 1]


def test_what_the_chips_count_is_in_the_record():
    record = json.loads((ROOT / "data/results/explorers-tiny.json").read_text())
    turned, pairs = record["turned"], record["paired"]
    half, quarter = (turned["angle"].index(angle) for angle in (180, 90))
    counts = [
        f"{turned['six_named_nine'][half]} of {turned['sixes']} sixes",
        f"{turned['correct'][quarter]} of {record['turned_and_moved']['n']:,} digits",
        f"for {turned['wrong_and_longer_than_half'][quarter]:,} a wrong capsule",
        f"longer than 0.5 in {pairs['both_half'][pairs['shift'].index(0)]}.",
    ]
    code = (EXPLORERS / "playground/index.js").read_text()
    told = re.sub(r'",\s+"', "", code)
    assert [count for count in counts if count not in told] == []
    assert record["measured_on"] == {"split": "test", "n": 10_000}


def test_nine_numbers_change_the_thickness_of_the_five():
    """In standard deviations of real 5s, from one end of a slider to the other."""
    spread = torch.tensor(run("model/stored.js", "return stored.poseSd[5]"))
    record = json.loads((ROOT / "data/results/encoding-tiny.json").read_text())
    natural = torch.tensor(record["classes"]["natural_sd"][5])
    pose = TINY(preset_digits()[0][11:12]).pose[0, 5]
    ends = [draw(TINY, pose + x * spread.diag(), 5) for x in (-2, 2)]
    change = (properties(ends[1]) - properties(ends[0])) / natural
    thickness, width, slant = (
        change[:, PROPERTIES.index(p)] for p in ("thickness", "width", "slant")
    )
    assert (thickness.abs() > 1).sum() == 9
    others = torch.tensor([p != "thickness" for p in PROPERTIES])
    assert thickness[9] > 2 > 1 > change[9, others].abs().max()
    assert thickness[15].abs() > 1
    assert width[15].abs() > 1
    assert thickness[7].abs() > 1
    assert slant[7].abs() > 2


# ------------------------------------------------------------------ sliders


def test_sliders_go_two_spreads_each_way_and_the_strongest_comes_first():
    decode = "(pose) => [10 * pose[0], pose[1], 3 * pose[2]]"
    body = f"return sliderEnds([1, 2, 3], [1, 1, 2], {decode})"
    assert run("playground/maths.js", body) == [
        {"n": 0, "less": [-10, 2, 9], "more": [30, 2, 9], "effect": 1600},
        {"n": 2, "less": [10, 2, -3], "more": [10, 2, 21], "effect": 576},
        {"n": 1, "less": [10, 0, 9], "more": [10, 4, 9], "effect": 16},
    ]
    body = "return changed([1, 2, 3], given.by, [0.5, 1, 2])"
    assert run("playground/maths.js", body, by=[2, 0, -1]) == [2, 2, 1]
    assert run("playground/maths.js", body, by=[]) == [1, 2, 3]


# ------------------------------------------------------------------ in Python


SMALL = CapsNetConfig(
    conv_channels=3, primary_types=2, n_classes=7, class_dim=5, decoder_hidden=(11,)
)


def test_a_model_of_ones_own_gives_the_lengths_of_pytorch():
    model = CapsNet(SMALL).eval()
    playground = Playground(model, digit=4)
    image = preset_digits()[0][4]
    expected = model(image[None])
    found = run(
        "model/trained.js",
        "const block = new DataView(bytes(given.block));"
        "const traits = { header: given.header, block, weights: '' };"
        "const net = await trained({ get: (name) => traits[name] });"
        "const { lengths, pose } = net.forward(given.image);"
        "return { lengths, drawn: net.decode(pose[2], 2) };",
        header=playground.header,
        block=base64.b64encode(playground.block).decode(),
        image=image.flatten(),
    )
    assert_close(found["lengths"], expected.lengths[0], 1e-3)
    drawn = draw(model, expected.pose[0, 2], 2).flatten()
    assert_close(found["drawn"], drawn, 1e-3)
    assert len(playground.spread) == 7
    assert playground.spread[0] == [0.125] * 5


def test_without_the_network_a_page_says_where_it_is():
    body = (
        "try { await trained({ get: () => '', experimental: {} }); }"
        "catch (error) { return error.message; }"
    )
    assert "only in Python" in run("model/trained.js", body)


def test_a_model_that_does_not_fit_gets_a_sentence(as_users_run_it):
    with pytest.raises(ValueError, match=r"takes images of \(3, 32, 32\); the pad"):
        Playground(CapsNet(CapsNetConfig(image_shape=(3, 32, 32), conv_channels=2)))
    with pytest.raises(TypeError, match="the model is a Linear; pass a CapsNet"):
        Playground(torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="too slow in a browser"):
        Playground(CapsNet(CapsNetConfig()))


def test_python_reads_what_was_drawn():
    playground = Playground(digit=None)
    assert playground.image is None
    assert playground.output is None
    assert repr(playground) == "Playground: an empty pad."
    image = seen(strokes=DIGITS[3])
    pixels = bytes((255 * image).round().byte().flatten().tolist())
    playground.seen = memoryview(pixels)  # as it comes from a page
    playground.strokes = DIGITS[3]
    assert_close(playground.image, image)
    assert_close(playground.output.lengths[0], TINY(image[None]).lengths[0])
    assert repr(playground).startswith("Playground: a drawing of 1 stroke; capsule 3")


def test_a_stored_digit_needs_no_page():
    playground = Playground(digit=6)
    assert_close(playground.image, preset_digits()[0][6])
    assert repr(playground).startswith("Playground: digit 6 of the twenty; capsule 3")
    assert Playground(digit=6, second=3).image is None  # only a page has both
    assert Playground(digit=6, strokes=DIGITS[3]).image is None


def test_the_example_is_what_the_network_says():
    playground = Playground()
    output = TINY(playground.image[None])
    assert_close(playground.example["lengths"], output.lengths[0], 1e-4)
    pixels = base64.b64decode(playground.example["remembered"])
    assert_close(
        torch.tensor(list(pixels)) / 255, output.reconstruction.flatten(), 2e-3
    )


def test_a_model_without_decoder_has_lengths_and_a_picture():
    config = CapsNetConfig(conv_channels=3, primary_types=2, decoder_hidden=None)
    playground = Playground(CapsNet(config))
    assert playground.example["remembered"] == ""
    assert len(playground.picture().axes) == 3


def test_the_block_is_that_of_the_model_and_training_goes_on():
    model = CapsNet(SMALL).train()
    playground = Playground(model)
    assert playground.block == pack(model)[1]
    assert model.training
    assert model.conv.weight.requires_grad


def test_the_chapter_says_what_the_record_says():
    record = json.loads((ROOT / "data/results/tiny.json").read_text())
    chapter = (ROOT / "book/06_capsnet.ipynb").read_text()
    assert f"It names {record['counted_on']['errors']} of the 10,000" in chapter
    assert record["learned_from"]["n"] == 60_000
    assert record["recipe"]["epochs"] == 24
