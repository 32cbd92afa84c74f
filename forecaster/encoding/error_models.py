"""How errors are expected from their features: by a linear regression, or by an adapter for raw covariates."""

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.error_features import Features

__all__ = ["Adapter", "ErrorModel", "ErrorRegression"]

MOST_AT_ONCE = 2_000_000
"""Numbers of a hidden layer that are held at the same time, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class ErrorRegression:
    """A linear regression with `weights` [step, feature] of its own for each step of the horizon."""

    weights: Array

    @property
    def steps(self) -> int:
        """Of the horizon that was learned."""
        return len(self.weights)

    def flatten(self) -> Array:
        """All numbers in a row."""
        return self.weights.ravel()

    def expect(self, features: Features) -> Array:
        """The errors, [batch, step], in units; of as many steps as there are features of, and weights."""
        steps, lags = min(self.steps, features.ahead.shape[1]), features.past.shape[1]
        weights = self.weights[:steps]
        by_ahead = np.einsum("bso,so->bs", features.ahead[:, :steps], weights[:, lags:])
        return np.asarray(features.past @ weights[:, :lags].T + by_ahead)


@dataclass(frozen=True, eq=False)
class Adapter:
    """A small network beside the base model: one hidden layer for each step, which reads covariates as they are.

    The hidden layer of a step sees the newest steps, what describes the series, and what is known ahead of this step
    and of those before it, but of none after it: so a forecast does not depend on how many steps are asked for. Its
    `out` begins as zeros, so that it changes no forecast before it has learned (Houlsby et al. 2019,
    "Parameter-efficient transfer learning for NLP").

    past    [lag, hidden]            weights of the hidden layer
    static  [code, hidden]
    ahead   [step, feature, hidden]  of what is known ahead of each step, for the hidden layers of this and later steps
    bias    [step, hidden]
    out     [step, hidden]           weights of the result
    shift   [step]
    """

    past: Array
    static: Array
    ahead: Array
    bias: Array
    out: Array
    shift: Array

    @property
    def steps(self) -> int:
        """Of the horizon that was learned."""
        return len(self.shift)

    def expect(self, features: Features) -> Array:
        """The errors, [batch, step], in units; of as many steps as there are features of, and weights."""
        steps, units = min(self.steps, features.ahead.shape[1]), self.out.shape[1]
        size = max(1, MOST_AT_ONCE // max(steps * units, 1))
        parts = [
            self._expect(features.take(slice(begin, begin + size)), steps)
            for begin in range(0, len(features.past), size)
        ]
        return np.concatenate([np.zeros((0, steps)), *parts])

    def _expect(self, features: Features, steps: int) -> Array:
        hidden = np.einsum("bsf,sfu->bsu", features.ahead[:, :steps], self.ahead[:steps], optimize=True)
        np.cumsum(hidden, axis=1, out=hidden)
        hidden += (features.past @ self.past + features.static @ self.static)[:, None] + self.bias[:steps]
        np.tanh(hidden, out=hidden)
        return np.asarray(np.einsum("bsu,su->bs", hidden, self.out[:steps]) + self.shift[:steps])

    def flatten(self) -> Array:
        """All numbers in a row."""
        return np.concatenate([value.ravel() for value in vars(self).values()])

    @classmethod
    def unflatten(cls, numbers: Array, *, sizes: tuple[int, int, int], steps: int, units: int) -> "Adapter":
        """That of `flatten`, with so many lags, codes and features ahead. Raises ValueError where it does not fit."""
        lags, codes, features = sizes
        shapes = [(lags, units), (codes, units), (steps, features, units), (steps, units), (steps, units), (steps,)]
        counts = [int(np.prod(shape)) for shape in shapes]
        if sum(counts) != len(numbers):
            raise ValueError("'correction.weights' do not match the features")
        parts = np.split(numbers, np.cumsum(counts)[:-1])
        return cls(*(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))


ErrorModel = ErrorRegression | Adapter
