"""What the commands do, from Python: the same forecasts, scores and models."""

import copy
import doctest
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import ConfigurationError, DataError, InterruptedRunError, NotFoundError, UsageError
from forecaster.library import functions, opening
from forecaster.settings import FINE_TUNING, TrainingSettings
from tests.conftest import SAMPLES, Command

AIRLINE = SAMPLES / "air_passengers.csv"
PLAN = forecaster.TrainingPlan(settings=TrainingSettings(steps=3, held_out_windows=1), horizon=6)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def airline() -> pd.DataFrame:
    return pd.read_csv(AIRLINE)


@pytest.fixture
def nixtla() -> pd.DataFrame:
    """Two series of months in the columns of statsforecast, their ids whole numbers."""
    generator = np.random.default_rng(0)
    times = pd.date_range("2020-01-01", periods=40, freq="MS")
    frames = [
        pd.DataFrame({"unique_id": number, "ds": times, "y": 50 + generator.normal(0, 3, 40)}) for number in (7, 30)
    ]
    return pd.concat(frames, ignore_index=True)


def test_examples_in_docstrings_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parent)
    for module, most in ((functions, 6), (opening, 2)):
        found = doctest.testmod(module)
        assert found.attempted >= most
        assert found.failed == 0
    found = doctest.testfile(str(SAMPLES.parent / "docs" / "python.md"), module_relative=False)
    assert found.attempted >= 15
    assert found.failed == 0


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_frame_is_forecast_as_the_file_that_it_was_read_from(forecast: Command, path: Path) -> None:
    ids = ("sector",) if path.stem == "us_employment" else ()
    flags = [flag for name in ids for flag in ("--id", name)]
    assert forecast("predict", path, "--output", "out.csv", "--horizon", "5", "--digits", "full", *flags).code == 0
    # as text, so that pandas reads nothing into it, and rounds nothing
    written = pd.read_csv("out.csv", dtype=object)
    written = written.astype(dict.fromkeys(written.columns[written.columns.str.startswith("forecast")], float))
    frame = pd.read_csv(path, dtype=object)
    for data in (frame, path, str(path)):
        found = forecaster.predict(data, horizon=5, reading=forecaster.ReadOptions(ids=ids))
        assert list(found) == list(written)
        pd.testing.assert_frame_equal(found.astype(written.dtypes.to_dict()), written, check_exact=True)


def test_a_frame_of_statsforecast_comes_back_in_kind(nixtla: pd.DataFrame) -> None:
    before = nixtla.copy()
    found = forecaster.predict(nixtla, horizon=3, level=(80,), quantile_levels=(0.25,))
    assert list(found) == ["unique_id", "ds", "forecast", "forecast-lo-80", "forecast-hi-80", "forecast-q-25"]
    assert found["unique_id"].tolist() == [7, 7, 7, 30, 30, 30]
    assert found[["unique_id", "ds"]].dtypes.equals(nixtla[["unique_id", "ds"]].dtypes)
    assert found["ds"].iloc[:3].tolist() == list(pd.date_range("2023-05-01", periods=3, freq="MS"))
    pd.testing.assert_frame_equal(nixtla, before)
    together = found.merge(pd.DataFrame({"unique_id": [7, 30], "region": ["a", "b"]}), on="unique_id")
    assert len(together) == 6


def test_what_is_learned_is_what_the_command_learns(forecast: Command, airline: pd.DataFrame) -> None:
    model = forecaster.train(airline, horizon=6, plan=forecaster.TrainingPlan(settings=replace(FINE_TUNING, steps=3)))
    assert list(Path().iterdir()) == [], "nothing is written before save"
    assert forecast("train", AIRLINE, "--horizon", "6", "--steps", "3").code == 0
    in_folder = forecaster.load("model")
    pd.testing.assert_frame_equal(model.predict(airline), in_folder.predict(airline), check_exact=True)
    model.save("saved")
    again = forecaster.predict(airline, model="saved")
    pd.testing.assert_frame_equal(again, model.predict(airline), check_exact=True)
    outcome = forecast("predict", "--model", "saved")
    assert outcome.code == 2
    assert "trained on a frame in Python" in outcome.stderr
    assert forecast("inspect", "saved", AIRLINE).code == 0


def test_scores_are_those_of_the_command(forecast: Command, airline: pd.DataFrame) -> None:
    scores = forecaster.evaluate(airline, plan=forecaster.BacktestPlan(horizon=12, windows=3))
    assert forecast("evaluate", AIRLINE, "--horizon", "12", "--windows", "3").code == 0
    assert scores.records == json.loads(Path("metrics.json").read_text())
    assert scores.overall.loc["forecast", "MASE"] == scores.records["overall"]["forecast"]["MASE"]
    assert scores.overall.loc["forecast", "coverage-80"] == scores.records["overall"]["forecast"]["coverage"]["0.8"]
    assert scores.skill == scores.records["skill"]
    assert len(scores.steps) == 36
    assert len(scores.per_series) == len(scores.overall)
    command = {path.name: path.read_bytes() for path in Path().glob("*.*")}
    scores.save("metrics.json")
    assert {path.name: path.read_bytes() for path in Path().glob("*.*")} == command


