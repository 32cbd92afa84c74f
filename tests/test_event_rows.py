"""Rows of events that hold codes only: the error for their columns says how to count them."""

import numpy as np
import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.test_reading import read


@pytest.mark.parametrize(("apart", "is_event"), [("37min11s", True), ("1h", False), ("5min", False)])
def test_events_of_codes_are_to_be_counted(apart: str, is_event: bool) -> None:
    times = pd.Timestamp("2024-01-01") + pd.Timedelta(apart) * np.arange(100)
    rows = "".join(f"{time},{110 + row % 7},{3 + row % 5}\n" for row, time in enumerate(times))
    with pytest.raises(DataError, match="several columns hold numbers") as refused:
        read(f"time,beat,cost\n{rows}")
    assert ("Where each row is an event, count them: --freq D --aggregate count" in str(refused.value)) == is_event


@pytest.mark.parametrize(
    ("cells", "shown"), [(("5", "x"), "x"), (("5", "x", "7 o'clock"), "7 o'clock"), (("a", "b"), "")]
)
def test_a_cell_that_is_a_number_is_not_said_to_be_none(cells: tuple[str, ...], shown: str) -> None:
    rows = "".join(f"2024-01-0{day},{cell}\n" for day, cell in enumerate(cells * 2, 1))
    with pytest.raises(DataError, match="no numeric column") as refused:
        read(f"day,sold\n{rows}")
    assert (f"Cells such as {shown!r} are not numbers" in str(refused.value)) == bool(shown)
    assert "'5'" not in str(refused.value)
