"""`forecast monitor`: the forecasts of past runs against what came, without a look at anything else."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import forecaster
from forecaster.evaluation.backtest import BacktestPlan, ModelScores
from forecaster.nightly import monitoring
from forecaster.nightly.promises import Promise
from tests.conftest import Command
from tests.nightly import run_after, write_days


def monitor() -> monitoring.Monitoring:
    return forecaster.monitor("shops.csv")


def test_scores_are_those_of_a_backtest_from_the_same_cutoff() -> None:
    write_days(60)
    run_after(60)
    write_days(67)
    found = monitor()
    scores = forecaster.evaluate("shops.csv", plan=BacktestPlan(horizon=7))
    assert (found.runs, found.values) == (1, 21)
    for name in ("MASE", "WQL", "bias", "RMSSE"):
        assert found.overall[name] == pytest.approx(scores.overall.loc["forecast", name], rel=1e-6), name
        assert found.baseline[name] == pytest.approx(scores.overall.loc["SeasonalNaive", name], rel=1e-6), name
    assert found.coverage["0.8"] == pytest.approx(scores.overall.loc["forecast", "coverage-80"])


def test_a_part_of_the_horizon_is_scored_as_far_as_it_has_come() -> None:
    write_days(60)
    run_after(60)
    write_days(62)
    found = monitor()
    assert found.values == 6
    assert [(age.first, age.last, age.values) for age in found.ages] == [(1, 1, 3), (2, 3, 3)]
    assert found.verdict == "fine"
    assert "too few" in found.reasons[0]


def test_a_series_without_new_values_takes_none_of_the_next_series() -> None:
    write_days(60)
    run_after(60)
    table = write_days(67)
    table[(table["shop"] != "s0") | (table["date"] < "2024-03-01")].to_csv("shops.csv", index=False)
    found = monitor()
    assert found.values == 14
    assert {one.series for one in found.worst} == {"s1", "s2"}


def test_data_that_lost_their_newest_rows_have_nothing_to_score() -> None:
    write_days(60)
    run_after(60)
    table = write_days(67)
    table[(table["shop"] != "s2") | (table["date"] < "2024-02-01")].to_csv("shops.csv", index=False)
    assert monitor().values == 14, "of the others"
    write_days(50)
    assert monitor().values == 0


def test_steps_at_other_times_are_not_those_that_were_forecast() -> None:
    write_days(60)
    run_after(60)
    table = write_days(67)
    table["date"] += " 12:00"
    table.to_csv("shops.csv", index=False)
    assert monitor().values == 0


def test_history_that_was_cut_off_at_its_beginning_changes_no_forecast() -> None:
    write_days(60)
    run_after(60)
    table = write_days(67)
    before = monitor()
    table[table["date"] >= "2024-01-15"].to_csv("shops.csv", index=False)
    after = monitor()
    assert after.values == before.values
    assert after.overall["WQL"] == pytest.approx(before.overall["WQL"])


def test_several_runs_and_the_order_of_the_series() -> None:
    for day in (60, 61, 62):
        write_days(day)
        run_after(day)
    table = write_days(63)
    found = monitor()
    assert (found.runs, found.values) == (3, 3 * 3), "each value once, however many runs forecast it"
    assert [age.values for age in found.ages] == [9, 6]
    table.sort_values("shop", ascending=False, kind="stable").to_csv("shops.csv", index=False)
    again = monitor()
    assert again.overall["MASE"] == pytest.approx(found.overall["MASE"])


def test_a_model_that_no_longer_holds_is_to_be_trained_again() -> None:
    for day in (60, 61, 62, 63, 64):
        write_days(day)
        run_after(day)
    table = write_days(75)
    table.loc[table["date"] > "2024-03-02", "sales"] *= 3
    table.to_csv("shops.csv", index=False)
    found = monitor()
    assert found.verdict == "retrain"
    assert any("interval" in reason for reason in found.reasons)
    record = run_after(75, level=(90,))
    assert record.verdict == "retrain"


def test_a_zero_that_came_after_some_of_the_runs_stops_no_later_night(forecast: Command) -> None:
    # the forecast of zero is a baseline only of runs that a zero followed
    for day in (60, 62, 64, 66):
        table = write_days(day)
        table.loc[table["date"] == "2024-03-02", "sales"] = 0.0
        table.to_csv("shops.csv", index=False)
        outcome = forecast("run", "shops.csv", "--train", "never", "--horizon", "7")
        assert outcome.code == 0, (day, outcome.stderr)
    outcome = forecast("monitor", "shops.csv", "--json")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["values"] == 3 * 6


def test_nothing_to_score_is_fine_and_no_run_is_an_error(forecast: Command) -> None:
    write_days(60)
    outcome = forecast("monitor", "shops.csv")
    assert outcome.code == 66
    assert "forecast run" in outcome.stderr
    run_after(60)
    outcome = forecast("monitor", "shops.csv", "--json")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["verdict"] == "fine"
    assert "no value has come yet" in outcome.stderr


def test_tables_json_and_metrics_for_prometheus(forecast: Command) -> None:
    write_days(60)
    run_after(60)
    write_days(67)
    words = ("monitor", "shops.csv", "--output", "monitor.json", "--prometheus", "forecast.prom")
    outcome = forecast(*words)
    assert outcome.code == 0, outcome.stderr
    assert "Forecasts of 1 run, 21 values that have" in outcome.stderr
    content = json.loads(Path("monitor.json").read_text())
    assert content["values"] == 21
    lines = Path("forecast.prom").read_text().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(samples['forecast_mase{model="forecast"}']) == pytest.approx(content["overall"]["MASE"], rel=1e-4)
    assert samples["forecast_verdict"] in ("0", "1", "2")
    assert 'forecast_coverage{level="0.8"}' in samples
    assert forecast("monitor", "shops.csv", "--output", "shops.csv").code == 2


def test_one_value_of_one_run_is_said_in_the_singular(forecast: Command) -> None:
    write_days(60, series=1)
    run_after(60)
    write_days(61, series=1)
    stderr = forecast("monitor", "shops.csv").stderr
    assert "Forecasts of 1 run, 1 value that has come since" in stderr
    assert "fine: only 1 value has come since, too few to judge by" in stderr


def set_promise(run: str, mase: float | None) -> None:
    path = Path(f"runs/{run}/metrics.json")
    content = json.loads(path.read_text())
    content["held_out"]["overall"] = {} if mase is None else {"forecast": {"MASE": mase, "WQL": 1.0, "coverage": {}}}
    path.write_text(json.dumps(content))


def test_errors_are_compared_with_what_the_same_runs_promised() -> None:
    runs = []
    for day in (60, 63, 66, 70):
        write_days(day)
        runs.append(run_after(day).run)
    write_days(73)  # 7, 7, 7 and 3 steps of each series have come
    error = monitor().overall["MASE"]
    assert error is not None
    for run, mase in zip(runs, (error / 2, error / 2, error / 2, 99 * error), strict=True):
        set_promise(run, mase)
    found = monitor()
    # each series of each run is one window of the mean
    assert found.promise.overall["MASE"] == pytest.approx((3 * error / 2 + 99 * error) / 4)
    set_promise(runs[3], error / 2)
    found = monitor()
    assert found.verdict == "retrain"
    assert any("2.00 times the" in reason for reason in found.reasons)
    assert run_after(73, is_forced=True).verdict == "retrain"
    # what the newest run promises has no part in it
    set_promise(run_after(73, is_forced=True).run, 99 * error)
    assert monitor().verdict == "retrain"


def test_runs_that_promised_nothing_are_left_out_of_the_comparison() -> None:
    runs = []
    for day in (60, 63, 66, 69):
        write_days(day)
        runs.append(run_after(day).run)
    table = write_days(70)
    table.loc[table["date"] > "2024-03-05", "sales"] *= 3
    table.to_csv("shops.csv", index=False)
    for run in runs[1:]:
        set_promise(run, None)
    set_promise(runs[0], 0.001)
    shutil.copytree(f"runs/{runs[0]}", f"only/{runs[0]}")
    error = forecaster.monitor("shops.csv", runs="only").overall["MASE"]
    found = monitor()
    assert error is not None
    assert found.overall["MASE"] != pytest.approx(error)
    assert any(f"MASE {error:.3f} is {error / 0.001:.2f} times the 0.001" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("mase", "naive", "inside", "runs", "values", "verdict"),
    [
        (1.0, 2.0, 0.8, 5, 100, "fine"),
        (1.3, 2.0, 0.8, 5, 100, "watch"),
        (1.6, 2.0, 0.8, 5, 100, "retrain"),
        (1.6, 2.0, 0.8, 2, 100, "watch"),
        (1.6, 2.0, 0.8, 5, 19, "fine"),
        (1.0, 0.9, 0.8, 5, 100, "retrain"),
        (1.0, 2.0, 0.65, 5, 100, "watch"),
        (1.0, 2.0, 0.5, 5, 100, "retrain"),
        (1.0, 2.0, 0.99, 5, 100, "watch"),
    ],
)
def test_the_rule_of_the_verdict(
    mase: float, naive: float, inside: float, runs: int, values: int, verdict: str
) -> None:
    nothing = {"MASE": np.zeros(0)}
    own = ModelScores({"MASE": mase, "WQL": None}, nothing, {0.8: inside})
    rival = ModelScores({"MASE": naive, "WQL": None}, nothing, {0.8: 0.8})
    found, reasons = monitoring._apply_rule(
        own, rival, promise=Promise({"MASE": 1.0}), errors=own.overall, runs=runs, values=values
    )
    assert found == verdict, reasons
    assert reasons
    assert all(" %" not in reason for reason in reasons), "shares and intervals are written alike"
