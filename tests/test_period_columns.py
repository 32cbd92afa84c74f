"""Tables with the periods as columns are read as rows of one period, and other wide tables are not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.frames import read_frame
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, ForecastError
from tests.conftest import Command

YEARS = [str(year) for year in range(2001, 2013)]
MONTHS = [f"{month:%Y-%m}" for month in pd.date_range("2023-01-01", periods=24, freq="MS")]
MONATE = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
WORDS = ["--horizon", "2", "--output", "-"]


def write(header: Sequence[Any], *rows: Sequence[Any], sep: str = ",", name: str = "data.csv") -> None:
    """A file of one line for each row."""
    Path(name).write_text("\n".join(sep.join(map(str, line)) for line in [header, *rows]) + "\n", encoding="utf-8")


def numbers(first: int, count: int = 12) -> list[int]:
    """The values of a row."""
    return [first + 7 * step % 11 for step in range(count)]


def as_long(panel: Panel) -> dict[tuple[str, ...], list[float]]:
    """The values of each series."""
    return {key: panel.values[panel.offsets[n] : panel.offsets[n + 1]].tolist() for n, key in enumerate(panel.ids)}


def test_forecasts_are_those_of_the_same_table_with_one_period_a_row(forecast: Command) -> None:
    rows = {name: numbers(10 * place, 24) for place, name in enumerate(("north", "south", "west"), start=1)}
    write(["region", *MONTHS], *([name, *values] for name, values in rows.items()))
    lines = [[month, name, values[step]] for name, values in rows.items() for step, month in enumerate(MONTHS)]
    write(["timestamp", "region", "value"], *lines, name="long.csv")
    of_columns = forecast("predict", "data.csv", *WORDS)
    of_rows = forecast("predict", "long.csv", "--id", "region", *WORDS)
    assert of_columns.stdout == of_rows.stdout
    assert "periods are columns: 24 columns from 2023-01 to 2024-12" in of_columns.stderr
    assert "series by 'region' (found; --id names others)" in of_columns.stderr


@pytest.mark.parametrize(
    ("periods", "calendar"),
    [
        (YEARS, "yearly"),
        ([f"{year} [YR{year}]" for year in YEARS], "yearly"),
        ([f"X{year}" for year in YEARS], "yearly"),
        (YEARS[::-1], "yearly"),
        ([f"Q{quarter} {year}" for year in YEARS[:3] for quarter in range(1, 5)], "quarterly"),
        ([f"{month:02d}.2023" for month in range(1, 13)], "monthly"),
        ([f"2023{month:02d}" for month in range(1, 13)], "monthly"),
        ([f"{day:%Y%m%d}" for day in pd.date_range("2024-02-20", periods=12)], "daily"),
        ([f"{day.month}/{day.day}/{day:%y}" for day in pd.date_range("2024-02-20", periods=12)], "daily"),
    ],
)
def test_periods_of_any_form_are_read_in_the_order_of_time(periods: list[str], calendar: str) -> None:
    write(["region", *periods], ["north", *numbers(1)], ["south", *numbers(50)])
    panel, _ = read_panel("data.csv")
    step = -1 if periods == YEARS[::-1] else 1
    assert panel.calendar.name == calendar
    assert as_long(panel) == {("north",): numbers(1)[::step], ("south",): numbers(50)[::step]}


def test_ids_are_the_columns_that_tell_the_rows_apart() -> None:
    header = ["Country Name", "Country Code", "Indicator Name", "Source", *YEARS]
    keys = [("Chad", "TCD"), ("Mali", "MLI")]
    rows = [[*key, name, "World Bank", *numbers(3)] for key in keys for name in ("GDP", "Population")]
    write(header, *rows)
    panel, summary = read_panel("data.csv")
    assert summary.columns.ids == ("Country Name", "Indicator Name")
    assert panel.ids[1] == ("Chad", "Population")
    write(header, *rows[:2])
    assert read_panel("data.csv")[1].columns.ids == ("Indicator Name",)
    write(header, rows[0])
    assert read_panel("data.csv")[1].columns.ids == ()
    assert read_panel("data.csv", options=ReadOptions(ids=("Country Code",)))[0].ids == [("TCD",)]


def test_rows_with_an_empty_cell_in_a_key_are_series_and_measurements_are_no_keys(forecast: Command) -> None:
    write(
        ["Province", "Country", "Lat", *YEARS],
        ["", "Chad", 15.5, *numbers(1)],
        ["", "Mali", 17.1, *numbers(2)],
        ["Alberta", "Canada", 53.9, *numbers(3)],
        ["Quebec", "Canada", 52.9, *numbers(4)],
    )
    panel, summary = read_panel("data.csv")
    assert summary.columns.ids == ("Province", "Country")
    assert as_long(panel)["", "Mali"] == numbers(2)
    lines = forecast("predict", "data.csv", *WORDS).stdout.splitlines()
    assert lines[3].startswith(",Mali,2013,")
    write(
        ["Province", "Country", *YEARS],
        ["", "", *numbers(1)],
        ["Quebec", "Canada", *numbers(3)],
        ["", "Mali", *numbers(1)],
    )
    with pytest.raises(DataError, match=r"'Province', line 2: the series has no name. Fill in the cell. \(2\)"):
        read_panel("data.csv", options=ReadOptions(ids=("Province", "Country")))


def test_keys_of_eurostat_are_split_and_flags_left_out() -> None:
    header = ["freq,unit,geo\\TIME_PERIOD", *(f"{year} " for year in YEARS)]
    cells = ["1.5 ", ": ", "2.5 p", "3.5 bep", ": c", *["4.5 "] * 7]
    write(header, ["A,EUR,AT", *cells], ["A,EUR,DE", *cells[::-1]], sep="\t")
    panel, summary = read_panel("data.csv")
    assert summary.columns.ids == ("geo",)
    expected = np.array([1.5, np.nan, 2.5, 3.5, np.nan, *[4.5] * 7])
    assert np.array_equal(panel.values, np.append(expected, expected[::-1]), equal_nan=True)
    assert any("letters after their values are flags" in note for note in summary.notes)
    write(["region", *YEARS], ["north", *cells], sep="\t")
    with pytest.raises(DataError, match=r"line 2: '2.5 p' and '3.5 bep' are of different units"):
        read_panel("data.csv")


def test_an_error_names_the_line_and_the_column_of_the_file() -> None:
    rows: list[list[Any]] = [["north", *numbers(1)], [], ["south", *numbers(2)]]
    rows[2][5] = "x"
    Path("data.csv").write_text(
        "A report\n\n" + "\n".join(",".join(map(str, row)) for row in [["region", *YEARS], *rows])
    )
    with pytest.raises(DataError, match=r"data.csv, column '2005', line 6: 'x' is not a number"):
        read_panel("data.csv")
    rows[2] = ["south", *numbers(2), 3, 4]
    write(["region", *YEARS], *rows)
    with pytest.raises(DataError, match=r"data.csv, line 4: more cells than the 13 columns of the header"):
        read_panel("data.csv")
    write(["region", *YEARS], rows[0], rows[0], ["south", *numbers(2)])
    with pytest.raises(DataError, match=r"column '2001', series north, line 3: 2001-01-01 is there already"):
        read_panel("data.csv")
    panel, _ = read_panel("data.csv", options=ReadOptions(duplicates="sum"))
    assert as_long(panel)["north",] == [2 * number for number in numbers(1)]


def test_files_of_other_periods_are_joined_each_with_its_own_lines() -> None:
    write(["shop", *MONTHS[:12]], ["a", *numbers(1)], ["b", *numbers(2)], name="2023.csv")
    write(["shop", *MONTHS[12:]], ["a", *numbers(3)], ["b", *numbers(4)], name="2024.csv")
    panel, summary = read_panel(["2023.csv", "2024.csv"])
    assert summary.columns.ids == ("shop",)
    assert as_long(panel) == {("a",): [*numbers(1), *numbers(3)], ("b",): [*numbers(2), *numbers(4)]}
    write(["shop", *MONTHS[12:]], ["a", *numbers(3)], ["b", *numbers(4)[:-1], 1e200], name="2024.csv")
    with pytest.raises(DataError, match=r"2024.csv, column '2024-12', series b, line 3: the value is 1e\+200"):
        read_panel(["2023.csv", "2024.csv"])


def test_notes_below_the_table_are_no_series() -> None:
    empty = [""] * 12
    write(
        ["Country", "Code", *YEARS],
        ["Chad", "TCD", *numbers(1)],
        ["Mali", "MLI", *empty],
        ["Source: a bank", "", *empty],
    )
    panel, _ = read_panel("data.csv")
    assert panel.ids == [("Chad",), ("Mali",)]
    assert panel.lengths.tolist() == [12, 0]
    assert "N206" in [finding.code for finding in forecaster.check("data.csv").findings]
    assert read_panel("data.csv", options=ReadOptions(ids=("Country",)))[0].ids == panel.ids


def test_titles_of_several_cells_and_a_column_without_a_name_are_not_read() -> None:
    text = "Source,Indicators,\n\nUpdated,2024-03-28,\n\n" + ",".join(["Country", *YEARS, ""]) + "\n"
    Path("data.csv").write_text(text + "\n".join(f"{name}," + ",".join(map(str, numbers(5))) + "," for name in "ab"))
    panel, summary = read_panel("data.csv")
    assert as_long(panel) == {("a",): numbers(5), ("b",): numbers(5)}
    assert summary.notes[0].startswith("2 lines above the header not read")
    write(["", *YEARS], ["north", *numbers(1)], ["south", *numbers(2)])
    panel, summary = read_panel("data.csv")
    assert (panel.id_columns, panel.ids) == (("series",), [("north",), ("south",)])
    assert "column 1 has no name, and is called 'series'" in summary.notes


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["date", *YEARS[:4]], [f"2024-01-{day:02d}" for day in range(1, 15)]),
        (["month", *YEARS[:4]], [*range(1, 13)]),
        (["Monat", *YEARS[:4]], MONATE),
        (["hour", *MONTHS[:4]], [*range(24)]),
        (["", *MONTHS[:4]], [f"{hour:02d}:00" for hour in range(24)]),
        (["weekday", *MONTHS[:4]], ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
        (["step", "2001", "2002", "2003", "2004"], [*range(1, 30)]),
        (["region", "2001", "2002", "2003"], ["north", "south"]),
        (["meter", "Wien 1010", "Wien 1020", "Wien 1030", "Wien 1040"], ["x", "y"]),
        (["region", "2001", "2003", "2002", "2004"], ["x", "y"]),
    ],
)
def test_other_wide_tables_are_read_as_before(header: list[str], cells: list[Any]) -> None:
    write(
        header,
        *([cell, *(place + 3 * step % 7 for step in range(len(header) - 1))] for place, cell in enumerate(cells)),
    )
    try:
        _, summary = read_panel("data.csv")
    except ForecastError:
        return
    assert not any("periods are columns" in note for note in summary.notes)


def test_options_say_that_the_columns_are_no_periods() -> None:
    write(["sensor", *YEARS], *([f"s{place}", *numbers(place)] for place in range(30)))
    _, summary = read_panel("data.csv", options=ReadOptions(target="2003", time="2001"))
    assert (summary.columns.time, summary.columns.targets) == ("2001", ("2003",))
    for options in (ReadOptions(time="sensor"), ReadOptions(target="2003"), ReadOptions(wide=True)):
        with pytest.raises(DataError, match="sensor"):
            read_panel("data.csv", options=options)


def test_numbers_in_the_style_of_the_country_are_read_from_all_columns() -> None:
    write(["Filiale", *MONTHS[:6]], ["1", *["1.234,5"] * 6], ["2", *["234,5"] * 6], sep=";")
    panel, summary = read_panel("data.csv")
    assert as_long(panel) == {("1",): [1234.5] * 6, ("2",): [234.5] * 6}
    assert panel.number_style.delimiter == ";"
    assert summary.notes[0].startswith("numbers in 'value' such as '1.234,5' are read as 1234.5")


def test_frames_are_read_alike_with_their_rows_in_messages() -> None:
    frame = pd.DataFrame([numbers(1), numbers(2)], index=pd.Index(["a", "b"], name="shop"), dtype=float)
    frame.columns = pd.date_range("2024-01-01", periods=12, freq="MS")
    panel, summary = read_frame(frame)
    assert as_long(panel) == {("a",): numbers(1), ("b",): numbers(2)}
    assert any("periods are columns: 12 columns from 2024-01-01 to 2024-12-01" in note for note in summary.notes)
    assert forecaster.predict(frame, horizon=2)["timestamp"].tolist() == ["2025-01-01", "2025-02-01"] * 2
    frame.iloc[1, 2] = 1e200
    with pytest.raises(DataError, match="column '2024-03-01 00:00:00', series b, row 1: the value is"):
        read_frame(frame)


def test_a_model_trained_on_columns_of_periods_reads_them_again(forecast: Command) -> None:
    write(
        ["shop", "city", *MONTHS], *([name, "Ulm", *numbers(place, 24)] for place, name in enumerate("abcd", start=20))
    )
    assert forecast("evaluate", "data.csv", "--horizon", "2").code == 0
    panel, summary = read_panel("data.csv", options=ReadOptions(time="timestamp", target="value", ids=("shop",)))
    assert panel.ids == [("a",), ("b",), ("c",), ("d",)]
    assert summary.columns.ignored == ("city",)


def test_check_reads_the_columns_that_are_not_used(forecast: Command) -> None:
    write(
        ["shop", "lat", *MONTHS],
        *([name, place / 8, *numbers(place, 24)] for place, name in enumerate("abcd", start=20)),
    )
    outcome = forecast("check", "data.csv")
    assert outcome.code == 0, outcome.stderr
    assert "periods are columns" in outcome.stdout + outcome.stderr


def test_a_sheet_may_have_dates_as_names_of_columns(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Sales by month"])
    book.active.append(["Shop", *(day.to_pydatetime() for day in pd.date_range("2024-01-01", periods=12, freq="MS"))])
    book.active.append(["a", *numbers(1)])
    book.active.append(["b", *numbers(2)[:-1], 1e200])
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(DataError, match="column '2024-12-01', series b, row 4: the value is"):
        read_panel("book.xlsx")
    book.active["M4"] = 5
    book.save(tmp_path / "book.xlsx")
    assert as_long(read_panel("book.xlsx")[0])["b",] == [*numbers(2)[:-1], 5]


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"])
def test_midnight_among_other_hours_is_a_column_too(form: str) -> None:
    times = pd.date_range("2023-12-30 18:00", periods=40, freq="h")
    values = [str(100 + number) for number in range(40)]
    lines = [",".join(["shop", *times.strftime(form)]), ",".join(["a", *values]), ",".join(["b", *values])]
    Path("hours.csv").write_text("\n".join(lines) + "\n")
    panel, _ = read_panel("hours.csv", options=ReadOptions())
    assert panel.lengths.tolist() == [40, 40]
    assert not np.isnan(panel.values).any()
