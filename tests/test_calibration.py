"""Intervals that are calibrated on some windows and measured on others."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.evaluation.metrics import measure_coverage
from forecaster.forecasting.calibration import (
    LARGEST_FACTOR,
    MIN_WINDOWS_TO_NARROW,
    Calibration,
    calibrate,
    calibrate_across,
    fit_calibration,
    fit_to_cutoffs,
    min_residuals,
    weigh_cutoffs,
    widen,
)
from forecaster.forecasting.correlation import count_effective
from forecaster.settings import QUANTILE_LEVELS

HALF = len(QUANTILE_LEVELS) // 2
NOMINAL = (0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2)
"""The levels of the central intervals, from the outermost on."""
SCORES = np.array([NormalDist().inv_cdf(level) for level in QUANTILE_LEVELS])


def simulate(windows: int, horizon: int, *, wide: float, seed: int) -> tuple[Array, Array]:
    """Normal truth, noisier in every other window, and quantiles `wide` times as wide as they should be."""
    generator = np.random.default_rng(seed)
    noise = np.where(np.arange(windows) % 2, 1.0, 5.0)[:, None]
    centre = generator.normal(100, 20, (windows, horizon))
    y_true = centre + noise * generator.normal(size=(windows, horizon))
    return centre[:, :, None] + wide * noise[:, :, None] * SCORES, y_true


def fit(quantiles: Array, y_true: Array) -> Calibration:
    return fit_calibration(quantiles, y_true, levels=QUANTILE_LEVELS)


@pytest.mark.parametrize(
    ("windows_by_cutoff", "weight"), [([7], 1 / 2), ([5, 5], 2 / 3), ([9, 9, 9, 9], 4 / 5), ([1, 1, 1, 97], 0.515)]
)
def test_errors_are_trusted_by_the_cutoffs_that_they_are_of(windows_by_cutoff: list[int], weight: float) -> None:
    cutoff_index = np.repeat(np.arange(len(windows_by_cutoff)), windows_by_cutoff)
    assert weigh_cutoffs(cutoff_index) == pytest.approx(weight, abs=1e-3)


@pytest.mark.parametrize("wide", [0.25, 4.0])
def test_intervals_follow_errors_as_far_as_they_are_trusted(wide: float) -> None:
    quantiles, y_true = simulate(150, 8, wide=wide, seed=0)
    whole = np.array(fit(quantiles, y_true).factors)
    half = fit_calibration(quantiles, y_true, levels=QUANTILE_LEVELS, weight=0.5).factors
    np.testing.assert_allclose(half, np.sqrt(whole))


@pytest.mark.parametrize("wide", [0.3, 3.0])
def test_calibrated_intervals_cover_fresh_data_as_often_as_they_say(wide: float) -> None:
    calibration = fit(*simulate(150, 8, wide=wide, seed=0))
    fresh, y_true = simulate(1500, 8, wide=wide, seed=1)
    before = measure_coverage(y_true, fresh, levels=QUANTILE_LEVELS)
    after = measure_coverage(y_true, calibrate(fresh, calibration=calibration), levels=QUANTILE_LEVELS)
    assert calibration.uncalibrated == []
    for nominal, measured in after.items():
        room = min(0.04, 0.9 * (1 - nominal))
        assert measured == pytest.approx(nominal, abs=room)
        assert abs((before[nominal] or 0) - nominal) > room


def test_the_factor_is_the_conformal_rank_of_the_errors_in_half_widths() -> None:
    # errors of 1 to 124 half-widths of the widest interval, on both sides
    errors = np.arange(1.0, 125.0)
    quantiles = np.broadcast_to(SCORES, (124, 1, len(SCORES)))
    y_true = (errors * np.where(np.arange(124) % 2, 1, -1) * SCORES[-1])[:, None]
    factors = fit(quantiles, y_true).factors[0]
    for interval, nominal in enumerate(NOMINAL):
        # 125 · 0.6 is 75, and no rounding makes it 76
        rank = math.ceil(125 * round(100 * nominal) / 100)
        assert factors[interval] == pytest.approx(rank * SCORES[-1] / SCORES[-1 - interval])


@pytest.mark.parametrize(("level", "least"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99), (0.6, 2), (0.2, 1)])
def test_an_interval_needs_as_many_residuals_as_its_level_asks_for(level: float, least: int) -> None:
    assert min_residuals(level) == least
    quantiles, y_true = simulate(least, 1, wide=0.3, seed=0)
    assert level not in fit(quantiles, y_true).uncalibrated
    if least > 1:
        fewer = fit(quantiles[1:], y_true[1:])
        assert level in fewer.uncalibrated
        assert fewer.factors[0][NOMINAL.index(level)] == 1.0


def test_without_any_truth_the_networks_own_intervals_stay() -> None:
    quantiles, y_true = simulate(30, 4, wide=0.3, seed=0)
    calibration = fit(quantiles, np.full_like(y_true, np.nan))
    assert calibration.uncalibrated == sorted(NOMINAL)
    assert calibration.residuals == [0]
    np.testing.assert_allclose(calibrate(quantiles, calibration=calibration), quantiles)


def test_few_windows_widen_and_never_narrow() -> None:
    enough, y_true = simulate(MIN_WINDOWS_TO_NARROW, 8, wide=3.0, seed=0)
    assert max(fit(enough, y_true).factors[0]) < 1
    assert fit(enough[1:], y_true[1:]).factors == [[1.0] * HALF]
    narrow, y_true = simulate(MIN_WINDOWS_TO_NARROW - 1, 8, wide=0.3, seed=0)
    assert min(fit(narrow, y_true).factors[0]) > 1


def test_windows_that_tell_nothing_are_not_counted_as_windows() -> None:
    quantiles, y_true = simulate(MIN_WINDOWS_TO_NARROW + 2, 8, wide=3.0, seed=0)
    # one without truth, two with intervals of no width, as a series that never changes has them
    y_true[0] = np.nan
    quantiles[1:3] = quantiles[1:3, :, HALF : HALF + 1]
    calibration = fit(quantiles, y_true)
    assert calibration.factors == [[1.0] * HALF]
    assert calibration.residuals == [(MIN_WINDOWS_TO_NARROW - 1) * 8]


def test_calibrated_intervals_nest_even_where_only_the_narrow_ones_could_be_calibrated() -> None:
    quantiles, y_true = simulate(5, 1, wide=0.1, seed=0)
    calibration = fit(quantiles, y_true)
    assert calibration.uncalibrated == [0.9, 0.95, 0.98, 0.99]
    assert calibration.factors[0][NOMINAL.index(0.8)] > 2
    found = calibrate(quantiles, calibration=calibration)
    assert (np.diff(found, axis=2) >= 0).all()
    np.testing.assert_array_equal(found[:, :, HALF], quantiles[:, :, HALF])
    np.testing.assert_array_equal(found[:, :, 0], found[:, :, NOMINAL.index(0.8)])


def test_each_block_of_the_horizon_has_its_own_factors() -> None:
    quantiles, y_true = simulate(100, 10, wide=1.0, seed=0)
    y_true[:, 7:] += 4 * (y_true[:, 7:] - quantiles[:, 7:, HALF])
    calibration = fit(quantiles, y_true)
    assert calibration.edges == [0, 2, 5, 7]
    assert calibration.residuals == [200, 300, 200, 300]
    interval = NOMINAL.index(0.8)
    narrow, wide = calibration.factors[0][interval], calibration.factors[3][interval]
    assert wide == pytest.approx(5 * narrow, rel=0.2)
    width = quantiles[:, :, HALF] - quantiles[:, :, interval]
    found = calibrate(quantiles, calibration=calibration)
    expected = [calibration.factors[block][interval] for block in (0, 0, 1, 1, 1, 2, 2, 3, 3, 3)]
    np.testing.assert_allclose((found[:, :, HALF] - found[:, :, interval]) / width, np.tile(expected, (100, 1)))


def test_steps_beyond_the_calibrated_horizon_use_the_last_block() -> None:
    calibration = Calibration([0, 2], [[1.0] * HALF, [3.0] * HALF], [200, 200], [])
    quantiles, _ = simulate(1, 6, wide=1.0, seed=0)
    found = calibrate(quantiles, calibration=calibration)
    spans = (found[0, :, -1] - found[0, :, 0]) / (quantiles[0, :, -1] - quantiles[0, :, 0])
    np.testing.assert_allclose(spans, [1, 1, 3, 3, 3, 3])


def test_few_residuals_make_few_blocks() -> None:
    assert fit(*simulate(49, 4, wide=1.0, seed=0)).edges == [0]
    assert fit(*simulate(100, 4, wide=1.0, seed=0)).edges == [0, 2]
    # never more blocks than steps
    assert fit(*simulate(900, 1, wide=1.0, seed=0)).edges == [0]


def share_shocks(cutoffs: int, *, seed: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Windows of 100 series at each of some cutoffs; half of the variance of errors is one shock to all of them."""
    generator = np.random.default_rng(seed)
    cutoff_index = np.repeat(np.arange(cutoffs), 100)
    own, shock = generator.normal(size=(len(cutoff_index), 4)), generator.normal(size=cutoffs)
    return (
        np.broadcast_to(SCORES / 2, (len(cutoff_index), 4, len(SCORES))),
        (own + shock[cutoff_index, None]) / 2**0.5,
        cutoff_index,
    )


