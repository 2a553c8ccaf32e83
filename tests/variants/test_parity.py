"""Each variant is its document: outputs and gradients, against numpy in float64."""

import documents
import numpy as np
import pytest
import torch
from sizes import SIZES

from capsnet_tutorial import present_classes
from capsnet_tutorial.variants import VARIANTS, build_variant
from capsnet_tutorial.variants.convert import NAMES, NETWORKS

T, D = SIZES.primary_types, SIZES.primary_dim
FORWARD = {
    "classifier": lambda w, x: documents.xifeng(w, x, D)[:2],
    "tensorflow2": lambda w, x: documents.tensorflow2(w, x, T, D, 3),
    "xifeng": lambda w, x: documents.xifeng(w, x, D)[:2],
    "labml": lambda w, x: documents.labml(w, x, D),
    "rotated": lambda w, x: documents.rotated(w, x, D),
}
LOSS = {
    "classifier": documents.classifier_loss,
    "tensorflow2": lambda w, x, t, d: documents.tensorflow2_loss(w, x, t, T, d),
    "xifeng": documents.xifeng_loss,
    "labml": documents.labml_loss,
    "rotated": documents.rotated_loss,
}
MATRICES = {name: NAMES[name]["class_caps.weight"][0] for name in NETWORKS}
MATRICES["classifier"] = MATRICES["xifeng"]
every_variant = pytest.mark.parametrize("name", VARIANTS)


def built(name):
    """The variant with weights that move the couplings, images and labels."""
    net = build_variant(name, config=SIZES).double()
    with torch.no_grad():
        net.get_parameter(MATRICES[name]).normal_(std=4)
    images = torch.rand(4, *SIZES.image_shape, dtype=torch.float64)
    return net, images, present_classes(torch.tensor([2, 0, 1, 0]), 3)


def arrays(net):
    return {name: x.detach().numpy().copy() for name, x in net.state_dict().items()}


def test_all_variants_are_read_here():
    assert FORWARD.keys() == LOSS.keys() == VARIANTS.keys()


@every_variant
def test_outputs_are_those_of_the_document(name):
    net, images, present = built(name)
    output = net(images, present)
    lengths, pose = FORWARD[name](arrays(net), images.numpy())
    if name == "tensorflow2":
        pose = pose.transpose(0, 2, 1)
    np.testing.assert_allclose(output.lengths.detach(), lengths, rtol=1e-11)
    np.testing.assert_allclose(output.pose.detach(), pose, rtol=1e-10, atol=1e-13)


@every_variant
def test_the_loss_is_that_of_the_document(name):
    net, images, present = built(name)
    total = net.losses(net(images, present), images, present).total
    expected = LOSS[name](arrays(net), images.numpy(), present.numpy(), D)
    assert total.item() == pytest.approx(expected, rel=1e-11)


@every_variant
def test_gradients_are_those_of_the_document_by_finite_differences(name):
    """Along a random direction for each parameter."""
    net, images, present = built(name)
    total = net.losses(net(images, present), images, present).total
    parameters = dict(net.named_parameters())
    gradients = torch.autograd.grad(total, list(parameters.values()))
    weights, keep = arrays(net), {}
    if name in ("classifier", "xifeng"):  # early iterations are cut off
        keep["keep"] = documents.xifeng(weights, images.numpy(), D)[2]
    given = images.numpy(), present.numpy(), D
    step, seen = 1e-7, 0  # small: no ReLU changes sides
    for (key, parameter), gradient in zip(parameters.items(), gradients, strict=True):
        way = torch.randn_like(parameter).numpy()
        ends = [
            LOSS[name]({**weights, key: weights[key] + h * way}, *given, **keep)
            for h in (step, -step)
        ]
        slope = (gradient.numpy() * way).sum()
        found = (ends[0] - ends[1]) / (2 * step)
        assert found == pytest.approx(slope, rel=1e-5, abs=1e-7), key
        seen += 1
    assert seen >= 5


def test_the_couplings_of_these_tests_are_far_from_even():
    """Otherwise a variant without routing would pass."""
    net, images, _ = built("xifeng")
    couplings = documents.xifeng(arrays(net), images.numpy(), D)[2]
    assert abs(couplings[0] - 1 / 3).max() < 1e-12
    assert abs(couplings[-1] - 1 / 3).max() > 0.3
