"""Intervals of hours beyond the first day: those of open hours follow the errors of open hours, not of the night."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.forecasting.calibration import calibrate, find_cycle
from forecaster.model.calibration_card import Calibration
from forecaster.settings import QUANTILE_LEVELS

HALF = len(QUANTILE_LEVELS) // 2


def make_card(*, cycle: int) -> Calibration:
    """Two blocks of three steps, widened twice and four times."""
    return Calibration([0, 3], [[2.0] * HALF, [4.0] * HALF], [900, 900], [], cycle=cycle)


@pytest.mark.parametrize(("cycle", "days"), [(0, [2, 2, 2, 4, 4, 4] + [4] * 8), (6, [2, 2, 2, 4, 4, 4] * 2 + [2, 2])])
def test_blocks_begin_anew_after_a_cycle(cycle: int, days: list[int]) -> None:
    quantiles = np.broadcast_to(np.arange(-HALF, HALF + 1.0), (1, 14, 2 * HALF + 1))
    found = calibrate(quantiles, calibration=make_card(cycle=cycle))
    np.testing.assert_allclose(found[0, :, -1] / HALF, days)
    np.testing.assert_allclose(found[0, :, 0] / HALF, np.negative(days))


@pytest.mark.parametrize("cycle", [-6, 1, 3, 100_001])
def test_a_cycle_that_is_no_longer_than_its_blocks_is_refused(cycle: int) -> None:
    with pytest.raises(ValueError, match=r"'calibration\.cycle' is neither 0 nor longer than the edges"):
        replace(make_card(cycle=0), cycle=cycle)


@pytest.mark.parametrize(
    ("calendar", "horizon", "period", "cycle"),
    [
        (Calendar("microsecond", HOUR), 24, 24, 24),
        (Calendar("microsecond", HOUR), 48, 24, 48),
        (Calendar("microsecond", HOUR), 30, 24, 0),
        (Calendar("microsecond", HOUR // 2), 48, 48, 48),
        (Calendar("microsecond", HOUR // 4), 60, 96, 0),
        (Calendar("microsecond", HOUR), 6, 1, 0),
        (Calendar("microsecond", DAY), 7, 7, 0),
        (Calendar("month", 1), 12, 12, 0),
        (Calendar("integer", 1), 24, 24, 0),
    ],
)
def test_days_are_the_cycle_of_what_is_within_them(calendar: Calendar, horizon: int, period: int, cycle: int) -> None:
    assert find_cycle(calendar, horizon=horizon, period=period) == cycle


def test_open_hours_of_later_days_lie_in_their_intervals() -> None:
    steps, horizon, count = 1200, 72, 12
    times = pd.date_range("2024-01-01", periods=steps + horizon, freq="h")
    is_open = (times.hour >= 8) & (times.hour < 18)
    visits = np.random.default_rng(0).poisson(np.where(is_open, 15, 0), (count, steps + horizon)).astype(float)
    table = pd.DataFrame(visits.T, index=times, columns=[f"shop {number}" for number in range(count)])
    found = forecaster.predict(table[:steps], horizon=horizon, level=(80,))
    shape = (count, horizon)
    low, high = (found[f"forecast-{side}-80"].to_numpy().reshape(shape) for side in ("lo", "hi"))
    is_within = (visits[:, steps:] >= low) & (visits[:, steps:] <= high)
    later = is_open[steps:] & (np.arange(horizon) >= 24)
    # 30 % where the factor of the last hours of the first day, in which no one comes, was that of all later ones
    assert is_within[:, later].mean() > 0.65
