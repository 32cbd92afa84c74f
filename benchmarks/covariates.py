"""Forecasts explained by covariates: `python -m benchmarks.covariates --ways none,base,trained,LightGBM,AutoARIMA`.

For each of four sets of `../shared/benchmarks`: the base model without and with the covariates, `forecast train` with
them (on the data before the test part), and LightGBM by mlforecast with the same covariates, one model for each decile,
with lags no shorter than the horizon; and AutoARIMA by statsforecast, with them as regressors, fitted once before it.
Scored on the test part, at the cutoffs of its README.
"""

import argparse
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import forecaster
from benchmarks.measuring import RESULTS, write_results
from benchmarks.series import SHARED
from forecaster import BacktestPlan, ReadOptions

DECILES = np.arange(1, 10) / 10
ARIMA_HOURS = 6 * 7 * 24
SHOWN = ("MASE", "SQL", "WQL", "in 80%")
NAMES = {
    "none": "base model, no covariates",
    "base": "base model, with covariates",
    "trained": "after `forecast train`",
    "LightGBM": "LightGBM, the same covariates",
    "AutoARIMA": "AutoARIMA, the same covariates",
}


@dataclass(frozen=True)
class CovariateSuite:
    """A set of series with covariates, and the cutoffs of its test part.

    `lags` are those of the rival, in steps, and `held_out` the steps of the test part.
    """

    name: str
    label: str
    target: str
    time: str
    ids: tuple[str, ...]
    known: tuple[str, ...]
    frequency: str
    plan: BacktestPlan
    lags: tuple[int, ...]

    @property
    def held_out(self) -> int:
        """Steps from the first cutoff to the end."""
        assert self.plan.horizon is not None
        return self.plan.horizon + (self.plan.windows - 1) * (self.plan.step or self.plan.horizon)

    def read(self) -> pd.DataFrame:
        """All rows."""
        return pd.read_csv(SHARED / f"{self.name}.csv.gz", parse_dates=[self.time])


WEATHER = ("temperature", "humidity", "wind", "weather", "working_day", "holiday")
DAYS = BacktestPlan(horizon=24, windows=20, mase_season=24)
HOURS = (24, 48, 72, 168)
SUITES = (
    CovariateSuite(
        "bike_hourly",
        "bike rentals, hourly",
        "rentals",
        "time",
        (),
        WEATHER,
        "h",
        BacktestPlan(horizon=24, windows=50, step=72, mase_season=24),
        HOURS,
    ),
    CovariateSuite(
        "oj_weekly",
        "orange juice, weekly (462)",
        "units",
        "week",
        ("store", "brand"),
        ("price", "deal", "feature"),
        "W-THU",
        BacktestPlan(horizon=8, mase_season=1),
        (8, 9, 10, 12),
    ),
    CovariateSuite(
        "epf_np", "power price, Nord Pool", "price", "time", (), ("load_forecast", "wind_forecast"), "h", DAYS, HOURS
    ),
    CovariateSuite(
        "epf_de",
        "power price, Germany",
        "price",
        "time",
        (),
        ("load_forecast", "wind_solar_forecast"),
        "h",
        DAYS,
        HOURS,
    ),
)


def measure(suite: CovariateSuite, way: str) -> dict[str, float]:
    """The scores of one way, and the seconds that it took."""
    frame, begun = suite.read(), time.perf_counter()
    reading = ReadOptions(
        ids=suite.ids,
        time=suite.time,
        target=suite.target,
        known=() if way == "none" else suite.known,
        frequency=suite.frequency,
    )
    if way == "LightGBM":
        scores = measure_lightgbm(suite, frame)
    elif way == "AutoARIMA":
        scores = measure_arima(suite, frame)
    elif way == "trained":
        model = forecaster.train(cut_last(suite, frame), horizon=suite.plan.horizon, reading=reading)
        scores = take_scores(forecaster.evaluate(frame, model=model, plan=suite.plan, reading=reading))
    else:
        scores = take_scores(forecaster.evaluate(frame, plan=suite.plan, reading=reading))
    return {**scores, "seconds": round(time.perf_counter() - begun, 1)}


