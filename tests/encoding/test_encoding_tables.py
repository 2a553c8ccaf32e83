"""The statistics behind a record `encoding-NAME`, on cases whose answer is known."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from built import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import encoding_tables
import measure_encoding
from encoding_tables import (
    against_random,
    correlation,
    read_best,
    same_number,
    share_of_moves,
    straightness,
)

from capsnet_tutorial.encoding.perturb import random_directions


def test_correlation_is_that_of_each_column():
    a, b = torch.randn(2, 31, 3)
    expected = [np.corrcoef(a[:, p], b[:, p])[0, 1] for p in range(3)]
    assert correlation(a, b).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.fixture
def bare(monkeypatch):
    """Poses are their own drawings, and their own properties are functions of them."""

    def use(function):
        monkeypatch.setattr(encoding_tables, "draw", lambda model, pose, digit: pose)
        monkeypatch.setattr(encoding_tables, "properties", function)

    return use


def test_straightness_is_1_for_a_line_and_0_for_a_parabola(bare):
    bare(lambda x: torch.stack([3 * x.sum(-1) + 1, (x**2).sum(-1)], dim=-1))
    found = straightness(None, torch.zeros(5, 3), 0)
    expected = torch.tensor([[1.0, 0.0]]).expand(3, 2)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_the_best_number_is_chosen_on_the_first_digits_only():
    pose, new = torch.randn(500, 3), torch.randn(500, 3)
    told = read_best(pose, pose[:, [2, 0]], new, torch.stack([new[:, 2], new[:, 1]], 1))
    assert told[0].item() == pytest.approx(1, abs=1e-4)
    assert told[1].item() < 0  # number 0 was best, and now tells nothing


def test_axes_stand_out_where_each_does_one_thing(monkeypatch):
    """And do not where what they do was turned."""
    turn = random_directions(5, torch.Generator().manual_seed(1))

    def effects_of(towards):
        def effects(model, pose, digit, directions):
            return (directions @ towards)[None].expand(len(pose), -1, -1)

        return effects

    poses, natural = [torch.zeros(2, 5)] * 3, [torch.ones(5)] * 3
    for towards, low, high in [(torch.eye(5), 0.999, 1.001), (turn, 0.2, 0.85)]:
        monkeypatch.setattr(encoding_tables, "effects", effects_of(towards))
        found = against_random(None, poses, natural, n=7, seed=0)
        assert found["random"].shape == (7, 5)
        assert low < found["axes"].mean() < high
        assert 0.2 < found["random"].mean() < 0.85


def test_numbers_that_do_the_same_in_all_classes_are_found():
    one_class = torch.randn(1, 7, 6)
    found = same_number(one_class * torch.tensor([1.0, -1, 2])[:, None, None], 11, 0)
    assert found["found"].item() == pytest.approx(1)
    assert found["random"].shape == (11,)
    assert found["random"].max() < 0.8
    no_relation = same_number(torch.randn(10, 16, 6), 100, 0)
    lower = (no_relation["random"] < no_relation["found"]).sum()
    assert 2 <= lower <= 98


def test_a_change_is_compared_with_moves_of_its_own_drawing(monkeypatch):
    seen = []
    monkeypatch.setattr(encoding_tables, "draw", lambda model, pose, digit: pose)
    monkeypatch.setattr(encoding_tables, "moves", lambda drawings: drawings)
    monkeypatch.setattr(
        encoding_tables, "explained", lambda change, moves: seen.append((change, moves))
    )
    pose, other = torch.randn(2, 3), torch.randn(2, 3)
    share_of_moves(None, pose, 0)
    share_of_moves(None, pose, 0, of=other)
    assert torch.equal(seen[0][1], pose)
    assert torch.equal(seen[1][1], other)
    torch.testing.assert_close(seen[0][0], 0.5 * torch.eye(3).expand(2, 3, 3))


def test_confusions_are_threes_named_five_and_fives_named_three():
    lengths = torch.zeros(5, 10)
    for n, named in enumerate([5, 3, 3, 8, 5]):
        lengths[n, named] = 0.5
    images = torch.arange(5).reshape(5, 1, 1, 1).expand(5, 1, 2, 3) / 255

    def model(batch):
        return SimpleNamespace(lengths=lengths[(batch[:, 0, 0, 0] * 255).round().int()])

    found = measure_encoding.confusions(model, images, torch.tensor([3, 5, 3, 5, 1]))
    assert [row["digit"] for row in found] == [0, 1]
    assert [(row["label"], row["named"]) for row in found] == [(3, 5), (5, 3)]
    assert found[1]["pixels"] == "AQEBAQEB"  # six bytes of value 1
    assert found[0]["lengths"] == {"3": 0, "5": 0.5}


def test_records_are_plain_and_have_a_line_for_each_innermost_list():
    record = measure_encoding.plain({"a": [torch.tensor([1 / 3, 2.0])], "n": 7})
    assert record == {"a": [[0.333, 2.0]], "n": 7}
    assert b"[0.333, 2.0]" in measure_encoding.to_json(record)
