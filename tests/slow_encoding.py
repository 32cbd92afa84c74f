"""What `encode` does, done again by plain loops over series and steps; and pasts to do it on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.channels import Encoding

Array = NDArray[np.float64]
NAN = float("nan")


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
    time, period = encoding.past_length, encoding.periods[-1]
    lengths = np.minimum([time, time - 1, time * 2 // 3, 3 * encoding.periods[0] + 1, 45, 12, 5, 2], time)
    waves = np.sin(2 * np.pi * np.arange(time) / period + generator.uniform(0, 6, (8, 1)))
    past = 50 + 10 * waves + generator.normal(size=(8, 1)) * np.arange(time) / 20 + generator.normal(size=(8, time))
    past[generator.random(past.shape) < 0.15] = NAN
    past[2, -encoding.periods[0] - 2 :] = NAN
    past[np.arange(time) < time - lengths[:, None]] = NAN
    past[:2, -1] = 40.0
    # of a season below zero nothing is a share
    past[3] -= 50
    return past, lengths


def slow_profile(past: list[float], length: int, *, period: int, cycles: int) -> list[float]:
    """The profile of one series, as the docstring of `find_profile` has it."""
    counted: dict[int, list[float]] = {}
    for back in range(1, min(cycles, len(past) // period) + 1):
        begin = len(past) - back * period
        cycle = past[begin : begin + period]
        if back * period <= length and 2 * len(known(cycle)) >= period:
            counted[-back] = cycle
    means = {number: mean(cycle) for number, cycle in counted.items()}
    deviations: list[list[float]] = [[] for _ in range(period)]
    for number, cycle in counted.items():
        steps = [means[number] - means[number - 1]] if number - 1 in means else []
        steps += [means[number + 1] - means[number]] if number + 1 in means else []
        drift = sum(steps) / len(steps) / period if steps else 0.0
        for phase, value in enumerate(cycle):
            deviations[phase].append(value - means[number] - drift * (phase - (period - 1) / 2))
    index = [mean(of_phase) if known(of_phase) else 0.0 for of_phase in deviations]
    return [value - sum(index) / period for value in index]


def slow_lag(past: list[float], step: int, *, period: int) -> float:
    """The newest value known whole periods before `step`, counted from the cutoff, within whole cycles."""
    while step >= -(len(past) // period) * period:
        if step < 0 and not math.isnan(past[step]):
            return past[step]
        step -= period
    return NAN


def slow_slope(rest: list[float], reach: int) -> float:
    """Change per step between the first and the last value known of the newest `reach` steps."""
    seen = [place for place in range(-reach, 0) if not math.isnan(rest[place])]
    return (rest[seen[-1]] - rest[seen[0]]) / (seen[-1] - seen[0]) if len(seen) > 1 else 0.0


def slow_rest(past: list[float], profile: list[float]) -> list[float]:
    return [value - profile[(step - len(past)) % len(profile)] for step, value in enumerate(past)]


@dataclass(frozen=True)
class TakenApart:
    """One past, its profiles, what is left without them, and its scales, by loops."""

    values: list[float]
    length: int
    recent: list[float]
    full: list[float]
    long: list[float]
    relative: list[float]
    logarithms: list[float]
    level: float
    spread: float
    unit: float

    @classmethod
    def of(cls, values: list[float], length: int, encoding: Encoding) -> "TakenApart":
        period, second = encoding.periods[0], encoding.periods[-1]
        recent, full = (slow_profile(values, length, period=period, cycles=cycles) for cycles in (3, 16))
        long = slow_profile(values, length, period=second, cycles=6) if second > period else full
        # not a number throughout where the lowest is not well above zero
        above = min(known(values), default=0.0) >= 1e-3 * max(known(values), default=0.0) > 0
        logarithms = [math.log(value) if above else NAN for value in values]
        relative = slow_profile(logarithms, length, period=period, cycles=16)
        level = mean(values[-period:])
        level = last_known(values) if math.isnan(level) else level
        spread = mean([abs(value - level) for value in values[-encoding.context_length :]])
        spread = 0.0 if math.isnan(spread) else spread
        lagged = [(values, lag) for lag in (1, *encoding.periods)]
        lagged += [(slow_rest(values, profile), 1) for profile in (full, long)]
        kinds = [mean([abs(new - old) for old, new in zip(of, of[lag:], strict=False)]) for of, lag in lagged]
        # the smallest that is not 0 but for rounding
        unit = max(min([kind for kind in kinds if kind > 1e-9], default=0.0), 0.02 * spread)
        return cls(values, length, recent, full, long, relative, logarithms, level, max(spread, unit), unit)
