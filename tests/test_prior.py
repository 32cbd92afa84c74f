"""Synthetic series, and a base model that learns from them."""

import json
import signal
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from forecaster.data.panel import Panel
from forecaster.encoding.names import CHANNELS
from forecaster.encoding.seasonality import find_shrunken_profile
from forecaster.errors import InterruptedRunError
from forecaster.learning import pretrain as pretraining
from forecaster.learning import prior_parts as parts
from forecaster.learning import synthetic
from forecaster.learning.batches import Batch
from forecaster.learning.checkpoint import read_checkpoint
from forecaster.learning.learner import Learner, TensorWeights
from forecaster.learning.plan import RunControl
from forecaster.learning.pretrain import (
    Pretraining,
    PretrainingCheckpoint,
    make_base,
    pretrain,
    score_on_real,
)
from forecaster.learning.prior import FREQUENCIES, sample_series
from forecaster.learning.synthetic import sample_batch
from forecaster.model.base import read_base, write_base
from forecaster.settings import NetworkShape, PretrainingSettings
from tests.conftest import Command, make_monthly
from tests.test_windows import make_panel

TINY = NetworkShape(layers=1, hidden=4, dropout=0.0)


@pytest.mark.parametrize("name", ["yearly", "quarterly", "monthly", "daily_long", "hourly_long"])
def test_series_are_finite_where_observed_and_the_seed_settles_them(name: str) -> None:
    frequency = FREQUENCIES[name]
    length = 2 * frequency.periods[-1] + 20
    first, again, other = (
        sample_series(np.random.default_rng(seed), count=64, length=length, frequency=frequency) for seed in (1, 1, 2)
    )
    assert first.shape == (64, length)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(np.nan_to_num(first), np.nan_to_num(other))
    assert not np.isinf(first).any()
    assert 0.9 < np.isfinite(first).mean() < 1
    assert (np.isfinite(first).sum(axis=1) > 0).all()


def test_what_grows_rises_more_often_than_it_falls_and_more_so_after_it_rose() -> None:
    frequency = replace(FREQUENCIES["yearly"], growing=1.0)
    series = sample_series(np.random.default_rng(0), count=4000, length=41, frequency=frequency)
    series = series[np.isfinite(series).all(axis=1) & (series.min(axis=1) > 0)]
    before, after = series[:, 30] - series[:, 20], series[:, 40] - series[:, 30]
    assert np.sign(after).mean() > 0.3
    assert np.sign(after[before > 0]).mean() > np.sign(after[before < 0]).mean() + 0.4
    rates = parts.sample_rates(np.random.default_rng(0), count=400, length=300)
    assert 0.8 < np.median(rates.std(axis=1)) < 1.2


@pytest.mark.parametrize(("seasonal", "least", "most"), [(0.0, 0.0, 0.1), (1.0, 0.5, 0.9)])
def test_series_have_seasons_where_they_may(seasonal: float, least: float, most: float) -> None:
    frequency = replace(FREQUENCIES["monthly"], seasonal=seasonal, growing=0.0)
    sampled = sample_series(np.random.default_rng(0), count=600, length=144, frequency=frequency)
    whole = sampled[np.isfinite(sampled).all(axis=1)]
    _, share = find_shrunken_profile(whole, np.full(len(whole), 144), period=12)
    assert least <= (share > 0.5).mean() <= most


def test_a_season_repeats_itself_unless_it_changes() -> None:
    season = parts.sample_season(np.random.default_rng(0), count=400, length=48, period=12, short=12)
    repeats = np.abs(season[:, 12:] - season[:, :-12]).max(axis=1) < 1e-9
    assert 0.6 < repeats.mean() < 0.9
    np.testing.assert_allclose(season[repeats].std(axis=1), 1.0, atol=1e-9)


def test_a_week_of_hours_is_made_of_days() -> None:
    generator = np.random.default_rng(0)
    week = parts.sample_season(generator, count=300, length=168, period=168, short=24).reshape(300, 7, 24)
    likeness = [np.asarray(np.corrcoef(days))[np.triu_indices(7, 1)].max() for days in week]
    assert np.median(likeness) > 0.9


def test_noise_has_unit_spread_and_some_is_correlated() -> None:
    noise = parts.sample_noise(np.random.default_rng(0), count=500, length=400, correlated=0.5)
    assert 0.8 < np.median(noise.std(axis=1)) < 1.2
    lagged = np.array([np.mean(row[1:] * row[:-1]) / np.mean(row**2) for row in noise])
    assert (np.abs(lagged) < 0.2).mean() > 0.4
    assert (lagged > 0.4).mean() > 0.1


