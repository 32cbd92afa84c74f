"""Sales that depend on whether exactly one of two columns is set: what no effect of a single column can express."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from tests.echoes import DAYS, FUTURE, QUICK, SERIES, keep_past

__all__ = ["READING", "VALUES", "keep_past", "make_either_table", "train_either"]

READING = ReadOptions(known=("deal", "feature"), static=("kind",))
VALUES = ["forecast", "forecast-lo-80", "forecast-hi-80"]
EFFECT, LEVEL = 20.0, 100.0


def make_either_table(
    *, effect: float = EFFECT, late: int | None = None, late_effect: float = 0.0, series: int = SERIES, seed: int = 0
) -> pd.DataFrame:
    """Sales that are higher by `effect` where exactly one of two columns is set, and lower for shops of another kind.

    From the step `late` on by `late_effect`.
    """
    generator, steps, tables = np.random.default_rng(seed), DAYS + FUTURE, []
    effects = np.where(np.arange(steps) < (steps if late is None else late), effect, late_effect)
    for number in range(series):
        deal, feature = generator.integers(0, 2, (2, steps))
        is_corner = number % 2 == 1
        away = (deal != feature) * effects * (-1 if is_corner else 1)
        tables.append(
            pd.DataFrame(
                {
                    "shop": f"s{seed}{number}",
                    "date": pd.date_range("2023-01-01", periods=steps, freq="D"),
                    "sales": LEVEL + away + generator.normal(0, 2, steps),
                    "deal": deal,
                    "feature": feature,
                    "kind": "corner" if is_corner else "mall",
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@cache
def train_either() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    past = keep_past(make_either_table())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecaster.learning.adapter.STEPS", 1300)
        return {
            corrects: forecaster.train(past, plan=replace(QUICK, corrects_errors=corrects), reading=READING)
            for corrects in (True, False)
        }
