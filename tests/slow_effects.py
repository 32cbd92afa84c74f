"""The effects of covariates on one series, found again by plain loops and refits."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from tests.slow_encoding import known, mean
from tests.slow_regression import count_week


@dataclass
class SlowEffects:
    factor: list[float]
    shift: list[float]
    share: float
    shrinkage: float


def slow_effects(values: list[float], covariates: list[list[float]], *, periods: tuple[int, ...]) -> SlowEffects:
    """The effects on one series that fills the array, as the docstrings of `forecaster.encoding.effects` have them.

    Below 200 steps for each covariate effects on the next step have to explain a twentieth of what is left otherwise.
    Each fifth is really left out, the season of the others and the coefficients are found again. Level and the units of
    the covariates are those of the whole past, so that its forecast is not wholly without it.
    """
    time, period = len(values), periods[0]
    seen = [step for step in range(time) if not math.isnan(values[step])]
    columns = [slow_standard(column, time) for column in covariates]
    columns = _choose_columns(columns, values, seen, periods=periods)
    owned = slow_basis(columns, time, period=period)
    basis = [column for _, column in owned]
    others = slow_basis(columns, time, period=period, looks_back=False)
    is_sure = np.array([pair in others for pair in owned]) | (time >= 200 * len(covariates))
    is_positive = min(values[step] for step in seen) > 0
    made = np.array([slow_free(column[:time], seen, periods=periods) for column in basis]).T
    level_free = np.array([slow_free(column[:time], seen, periods=periods, rounds=0) for column in basis]).T
    sizes, tenth = (level_free**2).sum(axis=0), np.array([step * 10 // time for step in seen])
    for free in (level_free, made):
        tenths = np.array([(free[tenth == number] ** 2).sum(axis=0) for number in range(10)])
        # what varied within two neighbouring tenths only is left out
        made = made * ((tenths[1:] + tenths[:-1]).max(axis=0) <= 0.9 * tenths.sum(axis=0))
    kinds = []
    for is_factor in (False, True) if is_positive else (False,):
        target = np.array(slow_free([math.log(v) if is_factor else v for v in values], seen, periods=periods))
        phases = [(step - time) % period for step in seen] if period > 1 and len(seen) // period >= 3 else None
        fits = [
            _fit_effects(made * used, target, sizes, tenth // 2, None if phases is None else np.array(phases))
            for used in (np.ones(len(owned)), is_sure)
        ]
        full, plain = (min(max(fit.share, 0.0), 1.0) for fit in fits)
        kinds.append(fits[0] if is_sure.all() or full > plain + 0.05 * (1 - plain) else fits[1])
    additive, multiplicative = kinds[0], kinds[-1]
    levels = [mean(values[max(step - 13, 0) : step + 14]) for step in seen]
    in_units = sum(abs(error) * level for error, level in zip(multiplicative.errors, levels, strict=True))
    is_factor = is_positive and in_units < 1.2 * sum(abs(additive.errors))
    chosen = multiplicative if is_factor else additive
    effect = np.zeros(len(basis[0]))
    for owner in {owner for owner, _ in owned}:
        own = np.array([number == owner for number, _ in owned])
        part = chosen.shrinkage * np.array(basis)[own].T @ chosen.slopes[own]
        low, high = part[seen].min(), part[seen].max()
        part[time:] = np.clip(part[time:], min(low - (high - low) / 4, 0.0), max(high + (high - low) / 4, 0.0))
        effect += part
    # what makes the values vary more is extended further than it was learned from
    values_seen = np.array([math.log(values[step]) if is_factor else values[step] for step in seen])
    away, added, share = (
        values_seen - values_seen.mean(),
        effect[seen] - effect[seen].mean(),
        min(max(chosen.share, 0), 1),
    )
    error = (1 - share) / max(share * len(seen), 1e-9) * (added**2).sum() / (0.05 * (away**2).sum())
    calm = min(max(2 * (away * added).sum() / max((added**2).sum(), 1e-300), 0.0), 1.0)
    kept = 1 - min(error, 1.0) * (1 - calm)
    effect = kept * (effect - effect[seen].mean())
    ones, zeros = [1.0] * len(effect), [0.0] * len(effect)
    factor = np.exp(np.clip(effect, -5, 5)).tolist() if is_factor else ones
    return SlowEffects(factor, zeros if is_factor else effect.tolist(), share, kept * chosen.shrinkage)


def slow_standard(column: list[float], time: int) -> list[float]:
    """Standard deviations from the mean of the past, within its range and a quarter more; 0 where missing."""
    past = known(column[:time])
    middle = mean(past)
    unit = math.sqrt(mean([(value - middle) ** 2 for value in past])) if past else 0.0
    if not past or unit <= 1e-9 * abs(middle):
        return [0.0] * len(column)
    low, high = (min(past) - middle) / unit, (max(past) - middle) / unit
    room = (high - low) / 4
    scaled = [0.0 if math.isnan(value) else (value - middle) / unit for value in column]
    return [min(max(value, low - room), high + room) for value in scaled]


def _choose_columns(
    columns: list[list[float]], values: list[float], seen: list[int], *, periods: tuple[int, ...]
) -> list[list[float]]:
    """The 40 covariates that go best with the values, without level and season of both, in their order."""
    if len(columns) <= 40:
        return columns
    target = np.array(slow_free(values, seen, periods=periods))
    fits = []
    for column in columns:
        free = np.array(slow_free(column[: len(values)], seen, periods=periods))
        size = math.sqrt(float(free @ free))
        fits.append(abs(float(free @ target)) / size if size else 0.0)
    best = sorted(range(len(columns)), key=lambda number: -fits[number])[:40]
    return [columns[number] for number in sorted(best)]


def slow_basis(
    columns: list[list[float]], time: int, *, period: int, looks_back: bool = True
) -> list[tuple[int, list[float]]]:
    """Features, and the number of the covariate of each.

    Each covariate, bent at its terciles; with 20 steps for each also how far it fell since the step before, and of two
    values how far it rose; with 16 seasons also its mean over the last one, and waves of the first three.

    Nothing of two values is bent, and what is 0 throughout is left out. Waves come by whole orders, as many as leave
    no more than 120 features.
    """
    basis = list(enumerate(columns))
    for number, column in enumerate(columns):
        ordered = sorted(column[:time])
        low, top = ordered[(time - 1) // 3], ordered[time - 1 - (time - 1) // 3]
        if len({*ordered}) > 2:
            bent = [min(value - low, 0) / 2 for value in column], [max(value - top, 0) / 2 for value in column]
            basis += [(number, part) for part in bent]
    basis = [(number, column) for number, column in basis if any(column)]
    varying, steps = list(basis), range(len(columns[0]))
    if looks_back and time >= 20 * len(columns):
        for number, column in enumerate(columns):
            falls = [0.0, *((earlier - later) / 4 for earlier, later in pairwise(column))]
            if len({*column[:time]}) > 2:
                basis.append((number, falls))
            else:
                basis += [(number, [max(fall, 0.0) for fall in falls]), (number, [max(-fall, 0.0) for fall in falls])]
        basis = [(number, column) for number, column in basis if any(column)]
    if period == 1 or time < 16 * period:
        return basis
    for number, column in enumerate(columns):
        basis.append((number, [sum(column[max(step - period + 1, 0) : step + 1]) / period for step in steps]))
    basis = [(number, column) for number, column in basis if any(column)]
    for order in range(1, min(3, (period - 1) // 2) + 1):
        if len(basis) + 2 * len(varying) > 120:
            break
        for wave in (math.cos, math.sin):
            turns = [wave(2 * math.pi * order * (step - time) / period) / 2 for step in steps]
            basis += [(number, [v * turn for v, turn in zip(column, turns, strict=True)]) for number, column in varying]
    return basis


def slow_free(values: list[float], seen: list[int], *, periods: tuple[int, ...], rounds: int = 2) -> list[float]:
    """`values` at the steps `seen`, twice without their mean around each step and the mean of each phase.

    With 0 rounds, only once without their mean around each step.
    """
    period, time = periods[0], len(values)
    width = max(13, 3 * period if period <= 13 else count_week(periods) * period)
    left = {step: values[step] for step in seen}
    for _ in range(max(rounds, 1)):
        around = {step: range(step - width // 2, step + width // 2 + 1) for step in seen}
        left = {step: left[step] - mean([left[near] for near in around[step] if near in left]) for step in seen}
        if rounds and period > 1 and len(seen) // period >= 3:
            phases = {(step - time) % period for step in seen}
            means = {phase: mean([left[s] for s in seen if (s - time) % period == phase]) for phase in phases}
            left = {step: left[step] - means[(step - time) % period] for step in seen}
    return [left[step] for step in seen]


class FittedEffects(NamedTuple):
    slopes: Array
    errors: Array
    share: float
    shrinkage: float


def _fit_effects(
    made: Array, target: Array, sizes: Array, block: NDArray[np.int64], phases: NDArray[np.int64] | None
) -> FittedEffects:
    """Ridge regression with the penalty by which fifths that were left out are forecast best.

    Where the season was removed, `phases` has the one of each step; `sizes` are sums of squares before that.
    """
    made = made * ((made**2).sum(axis=0) > 0.1 * sizes)
    squares = (made**2).sum(axis=0)
    unit = squares[squares > 0].mean()
    both = np.column_stack([made, target])

    def solve(some: Array, penalty: float) -> Array:
        ridge = penalty * unit * np.eye(made.shape[1])
        return np.asarray(np.linalg.solve(some[:, :-1].T @ some[:, :-1] + ridge, some[:, :-1].T @ some[:, -1]))

    found = []
    for penalty in (3e-4, 3e-3, 3e-2, 0.3):
        # forecasts and values less the season of the others, and forecasts less that of all
        ahead, truth, usual = np.zeros(len(target)), np.zeros(len(target)), np.zeros(len(target))
        for number in range(5):
            own, free = block == number, both.copy()
            for phase in set() if phases is None else {*phases[~own].tolist()}:
                free[phases == phase] -= both[~own & (phases == phase)].mean(axis=0)
            # of what hardly changes without the fifth, or is a season, nothing is known
            free[:, :-1] *= (free[~own, :-1] ** 2).sum(axis=0) > 0.1 * sizes
            slopes = solve(free[~own], penalty)
            ahead[own], truth[own], usual[own] = free[own, :-1] @ slopes, free[own, -1], made[own] @ slopes
        gained, used = float(ahead @ truth), float(ahead @ ahead)
        found.append((used - 2 * gained, penalty, gained, used, usual))
    least, penalty, gained, used, usual = min(found, key=lambda each: each[0])
    share = -least / float((target**2).sum())
    shrinkage = min(max(gained / used, 0.0), 1.0) if share > 0.01 else 0.0
    return FittedEffects(solve(both, penalty), target - shrinkage * usual, share, shrinkage)
