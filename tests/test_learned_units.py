"""Covariates in another unit than in training: what was learned of them does not fit, and a line says so."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.learning.pooling import pool_effects
from tests.test_learned_categories import make_shop, read
from tests.test_pooled_effects import ENCODING

TWO = ("none", "flyer")


def make_prices(count: int, *, days: int, seed: int = 0) -> pd.DataFrame:
    """Shops with prices of 2 to 3 as their `promo`."""
    tables = [make_shop(f"s{number}", TWO, days=days, ahead="none", seed=seed + number) for number in range(count)]
    table = pd.concat(tables)
    return table.assign(promo=np.where(table["promo"] == "flyer", 2.0, 3.0))


def learn(*, is_old: bool) -> PooledEffects:
    pooled = pool_effects(read(make_prices(9, days=60)).panel, encoding=ENCODING)
    assert pooled is not None
    card = pooled.as_card()
    return PooledEffects.from_card(replace(card, least=[], most=[]) if is_old else card)


@pytest.mark.parametrize("is_old", [False, True])
def test_prices_in_cents_are_said_and_the_series_that_have_them(is_old: bool) -> None:
    pooled, said = learn(is_old=is_old), list[str]()
    table = make_prices(4, days=30, seed=20)
    read(table, pooled, said)
    read(table.assign(promo=table["promo"] * 1.2), pooled, said)
    assert not any("far outside" in line for line in said)
    read(table.assign(promo=np.where(table["shop"] == "s2", 100 * table["promo"], table["promo"])), pooled, said)
    learned = "changes of at most" if is_old else "2 to 3 in training"
    line = next(line for line in said if "promo: 200 to 300 lies far outside of what the model has seen" in line)
    assert learned in line
    assert line.endswith("another unit? s2")


def test_a_price_that_never_changes_is_compared_too() -> None:
    pooled, said = learn(is_old=False), list[str]()
    read(make_prices(1, days=10).assign(promo=249), pooled, said)
    assert any("promo: 249 to 249 lies far outside" in line for line in said)
