"""`--calendar`: what dates tell explains the target, in the past and on the steps to forecast."""

import calendar
import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.covariates import Covariates
from forecaster.data.read_options import ReadOptions
from forecaster.library.inputs import read_data
from tests.conftest import Command

SMALL = ("--keep-covariates", "--from-scratch", "--steps", "2", "--hidden", "4", "--layers", "1")


@cache
def slow_describe(day: date) -> dict[str, float]:
    """What is said of one day, found by plain loops."""
    length = calendar.monthrange(day.year, day.month)[1]
    working = [number for number in range(1, length + 1) if date(day.year, day.month, number).weekday() < 5]
    angle = 2 * np.pi * (day.day - 1) / length
    named = {
        "working days": day.weekday() < 5,
        "number of days": 1,
        "first day of month": day.day == 1,
        "last day of month": day.day == length,
        "first working day of month": day.day == working[0],
        "last working day of month": day.day == working[-1],
        "17 to 23 December": day.month == 12 and 17 <= day.day <= 23,
        "24 to 26 December": day.month == 12 and 24 <= day.day <= 26,
        "27 to 31 December": day.month == 12 and day.day >= 27,
        "1 January": day.month == 1 and day.day == 1,
        "2 to 6 January": day.month == 1 and 2 <= day.day <= 6,
    }
    named |= {name: day.strftime("%A") == name for name in calendar.day_name}
    named |= {f"week {week} of month": (day.day - 1) // 7 + 1 == week for week in range(1, 6)}
    found = {name: float(value) for name, value in named.items()}
    for order in (1, 2, 3):
        found[f"day of month, cosine {order}"] = float(np.cos(order * angle))
        found[f"day of month, sine {order}"] = float(np.sin(order * angle))
    return found


def find(table: pd.DataFrame, *, ahead: int = 3, **options: object) -> Covariates:
    given = read_data(table, reading=ReadOptions(calendar=("all",), **options))  # type: ignore[arg-type]
    covariates = given.look_ahead(ahead).covariates
    assert covariates is not None
    return covariates


def list_days(begin: pd.Timestamp, end: pd.Timestamp) -> list[date]:
    """The days from `begin` until `end`, which is none of them unless it has hours."""
    days = [begin.date()]
    while pd.Timestamp(days[-1] + timedelta(days=1)) < end:
        days.append(days[-1] + timedelta(days=1))
    return days


@pytest.mark.parametrize("freq", ["MS", "ME", "QS", "QE", "YS", "2MS", "W-SUN", "W-MON", "D", "B", "h", "12h"])
def test_a_step_is_described_by_its_days(freq: str) -> None:
    times = pd.date_range("2019-11-30", periods=60, freq=freq)
    table = pd.DataFrame({"ds": times, "y": np.arange(60) % 7})
    covariates = find(table, ahead=40, **({"frequency": freq} if freq == "2MS" else {}))
    every = pd.date_range("2019-11-30", periods=101, freq=freq)
    for step in range(100):
        begin, end = every[step], every[step + 1]
        if freq in ("ME", "QE"):
            begin, end = begin - pd.offsets.MonthEnd(1 if freq == "ME" else 3) + pd.Timedelta("1D"), begin
            end += pd.Timedelta("1D")
        # what is closed belongs to no step
        days = [begin.date()] if freq == "B" else list_days(begin, end)
        described = [slow_describe(day) for day in days]
        for number, name in enumerate(covariates.names):
            expected = sum(one[name.removeprefix("calendar ")] for one in described)
            assert covariates.values[step, number] == pytest.approx(expected, abs=1e-9), (begin, name)
    is_long = freq in ("MS", "ME", "QS", "QE", "YS", "2MS")
    assert ("calendar number of days" in covariates.names) == is_long
    assert ("calendar 1 January" in covariates.names) == (not is_long)


def test_months_have_their_length_and_their_trading_days() -> None:
    months = pd.date_range("2020-01-01", periods=40, freq="MS")
    covariates = find(pd.DataFrame({"ds": months, "y": np.arange(40.0)}))
    by_name = dict(zip(covariates.names, covariates.values.T, strict=True))
    assert by_name["calendar number of days"][[1, 13, 25, 37]].tolist() == [29, 28, 28, 28]
    assert by_name["calendar working days"][[0, 1]].tolist() == [23, 20]
    assert by_name["calendar Saturday"][[1, 2]].tolist() == [5, 4]
    assert covariates.list_columns() == ("calendar trading-days", "calendar working-days", "calendar month-length")


def test_weeks_that_are_aggregated_have_the_days_of_the_rows_they_add_up() -> None:
    days = pd.date_range("2021-01-04", "2023-12-31")
    covariates = find(pd.DataFrame({"ds": days, "y": np.arange(len(days)) % 7}), frequency="W", aggregate="sum")
    edge = covariates.values[:, covariates.names.index("calendar first day of month")]
    # 1 January 2022 is the Saturday of the week that ends on the 2nd
    ends = pd.date_range("2021-01-10", periods=len(edge), freq="W")
    assert pd.Timestamp("2022-01-02") in ends[edge == 1]
    assert edge.sum() == len({(day.year, day.month) for day in list_days(days[0], ends[-1]) if day.day == 1})


def test_hours_of_a_zone_have_its_days(forecast: Command) -> None:
    hours = pd.date_range("2024-02-20", periods=24 * 25, freq="h", tz="America/Los_Angeles")
    table = pd.DataFrame({"ds": hours, "y": np.arange(len(hours)) % 24})
    covariates = find(table)
    edge = covariates.values[: len(hours), covariates.names.index("calendar last day of month")]
    assert {moment.date() for moment in hours[edge > 0]} == {date(2024, 2, 29)}
    assert edge.sum() == 24
    table.assign(ds=[moment.isoformat() for moment in hours]).to_csv("hours.csv", index=False)
    words = ("predict", "hours.csv", "--calendar", "month-edges", "--quiet")
    outcome = forecast(*words)
    assert (outcome.code, "--calendar: the timestamps do not tell the local days" in outcome.stderr) == (2, True)
    assert "--timezone" in outcome.stderr
    assert forecast(*words, "--timezone", "America/Los_Angeles").code == 0


def test_series_that_begin_at_other_times_have_their_own_days() -> None:
    days = pd.date_range("2023-03-01", periods=100)
    parts = [pd.DataFrame({"id": name, "ds": days[begin:], "y": 1.0}) for name, begin in (("a", 0), ("b", 17))]
    both, alone = find(pd.concat(parts), ids=("id",)), find(parts[1], ids=("id",))
    np.testing.assert_allclose(both.values[both.offsets[1] :], alone.values, atol=1e-12)


def make_monthly() -> pd.DataFrame:
    """Sales of 10 on each working day."""
    months = pd.date_range("2012-01-01", periods=120, freq="MS")
    working = np.busday_count(
        months.values.astype("datetime64[D]"), (months + pd.offsets.MonthBegin(1)).values.astype("datetime64[D]")
    )
    noise = np.random.default_rng(0).normal(0, 1, len(months))
    return pd.DataFrame({"month": months.strftime("%Y-%m-%d"), "sales": (10 * working + noise).round(2)})


@pytest.mark.parametrize("kind", ["working-days", "trading-days", "all"])
def test_working_days_of_months_are_forecast(forecast: Command, kind: str) -> None:
    table = make_monthly()
    table.iloc[:-12].to_csv("monthly.csv", index=False)
    errors = []
    for words in ((), ("--calendar", kind)):
        outcome = forecast("predict", "monthly.csv", "--horizon", "12", *words)
        assert outcome.code == 0, outcome.stderr
        assert ("explained by the calendar" in outcome.stderr) == bool(words)
        found = pd.read_csv("forecasts.csv")["forecast"].to_numpy()
        errors.append(np.abs(found - table["sales"].tail(12).to_numpy()).mean())
    assert errors[1] < 0.6 * errors[0]


@pytest.mark.parametrize("freq", ["D", "B"])
def test_the_last_working_day_of_months_is_forecast(forecast: Command, freq: str) -> None:
    days = pd.date_range("2021-01-01", "2023-05-31", freq=freq)
    is_pay_day = np.isin(days, pd.date_range(days[0], days[-1], freq="BME"))
    paid = 200 + 20 * (days.day_of_week < 3) + 80 * is_pay_day + np.random.default_rng(0).normal(0, 3, len(days))
    table = pd.DataFrame({"day": days.strftime("%Y-%m-%d"), "paid": paid.round(2)})
    table.iloc[:-15].to_csv("paid.csv", index=False)
    outcome = forecast("predict", "paid.csv", "--horizon", "15", "--calendar", "month-edges")
    assert outcome.code == 0, outcome.stderr
    found = pd.read_csv("forecasts.csv")["forecast"]
    assert found.idxmax() == 14
    assert found[14] - found[13] > 50
    # values after the cutoff change nothing
    table.to_csv("paid.csv", index=False)
    words = ("--calendar", "month-edges", "--until", table["day"].iloc[-16], "--output", "until.csv")
    assert forecast("predict", "paid.csv", "--horizon", "15", *words).code == 0
    np.testing.assert_allclose(pd.read_csv("until.csv")["forecast"], found)


def test_what_the_calendar_adds_and_is_worth(forecast: Command) -> None:
    make_monthly().to_csv("monthly.csv", index=False)
    words = ("monthly.csv", "--calendar", "working-days,month-length", "--horizon", "6")
    outcome = forecast("evaluate", *words, "--windows", "5", "--json")
    assert outcome.code == 0, outcome.stderr
    worth = json.loads(outcome.stdout.splitlines()[-1])["covariates"]
    assert worth["columns"] == ["calendar working-days", "calendar month-length"]
    changes = {tuple(one["columns"]): one["change"] for one in worth["without"]}
    assert changes["calendar working-days",] > 0.2
    assert "without calendar working-days" in outcome.stdout + outcome.stderr
    reading = ReadOptions(calendar=("working-days,month-length",))
    effects = forecaster.load("base").explain("monthly.csv", horizon=6, reading=reading).effects
    assert effects is not None
    assert effects.columns == ("calendar working-days", "calendar month-length")
    assert np.abs(effects.added[:, 0]).max() > 5


def test_a_model_remembers_the_kinds_that_fit_its_steps(forecast: Command) -> None:
    make_monthly().to_csv("monthly.csv", index=False)
    trained = forecast("train", "monthly.csv", "--calendar", "all", *SMALL)
    assert trained.code == 0, trained.stderr
    card = json.loads((Path("model") / "model.json").read_text())
    assert "trading-days" in json.dumps(card)
    assert "all" not in card["source"]["read_options"]["calendar"]
    for words, said in (((), True), (("--calendar", ""), False), (("--calendar", "month-length"), True)):
        outcome = forecast("predict", "monthly.csv", *words)
        assert outcome.code == 0, outcome.stderr
        assert ("explained by the calendar" in outcome.stderr) == said
        assert ("trading-days" in outcome.stderr) == (words == ())


def test_kinds_that_are_none_or_do_not_fit(forecast: Command) -> None:
    make_monthly().to_csv("monthly.csv", index=False)
    days = pd.date_range("2023-01-01", periods=80).strftime("%Y-%m-%d")
    pd.DataFrame({"day": days, "y": np.arange(80) % 7}).to_csv("daily.csv", index=False)
    pd.DataFrame({"step": range(60), "y": np.arange(60.0)}).to_csv("steps.csv", index=False)
    for file, given, said in (
        ("monthly.csv", "trading-day", "--calendar trading-day: not one of trading-days working-days"),
        ("monthly.csv", "trading-day", "Did you mean trading-days?"),
        ("monthly.csv", "working-days,moon", "--calendar moon: not one of"),
        ("monthly.csv", "month-edges", "it says nothing of steps that are monthly. Give trading-days, working-days"),
        ("daily.csv", "trading-days", "it says nothing of steps that are daily. Give month-days, month-edges"),
        ("steps.csv", "all", "--calendar: the timestamps are whole numbers, which have no dates."),
    ):
        for command in ("predict", "evaluate", "train", "check"):
            time = ("--time", "step") if file == "steps.csv" else ()
            outcome = forecast(command, file, "--calendar", given, *time)
            assert (outcome.code, said in outcome.stderr) == (2, True), (given, command, outcome.stderr)
            assert outcome.stderr.count("error:") == 1
    assert not Path("forecasts.csv").exists()
    assert not Path("metrics.json").exists()
    assert not (Path("model") / "model.json").exists()
