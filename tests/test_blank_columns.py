"""Tables with blanks between their columns are read like the same CSV; what is not clearly one is not split."""

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.test_first_lines import DATES, MONTHS, VALUES, predict, refuse_text

FILES = Path(__file__).parent / "files"
HOURS = [f"2024-01-01 {hour:02d}:00" for hour in range(12)]
CSV = "".join(f"{date},{value}\n" for date, value in zip(DATES, VALUES, strict=True))


def write(line: str, times: list[str], *, header: str = "") -> str:
    """A line for each time and value: {0} is the time, {1} the value, {2} with a decimal comma, {3} its number."""
    pairs = enumerate(zip(times, VALUES, strict=True), 1)
    rows = "".join(
        line.format(time, value, str(value).replace(".", ","), place) + "\n" for place, (time, value) in pairs
    )
    return f"{header}\n{rows}" if header else rows


@pytest.mark.parametrize(
    ("line", "times", "header", "csv_header"),
    [
        ("{0} {1}", DATES, "", "timestamp,value"),
        ("  {0}   {1:>8}  ", DATES, "", "timestamp,value"),
        ("{0} {1}", DATES, "date sales", "date,sales"),
        ("{0}  {1:>8}", DATES, "date        Sales EUR", "date,Sales EUR"),
        ("{0} {1}", DATES, "# title\n\ndate sales", "date,sales"),
        ("{0} {1}", HOURS, "", "timestamp,value"),
        ("{0}:00    {1}", HOURS, "", "timestamp,value"),
        ("{0} {1}", HOURS, "when sales", "when,sales"),
        ("{0} {1}", MONTHS, "", "timestamp,value"),
        ("{0} {1}", MONTHS, "month sales", "month,sales"),
        ("{0} {1}", [f"{day} Jan 2024" for day in range(1, 13)], "", "timestamp,value"),
        ("{0} {1}", [f"1/{day}/2024 1:30 PM" for day in range(10, 22)], "", "timestamp,value"),
        ("{0} {1}", [date.replace("-", "") for date in DATES], "", "timestamp,value"),
        ("{3:<3} {0} {1:>8}", DATES, "          date    sales", "date,sales"),
        ('"{3}" "{0}" {1}', DATES, '"date" "sales"', "date,sales"),
        ("{3:<3} {0} {1:>8}", HOURS, "          date    sales", "date,sales"),
        ("{0}  {1}", DATES, "            sales", "timestamp,sales"),
    ],
)
def test_columns_between_blanks_are_those_of_the_csv(
    forecast: Command, line: str, times: list[str], header: str, csv_header: str
) -> None:
    text = write(line, times, header=header)
    time = "{0}:00,{1}" if ":00 " in line else "{0},{1}"
    assert predict(forecast, text) == predict(forecast, write(time, times, header=csv_header))


@pytest.mark.parametrize("times", [DATES, HOURS, [date.replace("-", "") for date in DATES]])
def test_a_number_may_stand_before_the_time(forecast: Command, times: list[str]) -> None:
    counts = range(5, 5 + len(times))
    text = "".join(f"{count:7d} {time}\n" for count, time in zip(counts, times, strict=True))
    csv = "timestamp,value\n" + "".join(f"{time},{count}\n" for count, time in zip(counts, times, strict=True))
    assert predict(forecast, text) == predict(forecast, csv)


@pytest.mark.parametrize("header", ["", "date value"])
def test_decimal_commas_between_blanks_are_numbers(forecast: Command, header: str) -> None:
    plain = write("{0};{2}", DATES, header=header.replace(" ", ";") or "timestamp;value")
    assert predict(forecast, write("{0} {2}", DATES, header=header)) == predict(forecast, plain)


def test_what_was_found_is_said(forecast: Command) -> None:
    Path("data.txt").write_text(write("{0} {1}", DATES))
    stderr = forecast("predict", "data.txt", "--output", "-").stderr
    assert "columns are separated by blanks" in stderr
    assert "no header: the first line (2024-01-15, 17.5) is the first row (or --header)" in stderr


def test_a_date_and_a_time_with_names_of_their_own_are_joined(forecast: Command) -> None:
    text = write("{0} {1}", HOURS, header="Date Time sales")
    assert predict(forecast, text) == predict(forecast, text.replace(" ", ","))


