"""Running totals in models, parts, backtests and explanations."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import WindowIndex
from forecaster.data.read_options import ReadOptions
from forecaster.encoding.encode import settle_season
from forecaster.encoding.encoding import Encoding
from forecaster.errors import ConfigurationError
from forecaster.evaluation.baselines import forecast_increments
from forecaster.forecasting.calibration import calibrate_across
from forecaster.forecasting.calibration_by_kind import calibrate_across_by_kind
from forecaster.forecasting.opening import open_base, open_forecaster
from forecaster.learning.batches import encode_batch
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.pooling import pool_effects
from forecaster.learning.shared_year import find_shared_year
from forecaster.library.inputs import read_data
from forecaster.settings import FINE_TUNING
from forecaster.windows import Windows, cut_truth
from tests.conftest import Command
from tests.test_running_totals import READING, make_table, simulate_tens, simulate_use
from tests.test_shared_year import make_table as shared_year_table
from tests.test_windows import make_panel

PLAN = TrainingPlan(horizon=7, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)


def test_a_model_learns_increments_where_a_series_is_a_total_and_keeps_that() -> None:
    total, other = np.cumsum(simulate_use(150)), simulate_use(150, seed=2)
    assert divide(make_panel(total, other), plan=PLAN).encoding.running_totals is None
    assert divide(make_panel(other), plan=PLAN).encoding.running_totals is False
    assert divide(replace(make_panel(total), running_totals=False), plan=PLAN).encoding.running_totals is False
    for frame, version, has in ((make_table(total, other), 11, True), (make_table(other), None, None)):
        model = forecaster.train(frame, plan=PLAN, reading=READING)
        assert model.trained_card.running_totals is has
        model.save("model")
        opened, card = open_forecaster(Path("model"))
        assert card.running_totals is has
        assert opened.encoding.running_totals is (None if has else False)
        if version:
            assert f'"format_version": {version}' in Path("model/model.json").read_text()
            again = forecaster.load("model").predict(frame)
            assert again.equals(model.predict(frame))


@pytest.mark.parametrize("from_base", [True, False])
def test_a_model_of_totals_and_others_has_a_calibration_for_each(from_base: bool) -> None:
    kinds = [simulate_use(150, seed=seed, drift=0.0) for seed in range(4)]
    frame = make_table(*(np.cumsum(values) for values in kinds), *kinds)
    shape = replace(PLAN.shape, hidden=4, layers=1)
    plan = PLAN if from_base else replace(PLAN, from_base=False, shape=shape)
    model = forecaster.train(frame, plan=plan, reading=READING)
    card = model.trained_card
    assert card.calibration is not None
    assert card.calibration_of_totals is not None
    assert card.calibration_of_totals.factors != card.calibration.factors
    model.save("model")
    assert open_forecaster(Path("model"))[0].calibration_of_totals == card.calibration_of_totals
    pd.testing.assert_frame_equal(forecaster.load("model").predict(frame), model.predict(frame))
    path = Path("model/model.json")
    broken = json.loads(path.read_text())
    broken["calibration_of_totals"]["factors"][0].pop()
    path.write_text(json.dumps(broken))
    with pytest.raises(ConfigurationError, match="calibration_of_totals"):
        open_forecaster(Path("model"))


def test_intervals_of_the_held_out_windows_are_those_of_their_kind() -> None:
    kinds = [simulate_use(150, seed=seed, drift=0.0) for seed in range(4)]
    panel, cutoffs = make_panel(*(np.cumsum(values) for values in kinds), *kinds), np.array([122, 129, 136, 143])
    index = WindowIndex(np.repeat(np.arange(8), 4), np.tile(cutoffs, 8))
    forecast = open_base(panel).forecast(panel, index=index, horizon=7)
    y_true, is_total = cut_truth(panel, index=index, horizon=7), np.arange(32) < 16
    assert forecast.is_total is not None
    assert (forecast.is_total == is_total).all()
    cutoff_index, options = np.tile(np.arange(4), 8), dict[str, Any](correlation=0.2, is_fair=True)
    found = calibrate_across_by_kind(forecast, y_true, cutoff_index=cutoff_index, **options)
    for chosen in (is_total, ~is_total):
        own = calibrate_across(
            forecast.quantiles[chosen],
            y_true[chosen],
            levels=forecast.levels,
            cutoff_index=cutoff_index[chosen],
            **options,
        )
        assert found is not None
        np.testing.assert_array_equal(found[chosen], own)


def test_what_is_said_of_the_data_comes_before_what_was_learned() -> None:
    frame = make_table(np.cumsum(simulate_use(150)))
    model = forecaster.train(frame, plan=PLAN, reading=READING)
    lines: list[str] = []
    found = model.predict(frame, on_remark=lines.append)
    assert any("taken for a running total" in line for line in lines)
    lines.clear()
    never = model.predict(frame, reading=ReadOptions(running_totals=False), on_remark=lines.append)
    assert not any("running total" in line for line in lines)
    assert not np.allclose(found["forecast"], never["forecast"], rtol=1e-6)


def test_nothing_is_corrected_of_them_nor_does_a_year_of_theirs_count() -> None:
    totals = [np.cumsum(simulate_use(500, seed=seed, drift=0.0)) for seed in range(12)]
    plan = TrainingPlan(horizon=7, settings=replace(FINE_TUNING, steps=5))
    model = forecaster.train(make_table(*totals), plan=plan, reading=READING)
    assert model.trained_card.correction is None
    shops = shared_year_table()
    shops["sales"] = shops.groupby("shop")["sales"].cumsum()
    assert find_shared_year(divide(read_data(shops).panel, plan=PLAN), plan=PLAN) is None


def make_sales(*, is_total: bool) -> pd.DataFrame:
    generator, frames = np.random.default_rng(0), []
    for number in range(6):
        promo = (generator.random(128) < 0.2) * 1.0
        sold = 50 * np.exp(0.5 * promo + 0.05 * generator.normal(size=128))
        y = np.append(np.cumsum(sold) if is_total else sold, np.full(7, np.nan))[:128]
        y[121:] = np.nan
        frames.append(make_table(y).assign(id=f"s{number}", promo=promo))
    return pd.concat(frames)


def test_covariates_explain_increments() -> None:
    reading = replace(READING, known=("promo",))
    found = {}
    for is_total in (True, False):
        table = make_sales(is_total=is_total)
        given = read_data(table, reading=reading)
        pooled = pool_effects(given.panel, encoding=divide(given.panel, plan=PLAN).encoding)
        assert pooled is not None
        forecast = forecaster.predict(table, horizon=7, reading=reading)
        if is_total:
            last = table.groupby("id")["y"].max().to_numpy()
            values = forecast["forecast"].to_numpy().reshape(6, 7)
            steps = np.diff(np.concatenate([last[:, None], values], axis=1), axis=1)
        else:
            steps = forecast["forecast"].to_numpy().reshape(6, 7)
        found[is_total] = (steps, np.abs(pooled.coefficients).max())
    assert np.allclose(found[True][0], found[False][0], rtol=0.03)
    assert found[True][1] == pytest.approx(found[False][1], rel=0.1)


def test_an_explanation_has_the_forecast_and_what_columns_add_to_the_total() -> None:
    table = make_sales(is_total=True)
    reading = replace(READING, known=("promo",))
    model = forecaster.load("base")
    explained = model.explain(table, series="s1", horizon=7, reading=reading)
    forecast = model.predict(table, horizon=7, reading=reading).query("id == 's1'")["forecast"].to_numpy()
    assert np.allclose(explained.median, forecast, rtol=1e-6)
    assert explained.effects is not None
    added = explained.effects.added[:, explained.effects.columns.index("promo")]
    promo = table.query("id == 's1'")["promo"].to_numpy()[-7:]
    assert explained.effects.factors is None
    assert (np.diff(added, prepend=0.0)[promo > 0] > 20).all()
    assert np.abs(np.diff(added, prepend=0.0)[promo == 0]).max(initial=0.0) < 8


def test_what_is_hidden_of_a_past_leaves_it_a_total_with_its_season() -> None:
    for values in (simulate_tens(), np.cumsum(simulate_use(27))):
        explained = forecaster.load("base").explain(make_table(values), horizon=14, reading=READING)
        found = forecaster.predict(make_table(values), horizon=14, reading=READING)["forecast"]
        assert np.allclose(explained.median, found, rtol=1e-6)
    # too few are left of the short one to be found to be a total
    assert max(np.abs(segment.contribution).max() for segment in explained.segments) < 3
    windows = Windows(simulate_tens()[None], np.array([300]))
    settled = settle_season(windows, encoding=Encoding(60, (7,)))[1]
    assert settled.running_totals
    assert settled.periods[0] == 10


def test_what_is_learned_are_increments() -> None:
    use = simulate_use(120)
    batches = []
    for values in (np.concatenate([[0.0], np.cumsum(use)]), use):
        steps = len(values) - 7
        windows = Windows(np.pad(values[:steps], (120 - steps, 0), constant_values=np.nan)[None], np.array([steps]))
        batches.append(encode_batch(windows, values[None, steps:].copy(), encoding=Encoding(60, (7,))))
    total, plain = batches
    for one, other in zip(total, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_in_parts_they_are_forecast_as_in_one_go(forecast: Command) -> None:
    series = [np.cumsum(simulate_use(90, seed=seed)) if seed % 3 else simulate_use(90, seed=seed) for seed in range(9)]
    make_table(*series).to_csv("meters.csv", index=False)
    assert forecast("predict", "meters.csv", "-o", "whole.csv").code == 0
    outcome = forecast("predict", "meters.csv", "-o", "parts", "--max-memory", "450MB", "--json")
    assert outcome.code == 0, outcome.stderr
    assert "6 series taken for running totals, such as meter readings" in outcome.stderr
    parts = pd.concat([pd.read_parquet(path) for path in sorted(Path("parts").glob("*.parquet"))])
    whole = pd.read_csv("whole.csv").sort_values(["id", "ds"])
    parts = parts.sort_values(["id", "ds"])
    assert np.allclose(whole.iloc[:, 2:].to_numpy(np.float64), parts.iloc[:, 2:].to_numpy(np.float64), rtol=1e-9)


def test_a_backtest_compares_them_with_the_increments_of_the_last_season() -> None:
    use = 10 + 5.0 * (np.arange(100) % 7)
    meter = np.cumsum(use + 0.01 * np.random.default_rng(0).normal(size=100))
    meter[40:] -= meter[40]  # a new one
    series = (meter, simulate_use(100))
    scores = forecaster.evaluate(make_table(*series), plan=forecaster.BacktestPlan(horizon=14), reading=READING)
    by_series = scores.per_series.set_index(["id", "model"])["MASE"]
    assert by_series["s0", "SeasonalIncrements"] < 0.01 < by_series["s0", "Drift"]
    assert by_series["s1", "SeasonalIncrements"] == by_series["s1", "SeasonalNaive"]
    spike = np.cumsum(use + 400.0 * (np.arange(100) == 50))
    added = forecast_increments(spike[None], horizon=10, season=7, levels=(0.1, 0.5, 0.9))[0, :, 1]
    np.testing.assert_allclose(added, spike[-1] + np.cumsum(np.append(use[-7:], use[-7:-4])))
    others = forecaster.evaluate(make_table(series[1]), plan=forecaster.BacktestPlan(horizon=14), reading=READING)
    assert "SeasonalIncrements" not in others.overall.index
