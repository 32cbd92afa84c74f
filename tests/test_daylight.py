"""The distribution of usual days, of series with nights: as a slow loop finds it, and for which series it is."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.climatology import WEIGHT
from forecaster.encoding.daylight import find_daylight, has_times_of_day
from forecaster.forecasting.opening import open_base
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from tests.simulated_nature import simulate_shop, simulate_sun
from tests.test_check import make_panel

HOURS = (24, 168)
LEVELS = (0.1, 0.5, 0.9)


def find(past: Array, *, horizon: int = 48, periods: tuple[int, ...] = HOURS) -> tuple[Array, Array]:
    found = find_daylight(past, periods=periods, horizon=horizon, levels=LEVELS)
    return found.quantiles, found.weight


def test_quantiles_are_those_of_the_same_hour_of_the_last_28_days() -> None:
    past = simulate_sun(60, seed=0)[None]
    past[0, -100:-80] = np.nan
    quantiles, weight = find(past)
    assert weight[0, -1] == WEIGHT
    for step in (0, 11, 30):
        same = past[0, -28 * 24 :].reshape(28, 24)[:, step % 24]
        np.testing.assert_allclose(quantiles[0, step], np.nanquantile(same, LEVELS), atol=1e-9)


def test_the_weight_grows_for_six_hours_whatever_the_step_and_the_horizon() -> None:
    weight = find(simulate_sun(60, seed=0)[None])[1][0]
    assert 0.9 * WEIGHT < weight[-1] <= WEIGHT
    np.testing.assert_allclose(weight[:8], weight[-1] * np.minimum(np.arange(1, 9) / 6, 1))
    np.testing.assert_array_equal(find(simulate_sun(60, seed=0)[None], horizon=5)[1][0], weight[:5])
    quarters = find(simulate_sun(60, seed=3, steps=96)[None], periods=(96, 672))[1][0]
    np.testing.assert_allclose(quarters[3:32:4] / quarters[-1], weight[:8] / weight[-1])


def test_time_before_the_first_value_changes_nothing() -> None:
    past = np.stack([simulate_sun(20, seed=seed) for seed in range(4)])
    wide = np.concatenate([np.full((4, 24 * 50 + 5), np.nan), past], axis=1)
    for found, expected in zip(find(wide), find(past), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert find(past)[1].any(axis=1).all()


def make_others() -> dict[str, Array]:
    sun = simulate_sun(60, seed=1)
    larger = sun.copy()
    larger[-7 * 24 :] *= 6
    negative = sun.copy()
    negative[-30] = -0.1
    return {
        "a shop with weekdays": simulate_shop(60, seed=0),
        "no night": sun + 1,
        "a value below zero": negative,
        "a new level": larger,
        "few days": np.concatenate([np.full(47 * 24, np.nan), sun[-13 * 24 :]]),
        "nothing but zeros": np.zeros(60 * 24),
    }


@pytest.mark.parametrize("name", make_others())
def test_other_series_have_none(name: str) -> None:
    assert not find(make_others()[name][None])[1].any()


def test_it_is_for_hours_and_minutes_alone() -> None:
    assert has_times_of_day((24, 168))
    assert has_times_of_day((96, 672))
    for periods in ((7, 365), (24,), (52,), (60, 1440), (1,)):
        assert not has_times_of_day(periods)
        assert not find(simulate_sun(60, seed=0)[None], periods=periods)[1].any()


def test_forecasts_of_the_power_of_the_sun_are_better_by_it() -> None:
    values = np.stack([simulate_sun(62, seed=seed) for seed in range(30)])
    panel, y_true = make_panel(*values[:, :-48], freq="h"), values[:, -48:]
    base = open_base(panel)
    scores = []
    for has_climatology in (True, False):
        own = replace(base, encoding=replace(base.encoding, has_climatology=has_climatology))
        over = y_true[:, :, None] - own.forecast(panel, horizon=48).quantiles
        levels = np.asarray(base.levels)
        scores.append(np.maximum(levels * over, (levels - 1) * over).mean())
    assert scores[0] < 0.97 * scores[1]


def test_a_model_is_trained_with_it_where_a_series_has_it() -> None:
    for values, has_climatology in ((simulate_sun(60, seed=0), True), (simulate_shop(60, seed=0), False)):
        encoding = divide(make_panel(values, freq="h"), plan=TrainingPlan(horizon=24)).encoding
        assert encoding.has_climatology == has_climatology
