"""Change the files of a model folder at random, and count how the commands that open it end.

`python -m benchmarks.hostile_models --count 1000 --seed 0` changes `model.json`, the network, the weights and a
checkpoint so many times each. A change is refused with an exit code of the contract and one line, or the result is a
sound forecast; anything else is a failure: another exit code, a traceback, a value that is not finite, quantiles that
cross, more than SECONDS or more than MEMORY.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measuring import write_results
from benchmarks.outcomes import AIRLINE, CHECKPOINT, PROGRAM
from forecaster.cli.app import run
from forecaster.learning.loop import LearningLoop
from tests.hostile_models import CHANGES, change_checkpoint

SMALL = ["--steps", "20", "--from-scratch", "--hidden", "8", "--context", "24", "--quiet"]
SECONDS, MEMORY = 20, 2 << 30
"""Limits of one command, on top of what the imports take: seconds of computing and bytes of memory."""
PATIENCE = 300.0
"""Seconds, on a machine that is busy, after which a command counts as one without an end."""
REFUSED = (2, 65, 66, 78)


@dataclass(frozen=True)
class Ending:
    """How a command ended: its exit code, None where it was killed, and what it wrote to stderr."""

    code: int | None
    stderr: str
    seconds: float


def main() -> None:
    """Run the changes and write `results/hostile_models.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first change")
    parser.add_argument("--parts", default=",".join([*CHANGES, "checkpoint"]))
    given = parser.parse_args()
    results: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        subprocess.run([*PROGRAM, "train", AIRLINE, *SMALL, "--model", "whole"], check=True)
        if "checkpoint" in given.parts:
            _stop_training()
        for part in given.parts.split(","):
            counts: Counter[str] = Counter()
            slowest = 0.0
            for number in range(given.first, given.first + given.count):
                how, ending = _try(part, seed=given.seed, number=number)
                slowest = max(slowest, ending.seconds)
                result = _judge(part, ending)
                counts[result] += 1
                if result.startswith("failure"):
                    print(f"{part} {number}: {how}: {result}: {ending.stderr[-300:]}", flush=True)
            results[part] = dict(sorted(counts.items()))
            print(part, results[part], f"slowest {slowest:.1f} s", flush=True)
    write_results("hostile_models", figures={"count": given.count, "seed": given.seed, "endings": results})


def _try(part: str, *, seed: int, number: int) -> tuple[str, Ending]:
    """Make a change to a fresh copy and run the command that reads what was changed."""
    generator = np.random.default_rng([seed, number])
    for name in ("forecasts.csv", "resumed"):
        shutil.rmtree(name, ignore_errors=True) if Path(name).is_dir() else Path(name).unlink(missing_ok=True)
    if part == "checkpoint":
        shutil.copytree("stopped", "resumed")
        path = Path("resumed", CHECKPOINT)
        changed, how = change_checkpoint(generator, path.read_bytes())
        path.write_bytes(changed)
        ending = _run(["train", AIRLINE, *SMALL, "--model", "resumed", "--resume"])
        if ending.code:
            return how, ending
        # what it has learned is a model
        then = _run(["predict", AIRLINE, "--model", "resumed", "--quiet"])
        return how, replace(then, seconds=max(ending.seconds, then.seconds))
    shutil.rmtree("copy", ignore_errors=True)
    shutil.copytree("whole", "copy")
    how = CHANGES[part](generator, Path("copy"))
    words = ["inspect", "copy"] if part == "weights" else ["predict", AIRLINE, "--model", "copy", "--quiet"]
    return how, _run(words)


def _judge(part: str, ending: Ending) -> str:
    """The ending in a word or two."""
    if ending.code is None:
        return "failure: no end"
    if "Traceback" in ending.stderr:
        return "failure: traceback"
    if ending.code in REFUSED:
        lines = ending.stderr.strip().splitlines()
        return f"exit {ending.code}" if lines and lines[-1].startswith("error: ") else "failure: no message"
    if ending.code != 0:
        return f"failure: exit {ending.code}"
    if part == "weights":
        return "done"
    return "sound forecast" if _is_sound(Path("forecasts.csv")) else "failure: unsound forecast"


def _is_sound(path: Path) -> bool:
    """Whether all forecasts are finite and their quantiles do not cross."""
    table = pd.read_csv(path)
    values = table[["forecast-lo-95", "forecast-lo-80", "forecast", "forecast-hi-80", "forecast-hi-95"]].to_numpy(float)
    return len(values) > 0 and bool(np.isfinite(values).all() and (np.diff(values, axis=1) >= 0).all())


def _run(words: list[str], *, prepare: Callable[[], None] = lambda: None) -> Ending:
    """Run a command in a child of this process, so that imports take no time, with a limit of time and memory."""
    begun = time.monotonic()
    errors = Path("stderr.txt")
    errors.write_text("")
    child = multiprocessing.get_context("fork").Process(target=_run_here, args=(words, errors, prepare))
    child.start()
    child.join(PATIENCE)
    is_running = child.is_alive()
    if is_running:
        child.kill()
        child.join()
    code = None if is_running else child.exitcode
    return Ending(code, errors.read_text(errors="replace"), time.monotonic() - begun)


def _run_here(words: list[str], errors: Path, prepare: Callable[[], None]) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # threads that wait for each other would compute, too
    prepare()
    with errors.open("w") as stream, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(stream):
        code = run(words)
    os._exit(code)


def _stop_training() -> None:
    """A folder with the checkpoint of a training that was stopped."""
    learn = LearningLoop._learn_one_batch

    def stop_soon(loop: LearningLoop, is_over: Callable[[], bool]) -> None:
        learn(loop, is_over)
        if loop.step == 5:
            os.kill(os.getpid(), 15)

    def prepare() -> None:
        LearningLoop._learn_one_batch = stop_soon  # type: ignore[assignment, method-assign]

    ending = _run(["train", AIRLINE, *SMALL, "--model", "stopped"], prepare=prepare)
    if not Path("stopped", CHECKPOINT).is_file():
        sys.exit(f"the training was not stopped: {ending}")


if __name__ == "__main__":
    main()
