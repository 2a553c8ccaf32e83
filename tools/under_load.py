"""Run a command several times while others keep the machine busy: tests must not waver.

    python tools/under_load.py --busy 4 --times 10 -- .venv/bin/pytest tests/explorers

Prints one line a run, and exits with 1 if any failed.
"""

import argparse
import multiprocessing
import subprocess
import sys
import time


def turn() -> None:
    """Keep one core busy."""
    while True:
        sum(range(1000))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--busy", type=int, default=4, help="loops that run beside it")
    parser.add_argument("--times", type=int, default=1, help="how often it runs")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    loops = [
        multiprocessing.Process(target=turn, daemon=True) for _ in range(options.busy)
    ]
    for loop in loops:
        loop.start()
    failed = 0
    try:
        for number in range(1, options.times + 1):
            start = time.monotonic()
            done = subprocess.run(
                options.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True,
            )  # fmt: skip
            last = (done.stdout.strip().splitlines() or [""])[-1]
            seconds = time.monotonic() - start
            told = f"{number:3}  exit {done.returncode}  {seconds:6.0f} s  {last}"
            print(told, flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout[-5000:], flush=True)
    finally:
        for loop in loops:
            loop.terminate()
    passed = options.times - failed
    print(f"{passed} of {options.times} passed beside {options.busy} busy loops")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
