"""The example in one file is the network of the package, and trains from its files."""

import gzip
import importlib.util
import re
import struct
import sys
from pathlib import Path

import pytest
import torch

from capsnet_tutorial import CapsNet, load_mnist, present_classes
from capsnet_tutorial.training import paper_losses

FILE = Path(__file__).parents[2] / "examples" / "capsnet_in_one_file.py"

PLACES = {  # of its layers, in the package
    "matrices": "class_caps.weight",
    "conv": "conv",
    "primary": "primary_caps.conv",
    "decoder": "decoder.net",
}


def place(name):
    """Of a parameter of the example, in the package."""
    layer, dot, rest = name.partition(".")
    return PLACES[layer] + dot + rest


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location(FILE.stem, FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_short_and_needs_torch_only():
    text = FILE.read_text()
    assert len(text.splitlines()) <= 100
    modules = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
    assert {*modules} - sys.stdlib_module_names == {"torch"}


def test_it_is_the_network_of_the_package(example):
    torch.manual_seed(0)
    net, ours = example.CapsNet().to("cpu"), CapsNet()
    ours.load_state_dict({place(name): x for name, x in net.state_dict().items()})
    images, labels = (x[:3] for x in load_mnist("val", source="mini").tensors)
    lengths, drawn = net(images, labels)
    output = ours(images, present_classes(labels, 10))
    torch.testing.assert_close(lengths, output.lengths)
    torch.testing.assert_close(drawn, output.reconstruction)
    example.loss(lengths, drawn, images, labels).backward()
    paper_losses(output, images, present_classes(labels, 10)).total.backward()
    for name, parameter in net.named_parameters():
        mine = ours.get_parameter(place(name))
        torch.testing.assert_close(parameter.grad, mine.grad)
    torch.testing.assert_close(net(images)[1], ours(images).reconstruction)


def test_images_move_each_by_itself_and_by_two_pixels_at_most(example):
    images = torch.zeros(200, 1, 28, 28)
    images[:, :, 14, 14] = 1
    _, _, rows, columns = example.shifted(images).nonzero(as_tuple=True)
    assert {*rows.tolist()} == {*columns.tolist()} == {12, 13, 14, 15, 16}


def test_it_trains_from_the_files_of_mnist(example, tmp_path, capsys):
    images, labels = (x[:4] for x in load_mnist("val", source="mini").tensors)
    pixels = (images * 255).round().byte().numpy().tobytes()
    for part in ("train", "t10k"):
        for name, header, content in (
            ("images-idx3", (0x803, 4, 28, 28), pixels),
            ("labels-idx1", (0x801, 4), labels.byte().numpy().tobytes()),
        ):
            packed = gzip.compress(struct.pack(f">{len(header)}i", *header) + content)
            (tmp_path / f"{part}-{name}-ubyte.gz").write_bytes(packed)
    found = example.read(tmp_path, "train")
    torch.testing.assert_close(found[0].cpu(), images)
    assert found[1].tolist() == labels.tolist()
    example.main(tmp_path, epochs=2)
    assert capsys.readouterr().out.splitlines()[-1].endswith("of 4 wrong")
