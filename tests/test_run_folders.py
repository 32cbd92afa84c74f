"""The folder of runs: what is removed, what is kept, and how its runs are ordered."""

from pathlib import Path

import pytest

from forecaster.errors import DataError
from tests.nightly import list_runs, run_after, write_days
from tests.test_run import read_latest


def test_what_a_killed_run_left_is_removed_and_nothing_points_to_it() -> None:
    write_days(60)
    left = Path("runs/.unfinished-0123")
    left.mkdir(parents=True)
    (left / "log.jsonl").write_text("{}\n")
    record = run_after(60)
    assert list_runs() == [record.run]


def test_a_clock_that_goes_back_is_said_and_runs_stay_in_order() -> None:
    write_days(60)
    first = run_after(60)
    write_days(61)
    second = run_after(50)
    assert list_runs() == [first.run, second.run]
    assert second.warnings[0]["code"] == "clock_went_back"
    assert "data_from_the_future" in [warning["code"] for warning in second.warnings]
    assert read_latest()["run"] == second.run


def test_runs_within_a_second_are_no_sign_of_a_clock_that_went_back() -> None:
    write_days(60)
    runs = [run_after(60, is_forced=True) for _ in range(4)]
    assert len({run.run for run in runs}) == 4
    assert [run.warnings for run in runs] == [[]] * 4


def test_old_runs_are_removed_but_never_the_last_good_one() -> None:
    good = ""
    for day in range(60, 64):
        write_days(day)
        good = run_after(day, keep=2).run
    assert len(list_runs()) == 2
    Path("shops.csv").write_text("date,sales\n2024-01-01,lots\n2024-01-02,more\n")
    for day in range(64, 68):
        with pytest.raises(DataError):
            run_after(day, keep=2)
    assert good in list_runs()
    assert len(list_runs()) == 4, "two that succeeded and two that failed"
    assert Path(f"runs/{good}/forecasts.csv").exists()


def test_a_forecast_that_was_deleted_is_made_again() -> None:
    write_days(60)
    first = run_after(60)
    Path(f"runs/{first.run}/forecasts.csv").unlink()
    again = run_after(60, hours=4)
    assert again.status == "succeeded"
    assert Path(f"runs/{again.run}/forecasts.csv").exists()


def test_other_folders_among_the_runs_are_let_be() -> None:
    write_days(60)
    for name in ("20261399T000000Z-aaaaaaaa", "99991231T235959Z-aaaaaaaa", "notes"):
        (Path("runs") / name).mkdir(parents=True)
    assert run_after(60).status == "succeeded"
