"""Accuracy of the forecasts on real series: `python -m benchmarks.accuracy monthly --ways base,trained`.

For each suite, using only the training part: the base model without any training (`base`), `forecast train`
(`trained`), `forecast train --from-scratch` (`scratch`); scored on the test part by `forecast evaluate`, with the
baselines named by --baselines (each timed in a separate run) and --rivals. Published figures for M3: the fev benchmark.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import FORECAST, RESULTS, time_command, write_results
from benchmarks.series import M3_SUITES, SHARED, SHARED_SUITES, Suite, write_suite

WAYS: dict[str, list[str] | None] = {"base": None, "trained": [], "scratch": ["--from-scratch"]}

SHOWN = ("MASE", "WQL", "sMAPE", "in 80%")
COLUMNS = {
    "base": "base model, no training",
    "trained": "after `forecast train`",
    "AutoETS": "AutoETS",
    "AutoARIMA": "AutoARIMA",
    "AutoTheta": "AutoTheta",
    "NHITS": "NHITS",
    "LSTM": "LSTM",
    "SeasonalNaive": "seasonal naive",
}
ROWS = {
    "yearly": "M3 yearly",
    "quarterly": "M3 quarterly",
    "monthly": "M3 monthly",
    "hospital_monthly": "hospital (383)",
    "nn5_daily": "NN5 daily (55)",
    "m4_hourly": "M4 hourly (207)",
    "m4_weekly": "M4 weekly (179)",
}


def split(names: str) -> list[str]:
    """The names in a comma-separated list."""
    return [name for name in names.split(",") if name]


@dataclass(frozen=True)
class Compared:
    """What is measured: ways (see WAYS), baselines, each given up after the time `budget`, and rivals."""

    ways: list[str]
    baselines: list[str]
    budget: str
    rivals: list[str]


def measure_suite(suite: Suite, compared: Compared, *, folder: Path, seed: int) -> dict[str, Any]:
    """Scores by way, baseline and rival, and the seconds that each took."""
    past, whole = write_suite(suite, folder=folder)
    horizon = ["--horizon", str(suite.horizon)]
    found: dict[str, Any] = {"scores": {}, "seconds": {}}

    def evaluate(*flags: str) -> tuple[dict[str, Any], float]:
        season = ["--mase-season", str(suite.season)]
        run = time_command([FORECAST, "evaluate", str(whole), *horizon, *season, *flags], folder=folder)
        return json.loads((folder / "metrics.json").read_text())["overall"], run.seconds

    for way in compared.ways:
        model, seconds, flags = [], {}, WAYS[way]
        if flags is not None:
            model = ["--model", way]
            train = time_command(
                [FORECAST, "train", str(past), *horizon, *model, *flags, "--seed", str(seed)], folder=folder
            )
            seconds["train"] = round(train.seconds, 1)
        predict = time_command([FORECAST, "predict", str(past), "--digits", "full", *horizon, *model], folder=folder)
        seconds["predict"] = round(predict.seconds, 2)
        scores, _ = evaluate(*model)
        found["scores"] |= {way: scores.pop("forecast"), **scores}
        found["seconds"][way] = seconds
    _, alone = evaluate() if compared.baselines else ({}, 0.0)
    for name in compared.baselines:
        scores, seconds_taken = evaluate("--baselines", name, "--baseline-budget", compared.budget)
        if name not in scores:  # it was given up after the budget
            continue
        found["scores"][name] = scores[name]
        found["seconds"][name] = {"predict": round(seconds_taken - alone, 1)}
    if compared.rivals:
        from benchmarks.rivals import measure_rivals

        neural = measure_rivals(suite, whole=whole, names=compared.rivals, seed=seed)
        found = {key: {**found[key], **neural[key]} for key in found}
    return found


def make_table(figures: dict[str, Any]) -> str:
    """The README's table: MASE / WQL by suite, the lowest MASE in bold, and seconds to train."""
    lines = [
        f"| MASE / WQL | {' | '.join(COLUMNS.values())} | in the 80% interval | seconds to train |",
        "|---|" + "---|" * (len(COLUMNS) + 2),
    ]
    for suite in (*M3_SUITES, *SHARED_SUITES):
        scores = figures.get(suite.name, {}).get("scores", {})
        if not scores:
            continue
        best = min(scores[name]["MASE"] for name in COLUMNS if name in scores)
        cells = [
            describe(scores[name], is_best=scores[name]["MASE"] == best) if name in scores else "–" for name in COLUMNS
        ]
        covered = [f"{scores[way]['coverage']['0.8']:.0%}" if way in scores else "–" for way in ("base", "trained")]
        seconds = figures[suite.name]["seconds"].get("trained", {}).get("train")
        cells += [", ".join(covered), "–" if seconds is None else f"{seconds:.0f}"]
        lines.append(f"| {ROWS[suite.name]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def describe(scores: dict[str, Any], *, is_best: bool) -> str:
    """MASE and, where there is one, WQL."""
    text = f"{scores['MASE']:.3f}" + ("" if scores["WQL"] is None else f" / {scores['WQL']:.4f}")
    return f"**{text}**" if is_best else text


def main() -> None:
    """Measure the suites named on the command line; print their scores, and add them to `results/accuracy.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", help="such as yearly or nn5_daily (default: all that are available)")
    parser.add_argument("--ways", default="base,trained", help="base, trained, scratch")
    parser.add_argument("--baselines", default="", help="such as AutoETS,AutoARIMA,AutoTheta")
    parser.add_argument("--baseline-budget", default="5m", help="time after which a baseline is given up, such as 10m")
    parser.add_argument("--rivals", default="", help="LSTM,NHITS of neuralforecast, if it is installed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", action="store_true", help="measure nothing: print the results as the README's table")
    arguments = parser.parse_args()
    path = RESULTS / "accuracy.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    if arguments.table:
        print(make_table(figures))
        return
    figures.pop("measured_on", None)
    compared = Compared(
        split(arguments.ways), split(arguments.baselines), arguments.baseline_budget, split(arguments.rivals)
    )
    for suite in (*M3_SUITES, *(SHARED_SUITES if SHARED.exists() else ())):
        if arguments.suites and suite.name not in arguments.suites:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = measure_suite(suite, compared, folder=Path(folder), seed=arguments.seed)
        before = figures.get(suite.name, {"scores": {}, "seconds": {}})
        figures[suite.name] = {key: {**before.get(key, {}), **found[key]} for key in ("scores", "seconds")}
        print(f"{suite.name}: {found['seconds']}")
        for name, scores in found["scores"].items():
            numbers = {**scores, "in 80%": scores["coverage"].get("0.8")}
            shown = (f"{key} {numbers[key]:.4f}" for key in SHOWN if numbers[key] is not None)
            print(f"  {name:14s} {'  '.join(shown)}", flush=True)
        write_results("accuracy", figures=figures)


if __name__ == "__main__":
    main()
