"""The mean of a forecast: integrated with its tails, corrected by earlier cutoffs, and such that totals add up."""

import json
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.files.finding import is_own_header
from forecaster.forecasting.mean import average_with_past, fit_mean_factor, integrate_quantiles
from forecaster.settings import QUANTILE_LEVELS
from tests.conftest import Command, read_parquet

SCORES = np.array([NormalDist().inv_cdf(level) for level in QUANTILE_LEVELS])


def test_the_mean_of_normal_quantiles_is_exact_at_any_place_and_scale() -> None:
    quantiles = np.array([3.0, -50.0])[:, None] + np.array([1.0, 400.0])[:, None] * SCORES
    np.testing.assert_allclose(integrate_quantiles(quantiles, levels=QUANTILE_LEVELS), [3.0, -50.0], atol=1e-9)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.3])
def test_the_tails_count(sigma: float) -> None:
    true = np.exp(sigma**2 / 2)
    assert integrate_quantiles(np.exp(sigma * SCORES), levels=QUANTILE_LEVELS) == pytest.approx(true, rel=0.01)
    # up to the last quantile only, a heavy tail is lost
    cut = np.exp(1.3 * SCORES)
    within = (np.diff(QUANTILE_LEVELS) * (cut[1:] + cut[:-1]) / 2).sum() / 0.99
    assert within < 0.95 * np.exp(1.3**2 / 2)


def test_an_empty_interval_leaves_the_median_as_the_mean() -> None:
    quantiles = np.full(17, np.nan)
    quantiles[8] = 4.0
    assert integrate_quantiles(quantiles[None], levels=QUANTILE_LEVELS).tolist() == [4.0]


def test_a_mean_is_corrected_by_what_all_cutoffs_say_and_not_by_chance() -> None:
    generator = np.random.default_rng(0)
    mean, cutoff_index = np.full((200, 6), 5.0), np.repeat(np.arange(4), 50)
    same = generator.poisson(4.6, mean.shape).astype(float)
    assert fit_mean_factor(mean, same, cutoff_index=cutoff_index) == pytest.approx(0.92, abs=0.02)
    # half of what was forecast: the series have changed
    assert fit_mean_factor(mean, 0.5 * same, cutoff_index=cutoff_index) == pytest.approx(np.exp(-0.15))
    # as far from the forecast, but never from the past: it is the forecast that is wrong
    seen = np.full(200, 2.3)
    assert fit_mean_factor(mean, 0.5 * same, mean_seen=seen, cutoff_index=cutoff_index) == pytest.approx(0.46, abs=0.01)
    changed = fit_mean_factor(mean, 0.5 * same, mean_seen=2 * seen, cutoff_index=cutoff_index)
    assert changed == pytest.approx(np.exp(-0.15))
    swings = same * np.array([1.6, 0.9, 1.5, 0.8])[cutoff_index, None]
    assert fit_mean_factor(mean, swings, cutoff_index=cutoff_index) == pytest.approx(1.0, abs=0.02)
    few = cutoff_index < 2
    assert fit_mean_factor(mean[few], same[few], cutoff_index=cutoff_index[few]) == 1.0
    assert fit_mean_factor(mean, np.zeros_like(mean), cutoff_index=cutoff_index) == 1.0


def test_the_total_of_a_mean_moves_towards_that_of_the_past_by_its_weight() -> None:
    mean, past = np.array([[1.0, 3.0], [1.0, 3.0], [0.0, 0.0]]), np.array([[4.0, 4.0], [0.0, 2.0], [1.0, 1.0]])
    found = average_with_past(mean, past, np.array([0.5, 0.0, 0.5]))
    np.testing.assert_allclose(found, [[1.5, 4.5], [1.0, 3.0], [0.0, 0.0]])


