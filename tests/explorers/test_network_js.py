"""network.js computes what CapsNet computes, for any small CapsNet."""

import base64
import json
import zlib
from dataclasses import replace

import pytest
import torch
from built import ROOT
from networks import OTHERS, PRIMES, random_model
from node import assert_close, run

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.explorers.bundle import parts
from capsnet_tutorial.explorers.bundle.weights import pack


def network(body, model, **given):
    header, block = pack(model)
    given["base64"] = base64.b64encode(block).decode()
    setup = "const net = createNetwork(given.header, bytes(given.base64));"
    return run("model/network.js", setup + body, header=header, **given)


SEE = """const copy = (rows) => rows.map((row) => [...row]);
return given.images.map((image) => {
  const { children, votes, steps, pose, lengths } = net.forward(image);
  const drawn = pose.map((p, j) => net.decode(p, j));
  return {
    children: copy(children), votes: votes.map(copy), steps, pose, lengths, drawn,
  };
})"""


def assert_same(found, model, images):
    """All that is seen of each image; nothing is left over from the image before."""
    poses = model.primary_caps(torch.relu(model.conv(images)))
    votes = model.class_caps.votes(poses)
    bias = 0.0 if model.class_caps.bias is None else model.class_caps.bias
    steps = list(model.class_caps.router.steps(votes, bias))
    seen = model(images)
    assert len(found) == len(images)
    for n, one in enumerate(found):
        assert_close(one["children"], poses[n])
        assert_close(one["votes"], votes[n])
        assert_close(one["pose"], seen.pose[n])
        assert_close(one["lengths"], seen.lengths[n])
        assert len(one["steps"]) == len(steps)
        for ours, theirs in zip(one["steps"], steps, strict=True):
            assert_close(ours["coupling"], theirs.coupling[n])
            assert_close(ours["agreement"], theirs.agreement[n])
        present = torch.eye(model.config.n_classes).bool()
        drawn = model.decoder(seen.pose[n].expand(len(present), -1, -1), present)
        assert_close(one["drawn"], drawn.flatten(1))


def test_the_shipped_network_sees_what_it_sees_in_pytorch():
    model = load_pretrained("tiny")
    images = load_mnist("val", source="mini").tensors[0][3::125]
    found = network(SEE, model, images=images.flatten(1))
    assert_same(found, model, images)
    top = {tuple(model(image[None]).lengths.argmax(1).tolist()) for image in images}
    assert len(top) > 1  # the images differ


@pytest.mark.parametrize("name", OTHERS)
def test_other_networks_too(name):
    model = random_model(OTHERS[name])
    images = torch.rand(3, *model.config.image_shape)
    assert_same(network(SEE, model, images=images.flatten(1)), model, images)


def test_shares_lie_on_the_ink_that_their_capsules_see():
    """Against loops over capsules and pixels; a part has no ink, so some is left."""
    model = random_model(PRIMES)
    _, height, width = PRIMES.image_shape
    image = torch.rand(PRIMES.image_shape)
    image[:, :, 2:] = 0  # only windows that start at the left see ink
    shares = torch.randn(PRIMES.n_primary, dtype=torch.float64)
    body = "return spreadOverInk(given.image, given.shares, net.config)"
    found = network(body, model, image=image.flatten(), shares=shares)
    expected = torch.zeros(height, width, dtype=torch.float64)
    rest = 0.0
    rows, columns = PRIMES.grid
    for i, share in enumerate(shares.tolist()):
        row, column = i % (rows * columns) // columns, i % columns
        see = (slice(2 * row, 2 * row + 17), slice(2 * column, 2 * column + 17))
        ink = image.double().sum(0)[see]
        if ink.sum() == 0:
            rest += share
        else:
            expected[see] += share * ink / ink.sum()
    assert rest != 0
    assert_close(found["map"], expected.flatten())
    assert found["background"] == pytest.approx(rest)
    total = sum(found["map"]) + found["background"]
    assert total == pytest.approx(shares.sum().item())


def test_a_capsule_sees_its_window_and_nothing_else():
    """Pixels outside 17 x 17, from (2 row, 2 column) on, do not change its pose."""
    model = random_model(PRIMES)
    image = torch.rand(PRIMES.image_shape)
    rows, columns = PRIMES.grid
    row, column = 2, 1
    other = torch.rand(PRIMES.image_shape)
    see = (
        slice(None),
        slice(2 * row, 2 * row + 17),
        slice(2 * column, 2 * column + 17),
    )
    other[see] = image[see]
    body = """return [WINDOW, ...given.images.map((image) =>
      net.forward(image).children.map((child) => [...child]))]"""
    images = [image.flatten(), other.flatten()]
    window, *seen = network(body, model, images=images)
    first, second = torch.tensor(seen).unflatten(
        1, (PRIMES.primary_types, rows, columns)
    )
    assert window == 17
    same = (first == second).all(dim=-1)
    assert same[:, row, column].all()
    assert same.sum() == PRIMES.primary_types


def test_weights_of_a_reader_lose_little_in_half_precision():
    model = CapsNet(PRIMES)
    images = torch.rand(3, *PRIMES.image_shape)
    lengths = model(images).lengths
    body = "return given.images.map((image) => net.forward(image).lengths)"
    found = network(body, model, images=images.flatten(1))
    assert_close(found, lengths.detach(), 1e-3)
    assert torch.equal(model(images).lengths, lengths)  # the model stays as it was


