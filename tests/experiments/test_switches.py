"""Chapter 13: half of all recipes say as much of each switch as all of them would."""

import itertools

import numpy as np

from capsnet_tutorial.experiments import load_study
from capsnet_tutorial.records import load_record
from capsnet_tutorial.records.statistics import paired_interval

SWITCHES = ("20x", "scale", "bias", "shifts")
FIELDS = {
    "20x": ("reconstruction_weight", 0.01),
    "scale": ("primary_scale", True),
    "bias": ("class_bias", True),
    "shifts": ("all_shifts", True),
}


def on(arm):
    return {switch for switch in SWITCHES if switch in arm}


def test_half_of_all_recipes_are_balanced():
    arms = load_study("switches").arms
    assert len({frozenset(on(arm)) for arm in arms}) == len(arms) == 8
    for arm, change in arms.items():
        assert change == {FIELDS[s][0]: FIELDS[s][1] for s in on(arm)}
    for switch in SWITCHES:
        assert sum(switch in on(arm) for arm in arms) == 4
    for pair in itertools.combinations(SWITCHES, 2):
        both = [(pair[0] in on(arm), pair[1] in on(arm)) for arm in arms]
        assert sorted(both) == sorted(
            2 * list(itertools.product((False, True), repeat=2))
        )


def wrong(name):
    """Per cent, an array over the seeds for each arm."""
    found = {}
    for run in load_record(f"study-{name}")["runs"]:
        share = 100 * run["errors"]["errors"] / run["errors"]["n"]
        found.setdefault(run["arm"], []).append(share)
    return {arm: np.array(shares) for arm, shares in found.items()}


def effect(shares, is_on):
    off, there = (
        np.mean([x for arm, x in shares.items() if is_on(arm) == wanted], axis=0)
        for wanted in (False, True)
    )
    return there - off, paired_interval(off, there)


def test_the_text_of_chapter_13_says_what_the_records_say():
    shares = wrong("switches")
    assert all(len(x) == 4 for x in shares.values())
    found = {s: effect(shares, lambda arm, s=s: s in on(arm)) for s in SWITCHES}
    means = {switch: round(x.mean(), 2) for switch, (x, _) in found.items()}
    assert means == {"20x": 0.07, "scale": 0.5, "bias": -0.22, "shifts": -0.04}
    assert (found["20x"][0] > 0).all()  # "with every seed"
    for switch in SWITCHES:
        low, high = found[switch][1]
        assert low > 0 or high < 0
    assert found["shifts"][1].high > -0.005  # "at the edge"
    without, with_ = (
        {arm: x for arm, x in shares.items() if ("scale" in arm) == there}
        for there in (False, True)
    )
    bias = [
        effect(part, lambda arm: "bias" in arm)[0].mean() for part in (without, with_)
    ]
    assert [round(-x, 2) for x in bias] == [0.07, 0.36]
    all_four = shares["20x, scale, bias, shifts"].mean()
    assert f"{all_four:.2f}, {shares['paper'].mean():.2f}" == "2.16, 1.84"
    rise = found["scale"][0].mean() / np.mean([x.mean() for x in without.values()])
    assert 0.24 < rise < 0.29  # "a quarter more"


def test_the_text_of_chapter_13_says_what_longer_runs_say():
    shares = wrong("lengths")
    gaps = {
        n: shares[f"20x, {n} epochs"] - shares[f"paper, {n} epochs"]
        for n in (3, 6, 12, 25)
    }
    assert all(len(x) == 4 for x in gaps.values())
    means = {n: round(x.mean(), 2) for n, x in gaps.items()}
    assert means[25] == 0.09
    at_25 = paired_interval(shares["paper, 25 epochs"], shares["20x, 25 epochs"])
    assert at_25.low > 0
    assert (gaps[25] > 0).all()
    for n in (3, 6, 12):  # "no difference that could be seen"
        paper = shares[f"paper, {n} epochs"], shares[f"20x, {n} epochs"]
        low, high = paired_interval(*paper)
        assert low < 0 < high
        assert abs(means[n]) < 0.02
    again = wrong("switches")["paper"]
    assert np.array_equal(shares["paper, 25 epochs"], again)  # "the same network"
    fall = [round(shares[f"paper, {n} epochs"].mean(), 1) for n in (3, 6, 12)]
    assert fall == [5.9, 3.7, 2.6]


