"""Lines of dashes, units and further names around a header are no rows, and are said where they hold anything."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=40)]
ROWS = [(day, f"{3 + step % 7}.5", f"{90 + step % 7}.25") for step, day in enumerate(DAYS)]
WORDS = ["--horizon", "2", "--output", "-"]


def list_values(text: str) -> list[str]:
    """The forecasts, without their names."""
    return [line.replace("|", ",").partition("2024-")[2].partition(",")[2] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    "text",
    [
        " day | total\n-----+-------\n{psql}\n(40 rows)\n\n",
        "day        total     \n---------- ----------\n{blanks}\n\n(40 rows affected)\n",
        "+-----+-------+\n| day | total |\n+-----+-------+\n{mysql}\n+-----+-------+\n40 rows in set (0.00 sec)\n",
        "day,total\n----------,-----\n{commas}\n",
    ],
)
def test_tables_that_databases_print_are_read(forecast: Command, text: str) -> None:
    pairs = [row[:2] for row in ROWS]
    Path("plain.csv").write_text("\n".join(["day,total", *map(",".join, pairs)]))
    plain = forecast("predict", "plain.csv", *WORDS)
    drawn = {
        "psql": "\n".join(f" {day} | {value}" for day, value in pairs),
        "blanks": "\n".join(f"{day}       {value}" for day, value in pairs),
        "mysql": "\n".join(f"| {day} | {value} |" for day, value in pairs),
        "commas": "\n".join(map(",".join, pairs)),
    }
    Path("data.txt").write_text(text.format(**drawn))
    outcome = forecast("predict", "data.txt", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert "time 'day', target 'total', one series" in outcome.stderr
    assert "40 rows," in outcome.stderr
    numbers = [[float(cell) for cell in line.split(",")] for line in list_values(plain.stdout)]
    assert [[float(cell) for cell in line.split(",")] for line in list_values(outcome.stdout)] == numbers
    assert forecast("check", "data.txt").code == 0
    # lines are counted as in the file
    Path("data.txt").write_text(text.format(**drawn).replace("5.5", "much", 4).replace("much", "5.5", 3))
    broken = forecast("predict", "data.txt", *WORDS).stderr
    place = next(n for n, line in enumerate(Path("data.txt").read_text().splitlines(), 1) if "much" in line)
    assert f"line {place}: 'much' is not a number" in broken


@pytest.mark.parametrize(
    ("header", "said", "series"),
    [
        ("day,a,b\n,kWh,°C\n", "1 line below the header not read: ',kWh,°C'", "2 series"),
        ("Price,Close,High\nTicker,X,X\nDate,,\n", "2 lines below the header not read: 'Ticker,X,X'", "time 'Date'"),
        (",sales,sales\nstore,A,B\ndate,,\n", "2 lines below the header not read: 'store,A,B'", "time 'date', wide: 2"),
        ("X5,log,log,1,hourly\nday,a,b\nTS,Volts,mm\n", "1 line above the header not read: 'X5,log,log,1", "2 series"),
    ],
)
def test_several_lines_of_a_header_are_read_as_one(forecast: Command, header: str, said: str, series: str) -> None:
    body = "\n".join(map(",".join, ROWS))
    Path("data.csv").write_text(f"day,a,b\n{body}\n")
    plain = forecast("predict", "data.csv", "--horizon", "2", "--wide", "--output", "-")
    Path("data.csv").write_text(header + body + "\n")
    outcome = forecast("predict", "data.csv", *WORDS)
    assert said in outcome.stderr
    assert series in outcome.stderr
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--wide", "--output", "-")
    assert list_values(outcome.stdout) == list_values(plain.stdout)
    if "sales" in header:
        assert [line.split(",")[0] for line in outcome.stdout.splitlines()[1::2]] == ["sales A", "sales B"]


def test_a_line_without_digits_among_the_rows_is_no_header(forecast: Command) -> None:
    body = [",".join(row) for row in ROWS]
    Path("data.csv").write_text("\n".join(["day,a,b", *body[:5], "soon,n/a,n/a", *body[5:]]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "line 7: 'soon' cannot be read as a timestamp" in outcome.stderr
    # values that are missing at the beginning are rows, too
    Path("data.csv").write_text("\n".join(["day,a,b", f"{DAYS[0]},n/a,n/a", *body[1:]]))
    assert "below the header" not in forecast("predict", "data.csv", *WORDS).stderr
    Path("data.csv").write_text("shop,2019,2020,2021,2022,2023\nNorth,,,,,\nSouth,1,2,3,4,5\nWest,5,2,3,4,5\n")
    assert "below the header" not in forecast("check", "data.csv").stdout


@pytest.mark.parametrize("name", ["Totalsumma", "Ergebnis", "Week Total", "Total: Account", "Yearly total"])
def test_further_names_of_totals_are_left_out(forecast: Command, name: str) -> None:
    rows = ["day;total", *(f"{day[8:]}.{day[5:7]}.{day[:4]};{value}" for day, value, _ in ROWS)]
    Path("data.csv").write_text("\n".join(rows))
    plain = forecast("predict", "data.csv", *WORDS)
    Path("data.csv").write_text("\n".join([*rows[:8], f"{name};99.5", *rows[8:], f"{name};240.5"]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "left out: 2 rows with a total instead of a time (data.csv, line 9)" in outcome.stderr
    assert outcome.stdout == plain.stdout


def test_the_closing_balance_of_an_account_is_no_row(forecast: Command) -> None:
    rows = ["Buchungstag;Wert;Betrag;Währung", *(f"{day};{day};{value};EUR" for day, value, _ in ROWS)]
    Path("data.csv").write_text("\n".join([*rows, "Kontostand;2024-02-10;;24345.67;EUR"]))
    outcome = forecast("predict", "data.csv", "--target", "Betrag", *WORDS)
    assert "left out: 1 line with a note below the table (data.csv, line 42)" in outcome.stderr
    assert outcome.code == 0
    Path("data.csv").write_text("\n".join([*rows[:9], "2024-01-09;2024-01-09;EUR;EUR", *rows[10:]]))
    outcome = forecast("predict", "data.csv", "--target", "Betrag", *WORDS)
    assert "line 10: 'EUR' is not a number. Leave cells without a value empty; write" in outcome.stderr


@pytest.mark.parametrize(
    ("head", "target"),
    [("Date,Sales,,\n,EUR,,\n", "Sales"), ("Date,Sales\n,EUR\n", "Sales"), (",Sales\nDate,\n", "Sales")],
    ids=["a unit, and columns without names", "a unit", "the name of an index"],
)
def test_a_unit_below_a_name_is_no_name(head: str, target: str) -> None:
    end = "," * (head.split("\n")[0].count(",") - 1)
    panel, summary = read(head + "".join(f"2024-01-{day:02d},{day % 7}{end}\n" for day in range(1, 29)))
    assert (summary.columns.time, summary.columns.targets, len(panel.values)) == ("Date", (target,), 28)


@pytest.mark.parametrize(
    ("names", "units", "form"),
    [
        ("Monat;Umsatz", ";EUR", "%m.%Y"),
        ("Year;Month;Extent", "YYYY;MM;10^6 sq km", "%Y;%m"),
        ("Year;Month;Flow", ";;m3/s", "%Y;%m"),
        ("date;PM2.5", "UTC;µg/m3", "%Y-%m-%d"),
        ("Monat;Index", ";2015=100", "%Y-%m"),
        ("year;price", ";EUR/1000 l", "%Y"),
    ],
)
def test_units_are_no_rows(names: str, units: str, form: str) -> None:
    months = pd.date_range("1988-01-01", periods=30, freq="YS" if form == "%Y" else "MS")
    rows = "".join(f"{month:{form}};{7 + place % 5},25\n" for place, month in enumerate(months))
    plain, noted = (read(f"{names}\n{between}{rows}") for between in ("", f"{units}\n"))
    assert noted[0].values.tolist() == plain[0].values.tolist()
    assert noted[0].starts.tolist() == plain[0].starts.tolist()
    assert f"1 line below the header not read: {units!r}" in noted[1].notes


@pytest.mark.parametrize("first", ["2024-01-00;kWh 7", ";7", ";€ 7", "2019;m3", ";1.5E3", ";12:30"])
def test_lines_below_a_header_that_may_be_rows_are_not_left_out(forecast: Command, first: str) -> None:
    Path("data.csv").write_text(
        "day;a\n" + f"{first}\n" + "".join(f"{day};{place % 7}\n" for place, day in enumerate(DAYS))
    )
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "line 2" in outcome.stderr


def test_a_first_month_without_a_value_is_no_unit() -> None:
    months = [f"{month:%b %Y}" for month in pd.date_range("2020-01-01", periods=30, freq="MS")]
    rows = "".join(f"{month};{place % 5}\n" for place, month in enumerate(months[1:]))
    assert not [note for note in read(f"month;a\n{months[0]};\n{rows}")[1].notes if "below the header" in note]
    codes = "".join(f"N;{place // 12 + 2020}M{place % 12 + 1:02d};{place or ''}\n" for place in range(30))
    assert not [note for note in read(f"shop;month;a\n{codes}")[1].notes if "below the header" in note]
    with pytest.raises(DataError, match="line 2"):
        read("year;a\nFY1989;\n" + "".join(f"{year};{year % 7}\n" for year in range(1990, 2020)))
