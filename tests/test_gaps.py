"""Steps without a row: missing values, or a timestamp that cannot be right."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.test_reading import LONG, SERIES, as_lists, read


def test_rows_are_sorted_and_missing_rows_become_steps() -> None:
    panel, summary = read("date,y\n2024-01-05,5\n2024-01-01,1\n2024-01-02,\n2024-01-04,NA\n2024-01-06,6\n2024-01-07,\n")
    np.testing.assert_array_equal(panel.values, [1, np.nan, np.nan, np.nan, 5, 6])
    assert (summary.missing_values, summary.missing_rows, summary.trailing_rows) == (2, 1, 1)


def test_a_long_gap_is_not_a_typing_error() -> None:
    days = pd.date_range("2022-01-01", periods=400).strftime("%Y-%m-%d").to_list()
    rows = [f"all,{day},1\n" for day in days] + [f"some,{day},2\n" for day in days[:3] + days[-3:]]
    assert read("".join(["id,date,y\n", *rows]))[1].missing_rows == 394
    alone = "".join(["date,y\n", *(f"{day},1\n" for day in days[:3] + days[-3:])])
    with pytest.raises(DataError, match=r"line 5: 2023-02-02 lies 395 steps .* if it is right, name the step"):
        read(alone)
    assert read(alone, frequency="D")[0].lengths.tolist() == [400]


def test_a_gap_is_judged_against_the_observed_time_span() -> None:
    days = [datetime(2020, 1, 1) + timedelta(days=day) for day in [*range(60), *range(260, 320)]]
    panel, summary = read("\n".join(["date,y", *(f"{day:%Y-%m-%d},1" for day in days)]))
    assert (panel.lengths.tolist(), summary.missing_rows) == ([320], 200)


def test_a_series_without_a_value_is_kept_without_steps() -> None:
    panel, summary = read(LONG + "c,2024-01-01,\nc,2024-02-01,n/a\n", ids=("shop",))
    assert as_lists(panel) == {**SERIES, ("c",): []}
    assert np.isnat(panel.starts[2])
    assert summary.trailing_rows == 2


def test_a_step_far_too_short_is_refused_before_memory_runs_out() -> None:
    with pytest.raises(
        DataError, match=r"the only one: 31,536,001 steps \(every 1s\) lie .* a longer step with --freq"
    ):
        read("date,y\n2023-01-01,1\n2024-01-01,2\n", frequency="s")
