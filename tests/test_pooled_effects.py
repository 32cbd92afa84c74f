"""Effects that many series have in common: learned from all, for those that show too little of their own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel
from forecaster.encoding.covariate_basis import KINDS, WITHOUT_BEFORE
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.encoding.prepared_pasts import explain_effects
from forecaster.learning.pooling import pool_effects
from forecaster.library.inputs import read_data
from forecaster.windows import cut_windows, keep_newest
from tests.slow_effects import slow_free

HORIZON = 4
ENCODING = Encoding(60, (1,))


def make_table(
    *, series: int = 20, days: int = 60, short: int = 3, scale: float = 1.0, shift: float = 0.0, seed: int = 0
) -> pd.DataFrame:
    """Sales that a promotion multiplies, by 2 in the north and by 1.2 in the south, of shops of different sizes.

    The last `short` shops have ten days only, and no promotion; all have one on the second day to come.
    """
    generator = np.random.default_rng(seed)
    parts = []
    for number in range(series):
        steps = np.arange(days + HORIZON)
        promo = (generator.random(len(steps)) < 0.15).astype(float)
        region = ("north", "south")[number % 2]
        if number >= series - short:
            promo[:] = 0
        promo[days:] = [0, 1, 0, 0]
        sales = (50 + 10 * number) * np.where(promo > 0, 2.0 if region == "north" else 1.2, 1.0)
        sales = sales * np.exp(0.05 * generator.normal(size=len(steps)))
        part = pd.DataFrame(
            {
                "shop": f"s{number:02d}",
                "date": pd.date_range("2024-01-01", periods=len(steps)).strftime("%Y-%m-%d"),
                "sales": np.where(steps < days, scale * sales, np.nan),
                "promo": scale * promo + shift,
                "region": region,
                "size": 1.0 + number,
            }
        )
        parts.append(part[-10 - HORIZON :] if number >= series - short else part)
    return pd.concat(parts, ignore_index=True)


def read(table: pd.DataFrame, *, static: tuple[str, ...] = ()) -> Panel:
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo",), static=static)
    return read_data(table, reading=reading).panel


def find_factors(panel: Panel, pooled: PooledEffects | None) -> Array:
    """By what the effects multiply the steps to come, against the first of them: [series, horizon]."""
    windows = cut_windows(
        panel, index=end_of_history(panel), past_length=ENCODING.reach_into(int(panel.lengths.max())), horizon=HORIZON
    )
    found = encode(windows, encoding=replace(ENCODING, pooled=pooled), horizon=HORIZON)
    assert not found.shift.any()
    return found.factor / found.factor[:, :1]


@pytest.mark.parametrize("reach", [None, 48])
def test_a_series_without_a_promotion_takes_what_others_show(reach: int | None) -> None:
    panel = read(make_table(), static=("region", "size"))
    pooled = pool_effects(panel, encoding=ENCODING)
    assert pooled is not None
    assert [one.name for one in pooled.attributes] == ["region"]
    assert pooled.is_factor
    alone, together = find_factors(panel, None), find_factors(panel, replace(pooled, reach=reach))
    np.testing.assert_array_equal(alone[-3:], 1.0)
    expected = np.where(np.arange(20) % 2, 1.2, 2.0)
    np.testing.assert_allclose(together[:, 1], expected, rtol=0.12)
    # also on the day after a promotion
    np.testing.assert_allclose(together[:, [2, 3]], 1.0, atol=0.06)
    if reach is not None:
        # long pasts with promotions of their own are as they were
        np.testing.assert_array_equal(together[:-3], alone[:-3])


def test_without_attributes_it_is_the_mean_of_all_and_an_unknown_region_has_that() -> None:
    table = make_table()
    plain = pool_effects(read(table), encoding=ENCODING)
    assert plain is not None
    mean = find_factors(read(table), plain)[-3:, 1]
    assert (mean > 1.3).all()
    assert (mean < 1.8).all()
    learned = pool_effects(read(table, static=("region",)), encoding=ENCODING)
    new = read(table.assign(region=table["region"].where(table["shop"] != "s19", "west")), static=("region",))
    assert learned is not None
    assert new.attributes is not None
    assert learned.attributes[0].list_unknown(new.attributes) == ("west",)
    unknown = find_factors(new, learned)
    assert unknown[-1, 1] == pytest.approx(mean[-1], rel=0.05)
    np.testing.assert_allclose(unknown[-3:-1, 1], [1.2, 2.0], rtol=0.12)


def test_a_number_that_describes_series_changes_the_effect_with_it() -> None:
    table = make_table(short=0)
    number = table["shop"].str[1:].astype(int)
    raised: Any = table["sales"] / np.where(table["promo"] > 0, np.where(number % 2, 1.2, 2.0), 1.0)
    table["sales"] = raised * np.where(table["promo"] > 0, np.exp(0.05 * number), 1.0)
    table.loc[(number >= 18) & (table["date"] < "2024-02-29"), "promo"] = 0.0
    panel = read(table[(number < 18) | (table["date"] > "2024-02-10")], static=("size", "region"))
    pooled = pool_effects(panel, encoding=ENCODING)
    assert pooled is not None
    assert [one.name for one in pooled.attributes] == ["size"]
    assert find_factors(panel, pooled)[2, 1] < find_factors(panel, pooled)[16, 1] / 1.5


def test_what_is_held_out_changes_nothing() -> None:
    table = make_table(short=0)
    one = pool_effects(read(table, static=("region",)), encoding=ENCODING, held_out=8)
    is_later = table.groupby("shop").cumcount() >= 60 - 8
    changed = table.assign(
        sales=table["sales"].where(~is_later, 7 * table["sales"] + 300), promo=table["promo"].where(~is_later, 5.0)
    )
    other = pool_effects(read(changed, static=("region",)), encoding=ENCODING, held_out=8)
    assert one is not None
    assert other is not None
    assert one.as_card() == other.as_card()
    every = pool_effects(read(changed), encoding=ENCODING)
    assert every is not None
    assert every.as_card() != one.as_card()


def test_they_are_those_of_a_regression_over_all_series() -> None:
    panel = read(make_table(short=0, series=6))
    pooled = pool_effects(panel, encoding=ENCODING)
    assert pooled is not None
    assert panel.covariates is not None
    away, values = [], []
    for number in range(6):
        own = panel.covariates.values[panel.covariates.offsets[number] :][:60, 0]
        past = panel.values[panel.offsets[number] : panel.offsets[number + 1]]
        away.append(own - own.mean())
        values.append(np.log(past))
    unit = np.sqrt(np.mean(np.square(away)))
    every = list(range(60))
    falls = [-0.25 * np.diff(own / unit, prepend=own[:1] / unit) for own in away]
    columns = [(own / unit, np.maximum(fall, 0), np.maximum(-fall, 0)) for own, fall in zip(away, falls, strict=True)]
    free = [[slow_free(column.tolist(), every, periods=(1,)) for column in own] for own in columns]
    features = [np.array(own).T for own in free]
    targets = [np.array(slow_free(own.tolist(), every, periods=(1,))) for own in values]
    variance = np.array([np.mean(own**2) for own in targets])
    weights = 2 * np.median(variance) / (np.median(variance) + variance)
    squares = [weight * own.T @ own for weight, own in zip(weights, features, strict=True)]
    products = [weight * own.T @ target for weight, own, target in zip(weights, features, targets, strict=True)]
    ridge = 1e-3 * sum((own**2).sum() / 3 for own in features) * np.eye(3)
    expected = np.linalg.solve(np.sum(squares, axis=0) + ridge, np.sum(products, axis=0))
    assert pooled.units.tolist() == pytest.approx([unit])
    assert pooled.coefficients[[0, KINDS - 2, KINDS - 1], 0, 1].tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    assert not pooled.coefficients[1:-2].any()


@pytest.mark.parametrize(("scale", "shift"), [(1e6, 0.0), (1e-6, 0.0), (1.0, 500.0)])
def test_units_of_values_and_covariates_change_nothing(scale: float, shift: float) -> None:
    one, other = read(make_table()), read(make_table(scale=scale, shift=shift))
    factors = [find_factors(panel, pool_effects(panel, encoding=ENCODING)) for panel in (one, other)]
    np.testing.assert_allclose(factors[1], factors[0], rtol=1e-6)


def test_the_order_of_series_and_other_series_of_a_file_change_nothing() -> None:
    table = make_table()
    panel = read(table, static=("region",))
    pooled = pool_effects(panel, encoding=ENCODING)
    whole = find_factors(panel, pooled)
    for names in (["s19"], ["s18", "s02"], ["s05", "s19"]):
        some = read(pd.concat([table[table["shop"] == name] for name in names]), static=("region",))
        rows = [panel.ids.index((name,)) for name in names]
        order = [names.index(key) for (key,) in some.ids]
        np.testing.assert_allclose(find_factors(some, pooled), whole[rows][order], rtol=1e-9)


def test_effects_where_values_are_not_all_positive_are_added() -> None:
    table = make_table(short=2)
    # sales are about 5 times their deviation below zero, so a promotion takes twice as much from a larger shop
    table["sales"] = table["sales"] - 400
    panel = read(table)
    pooled = pool_effects(panel, encoding=ENCODING)
    assert pooled is not None
    assert not pooled.is_factor
    windows = cut_windows(panel, index=end_of_history(panel), past_length=ENCODING.reach_into(60), horizon=HORIZON)
    found = encode(windows, encoding=replace(ENCODING, pooled=pooled), horizon=HORIZON)
    assert (found.factor == 1).all()
    assert (found.shift[:, 1] > found.shift[:, 0]).all()


def test_with_few_series_or_nothing_known_ahead_there_is_nothing_in_common() -> None:
    assert pool_effects(read(make_table(series=4, short=0)), encoding=ENCODING) is None
    assert pool_effects(read(make_table(series=7, short=3)), encoding=ENCODING) is None
    assert pool_effects(read(make_table(series=8, short=3)), encoding=ENCODING) is not None
    panel = read(make_table())
    assert panel.covariates is not None
    past = replace(panel.covariates, is_known=np.zeros(1, bool))
    assert pool_effects(replace(panel, covariates=past), encoding=ENCODING) is None
    still = replace(panel.covariates, values=np.ones_like(panel.covariates.values))
    assert pool_effects(replace(panel, covariates=still), encoding=ENCODING) is None


def test_they_are_written_and_read_again_to_the_last_digit() -> None:
    pooled = pool_effects(read(make_table(), static=("region", "size")), encoding=ENCODING)
    assert pooled is not None
    again = PooledEffects.from_card(pooled.as_card())
    assert again.as_card() == pooled.as_card()
    panel = read(make_table(), static=("region", "size"))
    np.testing.assert_array_equal(find_factors(panel, again), find_factors(panel, pooled))


def test_what_a_column_adds_is_what_the_forecast_used() -> None:
    panel = read(make_table(), static=("region",))
    encoding = replace(ENCODING, pooled=pool_effects(panel, encoding=ENCODING))
    index = end_of_history(panel)[np.array([19])]
    windows = cut_windows(panel, index=index, past_length=ENCODING.reach_into(60), horizon=HORIZON)
    parts, later = explain_effects(windows, encoding=encoding, horizon=HORIZON)
    assert parts.is_factor
    assert not len(later.owners)
    factor = encode(windows, encoding=encoding, horizon=HORIZON).factor
    np.testing.assert_allclose(np.exp(parts.values.sum(axis=1)), factor[0], rtol=1e-9)


def test_the_newest_steps_are_those_of_a_table_that_begins_later() -> None:
    table = make_table(short=2)
    panel = keep_newest(read(table), steps=25)
    ends = table[table["sales"].notna()].groupby("shop")["date"].transform("max").reindex(table.index).ffill()
    days = (pd.to_datetime(ends) - pd.to_datetime(table["date"])).dt.days
    expected = read(table[days < 25])
    assert panel.lengths.tolist() == [25] * 18 + [10] * 2
    assert panel.ids == expected.ids
    np.testing.assert_array_equal(panel.values, expected.values)
    np.testing.assert_array_equal(panel.starts, expected.starts)
    assert panel.covariates is not None
    assert expected.covariates is not None
    np.testing.assert_array_equal(panel.covariates.values, expected.covariates.values)
    np.testing.assert_array_equal(panel.covariates.offsets, expected.covariates.offsets)


def test_those_of_a_model_that_knew_no_day_after_are_the_same_without_it() -> None:
    pooled = pool_effects(read(make_table(), static=("region",)), encoding=ENCODING)
    assert pooled is not None
    card, count = pooled.as_card(), WITHOUT_BEFORE * len(pooled.names) * 2
    attributes = [replace(one, coefficients=[row[:count] for row in one.coefficients]) for one in card.attributes]
    old = PooledEffects.from_card(replace(card, coefficients=card.coefficients[:count], attributes=attributes))
    np.testing.assert_array_equal(old.coefficients[:WITHOUT_BEFORE], pooled.coefficients[:WITHOUT_BEFORE])
    assert not old.coefficients[WITHOUT_BEFORE:].any()
    assert [one.coefficients[:, :WITHOUT_BEFORE].tolist() for one in old.attributes] == [
        one.coefficients[:, :WITHOUT_BEFORE].tolist() for one in pooled.attributes
    ]
    with pytest.raises(ValueError, match="of other features"):
        PooledEffects.from_card(replace(card, coefficients=card.coefficients[: count - 2], attributes=[]))
