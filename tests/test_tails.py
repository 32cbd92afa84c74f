"""Quantiles far out: not far beyond what the past ranged over, and never the same for several levels."""

from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.tails import compress_tails
from forecaster.settings import QUANTILE_LEVELS
from forecaster.windows import History

PAST = np.linspace(0.0, 100.0, 300)


def describe(past: Array) -> History:
    """The history of one window with a `past` [time]."""
    return History(
        observed=np.array([len(past)]),
        lowest=np.array([past.min()]),
        highest=np.array([past.max()]),
        last=past[-1:],
        mean_change=np.array([np.abs(np.diff(past)).mean()]),
        mean=np.array([past.mean()]),
    )


def spread(width: float, *, horizon: int = 20, median: float = 50.0) -> Array:
    """Quantiles [1, horizon, level] of a normal distribution, the outermost so far from its median."""
    shape = np.array([NormalDist().inv_cdf(level) for level in QUANTILE_LEVELS])
    return np.broadcast_to(median + width * shape / shape[-1], (1, horizon, len(shape))).copy()


def test_what_lies_within_the_range_stays() -> None:
    quantiles = spread(99.0)
    np.testing.assert_array_equal(compress_tails(quantiles, describe(PAST), levels=QUANTILE_LEVELS), quantiles)


@pytest.mark.parametrize("width", [120.0, 300.0, 1e4, 1e9])
def test_the_outermost_ends_at_the_limit_and_all_others_differ(width: float) -> None:
    quantiles = spread(width)
    found = compress_tails(quantiles, describe(PAST), levels=QUANTILE_LEVELS)
    np.testing.assert_allclose(found[0, 0, [0, -1]], [50 - 110, 50 + 110])
    assert (np.diff(found, axis=2) > 0).all()
    np.testing.assert_array_equal(found[:, :, 8], quantiles[:, :, 8])
    assert (np.abs(found - 50) <= np.abs(quantiles - 50) + 1e-9).all()


def test_the_limit_grows_with_the_distance_once_it_is_long() -> None:
    found = compress_tails(spread(1e6, horizon=1200), describe(PAST), levels=QUANTILE_LEVELS)
    width = found[0, :, -1] - 50
    assert width[0] == width[100] == pytest.approx(110)
    assert width[299] == pytest.approx(1.35 * 110)
    assert width[1199] == pytest.approx(2.7 * 110)


def test_the_past_may_always_be_reached_and_gone_beyond() -> None:
    found = compress_tails(spread(1e6, median=500.0), describe(PAST), levels=QUANTILE_LEVELS)
    np.testing.assert_allclose(found[0, 0, [0, -1]], [-11.0, 610.0])


def test_what_the_past_has_seen_stays_where_the_rest_is_compressed() -> None:
    quantiles = spread(300.0, median=95.0)
    found = compress_tails(quantiles, describe(PAST), levels=QUANTILE_LEVELS)
    is_seen = quantiles < 100
    is_seen &= quantiles >= 0
    assert 2 < is_seen[0, 0].sum() < 12
    np.testing.assert_array_equal(found[is_seen], quantiles[is_seen])
    assert (np.abs(found - 95)[~is_seen] < np.abs(quantiles - 95)[~is_seen]).all()


def test_few_values_limit_less_and_fewer_not_at_all() -> None:
    wide = spread(1e6)
    few = compress_tails(wide, describe(np.linspace(0.0, 100.0, 15)), levels=QUANTILE_LEVELS)
    np.testing.assert_allclose(few[0, 0, -1], 50 + 300)
    pasts: tuple[Array, ...] = (np.linspace(0.0, 100.0, 11), np.full(100, 7.0))
    for past in pasts:
        np.testing.assert_array_equal(compress_tails(wide, describe(past), levels=QUANTILE_LEVELS), wide)


def test_shift_and_scale_and_missing_forecasts() -> None:
    quantiles = np.concatenate([spread(500.0), spread(90.0), spread(500.0) * np.nan], axis=1)
    found = compress_tails(quantiles, describe(PAST), levels=QUANTILE_LEVELS)
    moved = compress_tails(1e3 - 7 * quantiles[:, :, ::-1], describe(1e3 - 7 * PAST), levels=QUANTILE_LEVELS)
    np.testing.assert_allclose(moved, 1e3 - 7 * found[:, :, ::-1], rtol=1e-12)
    assert np.isnan(found[:, 40:]).all()
    assert not np.isnan(found[:, :40]).any()


@pytest.mark.parametrize(("steps", "horizon"), [(300, 365), (60, 120)])
def test_intervals_of_a_walk_stay_apart_however_far_ahead(steps: int, horizon: int) -> None:
    days = pd.date_range("2024-01-01", periods=steps)
    walks = 1e3 + 5 * np.random.default_rng(0).normal(size=(10, steps)).cumsum(axis=1)
    table = pd.DataFrame({name: pd.Series(walk, index=days) for name, walk in zip("abcdefghij", walks, strict=True)})
    found = forecaster.predict(table, horizon=horizon, level=(50, 80, 95, 99), reading=ReadOptions(wide=True))
    for side in ("lo", "hi"):
        distances = [(found["forecast"] - found[f"forecast-{side}-{level}"]).abs() for level in (50, 80, 95, 99)]
        for inner, outer in pairwise(distances):
            assert (inner < 0.999 * outer).all()
