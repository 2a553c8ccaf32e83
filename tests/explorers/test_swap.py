"""Two digits with each other's couplings: the page computes what PyTorch does.

Axis key: i capsules below, j classes, e pose size.
"""

from dataclasses import replace

import pytest
import torch
from node import EXPLORERS, run

from capsnet_tutorial import CapsNet, CapsNetConfig, load_pretrained
from capsnet_tutorial.experiments.routes import couplings, votes_of
from capsnet_tutorial.explorers import SwapExplorer
from capsnet_tutorial.explorers.presets import preset_digits
from capsnet_tutorial.squash import squash

MATHS = (EXPLORERS / "swap/maths.js").as_uri()
WEIGHTS = """
const { createNetwork } = await import(new URL("../model/network.js", base));
const net = createNetwork(given.header, Uint8Array.from(given.block).buffer);
const both = given.images.map((image) => look(net, image));
return readBoth(both, given.asked);
"""
SMALL = CapsNetConfig(
    conv_channels=4, primary_types=2, class_dim=5, decoder_hidden=None
)


ASKED = [{"share": 0, "even": False}, {"share": 1, "even": False}]
ASKED += [{"share": 0.3, "even": False}, {"share": 0.3, "even": True}]
asked = pytest.mark.parametrize("asked", ASKED)


def by_hand(net, share, even):
    """Lengths and mean couplings of a 0 and a 1, in PyTorch."""
    images = preset_digits()[0][[0, 2]]
    votes, own = votes_of(net, images), couplings(net, images)
    used = (1 - share) * own + share * own.flip(0)
    used = torch.full_like(own, 0.1) if even else used
    pose = squash(torch.einsum("bij,bije->bje", used, votes))
    return pose.norm(dim=-1), used.mean(dim=1)


@asked
def test_python_weighs_as_chapter_17_does(asked):
    explorer = SwapExplorer(**asked)
    lengths, given = by_hand(load_pretrained("tiny"), **asked)
    torch.testing.assert_close(explorer.lengths, lengths)
    torch.testing.assert_close(explorer.used.mean(dim=1), given)


@pytest.mark.parametrize("bias", [False, True])
@asked
def test_the_page_computes_the_same(asked, bias):
    torch.manual_seed(0)
    net = CapsNet(replace(SMALL, class_bias=bias)).eval()
    with torch.no_grad():
        net.class_caps.weight.mul_(10)  # so that couplings are far from even
    net.half().float()  # as the page has the weights
    explorer = SwapExplorer(net, **asked)
    images = preset_digits()[0][[0, 2]].flatten(1).tolist()
    found = run(
        "swap/maths.js",
        f'const base = "{MATHS}";{WEIGHTS}',
        header=explorer.header,
        block=list(explorer.block),
        images=images,
        asked=asked,
    )
    for n in range(2):
        torch.testing.assert_close(
            torch.tensor(found[n]["lengths"]), explorer.lengths[n], rtol=1e-4, atol=1e-6
        )
        torch.testing.assert_close(
            torch.tensor(found[n]["given"]),
            explorer.used[n].mean(dim=0),
            rtol=1e-4,
            atol=1e-6,
        )
        assert found[n]["answer"] == max(range(10), key=found[n]["lengths"].__getitem__)


def test_what_the_chips_say_is_so():
    def said(**traits):
        explorer = SwapExplorer(**traits)
        answers = explorer.lengths.argmax(dim=1).tolist()
        longest = [round(x, 2) for x in explorer.lengths.max(dim=1).values.tolist()]
        return answers, longest, explorer.used.mean(dim=1)

    answers, longest, given = said(one=0, two=2)
    assert (answers, longest) == ([0, 1], [0.89, 0.95])
    assert f"{given[0].min():.4f}, {given[0].max():.4f}" == "0.0995, 0.1039"
    assert said(one=0, two=2, share=1)[:2] == ([1, 0], [0.34, 0.66])
    assert said(one=8, two=18, share=1)[:2] == ([9, 4], [0.89, 0.85])
    assert said(one=0, two=2, even=True)[:2] == ([0, 1], [0.28, 0.27])
    assert said(one=0, two=1, share=1)[:2] == ([0, 0], [0.94, 0.9])


def test_it_says_how_both_are_read():
    said = repr(SwapExplorer(share=1))
    assert said.endswith(
        "with 100 % of the other's couplings, 0 is read as 1 and 1 as 0."
    )


def test_another_size_of_images_is_refused():
    net = CapsNet(replace(SMALL, image_shape=(1, 20, 20)))
    with pytest.raises(ValueError, match="the digits are"):
        SwapExplorer(net)


def test_the_picture_has_both_digits():
    figure = SwapExplorer(share=1).picture()
    assert len(figure.axes) == 6
    heights = [bar.get_height() for bar in figure.axes[1].patches]
    assert max(range(10), key=heights.__getitem__) == 1
