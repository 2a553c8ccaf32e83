"""What "Should I use a capsule network?" says is in the records."""

from statistics import mean

from built import ROOT

from capsnet_tutorial.records import load_record

TEXT = " ".join((ROOT / "book" / "should.md").read_text(encoding="utf-8").split())


def by_arm(study, of):
    found = {}
    for run in load_record(f"study-{study}")["runs"]:
        found.setdefault(run["arm"], []).append(of(run))
    return found


def percent(found):
    return 100 * found["errors"] / found["n"]


def test_the_cost_of_a_step():
    steps = by_arm("turning", lambda run: 1000 * run["seconds"] / run["steps"])
    tiny, cnn = (min(steps[arm]) for arm in ("CapsNet, r = 3", "CNN"))
    assert f"takes {tiny:.0f} ms a step on one core, a CNN {cnn:.0f}." in TEXT


def test_what_was_found():
    turned = by_arm("turning", lambda run: run["moved"]["turn"])
    at = {
        arm: [x["right"][x["by"].index(30)] for x in runs]
        for arm, runs in turned.items()
    }
    net, cnn = (100 * mean(at[arm]) / 2000 for arm in ("CapsNet, r = 3", "CNN"))
    assert (
        f"at 30 degrees {net:.1f} % right; a CNN of the same size {cnn:.1f} %" in TEXT
    )
    routed = by_arm("routing", lambda run: percent(run["errors"]))
    three, one = (mean(routed[arm]) for arm in ("r = 3", "r = 1"))
    assert f"{three:.2f} % wrong with three iterations, {one:.2f} % with one" in TEXT
    one, three = (
        mean(
            percent(run["errors"])
            for run in load_record("gpu-table")["runs"]
            if run["arm"] == f"r = {r}, reconstruction"
        )
        for r in (1, 3)
    )
    assert f"at full size one is the better, {one:.2f} % and {three:.2f} %" in TEXT
    stacked = by_arm("stacking", lambda run: percent(run["errors"]))
    two, one = (mean(stacked[arm]) for arm in ("two layers", "one layer"))
    assert f"{two:.2f} % wrong with two layers, {one:.2f} % with one" in TEXT
    pairs = by_arm("overlaps", lambda run: percent(run["pairs"]))
    three, one, cnn = (
        mean(pairs[arm]) for arm in ("three iterations", "one iteration", "CNN")
    )
    assert f"{three:.1f} wrong with three iterations and {one:.1f} with one" in TEXT
    assert f"a CNN of the same size, {cnn:.1f}" in TEXT


def test_one_switch_helps_by_a_tenth():
    switches = by_arm("switches", lambda run: percent(run["errors"]))
    off, on = (
        mean(mean(x) for arm, x in switches.items() if ("bias" in arm) == there)
        for there in (False, True)
    )
    assert 0.08 < (off - on) / off < 0.12
