"""Pasts that the network never learned from are shown to it as some that it did."""

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.data.calendar import DAY, Calendar
from forecaster.encoding.bounding import MIN_LOG_DEVIATION, bound_past
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CHANNELS
from forecaster.forecasting.opening import open_base
from forecaster.learning.prior_extremes import FAR_SHARE, add_extremes
from forecaster.settings import QUANTILE_LEVELS
from forecaster.windows import Windows
from tests.test_windows import make_panel

DAILY = Calendar("microsecond", DAY)
MONTHLY = Calendar("month", 1)


def forecast_base(values: Array, calendar: Calendar) -> Array:
    """Quantiles of the base model for one series, [horizon, level]."""
    panel = make_panel(values, calendar=calendar, start="2010-01-01")
    return np.asarray(open_base(panel).forecast(panel).quantiles[0])


def make_season(seed: int, *, steps: int = 120) -> Array:
    noise = np.random.default_rng(seed).normal(0, 5, steps)
    return np.asarray(150 + 20 * np.sin(2 * np.pi * np.arange(steps) / 12) + noise)


def bound(values: Array, *, context_length: int = 96, period: int = 12) -> tuple[Array, int, float]:
    found = bound_past(values[None], np.array([len(values)]), context_length=context_length, period=period)
    return found.past[0], int(found.lengths[0]), float(found.offset[0])


def test_a_usual_past_comes_back_as_it_is() -> None:
    generator = np.random.default_rng(0)
    counts = generator.poisson(0.3, 200).astype(float)
    walk = generator.normal(size=200).cumsum()
    growth = np.exp(np.arange(200) / 12)
    rain = np.where(generator.random(200) < 0.1, generator.gamma(0.5, 30, 200), 0.0)
    calm_season = np.where(np.arange(200) % 60 < 40, 1.0, 30.0) * generator.normal(1, 0.2, 200)
    for values in (make_season(0), counts, walk, growth, rain, calm_season, -make_season(1)):
        past, length, offset = bound(values)
        np.testing.assert_array_equal(past, values)
        assert (length, offset) == (len(values), 0.0)


@pytest.mark.parametrize("factor", [100, 1000, -1e6])
def test_one_wild_value_is_taken_for_missing(factor: float) -> None:
    values = make_season(0)
    wild, missing = values.copy(), values.copy()
    wild[60] *= factor
    missing[60] = np.nan
    np.testing.assert_array_equal(forecast_base(wild, MONTHLY), forecast_base(missing, MONTHLY))


@pytest.mark.parametrize("newest", [2, 3])
def test_several_newest_values_are_believed_however_far_they_are(newest: int) -> None:
    values = make_season(0)
    values[-newest:] *= 1000
    np.testing.assert_array_equal(bound(values)[0] + bound(values)[2], values)


@pytest.mark.parametrize("factor", [1e3, 1e5, 1e8, -1e5])
def test_a_single_newest_value_is_believed_up_to_what_errors_are_told_by(factor: float) -> None:
    values, usual = make_season(0), make_season(0)
    values[-1] *= factor
    past = np.add(*bound(values)[::2])
    np.testing.assert_array_equal(past[:-1], values[:-1])
    distance = np.abs(usual - np.median(usual))
    assert 50 * distance.max() < abs(past[-1] - np.median(usual)) <= 100 * distance.max()
    # the forecast of all other months is nearly that without it; it was zero, or as far off as the value is
    forecast, expected = (forecast_base(one, MONTHLY)[:11, QUANTILE_LEVELS.index(0.5)] for one in (values, usual))
    assert np.abs(forecast - expected).max() < 20


def test_what_happens_again_and_again_is_no_error() -> None:
    values = np.random.default_rng(0).normal(10, 1, 1000)
    values[50::200] += 5000
    assert not np.isnan(bound(values)[0]).any()


def test_one_wild_value_is_found_between_gaps() -> None:
    values = make_season(0)
    values[59:62] = np.nan, 150_000.0, np.nan
    assert np.isnan(bound(values)[0][59:62]).all()


def test_sales_among_zeros_are_no_errors() -> None:
    values = np.zeros(120)
    values[[20, 70]] = 5.0, 900.0
    np.testing.assert_array_equal(bound(values)[0] + bound(values)[2], values)


def test_what_rounding_leaves_of_a_constant_is_not_magnified() -> None:
    values = np.where(np.arange(120) % 3 == 0, 0.3, 0.1 + 0.2)
    assert bound(values)[2] == 0.0


