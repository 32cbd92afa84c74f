"""Running totals, such as meter readings: found, forecast by what is added in each step, and said."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex
from forecaster.data.calendar import Calendar
from forecaster.data.read_options import ReadOptions
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.running_totals import find_last_totals, take_increments
from forecaster.forecasting.adding_up import add_up
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.windows import WindowCovariates, Windows
from tests.conftest import Command
from tests.test_windows import make_panel

QUARTERS = Calendar("month", 3)
READING = ReadOptions(ids=("id",))
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


def simulate_use(steps: int, *, seed: int = 0, period: int = 7, drift: float = 0.02) -> Array:
    """What is used in each step: a season, a slow change, and noise; never below zero."""
    generator = np.random.default_rng(seed)
    season = np.random.default_rng(1).gamma(2, 1, period)[np.arange(steps) % period]
    return np.asarray(
        (season + 1) * np.exp(drift * generator.normal(size=steps).cumsum()) * generator.gamma(20, 0.05, steps)
    )


def simulate_tens() -> Array:
    """A total of what repeats every ten steps, and changes so much that the total itself does not show it."""
    generator = np.random.default_rng(3)
    drift = np.exp(0.05 * generator.normal(size=300).cumsum())
    season = np.array([3.0, 4, 5, 9, 3, 2, 1, 8, 2, 1])[np.arange(300) % 10]
    return np.asarray(np.cumsum(season * drift * generator.gamma(60, 1 / 60, 300)))


def make_table(*series: Array, freq: str = "D", start: str = "2021-03-01") -> pd.DataFrame:
    times = [pd.date_range(start, periods=len(values), freq=freq) for values in series]
    frames = [pd.DataFrame({"id": f"s{i}", "ds": times[i], "y": values}) for i, values in enumerate(series)]
    return pd.concat(frames, ignore_index=True)


def make_quantiles(*series: Array, horizon: int = 14, freq: str = "D", **options: Any) -> Array:
    """Forecasts, and ends of the 80 % interval, [series, horizon, 3], of series of these values."""
    reading = replace(READING, **options)
    found = forecaster.predict(make_table(*series, freq=freq), horizon=horizon, reading=reading)
    columns = ["forecast", "forecast-lo-80", "forecast-hi-80"]
    return found[columns].to_numpy(np.float64).reshape(len(series), horizon, 3)


def find(*pasts: Array, periods: tuple[int, ...] = (7,), running_totals: bool | None = None) -> list[bool]:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    windows = Windows(batch, np.array([len(past) for past in pasts]))
    encoding = Encoding(60, periods, running_totals=running_totals)
    return [bool(one) for one in take_increments(windows, encoding=encoding)[1].is_total]


def test_what_is_added_up_is_found_with_gaps_a_reset_and_a_correction() -> None:
    total = 5000 + np.cumsum(simulate_use(200))
    gaps, reset, corrected = total.copy(), total.copy(), total.copy()
    gaps[5::9], corrected[100] = np.nan, total[100] - 50
    reset[120:] -= total[120]
    assert find(total, gaps, reset, corrected, total[:26], 1e9 + total, 1e-6 * total) == [True] * 7
    assert find(5000 + np.cumsum(simulate_use(300, period=24)), periods=(24, 168)) == [True]
    # at night the newest hours of every five minutes add nothing
    use = simulate_use(288 * 8, period=288) * (np.arange(288 * 8) % 288 < 200)
    assert find(np.cumsum(use), periods=(288,)) == [True]


def test_what_falls_stays_or_always_rises_by_the_same_is_none() -> None:
    use, steps = simulate_use(200), np.arange(200.0)
    falling, often = -np.cumsum(use), np.cumsum(use)
    often[::40] -= 20  # four corrections
    stays, once = np.full(200, 7.0), np.repeat([7.0, 8.0], 100)
    midnight = np.cumsum(use.reshape(-1, 20), axis=1).ravel()
    assert find(use, falling, often, stays, once, midnight, 3 + 0.1 * steps, np.cumsum(use)[:8]) == [False] * 8
    assert find(np.cumsum(use)[:20], np.cumsum(use)[:15]) == [False] * 2
    assert find(np.cumsum(use)[:30], periods=(36,)) == [False]
    sparse = np.where(np.arange(200) % 4 < 2, np.cumsum(use), np.nan)
    assert find(sparse, sparse[:40]) == [True, False]


def test_what_is_raised_at_times_begins_anew_or_dies_away_is_none() -> None:
    generator, steps = np.random.default_rng(0), np.arange(200)
    price = 100 + np.cumsum((generator.random(200) < 0.02) * generator.gamma(2, 1, 200))
    price[-40:] = price[-41] + np.cumsum(simulate_use(40))  # rises more often lately
    grown = 100 * (1 - np.exp(-steps / 60)) + np.cumsum(0.01 * generator.random(200))
    assert find(price, grown) == [False] * 2


@pytest.mark.parametrize(("kind", "is_total"), [("promotion", True), ("total", False), ("falling", False)])
def test_a_covariate_that_rises_throughout_explains_totals_and_not_increments(kind: str, is_total: bool) -> None:
    generator, use = np.random.default_rng(0), simulate_use(214)
    covariates = {
        "promotion": (generator.random(214) < 0.2) * 1.0,
        "total": np.cumsum(use),
        "falling": -np.arange(214.0) + generator.normal(0, 9, 214),
    }
    known = WindowCovariates(np.asarray(covariates[kind], np.float64)[None, :, None], np.ones(1, bool))
    windows = Windows(np.cumsum(use[:200])[None], np.array([200]), known)
    assert take_increments(windows, encoding=Encoding(60, (7,)))[1].is_total.tolist() == [is_total]


@pytest.mark.parametrize("period", [4, 12])
def test_by_months_and_longer_steps_growth_is_no_total_unless_it_began_with_nothing_or_has_a_season(
    period: int,
) -> None:
    generator = np.random.default_rng(0)
    growth = 100 * np.exp(np.cumsum(np.abs(generator.normal(0.01, 0.01, 120))))
    assert find(growth, periods=(period,)) == [False]
    assert find(growth, periods=(period,), running_totals=True) == [True]
    assert find(growth, periods=(7,)) == [True]
    total = np.cumsum(simulate_use(120, period=period))
    assert find(total, periods=(period,)) == [True]
    assert find(5000 + total, periods=(period,)) == [True]


def test_by_years_and_numbered_steps_it_has_to_be_said() -> None:
    total = np.cumsum(simulate_use(120))
    assert find(total, periods=(1,)) == [False]
    assert find(total, periods=(1,), running_totals=True) == [True]


def test_totals_go_on_from_the_last_known_one() -> None:
    total = np.cumsum(simulate_use(100))
    ended = total.copy()
    ended[-3:] = np.nan
    reset = np.concatenate([total[:50], total[50:] - total[50]])
    windows = Windows(np.stack([total, ended, simulate_use(100), reset]), np.full(4, 100))
    increments, totals = take_increments(windows, encoding=Encoding(60, (7,)))
    assert totals.is_total.tolist() == [True, True, False, True]
    assert np.allclose(increments.past[0, 1:], np.diff(total))
    assert np.isnan(increments.past[:2, 0]).all()
    assert increments.lengths.tolist() == [99, 99, 100, 99]
    assert np.isnan(increments.past[3]).nonzero()[0].tolist() == [0, 50]
    assert totals.start[0] == total[-1]
    assert totals.start[1] == pytest.approx(total[-4] + 3 * np.diff(total)[-7:-3].mean())
    ahead = np.stack([total[-1] + np.array([2.0, 5.0])] * 4)
    assert np.allclose(totals.take_increments(ahead)[0], [2, 3])
    assert (totals.take_increments(ahead)[2] == ahead[2]).all()


def test_quantiles_of_totals_are_those_of_increments_added_up() -> None:
    one = np.array([1.0, 2.0, 3.0, 4.0, 7.0])
    increments = np.tile(one, (1, 30, 1))
    totals = add_up(increments, start=np.array([100.0]), levels=LEVELS)
    assert np.allclose(totals[0, 0], 100 + one)
    assert (np.diff(totals, axis=1) >= 0).all()
    assert (np.diff(totals, axis=2) > 0).all()
    upper, median = totals[0, -1, 4], totals[0, -1, 2]
    # further than noise alone, nearer than the sum of all; and the median comes nearer to the sum of means
    assert 4 * 30**0.5 < upper - median < 4 * 30
    assert 190 < median < 100 + 30 * 4
    skewed = add_up(np.tile([2.0, 2.0, 2.0, 3.0, 6.0], (1, 90, 1)), start=np.zeros(1), levels=LEVELS)[0]
    lower, median, upper = skewed[:, 0], skewed[:, 2], skewed[:, 4]
    assert (lower[0], median[0], upper[0]) == (2, 2, 6)
    assert (median - lower)[-1] == pytest.approx((upper - median)[-1], rel=0.05)
    below = add_up(np.tile([-5.0, -2.0, 0.0, 1.0, 2.0], (1, 9, 1)), start=np.zeros(1), levels=LEVELS)
    same = add_up(np.tile([0.0, 0.0, 0.0, 1.0, 2.0], (1, 9, 1)), start=np.zeros(1), levels=LEVELS)
    assert (below == same).all()
    ends = np.concatenate([np.tile([0.0, 2.0, 10.0, 10.5, 11.0], (1, 3, 1)), np.zeros((1, 9, 5))], axis=1)
    assert (np.diff(add_up(ends, start=np.zeros(1), levels=LEVELS), axis=1) >= 0).all()


@pytest.mark.parametrize(("freq", "period", "steps"), [("D", 7, 1500), ("h", 24, 480), ("W-SUN", 52, 140)])
def test_errors_are_a_fraction_of_those_without_it(freq: str, period: int, steps: int) -> None:
    horizon = 14
    totals = [1000 + np.cumsum(simulate_use(steps + horizon, seed=seed, period=period)) for seed in range(8)]
    y_true = np.stack(totals)[:, steps:]
    errors = [
        np.abs(
            make_quantiles(*(one[:steps] for one in totals), horizon=horizon, freq=freq, **options)[:, :, 0] - y_true
        )
        for options in ({}, {"running_totals": False})
    ]
    assert errors[0].mean() < 0.9 * errors[1].mean()
    assert errors[0][:, 0].mean() < 0.8 * errors[1][:, 0].mean()


def test_four_fifths_of_what_comes_lie_in_the_interval_at_any_distance() -> None:
    steps, horizon = 300, 28
    totals = [np.cumsum(simulate_use(steps + horizon, seed=seed)) for seed in range(100)]
    found = make_quantiles(*(one[:steps] for one in totals), horizon=horizon)
    y_true = np.stack(totals)[:, steps:]
    inside = (y_true >= found[:, :, 1]) & (y_true <= found[:, :, 2])
    for begin in range(0, horizon, 7):
        assert 0.7 < inside[:, begin : begin + 7].mean() < 0.95


def test_no_forecast_falls_or_lies_below_the_last_total() -> None:
    rare = np.cumsum(np.random.default_rng(0).poisson(0.4, 200) * 1.0)
    noisy = np.cumsum(np.random.default_rng(1).lognormal(0, 1.5, 60))
    found = make_quantiles(rare, noisy, np.cumsum(simulate_use(100)))
    last = np.array([rare[-1], noisy[-1], np.cumsum(simulate_use(100))[-1]])
    assert (found >= last[:, None, None] - 1e-9).all()
    assert (np.diff(found, axis=1) >= -1e-9).all()


def test_a_meter_that_stands_still_at_night_goes_on_by_day() -> None:
    hour, generator = np.arange(24 * 21) % 24, np.random.default_rng(0)
    meter = np.cumsum(np.where((hour >= 8) & (hour < 15), 1 + generator.gamma(2, 1, len(hour)), 0.0))
    found = make_quantiles(meter[:-24], horizon=24, freq="h")[0]
    assert np.abs(found[:, 0] - meter[-24:]).max() < 5
    assert np.allclose(found[:8], meter[-25])
    assert found[15, 1] - meter[-25] > 10


def test_totals_and_other_series_are_calibrated_apart_and_means_of_totals_not_corrected() -> None:
    generator = np.random.default_rng(0)
    demand = [np.exp(0.04 * np.arange(200) + generator.normal(0, 0.3, 200)) for _ in range(6)]
    totals = [np.cumsum(simulate_use(200, seed=seed)) for seed in range(6)]
    both, alone, apart = (
        calibrate_by_past(panel, open_base(panel))
        for panel in (make_panel(*demand, *totals), make_panel(*demand), make_panel(*totals))
    )
    assert alone.calibration_of_totals is apart.calibration_of_totals is None
    assert both.calibration is not None
    assert alone.calibration is not None
    # the correlation between series, which widens them a little, is that of all
    assert np.allclose(both.calibration.factors, alone.calibration.factors, rtol=0.2)
    assert both.calibration_of_totals is not None
    assert apart.calibration is not None
    assert np.allclose(both.calibration_of_totals.factors, apart.calibration.factors, rtol=0.2)
    assert both.mean_factor == pytest.approx(alone.mean_factor, rel=0.01)
    assert alone.mean_factor > 1.1
    assert apart.mean_factor == 1
    panel = make_panel(*totals)
    plain, corrected = (replace(apart, mean_factor=factor).forecast(panel).mean for factor in (1.0, 1.2))
    np.testing.assert_array_equal(plain, corrected)


def test_the_mean_of_a_total_that_waited_for_long_is_no_lower() -> None:
    total = np.concatenate([np.zeros(120), np.cumsum(np.random.default_rng(0).poisson(0.7, 100) * 1.0)])
    found = forecaster.predict(make_table(total), horizon=14, mean=True, reading=READING)
    assert (found["forecast-mean"] > total[-1]).all()
    assert found["forecast-mean"].iloc[-1] == pytest.approx(found["forecast"].iloc[-1], rel=0.05)


def test_their_increments_may_have_a_season_of_their_own(forecast: Command) -> None:
    make_table(simulate_tens()).to_csv("saw.csv", index=False)
    assert "s0 (10 steps)" in forecast("predict", "saw.csv").stderr
    assert "s0 (10 steps)" in json.loads(forecast("check", "saw.csv", "--json").stdout)["facts"]["seasons"]


def test_where_it_starts_its_unit_and_other_series_change_nothing() -> None:
    total = np.cumsum(simulate_use(150))
    alone = make_quantiles(total)[0]
    assert np.allclose(make_quantiles(total + 30_000)[0] - 30_000, alone, rtol=1e-6)
    assert np.allclose(make_quantiles(1000 * total)[0] / 1000, alone, rtol=1e-6)
    beside = make_quantiles(simulate_use(90, seed=3), total)[1]
    assert np.allclose(beside[:, 0], alone[:, 0], rtol=1e-6)
    later = make_quantiles(total, horizon=20)[0]
    assert np.allclose(later[:14, 0], alone[:, 0], rtol=1e-9)


def test_the_first_step_is_forecast_as_that_of_the_increments() -> None:
    use = simulate_use(150)
    total = make_quantiles(np.concatenate([[0.0], np.cumsum(use)]), horizon=7)[0]
    assert total[0, 0] - use.sum() == pytest.approx(make_quantiles(use, horizon=7)[0, 0, 0], rel=1e-4)


def test_what_was_said_of_the_data_comes_first() -> None:
    growth = 100 * np.exp(np.cumsum(np.abs(np.random.default_rng(0).normal(0.01, 0.01, 120))))
    for freq, values in (("MS", growth), ("D", np.cumsum(simulate_use(120)))):
        found, never, always = (
            make_quantiles(values, freq=freq, running_totals=said)[0, -1, 0] for said in (None, False, True)
        )
        assert (found == never, found == always) == ((True, False) if freq == "MS" else (False, True))


def test_cutoffs_before_which_it_was_no_total_yet_calibrate_nothing() -> None:
    # the oldest of two earlier cutoffs has too few increments, and is forecast as other series are
    panel = make_panel(*(np.cumsum(simulate_use(24, seed=seed, period=4)) for seed in range(40)), calendar=QUARTERS)
    base = open_base(panel)
    assert base.horizon == 6
    assert find_last_totals(panel, encoding=base.encoding).all()
    for steps, is_total in ((18, True), (12, False)):
        index = WindowIndex(np.arange(40), np.full(40, steps))
        assert (find_last_totals(panel, encoding=base.encoding, index=index) == is_total).all()
    found = calibrate_by_past(panel, base).calibration
    never = replace(base, encoding=replace(base.encoding, running_totals=False))
    others = calibrate_by_past(panel, never).calibration
    assert found is not None
    assert others is not None
    assert (sum(found.residuals), sum(others.residuals)) == (40 * 6, 2 * 40 * 6)


def test_a_line_names_them_and_check_too(forecast: Command) -> None:
    make_table(np.cumsum(simulate_use(100)), simulate_use(100)).to_csv("meters.csv", index=False)
    line = "1 series taken for a running total, such as meter readings: what is added in each step is forecast, on top "
    line += "of the last value (or --no-running-totals): s0."
    assert line in forecast("predict", "meters.csv").stderr
    assert "running total" not in forecast("predict", "meters.csv", "--no-running-totals", "--force").stderr
    facts = json.loads(forecast("check", "meters.csv", "--json").stdout)["facts"]
    assert facts["running totals"] == "1 series, s0 (or --no-running-totals)"
    assert "running totals" not in forecast("check", "meters.csv", "--no-running-totals").stdout
