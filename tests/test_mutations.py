"""Every mutant can be made: its text stands once in its file, and changes it."""

import json

import pytest
from built import ROOT
from mutations import MUTANTS, TESTS


@pytest.mark.parametrize("file", MUTANTS)
def test_each_text_occurs_once(file):
    source = (ROOT / "capsnet_tutorial" / file).read_text(encoding="utf-8")
    for text, becomes, _ in MUTANTS[file]:
        assert source.count(text) == 1, text
        assert becomes != text


def test_tests_that_stand_nearest_are_there():
    assert set(MUTANTS) <= {file for files in TESTS.values() for file in files}
    assert all((ROOT / "tests" / test).exists() for test in TESTS)


def test_what_died_is_listed():
    seen = json.loads((ROOT / "tests" / "killed.json").read_text(encoding="utf-8"))
    assert set(seen) <= set(MUTANTS)
