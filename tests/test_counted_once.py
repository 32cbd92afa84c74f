"""Each forecast and each value counts once in `forecast monitor`, however often a night was run."""

import shutil
from dataclasses import replace

import pytest

import forecaster
from forecaster.forecasting.end_options import EndOptions
from forecaster.nightly.monitoring import Monitoring
from tests.nightly import NIGHTLY, run_after, write_days


def monitor() -> Monitoring:
    return forecaster.monitor("shops.csv")


@pytest.mark.parametrize("kind", ["forced", "other options", "exported again", "copied"])
def test_a_night_that_was_run_again_counts_once(kind: str) -> None:
    write_days(60)
    run = run_after(60).run
    once = {}
    for days in (63, 66):
        write_days(days)
        once[days] = monitor()
    for number in range(1, 4):
        table = write_days(60)
        if kind == "exported again":
            table["sales"] = table["sales"].where(table.index != 5, 90.0 + number)
            table.to_csv("shops.csv", index=False)
        if kind == "copied":
            shutil.copytree(f"runs/{run}", f"runs/20300101T00000{number}Z-aaaaaaaa")
        else:
            run_after(60, is_forced=kind == "forced", level=(90 - number,) if kind == "other options" else (80, 95))
    for days, before in once.items():
        write_days(days)
        found = monitor()
        assert (found.runs, found.values, found.verdict) == (1, 3 * (days - 60), before.verdict)
        assert "too few" in found.reasons[0] or days == 66
        if kind != "exported again":
            assert found.overall == pytest.approx(before.overall)


def test_of_several_runs_of_a_night_the_newest_counts() -> None:
    table = write_days(60)
    table["sales"] *= 100
    table.to_csv("shops.csv", index=False)
    run_after(60)
    write_days(60)
    newest = run_after(60).run
    write_days(66)
    shutil.copytree(f"runs/{newest}", f"only/{newest}")
    assert monitor().overall == forecaster.monitor("shops.csv", runs="only").overall


def test_later_steps_count_although_a_newer_run_of_the_night_is_shorter() -> None:
    table = write_days(60)
    long = run_after(60, horizon=14).run
    exported = table.copy()
    exported["sales"] *= 2  # what the shorter run forecasts is another thing
    exported.to_csv("shops.csv", index=False)
    short = run_after(60).run
    write_days(71)
    for name in (long, short):
        shutil.copytree(f"runs/{name}", f"only-{name}/{name}")
    found = monitor()
    assert (found.runs, found.values) == (1, 3 * 11)
    alone = {name: forecaster.monitor("shops.csv", runs=f"only-{name}") for name in (long, short)}
    # steps 1, 2 to 3 and 4 to 7 are those of the newest run, 8 to 11 those of the only one that made them
    expected = (*alone[short].ages, alone[long].ages[3])
    assert [age.values for age in found.ages] == [age.values for age in expected] == [3, 6, 12, 12]
    for age, one in zip(found.ages, expected, strict=True):
        assert age.overall == pytest.approx(one.overall)
        assert age.baseline == pytest.approx(one.baseline)
    # the same in the other order: the newest has all steps, and the older one adds none
    shutil.rmtree("runs")
    write_days(60)
    run_after(60)
    newest = run_after(60, horizon=14).run
    write_days(71)
    shutil.copytree(f"runs/{newest}", f"only-the-newest/{newest}")
    assert monitor().overall == forecaster.monitor("shops.csv", runs="only-the-newest").overall


def test_a_shorter_run_of_a_series_takes_no_step_of_another_series_or_night() -> None:
    write_days(60)
    run_after(60, horizon=14)
    table = write_days(60)
    table[table["shop"] == "s1"].to_csv("shops.csv", index=False)
    run_after(60, horizon=3, is_forced=True)
    write_days(66)
    assert [(age.first, age.values) for age in monitor().ages] == [(1, 3), (2, 6), (4, 9)]
    run_after(66, horizon=1)
    write_days(68)
    # two more days of the first night, the first of which the second night forecast as well
    assert [(age.first, age.values) for age in monitor().ages] == [(1, 6), (2, 6), (4, 12), (8, 3)]


def test_a_night_that_was_run_again_without_a_series_is_still_one_night() -> None:
    table = write_days(60)
    run_after(60)
    table[table["shop"] != "s2"].to_csv("shops.csv", index=False)
    run_after(60)
    write_days(66)
    found = monitor()
    assert (found.runs, found.values) == (1, 3 * 6)


def test_a_series_that_stands_still_is_not_forecast_anew_each_night() -> None:
    # of s2 nothing comes for some nights, and each of them forecasts it from the same step
    plan = replace(NIGHTLY, ends=EndOptions(origin="own"))
    for days in (60, 61, 62):
        table = write_days(days)
        table[(table["shop"] != "s2") | (table["date"] < "2024-02-25")].to_csv("shops.csv", index=False)
        run_after(days, plan)
    write_days(62)
    found = monitor()
    assert (found.runs, found.values) == (3, 2 * 2 + 7)
    (one,) = [one for one in found.worst if one.series == "s2"]
    assert one.values == 7
