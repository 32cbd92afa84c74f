"""Columns that count the steps of each row, as `d_1`, `d_2` …, are periods: each row is a series of numbered steps."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.layouts.counted_columns import find_counted
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

VALUES = {"a": [10 + 7 * step % 23 for step in range(40)], "b": [50 - step % 7 for step in range(40)]}


def write(pattern: str, *, first: int = 1, between: str = "", cells: tuple[str, str] = ("x", "y")) -> str:
    names = [pattern.format(number) for number in range(first, first + 40)]
    rows = [
        ",".join([name, cell, *map(str, values)]) for (name, values), cell in zip(VALUES.items(), cells, strict=True)
    ]
    return "\n".join([",".join(["product", "kind", *names]), *rows]) + f"\n{between}"


@pytest.mark.parametrize("pattern", ["d_{}", "Week {}", "W{}", "day{:02d}", "Semana {}", "step.{}"])
@pytest.mark.parametrize("first", [0, 1, 1000])
def test_rows_become_series_of_numbered_steps(forecast: Command, pattern: str, first: int) -> None:
    Path("wide.csv").write_text(write(pattern, first=first))
    steps = [*range(first, first + 40)]
    parts = [pd.DataFrame({"product": name, "step": steps, "value": values}) for name, values in VALUES.items()]
    pd.concat(parts).to_csv("long.csv", index=False)
    outcomes = [forecast("predict", "wide.csv", "--horizon", "3", "-o", "-")]
    outcomes += [forecast("predict", "long.csv", "--time", "step", "--id", "product", "--horizon", "3", "-o", "-")]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes[0].stderr
    assert outcomes[0].stdout == outcomes[1].stdout
    assert outcomes[0].stdout.splitlines()[1].startswith(f"a,{first + 40},")
    assert "periods are columns: 40 columns" in outcomes[0].stderr


@pytest.mark.parametrize(
    "names",
    [
        [f"d_{number}" for number in range(1, 8)],
        [f"d_{number}" for number in (1, 2, 3, 4, 5, 6, 7, 9, 10)],
        [f"d_{number}" for number in range(20, 0, -1)],
        [f"sensor_{number}" for number in range(20)],
        [f"q{number}" for number in range(20)],
        [f"d_{number}" if number % 2 else f"w_{number}" for number in range(20)],
        [],
    ],
)
def test_other_names_with_numbers_count_no_steps(names: list[str]) -> None:
    assert find_counted(names) is None


def test_dates_in_the_header_come_before_steps() -> None:
    names = [*(f"2024-{month:02d}" for month in range(1, 13)), *(f"d_{number}" for number in range(1, 11))]
    row = ["a", *map(str, range(22))]
    panel, _ = read(",".join(["product", *names]) + "\n" + ",".join(row) + "\n")
    assert panel.calendar.name == "monthly"


def test_a_table_with_times_in_its_rows_is_no_table_of_steps() -> None:
    names = ",".join(f"week{number}" for number in range(1, 11))
    rows = "".join(f"2024-01-{day:02d},{','.join(str(day * number) for number in range(10))}\n" for day in range(1, 29))
    panel, _ = read(f"date,{names}\n{rows}")
    assert (panel.calendar.name, len(panel)) == ("daily", 10)


def test_a_text_among_the_steps_is_named_by_its_column() -> None:
    with pytest.raises(DataError, match=r"column 'd_3', line 2.*'n/x' is not a number"):
        read(write("d_{}").replace("a,x,10,17,24,", "a,x,10,17,n/x,", 1))
