"""The gate: what was learned is kept as far as several held-out cutoffs agree, and not where it could be chance."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.data.panel import Panel
from forecaster.encoding.names import CANDIDATES
from forecaster.evaluation.backtest import Backtest, BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.learning.fit import train
from forecaster.learning.gate import Gain, choose_share, measure_gain
from forecaster.learning.learner import copy_weights
from forecaster.learning.loop import LearningTask
from forecaster.learning.plan import DataSource, TrainingPlan
from forecaster.learning.stages import Learned
from forecaster.model.base import read_base
from forecaster.model.card import KeptCard
from tests.test_windows import make_panel

SERIES, CUTOFFS, HORIZON = 8, 16, 4


def cutoffs_of(*, cutoffs: int = CUTOFFS, series: int = SERIES) -> NDArray[np.int64]:
    return np.repeat(np.arange(cutoffs), series)


def gain_of(before: Array, after: Array, *, cutoffs: int = CUTOFFS, correlation: float = 0.0) -> Gain:
    return measure_gain(before, after, cutoff_index=cutoffs_of(cutoffs=cutoffs), correlation=correlation)


def test_the_gain_is_a_fraction_of_the_error_and_pairs_cancel_what_is_hard_for_both() -> None:
    generator = np.random.default_rng(0)
    hard = generator.exponential(size=(SERIES * CUTOFFS, HORIZON)) * 100 + 10
    gain = gain_of(hard, hard - 1)
    assert gain.mean == pytest.approx(1 / hard.mean())
    assert gain.error < 1e-9
    unpaired = gain_of(hard, generator.permutation(hard.ravel()).reshape(hard.shape) - 1)
    assert unpaired.error > 5 * gain.mean


def test_the_error_is_the_standard_error_of_independent_differences() -> None:
    generator = np.random.default_rng(1)
    before = np.full((SERIES * CUTOFFS, HORIZON), 10.0)
    means, errors = [], []
    for _ in range(200):
        gain = gain_of(before, before + generator.normal(size=before.shape))
        means.append(gain.mean)
        errors.append(gain.error)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.5)
    assert np.mean(errors) >= np.std(means)


@pytest.mark.parametrize("cutoffs", [4, 16])
def test_series_that_move_together_count_as_few(cutoffs: int) -> None:
    generator = np.random.default_rng(2)
    before = np.full((SERIES * cutoffs, HORIZON), 10.0)
    is_chance = 0
    for _ in range(200):
        common = np.repeat(generator.normal(size=cutoffs), SERIES)[:, None]
        is_chance += gain_of(before, before + common + np.zeros(HORIZON), cutoffs=cutoffs).lowest > 0
    # one in six is above a standard error; as independent values, nearly half of them would be
    assert is_chance / 200 < 0.25


def test_a_single_cutoff_is_believed_as_far_as_its_usual_correlation_says() -> None:
    generator = np.random.default_rng(3)
    before = np.full((SERIES, HORIZON), 10.0)
    after = before - 0.5 + generator.normal(size=before.shape)
    errors = [gain_of(before, after, cutoffs=1, correlation=correlation).error for correlation in (0.0, 0.2, 1.0)]
    assert errors[0] < errors[1] < errors[2]
    assert gain_of(before, np.full_like(before, np.nan), cutoffs=1) == Gain(0.0, 0.0)


def make_found(panel: Panel) -> Backtest:
    return backtest(
        panel, open_base(panel), BacktestPlan(horizon=HORIZON, windows=CUTOFFS), bounds=Bounds(allow_negative=True)
    )


@pytest.fixture(scope="module")
def found() -> Backtest:
    values = 50 + np.random.default_rng(4).normal(size=(SERIES, 120))
    return make_found(make_panel(*values))


def move(found: Backtest, by: Array) -> KeptCard:
    """What is kept of forecasts that lie `by` [window] from those of the base model."""
    base = found.forecast.quantiles
    learned = replace(found, forecast=replace(found.forecast, quantiles=base + by[:, None, None]))
    return choose_share(base, learned, correlation=0.05)


def test_what_all_cutoffs_agree_on_is_kept_whole_and_what_goes_too_far_is_kept_in_part(found: Backtest) -> None:
    median = found.forecast.quantiles[:, :, len(found.forecast.levels) // 2]
    error = (found.y_true - median).mean(axis=1)
    whole = move(found, error)
    assert whole.share > 0.9
    assert whole.gain > 2 * whole.error > 0
    assert (whole.cutoffs, whole.series) == (CUTOFFS, SERIES)
    half = move(found, 2 * error)
    assert half.share == 0.5


def test_less_is_kept_where_cutoffs_agree_less(found: Backtest) -> None:
    median = found.forecast.quantiles[:, :, len(found.forecast.levels) // 2]
    error = (found.y_true - median).mean(axis=1)
    noise = np.random.default_rng(8).normal(size=CUTOFFS)[found.index.cutoff_index]
    shares = [move(found, 0.5 * error + size * noise).share for size in (0.0, 0.5, 1.0, 4.0)]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[1] < 1
    assert shares[3] == 0


def test_of_a_change_at_random_nothing_is_kept_but_rarely_and_then_little(found: Backtest) -> None:
    generator = np.random.default_rng(5)
    shares = [move(found, generator.normal(size=len(found.index))).share for _ in range(40)]
    assert np.mean(np.array(shares) > 0) < 0.3
    assert max(shares) < 0.4


def test_a_gain_at_one_cutoff_alone_is_not_kept(found: Backtest) -> None:
    median = found.forecast.quantiles[:, :, len(found.forecast.levels) // 2]
    error = (found.y_true - median).mean(axis=1)
    is_newest = found.index.cutoff_index == CUTOFFS - 1
    kept = move(found, np.where(is_newest, error, 0.0))
    assert kept.gain > 0
    assert kept.share == 0


def test_the_unit_of_a_series_changes_nothing(found: Backtest) -> None:
    values = 50 + np.random.default_rng(4).normal(size=(SERIES, 120))
    factors = 10.0 ** np.arange(SERIES)
    other = make_found(make_panel(*(values * factors[:, None])))
    by = np.random.default_rng(6).normal(size=len(found.index)) * 0.1
    median = found.forecast.quantiles[:, :, len(found.forecast.levels) // 2]
    by += 0.5 * (found.y_true - median).mean(axis=1)
    one, two = move(found, by), move(other, by * factors[found.index.series])
    assert one.share > 0
    assert (one.share, one.gain, one.error) == pytest.approx((two.share, two.gain, two.error), abs=0.01)


def test_what_did_better_at_one_cutoff_alone_makes_later_forecasts_no_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, later, horizon = 300, 20, 6
    values = 50 + np.random.default_rng(7).normal(size=(SERIES, steps + later * horizon))
    values[:, steps - horizon : steps] += 6.0
    past = make_panel(*values[:, :steps])

    def raise_all(task: LearningTask, **_: Any) -> Learned:
        weights = copy_weights(task.network)
        weights["output.bias"][len(CANDIDATES)] += 0.1  # noise scales
        return Learned(weights, weights, 4, 4)

    monkeypatch.setattr("forecaster.learning.fit.learn_in_stages", raise_all)
    trained = train(past, plan=TrainingPlan(horizon=horizon), source=DataSource(("noise.csv",)))
    kept = trained.card.training.kept
    assert kept is not None
    assert kept.gain > 0
    assert kept.cutoffs > 4
    model, plan = make_forecaster(trained.card, network=trained.network, name="it"), BacktestPlan(windows=later)
    whole = make_panel(*values)
    scores = [
        backtest(whole, of, replace(plan, horizon=horizon)).scores["forecast"].overall["MASE"] or 0.0
        for of in (open_base(past), model)
    ]
    assert scores[1] < 1.01 * scores[0]
    assert trained.network == read_base()[1]
