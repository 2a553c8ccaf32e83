"""One word for one thing, in every chapter and in every explorer."""

import re

import nbformat
import pytest
from built import ROOT

INSTEAD = {  # what was said, too; and the word for it
    r"\b(in|after|of|every|all|one|two|three|first|last|next) rounds?\b": "iteration",
    r"\b(round|rounds) (one|two|three|\d)\b": "iteration",
    r"\bpass(es)? of routing\b": "iteration",
    r"\b(one|three|ten|more|after|first|last) pass(es)?\b(?! over)": "iteration",
    r"\bnats\b|\\ln 10 = 2\.30": "bits",
    r"\bcapsule layer below\b": "primary capsules",
}
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb")) + sorted(
    (ROOT / "book").glob("*.md")
)
SCRIPTS = sorted((ROOT / "capsnet_tutorial" / "explorers").rglob("index.js"))


def words_of(path):
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        mystnb = cell.metadata.get("mystnb", {})
        parts += [cell.source] * (cell.cell_type == "markdown")
        parts += [mystnb.get("figure", {}).get("caption", "")]
        parts += [mystnb.get("image", {}).get("alt", "")]
    return "\n".join(parts)


@pytest.mark.parametrize("path", [*CHAPTERS, *SCRIPTS], ids=lambda path: path.name)
def test_one_word_for_one_thing(path):
    text = words_of(path)
    if path.name == "14_fast.ipynb":
        text = re.sub(r"\bpass", "sweep", text)  # there, it is one over the memory
    for other, word in INSTEAD.items():
        found = re.search(other, text, re.IGNORECASE)
        assert not found, f"say {word}: {text[found.start() - 40 : found.end() + 40]}"


def test_other_words_are_found():
    for said in ("in every round", "round two", "after three passes", "2.1 nats"):
        assert any(re.search(other, said) for other in INSTEAD)