def test_the_text_of_chapter_13_says_what_the_table_says():
    rows = wrong("ablation")
    assert all(len(x) == 4 for x in rows.values())
    iterations = effect(rows, lambda arm: "r = 3" in arm)
    assert round(iterations[0].mean(), 2) == -0.43
    assert (iterations[0] < 0).all()
    one = np.mean([x for arm, x in rows.items() if "r = 1" in arm])
    share = iterations[0].mean() / one
    assert -0.2 < share < -0.18  # "nearly a fifth"
    decoder = effect(rows, lambda arm: ", reconstruction" in arm)
    assert round(decoder[0].mean(), 2) == -0.01
    assert abs(decoder[1].high) < 0.001  # "reaches zero"
    apart = [
        rows[f"r = {r}, reconstruction"] - rows[f"r = {r}, no reconstruction"]
        for r in (1, 3)
    ]
    assert np.abs(apart).max() < 0.035  # "nearly the same"
    again = wrong("switches")["paper"]
    assert np.array_equal(rows["r = 3, reconstruction"], again)


def test_the_text_of_chapter_13_says_what_the_full_size_says():
    tiny, paper = wrong("switches"), wrong("switches-paper")
    assert all(len(x) == 4 for x in paper.values())
    small, large = (
        {s: effect(shares, lambda arm, s=s: s in on(arm)) for s in SWITCHES}
        for shares in (tiny, paper)
    )
    means = {s: round(x.mean(), 2) for s, (x, _) in large.items()}
    assert (means["scale"], means["bias"]) == (0.29, -0.06)
    order = [sorted(SWITCHES, key=lambda s: x[s][0].mean()) for x in (small, large)]
    assert order[0] == order[1]
    for s in SWITCHES:
        ratio = large[s][0].mean() / small[s][0].mean()
        assert 0 < ratio < (1.05 if s == "shifts" else 0.6)  # "smaller"
    told = {s for s, (_, x) in large.items() if x.low > 0 or x.high < 0}
    assert told == {"scale", "bias"}
    bias = [
        effect(
            {arm: x for arm, x in paper.items() if ("scale" in arm) == divided},
            lambda arm: "bias" in arm,
        )[0].mean()
        for divided in (False, True)
    ]
    assert bias[1] < bias[0] < 0


def rows_at_full_size():
    found = {}
    for run in load_record("gpu-table")["runs"]:
        assert run["errors"]["n"] == 30_000
        share = 100 * run["errors"]["errors"] / 30_000
        found.setdefault(run["arm"], []).append(share)
    return found


def test_the_text_of_chapter_13_says_what_the_table_at_full_size_says():
    rows, config = rows_at_full_size(), load_record("gpu-table")["config"]
    assert (config["preset"], config["epochs"]) == ("paper", 15)
    assert config["epochs"] * -(-30_000 // config["batch_size"]) == 3525
    assert 84 < 300_000 / 3525 < 86
    assert all(len(x) == 5 for x in rows.values())
    none, paper, more = (
        rows[f"r = 3, {x}"] for x in ("no reconstruction", "reconstruction", "20x")
    )
    one = rows["r = 1, reconstruction"]
    gain = paired_interval(more, none)
    assert [round(x, 2) for x in gain] == [0.03, 0.07]
    assert round(np.mean(none) - np.mean(more), 2) == 0.05
    assert all(b < a for a, b in zip(none, more, strict=True))
    assert 0.09 < 1 - np.mean(more) / np.mean(none) < 0.11  # "a tenth"
    assert 0.04 < 1 - np.mean(more) / np.mean(paper) < 0.06  # "a twentieth"
    for off, on_ in ((none, paper), (paper, more)):
        assert -0.01 < paired_interval(on_, off).low < 0.01  # "at the edge"
    assert f"{np.mean(paper):.2f} {np.mean(one):.2f}" == "0.50 0.47"
    assert [round(x, 2) for x in paired_interval(one, paper)] == [0.01, 0.05]
    low, high = paired_interval(one, more)
    assert low < 0 < high  # "as good as the best of them"
    low, high = paired_interval(rows["r = 1, no reconstruction"], one)
    assert low < 0 < high  # "needs no reconstruction"
    turned = {}
    for run in load_record("study-turning")["runs"]:  # chapter 10, upright
        turned.setdefault(run["arm"], []).append(run["errors"]["errors"])
    low, _ = paired_interval(turned["CapsNet, r = 3"], turned["CapsNet, r = 1"])
    assert low > 0  # "tiny learns better with three from 55,000 digits"
