"""Weights go from one layout to another and back, and no number changes."""

import pytest
import torch
from sizes import SIZES

from capsnet_tutorial import CapsNet
from capsnet_tutorial.variants import VARIANTS, build_variant, convert_weights
from capsnet_tutorial.variants.convert import LAYOUTS, NETWORKS

THEIRS = [layout for layout in LAYOUTS if layout != "ours"]
every_layout = pytest.mark.parametrize("layout", THEIRS)


def needed(layout):
    """Repairs without which outputs differ."""
    return [name for name, repair in NETWORKS[layout].repairs.items() if repair.outputs]


@every_layout
def test_there_and_back_is_exact(layout):
    ours = CapsNet(SIZES).state_dict()
    theirs = convert_weights(ours, "ours", layout, needed(layout))
    back = convert_weights(theirs, layout, "ours", needed(layout))
    assert back.keys() == ours.keys()
    assert all(torch.equal(back[name], x) for name, x in ours.items())


@every_layout
def test_names_and_shapes_are_those_of_the_variant(layout):
    ours = CapsNet(SIZES).state_dict()
    theirs = convert_weights(ours, "ours", layout, needed(layout))
    expected = VARIANTS[layout](SIZES, VARIANTS[layout].repairs).state_dict()
    shapes = {name: x.shape for name, x in theirs.items() if "decoder" not in name}
    assert shapes == {n: x.shape for n, x in expected.items() if "decoder" not in n}


def test_tensorflow_has_channels_last_and_an_axis_more():
    config = CapsNet().state_dict()
    theirs = convert_weights(config, "ours", "tensorflow2", needed("tensorflow2"))
    assert theirs["digit_cap.wij"].shape == (1, 1152, 10, 16, 8)
    assert theirs["conv1.kernel"].shape == (9, 9, 1, 256)
    kernel = theirs["prim_cap.conv2.kernel"]
    assert kernel.shape == (9, 9, 256, 256)
    # Number 3 of type 5: our channel 5 * 8 + 3, there 3 * 32 + 5.
    ours = config["primary_caps.conv.weight"]
    assert torch.equal(kernel[..., 3 * 32 + 5], ours[5 * 8 + 3].permute(1, 2, 0))


@pytest.mark.parametrize(
    ("layout", "line"),
    [
        ("xifeng", r"outputs\.view\(x\.size\(0\), -1, self\.dim_caps\)"),
        ("tensorflow2", r"tf\.transpose\(capsules, \[0, 4, 3, 1, 2\]\)"),
        ("labml", r"nn\.Softmax\(dim=1\)"),
        ("rotated", r"softmax\(logits, dim=2\)"),
    ],
)
def test_a_network_that_computes_something_else_is_refused_by_its_line(layout, line):
    state = build_variant(layout, config=SIZES).state_dict()
    with pytest.raises(ValueError, match=f"gives other outputs.*{line}"):
        convert_weights(state, layout, "ours")


def test_of_all_that_is_wrong_only_what_is_not_mended_is_said():
    state = CapsNet(SIZES).state_dict()
    with pytest.raises(ValueError, match=r'with "logits": [^;]*; "lengths": [^;]*$'):
        convert_weights(
            state, "ours", "tensorflow2", ["reshape", "squash", "axis", "start"]
        )


@pytest.mark.parametrize(
    ("from_", "to"), [("ours", "keras"), ("xifeng", "labml"), ("labml", "labml")]
)
def test_other_layouts_are_refused(from_, to):
    with pytest.raises(ValueError, match='pass "ours" and one of ours, labml, '):
        convert_weights({}, from_, to)


def test_a_missing_and_a_surplus_tensor_are_named():
    state = CapsNet(SIZES).state_dict()
    state["class_caps.other"] = state.pop("class_caps.weight")
    with pytest.raises(
        ValueError,
        match=r"missing \['class_caps.weight'\], unexpected \['class_caps.ot",
    ):
        convert_weights(state, "ours", "labml", ["axis"])


def test_an_unknown_repair_is_named():
    state = CapsNet(SIZES).state_dict()
    with pytest.raises(ValueError, match=r"unknown repairs \['axes'\]"):
        convert_weights(state, "ours", "labml", ["axes"])
