"""A first line of values is read as a row, one of names as the header; where it may be either, the flags are named."""

import gzip
import io
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_reading import read

FILES = Path(__file__).parent / "files"
VALUES = [17.5, 18.25, 16.0, 1900.5, 20.5, 17.0, 16.5, 18.0, 17.75, 1913.0, 16.25, 19.5]
DATES = [f"2024-01-{day:02d}" for day in range(15, 27)]
MONTHS = [
    f"{month} 2023" for month in ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
]
ROWS = "".join(f"{date},{value}\n" for date, value in zip(DATES, VALUES, strict=True))


def predict(forecast: Command, text: str, *flags: str) -> str:
    """The forecasts of a text, as CSV."""
    Path("data.txt").write_text(text)
    outcome = forecast("predict", "data.txt", "--horizon", "3", "--output", "-", *flags)
    assert outcome.code == 0, outcome.stderr
    return outcome.stdout


@pytest.mark.parametrize(
    ("write", "times"),
    [
        ("{0},{1}", DATES),
        ("{0};{2}", DATES),
        ("{0}\t{1}", DATES),
        ("{0},{1}", MONTHS),
        ("{0},{1}", [f"2024-W{week:02d}" for week in range(1, 13)]),
        ("{0},{1}", [date.replace("-", "") for date in DATES]),
        ("{0},{1}", [f"{date}T00:00:00Z" for date in DATES]),
        ("{0},{1}", [str(1704067200 + 3600 * hour) for hour in range(12)]),
        ("{0},{1}", DATES[::-1]),
        ("{0} 17,{1}", DATES),
    ],
)
def test_a_first_line_of_values_is_the_first_row(forecast: Command, write: str, times: list[str]) -> None:
    pairs = zip(times, VALUES, strict=True)
    rows = "".join(write.format(time, value, str(value).replace(".", ",")) + "\n" for time, value in pairs)
    header = write.format("timestamp", "value", "value").replace(" 17", "")
    assert predict(forecast, rows) == predict(forecast, f"{header}\n{rows}")


@pytest.mark.parametrize("first", ["n.v.", "", '"1,234.5"', "17 €"])
def test_a_first_value_that_is_no_plain_number_does_not_make_a_header(forecast: Command, first: str) -> None:
    rows = f"2024-01-14,{first}\n{ROWS}"
    assert predict(forecast, rows) == predict(forecast, f"timestamp,value\n{rows}")


def test_what_the_first_line_is_taken_for_is_said_and_overridden(forecast: Command) -> None:
    Path("data.csv").write_text(f"# exported\n{ROWS}")
    outcome = forecast("check", "data.csv", "--json")
    note = "no header: the first line (2024-01-15, 17.5) is the first row (or --header); the columns are called"
    assert note in outcome.stdout
    assert "1 line above the header not read: '# exported'" in outcome.stdout
    given = predict(forecast, ROWS, "--header")
    assert given.startswith("2024-01-15,forecast")
    assert predict(forecast, ROWS, "--no-header") == predict(forecast, ROWS)
    says = ["no time column among column 1, value", "--time"]
    refuse_text(forecast, f"date,y\n{ROWS}", "--no-header", says=says)


def refuse_text(forecast: Command, text: str, *flags: str, says: list[str]) -> None:
    Path("data.txt").write_text(text)
    refuse(forecast, "predict", "data.txt", *flags, code=65, says=says)


@pytest.mark.parametrize(
    "first",
    [
        "2019,2020",  # years as names
        "0,1",  # names that pandas writes
        ",1",
        "2024-05-31,101",  # the date of a report above a number
        "15 Jan 2024,17.5",  # another form of date
        "2024-01-14,lost",  # the day before, and a word
    ],
)
def test_a_first_line_that_may_be_either_is_asked_for(forecast: Command, first: str) -> None:
    text = f"{first}\n{ROWS}"
    refuse_text(forecast, text, says=["the first line holds values", "--no-header for the first row, --header for"])
    if first != ",1":  # a time without a name cannot be one
        time = first.partition(",")[0]
        expected = predict(forecast, f"timestamp,value\n{ROWS}").replace("timestamp", time, 1)
        assert predict(forecast, text, "--header") == expected