def cut_last(suite: CovariateSuite, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows before the test part."""
    ends = frame.groupby(list(suite.ids))[suite.time].transform("max") if suite.ids else frame[suite.time].max()
    return frame[frame[suite.time] <= ends - suite.held_out * pd.tseries.frequencies.to_offset(suite.frequency).base]


def take_scores(scores: forecaster.Scores) -> dict[str, float]:
    """MASE, SQL over the deciles, WQL and coverage of the model."""
    found = scores.backtest
    levels = found.forecast.levels
    quantiles = found.forecast.quantiles
    deciles = [number for number, level in enumerate(levels) if abs(10 * level - round(10 * level)) < 1e-9]
    return measure_quantiles(found.y_true, quantiles[:, :, deciles], scale=found.absolute_scale)


def measure_quantiles(y_true: Any, deciles: Any, *, scale: Any) -> dict[str, float]:
    """Scores of nine deciles [window, horizon, decile]; windows without a scale or any value do not count."""
    used = (scale > 0) & ~np.isnan(y_true).all(axis=1)
    y_true, deciles, scale = y_true[used], deciles[used], scale[used]
    error = y_true[:, :, None] - deciles
    loss = 2 * np.maximum(DECILES * error, (DECILES - 1) * error)
    is_inside = (y_true >= deciles[:, :, 0]) & (y_true <= deciles[:, :, -1])
    return {
        "MASE": float(np.mean(np.nanmean(np.abs(error[:, :, 4]), axis=1) / scale)),
        "SQL": float(np.mean(np.nanmean(loss.mean(axis=2), axis=1) / scale)),
        "WQL": float(np.nanmean(loss) / np.nanmean(np.abs(y_true))),
        "in 80%": float(is_inside[~np.isnan(y_true)].mean()),
    }


def measure_lightgbm(suite: CovariateSuite, frame: pd.DataFrame) -> dict[str, float]:
    """LightGBM with one model for each decile, learned once from the rows before the test part."""
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast

    long = make_long(suite, frame)
    for column in suite.known:
        if not pd.api.types.is_numeric_dtype(long[column]):
            long[column] = long[column].astype("category")
    models = {
        f"q{round(10 * level)}": LGBMRegressor(objective="quantile", alpha=level, n_estimators=300, verbosity=-1)
        for level in DECILES
    }
    dates = ["hour", "dayofweek", "month"] if suite.frequency == "h" else ["month"]
    learner = MLForecast(models=models, freq=suite.frequency, lags=[*suite.lags], date_features=dates)
    horizon, windows = suite.plan.horizon or 1, suite.plan.windows
    found = learner.cross_validation(
        long, n_windows=windows, h=horizon, step_size=suite.plan.step or horizon, refit=False, static_features=[]
    )
    return score_rival(suite, found, long, columns=[*models])


def measure_arima(suite: CovariateSuite, frame: pd.DataFrame) -> dict[str, float]:
    """AutoARIMA with covariates as regressors (words as columns of 0 and 1), fitted once before the test part.

    Of hours only the newest ARIMA_HOURS before it are read: one fit to 1,008 hours takes minutes.
    """
    from statsforecast import StatsForecast
    from statsforecast.models import AutoARIMA, Naive

    long = make_long(suite, frame)
    words = [column for column in suite.known if not pd.api.types.is_numeric_dtype(long[column])]
    long = pd.get_dummies(long, columns=words, drop_first=True, dtype=float)
    regressors = [column for column in long.columns if column not in ("unique_id", "ds", "y")]
    long = long.astype(dict.fromkeys(regressors, float))
    horizon, is_hourly = suite.plan.horizon or 1, suite.frequency == "h"
    model = AutoARIMA(season_length=24 if is_hourly else 1, alias="q")
    learner = StatsForecast([model], suite.frequency, fallback_model=Naive())
    found = learner.cross_validation(
        h=horizon,
        df=long.groupby("unique_id").tail(suite.held_out + ARIMA_HOURS) if is_hourly else long,
        n_windows=suite.plan.windows,
        step_size=suite.plan.step or horizon,
        refit=False,
        level=[80, 60, 40, 20],
    )
    columns = [*(f"q-lo-{level}" for level in (80, 60, 40, 20)), "q", *(f"q-hi-{level}" for level in (20, 40, 60, 80))]
    return score_rival(suite, found, long, columns=columns)


def make_long(suite: CovariateSuite, frame: pd.DataFrame) -> pd.DataFrame:
    """All rows as the rivals read them: `unique_id`, `ds`, `y`, and the covariates; every step has a row."""
    key = [*suite.ids]
    long = frame.rename(columns={suite.time: "ds", suite.target: "y"})
    long["unique_id"] = frame[key].astype(str).agg("-".join, axis=1) if key else "one"
    long = long[["unique_id", "ds", "y", *suite.known]].dropna(subset=["y"]).sort_values(["unique_id", "ds"])
    # a step without a row would move every lag after it
    return fill_steps(long, frequency=suite.frequency)


def score_rival(
    suite: CovariateSuite, found: pd.DataFrame, long: pd.DataFrame, *, columns: list[str]
) -> dict[str, float]:
    """Scores of the deciles in the `columns` of `found`, which has `unique_id`, `cutoff`, `ds` and `y`."""
    found = found.sort_values(["unique_id", "cutoff", "ds"])
    groups = found.groupby(["unique_id", "cutoff"], sort=False)
    y_true = np.stack([group["y"].to_numpy(float) for _, group in groups])
    deciles = np.stack([group[columns].to_numpy(float) for _, group in groups])
    scale = []
    for (name, cutoff), _ in groups:
        past = long[(long["unique_id"] == name) & (long["ds"] <= cutoff)]["y"].to_numpy(float)
        season = suite.plan.mase_season or 1
        scale.append(np.nanmean(np.abs(past[season:] - past[:-season])))
    return measure_quantiles(y_true, np.sort(deciles, axis=2), scale=np.array(scale))


def fill_steps(long: pd.DataFrame, *, frequency: str) -> pd.DataFrame:
    """Rows for the steps without one, which repeat the row before."""
    parts = []
    for name, group in long.groupby("unique_id", sort=False):
        whole = group.set_index("ds").asfreq(frequency, method="ffill").reset_index()
        parts.append(whole.assign(unique_id=name))
    return pd.concat(parts, ignore_index=True)


def make_table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """The results as a table in Markdown, the lowest MASE in bold."""
    lines = ["| | " + " | ".join(NAMES[way] for way in NAMES) + " |\n|" + "---|" * (len(NAMES) + 1)]
    for suite in SUITES:
        rows = figures.get(suite.name, {})
        best = min((f"{of['MASE']:.3f}" for of in rows.values()), default="")
        cells = []
        for way in NAMES:
            of = rows.get(way)
            text = "–" if of is None else f"{of['MASE']:.3f} / {of['SQL']:.3f} / {of['WQL']:.4f}"
            cells.append(f"**{text}**" if of is not None and f"{of['MASE']:.3f}" == best else text)
        lines.append(f"| {suite.label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suites", default=",".join(suite.name for suite in SUITES))
    parser.add_argument("--ways", default=",".join(NAMES))
    parser.add_argument("--table", action="store_true", help="only print the table of the results")
    given = parser.parse_args()
    path = RESULTS / "covariates.json"
    figures: dict[str, Any] = {}
    if path.exists():
        import json

        figures = json.loads(path.read_text())["scores"]
    for suite in () if given.table else SUITES:
        for way in given.ways.split(","):
            if suite.name in given.suites.split(","):
                figures.setdefault(suite.name, {})[way] = measure(suite, way)
                print(suite.name, way, figures[suite.name][way], flush=True)
                write_results("covariates", figures={"scores": figures})
    print(make_table(figures))


if __name__ == "__main__":
    main()