def test_a_network_without_a_decoder_only_sees():
    model = random_model(replace(PRIMES, decoder_hidden=None))
    image = torch.rand(1, *PRIMES.image_shape)
    body = "return [net.decode, net.forward(given.image).lengths]"
    decode, lengths = network(body, model, image=image.flatten())
    assert decode is None
    assert_close(lengths, model(image).lengths[0])


def test_iterations_can_be_chosen():
    model = random_model(PRIMES)
    image = torch.rand(1, *PRIMES.image_shape)
    body = "return [1, 7].map((n) => net.forward(given.image, n).lengths)"
    found = network(body, model, image=image.flatten())
    for lengths, model.class_caps.router.n_iters in zip(found, (1, 7), strict=True):
        assert_close(lengths, model(image).lengths[0])
    assert found[0] != found[1]
    assert pack(model)[0]["config"]["n_iters"] == 7  # what the model does


def test_the_block_of_a_notebook_may_start_anywhere():
    model = random_model(PRIMES)
    image = torch.rand(1, *PRIMES.image_shape)
    header, block = pack(model)
    shifted = base64.b64encode(b"xyz" + block + b"end").decode()
    body = """const view = new DataView(bytes(given.base64), 3, given.header.bytes);
              return createNetwork(given.header, view).forward(given.image).lengths"""
    found = run(
        "model/network.js", body, header=header, base64=shifted, image=image.flatten()
    )
    assert_close(found, model(image).lengths[0])


def test_half_precision_is_read_bit_by_bit():
    """Also the smallest numbers, the largest, and minus zero."""
    block = b"".join(n.to_bytes(2, "little") for n in range(2**16))
    numbers = torch.frombuffer(bytearray(block), dtype=torch.float16)
    finite = numbers.isfinite()
    header, _ = parts.pack({}, {"all": ((2**16,), block)})
    body = """const { all } = unpack(given.header, bytes(given.base64));
              return Array.from(all, (x) => Number.isFinite(x) ? x : 0)"""
    encoded = base64.b64encode(block).decode()
    found = torch.tensor(run("model/tensors.js", body, header=header, base64=encoded))
    assert torch.equal(found[finite], numbers[finite].float())
    assert finite.sum() == 2**16 - 2**11


ERRORS = {
    "createNetwork({ ...given.header, format: 'x' }, block)": (
        'weights are in format "x"; pack them as "capsnet float16 1"'
    ),
    "createNetwork(given.header, block.slice(2))": "load them again",
    "net.forward([0, 1])": (
        "the image has 2 pixels; pass 1311, (channels, height, width) = (3, 23, 19)"
    ),
}


@pytest.mark.parametrize("call", ERRORS)
def test_wrong_input_is_named_in_the_page(call):
    body = f"""const block = bytes(given.base64);
               try {{ {call}; }} catch (error) {{ return error.message }}"""
    assert ERRORS[call] in network(body, random_model(PRIMES))


class Larger(CapsNet):
    def __init__(self):
        super().__init__(PRIMES)
        self.more = torch.nn.Linear(2, 3)


def narrower():
    model = CapsNet(PRIMES)
    model.conv = torch.nn.Conv2d(3, 5, 9)
    return model


def infinite():
    model = CapsNet(PRIMES)
    model.conv.bias.data[0] = 1e5
    return model


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: torch.nn.Linear(2, 3), TypeError, "is a Linear; pass a CapsNet"),
        (CapsNet, ValueError, "8,215,568 parameters, more than 2,500,000"),
        (Larger, ValueError, r"more.bias has shape \(3,\), and .* None"),
        (narrower, ValueError, r"conv.bias has shape \(5,\), and .* \(7,\)"),
        (infinite, ValueError, "conv.bias has numbers"),
    ],
)
def test_models_that_do_not_fit_are_named(make, error, message):
    with pytest.raises(error, match=message):
        pack(make())


def test_the_book_packs_the_shipped_weights_without_torch():
    header, block = parts.pack_shipped("tiny", ROOT / "data")
    expected_header, expected_block = pack(load_pretrained("tiny"))
    assert block == expected_block
    assert json.loads(json.dumps(expected_header)) == header
    assert header["adler32"] == zlib.adler32(block)  # as assets.js computes it


def test_a_safetensors_file_of_other_numbers_is_refused(tmp_path):
    import safetensors.torch

    path = tmp_path / "x.safetensors"
    safetensors.torch.save_file({"a": torch.ones(3)}, path)
    with pytest.raises(ValueError, match=r"x.safetensors: a is F32; store F16"):
        parts.read_safetensors(path)
    safetensors.torch.save_file({"a": torch.ones(3, 2).half()}, path, {"some": "text"})
    assert parts.read_safetensors(path) == {"a": ((3, 2), b"\x00\x3c" * 6)}


def test_scripts_hold_every_byte_once_and_fit_the_budget(tmp_path):
    files = parts.write_scripts("tiny", ROOT / "data", tmp_path)
    assert sorted(files) == sorted(tmp_path.iterdir())
    assert sum(file.stat().st_size for file in files) < 2.2e6
    assert max(file.stat().st_size for file in files) < 1.1e5
    header = json.loads(files[0].read_text().split("] = ")[1].rstrip(";\n"))
    assert header["parts"] == [file.name for file in files[1:]]
    texts = [file.read_text().split('"')[3] for file in files[1:]]
    block = b"".join(base64.b64decode(text) for text in texts)
    assert block == parts.pack_shipped("tiny", ROOT / "data")[1]
    written = [file.stat().st_mtime_ns for file in files]
    parts.write_scripts("tiny", ROOT / "data", tmp_path)  # again: nothing to do
    assert written == [file.stat().st_mtime_ns for file in files]
