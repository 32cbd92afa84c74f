"""Kill `train` and `run` with SIGKILL at random moments, and check what they leave and what the next one makes of it.

After the kill no file may be half-written. The same command then has to succeed, so the lock is free, to remove what
the killed one left, and to write the same files as one that was never disturbed.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.outcomes import AIRLINE, CHECKPOINT, PROGRAM, Outcome, list_files

__all__ = ["KILLED", "Killed", "kill_once", "kill_writers", "prepare", "run_undisturbed"]

INPUT = "input.csv"
ROWS = 61
"""Of the input, as few as make training short."""
TRAINS = ["train", INPUT, "--steps", "20", "--from-scratch", "--hidden", "16", "--context", "24", "--horizon", "6"]
RUN_FILES = {"forecasts.csv", "log.jsonl", "metrics.json", "quantiles.parquet", "run.json"}
NAME_OF_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
DIFFERS = {"log.jsonl", "run.json", "metrics.json", "latest.json"}
"""Files of a run that hold times, or what the runs before it were."""
WITH_CHECKSUM = re.compile(r"(network|weights)-[0-9a-f]+\.(onnx|safetensors)")


@dataclass(frozen=True)
class Killed:
    """A command that is killed: its words, and those of the one that left a good result before.

    `every` is how many tries there are for each one of it, as some take long.
    """

    words: list[str]
    before: list[str]
    every: int = 1


KILLED = {
    "train": Killed(TRAINS, before=[*TRAINS, "--seed", "7"]),
    "run, training": Killed(["run", INPUT, "--horizon", "6"], before=["run", INPUT, "--train", "never"], every=4),
    "run": Killed(["run", INPUT, "--train", "never"], before=["run", INPUT, "--train", "never", "--horizon", "5"]),
}
"""Commands that write the same forecasts and models every time, over a result that is there already."""


def prepare(folder: Path, killed: Killed) -> None:
    """The folder as it is in the evening before: an input that lacks its last row, and what was made of it."""
    lines = Path(AIRLINE).read_text().splitlines(keepends=True)[: ROWS + 1]
    (folder / INPUT).write_text("".join(lines[:-1]))
    _run(killed.before, folder)
    (folder / INPUT).write_text("".join(lines))


def run_undisturbed(killed: Killed, evening: Path) -> tuple[dict[str, bytes], float]:
    """What the command writes where nothing disturbs it, from the state in the folder `evening`; and its seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = shutil.copytree(evening, Path(name, "work"))
        started = time.monotonic()
        _run(killed.words, folder)
        return _choose_results(folder), time.monotonic() - started


def kill_once(command: str, evening: Path, *, seconds: float, whole: dict[str, bytes]) -> Outcome:
    """Kill the command `seconds` after its start, and run it again; `whole` are its undisturbed results."""
    killed = KILLED[command]
    with tempfile.TemporaryDirectory() as name:
        folder = shutil.copytree(evening, Path(name, "work"))
        with subprocess.Popen(
            [*PROGRAM, *killed.words],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            time.sleep(seconds)
            has_ended = process.poll() is not None
            os.killpg(process.pid, signal.SIGKILL) if not has_ended else None
        result = "finished before" if has_ended else "killed"
        problems = [f"after the kill: {problem}" for problem in _find_broken(folder, evening=evening)]
        again = subprocess.run([*PROGRAM, *killed.words], cwd=folder, capture_output=True, text=True, check=False)
        if again.returncode:
            problems.append(f"the next one ends with {again.returncode}")
        problems += [f"after the next one: {problem}" for problem in _find_broken(folder, evening=folder)]
        left = [path.name for path in folder.rglob(".*") if path.name.startswith(".")]
        problems += [f"left {name}" for name in left]
        found = _choose_results(folder)
        problems += [f"{name} is another one" for name in sorted(whole) if found.get(name) != whole[name]]
        problems += [f"{name} is too much" for name in sorted(set(found) - set(whole))]
    return Outcome(command, "SIGKILL", seconds, result, tuple(problems), again.stderr)


def kill_writers(tries: int) -> Iterator[Outcome]:
    """SIGKILL at so many random moments of the time that each of the commands takes."""
    generator = np.random.default_rng(0)
    for command, killed in KILLED.items():
        with tempfile.TemporaryDirectory() as name:
            evening = Path(name)
            prepare(evening, killed)
            whole, duration = run_undisturbed(killed, evening)
            for _ in range(tries // killed.every):
                yield kill_once(command, evening, seconds=generator.random() * duration, whole=whole)


def _run(words: list[str], folder: Path) -> None:
    subprocess.run([*PROGRAM, *words], cwd=folder, check=True, capture_output=True)


def _choose_results(folder: Path) -> dict[str, bytes]:
    """The model, and the results of the last good run, by names that do not depend on the time."""
    found = {
        WITH_CHECKSUM.sub(r"\1.\2", name): content.replace(str(folder.absolute()).encode(), b"")
        for name, content in list_files(folder).items()
        if name.startswith("model/") and not Path(name).name.startswith(".")
    }
    latest = folder / "runs" / "latest.json"
    if latest.is_file():
        run = folder / "runs" / str(_read(latest)["run"])
        found |= {path.name: path.read_bytes() for path in run.iterdir() if path.name not in DIFFERS}
    return found


def _find_broken(folder: Path, *, evening: Path) -> list[str]:
    """What is half-written: a model or a run that lacks files, a pointer to nothing."""
    problems = []
    card = folder / "model" / "model.json"
    if card.is_file():
        missing = [name for name in _read(card)["checksums"] if not (folder / "model" / name).is_file()]
        problems += [f"model.json names {name}, which is not there" for name in missing]
    elif (evening / "model" / "model.json").is_file():
        problems.append("the model of before is gone")
    runs = folder / "runs"
    for run in runs.iterdir() if runs.is_dir() else []:
        if NAME_OF_RUN.fullmatch(run.name):
            lacks = RUN_FILES - {path.name for path in run.iterdir()}
            problems += [f"{run.name} lacks {', '.join(sorted(lacks))}"] * bool(lacks)
            problems += [
                f"{run.name} is {status}" for status in (_read(run / "run.json")["status"],) if status != "succeeded"
            ]
    latest = runs / "latest.json"
    if latest.is_file():
        problems += ["latest.json points to nothing"] * (not (runs / _read(latest)["forecasts"]).is_file())
    elif (evening / "runs" / "latest.json").is_file():
        problems.append("latest.json is gone")
    left = [path.name for path in folder.rglob("*") if path.name == CHECKPOINT]
    return problems + [f"a {name} that no signal asked for" for name in left]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content
