"""Axis key: b pairs, c h w channels, height, width, j classes."""

import pytest
import torch
from toy_run import few_digits

from capsnet_tutorial.overlaps import (
    choose_partners,
    held_out_pairs,
    make_pairs,
    overlap,
    two_longest,
    wrong_answers,
)

IMAGES, LABELS = few_digits("train", "mini").tensors


def test_ink_is_added_and_clipped_not_taken_from_the_brighter():
    ink = torch.tensor([0.0, 0.25, 0.5, 0.75]).view(1, 1, 2, 2)
    assert overlap(ink, ink).flatten().tolist() == [0, 0.5, 1, 1]


def test_partners_are_of_another_class_and_any_of_them():
    labels = torch.arange(6) % 3
    drawn = torch.stack(
        [choose_partners(labels, torch.Generator().manual_seed(n)) for n in range(200)]
    )
    assert (labels[drawn] != labels).all()
    for n in range(6):
        seen = drawn[:, n].bincount(minlength=6)
        assert (seen > 0).tolist() == (labels != labels[n]).tolist()
        assert seen.max() < 2 * seen[seen > 0].min()  # each about 50 times


def test_the_same_generator_draws_the_same_partners():
    one, two = (
        choose_partners(LABELS, torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert torch.equal(one, two)
    assert len(choose_partners(LABELS[:0])) == 0


def test_one_class_has_no_partners():
    with pytest.raises(ValueError, match="all 4 digits are of class 7"):
        choose_partners(torch.full((4,), 7))


def test_the_lower_class_comes_first():
    first, second = IMAGES[:2], IMAGES[2:4]
    made = make_pairs(first, torch.tensor([1, 8]), second, torch.tensor([4, 2]))
    assert torch.equal(made.images, overlap(first, second))
    assert torch.equal(made.digits[0], torch.cat([first[0], second[0]]))
    assert torch.equal(made.digits[1], torch.cat([second[1], first[1]]))
    assert made.present.nonzero().tolist() == [[0, 1], [0, 4], [1, 2], [1, 8]]


def test_two_of_one_class_are_refused():
    labels = torch.tensor([1, 8])
    with pytest.raises(ValueError, match="both digits of a pair are 8"):
        make_pairs(IMAGES[:2], labels, IMAGES[2:4], torch.tensor([4, 8]))


def test_held_out_pairs_are_always_the_same_and_use_each_digit_alike():
    made, again = held_out_pairs(IMAGES, LABELS, 90), held_out_pairs(IMAGES, LABELS, 90)
    assert torch.equal(made.images, again.images)
    assert made.images.shape == (90, 1, 36, 36)
    assert (made.present.sum(dim=1) == 2).all()
    assert torch.equal(made.images, made.digits.sum(dim=1, keepdim=True).clamp(max=1))
    assert made.present[torch.arange(90), LABELS[torch.arange(90) % 40]].all()


def test_held_out_digits_are_moved_by_up_to_four_pixels_each_way():
    dots = torch.zeros(40, 1, 28, 28)
    dots[:, :, 14, 14] = 1
    digits = held_out_pairs(dots, LABELS, 2000).digits
    for place in digits.flatten(0, 1).nonzero()[:, 1:].T:
        assert place.unique().tolist() == list(range(14, 23))  # 18 - 4 to 18 + 4


def test_two_longest():
    flags = two_longest(torch.tensor([[0.2, 0.1, 0.3, 0.0], [0.0, 0.9, 0.8, 0.7]]))
    assert flags.tolist() == [[True, False, True, False], [False, True, True, False]]


class Reads(torch.nn.Module):
    """Its lengths stand in the first row of the image."""

    def forward(self, images):
        return type("Output", (), {"lengths": images[:, 0, 0, :10]})()


def test_a_pair_is_right_if_both_are_named():
    images = torch.zeros(3, 1, 36, 36)
    images[:, 0, 0, 3], images[:, 0, 0, 5] = 0.9, 0.8
    flags = torch.zeros(3, 10, dtype=torch.bool)
    for n, pair in enumerate([(3, 5), (3, 6), (1, 2)]):
        flags[n, list(pair)] = True
    assert wrong_answers(Reads(), images, flags, 2).tolist() == [False, True, True]
    assert wrong_answers(Reads(), images, torch.tensor([3, 5, 3])).tolist() == [
        False,
        True,
        False,
    ]
