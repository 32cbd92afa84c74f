"""Scores of series that are mostly zero: nothing flatters, and the baselines for such series stand beside the model."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.errors import UsageError
from forecaster.evaluation.backtest import BacktestPlan, backtest, find_best_baseline, measure_skill
from forecaster.evaluation.baselines import BASELINES
from forecaster.evaluation.statistical import INTERMITTENT, STATISTICAL, choose_statistical, forecast_statistical
from tests.conftest import Command
from tests.test_backtest import make_forecaster, make_seasonal
from tests.test_windows import make_panel

LEVELS = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)


def write_rare(*, series: int = 12, steps: int = 72, rate: float = 0.25, seed: int = 0) -> None:
    """parts.csv: monthly counts, most of them zero."""
    counts = np.random.default_rng(seed).poisson(rate, (series, steps))
    dates = pd.date_range("2015-01-01", periods=steps, freq="MS")
    rows = [pd.DataFrame({"part": f"p{number}", "date": dates, "sold": own}) for number, own in enumerate(counts)]
    pd.concat(rows).to_csv("parts.csv", index=False)


def test_a_forecast_of_zeros_stands_in_the_table_only_where_zeros_came() -> None:
    assert list(backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=3)).quantiles) == [
        "forecast",
        *BASELINES,
    ]
    rare = make_panel(np.tile([0.0, 3.0, 0.0, 0.0], 6), np.tile([0.0, 5.0, 0.0, 0.0], 6))
    found = backtest(rare, make_forecaster(), BacktestPlan(horizon=4))
    assert not found.quantiles["Zero"].any()
    zero = found.scores["Zero"].overall
    assert (zero["WQL"], zero["WAPE"], zero["bias"]) == (1.0, 1.0, -1.0)


def test_where_most_values_are_zero_the_best_baseline_is_told_by_wql() -> None:
    generator = np.random.default_rng(0)
    rare = make_panel(*generator.poisson(0.2, (30, 40)).astype(float))
    found = backtest(rare, make_forecaster(), BacktestPlan(horizon=4)).scores
    assert found["forecast"].is_mostly_zero
    rival, metric = find_best_baseline(found)
    assert metric == "WQL"
    own, best = found["forecast"].overall["WQL"], found[rival].overall["WQL"]
    assert own is not None
    assert best is not None
    assert measure_skill(found) == pytest.approx(1 - own / best)
    assert find_best_baseline(backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=3)).scores)[1] == "MASE"


def test_evaluate_says_why_it_compares_by_wql_and_how_far_off_the_median_is(forecast: Command) -> None:
    write_rare()
    outcome = forecast("evaluate", "parts.csv", "--json")
    assert outcome.code == 0
    assert "in WQL. Most values or forecasts are zero" in outcome.stderr
    assert json.loads(outcome.stdout)["skill_metric"] == "WQL"
    overall = json.loads(outcome.stdout)["overall"]
    assert overall["Zero"]["bias"] == -1
    assert overall["Zero"]["WQL"] == 1


@pytest.mark.parametrize("name", [*INTERMITTENT])
def test_models_of_rare_demand_forecast_its_mean_whatever_the_past_is_long(name: str) -> None:
    generator = np.random.default_rng(0)
    past = generator.poisson(0.5, (6, 90)).astype(float)
    past[3, :60] = np.nan  # room for two windows of 12
    past[4, :80] = np.nan  # for none
    past[5] = np.nan
    found = forecast_statistical(past, names=(name,), horizon=12, season=12, levels=LEVELS)[name]
    assert np.isnan(found[5]).all()
    assert np.isfinite(found[:5]).all()
    assert (np.diff(found, axis=2)[:5] >= 0).all()
    assert 0.2 < found[:3, :, 3].mean() < 0.8
    assert (found[:4, :, -1] > found[:4, :, 0]).all()
    # without an earlier window there is nothing to measure an interval on
    np.testing.assert_array_equal(found[4], np.repeat(found[4, :, :1], len(LEVELS), axis=1))
    alone = forecast_statistical(past[3:4], names=(name,), horizon=12, season=12, levels=LEVELS)[name]
    np.testing.assert_allclose(found[3], alone[0])


def test_a_baseline_that_takes_too_long_is_left_out_and_named(forecast: Command) -> None:
    write_rare(series=30)
    assert forecast("evaluate", "parts.csv", "--baselines", "SBA,TSB", "--baseline-budget", "0.000001s").code == 0
    records = json.loads(Path("metrics.json").read_text())
    assert records["baselines_given_up"] == ["SBA", "TSB"]
    assert "SBA" not in records["overall"]
    outcome = forecast("evaluate", "parts.csv", "--baselines", "SBA", "--baseline-budget", "soon")
    assert (outcome.code, "--baseline-budget soon: not a time" in outcome.stderr) == (2, True)


def test_all_baselines_are_those_for_rare_demand_too() -> None:
    assert choose_statistical("all") == STATISTICAL
    assert {"Croston", "SBA", "TSB", "ADIDA", "IMAPA", "AutoTheta"} <= {*STATISTICAL}
    with pytest.raises(UsageError, match=r"There are AutoETS.*Croston, SBA, TSB, ADIDA, IMAPA and all"):
        choose_statistical("Holt")
