"""What a study is: arms, each with its changes, and seeds; all of it in one file.

    question = "What does the missing square cost?"
    seeds = 5
    count_on = "val"
    measures = ["errors"]

    [base]                      # fields of TrainConfig, the same for all
    preset = "tiny"

    [arms."as in the paper"]

    [arms."no square"]          # and what this arm changes
    variant = "labml"
    repair = ["axis", "start"]

A study can be cut (fewer seeds) and extended (more seeds, more arms): a run is known by
its arm and seed, and is never carried out twice.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsnet_tutorial.experiments.measure import COUNT_ON, MEASURES
from capsnet_tutorial.runs import TrainConfig

STUDIES = Path(__file__).parent / "studies"
KEYS = {"question", "seeds", "count_on", "measures", "base", "arms"}


@dataclass(frozen=True)
class Trial:
    """One run of a study."""

    arm: str
    config: TrainConfig

    @property
    def folder(self) -> str:
        """Its name, below the folder of the study."""
        arm = re.sub(r"\W+", "-", self.arm).strip("-")
        return f"{arm}/seed-{self.config.seed}"


@dataclass(frozen=True)
class Study:
    """A question, and the runs that answer it.

    Raises:
        ValueError: if a measure, a set of digits or a field of a config is unknown, or
            two arms would share a folder.
    """

    name: str
    question: str
    seeds: int  # 0, 1, ...
    count_on: str  # a name in COUNT_ON
    measures: tuple[str, ...]  # names in MEASURES
    base: dict[str, Any]
    arms: dict[str, dict[str, Any]]

    def __post_init__(self):
        for what, given, known in (
            ("measures", set(self.measures), MEASURES),
            ("count_on", {self.count_on}, COUNT_ON),
        ):
            if unknown := given - set(known):
                raise ValueError(
                    f"study {self.name}: {what} {', '.join(sorted(unknown))} unknown; "
                    f"write some of {', '.join(known)}"
                )
        folders = [trial.folder for trial in self.trials()]
        if len(set(folders)) < len(folders):
            raise ValueError(f"study {self.name}: two arms have nearly the same name")

    def trials(self, seeds: int | None = None) -> list[Trial]:
        """All runs, seed by seed, so that a study that is cut has whole seeds."""
        return [
            Trial(arm, self._config(change, seed))
            for seed in range(self.seeds if seeds is None else seeds)
            for arm, change in self.arms.items()
        ]

    def _config(self, change: dict[str, Any], seed: int) -> TrainConfig:
        try:
            return TrainConfig(**self.base | change, seed=seed)
        except TypeError as error:  # a field that is none
            raise ValueError(f"study {self.name}: {error}") from None


def study_names() -> list[str]:
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def load_study(name: str) -> Study:
    """A study that comes with the package.

    Raises:
        ValueError: if there is none of this name.
    """
    if name not in study_names():
        raise ValueError(
            f"load_study: {name!r} is unknown; pass one of {', '.join(study_names())}"
        )
    return read_study(STUDIES / f"{name}.toml")


def read_study(path: Path) -> Study:
    """A study from its file.

    Raises:
        ValueError: if the file is none; the message names it.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from None
    if fields.keys() != KEYS:
        missing, surplus = sorted(KEYS - fields.keys()), sorted(fields.keys() - KEYS)
        raise ValueError(f"{path}: missing {missing}, unexpected {surplus}")
    return Study(path.stem, **{**fields, "measures": tuple(fields["measures"])})
