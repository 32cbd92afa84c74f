"""Pasts whose spread is a share of their level are told from others, and are forecast as roots."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.encoding.grown_spread import measure_grown_spread

MONTHS = np.arange(120)
FALLING: Array = 300 * np.exp(-0.03 * MONTHS)
RISING: Array = 10 * np.exp(0.03 * MONTHS)
SEASON: Array = 1 + 0.3 * np.sin(2 * np.pi * MONTHS / 12)


def make_noise(size: float, *, seed: int = 0, count: int = 30) -> Array:
    return size * np.random.default_rng(seed).normal(size=(count, len(MONTHS)))


def measure(past: Array, *, periods: tuple[int, ...] = (12,)) -> Array:
    return measure_grown_spread(past, periods=periods)


def test_noise_and_season_that_are_shares_of_the_level_are_found() -> None:
    for level in (FALLING, RISING):
        assert (measure(level * SEASON * np.exp(make_noise(0.1))) > 0.9).all()
        assert measure(level * np.exp(make_noise(0.1)), periods=(4,)).mean() > 0.9
        assert measure(level * np.exp(make_noise(0.1)), periods=(1,)).mean() > 0.9


@pytest.mark.parametrize(
    "past",
    [
        FALLING + 100 * SEASON + make_noise(10),
        RISING + 100 * SEASON + make_noise(10),
        (200 + MONTHS) * SEASON * np.exp(make_noise(0.1)),
        100 * SEASON * np.exp(make_noise(0.1)),
        1000 + np.cumsum(make_noise(10), axis=1),
        -FALLING * SEASON * np.exp(make_noise(0.1)),
        np.exp(make_noise(2.0)),
    ],
    ids=["falls, same spread", "grows, same spread", "grows little", "steady", "walk", "negative", "high by chance"],
)
def test_others_are_not(past: Array) -> None:
    assert measure(past).mean() < 0.1


def test_days_of_the_week_and_hours_of_closing_are_no_growth() -> None:
    hours = np.arange(512)
    is_open = (hours % 24 >= 8) & (hours % 24 < 18) & (hours // 24 % 7 < 5)
    counts = np.random.default_rng(0).poisson(np.where(is_open, 40, 1), (20, 512)).astype(float)
    assert measure(counts, periods=(24, 168)).max() == 0
    weeks = np.random.default_rng(0).poisson(np.where(hours // 8 % 7 < 5, 40, 2), (20, 512)).astype(float)
    assert measure(weeks, periods=(8, 56)).mean() < 0.1
    assert measure(weeks, periods=(8,)).min() > 0, "days of the week, each a cycle, have spreads of their levels"


def test_units_and_what_is_missing_and_the_width_of_the_array_change_nothing() -> None:
    past = FALLING * SEASON * np.exp(make_noise(0.2))
    found = measure(past)
    np.testing.assert_allclose(measure(1e6 * past), found, rtol=1e-9)
    wider = np.concatenate([np.full((len(past), 61), np.nan), past], axis=1)
    np.testing.assert_array_equal(measure(wider), found)
    sparse = np.where(np.random.default_rng(1).random(past.shape) < 0.3, np.nan, past)
    assert measure(sparse).mean() > 0.8
    assert measure(past[:, -47:]).max() == 0, "three years show too little"
    assert measure(np.full((2, 120), np.nan)).max() == measure(np.full((2, 120), 7.0)).max() == 0


def test_a_product_that_ends_slowly_has_intervals_of_what_is_left() -> None:
    months = pd.date_range("2015-01-01", periods=120, freq="MS")
    sold = (FALLING * SEASON)[:, None] * np.exp(make_noise(0.1, count=8)).T
    table = pd.DataFrame(sold, index=months, columns=[f"product {number}" for number in range(8)])
    found = forecaster.predict(table, horizon=12)
    truth = np.tile(300 * np.exp(-0.03 * np.arange(120, 132)) * SEASON[:12], 8)
    assert np.abs(found["forecast"] / truth - 1).mean() < 0.2, "0.29 without roots"
    assert ((found["forecast-hi-80"] - found["forecast-lo-80"]) / truth).mean() < 1, "1.43 without roots"
