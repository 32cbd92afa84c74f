"""Batches of synthetic series for pre-training, by number, sampled in parallel to learning."""

import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from forecaster.arrays import Array
from forecaster.encoding.encoding import Encoding
from forecaster.learning.batches import Batch, encode_batch
from forecaster.learning.prior import FREQUENCIES, sample_series
from forecaster.learning.prior_covariates import add_covariates
from forecaster.machine import count_usable_cpus
from forecaster.settings import PretrainingSettings, default_context_length
from forecaster.windows import WindowCovariates, Windows

__all__ = ["iterate_batches", "sample_batch"]

SHORT_CONTEXT_SHARE = 0.25
COVARIATES_SHARE = 0.3
USUAL_STEPS, USUAL_PAST, MIN_SIZE = 260, 2300, 24
"""Steps of context and horizon, and of past, up to which a batch has its whole size; and its smallest size."""
ANY_PERIOD = (2, 60)


def sample_batch(seed: int, number: int, *, size: int) -> Batch:
    """Batch `number` of a run: synthetic series of one frequency, cut at their end, encoded.

    The same `seed` and `number` give the same batch; the order in which batches are sampled does not matter.
    """
    generator = np.random.default_rng([seed, number])
    shares = np.array([frequency.share for frequency in FREQUENCIES.values()])
    frequency = list(FREQUENCIES.values())[generator.choice(len(shares), p=shares / shares.sum())]
    has_covariates = bool(generator.random() < COVARIATES_SHARE)
    periods = frequency.periods if frequency.periods[0] else (int(generator.integers(*ANY_PERIOD, endpoint=True)),)
    horizon = int(generator.integers(*frequency.horizons, endpoint=True))
    context_length = default_context_length(periods[0])
    if generator.random() < SHORT_CONTEXT_SHARE:
        context_length = int(generator.integers(min(2 * periods[0] + 4, context_length), context_length, endpoint=True))
    encoding = Encoding(context_length, periods)
    # as much work as in other batches, for long horizons and long pasts too
    costs = (USUAL_STEPS / (context_length + horizon), USUAL_PAST / frequency.lengths[1] / (4 if has_covariates else 1))
    size = max(min(MIN_SIZE, size), int(size * min(1.0, *costs)))
    shortest, longest = frequency.lengths
    longest = min(longest, encoding.past_length)
    shortest = min(shortest, longest)
    lengths = np.exp(generator.uniform(np.log(shortest), np.log(longest + 1), size)).astype(np.int64)
    # two in five have the maximum length, to learn from many cycles
    lengths = np.where(generator.random(size) < 0.4, longest, lengths)
    sampled = replace(frequency, periods=periods)
    series = sample_series(generator, count=size, length=longest + horizon, frequency=sampled)
    time = encoding.reach_into(longest)
    covariates = None
    if has_covariates:
        series, found = add_covariates(generator, series, periods=periods)
        padded = np.pad(found, ((0, 0), (time - longest, 0), (0, 0)), constant_values=np.nan)
        covariates = WindowCovariates(padded, np.ones(padded.shape[2], bool))
    past = np.full((size, time), np.nan)
    past[:, -longest:] = series[:, :longest]
    past[np.arange(time, 0, -1) > lengths[:, None]] = np.nan
    return encode_batch(Windows(past, lengths, covariates), series[:, longest:], encoding=encoding)


class _Batches(Dataset[list[Array]]):
    """The arrays of batches by number, starting from `first`; for a DataLoader that samples them in worker processes.

    Tensors would be handed over by a socket in the folder for temporary files: where the path of that folder is long it
    cannot be opened, and the run waits for ever.
    """

    def __init__(self, *, seed: int, first: int, size: int) -> None:
        self.seed, self.first, self.size = seed, first, size

    def __len__(self) -> int:
        return 1 << 40

    def __getitem__(self, number: int) -> list[Array]:
        return [values.numpy() for values in sample_batch(self.seed, self.first + number, size=self.size)]


def iterate_batches(settings: PretrainingSettings, *, first: int, is_cuda: bool) -> Iterator[Batch]:
    """The batches of a run from number `first` on, endlessly; on CUDA a thread receives them while the GPU learns."""
    batches = _Batches(seed=settings.seed, first=first, size=settings.batch_size)
    workers = settings.workers
    if workers is None:
        workers = count_usable_cpus() if is_cuda else 1
    loader = DataLoader(
        batches,
        batch_size=None,
        collate_fn=_keep,
        num_workers=workers,
        pin_memory=is_cuda and workers > 0,
        # by default the loader uses the global generator, which dropout samples from, too
        generator=torch.Generator(),
        prefetch_factor=4 if workers else None,
        worker_init_fn=_leave_signals_to_the_parent,
    )
    for arrays in loader:
        yield Batch(*map(torch.from_numpy, arrays))


def _keep(arrays: list[Array]) -> list[Array]:
    """The arrays as they are: by default the worker makes tensors of them."""
    return arrays


def _leave_signals_to_the_parent(_: int) -> None:
    """Ignore signals in workers: a terminal signals the whole group, but the parent saves and ends its workers."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
