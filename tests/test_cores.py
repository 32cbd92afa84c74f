"""Threads of numeric libraries: all cores have a batch of their own, so OpenBLAS starts none beside them."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from forecaster import machine

SHOWS_THREADS = """
import os
import forecaster.__main__
import forecaster.cli.app as app
app.run = lambda: print(os.environ["OPENBLAS_NUM_THREADS"]) or 0
forecaster.__main__.main()
"""


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_commands_compute_in_one_thread_unless_told_otherwise(given: str | None, expected: str) -> None:
    others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment = others if given is None else {**others, "OPENBLAS_NUM_THREADS": given}
    command = [sys.executable, "-c", SHOWS_THREADS]
    outcome = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert outcome.stdout.split() == [expected]


@pytest.fixture
def blas() -> Iterator[machine.Blas]:
    found = machine.find_blas()
    if found is None:
        pytest.skip("NumPy has not come with OpenBLAS")
    before = found.count_threads()
    found.set_threads(2)
    if found.count_threads() != 2:
        pytest.skip("OpenBLAS began with one thread, and cannot have more")
    yield found
    found.set_threads(before)


@pytest.mark.usefixtures("all_cores")
def test_batches_compute_in_one_thread_and_leave_the_process_as_it_was(blas: machine.Blas) -> None:
    counted = list(machine.map_on_cores(lambda _: blas.count_threads(), range(3)))
    assert counted == [1, 1, 1]
    assert blas.count_threads() == 2
    with pytest.raises(ZeroDivisionError):
        list(machine.map_on_cores(lambda number: 1 / number, range(3)))
    assert blas.count_threads() == 2
    # one batch within another leaves the outer one its single thread
    nested = machine.map_on_cores(lambda _: [*machine.map_on_cores(lambda _: 0, [0]), blas.count_threads()], range(2))
    assert list(nested) == [[0, 1], [0, 1]]
    assert blas.count_threads() == 2
