"""Covariates that act some steps later: which are found, and what is done with what is not known yet."""

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.expected_covariates import expect_covariates
from forecaster.encoding.late_columns import LateColumns, Measured, count_lags, find_late_columns
from forecaster.forecasting.widening import widen_by_unknown

HORIZON = 5


def make_pasts(kind: str, *, lag: int, rows: int = 8, time: int = 160, seed: int = 0) -> tuple[Array, Array]:
    """Pasts [row, time] on which one of two covariates [row, time + HORIZON, 2] acts `lag` steps later."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(size=(rows, time + HORIZON, 2))
    if kind == "wandering":
        covariates = np.cumsum(noise, axis=1)
    elif kind == "flags":
        covariates = (noise > 1.4).astype(float)
    else:
        covariates = noise
    past = 100 + generator.normal(size=(rows, time)) + 4 * np.sin(2 * np.pi * np.arange(time) / 7)
    past[:, lag:] += 3 * covariates[:, : time - lag, 1]
    return past, covariates


def find(past: Array, covariates: Array, *, is_ahead: bool = True, lengths: Array | None = None) -> LateColumns:
    """The late columns of `past`, where there are weeks of days."""
    time = past.shape[1]
    given = covariates.copy()
    if not is_ahead:
        given[:, time:] = np.nan
    measured = Measured.of(np.nan_to_num(given), given, np.full(covariates.shape[2], is_ahead), time=time)
    long = np.full(len(past), time) if lengths is None else lengths
    return find_late_columns(past, np.asarray(long, np.int64), measured, periods=(7,))


@pytest.mark.parametrize("kind", ["noise", "flags", "wandering"])
@pytest.mark.parametrize("lag", [1, 3, 14])
def test_the_covariate_and_its_lag_are_found(kind: str, lag: int) -> None:
    past, covariates = make_pasts(kind, lag=lag)
    found = find(past, covariates)
    rows = np.flatnonzero(found.owners[:, 0] >= 0)
    assert len(rows) >= 5  # some pasts have hardly any flags, or all in one half
    assert (found.owners[rows, 0] == 1).all()
    assert (found.lags[rows, 0] == lag).all()
    np.testing.assert_array_equal(found.values[rows, lag:, 0], covariates[rows, : past.shape[1] + HORIZON - lag, 1])
    assert not found.spread.any()


@pytest.mark.parametrize("kind", ["noise", "flags", "wandering"])
def test_what_does_not_act_is_hardly_ever_found(kind: str) -> None:
    generator = np.random.default_rng(1)
    _, covariates = make_pasts(kind, lag=1, rows=400, seed=2)
    time = covariates.shape[1] - HORIZON
    for past in (generator.normal(size=(400, time)), np.cumsum(generator.normal(size=(400, time)), axis=1)):
        assert (find(past, covariates).owners >= 0).any(axis=1).mean() <= 0.01


def test_an_effect_that_lasts_has_several_lags() -> None:
    generator = np.random.default_rng(0)
    covariates = (generator.random((8, 405, 1)) < 0.1).astype(float)
    kernel = 5 * 0.6 ** np.arange(8)
    added = np.stack([np.convolve(row, kernel)[:400] for row in covariates[:, :, 0]])
    found = find(added + generator.normal(size=added.shape), covariates)
    assert (found.lags[:, 0] == 1).sum() >= 7
    assert ((found.owners >= 0).sum(axis=1) >= 2).sum() >= 3


def test_an_effect_that_has_ended_is_none() -> None:
    past, covariates = make_pasts("noise", lag=3, time=200)
    still, _ = make_pasts("noise", lag=3, time=200)
    past[:, 140:] -= 3 * covariates[:, 137:197, 1]
    assert (find(still, covariates).owners[:, 0] == 1).all()
    assert not (find(past, covariates).owners >= 0).any()


def test_columns_that_never_change_are_not_tried() -> None:
    past, covariates = make_pasts("flags", lag=3)
    many = np.concatenate([covariates, np.zeros((8, covariates.shape[1], 40))], axis=2)
    np.testing.assert_array_equal(find(past, many).owners, find(past, covariates).owners)


def test_one_event_shows_nothing() -> None:
    past, covariates = make_pasts("noise", lag=1, rows=4)
    past, covariates = past * 0 + np.random.default_rng(0).normal(size=past.shape), covariates * 0
    covariates[:, 60, 0] = 1.0
    past[:, 63] += 100
    assert not (find(past, covariates).owners >= 0).any()


def test_other_pasts_and_the_horizon_change_nothing() -> None:
    past, covariates = make_pasts("noise", lag=3)
    past[2:4] = np.random.default_rng(3).normal(size=(2, past.shape[1]))
    lengths = np.array([160, 120, 160, 80, 20, 160, 90, 160])
    outside = np.arange(160, 0, -1) > lengths[:, None]
    past[outside] = np.nan
    covariates[:, :160][outside] = 0.0
    together = find(past, covariates, lengths=lengths)
    assert together.owners[4].tolist() == [-1] * 4
    for row, length in enumerate(lengths):
        own, shorter = past[[row], -length:], covariates[[row], -length - HORIZON : -HORIZON + 1]
        alone = find(own, shorter)
        assert alone.owners[0].tolist() == together.owners[row].tolist()
        assert alone.lags[0].tolist() == together.lags[row].tolist()


def test_what_is_not_known_ahead_counts_up_to_its_last_value() -> None:
    past, covariates = make_pasts("noise", lag=3)
    found = find(past, covariates, is_ahead=False)
    time = past.shape[1]
    np.testing.assert_array_equal(found.values[:, time : time + 3, 0], covariates[:, time - 3 : time, 1])
    assert not found.spread[:, :3, 0].any()
    assert (found.spread[:, 3:, 0] > 0.5).all()
    changed = covariates.copy()
    changed[:, time:] = 99.0
    np.testing.assert_array_equal(find(past, changed, is_ahead=False).values, found.values)


def test_newest_values_that_are_not_there_yet_are_expected() -> None:
    past, covariates = make_pasts("wandering", lag=3)
    time = past.shape[1]
    late = covariates.copy()
    late[:, time - 2 : time] = np.nan
    found = find(past, late, is_ahead=False)
    # published two steps late, it says one step ahead
    np.testing.assert_array_equal(found.values[:, time, 0], covariates[:, time - 3, 1])
    assert (found.spread[:, 1:, 0] > 0).all()
    assert np.abs(found.values[:, time + 1, 0] - covariates[:, time - 3, 1]).max() < 1.0


def test_how_covariates_go_on() -> None:
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(3, 300))
    returning = np.zeros((3, 300))
    for step in range(1, 300):
        returning[:, step] = 0.5 * returning[:, step - 1] + noise[:, step]
    wandering = np.cumsum(noise, axis=1)
    lengths, unknown = np.full(3, 300), np.zeros(3, np.int64)
    values, spread = expect_covariates(returning, lengths, unknown, period=1, horizon=40)
    mean, deviation = returning.mean(axis=1), returning.std(axis=1)
    np.testing.assert_allclose(values[:, 300] - mean, 0.5 * (returning[:, -1] - mean), atol=0.3)
    np.testing.assert_allclose(values[:, -1], mean, atol=1e-3)
    np.testing.assert_allclose(spread[:, -1], deviation)
    values, spread = expect_covariates(wandering + 5.0, lengths, unknown, period=1, horizon=40)
    np.testing.assert_allclose(values[:, 300:], np.repeat(wandering[:, -1:] + 5, 40, axis=1))
    np.testing.assert_allclose(spread[:, -1], np.sqrt(40), rtol=0.2)
    trend = wandering + 2.0 * np.arange(300)
    values, _ = expect_covariates(trend, lengths, unknown, period=1, horizon=40)
    np.testing.assert_allclose(values[:, -1] - trend[:, -1], 80, rtol=0.25)
    season = 10 * np.sin(2 * np.pi * np.arange(312) / 12)
    values, _ = expect_covariates((returning + season[:300]), lengths, unknown, period=12, horizon=12)
    np.testing.assert_allclose(values[:, 306:] - mean[:, None], np.tile(season[306:], (3, 1)), atol=1.0)
    nothing, _ = expect_covariates(np.zeros((1, 50)), np.array([50]), np.array([50]), period=7, horizon=3)
    assert not nothing.any()


def test_intervals_are_wider_by_what_is_not_known() -> None:
    levels = (0.1, 0.5, 0.9)
    scaled = np.array([[[-1.0, 0.0, 2.0], [4.0, 5.0, 6.0], [0.0, 0.0, 0.0]]])
    wider = widen_by_unknown(scaled, np.array([[0.0, 1.0, 1.0]]), levels=levels)
    np.testing.assert_array_equal(wider[:, 0], scaled[:, 0])
    np.testing.assert_allclose(wider[0, 1], [5 - np.hypot(1, 1.2816), 5, 5 + np.hypot(1, 1.2816)], rtol=1e-4)
    np.testing.assert_allclose(wider[0, 2], [-1.2816, 0, 1.2816], atol=1e-4)
    generator = np.random.default_rng(0)
    many = np.sort(generator.normal(size=(50, 4, 3)), axis=2)
    assert (np.diff(widen_by_unknown(many, generator.random((50, 4)), levels=levels), axis=2) >= 0).all()


def test_lags_are_tried_within_limits() -> None:
    assert [count_lags(period) for period in (1, 4, 7, 12, 24, 52, 168)] == [12, 12, 14, 24, 48, 52, 52]


def test_two_years_of_weeks_are_enough() -> None:
    generator = np.random.default_rng(0)
    covariates = generator.normal(size=(6, 104 + HORIZON, 1))
    wave = 5 * np.sin(2 * np.pi * np.arange(104) / 52)
    past = wave + generator.normal(size=(6, 104))
    past[:, 3:] += 2 * covariates[:, :101, 0]
    measured = Measured.of(covariates + np.pad(wave, (0, HORIZON))[:, None], covariates, np.ones(1, bool), time=104)
    for periods, is_found in (((52,), True), ((12,), True), ((168,), True), ((24, 168), True), ((36,), True)):
        found = find_late_columns(past, np.full(6, 104), measured, periods=periods)
        assert ((found.lags[:, 0] == 3) & (found.owners[:, 0] == 0)).all() == is_found, periods
    short = find_late_columns(
        past[:, -30:],
        np.full(6, 30),
        Measured.of(covariates[:, -30 - HORIZON :], covariates[:, -30 - HORIZON :], np.ones(1, bool), time=30),
        periods=(12,),
    )
    assert not (short.owners >= 0).any()