def test_batches_depend_on_nothing_but_seed_and_number() -> None:
    shapes = set()
    for number in range(6):
        batch = sampled(0, number, size=8)
        if number % 2:  # some, as sampling takes long
            again = sample_batch(0, number, size=8)
            for one, other in zip(batch, again, strict=True):
                assert torch.equal(torch.nan_to_num(one), torch.nan_to_num(other))
        assert len(batch.inputs) == 8
        assert torch.isfinite(batch.inputs).all()
        assert torch.isfinite(batch.candidates).all()
        assert batch.inputs.shape[2] == len(CHANNELS)
        assert batch.inputs.shape[1] > batch.y_true.shape[1]
        shapes.add(batch.inputs.shape)
    assert len(shapes) > 2, "of several frequencies"
    assert abs(sum(frequency.share for frequency in FREQUENCIES.values()) - 1) < 1e-9


@dataclass(frozen=True)
class Run:
    """A pre-training whose checkpoint is in `folder`; `heard` is what it said of its scores."""

    folder: Path
    shape: NetworkShape = TINY
    workers: int = 0
    heard: list[Pretraining] = field(default_factory=list)

    def learn(
        self, *, steps: int, resume: bool = False, stop_at: int | None = None, real: dict[str, Panel] | None = None
    ) -> Pretraining:
        """Learn up to so many steps, scored on `real` series, or get a signal to stop at one before."""
        at = [0]

        def follow(now: Pretraining) -> None:
            at[0] = now.step

        return pretrain(
            shape=self.shape,
            settings=PretrainingSettings(
                steps=steps, batch_size=8, workers=self.workers, threads=1, falling_share=0.5, score_every=2
            ),
            real=real,
            on_score=self.heard.append,
            control=RunControl(
                self.folder / "checkpoint.safetensors",
                resume,
                on_progress=follow,
                stop_signal=lambda: signal.SIGTERM if stop_at is not None and at[0] >= stop_at else None,
            ),
        )


sampled = cache(sample_batch)
"""Once for all runs, as it takes longer than learning."""


@pytest.fixture(autouse=True)
def _sample_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "sample_batch", sampled)


@pytest.mark.parametrize("stop_at", [0, 1, 2, 5, 6, 7, 8, 9])
def test_a_stopped_run_comes_to_what_it_would_have_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    def sample(seed: int, number: int, *, size: int) -> Batch:
        batch = sampled(seed, number, size=size)
        # a loss that is not finite: no step is taken
        return batch._replace(inputs=batch.inputs * np.nan) if number in (1, 7) else batch

    def score(weights: TensorWeights, **_: Any) -> dict[str, float]:
        return {"walks": 1 / float(weights["output.bias"].abs().sum())}

    monkeypatch.setattr(synthetic, "sample_batch", sample)
    monkeypatch.setattr(pretraining, "score_on_real", score)
    shape = replace(TINY, dropout=0.2)
    whole = Run(tmp_path / "whole", shape).learn(steps=10)
    assert whole.step == 8, "the best is of before the end, while the rate falls"
    with pytest.raises(InterruptedRunError, match=rf"Stopped at step {stop_at}; the work is saved in .*--resume"):
        Run(tmp_path / "stopped", shape).learn(steps=10, stop_at=stop_at)
    stopped = read_checkpoint(tmp_path / "stopped" / "checkpoint.safetensors", PretrainingCheckpoint, shape=shape)
    assert stopped.learner.step == stop_at
    torch.manual_seed(99)
    resumed = Run(tmp_path / "stopped", shape).learn(steps=10, resume=True)
    assert (resumed.step, resumed.loss, resumed.scores) == (whole.step, whole.loss, whole.scores)
    for name, weight in whole.weights.items():
        assert torch.equal(weight, resumed.weights[name]), name


@pytest.mark.usefixtures("all_cores")
def test_the_number_of_workers_does_not_change_what_is_learned(tmp_path: Path) -> None:
    alone, shared = (Run(tmp_path / str(workers), workers=workers).learn(steps=5) for workers in (0, 2))
    assert shared.loss == alone.loss
    for name, weight in alone.weights.items():
        assert torch.equal(weight, shared.weights[name]), name


def test_the_loss_that_is_shown_is_smoothed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([1.0, 2.0, 3.0])
    take_step = Learner.learn

    def learn_with_loss(self: Learner, batch: Batch, *, rate: float) -> Any:
        return next(losses), take_step(self, batch, rate=rate)[1]

    monkeypatch.setattr(Learner, "learn", learn_with_loss)
    assert Run(tmp_path).learn(steps=3).loss == pytest.approx((1.0 * 0.99 + 2.0 * 0.01) * 0.99 + 3.0 * 0.01)


def test_a_run_goes_on_with_other_series_to_score_on(tmp_path: Path) -> None:
    walks, others = ({name: make_panel(np.arange(40.0) % 7 + np.arange(40.0))} for name in ("walks", "others"))
    with pytest.raises(InterruptedRunError):
        Run(tmp_path).learn(steps=10, stop_at=9, real=walks)
    assert set(Run(tmp_path).learn(steps=10, resume=True, real=others).scores) == {"others"}


