"""Chapter 9 says what its record says."""

from statistics import mean

from capsnet_tutorial.overlaps import held_out_pairs
from capsnet_tutorial.records import load_record
from capsnet_tutorial.records.statistics import paired_interval


def test_the_text_of_chapter_9_says_what_the_record_says():
    wrong, none, runs = {}, {}, {}
    for run in load_record("study-overlaps")["runs"]:
        found = run["pairs"]
        assert found["n"] == 10_000
        wrong.setdefault(run["arm"], []).append(found["errors"] / 100)
        none.setdefault(run["arm"], []).append(found["none_found"] / 100)
        runs.setdefault(run["arm"], []).append(run)
    assert all(len(found) == 3 for found in wrong.values())
    said = {arm: round(mean(found), 1) for arm, found in wrong.items()}
    assert said["three iterations"] == 20.5
    assert said["one iteration"] == 23.2
    assert said["CNN"] == 14.5
    for better, worse in (
        ("CNN", "three iterations"),
        ("three iterations", "one iteration"),
    ):
        gaps = [b - a for a, b in zip(wrong[better], wrong[worse], strict=True)]
        assert min(gaps) > 2  # "with every seed"
    routing = paired_interval(wrong["three iterations"], wrong["one iteration"])
    assert [round(x, 1) for x in routing] == [1.8, 3.5]
    capsules = paired_interval(wrong["CNN"], wrong["three iterations"])
    assert [round(x, 1) for x in capsules] == [3.9, 8.2]
    assert 73 < mean(wrong["single digits"]) < 78  # "both in one of four"
    assert 8 < mean(none["single digits"]) < 12.5  # "none in one of ten"
    first = runs["single digits"][0]
    assert first["val_errors"][-1] == 57
    assert {run["parameters"] for run in runs["three iterations"]} == {1_579_280}
    assert {run["parameters"] for run in runs["CNN"]} == {1_580_006}
    assert {run["steps"] for run in runs["CNN"]} == {3440}
    r3 = wrong["three iterations"], none["three iterations"]
    half = [(a + b) / 2 / a for a, b in zip(*r3, strict=True)]
    assert 0.5 < min(half) < max(half) < 0.55  # "about half of what is reported"


def test_the_last_pair_of_its_first_picture_is_misread():
    from capsnet_tutorial import load_mnist, load_pretrained

    pairs = held_out_pairs(*load_mnist("val", source="mini").tensors, n_pairs=8)
    lengths = load_pretrained("pairs")(pairs.images).lengths
    named = lengths.topk(2).indices.sort().values.tolist()
    there = [present.nonzero().flatten().tolist() for present in pairs.present]
    assert (named[7], there[7]) == ([0, 4], [4, 9])
    assert named[:7] == there[:7]
    assert [round(x, 2) for x in lengths[0, [0, 1, 4]].tolist()] == [0.94, 0.56, 0.48]
