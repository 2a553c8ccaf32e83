"""Medians, ratios, and what we wanted of them."""

import statistics
from typing import Any

from rows import FORMULATIONS

# (what, of, times or share of, at least or at most, bound)
TARGETS = [
    ("seconds", "ours-bf16", "floor-bf16", "at most", 1.4),
    ("seconds", "seed-002", "ours-bf16", "at least", 4.0),
    ("seconds", "seed-003", "ours-bf16", "at least", 2.2),
    ("seconds", "seed-002", "ours-fp32", "at least", 2.2),
    ("memory", "ours-bf16", "seed-002", "at most", 0.45),
    ("seconds", "routing-seed-002", "routing-bf16", "at least", 10.0),
    ("memory", "routing-bf16", "routing-seed-002", "at most", 0.15),
]


def summarise(name: str, runs: list[dict[str, Any]], batch_size: int) -> dict[str, Any]:
    """Median and quartiles over all repetitions of all rounds."""
    seconds = sorted(x for run in runs for x in run["seconds"])
    low, median, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return {
        "says": FORMULATIONS[name].says,
        "repetitions": len(seconds),
        "seconds": round(median, 4),
        "quartiles": [round(low, 4), round(high, 4)],
        "images_per_second": round(batch_size / median),
        "memory_mb": round(statistics.median(run["memory_mb"] for run in runs)),
    }


def compare(rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Each target beside what was reached."""
    answers = []
    for what, of, over, side, bound in TARGETS:
        key = {"seconds": "seconds", "memory": "memory_mb"}[what]
        ratio = rows[of][key] / rows[over][key]
        met = ratio <= bound if side == "at most" else ratio >= bound
        wanted = {"what": what, "of": of, "over": over, "side": side, "bound": bound}
        answers.append({**wanted, "ratio": round(ratio, 3), "met": met})
    return answers


def show(rows: dict[str, Any]) -> None:
    width = max(len(row["says"]) for row in rows.values())
    print(f"{'':{width}}  seconds  (middle half)  images/s  memory MB")
    for row in rows.values():
        low, high = row["quartiles"]
        print(
            f"{row['says']:{width}}  {row['seconds']:7.3f}  ({low:.3f}-{high:.3f})"
            f"  {row['images_per_second']:8,}  {row['memory_mb']:9,}"
        )


def show_targets(answers: list[dict[str, Any]]) -> None:
    print()
    for a in answers:
        names = f"{FORMULATIONS[a['of']].says} / {FORMULATIONS[a['over']].says}"
        verdict = "" if a["met"] else "   MISSED"
        print(
            f"{a['what']}: {names}: {a['ratio']:.2f} "
            f"(wanted {a['side']} {a['bound']:g}){verdict}"
        )
