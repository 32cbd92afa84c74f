"""The prior: synthetic series for pre-training, sampled in whole batches, without any real data.

Each series is sampled from one of a few generators and then corrupted as real files are. Absolute sizes do not
matter, only shapes and proportions, because the encoding removes level and scale.

- `_sample_state_space`: simulated exponential smoothing models (Hyndman et al. 2008, chapter 2), with level,
  trend, damping and seasonal smoothing sampled at random: business and economic series.
- `_sample_sum`: trend + seasons + noise + off-calendar cycles, each from `prior_parts`, the reverse of a
  classical decomposition: sensors, traffic, weather.
- `_sample_product`: level × seasons × noise, the level growing at a persistent rate: passengers, turnover, tourism;
  the multiplicative decomposition (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 3.2).
- `_sample_growth`: levels that grow at a rate which swings around its own mean: output, prices, population; a
  random walk whose steps have momentum and a drift (structural time series: Harvey 1989, chapter 2).
- `_sample_counts`: Poisson counts of a slowly changing rate, down to mostly zeros (Croston 1972): spare parts.
- `_sample_walk`: random walks with runs of high volatility: prices.
- `prior_days.sample_days`: each day depends on the days before it, hour by hour, and comes back to a typical one: power
  prices.

The idea of learning a forecaster from synthetic series alone is that of ForecastPFN (Dooley et al. 2023).
"""

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Array
from forecaster.learning import prior_parts as parts
from forecaster.learning.prior_days import sample_days
from forecaster.learning.prior_extremes import add_extremes

__all__ = ["FREQUENCIES", "Frequency", "sample_series"]

Generator = np.random.Generator

BROKEN_SHARE = 0.2
DAYS_SHARE = 0.25
"""Weight of `sample_days` beside all others, where there are weeks of days."""
NEGATIVE_SHARE = 0.3
"""Far more than of real series: falling and rising are then learned almost alike, which generalises better."""


@dataclass(frozen=True)
class Frequency:
    """How series of one frequency are sampled: `share` of batches, periods, ranges of horizons and lengths in steps.

    Of long `lengths` only the steps that the encoding reads are sampled.
    `growing` is the fraction of series from `_sample_growth`, `seasonal` the fraction that has seasons if the
    frequency has any.
    """

    share: float
    periods: tuple[int, ...]
    horizons: tuple[int, int]
    lengths: tuple[int, int]
    growing: float
    seasonal: float


FREQUENCIES = {
    "yearly": Frequency(0.12, (1,), (4, 10), (5, 60), growing=0.55, seasonal=1.0),
    "quarterly": Frequency(0.10, (4,), (4, 12), (6, 90), growing=0.55, seasonal=0.7),
    "monthly": Frequency(0.17, (12,), (6, 24), (6, 240), growing=0.3, seasonal=0.75),
    "weekly": Frequency(0.06, (52,), (4, 26), (8, 840), growing=0.3, seasonal=0.75),
    "business_daily": Frequency(0.04, (5,), (5, 30), (6, 400), growing=0.2, seasonal=0.8),
    "daily": Frequency(0.06, (7,), (7, 56), (6, 700), growing=0.1, seasonal=0.95),
    "daily_long": Frequency(0.08, (7, 365), (14, 60), (500, 2200), growing=0.1, seasonal=0.95),
    "hourly": Frequency(0.08, (24,), (12, 48), (12, 500), growing=0.05, seasonal=0.95),
    "hourly_long": Frequency(0.15, (24, 168), (24, 60), (170, 1100), growing=0.05, seasonal=0.95),
    "hourly_year": Frequency(0.10, (24, 168), (24, 72), (1100, 8736), growing=0.02, seasonal=0.95),
    "hourly_far": Frequency(0.03, (24, 168), (96, 720), (500, 4000), growing=0.02, seasonal=0.95),
    "other": Frequency(0.01, (0,), (6, 40), (6, 400), growing=0.2, seasonal=0.8),
}
"""Period 0 stands for any from 2 to 60; it must be replaced by one before `sample_series`."""


