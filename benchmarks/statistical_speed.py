"""How long AutoETS and AutoTheta take beside `forecast predict`: `python -m benchmarks.statistical_speed`.

From CSV to CSV. All are whole processes that forecast the series of M3 monthly with intervals, in turns, on all cores.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import FORECAST, show_results, time_in_turns
from benchmarks.series import M3_SUITES, write_m3

REPEATS = 3
MODELS = ("AutoETS", "AutoTheta")

STATISTICAL = """
import sys
import pandas as pd
from statsforecast import StatsForecast, models
path, name, season, horizon, output = sys.argv[1:]
table = pd.read_csv(path, parse_dates=["ds"])
runner = StatsForecast(
    models=[getattr(models, name)(season_length=int(season))],
    freq="MS",
    n_jobs=-1,
    fallback_model=models.SeasonalNaive(season_length=int(season)),
)
runner.forecast(df=table, h=int(horizon), level=[80, 95]).to_csv(output, index=False)
"""


def main() -> None:
    """Measure, print and write `results/statistical_speed.json`."""
    suite = M3_SUITES[2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        past, _ = write_m3(suite, folder=folder)
        predict = [FORECAST, "predict", str(past), "--horizon", str(suite.horizon), "--output", "predict.csv"]
        words = [str(suite.season), str(suite.horizon)]
        rivals = [[sys.executable, "-c", STATISTICAL, str(past), model, *words, f"{model}.csv"] for model in MODELS]
        own, *others = time_in_turns([[*predict, "--quiet"], *rivals], folder=folder, repeats=REPEATS)
        lines = {file.stem: file.read_text().count("\n") for file in folder.glob("*.csv") if file.stem in MODELS}
        assert {*lines.values()} == {(folder / "predict.csv").read_text().count("\n")}, lines
    figures: dict[str, float] = {"predict_seconds": own.seconds, "predict_cpu_seconds": own.cpu_seconds}
    for model, run in zip(MODELS, others, strict=True):
        figures |= {f"{model}_seconds": run.seconds, f"{model}_cpu_seconds": run.cpu_seconds}
        figures |= {
            f"{model}_to_predict": run.seconds / own.seconds,
            f"{model}_to_predict_cpu": run.cpu_seconds / own.cpu_seconds,
        }
    show_results("statistical_speed", figures=figures)


if __name__ == "__main__":
    main()
