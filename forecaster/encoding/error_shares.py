"""What each column adds to a correction of errors: how much it moves, on average over the orders in which they come.

Shapley values (Shapley 1953, "A value for n-person games"): together they are the difference that all columns make,
also where what one does depends on the others.
"""

from collections.abc import Mapping
from itertools import permutations

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.correction import Correction, limit
from forecaster.encoding.error_features import Features
from forecaster.windows import Windows

__all__ = ["split_correction"]

FEW_COLUMNS, SAMPLED_ORDERS = 3, 8
"""Columns up to which all orders are tried, and how many are of more, each of them forwards and backwards."""


def split_correction(
    correction: Correction, windows: Windows, quantiles: Array, *, levels: tuple[float, ...], columns: Mapping[str, str]
) -> tuple[Array, dict[str, Array]]:
    """The correction of a single window, [horizon], and what of it comes from each column, for `quantiles` [1, ...].

    `columns` are those of the covariates that it reads, by name. What a column adds is compared with its usual values:
    the mean of the newest steps, and the same as a season before.
    """
    regressors, horizon = correction.regressors, quantiles.shape[1]
    whole, is_due = correction.expect(windows, quantiles, levels=levels)
    names = [*dict.fromkeys(columns[name] for name in regressors.names if name in columns)]
    if not names or not is_due.any():
        return whole[0], {}
    features = regressors.make(windows, quantiles, levels=levels)
    owners = np.repeat(
        [names.index(columns[name]) if name in columns else -1 for name in regressors.names],
        regressors.features_per_covariate,
    )
    orders = _list_orders(len(names))
    used = np.stack([order.argsort()[None] < np.arange(len(names) + 1)[:, None] for order in orders])
    coalitions, places = np.unique(used.reshape(-1, len(names)), axis=0, return_inverse=True)
    is_kept = np.concatenate([np.ones((len(coalitions), 1), bool), coalitions[:, owners] | (owners < 0)], axis=1)
    count = len(coalitions)
    every = Features(
        np.repeat(features.past, count, axis=0),
        features.ahead * is_kept[:, None],
        np.repeat(features.unit, count),
        np.repeat(features.static, count, axis=0),
    )
    found = limit(correction.regress(every), np.repeat(quantiles, count, axis=0), levels=levels) * is_due
    steps = np.diff(found[places.reshape(len(orders), -1)], axis=1)  # [order, place, horizon]
    added = {
        name: np.mean([moved[list(order).index(number)] for order, moved in zip(orders, steps, strict=True)], axis=0)
        for number, name in enumerate(names)
    }
    return whole[0], {name: value.reshape(horizon) for name, value in added.items()}


def _list_orders(count: int) -> list[np.ndarray]:
    """Orders of so many columns: all of few ones, else some, each of them forwards and backwards."""
    if count <= FEW_COLUMNS:
        return [np.array(order) for order in permutations(range(count))]
    generator = np.random.default_rng(0)
    some = [generator.permutation(count) for _ in range(SAMPLED_ORDERS)]
    return [*some, *(order[::-1] for order in some)]
