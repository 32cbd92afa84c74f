"""What `encode` does, done again by plain loops over series and steps; and pasts to do it on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.encoding import Encoding

NAN = float("nan")
RATES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)


def known(values: list[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def mean(values: list[float]) -> float:
    """Mean of what is known, NaN for nothing."""
    return math.fsum(known(values)) / len(known(values)) if known(values) else NAN


def last_known(values: list[float]) -> float:
    return known(values)[-1] if known(values) else NAN


def make_pasts(encoding: Encoding, *, seed: int = 0) -> tuple[Array, NDArray[np.int64]]:
    """Eight pasts with season, trend, noise and gaps, from whole ones down to one of two steps."""
    generator = np.random.default_rng(seed)
    time, period = encoding.recent_length, encoding.periods[-1]
    lengths = np.minimum([time, time - 1, time * 2 // 3, 3 * encoding.periods[0] + 1, 45, 12, 5, 2], time)
    waves = np.sin(2 * np.pi * np.arange(time) / period + generator.uniform(0, 6, (8, 1)))
    past = 50 + 10 * waves + generator.normal(size=(8, 1)) * np.arange(time) / 20 + generator.normal(size=(8, time))
    past[generator.random(past.shape) < 0.15] = NAN
    past[2, -encoding.periods[0] - 2 :] = NAN
    past[np.arange(time) < time - lengths[:, None]] = NAN
    past[:2, -1] = 40.0
    past[7, -2:] = 48.0, 51.0
    # of a season below zero nothing is a share
    past[3] -= 50
    return past, lengths


def slow_deviations(past: list[float], length: int, *, period: int, cycles: int) -> tuple[list[list[float]], int]:
    """By phase what its values are above their cycle's level and drift, and how many cycles count."""
    counted: dict[int, list[float]] = {}
    for back in range(1, min(cycles, len(past) // period) + 1):
        begin = len(past) - back * period
        cycle = past[begin : begin + period]
        if back * period <= length and 2 * len(known(cycle)) >= period:
            counted[-back] = cycle
    means = {number: mean(cycle) for number, cycle in counted.items()}
    deviations: list[list[float]] = [[] for _ in range(period)]
    is_pair = len(counted) == 2 and period > 2 and abs(min(counted) - max(counted)) == 1
    trust = slow_trust(list(counted.values())) if is_pair else 1.0
    for number, cycle in counted.items():
        steps = [means[number] - means[number - 1]] if number - 1 in means else []
        steps += [means[number + 1] - means[number]] if number + 1 in means else []
        drift = trust * sum(steps) / len(steps) / period if steps else 0.0
        for phase, value in enumerate(cycle):
            deviations[phase].append(value - means[number] - drift * (phase - (period - 1) / 2))
    return [known(of_phase) for of_phase in deviations], len(counted)


def slow_trust(cycles: list[list[float]]) -> float:
    """How likely the means of two `cycles`, the newest first, differ by a trend, by their common slope."""
    newer, older = (mean(cycle) for cycle in cycles)
    if newer == older:
        return 1.0
    period, index = len(cycles[0]), {}
    for phase, values in enumerate(zip(*cycles, strict=True)):
        own = known([value - level for value, level in zip(values, (newer, older), strict=True)])
        if own:
            index[phase] = sum(own) / len(own) / (newer - older)
    ramp = {phase: (phase - (period - 1) / 2) / period for phase in index}
    slope = sum(ramp[phase] * index[phase] for phase in index) / sum(each**2 for each in ramp.values())
    rest = sum((index[phase] - slope * ramp[phase]) ** 2 for phase in index) / max(len(index) - 2, 1)
    variance = 5 * rest + 0.04
    trend, jump = 9 * math.exp(-((slope - 1) ** 2) / 2 / variance), math.exp(-(slope**2) / 2 / variance)
    return trend / (trend + jump)


def slow_profile(past: list[float], length: int, *, period: int, cycles: int) -> list[float]:
    """The profile of one series, as the docstring of `find_profile` has it."""
    deviations, _ = slow_deviations(past, length, period=period, cycles=cycles)
    index = [mean(of_phase) if of_phase else 0.0 for of_phase in deviations]
    return [value - sum(index) / period for value in index]


def slow_trimmed_mean(values: list[float]) -> float:
    """Mean of what is left when a fifth of `values`, as a measure, is cut off at either end."""
    cut = 0.2 * len(values)
    total = 0.0
    for place, value in enumerate(sorted(values)):
        # the value lies on the stretch from `place` to `place` + 1
        total += value * max(min(place + 1, len(values) - cut) - max(place, cut), 0.0)
    return total / (len(values) - 2 * cut)


def slow_shrunken_profile(past: list[float], length: int, *, period: int) -> tuple[list[float], float]:
    """What repeats, and its share of the average, as the docstring of `find_shrunken_profile` has it."""
    cycles = min(max(364 // period, 7), 52)
    deviations, count = slow_deviations(past, length, period=period, cycles=cycles)
    index = [slow_trimmed_mean(of_phase) if of_phase else 0.0 for of_phase in deviations]
    index = [value - sum(index) / period for value in index]
    squares = [(value - index[phase]) ** 2 for phase, of_phase in enumerate(deviations) for value in of_phase]
    variance = sum(value**2 for value in index) / period
    if count < 2 or not variance:
        return [0.0] * period, 0.0
    free = len(squares) - count - sum(1 for of_phase in deviations if of_phase) + 1
    noise = math.fsum(squares) / max(len(squares) - 2 * count - period + 1, free / 3, 1) / count
    share = max(1 - noise / variance, 0.0)
    return [share * value for value in index], share


def slow_smoothing(remainder: list[float]) -> tuple[float, float, float, float]:
    """Level, memory, slope and lag of one row, as the docstring of `smooth_exponentially` has them."""
    begin = next((place for place, value in enumerate(remainder) if not math.isnan(value)), None)
    if begin is None:
        return NAN, math.fsum(1 / rate for rate in RATES) / len(RATES), 0.0, NAN
    levels, errors = [], []
    for rate in RATES:
        level = last = remainder[begin]
        squares = []
        for value in remainder[begin + 1 :]:
            if not math.isnan(value):
                squares.append((value - level) ** 2)
                last = value
            level += rate * (last - level)
        levels.append(level)
        errors.append(math.fsum(squares) / max(len(squares), 1))
    count = max(len(known(remainder)) - 1, 1)
    least = min(errors)
    shares = [(least / error) ** (count / 2) if max(errors) else 1.0 for error in errors]
    shares = [share / sum(shares) for share in shares]
    lags = [(1 - (1 - rate) ** (len(remainder) - begin)) / rate - 1 for rate in RATES]
    places = [place for place, value in enumerate(remainder) if not math.isnan(value)]
    middle, average = mean([float(place) for place in places]), mean(remainder)
    square = sum((place - middle) ** 2 for place in places)
    slope = sum((place - middle) * (remainder[place] - average) for place in places) / square if square else 0.0
    weighted = [math.fsum(s * v for s, v in zip(shares, of, strict=True)) for of in (levels, lags)]
    return weighted[0], math.fsum(s / r for s, r in zip(shares, RATES, strict=True)), slope, weighted[1]


def slow_lag(past: list[float], step: int, *, period: int) -> float:
    """The newest value known whole periods before `step`, counted from the cutoff, within whole cycles."""
    while step >= -(len(past) // period) * period:
        if step < 0 and not math.isnan(past[step]):
            return past[step]
        step -= period
    return NAN


def slow_slope(remainder: list[float], reach: int) -> float:
    """Change per step between the first and the last value known of the newest `reach` steps."""
    seen = [place for place in range(-reach, 0) if not math.isnan(remainder[place])]
    return (remainder[seen[-1]] - remainder[seen[0]]) / (seen[-1] - seen[0]) if len(seen) > 1 else 0.0


def slow_remainder(past: list[float], profile: list[float]) -> list[float]:
    return [value - profile[(step - len(past)) % len(profile)] for step, value in enumerate(past)]


def slow_level_and_deviation(values: list[float], encoding: Encoding) -> tuple[float, float]:
    """Mean of the last season, and the mean distance from it over the context."""
    level = mean(values[-encoding.periods[0] :])
    level = last_known(values) if math.isnan(level) else level
    deviation = mean([abs(value - level) for value in values[-encoding.context_length :]])
    return level, 0.0 if math.isnan(deviation) else deviation


def slow_offset(values: list[float], encoding: Encoding) -> float:
    """What to take off so that log(deviation / (level + deviation)) is -3.75 at the least."""
    level, deviation = slow_level_and_deviation(values, encoding)
    if not deviation or math.log(deviation / (abs(level) + deviation)) >= -3.75:
        return 0.0
    return math.copysign(abs(level) - deviation * (math.exp(3.75) - 1), level)


@dataclass(frozen=True)
class TakenApart:
    """One past, its profiles, what is left without them, and its scales, by loops."""

    values: list[float]
    length: int
    recent: list[float]
    average: list[float]
    secondary: list[float]
    secondary_cycles: int
    multiplicative: list[float]
    shrunken: list[float]
    shrinkage_weight: float
    logarithms: list[float]
    level: float
    deviation: float
    noise_scale: float
    offset: float

    @classmethod
    def of(cls, values: list[float], length: int, encoding: Encoding) -> "TakenApart":
        offset = slow_offset(values, encoding)
        values = [value - offset for value in values]
        period, second = encoding.periods[0], encoding.periods[-1]
        recent, average = (slow_profile(values, length, period=period, cycles=cycles) for cycles in (3, 16))
        secondary = slow_profile(values, length, period=second, cycles=6) if second > period else average
        secondary_cycles = slow_deviations(values, length, period=second, cycles=6)[1]
        # not a number throughout where the lowest is not well above zero
        above = min(known(values), default=0.0) >= 1e-3 * max(known(values), default=0.0) > 0
        logarithms = [math.log(value) if above else NAN for value in values]
        multiplicative = slow_profile(logarithms, length, period=period, cycles=16)
        shrunken, shrinkage_weight = slow_shrunken_profile(values, length, period=period)
        level, deviation = slow_level_and_deviation(values, encoding)
        lagged = [(values, lag) for lag in (1, *encoding.periods)]
        lagged += [(slow_remainder(values, profile), 1) for profile in (average, secondary)]
        kinds = [mean([abs(new - old) for old, new in zip(of, of[lag:], strict=False)]) for of, lag in lagged]
        # the smallest that is not 0 but for rounding
        noise_scale = max(min([kind for kind in kinds if kind > 1e-9], default=0.0), 0.02 * deviation)
        return cls(
            values,
            length,
            recent,
            average,
            secondary,
            secondary_cycles,
            multiplicative,
            shrunken,
            shrinkage_weight,
            logarithms,
            level,
            max(deviation, noise_scale),
            noise_scale,
            offset,
        )
