"""What counts in the time budget of a training, and how soon it ends where the time is over or a signal comes."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from forecaster.cutoffs import WindowIndex
from forecaster.errors import InterruptedRunError
from forecaster.evaluation.backtest import BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base
from forecaster.learning import assess
from forecaster.learning.correction import PART_WITH_COVARIATES, correct_errors
from forecaster.learning.dataset import divide
from forecaster.learning.fit import train
from forecaster.learning.loop import LearningLoop
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.pool import PART
from forecaster.settings import FINE_TUNING
from tests.test_learning import CONTROL, PLAN, SETTINGS, SOURCE, learn
from tests.test_pool import make_long, make_pool


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many windows a loop encodes at once; each time takes a second, by the only clock that there is."""
    sizes: list[int] = []
    encode: Callable[..., Any] = LearningLoop._encode

    def note(self: LearningLoop, index: WindowIndex, **rest: Any) -> Any:
        sizes.append(len(index))
        return encode(self, index, **rest)

    monkeypatch.setattr(LearningLoop, "_encode", note)
    monkeypatch.setattr("forecaster.learning.loop.time", SimpleNamespace(monotonic=lambda: float(len(sizes))))
    return sizes


def test_the_pool_stays_as_it_is_once_the_time_is_over() -> None:
    for parts, size in ((0, PART), (1, PART), (3, 3 * PART)):
        pool, asked = make_pool(windows=2000)
        times = iter([*[False] * parts, *[True] * 99])
        index, batch = pool.sample(np.random.default_rng(0), size=200, step=5, is_over=times.__next__)
        known = np.concatenate([part.cutoffs for part in asked])
        assert len(known) == size
        assert {*index.cutoffs} <= {*known}
        np.testing.assert_array_equal(batch.weights.numpy() - 3, index.cutoffs)
        # and grows where there is time again
        pool.sample(np.random.default_rng(0), size=200, step=0)
        assert len(np.concatenate([part.cutoffs for part in asked])) == 256


def test_the_first_score_and_the_windows_to_learn_from_count_in_the_budget(encoded: list[int]) -> None:
    panel = make_long(has_covariates=True)
    settings = replace(SETTINGS, steps=50, budget_seconds=5.0, second_stage_share=0.0)
    training = learn(panel, settings=settings).card.training
    held_out = encoded[0]
    # the held-out windows, and four parts to learn from; once more the held-out windows, to select
    assert encoded == [held_out, *[PART] * 4, held_out]
    assert training.steps_taken == 1


def test_where_the_first_score_takes_all_of_the_budget_one_step_is_taken(encoded: list[int]) -> None:
    settings = replace(SETTINGS, steps=50, budget_seconds=0.5, second_stage_share=0.0)
    assert learn(make_long(has_covariates=True), settings=settings).card.training.steps_taken == 1
    assert encoded[1:-1] == [PART]


def test_a_signal_is_noticed_between_two_parts_that_are_encoded(encoded: list[int]) -> None:
    control = replace(CONTROL, stop_signal=lambda: 15 if len(encoded) >= 3 else None)
    with pytest.raises(InterruptedRunError, match="Stopped at step 0 of 30"):
        learn(make_long(has_covariates=True), control=control)
    assert len(encoded) == 3


@pytest.mark.parametrize("after", ["_forecast_held_out", "_weigh", "_score_base"])
def test_a_signal_is_noticed_between_two_parts_of_the_assessment(monkeypatch: pytest.MonkeyPatch, after: str) -> None:
    calls: list[str] = []
    for name in ("_forecast_held_out", "_weigh", "_score_base", "correct_errors"):
        function = getattr(assess, name)

        def call(*positional: Any, _name: str = name, _function: Any = function, **named: Any) -> Any:
            calls.append(_name)
            return _function(*positional, **named)

        monkeypatch.setattr(assess, name, call)
    control = replace(CONTROL, stop_signal=lambda: 15 if after in calls else None)
    plan = replace(TrainingPlan(horizon=7), settings=replace(FINE_TUNING, steps=3, score_every=1))
    with pytest.raises(InterruptedRunError, match="Stopped at step"):
        train(make_long(length=120), plan=plan, source=SOURCE, control=control)
    assert calls[-1] == after


def test_windows_with_covariates_are_forecast_in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, sizes = make_long(has_covariates=True, length=700), []
    data, base = divide(panel, plan=PLAN), open_base(panel)
    held_out = BacktestPlan(data.horizon, windows=data.held_out_windows)
    found = backtest(panel, base, held_out, bounds=Bounds(allow_negative=True))

    def note(*_: object, index: WindowIndex, **__: object) -> None:
        sizes.append(len(index))
        raise InterruptedRunError("enough", signal_number=15)

    monkeypatch.setattr(Forecaster, "forecast", note)
    with pytest.raises(InterruptedRunError):
        correct_errors(base, found, data=data, correlation=0.0)
    assert 0 < sizes[0] <= PART_WITH_COVARIATES
