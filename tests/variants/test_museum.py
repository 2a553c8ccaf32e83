"""Every exhibit is what its label says: wrong as planted, right once it is mended."""

import json
import re
from statistics import mean

import pytest
import torch
from built import ROOT

from capsnet_tutorial.capsnet import PRESETS, CapsNet, CapsNetOutput
from capsnet_tutorial.checks import (
    check,
    check_margin_loss,
    check_reconstruction_loss,
)
from capsnet_tutorial.digits import load_mnist
from capsnet_tutorial.experiments import load_study
from capsnet_tutorial.experiments.measure import miscounts
from capsnet_tutorial.losses import margin_loss, reconstruction_loss
from capsnet_tutorial.records import load_record
from capsnet_tutorial.records.statistics import paired_interval
from capsnet_tutorial.runs import TrainConfig
from capsnet_tutorial.runs.config import Draws, Moves
from capsnet_tutorial.runs.job import Job
from capsnet_tutorial.training import paper_losses, train_step
from capsnet_tutorial.variants.bugs import EXHIBITS, build_bug
from capsnet_tutorial.variants.bugs.halls import PROGRAMS_READ

TINY = PRESETS["tiny"]
IN_LOSS = ["missing-square", "mean-reconstruction", "normalised-target"]
PLANTED = [name for name, exhibit in EXHIBITS.items() if exhibit.plant]
IN_NETWORK = [name for name in PLANTED if name not in IN_LOSS]


def test_at_least_sixteen_are_in_the_network_or_its_loss():
    assert len(PLANTED) >= 16
    assert len(EXHIBITS) == 21


@pytest.mark.parametrize("name", IN_NETWORK)
def test_check_names_what_was_planted_and_nothing_else(name):
    torch.manual_seed(0)
    assert check(build_bug(name, TINY)).exhibits == [name]


def test_check_finds_nothing_in_the_right_network():
    report = check(
        CapsNet(TINY), margin_loss=margin_loss, reconstruction_loss=reconstruction_loss
    )
    assert report.ok, report
    assert report.choices == report.unchecked == {}, report
    assert len(report.right) >= 12


def margin_of(net):
    def f(lengths, present):
        output = output_of(lengths, torch.rand(len(lengths), 1, 28, 28))
        return net.losses(output, output.reconstruction, present).margin

    return f


def output_of(lengths, reconstruction):
    return CapsNetOutput(torch.zeros(*lengths.shape, 16), lengths, reconstruction)


def reconstruction_of(net):
    """The part of the total that the reconstruction has."""

    def f(drawn, images):
        lengths = torch.full((len(images), 10), 0.1)
        present = torch.zeros(len(images), 10, dtype=torch.bool)
        losses = net.losses(output_of(lengths, drawn), images, present)
        return losses.total - losses.margin

    return f


def test_losses_that_were_planted_are_named_by_their_checks():
    nets = {name: build_bug(name, TINY) for name in IN_LOSS}
    assert check_margin_loss(margin_of(nets["missing-square"])).exhibits == [
        "missing-square"
    ]
    for name in ("mean-reconstruction", "normalised-target"):
        report = check_reconstruction_loss(reconstruction_of(nets[name]))
        assert report.exhibits == [name]
        assert check_margin_loss(margin_of(nets[name])).ok


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_network_differs_from_the_right_one_and_trains(name):
    """Else an exhibit would be an empty case."""
    images, labels = (x[:32] for x in load_mnist("train", "mini").tensors)
    results = []
    for bug in ("", name):
        config = TrainConfig(preset="tiny", data="mini", bug=bug)
        torch.manual_seed(0)
        net = config.network()
        optimizer = torch.optim.Adam(net.parameters())
        losses = getattr(net, "losses", paper_losses)
        two = [train_step(net, optimizer, images, labels, losses) for _ in range(2)]
        with torch.no_grad():
            results.append((two[-1], net(images)))
    (step, output), (other_step, other_output) = results
    same = torch.equal(output.lengths, other_output.lengths)
    if name == "norm-nan":  # in numbers that are not zero, it is the same function
        torch.testing.assert_close(output.lengths, other_output.lengths)
    else:
        assert not same or step.total != other_step.total
    assert torch.tensor(other_step).isfinite().all()


