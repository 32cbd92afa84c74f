"""CPU cores, waiting threads, cache folders and freed memory: limits and settings of this process."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

__all__ = ["count_usable_cpus", "keep_freed_memory", "leave_no_cache_folder", "map_on_cores", "share_busy_cores"]

Item = TypeVar("Item")
Result = TypeVar("Result")

SPINS = "3000"
"""How often a thread checks for work before it sleeps; GNU OpenMP's own default is in the billions."""
TRIM_THRESHOLD, MMAP_MAX, LARGEST_INT = -1, -4, 2**31 - 1
"""Of malloc.h in the GNU C library."""


def count_usable_cpus(*, cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole cores that may be used: the container's quota where there is one, at least one.

    Reads `cpu.max` (cgroup v2) or `cpu/cpu.cfs_quota_us` (v1); without either, the CPU affinity of the
    process. Otherwise numeric libraries start a thread per core of the host,
    and a container with half a core then spends its time switching between them.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _read_quota(cgroup)
    return max(1, available if quota is None else min(available, int(quota)))


def map_on_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` on each of the `items` in a thread per core that may be used; the results in the order of the items.

    For work that mostly is in native code, which lets other threads run. An error ends the work that has not begun.
    """
    items, threads = list(items), count_usable_cpus()
    if threads == 1 or len(items) < 2:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a forecast of a few series needs no threads

    executor = ThreadPoolExecutor(min(threads, len(items)))
    try:
        yield from executor.map(work, items)
    finally:
        executor.shutdown(cancel_futures=True)


def share_busy_cores() -> None:
    """Let threads that wait for each other sleep soon. To be called before torch is imported.

    Otherwise they spin, which is a little faster on an idle machine; on a busy one, spinning takes the
    CPU time that the awaited thread needs, and training took five times as long.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def leave_no_cache_folder() -> None:
    """Keep torch from making a cache folder for its compiler, which is not used. To be called before torch is imported.

    The first optimizer makes the folder that this variable names; a folder that is already there stays as it is.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())


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
