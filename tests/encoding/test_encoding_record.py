"""Chapter 8 says what its record says, and the record is what the tool measures."""

import json
import re
import sys

import nbformat
import pytest
import torch
from built import ROOT

from capsnet_tutorial import load_mnist, load_pretrained, random_shift
from capsnet_tutorial.digits import is_installed
from capsnet_tutorial.encoding.moments import PROPERTIES, properties
from capsnet_tutorial.encoding.perturb import effects
from capsnet_tutorial.pretrained import PRETRAINED

sys.path.insert(0, str(ROOT / "tools"))
from measure_encoding import confusions, plain

RECORDS = sorted((ROOT / "data" / "results").glob("encoding-*.json"))
TINY = json.loads((ROOT / "data" / "results" / "encoding-tiny.json").read_text())
FOUND = {key: torch.tensor(value) for key, value in TINY["classes"].items()}
CHAPTER = "\n".join(
    cell.source
    for cell in nbformat.read(ROOT / "book" / "08_encodes.ipynb", 4).cells
    if cell.cell_type == "markdown"
)


def of_best(name):
    """(j p): a table at the number that does most to each property."""
    best = FOUND["share"].argmax(dim=1, keepdim=True)
    return FOUND[name].gather(1, best)[:, 0]


def own_share(changes):
    """(..., p): share of squares that is in the property itself; changes (..., p p)."""
    squares = changes**2
    return squares.diagonal(dim1=-2, dim2=-1) / squares.sum(dim=-1)


def best_number_in_its_own():
    best = FOUND["share"].argmax(dim=1)  # (j p)
    changes = torch.stack([FOUND["effect"][j, best[j]] for j in range(10)])
    return own_share(changes).mean()


def same_direction(name):
    return 100 * FOUND["same_sign"][:, :, PROPERTIES.index(name)].mean()


SD = FOUND["pose_sd"].median()
W, HEIGHT = PROPERTIES.index("width"), PROPERTIES.index("height")
N_PERTURBED, N_RANDOM = TINY["recipe"]["perturbed"], TINY["recipe"]["random"]
AXES, RANDOM = (torch.tensor(TINY["largest_share"][k]) for k in ("axes", "random"))
ALIKE, SHUFFLED = (torch.tensor(TINY["same_number"][k]) for k in ("found", "random"))
LARGEST = RANDOM.mean(dim=1)
EXPLAINED = 100 * FOUND["explained"]
BY_NEXT = 100 * torch.tensor(TINY["explained_by_next_class"]).mean()
SLID = FOUND["slid"].diagonal(dim1=1, dim2=2).mean()
CLAIMS = {  # sentences of the chapter, and the numbers that belong at each #
    "on the # test digits": [TINY["measured_on"]["n"]],
    "The median is #.": [SD],
    "goes # times as far": [TINY["recipe"]["reach"] / SD],
    "For # digits of each class": [N_PERTURBED],
    "from # test digits of each class": [N_PERTURBED],
    "spreads on the next #": [N_PERTURBED],
    "share of # on average": [AXES.mean()],
    "random direction # ± #.": [LARGEST.mean(), LARGEST.std()],
    "width alone: # and #.": [AXES[W], RANDOM[:, W].mean()],
    "Of the # draws, # do as well": [N_RANDOM, (AXES.mean() <= LARGEST).sum()],
    "compare with chance: # times": [N_RANDOM],
    "as usual in # %": [same_direction("width")],
    "thickness # %, slant # %, x # %, y # %, height # %": [
        same_direction(name) for name in ("thickness", "slant", "x", "y", "height")
    ],
    "the median of R² is #.": [FOUND["straightness"].median()],
    "without the sign): #.": [ALIKE],
    "class shuffled: # ± #,": [SHUFFLED.mean(), SHUFFLED.std()],
    "and # of # shuffles reach #.": [(SHUFFLED >= ALIKE).sum(), N_RANDOM, ALIKE],
    "makes # % of the change along a row": [EXPLAINED.mean()],
    "from # % to # %, by number": EXPLAINED.aminmax(),
    "chance makes # %": [BY_NEXT],
    "its property by # spreads": [SLID],
    "changes # % are in its own": [100 * own_share(FOUND["slid"]).mean()],
    "most to a property, that is # %": [100 * best_number_in_its_own()],
    "changes the height by # spreads": [FOUND["effect"].abs().max()],
    "spread of only # pixels": [FOUND["natural_sd"][1, HEIGHT]],
}


