"""One step of learning: what counts in it, and how far it goes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.learning.batches import Batch, encode_batch
from forecaster.learning.learner import Learner
from forecaster.learning.synthetic import sample_batch
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS, NetworkShape, TrainingSettings
from forecaster.windows import Windows


def make_learner(**settings: Any) -> Learner:
    torch.manual_seed(0)
    network = StackedLSTM(
        NetworkShape(1, 8, dropout=0.0),
        channels=len(CHANNELS),
        candidates=len(CANDIDATES),
        quantiles=len(QUANTILE_LEVELS),
    )
    return Learner(network, settings=replace(TrainingSettings(device="cpu"), **settings))


def test_a_window_counts_by_its_weight() -> None:
    batch = sample_batch(0, 0, size=3)
    weights = torch.tensor([0.1, 0.9, 0.0])
    loss, losses = make_learner().learn(batch._replace(weights=weights), rate=1e-2)
    assert loss == pytest.approx(float(losses @ weights), rel=1e-5)
    assert loss != pytest.approx(float(losses.mean()), rel=1e-2)
    one, alone = make_learner(), make_learner()
    one.learn(batch._replace(weights=torch.tensor([0.0, 1.0, 0.0])), rate=1e-2)
    alone.learn(Batch(*(tensor[1:2] for tensor in batch)), rate=1e-2)
    for name, weight in alone.network.state_dict().items():
        torch.testing.assert_close(one.network.state_dict()[name], weight)


@pytest.mark.parametrize(("most", "is_reached"), [(0.01, True), (1e6, False)])
def test_gradients_are_clipped_to_their_norm(most: float, is_reached: bool) -> None:
    learner = make_learner(gradient_norm=most)
    learner.learn(sample_batch(0, 0, size=8), rate=1e-3)
    gradients = [weight.grad for weight in learner.network.parameters() if weight.grad is not None]
    norm = float(torch.linalg.vector_norm(torch.cat([gradient.ravel() for gradient in gradients])))
    assert norm <= most
    assert (norm == pytest.approx(most, rel=1e-3)) == is_reached


def test_a_past_that_stands_still_is_not_learned_from() -> None:
    past = np.random.default_rng(0).normal(10, 1, (3, 30))
    past[1] = 4.0
    y_true = np.full((3, 5), 7.0)
    batch = encode_batch(Windows(past, np.full(3, 30)), y_true, encoding=Encoding(16, (1,)))
    assert torch.isnan(batch.y_true).all(dim=1).tolist() == [False, True, False]
    assert torch.isfinite(batch.y_true[[0, 2]]).all()


def test_a_run_goes_on_although_the_generator_was_that_of_another_kind_of_device() -> None:
    learner = make_learner()
    learner.learn(sample_batch(0, 0, size=3), rate=1e-2)
    of_cuda = torch.zeros(16, dtype=torch.uint8)
    other = make_learner()
    other.restore(replace(learner.state(), random=of_cuda))
    assert other.step == 1
    for name, weight in learner.average.items():
        assert torch.equal(weight, other.average[name]), name
