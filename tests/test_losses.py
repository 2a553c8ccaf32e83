"""Eq. 4 and the reconstruction error: values by hand, symmetries, errors."""

import pytest
import reference
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsnet_tutorial import (
    RECONSTRUCTION_WEIGHT,
    margin_loss,
    present_classes,
    reconstruction_loss,
)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=10))
def test_margin_matches_plain_loops(classes):
    lengths, present = zip(*classes, strict=True)
    ours = margin_loss(
        torch.tensor([lengths], dtype=torch.float64), torch.tensor([present])
    )
    assert ours.item() == pytest.approx(reference.margin_loss(lengths, present))


@pytest.mark.parametrize(
    ("length", "present", "expected"),
    [
        (0.0, True, 0.81),  # 0.9^2
        (0.7, True, 0.04),  # 0.2^2
        (0.9, True, 0.0),
        (0.95, True, 0.0),  # long enough is good enough
        (0.05, False, 0.0),
        (0.1, False, 0.0),
        (0.5, False, 0.08),  # 0.5 * 0.4^2
        (1.0, False, 0.405),  # 0.5 * 0.9^2
    ],
)
def test_margin_worked_by_hand(length, present, expected):
    loss = margin_loss(torch.tensor([[length]]), torch.tensor([[present]]))
    assert loss.item() == pytest.approx(expected, abs=1e-7)


def test_margin_of_dead_and_of_saturated_capsules():
    present = torch.eye(10, dtype=torch.bool)
    assert margin_loss(torch.zeros(10, 10), present).item() == pytest.approx(0.81)
    assert margin_loss(torch.ones(10, 10), present).item() == pytest.approx(3.645)


def test_margin_sums_over_classes_and_averages_over_examples():
    lengths, present = torch.rand(7, 3), torch.rand(7, 3) > 0.5
    one_by_one = [
        margin_loss(lengths[b : b + 1, j : j + 1], present[b : b + 1, j : j + 1])
        for b in range(7)
        for j in range(3)
    ]
    torch.testing.assert_close(
        margin_loss(lengths, present), torch.stack(one_by_one).sum() / 7
    )


def test_margins_and_weight_can_be_chosen():
    lengths, present = torch.tensor([[0.5, 0.5]]), torch.tensor([[True, False]])
    loss = margin_loss(lengths, present, m_pos=0.8, m_neg=0.2, down_weight=0.25)
    assert loss.item() == pytest.approx(0.3**2 + 0.25 * 0.3**2)


def test_two_classes_can_be_present():
    lengths = torch.tensor([[0.95, 0.95, 0.05]])
    assert margin_loss(lengths, torch.tensor([[True, True, False]])) == 0


def test_margin_gradient_matches_finite_differences():
    lengths = (0.2 + 0.6 * torch.rand(3, 5, dtype=torch.float64)).requires_grad_()
    present = torch.rand(3, 5) > 0.5
    assert torch.autograd.gradcheck(lambda x: margin_loss(x, present), lengths)


def test_present_classes_marks_the_label():
    present = present_classes(torch.tensor([2, 0, 1]), n_classes=5)
    assert present.dtype == torch.bool
    assert present.int().tolist() == [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]


def test_present_classes_takes_every_integer_dtype():
    dtypes = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
    seen = [
        present_classes(torch.tensor([1], dtype=dtype), 3).tolist() for dtype in dtypes
    ]
    assert seen == [[[False, True, False]]] * 5


def test_reconstruction_is_a_sum_over_pixels_and_a_mean_over_examples():
    images = torch.rand(3, 2, 5, 7)
    expected = sum(((0.25 - x) ** 2).sum() for x in images) / 3
    ours = reconstruction_loss(torch.full_like(images, 0.25), images)
    torch.testing.assert_close(ours, expected)


def test_weight_equals_the_0_392_of_ports_that_take_the_mean():
    images = torch.rand(3, 1, 28, 28)
    mean = torch.nn.functional.mse_loss(torch.zeros_like(images), images)
    ours = RECONSTRUCTION_WEIGHT * reconstruction_loss(torch.zeros_like(images), images)
    torch.testing.assert_close(ours, 0.392 * mean)


def test_an_empty_batch_costs_nothing():
    lengths = torch.zeros(0, 10, requires_grad=True)
    loss = margin_loss(lengths, torch.zeros(0, 10, dtype=torch.bool))
    loss.backward()
    assert loss == 0
    assert (
        reconstruction_loss(torch.zeros(0, 1, 28, 28), torch.zeros(0, 1, 28, 28)) == 0
    )


FLAGS = torch.zeros(2, 3, dtype=torch.bool)


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("lengths", "present", "error", "message"),
    [
        (
            torch.zeros(2, 3),
            FLAGS[:, :1],
            ValueError,
            r"\(2, 3\) and present \(2, 1\) differ",
        ),
        (torch.zeros(3), FLAGS[0], ValueError, "one flag per class"),
        (torch.zeros(2, 3), FLAGS.long(), TypeError, "int64; pass one True or False"),
        (torch.zeros(2, 3).long(), FLAGS, TypeError, "lengths are torch.int64"),
    ],
)
def test_wrong_margin_input_is_named(lengths, present, error, message):
    with pytest.raises(error, match=message):
        margin_loss(lengths, present)


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (torch.tensor([1, 10]), ValueError, "label 10 is not one of the 10 classes"),
        (torch.tensor([-1, 3]), ValueError, "label -1 is not"),
        (torch.tensor([1.0]), TypeError, "float32; pass integers"),
        (torch.tensor([True]), TypeError, "bool; pass integers"),
        (torch.tensor([[1]]), ValueError, r"shape \(1, 1\); pass one per example"),
    ],
)
def test_wrong_labels_are_named(labels, error, message):
    with pytest.raises(error, match=message):
        present_classes(labels, n_classes=10)


@pytest.mark.usefixtures("as_users_run_it")
def test_wrong_reconstruction_is_named():
    with pytest.raises(
        ValueError, match=r"\(2, 784\) and images \(2, 1, 28, 28\) differ"
    ):
        reconstruction_loss(torch.zeros(2, 784), torch.zeros(2, 1, 28, 28))
