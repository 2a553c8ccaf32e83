"""The doctor harms nobody, says what it did not see, and speaks to people and to CI."""

import copy
import json
import re

import pytest
import torch
from torch import nn

from capsnet_tutorial import load_pretrained
from capsnet_tutorial.capsnet import PRESETS, CapsNet, CapsNetConfig
from capsnet_tutorial.checks import (
    check,
    check_margin_loss,
    check_primary,
    check_reconstruction_loss,
    check_router,
    check_squash,
)
from capsnet_tutorial.checks.axes import squashed
from capsnet_tutorial.cli import main
from capsnet_tutorial.fast import speed_up
from capsnet_tutorial.layers import PrimaryCaps
from capsnet_tutorial.routing import DynamicRouter
from capsnet_tutorial.squash import squash
from capsnet_tutorial.variants import VARIANTS, build_variant
from capsnet_tutorial.variants.bugs import build_bug

TINY = PRESETS["tiny"]


def test_the_patient_is_left_as_it_was():
    net = build_bug("batchnorm-train-mode", TINY)
    net.extra = nn.BatchNorm2d(1)
    net.conv.register_forward_pre_hook(lambda conv, x: (net.extra(*x),))
    net.train()
    net.decoder.eval()
    before = copy.deepcopy(net.state_dict())
    modes = [module.training for module in net.modules()]
    hooks = len(net.conv._forward_pre_hooks)
    random = torch.get_rng_state()
    check(net)
    assert torch.equal(torch.get_rng_state(), random)
    assert [module.training for module in net.modules()] == modes
    assert len(net.conv._forward_pre_hooks) == hooks
    assert all(p.grad is None for p in net.parameters())
    for key, value in net.state_dict().items():
        assert torch.equal(value, before[key]), key


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64]
)
def test_any_dtype(dtype):
    torch.manual_seed(0)
    assert check(CapsNet(TINY).to(dtype)).ok
    bug = build_bug("logits-per-feature", TINY).to(dtype)
    assert check(bug).exhibits == ["logits-per-feature"]


@pytest.mark.parametrize(
    ("shape", "classes"), [((3, 36, 30), 4), ((1, 20, 20), 2), ((2, 24, 24), 33)]
)
def test_any_size_and_number_of_classes(shape, classes):
    config = CapsNetConfig(
        image_shape=shape, n_classes=classes, conv_channels=8, primary_types=3
    )
    report = check(CapsNet(config))
    assert report.ok, report
    assert len(report.right) >= 10


@pytest.mark.parametrize("name", ["tiny", "paper"])
def test_trained_weights_are_right(name):
    report = check(load_pretrained(name))
    assert report.ok, report
    assert len(report.right) >= 11


def test_fast_layers_are_right_as_far_as_they_can_be_seen():
    report = check(speed_up(CapsNet(TINY)))
    assert report.ok
    assert "squash of parents is Eq. 1" in report.right


