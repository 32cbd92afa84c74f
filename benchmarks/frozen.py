"""Check whether two versions of the code give the same forecasts and scores, to the last digit.

`python -m benchmarks.frozen record BEFORE` with the old version, then `python -m benchmarks.frozen compare BEFORE` with
the new one. Both on the same machine: another processor may round differently.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.series import SHARED

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
PREDICTED = {
    "air_passengers.csv": [],
    "us_employment.csv": ["--id", "sector", "--level", "50,80", "--quantiles", "0.05"],
    "mauna_loa_co2.csv": ["--horizon", "30"],
    "seattle_temperature.csv": ["--season", "24", "--allow-negative"],
    "seattle_weather.csv": ["--min", "1"],
    "us_economy.csv": ["--until", "2000Q4"],
}
"""Files of the sample data, and options that `predict` and `evaluate` take."""
TRAINED = {
    "air_passengers.csv": ["--horizon", "12"],
    "us_employment.csv": ["--id", "sector", "--steps", "60", "--ensemble", "2"],
    "mauna_loa_co2.csv": ["--from-scratch", "--steps", "30", "--hidden", "16"],
}
"""Files to learn from, and options of `train`."""


def list_commands() -> Iterator[tuple[str, list[str]]]:
    """What to run, with a name for each; the outputs have that name."""
    shared = [SHARED / f"{name}.csv.gz" for name in ("nn5_daily", "m4_weekly", "hospital_monthly")]
    files = [(SAMPLES / name, options) for name, options in PREDICTED.items()]
    for path, options in files + [(path, []) for path in shared if path.exists()]:
        name = path.name.split(".")[0]
        yield name, ["predict", str(path), "--model", "base", *options, "--digits", "full", "--output", f"{name}.csv"]
        scored = options[:2] if {"--season", "--id"} & {*options[:1]} else []
        yield name, ["evaluate", str(path), "--model", "base", *scored, "--windows", "2", "--output", f"{name}.json"]
    for file, options in TRAINED.items():
        name = f"{file.split('.')[0]}_trained"
        yield name, ["train", str(SAMPLES / file), "--model", name, *options, "--seed", "3", "--json"]
        yield name, ["predict", "--model", name, "--digits", "full", "--output", f"{name}.csv"]
        yield name, ["evaluate", "--model", name, "--output", f"{name}.json"]


def record(folder: Path) -> None:
    """Run every command in `folder`, which keeps its outputs."""
    folder.mkdir(parents=True)
    with chdir(folder):
        for number, (name, words) in enumerate(list_commands()):
            command = [sys.executable, "-m", "forecaster", *words, "--quiet"]
            out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            if out:
                summary = json.loads(out)
                del summary["seconds"]  # differs in every run
                summary.pop("warnings", None)  # about the data, no result
                Path(f"{number}_{name}.json").write_text(json.dumps(summary, indent=1))
            for scores in ("metrics.csv", "backtest.csv"):
                if Path(scores).exists():
                    Path(scores).rename(f"{number}_{name}_{scores}")


def compare(before: Path) -> list[str]:
    """Names of outputs that differ from those in the folder `before`."""
    with TemporaryDirectory() as name:
        now = Path(name) / "now"
        record(now)
        names = {path.name for folder in (before, now) for path in folder.iterdir() if path.is_file()}
        return sorted(name for name in names if not is_same(before / name, now / name))


def is_same(one: Path, other: Path) -> bool:
    """Whether both files exist and have the same bytes."""
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()


def main() -> None:
    """Record the outputs of all commands, or compare them with those recorded before."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("folder", type=Path)
    words = parser.parse_args()
    folder = words.folder.resolve()
    if folder.is_dir() != (words.action == "compare"):
        parser.error(
            f"{folder}: {'exists already' if folder.is_dir() else 'there is no such folder of recorded outputs'}."
        )
    if words.action == "record":
        record(folder)
        return
    changed = compare(folder)
    print("\n".join([f"changed: {name}" for name in changed]) or "all outputs are the same")
    sys.exit(bool(changed))


if __name__ == "__main__":
    main()
