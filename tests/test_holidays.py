"""`--holidays`: those of countries and of files explain the target, in the past and on the steps to forecast."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.library.inputs import read_data
from tests.conftest import Command


def make_daily(
    is_dip: Callable[[date], bool], *, end: str, begin: str = "2019-01-01", drop: float = 100.0
) -> pd.DataFrame:
    days = pd.date_range(begin, end)
    noise = np.random.default_rng(0).normal(0, 3, len(days))
    sales = 200 + 20 * np.sin(2 * np.pi * np.arange(len(days)) / 7) + noise
    sales -= drop * np.array([is_dip(day.date()) for day in days])
    return pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "sales": sales.round(2)})


def predict_last(forecast: Command, table: pd.DataFrame, *words: str, steps: int) -> pd.DataFrame:
    """The forecast of the last `steps` rows from those before, with the values that they have."""
    table.iloc[:-steps].to_csv("daily.csv", index=False)
    outcome = forecast("predict", "daily.csv", "--horizon", str(steps), "--quiet", *words)
    assert outcome.code == 0, outcome.stderr
    found = pd.read_csv("forecasts.csv")
    assert found["date"].tolist() == table["date"].tail(steps).tolist()
    return found.assign(actual=table["sales"].tail(steps).to_numpy())


@pytest.mark.parametrize(
    ("country", "name", "end"),
    [
        ("US", "Thanksgiving Day", "2023-11-29"),
        ("DE-BY", "Easter Monday", "2023-04-16"),
        ("us", "Labor Day", "2023-09-10"),
    ],
)
def test_a_holiday_that_moves_is_forecast(forecast: Command, country: str, name: str, end: str) -> None:
    land, _, part = country.upper().partition("-")
    days = holidays.country_holidays(land, subdiv=part or None, years=range(2019, 2024), language="en_US")
    table = make_daily(lambda day: name in days.get(day, ""), end=end)
    found = predict_last(forecast, table, "--holidays", country, steps=14)
    without = predict_last(forecast, table, steps=14)
    dip = found["actual"] < 140
    assert dip.sum() == 1
    assert np.abs(found["forecast"] - found["actual"])[dip].max() < 35
    assert np.abs(without["forecast"] - without["actual"])[dip].min() > 60
    # other holidays do not dip
    assert np.abs(found["forecast"] - found["actual"])[~dip].mean() < 10


def test_own_dates_of_a_file_and_several_countries_at_once(forecast: Command) -> None:
    fairs = [date(year, month, 14 + year % 5) for year in range(2019, 2024) for month in (2, 6, 10)]
    us = holidays.country_holidays("US", years=range(2019, 2024))
    table = make_daily(lambda day: day in fairs or day in us, end="2023-10-26")
    pd.DataFrame({"name": "fair", "day": [f"{day:%d.%m.%Y}" for day in fairs]}).to_csv(
        "fairs.csv", sep=";", index=False
    )
    words = ("--holidays", "fairs.csv", "--holidays", "US,DE-BY")
    found = predict_last(forecast, table, *words, steps=21)
    dips = found["actual"] < 140
    assert dips.sum() == 2  # Columbus Day and a fair
    assert np.abs(found["forecast"] - found["actual"])[dips].max() < 40
    outcome = forecast("predict", "daily.csv", "--holidays", "fairs.csv", "--output", "fairs.csv")
    assert (outcome.code, "would overwrite fairs.csv" in outcome.stderr) == (2, True)
    said = forecast("check", "daily.csv", *words)
    assert said.code == 0, said.stderr
    # dates alone are enough
    Path("fairs.csv").write_text("\n".join(["day", *(str(day) for day in fairs)]))
    assert (
        predict_last(forecast, table, *words, steps=21)["forecast"].nsmallest(2).index.tolist()
        == dips[dips].index.tolist()
    )


def test_they_stand_beside_the_columns_of_the_data() -> None:
    us = holidays.country_holidays("US", years=range(2019, 2024))
    table = make_daily(lambda day: day in us, end="2023-11-29")
    table["promo"] = (np.random.default_rng(1).random(len(table)) < 0.2).astype(int)
    table["sales"] += 60 * table["promo"]
    table.loc[table.index[-14:], "promo"] = [0, 1] * 7
    past, future = table.iloc[:-14], table.iloc[-14:].drop(columns="sales")
    reading = ReadOptions(known=("promo",), holidays=("US",))
    found = forecaster.predict(past, horizon=14, reading=reading, future=future)
    lift = found["forecast"].to_numpy()[1::2].mean() - found["forecast"].to_numpy()[::2].mean()
    assert 35 < lift < 85
    assert found["forecast"].idxmin() == found["date"].tolist().index("2023-11-23")


def test_a_country_and_a_file_that_are_none(forecast: Command) -> None:
    make_daily(lambda _: False, end="2019-06-01").to_csv("daily.csv", index=False)
    Path("words.csv").write_text("name,day\nfair,soon\n")
    Path("numbers.csv").write_text("name,number\nfair,1\nfair,2\n")
    Path("either.csv").write_text("name,day\nfair,03.04.2019\n")
    Path("empty.csv").write_text("")
    Path("some.csv").write_text("name,day\nfair,2019-04-13\nshow,soon\nfair,2019-05-14\n")
    Path("spans.csv").write_text("name,first,last\nfair,2019-04-13,2019-04-15\nfair,2019-05-14,2019-05-16\n")
    for given, code, said in (
        ("XX", 2, "--holidays XX: no such country or subdivision"),
        ("DE-XX", 2, "It has BB, BE"),
        ("none.csv", 66, "none.csv: no such file"),
        ("words.csv", 65, "words.csv: no column holds dates"),
        ("numbers.csv", 65, "numbers.csv: no column holds dates"),
        ("either.csv", 65, "either.csv: no column holds dates that have one reading only"),
        ("empty.csv", 65, "empty.csv: the file is empty"),
        ("some.csv", 65, "some.csv: 'show,soon' has no date"),
        ("spans.csv", 65, "spans.csv: several columns hold dates"),
    ):
        for command in ("predict", "evaluate", "train"):
            outcome = forecast(command, "daily.csv", "--holidays", given)
            assert (outcome.code, said in outcome.stderr) == (code, True), (given, command, outcome.stderr)
            assert outcome.stderr.count("error:") == 1
    assert not Path("forecasts.csv").exists()
    assert not Path("metrics.json").exists()
    assert not (Path("model") / "model.json").exists()


def test_without_the_package_only_files_work(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    make_daily(lambda _: False, end="2019-06-01").to_csv("daily.csv", index=False)
    Path("fairs.csv").write_text("name,day\nfair,2019-03-01\nfair,2019-06-03\n")
    monkeypatch.setitem(sys.modules, "holidays", None)
    outcome = forecast("predict", "daily.csv", "--holidays", "US")
    assert (outcome.code, "pip install 'forecast-lstm[holidays]'" in outcome.stderr) == (78, True)
    assert forecast("predict", "daily.csv", "--holidays", "fairs.csv").code == 0


def test_steps_that_have_no_dates(forecast: Command) -> None:
    pd.DataFrame({"step": range(60), "y": np.arange(60.0)}).to_csv("steps.csv", index=False)
    outcome = forecast("predict", "steps.csv", "--time", "step", "--holidays", "US")
    assert (outcome.code, "whole numbers, which have no dates" in outcome.stderr) == (2, True)


def find_holidays(table: pd.DataFrame, *, ahead: int, **options: object) -> pd.DataFrame:
    """The covariates of the first series, by time."""
    given = read_data(table, reading=ReadOptions(holidays=("US",), **options))  # type: ignore[arg-type]
    panel = given.look_ahead(ahead)
    covariates = panel.covariates
    assert covariates is not None
    steps = np.arange(int(covariates.offsets[1]))
    times = panel.calendar.advance(panel.starts[[0]], steps)
    return pd.DataFrame(covariates.values[: len(steps)], columns=[*covariates.names], index=pd.DatetimeIndex(times))


@pytest.mark.parametrize(
    ("freq", "on"),
    [
        ("D", ["2024-07-04"]),
        ("B", ["2024-07-04"]),
        ("6h", ["2024-07-04 00:00", "2024-07-04 18:00"]),
        ("W-MON", ["2024-07-01"]),
    ],
)
def test_steps_of_each_length_have_the_holidays_in_them(freq: str, on: list[str]) -> None:
    times = pd.date_range("2024-06-10" if freq != "6h" else "2024-06-01", "2024-07-02", freq=freq)
    times = times.union(pd.date_range("2021-01-04", "2024-06-09", freq=freq))
    found = find_holidays(pd.DataFrame({"ds": times, "y": np.arange(len(times)) % 7}), ahead=40, frequency=freq)
    marked = found.index[found["holiday"] > 0]
    for moment in on:
        assert pd.Timestamp(moment) in marked
    july = marked[(marked >= "2024-06-25") & (marked < "2024-07-09")]
    assert len(july) == (4 if freq == "6h" else 1)
    if freq == "W-MON":
        assert found.loc["2024-07-01", "business days"] == 4
    else:
        on_day = pd.DatetimeIndex(found.index).strftime("%Y-%m-%d")
        assert found["day before holiday"][on_day == "2024-07-03"].max() == 1
        assert found["day after holiday"][on_day == "2024-07-05"].max() == 1
        # each on its own, in the weekend or not
        assert found["Independence Day"].sum() == (4 if freq == "6h" else 1) * (4 if freq != "B" else 3)


def test_months_have_the_number_of_working_days() -> None:
    months = pd.date_range("2020-01-01", periods=50, freq="MS")
    found = find_holidays(pd.DataFrame({"ds": months, "y": np.arange(50.0)}), ahead=12)
    assert len(found) == 62
    assert found.loc["2024-05-01", "business days"] == 22  # 23 weekdays and Memorial Day
    assert found.loc["2024-11-01", "holiday"] == 2


def test_hours_of_a_zone_have_the_holidays_of_its_days() -> None:
    times = pd.date_range("2024-06-01", "2024-07-10", freq="h", tz="America/New_York")
    found = find_holidays(pd.DataFrame({"ds": times, "y": np.arange(len(times)) % 24}), ahead=0)
    marked = pd.DatetimeIndex(found.index[found["holiday"] > 0]).tz_localize("UTC").tz_convert("America/New_York")
    assert {moment.date() for moment in marked} == {date(2024, 6, 19), date(2024, 7, 4)}
    assert len(marked) == 48


@pytest.mark.parametrize("freq", ["ME", "MS", "QE", "QS"])
def test_a_month_that_is_named_by_its_last_day_has_its_own_holidays(freq: str) -> None:
    steps = pd.date_range("2019-01-01", periods=30, freq=freq)
    found = find_holidays(pd.DataFrame({"ds": steps, "y": np.arange(30.0)}), ahead=2)
    marked = pd.DatetimeIndex(found.index[found["Christmas Day"] > 0])
    assert set(marked.month) == {12 if freq[0] == "M" else 10 if freq == "QS" else 12}


def test_weeks_that_are_aggregated_have_the_holidays_of_the_rows_they_add_up() -> None:
    days = pd.date_range("2021-01-04", "2023-12-31")
    frame = pd.DataFrame({"ds": days, "y": np.arange(len(days)) % 7})
    found = find_holidays(frame, ahead=2, frequency="W", aggregate="sum")
    # 19 to 25 December 2022
    assert found.loc["2022-12-25", "Christmas Day"] == 1
    assert found.loc["2022-12-18", "Christmas Day"] == 0
    assert found.loc["2022-12-25", "business days"] == 5


def test_the_day_after_a_holiday_of_the_year_before_the_data() -> None:
    days = pd.date_range("2023-01-01", periods=60)
    given = read_data(pd.DataFrame({"ds": days, "y": np.arange(60.0)}), reading=ReadOptions(holidays=("LV",)))
    covariates = given.look_ahead(0).covariates
    assert covariates is not None
    assert covariates.values[0, covariates.names.index("day after holiday")] == 1


def test_hours_whose_local_days_are_unknown_need_a_time_zone(forecast: Command) -> None:
    hours = pd.date_range("2024-03-01", periods=24 * 20, freq="h", tz="America/Los_Angeles")
    texts = [moment.isoformat() for moment in hours]
    pd.DataFrame({"time": texts, "y": np.arange(len(hours)) % 24}).to_csv("hours.csv", index=False)
    words = ("predict", "hours.csv", "--holidays", "US", "--quiet")
    outcome = forecast(*words)
    assert (outcome.code, "--timezone" in outcome.stderr) == (2, True)
    assert forecast(*words, "--timezone", "America/Los_Angeles").code == 0


@pytest.mark.parametrize(
    "text",
    ["fair,2019-05-31\n", "name,day\nfair,2019-05-31\n", "fair;31.05.2019\n;\n", "fair,2019-05-31\nfair,2019-03-01\n"],
)
def test_a_file_of_holidays_may_have_one_line_and_no_header(text: str, tmp_path: Path) -> None:
    path = tmp_path / "fairs.csv"
    path.write_text(text)
    frame = make_daily(lambda _: False, end="2019-06-01")
    covariates = read_data(frame, reading=ReadOptions(holidays=(str(path),))).look_ahead(0).covariates
    assert covariates is not None
    assert np.flatnonzero(covariates.values[:, 0]).tolist() == [59, 150][-text.count("fair") :]


def test_no_holidays_are_none(forecast: Command) -> None:
    make_daily(lambda _: False, end="2019-06-01").to_csv("daily.csv", index=False)
    for command in (["predict"], ["check"], ["evaluate", "--model", "base"]):
        outcome = forecast(command[0], "daily.csv", *command[1:], "--holidays", "")
        assert outcome.code == 0, outcome.stderr
        assert "holidays" not in outcome.stderr


@pytest.mark.parametrize("command", ["predict --output", "template --output", "check --fix"])
def test_a_file_of_holidays_is_not_overwritten(forecast: Command, command: str) -> None:
    table = make_daily(lambda _: False, end="2019-06-01").assign(promo=0)
    table.to_csv("daily.csv", index=False)
    Path("fairs.csv").write_text("fair,2019-05-01\nfair,2019-06-02\n")
    name, flag = command.split()
    words = ["--target", "sales", *(["--known", "promo"] if name == "template" else [])]
    outcome = forecast(name, "daily.csv", *words, "--holidays", "fairs.csv", flag, "fairs.csv")
    assert outcome.code == 2, outcome.stderr
    assert Path("fairs.csv").read_text().startswith("fair,2019")


def test_a_file_of_holidays_that_a_model_remembers_is_not_overwritten(forecast: Command) -> None:
    make_daily(lambda _: False, end="2019-06-01").to_csv("daily.csv", index=False)
    Path("fairs.csv").write_text("fair,2019-05-01\nfair,2019-06-02\n")
    words = ("--holidays", "fairs.csv", "--keep-covariates", "--steps", "2", "--hidden", "4", "--layers", "1")
    trained = forecast("train", "daily.csv", *words, "--from-scratch")
    assert trained.code == 0, trained.stderr
    outcome = forecast("predict", "--output", "fairs.csv")
    assert (outcome.code, "fairs.csv would overwrite" in outcome.stderr) == (2, True), outcome.stderr


def test_a_file_without_a_date_in_the_time_of_the_data_is_said_to_have_no_effect(forecast: Command) -> None:
    make_daily(lambda _: False, end="2019-06-01").to_csv("daily.csv", index=False)
    for day, is_idle in (("2031-04-13", True), ("2019-04-13", False)):
        Path("fairs.csv").write_text(f"name,day\nfair,{day}\n")
        outcome = forecast("predict", "daily.csv", "--holidays", "US,fairs.csv", "--output", "out.csv")
        assert outcome.code == 0, outcome.stderr
        assert ("fairs.csv has no date within the time of the data" in outcome.stderr) == is_idle
