"""How good forecasts are on real series: `python -m benchmarks.accuracy monthly --ways base,trained`.

For each suite, of the training part alone: the base model without any training (`base`), `forecast train`
(`trained`), `forecast train --from-scratch` (`scratch`); scored on the test part by `forecast evaluate`, beside
the baselines named with --baselines. Published figures for M3: the fev benchmark.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import FORECAST, RESULTS, time_command, write_results
from benchmarks.series import M3_SUITES, SHARED, SHARED_SUITES, Suite, write_suite

WAYS: dict[str, list[str] | None] = {"base": None, "trained": [], "scratch": ["--from-scratch"]}


def measure_suite(suite: Suite, *, folder: Path, ways: list[str], baselines: str, seed: int) -> dict[str, Any]:
    """Scores by way and baseline, and the seconds of each whole process."""
    past, whole = write_suite(suite, folder=folder)
    horizon = ["--horizon", str(suite.horizon)]
    found: dict[str, Any] = {"scores": {}, "seconds": {}}
    for number, way in enumerate(ways):
        model, seconds, flags = [], {}, WAYS[way]
        if flags is not None:
            model = ["--model", way]
            train = time_command(
                [FORECAST, "train", str(past), *horizon, *model, *flags, "--seed", str(seed)], folder=folder
            )
            seconds["train"], found["train_peak_mb"] = round(train.seconds, 1), round(train.peak_mb)
        predict = time_command([FORECAST, "predict", str(past), *horizon, *model], folder=folder)
        seconds["predict"] = round(predict.seconds, 2)
        more = ["--mase-season", str(suite.season)]
        # one look at the statistical baselines is enough
        more += ["--baselines", baselines] if baselines and number == 0 else []
        time_command([FORECAST, "evaluate", str(whole), *horizon, *model, *more], folder=folder)
        scores = json.loads((folder / "metrics.json").read_text())["overall"]
        found["scores"] = {**scores, **found["scores"], way: scores.pop("forecast")}
        found["scores"].pop("forecast", None)
        found["seconds"][way] = seconds
    return found


def main() -> None:
    """Measure the suites named on the command line; print, and add them to `results/accuracy.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", help="such as yearly or nn5_daily (default: all that are at hand)")
    parser.add_argument("--ways", default="base,trained", help="base, trained, scratch")
    parser.add_argument("--baselines", default="", help="statistical baselines for forecast evaluate, or 'all'")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    path = RESULTS / "accuracy.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    figures.pop("measured_on", None)
    for suite in (*M3_SUITES, *(SHARED_SUITES if SHARED.exists() else ())):
        if arguments.suites and suite.name not in arguments.suites:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = measure_suite(
                suite,
                folder=Path(folder),
                ways=arguments.ways.split(","),
                baselines=arguments.baselines,
                seed=arguments.seed,
            )
        before = figures.get(suite.name, {"scores": {}, "seconds": {}})
        figures[suite.name] = {key: {**before.get(key, {}), **found[key]} for key in ("scores", "seconds")}
        print(f"{suite.name}: {found['seconds']}")
        for name, scores in found["scores"].items():
            covered = scores["coverage"]["0.8"]
            print(f"  {name:14s} MASE {scores['MASE']:.4f}  WQL {scores['WQL']:.5f}  in 80 % {covered:.1%}", flush=True)
        write_results("accuracy", figures=figures)


if __name__ == "__main__":
    main()
