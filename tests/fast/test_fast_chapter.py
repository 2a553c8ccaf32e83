"""Every measured number in the prose of "Making it fast" is that of a record."""

import json
import re

import nbformat
import pytest
from built import ROOT

from capsnet_tutorial.fast.routing import PART_BYTES
from capsnet_tutorial.records import load_record

CHAPTER = nbformat.read(ROOT / "book" / "14_fast.ipynb", as_version=4)
PROSE = "\n".join(c.source for c in CHAPTER.cells if c.cell_type == "markdown")
LEVERS, BEFORE, BENCH = (
    json.loads((ROOT / "data" / "results" / f"bench-{name}.json").read_text())
    for name in ("levers", "cpu-before", "cpu")
)
ROWS = {**BENCH["rows"], **LEVERS["rows"]}  # a row in both: that of the levers
MEASURED = re.compile(r"\d[\d.,]* (?:s\b|ms\b|MB\b|%|times faster)")
COUNTED = ["2 MB", "4 MB", "24 MB"]  # a large page; PART_BYTES now, and once


def seconds(name):
    return f"{ROWS[name]['seconds']:.2f} s"


def faster(slow, fast):
    ratio = ROWS[slow]["seconds"] / ROWS[fast]["seconds"]
    return f"{ratio:.1f} times faster"


def share(part, whole, key):
    return f"{100 * ROWS[part][key] / ROWS[whole][key]:.0f} %"


def saved(part, whole):
    return f"{100 * (1 - ROWS[part]['seconds'] / ROWS[whole]['seconds']):.0f} %"


SENTENCES = {
    "ladder": (
        f"From {seconds('readable')} to {seconds('conv')} for the same step: "
        f"{faster('readable', 'conv')}"
    ),
    "routing": f"{saved('no-votes', 'readable')} of the time of the readable step",
    "no-votes": (
        f"the last but one, is {faster('routing-readable-fp32', 'routing-fast')} than "
        f"the readable router at its best, and takes "
        f"{share('routing-fast', 'routing-readable-fp32', 'memory_mb')} of its memory. "
        f"With the gradients left to autograd it is "
        f"{faster('routing-readable-fp32', 'routing-no-votes')}"
    ),
    "parts": (
        f"needs {ROWS['routing-in-parts']['memory_mb']} MB instead of "
        f"{ROWS['routing-readable']['memory_mb']} MB, and is "
        f"{faster('routing-readable', 'routing-in-parts')}"
    ),
    "bf16": f"falls from {seconds('no-votes')} to {seconds('bf16')}",
    "order": f"{seconds('bf16')} before, {seconds('channels-last')} after",
    "fused": f"{seconds('channels-last')} before, {seconds('fused')} after",
    "conv": f"falls from {seconds('fused')} to {seconds('conv')}",
    "conv-fp32": (
        f"{seconds('ours-fp32')} without them and {seconds('conv-fp32')} with them"
    ),
    "pages": f"{seconds('conv')} without, {seconds('huge-pages')} with",
    "floor": f"{seconds('floor-bf16')} without them and {seconds('floor-conv-bf16')}",
}


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
def test_the_sentence_is_in_the_chapter(sentence):
    assert PROSE.count(sentence) == 1


def test_no_other_measured_number_is():
    sentences = [n for s in SENTENCES.values() for n in MEASURED.findall(s)]
    assert sorted(MEASURED.findall(PROSE)) == sorted(COUNTED + sentences)
    assert len(sentences) > 15


def test_the_picture_says_in_words_what_the_record_says():
    (cell,) = [c for c in CHAPTER.cells if "plots.bars" in c.source]
    alt = cell.metadata["mystnb"]["image"]["alt"]
    for name in ("readable", "conv"):
        assert f"{ROWS[name]['seconds']:.2f} seconds" in alt


def scatter(name):
    low, high = ROWS[name]["quartiles"]
    return low, high


@pytest.mark.parametrize(
    ("before", "after"), [("channels-last", "fused"), ("conv", "huge-pages")]
)
def test_what_is_said_to_be_within_the_scatter_is(before, after):
    (low, high), (lower, higher) = scatter(before), scatter(after)
    assert max(low, lower) < min(high, higher)


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        ("readable", "no-votes"),
        ("no-votes", "bf16"),
        ("bf16", "channels-last"),
        ("fused", "conv"),
        ("conv-fp32", "ours-fp32"),
        ("routing-readable", "routing-readable-fp32"),
        ("routing-readable", "routing-in-parts"),
        ("routing-two-matmuls", "routing-compiled"),
        ("routing-compiled", "routing-no-votes"),
        ("routing-no-votes", "routing-fast"),
        ("routing-fast", "routing-fast-compiled"),
        ("floor-bf16", "floor-conv-bf16"),
    ],
)
def test_what_is_said_to_be_faster_is(slow, fast):
    assert ROWS[fast]["seconds"] < ROWS[slow]["seconds"]


@pytest.mark.parametrize("record", [BEFORE, BENCH])
def test_a_whole_step_takes_about_as_long_as_the_convolutions_of_pytorch(record):
    rows = record["rows"]
    ratio = rows["ours-bf16"]["seconds"] / rows["floor-bf16"]["seconds"]
    assert 0.9 < ratio < 1.1


def test_all_seven_targets_were_reached_twice():
    for record in (BEFORE, BENCH):
        assert [target["met"] for target in record["targets"]] == [True] * 7
    assert BEFORE["code"] == BENCH["code"]


def test_parts_are_as_large_as_said():
    assert PART_BYTES == 4 * 2**20


def test_records_are_of_committed_code_and_enough_repetitions():
    for record in (LEVERS, BEFORE, BENCH):
        assert record["code"]["dirty"] is False
        assert all(row["repetitions"] >= 15 for row in record["rows"].values())
        assert record["taken_by_others"] < 0.05


def test_the_text_says_what_the_gpu_says():
    epoch = load_record("gpu-epoch")
    assert epoch["device"]["name"].startswith("NVIDIA H100")
    assert epoch["cuda_graph"] is True
    assert round(min(epoch["epoch_seconds"][1:]), 1) == 0.9
    assert epoch["losses"][-1] < 0.02  # it learned
    assert epoch["config"]["precision"] == "bfloat16"
    dead = load_record("gpu-epoch-dead")  # of the same program, before it was mended
    assert dead["versions"]["torch"] == epoch["versions"]["torch"] == "2.11.0"
    seconds = f"{dead['epoch_seconds'][-1]:.2f} seconds"
    losses = "{:.3f}, {:.3f} and {:.3f}".format(*dead["losses"])
    assert f"an epoch took {seconds}, and the losses" in PROSE
    assert losses in PROSE