def test_nothing_is_printed_and_remarks_are_called_back(
    airline: pd.DataFrame, capfd: pytest.CaptureFixture[str]
) -> None:
    remarks: list[str] = []
    airline.loc[5, "passengers"] = np.nan
    forecaster.predict(airline, horizon=2, on_remark=remarks.append)
    assert remarks[0].startswith("the frame: 144 rows, 1 series, monthly; time 'month', target 'passengers'")
    assert "1 missing value" in remarks[1]
    forecaster.evaluate(airline)
    forecaster.train(airline, plan=PLAN)
    assert capfd.readouterr() == ("", "")
    assert list(Path().iterdir()) == []


def test_a_run_is_watched_and_stopped_and_leaves_torch_as_it_was(airline: pd.DataFrame) -> None:
    import torch

    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    steps: list[int] = []
    control = forecaster.RunControl[Any](
        Path("stopped.safetensors"),
        on_progress=lambda now: steps.append(now.step),
        stop_signal=lambda: 15 if len(steps) == 2 else None,
    )
    with pytest.raises(InterruptedRunError, match=r"saved in stopped\.safetensors"):
        forecaster.train(airline, plan=PLAN, control=control)
    resumed = forecaster.RunControl[Any](Path("stopped.safetensors"), resume=True)
    model = forecaster.train(airline, plan=PLAN, control=resumed)
    assert model.load_weights() == forecaster.train(airline, plan=PLAN).load_weights()
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_what_went_on_in_the_network(airline: pd.DataFrame) -> None:
    explanation = forecaster.load("base").explain(airline, horizon=4)
    assert explanation.mix.sum(axis=1) == pytest.approx(1)
    model = forecaster.load("base")
    with pytest.raises(UsageError, match="no such series"):
        model.explain(airline, series="nobody")
    with pytest.raises(UsageError, match="need not be saved"):
        model.save("folder")


def test_errors_are_those_of_the_commands(airline: pd.DataFrame) -> None:
    with pytest.raises(NotFoundError, match="no trained model there"):
        forecaster.predict(airline, model="nowhere")
    with pytest.raises(DataError, match="row 3"):
        forecaster.predict(airline.astype({"passengers": object}).replace({"passengers": {129: "many"}}))
    Path("broken").mkdir()
    Path("broken/model.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="format version None"):
        forecaster.load("broken")
    with pytest.raises(AttributeError, match="no attribute 'forecast'"):
        forecaster.forecast  # noqa: B018
    assert {"predict", "train", "evaluate", "load", "Model"} <= set(dir(forecaster))


def test_only_learning_imports_torch_and_the_package_alone_imports_next_to_nothing() -> None:
    code = (
        "import sys, forecaster; print('pandas' in sys.modules, 'numpy' in sys.modules)\n"
        f"forecaster.predict({str(AIRLINE)!r}, horizon=2); forecaster.evaluate({str(AIRLINE)!r})\n"
        "forecaster.load('base'); forecaster.RunControl, forecaster.TrainingPlan, forecaster.train\n"
        "print('torch' in sys.modules, 'rich' in sys.modules, 'typer' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False"] * 5


def test_the_base_model_is_the_default_whatever_lies_in_the_working_directory(airline: pd.DataFrame) -> None:
    expected = forecaster.predict(airline, horizon=2)
    Path("base").mkdir()
    Path("model").write_text("no folder")
    pd.testing.assert_frame_equal(forecaster.predict(airline, horizon=2), expected)
    assert forecaster.evaluate(airline).skill is not None
    # a folder that holds no model is no model, whatever its name
    pd.testing.assert_frame_equal(forecaster.predict(airline, horizon=2, model="base"), expected)
    with pytest.raises(NotFoundError):
        forecaster.predict(airline, model="nowhere")


def test_scores_by_series_and_step_merge_with_the_frame(nixtla: pd.DataFrame) -> None:
    scores = forecaster.evaluate(nixtla, plan=forecaster.BacktestPlan(horizon=5, windows=2))
    merged = scores.steps.merge(nixtla, on=["unique_id", "ds"])
    assert len(merged) == 20
    np.testing.assert_array_equal(merged["actual"], merged["y"])
    assert (scores.steps["cutoff"] < scores.steps["ds"]).all()
    assert set(scores.per_series["unique_id"]) == {7, 30}


def test_models_are_pickled_copied_and_shown_in_a_line(airline: pd.DataFrame) -> None:
    trained = forecaster.train(airline, plan=PLAN)
    trained.save("saved")
    for model in (trained, forecaster.load("saved"), forecaster.load("base")):
        expected = model.predict(airline, horizon=3)
        for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
            pd.testing.assert_frame_equal(other.predict(airline, horizon=3), expected, check_exact=True)
        assert len(repr(model)) < 100
    assert repr(forecaster.evaluate(airline)) == "<Scores: 1 window, forecast, SeasonalNaive, Naive, Drift>"


def test_results_are_shown_in_a_line(airline: pd.DataFrame) -> None:
    late = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=40), "y": np.arange(40.0), "promo": [0, 1] * 20})
    reading = forecaster.ReadOptions(known=("promo",))
    explained = forecaster.load("base").explain(late, horizon=3, reading=reading, future_fill="last")
    assert repr(explained) == "<Explanation: 3 steps after 40, in 6 segments>"
    assert repr(explained.effects) == "<ColumnEffects: promo, 3 steps>"
    found = forecaster.check(airline)
    assert (repr(found), repr(found.given)) == ("<Findings: the frame, nothing found>", "<Given: the frame, 1 series>")
    assert repr(forecaster.check(late.assign(y=np.nan))) == "<Findings: the frame, 1 error>"