def test_several_series_are_read(forecast: Command) -> None:
    rows = [f"{shop} {row}" for shop in ('"Bad Ems"', "Ulm") for row in CSV.replace(",", " ").splitlines()]
    text = "\n".join(["shop date sales", *rows])
    plain = text.replace("Bad Ems", "Bad_Ems").replace(" ", ",").replace("Bad_Ems", "Bad Ems")
    assert predict(forecast, text, "--id", "shop") == predict(forecast, plain, "--id", "shop")


@pytest.mark.parametrize("name", ["r_data_frame.txt", "office_fixed_width.txt"])
def test_printed_tables_are_read(forecast: Command, name: str) -> None:
    logger = (FILES / "logger_without_header.csv").read_text().replace(",", ".")
    outcome = forecast("predict", FILES / name, "--horizon", "2", "--digits", "full", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    plain = predict(forecast, logger.replace(" 06:00", "").replace(";", ","), "--horizon", "2", "--digits", "full")
    cells = [[line.split(",")[1:] for line in text.splitlines()[1:]] for text in (outcome.stdout, plain)]
    assert cells[0] == cells[1]
    first = {"r_data_frame.txt": "date,forecast", "office_fixed_width.txt": "Day,forecast"}[name]
    assert outcome.stdout.startswith(first)


@pytest.mark.parametrize(
    ("rest", "values"),
    [
        (["987", "1 234", "1 234 567", "5", "1 000"], ["987", "1234", "1234567", "5", "1000"]),
        (["1 987", "1 234", "1 567", "1 005", "1 000"], ["1987", "1234", "1567", "1005", "1000"]),
    ],
)
@pytest.mark.parametrize("gap", [" ", "    "])
def test_thousands_between_blanks_are_one_number(
    forecast: Command, rest: list[str], values: list[str], gap: str
) -> None:
    text = "date value\n" + "".join(f"{date}{gap}{cell}\n" for date, cell in zip(DATES, rest, strict=False))
    plain = "date,value\n" + "".join(f"{date},{cell}\n" for date, cell in zip(DATES, values, strict=False))
    assert predict(forecast, text) == predict(forecast, plain)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (write("{0} 1 234", DATES), ["'1 234' can be one number or several columns"]),
        (write("{0} 1 234 567", DATES), ["'1 234 567' can be one number or several columns"]),
        (write("{0} 1 234", DATES, header="x y"), ["'1 234' can be one number or several columns"]),
        (write("{0} 13,{3}", DATES), ["'13,2' after a date can be a number, or an hour and a number", "--decimal ,"]),
        (write("{0} 7 {1}", DATES), ["several columns hold numbers (column 2, column 3)", "no header names them"]),
        (write("5 6 {1}", DATES), ["the first line holds values (5)", "--no-header"]),
        (write("2024 {1}", DATES), ["the first line holds values (2024)"]),
        (
            write("{0} 7 {1}", DATES, header="date a b") + "2024-01-27   8\n2024-01-28   8\n",
            ["line 14: 2 columns, where most lines have 3", "Write NA", "1 more line"],
        ),
        (write("{0} {1}", DATES) + "Total of all 5\n", ["line 13: 4 columns, where most lines have 2"]),
        ("the quick brown\nfox jumps over\n", ["no time column"]),
    ],
)
def test_lines_that_are_not_clearly_columns_are_refused(forecast: Command, text: str, says: list[str]) -> None:
    refuse_text(forecast, text, says=says)


def test_an_hour_before_a_comma_is_asked_for(forecast: Command) -> None:
    text = write("{0} 13,{3}", DATES)
    number = "timestamp;value\n" + text.replace(" ", ";")
    assert predict(forecast, text, "--decimal", ",") == predict(forecast, number)
    assert predict(forecast, text, "--decimal", ".") == predict(forecast, f"timestamp,value\n{text}")


@pytest.mark.parametrize("note", ["a b c", "5 6", "2024-01-01 7"])
def test_blanks_in_the_cells_of_a_csv_separate_nothing(forecast: Command, note: str) -> None:
    text = "date,note,y\n" + "".join(f"{date},{note},{value}\n" for date, value in zip(DATES, VALUES, strict=True))
    assert predict(forecast, text) == predict(forecast, text.replace(note, "x"))
    rows = write("{0},{1}", HOURS)
    assert predict(forecast, rows) == predict(forecast, f"timestamp,value\n{rows}")
