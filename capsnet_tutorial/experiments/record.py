"""One record of a study, from the records of its runs: what the book's tables read."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from capsnet_tutorial.experiments.runner import measured
from capsnet_tutorial.experiments.study import Study, Trial
from capsnet_tutorial.records import SCHEMA
from capsnet_tutorial.runs.evaluation import finished_record

PER_RUN = ("code", "device", "versions", "seconds", "steps", "parameters")


def study_record(
    study: Study, folder: str | Path, seeds: int | None = None
) -> dict[str, Any]:
    """All that is known of a study's runs.

    Raises:
        ValueError: if a run is missing.
    """
    folder = Path(folder)
    return {
        "schema": SCHEMA,
        "study": {**asdict(study), "seeds": study.seeds if seeds is None else seeds},
        "runs": [_of_run(study, trial, folder) for trial in study.trials(seeds)],
    }


def _of_run(study: Study, trial: Trial, folder: Path) -> dict[str, Any]:
    found = measured(folder, trial, study)
    if found is None:
        raise ValueError(
            f"study_record: {folder / trial.folder} is missing; "
            f"run `capsnet experiment {study.name}` to its end"
        )
    record = finished_record(folder / trial.folder)
    return {
        "arm": trial.arm,
        "config": record["config"],
        "weights": found["weights"],
        "losses": [row["margin"] for row in record["epochs"]],
        "val_errors": [row.get("val_errors") for row in record["epochs"]],
        **{name: record[name] for name in PER_RUN},
        **found["measured"],
    }
