"""Regressions of whole cycles on those before them, compared with loops and refits; what they must not see."""

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.driven import Driven
from forecaster.encoding.joint_ridge import JointRidge, fit_joint_ridge
from forecaster.encoding.scaled_cycles import ScaledCycles
from forecaster.encoding.whole_cycles import WholeCycles, forecast_by_whole_cycles
from tests.slow_regression import Known
from tests.slow_whole_cycles import Slow, slow_whole_cycles
from tests.test_regression import make_cycles, make_driven

HOURS = (24, 168)


def make_hours(*, days: int, count: int = 2, seed: int = 0) -> Array:
    """Days whose hours depend on all hours of the day before, with the seasons of a day and a week."""
    generator = np.random.default_rng(seed)
    mixing = 0.95 * np.linalg.qr(generator.normal(size=(24, 24)))[0]  # of the last day, nothing is lost
    level = np.zeros((count, days, 24))
    for day in range(1, days):
        level[:, day] = level[:, day - 1] @ mixing + generator.normal(size=(count, 24))
    return np.asarray(50 + level.reshape(count, -1) + 5 * np.sin(2 * np.pi * np.arange(24 * days) / 24))


def forecast(past: Array, *, horizon: int = 24, driven: Driven | None = None) -> WholeCycles:
    return forecast_by_whole_cycles(
        past, (~np.isnan(past)).cumsum(axis=1).max(axis=1), periods=HOURS, horizon=horizon, driven=driven
    )


