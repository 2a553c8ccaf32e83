"""What the book promises about runs, files and pages, and how often it was tried.

    python tests/trials.py    all trials, about 15 minutes; writes the record

The page "What is promised" shows the record, data/results/trials.json.
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "data" / "results" / "trials.json"
PROMISES = {  # promise -> tests, or files of tests, that try it
    "resumes": [
        "runs/test_runs.py::test_dying_after_any_step_changes_nothing",
        "runs/test_runs.py::test_killed_at_any_call_of_the_file_system",
        "runs/test_runs.py::test_killed_at_random_moments",
        "runs/test_run_trouble.py::test_a_stop_during_validation",
        "runs/test_run_trouble.py::test_a_second_signal_ends_at_once",
        "runs/test_run_trouble.py::test_max_minutes_saves",
        "runs/test_run_trouble.py::test_a_full_disk_is_loud",
        "runs/test_own_images.py::test_a_run_stopped_and_resumed",
        "experiments/test_runner.py",
    ],
    "disk": [
        "runs/test_runs.py::test_a_disk_that_fails_at_any_call",
        "runs/test_run_trouble.py::test_one_that_cannot_be_read_is_not_called_damaged",
        "runs/test_run_trouble.py::test_a_folder_that_cannot_be_made",
        "records/test_files.py",
    ],
    "forged": [
        "runs/test_forged.py",
        "runs/test_run_trouble.py::test_any_flipped_bit_is_seen",
        "runs/test_run_trouble.py::test_a_damaged_checkpoint_is_passed_over",
        "runs/test_run_trouble.py::test_only_damaged_checkpoints_stop_the_run",
        "test_pretrained.py::test_a_damaged_file_is_refused",
    ],
    "strays": [
        "runs/test_strays.py",
        "runs/test_run_trouble.py::test_the_two_newest_are_kept",
        "digits/test_mnist_files.py::test_what_a_killed_install_left",
    ],
    "writer": [
        "runs/test_run_trouble.py::test_a_folder_has_one_writer",
        "runs/test_run_trouble.py::test_of_many_that_start_at_once_one_writes",
        "runs/test_run_trouble.py::test_a_run_that_saved_no_step_locks_nothing",
    ],
    "digits": ["digits/test_mnist_files.py", "digits/test_mnist.py"],
    "numbers": [
        "runs/test_run_trouble.py::test_weights_that_are_not_finite",
        "runs/test_run_trouble.py::test_an_evaluation_belongs_to_its_weights",
        "runs/test_loop.py::test_damaged_weights_are_refused",
        "runs/test_loop.py::test_divergence_names",
    ],
    "requests": [
        "test_flags.py",
        "runs/test_config.py::test_any_value_is_taken",
        "runs/test_config.py::test_a_wrong_recipe",
    ],
    "console": ["test_console.py"],
    "figures": [
        "explorers/test_hostile.py",
        "explorers/test_every_explorer_page.py::test_a_broken_link",
        "explorers/test_playground_page.py::test_a_link_beyond",
        "explorers/test_digit_routing_page.py::test_a_link_beyond",
    ],
    "pages": [
        "book/test_pages.py::test_pages_are_whole_quiet_and_accessible",
        "book/test_strict.py",
    ],
}


def promise_of(name: str) -> str:
    """Of a test, named as below tests/: the promise that names it most exactly."""
    found = [
        (len(test), promise)
        for promise, tests in PROMISES.items()
        for test in tests
        if name.startswith(test)
    ]
    return max(found)[1]


class Counting:
    """Counts trials and failures of each promise; a test is one unless it says more."""

    def __init__(self):
        self.trials, self.failed = Counter(), Counter()

    def pytest_collection_modifyitems(self, items, config):
        kept = [one for one in items if self._promised(one.nodeid)]
        config.hook.pytest_deselected(items=[x for x in items if x not in kept])
        items[:] = kept

    def _promised(self, nodeid: str) -> bool:
        name = nodeid.removeprefix("tests/")
        return any(name.startswith(t) for tests in PROMISES.values() for t in tests)

    def pytest_runtest_logreport(self, report):
        promise = promise_of(report.nodeid.removeprefix("tests/"))
        if report.when == "call" and not report.skipped:
            said = [n for key, n in report.user_properties if key == "trials"]
            self.trials[promise] += sum(said) or 1
        self.failed[promise] += report.failed


def main() -> int:
    os.chdir(ROOT)
    counting, begun = Counting(), time.monotonic()
    paths = {test.split("::")[0] for tests in PROMISES.values() for test in tests}
    arguments = ["-q", "-m", "long or not long", "-p", "no:cacheprovider"]
    paths = sorted(f"tests/{path}" for path in paths)
    code = pytest.main([*arguments, *paths], [counting])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return int(code)
    # Not before pytest, which adds shape checks to the package as it is imported.
    import torch

    from capsnet_tutorial.records import SCHEMA, provenance, to_json, write_atomically

    record = {
        "schema": SCHEMA,
        **provenance(torch.device("cpu")),
        "seconds": round(time.monotonic() - begun),
        "promises": {
            promise: {
                "trials": counting.trials[promise],
                "failed": counting.failed[promise],
            }
            for promise in PROMISES
        },
    }
    write_atomically(RECORD, to_json(record))
    print(json.dumps(record["promises"], indent=1))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
