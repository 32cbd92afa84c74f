"""Python types at the edge: names of columns that are numbers, and arguments of a wrong type, which are refused."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from forecaster.data.cells import text_columns
from forecaster.errors import DataError, UsageError


def make_frame() -> pd.DataFrame:
    dates = pd.date_range("2020-01-01", periods=40, freq="MS")
    return pd.DataFrame({"ds": dates, "y": np.arange(40.0)})


def test_names_that_are_numbers_are_returned_as_such() -> None:
    frame = pd.concat([make_frame().assign(id=name) for name in "ab"])[["id", "ds", "y"]]
    named = forecaster.predict(frame, horizon=2)
    found = forecaster.predict(frame.set_axis([0, 1, 2], axis=1), horizon=2, reading=ReadOptions(target="2"))
    assert found.columns[:3].tolist() == [0, 1, "forecast"]
    pd.testing.assert_frame_equal(found.set_axis(named.columns, axis=1), named)
    wide = frame.pivot_table(index="ds", columns="id", values="y").set_axis([7, 8], axis=1)
    assert forecaster.predict(wide, horizon=2)["series"].tolist() == [7, 7, 8, 8]


@pytest.mark.parametrize("kind", [complex, object])
def test_complex_numbers_are_refused(kind: type) -> None:
    frame = make_frame()
    with pytest.raises(DataError, match=r"column 'y', row 0: .*1j.* is not a number"):
        forecaster.predict(frame.assign(y=(frame["y"] + 1j).astype(kind)))


def test_complex_numbers_explain_nothing() -> None:
    frame = make_frame().assign(x=1j)
    with pytest.raises(DataError, match="Column 'x': complex numbers"):
        forecaster.predict(frame, reading=ReadOptions(target="y", past=("x",)))


@pytest.mark.parametrize("data", [np.zeros(30), {"y": [1.0]}, None, 5])
@pytest.mark.parametrize("call", [forecaster.predict, forecaster.evaluate, forecaster.check])
def test_what_is_no_data_is_refused(call: Callable[..., Any], data: object) -> None:
    with pytest.raises(UsageError, match=f"DATA: {type(data).__name__} is no frame"):
        call(data)


@pytest.mark.parametrize(
    "given",
    [
        {"level": 80},
        {"level": ("80",)},
        {"level": "80"},
        {"level": (True,)},
        {"quantile_levels": 0.5},
        {"quantile_levels": (None,)},
        {"reading": "x"},
        {"future": {"y": 1}},
    ],
)
def test_arguments_of_a_wrong_type_are_named(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(UsageError, match=name.split("_")[0].rstrip("s")):
        forecaster.predict(make_frame(), **given)


def test_levels_of_any_sequence_of_numbers_are_taken() -> None:
    level: Any = np.array([80, 90])
    found = forecaster.predict(make_frame(), horizon=1, level=level, quantile_levels=[np.float64(0.25)])
    assert found.columns[2:].tolist() == [
        *(f"forecast-{end}-{level}" for level in (80, 90) for end in ("lo", "hi")),
        "forecast-q-25",
    ]


@pytest.mark.parametrize("given", [{"target": 0}, {"ids": (0,)}, {"ids": 0}, {"time": 1}, {"target": ("a", "b")}])
def test_options_that_are_no_text_are_refused(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(UsageError, match=rf"{name} .*: not "):
        ReadOptions(**given)


def test_ids_of_digits_stay_as_in_the_file_where_pandas_makes_numbers_of_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "digits.csv"
    frame = pd.concat([make_frame().assign(id=name) for name in ("007", "7", "7.0", "TRUE", "True")])
    frame.to_csv(path, index=False)
    found = forecaster.predict(path, horizon=2)
    assert found["id"].unique().tolist() == ["007", "7", "7.0", "TRUE", "True"]
    # pandas 3.1 and later are read in this way
    monkeypatch.setattr(text_columns, "_keeps_text", lambda: False)
    pd.testing.assert_frame_equal(forecaster.predict(path, horizon=2), found)


def test_arrays_that_pandas_gives_for_reading_only_are_read_as_others(tmp_path: Path) -> None:
    # as pandas 3 gives them; without a time, a row is asked whether it is a total of each column of ids
    frame = pd.concat([make_frame().assign(id=name) for name in ("a", "b")])[["id", "ds", "y"]]
    path = tmp_path / "rows.csv"
    path.write_text(frame.to_csv(index=False) + "Total,,1560\n")
    found = forecaster.predict(path, horizon=2)
    with pd.option_context("mode.copy_on_write", True) if pd.__version__ < "3" else nullcontext():
        pd.testing.assert_frame_equal(forecaster.predict(path, horizon=2), found)