def test_a_run_that_has_ended_can_be_made_longer_from_where_the_rate_began_to_fall(tmp_path: Path) -> None:
    Run(tmp_path).learn(steps=10)
    saved = read_checkpoint(tmp_path / "checkpoint.safetensors", PretrainingCheckpoint, shape=TINY)
    assert saved.learner.step == 6
    longer = Run(tmp_path)
    assert longer.learn(steps=14, resume=True).step == 14
    assert [now.step for now in longer.heard] == [8, 10, 12, 14]


def test_real_series_are_scored_and_the_best_weights_of_the_end_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    panel = make_panel(*(generator.normal(size=(5, 30)).cumsum(axis=1) + 50))
    one = Run(tmp_path / "one")
    learned = one.learn(steps=10, real={"walks": panel})
    assert [now.step for now in one.heard] == [2, 4, 6, 8, 10]
    assert all(0.1 < now.scores["walks"] < 10 for now in one.heard)
    again = score_on_real(learned.weights, shape=TINY, real={"walks": panel})
    assert again == learned.scores

    # the score at step 8 is the best while the rate falls, that at step 2 was before
    scores = iter([1.0, 0.1, 0.9, 0.8, 0.5, 0.7, 0.6])
    monkeypatch.setattr(pretraining, "score_on_real", lambda *_, **__: {"walks": next(scores)})
    kept = Run(tmp_path / "other").learn(steps=10, real={"walks": panel})
    assert (kept.step, kept.scores) == (8, {"walks": 0.5})


def test_the_card_tells_how_the_base_model_is_made_again(tmp_path: Path) -> None:
    shape = replace(TINY, cell="peephole", peepholes=("input",), memory_steps=20)
    learned = replace(Run(tmp_path, shape).learn(steps=3), scores={"walks": 0.9})
    settings = PretrainingSettings(steps=3, budget_seconds=10.0, batch_size=8)
    card, network, weights = make_base(learned, shape=shape, settings=settings)
    assert set(card.versions) == {"forecast", "torch", "numpy"}
    assert card.pretraining.loss == round(learned.loss, 4)
    assert make_base(replace(learned, loss=float("nan")), shape=shape, settings=settings)[0].pretraining.loss is None
    write_base(tmp_path / "base", card=card, network=network, weights=weights)
    found, same, path = read_base(tmp_path / "base")
    assert (replace(found, checksums={}), same, path.read_bytes()) == (card, network, weights)
    assert found.pretraining.steps_taken == 3
    on, _, _ = make_base(learned, shape=shape, settings=replace(settings, from_base=True))
    before, _, _ = read_base()
    assert on.notes[:-1] == before.notes
    assert before.command in on.notes[-1]
    assert found.command == (
        "forecast pretrain --budget 10s --steps 3 --cell peephole --peepholes input --memory-steps 20 --layers 1 "
        "--hidden 4 --batch 8 --learning-rate 0.002 --seed 0 --score-on walks.csv"
    )


def test_pretrain_on_the_command_line(forecast: Command) -> None:
    outcome = forecast("pretrain", "--steps", "2", "--batch", "4", "--hidden", "4", "--layers", "1")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(Path("base_model/card.json").read_text())["network"]["hidden"] == 4
    assert len(read_base(Path("base_model").resolve())[1]) > 0


def test_pretrain_names_the_cell_of_the_run_that_was_stopped_and_files_of_one_name(
    forecast: Command, monthly_csv: Path, tmp_path: Path
) -> None:
    with pytest.raises(InterruptedRunError):
        Run(tmp_path / "base_model").learn(steps=10, stop_at=2)
    words = ["--output", str(tmp_path / "base_model"), "--hidden", "4", "--layers", "1"]
    outcome = forecast("pretrain", *words, "--resume", "--cell", "gru")
    assert outcome.code == 78
    assert "is of 1 lstm layers of 4 units, not of 1 gru layers of 4 units" in outcome.stderr
    outcome = forecast("pretrain", *words, "--resume", "--memory-steps", "9")
    assert outcome.code == 78
    assert "not of 1 lstm layers of 4 units, memory of 9 steps" in outcome.stderr
    outcome = forecast("pretrain", *words, "--resume", "--batch", "8", "--seed", "7")
    assert outcome.code == 78
    assert "had --seed 0, not 7" in outcome.stderr
    outcome = forecast("pretrain", *words, "--resume", "--batch", "8", "--from-base")
    assert outcome.code == 78
    assert "the run that was stopped did not have --from-base" in outcome.stderr
    outcome = forecast("pretrain", *words, "--score-on", str(monthly_csv), "--score-on", str(monthly_csv))
    assert outcome.code == 2
    assert "--score-on" in outcome.stderr


def test_files_of_several_names_can_be_scored_on(forecast: Command) -> None:
    for name in ("a", "b"):
        make_monthly(series=1)[["date", "sales"]].to_csv(f"{name}.csv", index=False)
    outcome = forecast("pretrain", "--score-on", "a.csv", "--score-on", "b.csv", "--device", "abacus")
    assert (outcome.code, "--device abacus" in outcome.stderr) == (2, True), outcome.stderr
