"""Columns of lists, dicts and the like in a frame: left unused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError


def make_collections(kind: str) -> Any:
    """A column of lists and the like, of which some cells are empty."""
    if kind.startswith("arrow"):
        arrow = pytest.importorskip("pyarrow")
        is_list = kind == "arrow lists"
        item = arrow.list_(arrow.int64()) if is_list else arrow.struct([("a", arrow.int64())])
        return pd.Series([None] + ([[1, 2]] if is_list else [{"a": 1}]) * 27, dtype=pd.ArrowDtype(item))
    cells: dict[str, Any] = {
        "lists": [1],
        "dicts": {"a": 1},
        "sets": {1},
        "arrays": np.arange(2),
        "tuples of lists": ([1], 2),
    }
    return pd.Series([None] + [cells[kind]] * 27)


@pytest.mark.parametrize(
    "kind", ["lists", "dicts", "sets", "arrays", "tuples of lists", "arrow lists", "arrow objects"]
)
def test_a_column_of_lists_and_the_like_is_not_used(kind: str) -> None:
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=28), "y": np.arange(28) % 7})
    wider = frame.assign(tags=make_collections(kind))
    pd.testing.assert_frame_equal(forecaster.predict(wider, horizon=3), forecaster.predict(frame, horizon=3))
    assert "not used: tags" in dict(forecaster.check(wider).facts)["columns"]
    with pytest.raises(DataError, match=r"the frame, column 'tags', row 1: .* is not a number"):
        forecaster.predict(wider, reading=ReadOptions(target="tags"))
