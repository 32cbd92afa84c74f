"""What comes back for a frame has its types: times, ids, index and numbers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import SAMPLES


def days(**arguments: Any) -> pd.DatetimeIndex:
    return pd.date_range("2024-03-01", periods=60, **arguments)


TIMES: dict[str, Any] = {
    "nanoseconds": days().astype("datetime64[ns]"),
    "seconds": days().astype("datetime64[s]"),
    "texts": days().strftime("%d.%m.%Y"),
    "months": pd.period_range("2019-01", periods=60, freq="M"),
    "hours over the change of clocks": pd.date_range("2024-03-29 12:00", periods=60, freq="h", tz="Europe/Berlin"),
    "days over the change of clocks": days(tz="Europe/Berlin"),
    "UTC": pd.date_range("2024-03-29 12:00", periods=60, freq="h", tz="UTC"),
    "dates": pd.Index(days().date),
    "datetimes": pd.Index(days().to_pydatetime(), dtype=object),
    "numbers": pd.Index(np.arange(60, dtype=np.int32)),
    "years": pd.Index(np.arange(1950, 2010)),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_go_on_in_the_type_that_they_have(kind: str) -> None:
    times = TIMES[kind]
    values = np.random.default_rng(0).normal(20, 2, 60)
    frame = pd.DataFrame({"day": pd.Series(times, dtype=times.dtype), "sales": values})
    found = forecaster.predict(frame.iloc[:50], horizon=10)["day"]
    expected = frame["day"].iloc[50:]
    assert found.dtype == frame["day"].dtype
    assert found.map(type).unique().tolist() == expected.map(type).unique().tolist()
    if kind != "texts":
        assert found.tolist() == expected.tolist()


def list_arrow_types() -> dict[str, Any]:
    arrow = pytest.importorskip("pyarrow")
    return {
        "dates": (days(), arrow.date32()),
        "dates in milliseconds": (days(), arrow.date64()),
        "seconds": (days(), arrow.timestamp("s")),
        "texts": (days().strftime("%d.%m.%Y"), arrow.string()),
        "large texts": (days().strftime("%Y-%m-%d"), arrow.large_string()),
        "years": (np.arange(1950, 2010), arrow.int16()),
        "years as decimals": (np.arange(1950.0, 2010), arrow.float64()),
    }


@pytest.mark.parametrize(
    "kind", ["dates", "dates in milliseconds", "seconds", "texts", "large texts", "years", "years as decimals"]
)
def test_times_and_ids_of_arrow_keep_their_type(kind: str) -> None:
    times, arrow_type = list_arrow_types()[kind]
    frame = pd.DataFrame({"id": "a", "day": times, "sales": np.arange(60) % 7})
    frame = frame.astype({"id": "string[pyarrow]", "day": pd.ArrowDtype(arrow_type)})
    found = forecaster.predict(frame.iloc[:50], horizon=10, reading=forecaster.ReadOptions(ids=("id",)))
    assert found[["id", "day"]].dtypes.equals(frame[["id", "day"]].dtypes)
    assert found["day"].tolist() == frame["day"].iloc[50:].tolist()


@pytest.mark.parametrize("kind", ["string[python]", "string[pyarrow]"])
def test_times_as_texts_of_pandas_keep_their_type(kind: str) -> None:
    if "arrow" in kind:
        pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"day": days().strftime("%d.%m.%Y"), "sales": np.arange(60) % 7}).astype({"day": kind})
    found = forecaster.predict(frame.iloc[:50], horizon=10)["day"]
    assert found.dtype == frame["day"].dtype
    assert found.tolist() == frame["day"].iloc[50:].tolist()


def test_times_as_categories_have_the_type_of_these() -> None:
    frame = pd.DataFrame({"day": days(), "sales": np.arange(60) % 7}).astype({"day": "category"})
    assert forecaster.predict(frame, horizon=3)["day"].dtype == frame["day"].cat.categories.dtype


LABELS = [7, 2.5, None, ("a", "day"), pd.Timestamp("2020-01-01"), True]


@pytest.mark.parametrize("label", LABELS, ids=str)
def test_names_of_columns_that_are_no_text_stay_what_they_are(label: Any) -> None:
    frame = pd.DataFrame({"id": ["a"] * 30 + ["b"] * 30, "day": [*days()[:30]] * 2, "sales": np.arange(60) % 7})
    frame.columns = pd.Index(["id", label, "sales"], dtype=object, tupleize_cols=False)
    assert [*forecaster.predict(frame, horizon=3)][:2] == ["id", label]
    steps = forecaster.evaluate(frame, plan=forecaster.BacktestPlan(horizon=3)).steps
    assert [*steps][:3] == ["id", "cutoff", label]


@pytest.mark.parametrize(
    "labels", [[("sales", "a"), ("sales", "b")], [1, 2], [0.5, 1.5], [None, "b"], [*pd.date_range("2020", periods=2)]]
)
def test_the_series_of_a_wide_frame_are_the_names_of_its_columns(labels: list[Any]) -> None:
    frame = pd.DataFrame({"a": np.arange(60) % 7, "b": np.arange(60) % 5}, index=days())
    frame.columns = pd.Index(labels, tupleize_cols=False)
    assert [*forecaster.predict(frame, horizon=1)["series"]] == labels
    if isinstance(labels[0], tuple):
        frame.columns = pd.MultiIndex.from_tuples(labels)
        assert [*forecaster.predict(frame, horizon=1)["series"]] == labels


OLD = np.datetime64("1613-06-24", "s") + np.arange(60) * np.timedelta64(1, "D")
LATE = pd.date_range("2262-01-01", periods=60)  # to 1 March; nanoseconds reach to 11 April
DISTANT: dict[str, Any] = {
    "old seconds": pd.Series(OLD),
    "old microseconds": pd.Series(OLD).astype("datetime64[us]"),
    "old with a zone": pd.Series(OLD).dt.tz_localize("UTC"),
    "old dates": pd.Series(OLD.astype("datetime64[D]").astype(object), dtype=object),
    "late seconds": pd.Series(LATE).astype("datetime64[s]"),
    "late dates": pd.Series(LATE.date, dtype=object),
    "late timestamps": pd.Series(list(LATE), dtype=object),
}


@pytest.mark.parametrize("kind", DISTANT)
def test_times_that_nanoseconds_do_not_reach_keep_their_type(kind: str) -> None:
    times = DISTANT[kind]
    frame = pd.DataFrame({"day": times, "sales": np.arange(60) % 7})
    found = forecaster.predict(frame, horizon=60)["day"]
    assert found.dtype == times.dtype
    assert found.map(type).unique().tolist() == times.map(type).unique().tolist()
    last = np.datetime64(str(times.iloc[-1])[:10])
    assert [str(time)[:10] for time in found] == [str(last + days) for days in range(1, 61)]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("kind", ["datetime64[ns]", "arrow"])
def test_a_horizon_beyond_nanoseconds_is_in_microseconds(zone: str | None, kind: str) -> None:
    times = pd.Series(LATE.tz_localize(zone))
    if kind == "arrow":
        arrow = pytest.importorskip("pyarrow")
        times = times.astype(pd.ArrowDtype(arrow.timestamp("ns", zone)))
    frame = pd.DataFrame({"day": times, "sales": np.arange(60) % 7})
    found = forecaster.predict(frame, horizon=60)["day"]
    assert found.dtype == pd.Series(LATE.as_unit("us").tz_localize(zone)).dtype
    assert found.iloc[-1] == pd.Timestamp("2262-04-30", tz=zone)
    assert forecaster.predict(frame, horizon=5)["day"].dtype == times.dtype


def test_an_index_of_times_and_a_wide_frame() -> None:
    airline = pd.read_csv(SAMPLES / "air_passengers.csv")
    times = pd.DatetimeIndex(pd.to_datetime(airline.iloc[:, 0]), name="month")
    wide = pd.DataFrame({"a": airline.iloc[:, 1].to_numpy(), "b": airline.iloc[:, 1].to_numpy() / 2}, index=times)
    found = forecaster.predict(wide, horizon=4)
    assert found["series"].tolist() == ["a"] * 4 + ["b"] * 4
    assert found["month"].dtype == times.dtype
    one = forecaster.predict(wide["a"], horizon=4)
    np.testing.assert_array_equal(one["forecast"], found["forecast"].iloc[:4])


def test_categories_and_several_ids_stay_what_they_are() -> None:
    frame = pd.DataFrame(
        {
            "shop": pd.Categorical(["x"] * 20 + ["y"] * 20, categories=["x", "y", "z"]),
            "item": np.array([1.0] * 20 + [2.0] * 20),
            "ds": list(pd.date_range("2024-01-01", periods=20)) * 2,
            "y": np.arange(40.0),
        }
    )
    found = forecaster.predict(frame, horizon=1, reading=forecaster.ReadOptions(ids=("shop", "item")))
    assert found[["shop", "item"]].dtypes.equals(frame[["shop", "item"]].dtypes)
    assert found["item"].tolist() == [1.0, 2.0]


def test_small_whole_numbers_go_on_beyond_their_type_and_years_as_text_stay_text() -> None:
    values = np.random.default_rng(0).normal(20, 2, 60)
    counted = forecaster.predict(pd.DataFrame({"ds": np.arange(68, 128).astype("int8"), "y": values}), horizon=3)
    assert counted["ds"].tolist() == [128, 129, 130]
    years = forecaster.predict(pd.DataFrame({"ds": [str(1950 + n) for n in range(60)], "y": values}), horizon=2)
    assert years["ds"].tolist() == ["2010", "2011"]