def test_one_shift_a_batch_moves_all_digits_alike(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "capsnet_tutorial.runs.job.shift_images",
        lambda images, moves: seen.append(moves) or images,
    )
    for bug in ("", "one-shift-a-batch"):
        job = Job(TrainConfig(preset="tiny", data="mini", bug=bug), cpu=True)
        shifts = torch.tensor([[0, 1, 2, 1], [1, 0, 2, 2]])
        moves = Moves(shifts, torch.zeros(4))
        job.step(torch.arange(4), Draws(torch.arange(4), moves, None, None))
    assert seen[0].tolist() == [[0, 1, 2, 1], [1, 0, 2, 2]]
    assert seen[1].tolist() == [[0] * 4, [1] * 4]


def test_wrong_counts_are_counted_wrongly():
    """130 digits: the last batch has two, one of them wrong; no other is."""
    labels = torch.arange(130) % 10
    images = torch.zeros(130, 1, 28, 28)
    images[torch.arange(130), 0, 0, labels] = 1

    class Reads(torch.nn.Module):
        def forward(self, images):
            lengths = images[:, 0].sum(dim=1)[:, :10]
            return type("Output", (), {"lengths": lengths})()

    labels[129] = (labels[129] + 1) % 10
    found = miscounts(Reads(), TrainConfig(preset="tiny"), (images, labels))
    assert found["errors"] == 1
    assert found["mean_of_batch_accuracies"] == pytest.approx((1 + 0.5) / 2)
    assert found["errors_without_the_last_batch"] == 0
    assert found["errors_of_the_batch_before"] > 100
    assert 0 < found["errors_on_moved"] < 130
    assert found["errors_of_1000_by_batch_size"] == {"1": 1, "8": 1, "250": 1}


@pytest.mark.parametrize("name", EXHIBITS)
def test_labels_say_where_each_was_seen(name):
    exhibit = EXHIBITS[name]
    assert exhibit.seen
    for seen in exhibit.seen:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d|no date|removed since", seen.date)
    assert exhibit.wrong != exhibit.right
    programs = {seen.program for seen in exhibit.seen if "document" not in seen.program}
    assert len(programs) <= PROGRAMS_READ


def test_unknown_names_and_other_networks_are_refused():
    with pytest.raises(ValueError, match="'typo' is unknown; pass one of view-mixes"):
        build_bug("typo")
    with pytest.raises(ValueError, match="bug is 'typo'; pass one of"):
        TrainConfig(bug="typo")
    with pytest.raises(ValueError, match="a bug of the network of the paper"):
        TrainConfig(bug="shared-logits", variant="labml")
    with pytest.raises(ValueError, match="needs a decoder"):
        build_bug("normalised-target", type(TINY)(decoder_hidden=None))


def test_the_study_has_an_arm_for_each_that_changes_the_training():
    study = load_study("museum")
    arms = set(study.arms) - {"right"}
    assert arms == {*PLANTED, "one-shift-a-batch"}
    assert all(change == {"bug": arm} for arm, change in study.arms.items() if change)
    assert study.seeds >= 5


def test_the_record_is_of_this_study():
    path = ROOT / "data" / "results" / "study-museum.json"
    record = json.loads(path.read_text())
    study = load_study("museum")
    assert record["study"]["arms"] == study.arms
    assert len(record["runs"]) == len(study.arms) * study.seeds


CHAPTER = ROOT / "book" / "12_museum.ipynb"


def words():
    cells = json.loads(CHAPTER.read_text())["cells"]
    return "\n".join(
        "".join(c["source"]) for c in cells if c["cell_type"] == "markdown"
    )