@pytest.mark.usefixtures("all_cores")
def test_trainings_in_two_threads_are_those_of_one(airline: pd.DataFrame) -> None:
    with ThreadPoolExecutor(2) as pool:
        models = list(pool.map(lambda _: forecaster.train(airline, plan=PLAN), range(2)))
    assert [model.load_weights() for model in models] == [forecaster.train(airline, plan=PLAN).load_weights()] * 2


@pytest.mark.parametrize("steps", [0, -1, 2.5, 2.0, "2", True, 10**9])
def test_what_is_no_number_of_steps_is_refused(airline: pd.DataFrame, steps: Any) -> None:
    for call in (
        lambda: forecaster.predict(airline, horizon=steps),
        lambda: forecaster.train(airline, horizon=steps),
        lambda: forecaster.BacktestPlan(windows=steps),
        lambda: forecaster.BacktestPlan(mase_season=steps),
        lambda: forecaster.TrainingPlan(context_length=steps),
    ):
        with pytest.raises(UsageError, match="not a whole number from 1 to 100,000"):
            call()


@pytest.mark.parametrize("seasons", [(0,), (-1,), 7, (7.5,), (7, 14, 28), (30, 7), (12, 12)])
def test_what_is_no_season_is_refused(airline: pd.DataFrame, seasons: Any) -> None:
    with pytest.raises(UsageError, match="--season "):
        forecaster.predict(airline, seasons=seasons)
    with pytest.raises(UsageError, match="--season "):
        forecaster.TrainingPlan(seasons=seasons)


def test_names_and_rules_that_there_are_not_are_refused() -> None:
    with pytest.raises(UsageError, match="Bogus"):
        forecaster.BacktestPlan(baselines=("Bogus",))
    with pytest.raises(UsageError, match="not one of refuse, sum"):
        forecaster.ReadOptions(duplicates="bogus")  # type: ignore[arg-type]
    assert forecaster.ReadOptions(ids="shop").ids == ("shop",)  # type: ignore[arg-type]
    assert forecaster.errors.DataError is DataError


def test_a_run_goes_on_while_nothing_asks_it_to_stop(airline: pd.DataFrame) -> None:
    control = forecaster.RunControl[Any]("stopped.safetensors", stop_signal=lambda: False)
    assert forecaster.train(airline, plan=PLAN, control=control).horizon == 6
    with pytest.raises(ConfigurationError, match="there is no folder"):
        forecaster.train(airline, plan=PLAN, control=forecaster.RunControl[Any]("nowhere/stopped.safetensors"))


def test_windows_that_a_model_has_seen_or_that_there_are_not_are_said(
    forecast: Command, trained: Path, airline: pd.DataFrame
) -> None:
    data, model = trained / "shops.csv", forecaster.load(trained / "model")
    asked = forecaster.BacktestPlan(windows=3, step=2)
    remarks: list[str] = []
    model.evaluate(data, plan=asked, on_remark=remarks.append)
    (line,) = (remark for remark in remarks if "so these scores are optimistic" in remark)
    assert line.startswith("12 of 12 windows lie in what the model was trained on")
    assert line in forecast("evaluate", data, "--model", trained / "model", "--windows", "3", "--step", "2").stderr
    # the remedy: the model knows nothing of what was cut
    fair = forecaster.train(airline[:-18], plan=PLAN)
    remarks.clear()
    fair.evaluate(airline, plan=asked, on_remark=remarks.append)
    assert not any("optimistic" in remark for remark in remarks)
    forecaster.evaluate(airline, plan=forecaster.BacktestPlan(windows=300), on_remark=remarks.append)
    assert "--windows 300: the longest series has room for 11." in remarks
