"""Measure the time and memory of whole processes; write results with the machine that they were measured on."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
FORECAST = str(Path(sys.executable).with_name("forecast"))


@dataclass(frozen=True)
class Run:
    """Median seconds of a command over its repeats, by the clock and of all cores; its largest peak memory in MB."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def time_command(words: list[str], *, folder: Path, repeats: int = 1) -> Run:
    """Run `words` in `folder`; the first of several runs warms the file cache and does not count."""
    seconds, cpu_seconds, peaks = [], [], []
    # keep bytecode from the first run on, as for packages installed by pip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for number in range(repeats + (repeats > 1)):
        started = time.perf_counter()
        with subprocess.Popen(
            words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        ) as process:
            assert process.stderr is not None
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError(f"{words} ended with {process.returncode}: {errors.decode()}")
        if number or repeats == 1:
            seconds.append(took)
            cpu_seconds.append(usage.ru_utime + usage.ru_stime)
            peaks.append(usage.ru_maxrss / 1024)
    return Run(statistics.median(seconds), statistics.median(cpu_seconds), max(peaks))


def time_in_turns(commands: list[list[str]], *, folder: Path, repeats: int) -> list[Run]:
    """Run `commands` alternately, so that other load on the machine affects all of them equally."""
    turns = [[time_command(words, folder=folder) for words in commands] for _ in range(repeats + 1)][1:]
    return [
        Run(
            statistics.median(run.seconds for run in runs),
            statistics.median(run.cpu_seconds for run in runs),
            max(run.peak_mb for run in runs),
        )
        for runs in zip(*turns, strict=True)
    ]


def show_results(name: str, *, figures: dict[str, float]) -> None:
    """Print `figures` to three decimals, and write them to `results/NAME.json`."""
    rounded = {key: round(value, 3) for key, value in figures.items()}
    for key, value in rounded.items():
        print(f"{key:40s} {value:10.3f}")
    print(write_results(name, figures=rounded))


def write_results(name: str, *, figures: dict[str, Any]) -> Path:
    """Write `figures` to `results/NAME.json`, with the date, the cores and the versions."""
    RESULTS.mkdir(exist_ok=True)
    machine = {
        "date": date.today().isoformat(),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        **{package: version(package) for package in ("forecast-lstm", "numpy", "pandas", "onnxruntime", "torch")},
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"measured_on": machine, **figures}, indent=2) + "\n")
    return path
