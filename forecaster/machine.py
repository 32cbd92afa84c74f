"""CPU cores, waiting threads, cache folders and freed memory: limits and settings of this process."""

import ctypes
import gc
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TypeVar

__all__ = [
    "Blas",
    "collect_rarely",
    "compute_without_threads",
    "count_usable_cpus",
    "end_without_collecting",
    "find_blas",
    "free_memory",
    "keep_freed_memory",
    "map_on_cores",
    "share_busy_cores",
]

Item = TypeVar("Item")
Result = TypeVar("Result")

SPINS = "3000"
"""How often a thread checks for work before it sleeps; GNU OpenMP's own default is in the billions."""
OBJECTS_BEFORE_COLLECTION = 250_000
"""More than imports create, hardly any of it garbage: to look through them takes a twentieth of a short command."""
TRIM_THRESHOLD, MMAP_MAX, LARGEST_INT = -1, -4, 2**31 - 1
"""Of malloc.h in the GNU C library."""


def count_usable_cpus(*, cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole cores that may be used: the container's quota where there is one, at least one.

    Reads `cpu.max` (cgroup v2) or `cpu/cpu.cfs_quota_us` (v1); without either, the CPU affinity of the
    process. Otherwise numeric libraries start a thread per core of the host,
    and a container with half a core then spends its time switching between them. OMP_NUM_THREADS is a further limit:
    Ray sets it to the cores that a task is given, and whoever shares a machine may do so, too.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _read_quota(cgroup)
    asked = re.match(r"\s*([1-9]\d*)", os.environ.get("OMP_NUM_THREADS", ""))  # of nested loops the first number
    limits = [available] + ([] if quota is None else [int(quota)]) + ([int(asked[1])] if asked else [])
    return max(1, min(limits))


def map_on_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` on each of the `items` in a thread per core that may be used; the results in the order of the items.

    For work that mostly is in native code, which lets other threads run. An error ends the work that has not begun.
    """
    items, threads = list(items), count_usable_cpus()
    blas = find_blas()
    with nullcontext() if blas is None else blas.keep_single():
        if threads == 1 or len(items) < 2:
            yield from map(work, items)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a forecast of a few series needs no threads

        executor = ThreadPoolExecutor(min(threads, len(items)))
        try:
            yield from executor.map(work, items)
        finally:
            executor.shutdown(cancel_futures=True)


class Blas:
    """The threads of the OpenBLAS in NumPy's own packages, of this whole process."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.count_threads: Callable[[], int] = library.scipy_openblas_get_num_threads64_
        self.set_threads: Callable[[int], None] = library.scipy_openblas_set_num_threads64_
        self.lock, self.users, self.before = Lock(), 0, 1

    @contextmanager
    def keep_single(self) -> Iterator[None]:
        """One thread as long as anyone is within the context, for the reason that `compute_without_threads` gives."""
        with self.lock:
            if not self.users:
                self.before = self.count_threads()
                self.set_threads(1)
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users:
                    self.set_threads(self.before)


@cache
def find_blas() -> Blas | None:
    """The OpenBLAS that NumPy came with, as its packages for Linux and macOS have it; None where it is another one."""
    import numpy  # noqa: PLC0415 - not everything that starts here computes

    package = Path(numpy.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in folder.glob("libscipy_openblas64_*"):
            with suppress(OSError, AttributeError):
                return Blas(ctypes.CDLL(str(path)))
    return None


def compute_without_threads() -> None:
    """Let OpenBLAS, which NumPy computes with, start no threads. To be called before NumPy is imported.

    All cores have a batch of their own already. For the many small systems of equations of covariates its threads wait
    for each other, spinning, longer than they compute: that took more than ten times the CPU time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def collect_rarely() -> None:
    """Look for garbage only once many objects were created. To be called before anything large is imported."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)


def end_without_collecting() -> None:
    """Let the interpreter look for no garbage before it ends. To be called when nothing else is left to be done.

    It would look through all objects of the imports more than once, which takes a fifth of a short command.
    """
    gc.freeze()


def share_busy_cores() -> None:
    """Let threads that wait for each other sleep soon. To be called before torch is imported.

    Otherwise they spin, which is a little faster on an idle machine; on a busy one, spinning takes the
    CPU time that the awaited thread needs, and training took five times as long.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def keep_freed_memory() -> None:
    """Let the C library keep freed memory for the next allocations. To be called before training starts.

    Each training step allocates the same large arrays; otherwise the library maps and returns them every time,
    which takes a fifth of each step, and more with several threads. Does nothing where it is not the GNU library.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(TRIM_THRESHOLD, LARGEST_INT)
        library.mallopt(MMAP_MAX, 0)


def free_memory(*, above: int) -> None:
    """Give back to the system what is not needed any more, where this process has more than so many bytes.

    Texts of pandas whose parts were looked at refer to themselves, so that they are collected late; and the C library
    keeps what was freed, unless it is told to give it back, as the GNU one can be.
    """
    resident = _measure_resident()
    if resident is not None and resident <= above:
        return
    gc.collect()
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):
            library.malloc_trim(0)


def _measure_resident() -> int | None:
    """The bytes of memory that this process has now; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


@cache  # asked for several times by each forecast
def _read_quota(cgroup: Path) -> float | None:
    """Cores that the control group may use, or None where it sets no limit."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    try:
        cores = float(quota) / float(period)
    except (ValueError, ZeroDivisionError):
        return None
    return cores if cores > 0 else None
