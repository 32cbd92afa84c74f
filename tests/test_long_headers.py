"""Headers longer than a cell may be, as those of wide tables with many series."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.files.encodings import SAMPLE_BYTES
from tests.conftest import Command

LONGEST_CELL = 131_072
"""Characters that Python's `csv` takes."""


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_wide_table_is_read_whose_header_is_longer_than_a_cell_may_be(forecast: Command, separator: str) -> None:
    names = [f"{'branch' * 1100} {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVW"]
    days = pd.date_range("2024-01-01", periods=28).strftime("%Y-%m-%d")
    values = np.random.default_rng(0).normal(100, 5, (28, len(names))).round(1)
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "date", days)
    table.to_csv("wide.csv", index=False, sep=separator)
    assert len(Path("wide.csv").read_text().split("\n")[0]) > LONGEST_CELL
    outcome = forecast("predict", "wide.csv", "--horizon", "2", "--quiet")
    assert outcome.code == 0, outcome.stderr
    assert pd.read_csv("forecasts.csv", sep=separator)["series"].unique().tolist() == names


def test_a_wide_table_is_read_of_which_a_sample_would_hold_the_header_alone(forecast: Command) -> None:
    names = [f"{'b' * 3000} {number}" for number in range(100)]
    days = pd.date_range("2024-01-01", periods=12).strftime("%Y-%m-%d")
    table = pd.DataFrame(np.random.default_rng(0).normal(100, 5, (12, len(names))).round(1), columns=names)
    table.insert(0, "date", days)
    table.to_csv("wide.csv", index=False)
    assert len(Path("wide.csv").read_text().split("\n")[0]) > SAMPLE_BYTES
    outcome = forecast("predict", "wide.csv", "--horizon", "2", "--quiet")
    assert outcome.code == 0, outcome.stderr
    assert pd.read_csv("forecasts.csv")["series"].unique().tolist() == names
