"""Numbers and dates that a spreadsheet keeps as text, by an apostrophe or a formula, are read; codes stay codes."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=40)]
MARKS = {"apostrophe": "'{}", "formula": '="{}"'}


def write(header: str, rows: list[str]) -> str:
    Path("data.csv").write_text("\n".join([header, *rows, ""]))
    return "data.csv"


def predict(forecast: Command, *words: str) -> tuple[str, str]:
    outcome = forecast("predict", *words, "--horizon", "3", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    return Path("out.csv").read_text(), outcome.stderr


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("of_times", [False, True])
def test_marked_cells_are_read_as_those_without_marks(forecast: Command, mark: str, of_times: bool) -> None:
    numbers = [f"{900 + 10 * (row % 7) + row / 4:.2f}" for row in range(len(DAYS))]
    plain, _ = predict(forecast, write("date;amount", [*map("{};{}".format, DAYS, numbers)]))
    times = [mark.format(day) if of_times else day for day in DAYS]
    marked, said = predict(forecast, write("date;amount", [*map("{};{}".format, times, map(mark.format, numbers))]))
    assert marked == plain
    assert "numbers in 'amount' such as" in said
    some = [number if row % 3 else mark.format(number) for row, number in enumerate(numbers)]
    assert predict(forecast, write("date;amount", [*map("{};{}".format, DAYS, some)]))[0] == plain


def test_marked_numbers_with_a_decimal_comma_and_empty_ones_are_read(forecast: Command) -> None:
    rows = [f'{day};="{1 + row % 3}.100,5{row % 10}"' for row, day in enumerate(DAYS)]
    rows[5] = f'{DAYS[5]};=""'
    text, said = predict(forecast, write("date;amount", rows))
    assert "'=\"1.100,50\"' are read as 1100.5" in said
    assert "," in text.splitlines()[1]


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("codes", [("0010", "0011"), ("4711", "4712")])
def test_marked_codes_name_the_series(forecast: Command, mark: str, codes: tuple[str, ...]) -> None:
    rows = [f"{day};{mark.format(code)};{row % 7 + 3}" for row, day in enumerate(DAYS) for code in codes]
    text, said = predict(forecast, write("date;account;amount", rows))
    assert "series by 'account'" in said
    assert mark.format(codes[0]) in text.replace('""', '"')


def test_a_marked_column_beside_a_plain_one_is_asked_for(forecast: Command) -> None:
    rows = [f'{day};="{row % 5 + 3}";{row % 7 + 3}' for row, day in enumerate(DAYS)]
    outcome = forecast("predict", write("date;a;b", rows))
    assert (outcome.code, "several columns hold numbers" in outcome.stderr) == (65, True)
    assert "one series" in predict(forecast, "data.csv", "--target", "a")[1], "the remedy works"
