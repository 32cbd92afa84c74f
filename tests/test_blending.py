"""The average of the network's median and a second forecast: when it is taken, and how far it goes."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.cutoffs import end_of_history, roll_cutoffs
from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.data.panel import Panel
from forecaster.encoding.encode import encode
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.regression import Regression
from forecaster.encoding.second_forecast import MAX_WEIGHT, SecondForecast
from forecaster.encoding.whole_cycles import WholeCycles
from forecaster.forecasting.blending import average_with_second, measure_average
from forecaster.forecasting.opening import open_base
from forecaster.windows import Windows, cut_truth, cut_windows
from tests.test_windows import make_panel

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
DAYS = Calendar("microsecond", DAY)
HOURS = Calendar("microsecond", HOUR)


def encode_hours(*, days: int = 60) -> Encoded:
    values = np.random.default_rng(0).normal(size=(2, 24 * days)) + 3 * np.sin(np.arange(24 * days) * 2 * np.pi / 24)
    return encode(Windows(values, np.full(2, 24 * days)), encoding=Encoding(192, (24, 168)), horizon=24)


def make_days_that_depend_on_the_day_before(*, count: int = 6, days: int = 140) -> Panel:
    """Series of hours: each day depends on the last hours of the one before, which no season shows."""
    generator = np.random.default_rng(1)
    level = np.zeros((count, days, 24))
    for day in range(1, days):
        shock = generator.normal(size=(count, 1)) + 0.2 * generator.normal(size=(count, 24))
        level[:, day] = 0.8 * level[:, day - 1, -1:] * np.linspace(1, -1, 24) + shock
    values = 20 + level.reshape(count, -1) + 2 * np.sin(np.arange(24 * days) * 2 * np.pi / 24)
    return make_panel(*values, calendar=HOURS)


def test_without_a_weight_nothing_changes() -> None:
    encoded = replace(encode_hours(), second=SecondForecast.none(2, 24))
    scaled = np.random.default_rng(0).normal(size=(2, 24, 5))
    assert average_with_second(scaled, encoded, levels=LEVELS) is scaled


def test_all_quantiles_move_as_the_median_does_and_stay_within_the_interval() -> None:
    encoded = encode_hours()
    scaled = np.sort(np.random.default_rng(0).normal(size=(2, 24, 5)), axis=2)
    moved = average_with_second(scaled, encoded, levels=LEVELS) - scaled
    np.testing.assert_allclose(moved, moved[:, :, :1] * np.ones(5), atol=1e-12)
    assert (encoded.second.weight > 0).all()
    wanted = encoded.second.weight[:, None] * (encoded.second.forecast - scaled[:, :, 2])
    lowest, highest = scaled[:, :, 0] - scaled[:, :, 2], scaled[:, :, 4] - scaled[:, :, 2]
    np.testing.assert_allclose(moved[:, :, 2], np.clip(wanted, lowest, highest), atol=1e-12)
    partly = replace(encoded, second=replace(encoded.second, forecast=encoded.second.forecast.copy()))
    partly.second.forecast[:, 12:] = np.nan
    some = average_with_second(scaled, partly, levels=LEVELS)
    np.testing.assert_array_equal(some[:, :12], (scaled + moved)[:, :12])
    np.testing.assert_array_equal(some[:, 12:], scaled[:, 12:])
    share = measure_average(scaled, partly, levels=LEVELS)
    assert (share[:, 12:] == 0).all()
    assert (share[:, :12] > 0).all()
    far = replace(encoded, second=replace(encoded.second, forecast=encoded.second.forecast + 1000))
    np.testing.assert_allclose(average_with_second(scaled, far, levels=LEVELS)[:, :, 2], scaled[:, :, 4], atol=1e-12)


@pytest.mark.parametrize(("error", "weight"), [(0.1, MAX_WEIGHT), (0.5, 0.65), (1.0, 0.4), (1.9, 0.0), (np.nan, 0.0)])
def test_the_weight_falls_with_the_error_on_the_past(error: float, weight: float) -> None:
    one, past = np.ones(1), np.ones((1, 400))
    rows = np.array([0 if np.isnan(error) else 40])
    found = Regression(one[:, None], one[:, None], error * one, rows, one)
    for whole in (WholeCycles(4 * one[:, None], error * one, 0 * one), WholeCycles.none(1, 1)):
        second = SecondForecast.of_cycles(found, whole, one, past=past, periods=(24, 168))
        np.testing.assert_allclose(second.weight, weight)
        # where there are no whole cycles the other regression counts alone
        assert second.forecast == (1.0 if np.isnan(whole.error) else 3.0)
        # not for weeks in a year, nor for cycles alone
        for periods in ((7, 365), (24,), (12,)):
            assert SecondForecast.of_cycles(found, whole, one, past=past, periods=periods).weight == 0
        assert SecondForecast.of_cycles(found, whole, 0 * one, past=past, periods=(24, 168)).weight == 0


def test_the_weight_is_of_the_mean_error_of_all_regressions() -> None:
    one, past = np.ones(1), np.ones((1, 400))
    found = Regression(one[:, None], one[:, None], 0.6 * one, np.array([40]), one)
    whole = WholeCycles(one[:, None], 1.0 * one, 0 * one)
    second = SecondForecast.of_cycles(found, whole, one, past=past, periods=(24, 168))
    np.testing.assert_allclose(second.weight, 0.9 - 0.5 * 0.8)


def test_series_that_depend_on_their_own_past_are_forecast_better_than_by_the_network_alone() -> None:
    panel = make_days_that_depend_on_the_day_before()
    forecaster = open_base(panel)
    assert forecaster.encoding.has_regression
    index = roll_cutoffs(panel, horizon=24, windows=5, step=24)
    truth = cut_truth(panel, index=index, horizon=24)
    blended = forecaster.forecast(panel, index=index, horizon=24).median
    windows = cut_windows(panel, index=index, past_length=forecaster.encoding.past_length)
    encoded = encode(windows, encoding=forecaster.encoding, horizon=24)
    alone = forecaster.run(encoded.inputs, encoded.candidates).astype(np.float64)
    median = encoded.restore(alone, level=encoded.scales.level, noise_scale=encoded.scales.noise_scale)
    middle = median[:, :, forecaster.levels.index(0.5)]
    assert np.abs(blended - truth).mean() < 0.9 * np.abs(middle - truth).mean()


def test_daily_series_without_holidays_are_left_to_the_network() -> None:
    values = np.random.default_rng(0).normal(size=700) + np.tile([0.0, 1, 2, 3, 4, 9, 9], 100)
    panel = make_panel(values, calendar=DAYS)
    forecaster = open_base(panel)
    past_length = forecaster.encoding.reach_into(700)
    windows = cut_windows(panel, index=end_of_history(panel), past_length=past_length)
    assert not encode(windows, encoding=forecaster.encoding, horizon=7).second.weight.any()


def test_rare_demand_within_days_is_not_averaged_with_regressions_on_its_cycles() -> None:
    one, generator = np.ones(1), np.random.default_rng(0)
    found = Regression(one[:, None], one[:, None], 0.2 * one, np.array([40]), one)
    whole = WholeCycles(one[:, None], 0.2 * one, 0 * one)
    hour, day = np.arange(8 * 168) % 24, np.arange(8 * 168) // 24
    busy = generator.uniform(1, 2, 8 * 168)
    weights = []
    for past in (
        busy,
        np.where((hour < 7) | (hour > 19) | (day % 7 > 4), 0.0, busy),  # closed at night and at the weekend
        np.where(generator.random(8 * 168) < 0.5, busy, 0.0),
        np.where(generator.random(8 * 168) < 0.02, busy, 0.0),
        np.where(day < 28, np.nan, np.where(generator.random(8 * 168) < 0.3, busy, 0.0)),
    ):
        second = SecondForecast.of_cycles(found, whole, one, past=past[None], periods=(24, 168))
        weights.append(second.weight[0])
    assert weights[:2] == pytest.approx([MAX_WEIGHT, MAX_WEIGHT])
    assert weights[2:] == [0, 0, 0]