@pytest.mark.parametrize("cutoffs", [2, 4])
def test_what_is_promised_under_common_shocks_is_what_the_next_cutoff_holds(cutoffs: int) -> None:
    promised, held = [], []
    for seed in range(200):
        quantiles, y_true, cutoff_index = share_shocks(cutoffs + 1, seed=seed)
        is_next = cutoff_index == cutoffs
        known: dict[str, Any] = {
            "levels": QUANTILE_LEVELS,
            "cutoff_index": cutoff_index[~is_next],
            "correlation": 0.25,
            "is_fair": False,
        }
        crossed = calibrate_across(quantiles[~is_next], y_true[~is_next], **known)
        assert crossed is not None
        promised.append(measure_coverage(y_true[~is_next], crossed, levels=QUANTILE_LEVELS))
        calibration = fit_to_cutoffs(quantiles[~is_next], y_true[~is_next], **known)
        found = calibrate(quantiles[is_next], calibration=calibration)
        held.append(measure_coverage(y_true[is_next], found, levels=QUANTILE_LEVELS))
    for nominal in (0.8, 0.95):
        promise, truth = (float(np.mean([every[nominal] or 0 for every in shares])) for shares in (promised, held))
        assert truth == pytest.approx(nominal, abs=0.03)
        assert promise == pytest.approx(truth, abs=0.03)


