"""The backtest with a network that is no more than a stub."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES
from forecaster.errors import DataError
from forecaster.evaluation.backtest import (
    MODEL_NAME,
    Backtest,
    BacktestPlan,
    ModelScores,
    backtest,
    find_best_baseline,
    measure_skill,
)
from forecaster.evaluation.baselines import BASELINES, ZERO_NAME
from forecaster.evaluation.metrics import measure_windows
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.windows import Windows, cut_windows
from tests.conftest import Command
from tests.test_windows import make_gappy, make_panel

LEVELS = (0.1, 0.5, 0.9)
NAN = float("nan")


def run_same_phase(inputs: NDArray[np.float32], candidates: NDArray[np.float32]) -> NDArray[np.float32]:
    """The value of a season ago, one unit down and up; a little of the inputs so that they matter as well."""
    median = candidates[:, CANDIDATES.index("seasonal_naive")] + 1e-3 * inputs.mean(axis=(1, 2))[:, None]
    return np.stack([median - 1, median, median + 1], axis=2)


def make_forecaster(*, period: int = 4) -> Forecaster:
    return Forecaster(run_same_phase, encoding=Encoding(8, (period,)), levels=LEVELS, horizon=3)


def make_seasonal() -> Panel:
    generator = np.random.default_rng(0)
    return make_panel(
        *(50 + np.tile([9.0, 0, -9, 0], 10)[:length] + generator.normal(size=length) for length in (40, 9))
    )


def scores_of(**overall: dict[str, float | None]) -> dict[str, ModelScores]:
    return {name: ModelScores(score, {}, {}) for name, score in overall.items()}


def test_every_cutoff_of_a_round_is_scored_against_what_came() -> None:
    panel = make_seasonal()
    found = backtest(panel, make_forecaster(), BacktestPlan(horizon=3, windows=4, step=2))
    # the oldest round leaves nothing of the short series
    assert found.index.series.tolist() == [0, 0, 1, 0, 1, 0, 1]
    assert found.index.cutoffs.tolist() == [31, 33, 2, 35, 4, 37, 6]
    assert found.index.cutoff_index.tolist() == [0, 1, 1, 2, 2, 3, 3]
    for window, (series, cutoff) in enumerate(zip(found.index.series, found.index.cutoffs, strict=True)):
        begin = panel.offsets[series] + cutoff
        np.testing.assert_array_equal(found.y_true[window], panel.values[begin : begin + 3])
    assert list(found.quantiles) == [MODEL_NAME, *BASELINES]
    assert found.season == 4


def test_baselines_see_the_whole_past_of_their_window() -> None:
    panel = make_seasonal()
    found = backtest(panel, make_forecaster(), BacktestPlan(horizon=3, windows=2))
    for window, (series, cutoff) in enumerate(zip(found.index.series, found.index.cutoffs, strict=True)):
        begin = panel.offsets[series]
        past = panel.values[begin : begin + cutoff]
        differences = past[4:] - past[:-4]
        for scale, errors in ((found.absolute_scale, np.abs(differences)), (found.squared_scale, differences**2)):
            np.testing.assert_allclose(scale[window], errors.mean() if len(errors) else NAN)
        for name, baseline in BASELINES.items():
            alone = baseline(past[None], horizon=3, season=4, levels=LEVELS)[0]
            np.testing.assert_allclose(found.quantiles[name][window], alone, err_msg=name)


def test_scores_of_a_round_are_those_of_its_windows() -> None:
    found = backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=3, windows=3))
    whole = found.scores
    for number in range(3):
        chosen = found.index.cutoff_index == number
        for name, scores in found.score(chosen).items():
            for metric, values in scores.per_window.items():
                np.testing.assert_array_equal(values, whole[name].per_window[metric][chosen])
            median = found.quantiles[name][chosen][:, :, 1]
            error = np.abs(median - found.y_true[chosen]).sum() / np.abs(found.y_true[chosen]).sum()
            assert scores.overall["WAPE"] == pytest.approx(error)
            assert list(scores.coverage) == [0.8]


def test_no_value_after_a_cutoff_moves_its_forecast_or_its_scales() -> None:
    panel = make_gappy(lengths=(30, 12, 25), seed=4)

    def run(values: NDArray[np.float64]) -> Backtest:
        return backtest(replace(panel, values=values), make_forecaster(), BacktestPlan(horizon=3, windows=5, step=1))

    before = run(panel.values)
    for window, (series, cutoff) in enumerate(zip(before.index.series, before.index.cutoffs, strict=True)):
        values = panel.values.copy()
        values[panel.offsets[series] + cutoff : panel.offsets[series + 1]] += 1e6
        after = run(values)
        for name, quantiles in before.quantiles.items():
            np.testing.assert_array_equal(after.quantiles[name][window], quantiles[window], err_msg=name)
        np.testing.assert_array_equal(after.absolute_scale[window], before.absolute_scale[window])
        np.testing.assert_array_equal(after.squared_scale[window], before.squared_scale[window])


def test_statistical_baselines_stand_beside_the_simple_ones() -> None:
    shown = []
    found = backtest(
        make_seasonal(),
        make_forecaster(),
        BacktestPlan(horizon=3, baselines=("Theta",)),
        on_progress=lambda share, name: shown.append((share, name)),
    )
    assert list(found.quantiles) == [MODEL_NAME, *BASELINES, "Theta"]
    assert np.isfinite(found.quantiles["Theta"]).all()
    assert shown == [(0.5, "Theta")]


def test_the_season_of_the_scores_can_be_named() -> None:
    found = backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=3, mase_season=1))
    assert found.season == 1
    np.testing.assert_array_equal(found.quantiles["SeasonalNaive"], found.quantiles["Naive"])


def test_a_model_that_knows_the_season_beats_the_naive_forecasts() -> None:
    found = backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=3, windows=2, mase_season=1))
    scores = found.scores
    rival, metric = find_best_baseline(scores)
    own, best = scores[MODEL_NAME].overall["MASE"], scores[rival].overall["MASE"]
    assert (metric, own is None, best is None) == ("MASE", False, False)
    assert measure_skill(scores) == pytest.approx(1 - (own or 0) / (best or 1))
    assert (measure_skill(scores) or 0) > 0.3


def test_the_best_baseline_is_told_by_the_first_metric_that_any_defines() -> None:
    own: dict[str, float | None] = {"MASE": None, "WQL": 0.3, "WAPE": 0.1}
    only_wql = scores_of(
        forecast=own, a={"MASE": None, "WQL": 0.4, "WAPE": 0.2}, b={"MASE": None, "WQL": 0.6, "WAPE": 0.1}
    )
    assert find_best_baseline(only_wql) == ("a", "WQL")
    assert measure_skill(only_wql) == pytest.approx(0.25)
    with_mase = scores_of(
        forecast=own, a={"MASE": None, "WQL": 0.4, "WAPE": 0.2}, b={"MASE": 2.0, "WQL": 0.6, "WAPE": 0.1}
    )
    assert find_best_baseline(with_mase) == ("b", "MASE")
    assert measure_skill(with_mase) is None


def test_all_are_scored_on_the_same_steps() -> None:
    panel = make_panel([1.0, 2.0, 4.0, 3.0, 5.0, 4.0], [2.0, 3.0, 1.0, 5.0, 4.0, 6.0])
    found = backtest(panel, make_forecaster(), BacktestPlan(horizon=2))
    quantiles = {name: values.copy() for name, values in found.quantiles.items()}
    quantiles["forecast"][0] = NAN
    scores = replace(found, quantiles=quantiles).scores
    alone = found.score(np.array([False, True]))
    for name in ("Naive", "Drift"):
        assert scores[name].overall == alone[name].overall


def test_a_baseline_without_any_error_leaves_no_skill_to_measure() -> None:
    perfect: dict[str, float | None] = {"MASE": 0.0, "WQL": 0.0, "WAPE": 0.0}
    nothing: dict[str, float | None] = dict.fromkeys(perfect)
    assert measure_skill(scores_of(forecast=perfect, a=perfect)) is None
    assert measure_skill(scores_of(forecast=nothing, a=nothing)) is None


def test_bounds_hold_for_the_baselines_as_for_the_model() -> None:
    generator = np.random.default_rng(0)
    counts = np.append(generator.poisson(0.5, 50), [0.0] * 10)
    panel = make_panel(counts, counts - 1)
    statistical = ("Theta",)
    free = backtest(
        panel, make_forecaster(), BacktestPlan(horizon=3, baselines=statistical), bounds=Bounds(allow_negative=True)
    ).quantiles
    for bounds, lowest in (
        (Bounds(), [0.0, -np.inf]),
        (Bounds(lowest=-0.5), [-0.5, -0.5]),
        (Bounds(0.2, 0.4), [0.2] * 2),
    ):
        found = backtest(
            panel, make_forecaster(), BacktestPlan(horizon=3, baselines=statistical), bounds=bounds
        ).quantiles
        assert list(found) == [MODEL_NAME, *BASELINES, ZERO_NAME, "Theta"]
        for name, quantiles in found.items():
            if name == MODEL_NAME and bounds.end_at_zero:
                assert (quantiles[0] >= 0).all()  # whole numbers
                continue
            expected = np.clip(free[name], np.array(lowest)[:, None, None], bounds.highest)
            np.testing.assert_array_equal(quantiles, expected, err_msg=name)
            assert (free[name][0] < 0).any() != (name == ZERO_NAME)


def test_long_pasts_are_cut_a_few_at_a_time_to_the_same_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_gappy(lengths=(30, 12, 200, 25), seed=4)

    def run() -> Backtest:
        return backtest(panel, make_forecaster(), BacktestPlan(horizon=3, windows=5, step=1, baselines=("Theta",)))

    whole, sizes = run(), []

    def watch(*words: Any, index: WindowIndex, past_length: int) -> Windows:
        sizes.append(len(index) * (past_length + 3))
        return cut_windows(*words, index=index, past_length=past_length)

    monkeypatch.setattr("forecaster.evaluation.backtest.BATCH_STEPS", 250)
    monkeypatch.setattr("forecaster.evaluation.backtest.cut_windows", watch)
    parts = run()
    assert max(sizes) <= 250
    # five windows of the longest series alone, the other fifteen in two batches; for the simple and for Theta
    assert len(sizes) == 2 * (5 + 2)
    for name, quantiles in whole.quantiles.items():
        np.testing.assert_allclose(parts.quantiles[name], quantiles, err_msg=name)
    np.testing.assert_array_equal(parts.y_true, whole.y_true)
    np.testing.assert_allclose(parts.absolute_scale, whole.absolute_scale)
    np.testing.assert_allclose(parts.squared_scale, whole.squared_scale)


def test_evaluate_scores_all_windows_once(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored: list[int] = []

    def watch(y_true: NDArray[np.float64], *words: Any, **named: Any) -> Any:
        scored.append(len(y_true))
        return measure_windows(y_true, *words, **named)

    monkeypatch.setattr("forecaster.evaluation.backtest.measure_windows", watch)
    assert forecast("evaluate", str(monthly_csv), "--id", "shop", "--windows", "3", "--require-skill", "-99").code == 0
    models = 1 + len(BASELINES)
    # four series at three cutoffs: all of them, then each cutoff
    assert sorted(scored) == [4] * 3 * models + [12] * models


def test_series_no_longer_than_the_horizon_are_refused_with_the_longest() -> None:
    with pytest.raises(DataError, match="longest series has 40 steps, but 41 are needed"):
        backtest(make_seasonal(), make_forecaster(), BacktestPlan(horizon=40))


def test_scores_are_of_negative_forecasts_too_where_they_are_allowed(forecast: Command) -> None:
    counts = np.random.default_rng(0).poisson(0.5, 60)
    dates = pd.date_range("2015-01-01", periods=60, freq="MS")
    pd.DataFrame({"date": dates, "y": counts}).to_csv("counts.csv", index=False)
    lowest = []
    for words in ([], ["--allow-negative"]):
        assert forecast("evaluate", "counts.csv", *words).code == 0
        lowest.append(pd.read_csv("backtest.csv")["forecast-lo-95"].min())
    assert lowest[0] == 0
    assert lowest[1] < 0


@pytest.mark.parametrize(
    ("rows", "remedy"), [(2, ["--horizon", "1"]), (3, ["--horizon", "2"]), (6, ["--horizon", "5"])]
)
def test_too_little_to_score_says_what_is_needed_and_what_works(
    forecast: Command, rows: int, remedy: list[str]
) -> None:
    days = pd.date_range("2024-01-01", periods=6).strftime("%Y-%m-%d")[:rows]
    pd.DataFrame({"date": days, "y": [5, 6, 8, 4, 6, 9][:rows]}).to_csv("few.csv", index=False)
    refused = forecast("evaluate", "few.csv", "--horizon", "6")
    assert refused.code == 65
    assert f"the longest series has {rows} steps, but 7 are needed: one to look back on and 6," in refused.stderr
    assert f"Give more history, or {' '.join(remedy)}." in refused.stderr
    assert forecast("evaluate", "few.csv", *remedy).code == 0
