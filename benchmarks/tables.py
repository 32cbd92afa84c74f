"""The README's tables: `python -m benchmarks.tables` prints them from `results/`, with --measure after measuring all.

Three of them: the base model and `forecast train` beside other models that were run here, the same with covariates, and
our figures beside those that others have published for the same test parts. What was stopped goes on with --resume.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import accuracy, covariates
from benchmarks.measuring import RESULTS
from benchmarks.published import PUBLISHED, Published
from benchmarks.series import M3_SUITES, SHARED_SUITES

BASELINES = ("--baselines", "AutoETS,AutoARIMA,AutoTheta", "--baseline-budget", "10m")
MEASUREMENTS = (
    *(("accuracy", suite.name, *BASELINES, "--rivals", "LSTM,NHITS") for suite in M3_SUITES),
    *(("accuracy", suite.name, *BASELINES) for suite in SHARED_SUITES),
    *(("covariates", "--suites", suite.name) for suite in covariates.SUITES),
    ("long_horizon", "--every", "1"),
    ("long_horizon", "--every", "1", "--trained"),
)
"""The module and the arguments of each measurement; each adds to the results as soon as it is done."""
MEASURED = RESULTS / "tables.json"
"""Which of them are done, when, and after how many seconds."""
TRAINED = "_trained"
"""What the name of the results ends with that are those of trained models only."""


def make_tables() -> list[str]:
    """The three tables, in Markdown."""
    names = {name + TRAINED * ("--trained" in arguments) for name, *arguments in MEASUREMENTS}
    figures = {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in names}
    compared = [
        "| | base model, no training | after `forecast train` | published |\n|---|---|---|---|",
        *(_compare(one, figures[one.source], figures.get(one.source + TRAINED)) for one in PUBLISHED),
    ]
    return [
        accuracy.make_table(figures["accuracy"]),
        covariates.make_table(figures["covariates"]["scores"]),
        "\n".join(compared),
    ]


def _compare(published: Published, figures: dict[str, Any], trained: dict[str, Any] | None) -> str:
    """A row: our figures, and those of others, the best first; some of `trained` models are in results of their own."""
    if trained is not None:
        found = {published.way: figures["etth1"], "trained": trained["etth1"]}
        ours = {way: of[published.suite] for way, of in found.items() if published.suite in of}
    else:
        ours = figures["scores"][published.suite] if "scores" in figures else figures[published.suite]["scores"]
    cells = [
        _join(ours[way][metric] for metric in published.metrics) if way in ours else "–"
        for way in (published.way, "trained")
    ]
    others = [f"{name} {_join(values)}" for name, values in published.figures.items()]
    return f"| {published.label} | {' | '.join(cells)} | {', '.join(others)} |"


def _join(values: Any) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def measure_all(*, resume: bool, run: Callable[[tuple[str, ...]], None], measured: Path = MEASURED) -> None:
    """`run` each measurement, or with `resume` those that were not done, and note in `measured` those that are."""
    done: dict[str, dict[str, Any]] = json.loads(measured.read_text()) if resume and measured.exists() else {}
    for measurement in MEASUREMENTS:
        key = " ".join(measurement)
        if key in done:
            continue
        begun = time.perf_counter()
        run(measurement)
        done[key] = {"date": date.today().isoformat(), "seconds": round(time.perf_counter() - begun)}
        measured.write_text(json.dumps(done, indent=2) + "\n")


def run_module(measurement: tuple[str, ...]) -> None:
    """Run one measurement in a process of its own. Raises CalledProcessError where it fails."""
    name, *arguments = measurement
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=True)


def main() -> None:
    """Measure, where asked for, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="measure all of it first, which takes some hours")
    parser.add_argument("--resume", action="store_true", help="with --measure: only what a stopped one has left")
    given = parser.parse_args()
    if given.measure:
        measure_all(resume=given.resume, run=run_module)
    print("\n\n".join(make_tables()))


if __name__ == "__main__":
    main()
