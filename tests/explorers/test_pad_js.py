"""Drawings become images as MNIST made them, and short texts that give them back."""

from itertools import pairwise

import pytest
import torch
from drawn import DIGITS
from node import assert_close, run
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as V

from capsnet_tutorial import load_mnist, load_pretrained
from capsnet_tutorial.encoding.moments import properties

SEVEN = DIGITS[7]


def pad(body, **given):
    return run("model/pad.js", body, **given)


def draw(strokes, options="{}"):
    """The image (28 28) that the network gets."""
    found = pad(f"return drawStrokes(given.strokes, {options})", strokes=strokes)
    return torch.tensor(found).reshape(28, 28)


def draw_all(drawings):
    """Images (b 28 28), from one start of node."""
    body = "return given.drawings.map((strokes) => drawStrokes(strokes))"
    return torch.tensor(pad(body, drawings=drawings)).reshape(-1, 28, 28)


def moved(strokes, scale, x, y):
    """Around the middle of the pad, then shifted."""
    return [
        [[128 + scale * (a - 128) + x, 128 + scale * (b - 128) + y] for a, b in stroke]
        for stroke in strokes
    ]


def of_a_pen(strokes, pen):
    """How much of each pixel a round pen covers, from many points along its path."""
    image = torch.zeros(28, 28)
    rows, columns = torch.meshgrid(torch.arange(28), torch.arange(28), indexing="ij")
    for stroke in strokes:
        for (ax, ay), (bx, by) in pairwise(stroke):
            for share in torch.linspace(0, 1, 2000).tolist():
                x, y = (
                    (p + share * (q - p) + 0.5) * 28 / 256 - 0.5
                    for p, q in ((ax, bx), (ay, by))
                )
                gap = torch.hypot(columns - x, rows - y)
                image = image.maximum((pen / 2 + 0.5 - gap).clamp(0, 1))
    return image


@pytest.mark.parametrize("pen", [1, 2.5, 3])
def test_ink_is_where_the_pen_was(pen):
    found = draw(SEVEN, f"{{ centred: false, pen: {pen} }}")
    torch.testing.assert_close(found, of_a_pen(SEVEN, pen), atol=2e-3, rtol=0)


def test_mini_digits_lie_as_pad_js_says():
    images = load_mnist("trainval", source="mini").tensors[0][:, 0]
    middle = properties(images)[:, 4:]
    assert ((middle - 14).abs() <= 0.5 + 1e-3).all()
    ink = images > 0
    sides = torch.stack([ink.any(1).sum(1), ink.any(2).sum(1)]).amax(0)
    assert (sides == 20).float().mean() > 0.99


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_is_centred_as_in_mnist(digit):
    image = draw(DIGITS[digit])
    assert_close(pad("return centreOfMass(given.x)", x=image.flatten()), [14, 14], 0.05)
    rows, columns = (image > 0).nonzero().T
    longer = max(int(x.max() - x.min()) + 1 for x in (rows, columns))
    assert longer in (19, 20)


def test_the_usual_pen_is_as_thick_as_in_mnist():
    images = load_mnist("trainval", source="mini").tensors[0][:, 0]
    usual, ours = (properties(x)[:, 0].median() for x in (images, draw_all(DIGITS)))
    assert abs(usual - ours) < 0.25


PLACES = [(0.1, 0, 0), (1.2, 0, 0), (0.4, -70, -70), (0.4, 70, -70), (0.4, 70, 70)]


@pytest.mark.parametrize("place", PLACES)
def test_tiny_huge_and_in_a_corner_are_the_same_drawing(place):
    torch.testing.assert_close(
        draw(moved(SEVEN, *place)), draw(SEVEN), atol=1e-5, rtol=0
    )


def test_as_drawn_stays_in_its_corner():
    image = draw(moved(SEVEN, 0.3, 80, 80), "{ centred: false }")
    assert image.sum() > 5
    assert image[:14].sum() == image[:, :14].sum() == 0


@pytest.mark.parametrize("axis", [0, 1])
def test_a_far_tail_is_not_cut_off(axis):
    """The mass is at the foot, so the head would leave the frame, on any side."""
    foot = [[13 + n % 2 * 230, 230 + n] for n in range(21)]
    strokes = [torch.tensor(points) for points in ([[13, 5], [13, 250]], foot)]
    if axis == 1:
        strokes = [stroke.flip(1) for stroke in strokes]
    image = draw([stroke.tolist() for stroke in strokes], "{ pen: 1 }")
    inked = (image > 0).any(dim=1 - axis)
    assert inked.sum() in (19, 20)
    assert inked[0] or inked[27]  # it went as far as it could
    for stroke in strokes:
        stroke[:, 1 - axis] = 255 - stroke[:, 1 - axis]
    mirrored = draw([stroke.tolist() for stroke in strokes], "{ pen: 1 }")
    assert_close(mirrored, image.flip(axis))


@pytest.mark.parametrize("pen", [1, 3])
def test_a_long_line_stays_inside(pen):
    for line in ([[0, 9], [255, 9]], [[9, 0], [9, 255]]):
        image = draw([line], f"{{ pen: {pen} }}")
        rows, columns = (image > 0).nonzero().T
        assert max(rows.max() - rows.min(), columns.max() - columns.min()) in (18, 19)


@pytest.mark.parametrize("strokes", [[], [[]]])
def test_a_blank_pad_is_a_blank_image(strokes):
    assert (draw(strokes) == 0).all()
    assert pad("return inkPixels(drawStrokes([]))") == 0


