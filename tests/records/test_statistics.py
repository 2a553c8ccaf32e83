"""Intervals and tests, against values worked out by hand and by simulation."""

import math
import random

import pytest

from capsnet_tutorial.records import statistics


def test_a_summary_divides_by_one_less():
    assert statistics.summary([2, 4, 4, 6]) == (4, 4.0, pytest.approx(math.sqrt(8 / 3)))
    with pytest.raises(ValueError, match="1 numbers have no spread"):
        statistics.summary([1.0])


def test_a_paired_interval_by_hand():
    """Differences 1, 2, 3: mean 2, sd 1, t(2, 0.975) = 4.3027."""
    low, high = statistics.paired_interval([10, 20, 30], [11, 22, 33])
    half = 4.30265 / math.sqrt(3)
    assert (low, high) == (
        pytest.approx(2 - half, abs=1e-4),
        pytest.approx(2 + half, abs=1e-4),
    )


def test_a_paired_interval_covers_the_truth_in_95_of_100():
    dice = random.Random(1)
    covered = 0
    for _ in range(2000):
        seeds = [dice.gauss(0, 5) for _ in range(5)]
        other = [x + dice.gauss(1, 1) for x in seeds]
        low, high = statistics.paired_interval(seeds, other)
        covered += low <= 1 <= high
    assert 1875 <= covered <= 1925


@pytest.mark.parametrize("pair", [([1], [2]), ([1, 2], [3])])
def test_pairs_that_are_none_are_refused(pair):
    with pytest.raises(ValueError, match="pass two pairs or more"):
        statistics.paired_interval(*pair)


def test_wilson_by_hand():
    """Of 10 tries 1: (p + z^2 / 2n ± z sqrt(pq / n + z^2 / 4n^2)) / (1 + z^2 / n)."""
    z, p, n = 1.959964, 0.1, 10
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert statistics.wilson(1, 10) == (
        pytest.approx(middle - half, abs=1e-6),
        pytest.approx(middle + half, abs=1e-6),
    )


def test_mcnemar_is_a_fair_coin():
    """3 mended and 1 new: 2 (1 + 4) / 16."""
    assert statistics.mcnemar([1, 2, 3], [4]) == (3, 1, pytest.approx(10 / 16))
    assert statistics.mcnemar([1, 2], [2, 1]) == (0, 0, 1.0)
