"""The adapter, which reads covariates and attributes as they are: what it learns, and what of it is kept."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import forecaster
from forecaster.encoding.error_features import Features
from forecaster.encoding.error_models import Adapter
from forecaster.errors import ConfigurationError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.learning import adapter as learning
from forecaster.learning.adapter import count_numbers, estimate_seconds, fit_adapter
from forecaster.learning.correction import correct_errors
from forecaster.learning.dataset import divide
from forecaster.learning.error_examples import Examples
from forecaster.learning.error_regression import fit_regression
from forecaster.learning.error_validation import validate
from forecaster.library.inputs import read_data
from forecaster.model.card import ADAPTER_VERSION
from tests.adapter_tables import READING, VALUES, keep_past, make_either_table, train_either
from tests.echoes import DAYS, FUTURE, HORIZON, QUICK

SIZES = LAGS, CODES, COLUMNS = 4, 2, 3
PLAN = BacktestPlan(HORIZON, windows=FUTURE // HORIZON)


@pytest.fixture(scope="module")
def models() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    return train_either()


@pytest.fixture(scope="module")
def corrected(models: dict[bool, forecaster.Model]) -> forecaster.Model:
    return models[True]


def make_examples(windows: int = 600, steps: int = 2) -> Examples:
    """Errors of about 1 where exactly one of two columns is set, and of −1 elsewhere."""
    generator = np.random.default_rng(1)
    ahead = generator.integers(0, 2, (windows, steps, COLUMNS)).astype(float)
    errors = np.where(ahead[:, :, 0] != ahead[:, :, 1], 1.0, -1.0) + 0.5 * generator.normal(size=ahead.shape[:2])
    features = Features(
        generator.normal(size=(windows, LAGS)), ahead, np.ones(windows), generator.normal(size=(windows, CODES))
    )
    return Examples(features, errors, np.arange(windows)[::-1] * steps)


def score(model: forecaster.Model, table: pd.DataFrame) -> tuple[float, float]:
    """MASE and the coverage of the 80% interval after the training."""
    found = forecaster.evaluate(table, model=model, plan=PLAN, reading=READING).backtest.scores[MODEL_NAME]
    covered = {round(level, 2): share for level, share in found.coverage.items()}[0.8]
    assert covered is not None
    return found.overall["MASE"] or 0.0, covered


def test_what_two_columns_do_together_is_learned(models: dict[bool, forecaster.Model]) -> None:
    found = {corrects: score(model, make_either_table()) for corrects, model in models.items()}
    assert found[True][0] < 0.8 * found[False][0]
    assert 0.7 < found[True][1] < 0.95
    card = models[True].trained_card.correction
    assert card is not None
    assert card.as_plain()["kind"] == "adapter"
    assert card.as_plain()["static"] == ["kind"]


def test_series_that_are_new_have_it_by_what_describes_them(models: dict[bool, forecaster.Model]) -> None:
    new = make_either_table(series=2, seed=7)
    found = {corrects: score(model, new)[0] for corrects, model in models.items()}
    assert found[True] < 0.8 * found[False]
    # of another kind, the same columns do the opposite
    swapped = new.assign(kind=new["kind"].map({"mall": "corner", "corner": "mall"}))
    assert score(models[True], swapped)[0] > 1.2 * found[False]


def test_what_ended_before_the_held_out_windows_is_not_kept(corrected: forecaster.Model) -> None:
    held_out = corrected.trained_card.training.held_out_windows * HORIZON
    past = keep_past(make_either_table(late=DAYS - held_out))
    assert forecaster.train(past, plan=QUICK, reading=READING).trained_card.correction is None


def test_where_a_budget_leaves_too_little_time_none_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = read_data(keep_past(make_either_table(series=2)), reading=READING).look_ahead(0)
    data, base, learned = divide(panel, plan=QUICK), open_base(panel), []
    held_out = BacktestPlan(data.horizon, windows=data.held_out_windows)
    found = backtest(panel, base, held_out, bounds=Bounds(allow_negative=True))
    monkeypatch.setattr("forecaster.learning.correction.fit_adapter", lambda *_, **__: learned.append(1))
    correct_errors(base, found, data=data, correlation=0.0, seconds=3 * estimate_seconds(data.horizon))
    assert not learned
    with pytest.raises(AttributeError):  # what was learned is nothing
        correct_errors(base, found, data=data, correlation=0.0, seconds=1000.0)
    assert learned


def test_of_columns_without_effect_nothing_is_kept_that_harms() -> None:
    table = make_either_table(effect=0.0)
    past = keep_past(table)
    found = [
        score(forecaster.train(past, plan=replace(QUICK, corrects_errors=corrects), reading=READING), table)[0]
        for corrects in (True, False)
    ]
    assert found[0] < 1.01 * found[1]


def predict(model: forecaster.Model, table: pd.DataFrame, *, steps: int = HORIZON) -> pd.DataFrame:
    """The forecasts of the steps after the training, by shop."""
    ahead = keep_past(table, steps=DAYS + steps)
    future = ahead[ahead.groupby("shop").cumcount() >= DAYS]
    found = forecaster.predict(
        keep_past(table), model=model, horizon=steps, future=future.drop(columns="sales"), reading=READING
    )
    return found.sort_values(["shop", "date"], ignore_index=True)


def test_a_step_does_not_depend_on_later_ones(corrected: forecaster.Model) -> None:
    table = make_either_table()
    whole, half = predict(corrected, table), predict(corrected, table, steps=HORIZON // 2)
    is_first = whole.groupby("shop").cumcount() < HORIZON // 2
    np.testing.assert_allclose(whole.loc[is_first, VALUES], half[VALUES], rtol=1e-6)
    day = table.groupby("shop").cumcount()
    later = table.assign(deal=np.where(day >= DAYS + HORIZON // 2, 1 - table["deal"], table["deal"]))
    moved = predict(corrected, later)
    np.testing.assert_allclose(whole.loc[is_first, VALUES], moved.loc[is_first, VALUES], rtol=1e-6)
    assert not np.allclose(whole.loc[~is_first, "forecast"], moved.loc[~is_first, "forecast"], rtol=1e-3)


def test_a_series_does_not_depend_on_what_else_is_in_the_file(corrected: forecaster.Model) -> None:
    table = make_either_table()
    whole = predict(corrected, table)
    alone = predict(corrected, table[table["shop"] == "s03"])
    np.testing.assert_allclose(whole.loc[whole["shop"] == "s03", VALUES], alone[VALUES], rtol=1e-6)
    mixed = predict(corrected, table.sample(frac=1, random_state=0).sort_values("date", kind="stable"))
    np.testing.assert_allclose(whole[VALUES], mixed[VALUES], rtol=1e-6)


def test_values_that_are_shifted_and_scaled_are_corrected_alike(corrected: forecaster.Model) -> None:
    table = make_either_table()
    moved = predict(corrected, table.assign(sales=1000 * table["sales"] + 5000))
    np.testing.assert_allclose(1000 * predict(corrected, table)[VALUES] + 5000, moved[VALUES], rtol=0.01)


def test_columns_at_absurd_values_move_a_forecast_within_its_interval(corrected: forecaster.Model) -> None:
    table = make_either_table()
    is_ahead = table.groupby("shop").cumcount() >= DAYS
    absurd = table.assign(deal=np.where(is_ahead, 1e9, table["deal"]).astype(float))
    usual, found = predict(corrected, table), predict(corrected, absurd)
    width = (usual["forecast-hi-80"] - usual["forecast-lo-80"]).median()
    assert (found["forecast"] - usual["forecast"]).abs().max() < 5 * width


def test_a_kind_not_seen_in_training_is_named_and_counts_as_unknown(corrected: forecaster.Model) -> None:
    lines: list[str] = []
    table = keep_past(make_either_table()).assign(kind="kiosk")
    last = table.groupby("shop").tail(HORIZON)
    future = last.assign(date=last["date"] + pd.Timedelta(days=HORIZON)).drop(columns="sales")
    corrected.predict(table, future=future, reading=READING, on_remark=lines.append)
    assert any("kind: 'kiosk' not seen in training" in line for line in lines)


def test_training_says_what_it_reads_and_the_folder_has_its_own_version(
    corrected: forecaster.Model, tmp_path: Path
) -> None:
    corrected.save(tmp_path / "model")
    card = json.loads((tmp_path / "model/model.json").read_text())
    assert card["format_version"] == ADAPTER_VERSION
    again, table = forecaster.load(tmp_path / "model"), make_either_table()
    pd.testing.assert_frame_equal(predict(again, table), predict(corrected, table))
    assert corrected.unused_static == ()


def test_a_model_without_an_adapter_has_the_version_of_before(tmp_path: Path) -> None:
    table = keep_past(make_either_table(series=2))
    model = forecaster.train(table, plan=replace(QUICK, corrects_errors=False), reading=READING)
    model.save(tmp_path / "model")
    assert json.loads((tmp_path / "model/model.json").read_text())["format_version"] < ADAPTER_VERSION


@pytest.mark.parametrize("change", [{"steps": HORIZON + 1}, {"units": 7}, {"attributes": []}])
def test_a_card_that_does_not_fit_its_numbers_is_refused(corrected: forecaster.Model, change: dict[str, Any]) -> None:
    correction = corrected.trained_card.correction
    assert correction is not None
    assert correction.adapter is not None
    other = replace(correction, adapter=replace(correction.adapter, **change))
    card = replace(corrected.trained_card, correction=other)
    with pytest.raises(ConfigurationError, match=r"'correction\.weights' do not match the features"):
        make_forecaster(card, network=corrected.network, name="model")


def test_the_adapter_is_the_mean_of_the_networks_that_were_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "STEPS", 30)
    monkeypatch.setattr(learning, "DROPOUT", 0.0)
    networks, examples = [], make_examples(windows=130)

    class Recorded(learning._Network):
        def __init__(self, *positional: object, **named: object) -> None:
            super().__init__(*positional, **named)  # type: ignore[arg-type]
            networks.append(self)

    monkeypatch.setattr(learning, "_Network", Recorded)
    adapter = fit_adapter(examples)
    inputs = learning._Inputs(examples.features)
    everything = torch.arange(len(examples.errors))
    expected = networks[0](*inputs.take(everything), generator=torch.Generator()).mean(dim=2).T
    np.testing.assert_allclose(adapter.expect(examples.features), expected.detach().numpy(), atol=1e-5)
    assert np.abs(adapter.expect(examples.features)).max() > 0.01


def test_before_it_has_learned_it_expects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "STEPS", 0)
    monkeypatch.setattr(learning, "MIN_STEPS", 0)
    assert (fit_adapter(make_examples()).expect(make_examples().features) == 0).all()


def test_it_is_chosen_where_it_is_better_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "STEPS", 800)
    examples, regression = make_examples(), partial(fit_regression, penalty=10.0)
    chosen = validate(examples, horizon=2, ways=[regression, fit_adapter])
    assert chosen is not None
    assert chosen.fit is fit_adapter
    assert np.abs(chosen.newest.errors - chosen.expected).mean() < 0.8 * np.abs(chosen.newest.errors).mean()
    noise = np.random.default_rng(2).normal(size=examples.errors.shape)
    by_past = 0.3 * examples.features.past[:, :1] + 0.5 * noise
    linear = validate(replace(examples, errors=by_past), horizon=2, ways=[regression, fit_adapter])
    assert linear is not None
    assert linear.fit is regression
    assert validate(replace(examples, errors=noise), horizon=2, ways=[regression, fit_adapter]) is None


def test_the_same_examples_give_the_same_adapter_whatever_was_random_before() -> None:
    torch.manual_seed(1)
    first = fit_adapter(make_examples(windows=200))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = fit_adapter(make_examples(windows=200))
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(first.flatten(), second.flatten())


def test_in_parts_it_expects_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = make_examples(windows=200)
    adapter = fit_adapter(examples)
    again = Adapter.unflatten(adapter.flatten(), sizes=SIZES, steps=2, units=adapter.out.shape[1])
    assert adapter.flatten().size == count_numbers(SIZES, horizon=2)
    whole = adapter.expect(examples.features)
    monkeypatch.setattr("forecaster.encoding.error_models.MOST_AT_ONCE", 7 * 2 * adapter.out.shape[1])
    np.testing.assert_allclose(again.expect(examples.features), whole, rtol=1e-9, atol=1e-12)
    assert again.expect(examples.features.take(slice(0, 0))).shape == (0, 2)


def test_a_signal_while_it_learns_is_heeded_and_the_threads_are_as_before() -> None:
    threads, calls = torch.get_num_threads(), iter([False, True])

    def stop() -> None:
        if next(calls):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fit_adapter(make_examples(windows=70), check=stop)
    assert torch.get_num_threads() == threads
    assert next(calls, None) is None
