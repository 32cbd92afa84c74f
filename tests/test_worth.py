"""What covariates are worth: scores without them in `evaluate`, and columns that do harm left out in `train`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import roll_cutoffs
from forecaster.evaluation import worth
from forecaster.evaluation.backtest import Backtest, BacktestPlan, ModelScores, backtest
from forecaster.evaluation.worth import WorthOfColumns
from forecaster.forecasting.opening import open_base
from forecaster.library.remarks import describe_harm
from tests.conftest import Command
from tests.test_window_covariates import make_driven
from tests.test_windows import make_panel

HORIZON, WINDOWS = 7, 3
LENGTH = 140
KNOWN = ("--known", "promo,trap")
SCORED = ("--horizon", str(HORIZON), "--windows", str(WINDOWS))


def make_table(*, stores: int = 5, ahead: int = HORIZON, windows: int = WINDOWS) -> pd.DataFrame:
    """Daily sales that a promotion raises; `trap` raises them as well, but lowers them in the last windows."""
    generator = np.random.default_rng(3)
    parts = []
    for number in range(stores):
        steps = np.arange(LENGTH + ahead)
        promo, trap = generator.integers(0, 2, (2, len(steps)))
        turned = np.where(steps < LENGTH - windows * HORIZON, 1, -1)
        sales = 100 + 8 * np.sin(2 * np.pi * steps / 7) + 30 * promo + 12 * trap * turned
        days = pd.date_range("2024-01-01", periods=len(steps)).strftime("%Y-%m-%d")
        noise = generator.normal(size=len(steps))
        rides = np.where(steps < LENGTH, (sales + noise).round(2), np.nan)
        cells = {"date": days, "store": f"s{number}", "rides": rides, "promo": promo, "trap": 2.5 * trap}
        parts.append(pd.DataFrame(cells))
    return pd.concat(parts, ignore_index=True)


def score(forecast: Command, *words: str) -> dict[str, Any]:
    outcome = forecast("evaluate", "data.csv", "--target", "rides", "--id", "store", *SCORED, "--json", *words)
    assert outcome.code == 0, outcome.stderr
    found: dict[str, Any] = json.loads(outcome.stdout)
    assert found.get("covariates") == json.loads(Path("metrics.json").read_text()).get("covariates")
    return found


def test_scores_without_columns_are_those_of_an_evaluation_without_them(forecast: Command) -> None:
    make_table(ahead=0).to_csv("data.csv", index=False)
    every = score(forecast, *KNOWN)
    found = every["covariates"]
    assert found["metric"] == "MASE"
    assert [one["columns"] for one in found["without"]] == [["promo", "trap"], ["promo"], ["trap"]]
    for one, words in zip(found["without"], ((), ("--known", "trap"), ("--known", "promo")), strict=True):
        other = score(forecast, *words)["overall"]["forecast"]
        for metric in ("MASE", "bias"):
            assert one[metric] == pytest.approx(other[metric], rel=1e-6), words
        # its intervals are calibrated as those with all columns
        assert one["WQL"] == pytest.approx(other["WQL"], rel=0.05), words
        assert one["change"] == pytest.approx(other["MASE"] - every["overall"]["forecast"]["MASE"])
        assert one["standard_error"] > 0
    assert found["with_all"].items() <= every["overall"]["forecast"].items()


def test_a_column_that_does_harm_is_named_with_what_to_do(forecast: Command) -> None:
    make_table(ahead=0).to_csv("data.csv", index=False)
    assert score(forecast, *KNOWN)["covariates"]["harmful"] == ["trap"]
    outcome = forecast("evaluate", "data.csv", "--target", "rides", "--id", "store", *SCORED, *KNOWN)
    assert "│ without promo │" in outcome.stderr
    assert "Without trap the forecasts are better by more than chance (MASE" in outcome.stderr
    assert "leave it out of --known (of a wide table, delete it)" in outcome.stderr
    assert "Without promo" not in outcome.stderr
    better = score(forecast, "--known", "promo")["covariates"]
    assert better["harmful"] == []
    assert [one["columns"] for one in better["without"]] == [["promo"]]


def test_the_table_is_there_in_python() -> None:
    table = make_table(ahead=0)
    plan = BacktestPlan(horizon=HORIZON, windows=WINDOWS)
    reading = forecaster.ReadOptions(ids=("store",), target="rides", known=("promo",), past=("trap",))
    found = forecaster.evaluate(table, plan=plan, reading=reading)
    assert found.covariates is not None
    assert found.covariates.index.tolist() == ["all", "none", "without promo", "without trap"]
    change, error = (found.covariates[name].to_numpy() for name in ("change", "error"))
    np.testing.assert_allclose(
        found.covariates["MASE"].to_numpy() - found.covariates["MASE"].iloc[0], np.nan_to_num(change)
    )
    assert change[1] > 3 * error[1]
    assert found.worth is not None
    scores = found.worth.overall
    harmful = WorthOfColumns(("trap",), {**scores, found.worth.metric: 0.5})
    assert "leave it out of --past (of" in describe_harm(replace(found.worth, harmful=harmful))[0]
    plain = replace(reading, known=(), past=())
    assert forecaster.evaluate(table, plan=plan, reading=plain).covariates is None


def test_nothing_is_measured_where_there_are_no_covariates(
    forecast: Command, monkeypatch: pytest.MonkeyPatch, monthly_csv: Path
) -> None:
    monkeypatch.setattr(worth, "measure_worth", None)
    assert forecast("evaluate", monthly_csv, "--horizon", "3").code == 0
    with pytest.raises(TypeError):
        forecaster.evaluate(make_table(ahead=0), reading=forecaster.ReadOptions(known=("promo", "trap")))


def test_of_many_columns_only_all_and_none_are_compared(forecast: Command) -> None:
    table = make_table(ahead=0, stores=1)
    names = [f"x{number}" for number in range(11)]
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(len(table), 11)).round(3), columns=names)
    table = table.tail(30)
    table[["date", "store", "rides"]].join(noise).to_csv("data.csv", index=False)
    outcome = forecast("evaluate", "data.csv", "--id", "store", "--horizon", "2", "--known", ",".join(names))
    assert outcome.code == 0, outcome.stderr
    assert "│ none " in outcome.stderr
    assert "without" not in outcome.stderr
    assert "More than 10 columns: what each of them is worth was not measured." in outcome.stderr


def test_a_sample_is_said_and_its_scores_are_those_of_its_windows(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(ahead=0)
    table.to_csv("data.csv", index=False)
    whole = score(forecast, *KNOWN)["covariates"]
    assert (whole["windows"], whole["of_windows"]) == (15, 15)
    monkeypatch.setattr(worth, "MOST_STEPS", 1)
    monkeypatch.setattr(worth, "ENOUGH_WINDOWS", 8)
    every = score(forecast, *KNOWN)
    found = every["covariates"]
    assert (found["windows"], found["of_windows"]) == (8, 15)
    assert (
        found["with_all"]
        != whole["with_all"]
        == {name: every["overall"]["forecast"][name] for name in found["with_all"]}
    )
    outcome = forecast("evaluate", "data.csv", "--target", "rides", "--id", "store", *SCORED, *KNOWN)
    assert "All of these are measured on a sample of 8 of the 15 windows." in outcome.stderr
    # the same windows, whatever the order of the rows is
    table.iloc[::-1].to_csv("data.csv", index=False)
    again = score(forecast, *KNOWN)["covariates"]
    assert again["with_all"] == pytest.approx(found["with_all"])
    assert [one["change"] for one in again["without"]] == pytest.approx([one["change"] for one in found["without"]])


def test_one_long_series_beside_many_short_ones_makes_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    panel = make_panel(*[generator.normal(size=length) for length in (400, *[30] * 9)])
    index = roll_cutoffs(panel, horizon=5, windows=1, step=5)
    monkeypatch.setattr(worth, "ENOUGH_WINDOWS", 2)
    for most, windows in ((670, 10), (335, 5), (0, 2)):
        monkeypatch.setattr(worth, "MOST_STEPS", most)
        assert len(worth.Sample.of(panel, index, horizon=5).positions) == windows


def test_the_windows_of_a_sample_keep_their_cutoffs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worth, "MOST_STEPS", 1)
    monkeypatch.setattr(worth, "ENOUGH_WINDOWS", 6)
    panel = make_driven(60, 50, 40, 60)
    index = roll_cutoffs(panel, horizon=5, windows=5, step=5)
    sample = worth.Sample.of(panel, index, horizon=5)
    assert (len(sample.positions), sample.of_windows) == (6, 20)
    # windows at the same number of steps before the end of their series have the same cutoff
    ends = (panel.lengths[index.series] - index.cutoffs)[sample.positions]
    assert (5 - sample.cutoff_index).tolist() == (ends // 5).tolist()


def test_a_nightly_run_does_not_measure_what_it_does_not_use(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table()
    table["trap"] = table["trap"].where(table["rides"].notna(), 0)
    table.to_csv("data.csv", index=False)
    words = ("run", "data.csv", "--id", "store", *KNOWN, "--train", "never", "--horizon", str(HORIZON))
    monkeypatch.setattr(worth, "measure_worth", None)
    assert forecast(*words).code == 0
    metrics = json.loads(next(Path("runs").glob("*/metrics.json")).read_text())
    assert metrics["held_out"]["overall"]["forecast"]["MASE"] > 0
    assert metrics["held_out"]["problem"] == ""


def stub_scores(monkeypatch: pytest.MonkeyPatch, by_columns: dict[str, float]) -> worth.Worth:
    """What is found where the scores by columns, such as `x0 x1`, are these."""
    panel = make_driven(60, 60, 60, 60, 60, is_known=(True, True, True))
    plan = BacktestPlan(horizon=5)
    found = backtest(panel, open_base(panel), plan)

    def make_scores(columns: str) -> ModelScores:
        values = by_columns[columns] + 0.01 * np.arange(5.0)
        return ModelScores({"MASE": float(values.mean())}, {"MASE": values}, {})

    def score_again(panel: Any, *_: Any, **__: Any) -> ModelScores:
        return make_scores("" if panel.covariates is None else " ".join(panel.covariates.list_columns()))

    class Fixed(Backtest):
        scores = {"forecast": make_scores("x0 x1 x2")}  # noqa: RUF012 - in place of what is computed

    monkeypatch.setattr(worth, "_score_again", score_again)
    sample = worth.Sample.of(panel, found.index, horizon=5)
    return worth.measure_worth(panel, Fixed(**vars(found)), open_base(panel), sample=sample)


ALIKE = {"x0 x1 x2": 1.0, "": 2.0, "x1 x2": 0.9, "x0 x2": 0.95, "x0 x1": 1.5, "x2": 1.8}


def test_of_two_columns_that_say_the_same_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stub_scores(monkeypatch, ALIKE).harmful_columns == ("x0",)
    both = stub_scores(monkeypatch, ALIKE | {"x2": 0.8})
    assert both.harmful_columns == ("x0", "x1")
    assert both.harmful is not None
    assert both.harmful.overall["MASE"] == pytest.approx(0.82)


def test_a_difference_of_nearly_nothing_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stub_scores(monkeypatch, ALIKE | {"x1 x2": 0.9999, "x0 x2": 1.0}).harmful_columns == ()


def test_a_few_windows_show_no_harm(forecast: Command) -> None:
    make_table(ahead=0, stores=3).to_csv("data.csv", index=False)
    found = score(forecast, *KNOWN)["covariates"]
    assert found["harmful"] == []
    assert {one["standard_error"] for one in found["without"]} == {None}
    assert found["without"][2]["change"] < 0


HELD_OUT = 5
"""Windows that a training holds out of so few series."""
QUICK = ("--from-scratch", "--hidden", "8", "--steps", "5", "--horizon", str(HORIZON))


def train(forecast: Command, *words: str) -> dict[str, Any]:
    outcome = forecast("train", "data.csv", "--id", "store", *KNOWN, *QUICK, "--json", *words)
    assert outcome.code == 0, outcome.stderr
    found: dict[str, Any] = json.loads(outcome.stdout)["covariates"]
    line = "Without trap the forecasts are better by more than chance (MASE"
    assert line in outcome.stderr
    assert ("the model does without it (--keep-covariates keeps it)" in outcome.stderr) == bool(found["left_out"])
    return found


def test_train_leaves_out_what_does_harm_and_predict_does_not_ask_for_it(forecast: Command) -> None:
    table = make_table(windows=HELD_OUT)
    table["trap"] = table["trap"].astype(object).where(table["rides"].notna(), "")
    table.to_csv("data.csv", index=False)
    assert train(forecast)["left_out"] == ["trap"]
    source = json.loads(Path("model/model.json").read_text())["source"]["read_options"]
    assert source["known"] == ["promo"]
    # the other column of numbers is not asked about, and not taken for an id
    predicted = forecast("predict")
    assert predicted.code == 0, predicted.stderr
    assert "explained by promo; not used: trap" in predicted.stderr
    assert len(pd.read_csv("forecasts.csv")) == 5 * HORIZON


def test_train_keeps_what_does_harm_where_it_is_told_to(forecast: Command) -> None:
    table = make_table(windows=HELD_OUT)
    table["trap"] = table["trap"].astype(object).where(table["rides"].notna(), "")
    table.to_csv("data.csv", index=False)
    found = train(forecast, "--keep-covariates")
    assert (found["harmful"], found["left_out"]) == (["trap"], [])
    predicted = forecast("predict")
    assert predicted.code == 65
    assert "2024-05-20, trap" in predicted.stderr


def test_a_stopped_training_is_not_resumed_with_other_covariates() -> None:
    from forecaster.learning.fit import _fingerprint

    panel = make_driven(40, is_known=(True, True))
    covariates = panel.covariates
    assert covariates is not None
    others = [covariates.without(("x0",)), covariates.without(("x1",)), None]
    others.append(replace(covariates, is_known=~covariates.is_known))
    marks = {_fingerprint(replace(panel, covariates=other), {}) for other in [covariates, *others]}
    assert len(marks) == 5
