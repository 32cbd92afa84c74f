"""Components of synthetic series: noise, profiles, seasons, trends, shifts. Arrays [count, length]."""

import numpy as np

from forecaster.arrays import Array

__all__ = [
    "log_uniform",
    "make_positive",
    "sample_cycles",
    "sample_envelope",
    "sample_noise",
    "sample_profile",
    "sample_rates",
    "sample_season",
    "sample_shifts",
    "sample_trend",
]

Generator = np.random.Generator

WEEK = 7


def log_uniform(generator: Generator, low: float, high: float, count: int) -> Array:
    """Samples whose logarithm is uniform: [count]."""
    return np.exp(generator.uniform(np.log(low), np.log(high), count))


def make_positive(generator: Generator, series: Array) -> Array:
    """Make series positive, as most real ones are: by an exponential, by an offset, or not at all."""
    count = len(series)
    series = series - series.mean(axis=1, keepdims=True)
    deviation = np.maximum(series.std(axis=1, keepdims=True), 1e-9)
    kind = generator.random((count, 1))
    log_deviation = log_uniform(generator, 0.03, 0.9, count)[:, None]
    as_exponential = np.exp(np.clip(series / deviation * log_deviation, -12, 12))
    lowest = series.min(axis=1, keepdims=True)
    room = log_uniform(generator, 0.05, 12.0, count)[:, None]
    above = series - lowest + room * deviation
    around = series + deviation * generator.normal(0, 2, (count, 1))
    moved = np.where(kind < 0.4, as_exponential, np.where(kind < 0.88, above, around))
    clipped = np.maximum(moved, np.quantile(moved, 0.1, axis=1, keepdims=True))
    # some series have a lower limit, and stay at it for a while
    return np.asarray(np.where(generator.random((count, 1)) < 0.03, clipped, moved))


def sample_noise(generator: Generator, *, count: int, length: int, correlated: float) -> Array:
    """Noise of unit standard deviation: normal or heavy-tailed, some with changing volatility, some autoregressive."""
    noise = generator.standard_normal((count, length))
    heavy = generator.random(count) < 0.3
    degrees_of_freedom = generator.uniform(2.5, 8, (int(heavy.sum()), 1))
    chi_square = generator.chisquare(degrees_of_freedom, (int(heavy.sum()), length))
    noise[heavy] *= np.sqrt((degrees_of_freedom - 2) / chi_square)
    wild = generator.random(count) < 0.25
    noise[wild] *= _sample_volatility(generator, count=int(wild.sum()), length=length)
    linked = generator.random(count) < correlated
    keep = generator.uniform(-0.5, 0.95, int(linked.sum()))
    noise[linked] = _accumulate(noise[linked], keep=keep) * np.sqrt(1 - keep**2)[:, None]
    return noise


def sample_rates(generator: Generator, *, count: int, length: int) -> Array:
    """Autoregressive rates of change around 0, of unit standard deviation, as in business cycles; some uncorrelated."""
    shocks = sample_noise(generator, count=count, length=length, correlated=0.0)
    keep = np.where(generator.random(count) < 0.7, generator.uniform(0, 0.95, count), 0.0)
    return np.asarray(_accumulate(shocks, keep=keep) * np.sqrt(1 - keep**2)[:, None])


