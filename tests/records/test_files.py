"""Files on disk: whole or untouched, and checked before they are used."""

import os
import re

import pytest

from capsnet_tutorial.records import DataError, files


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write_atomically(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        files.write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_remains_of_our_own_files_are_removed(tmp_path):
    strays = [".note.part-7", ".log.jsonl.part-x", "log.jsonl.part-7", ".log.jsonl"]
    ours = [".log.jsonl.part-7", ".log.jsonl.part-12345"]
    for name in strays + ours:
        (tmp_path / name).touch()
    files.remove_parts(tmp_path, re.compile(r"log\.jsonl"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(strays)


def test_a_sealed_file_shows_each_change(tmp_path):
    path, value = tmp_path / "a.json", {"n": 1.1, "list": [1, None], "é": float("nan")}
    path.write_bytes(files.sealed(value))
    assert str(files.read_sealed(path)) == str(dict(sorted(value.items())))
    for old, new in ((b"1.1", b"1.2"), (b'"n"', b'"m"'), (b"1,", b"2,")):
        path.write_bytes(files.sealed(value).replace(old, new, 1))
        with pytest.raises(DataError, match="not as it was written"):
            files.read_sealed(path)
    assert files.read_sealed(tmp_path / "none.json") is None


@pytest.mark.parametrize("bad", [b"", b"{", b"[1]", b"\xff", b"[" * 10**6])
def test_what_is_no_object_is_called_damaged(tmp_path, bad):
    (tmp_path / "a.json").write_bytes(bad)
    with pytest.raises(DataError, match=r"a\.json is damaged: "):
        files.read_json(tmp_path / "a.json")


def test_what_cannot_be_read_is_not_called_damaged(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\); make it"):
        files.read_json(tmp_path)


def test_what_is_returned_is_what_was_checked(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"whole")
    assert files.read_checked(path, files.sha256(b"whole"), "go") == b"whole"
    with pytest.raises(DataError, match=r"file is damaged \(5 bytes, .*; go"):
        files.read_checked(path, files.sha256(b"other"), "go")
    with pytest.raises(DataError, match="missing is missing; go"):
        files.read_checked(tmp_path / "missing", "", "go")
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\); go"):
        files.read_checked(tmp_path, "", "go")
