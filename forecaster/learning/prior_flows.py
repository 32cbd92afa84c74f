"""Synthetic flows for the prior: bursts that run off at once and slowly, as of rivers, queues and stocks."""

import numpy as np

from forecaster.arrays import Array
from forecaster.learning import prior_parts as parts

__all__ = ["sample_flows"]


def sample_flows(generator: np.random.Generator, *, count: int, length: int, periods: tuple[int, ...]) -> Array:
    """Bursts, more and larger ones in one part of the season, through a fast and a slow linear store: [count, length].

    Shot noise: flows rise within a step or two and fall exponentially, towards a base that falls slowly itself (Weiss
    1977, "Shot noise models for the generation of synthetic streamflow data", Water Resources Research 13).
    """
    cycle = periods[-1]
    warm_up = 2 * cycle if cycle > 1 else 24
    steps = warm_up + length
    season = np.zeros((count, steps))
    if cycle > 1:
        season = parts.sample_season(generator, count=count, length=steps, period=cycle, short=periods[0])
        season *= parts.log_uniform(generator, 0.1, 1.2, count)[:, None]
    wetness = np.exp(np.clip(season, -3, 3))
    chance = np.minimum(parts.log_uniform(generator, 0.03, 0.6, count)[:, None] * np.sqrt(wetness), 0.9)
    heaviness = generator.uniform(0.7, 2.2, (count, 1))
    sizes = generator.exponential(1.0, (count, steps)) ** heaviness * np.sqrt(wetness)
    bursts = np.where(generator.random((count, steps)) < chance, sizes, 0.0)
    # how much of each step is left at the next, in steps from one to hundreds
    fast = np.exp(-1 / parts.log_uniform(generator, 0.5, 8.0, count))
    slow = np.exp(-1 / parts.log_uniform(generator, 10.0, 200.0, count))
    share = generator.beta(2.0, 2.0, (count, 1))
    quick = parts.accumulate(bursts, keep=fast) * (1 - fast)[:, None]
    base = parts.accumulate(bursts, keep=slow) * (1 - slow)[:, None]
    flow = share * quick + (1 - share) * base
    noise = parts.log_uniform(generator, 0.005, 0.15, count)[:, None] * generator.standard_normal((count, steps))
    floor = generator.uniform(0.0, 0.5, (count, 1)) * flow.mean(axis=1, keepdims=True)
    return np.asarray((floor + flow) * np.exp(noise))[:, warm_up:]
