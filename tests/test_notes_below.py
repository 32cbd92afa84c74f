"""Notes below a table are said and left out, as its source is; what may be a row of the table is not."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import Command

DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]
PLAIN = "Date,Sales\n" + "".join(f"{day},{place % 7 + 10}\n" for place, day in enumerate(DAYS))
WIDE = "Datum;Nord;Süd\n" + "".join(f"{day};{place % 7};{place % 5}\n" for place, day in enumerate(DAYS))
LONG = "Region,Date,Sales\n" + "".join(
    f"{region},{day},{place % 7 + len(region)}\n" for region in ("North", "South!") for place, day in enumerate(DAYS)
)
PERIODS = "Region," + ",".join(map(str, range(2000, 2020))) + "\n"
PERIODS += "".join(
    f"{region},{','.join(str(year % size) for year in range(20))}\n" for size, region in enumerate(["N", "S", "E"], 5)
)
KEYED = "\n".join(f"{line.partition(',')[0]},{line[:1]}{line[line.index(',') :]}" for line in PERIODS.splitlines())
KEYED = KEYED.replace("Region,R", "Region,Code") + "\n"


@pytest.mark.parametrize(
    ("table", "notes"),
    [
        (
            PLAIN,
            {
                "* preliminary\n": (1, 30),
                "\n\n* preliminary,\n\nSource: Statistical office 2024,\n\n\n": (2, 32),
                '"Source: Statistical office, Berlin",\n': (1, 30),
                "Note: the last values, of May, are preliminary\n": (1, 30),
                "figures without holidays\n": (1, 30),
            },
        ),
        (WIDE, {"\nQuelle: Statistisches Amt 2024;;\n": (1, 31), "vorläufige Werte\n": (1, 30)}),
        (LONG, {"* preliminary,,\n(1) without VAT,,\n": (2, 58)}),
        (PERIODS, {"* preliminary\n": (1, 5), "\nSource: office\nLast updated: 2021-01-01,,,\n": (2, 6)}),
        (
            KEYED,
            {
                "\nData from database: Indicators\nLast Updated: 01/02/2024\n": (2, 6),
                '"Source: office, Berlin",\n': (1, 5),
            },
        ),
    ],
    ids=["plain", "wide", "long", "periods", "periods with keys"],
)
def test_they_are_said_and_change_nothing(forecast: Command, table: str, notes: dict[str, tuple[int, int]]) -> None:
    Path("plain.csv").write_text(table)
    for flags in [[], ["--id", "Region"]] if "Region" in table else [[]]:
        plain, checked = (
            forecast("predict", "plain.csv", "--output", "-", *flags),
            forecast("check", "plain.csv", *flags),
        )
        assert plain.code == 0, plain.stderr
        assert "left out" not in plain.stderr
        for below, (count, line) in notes.items():
            Path("noted.csv").write_text(table + below)
            noted = forecast("predict", "noted.csv", "--output", "-", *flags)
            assert noted.code == 0, noted.stderr
            kind = "1 line with a note" if count == 1 else f"{count} lines with notes"
            assert f"left out: {kind} below the table (noted.csv, line {line})" in noted.stderr
            assert noted.stdout == plain.stdout
            assert forecast("check", "noted.csv", *flags).code == checked.code


@pytest.mark.parametrize(
    ("table", "last"),
    [
        (PLAIN, "Source: office,2024"),  # a number may be a value
        (PLAIN, "Note 1,5"),
        (PLAIN, "2024-02-3O,"),
        (PLAIN, "x,y"),
        (LONG, "Source: office, Berlin, 2024"),
    ],
)
def test_lines_that_may_be_rows_are_refused_with_their_number(forecast: Command, table: str, last: str) -> None:
    Path("noted.csv").write_text(f"{table}{last}\n")
    outcome = forecast("predict", "noted.csv")
    assert outcome.code == 65
    assert f"line {table.count(chr(10)) + 1}" in outcome.stderr


def test_a_series_without_values_below_a_table_is_no_note(forecast: Command) -> None:
    Path("table.csv").write_text(f"{PERIODS}West\n")
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 3
    assert "4 series" in outcome.stderr


def test_those_of_several_files_are_found_in_each(forecast: Command) -> None:
    Path("a.csv.gz").write_bytes(gzip.compress(f"{PLAIN}* preliminary\n".encode()))
    rows = PLAIN.replace("2024-01", "2024-02").replace("Date,Sales\n", "")
    Path("b.csv").write_text(f"Date,Sales\n{rows}Source: office\n")
    outcome = forecast("predict", "a.csv.gz", "b.csv")
    assert outcome.code == 0, outcome.stderr
    assert "56 rows" in outcome.stderr
    assert "(a.csv.gz, line 30)" in outcome.stderr
    assert "(b.csv, line 30)" in outcome.stderr


def test_those_below_a_long_table_are_found(forecast: Command) -> None:
    start = datetime(2020, 1, 1)
    rows = "".join(f"{start + timedelta(hours=hour)},{hour % 24}\n" for hour in range(3000))
    Path("long.csv").write_text(f"timestamp,load\n{rows}\n* preliminary\n")
    outcome = forecast("predict", "long.csv")
    assert outcome.code == 0, outcome.stderr
    assert "3,000 rows" in outcome.stderr
    assert "(long.csv, line 3003)" in outcome.stderr


def test_those_of_a_sheet_are_left_out_and_dates_stay_dates(forecast: Command) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Date", "Sales"], *([datetime(2024, 1, day), day % 3] for day in range(1, 30))]:
        sheet.append(row)
    book.save("plain.xlsx")
    for row in [[None], ["* preliminary"], ["Source: office 2024"]]:
        sheet.append(row)
    book.save("noted.xlsx")
    plain, noted = (forecast("predict", f"{name}.xlsx", "--output", "-") for name in ("plain", "noted"))
    assert noted.code == 0, noted.stderr
    assert "left out: 2 rows with notes below the table (noted.xlsx, sheet 'Sheet', row 32)" in noted.stderr
    assert noted.stdout == plain.stdout


def test_a_last_row_of_a_sheet_with_a_name_and_zero_is_no_note(forecast: Command) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Date", "Sales"], *([datetime(2024, 1, day), day % 3] for day in range(1, 30)), ["later", 0]]:
        sheet.append(row)
    book.save("table.xlsx")
    outcome = forecast("predict", "table.xlsx")
    assert outcome.code == 65
    assert "row 31" in outcome.stderr


def test_texts_below_a_drawn_line_are_notes_also_where_they_may_be_names(forecast: Command) -> None:
    notes = "__________\nArea:\nFrom 1997 on by the new borders.\n(C)opyright 2009\nStand: 01.02.2009\n"
    Path("data.csv").write_text(PERIODS + notes)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "left out: 5 lines with notes below the table (data.csv, line 5)" in outcome.stderr
    assert "3 series" in outcome.stderr
    Path("data.csv").write_text(f"{PERIODS}{notes}{notes}")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "left out: 10 lines with notes below the table (data.csv, line 5)" in outcome.stderr
    Path("data.csv").write_text(PERIODS + notes.replace("_", ""))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "left out: 2 lines with notes below the table (data.csv, line 8)" in outcome.stderr


@pytest.mark.parametrize(
    "note",
    [
        "Applied filters:\nYear is not 2019\n",
        "Generated By:  Jane Doe  1/5/2024\nAcme GmbH\n",
        "\nExported on 15.06.2024,\n",
        "__________\nPrices:\nAs of January 2023: based on 2020=100.\n__________\n(C) Office of Statistics, 2024\n",
    ],
)
@pytest.mark.parametrize("table", [PLAIN, WIDE.replace(";", ","), LONG])
def test_texts_with_numbers_are_notes_where_no_row_of_the_table_is_like_them(
    forecast: Command, table: str, note: str
) -> None:
    for name, text in {"plain.csv": table, "noted.csv": table + note}.items():
        Path(name).write_text(text)
    plain, noted = (forecast("predict", name, "--output", "-") for name in ("plain.csv", "noted.csv"))
    assert noted.code == 0, noted.stderr
    lines = [place for place, line in enumerate(note.splitlines(), table.count("\n") + 1) if line]
    many = f"{len(lines)} lines with notes" if len(lines) > 1 else "1 line with a note"
    assert f"left out: {many} below the table (noted.csv, line {lines[0]})" in noted.stderr
    assert noted.stdout == plain.stdout


@pytest.mark.parametrize(
    ("table", "last"),
    [
        (PLAIN, "Febuary 2024"),  # a time with a slip
        (PLAIN, "__________\n2024-01-29,7\nSource: office\n2024-01-30,x,8"),
        (LONG.replace("South!", "Shop 1 of North"), "Shop 2 of North"),  # is called as another series
        (PLAIN, "Exported on 15.06.2024,12"),
        (PLAIN, '"Monday, 29 January 2024"'),
        (LONG, "__________\nBig shops,2024-01-29,5"),
        (PLAIN, "Febuary 2024,12\n__________\nas of 2024"),
        (
            "Sales,Date\n" + "".join(f"{place % 5},{day}\n" for place, day in enumerate(DAYS)),
            "__________\n3,by 4 shops",
        ),
    ],
)
def test_texts_with_numbers_that_may_be_rows_are_refused(forecast: Command, table: str, last: str) -> None:
    Path("noted.csv").write_text(f"{table}{last}\n")
    outcome = forecast("predict", "noted.csv", *(["--id", "Region"] if "Region" in table else []))
    assert outcome.code == 65, outcome.stderr
    assert "noted.csv" in outcome.stderr
    assert f"line {table.count(chr(10))}" not in outcome.stderr, "the last row of the table is one"
    assert "line " in outcome.stderr


def test_a_month_without_a_value_below_a_table_is_no_note(forecast: Command) -> None:
    rows = "".join(f"{month} {year},{year % 7}\n" for year in range(2018, 2023) for month in ("January", "July"))
    Path("months.csv").write_text(f"Month,Sales\n{rows}January 2023,\n")
    outcome = forecast("predict", "months.csv", "--freq", "2QS")
    assert outcome.code == 0
    assert "note" not in outcome.stderr


@pytest.mark.parametrize("name", ["Sales of 1990-2024", "Temperatures in Melbourne, Australia, 1990-2024"])
def test_a_last_line_that_repeats_the_name_of_a_column_is_a_note(forecast: Command, name: str) -> None:
    Path("data.csv").write_text(PLAIN.replace("Sales", f'"{name}"') + f"\n{name}\n")
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 0, outcome.stderr
    assert "left out: 1 line with a note below the table (data.csv, line 31)" in outcome.stderr
    Path("data.csv").write_text(PLAIN.replace("Sales", f'"{name}"') + f"\n{name.replace('1990', '1991')}, 5\n")
    assert forecast("predict", "data.csv").code == 65


def test_texts_with_numbers_below_the_table_of_a_sheet_are_notes(forecast: Command) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Date", "Sales"], *([datetime(2024, 1, day), day % 3] for day in range(1, 30))]:
        sheet.append(row)
    for text in ["Applied filters:", "Year is not 2019"]:
        sheet.append([text])
    book.save("noted.xlsx")
    outcome = forecast("predict", "noted.xlsx")
    assert outcome.code == 0, outcome.stderr
    assert "left out: 2 rows with notes below the table (noted.xlsx, sheet 'Sheet', row 31)" in outcome.stderr
