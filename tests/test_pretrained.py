"""Weights that come with the package: whole, recorded, and as good as their record."""

import hashlib
import json

import pytest
import torch
from built import ROOT

from capsnet_tutorial import (
    DataError,
    load_mnist,
    load_pretrained,
    predict,
    pretrained,
)
from capsnet_tutorial.digits import is_installed
from capsnet_tutorial.overlaps import held_out_pairs, wrong_answers
from capsnet_tutorial.records import shipped_file

RECORDS = ROOT / "data" / "results"


def test_every_file_has_its_record_and_its_hash():
    seen = 0
    for name, known in pretrained.PRETRAINED.items():
        record = json.loads((RECORDS / f"{name}.json").read_text())
        content = (ROOT / record["weights"]["file"]).read_bytes()
        assert (
            hashlib.sha256(content).hexdigest()
            == known.sha256
            == record["weights"]["sha256"]
        )
        assert len(content) == record["weights"]["bytes"]
        network = record.get("network", record["config"])
        assert network["primary_types"] == known.config.primary_types
        assert record.get("code", record)["dirty"] is False
        seen += 1
    assert seen == len(list((ROOT / "data" / "weights").iterdir())) == 3


@pytest.mark.parametrize(
    ("name", "size"), [("tiny", 792_336), ("pairs", 1_579_280), ("paper", 8_215_568)]
)
def test_weights_have_the_size_of_their_preset(name, size):
    model = load_pretrained(name)
    assert sum(p.numel() for p in model.parameters()) == size
    assert not model.training
    assert {p.dtype for p in model.parameters()} == {torch.float32}


@pytest.mark.skipif(not is_installed(), reason="needs MNIST: run `capsnet data`")
@pytest.mark.long
def test_errors_on_held_out_pairs_are_those_of_the_record():
    record = json.loads((RECORDS / "pairs.json").read_text())["counted_on"]
    pairs = held_out_pairs(*load_mnist("val", "full").tensors)
    wrong = wrong_answers(load_pretrained("pairs"), pairs.images, pairs.present)
    assert (record["split"], record["n"]) == ("val", len(wrong))
    # the record counted before weights were stored in half precision
    assert abs(wrong.sum().item() - record["errors"]) <= 20


@pytest.mark.skipif(not is_installed(), reason="needs MNIST: run `capsnet data`")
@pytest.mark.parametrize(
    "name", ["tiny", pytest.param("paper", marks=pytest.mark.long)]
)
def test_errors_on_the_test_digits_are_those_of_the_record(name):
    record = json.loads((RECORDS / f"{name}.json").read_text())["counted_on"]
    images, labels = load_mnist("test", "full").tensors
    wrong = (
        (predict(load_pretrained(name), images) != labels).nonzero().flatten().tolist()
    )
    assert abs(len(wrong) - record["errors"]) <= 2  # other processors round otherwise
    assert len(set(wrong) ^ set(record["wrong"])) <= 4


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    whole = shipped_file("weights/tiny.safetensors").read_bytes()
    flipped = bytes([*whole[:5000], whole[5000] ^ 1, *whole[5001:]])
    (tmp_path / "tiny.safetensors").write_bytes(flipped)
    monkeypatch.setattr(
        pretrained, "shipped_file", lambda _: tmp_path / "tiny.safetensors"
    )
    with pytest.raises(DataError, match="is damaged"):
        load_pretrained("tiny")


def test_an_unknown_name_is_named():
    with pytest.raises(ValueError, match=r"'huge' is unknown; pass one of \['paper'"):
        load_pretrained("huge")