@pytest.mark.parametrize("has_covariates", [False, True])
@pytest.mark.parametrize(("periods", "cycles"), [((5, 20), 40), ((4, 28), 100), ((6, 42), 33)])
def test_it_is_that_of_slow_loops(periods: tuple[int, int], cycles: int, has_covariates: bool) -> None:
    horizon, week = 2 * periods[0] + 1, periods[1] // periods[0]
    past, lengths = make_cycles(periods, cycles=cycles)
    driven = make_driven(past, horizon=horizon) if has_covariates else None
    found = forecast_by_whole_cycles(past, lengths, periods=periods, horizon=horizon, driven=driven)
    for row, length in enumerate(lengths.tolist()):
        columns = [] if driven is None else zip(driven.values[row].T.tolist(), driven.is_known.tolist(), strict=True)
        covariates = [Known(*column) for column in columns]
        expected, error = slow_whole_cycles(
            past[row].tolist(), length, week=week, period=periods[0], horizon=horizon, covariates=covariates
        )
        np.testing.assert_allclose(found.forecast[row], expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(found.error[row], error, rtol=1e-6)
    assert (~np.isnan(found.error)).sum() >= 1


def test_closed_days_are_those_of_slow_loops_and_closed() -> None:
    days, period = 60, 6
    generator = np.random.default_rng(5)
    opens = np.where(np.arange(days) % 7 < 5, 30.0, 1.0)[:, None] * (np.arange(period) > 1)
    past = (opens * np.exp(0.1 * generator.normal(size=(3, days, period))) + 1).reshape(3, -1)
    lengths = np.full(3, days * period)
    found = forecast_by_whole_cycles(past, lengths, periods=(period, 42), horizon=2 * period)
    for row in range(3):
        expected, error = slow_whole_cycles(
            past[row].tolist(), days * period, week=7, period=period, horizon=2 * period, covariates=[]
        )
        np.testing.assert_allclose(found.forecast[row], expected, rtol=1e-6)
        np.testing.assert_allclose(found.error[row], error, rtol=1e-6)
    # day 60 is a Friday, as day 4, and the next one is closed
    assert np.abs(found.forecast[:, 2:6] - 31).max() < 8
    assert np.abs(found.forecast[:, 8:] - 2).max() < 0.6


def test_a_ridge_whose_last_features_are_free_is_chosen_where_it_leaves_rows_out_better() -> None:
    generator = np.random.default_rng(0)
    noise, flag = generator.normal(size=(2, 60, 20)), (np.arange(60) % 5 == 0)[None, :, None] * np.ones((2, 1, 1))
    wanted = np.stack([9 * flag[0] + noise[0, :, :1], 0.3 * noise[1, :, :1] + generator.normal(size=(60, 1))])
    given = np.concatenate([noise + 0.5 * generator.normal(size=noise.shape), flag], axis=2)
    plain, free = fit_joint_ridge(given, wanted), fit_joint_ridge(given, wanted, free=1)
    errors = [((ridge.left_out - wanted) ** 2).sum(axis=(1, 2)) for ridge in (plain, free)]
    assert errors[1][0] < errors[0][0]
    assert errors[1][1] > errors[0][1]
    chosen = JointRidge.choose(plain, free, wanted)
    for part in ("coefficients", "centre", "mean", "left_out"):
        np.testing.assert_array_equal(getattr(chosen, part)[0], getattr(free, part)[0])
        np.testing.assert_array_equal(getattr(chosen, part)[1], getattr(plain, part)[1])


def test_other_pasts_beside_it_change_not_one_digit() -> None:
    past, lengths = make_cycles((5, 20), cycles=120, count=8)
    driven = make_driven(past, horizon=9)
    together = forecast_by_whole_cycles(past, lengths, periods=(5, 20), horizon=9, driven=driven)
    for row in range(len(past)):
        rows = np.array([row])
        alone = forecast_by_whole_cycles(
            past[rows], lengths[rows], periods=(5, 20), horizon=9, driven=driven.take(rows)
        )
        np.testing.assert_array_equal(alone.forecast, together.forecast[rows])
        np.testing.assert_array_equal(alone.error, together.error[rows])


@pytest.mark.parametrize("factor", [3.0, -0.5])
def test_scaled_and_shifted_pasts_have_scaled_and_shifted_forecasts(factor: float) -> None:
    past = make_hours(days=120)
    plain, changed = forecast(past), forecast(factor * past + 700)
    np.testing.assert_allclose(changed.forecast, factor * plain.forecast + 700, rtol=1e-6)
    np.testing.assert_allclose(changed.error, abs(factor) * plain.error, rtol=1e-6)


def test_the_first_steps_do_not_depend_on_the_horizon() -> None:
    past = make_hours(days=100)
    np.testing.assert_allclose(forecast(past, horizon=24).forecast, forecast(past, horizon=100).forecast[:, :24])


def test_of_a_covariate_that_is_not_known_ahead_nothing_after_the_cutoff_counts() -> None:
    past = make_hours(days=60)
    driven = make_driven(past, horizon=24)
    changed = Driven(driven.values.copy(), driven.is_known)
    changed.values[:, -24:, 1] = 1e6
    np.testing.assert_array_equal(forecast(past, driven=changed).forecast, forecast(past, driven=driven).forecast)
    changed.values[:, -24:, 0] += 5
    assert (forecast(past, driven=changed).forecast != forecast(past, driven=driven).forecast).any()


def test_what_all_hours_of_the_day_before_say_is_found() -> None:
    past = make_hours(days=300, count=4)
    found = forecast(past[:, :-24])
    truth = past[:, -24:]
    season = 50 + 5 * np.sin(2 * np.pi * np.arange(24) / 24)
    # the noise of the day itself remains
    assert np.abs(found.forecast - truth).mean() < 0.6 * np.abs(season - truth).mean()
    np.testing.assert_allclose(found.error, np.abs(found.forecast - truth).mean(), rtol=0.3)


def test_a_new_level_is_followed_although_a_year_had_another() -> None:
    past = make_hours(days=300)
    past[:, : -24 * 70] = 20 + 0.1 * (past[:, : -24 * 70] - 50)
    found = forecast(past)
    assert np.abs(found.forecast.mean() - 50) < 2


def test_pasts_that_are_too_short_or_have_no_weeks_have_none() -> None:
    past = make_hours(days=28)
    assert not np.isnan(forecast(past).forecast).any()
    short = forecast(past[:, 24:])
    assert np.isnan(short.forecast).all()
    assert np.isnan(short.error).all()
    for periods in ((24,), (7, 364), (1,)):
        found = forecast_by_whole_cycles(past, np.full(2, past.shape[1]), periods=periods, horizon=3)
        assert np.isnan(found.error).all()


def test_whole_days_and_phases_that_are_missing_leave_finite_forecasts() -> None:
    past = make_hours(days=90, count=3)
    past[0, -24 * 60 :] = np.nan
    past[1].reshape(-1, 24)[:, 3] = np.nan
    past[2].reshape(-1, 24)[::2] = np.nan
    lengths = np.full(3, past.shape[1])
    found = forecast_by_whole_cycles(past, lengths, periods=HOURS, horizon=24)
    assert np.isfinite(found.forecast).all()
    assert np.isfinite(found.error[1:]).all()
    # nothing of the newest days tells how good it is
    assert np.isnan(found.error[0])


@pytest.mark.parametrize("value", [0.0, 7.5, -1e9])
def test_a_past_that_never_changes_is_forecast_as_it_is(value: float) -> None:
    found = forecast(np.full((1, 24 * 60), value))
    np.testing.assert_allclose(found.forecast, value)
    np.testing.assert_allclose(found.error, 0, atol=1e-6 * max(1.0, abs(value)))


def test_noise_of_few_days_is_not_learned_by_heart() -> None:
    generator = np.random.default_rng(3)
    past = 100 + 10 * generator.normal(size=(20, 24 * 30))
    found = forecast(past)
    assert np.abs(found.forecast - 100).mean() < 3


@pytest.mark.parametrize(("rows", "features"), [(30, 8), (12, 40)])
def test_a_joint_ridge_with_more_rows_or_more_features_leaves_rows_out_as_a_refit_does(
    rows: int, features: int
) -> None:
    generator = np.random.default_rng(rows)
    given, wanted = generator.normal(size=(1, rows, features)), generator.normal(size=(1, rows, 3))
    wanted += given[:, :, :3]
    found = fit_joint_ridge(given, wanted)
    np.testing.assert_allclose(found.predict(found.centre), found.mean)
    np.testing.assert_allclose(found.left_out[0], Slow(given[0], wanted[0]).left_out, rtol=1e-6)


def test_far_ahead_nothing_goes_further_beyond_the_past_than_half_of_its_range() -> None:
    # each day is further away than the one before, which a regression believes to go on
    past = 50 + (np.exp(np.arange(24 * 60) / 24 / 6) * np.sin(np.arange(24 * 60) / 5))[None]
    scaled = ScaledCycles.of(past.reshape(1, -1, 24))
    found = forecast(past, horizon=720).forecast.reshape(1, -1, 24)
    ahead = np.arcsinh((found - scaled.middle) / scaled.deviation) - scaled.profile
    room = 0.5 * (scaled.values.max() - scaled.values.min())
    assert ahead.max() <= scaled.values.max() + room + 1e-6
    assert ahead.min() >= scaled.values.min() - room - 1e-6
