"""`forecast run`: what a night leaves, when it does nothing, and that the last good forecast always stays in place."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.errors import BusyError, DataError, GateError, InterruptedRunError, NotFoundError, UsageError
from forecaster.library.model import Model
from forecaster.model.lock import hold_folder
from forecaster.nightly import night
from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, run_after, write_days

FILES = ["forecasts.csv", "log.jsonl", "metrics.json", "quantiles.parquet", "run.json"]


def read_latest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path("runs/latest.json").read_text())
    return content


def read_record(run: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path("runs") / run / "run.json").read_text())
    return content


def test_a_run_leaves_its_files_and_the_forecasts_that_predict_makes(forecast: Command) -> None:
    write_days(60)
    outcome = forecast("run", "shops.csv", "--train", "never", "--horizon", "7", "--json")
    assert outcome.code == 0, outcome.stderr
    (run,) = list_runs()
    assert sorted(path.name for path in (Path("runs") / run).iterdir()) == FILES
    assert forecast("predict", "shops.csv", "--horizon", "7", "--model", "base").code == 0
    assert Path(f"runs/{run}/forecasts.csv").read_bytes() == Path("forecasts.csv").read_bytes()
    latest, record = read_latest(), read_record(run)
    assert (latest["run"], latest["forecasts"]) == (run, f"{run}/forecasts.csv")
    assert (record["status"], record["exit_code"], record["horizon"]) == ("succeeded", 0, 7)
    assert record["input"]["rows"] == 180
    assert record["input"]["cutoff"] == "2024-02-29"
    assert record["series"]["forecast"]["count"] == 3
    assert record["model"]["kind"] == "base"
    assert {"read", "monitor", "score", "forecast", "write", "total"} <= set(record["seconds"])
    assert json.loads(outcome.stdout)["run"] == run
    assert outcome.stdout.count("\n") == 1


def test_the_same_input_model_and_options_do_nothing_new(forecast: Command) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--train", "never", "--horizon", "7")
    assert forecast(*words).code == 0
    before = list_runs()
    again = forecast(*words)
    assert again.code == 0
    assert f"nothing is new since run {before[0]}" in again.stderr
    assert list_runs() == before
    assert forecast(*words, "--force").code == 0
    assert len(list_runs()) == 2
    assert forecast(*words, "--level", "90").code == 0
    assert len(list_runs()) == 3, "other options"
    write_days(61)
    assert forecast(*words).code == 0
    assert len(list_runs()) == 4, "other data"


def test_bad_data_leave_a_record_and_the_last_good_forecast() -> None:
    write_days(60)
    good = run_after(60)
    table = write_days(61).astype({"sales": str})
    table.loc[5, "sales"] = "lots"
    table.to_csv("shops.csv", index=False)
    with pytest.raises(DataError):
        run_after(61)
    assert read_latest()["run"] == good.run
    bad = read_record(list_runs()[-1])
    assert (bad["status"], bad["exit_code"]) == ("failed", 65)
    assert "lots" in bad["message"]
    assert bad["previous_run"] == good.run
    Path("shops.csv").unlink()
    with pytest.raises(NotFoundError):
        run_after(62)
    assert read_record(list_runs()[-1])["exit_code"] == 66
    assert read_latest()["run"] == good.run


def test_series_that_are_new_or_gone_are_named() -> None:
    write_days(60)
    assert run_after(60).series["new"].count == 0, "in the first run nothing is new"
    table = write_days(61, series=4)
    table[table["shop"] != "s1"].to_csv("shops.csv", index=False)
    record = run_after(61)
    assert record.series["new"].series == ("s3",)
    assert record.series["missing"].series == ("s1",)


def test_series_whose_ids_look_alike_when_joined_have_different_names() -> None:
    table = write_days(60, series=4)
    names = {"s0": ("a, b", "c"), "s1": ("a", "b, c"), "s2": ('a"', "c"), "s3": ("a", "c")}
    for place, column in enumerate(("region", "shop")):
        table[column] = [names[f"s{number // 60}"][place] for number in range(len(table))]
    table = table[["region", "shop", "date", "sales"]]
    table.to_csv("shops.csv", index=False)
    plan = replace(NIGHTLY, reading=ReadOptions(ids=("region", "shop")))
    run_after(60, plan)
    for key, name in {("a, b", "c"): '"a, b", c', ("a", "b, c"): 'a, "b, c"', ('a"', "c"): '"a""", c'}.items():
        is_gone = (table["region"] == key[0]) & (table["shop"] == key[1])
        table[~is_gone].to_csv("shops.csv", index=False)
        assert run_after(61, plan, is_forced=True).series["missing"].series == (name,)
        table.to_csv("shops.csv", index=False)
        assert run_after(62, plan, is_forced=True).series["new"].series == (name,)


def test_a_second_run_at_the_same_time_is_turned_away(forecast: Command) -> None:
    write_days(60)
    with hold_folder(Path("runs")):
        outcome = forecast("run", "shops.csv", "--train", "never")
        assert outcome.code == 75
        assert "forecast run" in outcome.stderr
        assert [path.name for path in Path("runs").iterdir()] == [".forecast.lock"]
    assert forecast("run", "shops.csv", "--train", "never").code == 0