def test_too_few_values_tell_of_no_error() -> None:
    values = np.array([1.0, 2.0, 1.0, 5000.0, 2.0, 1.0, 2.0])
    assert not np.isnan(bound(values)[0]).any()


@pytest.mark.parametrize("factor", [100.0, 0.01])
@pytest.mark.parametrize("steps", [300, 1200])
def test_a_regime_long_past_is_forgotten(factor: float, steps: int) -> None:
    generator = np.random.default_rng(0)
    new = 5 + generator.normal(0, 1, 200)
    old = 5 + factor * generator.normal(0, 1, steps)
    alone, together = forecast_base(new, DAILY), forecast_base(np.append(old, new), DAILY)
    width = alone[:, -3] - alone[:, 2]
    np.testing.assert_allclose(together[:, -3] - together[:, 2], width, rtol=0.15)
    assert np.abs(together - alone).max() < 0.15 * width.min()


def test_a_regime_is_the_same_beside_longer_series() -> None:
    generator = np.random.default_rng(0)
    values = 500 + np.where(np.arange(112) < 10, 1000.0, 1.0) * generator.normal(size=112)
    alone = bound_past(values[None], np.array([112]), context_length=96, period=12)
    padded = np.concatenate([np.full((1, 200), np.nan), values[None]], axis=1)
    beside = bound_past(padded, np.array([112]), context_length=96, period=12)
    assert alone.lengths[0] == beside.lengths[0]
    np.testing.assert_array_equal(beside.past[:, 200:], alone.past)


@pytest.mark.parametrize(("steps", "kept"), [(48, 140), (96, 72)])
def test_a_regime_is_new_for_three_blocks_at_least(steps: int, kept: int) -> None:
    values = np.where(np.arange(140) < 140 - steps, 100.0, 1.0) * np.random.default_rng(0).normal(size=140)
    assert bound(values)[1] == kept


def test_a_season_of_calm_phases_is_one_regime() -> None:
    generator = np.random.default_rng(0)
    sizes = np.where(np.arange(240) % 24 < 18, 0.01, 10.0)
    assert bound(sizes * generator.normal(size=240), period=24)[1] == 240


def test_a_calm_that_came_before_is_no_new_regime() -> None:
    generator = np.random.default_rng(0)
    sizes = np.repeat([1.0, 50.0, 50.0, 1.0, 50.0, 50.0, 1.0], 100)
    values = 100 + sizes * generator.normal(size=700)
    assert bound(values, context_length=112, period=7)[1] == 700


def test_a_level_far_from_zero_is_moved_near_and_back() -> None:
    values = make_season(0)
    encoding = Encoding(96, (12,))
    offsets = np.array([0.0, 1e4, -1e4, 1e6, 1e9])
    past = np.full((5, encoding.past_length), np.nan)
    past[:, -120:] = values + offsets[:, None]
    encoded = encode(Windows(past, np.full(5, 120)), encoding=encoding, horizon=12)
    np.testing.assert_allclose(encoded.scales.level - offsets, encoded.scales.level[0], atol=1e-5)
    np.testing.assert_allclose(encoded.scales.noise_scale, encoded.scales.noise_scale[0], rtol=1e-5)
    channel = encoded.inputs[:, :, CHANNELS.index("deviation_to_level")]
    np.testing.assert_allclose(channel[1:], MIN_LOG_DEVIATION, atol=1e-5)
    assert (channel[0] > MIN_LOG_DEVIATION).all()
    far = encoded.inputs[[1, 3, 4]]
    np.testing.assert_allclose(far, np.broadcast_to(far[0], far.shape), atol=1e-3)


def test_synthetic_series_hold_such_extremes_now_and_then() -> None:
    generator = np.random.default_rng(0)
    series = 20 + generator.normal(size=(6000, 100))
    changed = add_extremes(generator, series)
    assert np.isfinite(changed).all()
    is_far = np.abs(np.median(changed, axis=1)) > 9 * changed.std(axis=1) + 25
    assert is_far.mean() == pytest.approx(FAR_SHARE, abs=0.02)
    moved = np.abs(np.diff(changed, axis=1))
    has_old_regime = moved[:, :20].mean(axis=1) > 3 * moved[:, -20:].mean(axis=1)
    assert 0.005 < has_old_regime.mean() < 0.04
    has_error = changed.max(axis=1) - np.median(changed, axis=1) > 100
    assert has_error.mean() > 0.01
    same = (changed == series).all(axis=1)
    assert same.mean() > 0.85