def make_kinds(*, series: int = 250, steps: int = 84) -> dict[str, tuple[np.ndarray, float]]:
    """Series around a fixed mean, by kind: values [series, step] and that mean."""
    generator = np.random.default_rng(1)
    shape = (series, steps)
    rare = (generator.random(shape) < 0.25) * generator.gamma(4.0, 5.0, shape)
    return {
        "counts": (generator.poisson(0.4, shape).astype(float), 0.4),
        "skewed": (generator.lognormal(3.0, 0.8, shape), float(np.exp(3 + 0.8**2 / 2))),
        "rare": (rare, 5.0),
    }


@pytest.mark.parametrize("kind", ["counts", "skewed", "rare"])
def test_totals_of_the_mean_are_right_where_those_of_the_median_are_not(kind: str) -> None:
    values, true = make_kinds()[kind]
    dates = pd.date_range("2015-01-01", periods=values.shape[1], freq="MS")
    frame = pd.DataFrame({f"s{number}": own for number, own in enumerate(values)}).assign(date=dates)
    found = forecaster.predict(frame, horizon=12, mean=True)
    assert found["forecast-mean"].mean() == pytest.approx(true, rel=0.08)
    assert found["forecast"].mean() < 0.85 * true
    assert list(found.columns[2:4]) == ["forecast", "forecast-mean"]


def test_the_mean_stands_in_every_output_and_is_recognised_there(forecast: Command, monthly_csv: Path) -> None:
    words = ["predict", str(monthly_csv), "--id", "shop", "--mean", "--horizon", "4"]
    outcome = forecast(*words, "--json")
    assert outcome.code == 0
    assert json.loads(outcome.stdout)["mean_factor"] > 0
    table = pd.read_csv("forecasts.csv")
    assert is_own_header(list(table.columns))
    # between the ends of a narrow interval, and written with as many digits as the rest
    assert (table["forecast-mean"] > table["forecast-lo-80"]).all()
    assert (table["forecast-mean"] < table["forecast-hi-80"]).all()
    assert (table["forecast-mean"] == table["forecast-mean"].round(5)).all()
    assert forecast(*words, "-o", "out.parquet").code == 0
    np.testing.assert_allclose(read_parquet(Path("out.parquet"))["forecast-mean"], table["forecast-mean"])
    assert forecast(*words, "-o", "out.json").code == 0
    assert [row["forecast-mean"] for row in json.loads(Path("out.json").read_text())] == table["forecast-mean"].tolist()
    assert "forecast-mean" not in forecast(*[word for word in words if word != "--mean"], "-o", "-").stdout


def test_a_trained_model_has_a_mean_within_the_bounds(forecast: Command, trained: Path) -> None:
    words = ["predict", str(trained / "shops.csv"), "--model", str(trained / "model"), "--mean", "--max", "90"]
    assert forecast(*words).code == 0
    assert pd.read_csv("forecasts.csv")["forecast-mean"].max() <= 90


def test_evaluate_shows_how_far_totals_of_mean_and_median_are_off(forecast: Command) -> None:
    values, _ = make_kinds(series=30)["skewed"]
    dates = pd.date_range("2015-01-01", periods=values.shape[1], freq="MS")
    pd.DataFrame({f"s{number}": own for number, own in enumerate(values)}).assign(date=dates).to_csv("wide.csv")
    outcome = forecast("evaluate", "wide.csv", "--wide", "--time", "date", "--windows", "2")
    assert outcome.code == 0
    mean = json.loads(Path("metrics.json").read_text())["mean"]
    assert abs(mean["bias"]) < abs(mean["median_bias"])
    steps = pd.read_csv("backtest.csv")
    size = steps["actual"].abs().sum()
    assert mean["median_bias"] == pytest.approx((steps["forecast"] - steps["actual"]).sum() / size)
    assert mean["median_RMSE"] == pytest.approx(float(np.sqrt(((steps["forecast"] - steps["actual"]) ** 2).mean())))
    assert f"off by {mean['bias']:+.1%}, of the median by {mean['median_bias']:+.1%}" in outcome.stderr
