"""Who votes for whom: the explorer of a real digit computes what PyTorch computes."""

import base64
import json
from dataclasses import replace

import pytest
import torch
from networks import OTHERS, PRIMES, random_model
from node import EXPLORERS, assert_close, run
from traitlets import TraitError

from capsnet_tutorial import CapsNet, CapsNetConfig
from capsnet_tutorial.explorers import DigitRoutingExplorer
from capsnet_tutorial.explorers.bundle.weights import pack

SMALL = CapsNetConfig(conv_channels=3, primary_types=2, primary_dim=3, class_dim=5)
WIDE = replace(PRIMES, image_shape=(2, 29, 23), class_bias=True)  # 7 x 4 places


def network(module, model, body, **given):
    """What JavaScript returns that has a module, and a model as `net`."""
    header, block = pack(model)
    address = (EXPLORERS / "model/network.js").as_uri()
    start = f"""
    const {{ createNetwork }} = await import({json.dumps(address)});
    const net = createNetwork(given.header, bytes(given.block));
    """
    given |= {"header": header, "block": base64.b64encode(block).decode()}
    return run(module, start + body, **given)


def looked(explorer, body="return seen", **changed):
    """What the figure shows of the state of an explorer; `seen` is its look."""
    traits = {name: getattr(explorer, name) for name in STATE} | changed
    whole = DigitRoutingExplorer(explorer.model, explorer.own, digit=explorer.digit)
    start = """
    const seen = lookAt(net, { [given.traits.digit]: given.image })(given.traits);
    """
    given = {"traits": traits, "image": whole.pixels.flatten()}
    return network("digit_routing/look.js", explorer.model, start + body, **given)


STATE = ("digit", "iterations", "chosen", "type", "place", "erased")


def own(model, **traits):
    return DigitRoutingExplorer(model, torch.rand(model.config.image_shape), **traits)


# ------------------------------------------------------------------ shares


def test_capsules_are_added_by_place():
    """i = (type place): three types at two places."""
    body = "return [null, 1].map((type) => byPlace([0, 1, 2, 3, 4, 5], 2, type))"
    assert run("digit_routing/maths.js", body) == [[6, 9], [2, 3]]


@pytest.mark.parametrize(("digit", "passes"), [(4, 3), (20, 1), (20, 10)])
def test_the_shipped_network_votes_as_in_pytorch(digit, passes):
    explorer = DigitRoutingExplorer(digit=digit, iterations=passes)
    seen = looked(explorer)
    assert_close(seen["step"]["lengths"], explorer.lengths)
    assert_close(seen["step"]["coupling"], explorer.coupling)
    assert_close(seen["step"]["shares"], explorer.shares)
    assert seen["chosen"] == explorer.lengths.argmax()
    assert_close(seen["shares"], explorer.shares[:, seen["chosen"]])


@pytest.mark.parametrize("name", OTHERS)
def test_other_networks_too(name):
    explorer = own(random_model(OTHERS[name]), iterations=2)
    seen = looked(explorer)
    assert_close(seen["step"]["lengths"], explorer.lengths)
    assert_close(seen["step"]["shares"], explorer.shares)


def test_shares_sum_to_the_length_before_squash_and_the_rest_is_the_bias():
    for model in (None, random_model(PRIMES), random_model(WIDE)):
        explorer = DigitRoutingExplorer() if model is None else own(model)
        seen = looked(explorer)
        step, bias = seen["step"], explorer.model.class_caps.bias
        sums = torch.tensor(step["sum"])
        before = torch.tensor(step["before"])
        assert_close(step["before"], sums.norm(dim=-1))
        shares = torch.tensor(step["shares"]).sum(0)
        if bias is None:
            assert_close(step["before"], shares)
        else:
            brought = (bias * sums).sum(-1) / before
            assert_close(step["before"], shares + brought)
            assert brought.abs().min() > 1e-3


