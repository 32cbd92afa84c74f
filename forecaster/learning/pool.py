"""A pool of training windows that are encoded once, where encoding takes longer than learning from them."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.encoding.covariate_basis import count_features
from forecaster.learning.batches import Batch
from forecaster.learning.dataset import LearningData

__all__ = ["WindowPool", "choose_pool", "choose_pool_size"]

FIRST, FURTHER = 256, 64
"""Windows that are encoded before the first step, and in each further one."""
PART, LARGEST_PART, PART_ELEMENTS = 16, 64, 40_000
"""Windows that are encoded at once, and the most of them.

With long pasts and many covariates, 16 take a second or more; with short ones, a part takes as long as one window.
Elements are those of the arrays of features of a window.
"""
LARGE, SMALL = 4000, 800
"""Windows in the pool: with a regression on own cycles, and with the effects of covariates, too."""
SMALLEST, MAX_ELEMENTS = 160, 125_000_000
"""With long pasts and many covariates the pool is smaller: by elements of the arrays of features, which take the time.

Windows of a long series overlap, so that fewer of them show nearly the same.
"""
MIN_CYCLES = 16


def choose_pool(data: LearningData, *, seed: int, encode: Callable[[WindowIndex], Batch]) -> "WindowPool | None":
    """The windows to encode once; None where they are many and encoding is fast: every batch has windows of its own.

    Few windows are all encoded before the first step, and stay in their order.
    """
    size, index = choose_pool_size(data), data.training
    if size is None and len(index) > FIRST:
        return None
    if size is not None:
        index = index[np.random.default_rng([seed, size]).permutation(len(index))[:size]]
    elements = _count_elements(data)
    return WindowPool(index, encode=encode, part=min(LARGEST_PART, max(PART, PART_ELEMENTS // elements)))


def choose_pool_size(data: LearningData) -> int | None:
    """How many windows to encode where encoding takes long, None where it does not."""
    encoding, longest = data.encoding, int(data.panel.lengths.max(initial=0))
    if data.panel.covariates is not None:
        return min(SMALL, max(SMALLEST, MAX_ELEMENTS // _count_elements(data)))
    has_cycles = encoding.has_regression and encoding.periods[0] > 1 and longest >= MIN_CYCLES * encoding.periods[0]
    return LARGE if has_cycles else None


def _count_elements(data: LearningData) -> int:
    """Elements of the arrays of features of a window: the steps of its past, times the features of covariates."""
    encoding, covariates = data.encoding, data.panel.covariates
    features = 1 if covariates is None else count_features(len(covariates), period=encoding.periods[0])
    return encoding.reach_into(int(data.panel.lengths.max(initial=0))) * features


class WindowPool:
    """Training windows, encoded in their order and in parts by `encode`; the pool grows with the steps taken."""

    def __init__(self, index: WindowIndex, *, encode: Callable[[WindowIndex], Batch], part: int = PART) -> None:
        self._index, self._encode, self._part = index, encode, part
        self._parts: list[Batch] = []
        self._encoded = 0

    def sample(
        self, generator: np.random.Generator, *, size: int, step: int, is_over: Callable[[], bool] = lambda: False
    ) -> tuple[WindowIndex, Batch]:
        """A random batch of the windows that are in the pool at `step`, which does not depend on earlier calls.

        `is_over` is called before each part that is encoded, and may raise; once it is True, the pool stays as it is,
        but for its first part.
        """
        available = min(len(self._index), FIRST + FURTHER * step)
        while self._encoded < available:
            if is_over() and self._encoded:
                available = self._encoded
                break
            part = self._index[self._encoded : min(self._encoded + self._part, available)]
            self._parts.append(self._encode(part))
            self._encoded += len(part)
        if len(self._parts) > 1:
            self._parts = [Batch(*(torch.cat(tensors) for tensors in zip(*self._parts, strict=True)))]
        chosen: NDArray[np.int64] = generator.integers(0, available, size)
        rows = torch.from_numpy(chosen)
        return self._index[chosen], Batch(*(tensor[rows] for tensor in self._parts[0]))
