"""Run two trainings into one folder, and kill trainings: `python -m benchmarks.double_writers`.

Afterwards the folder must contain a complete model, old or new, and nothing else once a training has ended.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.measuring import write_results
from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.forecasting.opening import open_forecaster
from forecaster.model.folder import read_card, read_model, read_weights
from forecaster.model.lock import LOCK_FILE

AIRLINE = Path(__file__).resolve().parents[1] / "sample_data" / "air_passengers.csv"
TRIES, KILLS = 60, 20
LARGEST_OFFSET = 0.5
"""Seconds between the starts of two trainings, at most."""


def start_training(folder: Path, *, seed: int) -> "subprocess.Popen[bytes]":
    """`forecast train` with a few steps; the seed in its card identifies the model."""
    words = ["train", str(AIRLINE), "--steps", "8", "--from-scratch", "--hidden", "8", "--seed", str(seed)]
    command = [sys.executable, "-m", "forecaster", *words, "--model", str(folder), "--quiet"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def describe_folder(folder: Path) -> str:
    """The seed of the model in the folder, or 'broken'; and how many files the folder has in addition to its three."""

    def read_whole() -> int:
        open_forecaster(folder)
        card = read_card(folder)
        read_weights(folder, card=card)
        return card.training.settings.seed

    try:
        found = f"seed {read_model(folder, read_whole)}"
    except NotFoundError:
        return "no model"
    except ConfigurationError:
        return "broken"
    extra = len(list(folder.iterdir())) - 3
    return found + (f" and {extra} more files" if extra else "")


def measure_double_writers(folder: Path, *, tries: int) -> Counter[str]:
    """How often each outcome resulted from two trainings started shortly after one another."""
    outcomes: Counter[str] = Counter()
    for number in range(tries):
        model = folder / f"double_{number}"
        first = start_training(model, seed=1)
        time.sleep(random.uniform(0, LARGEST_OFFSET))
        second = start_training(model, seed=2)
        codes = sorted([first.wait(), second.wait()])
        found = describe_folder(model)
        if found in ("seed 1", "seed 2"):
            found = "a whole model and nothing else"
        outcomes[f"exit codes {codes[0]} and {codes[1]}: {found}"] += 1
    return outcomes


def measure_kills(folder: Path, *, kills: int) -> Counter[str]:
    """How often each outcome resulted from a training killed while it locked an old model's folder, and the next."""
    model = folder / "killed"
    assert start_training(model, seed=0).wait() == 0
    seconds = _wait_while_locked(model, training := start_training(model, seed=0))
    assert training.wait() == 0
    outcomes: Counter[str] = Counter()
    for number in range(kills):
        old, new = f"seed {2 * number}", f"seed {2 * number + 1}"
        assert start_training(model, seed=2 * number).wait() == 0
        training = start_training(model, seed=2 * number + 1)
        _wait_while_locked(model, training, at_most=random.uniform(0, seconds))
        training.kill()
        training.wait()
        found = describe_folder(model)
        state = "old model" if found.startswith(old) else "new model" if found.startswith(new) else found
        code = start_training(model, seed=1000).wait()
        after = "nothing else" if describe_folder(model) == "seed 1000" else describe_folder(model)
        outcomes[f"{state}; the next training ends with {code}, its model is there and {after}"] += 1
    return outcomes


def _wait_while_locked(model: Path, training: "subprocess.Popen[bytes]", *, at_most: float = 60) -> float:
    """Wait until `training` locks the folder, then for its end, `at_most` seconds; return the seconds of the latter."""
    while training.poll() is None and not (model / LOCK_FILE).exists():
        time.sleep(0.001)
    started = time.monotonic()
    while training.poll() is None and (model / LOCK_FILE).exists() and time.monotonic() - started < at_most:
        time.sleep(0.001)
    return time.monotonic() - started


def main() -> None:
    """Measure, print and write `results/double_writers.json`."""
    random.seed(0)
    with tempfile.TemporaryDirectory() as name:
        figures = {
            "two_trainings": dict(measure_double_writers(Path(name), tries=TRIES)),
            "killed_trainings": dict(measure_kills(Path(name), kills=KILLS)),
        }
    for title, outcomes in figures.items():
        print(title)
        for outcome, count in outcomes.items():
            print(f"{count:5d}  {outcome}")
    print(write_results("double_writers", figures=figures))


if __name__ == "__main__":
    main()
