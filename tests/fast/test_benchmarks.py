"""The benchmarks: every formulation computes what it should, and the table is right."""

import itertools
import json
import subprocess
import sys

import pytest
import torch
from built import ROOT

from capsnet_tutorial import CapsNetConfig, train_step

sys.path.insert(0, str(ROOT / "benchmarks"))
import run
import step
import table
from formulations import Seed002Caps
from rows import BENCH, FORMULATIONS, LADDER, OTHERS

SMALL = CapsNetConfig((1, 17, 19), 7, 11, 2, 8, 13, 3, (5,))
COMPILED = [name for name, row in FORMULATIONS.items() if row.compiled]


@pytest.mark.parametrize("name", [n for n in FORMULATIONS if n not in COMPILED])
def test_every_formulation_runs(name):
    row = FORMULATIONS[name]
    assert len(step.measure(row, SMALL, 3, warmups=0, repetitions=2)["seconds"]) == 2


def test_there_are_as_many_as_the_documents_say():
    assert (len(BENCH), len(LADDER), len(OTHERS), len(COMPILED)) == (9, 6, 13, 2)


@pytest.mark.parametrize("name", [n for n in FORMULATIONS if n not in COMPILED])
def test_every_class_layer_is_the_readable_one_in_other_words(name):
    """The times are of the same work.  Only seed 002 cuts gradients: see next test."""
    row = FORMULATIONS[name]
    if row.part == "convolutions":
        return
    torch.manual_seed(3)
    readable = FORMULATIONS["readable"].build(SMALL).class_caps
    torch.manual_seed(3)
    layer = row.build(SMALL)
    layer = getattr(layer, "class_caps", layer)
    poses = torch.randn(3, SMALL.n_primary, 8)
    results = []
    for caps in (readable, layer):
        leaf = poses.clone().requires_grad_()
        pose = caps(leaf)
        (grad,) = torch.autograd.grad(pose[:, 1].sum(), leaf)
        results.append((pose, grad))
    torch.testing.assert_close(results[1][0], results[0][0], rtol=1e-4, atol=1e-6)
    same = torch.allclose(results[1][1], results[0][1], rtol=1e-3, atol=1e-5)
    assert same != (name == "seed-002")


def test_seed_002_without_the_cut_has_all_gradients():
    readable = FORMULATIONS["readable"].build(SMALL).class_caps
    poses = torch.randn(3, SMALL.n_primary, 8, requires_grad=True)
    expected, full, cut = (
        torch.autograd.grad(caps(poses)[:, 1].sum(), poses)[0]
        for caps in (readable, Seed002Caps(readable, cut=False), Seed002Caps(readable))
    )
    torch.testing.assert_close(full, expected, rtol=1e-4, atol=1e-6)
    assert not torch.allclose(cut, expected, rtol=1e-2, atol=1e-5)


@pytest.mark.parametrize("name", ["seed-002", "seed-003", "ours-bf16"])
def test_the_timed_step_learns(name, monkeypatch):
    """It would not, if the weights were rounded once for all steps."""
    losses = []
    monkeypatch.setattr(
        step, "train_step", lambda *args: losses.append(train_step(*args).margin)
    )
    timed = step.whole_step(FORMULATIONS[name], SMALL, 3)
    for _ in range(13):
        timed()
    assert losses[-1] < 0.7 * losses[0]


def test_each_rung_of_the_ladder_adds_one_thing():
    rungs = [vars(row) for row in LADDER.values()]
    for low, high in itertools.pairwise(rungs):
        changed = [key for key in low if low[key] != high[key] and key != "says"]
        assert len(changed) == 1, changed
    assert len(rungs) == 6


def test_medians_and_verdicts():
    runs = [
        {"seconds": [0.5, 0.1], "memory_mb": 300.0},
        {"seconds": [0.3], "memory_mb": 100.0},
    ]
    summary = table.summarise("ours-bf16", runs, batch_size=30)
    assert summary["seconds"] == 0.3
    assert summary["quartiles"] == [0.2, 0.4]
    assert summary["images_per_second"] == 100
    assert summary["memory_mb"] == 200
    rows = {name: {"seconds": 1.0, "memory_mb": 10} for name in BENCH}
    rows["seed-002"] = {"seconds": 5.0, "memory_mb": 20}
    met = [(a["ratio"], a["met"]) for a in table.compare(rows)]
    assert met[:3] == [(1, True), (5, True), (1, False)]
    assert met[4] == (0.5, False)


def test_what_others_take_counts_from_the_processors_that_we_use(monkeypatch):
    monkeypatch.setattr(run.os, "cpu_count", lambda: 4)
    runs = {"a": [{"others": 0.3, "threads": 1}], "b": [{"others": 0.8, "threads": 1}]}
    assert run.taken(runs) == pytest.approx(0.05)
    assert run.taken({"a": [{"others": None, "threads": 1}]}) is None


def test_a_process_of_its_own_reports_seconds_and_memory():
    options = ["--preset", "tiny", "--batch-size", "2", "--repetitions", "3"]
    answer = run.run_once("ours-bf16", [*options, "--threads", "1"])
    assert len(answer["seconds"]) == 3
    assert 10 < answer["memory_mb"] < 2000
    assert answer["threads"] == 1


def test_large_pages_are_asked_for_where_said(monkeypatch):
    asked = []

    def pretend(command, env, **_):
        asked.append(env.get("GLIBC_TUNABLES"))
        return subprocess.CompletedProcess(command, 0, json.dumps({}))

    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    monkeypatch.setattr(run.subprocess, "run", pretend)
    run.run_once("conv", [])
    run.run_once("huge-pages", [])
    assert asked == [None, "glibc.malloc.hugetlb=1"]
