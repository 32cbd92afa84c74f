"""From-scratch training on M3, scored on the test part: `python -m benchmarks.accuracy monthly`.

`forecast train` sees the training part alone; `forecast evaluate` then scores the test part, beside the
baselines named with --baselines. Published figures for the same series: AutoETS 0.863 / 0.0931 (MASE /
WQL, monthly), from the fev benchmark.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import FORECAST, time_command, write_results
from benchmarks.series import M3_SUITES, Suite, write_m3


def measure_suite(suite: Suite, *, folder: Path, baselines: str, seed: int) -> dict[str, Any]:
    """Train on the past, score the future: seconds and scores by model."""
    past, whole = write_m3(suite, folder=folder)
    horizon = ["--horizon", str(suite.horizon)]
    train = time_command([FORECAST, "train", str(past), *horizon, "--seed", str(seed)], folder=folder)
    predict = time_command([FORECAST, "predict"], folder=folder)
    more = ["--baselines", baselines] if baselines else []
    evaluate = time_command([FORECAST, "evaluate", str(whole), *more], folder=folder)
    scores = json.loads((folder / "metrics.json").read_text())["overall"]
    return {
        "train_seconds": round(train.seconds, 1),
        "train_peak_mb": round(train.peak_mb),
        "predict_seconds": round(predict.seconds, 2),
        "evaluate_seconds": round(evaluate.seconds, 1),
        "scores": scores,
    }


def main() -> None:
    """Measure the suites named on the command line, print and write `results/accuracy.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=["monthly"], help="yearly, quarterly, monthly")
    parser.add_argument("--baselines", default="", help="statistical baselines for forecast evaluate, or 'all'")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    figures = {}
    for suite in M3_SUITES:
        if suite.name not in arguments.suites:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = measure_suite(suite, folder=Path(folder), baselines=arguments.baselines, seed=arguments.seed)
        figures[f"m3_{suite.name}"] = found
        print(f"M3 {suite.name}: trained in {found['train_seconds']} s, predicted in {found['predict_seconds']} s")
        for name, scores in found["scores"].items():
            covered = scores["coverage"]["0.8"]
            print(f"  {name:14s} MASE {scores['MASE']:.4f}  WQL {scores['WQL']:.5f}  in 80 % {covered:.1%}")
    print(write_results("accuracy", figures=figures))


if __name__ == "__main__":
    main()
