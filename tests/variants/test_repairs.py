"""Each deviation breaks an invariant that the mended network keeps.

All tests run twice: the variant as it is written must fail the invariant, and with the
one repair it must pass.
"""

import functools

import pytest
import torch
from einops import einsum, repeat
from sizes import SIZES
from torch.nn import functional as F

from capsnet_tutorial import (
    CapsNet,
    CapsNetOutput,
    margin_loss,
    present_classes,
)
from capsnet_tutorial.variants import VARIANTS, build_variant, convert_weights
from capsnet_tutorial.variants.convert import NETWORKS

T, D, J, E = 2, 5, 3, 11
B, I = 4, 12  # noqa: E741  the axis key


def images(n=B):
    return torch.rand(n, *SIZES.image_shape)


def poses(n=B):
    return torch.randn(n, I, D)


# ------------------------------------------------------------------ primary capsules


def lit_capsules(net, name):
    """How many capsules are not zero if one place of the maps is lit."""
    maps = torch.zeros(1, T * D, 2, 3)
    maps[:, :, 1, 2] = 1
    if name == "tensorflow2":
        net.prim_cap.conv2.forward = lambda x: maps.permute(0, 2, 3, 1)
        capsules = net.prim_cap(torch.zeros(1, 1, 1, 1))[:, :, 0, :, 0]
    else:
        net.primarycaps.conv2d.forward = lambda x: maps
        capsules = net.primarycaps(torch.zeros(1, 1, 1, 1))
    return int((capsules.norm(dim=-1) > 0).sum())


def one_place_lights_one_capsule_of_each_type(net, name):
    return lit_capsules(net, name) == T


def primary_capsules_are_shorter_than_one(net, name):
    capsules = net.prim_cap(100 * torch.rand(B, 11, 13, 7))
    return bool((capsules.norm(dim=3) <= 1).all())


# ------------------------------------------------------------------ routing


def parents_share_equal_votes(net, name):
    """I tiny votes for each of J parents: each gets I / J of them, not one."""
    route, tiny = (net.router if name == "labml" else net.digits), 0.01
    with torch.no_grad():
        matrices = next(route.parameters())  # (i j d e) or (j i d e)
        matrices.zero_()[..., 0, 0] = 1
    u = torch.zeros(1, I, D)
    u[..., 0] = tiny
    total = torch.tensor(I / J * tiny)
    return torch.allclose(route(u).norm(dim=-1), total**2 / (1 + total**2), rtol=0.01)


def turned_votes_give_turned_poses(net, name):
    """The same rotation of all votes in the space of poses."""
    turn, _ = torch.linalg.qr(torch.randn(E, E))
    u = repeat(poses(), "b i d -> b i j d 1", j=J)
    before = net.digit_cap(u)
    with torch.no_grad():
        wij = net.digit_cap.wij
        wij.copy_(einsum(turn, wij, "f e, a i j e d -> a i j f d"))
    after = einsum(turn, before, "f e, b e j -> b f j")
    return torch.allclose(net.digit_cap(u), after, atol=1e-5)


def a_class_is_squashed_by_itself(net, name):
    s = torch.randn(B, E, J)
    other = s.clone()
    other[:, :, 1] *= 3
    before, after = net.digit_cap.squash(s), net.digit_cap.squash(other)
    return torch.allclose(before[:, :, ::2], after[:, :, ::2])


def routing_has_three_rounds(net, name):
    """Two and three rounds differ; the router has as many as its config says."""
    net.digits.route_weights.data.mul_(4)
    two = build_variant(name, net.mended, SIZES)
    two.load_state_dict(net.state_dict())
    two.digits.num_iterations = 2
    u = poses()
    return not torch.allclose(net.digits(u), two.digits(u))


def gradients_reach_every_iteration(net, name):
    """The slope of the loss along W, by differences, is the gradient."""
    net = net.double()
    net.digitcaps.weight.data.mul_(300)  # couplings that depend on the votes
    u, way = poses().double(), torch.randn_like(net.digitcaps.weight)

    def loss(w):
        pose = torch.func.functional_call(net.digitcaps, {"weight": w}, u)
        return pose[:, 0].norm(dim=-1).sum()

    w = net.digitcaps.weight.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(w), w)
    with torch.no_grad():
        slope = (loss(w + 1e-6 * way) - loss(w - 1e-6 * way)) / 2e-6
    return torch.isclose((gradient * way).sum(), slope, rtol=1e-5).item()


# ------------------------------------------------------------------ lengths and losses


def capsules_start_alive(net, name):
    """At the paper's sizes: shorter than 0.1, and longer than a tenth of that.

    Other repairs that lengths depend on are made, so that this one is seen alone.
    """
    start = {"start"} & net.mended
    torch.manual_seed(0)
    net = build_variant(name, (net.repairs.keys() - {"start"}) | start)
    with torch.no_grad():
        mean = net(torch.rand(2, 1, 28, 28)).lengths.mean()
    return 0.01 < mean < 0.1


def short_vectors_are_shrunk_as_eq_1_says(net, name):
    squash = net.squash if name == "labml" else net.primarycaps.squash
    s = torch.zeros(1, E)
    s[0, 0] = 1e-4 if name == "labml" else 1e-8
    return squash(s).norm().item() == pytest.approx(
        s[0, 0].item() ** 2, rel=1e-3, abs=0
    )


