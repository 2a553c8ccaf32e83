"""Eq. 1: lengths into [0, 1), directions kept, nothing undefined."""

import math

import pytest
import reference
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsnet_tutorial import squash

FLOATS = st.floats(-1e3, 1e3, allow_nan=False)


@given(st.lists(FLOATS, min_size=1, max_size=7))
def test_matches_the_formula_as_printed(vector):
    ours = squash(torch.tensor(vector, dtype=torch.float64))
    torch.testing.assert_close(
        ours, torch.tensor(reference.squash(vector), dtype=torch.float64)
    )


def test_values_worked_by_hand():
    vectors = torch.tensor(
        [[3.0, 4.0], [0.6, 0.8], [0.0, 3.0], [0.0, 0.0]]
    )  # |s| = 5, 1, 3, 0
    expected = torch.tensor([[15 / 26, 20 / 26], [0.3, 0.4], [0.0, 0.9], [0.0, 0.0]])
    torch.testing.assert_close(squash(vectors), expected)


def test_lengths_are_taken_along_the_last_axis_only():
    s = torch.randn(2, 3, 5, 7)
    separately = torch.stack([squash(v) for v in s.reshape(-1, 7)]).reshape(s.shape)
    torch.testing.assert_close(squash(s), separately)


@given(FLOATS, FLOATS)
def test_a_longer_vector_stays_longer_and_below_one(a, b):
    shorter, longer = sorted([abs(a), abs(b)])
    out_shorter, out_longer = squash(
        torch.tensor([[shorter], [longer]], dtype=torch.float64)
    )
    assert 0 <= out_shorter <= out_longer + 1e-15  # up to the last rounding
    assert out_longer < 1


def test_direction_is_kept():
    s = torch.randn(100, 16, dtype=torch.float64)
    cosine = torch.cosine_similarity(s, squash(s), dim=-1)
    torch.testing.assert_close(cosine, torch.ones_like(cosine))


def test_gradient_matches_finite_differences():
    s = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(squash, s)


def test_slopes_along_and_across_are_those_of_chapter_2():
    """Along: 2n / (1 + n^2)^2.  Across: n / (1 + n^2)."""
    n = 3.0
    jacobian = torch.autograd.functional.jacobian(squash, torch.tensor([n, 0.0]))
    expected = torch.diag(torch.tensor([2 * n / (1 + n**2) ** 2, n / (1 + n**2)]))
    torch.testing.assert_close(jacobian, expected)


def test_zero_gives_zero_with_a_zero_gradient():
    s = torch.zeros(2, 5, requires_grad=True)
    v = squash(s)
    v.sum().backward()
    assert (v == 0).all()
    assert (s.grad == 0).all()


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64]
)
def test_extreme_lengths_stay_finite(dtype):
    for length in (1e-30, 1e-7, 100.0, 6e4 if dtype == torch.float16 else 1e18):
        s = torch.tensor([length, 0.0], dtype=dtype, requires_grad=True)
        v = squash(s)
        v.sum().backward()
        assert v.dtype == dtype
        assert v.isfinite().all()
        assert s.grad.isfinite().all()
        assert v.norm().item() == pytest.approx(length**2 / (1 + length**2), abs=1e-3)


def test_bfloat16_exceeds_one_by_rounding_only():
    lengths = squash(100 * torch.randn(1000, 16).bfloat16()).float().norm(dim=-1)
    assert 1 < lengths.max() <= 1 + 2**-8  # half a unit in the last place


def test_float32_reaches_one_where_the_docstring_says():
    assert squash(torch.tensor([3500.0])).item() < 1
    assert squash(torch.tensor([5000.0])).item() == 1


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("s", "error", "message"),
    [
        (torch.tensor([3, 4]), TypeError, "int64; pass a floating point"),
        (torch.tensor(1.0), ValueError, "pass vectors"),
    ],
)
def test_wrong_input_is_named(s, error, message):
    with pytest.raises(error, match=message):
        squash(s)


def test_maximum_of_the_slope_along():
    """The steepest place is |s| = 1 / sqrt(3), with slope 0.65 (chapter 2)."""
    n = torch.linspace(0.01, 5, 10_000, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(squash(n[:, None]).sum(), n)
    assert n[slope.argmax()].item() == pytest.approx(1 / math.sqrt(3), abs=1e-3)
    assert slope.max().item() == pytest.approx(3 * math.sqrt(3) / 8, abs=1e-6)
