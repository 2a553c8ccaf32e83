"""Records and files: whole or untouched, and found by name."""

import json

import pytest

from book import ROOT
from capsnet_tutorial import results


def test_every_record_is_found_by_its_name():
    files = list((ROOT / "data" / "results").glob("*.json"))
    for path in files:
        assert results.load_record(path.stem) == json.loads(path.read_text())
    assert len(files) >= 2


def test_an_unknown_record_is_named():
    with pytest.raises(ValueError, match=r"'huge' is unknown; pass one of .*'tiny'"):
        results.load_record("huge")


def test_no_record_names_a_folder_of_the_machine():
    for path in (ROOT / "data" / "results").glob("*.json"):
        assert not [x for x in path.read_text().split('"') if x.startswith("/")], path


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    results.write_atomically(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        results.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_outside_a_checkout_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "CHECKOUT", tmp_path)
    assert results._commit() == {"commit": None, "dirty": None}


def test_the_command_of_a_record_has_no_folder(monkeypatch):
    monkeypatch.setattr(results.sys, "argv", ["/some/bin/capsnet", "train", "/a/b/run"])
    where = results.circumstances(results.torch.device("cpu"))
    assert where["command"] == ["capsnet", "train", "run"]
    assert where["device"]["type"] == "cpu"
