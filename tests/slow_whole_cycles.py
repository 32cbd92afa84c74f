"""The regressions of whole cycles, done again for one series by plain loops and refits."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from tests.slow_encoding import NAN
from tests.slow_regression import PENALTIES, Known, Scaled, solve_ridge

NEWEST, JUDGED = 84, 56


def list_features(scaled: Scaled, cycle: int, *, week: int, covariates: list[Known]) -> list[float]:
    """What all phases of one cycle are forecast from."""
    period, time = scaled.period, len(scaled.values)
    lags = dict.fromkeys((1, 2, week))
    features = [scaled.cells[cycle - lag, phase] for lag in lags for phase in range(period)]
    for values, is_known in covariates:
        steps = [time + (cycle - lag) * period for lag in dict.fromkeys([0] * is_known + [1, week])]
        # beyond the horizon the last value is repeated
        features += [values[min(step + phase, len(values) - 1)] for step in steps for phase in range(period)]
    return features + [float(cycle % week == day) for day in range(week)]


class Slow:
    """One regression on some cycles: its coefficients, and the squared errors of cycles that were left out."""

    def __init__(self, features: Array, wanted: Array, *, free: int = 0) -> None:
        seen = ~np.isnan(wanted)
        rows = seen.mean(axis=1) > 0.5
        self.features, self.wanted = features, np.nan_to_num(wanted)
        self.size = features[rows].std(axis=0)
        self.size[self.size**2 <= 1e-12] = np.inf
        self.size[len(self.size) - free :] /= 12  # the days of the week, hardly penalised
        self.rows = np.flatnonzero(rows)
        errors = []
        for penalty in PENALTIES:
            left_out = self.leave_out(penalty)
            errors.append((((left_out - self.wanted) * seen)[rows] ** 2).sum())
        self.penalty, self.error = PENALTIES[int(np.argmin(errors))], min(errors)
        self.left_out = self.leave_out(self.penalty)

    def leave_out(self, penalty: float) -> Array:
        found = np.full(self.wanted.shape, NAN)
        for row in self.rows:
            others = self.rows[self.rows != row]
            found[row] = self.solve(others, penalty, self.features[row])
        return found

    def solve(self, rows: NDArray[np.int64], penalty: float, at: Array) -> Array:
        # the penalty is a number times the number of all rows
        weights = np.full(len(self.size), penalty * len(self.rows))
        predicted = []
        for target in self.wanted[rows].T:
            intercept, coefficients = solve_ridge(self.features[rows] / self.size, target, penalty=weights)
            predicted.append(intercept + (at / self.size) @ coefficients)
        return np.array(predicted)


def slow_whole_cycles(
    values: list[float], length: int, *, week: int, period: int, horizon: int, covariates: list[Known]
) -> tuple[list[float], float]:
    """The mean forecast of the two regressions, and their mean error."""
    count = min(length // period, 364) - week
    if count < 21:
        return [NAN] * horizon, NAN
    paths, errors = [], []
    for newest in dict.fromkeys((min(NEWEST, count), count)):
        scaled = Scaled(values, period, count + week)
        cycles = range(-newest, 0)
        features = np.array([list_features(scaled, cycle, week=week, covariates=covariates) for cycle in cycles])
        wanted = np.array(
            [
                [scaled.cells[cycle, phase] if (cycle, phase) in scaled.seen else NAN for phase in range(period)]
                for cycle in cycles
            ]
        )
        slow = min(Slow(features, wanted), Slow(features, wanted, free=week), key=lambda found: found.error)
        distances = [
            abs(values[cycle * period + phase] - scaled.restore(slow.left_out[number, phase], phase))
            for number, cycle in enumerate(cycles)
            for phase in range(period)
            if cycle >= -JUDGED and (cycle, phase) in scaled.seen and number in slow.rows
        ]
        errors.append(float(np.mean(distances)))
        lowest, highest = min(scaled.cells.values()), max(scaled.cells.values())
        room = 0.5 * (highest - lowest)
        path: list[float] = []
        for cycle in range(-(-horizon // period)):
            at = np.array(list_features(scaled, cycle, week=week, covariates=covariates))
            ahead = np.clip(slow.solve(slow.rows, slow.penalty, at), lowest - room, highest + room)
            scaled.cells |= {(cycle, phase): float(value) for phase, value in enumerate(ahead)}
            path += [scaled.restore(float(value), phase) for phase, value in enumerate(ahead)]
        paths.append(path[:horizon])
    return np.mean(paths, axis=0).tolist(), float(np.mean(errors))