def test_a_file_that_grows_while_it_is_read_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    read = Model.read

    def read_and_grow(self: Model, *words: Any, **options: Any) -> Any:
        given = read(self, *words, **options)
        with Path("shops.csv").open("a") as file:
            file.write("s2,2024-03-01,100\n")
        return given

    monkeypatch.setattr(Model, "read", read_and_grow)
    with pytest.raises(BusyError, match="changed while it was read"):
        run_after(60)
    assert not Path("runs/latest.json").exists()
    assert read_record(list_runs()[0])["exit_code"] == 75


def test_own_outputs_are_never_read(forecast: Command) -> None:
    Path("data").mkdir()
    write_days(60)
    Path("shops.csv").rename("data/shops.csv")
    words = ("--train", "never", "--horizon", "7", "--runs", "data/runs")
    assert forecast("run", "data", *words).code == 0
    first = list_runs("data/runs")
    again = forecast("run", "data", *words)
    assert "nothing is new" in again.stderr, "the runs in the folder are no data"
    # a median alone looks like any other table
    assert forecast("run", "data", *words, "--level", "", "--force").code == 0
    outcome = forecast("run", "data/**/*.csv", *words)
    assert outcome.code == 2
    assert "lies in the folder of the runs, data/runs" in outcome.stderr
    assert len(list_runs("data/runs")) == len(first) + 2, "the refused one has a record, too"


def test_stdin_is_refused(forecast: Command) -> None:
    outcome = forecast("run", "-", "--train", "never")
    assert outcome.code == 2
    assert "stdin" in outcome.stderr


def test_an_interrupted_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    good = run_after(60)
    write_days(61)

    def stop(*_: Any, **__: Any) -> None:
        raise InterruptedRunError("stopped by SIGTERM", signal_number=15)

    monkeypatch.setattr(night, "monitor_runs", stop)
    with pytest.raises(InterruptedRunError):
        run_after(61)
    record = read_record(list_runs()[-1])
    assert (record["status"], record["exit_code"]) == ("interrupted", 143)
    assert read_latest()["run"] == good.run


def test_a_series_without_a_value_ends_with_3(forecast: Command) -> None:
    table = write_days(60)
    table = table.astype({"sales": str})
    table.loc[table["shop"] == "s1", "sales"] = ""
    table.to_csv("shops.csv", index=False)
    outcome = forecast("run", "shops.csv", "--train", "never")
    assert outcome.code == 3, outcome.stderr
    record = read_record(list_runs()[0])
    assert (record["status"], record["exit_code"], record["series"]["failed"]["series"]) == ("succeeded", 3, ["s1"])
    assert forecast("run", "shops.csv", "--train", "never").code == 3, "nothing is new, and it still is without"


def test_data_that_are_older_than_before_are_said() -> None:
    write_days(60)
    run_after(60)
    write_days(61)
    assert "data_went_back" not in [warning["code"] for warning in run_after(61).warnings]
    write_days(50)
    assert "data_went_back" in [warning["code"] for warning in run_after(62).warnings]


def test_options_are_checked_before_anything_is_written(forecast: Command) -> None:
    write_days(60)
    for words in (("--max-age", "old"), ("--max-failed", "200%"), ("--max-late", "1%"), ("--retrain-after", "x")):
        outcome = forecast("run", "shops.csv", *words)
        assert outcome.code == 2, words
        assert words[0] in outcome.stderr
    assert not Path("runs").exists()


def test_the_log_is_one_event_a_line_and_holds_no_control_characters(forecast: Command) -> None:
    table = write_days(60)
    table["shop"] = table["shop"].str.replace("s1", "s1\x1b[31mred")
    table.loc[table["shop"] == "s1\x1b[31mred", "sales"] = 5.0
    table.to_csv("shops.csv", index=False)
    outcome = forecast("run", "shops.csv", "--train", "never", "--log-format", "json")
    assert outcome.code == 0, outcome.stderr
    (run,) = list_runs()
    written = Path(f"runs/{run}/log.jsonl").read_text()
    assert "\x1b" not in written + outcome.stderr
    assert outcome.stderr == written
    events = [json.loads(line) for line in written.splitlines()]
    assert events[0]["event"] == "run_started"
    assert events[-1]["event"] == "run_ended"
    assert {event["level"] for event in events} <= {"info", "warning", "error"}
    assert all(event["time"].endswith("Z") for event in events)


def test_forecasts_are_in_the_style_of_the_data() -> None:
    table = write_days(60)
    table["sales"] = table["sales"].astype(str).str.replace(".", ",")
    table.to_csv("shops.csv", index=False, sep=";")
    record = run_after(60)
    lines = Path(f"runs/{record.run}/forecasts.csv").read_text().splitlines()
    assert lines[0].startswith("shop;date;forecast;")
    assert "," in lines[1]
    # and the next run finds them again
    write_days(61)
    assert run_after(61, gates=replace(NIGHTLY.gates, max_change="50%")).gates[0].passed


def test_a_frame_of_numbers_as_steps_has_no_age(forecast: Command) -> None:
    pd.DataFrame({"step": range(1, 61), "y": range(60)}).to_csv("steps.csv", index=False)
    outcome = forecast("run", "steps.csv", "--time", "step", "--train", "never", "--max-age", "36h")
    assert outcome.code == 2
    assert "--max-age" in outcome.stderr
    assert forecast("run", "steps.csv", "--time", "step", "--train", "never").code == 0


def test_a_gate_error_and_a_usage_error_are_told_apart() -> None:
    assert (GateError.exit_code, UsageError.exit_code) == (4, 2)
