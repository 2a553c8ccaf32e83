"""Chapter 11's numbers in words are those of the record of its study."""

from statistics import mean

from capsnet_tutorial.experiments import load_study
from capsnet_tutorial.records import load_record
from capsnet_tutorial.variants import VARIANTS


def shares():
    """Per cent of the held-out digits named wrongly: arm -> seed -> share."""
    found = {}
    for run in load_record("study-five-programs")["runs"]:
        counted = run["errors"]
        assert counted["n"] == 5000
        assert len(counted["wrong"]) == counted["errors"]
        share = 100 * counted["errors"] / counted["n"]
        found.setdefault(run["arm"], {})[run["config"]["seed"]] = share
    return found


def test_the_record_is_that_of_the_study():
    record, study = load_record("study-five-programs"), load_study("five-programs")
    assert record["study"]["arms"] == study.arms
    assert record["study"]["base"] == study.base
    assert record["study"]["seeds"] == study.seeds == 5
    assert record["study"]["count_on"] == "val"
    asked = [(trial.arm, trial.config.seed) for trial in study.trials()]
    there = [(run["arm"], run["config"]["seed"]) for run in record["runs"]]
    assert there == asked
    assert {run["code"]["dirty"] for run in record["runs"]} == {False}


def test_the_text_of_chapter_11_says_what_the_record_says():
    wrong = shares()
    for arm, seeds in wrong.items():
        if arm == "ours" or arm.endswith("mended"):
            assert 2.75 < mean(seeds.values()) < 3.25, arm  # "the 3 %"
    for name in VARIANTS:  # "worse with every one of the five seeds"
        mended = wrong[f"{name}, mended"]
        assert all(wrong[name][seed] > mended[seed] for seed in range(5)), name
        assert max(wrong[name].values()) < 7, name  # "more than 93 of 100"
    alone = sorted(wrong["labml, axis alone"].values())
    assert [round(share) for share in alone] == [5, 5, 6, 25, 89]
