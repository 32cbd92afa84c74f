"""Times of frames that have a zone: whatever their type, the season follows its clock and forecasts are in it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import DataError

KINDS: dict[str, Any] = {
    "pyarrow": lambda times: times.astype("timestamp[us, tz=Europe/Berlin][pyarrow]"),
    "objects": lambda times: times.astype(object),
    "datetimes": lambda times: pd.Series(list(times.dt.to_pydatetime()), dtype=object),
}


def make_frame(freq: str, *, length: int, zone: str = "Europe/Berlin") -> pd.DataFrame:
    times = pd.date_range("2019-02-20", periods=length, freq=freq, tz=zone)
    return pd.DataFrame({"ds": times, "y": np.where(times.hour == 8, 50.0, np.arange(length) % 7)})


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("freq", "length"), [("D", 60), ("W", 60), ("MS", 48), ("QS", 40), ("h", 24 * 38 + 20)])
def test_times_of_every_type_are_forecast_as_those_with_a_zone(kind: str, freq: str, length: int) -> None:
    frame = make_frame(freq, length=length)
    expected = forecaster.predict(frame, horizon=30)
    other = frame.assign(ds=KINDS[kind](frame["ds"]))
    found = forecaster.predict(other, horizon=30)
    assert [pd.Timestamp(time) for time in found["ds"]] == expected["ds"].to_list()
    assert found["ds"].dtype == other["ds"].dtype
    assert type(found["ds"].iloc[0]) is type(other["ds"].iloc[0])
    pd.testing.assert_frame_equal(found.drop(columns="ds"), expected.drop(columns="ds"))


def test_a_zone_without_a_usual_name_shifts_no_time() -> None:
    found = forecaster.predict(make_frame("MS", length=48, zone="dateutil/Europe/Berlin"), horizon=3)
    assert [str(time) for time in found["ds"]] == [
        f"2023-0{month}-01 00:00:00+0{1 + (month > 3)}:00" for month in (3, 4, 5)
    ]


@pytest.mark.parametrize(
    ("rare", "words"), [(True, "has a zone, and others have none"), (False, "has no zone, and others")]
)
def test_times_of_which_only_some_have_a_zone_are_refused(rare: bool, words: str) -> None:
    frame = make_frame("D", length=40)
    times = [time if (row == 5) == rare else time.tz_localize(None) for row, time in enumerate(frame["ds"])]
    with pytest.raises(DataError, match=f"column 'ds', row 5: the time 2019-02-25 .*{words}"):
        forecaster.predict(frame.assign(ds=pd.Series(times, dtype=object)), horizon=3)
