"""Errors that can be foreseen: learned from the past alone, kept where they repeat, and without harm where not."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import WindowIndex
from forecaster.encoding.correction import Correction
from forecaster.encoding.error_features import Regressors
from forecaster.encoding.error_models import ErrorRegression
from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.learning import correction
from forecaster.learning.correction import MAX_WINDOWS, PART, Corrected, correct_errors
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.plan import TrainingPlan
from forecaster.library.inputs import read_data
from forecaster.settings import FINE_TUNING, QUANTILE_LEVELS
from forecaster.windows import WindowCovariates, Windows
from tests.conftest import Command
from tests.echoes import DAYS, FUTURE, HORIZON, PLAN, QUICK, keep_past, make_table, train_both


@pytest.fixture(scope="module")
def models() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    return train_both()


def correct(table: pd.DataFrame, *, plan: TrainingPlan = PLAN) -> tuple[LearningData, Corrected | None]:
    """What is learned of the base model's errors on the held-out windows."""
    panel = read_data(table).panel
    data, base = divide(panel, plan=plan), open_base(panel)
    held_out = BacktestPlan(data.horizon, windows=data.held_out_windows)
    found = backtest(panel, base, held_out, bounds=Bounds(allow_negative=True))
    return data, correct_errors(base, found, data=data, correlation=0.0).corrected


@cache
def correct_usual() -> tuple[LearningData, Corrected | None]:
    return correct(keep_past(make_table()))