def sample_series(generator: Generator, *, count: int, length: int, frequency: Frequency) -> Array:
    """`count` series of `length` steps of `frequency`, NaN where unobserved: [count, length]."""
    growing, seasonal, periods = frequency.growing, frequency.seasonal, frequency.periods
    assert min(periods) > 0, "period 0: choose one first"
    with_seasons = int(generator.binomial(count, seasonal))
    series = np.concatenate(
        [
            _sample_kinds(generator, count=size, length=length, periods=sampled_periods, growing=growing)
            for size, sampled_periods in ((with_seasons, periods), (count - with_seasons, (1,)))
            if size
        ]
    )
    series = _mix(generator, series)
    series = add_extremes(generator, series)
    series = _corrupt(generator, series)
    return series[generator.permutation(count)]


def _sample_kinds(generator: Generator, *, count: int, length: int, periods: tuple[int, ...], growing: float) -> Array:
    """Series from all generators, concatenated."""
    makers = {
        _sample_growth: growing,
        _sample_state_space: 0.34 * (1 - growing),
        _sample_sum: 0.34 * (1 - growing),
        _sample_product: 0.14 * (1 - growing),
        _sample_counts: 0.12 * (1 - growing),
        _sample_walk: 0.06 * (1 - growing),
    }
    if len(periods) > 1 and periods[1] % periods[0] == 0:
        makers[sample_days] = DAYS_SHARE
    shares = np.array([*makers.values()])
    sizes = generator.multinomial(count, shares / shares.sum())
    return np.concatenate(
        [
            maker(generator, count=int(size), length=length, periods=periods)
            for maker, size in zip(makers, sizes, strict=True)
            if size
        ]
    )


