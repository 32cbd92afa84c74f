"""The regression of a past on its own earlier cycles, done again for one series by plain loops and refits."""

import math
import statistics
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from forecaster.arrays import Array
from tests.slow_encoding import NAN, TakenApart, known, mean

PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SCALED_CYCLES = 56
Cell = tuple[int, int]
"""The number of a cycle, counted from the cutoff, so that -1 is the newest of the past; and a phase of it."""


class Known(NamedTuple):
    """One covariate of one series: its values on the past and the horizon, and whether it is known ahead."""

    values: list[float]
    is_known: bool


@dataclass
class SlowRegression:
    forecast: list[float]
    fitted: list[float]
    error: float = NAN
    rows: int = 0
    freedom: float = 0.0


def count_week(periods: tuple[int, ...]) -> int:
    """Cycles in the longer period where these are whole and few."""
    whole = len(periods) > 1 and periods[1] % periods[0] == 0 and periods[1] <= 7 * periods[0]
    return periods[1] // periods[0] if whole else 1


@dataclass
class Scaled:
    """asinh of deviations from the median, without the mean of each phase, by cycle and phase; 0 where missing."""

    values: list[float]
    period: int
    cycles: int
    middle: float = 0.0
    unit: float = 1.0
    profile: list[float] = field(default_factory=list)
    cells: dict[Cell, float] = field(default_factory=dict)
    seen: set[Cell] = field(default_factory=set)

    def __post_init__(self) -> None:
        period = self.period
        inside = [(place // period, place % period) for place in range(-self.cycles * period, 0)]
        self.seen = {cell for cell in inside if not math.isnan(self.values[cell[0] * period + cell[1]])}
        raw = {cell: self.values[cell[0] * period + cell[1]] for cell in self.seen}
        newest = [value for cell, value in raw.items() if cell[0] >= -SCALED_CYCLES] or list(raw.values())
        self.middle = statistics.median(newest)
        distances = [abs(value - self.middle) for value in newest]
        unit, usual = 1.4826 * statistics.median(distances), mean(distances)
        self.unit = (unit if unit > 1e-3 * usual else usual) or 1.0
        bent = {cell: math.asinh((value - self.middle) / self.unit) for cell, value in raw.items()}
        by_phase = [[value for cell, value in bent.items() if cell[1] == phase] for phase in range(period)]
        self.profile = [mean(of_phase) if of_phase else 0.0 for of_phase in by_phase]
        self.cells = {cell: bent[cell] - self.profile[cell[1]] if cell in bent else 0.0 for cell in inside}

    def restore(self, value: float, phase: int) -> float:
        return self.middle + self.unit * math.sinh(value + self.profile[phase])


def make_features(scaled: Scaled, cell: Cell, *, week: int, covariates: list[Known]) -> list[float]:
    """What one phase of one cycle is forecast from."""
    cycle, phase = cell
    period, cells = scaled.period, scaled.cells

    def average(number: int) -> float:
        return sum(cells.get((number, each), 0.0) for each in range(period)) / period

    lags = (1, 2, 3, week, 2 * week) if week > 3 else (1, 2, 3)
    features = [cells.get((cycle - lag, phase), 0.0) for lag in lags]
    features += [cells[cycle - 1, period - 1], average(cycle - 1)]
    wide = max(week, 4)
    features.append(sum(average(cycle - lag) for lag in range(1, wide + 1)) / wide)
    if period > 2:
        features += [cells[cycle - 1, (phase - 1) % period], cells[cycle - 1, (phase + 1) % period]]
    time = len(scaled.values)
    for values, is_known in covariates:

        def at(number: int, each: int, values: list[float] = values) -> float:
            # beyond the horizon the last value is repeated
            return values[min(time + number * period + each, len(values) - 1)]

        if is_known:
            now = at(cycle, phase)
            features += [now, min(now + 0.43, 0.0), max(now - 0.43, 0.0)]
        features += [at(cycle - lag, phase) for lag in dict.fromkeys((1, week))]
        # up to this step where it is known ahead, else of the whole cycle before
        last = (cycle, phase) if is_known else (cycle - 1, period - 1)
        features.append(sum(at(last[0], last[1] - back) for back in range(period)) / period)
    return features + [float(cycle % week == day) for day in range(week)] * (week > 1)


def solve_ridge(features: Array, target: Array, *, penalty: Array) -> tuple[float, Array]:
    """Intercept, which is not penalised, and coefficients, by the normal equations."""
    design = np.column_stack([np.ones(len(target)), features])
    found = np.linalg.solve(design.T @ design + np.diag(np.append(0.0, penalty)), design.T @ target)
    return float(found[0]), found[1:]


def slow_regression(
    values: list[float], length: int, *, periods: tuple[int, ...], horizon: int, covariates: list[Known] | None = None
) -> SlowRegression:
    """The regression of one series, as the docstrings of `forecaster.encoding.regression` have it.

    Each cycle is really left out and the coefficients are found again. What is kept of the whole past when a cycle is
    left out, so that its forecast is not wholly without it: the scale, the typical day, the sizes of the features,
    and the penalty, which is a number times the number of all rows.
    """
    period, week, covariates = periods[0], count_week(periods), covariates or []
    found = SlowRegression([NAN] * horizon, [NAN] * len(values))
    warm_up = week if week > 1 else 3
    most = min(364, 8736 // period) if period > 1 else 0
    rows = min(length // period, len(values) // period, most) - warm_up
    if rows < 12:
        return found
    scaled = Scaled(values, period, rows + warm_up)
    phases: list[tuple[list[int], Array, Array]] = []
    for phase in range(period):
        cycles = [cycle for cycle in range(-rows, 0) if (cycle, phase) in scaled.seen]
        made = [make_features(scaled, (cycle, phase), week=week, covariates=covariates) for cycle in cycles]
        target = np.array([scaled.cells[cycle, phase] for cycle in cycles])
        phases.append((cycles, np.array(made), target))
    # the unit of each feature: its standard deviation from its mean in each phase
    squares = sum(((made - made.mean(axis=0)) ** 2).sum(axis=0) for _, made, _ in phases)
    variance = squares / sum(len(cycles) for cycles, _, _ in phases)
    penalty = np.where(variance > 1e-12, variance, 1e12)
    # of a long season about eight phases choose the penalty of all
    some = [(made, target) for _, made, target in phases[:: max(1, period // 8)]]
    errors = {
        each: sum(((y - _leave_out(made, y, each * len(y) * penalty)) ** 2).sum() for made, y in some)
        for each in PENALTIES
    }
    best = min(PENALTIES, key=lambda each: errors[each])
    freedom = []
    lines = []
    for phase, (cycles, features, target) in enumerate(phases):
        ridge = best * len(target) * penalty
        lines.append(solve_ridge(features, target, penalty=ridge))
        centred = features - features.mean(axis=0)
        squares = centred.T @ centred
        freedom.append(float(np.trace(np.linalg.solve(squares + np.diag(ridge), squares))) / len(target))
        for cycle, ahead in zip(cycles, _leave_out(features, target, ridge), strict=True):
            found.fitted[cycle * period + phase] = scaled.restore(ahead, phase)
    found.rows, found.freedom = rows, mean(freedom)
    found.error = mean([abs(y - ahead) for y, ahead in zip(values, found.fitted, strict=True)])
    low, high = min(scaled.cells.values()), max(scaled.cells.values())
    for cycle in range(-(-horizon // period)):
        made_now = [make_features(scaled, (cycle, phase), week=week, covariates=covariates) for phase in range(period)]
        for phase, (intercept, slopes) in enumerate(lines):
            ahead = intercept + float(np.array(made_now[phase]) @ slopes)
            scaled.cells[cycle, phase] = min(max(ahead, low - (high - low) / 2), high + (high - low) / 2)
            if cycle * period + phase < horizon:
                found.forecast[cycle * period + phase] = scaled.restore(scaled.cells[cycle, phase], phase)
    return found


def _leave_out(features: Array, target: Array, penalty: Array) -> Array:
    """Each target, forecast by a line that was found without it."""
    ahead = []
    for row in range(len(target)):
        others = np.arange(len(target)) != row
        intercept, slopes = solve_ridge(features[others], target[others], penalty=penalty)
        ahead.append(intercept + features[row] @ slopes)
    return np.array(ahead)


def slow_channels(of: TakenApart, found: SlowRegression, step: int, *, context: int) -> dict[str, float]:
    """The channels of the regression and of zeros at one step, and those of covariates where there are none."""
    regression = found.fitted[step] if step < 0 else found.forecast[step]
    zero_share, since_other = _describe_zeros(of.values[-context:])
    return {
        "regression": math.asinh((regression - of.level) / of.deviation),
        "has_regression": not math.isnan(regression),
        "regression_error_to_noise": math.log(found.error / of.noise_scale),
        "regression_rows": math.log(1 + found.rows) / 4,
        "regression_freedom": found.freedom,
        "zero_share": zero_share,
        "steps_since_positive": since_other,
        **dict.fromkeys(("effect", "outside", "effect_share", "effect_shrinkage"), 0.0),
    }


def _describe_zeros(context: list[float]) -> tuple[float, float]:
    """What share of the values known is zero, and how long ago the newest other one is, as a logarithm."""
    zeros = context.count(0.0)
    others = [age for age, value in enumerate(reversed(context)) if not math.isnan(value) and value]
    since = others[0] if others else len(context)
    return zeros / max(len(known(context)), 1), math.log(1 + since) / 4 if zeros else 0.0
