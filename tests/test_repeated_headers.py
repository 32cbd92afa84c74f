"""Lines that repeat the header, in files that were put together, are left out and named."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]
TABLES = {
    "two columns": ("date,sales", [f"{day},{row % 7 + 10}" for row, day in enumerate(DAYS)]),
    "no usual name": ("Fecha;Pan", [f"{day};{row % 7 + 10}" for row, day in enumerate(DAYS)]),
    "series": ("date,shop,sales", [f"{day},{shop},{row % 7}" for row, day in enumerate(DAYS) for shop in "ab"]),
    "wide": ("date,a,b,c", [f"{day},{row % 7},{row % 5},{row % 3}" for row, day in enumerate(DAYS)]),
    "joined": ("date,time,kWh", [f"{day},{hour}:00,{hour + 7}" for day in DAYS[:4] for hour in range(10, 24)]),
    "periods": ("Country Name,2001,2002,2003,2004,2005", [f"{name},4,5,4,5,6" for name in ("Chad", "Peru", "Fiji")]),
}


def write(header: str, rows: list[str], *, mark: str = "") -> None:
    middle = len(rows) // 2
    Path("data.csv").write_text("\n".join([header, *rows[:middle], mark + header, *rows[middle:], header]) + "\n")


@pytest.mark.parametrize(("header", "rows"), TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_they_change_nothing_and_are_said(forecast: Command, header: str, rows: list[str], mark: str) -> None:
    Path("data.csv").write_text("\n".join([header, *rows]) + "\n")
    words = ("predict", "data.csv", "--horizon", "2", "-o")
    assert forecast(*words, "plain.csv").code == 0
    write(header, rows, mark=mark)
    outcome = forecast(*words, "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert f"left out: 2 lines that repeat the header (data.csv, line {len(rows) // 2 + 2})" in outcome.stderr
    assert Path("out.csv").read_bytes() == Path("plain.csv").read_bytes()


def test_lines_behind_them_keep_their_numbers(forecast: Command) -> None:
    header, rows = TABLES["two columns"]
    write(header, [*rows[:-1], "2024-01-28,many"])
    assert "line 30: 'many' is not a number" in forecast("predict", "data.csv").stderr


def test_they_are_left_out_of_a_sheet(forecast: Command) -> None:
    rows = [["date", "sales"], *([day, row % 7 + 10] for row, day in enumerate(DAYS))]
    pd.DataFrame([*rows[:15], rows[0], *rows[15:]]).to_excel("data.xlsx", header=False, index=False)
    outcome = forecast("predict", "data.xlsx", "--horizon", "2", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "28 rows, 1 series, daily" in outcome.stderr
    assert "left out: 1 row that repeats the header (data.xlsx, sheet 'Sheet1', row 16)" in outcome.stderr


def test_series_with_the_name_of_a_column_and_other_headers_stay(forecast: Command) -> None:
    rows = [f"{day},{shop},{row % 7}" for row, day in enumerate(DAYS) for shop in ("shop", "mall")]
    Path("data.csv").write_text("\n".join(["date,shop,sales", *rows]) + "\n")
    assert "2 series" in forecast("predict", "data.csv").stderr
    header, rows = TABLES["two columns"]
    Path("data.csv").write_text("\n".join([header, *rows, "date,amount"]) + "\n")
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "'amount' is not a number" in outcome.stderr
