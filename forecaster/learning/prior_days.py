"""Synthetic days of hours that depend on the days before them, for the prior: power prices, load, traffic."""

import numpy as np

from forecaster.arrays import Array
from forecaster.learning import prior_parts as parts

__all__ = ["sample_days"]


def sample_days(generator: np.random.Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Vector autoregression of whole days around a weekly profile, with spikes: the process behind LEAR models.

    The level of a day depends on those of one, two and seven days before, and each hour on itself and on the last
    hours of the day before.
    """
    period, week = periods[0], periods[1] // periods[0]
    cycles = -(-length // period) + week
    keep = generator.uniform(0.2, 0.9, (count, 1))
    parts_of_keep = generator.dirichlet([3.0, 1.0, 1.5], count) * keep
    own = generator.uniform(0.0, 0.6, (count, 1)) * (generator.random((count, 1)) < 0.7)
    carried = generator.uniform(0.0, 0.6, (count, 1)) * np.exp(
        -np.arange(period) / generator.uniform(1, period / 2, (count, 1))
    )
    shocks = parts.sample_noise(generator, count=count, length=cycles, correlated=0.0)
    within = parts.sample_noise(generator, count=count * cycles, length=period, correlated=1.0)
    within = within.reshape(count, cycles, period) * parts.log_uniform(generator, 0.1, 1.5, count)[:, None, None]
    spikes = generator.random((count, cycles, period)) < 0.004
    within += spikes * generator.standard_t(2.5, spikes.shape) * generator.uniform(0, 6, (count, 1, 1))
    level, days = np.zeros((count, cycles)), np.zeros((count, cycles, period))
    for day in range(week, cycles):
        before = np.stack([level[:, day - lag] for lag in (1, 2, week)], axis=1)
        level[:, day] = (parts_of_keep * before).sum(axis=1) + shocks[:, day]
        gone = days[:, day - 1] - level[:, day - 1, None]
        days[:, day] = level[:, day, None] + own * gone + carried * gone[:, -1:] + within[:, day]
    series = days[:, week:].reshape(count, -1)[:, :length]
    season = parts.sample_season(generator, count=count, length=length, period=periods[1], short=period)
    series = series + parts.log_uniform(generator, 0.2, 5.0, count)[:, None] * season
    wander = parts.sample_trend(generator, count=count, length=length)
    series += parts.log_uniform(generator, 0.1, 4.0, count)[:, None] * wander
    return parts.make_positive(generator, series)
