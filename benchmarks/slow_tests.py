"""Find the slow tests: `make slow-tests` runs all tests, and writes `tests/slow_tests.txt`.

Those are the functions that take more than MOST_SECONDS of CPU time, with the processes that they start, as a mean over
their sets of parameters. `make test` leaves them out, and `make test-slow` runs them. CPU seconds hardly depend on what
else the machine does. This module is a plugin of pytest as well, which each of its workers loads.
"""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "tests" / "slow_tests.txt"
MOST_SECONDS = 0.3
VARIABLE = "SLOW_TESTS_FOLDER"
"""Where each worker writes the seconds of its tests."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Write down how long a test took, with its fixtures."""
    begun = sum(os.times()[:4])
    result = yield
    place = Path(os.environ[VARIABLE]) / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with place.open("a") as file:
        print(f"{sum(os.times()[:4]) - begun:.3f} {item.nodeid}", file=file)
    return result


def find_slow(lines: list[str]) -> list[str]:
    """The functions whose mean is above MOST_SECONDS, of lines of seconds and a test."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for line in lines:
        took, test = line.split(" ", maxsplit=1)
        seconds[test.split("[")[0].strip()].append(float(took))
    return sorted(test for test, took in seconds.items() if mean(took) > MOST_SECONDS)


def main() -> None:
    """Run all tests, and list those that are slow."""
    with TemporaryDirectory() as folder:
        words = ["-p", "benchmarks.slow_tests", "-n", "auto", "--dist", "worksteal", "-q"]
        environment = {**os.environ, VARIABLE: folder, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environment, check=True)
        lines = [line for place in Path(folder).iterdir() for line in place.read_text().splitlines()]
    slow = find_slow(lines)
    LISTED.write_text("\n".join(slow) + "\n")
    print(f"{len(slow)} of the test functions are slow, and listed in {LISTED}")


if __name__ == "__main__":
    main()
