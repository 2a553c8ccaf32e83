"""Moves go where they say, and R2 of known poses is what theory says."""

import pytest
import torch
from torch import nn

from capsnet_tutorial import CapsNetOutput
from capsnet_tutorial.baselines import CNN, LeNet5
from capsnet_tutorial.experiments import load_study, turning
from capsnet_tutorial.records import load_record


def spot(row, column):
    """A spot of 3 x 3 pixels on 28 x 28, around pixel corners."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., row - 1 : row + 1, column - 1 : column + 1] = 1
    return image


def middle(image):
    """Of the ink, from the middle of the image: right, up."""
    at = torch.arange(28) - 13.5
    columns, rows = (image[0, 0].sum(axis) / image.sum() for axis in (0, 1))
    return (columns @ at).item(), (-rows @ at).item()


RIGHT, UP = spot(14, 22), spot(6, 14)  # 8 pixels right of the middle, and up


@pytest.mark.parametrize(
    ("move", "by", "image", "x", "y"),
    [
        (turning.turn, 90, RIGHT, 0, 8),  # counter-clockwise
        (turning.turn, -90, UP, 8, 0),
        (turning.turn, 45, RIGHT, 8 / 2**0.5, 8 / 2**0.5),
        (turning.shear, 0.5, UP, 4, 8),
        (turning.shear, 0.5, RIGHT, 8, 0),
        (turning.scale, 0.5, RIGHT, 4, 0),
        (turning.scale, 1.4, UP, 0, 11.2),
        (turning.shift, 3, UP, 3, 5),
    ],
)
def test_a_move_goes_where_it_says(move, by, image, x, y):
    assert middle(move(image, by)) == pytest.approx((x, y), abs=0.1)


@pytest.mark.parametrize("name", turning.MOVES)
def test_where_nothing_is_moved_nothing_is_resampled(name):
    move, amounts = turning.MOVES[name]
    still = 1 if name == "scale" else 0
    image = torch.rand(2, 1, 28, 28)
    assert still in amounts
    assert torch.equal(move(image, still), image)


class Reads(nn.Module):
    """A network whose pose is a function of where the ink is."""

    decoder = None

    def __init__(self, of_place):
        super().__init__()
        self.of_place = of_place

    def forward(self, images):
        at = torch.arange(28) - 13.5
        ink = images.sum(dim=(1, 2, 3))
        x = images.sum(dim=(1, 2)) @ at / ink
        y = -images.sum(dim=(1, 3)) @ at / ink
        pose = torch.stack(self.of_place(x, y), dim=-1)
        return CapsNetOutput(pose[:, None].expand(-1, 10, -1), None, None)


@pytest.fixture
def digits():
    """40 spots for each class, at random places on the plane."""
    torch.manual_seed(0)
    places = torch.randint(6, 22, (400, 2)).tolist()
    images = torch.cat([spot(*place) for place in places])
    return images, torch.arange(400) % 10


def test_a_place_turns_linearly_and_its_maps_add_up(digits):
    found = turning.equivariance(Reads(lambda x, y: [x, y]), None, digits)
    assert min(found["linear"]) > 0.99
    assert found["twice"] > 0.99
    assert found["identity"][-1] < 0.6  # turned by 40 degrees
    assert found["identity"] == sorted(found["identity"], reverse=True)


def test_a_distance_does_not_change(digits):
    found = turning.equivariance(
        Reads(lambda x, y: [(x**2 + y**2).sqrt()]), None, digits
    )
    assert min(found["identity"]) > 0.98
    assert found["angle"] < 0.05  # it does not say how far it was turned


@pytest.mark.parametrize("network", [CNN, LeNet5])
def test_a_network_without_poses_is_read_at_its_last_layer(digits, network):
    found = turning.equivariance(network().eval().requires_grad_(False), None, digits)
    assert found["linear"][0] > found["linear"][-1]


def test_counts_are_of_each_move(digits):
    class Zero(nn.Module):
        def forward(self, images):
            return CapsNetOutput(None, torch.eye(10)[:1].expand(len(images), -1), None)

    found = turning.moved_digits(Zero(), None, digits)
    assert found["n"] == 400
    for name, (_, amounts) in turning.MOVES.items():
        assert found[name] == {"by": list(amounts), "right": [40] * len(amounts)}


# ------------------------------------------------------------------ chapter 10


def right(move="turn", study="turning"):
    """Digits named correctly: arm -> (seeds amounts)."""
    found = {}
    for run in load_record(f"study-{study}")["runs"]:
        assert run["moved"]["n"] == turning.N_MOVED
        found.setdefault(run["arm"], []).append(run["moved"][move]["right"])
    return {arm: torch.tensor(rows, dtype=torch.float64) for arm, rows in found.items()}


@pytest.mark.parametrize("name", ["turning", "turning-learned"])
def test_the_record_is_that_of_the_study(name):
    record, study = load_record(f"study-{name}"), load_study(name)
    assert record["study"]["arms"] == study.arms
    assert record["study"]["base"] == study.base
    asked = study.trials(record["study"]["seeds"])
    there = [(run["arm"], run["config"]["seed"]) for run in record["runs"]]
    assert there == [(trial.arm, trial.config.seed) for trial in asked]
    assert record["study"]["seeds"] >= 3
    assert {run["code"]["dirty"] for run in record["runs"]} == {False}
    assert tuple(record["runs"][0]["moved"]["turn"]["by"]) == turning.ANGLES


def test_the_text_of_chapter_10_says_what_the_record_says():
    turned = right()
    cnns = [turned["CNN"], turned["CNN with squash, margin and decoder"]]
    capsules = [turned["CapsNet, r = 1"], turned["CapsNet, r = 3"]]
    near = torch.tensor([abs(angle) <= 55 for angle in turning.ANGLES])
    for cnn in cnns:  # "with every one of five seeds at every angle up to 55 degrees"
        assert len(cnn) == 5
        for net in capsules:
            assert (cnn > net)[:, near].all()
            assert (cnn.mean(dim=0) > net.mean(dim=0)).all()
    far = torch.tensor([abs(angle) >= 45 for angle in turning.ANGLES])
    mean = {arm: 100 * x.mean(dim=0) / turning.N_MOVED for arm, x in turned.items()}
    # "is as good as the CNN, and better at large angles"
    gap = mean["CNN with squash, margin and decoder"] - mean["CNN"]
    assert (gap[far] > 0.5).all()
    assert gap.min() > -0.5
    # "the one that routes keeps more", and "LeNet-5 keeps about as much as tiny"
    more = mean["CapsNet, r = 3"] - mean["CapsNet, r = 1"]
    assert 0.5 < more[far].min() < more[far].max() < 2.5  # "one to two points"
    lenet = mean["LeNet-5"] - mean["CapsNet, r = 3"]
    assert lenet.abs().max() < 6
    start = turning.ANGLES.index(0)
    assert 0.2 < (mean["CNN"] - mean["CapsNet, r = 3"])[start] < 0.5  # "a third"
    at = {angle: turning.ANGLES.index(angle) for angle in (30, -30)}
    said = [f"{mean[arm][at[a]]:.1f}" for a in at for arm in ("CapsNet, r = 3", "CNN")]
    assert said == ["85.5", "89.4", "81.2", "84.7"]
    for x in mean.values():  # "beyond 25 degrees ... counter-clockwise"
        for angle in (30, 45, 60):
            left, other = (turning.ANGLES.index(a) for a in (angle, -angle))
            assert x[left] > x[other]
    shifted = right("shift")
    for arm in ("CapsNet, r = 1", "CapsNet, r = 3"):  # "nearly a third" at 4 pixels
        share = shifted[arm].mean(dim=0) / turning.N_MOVED
        places = [turning.SHIFTS.index(by) for by in (-4, 4)]
        assert all(0.67 < share[k] < 0.73 for k in places)
    found = {}
    for run in load_record("study-turning")["runs"]:
        found.setdefault(run["arm"], []).append(run["equivariance"])
    linear, same, angle = (
        {
            arm: torch.tensor([run[key] for run in x]).mean(dim=0)
            for arm, x in found.items()
        }
        for key in ("linear", "identity", "angle")
    )
    ten = [round(x[turning.FAR.index(10)].item(), 2) for x in linear.values()]
    assert (min(ten), max(ten)) == (0.87, 0.93)
    assert max(linear, key=lambda arm: linear[arm][3]) == "CNN"
    assert max(angle, key=angle.get) == "CNN"
    assert min(same, key=lambda arm: same[arm][0]) == "CNN"
    assert all(x[0] > 0.88 for arm, x in same.items() if arm != "CNN")


def test_the_text_of_chapter_10_says_what_learned_turns_say():
    turned = right(study="turning-learned")
    assert all(len(x) == 5 for x in turned.values())
    mean = {arm: 100 * x.mean(dim=0) / turning.N_MOVED for arm, x in turned.items()}
    inside = torch.tensor([abs(angle) <= 30 for angle in turning.ANGLES])
    assert all((x[inside] > 96.5).all() for x in mean.values())  # "nearly everything"
    three, one, cnn = "CapsNet, r = 3", "CapsNet, r = 1", "CNN"
    assert (turned[cnn] > turned[three]).all()  # "every angle ... every seed"
    gap = (mean[cnn] - mean[three])[inside]
    assert (round(gap.min().item(), 1), round(gap.max().item(), 1)) == (0.3, 1.6)
    ends = [turning.ANGLES.index(angle) for angle in (-60, 60)]
    for k in ends:
        assert 8 < mean[cnn][k] - mean[three][k] < 9
    more = mean[three] - mean[one]
    assert 4 < more.max() < 4.3
    assert (more > 0).all()
    both = (mean[arm][turning.ANGLES.index(angle)] for angle in (30, 60)
            for arm in (three, cnn))  # fmt: skip
    assert [f"{x:.1f}" for x in both] == ["97.0", "98.6", "69.1", "77.8"]
