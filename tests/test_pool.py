"""Training windows that are encoded once: which they are, when, and that nothing held out is among them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.learning.batches import Batch
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.loop import LearningLoop, LearningTask
from forecaster.learning.pool import (
    FIRST,
    FURTHER,
    LARGE,
    LARGEST_PART,
    PART,
    SMALL,
    WindowPool,
    choose_pool,
    choose_pool_size,
)
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS
from tests.test_checkpoints import RESUME, stop_after
from tests.test_learning import PLAN, SETTINGS, SHAPE, assert_same, learn
from tests.test_windows import make_panel


def make_long(*, has_covariates: bool = False, count: int = 2, length: int = 240) -> Panel:
    """Daily series of many weeks; with a covariate that is known ahead, and one that is not."""
    generator = np.random.default_rng(0)
    driver = generator.normal(size=(count * length, 2))
    values = 50 + 5 * np.sin(2 * np.pi * np.arange(length) / 7) + generator.normal(size=(count, length))
    panel = make_panel(*(values + 3 * driver[:, 0].reshape(count, length)))
    if not has_covariates:
        return panel
    names = ("price", "sun")
    return replace(panel, covariates=Covariates(names, names, np.array([True, False]), driver, panel.offsets))


def make_pooled(*, has_covariates: bool) -> Panel:
    """A pool that grows with the steps; covariates take long to encode, so that it is of few windows."""
    panel = make_long(has_covariates=has_covariates, length=200 if has_covariates else 240)
    assert choose_pool_size(divide(panel, plan=PLAN)) is not None
    return panel


def note_encoded(asked: list[WindowIndex]) -> Callable[[WindowIndex], Batch]:
    """Encodes the cutoff of each window as its inputs, and notes what it was `asked` to encode."""

    def encode(index: WindowIndex) -> Batch:
        asked.append(index)
        return Batch(*(torch.from_numpy(index.cutoffs + number) for number in range(4)))

    return encode


def make_pool(*, windows: int) -> tuple[WindowPool, list[WindowIndex]]:
    """A pool of so many windows, and what it was asked to encode."""
    asked: list[WindowIndex] = []
    index = WindowIndex(np.zeros(windows, np.int64), np.arange(windows))
    return WindowPool(index, encode=note_encoded(asked)), asked


@pytest.mark.parametrize("windows", [1000, 5000, 90, 300])
def test_it_grows_with_the_steps_and_encodes_no_window_twice(windows: int) -> None:
    pool, asked = make_pool(windows=windows)
    generator, drawn = np.random.default_rng(0), set()
    for step in range(20):
        index, batch = pool.sample(generator, size=200, step=step)
        assert len(index) == 200
        for number, tensor in enumerate(batch):
            np.testing.assert_array_equal(tensor.numpy(), index.cutoffs + number)
        encoded = np.concatenate([part.cutoffs for part in asked])
        assert len(encoded) == len({*encoded}) == min(windows, FIRST + FURTHER * step)
        drawn |= {*index.cutoffs.tolist()}
        assert drawn <= {*encoded.tolist()}
    assert max(drawn) > 0.8 * len(encoded)


def test_what_is_sampled_at_a_step_does_not_depend_on_earlier_ones() -> None:
    pool, _ = make_pool(windows=2000)
    for step in range(7):
        pool.sample(np.random.default_rng(step), size=50, step=step)
    once, _ = make_pool(windows=2000)
    for step in (6, 2):
        (index, batch), (other, found) = (
            of.sample(np.random.default_rng(9), size=50, step=step) for of in (pool, once)
        )
        np.testing.assert_array_equal(other.cutoffs, index.cutoffs)
        for one, two in zip(batch, found, strict=True):
            assert torch.equal(one, two)


def test_windows_are_encoded_once_where_encoding_takes_long() -> None:
    long, driven, short = make_long(), make_long(has_covariates=True, length=60), make_long(length=60)
    sizes = [choose_pool_size(divide(panel, plan=PLAN)) for panel in (long, driven, short)]
    assert sizes == [LARGE, SMALL, None]
    flat = divide(make_panel(*np.random.default_rng(0).normal(size=(2, 400))), plan=replace(PLAN, seasons=(1,)))
    assert choose_pool_size(flat) is None
    assert len(flat.training) > FIRST
    assert choose_pool(flat, seed=0, encode=note_encoded([])) is None


@pytest.mark.parametrize(
    ("panel", "is_shuffled", "part"),
    [
        (make_long(length=60), False, LARGEST_PART),
        (make_long(count=8), True, LARGEST_PART),
        (make_long(length=3000), True, PART),
        (make_long(has_covariates=True), True, PART),
    ],
    ids=["few", "many", "long", "with covariates"],
)
def test_a_batch_of_few_windows_is_of_all_of_them_and_the_pool_of_many_is_of_all_series(
    panel: Panel, is_shuffled: bool, part: int
) -> None:
    data, asked = divide(panel, plan=PLAN), list[WindowIndex]()
    pool = choose_pool(data, seed=3, encode=note_encoded(asked))
    assert pool is not None
    index, _ = pool.sample(np.random.default_rng(0), size=200, step=0)
    assert {len(each) for each in asked[:-1]} == {part}
    encoded = [pair for each in asked for pair in zip(each.series.tolist(), each.cutoffs.tolist(), strict=True)]
    first = [*zip(data.training.series.tolist(), data.training.cutoffs.tolist(), strict=True)][: len(encoded)]
    assert len({*encoded}) == min(FIRST, len(data.training))
    assert (encoded != first) == is_shuffled
    assert {*index.series.tolist()} == {*range(len(panel))}


def make_loop(data: LearningData, *, steps: int) -> LearningLoop:
    torch.manual_seed(0)
    network = StackedLSTM(SHAPE, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS))
    return LearningLoop(LearningTask(network, data, replace(SETTINGS, steps=steps), steps, ""))


def change_held_out(data: LearningData) -> Panel:
    """The panel with other values on the steps that are held out, and of what is not known ahead there."""
    panel, covariates = data.panel, data.panel.covariates
    values = panel.values.copy()
    driver: Array | None = None if covariates is None else covariates.values.copy()
    for end in panel.offsets[1:].tolist():
        values[end - data.held_out_steps : end] = 1e6
        if driver is not None:
            driver[end - data.held_out_steps : end, 1] = 1e6
    changed = None if covariates is None or driver is None else replace(covariates, values=driver)
    return replace(panel, values=values, covariates=changed)


@pytest.mark.parametrize("has_covariates", [False, True])
def test_nothing_that_is_held_out_is_in_a_batch(has_covariates: bool) -> None:
    data = divide(make_pooled(has_covariates=has_covariates), plan=PLAN)
    loops = [make_loop(of, steps=5) for of in (data, replace(data, panel=change_held_out(data)))]
    reach = 0
    for step in range(5):
        (index, one), (_, other) = (
            loop.pool.sample(np.random.default_rng(step), size=300, step=step) for loop in loops if loop.pool
        )
        for tensor, found in zip(one, other, strict=True):
            assert torch.equal(tensor.nan_to_num(-1), found.nan_to_num(-1))
        first = data.panel.lengths[index.series] - data.held_out_steps
        assert (index.cutoffs < first).all()
        reach = max(reach, int((index.cutoffs + data.horizon - first).max()))
    # some windows do reach into what is held out, where their truth is unknown
    assert reach > 0


@pytest.mark.parametrize("has_covariates", [False, True])
def test_a_stopped_run_that_is_resumed_has_the_same_bytes(has_covariates: bool) -> None:
    panel = make_pooled(has_covariates=has_covariates)
    settings = replace(SETTINGS, steps=5, score_every=2)
    uninterrupted = learn(panel, settings=settings)
    with pytest.raises(InterruptedRunError, match="--resume"):
        learn(panel, settings=settings, control=stop_after(3))
    assert_same(uninterrupted, learn(panel, settings=settings, control=RESUME))


def test_a_run_is_not_resumed_with_other_covariates() -> None:
    panel = make_long(has_covariates=True)
    covariates = panel.covariates
    assert covariates is not None
    with pytest.raises(InterruptedRunError):
        learn(panel, control=stop_after(3))
    others = (
        None,
        replace(covariates, values=covariates.values + 1),
        replace(covariates, is_known=np.array([True, True])),
        replace(covariates, names=("cost", "sun")),
    )
    for other in others:
        with pytest.raises(ConfigurationError, match="changed"):
            learn(replace(panel, covariates=other), control=RESUME)
