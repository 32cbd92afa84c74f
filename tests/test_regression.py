"""The regression of each past on its own earlier cycles, compared with loops and refits; what it must not see."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.driven import Driven
from forecaster.encoding.regression import Regression, forecast_by_regression
from tests.slow_encoding import NAN
from tests.slow_regression import Known, slow_regression

PERIODS = [(2,), (7, 365), (5, 20), (6, 42), (17,)]


def make_cycles(
    periods: tuple[int, ...], *, cycles: int = 40, count: int = 4, seed: int = 0
) -> tuple[Array, NDArray[np.int64]]:
    """Pasts of many cycles, of fewer, of just enough and of too few; with gaps and with a spike."""
    generator = np.random.default_rng([seed, *periods])
    period, time = periods[0], cycles * periods[0] + 1
    noise = generator.normal(size=(count, time + 20))
    walk = np.cumsum(generator.normal(size=(count, time)), axis=1) / 3
    past = 20 + 5 * np.sin(2 * np.pi * np.arange(time) / period) + walk + noise[:, 20:]
    past[generator.random(past.shape) < 0.1] = NAN
    past[0, time // 2] = 1e4
    lengths = np.resize([time, 30 * period + 1, 19 * period, 5 * period], count)
    past[np.arange(time, 0, -1) > lengths[:, None]] = NAN
    return past, lengths


def make_driven(past: Array, *, horizon: int, seed: int = 0) -> Driven:
    """Three covariates, the second of which is not known ahead: 0 after the cutoff, as where it is missing."""
    values = np.random.default_rng(seed).normal(size=(len(past), past.shape[1] + horizon, 3))
    values[:, past.shape[1] :, 1] = 0.0
    return Driven(values, np.array([True, False, True]))


def assert_same(one: Regression, other: Regression, *, rtol: float = 1e-6) -> None:
    for name in vars(one):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=rtol, atol=1e-9, err_msg=name)


def take(found: Regression, rows: list[int]) -> Regression:
    return Regression(*(values[rows] for values in vars(found).values()))


@pytest.mark.parametrize("has_covariates", [False, True])
@pytest.mark.parametrize("periods", PERIODS)
def test_it_is_that_of_a_slow_loop(periods: tuple[int, ...], has_covariates: bool) -> None:
    horizon = 2 * periods[0] + 1
    past, lengths = make_cycles(periods)
    driven = make_driven(past, horizon=horizon) if has_covariates else None
    found = forecast_by_regression(past, lengths, periods=periods, horizon=horizon, driven=driven)
    assert (found.rows > 0).sum() == (3 if found.rows[2] else 2)
    for row, length in enumerate(lengths.tolist()):
        columns = [] if driven is None else zip(driven.values[row].T.tolist(), driven.is_known.tolist(), strict=True)
        covariates = [Known(*column) for column in columns]
        slow = slow_regression(past[row].tolist(), length, periods=periods, horizon=horizon, covariates=covariates)
        for name, expected in vars(slow).items():
            np.testing.assert_allclose(getattr(found, name)[row], expected, rtol=1e-6, err_msg=f"{name} of {row}")


@pytest.mark.parametrize("has_covariates", [False, True])
@pytest.mark.parametrize("periods", PERIODS)
def test_other_pasts_beside_it_and_steps_before_them_change_nothing(
    periods: tuple[int, ...], has_covariates: bool
) -> None:
    past, lengths = make_cycles(periods)
    driven = make_driven(past, horizon=9) if has_covariates else None
    found = forecast_by_regression(past, lengths, periods=periods, horizon=9, driven=driven)
    for row, length in enumerate(lengths.tolist()):
        own = None if driven is None else Driven(driven.values[[row], -9 - length :], driven.is_known)
        alone = forecast_by_regression(past[[row], -length:], lengths[[row]], periods=periods, horizon=9, driven=own)
        assert np.isnan(found.fitted[row, :-length]).all()
        assert_same(alone, take(Regression(**{**vars(found), "fitted": found.fitted[:, -length:]}), [row]))


def test_values_before_the_series_change_nothing() -> None:
    past, lengths = make_cycles((6, 42))
    one = forecast_by_regression(past, lengths, periods=(6, 42), horizon=9)
    before = np.arange(past.shape[1], 0, -1) > lengths[:, None]
    other = forecast_by_regression(np.where(before, 1e6, past), lengths, periods=(6, 42), horizon=9)
    assert_same(one, other)


@pytest.mark.parametrize(("scale", "shift"), [(1, 1e6), (1e9, 0), (1e-9, 3e-9), (-1, 0), (-2.5, 7)])
@pytest.mark.parametrize("has_covariates", [False, True])
def test_scale_shift_and_mirror_of_a_past_are_those_of_its_forecast(
    scale: float, shift: float, has_covariates: bool
) -> None:
    past, lengths = make_cycles((6, 42))
    driven = make_driven(past, horizon=9) if has_covariates else None
    one = forecast_by_regression(past, lengths, periods=(6, 42), horizon=9, driven=driven)
    other = forecast_by_regression(scale * past + shift, lengths, periods=(6, 42), horizon=9, driven=driven)
    for name in ("forecast", "fitted"):
        back = (getattr(other, name) - shift) / scale
        np.testing.assert_allclose(back, getattr(one, name), rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(other.error, abs(scale) * one.error, rtol=1e-5)
    np.testing.assert_allclose(other.freedom, one.freedom, rtol=1e-5)


def test_a_covariate_counts_in_any_direction_and_order() -> None:
    past, lengths = make_cycles((6, 42))
    driven = make_driven(past, horizon=9)
    one = forecast_by_regression(past, lengths, periods=(6, 42), horizon=9, driven=driven)
    swapped = Driven(-driven.values[..., [2, 0, 1]], driven.is_known[[2, 0, 1]])
    assert_same(one, forecast_by_regression(past, lengths, periods=(6, 42), horizon=9, driven=swapped), rtol=1e-5)


@pytest.mark.parametrize("periods", [(6,), (6, 42)])
def test_a_covariate_that_is_not_known_ahead_is_used_of_earlier_cycles_only(periods: tuple[int, ...]) -> None:
    past, lengths = make_cycles(periods)
    driven = make_driven(past, horizon=6)
    one = forecast_by_regression(past, lengths, periods=periods, horizon=6, driven=driven)
    garbage = driven.values.copy()
    garbage[:, past.shape[1] :, 1] = 1e6
    other = forecast_by_regression(past, lengths, periods=periods, horizon=6, driven=Driven(garbage, driven.is_known))
    assert_same(one, other)
    # what is known ahead, in contrast, counts: in the forecast only
    garbage[:, past.shape[1] :, 0] += 2.0
    other = forecast_by_regression(past, lengths, periods=periods, horizon=6, driven=Driven(garbage, driven.is_known))
    np.testing.assert_array_equal(other.fitted, one.fitted)
    assert (other.forecast[:2] != one.forecast[:2]).all()


@pytest.mark.parametrize("periods", [(1,), (4,), (6, 42)])
def test_with_too_few_cycles_there_is_none(periods: tuple[int, ...]) -> None:
    needed = 19 if len(periods) > 1 else 15
    for cycles in (0, 1, needed - 1, needed):
        length = cycles * periods[0]
        past = np.random.default_rng(0).normal(size=(1, 400))
        found = forecast_by_regression(past, np.array([length]), periods=periods, horizon=5)
        if cycles == needed and periods[0] > 1:
            assert found.rows[0] == 12
            assert np.isfinite(found.forecast).all()
        else:
            assert np.isnan(found.forecast).all()
            assert np.isnan(found.fitted).all()
            assert np.isnan(found.error[0])
            assert found.rows[0] == found.freedom[0] == 0
    assert forecast_by_regression(past[:, :3], np.array([3]), periods=periods, horizon=5).rows[0] == 0


def test_no_more_cycles_count_than_those_of_a_year_of_hours() -> None:
    values = np.random.default_rng(0).normal(size=(1, 4 * 500))
    one = forecast_by_regression(values, np.array([4 * 500]), periods=(4,), horizon=4)
    values[:, : -4 * 364] = 1e3
    assert_same(one, forecast_by_regression(values, np.array([4 * 500]), periods=(4,), horizon=4))
    assert one.rows[0] == 361


@pytest.mark.parametrize("value", [0.0, 0.1, -1e12, 1e-12])
def test_a_past_that_never_changes_is_forecast_as_it_is(value: float) -> None:
    past = np.where(np.random.default_rng(0).random((1, 200)) < 0.3, NAN, value)
    found = forecast_by_regression(past, np.array([200]), periods=(7,), horizon=20)
    np.testing.assert_array_equal(found.forecast, value)
    assert found.error[0] == found.freedom[0] == 0


def test_whole_phases_and_days_that_are_missing_leave_finite_forecasts() -> None:
    past, lengths = make_cycles((6, 42), cycles=60)
    past[:, 2::6] = NAN
    past[:, -30:] = NAN
    past[1] = NAN
    past[2, :-3] = NAN
    found = forecast_by_regression(past, lengths, periods=(6, 42), horizon=30)
    assert np.isfinite(found.forecast[0]).all()
    assert np.isnan(found.fitted[0])[np.isnan(past[0])].all()
    assert np.isnan(found.error[1])
    # of what was never seen nothing is known
    assert not np.isfinite(found.forecast[1]).any()


def make_days(generator: np.random.Generator, *, days: int, count: int = 8) -> Array:
    """Each phase of a day depends on that phase, and on the last one, of the day before: [count, days * 6]."""
    values = np.zeros((count, days, 6))
    for day in range(1, days):
        before = values[:, day - 1]
        values[:, day] = 0.6 * before + 0.3 * before[:, -1:] + generator.normal(size=(count, 6))
    return values.reshape(count, -1)


def test_what_depends_on_the_day_before_is_forecast_better_than_by_repeating_it() -> None:
    series = make_days(np.random.default_rng(1), days=300)
    past, y_true = series[:, :-6], series[:, -6:]
    found = forecast_by_regression(past, np.full(8, past.shape[1]), periods=(6,), horizon=6)
    # as good as the true coefficients are
    fitted, true = (np.nan_to_num(past - of) for of in (found.fitted, _follow_rule(past)))
    seen = ~np.isnan(found.fitted)
    assert np.abs(fitted[seen]).mean() < 1.05 * np.abs(true[seen]).mean()
    naive = np.abs(past[:, 6:] - past[:, :-6]).mean()
    assert found.error.mean() < 0.9 * naive
    np.testing.assert_allclose(found.error, np.nanmean(np.abs(past - found.fitted), axis=1))
    assert np.abs(found.forecast - y_true).mean() < np.abs(past[:, -6:] - y_true).mean()


def _follow_rule(past: Array) -> Array:
    """What is to be expected of each day after the one before it."""
    days = past.reshape(len(past), -1, 6)
    ahead = 0.6 * days + 0.3 * days[:, :, -1:]
    return np.concatenate([np.zeros((len(past), 6)), ahead[:, :-1].reshape(len(past), -1)], axis=1)


@pytest.mark.parametrize("cycles", [60, 61, 65])
def test_days_of_the_week_keep_their_places_over_several_weeks(cycles: int) -> None:
    generator = np.random.default_rng(cycles)
    week = np.repeat([5.0, 1, 2, 0, 4, -6, -9], 4)
    values = np.resize(week, (cycles + 17) * 4) + 0.1 * generator.normal(size=(cycles + 17) * 4)
    past = values[None, : cycles * 4]
    found = forecast_by_regression(past, np.array([cycles * 4]), periods=(4, 28), horizon=17 * 4)
    assert np.abs(found.forecast[0] - values[cycles * 4 :]).max() < 1.5


@pytest.mark.parametrize(
    ("kind", "most"),
    [("walk", 3.0), ("spikes", 0.5), ("step", 2.0), ("rare", 0.5), ("growth", 5.0), ("explosion", 20.0)],
)
def test_over_a_month_of_hours_nothing_explodes(kind: str, most: float) -> None:
    generator = np.random.default_rng(5)
    steps = np.arange(24 * 60)
    noise = generator.normal(size=(6, len(steps)))
    past = {
        "walk": np.cumsum(noise, axis=1),
        # six times as much after the month
        "growth": np.exp(steps / 400 + 0.1 * noise),
        "spikes": np.where(generator.random(noise.shape) < 0.01, 1e4, noise),
        "step": np.where(steps > 1200, 100 + noise, noise),
        # a million million times as much after the month
        "explosion": np.exp(np.maximum(steps - 1200, 0) / 20 + 0.01 * noise),
        "rare": np.where(generator.random(noise.shape) < 0.05, np.abs(noise), 0.0),
    }[kind]
    found = forecast_by_regression(past, np.full(6, past.shape[1]), periods=(24, 168), horizon=720)
    assert (found.rows > 0).all()
    highest, lowest = past.max(axis=1, keepdims=True), past.min(axis=1, keepdims=True)
    beyond = np.maximum(found.forecast - highest, lowest - found.forecast) / (highest - lowest)
    assert beyond.max() < most


@pytest.mark.parametrize("days", [19, 20, 22, 24])
def test_noise_of_few_cycles_is_not_learned_by_heart(days: int) -> None:
    generator = np.random.default_rng(0)
    past = 100 + 10 * generator.normal(size=(40, 24 * days))
    found = forecast_by_regression(past, np.full(40, 24 * days), periods=(24, 168), horizon=24)
    assert np.sqrt(np.mean((found.forecast - 100) ** 2)) < 4.0
    assert found.error.mean() == pytest.approx(10 * np.sqrt(2 / np.pi), rel=0.15)
