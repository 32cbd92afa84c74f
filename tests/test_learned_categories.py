"""What a model learned of a category belongs to that category, whatever else is in the file that is forecast."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.errors import DataError
from forecaster.learning.pooling import pool_effects
from forecaster.library.inputs import Given, read_data
from tests.conftest import Command
from tests.test_pooled_effects import ENCODING, HORIZON, find_factors

FACTORS = {"flyer": 1.5, "none": 1.0, "radio": 1.2, "tv": 2.0}
THREE, TWO = ("none", "flyer", "tv"), ("none", "flyer")


def make_shop(shop: str, kinds: tuple[str, ...], *, days: int, ahead: str, seed: int) -> pd.DataFrame:
    """Sales of some days with the promotions `kinds`, and `ahead` on the second day to come."""
    generator = np.random.default_rng(seed)
    promo = generator.choice(kinds, size=days + HORIZON, p=[0.7] + [0.3 / (len(kinds) - 1)] * (len(kinds) - 1))
    promo[days:] = ["none", ahead, "none", "none"]
    promo[:2] = kinds[1], kinds[0]
    sales = (
        100 * np.array([FACTORS.get(kind, 1.0) for kind in promo]) * np.exp(0.05 * generator.normal(size=len(promo)))
    )
    sales[days:] = np.nan
    dates = pd.date_range(end="2024-03-04", periods=days + HORIZON).strftime("%Y-%m-%d")
    return pd.DataFrame({"shop": shop, "date": dates, "sales": sales, "promo": promo})


def read(table: pd.DataFrame, pooled: PooledEffects | None = None, said: list[str] | None = None) -> Given:
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo",))
    return read_data(table, reading=reading, pooled=pooled, on_remark=(said if said is not None else []).append)


def learn(kinds: tuple[str, ...]) -> PooledEffects:
    table = [make_shop(f"s{seed}", kinds, days=60, ahead="none", seed=seed) for seed in range(12)]
    pooled = pool_effects(read(pd.concat(table)).panel, encoding=ENCODING)
    assert pooled is not None
    return PooledEffects.from_card(pooled.as_card())


def raise_second_day(tables: list[pd.DataFrame], pooled: PooledEffects, said: list[str] | None = None) -> Array:
    found: Array = find_factors(read(pd.concat(tables), pooled, said).panel, pooled)[:, 1]
    return found


@pytest.mark.parametrize(("learned", "own"), [(THREE, ("none", "tv")), (TWO, TWO), (THREE, THREE)])
def test_the_effect_of_a_category_does_not_depend_on_the_others_of_the_file(
    learned: tuple[str, ...], own: tuple[str, ...]
) -> None:
    pooled = learn(learned)
    shop = make_shop("new", own, days=12, ahead=own[-1], seed=50)
    alone = raise_second_day([shop], pooled)
    assert alone[0] == pytest.approx(FACTORS[own[-1]], rel=0.1)
    for kinds in (TWO, ("none", "tv"), ("none", "flyer", "radio", "tv"), ("none", "billboard")):
        other = make_shop("other", kinds, days=12, ahead=kinds[1], seed=51)
        assert raise_second_day([shop, other], pooled)[0] == pytest.approx(alone[0], rel=1e-6), kinds


@pytest.mark.parametrize("word", ["aaa", "billboard", "zzz"])
@pytest.mark.parametrize("learned", [TWO, THREE])
def test_a_category_never_seen_has_no_effect_of_another_and_is_said(learned: tuple[str, ...], word: str) -> None:
    pooled, said = learn(learned), list[str]()
    shop = make_shop("new", ("none", word), days=12, ahead=word, seed=50)
    assert raise_second_day([shop], pooled, said)[0] == pytest.approx(1.0, abs=0.06)
    assert any(f"promo: '{word}' not seen in training, which had 'flyer', 'none'" in line for line in said)
    # neither of its two words is known
    renamed = shop.assign(promo=shop["promo"].replace({"none": "nothing"}))
    assert raise_second_day([renamed], pooled, said)[0] == 1.0
    assert any(f"'{min(word, 'nothing')}', '{max(word, 'nothing')}' not seen in training" in line for line in said)


def test_a_category_that_only_the_future_has_is_known_where_the_model_learned_it() -> None:
    pooled = learn(THREE)
    shop = make_shop("new", TWO, days=12, ahead="tv", seed=50)
    assert raise_second_day([shop], pooled)[0] == pytest.approx(2.0, rel=0.15)
    for effects in (None, learn(TWO), replace(pooled, categories={}, names=("price", *pooled.names[1:]))):
        table = (
            shop if effects is None or effects.categories else shop.assign(promo=shop["promo"].replace("tv", "fair"))
        )
        with pytest.raises(DataError, match="is only in the future"):
            read(table, effects)


def test_numbers_in_place_of_words_and_the_other_way_round_are_said() -> None:
    said = list[str]()
    shop = make_shop("new", TWO, days=12, ahead="flyer", seed=50)
    flags = shop.assign(promo=(shop["promo"] == "flyer").astype(int))
    assert raise_second_day([flags], learn(TWO), said)[0] == 1.0
    assert any("promo: numbers here and words in training ('flyer', 'none')" in line for line in said)
    tables = [make_shop(f"s{seed}", TWO, days=60, ahead="none", seed=seed) for seed in range(9)]
    numbers = [table.assign(promo=(table["promo"] == "flyer").astype(int)) for table in tables]
    pooled = pool_effects(read(pd.concat(numbers)).panel, encoding=ENCODING)
    assert pooled is not None
    assert raise_second_day([shop], pooled, said)[0] == 1.0
    assert any("promo: words here ('flyer', 'none') and numbers in training" in line for line in said)


def test_a_model_of_an_older_version_says_what_it_takes_for_the_other_category() -> None:
    old = PooledEffects.from_card(replace(learn(TWO).as_card(), categories={}))
    said = list[str]()
    shop = make_shop("new", TWO, days=12, ahead="flyer", seed=50)
    assert raise_second_day([shop], old, said)[0] == pytest.approx(1.5, rel=0.1)
    assert any("does not remember which other category than 'none' it learned, and 'flyer' is taken" in x for x in said)
    three = PooledEffects.from_card(replace(learn(THREE).as_card(), categories={}))
    shop = make_shop("new", ("none", "tv"), days=12, ahead="tv", seed=50)
    assert raise_second_day([shop], three)[0] == pytest.approx(2.0, rel=0.1)


def test_categories_never_seen_are_filled_in_whole_and_are_not_missing(forecast: Command) -> None:
    tables = [make_shop(f"s{seed}", TWO, days=60, ahead="none", seed=seed) for seed in range(12)]
    pd.concat(tables).dropna().to_csv("data.csv", index=False)
    tiny = ("--from-scratch", "--hidden", "4", "--layers", "1", "--steps", "1", "--context", "20")
    reading = ("--id", "shop", "--target", "sales", "--known", "promo", "--horizon", HORIZON)
    assert forecast("train", "data.csv", *reading, *tiny, "--model", "model").code == 0
    assert json.loads(Path("model/model.json").read_text())["pooled"]["categories"] == {"promo": ["flyer", "none"]}
    shop = make_shop("new", ("none", "fair"), days=12, ahead="fair", seed=50)
    shop.loc[shop["sales"].notna() & (shop.index == 11), "promo"] = "fair"
    shop.to_csv("whole.csv", index=False)
    assert forecast("predict", "whole.csv", "--model", "model", "-o", "a.csv").code == 0
    past = shop.dropna()
    past.to_csv("past.csv", index=False)
    outcome = forecast("predict", "past.csv", "--model", "model", "-o", "b.csv", "--future-fill", "last")
    assert outcome.code == 0, outcome.stderr
    later = pd.DataFrame({"shop": "new", "date": shop["date"].tail(HORIZON), "promo": "fair"})
    later.to_csv("later.csv", index=False)
    assert forecast("predict", "past.csv", "--model", "model", "-o", "c.csv", "--future", "later.csv").code == 0
    assert Path("b.csv").read_bytes() == Path("c.csv").read_bytes()
    outcome = forecast("template", "whole.csv", "--model", "model", "-o", "-")
    assert outcome.stdout.splitlines()[2].endswith("fair")
