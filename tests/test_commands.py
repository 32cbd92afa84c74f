"""The three commands as a user runs them; results are read back with other eyes."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.model.folder import read_card
from tests.conftest import SAMPLES, Command, make_monthly, read_parquet


def last_json(text: str) -> dict[str, object]:
    found = json.loads(text.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_train_says_what_it_did(forecast: Command, monthly_csv: Path) -> None:
    outcome = forecast(
        "train",
        monthly_csv,
        "--id",
        "shop",
        "--horizon",
        "6",
        "--steps",
        "12",
        "--from-scratch",
        "--hidden",
        "8",
        "--json",
    )
    assert outcome.code == 0
    assert "288 rows, 4 series, monthly; time 'date', target 'sales', series by 'shop'" in outcome.stderr
    assert "SeasonalNaive" in outcome.stderr
    assert "the best baseline" in outcome.stderr
    summary = last_json(outcome.stdout)
    assert summary["horizon"] == 6
    assert not list(Path("model").glob("*checkpoint*"))


def test_where_torch_is_missing_what_learns_says_so(monthly_csv: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from forecaster.cli.app import run\n"
        "assert run(['pretrain']) == 78; print('and', file=sys.stderr); sys.exit(run(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "train", str(monthly_csv), "--id", "shop"]
    outcome = subprocess.run(words, capture_output=True, text=True, check=False)
    assert outcome.returncode == 78
    said = outcome.stderr.split("\nand\n")
    assert ["Learning needs torch, which is not installed here" in lines for lines in said] == [True, True]


def test_predict_without_data_reads_what_the_model_was_trained_on(forecast: Command, trained: Path) -> None:
    outcome = forecast("predict", "--model", trained / "model")
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("forecasts.csv", dtype={"date": str})
    assert list(table.columns) == [
        "shop",
        "date",
        "forecast",
        "forecast-lo-80",
        "forecast-hi-80",
        "forecast-lo-95",
        "forecast-hi-95",
    ]
    assert table.groupby("shop").size().tolist() == [6, 6, 6, 6]
    assert table["date"].unique().tolist() == [f"2021-{month:02d}-01" for month in range(1, 7)]
    inside = (table["forecast-lo-80"] <= table["forecast"]) & (table["forecast"] <= table["forecast-hi-80"])
    assert inside.all()
    assert (table["forecast-lo-95"] <= table["forecast-lo-80"]).all()


def test_predict_uses_the_rows_that_came_since(forecast: Command, trained: Path) -> None:
    make_monthly(length=75).to_csv("newer.csv", index=False)
    assert forecast("predict", "newer.csv", "--model", trained / "model", "--quiet").code == 0
    assert pd.read_csv("forecasts.csv")["date"].min() == "2021-04-01"
    assert forecast("predict", "newer.csv", "--model", trained / "model", "--until", "2020-12-01").code == 0
    assert pd.read_csv("forecasts.csv")["date"].min() == "2021-01-01"


def test_series_that_the_model_never_saw_are_forecast_too(forecast: Command, trained: Path) -> None:
    table = make_monthly(series=2, length=30, seed=5)
    table["shop"] = "new-" + table["shop"]
    table.to_csv("new.csv", index=False)
    assert forecast("predict", "new.csv", "--model", trained / "model").code == 0
    found = pd.read_csv("forecasts.csv")
    assert sorted(found["shop"].unique()) == ["new-s0", "new-s1"]
    assert np.isfinite(found["forecast"]).all()


@pytest.mark.parametrize("words", [("predict",), ("evaluate", "--horizon", "2"), ("inspect", "base")])
def test_dates_are_read_as_the_flag_says(forecast: Command, words: tuple[str, ...]) -> None:
    rows = [f"0{month}/01/2020,{month}" for month in range(1, 10)]
    Path("dates.csv").write_text("\n".join(["date,y", *rows]))
    outcome = forecast(*words, "dates.csv", "--date-format", "%m/%d/%Y")
    assert outcome.code == 0, outcome.stderr
    assert "monthly" in outcome.stderr


@pytest.mark.parametrize("horizon", [1, 6, 250])
def test_any_horizon_comes_from_one_model(forecast: Command, trained: Path, horizon: int) -> None:
    assert forecast("predict", "--model", trained / "model", "--horizon", str(horizon)).code == 0
    found = pd.read_csv("forecasts.csv")
    assert len(found) == 4 * horizon
    assert np.isfinite(found.drop(columns=["shop", "date"]).to_numpy(float)).all()


def test_forecast_to_stdout_is_nothing_but_data(forecast: Command, trained: Path) -> None:
    words = ["--output", "-", "--level", "90", "--quantiles", "0.1,0.5", "--json"]
    outcome = forecast("predict", "--model", trained / "model", *words)
    table = pd.read_csv(io.StringIO(outcome.stdout))
    assert list(table.columns)[2:] == [
        "forecast",
        "forecast-lo-90",
        "forecast-hi-90",
        "forecast-q-10",
        "forecast-q-50",
    ]
    np.testing.assert_array_equal(table["forecast"], table["forecast-q-50"])
    assert last_json(outcome.stderr)["series"] == 4
    assert not Path("forecasts.csv").exists()


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "json", "parquet"])
def test_every_format_holds_the_same(forecast: Command, trained: Path, ending: str) -> None:
    assert forecast("predict", "--model", trained / "model", "--quiet").code == 0
    assert forecast("predict", "--model", trained / "model", "--output", f"other.{ending}", "--quiet").code == 0
    expected = pd.read_csv("forecasts.csv")
    if ending == "json":
        found = pd.DataFrame(json.loads(Path("other.json").read_text()))
    elif ending == "parquet":
        found = read_parquet(Path("other.parquet"))
        assert found["date"].dtype.kind == "M"
        found["date"] = found["date"].dt.strftime("%Y-%m-%d")
    else:
        found = pd.read_csv(f"other.{ending}")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)


def test_bounds_hold(forecast: Command, trained: Path) -> None:
    outcome = forecast("predict", "--model", trained / "model", "--min", "120", "--max", "130", "--json")
    found = pd.read_csv("forecasts.csv").drop(columns=["shop", "date"]).to_numpy(float)
    assert found.min() >= 120
    assert found.max() <= 130
    assert last_json(outcome.stdout)["clipped"]


def test_evaluate_writes_scores_per_cutoff_and_series(forecast: Command, trained: Path) -> None:
    outcome = forecast("evaluate", "--model", trained / "model", "--windows", "3", "--step", "2", "--json")
    assert outcome.code == 0, outcome.stderr
    assert "12 of 12 windows lie in what the model was trained on, so these scores are optimistic" in outcome.stderr
    records = json.loads(Path("metrics.json").read_text())
    assert [cutoff["cutoff"] for cutoff in records["cutoffs"]] == ["2020-02-01", "2020-04-01", "2020-06-01"]
    assert set(records["overall"]) == {"forecast", "SeasonalNaive", "Naive", "Drift"}
    assert 0 <= records["overall"]["forecast"]["coverage"]["0.8"] <= 1
    backtest = pd.read_csv("backtest.csv")
    assert len(backtest) == 3 * 4 * 6
    error = (backtest["forecast"] - backtest["actual"]).abs().sum() / backtest["actual"].abs().sum()
    assert records["overall"]["forecast"]["WAPE"] == pytest.approx(error)
    per_series = pd.read_csv("metrics.csv")
    assert len(per_series) == 4 * 4
    own = per_series[per_series["model"] == "forecast"]
    assert records["overall"]["forecast"]["MASE"] == pytest.approx(own["MASE"].mean())


def test_more_windows_than_there_is_history_for_are_said_to_be_fewer(forecast: Command, trained: Path) -> None:
    outcome = forecast("evaluate", "--model", trained / "model", "--windows", "40")
    assert outcome.code == 0, outcome.stderr
    rounds = len(json.loads(Path("metrics.json").read_text())["cutoffs"])
    assert 1 < rounds < 40
    assert f"--windows 40: the longest series has room for {rounds}." in outcome.stderr


def test_an_id_column_may_be_called_model(forecast: Command, trained: Path) -> None:
    make_monthly().rename(columns={"shop": "model"}).to_csv("cars.csv", index=False)
    outcome = forecast("evaluate", "cars.csv", "--model", trained / "model", "--id", "model")
    assert outcome.code == 0, outcome.stderr
    assert pd.read_csv("metrics.csv")["model"].tolist()[:2] == ["s0", "s1"]


def test_evaluate_beside_a_statistical_baseline(forecast: Command, trained: Path) -> None:
    assert forecast("evaluate", "--model", trained / "model", "--baselines", "Theta").code == 0
    theta = json.loads(Path("metrics.json").read_text())["overall"]["Theta"]
    assert 0 < theta["MASE"] < 3
    assert 0 < theta["WQL"] < 1


def test_unmet_gate_ends_with_4(forecast: Command, trained: Path) -> None:
    assert forecast("evaluate", "--model", trained / "model", "--require-skill", "0.99").code == 4
    assert Path("metrics.json").exists()
    assert forecast("evaluate", "--model", trained / "model", "--require-skill", "-9").code == 0


def test_unseen_windows_are_not_called_seen(forecast: Command, trained: Path) -> None:
    make_monthly(length=78).to_csv("newer.csv", index=False)
    outcome = forecast("evaluate", "newer.csv", "--model", trained / "model", "--json")
    assert last_json(outcome.stdout)["windows_seen_in_training"] == 0
    assert "optimistic" not in outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_resume_comes_to_the_same_bytes(forecast: Command, monthly_csv: Path, number: int) -> None:
    words = [
        "train",
        str(monthly_csv),
        "--id",
        "shop",
        "--horizon",
        "6",
        "--from-scratch",
        "--hidden",
        "8",
        "--context",
        "24",
    ]
    words += ["--steps", "80"]
    command = [sys.executable, "-m", "forecaster", *words, "--model", "stopped"]
    watched, terminal = pty.openpty()
    shown = b""
    with subprocess.Popen(command, stderr=terminal) as process, os.fdopen(watched, "rb", buffering=0) as screen:
        os.close(terminal)
        while b"held-out" not in shown:  # the progress bar: learning has begun
            shown += screen.read(4096)
        process.send_signal(number)
        with suppress(OSError):  # raised where the terminal closes
            while more := screen.read(4096):
                shown += more
    assert process.returncode == 128 + number, shown.decode()
    assert b"--resume" in shown
    assert [path.name for path in Path("stopped").iterdir()] == ["checkpoint.safetensors"]
    assert forecast(*words, "--model", "stopped", "--resume").code == 0
    assert forecast(*words, "--model", "whole").code == 0
    assert read_card(Path("stopped")).checksums == read_card(Path("whole")).checksums


@pytest.mark.parametrize(("series", "length", "is_calibrated"), [(20, 30, False), (4, 48, True)])
def test_coverage_of_one_cutoff_alone_is_named_as_uncalibrated(
    forecast: Command, series: int, length: int, is_calibrated: bool
) -> None:
    make_monthly(series=series, length=length).to_csv("shops.csv", index=False)
    words = ["--horizon", "6", "--from-scratch", "--hidden", "4", "--context", "12", "--steps", "2", "--json"]
    outcome = forecast("train", "shops.csv", "--id", "shop", *words)
    assert outcome.code == 0, outcome.stderr
    assert ("Coverage in brackets is of intervals before calibration" in outcome.stderr) == (not is_calibrated)
    assert bool(re.search(r"forecast .*\(\d+%\)", outcome.stderr)) == (not is_calibrated)
    scores = json.loads(outcome.stdout)["scores"]
    kept = json.loads(Path("model/model.json").read_text())["scores"]
    for name, score in kept.items():
        shown = "coverage" if score["is_calibrated"] else "uncalibrated_coverage"
        assert scores[name] == score["overall"] | {shown: score["coverage"]}
    assert ("coverage" in scores["forecast"], "uncalibrated_coverage" in scores["forecast"]) == (
        is_calibrated,
        not is_calibrated,
    )


@pytest.mark.parametrize("name", ["us_employment", "mauna_loa_co2", "us_economy", "seattle_weather"])
def test_sample_is_trained_on_and_forecast(forecast: Command, name: str) -> None:
    data = SAMPLES / f"{name}.csv"
    words = ["--steps", "8", "--from-scratch", "--hidden", "8", "--context", "16", "--horizon", "4", "--quiet"]
    more = ["--id", "sector"] if name == "us_employment" else []
    assert forecast("train", data, *words, *more).code == 0
    outcome = forecast("predict")
    assert outcome.code == 0, outcome.stderr
    assert len(pd.read_csv("forecasts.csv")) % 4 == 0
