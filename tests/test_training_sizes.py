"""How many steps are learned, windows held out and windows put into a batch, by the length of the history."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from forecaster.learning.batches import Batch
from forecaster.learning.dataset import divide
from forecaster.learning.learner import Learner
from forecaster.learning.plan import TrainingPlan
from forecaster.settings import FINE_TUNING, TrainingSettings
from tests.test_learning import SETTINGS, learn
from tests.test_windows import make_panel


@pytest.mark.parametrize(("length", "steps"), [(40, 5), (80, 6), (800, 9)])
def test_the_more_history_the_more_steps(length: int, steps: int) -> None:
    panel = make_panel(np.random.default_rng(0).normal(size=length) + 10)
    settings = replace(SETTINGS, steps=None, min_steps=5, max_steps=9, steps_per_horizon=0.3)
    assert learn(panel, settings=settings, horizon=4).card.training.steps == steps


@pytest.mark.parametrize(
    ("series", "length", "horizon", "windows"),
    [(8, 5000, 30, 8), (1, 5000, 30, 16), (200, 800, 48, 4), (55, 735, 56, 3), (200, 72, 12, 1), (1, 40, 4, 2)],
)
def test_several_cutoffs_are_held_out_where_they_are_at_most_a_quarter_of_history(
    series: int, length: int, horizon: int, windows: int
) -> None:
    panel = make_panel(*np.random.default_rng(0).normal(size=(series, length)))
    data = divide(panel, plan=TrainingPlan(horizon=horizon))
    assert data.held_out_windows == windows
    assert len(np.unique(data.held_out.cutoff_index)) == windows


@pytest.mark.parametrize(("batch_steps", "size"), [(None, 80), (1200, 40), (10**6, 80), (10, 32)])
def test_a_batch_of_long_windows_has_fewer_of_them(
    monkeypatch: pytest.MonkeyPatch, batch_steps: int | None, size: int
) -> None:
    sizes: list[int] = []
    take_step = Learner.learn

    def watch(self: Learner, batch: Batch, *, rate: float) -> Any:
        sizes.append(len(batch.inputs))
        return take_step(self, batch, rate=rate)

    monkeypatch.setattr(Learner, "learn", watch)
    # windows of 24 + 6 steps
    panel = make_panel(*np.random.default_rng(0).normal(size=(10, 90)))
    learn(panel, settings=replace(SETTINGS, steps=1, batch_size=80, batch_steps=batch_steps, second_stage_share=0.0))
    assert sizes == [size]


def test_the_more_history_the_further_it_goes() -> None:
    assert TrainingSettings().interpolation_weight(2.0) == 1
    assert TrainingSettings().interpolation_weight(0.0) == 1
    shrinkage = FINE_TUNING.shrinkage
    assert [FINE_TUNING.interpolation_weight(times * shrinkage) for times in (0, 1, 2, 7)] == [0, 0.5, 0.8, 0.98]
