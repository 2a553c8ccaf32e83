"""Tables of results, from the records alone: the page "All results".

```{results} runs
```
is a row for each network whose mistakes on the test digits were counted;
```{results} studies
```
a row for each arm of each study; and `choices` one for each choice of chapter 7.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

RECORDS = Path(__file__).parents[3] / "data" / "results"
Row = list[str]


def runs(records: dict[str, dict]) -> Iterator[Row]:
    yield ["record", "learned from", "epochs", "wrong of 10,000", "hours", "on"]
    for name, record in records.items():
        counted = record.get("counted_on", {})
        if counted.get("split") == "test" and "errors" in counted:
            what = "pairs " * record["config"].get("pairs", False)
            yield [
                name,
                f"{record['learned_from']['n']:,} digits",
                str(len(record["epochs"])),
                f"{counted['errors']} {what}({counted['errors'] / counted['n']:.2%})",
                f"{record['seconds'] / 3600:.1f}",
                _device(record["device"]),
            ]


def studies(records: dict[str, dict]) -> Iterator[Row]:
    yield ["study", "arm", "runs", "wrong, %, mean ± sd", "of digits", "ms a step"]
    for name, record in records.items():
        if "study" not in record:
            continue
        arms: dict[str, list[dict]] = {}
        for run in record["runs"]:
            arms.setdefault(run["arm"], []).append(run)
        for arm, found in arms.items():
            what = "pairs" if "pairs" in found[0] else "errors"
            n = found[0][what]["n"]
            wrong = [100 * run[what]["errors"] / n for run in found]
            fastest = min(1000 * run["seconds"] / run["steps"] for run in found)
            yield [
                name.removeprefix("study-"),
                arm,
                str(len(found)),
                _spread(wrong),
                f"{n:,}{' pairs' * (what == 'pairs')}, {record['study']['count_on']}",
                f"{fastest:.0f}",
            ]


def choices(records: dict[str, dict]) -> Iterator[Row]:
    yield ["choice", "runs", "wrong, %, mean ± sd", "of digits"]
    record = records["choices"]
    n = record["counted_on"]["n"]
    for row in record["rows"]:
        wrong = [100 * run["errors"] / n for run in row["runs"]]
        yield [row["name"], str(len(wrong)), _spread(wrong), f"{n:,}, val"]


def _spread(wrong: list[float]) -> str:
    return f"{mean(wrong):.2f} ± {stdev(wrong):.2f}"


def _device(device: dict) -> str:
    if device.get("type") == "cuda":
        return device["name"]
    return f"{device['processor']}, {device['threads']} threads"


TABLES = {"runs": runs, "studies": studies, "choices": choices}


class Results(SphinxDirective):
    """A table of what the records say."""

    required_arguments = 1

    def run(self):
        paths = sorted(RECORDS.glob("*.json"))
        for path in paths:
            self.env.note_dependency(str(path))
        records = {path.stem: json.loads(path.read_bytes()) for path in paths}
        head, *rows = TABLES[self.arguments[0]](records)
        if not rows:
            raise self.error(f"no record has {self.arguments[0]}")
        return [_table(head, rows)]


def _table(head: Row, rows: list[Row]) -> nodes.table:
    table, group = nodes.table(classes=["caps-results"]), nodes.tgroup(cols=len(head))
    table += group
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return table


def _row(cells: Row) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", x)) for x in cells))


def setup(app):
    app.add_directive("results", Results)