@pytest.mark.parametrize("sentence", CLAIMS)
def test_numbers_in_the_chapter_are_those_of_the_record(sentence):
    pattern = re.escape(sentence).replace(r"\#", r"(\d[\d,]*(?:\.\d+)?)")
    (match,) = re.finditer(pattern, CHAPTER)
    for text, number in zip(match.groups(), CLAIMS[sentence], strict=True):
        places = len(text.partition(".")[2])
        assert f"{float(number):,.{places}f}" == text


def test_words_in_the_chapter_are_those_of_the_record():
    assert "by two to four spreads, and in the same direction for each" in CHAPTER
    changes = of_best("effect")[:, W].abs()
    assert 1.5 < changes.min() < 2.5
    assert 3.5 < changes.max() < 4.5
    assert of_best("same_sign")[:, W].min() == 1
    assert "from a fifth to a half of it" in CHAPTER
    low, high = of_best("share")[:, W].aminmax()
    assert 0.17 < low < 0.23
    assert 0.45 < high < 0.55
    assert "Number 4 of the 7 is the strongest for thickness, width, slant" in CHAPTER
    best = dict(zip(PROPERTIES, FOUND["share"].argmax(dim=1)[7].tolist(), strict=True))
    assert [best[name] for name in ("thickness", "width", "slant", "x")] == [4] * 4
    tallest = FOUND["effect"][1, :, HEIGHT].abs().max()
    assert tallest == FOUND["effect"].abs().max()


def test_mistakes_in_the_chapter_are_those_of_the_record():
    assert "five fives for a 3 and one 3 for a 5" in CHAPTER
    pairs = [(row["label"], row["named"]) for row in TINY["confusions"]]
    assert sorted(pairs) == [(3, 5)] + 5 * [(5, 3)]
    assert "In five of the six, both capsules are longer than 0.4," in CHAPTER
    shorter = [min(row["lengths"].values()) for row in TINY["confusions"]]
    assert sum(length > 0.4 for length in shorter) == 5
    wrong = json.loads((ROOT / "data" / "results" / "tiny.json").read_text())
    assert {row["digit"] for row in TINY["confusions"]} < set(
        wrong["counted_on"]["wrong"]
    )


def test_records_are_of_weights_that_come_with_the_package():
    assert RECORDS
    for path in RECORDS:
        record = json.loads(path.read_text())
        name = record["weights"]["name"]
        assert path.stem == record["name"] == f"encoding-{name}"
        assert record["weights"]["sha256"] == PRETRAINED[name].sha256
        assert record.get("code", record)["dirty"] is False
        assert record["properties"] == list(PROPERTIES)
        for share in torch.tensor(record["classes"]["share"]):
            torch.testing.assert_close(share.sum(0), torch.ones(6), atol=0.01, rtol=0)


@pytest.mark.skipif(not is_installed(), reason="needs MNIST: run `capsnet data`")
def test_the_record_is_what_the_tool_measures():
    """One class again, with other threads: numbers agree but for their last place."""
    images, labels = load_mnist("test", "full").tensors
    moved = random_shift(images, 2, torch.Generator().manual_seed(TINY["seed"]))
    model, digit = load_pretrained("tiny"), 7
    real = properties(moved[labels == digit, 0])
    torch.testing.assert_close(
        real.std(dim=0), FOUND["natural_sd"][digit], atol=0.001, rtol=0
    )
    pose = model(moved[labels == digit][: TINY["recipe"]["perturbed"]]).pose[:, digit]
    change = effects(model, pose, digit).mean(dim=0) / real.std(dim=0)
    torch.testing.assert_close(change, FOUND["effect"][digit], atol=0.01, rtol=0)
    assert [row["digit"] for row in plain(confusions(model, images, labels))] == [
        row["digit"] for row in TINY["confusions"]
    ]
