"""What the machine lends to this process."""

import ctypes
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["count_usable_cpus", "keep_freed_memory", "leave_no_cache_folder", "share_busy_cores"]

SPINS = "3000"
"""How often a thread looks for work before it sleeps; GNU OpenMP's own default is in the billions."""
TRIM_THRESHOLD, MMAP_MAX, LARGEST_INT = -1, -4, 2**31 - 1
"""Of malloc.h in the GNU C library."""


def count_usable_cpus(*, cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole cores that may be used: the container's quota where there is one, never below one.

    Reads `cpu.max` (cgroup v2) or `cpu/cpu.cfs_quota_us` (v1); without either, the cores that the
    scheduler lends to the process. Numeric libraries start a thread per core of the host otherwise,
    and a container with half a core then spends its time switching between them.
    """
    lent = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _read_quota(cgroup)
    return max(1, lent if quota is None else min(lent, int(quota)))


def share_busy_cores() -> None:
    """Let threads that wait for one another sleep soon. To be called before torch is imported.

    They spin otherwise, which is a little quicker on an idle machine; on a busy one they spin away the
    very time that the thread they wait for would need, and learning took five times as long.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def leave_no_cache_folder() -> None:
    """Keep torch from making a cache folder for its compiler, which is not used. To be called before torch is imported.

    The first optimizer makes the folder that this variable names; a folder that is already there stays as it is.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())


def keep_freed_memory() -> None:
    """Have the C library keep what is freed for what is asked for next. To be called before learning begins.

    Each step of learning asks for the same large arrays; the library maps and returns them every time otherwise,
    which takes a fifth of each step, and more where several threads learn. Where it is not the GNU one nothing is done.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(TRIM_THRESHOLD, LARGEST_INT)
        library.mallopt(MMAP_MAX, 0)


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