def test_entropy_is_that_of_the_couplings_plain_and_by_length():
    explorer = own(random_model(PRIMES), iterations=3)
    step = looked(explorer)["step"]
    bits = torch.special.entr(explorer.coupling).sum(-1) / torch.tensor(2.0).log()
    model, image = explorer.model, explorer.pixels[None]
    loud = model.primary_caps(model.conv(image).relu())[0].norm(dim=-1)
    assert_close(step["entropy"], bits.mean())
    assert_close(step["weighted"], (bits * loud).sum() / loud.sum())
    assert abs(step["weighted"] - step["entropy"]) > 1e-4  # or a swap could pass


# ------------------------------------------------------------------ places and ink


def test_a_type_and_a_place_pick_their_capsules():
    model = random_model(WIDE)
    places = 7 * 4
    for type_, place in ((None, None), (2, None), (None, 13), (1, 26)):
        explorer = own(model, chosen=3, type=type_, place=place)
        seen = looked(explorer)
        chosen = torch.arange(3 * places).view(3, places)
        rows = chosen if type_ is None else chosen[type_, None]
        picked = (rows if place is None else rows[:, place]).flatten()
        assert seen["picked"] == picked.tolist()
        assert_close(seen["spread"], explorer.coupling[picked].mean(0))


BEYOND = {"chosen": 10, "type": 2, "place": 36, "erased": [784]}  # of SMALL


@pytest.mark.parametrize("name", BEYOND)
def test_what_a_network_does_not_have_is_refused(name):
    with pytest.raises(TraitError, match=f"{name} is .*; pass 0 to"):
        own(random_model(SMALL), **{name: BEYOND[name]})


def test_a_page_shows_what_a_network_does_not_have_as_if_not_chosen():
    """It gets there with another network in place of the first."""
    explorer = own(random_model(SMALL))
    body = "return [seen.chosen, seen.type, seen.place, seen.spots]"
    seen = looked(explorer, body, **BEYOND)
    assert seen == [explorer.lengths.argmax(), None, None, []]


def test_a_place_sees_its_window_and_nothing_else():
    model = random_model(WIDE).requires_grad_(False)
    image = torch.rand(1, 2, 29, 23, requires_grad=True)
    capsules = model.primary_caps(model.conv(image).relu()).view(3, 28, 11)
    for place in (0, 3, 14, 27):
        (gradient,) = torch.autograd.grad(
            capsules[:, place].sum(), image, retain_graph=True
        )
        top, left = run(
            "digit_routing/maths.js", "return windowAt(given.n, 4)", n=place
        )
        rows, columns = gradient[0].abs().sum(0).nonzero().unbind(1)
        assert (rows.min(), rows.max()) == (top, top + 16)
        assert (columns.min(), columns.max()) == (left, left + 16)


