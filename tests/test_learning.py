"""Learning: reproducible, resumable, honest about what was held out."""

import math
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load

import forecaster
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import (
    ConfigurationError,
    DataError,
    DivergedError,
    UsageError,
)
from forecaster.evaluation.backtest import BacktestPlan, backtest
from forecaster.learning import stages
from forecaster.learning.batches import Batch
from forecaster.learning.export import open_weights
from forecaster.learning.fit import TrainedModel, train
from forecaster.learning.learner import Learner, TensorWeights, choose_device
from forecaster.learning.loop import LearningLoop, Progress
from forecaster.learning.plan import DataSource, RunControl, TrainingPlan
from forecaster.library.inputs import read_data
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS, NetworkShape, TrainingSettings
from forecaster.windows import cut_windows
from tests.conftest import SAMPLES, Command, make_monthly

SETTINGS = TrainingSettings(steps=30, score_every=10, warm_up_steps=5)


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    path = tmp_path / "data.csv"
    make_monthly(length=60).to_csv(path, index=False)
    return read_panel(str(path), options=ReadOptions(ids=("shop",)))[0]


SHAPE = NetworkShape(1, 8, dropout=0.2)


SOURCE = DataSource(("data.csv",))
PLAN = TrainingPlan(horizon=6, context_length=24, shape=SHAPE, settings=SETTINGS, from_base=False)
CONTROL = RunControl[Progress](Path("checkpoint.safetensors"))


def learn(panel: Panel, *, control: RunControl[Progress] = CONTROL, **changed: Any) -> TrainedModel:
    return train(panel, plan=replace(PLAN, **changed), source=SOURCE, control=control)


def assert_same(one: TrainedModel, other: TrainedModel) -> None:
    assert one.network == other.network
    assert one.weights == other.weights
    assert one.card == other.card


@pytest.mark.usefixtures("all_cores")
def test_same_seed_gives_the_same_bytes_and_another_seed_others(panel: Panel) -> None:
    settings = replace(SETTINGS, steps=10)
    first = learn(panel, settings=settings)
    assert first.card.training.best_step > 0
    assert_same(first, learn(panel, settings=settings))
    assert first.weights != learn(panel, settings=replace(settings, seed=1)).weights


def test_an_ensemble_is_the_mean_of_its_members(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[TensorWeights] = []
    learn_member = stages._learn_member

    def spy(*arguments: Any, **named: Any) -> Any:
        member = learn_member(*arguments, **named)
        learned.append(member.final)
        return member

    monkeypatch.setattr(stages, "_learn_member", spy)
    fractions: list[float] = []
    follow = replace(CONTROL, on_progress=lambda now: fractions.append(now.fraction))
    settings = replace(SETTINGS, ensemble=2, shrinkage=float(np.median(panel.lengths)) / 6)
    # as if all were equally good: the mean comes first
    monkeypatch.setattr(LearningLoop, "score", lambda *_: 0.0)
    both = load(learn(panel, settings=settings, control=follow).weights)
    torch.manual_seed(settings.seed)
    begin = StackedLSTM(
        NetworkShape(1, 8), channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS)
    )
    assert len(learned) == 2
    for name, weight in begin.state_dict().items():
        assert not torch.equal(learned[0][name], learned[1][name])
        torch.testing.assert_close(both[name], weight / 2 + (learned[0][name] + learned[1][name]) / 4)
    assert all(later >= earlier for earlier, later in pairwise(fractions))
    assert fractions[-1] == pytest.approx(1.0)


def test_weights_are_scored_as_far_as_they_are_gone_in_the_end(panel: Panel) -> None:
    for shrinkage, distinct in ((math.inf, 1), (5.0, 4)):
        heard: list[Progress] = []
        learn(
            panel, settings=replace(SETTINGS, shrinkage=shrinkage), control=replace(CONTROL, on_progress=heard.append)
        )
        assert len({now.held_out for now in heard if not math.isnan(now.held_out)}) == distinct


@pytest.mark.parametrize("better", ["begin", "member"])
def test_what_does_better_than_the_mean_is_kept(panel: Panel, monkeypatch: pytest.MonkeyPatch, better: str) -> None:
    settings = replace(SETTINGS, ensemble=2)
    # candidates come in this order: the mean, the members, what they began with
    scores = iter({"begin": [3, 2, 2, 1], "member": [3, 2, 1, 2]}[better])
    monkeypatch.setattr(LearningLoop, "score", lambda *_: float(next(scores)))
    trained = learn(panel, settings=settings)
    assert (trained.card.training.best_step == 0) == (better == "begin")
    assert trained.card.training.steps_taken > 0


