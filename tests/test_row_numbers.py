"""Columns that only number the rows, or the steps, are never forecast, whatever they are called."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

FILES = Path(__file__).parent / "files"
YEARS = [*range(1900, 1940)]
PRICES = [100 + row * 7 % 50 for row in range(40)]
RAIN = [500 + row * 37 % 90 for row in range(40)]


def write(**columns: list[Any]) -> str:
    return pd.DataFrame(columns).to_csv(index=False)


@pytest.mark.parametrize("name", ["X", "rownames", "t", "obs", "...1", "time_index", "Kundennummern"])
@pytest.mark.parametrize("numbers", [range(1, 41), range(40), range(40, 0, -1)], ids=["from 1", "from 0", "down"])
def test_the_row_number_before_all_columns_is_not_forecast(name: str, numbers: range) -> None:
    _, wide = read(write(**{name: [*numbers], "year": YEARS, "wind": PRICES, "rain": RAIN}))
    assert (wide.columns.targets, wide.columns.ignored) == (("wind", "rain"), (name,))
    flags = [int(row % 9 == 3) for row in range(40)]
    _, counts = read(write(**{name: [*numbers], "year": YEARS, "Austria": flags, "Chile": flags[::-1]}))
    assert (counts.columns.targets, counts.columns.ignored) == (("Austria", "Chile"), (name,))


@pytest.mark.parametrize("name", ["t", "trend", "obs", "time_index", "period"])
def test_a_counter_of_steps_is_not_forecast_wherever_it_stands(name: str) -> None:
    months = [f"{year}-{month:02d}" for year in range(2000, 2004) for month in range(1, 13)][:40]
    _, summary = read(write(month=months, CO2=PRICES, **{name: [*range(1, 41)]}))
    assert (summary.columns.targets, summary.columns.ignored) == (("CO2",), (name,))
    # so it is where each series counts its own, and where the time is in two columns
    shops = ["a"] * 20 + ["b"] * 20
    steps = [*range(1, 21)] * 2
    _, summary = read(write(shop=shops, year=YEARS[:20] * 2, rain=RAIN, **{name: steps}))
    assert (summary.columns.ids, summary.columns.targets) == (("shop",), ("rain",))
    parts = {"Year": [2000 + row // 12 for row in range(40)], "Month": [row % 12 + 1 for row in range(40)]}
    _, summary = read(write(**parts, kwh=RAIN, **{name: [*range(1, 41)]}))
    assert summary.columns.targets == ("kwh",)


def test_what_grows_by_one_on_each_step_is_forecast_where_it_can_be_a_measurement() -> None:
    for columns in (
        {"year": YEARS, "members": [*range(1, 41)]},
        {"members": [*range(310, 350)], "year": YEARS},
        {"sales": [*range(1, 41)], "year": YEARS},
        {"year": YEARS, "sum of births": [*range(1, 41)], "sum of deaths": [row // 2 for row in range(40)]},
        {"Year": [2000 + row // 12 for row in range(40)], "Month": [row % 12 + 1 for row in range(40)], "x": PRICES}
        | {"members": [*range(1, 41)]},
    ):
        _, summary = read(write(**columns))
        names = {"members", "sales", "sum of births"} & columns.keys()
        assert names <= {*summary.columns.targets}
    temperatures = [20, 21, 22, 21, 20, 21, 22, 23] * 5
    _, summary = read(write(t=temperatures, year=YEARS))
    assert summary.columns.targets == ("t",)


@pytest.mark.parametrize("name", ["ID", "X", "rownames", "index", "t"])
def test_where_nothing_else_holds_numbers_nothing_is_forecast(forecast: Command, name: str) -> None:
    states = ["bad", "ok"] * 20
    Path("data.csv").write_text(write(**{name: [*range(1, 41)], "year": YEARS, "status": states}))
    for flags in ((), ("--wide",)):
        outcome = forecast("predict", "data.csv", *flags)
        assert outcome.code == 65
        assert f"no column to forecast: '{name}' only numbers the rows" in outcome.stderr
    outcome = forecast("predict", "data.csv", "--target", name)
    assert (outcome.code, f"target '{name}'" in outcome.stderr) == (0, True)


def test_row_names_of_a_part_of_a_table_are_not_forecast() -> None:
    kept = [1, 45, 89, 133, 177, 2, 46, 90, 134, 178, 3, 47]
    text = write(rownames=kept, year=YEARS[:12], status=["bad", "ok"] * 6)
    with pytest.raises(DataError, match="'rownames' only numbers the rows"):
        read(text)


QUARTERS = {"year": [2000 + row // 4 for row in range(40)], "quarter": [row % 4 + 1 for row in range(40)]}


@pytest.mark.parametrize("rows", [40, 20, 12])
@pytest.mark.parametrize("name", ["time", "TIME"])
def test_a_column_time_that_counts_the_steps_is_not_the_time_where_years_stand_beside_it(
    forecast: Command, rows: int, name: str
) -> None:
    kept = {column: cells[:rows] for column, cells in (QUARTERS | {"sales": RAIN}).items()}
    plain = pd.DataFrame(kept)
    plain.to_csv("plain.csv", index=False)
    for first in (0, 1):
        plain.assign(**{name: range(first, first + rows)}).sample(frac=1, random_state=3).to_csv(
            "data.csv", index=False
        )
        outcome = forecast("predict", "data.csv", "--output", "-")
        assert "time is joined from the columns 'year' and 'quarter'\n" in outcome.stderr
        assert f"not used: {name}" in outcome.stderr
        assert outcome.stdout == forecast("predict", "plain.csv", "--output", "-").stdout
    steps = forecast("predict", "data.csv", "--output", "-", "--time", name)
    assert steps.stdout.splitlines()[1].startswith(f"{rows + first},")
    _, summary = read(write(year=YEARS[:rows], price=PRICES[:rows], **{name: [*range(1, rows + 1)]}))
    assert (summary.columns.time, summary.columns.targets) == ("year", ("price",))


def test_years_beside_a_counter_are_joined_where_several_rows_share_a_step() -> None:
    rows = [
        {"year": year, "quarter": quarter, "delay": delay}
        for year in YEARS[:8]
        for quarter in (1, 2, 3, 4)
        for delay in (0, 2, 5)
    ]
    table = pd.DataFrame(rows)
    table["time"] = range(3, 99)
    table["time"] //= 3
    panel, summary = read(table.assign(y=range(96)).to_csv(index=False))
    assert (summary.columns.ids, panel.calendar.name, len(panel)) == (("delay",), "quarterly", 3)


def test_a_counter_that_the_years_do_not_tell_is_the_time() -> None:
    for years in ([2020] * 40, [2020] * 20 + [2021] * 20):
        panel, summary = read(write(year=years, time=[*range(1, 41)], price=PRICES))
        assert (summary.columns.time, panel.calendar.name, len(panel.values)) == (
            "time",
            "numbered steps",
            40 * len(panel),
        )


def test_an_hour_that_never_changes_is_no_counter() -> None:
    for name in ("hour", "time"):
        rows = "".join(f"2024,1,10,0,{minute},{minute * 7 % 23}\n" for minute in range(60))
        panel, summary = read(f"year,month,day,{name},minute,kwh\n{rows}")
        assert (panel.calendar.name, len(panel.values), summary.columns.targets) == ("every 1min", 60, ("kwh",))


def test_a_column_time_that_was_measured_is_forecast_by_the_year_beside_it(forecast: Command) -> None:
    races = {"year": YEARS[:20] * 2, "gender": ["m"] * 20 + ["f"] * 20, "time": [2.2 + price / 1e3 for price in PRICES]}
    Path("data.csv").write_text(write(**races))
    outcome = forecast("predict", "data.csv", "--output", "-")
    assert "time 'year', target 'time', series by 'gender'" in outcome.stderr
    renamed = pd.DataFrame(races).rename(columns={"time": "minutes"})
    renamed.to_csv("data.csv", index=False)
    assert outcome.stdout == forecast("predict", "data.csv", "--output", "-").stdout
    # times with fractions are times
    _, summary = read(write(year=[2024] * 40, time=[1.7e9 + 3600.5 * row for row in range(40)], price=PRICES))
    assert summary.columns.time == "time"


def test_row_numbers_are_not_named_as_what_may_identify_series() -> None:
    rows = [f"{row},{1960 + row % 9},{'ab'[row % 2]},{row * 7 % 23}\n" for row in range(1, 41)]
    with pytest.raises(DataError, match=r"If another column \(side\) identifies the series"):
        read("rownames,year,side,rate\n" + "".join(rows))


def test_numbers_that_act_as_keys_are_not_passed_over_for_row_numbers() -> None:
    text = pd.read_csv(FILES / "patients_by_visit.csv").to_csv(index=False)
    with pytest.raises(DataError, match="is there already") as caught:
        read(text)
    assert "no other one holds numbers" not in str(caught.value)
