"""Zeros that a column known ahead explains, such as closed days, in forecasts and in what is learned."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.arrays import Array
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.learning.fit import train
from forecaster.learning.plan import DataSource, RunControl, TrainingPlan
from forecaster.settings import NetworkShape, TrainingSettings
from forecaster.windows import WindowCovariates, Windows
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

NOTE = "forecast as zero, as the past always was where"
Table = pd.DataFrame


def close(table: Table, *, share: float = 0.1, seed: int = 1) -> Table:
    """The shop of `table`, closed at random days; it sells nothing there."""
    closed = np.random.default_rng(seed).random(len(table)) < share
    closed[[-2, -9]] = True
    return table.assign(closed=closed.astype(int), sales=table["sales"].where(~closed, 0.0))


def predict(forecast: Command, table: Table, *words: str, known: str = "promo,closed") -> tuple[Table, str]:
    table.iloc[:-HORIZON].to_csv("data.csv", index=False)
    table.iloc[-HORIZON:].drop(columns="sales").to_csv("future.csv", index=False)
    files = ("data.csv", "--target", "sales", "--known", known, "--future", "future.csv")
    outcome = forecast("predict", *files, "--horizon", HORIZON, "--mean", "-o", "-", *words)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv(io.StringIO(outcome.stdout)).set_index("date"), outcome.stderr


@pytest.mark.parametrize("kind", ["flag", "open", "staff", "word"])
def test_closed_days_are_zero_and_the_others_as_if_nobody_had_recorded_the_zeros(forecast: Command, kind: str) -> None:
    table = close(make_shop())
    closed = table["closed"] == 1
    usual, _ = predict(forecast, table.assign(sales=table["sales"].where(~closed)))
    staff = pd.Series(np.random.default_rng(3).integers(2, 6, len(table)))
    named: dict[str, pd.Series[Any]] = {
        "flag": table["closed"],
        "open": 1 - table["closed"],
        "staff": staff.where(~closed, 0),
        "word": table["closed"].map({0: "usual", 1: "holiday"}),
    }
    found, said = predict(forecast, table.assign(closed=named[kind]))
    ahead = closed.iloc[-HORIZON:].to_numpy()
    assert (found[ahead] == 0).all(axis=None)
    assert f"{ahead.sum()} steps {NOTE} closed was the same" in said
    if kind != "staff":  # which has an effect of its own
        pd.testing.assert_frame_equal(found[~ahead], usual[~ahead], rtol=1e-3)


def test_without_the_column_closed_days_are_not_told_apart(forecast: Command) -> None:
    table = close(make_shop())
    found, said = predict(forecast, table, known="promo")
    assert NOTE not in said
    assert (found["forecast"] > 50).all()


@pytest.mark.parametrize("change", ["scaled", "reversed", "beside others"])
def test_what_else_is_in_the_file_changes_nothing(forecast: Command, change: str) -> None:
    table = close(make_shop())
    expected, _ = predict(forecast, table)
    if change == "scaled":
        found, _ = predict(forecast, table.assign(sales=table["sales"] * 1000))
        found /= 1000
    elif change == "reversed":
        table.iloc[:-HORIZON] = table.iloc[:-HORIZON][::-1].to_numpy()
        found, _ = predict(forecast, table)
    else:
        # in the other shop the same flag means nothing
        other = make_shop(seed=5).assign(closed=table["closed"], shop="b")
        both = pd.concat([table.assign(shop="a"), other]).sort_values("date")
        both.iloc[: -2 * HORIZON].to_csv("data.csv", index=False)
        both.iloc[-2 * HORIZON :].drop(columns="sales").to_csv("future.csv", index=False)
        files = ("data.csv", "--target", "sales", "--id", "shop", "--known", "promo,closed", "--future", "future.csv")
        outcome = forecast("predict", *files, "--horizon", HORIZON, "--mean", "-o", "-")
        assert outcome.code == 0, outcome.stderr
        written = pd.read_csv(io.StringIO(outcome.stdout)).set_index("date")
        assert (written.loc[written["shop"] == "b", "forecast"] > 50).all()
        # all series of a file have their intervals in common
        found, expected = written.loc[written["shop"] == "a", ["forecast"]], expected[["forecast"]]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-3, check_dtype=False)


def find(
    past: Sequence[float] | Array, values: Sequence[float] | Array, *, others: int = 0, zero_at: Any = None
) -> Any:
    """The zeros ahead that covariates explain: one with the `values` of past and future, and `others` of noise."""
    time, steps = len(past), len(values)
    noise = np.random.default_rng(0).normal(size=(steps, others))
    columns = np.concatenate([np.asarray(values, float)[:, None], noise], axis=1)[None]
    covariates = WindowCovariates(
        columns, np.ones(others + 1, bool), tuple(f"x{number}" for number in range(others + 1))
    )
    windows = Windows(np.asarray(past, float)[None], np.array([time]), covariates)
    found = leave_out_explained_zeros(windows, encoding=Encoding(24, (7,), zero_at=zero_at or {}), horizon=steps - time)
    return found.is_zero[0].tolist() if found.is_zero is not None else []


FLAGS = [0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
SALES = [0.0 if flag else 5.0 for flag in FLAGS]
AHEAD = [0, 1]


def test_zeros_are_explained_by_a_rule_of_the_past() -> None:
    assert find(SALES, FLAGS + AHEAD) == [False, True]
    assert find(SALES, [1 - flag for flag in FLAGS + AHEAD]) == [False, True]
    # a value that the past never had says nothing
    assert find(SALES, [*FLAGS, 0, 2]) == [False, False]
    # nor one that is not known
    assert find(SALES, [*FLAGS, np.nan, 1]) == [False, True]
    # a value that is missing is no sale
    missing = [np.nan if number in (3, 4) else value for number, value in enumerate(SALES)]
    assert find(missing, FLAGS + AHEAD) == [False, True]


def test_zeros_are_not_explained_by_chance() -> None:
    # one step of four with the flag had sales
    assert find([5.0 if number == 6 else value for number, value in enumerate(SALES)], FLAGS + AHEAD) == [False] * 2
    # as many zeros without the flag
    demand = [0.0 if number % 2 else value for number, value in enumerate(SALES)]
    assert find(demand, FLAGS + AHEAD) == [False] * 2
    # two zeros are a rule among 100 other steps, but not where 400 columns were looked at
    many, flags = np.full(100, 5.0), np.zeros(102)
    many[[20, 60]], flags[[20, 60, 101]] = 0.0, 1
    assert find(many, flags) == [False, True]
    assert find(many, flags, others=400) == [False] * 2
    # a single block may be something else, such as the newest year of a product that has ended
    ended = np.where(np.arange(60) < 40, 5.0, 0.0)
    assert find(ended, np.append(np.arange(60) >= 40, [True, True])) == [False] * 2
    # a rule that no longer holds
    longer, flags = np.tile(SALES, 15), np.tile(FLAGS, 15)
    assert find(longer, np.append(flags, AHEAD)) == [False, True]
    longer[3] = 5.0
    assert find(longer, np.append(flags, AHEAD)) == [False, True]
    longer[3], longer[-5] = 0.0, 5.0
    assert find(longer, np.append(flags, AHEAD)) == [False] * 2
    # too little is left to forecast from
    assert find([0.0, 0, 5, 0, 0, 5, 0, 0, 5, 0, 0] * 2, [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1] * 2 + AHEAD) == [False] * 2


def test_what_looks_like_a_rule_is_none() -> None:
    # a missing value does not make two blocks of one
    ended = np.where(np.arange(220) < 200, 5.0, 0.0)
    ended[210] = np.nan
    assert find(ended, np.append(np.arange(220) >= 200, [True, True])) == [False] * 2
    # zeros before a launch, with promotions that were for others
    launched, promo = np.where(np.arange(240) < 40, 0.0, 5.0), np.zeros(242)
    promo[[5, 12, 19, 26, 33, 240, 241]] = 1
    assert find(launched, promo) == [False] * 2
    # runs of zeros that a long flag meets twice
    runs, flags = np.full(300, 5.0), np.zeros(302)
    for begin in (30, 90, 150, 210, 270):
        runs[begin : begin + 15] = 0.0
    flags[92:99], flags[212:219], flags[300:] = 1, 1, 1
    assert find(runs, flags) == [False] * 2
    # few orders, which are large
    bulk = np.where(np.arange(300) % 3 == 0, 5.0, 0.0)
    bulk[np.arange(1, 300, 80)] = 60.0
    assert find(bulk, np.arange(302) % 3 == 0) == [False] * 2
    # rare demand: what was zero on 40 days may be demand of one in fifty, unlike on 360
    rare = np.where(np.arange(300) % 5 == 0, 1.0, 0.0)
    assert find(rare[:200], np.arange(202) % 5 == 1) == [False] * 2
    assert find(np.tile(rare, 6), np.arange(1802) % 5 == 1) == [False, True]
    # nothing was ever sold, whatever other series say
    assert find(np.zeros(60), np.arange(62) % 5 == 1, zero_at={"x0": (1.0,)}) == [False] * 2
    assert find(np.full(60, 5.0), np.zeros(62), zero_at={"x0": (0.0,)}) == [False] * 2
    assert find(np.full(60, 5.0), [0.0] * 61 + [1.0], zero_at={"x0": (1.0,)}) == [False, True]


def test_long_and_regular_zeros_stay_in_the_past() -> None:
    for length, every, is_left_out in ((1, 7, True), (2, 7, True), (9, 24, False), (20, 100, False)):
        is_closed = np.arange(402) % every < length
        windows = Windows(
            np.where(is_closed, 0.0, 5.0)[None, :400],
            np.array([400]),
            WindowCovariates(is_closed[None, :, None].astype(float), np.ones(1, bool)),
        )
        found = leave_out_explained_zeros(windows, encoding=Encoding(24, (7,)), horizon=2)
        assert found.is_zero is not None
        assert found.is_zero[0].tolist() == is_closed[400:].tolist()
        assert np.isnan(found.past).any() == is_left_out


def test_a_lower_bound_holds_on_closed_days(forecast: Command) -> None:
    found, _ = predict(forecast, close(make_shop()), "--min", "20")
    assert (found >= 20).all(axis=None)


@pytest.mark.parametrize("words", [("--calendar", "year-turn"), ("--holidays", "DE")])
def test_the_line_names_columns_beside_those_of_the_calendar(forecast: Command, words: tuple[str, str]) -> None:
    _, said = predict(forecast, close(make_shop()), *words)
    assert f"{NOTE} closed was the same" in said


def test_a_shop_that_sells_the_same_on_all_open_days_is_certain(forecast: Command) -> None:
    table = close(make_shop())
    table["sales"] = np.where(table["closed"] == 1, 0.0, 100.0)
    found, _ = predict(forecast, table)
    assert found.to_numpy().T.tolist() == [np.where(table["closed"].iloc[-HORIZON:] == 1, 0.0, 100.0).tolist()] * 6


def test_means_of_rare_demand_are_those_of_open_days(forecast: Command) -> None:
    generator = np.random.default_rng(0)
    shops = []
    for number in range(8):
        table = make_shop(days=700).assign(shop=f"s{number}")
        table["closed"] = (np.arange(len(table)) % 7 > 4).astype(int)
        shops.append(table.assign(sales=generator.poisson(0.8, len(table)) * (1 - table["closed"])))
    whole = pd.concat(shops).sort_values(["date", "shop"])
    whole.iloc[: -8 * HORIZON].to_csv("data.csv", index=False)
    whole.iloc[-8 * HORIZON :].drop(columns="sales").to_csv("future.csv", index=False)
    files = ("data.csv", "--target", "sales", "--id", "shop", "--known", "closed", "--future", "future.csv")
    outcome = forecast("predict", *files, "--horizon", HORIZON, "--mean", "-o", "-")
    found = pd.read_csv(io.StringIO(outcome.stdout)).merge(whole, on=["date", "shop"])
    assert found.loc[found["closed"] == 0, "forecast-mean"].mean() == pytest.approx(0.8, rel=0.1)


def test_nothing_is_learned_of_explained_zeros(tmp_path: Path) -> None:
    def learn(table: Table) -> Any:
        table.to_csv(tmp_path / "data.csv", index=False)
        options = ReadOptions(target="sales", ids=("shop",), known=("promo", "closed"))
        panel, _ = read_panel(str(tmp_path / "data.csv"), options=options)
        settings = TrainingSettings(steps=3, score_every=3, warm_up_steps=1, held_out_windows=1, second_stage_share=0.0)
        shape = NetworkShape(1, 8)
        plan = TrainingPlan(
            horizon=7, context_length=28, shape=shape, settings=settings, from_base=False, corrects_errors=False
        )
        return train(panel, plan=plan, source=DataSource(("data.csv",)), control=RunControl(tmp_path / "checkpoint"))

    shops = [close(make_shop(days=400, seed=seed), seed=seed).assign(shop=f"s{seed}") for seed in range(3)]
    zeros = pd.concat(shops)
    blank = zeros.assign(sales=zeros["sales"].where(zeros["closed"] == 0))
    # the newest step is there in both
    for every in (zeros, blank):
        every["sales"] = every["sales"].where(every["date"] != every["date"].max(), 100.0)
    one, other = learn(zeros), learn(blank)
    assert one.card.training.best_step == other.card.training.best_step == 3
    assert one.weights == other.weights
