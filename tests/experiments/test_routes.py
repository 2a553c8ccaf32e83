"""What is said of couplings, against networks and couplings that are known."""

from statistics import mean

import pytest
import torch

from capsnet_tutorial import CapsNet, CapsNetConfig
from capsnet_tutorial.experiments import load_study, routes
from capsnet_tutorial.records import load_record

SIZES = CapsNetConfig(conv_channels=3, primary_types=2, primary_dim=3, class_dim=5)
N = 40


@pytest.fixture
def net():
    """Random weights that move the couplings far."""
    net = CapsNet(SIZES).requires_grad_(False)
    net.class_caps.weight.normal_(std=100)
    return net


@pytest.fixture
def digits():
    return torch.rand(N, 1, 28, 28), torch.arange(N) % 10


def test_answers_after_each_iteration_are_the_networks(net, digits):
    images, labels = digits
    found = routes.by_iterations(net, images, labels)
    named = {}
    for r in (1, 3, 10):
        net.class_caps.router.n_iters = r
        output = net(images)
        named[r] = output.lengths.argmax(dim=1)
        assert found["right"][r - 1] == (named[r] == labels).sum()
        true = output.lengths[torch.arange(N), labels].mean().item()
        assert found["true_length"][r - 1] == pytest.approx(true, rel=1e-5)
        total = output.lengths.sum(dim=1).mean().item()
        assert found["sum_of_lengths"][r - 1] == pytest.approx(total, rel=1e-5)
    for r, x in named.items():
        assert found["other_than_3"][r - 1] == (x != named[3]).sum()
    assert found["entropy"][0] == pytest.approx(3.321928, abs=1e-5)
    assert found["largest_coupling"][0] == pytest.approx(0.1)
    assert found["true_coupling"][0] == pytest.approx(0.1)
    assert found["entropy"] == sorted(found["entropy"], reverse=True)
    assert found["entropy"][2] < 3.2  # far from even


def test_own_couplings_give_the_answers_of_the_network_and_even_ones_those_of_r_1(
    net, digits
):
    images, labels = digits
    found = routes.routes(net, None, digits)
    assert found["replaced"]["own"]["other_than_own"] == 0
    for kind, r in (("own", 3), ("even", 1)):
        net.class_caps.router.n_iters = r
        right = (net(images).lengths.argmax(dim=1) == labels).sum()
        assert found["replaced"][kind]["right"] == right
    assert found["n"] == N


def test_couplings_of_others_are_those_of_whom_it_says(digits):
    """A network whose answer is the class that its couplings point to."""

    images, labels = digits
    votes = torch.ones(N, 4, 10, 5)
    coupling = torch.full((N, 4, 10), 0.05)
    coupling[torch.arange(N), :, labels] = 0.55  # each points to its own class
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "votes_of", lambda net, images: votes[: len(images)])
        found = routes.replaced(CapsNet(SIZES), images, labels, coupling)
    assert found["own"]["right"] == found["same class"]["right"] == N
    assert found["next class"]["right"] == 0
    others = (labels == labels.roll(-N // 2)).sum()
    assert found["other digit"]["right"] == others


def test_what_class_explains_is_all_or_nothing():
    labels = torch.arange(2000) % 10
    of_class = torch.rand(10, 4, 10)
    assert routes.explained_by_class(of_class[labels], labels) == pytest.approx(1)
    by_chance = routes.explained_by_class(torch.rand(2000, 4, 10), labels)
    assert by_chance == pytest.approx(9 / 1999, rel=0.3)
    assert routes.explained_by_class(torch.full((20, 4, 10), 0.1), labels[:20]) == 0


@pytest.mark.parametrize(("moves", "same", "further"), [(True, 0, 1), (False, 1, 0)])
def test_couplings_that_move_and_couplings_that_stay(monkeypatch, moves, same, further):
    """Places are 2 pixels apart; what is special may lie there, or in the class."""
    images = torch.zeros(200, 1, 28, 28)
    images[:, :, 8:20:2, 8:20:2] = torch.rand(200, 1, 6, 6)
    other = torch.rand(200, 2 * 36, 10)

    def couplings(net, part):
        if not moves:
            return other
        places = part[:, 0, 8:20:2, 8:20:2].flatten(1)  # (b 36)
        return places.repeat(1, 2)[..., None].expand(-1, -1, 10)

    monkeypatch.setattr(routes, "couplings", couplings)
    monkeypatch.setattr(routes, "BATCH", 200)
    found = routes.moved(CapsNet(SIZES), images, couplings(None, images))
    assert found["same_place"] == pytest.approx(same, abs=0.1)
    assert found["one_place_further"] == pytest.approx(further, abs=0.1)


def test_the_record_is_that_of_the_study():
    record, study = load_record("study-routing"), load_study("routing")
    assert record["study"]["arms"] == study.arms
    assert record["study"]["base"] == study.base
    assert (record["study"]["seeds"], record["study"]["count_on"]) == (16, "val")
    asked = [(trial.arm, trial.config.seed) for trial in study.trials()]
    assert [(run["arm"], run["config"]["seed"]) for run in record["runs"]] == asked
    assert {run["code"]["dirty"] for run in record["runs"]} == {False}


def test_the_text_of_chapter_17_says_what_the_record_says():
    arms = {"r = 1": [], "r = 3": []}
    for run in load_record("study-routing")["runs"]:
        arms[run["arm"]].append(run)
    one, three = (
        [100 * run["errors"]["errors"] / 5000 for run in runs] for runs in arms.values()
    )
    assert all(b < a for a, b in zip(one, three, strict=True))  # every one of the 16
    assert 0.25 < mean(one) - mean(three) < 0.35  # "a third of a point"
    routes_of = [run["routes"] for run in arms["r = 3"]]

    def average(name, r):
        return mean(one["iterations"][name][r - 1] for one in routes_of)

    assert f"{average('largest_coupling', 3):.3f}" == "0.112"
    assert average("largest_coupling", 10) == pytest.approx(2 * 0.112, rel=0.02)
    assert f"{average('sum_of_lengths', 10):.1f}" == "4.0"
    assert average("right", 10) < average("right", 1)
    assert abs(average("right", 1) - average("right", 3)) < 1
    explained = [one["explained_by_class"] for one in routes_of]
    assert [f"{f(explained):.2f}" for f in (mean, min, max)] == ["0.82", "0.80", "0.84"]
    assert f"{mean(one['moved']['same_place'] for one in routes_of):.2f}" == "0.95"
    further = mean(one["moved"]["one_place_further"] for one in routes_of)
    assert f"{further:.2f}" == "0.26"
    replaced = [one["replaced"] for one in routes_of]
    for kind, share in {"even": 0.5, "mean": 0.4, "other digit": 34}.items():
        changed = mean(one[kind]["other_than_own"] / 50 for one in replaced)
        assert float(f"{changed:.2g}") == pytest.approx(share, abs=0.02), kind
    same = mean(one["same class"]["right"] / 50 for one in replaced)
    assert f"{same:.1f}" == "99.7"
    for run in arms["r = 1"]:  # exercise 17.2
        assert run["routes"]["replaced"]["other digit"]["other_than_own"] == 0
