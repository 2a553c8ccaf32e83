"""Records: found by name, and silent about who made them."""

import json
import sys
from unittest import mock

import pytest
import torch
from built import ROOT

from capsnet_tutorial.records import load_record, peak_memory_mb, provenance

WHERE = "capsnet_tutorial.records.provenance"


def test_every_record_is_found_by_its_name():
    files = list((ROOT / "data" / "results").glob("*.json"))
    for path in files:
        assert load_record(path.stem) == json.loads(path.read_text())
    assert len(files) >= 2


@pytest.mark.parametrize("name", ["huge", "../../pyproject", "../results/tiny", ""])
def test_a_name_of_no_record_is_refused(name):
    with pytest.raises(ValueError, match=r"is unknown; pass one of .*'tiny'"):
        load_record(name)


def test_no_record_names_a_folder_of_the_machine():
    for path in (ROOT / "data" / "results").glob("*.json"):
        assert not [x for x in path.read_text().split('"') if x.startswith("/")], path


def test_outside_a_checkout_there_is_no_commit(tmp_path):
    with mock.patch.object(sys.modules[WHERE], "CHECKOUT", tmp_path):
        code = provenance(torch.device("cpu"))["code"]
    assert code == {"commit": None, "dirty": None}


def test_the_command_of_a_record_has_no_folder(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/some/bin/capsnet", "train", "/a/b/run"])
    where = provenance(torch.device("cpu"))
    assert where["command"] == ["capsnet", "train", "run"]
    assert where["device"]["type"] == "cpu"


def test_memory_is_unknown_where_the_system_does_not_tell(monkeypatch):
    assert peak_memory_mb(torch.device("cpu")) > 50
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    assert peak_memory_mb(torch.device("cpu")) is None
