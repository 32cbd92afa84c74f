"""Errors that can be foreseen: learned from the past alone, kept where they repeat, and without harm where not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.encoding.correction import Correction, Regressors
from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.correction import Corrected, correct_errors
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.plan import TrainingPlan
from forecaster.library.inputs import read_data
from forecaster.settings import FINE_TUNING, QUANTILE_LEVELS
from forecaster.windows import WindowCovariates, Windows
from tests.conftest import Command

HORIZON, DAYS, FUTURE, SERIES = 6, 330, 60, 6
PLAN = TrainingPlan(horizon=HORIZON)
QUICK = replace(PLAN, settings=replace(FINE_TUNING, steps=1))
VALUES = ["forecast", "forecast-lo-80", "forecast-hi-80"]


def make_table(
    *,
    echo: float = -0.8,
    late_echo: float | None = None,
    late: int | None = None,
    frequency: str = "D",
    steps: int = DAYS + FUTURE,
    series: int = SERIES,
) -> pd.DataFrame:
    """Series in which each deviation comes back three steps later, times `echo`: no season, and no trend.

    From the step `late` on it comes back as `late_echo` says, and the noise is another one.
    """
    generator, other = np.random.default_rng(0), np.random.default_rng(100)
    echoes = np.full(steps, echo)
    if late_echo is not None:
        echoes[late:] = late_echo
    dates = pd.date_range("2023-01-01", periods=steps, freq=frequency)
    tables = []
    for number in range(series):
        noise, away = generator.normal(size=steps), np.zeros(steps)
        noise[late or steps :] = other.normal(size=steps - (late or steps))
        for step in range(steps):
            away[step] = noise[step] + (echoes[step] * away[step - 3] if step >= 3 else 0.0)
        values = (1 + number) * (100 + 5 * away)
        tables.append(pd.DataFrame({"shop": f"s{number}", "date": dates, "sales": values}))
    return pd.concat(tables, ignore_index=True)


def keep_past(table: pd.DataFrame, *, steps: int = DAYS) -> pd.DataFrame:
    past: pd.DataFrame = table[table.groupby("shop").cumcount() < steps]
    return past


@pytest.fixture(scope="module")
def models() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    past = keep_past(make_table())
    return {
        corrects: forecaster.train(past, plan=replace(QUICK, corrects_errors=corrects)) for corrects in (True, False)
    }


def correct(table: pd.DataFrame, *, plan: TrainingPlan = PLAN) -> tuple[LearningData, Corrected | None]:
    """What is learned of the base model's errors on the held-out windows."""
    panel = read_data(table).panel
    data, base = divide(panel, plan=plan), open_base(panel)
    held_out = BacktestPlan(data.horizon, windows=data.held_out_windows)
    found = backtest(panel, base, held_out, bounds=Bounds(allow_negative=True))
    return data, correct_errors(base, found, data=data, correlation=0.0)


