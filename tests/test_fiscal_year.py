"""Fiscal years of whole weeks: months of 4-4-5 weeks, quarters of 13, and a 53rd week where the data show its rule."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.calendar import Calendar
from forecaster.data.fiscal_year import FISCAL_MONTHS, fit_fiscal_years
from forecaster.data.frequency import infer_calendar
from tests.conftest import Command

YEARS = pd.DatetimeIndex(
    [
        *("2012-01-29", "2013-02-03", "2014-02-02", "2015-02-01", "2016-01-31", "2017-01-29", "2018-02-04"),
        *("2019-02-03", "2020-02-02", "2021-01-31", "2022-01-30", "2023-01-29", "2024-02-04", "2025-02-02"),
        *("2026-02-01", "2027-01-31"),
    ]
)
"""First days of the fiscal years of the retail federation in the United States; 2012, 2017 and 2023 have 53 weeks."""
SEPTEMBERS = pd.DatetimeIndex(
    [
        *("2010-09-25", "2011-09-24", "2012-09-29", "2013-09-28", "2014-09-27", "2015-09-26", "2016-09-24"),
        *("2017-09-30", "2018-09-29", "2019-09-28", "2020-09-26", "2021-09-25", "2022-09-24", "2023-09-30"),
        *("2024-09-28", "2025-09-27"),
    ]
)
"""Last Saturdays of September."""
APRILS = pd.DatetimeIndex(
    [
        *("2012-03-31", "2013-03-30", "2014-04-05", "2015-04-04", "2016-04-02", "2017-04-01", "2018-03-31"),
        *("2019-03-30", "2020-04-04", "2021-04-03", "2022-04-02", "2023-04-01", "2024-03-30", "2025-04-05"),
        *("2026-04-04", "2027-04-03"),
    ]
)
"""Last Saturdays up to 5 April."""
QUARTERS = (13,) * 4


def list_steps(weeks: tuple[int, ...], *, years: pd.DatetimeIndex = YEARS) -> pd.DatetimeIndex:
    """The dates of all months or quarters; the last one of a year of 53 weeks has a week more."""
    steps = [[year + pd.Timedelta(weeks=sum(weeks[:step])) for step in range(len(weeks))] for year in years[:-1]]
    return pd.DatetimeIndex([date for year in steps for date in year])


def find(dates: pd.DatetimeIndex, first: str) -> int:
    return int(dates.searchsorted(pd.Timestamp(first)))


def write(dates: pd.DatetimeIndex, name: str = "sales.csv", *, shuffled: bool = False) -> str:
    # a month of five weeks sells more
    frame = pd.DataFrame(
        {"date": dates.strftime("%Y-%m-%d"), "sales": [100 + 9 * (step % 12) for step in range(len(dates))]}
    )
    (frame.sample(frac=1, random_state=0) if shuffled else frame).to_csv(name, index=False)
    return name


def predict(forecast: Command, *words: str) -> tuple[list[str], str]:
    outcome = forecast("predict", *words, "--output", "-")
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv(StringIO(outcome.stdout))["date"].tolist(), outcome.stderr.replace("\n", " ")


def shown(dates: pd.DatetimeIndex) -> list[str]:
    return dates.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("written", ["first days", "last days"])
@pytest.mark.parametrize("name", FISCAL_MONTHS)
def test_months_go_on_with_a_53rd_week_where_the_history_has_shown_the_rule(
    forecast: Command, name: str, written: str
) -> None:
    dates = list_steps(FISCAL_MONTHS[name]) - pd.Timedelta(days=int(written == "last days"))
    begin, end = find(dates, "2017-06-25"), find(dates, "2023-06-20")
    lines, said = predict(forecast, write(dates[begin:end], shuffled=True), "--horizon", "14")
    assert lines == shown(dates[end : end + 14])
    assert f"months of {'-'.join(name)} weeks" in said
    nearest = "the Saturday nearest to the end of January"
    assert ("the day after " if written == "first days" else "") + nearest in said
    assert f"the next 53rd week comes by 2024-02-0{4 if written == 'first days' else 3}" in said
    assert "assumed" not in said
    # the name says the same, and another one is refused
    assert predict(forecast, "sales.csv", "--horizon", "14", "--freq", name)[0] == lines
    other = "454" if name == "445" else "445"
    refused = forecast("predict", "sales.csv", "--freq", other)
    assert (refused.code, "does not fit the steps of the others" in refused.stderr) == (65, True)


def test_quarters_of_13_weeks_have_one_of_14(forecast: Command) -> None:
    dates = list_steps(QUARTERS)
    begin, end = find(dates, "2017-06-25"), find(dates, "2023-06-20")
    lines, said = predict(forecast, write(dates[begin:end]), "--horizon", "6")
    assert lines == shown(dates[end : end + 6])
    assert "quarters of 13 weeks" in said
    # and years that end on the last Saturday of a month
    dates = list_steps(QUARTERS, years=SEPTEMBERS)
    begin, end = find(dates, "2016-12-20"), find(dates, "2023-01-10")
    lines, said = predict(forecast, write(dates[begin:end]), "--horizon", "6")
    assert lines == shown(dates[end : end + 6])
    assert "the last Saturday of September; the next 53rd week comes by 2023-09-30" in said


@pytest.mark.parametrize(
    ("dates", "rule"),
    [
        (YEARS, "the day after the Saturday nearest to the end of January"),
        (YEARS - pd.Timedelta(days=1), "the Saturday nearest to the end of January"),
        (SEPTEMBERS, "the last Saturday of September"),
        (SEPTEMBERS[[0, 1, 2, 3, 5, 6, 7, 8, 9, 10]], "the last Saturday of September"),
    ],
)
def test_rows_of_whole_years_have_one_of_53_weeks(forecast: Command, dates: pd.DatetimeIndex, rule: str) -> None:
    following = (YEARS if "January" in rule else SEPTEMBERS)[10 + (len(dates) == 10) :][:4]
    following -= pd.Timedelta(days=int(rule.startswith("the Saturday")))
    lines, said = predict(forecast, write(dates[:10], shuffled=True), "--horizon", "4")
    assert lines == shown(following)
    assert "years of 52 or 53 weeks" in said
    assert f"years are counted from {rule}" in said


def test_years_of_52_weeks_go_on_with_a_note_that_a_53rd_is_not_known(forecast: Command) -> None:
    lines, said = predict(forecast, write(YEARS[6:11]), "--horizon", "2")
    assert lines == ["2023-01-29", "2024-01-28"]
    assert "years of 52 weeks" in said
    assert "no year of the data has a 53rd week" in said
    # ordinary years are no such years, and a weekday that changes is no calendar
    assert infer(pd.DatetimeIndex(["2019-01-31", "2020-01-31", "2021-01-31"])).name == "yearly"
    refused = forecast("predict", write(pd.DatetimeIndex([*YEARS[:5], YEARS[5] + pd.Timedelta(days=1), *YEARS[6:8]])))
    assert (refused.code, "Fix the timestamps" in refused.stderr) == (65, True)


def test_where_no_year_has_a_53rd_week_a_note_says_that_dates_go_on_without(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["445"])
    begin, end = find(dates, "2018-02-04"), find(dates, "2022-01-30")
    lines, said = predict(forecast, write(dates[begin:end]), "--horizon", "30")
    late = find(dates, "2024-02-04") - end
    assert lines[:late] == shown(dates[end : end + late])
    assert lines[late:] == shown(dates[end + late : end + 30] - pd.Timedelta(weeks=1))
    assert "months of 4 and 5 weeks" in said
    assert "4-4-5 weeks from the first month on; no year of the data has a 53rd week" in said
    assert "a week early after it" in said
    quarters = list_steps(QUARTERS)
    begin, end = find(quarters, "2018-02-04"), find(quarters, "2022-01-30")
    lines, said = predict(forecast, write(quarters[begin:end]), "--horizon", "8")
    assert lines == shown(quarters[end : end + 8])
    assert "quarters of 13 weeks" in said
    assert "no year of the data has a 53rd week" in said


def test_where_two_rules_fit_the_note_names_both(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    end = find(dates, "2017-01-29")
    lines, said = predict(forecast, write(dates[:end]), "--horizon", "14")
    assert lines == shown(dates[end : end + 14])
    assert "comes by 2018-02-04: this is assumed, as the Sunday nearest to the end of January fits the data too" in said
    assert "and brings it by 2019-02-03" in said


def test_the_season_is_a_year(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    write(dates[60:120])
    table = pd.read_csv(StringIO(forecast("predict", "sales.csv", "--horizon", "12", "--output", "-").stdout))
    np.testing.assert_allclose(table["forecast"], 100 + 9 * np.arange(12), rtol=0.02)
    assert infer(list_steps(QUARTERS)[:20]).periods == infer(list_steps(QUARTERS)[28:40]).periods == (4,)


def infer(dates: pd.DatetimeIndex) -> Calendar:
    found = infer_calendar(dates.to_numpy().astype("datetime64[us]"), is_first=np.arange(len(dates)) == 0)
    assert found is not None
    return found


def test_series_that_begin_in_different_months_and_missing_rows(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    begin, end = find(dates, "2017-06-25"), find(dates, "2023-06-20")
    held = [dates[begin:end].delete([7, 8, 30]), dates[begin + 20 : end], dates[begin + 40 : end].delete([3])]
    frames = [
        pd.DataFrame({"shop": shop, "date": shown(every), "sales": np.arange(len(every)) % 12 + 5})
        for shop, every in zip("abc", held, strict=True)
    ]
    pd.concat(frames).sample(frac=1, random_state=1).to_csv("shops.csv", index=False)
    lines, said = predict(forecast, "shops.csv", "--id", "shop", "--horizon", "12")
    # a missing month is no long one: later dates stay in their places
    assert lines == 3 * shown(dates[end : end + 12])
    assert "4 missing rows" in said
    # the missing months hide in which of them the 53rd week lay
    assert "by 2024-02-04: this is assumed, as the day after the Saturday nearest to the end of February fits" in said


@pytest.mark.parametrize("rule", ["WOM-1MON", "WOM-3FRI", "LWOM-FRI", "nearest the 15th"])
def test_weekdays_of_ordinary_months_are_never_taken_for_fiscal_ones(forecast: Command, rule: str) -> None:
    months = pd.date_range("2000-01-01", periods=300, freq="MS")
    if rule == "LWOM-FRI":
        dates = pd.date_range("2000-01-01", periods=300, freq=pd.offsets.LastWeekOfMonth(weekday=4))
    elif rule == "nearest the 15th":
        latest = months + pd.Timedelta(days=17)
        dates = latest - pd.to_timedelta((latest.day_of_week - 2) % 7, unit="D")
    else:
        dates = pd.date_range("2000-01-01", periods=300, freq=rule)
    times = dates.to_numpy().astype("datetime64[us]")
    for count in (13, 18, 25, 60):
        assert not any(fit_fiscal_years(times[begin : begin + count]) for begin in range(300 - count))
        assert not any(fit_fiscal_years(np.delete(times[begin : begin + count], 5)) for begin in range(300 - count))
    refused = forecast("predict", write(dates[:50]))
    assert refused.code == 65
    assert "or 445 for months of 4, 4 and 5 weeks" in refused.stderr.replace("\n", " ")


def test_months_that_are_missing_throughout_leave_open_which_have_5_weeks(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    begin, end = find(dates, "2018-05-06"), find(dates, "2022-03-25")
    number = np.arange(end - begin)
    # what is left are months of 4 weeks, and 9 weeks to the next
    refused = forecast("predict", write(dates[begin:end][number % 3 != 2]))
    assert refused.code == 65, refused.stdout
    # and here months of 5 weeks, and 8 weeks to the next
    lines, _ = predict(forecast, write(dates[begin:end][(number % 3 != 0) | (number == 0)]), "--horizon", "3")
    assert lines == shown(dates[end : end + 3])


def test_other_days_from_which_years_are_counted_are_found_too(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["445"], years=APRILS)
    begin, end = find(dates, "2012-04-30"), find(dates, "2024-06-20")
    lines, said = predict(forecast, write(dates[begin:end]), "--horizon", "14")
    assert lines == shown(dates[end : end + 14])
    assert "years are counted from the last Saturday up to 5 April; the next 53rd week comes by 2025-04-05" in said
    # a 53rd week in the second month of the last quarter: 4-5-5
    is_late = np.isin(np.arange(12 * 15), [12 * year + 11 for year in (0, 5, 11)])
    moved = list_steps(FISCAL_MONTHS["454"]) + pd.to_timedelta(7 * is_late, unit="D")
    begin, end = find(moved, "2017-06-25"), find(moved, "2023-06-20")
    lines, said = predict(forecast, write(moved[begin:end]), "--horizon", "14")
    assert lines == shown(moved[end : end + 14])
    assert "years are counted from the first Sunday of January; the next 53rd week comes by 2024-01-07" in said


def test_months_that_begin_on_one_day_stay_months(forecast: Command) -> None:
    for freq in ("MS", "ME"):
        dates = pd.date_range("2018-01-01", periods=61, freq=freq)
        lines, said = predict(forecast, write(dates[:-1]), "--horizon", "1")
        assert (lines, "monthly" in said) == (shown(dates[-1:]), True)


def test_a_wrong_date_is_named_and_a_short_history_needs_the_name(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    begin = find(dates, "2019-06-25")
    write(dates[begin : begin + 12])
    refused = forecast("predict", "sales.csv")
    assert (refused.code, "or 445 for months" in refused.stderr.replace("\n", " ")) == (65, True)
    lines, _ = predict(forecast, "sales.csv", "--freq", "454", "--horizon", "6")
    assert lines == shown(dates[begin + 12 : begin + 18])
    write(dates[begin : begin + 2])
    too_few = forecast("predict", "sales.csv", "--freq", "454")
    assert (too_few.code, "Give more rows" in too_few.stderr) == (65, True)
    wrong = dates[find(dates, "2017-06-25") : find(dates, "2023-06-20")].to_series()
    wrong.iloc[20] += pd.Timedelta(days=1)
    write(pd.DatetimeIndex(wrong))
    for words in ([], ["--freq", "454"]):
        assert forecast("predict", "sales.csv", *words).code == 65
    assert f"line 22: {shown(pd.DatetimeIndex(wrong))[20]} does not fit" in forecast(
        "predict", "sales.csv", "--freq", "454"
    ).stderr.replace("\n", " ")
    assert forecast("predict", "sales.csv", "--freq", "445", "--aggregate", "sum").code == 2


def test_a_model_remembers_its_fiscal_year_and_takes_a_longer_history(forecast: Command) -> None:
    dates = list_steps(FISCAL_MONTHS["454"])
    words = ["--steps", "2", "--from-scratch", "--hidden", "4", "--horizon", "6", "--quiet"]
    begin, end = find(dates, "2017-06-25"), find(dates, "2023-08-20")
    assert forecast("train", write(dates[begin + 12 : end]), *words).code == 0
    assert json.loads(Path("model/model.json").read_text())["calendar"]["fiscal_year"]["year_end"] == []
    # a longer history shows a 53rd week, which the model had not seen
    lines, said = predict(forecast, write(dates[begin:end], "longer.csv"), "--model", "model")
    assert lines == shown(dates[end : end + 6])
    assert "the next 53rd week comes by 2024-02-04" in said
    assert forecast("train", "longer.csv", *words, "--model", "second").code == 0
    assert predict(forecast, "--model", "second")[0] == lines
    card = json.loads(Path("second/model.json").read_text())
    assert card["calendar"]["fiscal_year"]["year_end"] == [1, 4]
    card["calendar"]["fiscal_year"]["weeks"] = [13, 13, 13]
    Path("second/model.json").write_text(json.dumps(card))
    broken = forecast("predict", "--model", "second")
    assert (broken.code, "'calendar.fiscal_year' is not a year of 52 weeks" in broken.stderr) == (78, True)