def test_a_dot_is_too_little_ink_and_a_digit_is_not():
    count = "return inkPixels(drawStrokes(given.strokes, { centred: false }))"
    dot = [[[200, 30]]]
    assert 0 < pad(count, strokes=dot) < 15
    assert pad(count, strokes=moved(SEVEN, 0.4, 0, 0)) > 15
    middle = pad("return centreOfMass(drawStrokes(given.strokes))", strokes=dot)
    assert_close(middle, [14, 14], 1e-6)
    half = "return inkPixels([0, 0.49, 0.5, 1])"
    assert pad(half) == 2


def test_larger_frames_hold_larger_ink():
    body = "return drawStrokes(given.strokes, { size: 35, pen: 3 })"
    image = torch.tensor(pad(body, strokes=SEVEN)).reshape(35, 35)
    rows, _ = (image > 0).nonzero().T
    assert rows.max() - rows.min() + 1 in (24, 25)


def move(image, options):
    body = f"return moveImage(Float32Array.from(given.image), {options})"
    return torch.tensor(pad(body, image=image.flatten())).reshape(28, 28)


def test_turn_scale_and_shift_are_those_of_torchvision():
    image = torch.rand(1, 28, 28)
    bilinear = InterpolationMode.BILINEAR
    for angle, scale, right, down in [(30, 1, 0, 0), (-77, 0.8, 3, -5), (0, 1.3, 0, 2)]:
        options = f"{{ angle: {angle}, scale: {scale}, right: {right}, down: {down} }}"
        expected = V.affine(
            image, -angle, [right, down], scale, 0.0, bilinear, center=[14.5, 14.5]
        )
        assert_close(move(image[0], options), expected[0], 1e-4)


def test_no_move_changes_nothing_and_a_shift_is_exact():
    image = torch.rand(28, 28)
    assert torch.equal(move(image, "{}"), image)
    shifted = move(image, "{ right: 3, down: -2 }")
    assert torch.equal(shifted[:-2, 3:], image[2:, :-3])
    assert (shifted[-2:] == 0).all()
    assert_close(move(image, "{ angle: 360 }"), image, 1e-6)


def test_overlapping_digits_are_added_and_clipped():
    found = pad("return overlay([0, 0.25, 0.5], [0.5, 0.5, 0.75])")
    assert found == [0.5, 0.75, 1]


@pytest.mark.parametrize("place", [(1, 0, 0), *PLACES])
def test_a_drawing_is_read_wherever_it_was_drawn(place):
    """Nine of ten: these ten were drawn once, and are no fair sample of anything."""
    images = draw_all([moved(strokes, *place) for strokes in DIGITS])
    found = load_pretrained("tiny")(images[:, None]).lengths.argmax(1)
    assert (found == torch.arange(10)).sum() >= 9


# Texts for links


def code(body, **given):
    return run("playground/strokes.js", body, **given)


def test_what_was_decoded_is_encoded_as_before():
    """Walks of all lengths and steps, some far too long for the text, and jumps."""
    drawings = []
    for n in range(300):
        steps = 2.0 ** (n % 7) * torch.randn(1 + n % 4, 1 + 3 * n % 701, 2)
        walks = 128 + (steps if n % 5 == 0 else steps.cumsum(dim=1))
        drawings.append(walks.clamp(0, 255).tolist())
    body = """return given.drawings.map((strokes) => {
      const text = encodeStrokes(strokes);
      return [text, encodeStrokes(decodeStrokes(text)), decodeStrokes(text)];
    })"""
    found = code(body, drawings=drawings)
    for (once, twice, strokes), drawing in zip(found, drawings, strict=True):
        assert once == twice
        assert len(once) <= 200
        assert len(strokes) == len(drawing)
    assert max(len(once) for once, _, _ in found) > 190


@pytest.mark.parametrize("digit", range(10))
def test_the_decoded_drawing_looks_the_same(digit):
    dense = [
        [
            [p + share * (q - p) for p, q in zip(a, b, strict=True)]
            for a, b in pairwise(stroke)
            for share in torch.linspace(0, 1, 13).tolist()
        ]
        for stroke in DIGITS[digit]
    ]
    text = code("return encodeStrokes(given.strokes)", strokes=dense)
    assert 6 < len(text) <= 200
    strokes = code("return decodeStrokes(given.text)", text=text)
    assert sum(map(len, strokes)) < sum(map(len, dense)) / 5
    a, b = draw(strokes), draw(dense)
    assert (a - b).abs().mean() < 0.02  # a unit of the pad is a ninth of a pixel


def test_points_are_kept_where_the_line_bends():
    corner = [[[0, 0], [50, 1], [100, 0], [100, 60], [99, 120]], [[7, 7]], [[3, 4]] * 2]
    found = code("return decodeStrokes(encodeStrokes(given.strokes))", strokes=corner)
    assert found == [[[0, 0], [100, 0], [99, 120]], [[7, 7]], [[3, 4]]]
    found = code(
        "return decodeStrokes(encodeStrokes([[[-3, 256.4], [0.6, 99.4]], []]))"
    )
    assert found == [[[0, 255], [1, 99]]]


def test_an_empty_pad_is_an_empty_text():
    assert code("return [encodeStrokes([]), decodeStrokes('')]") == ["", []]


@pytest.mark.parametrize("text", ["A", "!", "AAAA", "Agoo", "a b=", "ü"])
def test_broken_texts_are_no_drawing(text):
    assert code("return decodeStrokes(given.text)", text=text) is None
