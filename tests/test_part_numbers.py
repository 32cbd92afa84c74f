"""Numbers that may count the months of years are neither taken nor offered for series without a word."""

from pathlib import Path

import pytest

from tests.conftest import Command
from tests.time_forms import predict, refuse

YEARS = range(2018, 2024)


def write(header: str, parts: list[str]) -> str:
    rows = [f"{year};{part};{50 + row + row % 5}" for year in YEARS for row, part in enumerate(parts)]
    Path("data.csv").write_text("\n".join([f"{header};Wert", *rows, ""]))
    return "data.csv"


@pytest.mark.parametrize("column", ["Nr", "Per", "Code"])
@pytest.mark.parametrize(("count", "name", "ahead"), [(12, "Month", "2024-01"), (4, "Quarter", "2024Q1")])
def test_numbers_that_may_be_parts_of_a_year_are_asked_for(
    forecast: Command, column: str, count: int, name: str, ahead: str
) -> None:
    numbers = [str(number) for number in range(1, count + 1)]
    data = write(f"Jahr;{column}", numbers)
    message = refuse(forecast, data)
    assert f"{column!r} may count the months, quarters or weeks" in message
    outcome = forecast("predict", data, "--id", column, "--horizon", "1", "-o", "out.csv")
    assert f"{count} series, yearly" in outcome.stderr, "one remedy"
    assert predict(forecast, write(f"Jahr;{name}", numbers))[0] == ahead, "another"


def test_numbers_whose_name_is_that_of_series_are_series(forecast: Command) -> None:
    data = write("Jahr;Filiale", [str(number) for number in range(1, 13)])
    outcome = forecast("predict", data, "--horizon", "1", "-o", "out.csv")
    assert "12 series, yearly; time 'Jahr', target 'Wert', series by 'Filiale'" in outcome.stderr


@pytest.mark.parametrize("form", ["{}", "{:03d}"])
@pytest.mark.parametrize("last", [13, 16])
def test_closing_periods_of_accounts_are_refused(forecast: Command, form: str, last: int) -> None:
    parts = [form.format(number) for number in range(1, last + 1)]
    message = refuse(forecast, write("Jahr;Periode", parts))
    assert f"'Periode' has the numbers 1 to {last}" in message
    assert predict(forecast, write("Jahr;Periode", parts[:12]))[0] == "2024-01", "the remedy works"
