"""Synthetic covariates and their effects on synthetic series: promotions, prices, weather, working days.

Some act on the series and some do not; linearly, from a threshold on, saturating, later, as a mean of the last season,
only at some times of the season, or less and less; added, or as a share of the level. Arrays [count, length], and
[count, length, covariate] for covariates.
"""

import numpy as np

from forecaster.arrays import Array
from forecaster.learning import prior_parts as parts

__all__ = ["add_covariates"]

Generator = np.random.Generator

MAX_COVARIATES = 5
ACTIVE_SHARE = 0.7
FACTOR_SHARE = 0.4
MAX_LOGARITHM = 3.0


def add_covariates(generator: Generator, series: Array, *, periods: tuple[int, ...]) -> tuple[Array, Array]:
    """The series with the effects of one to five covariates, and these covariates [count, length, covariate]."""
    count, length = series.shape
    covariates, effects = [], np.zeros((count, length))
    for _ in range(int(generator.integers(1, MAX_COVARIATES, endpoint=True))):
        covariate = _sample_covariate(generator, count=count, length=length, periods=periods)
        effect = _sample_response(generator, covariate, period=periods[0])
        strength = parts.log_uniform(generator, 0.1, 4.0, count) * generator.choice([-1.0, 1.0], count)
        strength *= generator.random(count) < ACTIVE_SHARE
        effects += strength[:, None] * effect
        covariates.append(covariate)
    known = np.where(np.isnan(series), np.nanmean(series, axis=1, keepdims=True), series)
    noise = np.abs(np.diff(known, axis=1)).mean(axis=1, keepdims=True)
    # in units of the noise of the series, or as a share of a level that is above zero
    share = parts.log_uniform(generator, 0.02, 0.3, count)[:, None]
    is_factor = (generator.random((count, 1)) < FACTOR_SHARE) & (known.min(axis=1, keepdims=True) > 0)
    factor = np.exp(np.clip(share * effects, -MAX_LOGARITHM, MAX_LOGARITHM))
    return np.where(is_factor, series * factor, series + noise * effects), np.stack(covariates, axis=2)


def _sample_covariate(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """One covariate for each series, all of one kind."""
    kind = generator.choice(5)
    if kind == 0:
        return _sample_weather(generator, count=count, length=length, period=periods[-1])
    if kind == 1:
        return parts.sample_noise(generator, count=count, length=length, correlated=0.8)
    if kind == 2:
        return _sample_promotions(generator, count=count, length=length)
    if kind == 3:
        return _sample_prices(generator, count=count, length=length)
    return _sample_days(generator, count=count, length=length, periods=periods)


def _sample_weather(generator: Generator, *, count: int, length: int, period: int) -> Array:
    """A season, slow swings, and some noise: temperature, load forecasts."""
    swings = parts.sample_trend(generator, count=count, length=length)
    weights = generator.dirichlet([1.0, 1.0, 0.5], count)
    season = np.zeros((count, length))
    if period > 1:
        season = parts.sample_season(generator, count=count, length=length, period=period, short=period)
    noise = parts.sample_noise(generator, count=count, length=length, correlated=1.0)
    return weights[:, :1] * season + weights[:, 1:2] * swings + weights[:, 2:] * noise


def _sample_promotions(generator: Generator, *, count: int, length: int) -> Array:
    """0 and 1: weeks of promotions, single holidays."""
    begins = generator.random((count, length)) < parts.log_uniform(generator, 0.01, 0.15, count)[:, None]
    lasts = parts.log_uniform(generator, 1.0, 12.0, count).astype(np.int64)[:, None]
    steps = np.arange(length)
    newest = np.maximum.accumulate(np.where(begins, steps, -length), axis=1)
    return (steps - newest < lasts).astype(np.float64)


def _sample_prices(generator: Generator, *, count: int, length: int) -> Array:
    """A price that rarely changes for good, and is often lowered for a while."""
    changes = generator.normal(0, 0.1, (count, length)) * (generator.random((count, length)) < 0.02)
    discount = generator.uniform(0.05, 0.4, (count, 1)) * _sample_promotions(generator, count=count, length=length)
    return np.exp(np.cumsum(changes, axis=1)) * (1 - discount)


def _sample_days(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """0 and 1 for whole cycles, such as working days, with exceptions."""
    period = periods[0]
    cycles = -(-length // period)
    week = max(periods[-1] // period, 1)
    pattern = generator.random((count, week)) < 0.7
    days = pattern[:, np.arange(cycles) % week] ^ (generator.random((count, cycles)) < 0.04)
    return np.repeat(days, period, axis=1)[:, :length].astype(np.float64)


def _sample_response(generator: Generator, covariate: Array, *, period: int) -> Array:
    """What the covariate adds, of unit standard deviation where it varies."""
    count, length = covariate.shape
    centred = covariate - covariate.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    scaled = centred / np.where(deviation > 1e-9, deviation, 1.0)
    lag = int(generator.choice([0, 0, 0, 0, 0, 1, 2, 3]))
    if lag:
        scaled = np.concatenate([np.repeat(scaled[:, :1], lag, axis=1), scaled[:, :-lag]], axis=1)
    elif 1 < period < length and generator.random() < 0.15:
        sums = np.cumsum(np.pad(scaled, ((0, 0), (period, 0)), mode="edge"), axis=1)
        scaled = (sums[:, period:] - sums[:, :-period]) / period
    threshold = generator.normal(0, 0.7, (count, 1))
    kind = generator.random((count, 1))
    bent = np.select(
        [kind < 0.45, kind < 0.7, kind < 0.8, kind < 0.9],
        [scaled, np.maximum(scaled - threshold, 0.0), (scaled > threshold) * 1.0, np.tanh(2 * (scaled - threshold))],
        scaled**2 / 2,
    )
    if period > 1:
        times = parts.sample_profile(generator, count=count, period=period)[:, np.arange(length) % period]
        by_time = np.where(generator.random((count, 1)) < 0.5, 1 + times, (times > 0) * 1.0)
        bent = np.where(generator.random((count, 1)) < 0.35, bent * by_time, bent)
    fading = np.linspace(0, 1, length) * generator.uniform(-0.8, 0.8, (count, 1))
    return np.asarray(np.where(generator.random((count, 1)) < 0.2, bent * (1 + fading), bent))
