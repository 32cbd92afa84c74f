"""Days and months that a spreadsheet swapped in some rows."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import Command

DAYS = [date(2024, 1, 5) + timedelta(days=number) for number in range(60)]
SWAPPED = [number for number, day in enumerate(DAYS) if day.day <= 12]


def write_rows(swapped: list[int], *, mark: str = "/", is_reversed: bool = False) -> None:
    formats = (f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y")
    rows = [f"{day.strftime(formats[number in swapped])},{100 + number % 7}" for number, day in enumerate(DAYS)]
    Path("data.csv").write_text("\n".join(["date,y", *(rows[::-1] if is_reversed else rows)]) + "\n")


@pytest.mark.parametrize("mark", ["/", ".", "-"])
@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("swapped", [SWAPPED, [3], [3, 4, 30]])
def test_rows_with_day_and_month_swapped_are_named(
    forecast: Command, swapped: list[int], mark: str, is_reversed: bool
) -> None:
    write_rows(swapped, mark=mark, is_reversed=is_reversed)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "so its day and month are swapped, as by a spreadsheet" in outcome.stderr
    if swapped == [3]:
        assert f"line {58 if is_reversed else 5}: 2024-08-01 fits between the rows beside it as 2024-01-08 only" in (
            outcome.stderr
        )
    # whoever says how dates are written is believed
    outcome = forecast("predict", "data.csv", "--date-format", f"%d{mark}%m{mark}%Y", "--horizon", "2")
    assert "spreadsheet" not in outcome.stderr


def test_dates_in_any_order_are_read(forecast: Command) -> None:
    write_rows([])
    header, *rows = Path("data.csv").read_text().splitlines()
    for order in (rows[::-1], rows[30:] + rows[:30], rows[::2] + rows[1::2]):
        Path("data.csv").write_text("\n".join([header, *order]) + "\n")
        outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
        assert outcome.code == 0, outcome.stderr
        assert outcome.stdout.splitlines()[1].startswith("05/03/2024")


def test_a_lone_day_between_gaps_is_read_as_it_is_written(forecast: Command) -> None:
    # the 1st of April would follow the 3rd of January the other way round, but nothing follows it there
    spans = ((date(2023, 12, 1), 34), (date(2024, 4, 1), 1), (date(2024, 5, 10), 60))
    days = [begin + timedelta(days=number) for begin, count in spans for number in range(count)]
    days[2], days[3] = days[3], days[2]
    Path("data.csv").write_text("date,y\n" + "\n".join(f"{day:%d/%m/%Y},{day.day}" for day in days) + "\n")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