def sample_profile(generator: Generator, *, count: int, period: int) -> Array:
    """One cycle of mean 0, standard deviation 1 per series: smooth, jagged, peaked, or on and off: [count, period]."""
    phases = np.arange(period)
    orders = np.arange(1, max(min(period // 2, 8), 1) + 1)
    decay = generator.uniform(0.3, 2.5, (count, 1))
    sizes = generator.standard_normal((2, count, len(orders))) / orders**decay
    angles = 2 * np.pi * np.outer(orders, phases) / period
    smooth = sizes[0] @ np.cos(angles) + sizes[1] @ np.sin(angles)
    jagged = generator.standard_normal((count, period))
    peaked = jagged**2 * np.sign(jagged) * (generator.random((count, period)) < 1.5 / np.sqrt(period))
    begin = generator.integers(0, period, (count, 1))
    width = generator.integers(1, max(period // 2, 2), (count, 1))
    on_and_off = ((phases - begin) % period < width) + 0.2 * jagged
    kind = generator.random((count, 1))
    share = generator.random((count, 1))
    blend = share * _standardise(smooth) + (1 - share) * _standardise(jagged)
    chosen = np.select(
        [kind < 0.4, kind < 0.65, kind < 0.8, kind < 0.9],
        [smooth, blend, jagged, peaked],
        on_and_off,
    )
    return _standardise(chosen)


def sample_season(generator: Generator, *, count: int, length: int, period: int, short: int) -> Array:
    """A season of `period` steps over the whole series, of unit standard deviation; for some its shape changes slowly.

    Where `period` is a longer cycle that `short` divides, such as a week of days, its profile consists of
    short ones of varying size; otherwise, such as a year of days, it is smooth.
    """
    if period == short:
        profile = sample_profile(generator, count=count, period=period)
        later = sample_profile(generator, count=count, period=period)
    elif period % short == 0:
        profile, later = (_sample_long_profile(generator, count=count, period=period, short=short) for _ in range(2))
    else:
        profile, later = (_sample_year(generator, count=count, period=period) for _ in range(2))
    offset = int(generator.integers(0, period))
    steps = (np.arange(length) + offset) % period
    # a gradual change from one profile to the other, for some series only
    change = np.where(generator.random((count, 1)) < 0.25, generator.uniform(0, 1.2, (count, 1)), 0.0)
    share = change * np.linspace(0, 1, length)
    return (1 - share) * profile[:, steps] + share * later[:, steps]


def sample_envelope(generator: Generator, *, count: int, length: int) -> Array:
    """Factors above 0 on a season over time: mostly constant, else they grow, fade or wander."""
    time = np.linspace(-0.5, 0.5, length)
    growth = generator.normal(0, 1.0, (count, 1)) * (generator.random((count, 1)) < 0.25)
    wander = _wander(generator, count=count, length=length)
    wander *= generator.uniform(0, 0.5, (count, 1)) * (generator.random((count, 1)) < 0.2)
    return np.exp(np.clip(growth * time + wander, -3, 3))


def sample_trend(generator: Generator, *, count: int, length: int) -> Array:
    """A trend of unit standard deviation: straight, bent, broken, saturating, or wandering."""
    time = np.linspace(0, 1, length)
    straight = np.broadcast_to(time, (count, length))
    bent = time ** generator.uniform(0.3, 3.5, (count, 1))
    breaks = generator.random((count, 3, 1))
    slopes = generator.standard_normal((count, 4, 1))
    broken = slopes[:, 0] * time + (slopes[:, 1:] * np.maximum(time - breaks, 0)).sum(axis=1)
    steep = log_uniform(generator, 4, 40, count)[:, None]
    saturating = 1 / (1 + np.exp(-np.clip(steep * (time - generator.random((count, 1))), -30, 30)))
    walk = np.cumsum(generator.standard_normal((count, length)), axis=1)
    wandering = _wander(generator, count=count, length=length)
    smooth_walk = np.cumsum(_accumulate(generator.standard_normal((count, length)), keep=np.full(count, 0.9)), axis=1)
    kind = generator.random((count, 1))
    chosen = np.select(
        [kind < 0.2, kind < 0.3, kind < 0.5, kind < 0.6, kind < 0.75, kind < 0.88],
        [straight, bent, broken, saturating, walk, wandering],
        smooth_walk,
    )
    sign = np.where(generator.random((count, 1)) < 0.35, -1.0, 1.0)
    return sign * _standardise(chosen)


def sample_cycles(generator: Generator, *, count: int, length: int) -> Array:
    """The sum of two sinusoids with random periods, not those of a calendar; of unit standard deviation."""
    steps = np.arange(length)
    total = np.zeros((count, length))
    for _ in range(2):
        period = log_uniform(generator, 3, 2 * length + 3, count)[:, None]
        start = generator.uniform(0, 2 * np.pi, (count, 1))
        total += generator.random((count, 1)) * np.sin(2 * np.pi * steps / period + start)
    return _standardise(total)


def sample_shifts(generator: Generator, *, count: int, length: int) -> Array:
    """Permanent shifts of level and decaying pulses; none for most series. In standard deviations of the series."""
    steps = np.arange(length)
    total = np.zeros((count, length))
    for chance, fades in ((0.15, False), (0.08, False), (0.12, True)):
        begin = generator.integers(0, length, (count, 1))
        size = generator.normal(0, 1.5, (count, 1)) * (generator.random((count, 1)) < chance)
        age = np.maximum(steps - begin, 0)
        life = log_uniform(generator, 1, 12, count)[:, None]
        total += size * (steps >= begin) * (np.exp(-age / life) if fades else 1.0)
    return total


def _sample_long_profile(generator: Generator, *, count: int, period: int, short: int) -> Array:
    """A profile such as a week of days: each short cycle has its own level and size, rest days their own shape."""
    cycles = period // short
    weekday = sample_profile(generator, count=count, period=short)[:, None]
    restday = sample_profile(generator, count=count, period=short)[:, None]
    begin = generator.integers(0, cycles, (count, 1))
    is_rest = ((np.arange(cycles) - begin) % cycles < max(round(cycles * 2 / WEEK), 1))[:, :, None]
    size = np.exp(0.15 * generator.standard_normal((count, cycles, 1)))
    size = size * np.where(is_rest, generator.uniform(0.3, 1.1, (count, 1, 1)), 1.0)
    level = 0.15 * generator.standard_normal((count, cycles, 1)) - is_rest * generator.uniform(-0.2, 1, (count, 1, 1))
    other = generator.uniform(0, 1, (count, 1, 1)) * is_rest
    level = level * generator.uniform(0, 2, (count, 1, 1))
    profile = size * ((1 - other) * weekday + other * restday) + level
    return _standardise(profile.reshape(count, period))


def _sample_year(generator: Generator, *, count: int, period: int) -> Array:
    """A smooth profile of a few waves, for some with a few peaks such as holidays."""
    orders = np.arange(1, 5)
    sizes = generator.standard_normal((2, count, len(orders))) / orders ** generator.uniform(0.8, 2, (count, 1))
    angles = 2 * np.pi * np.outer(orders, np.arange(period)) / period
    waves = _standardise(sizes[0] @ np.cos(angles) + sizes[1] @ np.sin(angles))
    is_peak = (generator.random((count, period)) < 6 / period) & (generator.random((count, 1)) < 0.3)
    return _standardise(waves + is_peak * generator.normal(0, 3, (count, period)))


def _sample_volatility(generator: Generator, *, count: int, length: int) -> Array:
    """Factors on noise, of mean square 1: alternating between two states, or wandering slowly."""
    switches = generator.random((count, length)) < generator.uniform(0.01, 0.1, (count, 1))
    state = np.cumsum(switches, axis=1) % 2
    factor = generator.uniform(1.5, 5, (count, 1))
    switching = np.where(state == 1, factor, 1.0)
    wandering = np.exp(0.6 * _wander(generator, count=count, length=length))
    chosen = np.where(generator.random((count, 1)) < 0.5, switching, wandering)
    return np.asarray(chosen / np.sqrt((chosen**2).mean(axis=1, keepdims=True)))


def _wander(generator: Generator, *, count: int, length: int) -> Array:
    """Slow mean-reverting paths of unit standard deviation."""
    return _standardise(
        _accumulate(generator.standard_normal((count, length)), keep=generator.uniform(0.85, 0.995, count))
    )


def _accumulate(shocks: Array, *, keep: Array) -> Array:
    """x_t = keep · x_(t-1) + shock_t for each row; the loop is over time, a whole column at once."""
    total = np.zeros(len(shocks))
    out = np.empty(shocks.shape[::-1])
    for step, shock in enumerate(shocks.T):
        total = keep * total + shock
        out[step] = total
    return out.T


def _standardise(values: Array) -> Array:
    """Scale rows to mean 0 and standard deviation 1; constant rows become 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    return np.where(deviation > 1e-9, centred / np.maximum(deviation, 1e-9), 0.0)
