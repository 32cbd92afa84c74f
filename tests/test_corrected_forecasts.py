"""Forecasts that are corrected: shifted and scaled alike, and only where that was learned."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.inspection.explanation import explain_forecast
from forecaster.library.inputs import read_data
from tests.echoes import DAYS, FUTURE, HORIZON, QUICK, SERIES, VALUES, keep_past, make_table, train_both
from tests.test_windows import make_panel


@pytest.fixture(scope="module")
def models() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    return train_both()


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


def test_running_totals_are_forecast_without_it(models: dict[bool, forecaster.Model]) -> None:
    found, generator = models[True].forecaster, np.random.default_rng(0)
    assert found is not None
    assert found.correction is not None
    totals = replace(found, encoding=replace(found.encoding, running_totals=None))
    # what is seldom added has such wide intervals that these pasts look like those learned from
    panel = make_panel(*(np.cumsum(generator.gamma(0.05, 20, DAYS)) for _ in range(20)))
    without = replace(totals, correction=None, calibration=found.correction.without)
    forecast = totals.forecast(panel)
    np.testing.assert_array_equal(forecast.quantiles, without.forecast(panel).quantiles)
    # nothing is said of it, as it is not for them
    assert forecast.is_uncorrected is not None
    assert not forecast.is_uncorrected.any()


def find_coverage(model: forecaster.Model, table: pd.DataFrame, *, past: int, horizon: int, lags: int) -> list[float]:
    """How many values lie within the 80% interval of each step, from several cutoffs, with `lags` steps of past."""
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