@pytest.mark.parametrize("first", ["date,2024", "2024-05-31,Berlin", "date,q1"])
def test_a_header_with_a_number_or_a_date_is_a_header(forecast: Command, first: str) -> None:
    named = f"{first.split(',')[0]},forecast"
    assert predict(forecast, f"{first}\n{ROWS}").startswith(named)
    expected = predict(forecast, f"timestamp,value\n{ROWS}").partition("\n")[2]
    assert predict(forecast, f"{first}\n{ROWS}").partition("\n")[2] == expected


@pytest.mark.parametrize("ids", [("101", "102"), ("1", "2"), ("a", "b")])
def test_ids_without_a_name_are_not_forecast(forecast: Command, ids: tuple[str, str]) -> None:
    rows = "".join(f"{name},{row}\n" for name in ids for row in ROWS.splitlines())
    if ids[0].isdigit():
        says = ["several columns hold numbers (column 1, column 3), and no header names them", "--target 'column 3'"]
        refuse_text(forecast, rows, says=says)
    named = predict(forecast, f"column 1,timestamp,value\n{rows}", "--id", "column 1")
    assert predict(forecast, rows, "--id", "column 1") == named


def test_several_columns_without_names_are_asked_for(forecast: Command) -> None:
    rows = "".join(f"{row},{value + 1}\n" for row, value in zip(ROWS.splitlines(), VALUES, strict=True))
    refuse_text(forecast, rows, says=["several columns hold numbers (column 2, column 3)", "use --wide"])
    wide = predict(forecast, f"timestamp,column 2,column 3\n{rows}", "--wide")
    assert predict(forecast, rows, "--wide") == wide
    one = predict(forecast, f"timestamp,column 2,value\n{rows}", "--target", "column 2")
    assert predict(forecast, rows, "--target", "column 2") == one


def test_a_date_and_a_time_of_day_without_names_are_joined(forecast: Command) -> None:
    rows = "".join(f"2024-01-01,{hour:02d}:00,{value}\n" for hour, value in enumerate(VALUES))
    assert predict(forecast, rows) == predict(forecast, f"Date,Time,value\n{rows}")


