"""A study is what its file says; what cannot be meant is refused by name."""

import pytest

from capsnet_tutorial.experiments import load_study, study_names
from capsnet_tutorial.experiments.study import read_study
from capsnet_tutorial.runs import TrainConfig

TEXT = """
question = "Does it matter?"
seeds = 3
count_on = "mini-val"
measures = ["errors", "start"]

[base]
preset = "tiny"
data = "mini"

[arms.ours]
[arms."labml, mended"]
variant = "labml"
repair = ["axis"]
"""


def study(tmp_path, old="", new=""):
    assert old in TEXT
    path = tmp_path / "some.toml"
    path.write_text(TEXT.replace(old, new) if old else TEXT)
    return read_study(path)


def test_every_arm_has_every_seed_and_seeds_come_one_after_the_other(tmp_path):
    trials = study(tmp_path).trials()
    assert [(t.arm, t.config.seed) for t in trials] == [
        (arm, seed) for seed in range(3) for arm in ("ours", "labml, mended")
    ]
    assert trials[0].config == TrainConfig(preset="tiny", data="mini", seed=0)
    assert trials[1].config.repair == ("axis",)
    folders = [trial.folder for trial in trials[:2]]
    assert folders == ["ours/seed-0", "labml-mended/seed-0"]


def test_a_study_can_be_cut_and_extended(tmp_path):
    whole = study(tmp_path)
    assert whole.trials(1) == whole.trials()[:2]
    assert whole.trials(5)[:6] == whole.trials()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"mini-val"', '"test"', "count_on test unknown; write some of val, mini-val"),
        ('"start"', '"luck"', "measures luck unknown; write some of errors, start"),
        ('preset = "tiny"', "size = 3", "unexpected keyword argument 'size'"),
        ('preset = "tiny"', 'preset = "huge"', "preset is 'huge'"),
        ("seeds = 3", "", r"missing \['seeds'\], unexpected \[\]"),
        ("[base]", "[bass]", r"missing \['base'\], unexpected \['bass'\]"),
        ("seeds = 3", "seeds = ", "some.toml: Invalid value"),
        ("[arms.ours]", '[arms."labml mended"]', "two arms have nearly the same name"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        study(tmp_path, old, new)


@pytest.mark.parametrize("name", study_names())
def test_the_studies_of_the_book_can_be_read(name):
    assert load_study(name).trials()


@pytest.mark.parametrize("name", ["luck", "../study", ""])
def test_another_name_is_refused(name):
    with pytest.raises(ValueError, match="is unknown; pass one of"):
        load_study(name)
