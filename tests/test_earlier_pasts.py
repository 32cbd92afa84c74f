"""What is kept of the series that calibrate the forecasts of parts: the newest steps, with the same result."""

from dataclasses import fields, replace

import numpy as np
import pytest

from forecaster.cutoffs import WindowIndex
from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.data.panel import Panel, TimeStyle
from forecaster.encoding.shared_year import SharedYear
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past, correct_mean_by_past, keep_for_calibration
from forecaster.windows import History, count_changes, describe_history
from tests.test_windows import make_panel

DAILY, HALF_HOURLY = Calendar("microsecond", DAY), Calendar("microsecond", HOUR // 2)


def make_long(*, calendar: Calendar, steps: int, season: int) -> Panel:
    """Series with most of their steps before those that are forecast from, which differ in these alone."""
    random, time = np.random.default_rng(0), np.arange(steps)
    usual = 20 + 5 * np.sin(2 * np.pi * time / season) + random.normal(0, 1, (6, steps))
    # forecasts are too low, each by another share
    growth = 0.1 / season * np.array([1, 4, 2, 1, 1, 1])
    usual *= np.exp(growth[:, None] * np.maximum(time - steps + 5 * season, 0))
    usual[1, :50] = -30.0  # was negative once
    usual[2, :50] = 900.0  # was far higher once
    usual[3, 30:] = 7.0  # has not moved for long
    usual[4, :: 3 * season] = np.nan
    lengths = [steps, steps - 1, steps, steps, steps, 3 * season]
    return make_panel(
        *(row[-length:] for row, length in zip(usual, lengths, strict=True)), calendar=calendar, start="2015-07-01"
    )


def keep(panel: Panel, forecaster: Forecaster) -> EarlierPasts:
    kept = keep_for_calibration(panel, forecaster, longest=int(panel.lengths.max()))
    assert kept.panel.lengths.max() < panel.lengths.max() - 100, "the oldest steps are left out"
    assert kept.panel.lengths[5] == panel.lengths[5]
    return kept


@pytest.mark.parametrize(
    ("calendar", "steps", "season", "horizon"),
    [
        (DAILY, 3000, 7, 7),
        (DAILY, 7000, 7, 400),  # the correlation is measured further back than forecasts look
        (HALF_HOURLY, 9200, 48, 48),  # the local clock repeats an hour, and skips none
    ],
)
def test_what_is_kept_of_long_series_calibrates_as_all_of_them(
    calendar: Calendar, steps: int, season: int, horizon: int
) -> None:
    panel = make_long(calendar=calendar, steps=steps, season=season)
    panel = replace(panel, time_style=TimeStyle(timezone="Europe/Berlin"))
    forecaster = replace(open_base(panel), horizon=horizon)
    kept = keep(panel, forecaster)
    found, expected = calibrate_by_past(kept, forecaster), calibrate_by_past(panel, forecaster)
    assert expected.calibration is not None
    assert found.calibration == expected.calibration
    assert found.mean_factor == expected.mean_factor


def test_what_is_kept_corrects_a_mean_as_all_of_it() -> None:
    panel = make_long(calendar=DAILY, steps=3000, season=7)
    # what all series do at each step of their time, which the steps left out do not move
    year = SharedYear(DAILY, panel.starts[0], np.random.default_rng(0).normal(0, 0.1, 3000), 7)
    plain = open_base(panel)
    forecaster = replace(plain, encoding=replace(plain.encoding, shared_year=year))
    assert correct_mean_by_past(panel, forecaster).mean_factor != correct_mean_by_past(panel, plain).mean_factor
    expected = correct_mean_by_past(panel, forecaster).mean_factor
    assert correct_mean_by_past(keep(panel, forecaster), forecaster).mean_factor == expected != 1.0
    # that of the newest steps alone is another
    short = keep(panel, forecaster).panel
    assert correct_mean_by_past(short, forecaster).mean_factor != expected


def test_statistics_are_those_of_the_whole_pasts_in_whatever_order_series_are_taken() -> None:
    panel = make_panel(np.arange(9.0), [], [1.0, np.nan], np.array([5.0, -1, *[3] * 30]), [])
    kept = EarlierPasts.of(panel, horizon=2, cutoffs=3, steps=6)
    assert kept.panel.lengths.tolist() == [6, 0, 2, 6, 0]
    first, second = (kept.take(np.array(numbers)) for numbers in ([3, 1], [0, 2, 4]))
    joined = EarlierPasts.join([first, second])
    assert joined.panel.ids == [("s3",), ("s1",), ("s0",), ("s2",), ("s4",)]
    assert joined.panel.values.tolist()[:6] == [3.0] * 6
    # in the whole, and the same in what was kept
    index = WindowIndex(np.array([0, 3, 3, 0]), np.array([7, 30, 26, 3]))
    places = np.array([2, 0, 0, 2])
    own = WindowIndex(places, index.cutoffs + joined.panel.lengths[places] - panel.lengths[index.series])
    history, changes = joined.look_up(own)
    expected = describe_history(panel, index)
    for name in [field.name for field in fields(History)]:
        np.testing.assert_array_equal(getattr(history, name), getattr(expected, name))
    assert changes.tolist() == count_changes(panel, index).tolist() == [6, 2, 2, 2]


def test_series_too_short_for_any_cutoff_are_kept() -> None:
    kept = EarlierPasts.of(make_panel([1.0, 2.0], []), horizon=5, cutoffs=4, steps=9)
    assert kept.panel.lengths.tolist() == [2, 0]
    assert kept.changes.shape == (2, 4)
