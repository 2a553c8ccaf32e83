"""How far a run is, and when it cannot go on."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from capsnet_tutorial.training import Diverged, StepResult

STUCK_STEPS = 200  # so many in a row, and it will not come back by itself


@dataclass
class Progress:
    """How far a run is: with weights and optimizer, all that a checkpoint needs."""

    step: int = 0  # done so far
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # this epoch
    epochs: list[dict[str, Any]] = field(default_factory=list)  # one row each
    stuck: int = 0  # steps in a row at the loss of dead or saturated capsules
    seconds: float = 0.0  # at work, over all attempts
    attempts: list[dict[str, Any]] = field(default_factory=list)  # where, which code

    def check(self, epochs: int, n_steps: int) -> None:
        """See that a run of so many epochs, of so many steps each, can be here.

        Raises:
            ValueError: if it cannot.
        """
        whole, numbers = len(self.epochs), [*self.sums, self.seconds]
        if not (
            whole <= epochs
            and isinstance(self.step, int)
            and whole * n_steps <= self.step <= min(whole + 1, epochs) * n_steps
            and len(numbers) == 4
            and all(isinstance(x, int | float) and isfinite(x) for x in numbers)
        ):
            raise ValueError(
                f"step {self.step} after {whole} epochs of {n_steps} steps, with sums "
                f"and seconds {numbers}"
            )

    def add(self, result: StepResult, batch_size: int) -> None:
        """Count one step."""
        self.step += 1
        self.sums = [a + b * batch_size for a, b in zip(self.sums, result, strict=True)]

    def end_epoch(self, n: int, **more: Any) -> None:
        """Add the epoch's row, with the mean losses of its n examples."""
        names = ("total", "margin", "reconstruction")
        means = {name: x / n for name, x in zip(names, self.sums, strict=True)}
        self.epochs.append({"epoch": len(self.epochs) + 1, **means, **more})
        self.sums = [0.0, 0.0, 0.0]

    def watch(self, margin: float, n_classes: int, n_present: int = 1) -> None:
        """Look at the margin loss of a step.

        Args:
            n_present: of the classes, in each image.

        Raises:
            Diverged: if it stays where all capsules are dead, or saturated.
        """
        dead, full = n_present * 0.9**2, (n_classes - n_present) * 0.5 * 0.9**2
        near = [level for level in (dead, full) if abs(margin / level - 1) < 0.01]
        self.stuck = self.stuck + 1 if near else 0
        if self.stuck < STUCK_STEPS:
            return
        if near == [dead]:
            raise Diverged(
                f"the margin loss has stayed at {dead:.2f} for {self.stuck} steps: all "
                "capsules are dead (length 0), and no gradient reaches them; start "
                "with larger class-capsule weights, or a lower learning rate"
            )
        raise Diverged(
            f"the margin loss has stayed at {full:.3f} for {self.stuck} steps: all "
            "capsules are saturated (length 1); start with smaller class-capsule "
            "weights, or a lower learning rate"
        )
