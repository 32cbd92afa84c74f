"""Scores, compared with slow loops and with utilsforecast."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from utilsforecast import losses

from forecaster.arrays import Array
from forecaster.evaluation.metrics import (
    WQL_LEVELS,
    measure_coverage,
    measure_overall,
    measure_windows,
    seasonal_error,
)
from forecaster.settings import QUANTILE_LEVELS

NAN = float("nan")
MIDDLE = QUANTILE_LEVELS.index(0.5)
SEASON = 4


def make_windows(*, gaps: float, windows: int = 7, horizon: int = 5) -> tuple[Array, Array, Array]:
    """A past of 20 steps, truth with `gaps` missing, and quantiles that do not cross."""
    generator = np.random.default_rng(0)
    past = generator.normal(10, 5, (windows, 20))
    y_true = generator.normal(10, 5, (windows, horizon))
    past[generator.random(past.shape) < gaps] = NAN
    y_true[generator.random(y_true.shape) < gaps] = NAN
    quantiles = np.sort(generator.normal(10, 5, (windows, horizon, len(QUANTILE_LEVELS))), axis=2)
    return past, y_true, quantiles


def measure(past: Array, y_true: Array, quantiles: Array) -> tuple[dict[str, Array], dict[str, float | None]]:
    absolute, squared = seasonal_error(past, season=SEASON)
    per_window = measure_windows(
        y_true, quantiles, levels=QUANTILE_LEVELS, absolute_scale=absolute, squared_scale=squared
    )
    return per_window, measure_overall(y_true, quantiles, levels=QUANTILE_LEVELS, per_window=per_window)


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else NAN


def slow_sums(y_true: list[float], quantiles: list[list[float]]) -> dict[str, float]:
    """Sums over the steps whose truth is known."""
    sums = {"WAPE": 0.0, "WQL": 0.0, "bias": 0.0, "size": 0.0}
    for truth, at_levels in zip(y_true, quantiles, strict=True):
        if math.isnan(truth):
            continue
        sums["WAPE"] += abs(at_levels[MIDDLE] - truth)
        sums["bias"] += at_levels[MIDDLE] - truth
        sums["size"] += abs(truth)
        for level, forecast in zip(QUANTILE_LEVELS, at_levels, strict=True):
            if level in WQL_LEVELS:
                weight = level if truth >= forecast else 1 - level
                sums["WQL"] += 2 * weight * abs(truth - forecast) / 9
    return sums


def slow_scores(past: list[float], y_true: list[float], quantiles: list[list[float]]) -> dict[str, float]:
    pairs = [(new - old) for old, new in zip(past, past[SEASON:], strict=False) if not math.isnan(new - old)]
    steps = [(truth, of[MIDDLE]) for truth, of in zip(y_true, quantiles, strict=True) if not math.isnan(truth)]
    sums = slow_sums(y_true, quantiles)
    return {
        "MASE": mean([abs(truth - forecast) for truth, forecast in steps]) / mean([abs(pair) for pair in pairs]),
        "RMSSE": math.sqrt(mean([(t - f) ** 2 for t, f in steps]) / mean([pair**2 for pair in pairs])),
        "sMAPE": 200 * mean([abs(t - f) / (abs(t) + abs(f)) for t, f in steps]),
        **{name: sums[name] / sums["size"] for name in ("WAPE", "WQL", "bias")},
    }


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_scores_of_each_window_are_those_of_a_slow_loop(gaps: float) -> None:
    past, y_true, quantiles = make_windows(gaps=gaps)
    per_window, _ = measure(past, y_true, quantiles)
    for window in range(len(past)):
        expected = slow_scores(past[window].tolist(), y_true[window].tolist(), quantiles[window].tolist())
        assert {name: values[window] for name, values in per_window.items()} == pytest.approx(expected)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_overall_scores_are_means_or_sums_over_sums(gaps: float) -> None:
    past, y_true, quantiles = make_windows(gaps=gaps)
    per_window, overall = measure(past, y_true, quantiles)
    sums = [slow_sums(*pair) for pair in zip(y_true.tolist(), quantiles.tolist(), strict=True)]
    size = sum(of["size"] for of in sums)
    expected = {name: mean(per_window[name].tolist()) for name in ("MASE", "RMSSE", "sMAPE")}
    expected |= {name: sum(of[name] for of in sums) / size for name in ("WAPE", "WQL", "bias")}
    assert overall == pytest.approx(expected)


def test_coverage_counts_the_known_truth_within_each_interval() -> None:
    _, y_true, quantiles = make_windows(gaps=0.3)
    coverage = measure_coverage(y_true, quantiles, levels=QUANTILE_LEVELS)
    assert list(coverage) == [0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2]
    for interval, measured in enumerate(coverage.values()):
        inside = []
        for truth, at_levels in zip(
            y_true.ravel().tolist(), quantiles.reshape(-1, len(QUANTILE_LEVELS)).tolist(), strict=True
        ):
            if not math.isnan(truth):
                inside.append(at_levels[interval] <= truth <= at_levels[-1 - interval])
        assert measured == pytest.approx(mean([float(is_inside) for is_inside in inside]))


def test_only_the_deciles_count_for_wql() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    wider = quantiles.copy()
    wider[:, :, [place for place, level in enumerate(QUANTILE_LEVELS) if level not in WQL_LEVELS]] = 1e6
    assert measure(past, y_true, wider)[1]["WQL"] == measure(past, y_true, quantiles)[1]["WQL"]


def test_scores_agree_with_utilsforecast() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    windows, horizon = y_true.shape
    columns = {f"q{place}": quantiles[:, :, place].ravel() for place in range(len(QUANTILE_LEVELS))}
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(windows), horizon),
            "ds": np.tile(np.arange(20, 20 + horizon), windows),
            "y": y_true.ravel(),
            "model": columns[f"q{MIDDLE}"],
            "model-lo-80": columns[f"q{QUANTILE_LEVELS.index(0.1)}"],
            "model-hi-80": columns[f"q{QUANTILE_LEVELS.index(0.9)}"],
            **columns,
        }
    )
    train = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(windows), 20), "ds": np.tile(np.arange(20), windows), "y": past.ravel()}
    )
    deciles = [place for place, level in enumerate(QUANTILE_LEVELS) if level in WQL_LEVELS]
    scaled: dict[str, Any] = {"models": ["model"], "seasonality": SEASON, "train_df": train}
    theirs = {
        "MASE": losses.mase(table, **scaled)["model"],
        "RMSSE": losses.rmsse(table, **scaled)["model"],
        # theirs lies between 0 and 1
        "sMAPE": 200 * losses.smape(table, models=["model"])["model"],
        "WAPE": losses.nd(table, models=["model"])["model"],
        "WQL": losses.scaled_crps(
            table, models={"model": [f"q{place}" for place in deciles]}, quantiles=np.array(WQL_LEVELS)
        )
        .sort_values("unique_id")["model"]
        .to_numpy(),
        "bias": losses.bias(table, models=["model"])["model"] / np.abs(y_true).mean(axis=1),
    }
    per_window, _ = measure(past, y_true, quantiles)
    for name, values in theirs.items():
        np.testing.assert_allclose(per_window[name], values, err_msg=name)
    covered = losses.coverage(table, models=["model"], level=80)["model"].mean()
    assert measure_coverage(y_true, quantiles, levels=QUANTILE_LEVELS)[0.8] == pytest.approx(covered)


def test_undefined_scores_are_nan_and_left_out_of_the_mean() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    _, whole = measure(past[:4], y_true[:4], quantiles[:4])
    past[4] = 7.0
    past[5, :-SEASON] = NAN
    y_true[6] = NAN
    per_window, overall = measure(past, y_true, quantiles)
    for name in ("MASE", "RMSSE"):
        assert np.isnan(per_window[name]).tolist() == [False] * 4 + [True] * 3
        assert overall[name] == pytest.approx(whole[name])
    for name in ("sMAPE", "WAPE", "WQL", "bias"):
        assert np.isnan(per_window[name]).tolist() == [False] * 6 + [True]


def test_truth_of_nothing_but_zeros_has_no_relative_score() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    per_window, overall = measure(past, np.zeros_like(y_true), quantiles)
    for name in ("WAPE", "WQL", "bias"):
        assert np.isnan(per_window[name]).all()
        assert overall[name] is None
    assert overall["MASE"] is not None
    # 0 forecast where 0 came is no error, and the worst of errors elsewhere
    assert measure(past, np.zeros_like(y_true), np.zeros_like(quantiles))[1]["sMAPE"] == 0
    assert overall["sMAPE"] == pytest.approx(200)


def test_without_any_truth_every_score_is_none() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    nothing = np.full_like(y_true, NAN)
    assert set(measure(past, nothing, quantiles)[1].values()) == {None}
    assert set(measure_coverage(nothing, quantiles, levels=QUANTILE_LEVELS).values()) == {None}


def test_a_constant_past_gives_no_scale_however_it_is_rounded() -> None:
    absolute, squared = seasonal_error(np.full((1, 20), 0.1), season=SEASON)
    assert np.isnan([absolute, squared]).all()
    assert np.isnan(seasonal_error(np.arange(4.0)[None], season=4)).all()


def test_a_forecast_without_intervals_counts_for_its_median_alone() -> None:
    past, y_true, quantiles = make_windows(gaps=0.0)
    quantiles[0, :, np.arange(len(QUANTILE_LEVELS)) != MIDDLE] = NAN
    per_window, overall = measure(past, y_true, quantiles)
    assert np.isnan(per_window["WQL"]).tolist() == [True] + [False] * 6
    assert not np.isnan(per_window["WAPE"]).any()
    assert overall["WAPE"] == pytest.approx(np.abs(quantiles[:, :, MIDDLE] - y_true).sum() / np.abs(y_true).sum())
    rest = measure(past[1:], y_true[1:], quantiles[1:])[1]
    assert overall["WQL"] == pytest.approx(rest["WQL"])