def painted_slowly(shares, ink, columns):
    pixels, background = torch.zeros_like(ink), 0.0
    for place, share in enumerate(shares.tolist()):
        top, left = 2 * (place // columns), 2 * (place % columns)
        window = ink[top : top + 17, left : left + 17]
        if window.sum() == 0:
            background += share
        else:
            pixels[top : top + 17, left : left + 17] += share * window / window.sum()
    return pixels, background


def test_the_map_of_a_digit_is_that_of_its_shares():
    explorer = DigitRoutingExplorer(digit=4, chosen=9, type=6)
    seen = looked(explorer, "return [seen.painted, seen.ink]")
    shares = explorer.shares[6 * 36 : 7 * 36, 9]
    pixels, background = painted_slowly(shares, explorer.pixels[0], 6)
    assert_close(seen[0]["map"], pixels.flatten())
    assert_close(seen[0]["background"], background)
    assert_close(seen[1], explorer.pixels.flatten())


# ------------------------------------------------------------------ the eraser


def test_what_is_rubbed_out_is_gone_from_all_channels():
    explorer = own(random_model(WIDE), erased=[0, 23 * 11 + 7, 29 * 23 - 1])
    whole = DigitRoutingExplorer(explorer.model, torch.ones(2, 29, 23))
    whole.erased = explorer.erased
    gone = whole.pixels == 0
    assert gone.sum() == 2 * (8 + 21 + 8)  # pixels under a disc of radius 2.5
    assert torch.equal(gone[0], gone[1])
    seen = looked(explorer)
    assert_close(seen["ink"], explorer.pixels.mean(0).flatten())
    assert_close(seen["step"]["lengths"], explorer.lengths)


def test_the_map_is_held_against_what_really_happens():
    whole = DigitRoutingExplorer(digit=20, chosen=9)
    explorer = DigitRoutingExplorer(digit=20, chosen=9, erased=[7 * 28 + 14])
    loss = looked(explorer, "return seen.loss")
    assert looked(whole, "return seen.loss") is None
    before, after = (e.shares[:, 9].sum() for e in (whole, explorer))
    assert_close(loss["real"], after - before)
    places = whole.shares[:, 9].view(8, 36).sum(0)
    pixels, _ = painted_slowly(places, whole.pixels[0], 6)
    gone = (explorer.pixels == 0) & (whole.pixels > 0)
    assert_close(loss["mapped"], -pixels[gone[0]].sum())


def test_the_effect_of_ink_is_what_its_loss_takes_away():
    model = random_model(SMALL)
    image = torch.zeros(1, 28, 28)
    image[0, 9, 9] = 1  # under 21 places of the eraser, of which it visits some
    explorer = DigitRoutingExplorer(model, image, chosen=7, iterations=2)
    blank = DigitRoutingExplorer(model, 0 * image, iterations=2)
    body = """
    const found = [...rubbings(net, given.image, [1, 28, 28])];
    const map = effects(found, given.lengths, 7, 1, 28, 28);
    return { map, spots: found.map(({ spot }) => spot) };
    """
    given = {"image": image.flatten(), "lengths": explorer.lengths}
    found = network("digit_routing/maths.js", model, body, **given)
    effect = explorer.lengths[7] - blank.lengths[7]
    assert abs(effect) > 1e-4
    assert_close(found["map"][9 * 28 + 9], effect)
    for spot in found["spots"]:
        row, column = divmod(spot, 28)
        assert (row - 9) ** 2 + (column - 9) ** 2 <= 2.5**2
        assert row % 2 == column % 2 == 1
    assert len(found["spots"]) == 5


# ------------------------------------------------------------------ in Python


def test_its_sentence_names_the_longest_two():
    explorer = DigitRoutingExplorer(digit=20)
    first, second = explorer.lengths.topk(2).indices.tolist()
    assert repr(explorer) == (
        "DigitRoutingExplorer: after iteration 3 of routing "
        f"{first} is longest, {explorer.lengths[first]:.2f}, "
        f"then {second}, {explorer.lengths[second]:.2f}."
    )


def test_a_network_of_one_class_has_no_second():
    explorer = own(random_model(OTHERS["one of each"]))
    assert repr(explorer).count(",") == 1
    assert looked(explorer, "return seen.chosen") == 0


def test_lengths_are_those_of_the_model_itself():
    model = random_model(WIDE)
    image = torch.rand(2, 29, 23)
    explorer = DigitRoutingExplorer(model, image, iterations=model.config.n_iters)
    assert explorer.digit is None
    torch.testing.assert_close(explorer.lengths, model(image[None]).lengths[0])
    assert torch.equal(explorer.pixels, image)


def test_an_image_may_come_without_its_channel():
    image = torch.rand(28, 28)
    explorer = DigitRoutingExplorer(random_model(SMALL), image)
    assert torch.equal(explorer.pixels, image[None])


@pytest.mark.parametrize(
    ("model", "image", "sentence"),
    [
        (SMALL, torch.zeros(1, 1, 28, 28), r"shape \(1, 1, 28, 28\); the model sees"),
        (SMALL, torch.zeros(1, 27, 28), r"\(1, 28, 28\), \(channels, height, width\)"),
        (SMALL, 2 * torch.ones(1, 28, 28), "pixels run from 2 to 2; pass pixels from"),
        (WIDE, None, r"the book are \(1, 28, 28\); pass image="),
    ],
)
def test_an_image_that_does_not_fit_is_said(model, image, sentence):
    with pytest.raises(ValueError, match=sentence):
        DigitRoutingExplorer(CapsNet(model), image)