def test_what_comes_back_is_foreseen(models: dict[bool, forecaster.Model]) -> None:
    table, error = make_table(), {}
    plan = BacktestPlan(HORIZON, windows=FUTURE // HORIZON)
    for corrects, model in models.items():
        scores = forecaster.evaluate(table, model=model, plan=plan).backtest.scores[MODEL_NAME]
        error[corrects] = scores.overall["MASE"] or 0.0
        covered = {round(level, 2): share for level, share in scores.coverage.items()}[0.8]
        assert covered is not None
        assert 0.7 < covered < 0.9
    assert error[True] < 0.85 * error[False]
    card = models[True].trained_card.correction
    assert card is not None
    assert card.kept.share >= 0.75
    assert card.time_of_day is None


def test_it_is_learned_from_and_for_all_but_running_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[WindowIndex] = []

    def note(forecaster: Forecaster, every: WindowIndex, **options: Any) -> Any:
        read.append(every)
        return forecast_windows(forecaster, every, **options)

    forecast_windows = correction._forecast
    monkeypatch.setattr(correction, "_forecast", note)
    table = keep_past(make_table())
    # what is seldom added has such wide intervals that these pasts look like the others
    rare = table.assign(shop="total " + table["shop"], sales=np.random.default_rng(0).gamma(0.05, 20, len(table)))
    totals = rare.assign(sales=rare.groupby("shop")["sales"].cumsum())
    data, found = correct(pd.concat([table, totals]))
    assert found is not None
    base = open_base(data.panel)
    plain = base.forecast(data.panel, index=found.found.index, horizon=HORIZON, bounds=Bounds(allow_negative=True))
    every_total = np.char.startswith([name for (name,) in data.panel.ids], "total")
    is_total = every_total[found.found.index.series]
    same = (found.found.forecast.quantiles == plain.quantiles).all(axis=(1, 2))
    assert same[is_total].all()
    assert not same[~is_total].any()
    assert found.card.windows == len(read[0]) + (~is_total).sum()
    assert not every_total[read[0].series].any()


def test_what_no_longer_comes_back_is_not_kept() -> None:
    data, found = correct_usual()
    assert found is not None
    assert correct(keep_past(make_table(late=DAYS - data.held_out_steps, late_echo=0.4)))[1] is None


def test_of_noise_it_does_no_harm() -> None:
    table = make_table(echo=0.0)
    corrected, panel, error = correct(keep_past(table))[1], read_data(table).panel, []
    base = open_base(panel)
    correction = (
        None
        if corrected is None
        else Correction.from_card(corrected.card, periods=base.encoding.periods, levels=base.levels)
    )
    for model in (base, replace(base, correction=correction)):
        scores = backtest(panel, model, BacktestPlan(HORIZON, windows=FUTURE // HORIZON)).scores[MODEL_NAME]
        error.append(scores.overall["MASE"] or 0.0)
    assert error[1] < 1.005 * error[0]


def test_with_one_held_out_cutoff_nothing_is_learned() -> None:
    plan = replace(PLAN, settings=replace(FINE_TUNING, held_out_windows=1))
    assert correct(keep_past(make_table()), plan=plan)[1] is None


def test_what_is_held_out_is_not_learned_from() -> None:
    data, found = correct_usual()
    assert found is not None
    other_data, other = correct(keep_past(make_table(late=DAYS - data.held_out_steps)))
    assert other is not None
    assert not np.allclose(data.panel.values, other_data.panel.values)
    panel, base = data.panel, open_base(data.panel)
    oldest = found.found.index.cutoff_index == 0
    moved = []
    for given, own in ((data, found), (other_data, other)):
        index = own.found.index[oldest]
        before = base.forecast(given.panel, index=index, horizon=HORIZON, bounds=Bounds(allow_negative=True)).median
        moved.append((own.found.forecast.median[oldest] - before) / own.card.kept.share)
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-6, atol=1e-9 * float(panel.values.max()))


def test_a_signal_while_it_is_learned_is_heeded_and_the_work_is_saved(
    models: dict[bool, forecaster.Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past, checkpoint = keep_past(make_table()), tmp_path / "stopped"
    signals = iter([None, 15])  # asked for twice while windows are forecast
    begun = []

    def begin(*positional: Any, **named: Any) -> Any:
        begun.append(True)
        return correct_errors(*positional, **named)

    monkeypatch.setattr("forecaster.learning.assess.correct_errors", begin)
    control: forecaster.RunControl[Any] = forecaster.RunControl(
        checkpoint, stop_signal=lambda: next(signals) if begun else None
    )
    with pytest.raises(InterruptedRunError, match="Stopped at step 1 of 1; the work is saved"):
        forecaster.train(past, plan=QUICK, control=control)
    again: forecaster.RunControl[Any] = forecaster.RunControl(checkpoint, resume=True)
    resumed = forecaster.train(past, plan=QUICK, control=again)
    assert resumed.trained_card.correction == models[True].trained_card.correction
    assert resumed.network == models[True].network


def test_features_of_covariates_are_their_distance_from_usual_and_from_a_season_before() -> None:
    values = np.array([[1.0, 2, 3, 1, 2, 3, 1, 2, 9, 1, 5, 3]])
    covariates = WindowCovariates(values[:, :, None], np.array([True]), ("heat",))
    windows = Windows(np.zeros((1, 9)), np.array([9]), covariates)
    found = Regressors(6, (3,), ("heat",), (1.0,)).look_ahead(windows, horizon=3)[0]
    np.testing.assert_allclose(found, [[-2, 0], [2, 3], [0, -6]])
    # what is not known ahead, or not there, says nothing
    hidden = replace(windows, covariates=replace(covariates, is_known=np.array([False])))
    assert np.isnan(Regressors(6, (3,), ("heat",), (1.0,)).look_ahead(hidden, horizon=3)).all()
    assert np.isnan(Regressors(6, (3,), ("rain",), (1.0,)).look_ahead(windows, horizon=3)).all()


def test_what_lacks_too_much_or_has_no_interval_is_not_learned_from() -> None:
    past = np.tile(np.arange(10.0), (5, 1))
    past[1, :2], past[2, :3] = np.nan, np.nan  # a fifth, and more
    quantiles = np.tile(np.linspace(-1, 1, len(QUANTILE_LEVELS)), (5, 2, 1))
    quantiles[4] = 3.0
    windows = Windows(past, np.array([10, 10, 10, 9, 10]))
    found = Regressors(10, (1,)).make(windows, quantiles, levels=QUANTILE_LEVELS)
    np.testing.assert_array_equal(found.unit > 0, [True, True, False, False, False])
    with_gaps = make_table()
    is_gone = (with_gaps["shop"] == "s0") & (with_gaps.index % 3 == 0)
    few, all_of_it = correct(keep_past(with_gaps[~is_gone]))[1], correct_usual()[1]
    assert few is not None
    assert all_of_it is not None
    assert few.card.windows < 0.9 * all_of_it.card.windows


def test_nothing_is_moved_by_more_than_half_of_the_interval() -> None:
    regressors = Regressors(4, (1,))
    wild = Correction(regressors, ErrorRegression(np.full((3, regressors.size), 1e3)), np.eye(4), 1e9)
    quantiles = np.sort(np.random.default_rng(0).normal(size=(5, 3, len(QUANTILE_LEVELS))), axis=2)
    windows = Windows(np.random.default_rng(1).normal(size=(5, 8)), np.full(5, 8))
    moved, _ = wild.expect(windows, quantiles, levels=QUANTILE_LEVELS)
    low, high = (quantiles[:, :, QUANTILE_LEVELS.index(level)] for level in (0.1, 0.9))
    np.testing.assert_allclose(np.abs(moved), (high - low) / 2)


def test_a_folder_of_which_it_does_not_fit_itself_is_refused(models: dict[bool, forecaster.Model]) -> None:
    card = models[True].trained_card
    assert card.correction is not None
    other = replace(card.correction, lags=card.correction.lags + 1)
    with pytest.raises(ConfigurationError, match=r"'correction\.weights' and 'precision' do not match"):
        make_forecaster(replace(card, correction=other), network=models[True].network, name="model")


def test_without_time_nothing_is_learned_and_with_little_from_windows_of_all_series_and_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("forecaster.learning.correction.MAX_WINDOWS", MAX_WINDOWS)
    panel = read_data(keep_past(make_table())).panel
    data, base = divide(panel, plan=PLAN), open_base(panel)
    held_out = BacktestPlan(data.horizon, windows=data.held_out_windows)
    found = backtest(panel, base, held_out, bounds=Bounds(allow_negative=True))
    nothing = correct_errors(base, found, data=data, correlation=0.0, seconds=0.0)
    whole = correct_errors(base, found, data=data, correlation=0.0, seconds=1e9)
    assert (nothing.corrected, whole.unread) == (None, 0)
    assert whole.corrected is not None
    assert nothing.unread > 4 * PART
    read, forecast = [], Forecaster.forecast

    def note(self: Forecaster, *rest: Any, index: WindowIndex, **options: Any) -> Any:
        read.append(index)
        return forecast(self, *rest, index=index, **options)

    monkeypatch.setattr(Forecaster, "forecast", note)
    clock = iter(range(100))  # each look takes a second
    monkeypatch.setattr("forecaster.learning.correction.monotonic", lambda: next(clock))
    some = correct_errors(base, found, data=data, correlation=0.0, seconds=3.5)
    assert some.corrected is not None
    assert len(read) == 3
    assert some.unread == nothing.unread - sum(map(len, read))
    for part in read:
        assert np.unique(part.series).tolist() == list(range(len(panel)))
        assert part.cutoffs.max() - part.cutoffs.min() > DAYS / 2
    # what was forecast is taken for the windows that it is of
    assert some.corrected.card.kept.gain == pytest.approx(whole.corrected.card.kept.gain, abs=0.05)


def test_a_budget_that_is_used_up_learns_no_correction_which_is_said(
    forecast: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecaster.learning.correction.MAX_WINDOWS", MAX_WINDOWS)
    data, model = tmp_path / "shops.csv", tmp_path / "model"
    keep_past(make_table()).to_csv(data, index=False)
    given = ("--horizon", HORIZON, "--model", model)
    trained = forecast("train", data, *given, "--budget", "0.001s", "--json")
    assert trained.code == 0, trained.stderr
    found = json.loads(trained.stdout)
    assert found["correction"] is None
    said = (
        f"--budget ended before {found['unread_windows']:,} windows to learn a correction of errors from could be read"
    )
    assert f"{said}, and none was learned" in " ".join(trained.stderr.split())
    assert found["unread_windows"] > 1000
    night = forecast("run", data, "--horizon", HORIZON, "--model", tmp_path / "other", "--budget", "0.001s")
    assert night.code == 0, night.stderr
    assert said in night.stderr


def test_train_run_and_inspect_show_it(forecast: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, model = tmp_path / "shops.csv", tmp_path / "model"
    keep_past(make_table()).to_csv(data, index=False)
    given = ("train", data, "--horizon", HORIZON, "--model", model, "--json")
    trained = forecast(*given, "--steps", 1, "--budget", "1h")
    assert trained.code == 0, trained.stderr
    assert "the errors that the model usually makes after such 28 newest values" in trained.stderr
    assert json.loads(trained.stdout)["unread_windows"] == 0
    assert "--budget ended" not in trained.stderr
    found = json.loads(trained.stdout)["correction"]
    assert found["share"] >= 0.75
    assert found["lags"] == 28
    assert json.loads((model / "model.json").read_text())["format_version"] == 6
    assert "of a regression on the 28 newest steps" in forecast("inspect", model).stderr
    written = tmp_path / "out.csv"
    assert forecast("predict", data, "--model", model, "-o", written).code == 0
    in_memory = forecaster.load(model).predict(pd.read_csv(data))
    np.testing.assert_allclose(pd.read_csv(written)["forecast"], in_memory["forecast"], rtol=1e-4)
    plain = forecast(*given, "--budget", "0.001s", "--no-correction")
    assert json.loads(plain.stdout)["correction"] is None
    assert json.loads(plain.stdout)["unread_windows"] == 0
    assert "--budget ended" not in plain.stderr
    monkeypatch.setattr("forecaster.learning.fit._choose_steps", lambda *_, **__: 1)
    night = forecast("run", data, "--horizon", HORIZON, "--model", tmp_path / "other", "--runs", tmp_path / "runs")
    assert night.code == 0, night.stderr
    assert "the errors that the model usually makes" in night.stderr
