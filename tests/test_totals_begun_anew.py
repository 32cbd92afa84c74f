"""Counters that begin anew: each day, month or year, which is no total that goes on, or as another meter."""

import numpy as np

from forecaster.arrays import Array
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from tests.test_running_totals import find, simulate_use
from tests.test_windows import make_panel


def begin_anew(*lengths: int) -> Array:
    """A total that begins anew after so many steps, each time."""
    use = np.split(simulate_use(sum(lengths), period=24), np.cumsum(lengths)[:-1])
    return np.concatenate([np.cumsum(part) for part in use])


def test_what_begins_anew_each_day_or_month_is_none_and_a_new_meter_is_one() -> None:
    assert find(begin_anew(20, 31, 30, 14), begin_anew(31, 26), begin_anew(90, 80)) == [False] * 3
    assert find(begin_anew(100, 365, 340), begin_anew(300, 350)) == [False] * 2
    assert find(begin_anew(22, 24), begin_anew(10, 24, 20), begin_anew(160, 150), periods=(24,)) == [False] * 3
    assert find(begin_anew(50, 52, 30), begin_anew(40, 20), periods=(52,)) == [False] * 2
    # not due yet, or longer ago than a year, or after other steps than those of a calendar
    assert find(begin_anew(170, 30), begin_anew(90, 160), begin_anew(100, 440), begin_anew(150, 170, 60)) == [True] * 4
    assert find(begin_anew(100, 30, 80, 340)) == [True]
    assert find(begin_anew(170, 30), begin_anew(476, 24), periods=(24, 168)) == [True] * 2
    assert find(begin_anew(60, 90), begin_anew(90, 80), periods=(52,)) == [True] * 2


def test_a_fall_across_a_gap_is_a_fall() -> None:
    weeks = begin_anew(*[7] * 40)
    weeks[6::7] = np.nan
    weeks[3::35] = np.nan
    assert find(weeks) == [False]
    new_meter = begin_anew(170, 60)
    new_meter[165:175] = np.nan
    month = begin_anew(20, 31, 30, 14)
    month[[19, 20, 50, 51, 80, 81]] = np.nan
    assert find(new_meter, month) == [True, False]


def test_a_total_may_be_below_zero() -> None:
    total = np.cumsum(simulate_use(200))
    assert find(total - 10_000, total - 300) == [True] * 2


def test_what_seemed_to_be_a_total_before_it_began_anew_calibrates_what_is_none() -> None:
    panel = make_panel(*(begin_anew(31, 24) for _ in range(10)))
    found = calibrate_by_past(panel, open_base(panel))
    assert found.calibration is not None
    assert found.calibration_of_totals is None
    # all four cutoffs, at the first of which it had not begun anew yet
    assert sum(found.calibration.residuals) == 10 * 4 * 7


def test_what_is_said_of_the_data_holds_for_what_rises_seldom_or_is_due() -> None:
    seldom = np.cumsum((np.arange(200) % 9 == 0) * simulate_use(200))
    for values in (seldom, begin_anew(31, 26)):
        assert find(values) == [False]
        assert find(values, running_totals=True) == [True]
