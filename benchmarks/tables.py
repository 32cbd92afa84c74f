"""The README's tables: `python -m benchmarks.tables` prints them from `results/`, with --measure after measuring all.

Three of them: the base model and `forecast train` beside other models that were run here, the same with covariates, and
our figures beside those that others have published for the same test parts.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks import accuracy, covariates
from benchmarks.measuring import RESULTS
from benchmarks.published import PUBLISHED, Published

MEASUREMENTS = (
    ("accuracy", "--baselines", "AutoETS,AutoARIMA,AutoTheta", "--rivals", "LSTM,NHITS"),
    ("covariates",),
    ("long_horizon", "--every", "1"),
    ("long_horizon", "--every", "1", "--trained"),
)
TRAINED = "_trained"
"""What the name of the results ends with that are those of trained models only."""


def make_tables() -> list[str]:
    """The three tables, in Markdown."""
    names = [name + TRAINED * ("--trained" in flags) for name, *flags in MEASUREMENTS]
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


def main() -> None:
    """Measure, where asked for, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="measure all of it first, which takes some hours")
    if parser.parse_args().measure:
        for name, *flags in MEASUREMENTS:
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *flags], check=True)
    print("\n\n".join(make_tables()))


if __name__ == "__main__":
    main()