def test_what_comes_back_is_foreseen(models: dict[bool, forecaster.Model]) -> None:
    table, error = make_table(), {}
    plan = BacktestPlan(HORIZON, windows=FUTURE // HORIZON)
    for corrects, model in models.items():
        scores = forecaster.evaluate(table, model=model, plan=plan).backtest.scores[MODEL_NAME]
        error[corrects] = scores.overall["MASE"] or 0.0
        covered = {round(level, 2): share for level, share in scores.coverage.items()}[0.8]
        assert covered is not None
        assert 0.7 < covered < 0.9
    assert error[True] < 0.85 * error[False]
    card = models[True].trained_card.correction
    assert card is not None
    assert card.kept.share >= 0.75
    assert card.time_of_day is None


def test_what_no_longer_comes_back_is_not_kept() -> None:
    data, found = correct(keep_past(make_table()))
    assert found is not None
    assert correct(keep_past(make_table(late=DAYS - data.held_out_steps, late_echo=0.4)))[1] is None


def test_of_noise_it_does_no_harm() -> None:
    table = make_table(echo=0.0)
    corrected, panel, error = correct(keep_past(table))[1], read_data(table).panel, []
    base = open_base(panel)
    correction = None if corrected is None else Correction.from_card(corrected.card, levels=base.levels)
    for model in (base, replace(base, correction=correction)):
        scores = backtest(panel, model, BacktestPlan(HORIZON, windows=FUTURE // HORIZON)).scores[MODEL_NAME]
        error.append(scores.overall["MASE"] or 0.0)
    assert error[1] < 1.005 * error[0]


def test_with_one_held_out_cutoff_nothing_is_learned() -> None:
    plan = replace(PLAN, settings=replace(FINE_TUNING, held_out_windows=1))
    assert correct(keep_past(make_table()), plan=plan)[1] is None


def test_what_is_held_out_is_not_learned_from() -> None:
    past = keep_past(make_table())
    data, found = correct(past)
    assert found is not None
    other_data, other = correct(keep_past(make_table(late=DAYS - data.held_out_steps)))
    assert other is not None
    assert not np.allclose(data.panel.values, other_data.panel.values)
    panel, base = data.panel, open_base(data.panel)
    oldest = found.found.index.cutoff_index == 0
    moved = []
    for given, own in ((data, found), (other_data, other)):
        index = own.found.index[oldest]
        before = base.forecast(given.panel, index=index, horizon=HORIZON, bounds=Bounds(allow_negative=True)).median
        moved.append((own.found.forecast.median[oldest] - before) / own.card.kept.share)
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-6, atol=1e-9 * float(panel.values.max()))


def test_shifted_and_scaled_values_have_shifted_and_scaled_forecasts(models: dict[bool, forecaster.Model]) -> None:
    past = keep_past(make_table())
    given = models[True].predict(past)[VALUES]
    moved = models[True].predict(past.assign(sales=1e4 + 100 * past["sales"]))[VALUES]
    np.testing.assert_allclose(moved, 1e4 + 100 * given, rtol=5e-3)


def test_what_else_is_in_the_file_and_the_order_of_rows_change_nothing(models: dict[bool, forecaster.Model]) -> None:
    past = keep_past(make_table())
    whole = models[True].predict(past)
    alone = models[True].predict(past[past["shop"] == "s3"])
    pd.testing.assert_frame_equal(whole[whole["shop"] == "s3"].reset_index(drop=True), alone.reset_index(drop=True))
    mixed = models[True].predict(past.sample(frac=1, random_state=0)).sort_values(["shop", "date"], ignore_index=True)
    pd.testing.assert_frame_equal(whole.sort_values(["shop", "date"], ignore_index=True), mixed)


@pytest.mark.parametrize("horizon", [1, 4, 2 * HORIZON, 5 * HORIZON])
def test_a_step_does_not_depend_on_the_horizon_asked_for(models: dict[bool, forecaster.Model], horizon: int) -> None:
    past, keys = keep_past(make_table()), ["shop", "date"]
    given, found = (models[True].predict(past, horizon=steps).set_index(keys)[VALUES] for steps in (HORIZON, horizon))
    both = given.index.intersection(found.index)
    assert len(both) == SERIES * min(horizon, HORIZON)
    np.testing.assert_allclose(found.loc[both], given.loc[both], rtol=1e-5)


def test_missing_short_and_constant_pasts_are_forecast(models: dict[bool, forecaster.Model]) -> None:
    past = keep_past(make_table())
    is_gone = past.index % 7 == 3
    constant = pd.DataFrame({"shop": "flat", "date": past["date"].unique(), "sales": 5.0})
    short = past[past["shop"] == "s1"].tail(2).assign(shop="new")
    found = models[True].predict(pd.concat([past[~is_gone], constant, short]), horizon=2 * HORIZON)
    assert np.isfinite(found[VALUES]).all(axis=None)
    assert (found.loc[found["shop"] == "flat", VALUES] == 5.0).all(axis=None)


def find_coverage(model: forecaster.Model, table: pd.DataFrame, *, past: int, horizon: int, lags: int) -> list[float]:
    """How many values lie within the 80 % interval of each step, from several cutoffs, with `lags` steps of past."""
    hits = []
    for cutoff in range(past, past + FUTURE - horizon + 1, 3):
        known = keep_past(table, steps=cutoff)
        known = known[known.groupby("shop").cumcount(ascending=False) < lags]
        found = model.predict(known, horizon=horizon).merge(table, on=["shop", "date"])
        is_inside = found["sales"].between(found["forecast-lo-80"], found["forecast-hi-80"])
        hits.append(is_inside.to_numpy().reshape(-1, horizon).mean(axis=0))
    return list(np.mean(hits, axis=0))


def test_where_it_does_not_apply_forecasts_and_intervals_are_those_without_it(
    models: dict[bool, forecaster.Model],
) -> None:
    table, said = make_table(), list[str]()
    whole = keep_past(table)
    short = whole[whole.groupby("shop").cumcount() >= DAYS - 20]
    for past, first in ((whole, HORIZON), (short, 0)):  # steps beyond the horizon, and pasts that are too short
        found, without = (model.predict(past, horizon=2 * HORIZON)[VALUES].to_numpy() for model in models.values())
        found, without = (one.reshape(SERIES, 2 * HORIZON, -1)[:, first:] for one in (found, without))
        np.testing.assert_allclose(found[:, :, 0], without[:, :, 0], rtol=1e-3)
        np.testing.assert_allclose(found, without, rtol=0.05)
    models[True].predict(short, on_remark=said.append)
    assert any(f"{SERIES} series forecast without the correction" in line for line in said)
    assert np.mean(find_coverage(models[True], table, past=DAYS, horizon=3 * HORIZON, lags=DAYS)) > 0.7
    assert np.mean(find_coverage(models[True], table, past=DAYS, horizon=HORIZON, lags=20)) > 0.7


def test_series_of_another_kind_are_forecast_without_it(models: dict[bool, forecaster.Model]) -> None:
    days, generator, said = np.arange(200), np.random.default_rng(0), list[str]()
    dates = pd.date_range("2024-01-01", periods=len(days))
    waves = [
        pd.DataFrame(
            {"shop": f"w{n}", "date": dates, "sales": 100 + 20 * np.sin(days / 9) + generator.normal(0, 5, 200)}
        )
        for n in range(8)
    ]
    found, without = (model.predict(pd.concat(waves), on_remark=said.append)[VALUES] for model in models.values())
    np.testing.assert_allclose(found["forecast"], without["forecast"], rtol=1e-3)
    assert any("8 series forecast without the correction" in line for line in said)


def test_inspect_explains_the_forecast_of_predict(models: dict[bool, forecaster.Model]) -> None:
    model, panel = models[True], read_data(keep_past(make_table())).panel
    assert model.forecaster is not None
    shape = model.trained_card.network
    explained = explain_forecast(panel, model.forecaster, series=2, horizon=HORIZON, weights=model.weights, shape=shape)
    np.testing.assert_allclose(explained.median, model.forecaster.forecast(panel).median[2])


@pytest.mark.parametrize("days", [3, 30])
def test_a_wrong_value_changes_little(models: dict[bool, forecaster.Model], days: int) -> None:
    past = keep_past(make_table())
    is_wrong = (past["shop"] == "s2") & (past["date"] == past["date"].max() - pd.Timedelta(days=days))
    given, found = (
        models[True].predict(every).query("shop == 's2'")
        for every in (past, past.assign(sales=past["sales"].where(~is_wrong, 1e6)))
    )
    width = given["forecast-hi-80"] - given["forecast-lo-80"]
    assert ((found["forecast"] - given["forecast"]).abs() < width).all()  # half of it, either way


def test_a_signal_while_it_is_learned_is_heeded_and_the_work_is_saved(
    models: dict[bool, forecaster.Model], tmp_path: Path
) -> None:
    past, checkpoint = keep_past(make_table()), tmp_path / "stopped"
    signals = iter([None, None, 15])  # before the only step, then twice while windows are forecast
    control: forecaster.RunControl[Any] = forecaster.RunControl(checkpoint, stop_signal=lambda: next(signals))
    with pytest.raises(InterruptedRunError, match="Stopped at step 1 of 1; the work is saved"):
        forecaster.train(past, plan=QUICK, control=control)
    again: forecaster.RunControl[Any] = forecaster.RunControl(checkpoint, resume=True)
    resumed = forecaster.train(past, plan=QUICK, control=again)
    assert resumed.trained_card.correction == models[True].trained_card.correction
    assert resumed.network == models[True].network


def test_of_hours_it_is_for_the_time_of_day_that_was_learned() -> None:
    table = make_table(frequency="h", steps=1440, series=10)
    model = forecaster.train(table, plan=replace(QUICK, horizon=24))
    card = model.trained_card.correction
    assert card is not None
    assert card.time_of_day == 0
    assert model.forecaster is not None
    alone = replace(model.forecaster, correction=None)
    for steps, is_due in ((1440, True), (1435, False)):
        past, said = keep_past(table, steps=steps), list[str]()
        panel = read_data(past).panel
        same = np.allclose(model.forecaster.forecast(panel).median, alone.forecast(panel).median)
        assert same != is_due
        model.predict(past, on_remark=said.append)
        assert any("at the same time of day" in line for line in said) != is_due


def test_features_of_covariates_are_their_distance_from_usual_and_from_a_season_before() -> None:
    values = np.array([[1.0, 2, 3, 1, 2, 3, 1, 2, 9, 1, 5, 3]])
    covariates = WindowCovariates(values[:, :, None], np.array([True]), ("heat",))
    windows = Windows(np.zeros((1, 9)), np.array([9]), covariates)
    found = Regressors(6, (3,), ("heat",), (1.0,)).look_ahead(windows, horizon=3)[0]
    np.testing.assert_allclose(found, [[-2, 0], [2, 3], [0, -6]])
    # what is not known ahead, or not there, says nothing
    hidden = replace(windows, covariates=replace(covariates, is_known=np.array([False])))
    assert np.isnan(Regressors(6, (3,), ("heat",), (1.0,)).look_ahead(hidden, horizon=3)).all()
    assert np.isnan(Regressors(6, (3,), ("rain",), (1.0,)).look_ahead(windows, horizon=3)).all()


def test_nothing_is_moved_by_more_than_half_of_the_interval() -> None:
    regressors = Regressors(4, (1,))
    wild = Correction(regressors, np.full((3, regressors.size), 1e3), np.eye(4), 1e9)
    quantiles = np.sort(np.random.default_rng(0).normal(size=(5, 3, len(QUANTILE_LEVELS))), axis=2)
    windows = Windows(np.random.default_rng(1).normal(size=(5, 8)), np.full(5, 8))
    moved, _ = wild.expect(windows, quantiles, levels=QUANTILE_LEVELS)
    low, high = (quantiles[:, :, QUANTILE_LEVELS.index(level)] for level in (0.1, 0.9))
    np.testing.assert_allclose(np.abs(moved), (high - low) / 2)


def test_a_folder_of_which_it_does_not_fit_itself_is_refused(models: dict[bool, forecaster.Model]) -> None:
    card = models[True].trained_card
    assert card.correction is not None
    other = replace(card.correction, lags=card.correction.lags + 1)
    with pytest.raises(ConfigurationError, match=r"'correction\.weights' and 'precision' do not match"):
        make_forecaster(replace(card, correction=other), network=models[True].network, name="model")


def test_train_run_and_inspect_show_it(forecast: Command, tmp_path: Path) -> None:
    data, model = tmp_path / "shops.csv", tmp_path / "model"
    keep_past(make_table()).to_csv(data, index=False)
    given = ("train", data, "--horizon", HORIZON, "--steps", 1, "--model", model, "--json")
    trained = forecast(*given)
    assert trained.code == 0, trained.stderr
    assert "the errors that the model usually makes after such 28 newest values" in trained.stderr
    found = json.loads(trained.stdout)["correction"]
    assert found["share"] >= 0.75
    assert found["lags"] == 28
    assert json.loads((model / "model.json").read_text())["format_version"] == 6
    assert "of a regression on the 28 newest steps" in forecast("inspect", model).stderr
    written = tmp_path / "out.csv"
    assert forecast("predict", data, "--model", model, "-o", written).code == 0
    in_memory = forecaster.load(model).predict(pd.read_csv(data))
    np.testing.assert_allclose(pd.read_csv(written)["forecast"], in_memory["forecast"], rtol=1e-4)
    plain = forecast(*given, "--no-correction")
    assert json.loads(plain.stdout)["correction"] is None
    night = forecast(
        "run", data, "--horizon", HORIZON, "--budget", "1s", "--model", tmp_path / "other", "--runs", tmp_path / "runs"
    )
    assert night.code == 0, night.stderr
    assert "the errors that the model usually makes" in night.stderr
