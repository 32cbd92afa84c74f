"""What was learned, checked against held-out windows: honest about their coverage."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load

from forecaster.encoding.encoding import Encoding
from forecaster.evaluation.backtest import BacktestPlan, backtest
from forecaster.evaluation.baselines import BASELINES
from forecaster.evaluation.metrics import measure_coverage
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import calibrate, fit_to_cutoffs
from forecaster.forecasting.correlation import measure_correlation
from forecaster.forecasting.opening import open_base
from forecaster.learning.export import open_weights
from forecaster.settings import QUANTILE_LEVELS
from tests.test_learning import SETTINGS, SHAPE, learn
from tests.test_windows import make_panel


def test_the_baselines_of_held_out_windows_have_the_bounds_of_the_model() -> None:
    generator = np.random.default_rng(0)
    panel = make_panel(*(generator.poisson(0.5, (3, 60)).astype(float)))
    trained = learn(panel, settings=replace(SETTINGS, steps=2, held_out_windows=2))
    found = backtest(panel, open_base(panel), BacktestPlan(horizon=6, windows=2)).scores
    free = backtest(
        panel, open_base(panel), BacktestPlan(horizon=6, windows=2), bounds=Bounds(allow_negative=True)
    ).scores
    for name in BASELINES:
        assert trained.card.scores[name].overall == found[name].overall
        assert trained.card.scores[name].overall["WQL"] != free[name].overall["WQL"]


def test_the_coverage_of_a_cutoff_is_that_of_intervals_calibrated_by_the_others() -> None:
    generator = np.random.default_rng(0)
    shocks = np.repeat(generator.normal(size=15), 4)
    panel = make_panel(*(50 + generator.normal(size=(7, 60)) + 3 * shocks))
    settings = replace(SETTINGS, steps=5, held_out_windows=3, second_stage_share=0.0)
    trained = learn(panel, settings=settings, horizon=4)
    encoding = Encoding(24, trained.card.encoding.periods)
    forecaster = open_weights(load(trained.weights), shape=SHAPE, encoding=encoding, horizon=4)
    found = backtest(panel, forecaster, BacktestPlan(horizon=4, windows=3), bounds=Bounds(allow_negative=True))
    correlation = measure_correlation(panel, horizon=4, season=found.season, ends=panel.lengths - 12)
    quantiles, cutoff_index = found.forecast.quantiles.copy(), found.index.cutoff_index
    known: dict[str, Any] = {"levels": QUANTILE_LEVELS, "correlation": correlation, "is_fair": False}
    for number in range(3):
        rest = cutoff_index != number
        calibration = fit_to_cutoffs(
            found.forecast.quantiles[rest], found.y_true[rest], cutoff_index=cutoff_index[rest], **known
        )
        quantiles[~rest] = calibrate(quantiles[~rest], calibration=calibration)
    expected = measure_coverage(found.y_true, quantiles, levels=QUANTILE_LEVELS)
    assert trained.card.scores["forecast"].coverage == {f"{level:g}": share for level, share in expected.items()}
    final = fit_to_cutoffs(found.forecast.quantiles, found.y_true, cutoff_index=cutoff_index, **known)
    assert trained.card.calibration == final


def test_held_out_counts_are_scored_as_they_are_written() -> None:
    generator = np.random.default_rng(3)
    rate = 0.3 + 0.3 * (np.arange(96) % 12 == 5)
    panel = make_panel(*generator.poisson(rate, (12, 96)).astype(float))
    # nothing is learned and there is one cutoff, which leaves the weights as they begin and uncalibrated
    trained = learn(panel, settings=replace(SETTINGS, steps=1, learning_rate=1e-12, held_out_windows=1))
    encoding = Encoding(24, trained.card.encoding.periods)
    forecaster = open_weights(load(trained.weights), shape=SHAPE, encoding=encoding, horizon=6)
    found = backtest(panel, forecaster, BacktestPlan(horizon=6)).scores["forecast"]
    smooth = backtest(panel, forecaster, BacktestPlan(horizon=6), bounds=Bounds(allow_negative=True)).scores["forecast"]
    assert trained.card.scores["forecast"].overall == pytest.approx(found.overall, rel=1e-5)
    assert trained.card.scores["forecast"].is_mostly_zero
    assert found.overall["WQL"] != pytest.approx(smooth.overall["WQL"], rel=0.01)
