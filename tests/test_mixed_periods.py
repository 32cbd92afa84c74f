"""Of periods of several lengths in one column, those of one length are read, and a line says which and how many not."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError
from tests.conftest import Command
from tests.test_reading import as_lists, read

NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
YEARS = [(f"{year}", 400.0 + year % 10) for year in range(2016, 2024)]
QUARTERS = [(f"{year} Q{part}", 100.0 + part) for year in range(2016, 2024) for part in range(1, 5)]
MONTHS = [(f"{year} {month}", 30.0 + place) for year in range(2016, 2024) for place, month in enumerate(NAMES)]
NUMBERED = [(f"{year}-{month:02d}", 30.0 + month) for year in range(2016, 2024) for month in range(1, 13)]


def write(rows: list[tuple[str, float]], header: str = "period,value") -> str:
    return "\n".join([header, *(f"{time},{value}" for time, value in rows)])


@pytest.mark.parametrize(
    ("rows", "frequency", "expected"),
    [
        (YEARS + QUARTERS + MONTHS, None, MONTHS),
        (YEARS + QUARTERS + MONTHS, "QS", QUARTERS),
        (YEARS + QUARTERS + MONTHS, "YE", YEARS),
        (YEARS + QUARTERS + MONTHS, "MS", MONTHS),
        (YEARS + QUARTERS, None, QUARTERS),
        (sorted(YEARS + QUARTERS), "YS", YEARS),
        (NUMBERED + YEARS, None, NUMBERED),
    ],
)
def test_periods_of_one_length_are_read(
    rows: list[tuple[str, float]], frequency: str | None, expected: list[tuple[str, float]]
) -> None:
    panel, summary = read(write(rows), frequency=frequency)
    assert panel.values.tolist() == [value for _, value in expected]
    said = f"without {len(rows) - len(expected)} lines of "
    assert sum(said in note for note in summary.notes) == 1, summary.notes


def test_the_line_names_the_flags_and_they_work(forecast: Command) -> None:
    Path("data.csv").write_text(write(YEARS + QUARTERS))
    words = ("predict", "data.csv", "--horizon", "2", "--output", "-")
    said = (
        "column 'period' has periods of several lengths: quarters are read, without 8 lines of years "
        "(--freq YS reads years)"
    )
    outcome = forecast(*words)
    assert said in outcome.stderr
    assert [line.split(",")[0] for line in outcome.stdout.splitlines()[1:]] == ["2024 Q1", "2024 Q2"]
    assert forecast("check", "data.csv").code == 0
    Path("data.csv").write_text(write(YEARS, header="year,value"))
    plain = forecast(*words)
    Path("data.csv").write_text(write(YEARS + QUARTERS))
    assert forecast(*words, "--freq", "YS").stdout == plain.stdout.replace("year,", "period,")


def test_series_without_such_periods_are_named() -> None:
    lines = [f"A,{time},{value}" for time, value in QUARTERS]
    lines += [f"{name},{time},{value}" for name in ("B", "C") for time, value in YEARS]
    panel, summary = read("\n".join(["id,period,value", *lines]))
    assert [*as_lists(panel)] == [("A",)]
    assert any(note.endswith("; 2 series, such as 'B', have no quarters") for note in summary.notes)
    wide = [f"{time},{value},{'' if 'Q' in time else value}" for time, value in QUARTERS + YEARS]
    _, summary = read("\n".join(["period,north,south", *wide]), wide=True)
    assert any(note.endswith("; 'south' has no quarters") for note in summary.notes)


@pytest.mark.parametrize(
    "rows",
    [
        [*QUARTERS, ("2024", 5.0)],
        [*YEARS, ("2024 Q1", 5.0)],
        [*NUMBERED, *YEARS, ("soon", 5.0)],
        [*YEARS, ("2019-20", 5.0), ("2020-21", 6.0)],
    ],
    ids=["one year", "one quarter", "a wrong cell", "years of accounts"],
)
def test_a_wrong_cell_is_no_other_length(rows: list[tuple[str, float]]) -> None:
    with pytest.raises(DataError):
        read(write(rows, header="date,value"))


def test_a_frame_and_a_wrong_frequency() -> None:
    frame = pd.DataFrame(YEARS + QUARTERS, columns=["period", "value"])
    panel, summary = read_frame(frame)
    assert panel.values.tolist() == [value for _, value in QUARTERS]
    assert "without 8 rows of years" in summary.notes[0]
    wrong: dict[str, Any] = {"frequency": "often"}
    with pytest.raises(UsageError, match="--freq often"):
        read_frame(frame, options=ReadOptions(**wrong))
