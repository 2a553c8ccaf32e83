"""Uncertainty of counts and of means: what may be said of two networks.

Intervals have 95 % unless said; all are scipy's.
Book: chapters 7, 11 and 13.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


class Summary(NamedTuple):
    """Mean of n numbers, and the standard deviation of one of them."""

    n: int
    mean: float
    sd: float


class Interval(NamedTuple):
    low: float
    high: float


def summary(values: Sequence[float]) -> Summary:
    """Mean and sd, with n - 1 in the divisor.

    Raises:
        ValueError: if there are fewer than two numbers.

    >>> summary([1.0, 2.0, 6.0])
    Summary(n=3, mean=3.0, sd=2.6457513110645907)
    """
    if len(values) < 2:
        raise ValueError(f"summary: {len(values)} numbers have no spread; pass two")
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1))
    return Summary(len(values), mean, sd)


def paired_interval(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray
) -> Interval:
    """Interval of the mean difference, second - first, of pairs (Student's t).

    Args:
        first, second: numbers of the same seeds, in the same order.

    Raises:
        ValueError: if they are not equally many, or fewer than two.

    >>> low, high = paired_interval([1, 2, 3], [2, 4, 6])
    >>> round(low, 2), round(high, 2)
    (-0.48, 4.48)
    """
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(
            f"paired_interval: {len(first)} and {len(second)} numbers; pass two pairs "
            "or more"
        )
    found = stats.ttest_rel(second, first).confidence_interval(CONFIDENCE)
    return Interval(float(found.low), float(found.high))


def wilson(errors: int, n: int) -> Interval:
    """Interval of the share behind a count (Wilson's score interval).

    >>> low, high = wilson(34, 10_000)
    >>> round(low, 5), round(high, 5)
    (0.00243, 0.00475)
    """
    found = stats.binomtest(errors, n).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(float(found.low), float(found.high))


class Changed(NamedTuple):
    """Digits that two networks do not agree about, and how surprising that is."""

    mended: int  # wrong before, right after
    new: int  # right before, wrong after
    p: float  # a fair coin falls at least as unevenly with this probability


def mcnemar(before: Iterable[int], after: Iterable[int]) -> Changed:
    """The exact test of McNemar, two-sided.

    Args:
        before, after: numbers of the digits that each network has wrong.

    >>> mcnemar({1, 2, 3, 4}, {4, 5})
    Changed(mended=3, new=1, p=0.625)
    """
    before, after = set(before), set(after)
    mended, new = len(before - after), len(after - before)
    p = stats.binomtest(mended, mended + new).pvalue if mended + new else 1.0
    return Changed(mended, new, float(p))
