"""What `forecast check --fix` writes is read without options, or a line says which it needs."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from tests.conftest import Command

FILES = Path(__file__).parent / "files"
VALUES = np.random.default_rng(1).normal(100, 9, 30).round(1)


def write_vintages(path: Path) -> None:
    table = pd.DataFrame({"Vintage": np.arange(1990, 2020), "litres": VALUES})
    table.to_excel(path, index=False) if path.suffix == ".xlsx" else table.to_csv(path, index=False)


@pytest.mark.parametrize("file", ["data.xlsx", "data.csv"])
@pytest.mark.parametrize("fixed", ["fixed.csv", "fixed.csv.gz", "fixed.parquet"])
def test_years_in_a_column_of_any_name_are_found_once_it_is_fixed(forecast: Command, file: str, fixed: str) -> None:
    write_vintages(Path(file))
    outcome = forecast("check", file, "--time", "Vintage", "--fix", fixed)
    assert outcome.code == 0, outcome.stderr
    assert "the time, in 'Vintage', called 'timestamp'; written to" in outcome.stderr
    before, _ = read_panel(file, options=ReadOptions(time="Vintage"))
    after, _ = read_panel(fixed)
    assert after.calendar == before.calendar
    np.testing.assert_array_equal(after.values, before.values)
    assert forecast("predict", fixed, "-o", "out.csv").code == 0


def test_numbers_without_times_are_read_once_they_are_fixed(forecast: Command) -> None:
    Path("numbers.txt").write_text("\n".join(map(str, VALUES)))
    assert forecast("check", "numbers.txt", "--fix", "fixed.csv").code == 0
    assert forecast("predict", "numbers.txt", "-o", "a.csv").code == 0
    assert forecast("predict", "fixed.csv", "-o", "b.csv").code == 0
    np.testing.assert_array_equal(pd.read_csv("a.csv").to_numpy(), pd.read_csv("b.csv").to_numpy())


@pytest.mark.parametrize(
    ("file", "options", "needed"),
    [
        ("absatz_nach_nr.csv", ["--id", "Nr"], "--id Nr"),
        ("two_rows_of_zeros.csv", [], None),
        ("priced.csv", ["--known", "price"], "--known price"),
        ("priced.csv", ["--target", "sales"], None),
    ],
)
def test_options_that_are_needed_are_said_and_work(
    forecast: Command, file: str, options: list[str], needed: str | None
) -> None:
    dates = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")
    pd.DataFrame({"date": dates, "sales": VALUES, "price": VALUES[::-1] / 7}).to_csv("priced.csv", index=False)
    path = Path(file) if Path(file).exists() else FILES / file
    outcome = forecast("check", path, *options, "--fix", "fixed.csv")
    assert outcome.code == 0, outcome.stderr
    found = re.search(r"To be read as here, it needs (.*)\.\n", outcome.stderr)
    assert (found and found[1]) == needed
    again = forecast("check", "fixed.csv", *shlex.split(needed or ""), "--fix", "again.csv")
    assert again.code == 0, again.stderr
    assert Path("again.csv").read_text() == Path("fixed.csv").read_text()


def test_what_is_not_read_with_any_options_is_said(forecast: Command) -> None:
    # a series without a name in one of two columns
    outcome = forecast("check", FILES / "cases_by_day.csv", "--fix", "fixed.csv")
    assert "What was written is not read as these data are" in outcome.stderr
    assert "the series has no name" in forecast("predict", "fixed.csv", "--id", "Province/State,Country/Region").stderr
