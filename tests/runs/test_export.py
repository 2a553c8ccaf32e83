"""A file that leaves the package says what the network says, or is not written."""

import builtins
import json

import pytest
import torch

from capsnet_tutorial import CapsNet, CapsNetConfig
from capsnet_tutorial.cli import main
from capsnet_tutorial.runs import ExportError, export, load_named
from capsnet_tutorial.runs.prediction import Named
from capsnet_tutorial.variants import build_variant

SMALL = CapsNetConfig(
    image_shape=(3, 20, 20),
    n_classes=4,
    conv_channels=4,
    primary_types=2,
    decoder_hidden=(8,),
)
IMAGES = torch.rand(5, 3, 20, 20, generator=torch.Generator().manual_seed(1))


def network(**changes):
    torch.manual_seed(0)
    model = CapsNet(CapsNetConfig(**{**vars(SMALL), **changes})).eval()
    return Named(model.requires_grad_(False), ("a", "b", "c d", "ü"), False)


def reader(path, to):
    """What somebody without this package does."""
    if to == "exported":
        extra = {"network.json": ""}
        program = torch.export.load(path, extra_files=extra)
        return program.module(), json.loads(extra["network.json"])
    if to == "torchscript":
        extra = {"network.json": ""}
        return torch.jit.load(path, _extra_files=extra), json.loads(
            extra["network.json"]
        )
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    facts = session.get_modelmeta().custom_metadata_map
    read = {name: json.loads(text) for name, text in facts.items()}
    return lambda x: session.run(None, {"images": x.numpy()}), read


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("to", ["onnx", "exported", "torchscript"])
@pytest.mark.parametrize("decoder", [(8,), None])
def test_the_file_says_the_same_for_any_batch(tmp_path, to, decoder):
    ours = network(decoder_hidden=decoder)
    path = tmp_path / "größe"
    assert export(ours, path, to) <= 1e-4
    run, facts = reader(path, to)
    assert facts == {"classes": ["a", "b", "c d", "ü"], "image_shape": [3, 20, 20]}
    said = [x for x in ours.model(IMAGES) if x is not None]
    for theirs, own in zip(run(IMAGES), said, strict=True):
        torch.testing.assert_close(torch.as_tensor(theirs), own, atol=1e-4, rtol=1e-3)


def test_a_file_that_differs_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "capsnet_tutorial.runs.exports._largest_difference", lambda *_: float("nan")
    )
    with pytest.raises(ExportError, match="differ from the network by nan; nothing"):
        export(network(), tmp_path / "a.pt2", "exported")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_cannot_be_exported_says_so(tmp_path):
    """This one reads the number of images as it is built: no batch is free."""
    model = build_variant("classifier").eval()
    with pytest.raises(ExportError, match="cannot be made exported: Constraints viol"):
        export(Named(model, tuple("0123456789"), True), tmp_path / "a", "exported")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named(tmp_path, monkeypatch, capsys):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "onnxruntime":
            raise ImportError(name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["export", "tiny", "--out", str(tmp_path / "a.onnx")]) == 1
    assert "onnxruntime is missing; `pip install onnx" in capsys.readouterr().err


def test_an_unknown_format_and_place_are_refused(tmp_path, capsys):
    with pytest.raises(ValueError, match="to is 'keras'; pass one of onnx, exported"):
        export(network(), tmp_path / "a", "keras")
    out = tmp_path / "nowhere" / "deep" / "a.pt2"
    out.parent.parent.touch()
    assert main(["export", "tiny", "--to", "exported", "--out", str(out)]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_the_command_says_how_near_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "tiny", "--to", "exported"]) == 0
    assert (tmp_path / "tiny.pt2").stat().st_size > 1_000_000
    assert "as the network, to" in capsys.readouterr().out
    assert load_named("tiny").classes[3] == "3"