EXPECTED = {
    "classifier": {"view-mixes-pixels", "weights-too-small"},
    "tensorflow2": {
        "view-mixes-pixels",
        "logits-per-feature",
        "squash-wrong-axis",
        "softmax-on-lengths",
    },
    "xifeng": {"view-mixes-pixels", "weights-too-small"},
    "labml": {"softmax-over-children"},
    "rotated": {"softmax-over-children", "softmax-on-lengths", "norm-nan"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_five_programs_of_chapter_11(name):
    torch.manual_seed(0)
    assert set(check(build_variant(name, config=TINY)).exhibits) == EXPECTED[name]
    mended = check(build_variant(name, VARIANTS[name].repairs, TINY))
    assert mended.ok, mended


def test_choices_are_no_bugs():
    report = check(
        CapsNet(CapsNetConfig(**{**vars(TINY), "n_iters": 5, "class_bias": True}))
    )
    assert report.ok
    assert report.choices["iterations"] == "5 (the paper: 3)"
    assert "class_caps.bias" in report.choices["bias"]
    report = check(build_variant("xifeng", ["view", "start", "epsilon"], TINY))
    assert "detached" in report.choices["gradient"]

    def halved(lengths, present):
        from capsnet_tutorial.losses import margin_loss

        return margin_loss(lengths, present) / 20

    report = check_margin_loss(halved)
    assert report.ok
    assert report.choices["scale of the margin loss"].startswith("0.05 times Eq. 4")
    report = check_reconstruction_loss(nn.functional.mse_loss)
    assert report.ok
    assert "weigh it with 0.392" in report.choices["reconstruction loss"]


class Plain(nn.Module):
    """No capsules at all."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 9), nn.ReLU(), nn.Flatten(), nn.Linear(1600, 10)
        )

    def forward(self, x):
        return self.net(x)


def test_what_it_cannot_see_it_does_not_claim():
    report = check(Plain())
    assert {"couplings", "primary capsules", "logits"} <= report.unchecked.keys()
    assert "no softmax was seen" in report.unchecked["couplings"]
    assert not any("coupling" in what for what in report.right)
    assert "not passed" in report.unchecked["margin loss"]


def test_what_it_cannot_take_is_refused(as_users_run_it):
    with pytest.raises(TypeError, match=r"a function; pass a torch.nn.Module, or use"):
        check(squash)
    with pytest.raises(ValueError, match=r"no images were found .* pass images="):
        check(nn.Linear(3, 4))
    with pytest.raises(ValueError, match=r"neither lengths .* nor poses"):
        check(nn.Conv2d(1, 4, 9))


def test_functions_with_their_axes_given():
    assert check_router(DynamicRouter(2)).ok
    assert check_router(DynamicRouter(3), axes="b i j e", n_iters=3).ok
    unknown = check_router(DynamicRouter(3), n_iters=4)
    assert unknown.unchecked
    assert not unknown.right
    assert check_squash(lambda s: squash(s.mT).mT, axis=-2).ok
    assert check_squash(lambda s: squash(s.mT).mT).exhibits == ["squash-wrong-axis"]
    assert check_primary(PrimaryCaps(20, 4, 6)).ok
    report = check(
        CapsNet(TINY), router=DynamicRouter(3), squash=squash, primary=PrimaryCaps(8, 3)
    )
    assert "routing is Procedure 1 with 3 iterations, axes b i j e" in report.right


def test_a_finding_says_all_that_is_needed():
    torch.manual_seed(0)
    report = check(build_bug("softmax-over-children", TINY))
    (finding,) = report.findings
    assert "plants.py" in finding.where
    assert "softmax(dim=1)" in finding.where
    assert "over 10 parents" in finding.expected
    assert "288 children" in finding.came
    assert finding.mend == "logits.softmax(dim=2)"
    assert finding.page == "book/12_museum.html#softmax-over-children"
    said = str(report)
    assert said.startswith("✗ softmax-over-children: ")
    assert "1 wrong" in said.splitlines()[-1]
    content = json.loads(report.to_json())
    assert content["ok"] is False
    assert content["findings"][0]["mend"] == finding.mend


PROGRAM = """
import torch
from capsnet_tutorial.capsnet import PRESETS
from capsnet_tutorial.variants.bugs import build_bug

class Wrong(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = build_bug("shared-logits", PRESETS["tiny"])

    def forward(self, images):
        return self.net(images).lengths

ready = Wrong()
NUMBER = 3
"""


def test_from_a_shell(tmp_path, capsys):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    for name in ("Wrong", "ready"):
        assert main(["check", f"{path}:{name}", "--json"]) == 1
        (finding,) = json.loads(capsys.readouterr().out)["findings"]
        assert finding["exhibit"] == "shared-logits"
    assert main(["check", "tiny"]) == 0
    assert "0 wrong" in capsys.readouterr().out
    assert main(["check", "capsnet_tutorial:CapsNet"]) == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "'nothing' is no finished run, and none of paper, tiny"),
        ("{path}:Missing", "has no Missing"),
        ("{path}:NUMBER", "NUMBER in .* is a int; name a torch.nn.Module"),
        ("{folder}/none.py:Net", "cannot import .*none.py"),
        ("no_such_package:Net", "cannot import no_such_package"),
    ],
)
def test_names_that_lead_nowhere(tmp_path, capsys, name, message):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    assert main(["check", name.format(path=path, folder=tmp_path)]) == 1
    assert re.search(f"^capsnet check: .*{message}", capsys.readouterr().err)


def test_squash_along_an_axis_and_number_by_number():
    x = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    along = torch.tensor([[3.0, 4.0], [0.0, 1.0]]) * torch.tensor([[5 / 26], [1 / 2]])
    torch.testing.assert_close(squashed(x, 1), along)
    each = torch.tensor([[9 / 10, 16 / 17], [0.0, 1 / 2]])
    torch.testing.assert_close(squashed(x, None), each)


def test_logits_per_feature_are_counted():
    report = check(build_bug("logits-per-feature", TINY))
    found = next(x for x in report.findings if x.exhibit == "logits-per-feature")
    assert found.came.startswith(f"{TINY.class_dim} different ones")


class RootOfNothing(nn.Module):
    """Lengths as a root without an epsilon: 0 is right, its slope is no number."""

    def __init__(self):
        super().__init__()
        self.net = CapsNet(TINY)

    def forward(self, images):
        return self.net(images).pose.square().sum(dim=-1).sqrt()


def test_a_slope_that_is_no_number_is_found():
    torch.manual_seed(0)
    found = {x.exhibit: x.came for x in check(RootOfNothing()).findings}
    assert found["norm-nan"] == "the slope is NaN"


def test_a_squash_whose_slope_is_no_number_is_found():
    def rooted(s):
        n = s.square().sum(dim=-1, keepdim=True).sqrt()
        return s * n / (1 + n**2)  # 0 at 0, as Eq. 1

    (found,) = check_squash(rooted).findings
    assert found.exhibit == "norm-nan"
    assert check_squash(squash).ok
