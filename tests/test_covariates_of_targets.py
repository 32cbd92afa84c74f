"""Several targets in one file have the same covariates, also where they do not begin together."""

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command


@pytest.mark.parametrize("first", ["early", "late"])
def test_the_covariates_of_each_target_are_those_of_its_steps(forecast: Command, first: str) -> None:
    generator = np.random.default_rng(2)
    promo = generator.integers(0, 2, 127)
    days = pd.date_range("2024-01-01", periods=127).strftime("%Y-%m-%d")
    cells = {"early": 100 + 30 * promo, "late": 50 - 20 * promo}
    table = pd.DataFrame({"date": days, **{name: every + generator.normal(size=127) for name, every in cells.items()}})
    table.loc[:8, "late"] = np.nan
    table.loc[120:, ["early", "late"]] = np.nan
    table.assign(promo=promo).to_csv("data.csv", index=False)
    other = "late" if first == "early" else "early"
    words = ("--known", "promo", "--horizon", "7")
    assert forecast("predict", "data.csv", *words, "--target", f"{first},{other}").code == 0
    together = pd.read_csv("forecasts.csv")
    for name in (first, other):
        assert forecast("predict", "data.csv", *words, "--target", name).code == 0
        alone = pd.read_csv("forecasts.csv")["forecast"].to_numpy()
        np.testing.assert_allclose(together.loc[together["target"] == name, "forecast"], alone, rtol=1e-3)
        assert np.abs(alone - cells[name][120:]).mean() < 6
