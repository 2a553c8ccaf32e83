"""Break the code in many ways, one at a time, and see that a test fails each time.

    python tests/mutants.py        all; exit code 1 if one survives
    python tests/mutants.py 3 14   these two, with what the tests print
    python tests/mutants.py --new  those that were not seen to die as they are now
    python tests/mutants.py --note the same; and those that die are noted as seen

A mutant is one piece of the package, changed; mutations.py lists them.  A mutant that
survives means that a test is missing.  killed.json knows the files whose mutants all
died, by what they, these and their nearest tests say; a run of all writes it anew.
"""

import contextlib
import functools
import hashlib
import importlib
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from mutations import MUTANTS, TESTS

ROOT = Path(__file__).parents[1]
SEEN = Path(__file__).with_name("killed.json")


def how_far(test: str, file: str) -> tuple[bool, bool]:
    """Sorts the tests that probably kill a mutant of this file to the front."""
    other_part = test.startswith("explorer") != file.startswith("explorers/")
    return file not in TESTS[test], other_part


def run(number: int, nearest: bool = True, quiet: bool = True) -> int:
    """Run tests on a copy of the package with one change; return pytest's code.

    The nearest are those that mutations.py lists for its file; or else all others.
    """
    file, (text, becomes, _) = EVERY[number]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "capsnet_tutorial"
        shutil.copytree(ROOT / "capsnet_tutorial", copy)
        (Path(folder) / "data").symlink_to(ROOT / "data")
        before = (copy / file).read_text(encoding="utf-8")
        if before.count(text) != 1:
            raise ValueError(
                f"mutant {number}: {file} has {text!r} {before.count(text)} times"
            )
        (copy / file).write_text(before.replace(text, becomes), encoding="utf-8")
        sys.path.insert(0, folder)
        names = sorted(TESTS, key=lambda test: how_far(test, file))
        names = [test for test in names if (file in TESTS[test]) == nearest]
        paths = [f"{ROOT}/tests/{name}" for name in names]
        options = ["-x", "-q", "-p", "no:cacheprovider"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # for SLOW
        with contextlib.ExitStack() as stack:
            if quiet:
                null = stack.enter_context(open(os.devnull, "w"))
                stack.enter_context(contextlib.redirect_stdout(null))
                stack.enter_context(contextlib.redirect_stderr(null))
            return int(pytest.main([*options, *paths]))


SLOW = [
    "accelerate",
    "anywidget",
    "hypothesis",
    "matplotlib.figure",
    "nbval.plugin",
    "torch._dynamo",
    "torchvision",
]
EVERY = [(file, mutant) for file, mutants in MUTANTS.items() for mutant in mutants]


def main() -> int:
    os.chdir(ROOT)
    new, note = sys.argv[1:] in (["--new"], ["--note"]), sys.argv[1:] == ["--note"]
    asked = [] if new else [int(number) for number in sys.argv[1:]]
    left = asked or (not_seen() if new else range(len(EVERY)))
    n = len(left)
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        for nearest in (True, False):
            one = functools.partial(run, nearest=nearest, quiet=not asked)
            codes = pool.imap(one, left)
            left = [n for n, code in zip(left, codes, strict=True) if not told(n, code)]
    if note or not (asked or new):
        write_seen({EVERY[number][0] for number in left})
    for number in left:
        print(f"{number:3} SURVIVED  {' '.join(EVERY[number][1])}")
    print(f"{n - len(left)} of {n} killed")
    return int(bool(left))


def state_of(file: str) -> str:
    """Changes with the file, its mutants, and the tests that are nearest to it."""
    nearest = [f"tests/{test}" for test, files in TESTS.items() if file in files]
    digest = hashlib.sha256(repr(MUTANTS[file]).encode())
    for path in [f"capsnet_tutorial/{file}", *sorted(nearest)]:
        digest.update((ROOT / path).read_bytes())
    return digest.hexdigest()[:16]


def not_seen() -> list[int]:
    """Mutants of files that are not as they were when all of them died."""
    seen = json.loads(SEEN.read_text(encoding="utf-8"))
    new = {file for file in MUTANTS if seen.get(file) != state_of(file)}
    return [number for number, (file, _) in enumerate(EVERY) if file in new]


def write_seen(survived: set[str]) -> None:
    seen = {file: state_of(file) for file in sorted(set(MUTANTS) - survived)}
    SEEN.write_text(json.dumps(seen, indent=1) + "\n", encoding="utf-8")


def told(number: int, code: int) -> bool:
    """Say it if a mutant is killed; a run that did not come to its end kills none."""
    file, (_, _, why) = EVERY[number]
    if code == pytest.ExitCode.TESTS_FAILED:
        print(f"{number:3} killed {file:30} {why}", flush=True)
    elif code != pytest.ExitCode.OK:
        print(f"{number:3} pytest stopped with {code}: {file}, {why}", flush=True)
    return code == pytest.ExitCode.TESTS_FAILED


if __name__ == "__main__":
    for module in SLOW:  # once, before the forks
        importlib.import_module(module)

    sys.exit(main())