@pytest.mark.parametrize("name", EXHIBITS)
def test_the_case_of_each_exhibit_has_its_label(name):
    exhibit, text = EXHIBITS[name], words()
    case = text.partition(f"({name})=\n")[2].partition("</details>")[0]
    for part in (exhibit.title, exhibit.symptom, exhibit.wrong, exhibit.right):
        assert part in case
    assert exhibit.cause[1:] in case
    for seen in exhibit.seen:
        assert seen.program in case
        assert seen.place in case
    kept = text.partition("## A page to keep")[2]
    assert exhibit.symptom in kept
    assert exhibit.cause in kept


def runs():
    found = {}
    for run in load_record("study-museum")["runs"]:
        assert run["errors"]["n"] == 5000
        found.setdefault(run["arm"], []).append(run)
    return found


def test_the_text_of_chapter_12_says_what_the_record_says():
    arms = runs()
    errors = {arm: [r["errors"]["errors"] for r in rs] for arm, rs in arms.items()}
    right = errors["right"]

    def more(arm):
        return paired_interval(right, errors[arm])

    for arm in EXHIBITS:  # "not one costs a digit that five seeds could see"
        if EXHIBITS[arm].room == "capsules":
            assert more(arm).low < 0 < more(arm).high, arm
    for arm in ("mean-reconstruction", "normalised-target", "masked-by-prediction"):
        assert more(arm).low < 0 < more(arm).high, arm  # "change no count"
        assert abs(mean(errors[arm]) - mean(right)) < 5
    batchnorm = [
        r["miscounts"]["errors_of_1000_by_batch_size"]
        for r in arms["batchnorm-train-mode"]
    ]
    assert any(counted["1"] != counted["250"] for counted in batchnorm)
    assert mean(errors["softmax-over-children"]) > 1.9 * mean(right)  # "twice as many"
    full = sorted(round(n / 50) for n in errors["weights-too-large"])
    assert full == [4, 5, 15, 89, 89]
    per_number = errors["squash-per-number"]  # "three of the five", one as many
    signs = [(a > b) - (a < b) for a, b in zip(per_number, right, strict=True)]
    assert sorted(signs) == [-1, -1, -1, 0, 1]
    assert round((mean(errors["shared-logits"]) - mean(right)) / 50, 1) == 0.3
    assert more("shared-logits").low > 0
    longest = max(r["after"]["longest"] for r in arms["squash-per-number"])
    assert 1.5 < longest < 2.5  # "a length of 2"
    assert all(abs(a - b) <= 2 for a, b in zip(errors["norm-nan"], right, strict=True))
    assert 1.25 < mean(errors["missing-square"]) / mean(right) < 1.45  # "a third more"
    soft = arms["softmax-on-lengths"]
    assert max(r["after"]["longest"] for r in soft) < 0.24
    assert mean(errors["softmax-on-lengths"]) < 1.2 * mean(right)  # "costs little"
    assert min(min(r["losses"]) for r in soft) > 0.446
    for arm, drawn in (
        ("right", 44),
        ("mean-reconstruction", 53),
        ("normalised-target", 69),
    ):
        assert round(mean(r["after"]["squared_error"] for r in arms[arm])) == drawn
    batch = mean(errors["one-shift-a-batch"]) - mean(right)
    assert 0.35 < batch / 50 < 0.65  # "about half a per cent"
    for r in arms["right"]:
        counts = r["miscounts"]
        assert 0.6 < counts["errors_on_moved"] / counts["errors"] - 1 < 1
        assert 4400 < counts["errors_of_the_batch_before"] < 4600  # "one in ten"
        off = counts["mean_of_batch_accuracies"] - (1 - counts["errors"] / 5000)
        assert 0.00003 < abs(off) < 0.001  # "in the fourth digit"
        assert min(r["val_errors"]) == r["val_errors"][-1]  # "to the last epoch"
    for name in ("view-mixes-pixels", "logits-per-feature", "logits-replaced"):
        assert mean(errors[name]) < 1.1 * mean(right)  # "nothing, or next to it"
