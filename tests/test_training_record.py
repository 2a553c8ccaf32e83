"""Chapter 7 says of its records what they say."""

import re

import nbformat
import pytest

from book import ROOT
from capsnet_tutorial.results import load_record

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
    record = load_record("paper-12-epochs")
    assert f"{record['counted_on']['errors']} of 10,000 test digits wrong" in PRINTED
    assert f"{record['learned_from']['n']:,} digits" in PRINTED
    assert record["learned_from"] == {"split": "trainval", "n": 60_000}
    assert record["config"]["schedule"] == "one-cycle"
    assert record["config"]["precision"] == "bfloat16"
    assert record["device"]["threads"] == 1
    assert len(record["epochs"]) == 12


def test_tiny_makes_as_many_mistakes_in_twice_the_epochs():
    paper, tiny = load_record("paper-12-epochs"), load_record("tiny")
    assert paper["counted_on"]["errors"] == tiny["counted_on"]["errors"]
    assert len(tiny["epochs"]) == 2 * len(paper["epochs"])
    assert f"{tiny['counted_on']['errors']} wrong, " in PRINTED


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
