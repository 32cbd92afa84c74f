"""A new level of hours since a week: regressions on days of the old one count less, so that forecasts stay at it."""

import statistics

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.cutoffs import end_of_history
from forecaster.encoding import second_forecast
from forecaster.encoding.level_shift import measure_level_shift
from forecaster.forecasting.opening import open_base
from tests.test_blending import HOURS
from tests.test_whole_cycles import forecast, make_hours
from tests.test_windows import make_panel


def test_it_is_the_distance_of_plain_loops() -> None:
    errors = np.random.default_rng(0).normal(size=(5, 40))
    errors[1, -7:] += 5
    errors[2, 3], errors[3, -2] = np.nan, np.nan
    errors[4, :-7] = np.nan
    found = measure_level_shift(errors, newest=7)
    for row, own in enumerate(errors.tolist()):
        before = [abs(error) for error in own[:-7] if error == error]
        latest = sorted((error for error in own[-7:] if error == error), key=abs)
        latest = latest[:-1]
        expected = abs(sum(latest)) / 6**0.5 / (1.4826 * statistics.median(before)) if before else 0.0
        np.testing.assert_allclose(found[row], expected)
    assert found[1] > 8 > found[0]


@pytest.mark.parametrize("unit", [0.0, 1e-300])
def test_errors_that_are_zero_show_no_shift(unit: float) -> None:
    assert measure_level_shift(np.r_[np.zeros(30), np.full(7, unit)][None], newest=7) == 0


def test_a_single_odd_day_counts_less_than_a_new_level_since_a_week() -> None:
    usual, odd, new = make_hours(days=120), make_hours(days=120), make_hours(days=120)
    odd[:, -3 * 24 : -2 * 24] += 60
    new[:, -7 * 24 :] += 60
    assert (forecast(usual).level_shift < second_forecast.USUAL_SHIFT).all()
    assert (forecast(odd).level_shift < forecast(new).level_shift).all()
    assert (forecast(new).level_shift > second_forecast.LARGEST_SHIFT).all()
    # in any unit, upside down, and whatever the level is
    for changed in (-3 * new + 700, 1e6 * new):
        np.testing.assert_allclose(forecast(changed).level_shift, forecast(new).level_shift, rtol=1e-6)


def measure_error(values: Array, truth: Array) -> float:
    """Mean error of the forecast of the day that follows `values`."""
    panel = make_panel(values, calendar=HOURS)
    median = open_base(panel).forecast(panel, index=end_of_history(panel), horizon=24).median
    return float(np.abs(median[0] - truth).mean())


def test_forecasts_stay_at_a_new_level(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    steps = np.arange(151 * 24)
    values = 200 + 28 * np.sin(2 * np.pi * steps / 24) + 8 * np.sin(2 * np.pi * steps / 168)
    values += generator.normal(0, 3, steps.size) + np.where(steps >= 143 * 24, 60, 0)
    past, truth = values[:-24], values[-24:]
    found = measure_error(past, truth)
    monkeypatch.setattr(second_forecast, "LARGEST_SHIFT", 1e9)
    monkeypatch.setattr(second_forecast, "USUAL_SHIFT", 1e8)
    assert found < 0.8 * measure_error(past, truth)
