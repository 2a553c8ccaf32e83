"""Chapter 7 says of its records what they say."""

import math
import re

import nbformat
import pytest
from built import ROOT

from capsnet_tutorial.records.provenance import load_record

CELLS = nbformat.read(ROOT / "book" / "07_training.ipynb", 4).cells
PROSE = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
PRINTED = "\n".join(
    output.text
    for cell in CELLS
    if cell.cell_type == "code"
    for output in cell.outputs
    if output.output_type == "stream"
)
CHOICES = {row["name"]: row["runs"] for row in load_record("choices")["rows"]}


def more(name, key="errors"):
    """Seed by seed, against the runs as they are."""
    pairs = zip(CHOICES[name], CHOICES["as it is"], strict=True)
    return [changed[key] - base[key] for changed, base in pairs]


def test_the_full_run_is_printed_from_its_record():
    record = load_record("paper")
    assert f"{record['counted_on']['errors']} of 10,000 test digits wrong" in PRINTED
    assert f"{record['learned_from']['n']:,} digits" in PRINTED
    assert record["learned_from"] == {"split": "trainval", "n": 60_000}
    assert record["config"]["schedule"] == "one-cycle"
    assert record["config"]["precision"] == "bfloat16"
    assert record["device"]["threads"] == 2
    assert len(record["epochs"]) == 24


def test_the_first_run_was_the_same_with_half_the_epochs():
    first, second = load_record("paper-12-epochs"), load_record("paper")
    assert first["config"] == {**second["config"], "epochs": 12}
    assert first["learned_from"] == second["learned_from"]


@pytest.mark.parametrize(
    ("name", "counts", "unevenly"),
    [
        ("paper-12-epochs", "19 mistakes are mended and 10 are new", "in 14 of 100"),
        ("tiny", "for `tiny`, with 37 tosses", "in 19 of 100"),
    ],
)
def test_mended_and_new_mistakes_and_what_a_coin_would_do(name, counts, unevenly):
    """The exact test of McNemar, two-sided."""
    ours = set(load_record("paper")["counted_on"]["wrong"])
    other = set(load_record(name)["counted_on"]["wrong"])
    mended, new = len(other - ours), len(ours - other)
    n, few = mended + new, min(mended, new)
    share = 2 * sum(math.comb(n, k) for k in range(few + 1)) / 2**n
    assert len(other) - len(ours) == 9
    assert f"{len(other)} wrong; {mended} are mended, {new} are new" in PRINTED
    assert {str(n), f"{100 * share:.0f}"} <= set(re.findall(r"\d+", PROSE))
    assert counts in PROSE
    assert unevenly in PROSE


def test_the_paper_lies_just_inside():
    low, high = map(float, re.search(r"between (\S+)% and (\S+)%", PRINTED).groups())
    assert low < 0.25 < low + 0.02 < high


def test_percentages_in_the_prose_are_quoted():
    """Ours are printed by cells."""
    assert set(re.findall(r"\d[\d.]* %", PROSE)) <= {"95 %", "0.25 %", "0.30 %"}


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_printed(name):
    errors = [run["errors"] for run in CHOICES[name]]
    assert re.search(rf"{re.escape(name)} +{re.escape(str(errors))}", PRINTED)
    assert [run["seed"] for run in CHOICES[name]] == [0, 1, 2]


@pytest.mark.parametrize(
    "name", ["no shifts", "rate 0.001, falling slowly", "primary votes / 8"]
)
def test_what_hurts_hurts_with_every_seed(name):
    assert min(more(name)) > 5


def test_without_shifts_the_training_loss_is_three_times_lower():
    for changed, base in zip(CHOICES["no shifts"], CHOICES["as it is"], strict=True):
        assert base["margin"] > 3 * changed["margin"]


@pytest.mark.parametrize("name", ["no reconstruction", "20 times the reconstruction"])
def test_the_reconstruction_changes_almost_nothing(name):
    assert max(map(abs, more(name))) <= 5


def test_of_class_biases_not_even_the_sign_is_clear():
    assert min(more("class biases")) < 0 < max(more("class biases"))
