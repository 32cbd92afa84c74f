"""A first column without a name, as pandas and R write it: years are the time, and so are numbers of rows alone."""

from pathlib import Path

import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read


def write(names: str, first: list[int], *, others: int = 1, quote: str = "") -> str:
    rows = (
        ",".join([f"{quote}{number}{quote}", *(str(100 + (row + place) * 7 % 23) for place in range(others))])
        for row, number in enumerate(first)
    )
    return "\n".join([names, *rows]) + "\n"


@pytest.mark.parametrize("names", [",value", '"","x"', ",0"])
@pytest.mark.parametrize("years", [range(1950, 2010), range(2009, 1949, -1)], ids=["up", "down"])
def test_years_without_a_name_are_the_time(forecast: Command, names: str, years: range) -> None:
    Path("data.csv").write_text(write(names, [*years]))
    for flags in ((), ("--header",)):
        outcome = forecast("predict", "data.csv", "--output", "-", *flags)
        assert "column 1 has no name, and is called 'timestamp'" in outcome.stderr
        assert "60 rows, 1 series, yearly" in outcome.stderr
    Path("data.csv").write_text(write("year,value", [*years]))
    expected = forecast("predict", "data.csv", "--output", "-").stdout.splitlines()
    assert outcome.stdout.splitlines()[1:] == expected[1:]


def test_years_beside_several_columns_are_the_time() -> None:
    panel, summary = read(write(",boys,girls", [*range(1950, 2010)], others=2))
    assert (panel.calendar.name, summary.columns.targets) == ("yearly", ("boys", "girls"))


def test_an_index_beside_a_time_stays_one() -> None:
    rows = "".join(f"{1950 + row},{2000 + row // 12}-{row % 12 + 1:02d},{row % 7}\n" for row in range(60))
    panel, summary = read(f",month,value\n{rows}")
    assert (panel.calendar.name, summary.columns.time, len(summary.notes)) == ("monthly", "month", 0)
    panel, summary = read(f",when,value\n{rows}")
    assert (panel.calendar.name, summary.columns.time, len(summary.notes)) == ("monthly", "when", 0)
    with pytest.raises(DataError, match="no time column"):
        read(write(",value", [1950, 1953, 1951, 1960, 1955, 1954]))


@pytest.mark.parametrize(("names", "first"), [('"","x"', 1), (",value", 0), (",0", 0)])
def test_numbered_rows_of_one_column_are_steps(forecast: Command, names: str, first: int) -> None:
    text = write(names, [*range(first, first + 60)], quote='"' * names.startswith('"'))
    Path("data.csv").write_text(text)
    outcome = forecast("predict", "data.csv", "--output", "-", "--horizon", "3", "--season", "4")
    assert "the rows have no times: column 1, which numbers them, is called 'step'" in outcome.stderr
    Path("data.csv").write_text("".join(f"{line.split(',')[1]}\n" for line in text.splitlines()[1:]))
    alone = forecast("predict", "data.csv", "--output", "-", "--horizon", "3", "--season", "4").stdout
    assert [row.split(",")[1:] for row in outcome.stdout.splitlines()[1:]] == [
        row.split(",")[1:] for row in alone.splitlines()[1:]
    ]
    assert [row.split(",")[0] for row in outcome.stdout.splitlines()] == [
        "step",
        *map(str, range(first + 60, first + 63)),
    ]


def test_numbered_rows_of_what_is_no_single_series_are_refused() -> None:
    for text in (
        write('"","x","z"', [*range(1, 61)], others=2),
        write('"","year"', [*range(1, 61)]),
        write('"","x"', [*range(101, 161)]),
        "".join(['"","x"\n', *(f"{row},{'ab'[row % 2]}\n" for row in range(60))]),
    ):
        with pytest.raises(DataError, match=r"no time column|no column to forecast|no numeric column|holds"):
            read(text)
