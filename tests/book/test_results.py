"""The page "All results" says what the records say."""

import itertools
import json
import math
import sys

from bs4 import BeautifulSoup
from built import ROOT, built_book

from capsnet_tutorial.records import load_record

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from capsbook import results

TEXT = (ROOT / "book" / "results.md").read_text(encoding="utf-8")


def rows_of(kind):
    records = {
        path.stem: json.loads(path.read_bytes())
        for path in sorted((ROOT / "data" / "results").glob("*.json"))
    }
    return list(results.TABLES[kind](records))


def test_every_network_counted_on_the_test_digits_has_a_row():
    head, *rows = rows_of("runs")
    assert {row[0] for row in rows} == {"paper", "paper-12-epochs", "tiny"}
    (paper,) = (dict(zip(head, row, strict=True)) for row in rows if row[0] == "paper")
    assert paper["wrong of 10,000"] == "34 (0.34%)"
    assert paper["learned from"] == "60,000 digits"


def test_every_arm_of_every_study_has_a_row():
    _, *rows = rows_of("studies")
    studies = {path.stem for path in (ROOT / "data" / "results").glob("study-*.json")}
    assert {f"study-{row[0]}" for row in rows} == studies
    by_arm = {(row[0], row[1]): row[2:] for row in rows}
    assert by_arm["routing", "r = 3"][:2] == ["16", "2.12 ± 0.18"]
    assert by_arm["five-programs", "ours"][0] == "5"


def test_every_choice_has_a_row():
    _, *rows = rows_of("choices")
    assert [row[0] for row in rows] == [
        row["name"] for row in load_record("choices")["rows"]
    ]


def test_the_page_has_all_rows():
    page = (built_book() / "book" / "results.html").read_text(encoding="utf-8")
    tables = BeautifulSoup(page, "html.parser").select("table.caps-results")
    shown = [len(table.select("tbody tr")) for table in tables]
    assert shown == [len(rows_of(kind)) - 1 for kind in results.TABLES]


def test_what_the_page_says_of_noise_is_in_the_records():
    wrong = {
        name: load_record(name)["counted_on"]["wrong"] for name in ("paper", "tiny")
    }
    wrong["paper-12-epochs"] = load_record("paper-12-epochs")["counted_on"]["wrong"]
    shared, sds = [], []
    for a, b in itertools.combinations(wrong.values(), 2):
        shared.append(len(set(a) & set(b)))
        sds.append(math.sqrt(len(set(a) ^ set(b)) / 2))
    assert f"share {min(shared)} to {max(shared)} of their 34 to 43" in TEXT
    said = f"{min(sds):.1f} to {max(sds):.1f} digits"
    assert said in " ".join(TEXT.split())
    sd = sum(sds) / len(sds)
    for seeds, digits in ((3, 10), (10, 4)):  # half of an interval of a difference
        t = {3: 2.78, 10: 2.10}[seeds]
        assert abs(t * sd * math.sqrt(2 / seeds) - digits) < 1
