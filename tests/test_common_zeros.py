"""Zeros that a column explains in many series, for those that have not shown them: new shops that never closed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import leave_out_explained_zeros, survey_zeros
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.pooling import pool_effects
from forecaster.settings import FINE_TUNING
from forecaster.windows import Windows, cut_windows
from tests.shops import HORIZON, make_shop
from tests.test_explained_zeros import Table, close

ENCODING = Encoding(56, (7,))
NEW, SELLING, LATE = "s0", "s1", "s2"


def make_shops(count: int = 9) -> Table:
    """Shops that sell nothing when closed, but for SELLING; NEW and LATE have ten days, LATE with a closed one."""
    parts = []
    for number in range(count):
        part = close(make_shop(seed=number), seed=number).assign(shop=f"s{number}", day=np.arange(-200, HORIZON))
        # all have values on the first and on the last day
        is_edge = part["day"].isin([-200, -1])
        part["closed"] = part["closed"].where(~is_edge, 0)
        part["sales"] = part["sales"].where(~is_edge, 100.0)
        if number < 3:
            is_closed = (part["closed"] == 1) & (part["day"] >= 0) | (part["shop"] == LATE) & (part["day"] == -6)
            is_closed = part["closed"] == 1 if part["shop"].iloc[0] == SELLING else is_closed
            part["closed"] = is_closed.astype(int)
            part["sales"] = 100.0
            part.loc[is_closed, "sales"] = 30.0 if number == 1 else 0.0
        part = part[part["day"] >= -10] if part["shop"].iloc[0] in (NEW, LATE) else part
        part["sales"] = part["sales"].where(part["day"] < 0)
        parts.append(part.drop(columns="day"))
    return pd.concat(parts)


def read(table: Table, folder: Path) -> Panel:
    table.to_csv(folder / "data.csv", index=False)
    options = ReadOptions(target="sales", ids=("shop",), known=("promo", "closed"))
    return read_panel(str(folder / "data.csv"), options=options)[0]


def find_common(panel: Panel) -> dict[str, tuple[float, ...]]:
    return survey_zeros(panel, encoding=ENCODING).zero_at


def leave_out(panel: Panel, zero_at: dict[str, tuple[float, ...]], series: str) -> Windows:
    index = end_of_history(panel)
    index = index[[panel.label(number) == series for number in index.series.tolist()]]
    windows = cut_windows(panel, index=index, past_length=60, horizon=HORIZON)
    return leave_out_explained_zeros(windows, encoding=replace(ENCODING, zero_at=zero_at), horizon=HORIZON)


@pytest.mark.parametrize("series", [NEW, LATE])
def test_a_new_shop_is_closed_where_all_others_are(tmp_path: Path, series: str) -> None:
    table = make_shops()
    panel = read(table[table["shop"] != SELLING], tmp_path)
    common = find_common(panel)
    assert common == {"closed": (1.0,)}
    ahead = table[table["shop"] == series]["closed"].iloc[-HORIZON:].to_numpy() == 1
    windows = leave_out(panel, common, series)
    assert windows.explained_zeros is not None
    assert windows.explained_zeros[0].T.tolist() == [[False] * HORIZON, ahead.tolist()]
    assert np.isnan(windows.past[0, -10:]).tolist() == [series == LATE and day == 4 for day in range(10)]
    # by itself it shows too little
    alone = leave_out(panel, {}, series).is_zero
    assert alone is None or not alone.any()


def test_a_shop_that_sells_all_the_same_is_not_closed(tmp_path: Path) -> None:
    panel = read(make_shops(60), tmp_path)
    common = find_common(panel)
    assert common == {"closed": (1.0,)}
    is_zero = leave_out(panel, common, SELLING).is_zero
    assert is_zero is not None
    assert not is_zero.any()


@pytest.mark.parametrize("kind", ["few show it", "many sell"])
def test_what_not_nearly_all_show_is_no_rule_for_others(tmp_path: Path, kind: str) -> None:
    table = make_shops()
    if kind == "many sell":
        table.loc[(table["shop"] == "s3") & (table["closed"] == 1), "sales"] = 30.0
    else:
        # four shops close
        is_open = table["shop"].isin([SELLING, "s3", "s4"]) & (table["closed"] == 1)
        table.loc[is_open, ["closed", "sales"]] = [0, 100.0]
    assert find_common(read(table, tmp_path)) == {}


def test_a_trained_model_remembers_it_although_nothing_was_closed_of_late(tmp_path: Path) -> None:
    table = make_shops()
    table = table[table["shop"] != SELLING]
    day = table.groupby("shop").cumcount(ascending=False) - HORIZON
    table.loc[(day < 60) & (day >= 0) & (table["closed"] == 1), ["closed", "sales"]] = [0, 100.0]
    past, future = table[day >= 0], table[day < 0].drop(columns="sales")
    reading = ReadOptions(target="sales", ids=("shop",), known=("promo", "closed"))
    plan = TrainingPlan(horizon=7, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    trained = forecaster.train(past, plan=plan, reading=reading)
    assert trained.left_out == ()
    trained.save(tmp_path / "model")
    new = forecaster.predict(
        past[past["shop"] == NEW], model=tmp_path / "model", horizon=HORIZON, future=future[future["shop"] == NEW]
    )
    is_closed = future.loc[future["shop"] == NEW, "closed"] == 1
    assert (new["forecast"] == 0).tolist() == is_closed.tolist()
    card = json.loads((tmp_path / "model" / "model.json").read_text())
    assert card["format_version"] == 7
    assert card["zero_at"] == {"closed": [1.0]}


def test_effects_in_common_are_as_if_nobody_had_recorded_the_zeros(tmp_path: Path) -> None:
    table = make_shops()
    table = table[~table["shop"].isin([NEW, LATE, SELLING])]
    zeros = pool_effects(read(table, tmp_path), encoding=ENCODING)
    blank = pool_effects(
        read(table.assign(sales=table["sales"].where(table["closed"] == 0)), tmp_path), encoding=ENCODING
    )
    assert zeros is not None
    assert blank is not None
    np.testing.assert_allclose(zeros.coefficients, blank.coefficients)
    assert zeros.is_factor
