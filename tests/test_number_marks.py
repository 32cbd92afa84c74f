"""Marks behind numbers, zeros of accounts, and numbers in thousands beside those in millions."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.numbers.number_cells import parse_numbers
from tests.conftest import Command
from tests.test_reading import as_lists, read

DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]


def write(cells: list[str]) -> None:
    rows = [f"{day};{cell}" for day, cell in zip(DAYS, cells, strict=True)]
    Path("data.csv").write_text("\n".join(["date;value", *rows]) + "\n")


def read_values(cells: list[str]) -> list[float]:
    rows = [f"{day};{cell}" for day, cell in zip(DAYS, cells, strict=True)]
    panel, _ = read("\n".join(["date;value", *rows]) + "\n")
    return list(*as_lists(panel).values())


@pytest.mark.parametrize("mark", ["*", "**", " *", "†", " (est.)", " (e)", "(p)", " (prelim.)", " (revised)"])
def test_marks_behind_some_numbers_are_not_read(forecast: Command, mark: str) -> None:
    plain = [str(100 + 3 * row % 17) for row in range(28)]
    marked = [f"{cell}{mark}" if row in (3, 20, 27) else cell for row, cell in enumerate(plain)]
    assert read_values(marked) == [float(cell) for cell in plain]
    write(marked)
    outcome = forecast("predict", "data.csv")
    assert f"numbers in 'value' such as '{marked[3]}' are read as {plain[3]}" in outcome.stderr
    write([*marked[:-1], plain[3]])
    said = forecast("predict", "data.csv", "--missing", marked[3]).stderr
    count = marked.count(marked[3])
    assert f"'{marked[3]}' in 'value' taken for missing ({count} cell{'s' * (count > 1)})" in said
    assert f"{count} missing value" in said, "the same number without a mark is there"


@pytest.mark.parametrize("cell", ["142 (k)", "142 (USD)", "142*3", "(142)*x", "*142", "142 (forecast)"])
def test_other_words_behind_a_number_are_refused(forecast: Command, cell: str) -> None:
    write(["12"] * 14 + [cell] + ["13"] * 13)
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "142" in outcome.stderr


@pytest.mark.parametrize("zero", [" $-   ", "$ -", "€ –", "-   €", "EUR -"])
def test_a_dash_beside_a_currency_is_zero(forecast: Command, zero: str) -> None:
    unit = zero.strip(" -–")
    cells = [f" {unit}{100 + row}.00 " if row % 6 else zero for row in range(28)]
    assert read_values(cells) == [100 + row if row % 6 else 0 for row in range(28)]
    write(cells)
    said = forecast("predict", "data.csv").stderr
    assert f"{zero.strip()!r} in 'value' read as 0, as accounts show it (5 cells; --missing" in said
    missing = forecast("predict", "data.csv", "--missing", zero.strip()).stderr
    assert f"{zero.strip()!r} in 'value' taken for missing (5 cells)" in missing


def test_a_dash_alone_is_missing_and_one_with_per_cent_is_refused(forecast: Command) -> None:
    write([f"${100 + row}" if row % 6 else " - " for row in range(28)])
    assert "'-' in 'value' taken for missing (5 cells)" in forecast("predict", "data.csv").stderr
    write([f"{10 + row} %" if row % 6 else "- %" for row in range(28)])
    assert forecast("predict", "data.csv").code == 65


@pytest.mark.parametrize("unit", ["", "$"])
def test_thousands_beside_millions_or_ones_are_read_in_ones(forecast: Command, unit: str) -> None:
    numbers = [970_000 + 10_000 * (row % 9) for row in range(28)]
    cells = [f"{unit}{n / 1e6:.2f}M" if n >= 1e6 else f"{unit}{n // 1000}K" for n in numbers]
    assert read_values(cells) == pytest.approx(numbers)
    ones = [f"{unit}{n / 1e6:.2f}K" if n >= 1e6 else f"{unit}{n // 1000}" for n in numbers]
    assert read_values(ones) == pytest.approx([n / 1000 for n in numbers])
    write(cells)
    outcome = forecast("predict", "data.csv", "-o", "out.csv", "--horizon", "3")
    assert f"such as '{cells[0]}' are read as 970000" in outcome.stderr
    assert pd.read_csv("out.csv", sep=";")["forecast"].between(9e5, 1.2e6).all()


def test_numbers_that_are_all_in_one_multiple_stay_in_it(forecast: Command) -> None:
    write([f"{10 + row % 7}.5K" for row in range(28)])
    assert "such as '10.5K' are read as 10.5, in K" in forecast("predict", "data.csv").stderr
    write([f"{10 + row % 7}.5M" if row % 2 else f"{10 + row % 7}" for row in range(28)])
    assert forecast("predict", "data.csv").code == 65, "M may be thousands, or metres"


def test_narrow_spaces_are_shown_as_spaces(forecast: Command) -> None:
    write([f"11\u202f{650 + row},96 €" for row in range(28)])
    assert "such as '11 650,96 €' are read as 11650.96" in forecast("predict", "data.csv").stderr


def test_a_dash_and_letters_are_no_zero() -> None:
    assert not parse_numbers(["- EURO", "EUR-USD", "-", "--", "$", "-$-"]).is_number.any()
