"""Reading pandas frames into a Panel: the same as from a file that `to_csv` wrote, for every kind of column."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.frames import read_frame
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from tests.conftest import SAMPLES, make_monthly

Frame = pd.DataFrame
SHOPS = ReadOptions(ids=("shop",))


def assert_same(found: tuple[Panel, ReadSummary], expected: tuple[Panel, ReadSummary]) -> None:
    """Check that the panels are equal to the last digit, and that their summaries are."""
    panel, other = found[0], expected[0]
    np.testing.assert_array_equal(panel.values, other.values)
    np.testing.assert_array_equal(panel.offsets, other.offsets)
    np.testing.assert_array_equal(panel.starts, other.starts)
    fields = ("ids", "calendar", "id_columns", "time_column", "time_style")
    assert [getattr(panel, name) for name in fields] == [getattr(other, name) for name in fields]
    assert found[1] == expected[1]


def read_file(frame: Frame, *, options: ReadOptions | None = None) -> tuple[Panel, ReadSummary]:
    """The panel and summary of a file written from `frame`."""
    frame.to_csv("data.csv", index=False)
    return read_panel("data.csv", options=options)


def make_table(*, length: int = 40, freq: str = "MS") -> Frame:
    """Two series with gaps, rows in random order, numbers with few digits."""
    generator = np.random.default_rng(7)
    table = Frame(
        {
            "shop": np.repeat(["b", "a"], length),
            "date": np.tile(pd.date_range("2015-01-05", periods=length, freq=freq), 2),
            "note": "closed",
            "sales": generator.normal(50, 20, 2 * length).round(3),
        }
    )
    table.loc[[3, 4, 50], "sales"] = np.nan
    return table.drop(index=[7, 60]).sample(frac=1, random_state=3)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_sample_file_and_its_frame_are_the_same(path: Any) -> None:
    options = ReadOptions(ids=("sector",)) if path.stem == "us_employment" else None
    frame = pd.read_csv(path)
    before = frame.copy(deep=True)
    assert_same(read_frame(frame, options=options), read_panel(str(path), options=options))
    pd.testing.assert_frame_equal(frame, before)


TIMES: dict[str, Callable[["pd.Series[Any]"], Any]] = {
    "datetime64[ns]": lambda times: times,
    "datetime64[s]": lambda times: times.astype("datetime64[s]"),
    "datetime64[us]": lambda times: times.astype("datetime64[us]"),
    "one zone": lambda times: times.dt.tz_localize("Asia/Tokyo"),
    "summer time": lambda times: times.dt.tz_localize("Europe/Berlin"),
    "dates": lambda times: times.dt.date,
    "datetimes": lambda times: pd.Series(times.dt.to_pydatetime(), times.index, dtype=object),
    "timestamps": lambda times: times.astype(object),
    "text": lambda times: times.dt.strftime("%Y/%m/%d"),
    "string": lambda times: times.dt.strftime("%d-%b-%Y").astype("string"),
    "category": lambda times: times.dt.strftime("%Y-%m-%d").astype("category"),
    "integers": lambda times: times.dt.strftime("%Y%m%d").astype("int64"),
    "nullable integers": lambda times: times.dt.strftime("%Y%m%d").astype("Int64"),
    "period": lambda times: times.dt.to_period("D"),
}


@pytest.mark.filterwarnings("ignore:The behavior of DatetimeProperties.to_pydatetime:FutureWarning")
@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("freq", ["MS", "D"])
def test_times_of_every_kind_are_read_as_from_a_file(kind: str, freq: str) -> None:
    table = make_table(freq=freq)
    table["date"] = TIMES[kind](table["date"])
    before = table.copy(deep=True)
    zone = {"one zone": "Asia/Tokyo", "summer time": "Europe/Berlin"}.get(kind)  # a frame has it, a file does not
    assert_same(read_frame(table, options=SHOPS), read_file(table, options=replace(SHOPS, timezone=zone)))
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(("freq", "period"), [("h", "h"), ("MS", "M"), ("QS", "Q"), ("YS", "Y")])
def test_periods_are_read_as_from_a_file(freq: str, period: str) -> None:
    table = make_table(freq=freq)
    table["date"] = table["date"].dt.to_period(period)
    assert_same(read_frame(table, options=SHOPS), read_file(table, options=SHOPS))


def test_a_weekly_period_is_read_as_its_first_day() -> None:
    table = make_table(freq="W-MON")
    weeks = table.assign(date=table["date"].dt.to_period("W-SUN"))
    assert_same(read_frame(weeks, options=SHOPS), read_file(table, options=SHOPS))


TARGETS: dict[str, Callable[["pd.Series[Any]"], Any]] = {
    "float32": lambda values: values.round(0).astype("float32"),
    "Float64": lambda values: values.astype("Float64"),
    "Int64": lambda values: values.round(0).astype("Int64"),
    "int16": lambda values: values.fillna(0).round(0).astype("int16"),
    "numbers and None": lambda values: values.astype(object).where(values.notna(), None),
    "numbers and NA": lambda values: values.astype(object).where(values.notna(), pd.NA),
    "decimals": lambda values: values.map(lambda value: None if np.isnan(value) else Decimal(str(value))),
    "text": lambda values: values.map(lambda value: " NA" if np.isnan(value) else f" {value} "),
    "string": lambda values: values.astype(object).where(values.notna(), None).astype("string"),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_targets_of_every_kind_are_read_as_from_a_file(kind: str) -> None:
    table = make_table()
    table["sales"] = TARGETS[kind](table["sales"])
    before = table.copy(deep=True)
    assert_same(read_frame(table, options=SHOPS), read_file(table, options=SHOPS))
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("kind", ["bool", "boolean", object])
def test_true_is_read_as_1(kind: Any) -> None:
    table = make_table().fillna({"sales": 0.0})
    is_high = table.pop("sales") > 50
    counted = table.assign(high=is_high.astype(int))
    panel, summary = read_frame(table.assign(high=is_high.astype(kind)), options=SHOPS)
    assert summary.notes[0].startswith("high: True counts as 1 and False as 0")
    assert_same((panel, replace(summary, notes=summary.notes[1:])), read_file(counted, options=SHOPS))
    # what the note says works
    bounds = forecaster.Bounds(highest=1, allow_fractions=True)
    table = forecaster.predict(table.assign(high=is_high.astype(kind)), reading=SHOPS, bounds=bounds, horizon=3)
    forecasts = table.filter(like="forecast")
    assert forecasts.ge(0).all(axis=None)
    assert forecasts.le(1).all(axis=None)


@pytest.mark.parametrize("kind", ["string", "category", "int64", "Int64", "object"])
def test_ids_of_every_kind_are_read_as_from_a_file(kind: str) -> None:
    table = make_table()
    numbers = table["shop"].map({"a": 7, "b": 12})
    table["shop"] = numbers.astype(kind) if "nt" in kind else table["shop"].astype(kind)  # type: ignore[call-overload]
    table["region"] = numbers.map({7: "north", 12: "south"})
    for options in (SHOPS, ReadOptions(ids=("shop", "region"))):
        assert_same(read_frame(table, options=options), read_file(table, options=options))


@pytest.mark.parametrize("levels", [["date"], ["shop", "date"], ["date", "shop"]])
def test_index_levels_count_as_columns(levels: list[str]) -> None:
    table = make_table()
    indexed = table.set_index(levels)
    before = indexed.copy(deep=True)
    assert_same(read_frame(indexed, options=SHOPS), read_file(indexed.reset_index(), options=SHOPS))
    pd.testing.assert_frame_equal(indexed, before)


def test_an_index_without_names_is_time_and_series() -> None:
    table = make_table().drop(columns="note").sort_values(["shop", "date"])
    named = table.rename(columns={"shop": "series", "date": "timestamp"})
    indexed = table.set_index(["shop", "date"]).rename_axis([None, None])
    assert_same(read_frame(indexed), read_file(named))
    one: pd.Series[Any] = indexed["sales"].xs("a").rename_axis(None)
    assert_same(read_frame(one), read_file(named[named["series"] == "a"].drop(columns="series")))
    assert_same(read_frame(one.rename(None)), read_frame(one.rename("y")))


def test_a_wide_frame_has_a_series_in_each_column() -> None:
    wide = make_table().pivot_table(index="date", columns="shop", values="sales").rename(columns={"a": 1, "b": 2})
    assert_same(read_frame(wide), read_file(wide.reset_index()))
    assert read_frame(wide)[0].ids == [("1",), ("2",)]


def test_a_frame_may_be_very_wide() -> None:
    wide = Frame(np.arange(3000.0).reshape(20, 150), pd.period_range("2020-01", periods=20, freq="M"))
    assert_same(read_frame(wide), read_file(wide.rename_axis("timestamp").reset_index()))


@pytest.mark.parametrize("columns", [["late"], ["late", "sales"], ["text", "sales"]])
def test_columns_that_begin_late_are_read_as_from_a_file(columns: list[str]) -> None:
    table = Frame({"date": pd.date_range("2015-01-05", periods=1500), "sales": np.arange(1500.0)})
    table["late"] = np.where(np.arange(1500) < 1200, np.nan, 5.0)
    table["text"] = np.where(np.arange(1500) < 1200, None, "closed")  # type: ignore[call-overload]
    table = table[["date", *columns]]
    assert_same(read_frame(table), read_file(table))


def test_empty_and_repeated_rows_are_read_as_from_a_file() -> None:
    table = make_table()
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    blank = Frame([{"note": "the end"}, {}, {"date": "NA"}, {"date": ""}])
    table = pd.concat([table, table.iloc[:3], blank], ignore_index=True)
    table["shop"] = table["shop"].astype(object).where(table["shop"].notna(), "")
    options = replace(SHOPS, duplicates="mean")
    assert_same(read_frame(table, options=options), read_file(table, options=options))


def test_the_date_format_applies_to_text_only() -> None:
    table = make_monthly(series=1)
    table["date"] = pd.to_datetime(table["date"])
    slashed = table.assign(date=table["date"].dt.strftime("%m/%d/%Y"))
    options = replace(SHOPS, date_format="%m/%d/%Y")
    panel, other = (read_frame(frame, options=options)[0] for frame in (table, slashed))
    np.testing.assert_array_equal(panel.starts, other.starts)


def test_objects_of_several_kinds_are_times_too() -> None:
    times = [date(2020, 1, 1), datetime(2020, 1, 2), pd.Timestamp("2020-01-03"), np.datetime64("2020-01-04")]
    panel, _ = read_frame(Frame({"date": pd.Series(times, dtype=object), "y": [1, 2, 3, 4]}))
    assert (panel.calendar.name, panel.values.tolist()) == ("daily", [1.0, 2.0, 3.0, 4.0])


BAD: dict[str, tuple[Frame, ReadOptions, list[str]]] = {
    "times": (make_table(), ReadOptions(ids=("shop",), time="sales", target="date"), ["'date'", "is not a number"]),
    "text": (make_table().assign(sales="a lot"), ReadOptions(ids=("shop",), target="sales"), ["'sales'", "row 0"]),
    "no rows": (make_table().iloc[:0], SHOPS, ["no rows"]),
    "all empty": (
        Frame({"date": [None, None], "y": [np.nan, np.nan]}),
        ReadOptions(time="date", target="y"),
        ["empty"],
    ),
    "two names": (make_table().rename(columns={"note": "sales"}), SHOPS, ["the same name"]),
    "index": (make_table().set_index("date", drop=False), SHOPS, ["the same name"]),
    "no time": (make_table().drop(columns="date"), SHOPS, ["no time column among shop, note, sales"]),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_frame_that_cannot_be_read_is_explained(kind: str) -> None:
    frame, options, says = BAD[kind]
    with pytest.raises(DataError) as caught:
        read_frame(frame, options=options)
    assert str(caught.value).startswith(("the frame", "3 problems: (1) the frame"))
    assert [word for word in says if word not in str(caught.value)] == []


def test_an_error_names_the_row_by_its_position_in_the_frame() -> None:
    table = make_table().reset_index(drop=True)
    first = table.iloc[17]
    table.index = table.index + 1000
    cases: dict[str, tuple[str, Any]] = {
        "no timestamp": ("date", None),
        "has no name": ("shop", None),
        "the value is infinite": ("sales", np.inf),
    }
    for says, (column, value) in cases.items():
        broken = table.copy()
        broken.loc[1017, column] = value
        with pytest.raises(
            DataError, match=rf"^the frame, column '{column}', (series {first['shop']}, )?row 17: .*{says}"
        ):
            read_frame(broken, options=SHOPS)
    texts = table.astype({"sales": object})
    texts.loc[1017, "sales"] = "lots"
    with pytest.raises(DataError, match=rf"column 'sales', series {first['shop']}, row 17: 'lots' is not a number"):
        read_frame(texts, options=SHOPS)
    with pytest.raises(DataError, match=r"row 78: 20.* is there already \(row 17\)"):
        read_frame(pd.concat([table, table.iloc[[17]]]), options=SHOPS)


def test_options_that_name_no_column_are_refused() -> None:
    with pytest.raises(UsageError, match=r"--id store: the frame has no such column"):
        read_frame(make_table(), options=ReadOptions(ids=("store",)))


@pytest.mark.parametrize("freq", ["Y", "Y-MAR", "2Y", "Q", "M"])
@pytest.mark.parametrize("name", ["period", "p", None])
def test_periods_are_the_times_whatever_their_name(freq: str, name: str | None) -> None:
    index = pd.period_range("1970", periods=50, freq=freq, name=name)
    for data in (pd.Series(range(50), index=index, name="gdp"), pd.DataFrame({name or "p": index, "gdp": range(50)})):
        found = forecaster.predict(data, horizon=2)
        column = found.columns[0]
        assert found[column].tolist() == [index[-1] + 1, index[-1] + 2]
        assert found[column].dtype == index.dtype


def test_of_several_columns_of_times_periods_are_not_preferred() -> None:
    table = pd.DataFrame({"date": pd.date_range("1970", periods=50, freq="YS"), "gdp": range(50)})
    table["p"] = table["date"].dt.to_period("Y")
    assert read_frame(table, options=ReadOptions(target="gdp"))[1].columns.time == "date"