def test_a_file_of_a_logger_is_read_from_gzip_and_stdin(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (FILES / "logger_without_header.csv").read_bytes()
    plain = forecast("predict", FILES / "logger_without_header.csv", "--horizon", "2", "--output", "-")
    assert plain.stdout.splitlines()[0].startswith("timestamp;forecast;")
    assert [line.split(";")[0] for line in plain.stdout.splitlines()[1:]] == ["2024-01-25 06:00", "2024-01-26 06:00"]
    named = predict(forecast, f"timestamp;value\n{content.decode()}", "--horizon", "2")
    assert plain.stdout == named
    Path("packed.csv.gz").write_bytes(gzip.compress(content))
    assert forecast("predict", "packed.csv.gz", "--horizon", "2", "--output", "-").stdout == named
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert forecast("predict", "-", "--horizon", "2", "--output", "-").stdout == named


def test_a_total_below_rows_without_names_is_left_out(forecast: Command) -> None:
    text = f"{ROWS}Total,{sum(VALUES)}\n"
    assert predict(forecast, text) == predict(forecast, f"timestamp,value\n{text}") == predict(forecast, ROWS)


def test_lines_are_counted_from_the_first_row(forecast: Command) -> None:
    refuse_text(forecast, f"{ROWS}2024-01-27,lots\n", says=["column 'value', line 13: 'lots'"])


def test_times_without_a_name_are_the_time(forecast: Command) -> None:
    assert predict(forecast, f",value\n{ROWS}") == predict(forecast, f"timestamp,value\n{ROWS}")
    assert predict(forecast, f",1\n{ROWS}", "--header") == predict(forecast, f"timestamp,1\n{ROWS}")


def test_other_columns_without_a_name_are_said_unless_they_count_the_rows(forecast: Command) -> None:
    noted = "".join(f"{place},{row},note\n" for place, row in enumerate(ROWS.splitlines()))
    Path("data.csv").write_text(f",date,value,\n{noted}")
    stderr = forecast("predict", "data.csv", "--output", "-").stderr
    assert "column 4 has no name, and is not read" in stderr
    assert "column 1 has no name" not in stderr


R_ROWS = [f"2020-{month:02d}-01" for month in range(1, 13)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ['"', ""])
def test_row_names_under_no_name_of_the_header_are_not_read(forecast: Command, delimiter: str, mark: str) -> None:
    lines = [[f"{mark}{row}{mark}", f"{mark}{time}{mark}", str(row + 5)] for row, time in enumerate(R_ROWS, start=1)]
    header = [f"{mark}month{mark}", f"{mark}sales{mark}"]
    text = "\n".join(delimiter.join(line) for line in [header, *lines])
    plain = "\n".join(delimiter.join(line[-2:]) for line in [header, *lines])
    assert predict(forecast, plain) == predict(forecast, text)
    assert "the first column, of row names, has none" in forecast("predict", "data.txt", "--output", "-").stderr


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_row_names_that_are_the_times_are_read(forecast: Command, delimiter: str) -> None:
    rows = [delimiter.join([f'"{time}"', str(row + 5), str(3 * row)]) for row, time in enumerate(R_ROWS)]
    text = "\n".join([delimiter.join(['"north"', '"south"']), *rows])
    named = "\n".join([delimiter.join(["timestamp", "north", "south"]), *rows])
    assert predict(forecast, text) == predict(forecast, named)


@pytest.mark.parametrize(
    "text",
    [
        "date;value\n" + "".join(f"{time};{row + 5};5\n" for row, time in enumerate(R_ROWS)),
        "date,value\n" + "".join(f"{time},{row + 5},5\n" for row, time in enumerate(R_ROWS)),
        "n,date,value\n" + "".join(f"{row},{time},{row + 5},5\n" for row, time in enumerate(R_ROWS)),
        "when,value\n" + "".join(f'"{time}",{row + 5},5\n' for row, time in enumerate(R_ROWS)),
        "date,value\n2020-01-01,1\n2020-02-01,1\n2020-03-01,1,5\n",
    ],
)
def test_decimal_commas_between_commas_are_no_row_names(forecast: Command, text: str) -> None:
    refuse_text(forecast, text, says=["more cells than the"])


@pytest.mark.parametrize(("delimiter", "quote"), [(",", '"'), (";", '"'), ("\t", '"'), (";", ""), ("\t", "")])
def test_commas_within_names_are_no_delimiters(forecast: Command, delimiter: str, quote: str) -> None:
    weeks = pd.date_range("2020-06-07", periods=30, freq="W")
    names = ["shop", *(f"{week:%B} {week.day}, {week:%Y}" for week in weeks)]
    rows = [[f"s{row}", *(str(1000 * row + 7 * step) for step in range(30))] for row in range(3)]
    lines = ["Sales, all shops", "", delimiter.join(f"{quote}{name}{quote}" for name in names)]
    Path("wide.csv").write_text("\n".join([*lines, *(delimiter.join(row) for row in rows)]) + "\n")
    outcome = forecast("predict", "wide.csv", "--id", "shop", "--horizon", "3")
    assert outcome.code == 0, outcome.stderr
    assert "wide.csv: 90 rows, 3 series, weekly" in outcome.stderr


GENESIS = """Verbraucherpreisindex: Deutschland, Monate
Verbraucherpreisstatistik;;
Deutschland;;
;;Verbraucherpreisindex
;;2020=100
"""
GERMAN = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
GERMAN += ["Juli", "August", "September", "Oktober", "November", "Dezember"]


@pytest.mark.parametrize(
    "parts", [GERMAN, ["1. Quartal", "2. Quartal", "3. Quartal", "4. Quartal"], ["Q1", "Q2", "Q3", "Q4"]]
)
@pytest.mark.parametrize("flags", [[], ["--no-header"]], ids=["found", "told"])
def test_years_and_months_below_lines_without_names_are_all_rows(
    forecast: Command, parts: list[str], flags: list[str]
) -> None:
    rows = [f"{2019 + row // len(parts)};{parts[row % len(parts)]};{100 + row % 5},{row % 7}" for row in range(40)]
    notes = "__________\nDie Angaben sind vorläufig.\n"
    written = predict(forecast, GENESIS + "\n".join(rows) + "\n" + notes, *flags)
    named = predict(
        forecast,
        "Jahr;Quartal;Wert\n".replace("Quartal", "Monat" if parts == GERMAN else "Quartal") + "\n".join(rows) + "\n",
    )
    assert written == named
    assert written.splitlines()[1].startswith("2022-05;" if parts == GERMAN else "2029Q1;")


def test_a_name_above_values_and_a_month_beside_it_are_asked_for(forecast: Command) -> None:
    rows = "".join(f"{2019 + row // 12};{GERMAN[row % 12]};{100 + row % 5}\n" for row in range(40))
    Path("data.csv").write_text(f"2018;Dezember;Wert\n{rows}")
    outcome = forecast("predict", "data.csv", "--output", "out.csv")
    assert outcome.code == 65
    assert "--no-header for the first row, --header for names" in outcome.stderr
    Path("data.csv").write_text(f"Jahr;Mai;Wert\n{rows}")
    assert forecast("predict", "data.csv", "--output", "out.csv").code == 0


def test_years_and_months_without_names_are_named_by_the_remedy() -> None:
    rows = "".join(f"7;{year};{month};{year % 5 + month}\n" for year in range(2015, 2024) for month in range(1, 13))
    with pytest.raises(DataError, match=r"columns hold years and months, call these 'year' and 'month' in the first"):
        read(rows, header=False)
    assert read(f"id;year;month;value\n{rows}")[0].calendar.name == "monthly"


@pytest.mark.parametrize(("pattern", "names"), [("%Y;%m", "year;month"), ("%Y;%m;%d", "year;month;day")])
@pytest.mark.parametrize("gap", [0, 3])
def test_years_and_months_without_names_are_the_time(forecast: Command, pattern: str, names: str, gap: int) -> None:
    times = pd.date_range("2018-11-01", periods=40, freq="MS" if pattern == "%Y;%m" else "D")
    rows = [
        f"{time:{pattern}};{50 + 7 * row % 11}.5;{row}.25\n" for row, time in enumerate(times) if row not in (gap, 20)
    ]
    shown = predict(forecast, "".join(rows), "--no-header", "--target", f"column {names.count(';') + 2}")
    named = f"{names};column {names.count(';') + 2};other\n{''.join(rows)}"
    assert shown == predict(forecast, named, "--target", f"column {names.count(';') + 2}")


def test_a_first_line_of_a_year_and_a_month_is_asked_for() -> None:
    rows = "".join(f"{year};{month};{year % 5 + month}\n" for year in range(2015, 2024) for month in range(1, 13))
    with pytest.raises(DataError, match="--no-header for the first row, --header for names"):
        read(rows)
    assert read(rows, header=False)[0].calendar.name == "monthly"


def test_numbers_like_years_and_months_are_no_time_where_they_do_not_rise() -> None:
    rows = "".join(f"{2000 + row * 7 % 5};{1 + row * 5 % 12:02d};{row}\n" for row in range(20))
    with pytest.raises(DataError, match="no time column among column 1, column 2"):
        read(rows, header=False)
