"""No later value changes an earlier forecast, score or model: through the whole of the commands."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.monthly_kinds import make_panel
from tests.test_invariants import Predict, fine_tuned, model, predict

__all__ = ["fine_tuned", "model", "predict"]

CUT = "2018-12-01"
"""Two years before the end of the panel."""


@pytest.fixture
def altered() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A panel, and the same with other values after CUT."""
    table = make_panel(0, steps=120)
    other = table.copy()
    later = other["date"] > CUT
    other.loc[later, "value"] = np.random.default_rng(5).normal(1e4, 1e3, int(later.sum())).round(2)
    return table, other


def test_no_later_value_changes_an_earlier_forecast(
    predict: Predict, altered: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    found = [predict(table[table["id"] != "short"], "--until", CUT) for table in altered]
    assert found[0]["date"].min() == "2019-01-01"
    pd.testing.assert_frame_equal(found[0], found[1])


def test_no_later_value_changes_what_an_earlier_cutoff_is_scored_with(
    forecast: Command, model: str | Path, altered: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    scored = []
    for number, table in enumerate(altered):
        table[table["id"] != "short"].to_csv("data.csv", index=False)
        words = ["--windows", "3", "--step", "12", "--horizon", "12", "--quiet", "--output", f"scores{number}.json"]
        assert forecast("evaluate", "data.csv", "--model", model, *words).code == 0
        steps = pd.read_csv("backtest.csv")
        # the third of three cutoffs, a year apart: forecasts, truth and scores before CUT
        scored.append(steps[steps["cutoff"] == "2017-12-01"].reset_index(drop=True))
    assert len(scored[0]) == 8 * 12
    pd.testing.assert_frame_equal(scored[0], scored[1])


def test_no_later_value_changes_what_is_learned(forecast: Command, altered: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    words = ["--horizon", "6", "--context", "24", "--steps", "4", "--until", CUT, "--quiet"]
    for number, table in enumerate(altered):
        table.to_csv("data.csv", index=False)
        assert forecast("train", "data.csv", "--model", f"model{number}", *words).code == 0
    one, other = (sorted(Path(f"model{number}").rglob("*.*")) for number in (0, 1))
    assert [path.name for path in one] == [path.name for path in other]
    for path, same in zip(one, other, strict=True):
        assert path.read_bytes() == same.read_bytes(), path.name