def _sample_growth(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Levels whose rate of growth swings about a mean that is mostly above zero.

    Over a cycle, the proportion of growth to swings does not depend on the period; series without a season grow at
    each step as yearly ones do, so they are the closest to straight lines.
    """
    main = periods[0]
    mean = generator.normal(0.6, 0.7, (count, 1)) / np.sqrt(main)
    # growth that breaks: from some step on the series grows at another rate, or not at all
    later = generator.normal(0.0, 0.5, (count, 1)) / np.sqrt(main)
    breaks = generator.uniform(0, 1, (count, 1)) * length
    has_broken = (np.arange(length) >= breaks) & (generator.random((count, 1)) < BROKEN_SHARE)
    mean = np.where(has_broken, later, mean)
    level = np.cumsum(mean + parts.sample_rates(generator, count=count, length=length), axis=1)
    noise = parts.sample_noise(generator, count=count, length=length, correlated=0.1)
    series = level + parts.log_uniform(generator, 0.03, 1.5, count)[:, None] * noise
    for period in periods:
        if period == 1:
            continue
        strength = parts.log_uniform(generator, 0.1, 10.0, count)[:, None] * (generator.random((count, 1)) < 0.85)
        series += strength * parts.sample_season(generator, count=count, length=length, period=period, short=main)
    return parts.make_positive(generator, series)


def _sample_state_space(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Innovations state space models, additive, or multiplicative by way of logarithms."""
    main = periods[0]
    alpha = np.where(generator.random(count) < 0.15, generator.beta(0.5, 6, count), generator.beta(0.9, 1.0, count))
    has_trend = generator.random(count) < 0.6
    beta = has_trend * alpha * generator.beta(0.6, 3.0, count)
    damping = np.where(generator.random(count) < 0.45, 1.0, generator.uniform(0.8, 0.995, count))
    # without a season, its updates add another random walk to the level
    gamma = (1 - alpha) * generator.beta(0.6, 4.0, count) * (generator.random(count) < 0.7)
    noise = parts.sample_noise(generator, count=count, length=length, correlated=0.15)
    # more grow than shrink
    slope = has_trend * generator.normal(0.5, 1, count) * parts.log_uniform(generator, 0.01, 0.8, count)
    level = np.zeros(count)
    season = np.zeros((main, count))
    if main > 1:
        strength = parts.log_uniform(generator, 0.1, 12.0, count) * (generator.random(count) < 0.75)
        season = (parts.sample_profile(generator, count=count, period=main) * strength[:, None]).T.copy()
    series = np.empty((length, count))
    for step, shock in enumerate(noise.T):
        phase = step % main
        series[step] = level + slope + season[phase] + shock
        level = level + slope + alpha * shock
        slope = damping * slope + beta * shock
        season[phase] += gamma * shock
    series = series.T
    for period in periods[1:]:
        strength = parts.log_uniform(generator, 0.2, 10.0, count) * (generator.random(count) < 0.7)
        series = series + strength[:, None] * parts.sample_season(
            generator, count=count, length=length, period=period, short=main
        )
    return parts.make_positive(generator, series)


def _sample_sum(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Trend, seasons, noise and off-calendar cycles with random weights; in some series shifts or pulses."""
    noise = parts.sample_noise(generator, count=count, length=length, correlated=0.5)
    # strengths relative to the noise
    trend_strength = parts.log_uniform(generator, 0.05, 10.0, count) * (generator.random(count) < 0.65)
    series = noise + trend_strength[:, None] * parts.sample_trend(generator, count=count, length=length)
    for number, period in enumerate(periods):
        if period == 1:
            continue
        present = generator.random(count) < (0.85 if number == 0 else 0.75)
        strength = parts.log_uniform(generator, 0.2, 20.0, count) * present
        season = parts.sample_season(generator, count=count, length=length, period=period, short=periods[0])
        series += strength[:, None] * season * parts.sample_envelope(generator, count=count, length=length)
    off_calendar = parts.log_uniform(generator, 0.2, 4.0, count) * (generator.random(count) < 0.25)
    series += off_calendar[:, None] * parts.sample_cycles(generator, count=count, length=length)
    # in standard deviations of the series, so that shifts are visible
    deviation = series.std(axis=1, keepdims=True)
    series += deviation * parts.sample_shifts(generator, count=count, length=length)
    is_flipped = generator.random(count) < 0.1
    series[is_flipped] = series[is_flipped, ::-1]
    return parts.make_positive(generator, series)


def _sample_product(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Growing or shrinking series with multiplicative seasons and noise."""
    noise_size = parts.log_uniform(generator, 0.003, 0.3, count)[:, None]
    noise = noise_size * parts.sample_noise(generator, count=count, length=length, correlated=0.3)
    # total growth of the logarithm; for some it fades, for half it is linear instead of exponential
    time = np.linspace(0, 1, length)
    total = generator.normal(0.3, 0.8, (count, 1)) * generator.random((count, 1))
    fading = np.where(generator.random((count, 1)) < 0.3, generator.uniform(0.5, 4, (count, 1)), 1e-6)
    share = np.expm1(-fading * time) / np.expm1(-fading)
    by_amount = np.log1p(np.expm1(total) * share)
    level = np.where(generator.random((count, 1)) < 0.5, by_amount, total * share)
    wander = noise_size * parts.log_uniform(generator, 0.03, 1.0, count)[:, None] * (generator.random((count, 1)) < 0.7)
    level = level + wander * np.cumsum(generator.standard_normal((count, length)), axis=1)
    logarithm = level + 0.15 * parts.sample_shifts(generator, count=count, length=length) + noise
    for period in periods:
        if period == 1:
            continue
        strength = parts.log_uniform(generator, 0.02, 0.7, count)[:, None] * (generator.random((count, 1)) < 0.85)
        logarithm += strength * parts.sample_season(
            generator, count=count, length=length, period=period, short=periods[0]
        )
    return np.exp(np.clip(logarithm, -12, 12))


def _sample_counts(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Counts of a rate that drifts and has seasons; overdispersed for some, mostly zero for others."""
    rate = parts.log_uniform(generator, 0.15, 60.0, count)[:, None]
    drift = parts.sample_trend(generator, count=count, length=length) * generator.uniform(0, 0.5, (count, 1))
    season = np.zeros((count, length))
    if periods[0] > 1:
        season = parts.sample_season(generator, count=count, length=length, period=periods[0], short=periods[0])
        season *= generator.uniform(0, 0.7, (count, 1)) * (generator.random((count, 1)) < 0.6)
    mean = rate * np.exp(np.clip(drift + season, -4, 4))
    dispersion = parts.log_uniform(generator, 0.5, 100.0, count)[:, None]
    is_dispersed = generator.random((count, 1)) < 0.5
    mean = np.where(is_dispersed, mean * generator.gamma(dispersion, 1 / dispersion, (count, length)), mean)
    series = generator.poisson(mean).astype(float)
    # demand that dies or starts
    edge = generator.uniform(0, 1, (count, 1)) * length
    kind = generator.random((count, 1))
    is_off = np.where(kind < 0.08, np.arange(length) >= edge, (kind < 0.16) & (np.arange(length) < edge))
    series = np.where(is_off, 0.0, series)
    # demand that comes in batches
    is_lumpy = generator.random((count, 1)) < 0.25
    return np.where(is_lumpy & (generator.random((count, length)) < 0.5), 0.0, series)


def _sample_walk(generator: Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Geometric and plain random walks, with little drift, a weak season and runs of high volatility."""
    steps = parts.sample_noise(generator, count=count, length=length, correlated=0.2)
    steps += generator.normal(0, 0.05, (count, 1))
    series = np.cumsum(steps, axis=1)
    if periods[0] > 1:
        season = parts.sample_season(generator, count=count, length=length, period=periods[0], short=periods[0])
        series += season * generator.uniform(0, 2, (count, 1)) * (generator.random((count, 1)) < 0.3)
    return parts.make_positive(generator, series)


def _mix(generator: Generator, series: Array) -> Array:
    """Blend some series with another one, each divided by its standard deviation (mixup, Zhang et al. 2018)."""
    count = len(series)
    chosen = generator.random((count, 1)) < 0.12
    other = generator.permutation(count)
    deviation = np.maximum(series.std(axis=1, keepdims=True), 1e-9)
    share = generator.beta(1.0, 1.0, (count, 1))
    blend: Array = (1 - share) * series / deviation + share * (series / deviation)[other]
    return np.where(chosen, blend, series)


def _corrupt(generator: Generator, series: Array) -> Array:
    """Corrupt series as real files are: outliers, rounding, sign, missing steps."""
    count, length = series.shape
    mean_change = np.maximum(np.abs(np.diff(series, axis=1)).mean(axis=1, keepdims=True), 1e-9)
    rate = generator.uniform(0.002, 0.03, (count, 1)) * (generator.random((count, 1)) < 0.2)
    is_outlier = generator.random((count, length)) < rate
    sizes = generator.standard_t(2.5, (count, length)) * mean_change * 4
    series = np.where(is_outlier, series + sizes, series)
    # rounded to a grid that is coarse compared with the changes of the series
    grid = mean_change * parts.log_uniform(generator, 0.2, 3.0, count)[:, None]
    series = np.where(generator.random((count, 1)) < 0.12, np.round(series / grid) * grid, series)
    series = np.where(generator.random((count, 1)) < NEGATIVE_SHARE, -series, series)
    missing_rate = parts.log_uniform(generator, 0.005, 0.3, count)[:, None] * (generator.random((count, 1)) < 0.12)
    is_missing = generator.random((count, length)) < missing_rate
    begin = generator.integers(0, length, (count, 1))
    gap_length = generator.integers(1, max(length // 6, 2), (count, 1))
    steps = np.arange(length)
    is_missing |= (steps >= begin) & (steps < begin + gap_length) & (generator.random((count, 1)) < 0.04)
    return np.where(is_missing, np.nan, series)
