"""A training with covariates starts from what the base model does with them: what is not kept changes nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.learning import sharing
from forecaster.learning.gate import Gain as ErrorGain
from forecaster.learning.sharing import Gain
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

ROLES = ("--target", "sales", "--id", "shop", "--known", "promo", "--past", "visitors")


def write_shops() -> None:
    """Six shops by region with promotions, which visitors foretell: all in data.csv, the future has no sales."""
    shops = []
    for seed in range(6):
        table = make_shop(days=120, seed=seed).assign(shop=f"s{seed}", region="NS"[seed % 2])
        visitors = np.roll(table["sales"].to_numpy(), -3) * 2
        table["visitors"] = np.where(np.arange(len(table)) < 120, visitors.round(), np.nan)
        table.loc[table.index[120:], "sales"] = np.nan
        shops.append(table)
    pd.concat(shops).to_csv("data.csv", index=False)


@pytest.mark.parametrize("keeps_sharing", [False, True])
def test_what_is_not_kept_forecasts_as_the_base_model_does_with_covariates(
    forecast: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keeps_sharing: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shops()
    monkeypatch.setattr(Gain, "is_better", keeps_sharing)
    monkeypatch.setattr(Gain, "is_worse", False)
    monkeypatch.setattr(sharing, "_measure_gain", lambda *_, **__: ErrorGain(1.0, 0.0))
    nothing_else = ("--no-correction", "--no-shared-year", "--keep-covariates")
    ruined = ("--steps", "4", "--learning-rate", "0.9")
    trained = forecast(
        "train",
        "data.csv",
        *ROLES,
        "--static",
        "region",
        "--horizon",
        HORIZON,
        "--context",
        "28",
        *ruined,
        *nothing_else,
    )
    assert trained.code == 0, trained.stderr
    assert "the base model was kept" in trained.stderr
    assert forecast("predict", "data.csv", "-o", "kept.csv").code == 0
    words = ("predict", "data.csv", *ROLES, "--horizon", HORIZON, "--model", "base")
    assert forecast(*words, "-o", "base.csv").code == 0
    assert forecast(*words[:4], "--id", "shop", *words[-4:], "-o", "without.csv").code == 0
    kept, base, without = (pd.read_csv(name) for name in ("kept.csv", "base.csv", "without.csv"))
    difference = np.abs(kept["forecast"] - base["forecast"]).max()
    assert (difference > 0) == keeps_sharing, "only what is shared is more than the base model has"
    assert np.abs(without["forecast"] - base["forecast"]).max() > 20, "covariates matter here"