def zero_stays_zero(net, name):
    return bool(net.squash(torch.zeros(1, E)).isfinite().all())


def two_classes_can_be_long(net, name):
    """Nothing makes the lengths of one image sum to 1."""
    return not torch.allclose(net(images()).lengths.sum(dim=1), torch.ones(B))


def margin_at(net, length):
    """The loss where the true class is so long, and all others 0."""
    present = present_classes(torch.tensor([0, 2, 1, 1]), J)
    lengths = length * present.float()
    output = CapsNetOutput(F.pad(lengths[..., None], (0, E - 1)), lengths, None)
    return net.losses(output, images(), present).margin.item()


def a_perfect_answer_costs_nothing(net, name):
    return margin_at(net, 1.0) == 0


def the_margin_is_squared(net, name):
    """0.8 where 0.9 is asked: 0.1 squared."""
    return margin_at(net, 0.8) == pytest.approx(0.01, rel=1e-4)


def an_image_does_not_see_its_batch(net, name):
    x = images()
    return torch.allclose(net.train()(x).lengths[:1], net(x[:1]).lengths, atol=1e-6)


INVARIANTS = {
    "classifier": {
        "loss": a_perfect_answer_costs_nothing,
        "view": one_place_lights_one_capsule_of_each_type,
        "gradient": gradients_reach_every_iteration,
        "start": capsules_start_alive,
        "epsilon": short_vectors_are_shrunk_as_eq_1_says,
    },
    "tensorflow2": {
        "reshape": one_place_lights_one_capsule_of_each_type,
        "squash": primary_capsules_are_shorter_than_one,
        "logits": turned_votes_give_turned_poses,
        "axis": a_class_is_squashed_by_itself,
        "lengths": two_classes_can_be_long,
        "start": capsules_start_alive,
    },
    "xifeng": {
        "view": one_place_lights_one_capsule_of_each_type,
        "gradient": gradients_reach_every_iteration,
        "start": capsules_start_alive,
        "epsilon": short_vectors_are_shrunk_as_eq_1_says,
    },
    "labml": {
        "axis": parents_share_equal_votes,
        "start": capsules_start_alive,
        "square": the_margin_is_squared,
        "epsilon": short_vectors_are_shrunk_as_eq_1_says,
    },
    "rotated": {
        "axis": parents_share_equal_votes,
        "start": capsules_start_alive,
        "lengths": two_classes_can_be_long,
        "iterations": routing_has_three_rounds,
        "batchnorm": an_image_does_not_see_its_batch,
        "division": zero_stays_zero,
    },
}
NEEDS = {("tensorflow2", "logits"): {"axis"}}  # else lengths are not those of capsules
PAIRS = [(name, repair) for name, repairs in INVARIANTS.items() for repair in repairs]


def test_every_repair_has_its_invariant():
    for name, variant in VARIANTS.items():
        assert INVARIANTS[name].keys() == variant.repairs.keys()
    assert len(PAIRS) == 25


@pytest.mark.parametrize(("name", "repair"), PAIRS)
def test_as_written_it_breaks_and_mended_it_holds(name, repair):
    holds, also = INVARIANTS[name][repair], NEEDS.get((name, repair), set())
    assert not holds(build_variant(name, also, SIZES), name)
    torch.manual_seed(0)
    assert holds(build_variant(name, {repair} | also, SIZES), name)


# ------------------------------------------------------------------ all repairs


@functools.cache
def ours():
    torch.manual_seed(3)
    return CapsNet(SIZES).double()


@pytest.mark.parametrize("name", VARIANTS)
def test_with_all_repairs_it_is_the_package(name):
    """Outputs, loss and gradients, with the same weights."""
    layout = "xifeng" if name == "classifier" else name
    torch.manual_seed(4)
    net = build_variant(name, VARIANTS[name].repairs, SIZES).double()
    state = ours().state_dict()
    if not net.decodes:
        state = {key: x for key, x in state.items() if "decoder" not in key}
    repairs = NETWORKS[layout].repairs
    net.load_state_dict(convert_weights(state, "ours", layout, repairs))
    x, present = images().double(), present_classes(torch.tensor([2, 0, 1, 0]), J)
    x.requires_grad_()
    output, expected = net(x, present), ours()(x, present)
    torch.testing.assert_close(output.pose, expected.pose, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(output.lengths, expected.lengths, rtol=1e-10, atol=1e-14)
    losses = net.losses(output, x, present)
    margin = margin_loss(expected.lengths, present)
    torch.testing.assert_close(losses.margin, margin, rtol=1e-10, atol=0)
    grads = [torch.autograd.grad(loss, x)[0] for loss in (losses.margin, margin)]
    torch.testing.assert_close(*grads, rtol=1e-8, atol=1e-14)
    if net.decodes:
        drawn = output.reconstruction
        torch.testing.assert_close(drawn, expected.reconstruction, rtol=1e-10, atol=0)


@pytest.mark.parametrize("repair", ["axes", "Axis", ""])
def test_an_unknown_repair_is_refused(repair):
    with pytest.raises(ValueError, match=r"pass some of axis, start, square, epsilon"):
        build_variant("labml", [repair])


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="'keras' is unknown; pass one of classi"):
        build_variant("keras")
