"""The base model that comes with the program: at once, and as what learning begins with."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load

from forecaster.data.calendar import HOUR, Calendar
from forecaster.encoding.names import CANDIDATES
from forecaster.errors import ConfigurationError
from forecaster.forecasting.calibration import fit_to_cutoffs
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.learning.growth import grow_base
from forecaster.learning.learner import copy_weights
from forecaster.learning.loop import LearningTask
from forecaster.learning.stages import Learned
from forecaster.model.base import BASE_FOLDER, read_base
from forecaster.model.card import KeptCard
from forecaster.model.folder import read_card
from forecaster.model.session import NetworkSession
from forecaster.settings import FINE_TUNING
from tests.conftest import SAMPLES, Command, make_monthly
from tests.test_windows import make_panel

AIRLINE = SAMPLES / "air_passengers.csv"


def test_what_is_shipped_is_whole_and_small() -> None:
    card, network, weights = read_base()
    NetworkSession(network)
    assert sum(path.stat().st_size for path in BASE_FOLDER.iterdir()) < 8e6
    assert weights.is_file()
    assert card.command.startswith("forecast pretrain")
    assert card.pretraining.steps_taken > 1000
    assert not card.pretraining.settings.from_base or card.notes, "what came before belongs to how it was made"


@pytest.mark.parametrize("content", ["{}", "[]", "{", '{"format_version": 3}'])
def test_a_broken_installation_is_named(tmp_path: Path, content: str) -> None:
    shutil.copytree(BASE_FOLDER, tmp_path / "base")
    (tmp_path / "base" / "card.json").write_text(content)
    with pytest.raises(ConfigurationError, match="Install forecast again"):
        read_base(tmp_path / "base")


def test_how_the_base_model_was_made_is_shown_from_its_beginning(forecast: Command) -> None:
    shown = " ".join(re.sub(r"[│─┌┐└┘┬┴]", " ", forecast("inspect", "base").stderr).split())
    assert "more, on from an earlier base model" in shown
    assert "(35,000 steps, 2.33 hours)" in shown


def test_predict_needs_no_model(forecast: Command) -> None:
    outcome = forecast("predict", AIRLINE)
    assert outcome.code == 0, outcome.stderr
    assert "this is the base model" in outcome.stderr
    assert len(pd.read_csv("forecasts.csv")) == 12


def test_a_model_that_is_named_has_to_be_there(forecast: Command) -> None:
    assert forecast("predict", AIRLINE, "--model", "nowhere").code == 66
    assert forecast("predict").code == 2


def test_a_folder_that_is_called_base_and_holds_no_model_hides_nothing(forecast: Command, monthly_csv: Path) -> None:
    (monthly_csv.parent / "base").mkdir()
    (monthly_csv.parent / "base" / "notes.txt").write_text("ours")
    assert forecast("predict", monthly_csv, "--model", "base", "-o", "out.csv").code == 0
    assert forecast("run", monthly_csv, "--train", "never").code == 0
    (record,) = (json.loads(path.read_text()) for path in Path("runs").glob("*/run.json"))
    assert record["model"]["kind"] == "base"


def test_the_base_model_beats_the_seasonal_naive_forecast(forecast: Command) -> None:
    assert forecast("evaluate", AIRLINE, "--windows", "3").code == 0
    records = json.loads(Path("metrics.json").read_text())
    assert records["windows_seen_in_training"] == 0
    assert records["overall"]["forecast"]["MASE"] < records["overall"]["SeasonalNaive"]["MASE"]


@pytest.mark.parametrize("length", [3, 8, 40, 1500])
@pytest.mark.parametrize("horizon", [1, 30, 1000])
def test_any_length_of_history_and_any_horizon(length: int, horizon: int) -> None:
    values = 10 + np.sin(np.arange(length) * 2 * np.pi / 24)
    panel = make_panel(values, calendar=Calendar("microsecond", HOUR), start="2015-01-05T00:00")
    forecast = open_base(panel).forecast(panel, horizon=horizon)
    assert forecast.quantiles.shape[1] == horizon
    assert np.isfinite(forecast.quantiles).all()
    assert (np.diff(forecast.quantiles, axis=2) >= 0).all()


def test_calibration_looks_at_nothing_from_its_ends_on() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(20, 60)).cumsum(axis=1)
    changed = values.copy()
    changed[:, 50:] += 1000
    ends = np.full(20, 50)
    found = []
    for table in (values, changed):
        panel = make_panel(*table)
        forecaster = calibrate_by_past(panel, open_base(panel), ends=ends)
        assert forecaster.calibration is not None
        found.append(forecaster.calibration)
    assert found[0] == found[1]
    short = make_panel(values[0, :5])
    assert calibrate_by_past(short, open_base(short)).calibration is None


@pytest.mark.parametrize(("length", "is_calibrated"), [(35, False), (36, True)])
def test_only_cutoffs_with_two_seasons_before_them_calibrate(length: int, is_calibrated: bool) -> None:
    values = np.random.default_rng(0).normal(50, 5, (8, length))
    panel = make_panel(*values, calendar=Calendar("month", 1), start="2015-01-01")
    forecaster = open_base(panel)
    assert forecaster.encoding.periods == (12,)
    assert (calibrate_by_past(panel, forecaster).calibration is not None) == is_calibrated
    assert forecaster.calibration is None


def test_of_many_windows_a_sample_calibrates_that_knows_the_cutoff_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    # the values are the numbers of the steps, so the truth tells the cutoff
    panel = make_panel(*np.tile(np.arange(60.0), (200, 1)))
    forecaster = open_base(panel)
    fitted = Mock(wraps=fit_to_cutoffs)
    monkeypatch.setattr("forecaster.forecasting.calibration_by_kind.fit_to_cutoffs", fitted)
    calibrate_by_past(panel, forecaster)
    y_true, cutoff_index = fitted.call_args.args[1], fitted.call_args.kwargs["cutoff_index"]
    assert len(y_true) == 500
    cutoffs = y_true[:, 0]
    np.testing.assert_array_equal(cutoffs, cutoffs.min() + forecaster.horizon * cutoff_index)
    assert min(np.bincount(cutoff_index, minlength=4)) > 75  # as if at random


def test_the_base_model_is_scored_with_intervals_that_have_not_seen_what_is_scored(forecast: Command) -> None:
    tables = []
    for change in (1.0, 3.0):
        table = make_monthly()
        is_scored = table.groupby("shop").cumcount(ascending=False) < 14
        table.loc[is_scored, "sales"] *= change
        table.to_csv("shops.csv", index=False)
        words = ["--id", "shop", "--horizon", "6", "--windows", "3", "--step", "4"]
        assert forecast("evaluate", "shops.csv", "--model", "base", *words).code == 0
        scored = pd.read_csv("backtest.csv")
        # the oldest of the three cutoffs: what comes after it is all that was changed
        tables.append(scored[scored["cutoff"] == scored["cutoff"].min()])
    columns = ["forecast", "forecast-lo-80", "forecast-hi-95"]
    pd.testing.assert_frame_equal(tables[0][columns], tables[1][columns])
    assert (tables[0]["actual"] != tables[1]["actual"]).all()


def test_train_begins_with_the_base_model_and_never_ends_behind_it(forecast: Command, monthly_csv: Path) -> None:
    words = ["train", str(monthly_csv), "--id", "shop", "--horizon", "6", "--context", "24", "--steps", "4"]
    outcome = forecast(*words, "--json")
    assert outcome.code == 0, outcome.stderr
    assert "base model" in outcome.stderr
    training = json.loads(Path("model/model.json").read_text())["training"]
    assert training["from_base"] is True
    # with a rate that ruins whatever is learned, the base model stays
    assert forecast(*words, "--learning-rate", "0.9", "--model", "ruined").code == 0
    _, network, _ = read_base()
    assert next(Path("ruined").glob("*.onnx")).read_bytes() == network


def test_what_is_learned_is_not_kept_where_its_error_is_larger(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worsen(task: LearningTask, **_: Any) -> Learned:
        weights = copy_weights(task.network)
        weights["output.bias"][len(CANDIDATES)] += 3.0  # three units too high
        return Learned(weights, weights, 4, 4)

    monkeypatch.setattr("forecaster.learning.fit.learn_in_stages", worsen)
    outcome = forecast("train", str(monthly_csv), "--id", "shop", "--horizon", "6", "--context", "24")
    assert outcome.code == 0, outcome.stderr
    assert "the base model was kept" in outcome.stderr
    assert next(Path("model").glob("*.onnx")).read_bytes() == read_base()[1]
    card = json.loads(Path("model/model.json").read_text())
    assert card["scores"]["forecast"] == card["scores"]["base model"]
    assert card["training"]["kept"]["share"] == card["training"]["interpolation_weight"] == 0


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            KeptCard(0.6, 0.031, 0.009, 4, 30),
            "Kept 60% of what fine-tuning learned: its held-out error is 3.1% ± 0.9% lower, over 4 cutoffs of 30 "
            "series.",
        ),
        (
            KeptCard(0.0, 0.004, 0.009, 1, 30),
            "Nothing that fine-tuning learned is kept: that its held-out error was 0.4% ± 0.9% lower, over 1 cutoff of "
            "30 series, could be chance.",
        ),
    ],
)
def test_how_much_is_kept_is_said_and_saved(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch, kept: KeptCard, said: str
) -> None:
    def move(task: LearningTask, **_: Any) -> Learned:
        weights = copy_weights(task.network)
        weights["output.bias"] += 0.01
        return Learned(weights, weights, 4, 4)

    monkeypatch.setattr("forecaster.learning.fit.learn_in_stages", move)
    monkeypatch.setattr("forecaster.learning.assess.choose_share", lambda *_, **__: kept)
    monkeypatch.setattr("forecaster.learning.assess._is_worse", lambda *_: False)
    outcome = forecast("train", str(monthly_csv), "--id", "shop", "--horizon", "6", "--context", "24", "--json")
    assert outcome.code == 0, outcome.stderr
    assert said in " ".join(outcome.stderr.split())
    assert re.search(r"Intervals of [^.]*99%", outcome.stderr) is None, "nobody asked for such intervals"
    assert json.loads(outcome.stdout)["kept"] == asdict(kept)
    card = read_card(Path("model"))
    assert card.training.kept == kept
    # a moved bias tells how far it went from the base model's
    moved = load(next(Path("model").glob("*.safetensors")).read_bytes())["output.bias"]
    before = grow_base(card.network)["output.bias"]
    np.testing.assert_allclose((moved - before).numpy(), 0.01 * kept.share, atol=1e-6)
    weight = FINE_TUNING.interpolation_weight(card.training.observations / card.training.series / 6)
    assert card.training.interpolation_weight == pytest.approx(kept.share * weight, abs=1e-4)


@pytest.mark.parametrize("rate", ["0.001", "0.9"])
def test_the_base_model_beside_a_trained_one_is_the_one_that_is_named_base(
    forecast: Command, monthly_csv: Path, rate: str
) -> None:
    words = [str(monthly_csv), "--id", "shop", "--horizon", "6"]
    assert forecast("train", *words, "--context", "24", "--steps", "4", "--learning-rate", rate).code == 0
    card = json.loads(Path("model/model.json").read_text())
    windows = str(card["training"]["held_out_windows"])
    assert forecast("evaluate", *words, "--model", "base", "--windows", windows).code == 0
    records = json.loads(Path("metrics.json").read_text())
    kept = card["scores"]["base model"]
    assert kept["overall"] | {"coverage": kept["coverage"]} == records["overall"]["forecast"]
    if rate == "0.9":
        # what was learned is ruined: what is kept forecasts as the base model does
        assert forecast("predict", *words, "-o", "kept.csv").code == 0
        assert forecast("predict", *words, "--model", "base", "-o", "base.csv").code == 0
        assert Path("kept.csv").read_text() == Path("base.csv").read_text()


def test_another_size_has_to_begin_from_scratch(forecast: Command) -> None:
    make_monthly().to_csv("shops.csv", index=False)
    outcome = forecast("train", "shops.csv", "--id", "shop", "--hidden", "16")
    assert outcome.code == 2
    assert "add --from-scratch" in outcome.stderr
