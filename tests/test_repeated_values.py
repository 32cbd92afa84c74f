"""Values that stay exactly the same for many steps, such as prices, are forecast exactly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from forecaster.arrays import Array
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.repeated_values import Repeats, estimate_repeats, keep_repeats
from forecaster.windows import WindowCovariates, Windows

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def make_windows(past: Array) -> Windows:
    return Windows(past, (~np.isnan(past)).cumsum(axis=1).max(axis=1))


def make_prices(*, count: int = 4, steps: int = 300, seed: int = 0) -> Array:
    """Prices that change on one day in thirty."""
    generator = np.random.default_rng(seed)
    changes = (generator.random((count, steps)) < 1 / 30) * generator.normal(0, 0.1, (count, steps))
    prices = np.round(20 * np.exp(changes.cumsum(axis=1)), 2)
    prices[:, -5:] = prices[:, -6:-5]
    return np.asarray(prices)


def estimate(past: Array, *, horizon: int = 20, periods: tuple[int, ...] = (7, 365)) -> Array:
    return estimate_repeats(make_windows(past), periods=periods, horizon=horizon).probability


def slow_probability(values: list[float], step: int) -> float:
    """By loops: of the values that had stayed half as long as the last one, how many were there again."""
    runs: list[int] = []
    visits: dict[float, int] = {}
    run = 0
    for place, value in enumerate(values):
        run = run + 1 if place and values[place - 1] == value else 1
        visits[value] = visits.get(value, 0) + (run == 1)
        runs.append(run)
    last, is_often = values[-1], visits[values[-1]] >= 4
    same = count = 0
    for place in range(len(values) - step):
        is_alike = values[place] == last if is_often else visits[values[place]] < 4
        if is_alike and runs[place] >= max(3, runs[-1] / 2):
            count += 1
            same += values[place + step] == values[place]
    return same / (count + 1) if count >= 10 else float("nan")


@pytest.mark.parametrize("places", [2, 0])
def test_the_probability_is_that_of_slow_loops(places: int) -> None:
    past = make_prices().round(places)  # whole prices come again
    found = estimate(past)
    for row, values in enumerate(past.tolist()):
        expected = [slow_probability(values, step) for step in range(1, 21)]
        np.testing.assert_allclose(found[row], expected)
        assert 0.9 < found[row, 0] < 1
        assert found[row, -1] < found[row, 0]


def test_a_value_that_comes_again_and_again_tells_by_itself_how_long_it_stays() -> None:
    generator = np.random.default_rng(0)
    prices: list[float] = []
    while len(prices) < 400:
        prices += [9.99] * int(generator.integers(15, 40)) + [7.49] * int(generator.integers(4, 7))
    in_promotion = prices[: len(prices) - prices[::-1].index(9.99)] + [7.49] * 3
    found = estimate(np.array([in_promotion]), horizon=6)[0]
    assert 0.5 < found[0] < 0.8, "promotions last four to six days"
    np.testing.assert_array_equal(found[3:], 0)
    assert estimate(np.array([in_promotion[:-3]]), horizon=6)[0, -1] > 0.6


def test_beyond_what_is_known_it_falls_on() -> None:
    found = estimate(make_prices(steps=60), horizon=400)
    assert (np.diff(found, axis=1)[:, 60:] <= 0).all()
    assert (found[:, -1] < 0.5).all()


def test_what_does_not_stay_has_no_point_mass() -> None:
    prices = make_prices()
    assert estimate(prices).all()
    just_changed = prices.copy()
    just_changed[:, -2:] = 7.77
    half = np.where(
        np.random.default_rng(0).random(prices.shape) < 0.7, np.random.default_rng(1).random(prices.shape), 5.0
    )
    half[:, -5:] = 5.0
    week = np.tile([5.0, 5.0, 5.0, 5.0, 5.0, 2.0, 2.0], 43)[None, :-2]
    for past in (just_changed, half, week, np.where(prices == prices[:, -1:], 0.0, prices), np.full((2, 300), 9.0)):
        assert not estimate(past).any()
    values = np.zeros((len(prices), prices.shape[1] + 20, 1))
    given = replace(make_windows(prices), covariates=WindowCovariates(values, np.array([True]), ("promotion",)))
    assert not estimate_repeats(given, periods=(7,), horizon=20).probability.any()


def test_width_and_unit_and_other_rows_change_nothing() -> None:
    prices = make_prices()
    found = estimate(prices)
    wider = np.concatenate([np.full((len(prices), 90), np.nan), prices], axis=1)
    np.testing.assert_array_equal(estimate(wider), found)
    np.testing.assert_array_equal(estimate(1024 * prices), found)
    np.testing.assert_array_equal(estimate(prices[2:3])[0], found[2])


def test_the_levels_around_the_value_become_it() -> None:
    quantiles = np.tile(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), (3, 2, 1))
    quantiles[2, 0, 3] = np.nan
    repeats = Repeats(np.array([4.0, 6.0, 4.0]), np.array([[0.6, 0.0], [0.9, 1.0], [0.9, 0.9]]))
    found = keep_repeats(quantiles, repeats, levels=LEVELS)
    np.testing.assert_array_equal(found[0], [[1, 2, 4, 4, 4, 6, 7], [1, 2, 3, 4, 5, 6, 7]])
    np.testing.assert_array_equal(found[1], [[1, 6, 6, 6, 6, 6, 6], [6, 6, 6, 6, 6, 6, 6]])
    np.testing.assert_array_equal(found[2], quantiles[2])
    assert (np.diff(found[:2], axis=2) >= 0).all()


def make_table(past: Array) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=past.shape[1])
    return pd.DataFrame(past.T, index=days, columns=[f"item {number}" for number in range(len(past))])


def test_prices_are_forecast_exactly_and_their_intervals_hold() -> None:
    prices = make_prices(count=40, steps=328, seed=3)
    past, truth = prices[:, :-28], prices[:, -28:]
    past[:, -4:] = past[:, -5:-4]
    kept = truth[:, :1] == past[:, -1:]
    found = forecaster.predict(make_table(past), horizon=28, reading=ReadOptions(wide=True))
    median = found["forecast"].to_numpy().reshape(40, 28)
    assert (median[:, :5] == past[:, -1:]).mean() > 0.9
    low, high = (found[f"forecast-{side}-80"].to_numpy().reshape(40, 28) for side in ("lo", "hi"))
    is_within = (truth >= low) & (truth <= high)
    assert is_within[:, :7][kept[:, 0]].mean() > 0.8
    assert (np.diff(found.filter(like="-80").to_numpy(), axis=1) >= 0).all()
    smooth = forecaster.predict(
        make_table(past), horizon=28, reading=ReadOptions(wide=True), bounds=Bounds(allow_negative=True)
    )
    assert (smooth["forecast"].to_numpy().reshape(40, 28) == past[:, -1:]).mean() < 0.1


def test_intervals_are_calibrated_without_point_masses(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, table = ReadOptions(wide=True), make_table(make_prices(count=30))
    with_masses = forecaster.predict(table, horizon=7, reading=reading)
    monkeypatch.setattr("forecaster.forecasting.forecaster.keep_repeats", lambda quantiles, *_, **__: quantiles)
    without = forecaster.predict(table, horizon=7, reading=reading)
    for column in ("forecast-lo-95", "forecast-hi-95"):
        is_same = with_masses[column] == without[column]
        is_last = with_masses[column].to_numpy().reshape(30, 7) == table.iloc[-1].to_numpy()[:, None]
        assert (is_same.to_numpy().reshape(30, 7) | is_last).all()
        assert is_same.mean() > 0.2