def test_a_plan_is_what_train_does_without_options(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[TrainingPlan] = []

    def note(panel: Panel, *, plan: TrainingPlan, **_: Any) -> TrainedModel:
        plans.append(plan)
        raise DataError(f"{len(panel)} series: no more is to be seen")

    monkeypatch.setattr("forecaster.learning.fit.train", note)
    assert forecast("train", SAMPLES / "air_passengers.csv").code == 65
    assert plans == [TrainingPlan()]


def test_exploding_loss_names_the_series(panel: Panel) -> None:
    with pytest.raises(DivergedError, match=r"series s\d"):
        learn(panel, settings=replace(SETTINGS, learning_rate=1e6, gradient_norm=1e9, score_every=1))


def test_loss_that_is_not_finite_names_the_series(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(quantiles: torch.Tensor, y_true: torch.Tensor, **_: Any) -> torch.Tensor:
        del y_true
        return quantiles.mean(dim=(1, 2)) * torch.nan

    monkeypatch.setattr("forecaster.learning.learner.pinball_loss", broken)
    with pytest.raises(DivergedError, match=r"nan.*series s\d"):
        learn(panel)


def test_held_out_score_never_rises_above_that_of_the_start(panel: Panel) -> None:
    scores: list[Progress] = []
    learn(panel, control=replace(CONTROL, on_progress=scores.append))
    best = [progress.best for progress in scores if not math.isnan(progress.best)]
    assert len(best) >= 30
    assert all(later <= earlier for earlier, later in pairwise(best))
    assert scores[-1].fraction == pytest.approx(1.0)


def test_learning_stops_early_when_nothing_gets_better(panel: Panel) -> None:
    patient = learn(panel, settings=replace(SETTINGS, learning_rate=1e-12, patience=2, score_every=5))
    assert patient.card.training.steps_taken <= 20


def test_budget_of_time_ends_learning(panel: Panel) -> None:
    settings = replace(SETTINGS, steps=100_000, budget_seconds=1.0, patience=10_000, score_every=100_000)
    training = learn(panel, settings=settings).card.training
    assert 0 < training.best_step <= training.steps_taken < 100_000, "what was learned before the end counts"


def test_a_device_that_is_not_there_is_named(panel: Panel) -> None:
    with pytest.raises(UsageError, match="auto, cpu, cuda, mps"):
        learn(panel, settings=replace(SETTINGS, device="abacus"))
    if not torch.cuda.is_available():
        with pytest.raises(ConfigurationError, match="torch does not find it"):
            learn(panel, settings=replace(SETTINGS, device="cuda"))
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_learning_beats_the_seasonal_naive_forecast(panel: Panel) -> None:
    scores = learn(panel, settings=replace(SETTINGS, steps=60)).card.scores
    mase = {name: score.overall["MASE"] or math.inf for name, score in scores.items()}
    assert mase["forecast"] < mase["SeasonalNaive"]


def test_the_coverage_of_one_cutoff_alone_is_called_uncalibrated(panel: Panel) -> None:
    settings = replace(SETTINGS, steps=5, held_out_windows=1, second_stage_share=0.0)
    trained = learn(panel, settings=settings)
    forecaster = open_weights(load(trained.weights), shape=SHAPE, encoding=Encoding(24, (12,)), horizon=6)
    own = backtest(panel, forecaster, BacktestPlan(horizon=6)).scores["forecast"]
    described = trained.card.scores["forecast"]
    assert not described.is_calibrated
    assert described.coverage["0.8"] == own.coverage[0.8]
    assert described.overall["WQL"] == own.overall["WQL"]
    assert trained.card.scores["SeasonalNaive"].is_calibrated


def test_too_little_history_is_explained(panel: Panel) -> None:
    with pytest.raises(DataError, match="shorter --horizon"):
        learn(panel, horizon=60)


def test_many_windows_are_drawn_not_built_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, largest = read_data(make_monthly(series=12, length=60)).panel, 0

    def watch(*words: Any, index: Any, **arguments: Any) -> Any:
        nonlocal largest
        largest = max(largest, len(index))
        return cut_windows(*words, index=index, **arguments)

    monkeypatch.setattr("forecaster.learning.loop.cut_windows", watch)
    learn(panel, settings=replace(SETTINGS, batch_size=5))
    assert 0 < largest <= 36, "no more windows at once than a batch, or those held out"


def test_steps_that_are_held_out_change_nothing_of_what_is_learned(panel: Panel) -> None:
    values = panel.values.copy()
    for end in panel.offsets[1:]:
        values[end - 6 : end] += 0.01
    settings = replace(
        SETTINGS, held_out_windows=1, second_stage_share=0.0, score_every=60, steps=60, learning_rate=0.01
    )
    same, other = learn(panel, settings=settings), learn(replace(panel, values=values), settings=settings)
    assert same.card.training.best_step == other.card.training.best_step == 60
    assert same.weights == other.weights
    assert same.card.scores != other.card.scores


def test_second_stage_learns_what_was_held_out(panel: Panel) -> None:
    settings = replace(SETTINGS, held_out_windows=1, second_stage_share=0.5)
    both, first = learn(panel, settings=settings), learn(panel, settings=replace(settings, second_stage_share=0.0))
    assert both.weights != first.weights
    assert both.card.scores == first.card.scores, "scored before the second stage"
    assert both.card.calibration == first.card.calibration


def test_the_second_stage_learns_at_a_share_of_the_rate(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    take_step = Learner.learn

    def watch(self: Learner, batch: Batch, *, rate: float) -> Any:
        rates.append(rate)
        return take_step(self, batch, rate=rate)

    monkeypatch.setattr(Learner, "learn", watch)
    settings = replace(SETTINGS, warm_up_steps=1, second_stage_share=0.5, second_stage_rate=0.3, learning_rate=1e-2)
    learn(panel, settings=settings)
    begins = [later for earlier, later in pairwise([0.0, *rates]) if later > earlier]
    assert begins == pytest.approx([1e-2, 0.3e-2])


def test_learning_lets_waiting_threads_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    with pytest.raises(DataError):
        forecaster.train(pd.DataFrame({"day": pd.date_range("2024-01-01", periods=9), "y": range(9)}), horizon=6)
    assert int(os.environ["GOMP_SPINCOUNT"]) < 10_000