def test_intervals_of_a_cutoff_are_calibrated_by_the_other_cutoffs_alone() -> None:
    quantiles, y_true, cutoff_index = share_shocks(3, seed=0)
    known: dict[str, Any] = {
        "levels": QUANTILE_LEVELS,
        "cutoff_index": cutoff_index,
        "correlation": 0.1,
        "is_fair": True,
    }
    before = calibrate_across(quantiles, y_true, **known)
    assert before is not None
    for number in range(3):
        is_scored = cutoff_index == number
        after = calibrate_across(quantiles, np.where(is_scored[:, None], 9 * y_true, y_true), **known)
        assert after is not None
        np.testing.assert_array_equal(after[is_scored], before[is_scored])
        assert (np.ptp(after[~is_scored], axis=2) > 1.1 * np.ptp(before[~is_scored], axis=2)).all()


def test_one_cutoff_alone_has_nothing_to_be_calibrated_by() -> None:
    quantiles, y_true, cutoff_index = share_shocks(1, seed=0)
    known: dict[str, Any] = {
        "levels": QUANTILE_LEVELS,
        "cutoff_index": cutoff_index,
        "correlation": 0.1,
        "is_fair": True,
    }
    assert calibrate_across(quantiles, y_true, **known) is None


@pytest.mark.parametrize(
    ("level", "effective", "student"),
    [(0.8, 4, 1.533), (0.95, 4, 2.776), (0.95, 10, 2.228), (0.8, 30, 1.310), (0.95, 120, 1.980)],
)
def test_few_independent_errors_make_intervals_as_wide_as_students_distribution(
    level: float, effective: float, student: float
) -> None:
    normal = NormalDist().inv_cdf((1 + level) / 2)
    assert widen(level, effective=effective) == pytest.approx(student / normal, rel=0.01)
    assert widen(level, effective=1.0) == widen(level, effective=2.0)


@pytest.mark.parametrize(("is_fair", "weight"), [(False, 1.0), (True, 2 / 3)])
def test_the_more_alike_errors_of_a_cutoff_are_the_wider_intervals_become(is_fair: bool, weight: float) -> None:
    quantiles, y_true, cutoff_index = share_shocks(2, seed=0)
    plain = np.array(fit(quantiles, y_true).factors)
    for correlation in (0.0, 0.02, 0.3):
        effective = count_effective(y_true, cutoff_index, correlation=correlation)
        wider = [widen(nominal, effective=effective) for nominal in NOMINAL]
        found = fit_to_cutoffs(
            quantiles,
            y_true,
            levels=QUANTILE_LEVELS,
            cutoff_index=cutoff_index,
            correlation=correlation,
            is_fair=is_fair,
        )
        np.testing.assert_allclose(found.factors, (plain * wider) ** weight)


def test_fair_intervals_are_not_widened_beyond_reason() -> None:
    quantiles, y_true = simulate(150, 8, wide=0.001, seed=0)
    known: dict[str, Any] = {"levels": QUANTILE_LEVELS, "cutoff_index": np.arange(150) % 4, "correlation": 0.0}
    fair, learned = (fit_to_cutoffs(quantiles, y_true, is_fair=is_fair, **known) for is_fair in (True, False))
    assert np.array(fair.factors).max() == LARGEST_FACTOR
    assert np.array(learned.factors).min() > 100
